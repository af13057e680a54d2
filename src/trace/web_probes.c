/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that look whether something is there: files, panels, devices, products, login pages. */
#include "base/str.h"
#include "trace/web_rules.h"

static struct onus_str rest_of(const struct onus_web_hit *hit)
{
    return onus_str_sub((struct onus_str){hit->text->ptr, hit->text->len}, hit->to, 64);
}

/* A hidden file that is no published address (RFC 8615) and no step of a path. */
static bool is_dot_file(const struct onus_web_hit *hit)
{
    struct onus_str rest = rest_of(hit);
    return rest.len > 0 && ((rest.ptr[0] >= 'a' && rest.ptr[0] <= 'z') || rest.ptr[0] == '_') &&
           !onus_str_begins(rest, ONUS_STR("well-known"));
}

/* ".env", ".env.bak", not ".environment" and not ".env-guide.html". */
static bool ends_word(const struct onus_web_hit *hit)
{
    struct onus_str rest = rest_of(hit);
    return rest.len == 0 || !((rest.ptr[0] >= 'a' && rest.ptr[0] <= 'z') || rest.ptr[0] == '-');
}

/* /wp-config.php.bak, /wp-config.php~, /.wp-config.php.swp; the script itself shows nothing. */
static bool is_copy(const struct onus_web_hit *hit)
{
    struct onus_str rest = rest_of(hit);
    return hit->event->status >= 400 || rest.len > 0;
}

/* A POST to a login page is a login, not a look. */
static bool is_look(const struct onus_web_hit *hit)
{
    return !onus_str_eq(hit->event->method, ONUS_STR("POST"));
}

static bool is_forbidden(const struct onus_web_hit *hit)
{
    return hit->event->status == 403;
}

/* 404 says that there is no such account, 422 that its password is another: there is such a page. */
static bool is_refused_by_ghost(const struct onus_web_hit *hit)
{
    return hit->event->status == 404 || hit->event->status == 422;
}

#define SECRET ONUS_FINDING_SECRET_FILE
#define ADMIN  ONUS_FINDING_ADMIN_PANEL
#define CMS    ONUS_FINDING_CMS_PROBE
#define DEVICE ONUS_FINDING_DEVICE_PROBE
#define TECH   ONUS_FINDING_TECHNOLOGY_PROBE
#define LOGIN  ONUS_FINDING_LOGIN_POST
#define SPAM   ONUS_FINDING_FORM_SPAM

#define PATH    ONUS_WEB_PATH
#define ROOT    (ONUS_WEB_PATH | ONUS_WEB_AT_START)
#define FILE_AT (ONUS_WEB_PATH | ONUS_WEB_AT_END)
#define SEGMENT (ONUS_WEB_PATH | ONUS_WEB_SEGMENT)
#define ABSENT  (ONUS_WEB_PATH | ONUS_WEB_ABSENT)
#define POST    (ONUS_WEB_PATH | ONUS_WEB_POST)

static const struct onus_web_rule rules[] = {
        /* files that hold secrets */
        {"/.env", PATH, SECRET, ends_word, "settings with passwords"},
        {"/.git/", PATH, SECRET, NULL, "source repository"},
        {"/.git", FILE_AT, SECRET, NULL, "source repository"},
        {"/.gitconfig", PATH, SECRET, NULL, "source repository"},
        {"/.svn/", PATH, SECRET, NULL, "source repository"},
        {"/.hg/", PATH, SECRET, NULL, "source repository"},
        {"/.bzr/", PATH, SECRET, NULL, "source repository"},
        {"/.aws/", PATH, SECRET, NULL, "keys of a cloud account"},
        {"/.ssh/", PATH, SECRET, NULL, "SSH keys"},
        {"/id_rsa", PATH, SECRET, NULL, "SSH keys"},
        {"/id_dsa", PATH, SECRET, NULL, "SSH keys"},
        {"/id_ed25519", PATH, SECRET, NULL, "SSH keys"},
        {"/.ds_store", PATH, SECRET, NULL, "folder listing of macOS"},
        {"/.vscode/", PATH, SECRET, NULL, "editor settings with passwords"},
        {"/.idea/", PATH, SECRET, NULL, "editor settings"},
        {"/.htpasswd", PATH, SECRET, NULL, "password file of Apache"},
        {"/.htaccess", PATH, SECRET, NULL, "settings of Apache"},
        {"/.npmrc", PATH, SECRET, NULL, "package registry keys"},
        {"/.dockercfg", PATH, SECRET, NULL, "container registry keys"},
        {"/.docker/config", PATH, SECRET, NULL, "container registry keys"},
        {"/.kube/config", PATH, SECRET, NULL, "cluster keys"},
        {"/.bash_history", PATH, SECRET, NULL, "typed commands"},
        {"/.", ABSENT, SECRET, is_dot_file, "hidden file"},
        {"wp-config", PATH, SECRET, is_copy, "WordPress settings with passwords"},
        {"/config.json", ROOT | ONUS_WEB_AT_END | ONUS_WEB_ABSENT, SECRET, NULL, "settings"},
        {"/config.php.", ABSENT, SECRET, NULL, "copy of settings with passwords"},
        {"/config.yml", ABSENT, SECRET, NULL, "settings"},
        {"/configuration.php.", ABSENT, SECRET, NULL, "Joomla settings with passwords"},
        {"/web.config", PATH, SECRET, NULL, "settings of IIS"},
        {"/backup.sql", PATH, SECRET, NULL, "copy of a database"},
        {"/backup.zip", PATH, SECRET, NULL, "copy of a site"},
        {"/backup.tar", PATH, SECRET, NULL, "copy of a site"},
        {"/database.sql", PATH, SECRET, NULL, "copy of a database"},
        {"/dump.sql", PATH, SECRET, NULL, "copy of a database"},
        {"/db.sql", PATH, SECRET, NULL, "copy of a database"},
        {"/mysql.sql", PATH, SECRET, NULL, "copy of a database"},
        {".sql", FILE_AT | ONUS_WEB_ABSENT, SECRET, NULL, "copy of a database"},
        {".sql.gz", FILE_AT | ONUS_WEB_ABSENT, SECRET, NULL, "copy of a database"},
        {"/server-status", ROOT | ONUS_WEB_SEGMENT, SECRET, NULL, "status page of Apache"},
        {"/server-info", ROOT | ONUS_WEB_SEGMENT, SECRET, NULL, "settings page of Apache"},
        {"/phpinfo", PATH, TECH, NULL, "PHP settings page"},
        {"/info.php", ABSENT, TECH, NULL, "PHP settings page"},
        {"/web-inf/", PATH, SECRET, NULL, "settings of a Java application"},
        {"/meta-inf/", PATH, SECRET, NULL, "settings of a Java application"},
        {"/actuator/", PATH, TECH, NULL, "Spring Boot Actuator"},
        {"/actuator", FILE_AT, TECH, NULL, "Spring Boot Actuator"},
        {"/sftp-config.json", PATH, SECRET, NULL, "editor settings with passwords"},
        {"/etc/passwd", ROOT, SECRET, NULL, "account file of Unix"},

        /* panels */
        {"phpmyadmin", PATH, ADMIN, NULL, "phpMyAdmin"},
        {"/pma/", PATH, ADMIN, NULL, "phpMyAdmin"},
        {"/pma", ABSENT, ADMIN, NULL, "phpMyAdmin"},
        {"/myadmin/", PATH, ADMIN, NULL, "phpMyAdmin"},
        {"/mysqladmin", PATH, ADMIN, NULL, "MySQL administration"},
        {"/mysql/admin", PATH, ADMIN, NULL, "MySQL administration"},
        {"/dbadmin", PATH, ADMIN, NULL, "database administration"},
        {"/sqlmanager", PATH, ADMIN, NULL, "database administration"},
        {"/administrator/db/", PATH, ADMIN, NULL, "database administration"},
        {"/adminer", PATH, ADMIN, NULL, "Adminer"},
        {"/manager/html", PATH, ADMIN, NULL, "Tomcat manager"},
        {"/manager/text", PATH, ADMIN, NULL, "Tomcat manager"},
        {"/manager/status", PATH, ADMIN, NULL, "Tomcat manager"},
        {"/host-manager/", PATH, ADMIN, NULL, "Tomcat manager"},
        {"/jenkins/", ROOT, ADMIN, NULL, "Jenkins"},
        {"/hudson", ROOT | ONUS_WEB_SEGMENT, ADMIN, NULL, "Jenkins"},
        {"/solr/admin", PATH, ADMIN, NULL, "Solr"},
        {"/solr/", ABSENT | ONUS_WEB_AT_START, ADMIN, NULL, "Solr"},
        {"/jmx-console", PATH, ADMIN, NULL, "JBoss console"},
        {"/web-console/", PATH, ADMIN, NULL, "JBoss console"},
        {"/admin-console/", PATH, ADMIN, NULL, "JBoss console"},
        {"/_cat/", ROOT, ADMIN, NULL, "Elasticsearch"},
        {"/_cluster/", ROOT, ADMIN, NULL, "Elasticsearch"},
        {"/console/login/loginform.jsp", PATH, ADMIN, NULL, "WebLogic console"},
        {"/owa/auth", PATH, ADMIN, NULL, "Exchange mail page"},
        {"/ecp/current/exporttool/", PATH, ADMIN, NULL, "Exchange control panel"},
        {"/autodiscover/autodiscover.json", PATH, ADMIN, NULL, "Exchange autodiscover"},
        {"/remote/login", ROOT, ADMIN, NULL, "FortiGate VPN"},
        {"/dana-na/", PATH, ADMIN, NULL, "Pulse Secure VPN"},
        {"/global-protect/", PATH, ADMIN, NULL, "PAN-OS VPN"},
        {"/vpn/index.html", PATH, ADMIN, NULL, "Citrix VPN"},
        {"/+cscoe+/", PATH, ADMIN, NULL, "Cisco ASA VPN"},
        {"/ cscoe /", PATH, ADMIN, NULL, "Cisco ASA VPN"},
        {"/sslvpnlogin.html", PATH, ADMIN, NULL, "SonicWall VPN"},
        {"/rdweb/", PATH, ADMIN, NULL, "Remote Desktop web access"},
        {"/cpanel", ABSENT | ONUS_WEB_AT_START, ADMIN, NULL, "cPanel"},
        {"/webmin/", ABSENT, ADMIN, NULL, "Webmin"},
        {"/roundcube", ABSENT, ADMIN, NULL, "webmail"},
        {"webmail", ABSENT, ADMIN, NULL, "webmail"},
        {"/mail", ABSENT | ONUS_WEB_AT_END, ADMIN, NULL, "webmail"},
        {"/mails", ABSENT | ONUS_WEB_AT_END, ADMIN, NULL, "webmail"},
        {"/extmail", ABSENT, ADMIN, NULL, "webmail"},
        {"/zabbix/", ABSENT, ADMIN, NULL, "Zabbix"},
        {"/nagios", ABSENT, ADMIN, NULL, "Nagios"},
        {"/scripts/setup.php", PATH, ADMIN, NULL, "phpMyAdmin installer"},
        {"/admin.php", ABSENT, ADMIN, NULL, "administration page"},
        {"/admin/", ABSENT | ONUS_WEB_AT_START, ADMIN, NULL, "administration page"},
        {"/admin", ABSENT | ONUS_WEB_AT_START | ONUS_WEB_AT_END, ADMIN, NULL,
                "administration page"},
        {"/core/skin/login.aspx", PATH, ADMIN, NULL, "Sophos or Cyberoam login page"},

        /* content management */
        {"/wp-login.php", POST, LOGIN, NULL, "WordPress login"},
        {"/xmlrpc.php", POST, LOGIN, NULL, "WordPress XML-RPC"},
        {"/wp-login.php", PATH, CMS, is_look, "WordPress login page"},
        {"/xmlrpc.php", ABSENT, CMS, is_look, "WordPress XML-RPC"},
        {"/wp-admin/setup-config.php", PATH, CMS, NULL, "WordPress installer"},
        {"/wp-admin/install.php", PATH, CMS, NULL, "WordPress installer"},
        {"/wp-admin/", ABSENT, CMS, NULL, "WordPress administration"},
        {"/wp-json/wp/v2/users", PATH, CMS, NULL, "WordPress accounts"},
        {"/wp-includes/wlwmanifest.xml", PATH, CMS, NULL, "WordPress"},
        {"/wlwmanifest.xml", PATH, CMS, NULL, "WordPress"},
        {"/wp-content/plugins/", ABSENT, CMS, NULL, "WordPress plug-in"},
        {"/wp-content/themes/", ABSENT, CMS, NULL, "WordPress theme"},
        {"/wp-includes/", ABSENT, CMS, NULL, "WordPress"},
        {"?author=", ONUS_WEB_TARGET | ONUS_WEB_ABSENT, CMS, NULL, "WordPress accounts"},
        {"/administrator/index.php", PATH, CMS, is_look, "Joomla administration"},
        {"/administrator/", ABSENT, CMS, NULL, "Joomla administration"},
        {"option=com_users&view=registration", ONUS_WEB_QUERY, CMS, NULL, "Joomla registration"},
        {"/timthumb.php", ABSENT, CMS, NULL, "TimThumb"},
        {"/sites/default/settings.php", PATH, CMS, NULL, "Drupal settings"},

        /* devices */
        {"/boaform/", PATH, DEVICE, NULL, "routers with Boa"},
        {"/gponform/", PATH, DEVICE, NULL, "GPON routers"},
        {"/hnap1", PATH, DEVICE, NULL, "D-Link HNAP"},
        {"/setup.cgi", PATH, DEVICE, NULL, "Netgear routers"},
        {"/cgi-bin/luci", PATH | ONUS_WEB_ABSENT, DEVICE, NULL, "OpenWrt"},
        {"/cgi-bin/authlogin.cgi", PATH, DEVICE, NULL, "QNAP storage"},
        {"/goform/", PATH, DEVICE, NULL, "routers with GoAhead"},
        {"/currentsetting.htm", PATH, DEVICE, NULL, "Netgear routers"},
        {"/device.rsp", PATH, DEVICE, NULL, "TBK recorders"},
        {"/cgi-bin/videoconfiguration.cgi", PATH, DEVICE, NULL, "cameras"},
        {"/onvif/", PATH, DEVICE, NULL, "cameras"},
        {"/sdk/weblanguage", PATH, DEVICE, NULL, "Hikvision cameras"},
        {"/isapi/security/", PATH, DEVICE, NULL, "Hikvision cameras"},
        {"/system_api.php", PATH, DEVICE, NULL, "recorders"},
        {"/manager/radius/server_ping.php", PATH, DEVICE, NULL, "network equipment"},

        /* products and scripts */
        {"/crx/packmgr/", PATH, TECH, NULL, "Adobe Experience Manager"},
        {"/telescope/requests", PATH, TECH, NULL, "Laravel Telescope"},
        {"/_profiler/", PATH, TECH, NULL, "Symfony profiler"},
        {"/debug/default/view", PATH, TECH, NULL, "Yii debugger"},
        {"/v2/_catalog", PATH, TECH, NULL, "container registry"},
        {"/azenv.php", PATH, TECH, NULL, "proxy judge"},
        {"/cgi-bin/", ABSENT | ONUS_WEB_AT_START, TECH, NULL, "CGI program"},
        {"/nmaplowercheck", PATH, TECH, NULL, "Nmap"},
        {"/nice ports,/tri", PATH, TECH, NULL, "Nmap"},
        {"/hazelcast/", ABSENT, TECH, NULL, "Hazelcast"},
        {"/nmap/folder/check", PATH, TECH, NULL, "Nmap"},
        {"/sumthin", PATH, TECH, NULL, "page that asks for the server's version"},
        {"/_vti_bin/", ABSENT, TECH, NULL, "FrontPage extensions"},
        {"/cgi-bin/php", PATH, TECH, NULL, "PHP as a CGI program"},
        {"/~", PATH | ONUS_WEB_AT_END, TECH, NULL, "home folder without a name"},
        {"/crowdsec-test-", ROOT, TECH, NULL, "test request of CrowdSec"},
        {"/acunetix", PATH, ONUS_FINDING_SCANNER_AGENT, NULL, "Acunetix"},
        {"acunetix", ONUS_WEB_QUERY, ONUS_FINDING_SCANNER_AGENT, NULL, "Acunetix"},

        /* login forms */
        {"/login", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/login.php", POST, LOGIN, NULL, "login form"},
        {"/signin", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/sign_in", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/login.json", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/login.aspx", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/user/login", POST, LOGIN, NULL, "Drupal login"},
        {"/administrator/index.php", POST, LOGIN, NULL, "Joomla login"},
        {"task=user.login", ONUS_WEB_QUERY | ONUS_WEB_POST, LOGIN, NULL, "Joomla login"},
        {"/owa/auth.owa", POST, LOGIN, NULL, "Exchange login"},
        {"/ghost/api/admin/session", POST, LOGIN, NULL, "Ghost login (CVE-2022-41697)"},
        {"/session", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/sessions", POST | ONUS_WEB_AT_END, LOGIN, NULL, "login form"},
        {"/j_security_check", POST, LOGIN, NULL, "Java login form"},
        {"/remote/logincheck", POST, LOGIN, NULL, "FortiGate login"},
        {"/index.php?login=", ONUS_WEB_TARGET | ONUS_WEB_POST, LOGIN, NULL,
                "Control Web Panel login"},

        /* a login page that refuses: most answer 200 or 401 */
        {"/wp-login.php", POST, ONUS_FINDING_LOGIN_REFUSED, is_forbidden, "WordPress login, 403"},
        {"/xmlrpc.php", POST, ONUS_FINDING_LOGIN_REFUSED, is_forbidden, "WordPress XML-RPC, 403"},
        {"/login", POST | ONUS_WEB_AT_END, ONUS_FINDING_LOGIN_REFUSED, is_forbidden,
                "login form, 403"},
        {"/login.php", POST, ONUS_FINDING_LOGIN_REFUSED, is_forbidden, "login form, 403"},
        {"/ghost/api/admin/session", POST, ONUS_FINDING_LOGIN_REFUSED, is_refused_by_ghost,
                "Ghost login, 404 or 422"},

        /* forms that spam fills */
        {"/trackback/", POST | ONUS_WEB_AT_END, SPAM, NULL, "trackback"},
        {"/wp-comments-post.php", POST, SPAM, NULL, "WordPress comment"},
        {"/join_form", POST | ONUS_WEB_AT_END, SPAM, NULL, "Plone registration"},
        {"/guestbook", POST, SPAM, NULL, "guest book"},
};

const struct onus_web_table onus_web_probes = {rules, ONUS_COUNT(rules)};

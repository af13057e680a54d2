/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and parameters of published weaknesses: one product, one way in. */
#include "base/str.h"
#include "trace/web_rules.h"

static struct onus_str path_of(const struct onus_web_hit *hit)
{
    const struct onus_web_text *text = hit->text;
    bool has_query = text->query > 0 && text->query <= text->len &&
                     text->ptr[text->query - 1] == '?' && text->query != text->len;
    return (struct onus_str){text->ptr, has_query ? text->query - 1 : text->query};
}

static struct onus_str query_of(const struct onus_web_hit *hit)
{
    return onus_str_sub((struct onus_str){hit->text->ptr, hit->text->len}, hit->text->query, 4096);
}

/* The path itself ends in an encoded question mark. */
static bool ends_in_mark(const struct onus_web_hit *hit)
{
    struct onus_str target = hit->event->target;
    return onus_str_ends(path_of(hit), ONUS_STR("?")) &&
           (onus_str_ends(target, ONUS_STR("%3f")) || onus_str_ends(target, ONUS_STR("%3F")));
}

static bool by_get(const struct onus_web_hit *hit)
{
    return onus_str_eq(hit->event->method, ONUS_STR("GET"));
}

static bool by_put(const struct onus_web_hit *hit)
{
    return onus_str_eq(hit->event->method, ONUS_STR("PUT"));
}

static bool creates_log(const struct onus_web_hit *hit)
{
    return onus_str_has(query_of(hit), ONUS_STR("task=create")) &&
           onus_str_eq(hit->event->method, ONUS_STR("POST"));
}

static bool has_rau(const struct onus_web_hit *hit)
{
    return onus_str_has(query_of(hit), ONUS_STR("type=rau"));
}

static bool has_shell_words(const struct onus_web_hit *hit)
{
    struct onus_str query = query_of(hit);
    return onus_str_begins(query, ONUS_STR("cd ")) || onus_str_has(query, ONUS_STR("wget")) ||
           onus_str_has(query, ONUS_STR("/tmp"));
}

static bool has_command(const struct onus_web_hit *hit)
{
    struct onus_str query = query_of(hit);
    return onus_str_has(query, ONUS_STR("cmd=")) || onus_str_has(query, ONUS_STR("todo="));
}

#define CVE  ONUS_FINDING_KNOWN_EXPLOIT
#define PATH ONUS_WEB_PATH

static const struct onus_web_rule rules[] = {
        {"eval-stdin.php", PATH, CVE, NULL, "PHPUnit (CVE-2017-9841)"},
        {"invokefunction", ONUS_WEB_TARGET, CVE, NULL, "ThinkPHP (CVE-2018-20062)"},
        {"\\think\\", ONUS_WEB_TARGET, CVE, NULL, "ThinkPHP (CVE-2018-20062)"},
        {"hellothink", ONUS_WEB_TARGET, CVE, NULL, "ThinkPHP (CVE-2018-20062)"},
        {"telerik.web.ui.webresource.axd", PATH, CVE, has_rau, "Telerik UI (CVE-2019-18935)"},
        {"/remote/fgt_lang?lang=/..", ONUS_WEB_TARGET, CVE, NULL, "FortiOS (CVE-2018-13379)"},
        {"/api/v2/cmdb/system/admin", PATH, CVE, NULL, "FortiOS (CVE-2022-40684)"},
        {"/dana-na/../", PATH, CVE, NULL, "Pulse Secure (CVE-2019-11510)"},
        {"/dana/html5acc/guacamole/", PATH, CVE, NULL, "Pulse Secure (CVE-2019-11510)"},
        {"/_/;/", PATH, CVE, NULL, "Jira (CVE-2021-26086)"},
        {"class.module.classloader", ONUS_WEB_TARGET, CVE, NULL, "Spring4Shell (CVE-2022-22965)"},
        {"login=$(", ONUS_WEB_QUERY, CVE, NULL, "Control Web Panel (CVE-2022-44877)"},
        {"/remote_agent.php?action=polldata", ONUS_WEB_TARGET, CVE, NULL, "Cacti (CVE-2022-46169)"},
        {"/usr/share/", PATH, CVE, ends_in_mark, "Apache mod_rewrite (CVE-2024-38475)"},
        {"/etc/", PATH, CVE, ends_in_mark, "Apache mod_rewrite (CVE-2024-38475)"},
        {"createremoteappwebsession.php", PATH, CVE, NULL, "PAN-OS (CVE-2024-9474)"},
        {"/php/ztp_gate.php/", PATH, CVE, NULL, "PAN-OS (CVE-2025-0108)"},
        {"microsoft-graph/tests/getphpinfo.php", PATH, CVE, NULL, "ownCloud (CVE-2023-49103)"},
        {"/cgi-bin/../", PATH, CVE, NULL, "Apache httpd (CVE-2021-41773, CVE-2021-42013)"},
        {"/icons/../", PATH, CVE, NULL, "Apache httpd (CVE-2021-41773, CVE-2021-42013)"},
        {"tab=users&action=delete", ONUS_WEB_QUERY, CVE, by_get, "ZoneMinder (CVE-2022-39290)"},
        {"request=log", ONUS_WEB_QUERY, CVE, creates_log, "ZoneMinder (CVE-2022-39291)"},
        {"/actuator/gateway/routes", PATH, CVE, NULL, "Spring Cloud Gateway (CVE-2022-22947)"},
        {"/api/jsonws/invoke", PATH, CVE, NULL, "Liferay (CVE-2020-7961)"},
        {"/struts2-", PATH, CVE, NULL, "Struts example pages (CVE-2017-9805)"},
        {"redirect:${", ONUS_WEB_TARGET, CVE, NULL, "Struts (CVE-2013-2251)"},
        {"/_ignition/execute-solution", PATH, CVE, NULL, "Laravel Ignition (CVE-2021-3129)"},
        {"/php-cgi/php-cgi.exe", PATH, CVE, NULL, "PHP CGI on Windows (CVE-2024-4577)"},
        {"/php-cgi.exe", PATH, CVE, NULL, "PHP CGI on Windows (CVE-2024-4577)"},
        {"\xad"
         "d ",
                ONUS_WEB_QUERY, CVE, NULL, "PHP CGI on Windows (CVE-2024-4577)"},
        {"/card_scan_decoder.php", PATH, CVE, NULL, "eMerge access control (CVE-2019-7256)"},
        {"/tmui/login.jsp/", PATH, CVE, NULL, "F5 BIG-IP (CVE-2020-5902)"},
        {"/mgmt/tm/util/bash", PATH, CVE, NULL, "F5 BIG-IP (CVE-2022-1388)"},
        {"/autodiscover/autodiscover.json?@", ONUS_WEB_TARGET, CVE, NULL,
                "Exchange ProxyShell (CVE-2021-34473)"},
        {"/autodiscover.json?@", ONUS_WEB_TARGET, CVE, NULL,
                "Exchange ProxyShell (CVE-2021-34473)"},
        {"/wp-file-manager/lib/php/connector", PATH, CVE, NULL,
                "WordPress File Manager (CVE-2020-25213)"},
        {"revslider_show_image", ONUS_WEB_QUERY, CVE, NULL,
                "WordPress Slider Revolution (CVE-2014-9734)"},
        {"element_parents=account", ONUS_WEB_QUERY, CVE, NULL, "Drupalgeddon2 (CVE-2018-7600)"},
        {"/setup.cgi?next_file=", ONUS_WEB_TARGET, CVE, has_command, "Netgear DGN (EDB-25978)"},
        {"/shell?", ONUS_WEB_TARGET, CVE, has_shell_words, "MVPower DVR (CVE-2016-20016)"},
        {"/gponform/diag_form", PATH, CVE, NULL, "GPON routers (CVE-2018-10561)"},
        {"/cgi-bin/luci/;stok=", PATH, CVE, NULL, "TP-Link Archer (CVE-2023-1389)"},
        {"/tmunblock.cgi", PATH, CVE, NULL, "Linksys (CVE-2025-34037)"},
        {"/device.rsp?opt=sys", ONUS_WEB_TARGET, CVE, NULL, "TBK DVR (CVE-2024-3721)"},
        {"/ctrlt/deviceupgrade", PATH, CVE, NULL, "Huawei HG532 (CVE-2017-17215)"},
        {"/picsdesc.xml", PATH, CVE, NULL, "Realtek SDK (CVE-2014-8361)"},
        {"/wanipcn.xml", PATH, CVE, NULL, "Realtek SDK (CVE-2014-8361)"},
        {"/language/swedish", PATH, CVE, NULL, "Lilin and other DVR (EDB-39596)"},
        {"/cgi-bin/viewlog.asp", PATH, CVE, NULL, "Zyxel (CVE-2017-18368)"},
        {"/goform/set_limitclient_cfg", PATH, CVE, NULL, "LB-Link (CVE-2023-26801)"},
        {"mozi.", ONUS_WEB_TARGET, CVE, has_command, "file of the Mozi botnet"},
        {"/cgi-bin/nas_sharing.cgi", PATH, CVE, NULL, "D-Link NAS (CVE-2024-3273)"},
        {"/cgi/networkdiag.cgi", PATH, CVE, NULL, "Supermicro and others, network test page"},
        {"/geoserver/wms", PATH | ONUS_WEB_ABSENT, CVE, NULL, "GeoServer (CVE-2024-36401)"},
        {"/wp-content/plugins/hellopress/", PATH, CVE, NULL, "WordPress HelloPress upload page"},
        {"/wls-wsat/", PATH, CVE, NULL, "WebLogic (CVE-2017-10271)"},
        {"/_async/asyncresponseservice", PATH, CVE, NULL, "WebLogic (CVE-2019-2725)"},
        {"/console/css/%252e", PATH, CVE, NULL, "WebLogic (CVE-2020-14882)"},
        {"/console/css/../", PATH, CVE, NULL, "WebLogic (CVE-2020-14882)"},
        {"/pages/createpage-entervariables.action", PATH, CVE, NULL, "Confluence (CVE-2021-26084)"},
        {"/setup/setupadministrator.action", PATH, CVE, NULL, "Confluence (CVE-2023-22515)"},
        {"/invoker/jmxinvokerservlet", PATH, CVE, NULL, "JBoss (CVE-2015-7501)"},
        {"/invoker/ejbinvokerservlet", PATH, CVE, NULL, "JBoss (CVE-2012-0874)"},
        {"/ws_utc/config.do", PATH, CVE, NULL, "WebLogic (CVE-2018-2894)"},
        {"/vpns/portal/", PATH, CVE, NULL, "Citrix ADC (CVE-2019-19781)"},
        {"/vpn/../vpns/", PATH, CVE, NULL, "Citrix ADC (CVE-2019-19781)"},
        {"/api/v1/totp/user-backup-code/../", PATH, CVE, NULL, "Ivanti (CVE-2023-46805)"},
        {"/setupwizard.aspx/", PATH, CVE, NULL, "ScreenConnect (CVE-2024-1709)"},
        {"/owa/auth/x.js", PATH, CVE, NULL, "Exchange ProxyLogon (CVE-2021-26855)"},
        {"/ecp/y.js", PATH, CVE, NULL, "Exchange ProxyLogon (CVE-2021-26855)"},
        {".jsp", PATH | ONUS_WEB_AT_END, CVE, by_put, "Tomcat upload (CVE-2017-12615)"},
        {".jsp/", PATH | ONUS_WEB_AT_END, CVE, by_put, "Tomcat upload (CVE-2017-12615)"},
        {"/fckeditor/editor/filemanager/", PATH, CVE, NULL, "FCKeditor upload (CVE-2009-2265)"},
        {"/hnap1/", PATH | ONUS_WEB_POST, CVE, NULL, "D-Link HNAP (CVE-2015-2051)"},
        {"/timthumb.php?src=http", ONUS_WEB_TARGET, CVE, NULL, "TimThumb (CVE-2011-4106)"},
        {"/index.php?option=com_content&view=article&id=1'", ONUS_WEB_TARGET, CVE, NULL,
                "Joomla, injection in an id"},
        {"/_search?source=", ONUS_WEB_TARGET, CVE, NULL, "Elasticsearch script (CVE-2014-3120)"},
        {"/jars/upload", PATH, CVE, NULL, "Flink upload (CVE-2020-17518)"},
        {"/ws/v1/cluster/apps/new-application", PATH, CVE, NULL,
                "Hadoop YARN, job without a login"},
        {"/webtools/control/", PATH, CVE, NULL, "OFBiz (CVE-2023-51467, CVE-2024-38856)"},
        {"/nsiislog.dll", PATH, CVE, NULL, "Windows Media Services (CVE-2003-0349)"},
        {"/ajax/api/ad/replaceadtemplate", PATH, CVE, NULL, "vBulletin (CVE-2025-48827)"},
        {"/ajax/render/widget_php", PATH, CVE, NULL, "vBulletin (CVE-2019-16759)"},
};

const struct onus_web_table onus_web_known = {rules, ONUS_COUNT(rules)};

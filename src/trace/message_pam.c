/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/message_fields.h"

/*
 * Lines that PAM modules write under the name of the program that called them:
 * "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=... user=..."
 * and, from Linux-PAM before 0.99, "sshd(pam_unix)[1]: authentication failure; ...".
 */

struct service_row {
    struct onus_str name;
    enum onus_service service;
};

static enum onus_service service_of(struct onus_str name)
{
    static const struct service_row rows[] = {
            {{"sshd", 4}, ONUS_SERVICE_SSH},
            {{"dropbear", 8}, ONUS_SERVICE_SSH},
            {{"dovecot", 7}, ONUS_SERVICE_IMAP},
            {{"imap", 4}, ONUS_SERVICE_IMAP},
            {{"pop", 3}, ONUS_SERVICE_POP3},
            {{"sieve", 5}, ONUS_SERVICE_SIEVE},
            {{"smtp", 4}, ONUS_SERVICE_SMTP},
            {{"exim", 4}, ONUS_SERVICE_SMTP},
            {{"vsftpd", 6}, ONUS_SERVICE_FTP},
            {{"proftpd", 7}, ONUS_SERVICE_FTP},
            {{"pure-ftpd", 9}, ONUS_SERVICE_FTP},
            {{"ftp", 3}, ONUS_SERVICE_FTP},
            {{"gssftp", 6}, ONUS_SERVICE_FTP},
            {{"remote", 6}, ONUS_SERVICE_TELNET},
            {{"http", 4}, ONUS_SERVICE_HTTP},
            {{"apache", 6}, ONUS_SERVICE_HTTP},
            {{"nginx", 5}, ONUS_SERVICE_HTTP},
            {{"webmin", 6}, ONUS_SERVICE_HTTP},
            {{"proxmox-ve-auth", 15}, ONUS_SERVICE_HTTP},
            {{"openvpn", 7}, ONUS_SERVICE_VPN},
            {{"su", 2}, ONUS_SERVICE_LOCAL},
            {{"sudo", 4}, ONUS_SERVICE_LOCAL},
            {{"login", 5}, ONUS_SERVICE_LOCAL},
            {{"gdm", 3}, ONUS_SERVICE_LOCAL},
            {{"lightdm", 7}, ONUS_SERVICE_LOCAL},
            {{"kde", 3}, ONUS_SERVICE_LOCAL},
            {{"polkit", 6}, ONUS_SERVICE_LOCAL},
            {{"cron", 4}, ONUS_SERVICE_LOCAL},
            {{"xscreensaver", 12}, ONUS_SERVICE_LOCAL},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        if (name.len > 0 && name.ptr[0] == rows[i].name.ptr[0] &&
                onus_str_begins(name, rows[i].name)) {
            return rows[i].service;
        }
    }
    return ONUS_SERVICE_UNKNOWN;
}

bool onus_message_is_pam(struct onus_str message)
{
    if (message.len < 8) {
        return false;
    }
    switch (message.ptr[0]) {
    case 'p':
        return onus_str_begins(message, ONUS_STR("pam_"));
    case '(':
        return onus_str_begins(message, ONUS_STR("(pam_"));
    case 'P':
        return onus_str_begins(message, ONUS_STR("PAM "));
    case 'a':
        return onus_str_begins(message, ONUS_STR("authentication failure; logname="));
    default:
        return false;
    }
}

static const struct onus_str rhost_key = {" rhost=", 7};

/* "HOST", "HOST user=NAME" or "HOST  user=NAME" behind rhost= at `at`, and nothing else. */
static bool is_remote_host_at(struct onus_str fields, size_t at, struct onus_str *host,
        struct onus_str *after)
{
    struct onus_str rest = onus_str_from(fields, at + rhost_key.len);
    struct onus_str value = onus_str_sub(rest, 0, onus_str_find_char(rest, ' '));
    rest = onus_str_from(rest, value.len);
    while (rest.len > 0 && rest.ptr[0] == ' ') {
        rest = onus_str_from(rest, 1);
    }
    if (rest.len > 0 && !onus_str_begins(rest, ONUS_STR("user="))) {
        return false;
    }
    *host = value;
    *after = rest;
    return true;
}

/*
 * The place of rhost=. A tried name stands before it in ruser= (servers of files and mail put it
 * there) or behind it in user= (then the account exists). sshd leaves ruser= empty, so there and
 * wherever ruser= is empty the first place counts; for servers that fill ruser= it is the last.
 */
static size_t find_remote_host(struct onus_str fields, enum onus_service service,
        struct onus_str *host, struct onus_str *after)
{
    bool fills = service == ONUS_SERVICE_FTP || service == ONUS_SERVICE_IMAP ||
                 service == ONUS_SERVICE_POP3 || service == ONUS_SERVICE_SMTP;
    bool first = service == ONUS_SERVICE_SSH ||
                 (!fills && onus_str_has(fields, ONUS_STR(" ruser= rhost=")));
    size_t found = ONUS_STR_NPOS;
    size_t at = onus_str_find(fields, rhost_key);
    while (at != ONUS_STR_NPOS) {
        if (is_remote_host_at(fields, at, host, after)) {
            found = at;
            if (first) {
                break;
            }
        }
        size_t next = onus_str_find(onus_str_from(fields, at + 1), rhost_key);
        at = next == ONUS_STR_NPOS ? next : at + 1 + next;
    }
    return found;
}

static void set_pam_account(const struct onus_parse_context *context, struct onus_str before,
        struct onus_str after, struct onus_event *event)
{
    const struct onus_str key = ONUS_STR(" ruser=");
    after = onus_str_trim(after);
    if (onus_str_skip(&after, ONUS_STR("user="))) {
        onus_message_set_account(event, onus_message_unvis(context, after));
        return;
    }
    size_t at = onus_str_find(before, key);
    if (at != ONUS_STR_NPOS && at + key.len < before.len) {
        onus_message_set_account(event,
                onus_message_unvis(context, onus_str_from(before, at + key.len)));
    }
}

/* The servers behind these services log the same try themselves. */
static void join_service(struct onus_event *event)
{
    if (event->service == ONUS_SERVICE_IMAP || event->service == ONUS_SERVICE_POP3) {
        onus_message_join(event, event->host, ONUS_STR("dovecot"));
    } else if (event->service == ONUS_SERVICE_FTP) {
        onus_message_join(event, ONUS_STR_NONE, ONUS_STR("vsftpd"));
    } else if (event->service == ONUS_SERVICE_LOCAL && event->session == 0) {
        onus_message_join(event, event->host, event->program);
    }
}

/* "authentication failure; logname=... rhost=... user=..." */
static enum onus_line_verdict parse_failure(const struct onus_parse_context *context,
        struct onus_str fields, struct onus_event *event, enum onus_role role, const char *rule)
{
    struct onus_peer peer = {0};
    struct onus_str after = ONUS_STR_NONE;
    (void)onus_str_drop(&fields, ONUS_STR(" [preauth]"));
    size_t at = find_remote_host(fields, event->service, &peer.host, &after);
    if (at == ONUS_STR_NPOS) {
        return ONUS_LINE_UNPARSED;
    }
    if (peer.host.len > 0) {
        (void)onus_message_set_source(event, &peer);
        if (event->service == ONUS_SERVICE_LOCAL && event->has_source) {
            event->service = ONUS_SERVICE_TELNET; /* login(1) with a remote host */
        }
    } else if (event->service == ONUS_SERVICE_UNKNOWN) {
        event->service = ONUS_SERVICE_LOCAL;
    }
    join_service(event);
    set_pam_account(context, onus_str_sub(fields, 0, at), after, event);
    event->method = ONUS_STR("pam");
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, role, rule);
}

/* "PAM 2 more authentication failures; ..." sums up tries that have lines of their own. */
static enum onus_line_verdict parse_more(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    uint64_t count = 0;
    if (!onus_str_skip(&message, ONUS_STR("PAM ")) || !onus_str_take_u64(&message, &count) ||
            !onus_str_skip(&message, ONUS_STR(" more authentication failure"))) {
        return onus_message_ignore(event, "PAM notice");
    }
    event->service = (uint8_t)service_of(event->program);
    event->count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
    return parse_failure(context, message, event, ONUS_ROLE_SUMMARY, "PAM more failures");
}

/*
 * "pam_unix(sshd:auth): ", "pam_unix: ", "(pam_unix) " off the front. *caller is what stands in the
 * parentheses of the first form.
 */
static bool take_module(struct onus_str *s, struct onus_str *module, struct onus_str *caller)
{
    struct onus_str rest = *s;
    size_t end = 0;
    (void)onus_str_skip(&rest, ONUS_STR("("));
    while (end < rest.len && (rest.ptr[end] == '_' || onus_is_digit(rest.ptr[end]) ||
                                     (rest.ptr[end] >= 'a' && rest.ptr[end] <= 'z'))) {
        end++;
    }
    *module = onus_str_sub(rest, 0, end);
    rest = onus_str_from(rest, end);
    if (onus_str_skip(&rest, ONUS_STR("("))) {
        if (!onus_str_cut(&rest, ')', caller) || !onus_str_skip(&rest, ONUS_STR(": "))) {
            return false;
        }
    } else if (!onus_str_skip(&rest, ONUS_STR(": ")) && !onus_str_skip(&rest, ONUS_STR(") "))) {
        return false;
    }
    *s = rest;
    return true;
}

enum onus_line_verdict onus_message_pam(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    struct onus_str module = ONUS_STR_NONE;
    struct onus_str caller = ONUS_STR_NONE;
    struct onus_str name = ONUS_STR_NONE;
    enum onus_role role = ONUS_ROLE_STACK;
    if (message.ptr[0] == 'P') {
        return parse_more(context, message, event);
    }
    event->service = (uint8_t)service_of(event->program);
    if (message.ptr[0] != 'a') {
        if (!take_module(&message, &module, &caller)) {
            return onus_message_ignore(event, "PAM notice");
        }
        if (onus_str_cut(&caller, ':', &name) && service_of(name) != ONUS_SERVICE_UNKNOWN) {
            event->service = (uint8_t)service_of(name);
        }
        /* Other modules repeat what pam_unix said about the same try. */
        if (event->service == ONUS_SERVICE_SSH && !onus_str_eq(module, ONUS_STR("pam_unix"))) {
            role = ONUS_ROLE_SUMMARY;
        }
    }
    if (!onus_str_begins(message, ONUS_STR("authentication failure; "))) {
        return onus_message_ignore(event, "PAM notice");
    }
    return parse_failure(context, message, event, role, "PAM authentication failure");
}

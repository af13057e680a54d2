/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor.h"

#include "base/hash.h"
#include "base/str.h"

void onus_sensor_source(struct onus_event *event, struct onus_str text)
{
    if (text.len == 0 || onus_str_eq(text, ONUS_STR("-"))) {
        return;
    }
    event->source_text = text;
    event->has_source = onus_address_parse(text, &event->source);
    if (!event->has_source) {
        event->source_name = text;
    }
}

void onus_sensor_dest(struct onus_event *event, struct onus_str text)
{
    if (onus_address_parse(text, &event->dest)) {
        event->has_dest = true;
    }
}

uint16_t onus_sensor_port(struct onus_str digits)
{
    uint64_t port = 0;
    return onus_str_to_u64(digits, UINT16_MAX, &port) ? (uint16_t)port : 0;
}

bool onus_sensor_time_iso(struct onus_event *event, struct onus_str text)
{
    struct onus_moment moment;
    struct onus_str rest = text;
    if (!onus_time_take_iso(&rest, &moment) || rest.len > 0) {
        return false;
    }
    event->time = moment.usec;
    event->time_text = text;
    if (!moment.has_zone) {
        event->marks |= ONUS_MARK_NO_ZONE;
    }
    return true;
}

uint16_t onus_sensor_json_port(struct onus_str value)
{
    uint64_t port = 0;
    return onus_json_value_u64(value, UINT16_MAX, &port) ? (uint16_t)port : 0;
}

void onus_sensor_source_port(struct onus_event *event, struct onus_str text)
{
    struct onus_address ignored;
    size_t colon = onus_str_rfind_char(text, ':');
    if (colon != ONUS_STR_NPOS && !onus_address_parse(text, &ignored) &&
            onus_address_parse(onus_str_sub(text, 0, colon), &ignored)) {
        event->source_port = onus_sensor_port(onus_str_from(text, colon + 1));
        text = onus_str_sub(text, 0, colon);
    }
    onus_sensor_source(event, text);
}

/* Whole numbers: how many microseconds one unit is, by size. Seconds reach 11 digits in year 5138. */
static bool time_of_integer(uint64_t value, int64_t *out)
{
    if (value < 100000000000u) {
        *out = (int64_t)value * ONUS_USEC;
    } else if (value < 100000000000000u) {
        *out = (int64_t)value * 1000;
    } else if (value < 100000000000000000u) {
        *out = (int64_t)value;
    } else {
        *out = (int64_t)(value / 1000);
    }
    return *out <= (int64_t)7258118400 * ONUS_USEC; /* year 2200 */
}

bool onus_sensor_time_epoch(struct onus_event *event, struct onus_str text)
{
    uint64_t value = 0;
    int64_t time = 0;
    if (onus_str_to_u64(text, UINT64_MAX, &value)) {
        if (!time_of_integer(value, &time)) {
            return false;
        }
    } else {
        struct onus_moment moment;
        struct onus_str rest = text;
        if (!onus_time_take_epoch(&rest, &moment)) {
            return false;
        }
        while (rest.len > 0 && onus_is_digit(rest.ptr[0])) { /* beyond nanoseconds */
            rest = onus_str_from(rest, 1);
        }
        if (rest.len > 0) {
            return false;
        }
        time = moment.usec;
    }
    event->time = time;
    event->time_text = text;
    return true;
}

void onus_sensor_no_time(struct onus_event *event)
{
    event->time = ONUS_TIME_NONE;
    event->marks |= ONUS_MARK_NO_TIME;
}

struct service_row {
    const char *name;
    uint16_t port;
    uint8_t service;
};

static const struct service_row service_rows[] = {
        {"ssh", 22, ONUS_SERVICE_SSH},
        {"telnet", 23, ONUS_SERVICE_TELNET},
        {"ftp", 21, ONUS_SERVICE_FTP},
        {"ftps", 990, ONUS_SERVICE_FTP},
        {"ftp-data", 20, ONUS_SERVICE_FTP},
        {"smtp", 25, ONUS_SERVICE_SMTP},
        {"smtps", 465, ONUS_SERVICE_SMTP},
        {"submission", 587, ONUS_SERVICE_SMTP},
        {"imap", 143, ONUS_SERVICE_IMAP},
        {"imaps", 993, ONUS_SERVICE_IMAP},
        {"pop3", 110, ONUS_SERVICE_POP3},
        {"pop3s", 995, ONUS_SERVICE_POP3},
        {"sieve", 4190, ONUS_SERVICE_SIEVE},
        {"http", 80, ONUS_SERVICE_HTTP},
        {"https", 443, ONUS_SERVICE_HTTP},
        {"http-alt", 8080, ONUS_SERVICE_HTTP},
        {"rdp", 3389, ONUS_SERVICE_WINDOWS},
        {"smb", 445, ONUS_SERVICE_WINDOWS},
        {"smbd", 139, ONUS_SERVICE_WINDOWS},
        {"mssql", 1433, ONUS_SERVICE_DATABASE},
        {"mssqld", 1433, ONUS_SERVICE_DATABASE},
        {"mysql", 3306, ONUS_SERVICE_DATABASE},
        {"mysqld", 3306, ONUS_SERVICE_DATABASE},
        {"postgresql", 5432, ONUS_SERVICE_DATABASE},
        {"mongod", 27017, ONUS_SERVICE_DATABASE},
        {"redis", 6379, ONUS_SERVICE_DATABASE},
        {"pptpd", 1723, ONUS_SERVICE_VPN},
        {"openvpn", 1194, ONUS_SERVICE_VPN},
};

enum onus_service onus_sensor_service(struct onus_str name, uint16_t port)
{
    for (size_t i = 0; name.len > 0 && i < ONUS_COUNT(service_rows); i++) {
        if (onus_str_eq_nocase(name, onus_str_of(service_rows[i].name))) {
            return (enum onus_service)service_rows[i].service;
        }
    }
    for (size_t i = 0; port > 0 && i < ONUS_COUNT(service_rows); i++) {
        if (port == service_rows[i].port) {
            return (enum onus_service)service_rows[i].service;
        }
    }
    return ONUS_SERVICE_UNKNOWN;
}

uint64_t onus_sensor_session(struct onus_str scope, struct onus_str id)
{
    if (id.len == 0) {
        return 0;
    }
    uint64_t h = onus_hash_stable(ONUS_HASH_STABLE_INIT, scope.ptr, scope.len);
    h = onus_hash_stable(h, "", 1);
    h = onus_hash_stable(h, id.ptr, id.len);
    return h ? h : 1;
}

/* word: lower case, not empty */
static bool has_nocase(struct onus_str text, struct onus_str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++) {
        if (onus_lower(text.ptr[i]) == word.ptr[0] &&
                onus_str_begins_nocase(onus_str_from(text, i), word)) {
            return true;
        }
    }
    return false;
}

struct alert_row {
    const char *words;
    uint8_t finding;
};

/* Words of public rule sets and of Snort's classification.config, in any case. */
static const struct alert_row alert_rows[] = {
        {"brute force", ONUS_FINDING_PASSWORD_GUESSING},
        {"bruteforc", ONUS_FINDING_PASSWORD_GUESSING},
        {"password guess", ONUS_FINDING_PASSWORD_GUESSING},
        {"suspicious login", ONUS_FINDING_PASSWORD_GUESSING},
        {"et scan ", ONUS_FINDING_PORT_SCAN},
        {"network scan", ONUS_FINDING_PORT_SCAN},
        {"port scan", ONUS_FINDING_PORT_SCAN},
        {"portscan", ONUS_FINDING_PORT_SCAN},
        {"nmap", ONUS_FINDING_PORT_SCAN},
        {"sql injection", ONUS_FINDING_SQL_INJECTION},
        {"sqli ", ONUS_FINDING_SQL_INJECTION},
        {"cross site scripting", ONUS_FINDING_SCRIPT_INJECTION},
        {"xss", ONUS_FINDING_SCRIPT_INJECTION},
        {"path traversal", ONUS_FINDING_TRAVERSAL},
        {"directory traversal", ONUS_FINDING_TRAVERSAL},
        {"command injection", ONUS_FINDING_COMMAND_INJECTION},
        {"shellshock", ONUS_FINDING_COMMAND_INJECTION},
        {"ognl", ONUS_FINDING_TEMPLATE_LOOKUP},
        {"log4j", ONUS_FINDING_TEMPLATE_LOOKUP},
        {"jndi", ONUS_FINDING_TEMPLATE_LOOKUP},
        {"file inclusion", ONUS_FINDING_FILE_INCLUSION},
        {"webshell", ONUS_FINDING_WEB_SHELL},
        {"web shell", ONUS_FINDING_WEB_SHELL},
        {"cve-", ONUS_FINDING_KNOWN_EXPLOIT},
        {" exploit ", ONUS_FINDING_KNOWN_EXPLOIT},
        {"web application attack", ONUS_FINDING_KNOWN_EXPLOIT},
        {"administrator privilege gain", ONUS_FINDING_KNOWN_EXPLOIT},
        {"user privilege gain", ONUS_FINDING_KNOWN_EXPLOIT},
        {"shellcode", ONUS_FINDING_OVERFLOW},
        {"executable code was detected", ONUS_FINDING_OVERFLOW},
        {"network trojan", ONUS_FINDING_MALWARE},
        {"malware command and control", ONUS_FINDING_MALWARE},
};

onus_findings onus_sensor_alert_findings(struct onus_str signature, struct onus_str category)
{
    onus_findings found = ONUS_FINDING_BIT(ONUS_FINDING_IDS_ALERT);
    for (size_t i = 0; i < ONUS_COUNT(alert_rows); i++) {
        struct onus_str words = onus_str_of(alert_rows[i].words);
        if (has_nocase(signature, words) || has_nocase(category, words)) {
            found |= ONUS_FINDING_BIT(alert_rows[i].finding);
        }
    }
    return found;
}

bool onus_sensor_fetches_code(struct onus_str command)
{
    static const char *const fetchers[] = {"wget ", "curl ", "tftp ", "ftpget ", "scp -t"};
    for (size_t i = 0; i < ONUS_COUNT(fetchers); i++) {
        if (onus_str_has(command, onus_str_of(fetchers[i]))) {
            return true;
        }
    }
    return onus_str_has(command, ONUS_STR("chmod ")) && onus_str_has(command, ONUS_STR("./"));
}

struct onus_str onus_sensor_join(struct onus_arena *arena, const struct onus_str *pieces,
        size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += pieces[i].len;
    }
    char *copy = onus_arena_alloc(arena, total > 0 ? total : 1);
    if (!copy) {
        return ONUS_STR_NONE;
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].len > 0) {
            memcpy(copy + used, pieces[i].ptr, pieces[i].len);
            used += pieces[i].len;
        }
    }
    return (struct onus_str){copy, used};
}

struct onus_str onus_sensor_plus_to_blank(struct onus_arena *arena, struct onus_str text)
{
    if (onus_str_find_char(text, '+') == ONUS_STR_NPOS) {
        return text;
    }
    char *copy = onus_arena_alloc(arena, text.len);
    if (!copy) {
        return ONUS_STR_NONE;
    }
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = text.ptr[i] == '+' ? ' ' : text.ptr[i];
    }
    return (struct onus_str){copy, text.len};
}

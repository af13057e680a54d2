/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows events as XML, one <Event> a line: security 4624 4625 4740 4771 4776, and IIS requests
 * written to the event log (6200). Other events are of this format and ignored.
 *
 * Not an XML reader: elements are found by their literal tags. That is enough because the writer
 * escapes '<' in every value, so no value can hold a tag; a Data name that stands twice is refused.
 */
#include "base/str.h"
#include "trace/format.h"
#include "trace/sensor.h"
#include "trace/web.h"

static bool is_entity(struct onus_str *s, const char *entity, char stands_for, char *out)
{
    if (!onus_str_skip(s, onus_str_of(entity))) {
        return false;
    }
    *out = stands_for;
    return true;
}

/* "&#10;" and "&#xA;" below 128; others stay as they are written. */
static bool is_reference(struct onus_str *s, char *out)
{
    struct onus_str rest = *s;
    uint64_t value = 0;
    if (!onus_str_skip(&rest, ONUS_STR("&#"))) {
        return false;
    }
    if (onus_str_skip(&rest, ONUS_STR("x"))) {
        for (size_t i = 0; i < 2 && rest.len > 0 && rest.ptr[0] != ';'; i++) {
            char c = onus_lower(rest.ptr[0]);
            if (!onus_is_digit(c) && !(c >= 'a' && c <= 'f')) {
                return false;
            }
            value = value * 16 + (uint64_t)(onus_is_digit(c) ? c - '0' : c - 'a' + 10);
            rest = onus_str_from(rest, 1);
        }
    } else if (!onus_str_take_u64(&rest, &value)) {
        return false;
    }
    if (value == 0 || value > 127 || !onus_str_skip(&rest, ONUS_STR(";"))) {
        return false;
    }
    *out = (char)value;
    *s = rest;
    return true;
}

static struct onus_str unescape(struct onus_arena *arena, struct onus_str text)
{
    if (onus_str_find_char(text, '&') == ONUS_STR_NPOS) {
        return text;
    }
    char *copy = onus_arena_alloc(arena, text.len);
    if (!copy) {
        return ONUS_STR_NONE;
    }
    size_t used = 0;
    while (text.len > 0) {
        char c = text.ptr[0];
        bool special =
                c == '&' &&
                (is_entity(&text, "&amp;", '&', &c) || is_entity(&text, "&lt;", '<', &c) ||
                        is_entity(&text, "&gt;", '>', &c) || is_entity(&text, "&quot;", '"', &c) ||
                        is_entity(&text, "&apos;", '\'', &c) || is_reference(&text, &c));
        if (!special) {
            text = onus_str_from(text, 1);
        }
        copy[used++] = c;
    }
    return (struct onus_str){copy, used};
}

/* The text of the first <name ...>text</...>. Empty when absent. */
static struct onus_str element(struct onus_str xml, const char *open)
{
    struct onus_str text;
    struct onus_str head;
    if (!onus_str_cut_text(&xml, onus_str_of(open), &head) || xml.len == 0 ||
            (xml.ptr[0] != '>' && xml.ptr[0] != ' ') || !onus_str_cut(&xml, '>', &head) ||
            !onus_str_cut(&xml, '<', &text)) {
        return ONUS_STR_NONE;
    }
    return text;
}

/* The value of an attribute, in either kind of quotes, inside the first <tag ...>. */
static struct onus_str attribute(struct onus_str xml, const char *tag, const char *name)
{
    struct onus_str head;
    struct onus_str inside;
    if (!onus_str_cut_text(&xml, onus_str_of(tag), &head) || !onus_str_cut(&xml, '>', &inside) ||
            !onus_str_cut_text(&inside, onus_str_of(name), &head) || inside.len < 2 ||
            (inside.ptr[0] != '"' && inside.ptr[0] != '\'')) {
        return ONUS_STR_NONE;
    }
    char quote = inside.ptr[0];
    inside = onus_str_from(inside, 1);
    return onus_str_cut(&inside, quote, &head) ? head : ONUS_STR_NONE;
}

enum field {
    TARGET_USER,
    IP_ADDRESS,
    IP_PORT,
    LOGON_TYPE,
    STATUS,
    SUB_STATUS,
    CALLER,
    WORKSTATION,
    C_IP,
    S_IP,
    S_PORT,
    CS_METHOD,
    CS_STEM,
    CS_QUERY,
    CS_USER,
    CS_AGENT,
    SC_STATUS,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [TARGET_USER] = "TargetUserName",
        [IP_ADDRESS] = "IpAddress",
        [IP_PORT] = "IpPort",
        [LOGON_TYPE] = "LogonType",
        [STATUS] = "Status",
        [SUB_STATUS] = "SubStatus",
        [CALLER] = "TargetDomainName",
        [WORKSTATION] = "Workstation",
        [C_IP] = "c-ip",
        [S_IP] = "s-ip",
        [S_PORT] = "s-port",
        [CS_METHOD] = "cs-method",
        [CS_STEM] = "cs-uri-stem",
        [CS_QUERY] = "cs-uri-query",
        [CS_USER] = "cs-username",
        [CS_AGENT] = "csUser-Agent",
        [SC_STATUS] = "sc-status",
};

/* "Name=" of the tag just behind xml's start, and the text behind the tag. */
static bool take_data(struct onus_str *xml, struct onus_str *name, struct onus_str *text)
{
    struct onus_str head;
    struct onus_str tag;
    if (!onus_str_cut_text(xml, ONUS_STR("<Data Name="), &head) || !onus_str_cut(xml, '>', &tag)) {
        return false;
    }
    bool empty = onus_str_ends(tag, ONUS_STR("/"));
    if (tag.len < 2) {
        return false;
    }
    char quote = tag.ptr[0];
    tag = onus_str_from(tag, 1);
    if ((quote != '"' && quote != '\'') || !onus_str_cut(&tag, quote, name)) {
        return false;
    }
    *text = ONUS_STR_NONE;
    return empty || onus_str_cut_text(xml, ONUS_STR("</Data>"), text);
}

static bool read_data(struct onus_str xml, struct onus_str *value)
{
    struct onus_str name;
    struct onus_str text;
    bool seen[FIELD_COUNT] = {0};
    while (onus_str_has(xml, ONUS_STR("<Data Name="))) {
        if (!take_data(&xml, &name, &text) || onus_str_has(text, ONUS_STR("<"))) {
            return false;
        }
        for (size_t i = 0; i < FIELD_COUNT; i++) {
            if (onus_str_eq(name, onus_str_of(names[i]))) {
                if (seen[i]) {
                    return false;
                }
                seen[i] = true;
                if (!onus_str_eq(text, ONUS_STR("-"))) {
                    value[i] = text;
                }
            }
        }
    }
    return true;
}

struct status_row {
    const char *code; /* without 0x, lower case */
    uint8_t outcome;
    const char *reason;
};

/* NTSTATUS (MS-ERREF) and Kerberos (RFC 4120, 7.5.9) codes of a refused logon. */
static const struct status_row statuses[] = {
        {"c0000064", ONUS_OUTCOME_NO_ACCOUNT, "no such user"},
        {"c000006a", ONUS_OUTCOME_FAILED, "wrong password"},
        {"c0000234", ONUS_OUTCOME_FAILED, "account locked"},
        {"c0000072", ONUS_OUTCOME_FAILED, "account disabled"},
        {"c0000193", ONUS_OUTCOME_FAILED, "account expired"},
        {"c0000071", ONUS_OUTCOME_FAILED, "password expired"},
        {"c0000224", ONUS_OUTCOME_PARTIAL, "password must change"},
        {"c000006f", ONUS_OUTCOME_FAILED, "outside allowed hours"},
        {"c0000070", ONUS_OUTCOME_FAILED, "not allowed from this machine"},
        {"c000015b", ONUS_OUTCOME_PARTIAL, "logon type not granted"},
        {"c000006d", ONUS_OUTCOME_FAILED, "wrong user name or password"},
        {"6", ONUS_OUTCOME_NO_ACCOUNT, "no such user"},
        {"12", ONUS_OUTCOME_FAILED, "account disabled, expired or locked"},
        {"17", ONUS_OUTCOME_FAILED, "password expired"},
        {"18", ONUS_OUTCOME_FAILED, "wrong password"},
};

static bool is_code(struct onus_str text, const char *code)
{
    return (onus_str_skip(&text, ONUS_STR("0x")) || onus_str_skip(&text, ONUS_STR("0X"))) &&
           onus_str_eq_nocase(text, onus_str_of(code));
}

/* The inner status says more than the outer one. */
static void set_refusal(const struct onus_str *value, struct onus_event *out)
{
    const struct onus_str codes[] = {value[SUB_STATUS], value[STATUS]};
    out->outcome = ONUS_OUTCOME_FAILED;
    for (size_t c = 0; c < ONUS_COUNT(codes); c++) {
        for (size_t i = 0; i < ONUS_COUNT(statuses); i++) {
            if (is_code(codes[c], statuses[i].code)) {
                out->outcome = statuses[i].outcome;
                out->detail = onus_str_of(statuses[i].reason);
                return;
            }
        }
    }
}

static void set_logon_method(const struct onus_str *value, struct onus_event *out)
{
    static const char *const types[] = {[2] = "interactive",
            [3] = "network",
            [4] = "batch",
            [5] = "service",
            [7] = "unlock",
            [8] = "network-cleartext",
            [9] = "new-credentials",
            [10] = "remote-interactive",
            [11] = "cached-interactive"};
    uint64_t type = 0;
    if (onus_str_to_u64(value[LOGON_TYPE], ONUS_COUNT(types) - 1, &type) && types[type]) {
        out->method = onus_str_of(types[type]);
    }
}

static enum onus_line_verdict logon(struct onus_arena *arena, const struct onus_str *value,
        uint64_t id, struct onus_event *out)
{
    out->kind = ONUS_EVENT_AUTH;
    out->service = ONUS_SERVICE_WINDOWS;
    out->account = unescape(arena, value[TARGET_USER]);
    out->has_account = value[TARGET_USER].len > 0;
    onus_sensor_source(out, value[IP_ADDRESS]);
    out->source_port = onus_sensor_port(value[IP_PORT]);
    set_logon_method(value, out);
    bool ok = is_code(value[STATUS], "0");
    switch (id) {
    case 4624:
        out->rule = "4624";
        out->outcome = ONUS_OUTCOME_SUCCEEDED;
        /* services, and the machine's own sessions: nobody tried to get in */
        return out->has_source ? ONUS_LINE_PARSED : ONUS_LINE_IGNORED;
    case 4625:
        out->rule = "4625";
        set_refusal(value, out);
        return ONUS_LINE_PARSED;
    case 4771:
        out->rule = "4771";
        out->method = ONUS_STR("kerberos");
        set_refusal(value, out);
        return ONUS_LINE_PARSED;
    case 4776:
        out->rule = "4776";
        out->method = ONUS_STR("ntlm");
        if (!out->has_source) {
            /* the client's own words, even where they look like an address */
            out->source_name = unescape(arena, value[WORKSTATION]);
            out->source_text = out->source_name;
            out->marks |= ONUS_MARK_CLAIMED;
        }
        out->role = ONUS_ROLE_ACCOUNT;
        if (ok) {
            return ONUS_LINE_IGNORED; /* 4624 says it with the address */
        }
        set_refusal(value, out);
        return ONUS_LINE_PARSED;
    default:
        out->rule = "4740";
        out->role = ONUS_ROLE_SUMMARY;
        out->outcome = ONUS_OUTCOME_FAILED;
        out->detail = ONUS_STR("account locked");
        return ONUS_LINE_PARSED;
    }
}

static enum onus_line_verdict iis_request(const struct onus_parse_context *context,
        const struct onus_str *value, struct onus_event *out)
{
    uint64_t status = 0;
    struct onus_arena *arena = context->arena;
    struct onus_str pieces[] = {value[CS_STEM], ONUS_STR("?"), value[CS_QUERY]};
    (void)onus_str_to_u64(value[SC_STATUS], 999, &status);
    out->kind = ONUS_EVENT_WEB;
    out->rule = "6200";
    out->service = ONUS_SERVICE_HTTP;
    out->status = (uint16_t)status;
    out->marks |= ONUS_MARK_HANDSHAKE;
    onus_sensor_source(out, value[C_IP]);
    onus_sensor_dest(out, value[S_IP]);
    out->dest_port = onus_sensor_port(value[S_PORT]);
    out->account = unescape(arena, value[CS_USER]);
    out->has_account = out->account.len > 0;
    out->method = value[CS_METHOD];
    out->target = unescape(arena, onus_sensor_join(arena, pieces, value[CS_QUERY].len > 0 ? 3 : 1));
    out->agent = onus_sensor_plus_to_blank(arena, unescape(arena, value[CS_AGENT]));
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct onus_str xml = line;
    (void)onus_str_skip(&xml, ONUS_STR("- ")); /* as copied from the event viewer */
    if (!onus_str_begins(xml, ONUS_STR("<Event")) ||
            !onus_str_ends(onus_str_trim(xml), ONUS_STR("</Event>"))) {
        return ONUS_LINE_UNPARSED;
    }
    uint64_t id = 0;
    struct onus_str value[FIELD_COUNT] = {0};
    if (!onus_str_to_u64(element(xml, "<EventID"), 99999, &id) ||
            !onus_sensor_time_iso(out, attribute(xml, "<TimeCreated ", "SystemTime=")) ||
            !read_data(xml, value)) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("windows");
    out->host = unescape(context->arena, element(xml, "<Computer"));
    switch (id) {
    case 4624:
    case 4625:
    case 4740:
    case 4771:
    case 4776:
        return logon(context->arena, value, id, out);
    case 6200:
        return iis_request(context, value, out);
    default:
        return ONUS_LINE_IGNORED;
    }
}

const struct onus_format onus_format_windows_xml = {
        .name = "windows-xml",
        .title = "Windows security events, XML, one a line",
        .traits = ONUS_FORMAT_UTC,
        .parse = parse,
};

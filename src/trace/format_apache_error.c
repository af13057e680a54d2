/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/format_httpd_error.h"
#include "trace/http_request.h"
#include "trace/web.h"

static bool take_word(struct onus_str *s, const char *word)
{
    return onus_str_skip(s, onus_str_of(word));
}

static bool has(struct onus_str s, const char *word)
{
    return onus_str_has(s, onus_str_of(word));
}

/* What stands in square brackets after `label`, such as [id "960015"]. */
static struct onus_str bracketed(struct onus_str s, const char *label)
{
    struct onus_str head = ONUS_STR_NONE;
    if (!onus_str_cut_text(&s, onus_str_of(label), &head)) {
        return ONUS_STR_NONE;
    }
    return onus_str_sub(s, 0, onus_str_find(s, ONUS_STR("\"]")));
}

void onus_modsecurity_read(struct onus_str message, struct onus_event *out)
{
    out->kind = ONUS_EVENT_ALERT;
    out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_WAF_ALERT);
    out->rule = "ModSecurity";
    out->target = bracketed(message, "[msg \"");
    out->detail = bracketed(message, "[id \"");
}

/*
 * "192.0.2.7:51380", "[2001:db8::7]:51380", "2001:db8::7:51380", "192.0.2.7". Since 2.4 a port is
 * always there, so the last group of an IPv6 address without brackets is one; before, never.
 */
static bool read_address(struct onus_str text, bool with_port, struct onus_event *out)
{
    uint64_t port = 0;
    size_t colon = onus_str_rfind_char(text, ':');
    bool split = colon != ONUS_STR_NPOS && colon > 0 &&
                 onus_str_to_u64(onus_str_from(text, colon + 1), 65535, &port);
    struct onus_str host = onus_str_sub(text, 0, colon);
    out->source_text = text;
    if (split && with_port && onus_address_parse(host, &out->source)) {
        out->source_port = (uint16_t)port;
        return true;
    }
    if (onus_address_parse(text, &out->source)) {
        return true;
    }
    if (split && onus_address_parse(host, &out->source)) {
        out->source_port = (uint16_t)port;
        return true;
    }
    return false;
}

/* One group off the front: "[pid 7:tid 9] " gives "pid 7:tid 9"; brackets may nest once. */
static bool take_group(struct onus_str *s, struct onus_str *out)
{
    struct onus_str rest = *s;
    if (!take_word(&rest, "[")) {
        return false;
    }
    size_t depth = 1;
    size_t i = 0;
    while (i < rest.len && depth > 0) {
        depth += rest.ptr[i] == '[' ? 1 : 0;
        depth -= rest.ptr[i] == ']' ? 1 : 0;
        i++;
    }
    if (depth > 0) {
        return false;
    }
    *out = onus_str_sub(rest, 0, i - 1);
    *s = onus_str_from(rest, i);
    (void)take_word(s, " ");
    return true;
}

/* "(70014)End of file found: " of the operating system may stand before the address. */
static void skip_system_error(struct onus_str *s)
{
    struct onus_str rest = *s;
    struct onus_str words = ONUS_STR_NONE;
    uint64_t number = 0;
    if (take_word(&rest, "(") && onus_str_take_u64(&rest, &number) && take_word(&rest, ")") &&
            onus_str_cut_text(&rest, ONUS_STR(": "), &words) && words.len < 80 &&
            onus_str_begins(rest, ONUS_STR("[client "))) {
        *s = rest;
    }
}

struct head {
    bool known;     /* a level was there: the line is one of Apache's */
    bool with_port; /* 2.4: [module:level] */
    struct onus_str client;
};

static bool is_level(struct onus_str group)
{
    static const char *const levels[] = {"emerg", "alert", "crit", "error", "warn", "notice",
            "info", "debug", "trace1", "trace2", "trace3", "trace4", "trace5", "trace6", "trace7",
            "trace8"};
    size_t colon = onus_str_find_char(group, ':');
    struct onus_str level = onus_str_from(group, colon == ONUS_STR_NPOS ? 0 : colon + 1);
    for (size_t i = 0; i < ONUS_COUNT(levels); i++) {
        if (onus_str_eq(level, onus_str_of(levels[i]))) {
            return true;
        }
    }
    return false;
}

/* The groups in front. They are the server's own; the first group that is none of its ends them. */
static void take_head(struct onus_str *s, struct head *head)
{
    struct onus_str group = ONUS_STR_NONE;
    *head = (struct head){0};
    for (skip_system_error(s);; skip_system_error(s)) {
        struct onus_str rest = *s;
        if (!take_group(&rest, &group)) {
            return;
        }
        if (!head->known && is_level(group)) {
            head->known = true;
            head->with_port = onus_str_find_char(group, ':') != ONUS_STR_NPOS;
        } else if (take_word(&group, "client ") || take_word(&group, "remote ")) {
            /* ModSecurity repeats the address without its port: that reads without a doubt */
            bool shorter = head->client.len > group.len && onus_str_begins(head->client, group);
            if (head->client.len == 0 || shorter) {
                head->client = group;
                head->with_port = head->with_port && !shorter;
            }
        } else if (!onus_str_begins(group, ONUS_STR("pid "))) {
            return;
        }
        *s = rest;
    }
}

static enum onus_line_verdict set_login(enum onus_outcome outcome, const char *method,
        const char *rule, struct onus_event *out)
{
    out->kind = ONUS_EVENT_AUTH;
    out->outcome = (uint8_t)outcome;
    out->method = onus_str_of(method);
    out->rule = rule;
    return ONUS_LINE_PARSED;
}

struct login_form {
    const char *begins;
    const char *after_name; /* NULL: the line names no account */
    enum onus_outcome outcome;
    const char *method;
};

/* The first form whose words are there wins. */
static const struct login_form login_forms[] = {
        {"user ", ": authentication failure for ", ONUS_OUTCOME_FAILED, "basic"},
        {"user ", ": password mismatch: ", ONUS_OUTCOME_FAILED, "digest"},
        {"user ", ": authorization failure for ", ONUS_OUTCOME_PARTIAL, "basic"},
        {"user `", "' in realm `", ONUS_OUTCOME_NO_ACCOUNT, "digest"},
        {"user ", " not found: ", ONUS_OUTCOME_NO_ACCOUNT, "basic"},
        {"user ", " not found", ONUS_OUTCOME_NO_ACCOUNT, "basic"},
        {"Authorization of user ", " to access ", ONUS_OUTCOME_PARTIAL, "basic"},
        {"client used wrong authentication scheme", NULL, ONUS_OUTCOME_PROBED, "basic"},
        {"invalid qop ", NULL, ONUS_OUTCOME_PROBED, "digest"},
        {"realm mismatch ", NULL, ONUS_OUTCOME_PROBED, "digest"},
        {"unknown algorithm ", NULL, ONUS_OUTCOME_PROBED, "digest"},
};

static enum onus_line_verdict read_login(struct onus_str message, struct onus_event *out)
{
    for (size_t i = 0; i < ONUS_COUNT(login_forms); i++) {
        const struct login_form *form = &login_forms[i];
        struct onus_str rest = message;
        if (!take_word(&rest, form->begins)) {
            continue;
        }
        if (!form->after_name) {
            return set_login(form->outcome, form->method, form->begins, out);
        }
        size_t end = onus_str_find(rest, onus_str_of(form->after_name));
        if (end != ONUS_STR_NPOS) {
            out->account = onus_str_sub(rest, 0, end);
            out->has_account = true;
            return set_login(form->outcome, form->method, form->after_name, out);
        }
    }
    /* A nonce may run out while a page is open; a wrong length or a time to come is made up. */
    if (onus_str_begins(message, ONUS_STR("invalid nonce ")) &&
            (has(message, "length is not") || has(message, "time travel"))) {
        return set_login(ONUS_OUTCOME_PROBED, "digest", "invalid nonce", out);
    }
    return ONUS_LINE_IGNORED;
}

/* The file a message is about, without the referer that may follow. */
static struct onus_str path_of(struct onus_str message, const char *after)
{
    struct onus_str head = ONUS_STR_NONE;
    (void)onus_str_cut_text(&message, onus_str_of(after), &head);
    return onus_str_sub(message, 0, onus_str_rfind(message, ONUS_STR(", referer: ")));
}

/* A path of the server's disk, judged as if it had been asked for. */
static enum onus_line_verdict read_path(const struct onus_parse_context *context,
        struct onus_str path, unsigned status, const char *rule, struct onus_event *out)
{
    out->kind = ONUS_EVENT_WEB;
    out->status = (uint16_t)status;
    out->target = onus_http_unescape(context->arena, path);
    out->rule = rule;
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict read_missing(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *out)
{
    if (onus_str_begins(message, ONUS_STR("File does not exist: "))) {
        return read_path(context, path_of(message, "exist: "), 404, "File does not exist", out);
    }
    if (onus_str_begins(message, ONUS_STR("client denied by server configuration: "))) {
        (void)read_path(context, path_of(message, "configuration: "), 403, "client denied", out);
        out->kind = ONUS_EVENT_ALERT;
        return ONUS_LINE_PARSED;
    }
    bool script = has(message, "script not found or unable to stat") ||
                  has(message, "' not found or unable to stat") ||
                  has(message, "Primary script unknown");
    if (!script) {
        return ONUS_LINE_IGNORED;
    }
    struct onus_str path = path_of(message, "unable to stat: ");
    if (take_word(&path, "script '") || take_word(&path, "stderr from ")) {
        path = onus_str_sub(path, 0, onus_str_find(path, ONUS_STR("' not found")));
        path = onus_str_sub(path, 0, onus_str_find(path, ONUS_STR(": script not")));
    } else if (!onus_str_begins(path, ONUS_STR("/"))) {
        path = ONUS_STR("/");
    }
    out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_TECHNOLOGY_PROBE);
    return read_path(context, path, 404, "script not found", out);
}

static enum onus_line_verdict read_malformed(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *out)
{
    struct onus_str request = message;
    if (take_word(&request, "Invalid URI in request ") ||
            take_word(&request, "Invalid method in request ")) {
        request = onus_str_trim(onus_http_unescape(context->arena, request));
        onus_http_request(request, out);
    } else if (take_word(&request, "invalid URI path (")) {
        request = onus_str_sub(request, 0, onus_str_rfind_char(request, ')'));
        out->target = onus_http_unescape(context->arena, request);
    } else if (!onus_str_begins(message, ONUS_STR("request failed: "))) {
        return ONUS_LINE_IGNORED;
    }
    out->kind = ONUS_EVENT_WEB;
    out->status = 400;
    out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_BAD_PROTOCOL);
    onus_web_inspect(context->web, out);
    out->rule = "malformed request";
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict read_message(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *out)
{
    if (onus_str_begins(message, ONUS_STR("ModSecurity:"))) {
        onus_modsecurity_read(message, out);
        return ONUS_LINE_PARSED;
    }
    if (has(message, "ignoring function definition attempt") ||
            has(message, "error importing function definition for")) {
        out->kind = ONUS_EVENT_ALERT;
        out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_COMMAND_INJECTION);
        out->rule = "function definition refused by the shell (CVE-2014-6271 Shellshock)";
        return ONUS_LINE_PARSED;
    }
    if (has(message, " provided via SNI")) {
        out->kind = ONUS_EVENT_CONNECTION;
        out->outcome = ONUS_OUTCOME_FAILED;
        out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_PROTOCOL_PROBE);
        out->rule = "host names of TLS and HTTP differ";
        return ONUS_LINE_PARSED;
    }
    enum onus_line_verdict verdict = read_login(message, out);
    if (verdict == ONUS_LINE_IGNORED) {
        verdict = read_missing(context, message, out);
    }
    return verdict == ONUS_LINE_IGNORED ? read_malformed(context, message, out) : verdict;
}

/* "AH01617: " since 2.4, "Digest: " of mod_auth_digest before. */
static void skip_label(struct onus_str *s)
{
    struct onus_str rest = *s;
    uint64_t number = 0;
    if (take_word(&rest, "AH") && onus_str_take_u64(&rest, &number) && take_word(&rest, ": ")) {
        *s = rest;
    }
    (void)take_word(s, "Digest: ");
}

enum onus_line_verdict onus_apache_error_parse(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    struct onus_str rest = line;
    struct onus_str stamp = onus_str_from(line, 1);
    struct onus_moment moment;
    struct head head;
    if (onus_str_begins(line, ONUS_STR("[")) && onus_time_take_apache(&stamp, &moment) &&
            take_word(&stamp, "] ")) {
        out->time = moment.usec;
        out->marks |= ONUS_MARK_NO_ZONE;
        out->time_text = onus_str_sub(line, 1, line.len - stamp.len - 3);
        rest = stamp;
    } else {
        out->time = ONUS_TIME_NONE;
        out->marks |= ONUS_MARK_NO_TIME;
    }
    take_head(&rest, &head);
    if (!head.known) {
        return ONUS_LINE_UNPARSED;
    }
    if (head.client.len == 0) {
        return ONUS_LINE_IGNORED;
    }
    out->service = ONUS_SERVICE_HTTP;
    if (read_address(head.client, head.with_port, out)) {
        out->has_source = true;
        out->marks |= ONUS_MARK_HANDSHAKE;
    }
    skip_label(&rest);
    return read_message(context, rest, out);
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    enum onus_line_verdict verdict = onus_apache_error_parse(context, line, out);
    return out->marks & ONUS_MARK_NO_TIME ? ONUS_LINE_UNPARSED : verdict;
}

const struct onus_format onus_format_apache_error = {
        .name = "apache-error",
        .title = "error log of Apache httpd",
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/format_httpd_error.h"
#include "trace/http_request.h"
#include "trace/web.h"

#define CLIENT ONUS_STR(", client: ")

enum {
    FIELDS_MAX = 16 /* further ones are not looked at: the work on a line is bounded */
};

static bool take_word(struct onus_str *s, const char *word)
{
    return onus_str_skip(s, onus_str_of(word));
}

static bool has(struct onus_str s, const char *word)
{
    return onus_str_has(s, onus_str_of(word));
}

/* Text between `open` and the next `close`. */
static struct onus_str between(struct onus_str s, const char *open, const char *close)
{
    struct onus_str head = ONUS_STR_NONE;
    if (!onus_str_cut_text(&s, onus_str_of(open), &head)) {
        return ONUS_STR_NONE;
    }
    size_t end = onus_str_find(s, onus_str_of(close));
    return end == ONUS_STR_NPOS ? ONUS_STR_NONE : onus_str_sub(s, 0, end);
}

/*
 * Whether what follows `, client: ` is a whole tail: after the host nothing may stand but a referrer,
 * which reaches to the end of the line.
 */
static bool is_tail(struct onus_str tail)
{
    struct onus_str head = ONUS_STR_NONE;
    if (!onus_str_cut_text(&tail, ONUS_STR("\", host: \""), &head)) {
        return true;
    }
    size_t quote = onus_str_find_char(tail, '"');
    struct onus_str rest = onus_str_from(tail, quote == ONUS_STR_NPOS ? tail.len : quote + 1);
    return rest.len == 0 || onus_str_begins(rest, ONUS_STR(", referrer: \""));
}

/* The address in front of a tail: up to the next comma, or a blank before words of nginx's own. */
static struct onus_str client_text(struct onus_str tail)
{
    struct onus_str text = onus_str_sub(tail, 0, onus_str_find_char(tail, ','));
    return onus_str_sub(text, 0, onus_str_find_char(text, ' '));
}

struct client {
    struct onus_str tail; /* behind ", client: " */
    size_t at;            /* where ", client: " stands */
    bool disputed;        /* the line names two, and nothing tells which is nginx's */
};

/* Whether nothing that anybody else wrote stands before the field: the first one is nginx's then. */
static bool is_own_text(struct onus_str message)
{
    return onus_str_begins(message, ONUS_STR("limiting requests, ")) ||
           onus_str_begins(message, ONUS_STR("delaying request, ")) ||
           onus_str_begins(message, ONUS_STR("limiting connections by ")) ||
           onus_str_begins(message, ONUS_STR("access forbidden by rule, "));
}

/*
 * nginx writes its field once, unescaped text may repeat it. A name or a path stands before the
 * field, a request and a referrer behind it. One field, or one that is alone in being followed by a
 * whole tail, is nginx's; otherwise the line does not establish who sent the request. (A request
 * with blanks could still break its own tail; nginx 1.21.1 and later refuse those.)
 */
static bool find_client(struct onus_str message, struct client *out)
{
    struct onus_str first = ONUS_STR_NONE;
    struct onus_str rest = message;
    struct onus_str head = ONUS_STR_NONE;
    size_t count = 0;
    size_t whole = 0;
    size_t most = is_own_text(message) ? 1 : FIELDS_MAX;
    *out = (struct client){0};
    while (count < most && onus_str_cut_text(&rest, CLIENT, &head)) {
        struct onus_str text = client_text(rest);
        bool valid = is_tail(rest);
        out->disputed = out->disputed || (count > 0 && !onus_str_eq(first, text));
        if (count == 0 || (valid && whole == 0)) {
            out->tail = rest;
            out->at = message.len - rest.len - CLIENT.len;
        }
        first = count == 0 ? text : first;
        whole += valid ? 1 : 0;
        count++;
    }
    out->disputed = (out->disputed && whole != 1) || count == FIELDS_MAX;
    return count > 0;
}

static void set_source(const struct client *client, struct onus_event *out)
{
    struct onus_str text = client_text(client->tail);
    out->source_text = text;
    out->has_source = false; /* a second place, trusted more, may hold no address */
    out->marks &= (uint16_t)~ONUS_MARK_HANDSHAKE;
    if (!client->disputed && onus_address_parse(text, &out->source)) {
        out->has_source = true;
        out->marks |= ONUS_MARK_HANDSHAKE;
    }
}

static void set_request(const struct onus_parse_context *context, struct onus_str tail,
        unsigned status, struct onus_event *out)
{
    (void)context;
    struct onus_str request = between(tail, ", request: \"", "\", ");
    if (request.len == 0) {
        request = between(tail, ", request: \"", "\"");
    }
    onus_http_request(request, out);
    out->kind = ONUS_EVENT_WEB;
    out->status = (uint16_t)status;
    out->host = between(tail, "\", host: \"", "\"");
}

static enum onus_line_verdict set_login(enum onus_outcome outcome, struct onus_str account,
        const char *rule, struct onus_event *out)
{
    out->kind = ONUS_EVENT_AUTH;
    out->outcome = (uint8_t)outcome;
    out->account = account;
    out->has_account = true;
    out->method = ONUS_STR("basic");
    out->rule = rule;
    return ONUS_LINE_PARSED;
}

/* `user "NAME": password mismatch`, `user "NAME" was not found in "FILE"`, `PAM: user 'NAME' - not`. */
static enum onus_line_verdict read_login(struct onus_str message, struct onus_event *out)
{
    struct onus_str text = message;
    size_t end = 0;
    if (take_word(&text, "user \"")) {
        if (onus_str_drop(&text, ONUS_STR("\": password mismatch"))) {
            return set_login(ONUS_OUTCOME_FAILED, text, "password mismatch", out);
        }
        end = onus_str_rfind(text, ONUS_STR("\" was not found in \""));
        if (end == ONUS_STR_NPOS) { /* a name that holds quotes */
            end = onus_str_rfind(text, ONUS_STR(" was not found in \""));
        }
        if (end != ONUS_STR_NPOS) {
            return set_login(ONUS_OUTCOME_NO_ACCOUNT, onus_str_sub(text, 0, end),
                    "was not found in", out);
        }
    }
    if (take_word(&text, "PAM: user '") &&
            (end = onus_str_rfind(text, ONUS_STR("' - not authenticated"))) != ONUS_STR_NPOS) {
        return set_login(ONUS_OUTCOME_FAILED, onus_str_sub(text, 0, end), "PAM: not authenticated",
                out);
    }
    return ONUS_LINE_IGNORED;
}

/* Mail proxy: `client login failed: "..." while in http auth state, ... login: "NAME"`. */
static enum onus_line_verdict read_mail_login(struct onus_str tail, struct onus_event *out)
{
    struct onus_str server = between(tail, ", server: ", ",");
    struct onus_str port = onus_str_from(server, onus_str_rfind_char(server, ':') + 1);
    uint64_t number = 0;
    (void)onus_str_to_u64(port, 65535, &number);
    out->dest_port = (uint16_t)number;
    out->service = number == 25 || number == 465 || number == 587 ? ONUS_SERVICE_SMTP
                   : number == 110 || number == 995               ? ONUS_SERVICE_POP3
                                                                  : ONUS_SERVICE_IMAP;
    return set_login(ONUS_OUTCOME_FAILED, between(tail, ", login: \"", "\""), "client login failed",
            out);
}

/* Handshakes that no TLS client makes: bytes of another protocol, lengths that cannot be. */
static bool is_broken_handshake(struct onus_str message)
{
    return (onus_str_begins(message, ONUS_STR("SSL_do_handshake() failed")) ||
                   onus_str_begins(message, ONUS_STR("SSL_read() failed"))) &&
           (has(message, "too long") || has(message, "too short") ||
                   has(message, "bad key share") || has(message, "bad record type") ||
                   has(message, "wrong version number") || has(message, "http request") ||
                   has(message, "alert number 121"));
}

static enum onus_line_verdict set_alert(enum onus_finding finding, const char *rule,
        struct onus_event *out)
{
    out->kind = ONUS_EVENT_ALERT;
    out->findings |= ONUS_FINDING_BIT(finding);
    out->rule = rule;
    return ONUS_LINE_PARSED;
}

/* A request the server answered itself, judged by what it asked for. */
static enum onus_line_verdict read_request(const struct onus_parse_context *context,
        struct onus_str tail, unsigned status, const char *rule, struct onus_event *out)
{
    out->rule = rule;
    set_request(context, tail, status, out);
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict read_message(const struct onus_parse_context *context,
        struct onus_str message, struct onus_str tail, struct onus_event *out)
{
    if (has(message, "ModSecurity: ")) {
        onus_modsecurity_read(message, out);
        return ONUS_LINE_PARSED;
    }
    if (onus_str_begins(message, ONUS_STR("limiting requests")) ||
            onus_str_begins(message, ONUS_STR("delaying request")) ||
            onus_str_begins(message, ONUS_STR("limiting connections"))) {
        (void)read_request(context, tail, 0, NULL, out);
        return set_alert(ONUS_FINDING_RATE_LIMITED, "limiting", out);
    }
    if (onus_str_begins(message, ONUS_STR("access forbidden by rule"))) {
        (void)read_request(context, tail, 403, "access forbidden by rule", out);
        out->kind = ONUS_EVENT_ALERT;
        return ONUS_LINE_PARSED;
    }
    if (has(message, " failed (2: ") || has(message, " is not found (2: ")) {
        return read_request(context, tail, 404, "no such file", out);
    }
    if (onus_str_begins(message, ONUS_STR("client sent invalid"))) {
        out->kind = ONUS_EVENT_WEB;
        out->status = 400;
        out->marks |= ONUS_MARK_BAD_REQUEST;
        out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_BAD_PROTOCOL);
        out->rule = "client sent invalid";
        return ONUS_LINE_PARSED;
    }
    if (onus_str_begins(message, ONUS_STR("client login failed"))) {
        return read_mail_login(tail, out);
    }
    if (is_broken_handshake(message)) {
        out->kind = ONUS_EVENT_CONNECTION;
        out->outcome = ONUS_OUTCOME_FAILED;
        out->findings |= ONUS_FINDING_BIT(ONUS_FINDING_PROTOCOL_PROBE);
        out->rule = "broken TLS handshake";
        return ONUS_LINE_PARSED;
    }
    return read_login(message, out);
}

/* "[error] 2865#0: *66647 "; the connection number is missing on lines about no connection. */
static bool take_head(struct onus_str *s, struct onus_event *out)
{
    struct onus_str rest = *s;
    struct onus_str level = ONUS_STR_NONE;
    uint64_t pid = 0;
    uint64_t tid = 0;
    uint64_t connection = 0;
    if (!take_word(&rest, "[") || !onus_str_cut_text(&rest, ONUS_STR("] "), &level) ||
            level.len > 6 || !onus_str_take_u64(&rest, &pid) || !take_word(&rest, "#") ||
            !onus_str_take_u64(&rest, &tid) || !take_word(&rest, ": ")) {
        return false;
    }
    if (take_word(&rest, "*") && onus_str_take_u64(&rest, &connection)) {
        (void)take_word(&rest, " ");
    }
    out->program = ONUS_STR("nginx");
    *s = rest;
    return true;
}

enum onus_line_verdict onus_nginx_error_parse(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    struct onus_str rest = line;
    struct onus_moment moment;
    if (onus_time_take_slash(&rest, &moment)) {
        out->time = moment.usec;
        out->marks |= moment.has_zone ? 0 : ONUS_MARK_NO_ZONE;
        out->time_text = onus_str_sub(line, 0, line.len - rest.len);
        (void)take_word(&rest, " ");
    } else {
        out->time = ONUS_TIME_NONE;
        out->marks |= ONUS_MARK_NO_TIME;
    }
    if (!take_head(&rest, out)) {
        return ONUS_LINE_UNPARSED;
    }
    struct client client;
    if (!find_client(rest, &client)) {
        return ONUS_LINE_IGNORED;
    }
    struct onus_str message = onus_str_sub(rest, 0, client.at);
    out->service = ONUS_SERVICE_HTTP;
    set_source(&client, out);
    struct onus_str own = message;
    if (take_word(&own, "[client ") && has(own, "ModSecurity: ")) { /* stands before foreign text */
        client = (struct client){.tail = own};
        client.tail.len =
                onus_str_find_char(own, ']') == ONUS_STR_NPOS ? 0 : onus_str_find_char(own, ']');
        set_source(&client, out);
    }
    enum onus_line_verdict verdict =
            read_message(context, message, onus_str_from(rest, client.at), out);
    if (verdict == ONUS_LINE_IGNORED && client.disputed) { /* who is open, what is not */
        verdict = read_message(context, rest, onus_str_from(rest, client.at), out);
    }
    return verdict;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct onus_str rest = line;
    struct onus_moment moment;
    if (!onus_time_take_slash(&rest, &moment)) {
        return ONUS_LINE_UNPARSED;
    }
    return onus_nginx_error_parse(context, line, out);
}

const struct onus_format onus_format_nginx_error = {
        .name = "nginx-error",
        .title = "error log of nginx",
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_fields.h"

/* Log-ins refused by Cyrus, Courier and Sendmail. */

static const struct {
    struct onus_str word;
    enum onus_service service;
} services[] = {
        {{"imap", 4}, ONUS_SERVICE_IMAP},
        {{"pop3", 4}, ONUS_SERVICE_POP3},
        {{"sieve", 5}, ONUS_SERVICE_SIEVE},
        {{"esmtpd", 6}, ONUS_SERVICE_SMTP},
        {{"sendmail", 8}, ONUS_SERVICE_SMTP},
        {{"sm-", 3}, ONUS_SERVICE_SMTP},
};

static enum onus_service service_of(struct onus_str program)
{
    for (size_t i = 0; i < ONUS_COUNT(services); i++) {
        if (onus_str_has(program, services[i].word)) {
            return services[i].service;
        }
    }
    return ONUS_SERVICE_UNKNOWN;
}

static bool takes(struct onus_str program)
{
    static const struct onus_str names[] = {
            {"imapd", 5},
            {"imapd-ssl", 9},
            {"pop3d", 5},
            {"pop3d-ssl", 9},
            {"imap", 4},
            {"imaps", 5},
            {"pop3", 4},
            {"pop3s", 5},
            {"sieve", 5},
            {"timsieved", 9},
            {"courierpop3login", 16},
            {"courieresmtpd", 13},
            {"sendmail", 8},
    };
    if (onus_str_begins(program, ONUS_STR("cyrus/")) || onus_str_begins(program, ONUS_STR("sm-"))) {
        return true;
    }
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        if (onus_str_eq(program, names[i])) {
            return true;
        }
    }
    return false;
}

static enum onus_line_verdict failed(struct onus_event *event, const char *rule)
{
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT, rule);
}

/* "[NAME ][ADDRESS]" off the front: the name has no blank. */
static bool take_client(struct onus_str *s, struct onus_event *event)
{
    struct onus_str rest = *s;
    struct onus_str name = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut(&rest, '[', &name) ||
            onus_str_find_char(onus_str_trim(name), ' ') != ONUS_STR_NPOS ||
            !onus_str_cut(&rest, ']', &peer.host) || !onus_message_set_source(event, &peer)) {
        return false;
    }
    *s = rest;
    return true;
}

/* Cyrus. badlogin: CLIENT MECHANISM [NAME ]WHY */
static enum onus_line_verdict parse_badlogin(struct onus_str rest, struct onus_event *event)
{
    struct onus_str name = ONUS_STR_NONE;
    if (!take_client(&rest, event) || !onus_str_skip(&rest, ONUS_STR(" ")) ||
            !onus_str_cut(&rest, ' ', &event->method)) {
        return ONUS_LINE_UNPARSED;
    }
    event->detail = rest;
    if (onus_str_eq(event->method, ONUS_STR("plaintext")) &&
            onus_str_cut_text(&rest, ONUS_STR(" SASL("), &name)) {
        onus_message_set_account(event, name);
    }
    return failed(event, "badlogin");
}

/* Courier. LOGIN FAILED, {user=NAME|method=M}, ip=[ADDRESS][, port=[N]]: the last ip= counts. */
static enum onus_line_verdict parse_courier(struct onus_str rest, struct onus_event *event)
{
    const struct onus_str key = ONUS_STR(", ip=[");
    struct onus_peer peer = {0};
    size_t at = onus_str_rfind(rest, key);
    if (at == ONUS_STR_NPOS) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str tail = onus_str_from(rest, at + key.len);
    if (!onus_str_cut(&tail, ']', &peer.host) || !onus_message_set_source(event, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    rest = onus_str_sub(rest, 0, at);
    if (onus_str_skip(&rest, ONUS_STR("user="))) {
        onus_message_set_account(event, rest);
    }
    return failed(event, "LOGIN FAILED");
}

/* Courier. error,relay=ADDRESS,[port=N,]msg="535 Authentication failed.",cmd: TEXT */
static enum onus_line_verdict parse_courier_smtp(struct onus_str rest, struct onus_event *event)
{
    struct onus_peer peer = {0};
    struct onus_str after = ONUS_STR_NONE;
    if (!onus_str_cut(&rest, ',', &peer.host)) {
        return ONUS_LINE_IGNORED;
    }
    after = rest;
    if (onus_str_skip(&after, ONUS_STR("port="))) {
        uint64_t port = 0;
        if (onus_str_take_u64(&after, &port) && port <= UINT16_MAX) {
            peer.port = (uint16_t)port;
        }
        (void)onus_str_skip(&after, ONUS_STR(","));
    }
    if (!onus_message_set_source(event, &peer)) {
        return ONUS_LINE_IGNORED;
    }
    if (!onus_str_begins(after, ONUS_STR("msg=\"535 Authentication failed"))) {
        size_t refused = onus_str_find(after, ONUS_STR(">: 550 "));
        if (refused == ONUS_STR_NPOS) {
            return onus_message_ignore(event, "error,relay=");
        }
        event->kind = ONUS_EVENT_ALERT;
        event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_SPAM_ATTEMPT);
        event->target = onus_str_from(after, refused + 3);
        event->rule = "550";
        return ONUS_LINE_PARSED;
    }
    return failed(event, "535 Authentication failed");
}

/* Sendmail. ID: CLIENT[ (may be forged)]: possible SMTP attack: command=AUTH, count=N */
static enum onus_line_verdict parse_attack(struct onus_str rest, struct onus_event *event)
{
    uint64_t count = 0;
    if (!take_client(&rest, event)) {
        return ONUS_LINE_IGNORED;
    }
    (void)onus_str_skip(&rest, ONUS_STR(" (may be forged)"));
    if (!onus_str_skip(&rest, ONUS_STR(": possible SMTP attack: command=AUTH, count=")) ||
            !onus_str_take_u64(&rest, &count) || count > UINT32_MAX) {
        return onus_message_ignore(event, "client");
    }
    event->count = (uint32_t)count;
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_CLOSE, "possible SMTP attack");
}

/* Sendmail. ID: AUTH failure (M): WHY[, user=NAME], relay=[NAME ][ADDRESS]: the last relay= counts. */
static enum onus_line_verdict parse_sendmail(struct onus_str text, struct onus_event *event)
{
    const struct onus_str key = ONUS_STR(", relay=");
    struct onus_str rest = text;
    struct onus_str id = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(": "), &id)) {
        return ONUS_LINE_IGNORED;
    }
    if (!onus_str_skip(&rest, ONUS_STR("AUTH failure ("))) {
        return parse_attack(rest, event);
    }
    event->method = onus_str_sub(rest, 0, onus_str_find_char(rest, ')'));
    size_t at = onus_str_rfind(rest, key);
    if (at == ONUS_STR_NPOS) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str client = onus_str_from(rest, at + key.len);
    rest = onus_str_sub(rest, 0, at);
    if (!take_client(&client, event)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t user = onus_str_find(rest, ONUS_STR(", user="));
    if (user != ONUS_STR_NPOS) {
        onus_message_set_account(event, onus_str_from(rest, user + 7));
    }
    return failed(event, "AUTH failure");
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    event->service = (uint8_t)service_of(event->program);
    event->marks |= ONUS_MARK_HANDSHAKE;
    struct onus_str rest = message;
    if (onus_str_skip(&rest, ONUS_STR("badlogin: "))) {
        return parse_badlogin(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("LOGIN FAILED, "))) {
        return parse_courier(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("error,relay="))) {
        return parse_courier_smtp(rest, event);
    }
    return event->service == ONUS_SERVICE_SMTP ? parse_sendmail(rest, event) : ONUS_LINE_IGNORED;
}

const struct onus_message_parser onus_message_mail = {
        .name = "mail",
        .takes = takes,
        .parse = parse,
};

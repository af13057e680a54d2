/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_fields.h"

/*
 * Postfix smtpd and postscreen. The client is written as "NAME[ADDRESS]" or "[ADDRESS]:PORT" behind
 * words of Postfix' own; NAME is a reverse name without blanks, and what the client sent comes after
 * the address. So the address is read from the front, at the first '['.
 */

static bool takes(struct onus_str program)
{
    return onus_str_begins(program, ONUS_STR("postfix"));
}

/*
 * "NAME[ADDRESS]" or "NAME[ADDRESS]:PORT" off the front. Whoever runs the reverse zone writes the name,
 * so the last bracket of the word counts.
 */
static bool take_client(struct onus_str *s, struct onus_event *event)
{
    struct onus_str rest = *s;
    struct onus_peer peer = {0};
    struct onus_str after = ONUS_STR_NONE;
    uint64_t port = 0;
    size_t open = onus_str_rfind_char(onus_str_sub(rest, 0, onus_str_find_char(rest, ' ')), '[');
    if (open == ONUS_STR_NPOS) {
        return false;
    }
    rest = onus_str_from(rest, open + 1);
    if (!onus_str_cut(&rest, ']', &peer.host)) {
        return false;
    }
    after = rest;
    if (onus_str_skip(&after, ONUS_STR(":")) && onus_str_take_u64(&after, &port) &&
            port <= UINT16_MAX) {
        peer.port = (uint16_t)port;
        rest = after;
    }
    if (!onus_message_set_source(event, &peer)) {
        return false;
    }
    *s = rest;
    return true;
}

static enum onus_line_verdict alert(struct onus_event *event, enum onus_finding finding,
        struct onus_str text, const char *rule)
{
    event->kind = ONUS_EVENT_ALERT;
    event->outcome = ONUS_OUTCOME_FAILED;
    event->findings |= ONUS_FINDING_BIT(finding);
    event->target = text;
    event->rule = rule;
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict probed(struct onus_event *event, enum onus_role role,
        struct onus_str detail, const char *rule)
{
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_PROTOCOL_PROBE);
    event->detail = detail;
    return onus_message_auth(event, ONUS_OUTCOME_PROBED, role, rule);
}

/* CLIENT: SASL MECH authentication failed: REASON[, sasl_username=NAME] */
static enum onus_line_verdict parse_sasl(struct onus_str rest, struct onus_event *event)
{
    struct onus_str mechanism = ONUS_STR_NONE;
    struct onus_str reason = ONUS_STR_NONE;
    if (!onus_str_cut(&rest, ' ', &mechanism) ||
            !onus_str_skip(&rest, ONUS_STR("authentication failed:"))) {
        return onus_message_ignore(event, "SASL notice");
    }
    event->method = mechanism;
    if (onus_str_cut_text(&rest, ONUS_STR(", sasl_username="), &reason)) {
        onus_message_set_account(event, rest);
    } else {
        reason = rest;
    }
    event->detail = onus_str_trim(reason);
    if (onus_str_eq(event->detail, ONUS_STR("Connection lost to authentication server"))) {
        return onus_message_ignore(event, "SASL without its server"); /* nobody checked anything */
    }
    if (onus_str_eq(event->detail, ONUS_STR("Invalid authentication mechanism"))) {
        return probed(event, ONUS_ROLE_CLOSE, event->detail, "SASL invalid mechanism");
    }
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT,
            "SASL authentication failed");
}

/* What exceeded: N from CLIENT for service NAME */
static enum onus_line_verdict parse_limit(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    struct onus_str head = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(" from "), &head) || !take_client(&rest, event)) {
        return ONUS_LINE_IGNORED;
    }
    return alert(event, ONUS_FINDING_RATE_LIMITED, head, "limit exceeded");
}

static enum onus_line_verdict parse_warning(struct onus_str rest, struct onus_event *event)
{
    struct onus_str text = rest;
    if (onus_str_skip(&rest, ONUS_STR("non-SMTP command from "))) {
        return take_client(&rest, event)
                       ? probed(event, ONUS_ROLE_CLOSE, onus_str_from(rest, 2), "non-SMTP command")
                       : ONUS_LINE_UNPARSED;
    }
    if (onus_str_has(onus_str_sub(rest, 0, 60), ONUS_STR(" limit exceeded: "))) {
        return parse_limit(text, event);
    }
    if (onus_str_has(rest, ONUS_STR("]: SASL ")) || onus_str_has(rest, ONUS_STR(": SASL "))) {
        return take_client(&rest, event) && onus_str_skip(&rest, ONUS_STR(": SASL "))
                       ? parse_sasl(rest, event)
                       : ONUS_LINE_IGNORED;
    }
    return ONUS_LINE_IGNORED;
}

/* reject: COMMAND from CLIENT: REASON */
static enum onus_line_verdict parse_reject(struct onus_str rest, struct onus_event *event)
{
    struct onus_str command = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(" from "), &command) || !take_client(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR(": "));
    event->method = command;
    size_t end = onus_str_find(rest, ONUS_STR("; from=<"));
    struct onus_str reason = onus_str_sub(rest, 0, end);
    bool relay = onus_str_has(reason, ONUS_STR("Relay access denied"));
    return alert(event, relay ? ONUS_FINDING_RELAY_ATTEMPT : ONUS_FINDING_SPAM_ATTEMPT, reason,
            "reject");
}

/* disconnect from CLIENT ... auth=OK/ALL ...: ALL without a slash means that all went well. */
static enum onus_line_verdict parse_disconnect(struct onus_str rest, struct onus_event *event)
{
    uint64_t good = 0;
    uint64_t all = 0;
    if (!take_client(&rest, event)) {
        return ONUS_LINE_IGNORED;
    }
    size_t at = onus_str_find(rest, ONUS_STR(" auth="));
    if (at == ONUS_STR_NPOS) {
        return onus_message_ignore(event, "disconnect");
    }
    rest = onus_str_from(rest, at + 6);
    if (!onus_str_take_u64(&rest, &good) || !onus_str_skip(&rest, ONUS_STR("/")) ||
            !onus_str_take_u64(&rest, &all) || all <= good || all > UINT32_MAX) {
        return onus_message_ignore(event, "disconnect");
    }
    event->count = (uint32_t)(all - good);
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_CLOSE, "disconnect auth=N/M");
}

/*
 * lost connection after COMMAND from CLIENT. After AUTH the disconnect line that follows counts the
 * tries; in the middle of a message it happens to everybody.
 */
static enum onus_line_verdict parse_lost(struct onus_str rest, struct onus_event *event)
{
    struct onus_str command = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(" from "), &command) || !take_client(&rest, event)) {
        return ONUS_LINE_IGNORED;
    }
    event->method = command;
    if (onus_str_begins(command, ONUS_STR("AUTH")) || onus_str_begins(command, ONUS_STR("DATA")) ||
            onus_str_begins(command, ONUS_STR("RCPT")) ||
            onus_str_begins(command, ONUS_STR("MAIL")) ||
            onus_str_begins(command, ONUS_STR("BDAT")) ||
            onus_str_begins(command, ONUS_STR("END-OF-MESSAGE"))) {
        return onus_message_ignore(event, "lost connection");
    }
    return onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, "lost connection");
}

/* WORDS after COMMAND from CLIENT[: TEXT] */
static enum onus_line_verdict parse_after(struct onus_str rest, struct onus_event *event,
        bool limit)
{
    struct onus_str command = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(" from "), &command) || !take_client(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    event->method = command;
    return limit ? alert(event, ONUS_FINDING_RATE_LIMITED, command, "too many errors")
                 : probed(event, ONUS_ROLE_CLOSE, onus_str_from(rest, 2), "improper pipelining");
}

/* postscreen: WORDS from [ADDRESS]:PORT[ ...] */
static enum onus_line_verdict parse_postscreen(struct onus_str rest, struct onus_event *event)
{
    struct onus_str head = ONUS_STR_NONE;
    if (onus_str_skip(&rest, ONUS_STR("DNSBL rank "))) {
        if (!onus_str_cut_text(&rest, ONUS_STR(" for "), &head) || !take_client(&rest, event)) {
            return ONUS_LINE_UNPARSED;
        }
        return alert(event, ONUS_FINDING_SPAM_ATTEMPT, ONUS_STR("DNSBL"), "postscreen DNSBL");
    }
    if (!onus_str_begins(rest, ONUS_STR("PREGREET ")) &&
            !onus_str_begins(rest, ONUS_STR("HANGUP ")) &&
            !onus_str_begins(rest, ONUS_STR("COMMAND ")) &&
            !onus_str_begins(rest, ONUS_STR("NON-SMTP COMMAND ")) &&
            !onus_str_begins(rest, ONUS_STR("BARE NEWLINE "))) {
        return ONUS_LINE_IGNORED;
    }
    if (!onus_str_cut_text(&rest, ONUS_STR(" from "), &head) || !take_client(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    return probed(event, ONUS_ROLE_CLOSE, head, "postscreen");
}

/* client=CLIENT, sasl_method=M, sasl_username=NAME */
static enum onus_line_verdict parse_client(struct onus_str rest, struct onus_event *event)
{
    struct onus_str method = ONUS_STR_NONE;
    if (!take_client(&rest, event) || !onus_str_skip(&rest, ONUS_STR(", sasl_method=")) ||
            !onus_str_cut_text(&rest, ONUS_STR(", sasl_username="), &method)) {
        return onus_message_ignore(event, "client");
    }
    event->method = method;
    onus_message_set_account(event, rest);
    return onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT,
            "client with sasl_username");
}

/* "QUEUEID: " or "NOQUEUE: " in front of what follows */
static bool take_queue_id(struct onus_str *s)
{
    struct onus_str rest = *s;
    size_t end = 0;
    while (end < rest.len && end < 24 &&
            ((rest.ptr[end] >= 'A' && rest.ptr[end] <= 'Z') || onus_is_digit(rest.ptr[end]) ||
                    (rest.ptr[end] >= 'a' && rest.ptr[end] <= 'z'))) {
        end++;
    }
    rest = onus_str_from(rest, end);
    if (end == 0 || !onus_str_skip(&rest, ONUS_STR(": "))) {
        return false;
    }
    *s = rest;
    return true;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    struct onus_str rest = message;
    event->service = ONUS_SERVICE_SMTP;
    event->marks |= ONUS_MARK_HANDSHAKE;
    if (onus_str_ends(event->program, ONUS_STR("/postscreen")) &&
            !onus_str_begins(rest, ONUS_STR("NOQUEUE: "))) {
        return parse_postscreen(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("warning: "))) {
        return parse_warning(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("disconnect from "))) {
        return parse_disconnect(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("improper command pipelining after "))) {
        return parse_after(rest, event, false);
    }
    if (onus_str_skip(&rest, ONUS_STR("too many errors after "))) {
        return parse_after(rest, event, true);
    }
    if (onus_str_skip(&rest, ONUS_STR("SSL_accept error from "))) {
        return take_client(&rest, event) ? probed(event, ONUS_ROLE_SUMMARY, onus_str_from(rest, 2),
                                                   "SSL_accept error")
                                         : ONUS_LINE_IGNORED;
    }
    (void)take_queue_id(&rest);
    if (onus_str_skip(&rest, ONUS_STR("lost connection after "))) {
        return parse_lost(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("client="))) {
        return parse_client(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("reject: ")) ||
            onus_str_skip(&rest, ONUS_STR("milter-reject: "))) {
        return parse_reject(rest, event);
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_message_parser onus_message_postfix = {
        .name = "postfix",
        .takes = takes,
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_fields.h"

/* Programs that watch others: endlessh (an SSH tarpit), scanlogd, Fail2ban, xinetd. */

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("endlessh")) ||
           onus_str_eq(program, ONUS_STR("scanlogd")) || onus_str_eq(program, ONUS_STR("xinetd")) ||
           onus_str_begins(program, ONUS_STR("fail2ban"));
}

static enum onus_line_verdict alert(struct onus_event *event, enum onus_finding finding,
        struct onus_str text, const char *rule)
{
    event->kind = ONUS_EVENT_ALERT;
    event->findings |= ONUS_FINDING_BIT(finding);
    event->target = text;
    event->rule = rule;
    return ONUS_LINE_PARSED;
}

/* ACCEPT host=ADDRESS port=N ...; nobody can log in there, so every connection is a probe. */
static enum onus_line_verdict parse_endlessh(struct onus_str rest, struct onus_event *event)
{
    struct onus_peer peer = {0};
    uint64_t port = 0;
    event->service = ONUS_SERVICE_SSH;
    event->marks |= ONUS_MARK_HANDSHAKE;
    if (!onus_str_skip(&rest, ONUS_STR("ACCEPT host="))) {
        return ONUS_LINE_IGNORED;
    }
    if (!onus_str_cut_text(&rest, ONUS_STR(" port="), &peer.host) ||
            !onus_str_take_u64(&rest, &port) || port > UINT16_MAX) {
        return ONUS_LINE_UNPARSED;
    }
    peer.port = (uint16_t)port;
    event->session = 0; /* one process serves all connections */
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_DECOY);
    return onus_message_set_source(event, &peer)
                   ? onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, "ACCEPT")
                   : ONUS_LINE_UNPARSED;
}

/* ADDRESS[:PORT] to ADDRESS ports 80, 81, ... */
static enum onus_line_verdict parse_scanlogd(struct onus_str rest, struct onus_event *event)
{
    struct onus_peer peer = {0};
    struct onus_peer dest = {0};
    event->service = ONUS_SERVICE_NETWORK;
    if (!onus_str_cut_text(&rest, ONUS_STR(" to "), &peer.host) ||
            !onus_message_set_source(event, &peer) || !event->has_source) {
        return ONUS_LINE_IGNORED;
    }
    dest.host = onus_str_sub(rest, 0, onus_str_find_char(rest, ' '));
    (void)onus_message_set_dest(event, &dest);
    event->marks |= ONUS_MARK_SPOOFABLE;
    event->detail = onus_str_from(rest, dest.host.len + 1);
    return alert(event, ONUS_FINDING_PORT_SCAN, ONUS_STR("port scan"), "scanlogd");
}

/* FAIL: SERVICE WHY from=ADDRESS */
static enum onus_line_verdict parse_xinetd(struct onus_str rest, struct onus_event *event)
{
    struct onus_str text = rest;
    struct onus_peer peer = {0};
    if (!onus_str_skip(&rest, ONUS_STR("FAIL: "))) {
        return ONUS_LINE_IGNORED;
    }
    event->detail = rest;
    size_t at = onus_str_rfind(text, ONUS_STR(" from="));
    if (at == ONUS_STR_NPOS) {
        return ONUS_LINE_IGNORED;
    }
    peer.host = onus_str_from(text, at + 6);
    event->service =
            onus_str_begins(rest, ONUS_STR("telnet")) ? ONUS_SERVICE_TELNET : ONUS_SERVICE_UNKNOWN;
    return onus_message_set_source(event, &peer)
                   ? onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, "FAIL")
                   : ONUS_LINE_IGNORED;
}

/* ... NOTICE [JAIL] Ban ADDRESS: a verdict of its own rules about lines that may be read as well. */
static enum onus_line_verdict parse_fail2ban(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    struct onus_str head = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut_text(&rest, ONUS_STR("] Ban "), &head)) {
        return ONUS_LINE_IGNORED;
    }
    size_t open = onus_str_rfind_char(head, '[');
    struct onus_str jail = onus_str_from(head, open == ONUS_STR_NPOS ? head.len : open + 1);
    peer.host = onus_str_trim(rest);
    if (onus_str_eq(jail, ONUS_STR("recidive")) || !onus_message_set_source(event, &peer)) {
        return onus_message_ignore(event, "Ban"); /* a ban for earlier bans */
    }
    event->detail = jail;
    return alert(event, ONUS_FINDING_RATE_LIMITED, ONUS_STR("ban by Fail2ban"), "Ban");
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    switch (event->program.ptr[0]) {
    case 'e':
        return parse_endlessh(message, event);
    case 's':
        return parse_scanlogd(message, event);
    case 'x':
        return parse_xinetd(message, event);
    default:
        return parse_fail2ban(message, event);
    }
}

const struct onus_message_parser onus_message_watch = {
        .name = "watch",
        .takes = takes,
        .parse = parse,
};

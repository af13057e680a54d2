/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_sshd.h"

/*
 * Messages of sshd that name no address: it stands on other lines of the same process, and
 * sessions_join.h brings it here. Without one they count nothing, and they are no try of their own:
 * they close a connection or sum one up.
 */

static enum onus_line_verdict broke_off(struct onus_str detail, struct onus_event *event,
        const char *rule)
{
    event->detail = detail;
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_PROTOCOL_PROBE);
    return onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, rule);
}

/* Disconnecting: Too many authentication failures[ for NAME], or another reason */
static enum onus_line_verdict parse_disconnecting(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    static const char rule[] = "Disconnecting:";
    event->detail = rest;
    if (onus_str_skip(&rest, ONUS_STR("Too many authentication failures"))) {
        if (onus_str_skip(&rest, ONUS_STR(" for "))) {
            onus_message_set_account(event, onus_message_unvis(m->context, rest));
        }
        return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_SUMMARY, rule);
    }
    if (onus_str_begins(rest, ONUS_STR("Change of username or service not allowed: "))) {
        return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_SUMMARY, rule);
    }
    return m->preauth ? broke_off(event->detail, event, rule) : onus_message_ignore(event, rule);
}

/* Read from socket failed: REASON: a connection that got in can break too. */
static enum onus_line_verdict parse_socket(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    static const char rule[] = "socket failed";
    if (!m->preauth) {
        return onus_message_ignore(event, rule);
    }
    event->detail = rest;
    return onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, rule);
}

/* kex_exchange_identification: client sent invalid protocol identifier "TEXT", or how it ended */
static enum onus_line_verdict parse_identification(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    (void)m;
    struct onus_str text = rest;
    if (onus_str_skip(&text, ONUS_STR("client sent invalid protocol identifier \""))) {
        (void)onus_str_drop(&text, ONUS_STR("\""));
        event->agent = text;
    }
    return broke_off(rest, event, "kex_exchange_identification");
}

/* Unable to negotiate a key exchange method; no matching WHAT found: client LIST server LIST */
static enum onus_line_verdict parse_no_match(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    (void)m;
    return broke_off(rest, event, "no common algorithm");
}

/*
 * Connection from HOST port N on LOCAL port N: a connection begins. It is nobody's try, but it names
 * the address of all lines to come.
 */
static enum onus_line_verdict parse_begin(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    static const char rule[] = "Connection from";
    struct onus_peer peer = {0};
    struct onus_peer local = {0};
    (void)m;
    if (!onus_peer_take(&rest, &peer) || peer.port == 0 || !onus_message_set_source(event, &peer)) {
        return onus_message_ignore(event, rule);
    }
    if (onus_str_skip(&rest, ONUS_STR(" on ")) && onus_peer_take(&rest, &local)) {
        (void)onus_message_set_dest(event, &local);
    }
    event->kind = ONUS_EVENT_CONNECTION;
    event->outcome = ONUS_OUTCOME_SUCCEEDED;
    event->rule = rule;
    return ONUS_LINE_PARSED;
}

/* SSH: Server;Ltype: WHAT;Remote: HOST-PORT;...: builds with the HPN patches. */
static enum onus_line_verdict parse_hpn(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    static const char rule[] = "SSH: Server;Ltype";
    struct onus_str what = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    uint64_t port = 0;
    (void)m;
    if (!onus_str_cut(&rest, ';', &what) || !onus_str_skip(&rest, ONUS_STR("Remote: ")) ||
            !onus_str_cut(&rest, '-', &peer.host) || !onus_str_take_u64(&rest, &port) ||
            port > UINT16_MAX || !onus_str_begins(rest, ONUS_STR(";"))) {
        return onus_message_ignore(event, rule);
    }
    peer.port = (uint16_t)port;
    if (!onus_message_set_source(event, &peer)) {
        return onus_message_ignore(event, rule);
    }
    event->kind = ONUS_EVENT_CONNECTION;
    event->outcome = ONUS_OUTCOME_SUCCEEDED;
    event->rule = rule;
    return ONUS_LINE_PARSED;
}

typedef enum onus_line_verdict reader(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event);

struct form {
    struct onus_str prefix;
    reader *read;
};

static const struct form forms[] = {
        {{"Connection from ", 16}, parse_begin},
        {{"Disconnecting: ", 15}, parse_disconnecting},
        {{"kex_exchange_identification: ", 29}, parse_identification},
        {{"Read from socket failed: ", 25}, parse_socket},
        {{"Write failed: ", 14}, parse_socket},
        {{"Unable to negotiate a ", 22}, parse_no_match},
        {{"no matching ", 12}, parse_no_match},
        {{"no hostkey alg", 14}, parse_no_match},
        {{"SSH: Server;Ltype: ", 19}, parse_hpn},
};

enum onus_line_verdict onus_sshd_bare(const struct onus_sshd_message *message,
        struct onus_event *event)
{
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        struct onus_str rest = message->text;
        if (rest.ptr[0] == forms[i].prefix.ptr[0] && onus_str_skip(&rest, forms[i].prefix)) {
            return forms[i].read(message, rest, event);
        }
    }
    return ONUS_LINE_IGNORED;
}

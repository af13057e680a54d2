/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_sshd.h"

/*
 * Connections to sshd that ended before a log-in. The text before the address may be a user name of
 * the remote side's choice ("Connection closed by invalid user NAME HOST port N"), so there the
 * address is read from the end; after "Received disconnect from HOST port N:" follows the remote
 * side's farewell, so there it is read from the front.
 */

static enum onus_line_verdict probed(struct onus_event *event, const struct onus_peer *peer,
        enum onus_finding finding, const char *rule)
{
    if (!onus_message_set_source(event, peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (finding != ONUS_FINDING_MAX) {
        event->findings |= ONUS_FINDING_BIT(finding);
    }
    return onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, rule);
}

/*
 * [authenticating user NAME |invalid user NAME |user NAME ]HOST port N
 */
static enum onus_line_verdict read_preamble(const struct onus_sshd_message *m, struct onus_str text,
        struct onus_event *event, const char *rule)
{
    struct onus_peer peer = {0};
    if (!onus_peer_drop(&text, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (text.len == 0) {
        /* Without a port this is how old versions log a normal end too. */
        if (!m->preauth && peer.port == 0) {
            return onus_message_ignore(event, rule);
        }
        return probed(event, &peer, ONUS_FINDING_MAX, rule);
    }
    if (peer.port == 0) { /* the form with a name always has a port: this line was cut */
        return ONUS_LINE_UNPARSED;
    }
    enum onus_outcome outcome = ONUS_OUTCOME_FAILED;
    if (onus_str_skip(&text, ONUS_STR("invalid user"))) {
        outcome = ONUS_OUTCOME_NO_ACCOUNT;
    } else if (!onus_str_skip(&text, ONUS_STR("authenticating user"))) {
        return onus_message_ignore(event, rule); /* "user NAME": somebody logged in leaves */
    }
    if (!onus_message_set_source(event, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&text, ONUS_STR(" "));
    onus_message_set_account(event, onus_message_unvis(m->context, text));
    return onus_message_auth(event, outcome, ONUS_ROLE_CLOSE, rule);
}

static enum onus_line_verdict parse_closed(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    return read_preamble(m, rest, event, "Connection closed by");
}

static enum onus_line_verdict parse_reset(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    return read_preamble(m, rest, event, "Connection reset by");
}

/* "Disconnected from HOST port N" without [preauth] is a normal end in versions before 7.6. */
static enum onus_line_verdict parse_disconnected(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    if (!m->preauth) {
        return onus_message_ignore(event, "Disconnected from");
    }
    return read_preamble(m, rest, event, "Disconnected from");
}

/* "Connection from [authenticating user NAME ]HOST port N timed out"; else a connection begins. */
static enum onus_line_verdict parse_connection_from(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    if (!onus_str_drop(&rest, ONUS_STR(" timed out"))) {
        return onus_sshd_bare(m, event);
    }
    return read_preamble(m, rest, event, "Connection timed out");
}

/*
 * Received disconnect from HOST[ port N]: CODE: FAREWELL. Versions that write the port write a
 * "Disconnected from" line of the same connection too, so theirs adds nothing.
 */
static enum onus_line_verdict parse_received(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    struct onus_peer peer = {0};
    uint64_t code = 0;
    if (!onus_peer_take(&rest, &peer) || !onus_str_skip(&rest, ONUS_STR(":"))) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR(" "));
    if (!onus_str_take_u64(&rest, &code) || !onus_str_skip(&rest, ONUS_STR(":"))) {
        return ONUS_LINE_UNPARSED;
    }
    event->detail = onus_str_trim(rest);
    event->status = code <= UINT16_MAX ? (uint16_t)code : 0;
    bool refused = onus_str_ends(rest, ONUS_STR("Auth fail"));
    if (!m->preauth && !refused) {
        return onus_message_ignore(event, "Received disconnect");
    }
    enum onus_line_verdict verdict = probed(event, &peer, ONUS_FINDING_MAX, "Received disconnect");
    if (verdict == ONUS_LINE_PARSED && (refused || peer.port != 0)) {
        event->outcome = refused ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_PROBED;
        event->role = ONUS_ROLE_SUMMARY;
    }
    return verdict;
}

/*
 * Disconnecting {authenticating|invalid} user NAME HOST port N: REASON. The second reason repeats
 * names of the remote side's choice: when its words stand there twice, nobody can tell where NAME
 * ends, and no address is reported.
 */
static enum onus_line_verdict parse_disconnecting(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    const struct onus_str changed = ONUS_STR(": Change of username or service not allowed: (");
    if (!onus_str_drop(&rest, ONUS_STR(": Too many authentication failures"))) {
        size_t at = onus_str_find(rest, changed);
        if (at == ONUS_STR_NPOS || at != onus_str_rfind(rest, changed)) {
            return onus_message_ignore(event, "Disconnecting");
        }
        event->detail = onus_str_from(rest, at + 2);
        rest = onus_str_sub(rest, 0, at);
    }
    enum onus_line_verdict verdict = read_preamble(m, rest, event, "Disconnecting");
    event->role = ONUS_ROLE_SUMMARY;
    return verdict;
}

/* Did not receive identification string from HOST[ port N] */
static enum onus_line_verdict parse_no_banner(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    return onus_peer_take(&rest, &peer) ? probed(event, &peer, ONUS_FINDING_PROTOCOL_PROBE,
                                                  "Did not receive identification string")
                                        : ONUS_LINE_UNPARSED;
}

/* Bad protocol version identification 'TEXT' from HOST port N: TEXT is the remote side's. */
static enum onus_line_verdict parse_bad_banner(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    if (!onus_peer_drop(&rest, &peer) || !onus_str_drop(&rest, ONUS_STR("' from"))) {
        return ONUS_LINE_UNPARSED;
    }
    event->agent = rest;
    return probed(event, &peer, ONUS_FINDING_PROTOCOL_PROBE, "Bad protocol version identification");
}

/* Connection from [authenticating user NAME ]HOST port N: WHAT, behind the name of a function */
static enum onus_line_verdict parse_broken(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    struct onus_peer peer = {0};
    size_t at = onus_str_rfind(rest, ONUS_STR(": "));
    if (!onus_str_skip(&rest, ONUS_STR("Connection from ")) || at == ONUS_STR_NPOS) {
        return onus_message_ignore(event, "broken connection");
    }
    at -= sizeof("Connection from ") - 1;
    event->detail = onus_str_from(rest, at + 2);
    rest = onus_str_sub(rest, 0, at);
    if (!onus_peer_drop(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_str_skip(&rest, ONUS_STR("authenticating user ")) ||
            onus_str_skip(&rest, ONUS_STR("invalid user "))) {
        onus_message_set_account(event, onus_message_unvis(m->context, rest));
    } else if (onus_str_begins(rest, ONUS_STR("user "))) {
        return onus_message_ignore(event, "broken connection");
    }
    bool held = onus_str_eq(event->detail, ONUS_STR("message authentication code incorrect"));
    return probed(event, &peer, held ? ONUS_FINDING_PRE_AUTH_EXPLOIT : ONUS_FINDING_PROTOCOL_PROBE,
            "broken connection");
}

/* Unable to negotiate with HOST port N: no matching WHAT found. Their offer: LIST */
static enum onus_line_verdict parse_negotiate(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    if (!onus_peer_take(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    event->detail = onus_str_from(rest, 2);
    return probed(event, &peer, ONUS_FINDING_PROTOCOL_PROBE, "Unable to negotiate");
}

/* "... from HOST port N" at the end, or followed by " with VERSION.  Don't panic." */
static enum onus_line_verdict parse_scanned(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    if (!onus_peer_take(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    event->agent = onus_str_from(rest, sizeof(" with ") - 1);
    return probed(event, &peer, ONUS_FINDING_PROTOCOL_PROBE, "scanned");
}

/* Magic value check failed (N) on obfuscated handshake from HOST port N */
static enum onus_line_verdict parse_magic(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    if (!onus_peer_drop(&rest, &peer) || !onus_str_ends(rest, ONUS_STR(" from"))) {
        return ONUS_LINE_UNPARSED;
    }
    return probed(event, &peer, ONUS_FINDING_PROTOCOL_PROBE, "Magic value check failed");
}

/* Protocol major versions differ for HOST[ port N]: OURS vs. THEIRS */
static enum onus_line_verdict parse_versions(const struct onus_sshd_message *m,
        struct onus_str rest, struct onus_event *event)
{
    return parse_negotiate(m, rest, event);
}

/* Timeout before authentication for {HOST[ port N]|connection from HOST to LOCAL, pid = N} */
static enum onus_line_verdict parse_timeout(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    (void)onus_str_skip(&rest, ONUS_STR("connection from "));
    if (!onus_peer_take(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_str_skip(&rest, ONUS_STR(" to "))) {
        struct onus_peer local = {.host = onus_str_sub(rest, 0, onus_str_find_char(rest, ','))};
        (void)onus_message_set_dest(event, &local);
    }
    return probed(event, &peer, ONUS_FINDING_PRE_AUTH_EXPLOIT, "Timeout before authentication");
}

/* "[HOST]:PORT" off the front */
static bool take_bracketed(struct onus_str *s, struct onus_peer *out)
{
    struct onus_str host = ONUS_STR_NONE;
    struct onus_str rest = *s;
    uint64_t port = 0;
    if (!onus_str_skip(&rest, ONUS_STR("[")) || !onus_str_cut(&rest, ']', &host) ||
            !onus_str_skip(&rest, ONUS_STR(":")) || !onus_str_take_u64(&rest, &port) ||
            port > UINT16_MAX) {
        return false;
    }
    *out = (struct onus_peer){.host = host, .port = (uint16_t)port};
    *s = rest;
    return true;
}

/* drop connection #N from [HOST]:PORT on [LOCAL]:PORT REASON */
static enum onus_line_verdict parse_drop(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    struct onus_peer local = {0};
    uint64_t number = 0;
    if (!onus_str_take_u64(&rest, &number) || !onus_str_skip(&rest, ONUS_STR(" from ")) ||
            !take_bracketed(&rest, &peer) || !onus_message_set_source(event, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_str_skip(&rest, ONUS_STR(" on ")) && take_bracketed(&rest, &local)) {
        (void)onus_message_set_dest(event, &local);
    }
    event->kind = ONUS_EVENT_ALERT;
    event->outcome = ONUS_OUTCOME_FAILED;
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_RATE_LIMITED);
    event->target = onus_str_trim(rest);
    event->rule = "drop connection";
    return ONUS_LINE_PARSED;
}

/* refused connect from NAME (HOST): TCP wrappers; NAME may hold anything. */
static enum onus_line_verdict parse_refused(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event)
{
    (void)m;
    struct onus_peer peer = {0};
    size_t open = onus_str_rfind(rest, ONUS_STR(" ("));
    if (open != ONUS_STR_NPOS && onus_str_ends(rest, ONUS_STR(")"))) {
        peer.host = onus_str_sub(rest, open + 2, rest.len - open - 3);
    } else if (!onus_peer_take(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (!onus_message_set_source(event, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    event->kind = ONUS_EVENT_CONNECTION;
    event->outcome = ONUS_OUTCOME_FAILED;
    event->rule = "refused connect";
    return ONUS_LINE_PARSED;
}

typedef enum onus_line_verdict reader(const struct onus_sshd_message *m, struct onus_str rest,
        struct onus_event *event);

struct form {
    struct onus_str prefix;
    reader *read;
};

static const struct form forms[] = {
        {{"Connection closed by ", 21}, parse_closed},
        {{"Received disconnect from ", 25}, parse_received},
        {{"Disconnected from ", 18}, parse_disconnected},
        {{"Disconnecting ", 14}, parse_disconnecting},
        {{"Connection reset by ", 20}, parse_reset},
        {{"Connection from ", 16}, parse_connection_from},
        {{"Did not receive identification string from ", 43}, parse_no_banner},
        {{"Unable to negotiate with ", 25}, parse_negotiate},
        {{"banner exchange: ", 17}, parse_broken},
        {{"ssh_dispatch_run_fatal: ", 24}, parse_broken},
        {{"Bad protocol version identification '", 37}, parse_bad_banner},
        {{"Timeout before authentication for ", 34}, parse_timeout},
        {{"drop connection #", 17}, parse_drop},
        {{"refused connect from ", 21}, parse_refused},
        {{"scanned from ", 13}, parse_scanned},
        {{"probed from ", 12}, parse_scanned},
        {{"Magic value check failed ", 25}, parse_magic},
        {{"Protocol major versions differ for ", 35}, parse_versions},
};

enum onus_line_verdict onus_sshd_connection(const struct onus_sshd_message *message,
        struct onus_event *event)
{
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        struct onus_str rest = message->text;
        if (rest.ptr[0] == forms[i].prefix.ptr[0] && onus_str_skip(&rest, forms[i].prefix)) {
            return forms[i].read(message, rest, event);
        }
    }
    return onus_sshd_bare(message, event);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/message_sshd.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * A few messages make up most of a log that guessing programs wrote. Here they are read in the one
 * spelling that every version of the last years writes; whatever is not exactly that, or holds
 * something that must be undone, goes to the parser. Text of the remote side is passed over as there:
 * from the end.
 */

enum {
    HOST_TEXT = 48, /* longer than any address */
    PORT_DIGITS = 5,
    PORT_MAX = 65535
};

/* The line in hand. */
struct quick {
    struct onus_syslog_memo *memo;
    struct onus_str message;
    struct onus_event *event;
    struct onus_address address;
    struct onus_str host;
    uint16_t port;
};

/* Offset of the last blank among the last HOST_TEXT bytes, or ONUS_STR_NPOS. */
static size_t last_blank(struct onus_str s)
{
    size_t at = s.len;
    size_t least = s.len > HOST_TEXT ? s.len - HOST_TEXT : 0;
#ifdef __SSE2__
    const __m128i blanks = _mm_set1_epi8(' ');
    while (at >= least + sizeof(blanks)) {
        at -= sizeof(blanks);
        __m128i bytes = _mm_loadu_si128((const __m128i_u *)(s.ptr + at));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, blanks));
        if (found != 0) {
            return at + 31 - (unsigned)__builtin_clz(found);
        }
    }
#endif
    while (at > least) {
        if (s.ptr[--at] == ' ') {
            return at;
        }
    }
    return ONUS_STR_NPOS;
}

/* " port N" off the end, with a port that is one. */
static bool drop_port(struct onus_str *s, uint16_t *out)
{
    size_t at = s->len;
    unsigned value = 0;
    unsigned weight = 1;
    for (; at > 0 && s->len - at < PORT_DIGITS && onus_is_digit(s->ptr[at - 1]); at--) {
        value += weight * (unsigned)(s->ptr[at - 1] - '0');
        weight *= 10;
    }
    struct onus_str head = {s->ptr, at};
    if (at == s->len || value == 0 || value > PORT_MAX ||
            !onus_str_drop(&head, ONUS_STR(" port "))) {
        return false;
    }
    *out = (uint16_t)value;
    *s = head;
    return true;
}

static bool read_address(struct quick *q, struct onus_str host)
{
    q->host = host;
    return onus_syslog_read_address(q->memo, q->event->session, host, &q->address);
}

/* " ADDRESS port N" off the end. */
static bool drop_peer(struct quick *q, struct onus_str *s)
{
    struct onus_str rest = *s;
    if (!drop_port(&rest, &q->port)) {
        return false;
    }
    size_t blank = last_blank(rest);
    if (blank == ONUS_STR_NPOS || !read_address(q, onus_str_from(rest, blank + 1))) {
        return false;
    }
    *s = onus_str_sub(rest, 0, blank);
    return true;
}

/* A name as it stands on the line is the name that was tried. */
static bool is_plain_name(struct onus_str name)
{
    return onus_str_find_char(name, '\\') == ONUS_STR_NPOS;
}

static enum onus_line_verdict tell(struct quick *q, enum onus_outcome outcome, enum onus_role role,
        const char *rule)
{
    q->event->service = ONUS_SERVICE_SSH;
    q->event->source = q->address;
    q->event->has_source = true;
    q->event->source_port = q->port;
    q->event->source_text = q->host;
    return onus_message_auth(q->event, outcome, role, rule);
}

/* What the server says itself; lines of PAM come without knowing of a connection. */
static enum onus_line_verdict tell_peer(struct quick *q, enum onus_outcome outcome,
        enum onus_role role, const char *rule)
{
    q->event->marks |= ONUS_MARK_HANDSHAKE;
    return tell(q, outcome, role, rule);
}

/* Failed password for [invalid user ]NAME from ADDRESS port N ssh2 */
static enum onus_line_verdict read_failed(struct quick *q)
{
    const size_t method_at = sizeof("Failed ") - 1;
    const size_t method_length = sizeof("password") - 1;
    struct onus_str rest = q->message;
    if (!onus_str_skip(&rest, ONUS_STR("Failed password for ")) ||
            !onus_str_drop(&rest, ONUS_STR(" ssh2"))) {
        return ONUS_LINE_UNPARSED;
    }
    bool invalid = onus_str_skip(&rest, ONUS_STR("invalid user "));
    bool other = !invalid && onus_str_begins(rest, ONUS_STR("illegal user "));
    if (other || !drop_peer(q, &rest) || !onus_str_drop(&rest, ONUS_STR(" from")) ||
            !is_plain_name(rest) ||
            (rest.len > 0 && rest.ptr[0] == '<')) { /* "<invalid username>" is no name */
        return ONUS_LINE_UNPARSED;
    }
    q->event->method = onus_str_sub(q->message, method_at, method_length);
    onus_message_set_account(q->event, rest);
    return tell_peer(q, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT,
            "Failed METHOD");
}

/* Invalid user NAME from ADDRESS port N */
static enum onus_line_verdict read_invalid(struct quick *q)
{
    struct onus_str rest = q->message;
    if (!onus_str_skip(&rest, ONUS_STR("Invalid user")) || !onus_str_begins(rest, ONUS_STR(" ")) ||
            !drop_peer(q, &rest) || !onus_str_drop(&rest, ONUS_STR(" from")) ||
            !is_plain_name(rest)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR(" "));
    onus_message_set_account(q->event, rest);
    return tell_peer(q, ONUS_OUTCOME_NO_ACCOUNT, ONUS_ROLE_ACCOUNT, "Invalid user");
}

/* {authenticating|invalid} user NAME ADDRESS port N [preauth] */
static enum onus_line_verdict read_preamble(struct quick *q, struct onus_str rest, const char *rule)
{
    if (!onus_str_drop(&rest, ONUS_STR(" [preauth]")) || !drop_peer(q, &rest)) {
        return ONUS_LINE_UNPARSED;
    }
    bool invalid = onus_str_skip(&rest, ONUS_STR("invalid user"));
    if ((!invalid && !onus_str_skip(&rest, ONUS_STR("authenticating user"))) ||
            !is_plain_name(rest)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR(" "));
    onus_message_set_account(q->event, rest);
    return tell_peer(q, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED, ONUS_ROLE_CLOSE,
            rule);
}

static enum onus_line_verdict read_closed(struct quick *q)
{
    struct onus_str rest = q->message;
    return onus_str_skip(&rest, ONUS_STR("Connection closed by "))
                   ? read_preamble(q, rest, "Connection closed by")
                   : ONUS_LINE_UNPARSED;
}

static enum onus_line_verdict read_disconnected(struct quick *q)
{
    struct onus_str rest = q->message;
    return onus_str_skip(&rest, ONUS_STR("Disconnected from "))
                   ? read_preamble(q, rest, "Disconnected from")
                   : ONUS_LINE_UNPARSED;
}

/* Received disconnect from ADDRESS port N:CODE: FAREWELL [preauth] */
static enum onus_line_verdict read_received(struct quick *q)
{
    struct onus_str rest = q->message;
    uint64_t port = 0;
    uint64_t code = 0;
    if (!onus_str_skip(&rest, ONUS_STR("Received disconnect from ")) ||
            !onus_str_drop(&rest, ONUS_STR(" [preauth]"))) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str host =
            onus_str_sub(rest, 0, onus_str_find_char(onus_str_sub(rest, 0, HOST_TEXT), ' '));
    rest = onus_str_from(rest, host.len);
    if (host.len == 0 || host.ptr[host.len - 1] == ':' ||
            !onus_str_skip(&rest, ONUS_STR(" port ")) || !onus_str_take_u64(&rest, &port) ||
            port == 0 || port > PORT_MAX || !onus_str_skip(&rest, ONUS_STR(":")) ||
            !onus_str_take_u64(&rest, &code) || !onus_str_skip(&rest, ONUS_STR(":")) ||
            onus_str_ends(rest, ONUS_STR("Auth fail")) || onus_str_ends(rest, ONUS_STR("]")) ||
            !read_address(q, host)) {
        return ONUS_LINE_UNPARSED;
    }
    q->port = (uint16_t)port;
    q->event->detail = onus_str_trim(rest);
    q->event->status = code <= UINT16_MAX ? (uint16_t)code : 0;
    return tell_peer(q, ONUS_OUTCOME_PROBED, ONUS_ROLE_SUMMARY, "Received disconnect");
}

/* logname= uid=0 euid=0 tty=ssh ruser= rhost=ADDRESS[  user=NAME] */
static enum onus_line_verdict read_fields(struct quick *q, struct onus_str rest,
        enum onus_role role, const char *rule)
{
    if (!onus_str_skip(&rest, ONUS_STR("logname= uid=0 euid=0 tty=ssh ruser= rhost="))) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str host = onus_str_sub(rest, 0, onus_str_find_char(rest, ' '));
    rest = onus_str_from(rest, host.len);
    while (rest.len > 0 && rest.ptr[0] == ' ') {
        rest = onus_str_from(rest, 1);
    }
    bool named = onus_str_begins(rest, ONUS_STR("user="));
    if ((!named && rest.len > 0) || onus_str_ends(rest, ONUS_STR("]")) || !is_plain_name(rest) ||
            !read_address(q, host)) {
        return ONUS_LINE_UNPARSED;
    }
    if (named) {
        rest = onus_str_trim(rest);
        (void)onus_str_skip(&rest, ONUS_STR("user="));
        onus_message_set_account(q->event, rest);
    }
    q->event->method = ONUS_STR("pam");
    return tell(q, ONUS_OUTCOME_FAILED, role, rule);
}

/* pam_unix(sshd:auth): authentication failure; FIELDS, or something that is no failure */
static enum onus_line_verdict read_pam(struct quick *q)
{
    struct onus_str rest = q->message;
    if (!onus_str_skip(&rest, ONUS_STR("pam_unix(sshd:auth): ")) || rest.len == 0) {
        return ONUS_LINE_UNPARSED;
    }
    if (rest.ptr[0] != 'a') {
        q->event->service = ONUS_SERVICE_SSH;
        return onus_message_ignore(q->event, "PAM notice");
    }
    return onus_str_skip(&rest, ONUS_STR("authentication failure; "))
                   ? read_fields(q, rest, ONUS_ROLE_STACK, "PAM authentication failure")
                   : ONUS_LINE_UNPARSED;
}

/* PAM N more authentication failure[s]; FIELDS */
static enum onus_line_verdict read_more(struct quick *q)
{
    struct onus_str rest = q->message;
    uint64_t count = 0;
    if (!onus_str_skip(&rest, ONUS_STR("PAM ")) || !onus_str_take_u64(&rest, &count) ||
            count > UINT32_MAX || !onus_str_skip(&rest, ONUS_STR(" more authentication failure"))) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR("s"));
    if (!onus_str_skip(&rest, ONUS_STR("; "))) {
        return ONUS_LINE_UNPARSED;
    }
    enum onus_line_verdict verdict = read_fields(q, rest, ONUS_ROLE_SUMMARY, "PAM more failures");
    q->event->count = verdict == ONUS_LINE_PARSED ? (uint32_t)count : 0;
    return verdict;
}

static enum onus_line_verdict read_message(struct quick *q)
{
    switch (q->message.ptr[0]) {
    case 'C':
        return read_closed(q);
    case 'D':
        return read_disconnected(q);
    case 'F':
        return read_failed(q);
    case 'I':
        return read_invalid(q);
    case 'P':
        return read_more(q);
    case 'R':
        return read_received(q);
    case 'p':
        return read_pam(q);
    default:
        return ONUS_LINE_UNPARSED;
    }
}

bool onus_sshd_quick(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event, enum onus_line_verdict *verdict)
{
    struct quick q = {.memo = memo, .message = message, .event = event};
    *verdict = read_message(&q);
    return *verdict != ONUS_LINE_UNPARSED;
}

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
 *
 * Views are handed on by value, so that they stay in registers: one that is written to memory in
 * halves and read as a whole waits for the writing.
 */

enum {
    HOST_TEXT = 48, /* longer than any address */
    PORT_DIGITS = 5,
    PORT_MAX = 65535,
    WORD = 8,
};

/* What a message says of its peer. */
struct origin {
    struct onus_address address;
    struct onus_str host;
    uint16_t port;
};

/* What follows a text at the front, or a view whose pointer is NULL. */
static inline __attribute__((always_inline)) struct onus_str after(struct onus_str s,
        struct onus_str front)
{
    bool begins = s.len >= front.len && onus_same_bytes(s.ptr, front.ptr, front.len);
    return begins ? (struct onus_str){s.ptr + front.len, s.len - front.len} : ONUS_STR_NONE;
}

/* What precedes a text at the end, or a view whose pointer is NULL. */
static inline __attribute__((always_inline)) struct onus_str before(struct onus_str s,
        struct onus_str end)
{
    bool ends = s.len >= end.len && onus_same_bytes(s.ptr + s.len - end.len, end.ptr, end.len);
    return ends ? (struct onus_str){s.ptr, s.len - end.len} : ONUS_STR_NONE;
}

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

/* The number that the last digits at `end` are, 0 when it is none or too long; *digits: how many. */
static unsigned last_number(const char *end, size_t room, size_t *digits)
{
    unsigned value = 0;
    unsigned weight = 1;
    size_t n = 0;
    for (; n < room && n < PORT_DIGITS && onus_is_digit(end[-1 - (ptrdiff_t)n]); n++) {
        value += weight * (unsigned)(end[-1 - (ptrdiff_t)n] - '0');
        weight *= 10;
    }
    *digits = n;
    return value;
}

static struct onus_syslog_peer *peer_of(struct onus_syslog_memo *memo, uint64_t session)
{
    return &memo->peers[session % ONUS_SYSLOG_PEERS];
}

/* The same as onus_address_parse(), sooner when the session named this address before. */
static bool read_address(struct onus_syslog_peer *peer, struct onus_str host, struct origin *out)
{
    out->host = host;
    if (host.len > 0 && host.len == peer->host_length &&
            onus_same_bytes(host.ptr, peer->text, host.len)) {
        out->address = peer->address;
        return true;
    }
    if (!onus_address_parse(host, &out->address)) {
        return false;
    }
    if (host.len <= sizeof(peer->text)) {
        memcpy(peer->text, host.ptr, host.len);
        peer->length = peer->host_length = (uint8_t)host.len;
        peer->port = 0;
        peer->address = out->address;
    }
    return true;
}

static void take_origin(const struct onus_syslog_peer *peer, const char *at, struct origin *out)
{
    out->address = peer->address;
    out->host = (struct onus_str){at, peer->host_length};
    out->port = peer->port;
}

/* Remember "ADDRESS port N", whose address was just read. */
static void note_port(struct onus_syslog_peer *peer, struct onus_str text, uint16_t port)
{
    if (text.len <= sizeof(peer->text)) {
        memcpy(peer->text, text.ptr, text.len);
        peer->length = (uint8_t)text.len;
        peer->port = port;
    }
}

/* What precedes " ADDRESS port N" at the end, or a view whose pointer is NULL. */
static struct onus_str before_peer(struct onus_syslog_memo *memo, uint64_t session,
        struct onus_str s, struct origin *out)
{
    struct onus_syslog_peer *peer = peer_of(memo, session);
    size_t start = s.len - peer->length;
    if (peer->port != 0 && s.len > peer->length && s.ptr[start - 1] == ' ' &&
            onus_same_bytes(s.ptr + start, peer->text, peer->length)) {
        take_origin(peer, s.ptr + start, out);
        return (struct onus_str){s.ptr, start - 1};
    }
    size_t digits = 0;
    unsigned port = last_number(s.ptr + s.len, s.len, &digits);
    struct onus_str rest = before((struct onus_str){s.ptr, s.len - digits}, ONUS_STR(" port "));
    if (!rest.ptr || port == 0 || port > PORT_MAX) {
        return ONUS_STR_NONE;
    }
    size_t blank = last_blank(rest);
    struct onus_str host = onus_str_from(rest, blank + 1);
    if (blank == ONUS_STR_NPOS || !read_address(peer, host, out)) {
        return ONUS_STR_NONE;
    }
    out->port = (uint16_t)port;
    note_port(peer, onus_str_from(s, blank + 1), out->port);
    return (struct onus_str){s.ptr, blank};
}

/* What follows "ADDRESS port N" at the front, where a colon does; or a view whose pointer is NULL. */
static struct onus_str after_peer(struct onus_syslog_memo *memo, uint64_t session,
        struct onus_str s, struct origin *out)
{
    struct onus_syslog_peer *peer = peer_of(memo, session);
    if (peer->port != 0 && s.len > peer->length && s.ptr[peer->length] == ':' &&
            peer->text[peer->host_length - 1] != ':' && /* "2001:db8::" is read otherwise here */
            onus_same_bytes(s.ptr, peer->text, peer->length)) {
        take_origin(peer, s.ptr, out);
        return onus_str_from(s, peer->length);
    }
    size_t blank = onus_str_find_char(onus_str_sub(s, 0, HOST_TEXT), ' ');
    struct onus_str host = onus_str_sub(s, 0, blank);
    struct onus_str rest = after(onus_str_from(s, host.len), ONUS_STR(" port "));
    uint64_t port = 0;
    if (!rest.ptr || host.len == 0 || host.ptr[host.len - 1] == ':' ||
            !onus_str_take_u64(&rest, &port) || port == 0 || port > PORT_MAX || rest.len == 0 ||
            rest.ptr[0] != ':' || !read_address(peer, host, out)) {
        return ONUS_STR_NONE;
    }
    out->port = (uint16_t)port;
    note_port(peer, onus_str_sub(s, 0, s.len - rest.len), out->port);
    return rest;
}

/* Whether one of the eight bytes at p is a backslash. */
static bool has_backslash(const char *p, unsigned skipped)
{
    uint64_t word = 0;
    memcpy(&word, p, sizeof(word));
    word = (word ^ 0x5c5c5c5c5c5c5c5cu) >> (8 * skipped);
    word |= skipped > 0 ? ~(uint64_t)0 << (8 * (WORD - skipped)) : 0;
    return ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0;
}

/*
 * A name as it stands on the line is the name that was tried, if it holds no escape. There is a word of
 * the message before its end.
 */
static bool is_plain_name(struct onus_str name)
{
    const char *end = name.ptr + name.len;
    if (name.len > WORD || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) {
        return onus_str_find_char(name, '\\') == ONUS_STR_NPOS;
    }
    return name.len == 0 || !has_backslash(end - WORD, WORD - (unsigned)name.len);
}

static void set_account(struct onus_event *event, struct onus_str account)
{
    event->account.ptr = account.ptr;
    event->account.len = account.len;
    event->has_account = true;
}

static enum onus_line_verdict tell(struct onus_event *event, const struct origin *origin,
        enum onus_outcome outcome, enum onus_role role, const char *rule)
{
    event->service = ONUS_SERVICE_SSH;
    event->source = origin->address;
    event->has_source = true;
    event->source_port = origin->port;
    event->source_text.ptr = origin->host.ptr;
    event->source_text.len = origin->host.len;
    return onus_message_auth(event, outcome, role, rule);
}

/* What the server says itself; lines of PAM come without knowing of a connection. */
static enum onus_line_verdict tell_peer(struct onus_event *event, const struct origin *origin,
        enum onus_outcome outcome, enum onus_role role, const char *rule)
{
    event->marks |= ONUS_MARK_HANDSHAKE;
    return tell(event, origin, outcome, role, rule);
}

/* Failed password for [invalid user ]NAME from ADDRESS port N ssh2 */
static enum onus_line_verdict read_failed(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str rest = after(message, ONUS_STR("Failed password for "));
    rest = rest.ptr ? before(rest, ONUS_STR(" ssh2")) : rest;
    if (!rest.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str name = after(rest, ONUS_STR("invalid user "));
    bool invalid = name.ptr != NULL;
    name = invalid ? name : rest;
    if (!invalid && after(rest, ONUS_STR("illegal user ")).ptr) {
        return ONUS_LINE_UNPARSED;
    }
    struct origin origin;
    name = before_peer(memo, event->session, name, &origin);
    name = name.ptr ? before(name, ONUS_STR(" from")) : name;
    if (!name.ptr || !is_plain_name(name) ||
            (name.len > 0 && name.ptr[0] == '<')) { /* "<invalid username>" is no name */
        return ONUS_LINE_UNPARSED;
    }
    event->method.ptr = message.ptr + sizeof("Failed ") - 1;
    event->method.len = sizeof("password") - 1;
    set_account(event, name);
    return tell_peer(event, &origin, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED,
            ONUS_ROLE_ATTEMPT, "Failed METHOD");
}

/* Invalid user NAME from ADDRESS port N; the name may be empty, and then there is one blank. */
static enum onus_line_verdict read_invalid(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str rest = after(message, ONUS_STR("Invalid user"));
    struct origin origin;
    if (!rest.ptr || rest.len == 0 || rest.ptr[0] != ' ') {
        return ONUS_LINE_UNPARSED;
    }
    rest = before_peer(memo, event->session, rest, &origin);
    rest = rest.ptr ? before(rest, ONUS_STR(" from")) : rest;
    if (!rest.ptr || !is_plain_name(rest)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t blank = rest.len > 0 && rest.ptr[0] == ' ';
    set_account(event, (struct onus_str){rest.ptr + blank, rest.len - blank});
    return tell_peer(event, &origin, ONUS_OUTCOME_NO_ACCOUNT, ONUS_ROLE_ACCOUNT, "Invalid user");
}

/* {authenticating|invalid} user NAME ADDRESS port N */
static enum onus_line_verdict read_preamble(struct onus_syslog_memo *memo, struct onus_str rest,
        struct onus_event *event, enum onus_role role, const char *rule)
{
    struct origin origin;
    rest = rest.ptr ? before_peer(memo, event->session, rest, &origin) : rest;
    if (!rest.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str name = after(rest, ONUS_STR("invalid user"));
    bool invalid = name.ptr != NULL;
    name = invalid ? name : after(rest, ONUS_STR("authenticating user"));
    if (!name.ptr || !is_plain_name(name)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t blank = name.len > 0 && name.ptr[0] == ' ';
    set_account(event, (struct onus_str){name.ptr + blank, name.len - blank});
    return tell_peer(event, &origin, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED, role,
            rule);
}

/* Connection closed by, Disconnected from, Disconnecting */
static enum onus_line_verdict read_end(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str text = before(message, ONUS_STR(" [preauth]"));
    if (!text.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    if (text.ptr[0] == 'C') {
        return read_preamble(memo, after(text, ONUS_STR("Connection closed by ")), event,
                ONUS_ROLE_CLOSE, "Connection closed by");
    }
    struct onus_str rest = after(text, ONUS_STR("Disconnected from "));
    if (rest.ptr) {
        return read_preamble(memo, rest, event, ONUS_ROLE_CLOSE, "Disconnected from");
    }
    rest = after(text, ONUS_STR("Disconnecting "));
    rest = rest.ptr ? before(rest, ONUS_STR(": Too many authentication failures")) : rest;
    return read_preamble(memo, rest, event, ONUS_ROLE_SUMMARY, "Disconnecting");
}

/* error: maximum authentication attempts exceeded for [invalid user ]NAME from ADDRESS port N ssh2 */
static enum onus_line_verdict read_maximum(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str rest =
            after(message, ONUS_STR("error: maximum authentication attempts exceeded for "));
    struct origin origin;
    rest = rest.ptr ? before(rest, ONUS_STR(" ssh2 [preauth]")) : rest;
    if (!rest.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str name = after(rest, ONUS_STR("invalid user "));
    bool invalid = name.ptr != NULL;
    name = before_peer(memo, event->session, invalid ? name : rest, &origin);
    name = name.ptr ? before(name, ONUS_STR(" from")) : name;
    if (!name.ptr || !is_plain_name(name)) {
        return ONUS_LINE_UNPARSED;
    }
    set_account(event, name);
    return tell_peer(event, &origin, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED,
            ONUS_ROLE_CLOSE, "maximum authentication attempts exceeded");
}

/* Received disconnect from ADDRESS port N:CODE: FAREWELL [preauth] */
static enum onus_line_verdict read_received(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str rest = after(message, ONUS_STR("Received disconnect from "));
    struct origin origin;
    uint64_t code = 0;
    rest = rest.ptr ? before(rest, ONUS_STR(" [preauth]")) : rest;
    rest = rest.ptr ? after_peer(memo, event->session, rest, &origin) : rest;
    if (!rest.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    rest = onus_str_from(rest, 1); /* the colon */
    if (!onus_str_take_u64(&rest, &code) || !onus_str_skip(&rest, ONUS_STR(":")) ||
            onus_str_ends(rest, ONUS_STR("Auth fail")) || onus_str_ends(rest, ONUS_STR("]"))) {
        return ONUS_LINE_UNPARSED;
    }
    event->detail = onus_str_trim(rest);
    event->status = code <= UINT16_MAX ? (uint16_t)code : 0;
    return tell_peer(event, &origin, ONUS_OUTCOME_PROBED, ONUS_ROLE_SUMMARY, "Received disconnect");
}

/* logname= uid=0 euid=0 tty=ssh ruser= rhost=ADDRESS[  user=NAME] */
static enum onus_line_verdict read_fields(struct onus_syslog_memo *memo, struct onus_str fields,
        struct onus_event *event, enum onus_role role, const char *rule)
{
    struct onus_str rest = after(fields, ONUS_STR("logname= uid=0 euid=0 tty=ssh ruser= rhost="));
    if (!rest.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str host = onus_str_sub(rest, 0, onus_str_find_char(rest, ' '));
    size_t at = host.len;
    while (at < rest.len && rest.ptr[at] == ' ') {
        at++;
    }
    rest = (struct onus_str){rest.ptr + at, rest.len - at};
    struct origin origin = {.port = 0};
    struct onus_str name = after(rest, ONUS_STR("user="));
    if ((!name.ptr && rest.len > 0) || onus_str_ends(rest, ONUS_STR("]")) || !is_plain_name(rest) ||
            !read_address(peer_of(memo, event->session), host, &origin)) {
        return ONUS_LINE_UNPARSED;
    }
    if (name.ptr) {
        while (name.len > 0 && (name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == '\t')) {
            name.len--;
        }
        set_account(event, name);
    }
    event->method = ONUS_STR("pam");
    return tell(event, &origin, ONUS_OUTCOME_FAILED, role, rule);
}

/* pam_unix(sshd:WHAT): authentication failure; FIELDS, or something that is no failure */
static enum onus_line_verdict read_pam(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str rest = after(message, ONUS_STR("pam_unix(sshd:auth): "));
    rest = rest.ptr ? rest : after(message, ONUS_STR("pam_unix(sshd:session): "));
    if (!rest.ptr || rest.len == 0) {
        return ONUS_LINE_UNPARSED;
    }
    if (rest.ptr[0] != 'a') {
        event->service = ONUS_SERVICE_SSH;
        return onus_message_ignore(event, "PAM notice");
    }
    rest = after(rest, ONUS_STR("authentication failure; "));
    return rest.ptr ? read_fields(memo, rest, event, ONUS_ROLE_STACK, "PAM authentication failure")
                    : ONUS_LINE_UNPARSED;
}

/* PAM N more authentication failure[s]; FIELDS */
static enum onus_line_verdict read_more(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    struct onus_str rest = after(message, ONUS_STR("PAM "));
    uint64_t count = 0;
    if (!rest.ptr || !onus_str_take_u64(&rest, &count) || count > UINT32_MAX) {
        return ONUS_LINE_UNPARSED;
    }
    rest = after((struct onus_str){rest.ptr, rest.len}, ONUS_STR(" more authentication failure"));
    if (!rest.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str many = after(rest, ONUS_STR("s; "));
    struct onus_str fields = many.ptr ? many : after(rest, ONUS_STR("; "));
    if (!fields.ptr) {
        return ONUS_LINE_UNPARSED;
    }
    enum onus_line_verdict verdict =
            read_fields(memo, fields, event, ONUS_ROLE_SUMMARY, "PAM more failures");
    event->count = verdict == ONUS_LINE_PARSED ? (uint32_t)count : 0;
    return verdict;
}

enum onus_line_verdict onus_sshd_quick(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event)
{
    switch (message.ptr[0]) {
    case 'C':
    case 'D':
        return read_end(memo, message, event);
    case 'e':
        return read_maximum(memo, message, event);
    case 'F':
        return read_failed(memo, message, event);
    case 'I':
        return read_invalid(memo, message, event);
    case 'P':
        return read_more(memo, message, event);
    case 'R':
        return read_received(memo, message, event);
    case 'p':
        return read_pam(memo, message, event);
    default:
        return ONUS_LINE_UNPARSED;
    }
}

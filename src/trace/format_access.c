/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/format_access.h"

#include "base/str.h"
#include "net/address_quick.h"
#include "text/find.h"
#include "trace/http_request.h"
#include "trace/web.h"

/* Which of the spellings a line has. */
enum shape {
    SHAPE_NONE = 0,
    SHAPE_COMMON,
    SHAPE_COMBINED,
    SHAPE_VHOST,
};

static bool take_char(struct onus_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    s->ptr++;
    s->len--;
    return true;
}

static bool is_nil(struct onus_str s)
{
    return s.len == 0 || (s.len == 1 && s.ptr[0] == '-');
}

/*
 * Offset of the quote that ends a quoted field whose text starts at s, from `from` on. A backslash
 * takes the byte after it along; *escaped becomes true when one was passed.
 */
static size_t find_quote(struct onus_str s, size_t from, bool *escaped)
{
    size_t at = onus_find_either(s, from, '"', '\\');
    while (at != ONUS_STR_NPOS && s.ptr[at] == '\\') {
        *escaped = true;
        do { /* a line may hold nothing else */
            at += 2;
        } while (at < s.len && s.ptr[at] == '\\');
        at = onus_find_either(s, at, '"', '\\');
    }
    return at;
}

/* A quoted field as it stands on the line. */
struct field {
    struct onus_str text;
    bool escaped; /* a backslash is in it */
};

static struct onus_str text_of(const struct onus_parse_context *context, struct field field)
{
    return field.escaped ? onus_http_unescape(context->arena, field.text) : field.text;
}

static struct onus_str agent_of(const struct onus_parse_context *context, struct field agent)
{
    return is_nil(agent.text) ? onus_str_sub(agent.text, 0, 0) : text_of(context, agent);
}

/* Value of the up to seven digits in the highest bytes of word, the last one on top; zeros below. */
static uint64_t number_of(uint64_t word)
{
    word = word * 10 + (word >> 8);
    uint64_t hundreds = (word & 0x000000ff000000ffu) * (100 + (UINT64_C(1000000) << 32));
    uint64_t ones = (word >> 16 & 0x000000ff000000ffu) * (1 + (UINT64_C(10000) << 32));
    return (hundreds + ones) >> 32;
}

/*
 * Leading digits, as onus_str_take_u64() reads them. How many there are follows no pattern, so a
 * loop over them would be mispredicted on most lines.
 */
static bool take_number(struct onus_str *s, uint64_t *out)
{
    uint64_t word = 0;
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || s->len < sizeof(word)) {
        return onus_str_take_u64(s, out);
    }
    memcpy(&word, s->ptr, sizeof(word));
    word ^= 0x3030303030303030u;
    uint64_t others =
            (((word & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u) | word) & 0x8080808080808080u;
    unsigned digits = others != 0 ? (unsigned)__builtin_ctzll(others) / 8 : 0;
    if (digits == 0) {
        return onus_str_take_u64(s, out);
    }
    s->ptr += digits;
    s->len -= digits;
    *out = number_of(word << (64 - 8 * digits));
    return true;
}

/* " 200 1234" with '-' for a number the server did not have. False when it is not there. */
static bool take_status(struct onus_str *s, struct onus_event *out)
{
    struct onus_str rest = *s;
    uint64_t status = 0;
    uint64_t bytes = 0;
    if (!take_char(&rest, ' ')) {
        return false;
    }
    if (!take_char(&rest, '-') && (!take_number(&rest, &status) || status > 999)) {
        return false;
    }
    if (!take_char(&rest, ' ') || (!take_char(&rest, '-') && !take_number(&rest, &bytes)) ||
            (rest.len > 0 && rest.ptr[0] != ' ')) {
        return false;
    }
    out->status = (uint16_t)status;
    out->bytes = bytes;
    *s = rest;
    return true;
}

/*
 * The request up to its closing quote, and the numbers after it. Servers escape quotes inside, but
 * those of before 2004 did not: the field then ends at the first quote that numbers follow.
 */
static bool take_request(struct onus_str *s, struct field *request, struct onus_event *out)
{
    size_t from = 0;
    size_t at = 0;
    while ((at = find_quote(*s, from, &request->escaped)) != ONUS_STR_NPOS) {
        struct onus_str rest = onus_str_from(*s, at + 1);
        if (take_status(&rest, out)) {
            request->text = onus_str_sub(*s, 0, at);
            *s = rest;
            return true;
        }
        from = at + 1;
    }
    return false;
}

/* ` "text"`. A line cut by a transport may end inside. */
static bool take_field(struct onus_str *s, struct field *out)
{
    if (s->len < 2 || s->ptr[0] != ' ' || s->ptr[1] != '"') {
        return false;
    }
    struct onus_str rest = onus_str_from(*s, 2);
    size_t at = find_quote(rest, 0, &out->escaped);
    out->text = onus_str_sub(rest, 0, at);
    *s = onus_str_from(rest, at == ONUS_STR_NPOS ? rest.len : at + 1);
    return true;
}

/* "192.0.2.7", "[2001:db8::7]:443", "192.0.2.7:443". */
static bool parse_peer(struct onus_str text, struct onus_address *address, uint16_t *port)
{
    if (onus_address_parse(text, address)) {
        return true;
    }
    size_t colon = onus_str_rfind_char(text, ':');
    uint64_t number = 0;
    if (colon == ONUS_STR_NPOS ||
            !onus_str_to_u64(onus_str_from(text, colon + 1), 65535, &number) ||
            !onus_address_parse(onus_str_sub(text, 0, colon), address)) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

static bool is_host_name(struct onus_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = onus_lower(s.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || onus_is_digit(c) || c == '.' || c == '-' || c == '_' ||
                    c == ':' || c == '*')) {
            return false;
        }
    }
    return s.len > 0;
}

static bool set_source(struct onus_str text, struct onus_event *out)
{
    out->source_text = text;
    if (parse_peer(text, &out->source, &out->source_port)) {
        out->has_source = true;
        out->marks |= ONUS_MARK_HANDSHAKE;
        return true;
    }
    if (!is_host_name(text)) {
        return false;
    }
    if (!is_nil(text)) {
        out->source_name = text;
    }
    return true;
}

/*
 * A virtual host stands first when an address, a "-" for ident and a user follow. A server that logs
 * $host lets the remote side choose that first column, so it must never become the source; the price
 * is that an ident daemon (RFC 1413, which nobody asks any more) could name an address.
 */
static bool take_vhost(struct onus_str *left, struct onus_event *out)
{
    struct onus_str rest = *left;
    struct onus_str vhost = ONUS_STR_NONE;
    struct onus_str peer = ONUS_STR_NONE;
    struct onus_str ident = ONUS_STR_NONE;
    struct onus_address address;
    uint16_t port = 0;
    if (!onus_str_cut(&rest, ' ', &vhost) || rest.len == 0 || rest.ptr[0] == '-') {
        return false;
    }
    struct onus_str from_peer = rest;
    if (!onus_str_cut(&rest, ' ', &peer) || !onus_str_cut(&rest, ' ', &ident) ||
            !onus_str_eq(ident, ONUS_STR("-")) || rest.len == 0 || !is_host_name(vhost) ||
            !parse_peer(peer, &address, &port)) {
        return false;
    }
    out->host = vhost;
    *left = from_peer;
    return true;
}

/* "host ident user", of which only the last may hold spaces. */
static enum shape take_left(const struct onus_parse_context *context, struct onus_str left,
        struct onus_event *out)
{
    enum shape shape = take_vhost(&left, out) ? SHAPE_VHOST : SHAPE_COMMON;
    struct onus_str peer = ONUS_STR_NONE;
    struct onus_str ident = ONUS_STR_NONE;
    if (!onus_str_cut(&left, ' ', &peer) || !set_source(peer, out)) {
        return SHAPE_NONE;
    }
    if (!onus_str_cut(&left, ' ', &ident) && !onus_str_eq(left, ONUS_STR("-"))) {
        return SHAPE_NONE; /* some leave out one of the two dashes, none leaves out a name */
    }
    if (!onus_str_eq(left, ONUS_STR("-"))) {
        out->account = onus_http_unescape(context->arena, left);
        out->has_account = true;
        if (onus_str_eq(out->account, ONUS_STR("\"\""))) { /* Apache's spelling of an empty name */
            out->account.len = 0;
        }
    }
    return shape;
}

static void set_time(struct onus_event *out, const struct onus_moment *moment, struct onus_str text)
{
    out->time = moment->usec;
    out->marks |= moment->has_zone ? 0 : ONUS_MARK_NO_ZONE;
    out->time_text = text;
}

/*
 * Find ` [time] "`. The user before it is foreign text and may imitate a time, but both servers
 * escape a quote in it, so the first bracket that holds a time and is followed by a bare quote is
 * the server's own.
 */
static bool take_time(const struct onus_parse_context *context, struct onus_str *s,
        struct onus_str *left, struct onus_event *out)
{
    size_t from = 0;
    while (from < s->len) {
        const char *hit = memchr(s->ptr + from, '[', s->len - from);
        if (!hit) {
            return false;
        }
        size_t at = (size_t)(hit - s->ptr);
        struct onus_str rest = onus_str_from(*s, at + 1);
        struct onus_moment moment;
        if (at > 0 && s->ptr[at - 1] == ' ' &&
                onus_time_take_clf_after(context->clf, &rest, &moment)) {
            size_t end = (size_t)(rest.ptr - s->ptr);
            if (onus_str_skip(&rest, ONUS_STR("] \""))) {
                set_time(out, &moment, onus_str_sub(*s, at + 1, end - at - 1));
                *left = onus_str_sub(*s, 0, at - 1);
                *s = rest;
                return true;
            }
        }
        from = at + 1;
    }
    return false;
}

/*
 * `address - - [time] "`, the way most lines begin, in one go: the first bracket stands where
 * take_time() would find it and what is left of it says what take_left() would read there. False,
 * and nothing changes, for every other beginning.
 */
static bool take_usual_head(const struct onus_parse_context *context, struct onus_str *s,
        struct onus_event *out)
{
    struct onus_str rest = *s;
    struct onus_moment moment;
    if (!onus_address_take_v4(&rest, &out->source)) {
        struct onus_str text = ONUS_STR_NONE;
        if (!onus_str_cut(&rest, ' ', &text) || !onus_address_parse(text, &out->source)) {
            return false;
        }
        rest.ptr--;
        rest.len++;
    }
    struct onus_str source = onus_str_sub(*s, 0, s->len - rest.len);
    bool begins = onus_str_skip(&rest, ONUS_STR(" - - ["));
    struct onus_str time = rest;
    begins = begins && onus_time_take_clf_after(context->clf, &rest, &moment);
    time.len -= rest.len;
    if (!begins || !onus_str_skip(&rest, ONUS_STR("] \""))) {
        out->source = (struct onus_address){{0}};
        return false;
    }
    out->has_source = true;
    out->source_text = source;
    out->marks |= ONUS_MARK_HANDSHAKE;
    set_time(out, &moment, time);
    *s = rest;
    return true;
}

/* Everything up to the end of the numbers after the request. */
static enum shape take_front(const struct onus_parse_context *context, struct onus_str *s,
        struct field *request, struct onus_event *out)
{
    if (take_usual_head(context, s, out)) {
        return take_request(s, request, out) ? SHAPE_COMMON : SHAPE_NONE;
    }
    struct onus_str left = ONUS_STR_NONE;
    if (take_char(s, '"')) { /* the whole line in quotes */
        (void)onus_str_drop(s, ONUS_STR("\""));
    }
    if (!take_time(context, s, &left, out) || !take_request(s, request, out)) {
        return SHAPE_NONE;
    }
    return take_left(context, left, out);
}

/* A virtual host as the last column: "www.example.org" or "www.example.org:443". */
static void read_last_column(struct onus_str extra, struct onus_event *out)
{
    struct onus_str last = extra;
    struct onus_str head = ONUS_STR_NONE;
    while (onus_str_cut(&last, ' ', &head)) {
    }
    if (last.len >= 2 && last.ptr[0] == '"' && last.ptr[last.len - 1] == '"') {
        last = onus_str_sub(last, 1, last.len - 2);
    }
    struct onus_str name = onus_str_sub(last, 0, onus_str_find_char(last, ':'));
    struct onus_address address;
    uint16_t port = 0;
    bool lettered = false;
    for (size_t i = 0; i < name.len; i++) {
        lettered = lettered || !(onus_is_digit(name.ptr[i]) || name.ptr[i] == '.');
    }
    if (lettered && onus_str_find_char(name, '.') != ONUS_STR_NPOS && is_host_name(last) &&
            !parse_peer(last, &address, &port)) {
        out->host = last;
    }
}

static enum shape parse_line(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct onus_str rest = line;
    struct field request = {.escaped = false};
    struct field referer = {.escaped = false};
    struct field agent = {.escaped = false};
    enum shape shape = take_front(context, &rest, &request, out);
    if (shape == SHAPE_NONE) {
        return SHAPE_NONE;
    }
    out->kind = ONUS_EVENT_WEB;
    out->service = ONUS_SERVICE_HTTP;
    out->rule = shape == SHAPE_VHOST ? "virtual host" : "common";
    onus_http_request(text_of(context, request), out);
    if (take_field(&rest, &referer) && take_field(&rest, &agent)) {
        shape = shape == SHAPE_VHOST ? SHAPE_VHOST : SHAPE_COMBINED;
        out->rule = shape == SHAPE_VHOST ? "virtual host" : "combined";
        out->agent = agent_of(context, agent);
    }
    struct onus_str extra = rest.len > 0 ? onus_str_trim(rest) : rest;
    if (!is_nil(referer.text)) {
        out->detail = text_of(context, referer);
    } else if (extra.len > 0 && !onus_str_eq(extra, ONUS_STR("\"-\""))) {
        out->detail = onus_http_unescape(context->arena, extra);
    }
    if (extra.len > 0 && shape != SHAPE_VHOST) {
        read_last_column(extra, out);
    }
    return shape;
}

/*
 * `address - - [time] ` up to the first quote of the line: all but the address is as long as on every
 * other line, so each part stands where it must. What is left to take_usual_head() is no such line.
 */
static bool take_head(const struct onus_parse_context *context, struct onus_str line, size_t quote,
        struct onus_event *out)
{
    enum {
        OPEN = sizeof(" - - [") - 1,
        TIME = sizeof("10/Jan/2026:03:11:02 +0100") - 1,
        CLOSE = sizeof("] ") - 1,
        BEHIND = OPEN + TIME + CLOSE
    };
    _Static_assert((int)BEHIND >= (int)ONUS_ADDRESS_SLACK, "bytes behind the address are there");
    if (quote <= BEHIND) {
        return false;
    }
    struct onus_str address = {line.ptr, quote - BEHIND};
    const char *at = line.ptr + address.len;
    struct onus_str rest = {at + OPEN, TIME + CLOSE};
    struct onus_moment moment;
    if (memcmp(at, " - - [", OPEN) != 0 || memcmp(at + OPEN + TIME, "] ", CLOSE) != 0 ||
            !onus_time_take_clf_after(context->clf, &rest, &moment) || rest.len != CLOSE ||
            !onus_address_parse_roomy(address, &out->source)) {
        return false;
    }
    out->has_source = true;
    out->source_text = address;
    out->marks |= ONUS_MARK_HANDSHAKE;
    set_time(out, &moment, (struct onus_str){at + OPEN, TIME});
    return true;
}

/*
 * " 200 1234 " between two quotes, as take_status() reads it: how many digits there are is known
 * beforehand. More than seven of them, and a '-', are left to that.
 */
static bool take_numbers(struct onus_str s, struct onus_event *out)
{
    enum {
        STATUS = sizeof(" 200 ") - 1,
        DIGITS_MAX = 7
    };
    size_t digits = s.len - STATUS - 1;
    uint32_t status = 0;
    uint64_t bytes = 0;
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || s.len < STATUS + 2 || digits > DIGITS_MAX) {
        return false;
    }
    memcpy(&status, s.ptr + 1, sizeof(status));
    memcpy(&bytes, s.ptr + s.len - 1 - sizeof(bytes), sizeof(bytes)); /* more stands before */
    status ^= 0x20303030u;
    bytes = (bytes ^ 0x3030303030303030u) >> (64 - 8 * digits) << (64 - 8 * digits);
    uint32_t bad_status = (status | (status + 0x00060606u)) & 0xfff0f0f0u;
    uint64_t bad_bytes = (bytes | (bytes + 0x0606060606060606u)) & 0xf0f0f0f0f0f0f0f0u;
    if (s.ptr[0] != ' ' || s.ptr[s.len - 1] != ' ' || bad_status != 0 || bad_bytes != 0) {
        return false;
    }
    out->status =
            (uint16_t)((status & 0xff) * 100 + (status >> 8 & 0xff) * 10 + (status >> 16 & 0xff));
    out->bytes = number_of(bytes);
    return true;
}

/*
 * No other quote stands on the line and no backslash before one, so each ends the field that
 * find_quote() would end there.
 */
bool onus_access_parse_quoted(const struct onus_parse_context *context, struct onus_str line,
        const struct onus_access_quotes *quotes, struct onus_event *out)
{
    const uint32_t *at = quotes->at;
    onus_event_clear(out);
    if (at[5] + 1 != line.len || at[4] != at[3] + 2 || line.ptr[at[3] + 1] != ' ' ||
            !take_head(context, line, at[0], out)) {
        return false;
    }
    struct onus_str numbers = {line.ptr + at[1] + 1, at[2] - at[1] - 1};
    if (!take_numbers(numbers, out)) {
        struct onus_str rest = onus_str_from(line, at[1] + 1);
        if (!take_status(&rest, out) || rest.ptr + 1 != line.ptr + at[2]) {
            return false;
        }
    }
    struct field request = {{line.ptr + at[0] + 1, at[1] - at[0] - 1}, quotes->escaped[0]};
    struct field referer = {{line.ptr + at[2] + 1, at[3] - at[2] - 1}, quotes->escaped[1]};
    struct field agent = {{line.ptr + at[4] + 1, at[5] - at[4] - 1}, quotes->escaped[2]};
    out->kind = ONUS_EVENT_WEB;
    out->service = ONUS_SERVICE_HTTP;
    out->rule = "combined";
    onus_http_request(text_of(context, request), out);
    out->agent = agent_of(context, agent);
    if (!is_nil(referer.text)) {
        out->detail = text_of(context, referer);
    }
    return true;
}

enum onus_line_verdict onus_access_parse(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    if (parse_line(context, line, out) == SHAPE_NONE) {
        return ONUS_LINE_UNPARSED;
    }
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse_shape(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out, enum shape wanted)
{
    if (parse_line(context, line, out) != wanted) {
        return ONUS_LINE_UNPARSED;
    }
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse_combined(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    return parse_shape(context, line, out, SHAPE_COMBINED);
}

static enum onus_line_verdict parse_common(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    return parse_shape(context, line, out, SHAPE_COMMON);
}

static enum onus_line_verdict parse_vhost(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    return parse_shape(context, line, out, SHAPE_VHOST);
}

const struct onus_format onus_format_combined = {
        .name = "combined",
        .title = "web access log with referer and agent (Apache, nginx)",
        .parse = parse_combined,
};

const struct onus_format onus_format_common = {
        .name = "common",
        .title = "web access log, NCSA common format",
        .parse = parse_common,
};

const struct onus_format onus_format_vhost_combined = {
        .name = "vhost-combined",
        .title = "web access log with the virtual host in the first column",
        .parse = parse_vhost,
};

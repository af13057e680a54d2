/* SPDX-License-Identifier: Apache-2.0 */
#include "json_write.h"

#include "base/str.h"
#include "text/utf8.h"

enum {
    RAW_BYTE_BASE = 0xef00,
    RAW_BYTE_LAST = 0xefff
};

void onus_json_init(struct onus_json *json, struct onus_buffer *out, unsigned flags)
{
    *json = (struct onus_json){.out = out, .flags = flags};
}

enum onus_code onus_json_finish(struct onus_json *json, struct onus_error *err)
{
    if (json->broken || json->depth != 0 || json->after_key) {
        return onus_fail(err, ONUS_E_BUG, "JSON document was not closed");
    }
    if (json->flags & ONUS_JSON_PRETTY) {
        onus_buffer_add_char(json->out, '\n');
    }
    return onus_buffer_status(json->out, err);
}

static uint64_t level_bit(const struct onus_json *json)
{
    return (uint64_t)1 << (json->depth % ONUS_JSON_MAX_DEPTH);
}

/*
 * Each call asks the buffer for room once, for the most it may write, and then writes in place. This
 * is the most that goes around a value or key: a comma, a line end with its blanks, quotes, a colon.
 */
static size_t markup(const struct onus_json *json)
{
    return 8 + (json->flags & ONUS_JSON_PRETTY ? (size_t)2 * json->depth : 0);
}

static char *put_text(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

static char *put_new_line(const struct onus_json *json, char *at)
{
    if (json->flags & ONUS_JSON_PRETTY) {
        *at++ = '\n';
        memset(at, ' ', (size_t)2 * json->depth);
        at += (size_t)2 * json->depth;
    }
    return at;
}

/* What goes in front of a value or key: nothing after a key, else a comma when it is not the first. */
static char *put_before(struct onus_json *json, char *at)
{
    if (json->after_key) {
        json->after_key = false;
        return at;
    }
    if (json->filled & level_bit(json)) {
        *at++ = ',';
    }
    json->filled |= level_bit(json);
    return json->depth > 0 ? put_new_line(json, at) : at;
}

/* A value that needs no escape, with what goes in front of it. */
static void add_bare(struct onus_json *json, const char *text, size_t len)
{
    char *at = onus_buffer_room(json->out, markup(json) + len);
    if (!at) {
        json->after_key = false;
        return;
    }
    at = put_before(json, at);
    onus_buffer_grew(json->out, put_text(at, text, len));
}

static void open_level(struct onus_json *json, char c)
{
    add_bare(json, &c, 1);
    if (json->depth + 1 >= ONUS_JSON_MAX_DEPTH) {
        json->broken = true;
        return;
    }
    json->depth++;
    json->filled &= ~level_bit(json);
}

static void close_level(struct onus_json *json, char c)
{
    if (json->depth == 0 || json->after_key) {
        json->broken = true;
        return;
    }
    bool had_items = (json->filled & level_bit(json)) != 0;
    json->depth--;
    char *at = onus_buffer_room(json->out, markup(json));
    if (at) {
        at = had_items ? put_new_line(json, at) : at;
        *at++ = c;
        onus_buffer_grew(json->out, at);
    }
}

void onus_json_object(struct onus_json *json)
{
    open_level(json, '{');
}

void onus_json_object_end(struct onus_json *json)
{
    close_level(json, '}');
}

void onus_json_array(struct onus_json *json)
{
    open_level(json, '[');
}

void onus_json_array_end(struct onus_json *json)
{
    close_level(json, ']');
}

static void add_escape(struct onus_buffer *out, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', digits[unit >> 12 & 0xf], digits[unit >> 8 & 0xf],
            digits[unit >> 4 & 0xf], digits[unit & 0xf]};
    onus_buffer_add(out, text, sizeof(text));
}

static void add_control(struct onus_buffer *out, char c)
{
    switch (c) {
    case '\n':
        onus_buffer_add_text(out, "\\n");
        return;
    case '\r':
        onus_buffer_add_text(out, "\\r");
        return;
    case '\t':
        onus_buffer_add_text(out, "\\t");
        return;
    case '"':
        onus_buffer_add_text(out, "\\\"");
        return;
    case '\\':
        onus_buffer_add_text(out, "\\\\");
        return;
    default:
        add_escape(out, (uint8_t)c);
    }
}

static bool is_plain(char c, unsigned flags)
{
    if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
        return false;
    }
    return !(flags & ONUS_JSON_IN_HTML) || (c != '<' && c != '>' && c != '&');
}

/* The high bit of each byte of `word` that is not plain; those above the first may be wrong. */
static uint64_t not_plain(uint64_t word, unsigned flags)
{
    const uint64_t ones = UINT64_MAX / 0xff;
    const uint64_t high = ones * 0x80;
    uint64_t found = word | (word - ones * 0x20); /* not ASCII, or a control character */
    uint64_t quote = word ^ ones * '"';
    uint64_t slash = word ^ ones * '\\';
    uint64_t del = word ^ ones * 0x7f;
    found |= (quote - ones) | (slash - ones) | (del - ones);
    if (flags & ONUS_JSON_IN_HTML) {
        found |= ((word ^ ones * '<') - ones) | ((word ^ ones * '>') - ones) |
                 ((word ^ ones * '&') - ones);
    }
    return found & high;
}

/* Whether all of s stands for itself, asked in words: the last overlaps the one before it. */
static bool all_plain(struct onus_str s, unsigned flags)
{
    uint64_t word = 0;
    if (s.len < sizeof(word)) {
        uint32_t half[2] = {0, 0};
        if (s.len < sizeof(half[0])) {
            return false; /* not asked */
        }
        memcpy(&half[0], s.ptr, sizeof(half[0]));
        memcpy(&half[1], s.ptr + s.len - sizeof(half[1]), sizeof(half[1]));
        return not_plain(half[0] | (uint64_t)half[1] << 32, flags) == 0;
    }
    for (size_t at = 0; at < s.len; at += sizeof(word)) {
        size_t from = at + sizeof(word) <= s.len ? at : s.len - sizeof(word);
        memcpy(&word, s.ptr + from, sizeof(word));
        if (not_plain(word, flags) != 0) {
            return false;
        }
    }
    return true;
}

/* How many bytes at the front of s stand for themselves. */
static size_t plain_length(struct onus_str s, unsigned flags)
{
    size_t plain = 0;
    if (all_plain(s, flags)) {
        return s.len;
    }
    for (; s.len - plain >= 8; plain += 8) {
        uint64_t word = 0;
        memcpy(&word, s.ptr + plain, 8);
        if (not_plain(word, flags) != 0) {
            break;
        }
    }
    while (plain < s.len && (uint8_t)s.ptr[plain] < 0x80 && is_plain(s.ptr[plain], flags)) {
        plain++;
    }
    return plain;
}

static void add_raw_bytes(struct onus_buffer *out, struct onus_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        add_escape(out, RAW_BYTE_BASE + (uint32_t)(uint8_t)bytes.ptr[i]);
    }
}

/* What follows the first n bytes of s, which has them. */
static struct onus_str after(struct onus_str s, size_t n)
{
    return (struct onus_str){s.ptr + n, s.len - n};
}

/* One character or foreign byte outside ASCII at the front of s. Returns how much of s it took. */
static size_t add_beyond_ascii(struct onus_buffer *out, struct onus_str s)
{
    uint32_t character = 0;
    size_t len = onus_utf8_next(s, &character);
    if (len == 0) {
        add_raw_bytes(out, (struct onus_str){s.ptr, 1});
        return 1;
    }
    if (character >= RAW_BYTE_BASE && character <= RAW_BYTE_LAST) {
        add_raw_bytes(out, (struct onus_str){s.ptr, len});
    } else if (!onus_utf8_is_hidden(character)) {
        onus_buffer_add(out, s.ptr, len);
    } else if (character < 0x10000) {
        add_escape(out, character);
    } else { /* RFC 8259, 7: a surrogate pair */
        add_escape(out, 0xd800 + ((character - 0x10000) >> 10));
        add_escape(out, 0xdc00 + ((character - 0x10000) & 0x3ff));
    }
    return len;
}

void onus_json_add_escaped(struct onus_buffer *out, struct onus_str s, unsigned flags)
{
    while (s.len > 0) {
        size_t plain = plain_length(s, flags);
        onus_buffer_add(out, s.ptr, plain);
        s = after(s, plain);
        if (s.len == 0) {
            return;
        }
        size_t taken = 1;
        if ((uint8_t)s.ptr[0] < 0x80) {
            add_control(out, s.ptr[0]);
        } else {
            taken = add_beyond_ascii(out, s);
        }
        s = after(s, taken);
    }
}

void onus_json_str_open(struct onus_json *json)
{
    add_bare(json, "\"", 1);
}

void onus_json_str_part(struct onus_json *json, struct onus_str part)
{
    onus_json_add_escaped(json->out, part, json->flags);
}

void onus_json_str_close(struct onus_json *json)
{
    onus_buffer_add_char(json->out, '"');
}

/* A quoted string and what comes after it. */
static void add_string(struct onus_json *json, struct onus_str value, const char *end,
        size_t end_len)
{
    size_t plain = plain_length(value, json->flags);
    char *at = onus_buffer_room(json->out, markup(json) + plain);
    if (!at) {
        json->after_key = false;
        return;
    }
    at = put_before(json, at);
    *at++ = '"';
    if (plain > 0) {
        at = put_text(at, value.ptr, plain);
    }
    if (plain < value.len) {
        onus_buffer_grew(json->out, at);
        onus_json_add_escaped(json->out, after(value, plain), json->flags);
        at = onus_buffer_room(json->out, markup(json));
        if (!at) {
            return;
        }
    }
    onus_buffer_grew(json->out, put_text(at, end, end_len));
}

void onus_json_str(struct onus_json *json, struct onus_str value)
{
    add_string(json, value, "\"", 1);
}

void onus_json_place(struct onus_json *json, struct onus_str text, uint64_t number)
{
    size_t plain = plain_length(text, json->flags);
    if (plain < text.len) {
        onus_json_str_open(json);
        onus_json_str_part(json, text);
        onus_buffer_add_char(json->out, ':');
        onus_buffer_add_u64(json->out, number);
        onus_json_str_close(json);
        return;
    }
    char *at = onus_buffer_room(json->out, markup(json) + plain + ONUS_DIGITS_MAX);
    if (!at) {
        json->after_key = false;
        return;
    }
    at = put_before(json, at);
    *at++ = '"';
    at = plain > 0 ? put_text(at, text.ptr, plain) : at;
    *at++ = ':';
    at = onus_put_u64(at, number);
    *at++ = '"';
    onus_buffer_grew(json->out, at);
}

void onus_json_text(struct onus_json *json, const char *terminated)
{
    onus_json_str(json, onus_str_of(terminated));
}

void onus_json_key_sized(struct onus_json *json, struct onus_str key)
{
    json->broken = json->broken || json->after_key || json->depth == 0;
    if (json->flags & ONUS_JSON_PRETTY) {
        add_string(json, key, "\": ", 3);
    } else {
        add_string(json, key, "\":", 2);
    }
    json->after_key = true;
}

void onus_json_u64(struct onus_json *json, uint64_t value)
{
    char digits[ONUS_DIGITS_MAX];
    add_bare(json, digits, (size_t)(onus_put_u64(digits, value) - digits));
}

void onus_json_i64(struct onus_json *json, int64_t value)
{
    char digits[ONUS_DIGITS_MAX + 1] = "-";
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *at = onus_put_u64(digits + (value < 0), size);
    add_bare(json, digits, (size_t)(at - digits));
}

void onus_json_bool(struct onus_json *json, bool value)
{
    if (value) {
        add_bare(json, "true", 4);
    } else {
        add_bare(json, "false", 5);
    }
}

void onus_json_null(struct onus_json *json)
{
    add_bare(json, "null", 4);
}

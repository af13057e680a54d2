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

static void new_line(struct onus_json *json)
{
    if (json->flags & ONUS_JSON_PRETTY) {
        onus_buffer_add_char(json->out, '\n');
        for (unsigned i = 0; i < json->depth; i++) {
            onus_buffer_add_text(json->out, "  ");
        }
    }
}

/* What goes in front of a value or key: nothing after a key, else a comma when it is not the first. */
static void before_item(struct onus_json *json)
{
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->filled & level_bit(json)) {
        onus_buffer_add_char(json->out, ',');
    }
    json->filled |= level_bit(json);
    if (json->depth > 0) {
        new_line(json);
    }
}

static void open_level(struct onus_json *json, char c)
{
    before_item(json);
    onus_buffer_add_char(json->out, c);
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
    if (had_items) {
        new_line(json);
    }
    onus_buffer_add_char(json->out, c);
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
        size_t plain = 0;
        while (plain < s.len && (uint8_t)s.ptr[plain] < 0x80 && is_plain(s.ptr[plain], flags)) {
            plain++;
        }
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
    before_item(json);
    onus_buffer_add_char(json->out, '"');
}

void onus_json_str_part(struct onus_json *json, struct onus_str part)
{
    onus_json_add_escaped(json->out, part, json->flags);
}

void onus_json_str_close(struct onus_json *json)
{
    onus_buffer_add_char(json->out, '"');
}

void onus_json_str(struct onus_json *json, struct onus_str value)
{
    onus_json_str_open(json);
    onus_json_str_part(json, value);
    onus_json_str_close(json);
}

void onus_json_text(struct onus_json *json, const char *terminated)
{
    onus_json_str(json, onus_str_of(terminated));
}

void onus_json_key(struct onus_json *json, const char *key)
{
    json->broken = json->broken || json->after_key || json->depth == 0;
    onus_json_text(json, key);
    onus_buffer_add_text(json->out, json->flags & ONUS_JSON_PRETTY ? ": " : ":");
    json->after_key = true;
}

void onus_json_u64(struct onus_json *json, uint64_t value)
{
    before_item(json);
    onus_buffer_add_u64(json->out, value);
}

void onus_json_i64(struct onus_json *json, int64_t value)
{
    before_item(json);
    onus_buffer_add_i64(json->out, value);
}

void onus_json_bool(struct onus_json *json, bool value)
{
    before_item(json);
    onus_buffer_add_text(json->out, value ? "true" : "false");
}

void onus_json_null(struct onus_json *json)
{
    before_item(json);
    onus_buffer_add_text(json->out, "null");
}

void onus_json_key_str(struct onus_json *json, const char *key, struct onus_str value)
{
    onus_json_key(json, key);
    onus_json_str(json, value);
}

void onus_json_key_str_or_null(struct onus_json *json, const char *key, struct onus_str value)
{
    onus_json_key(json, key);
    if (value.len > 0) {
        onus_json_str(json, value);
    } else {
        onus_json_null(json);
    }
}

void onus_json_key_text(struct onus_json *json, const char *key, const char *terminated)
{
    onus_json_key(json, key);
    onus_json_text(json, terminated);
}

void onus_json_key_u64(struct onus_json *json, const char *key, uint64_t value)
{
    onus_json_key(json, key);
    onus_json_u64(json, value);
}

void onus_json_key_i64(struct onus_json *json, const char *key, int64_t value)
{
    onus_json_key(json, key);
    onus_json_i64(json, value);
}

void onus_json_key_bool(struct onus_json *json, const char *key, bool value)
{
    onus_json_key(json, key);
    onus_json_bool(json, value);
}

void onus_json_key_null(struct onus_json *json, const char *key)
{
    onus_json_key(json, key);
    onus_json_null(json);
}

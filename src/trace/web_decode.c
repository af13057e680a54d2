/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web_decode.h"

#include "base/str.h"
#include "text/find.h"

enum {
    ROUNDS = 3
};

static int hex_value(char c)
{
    if (onus_is_digit(c)) {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Value of `width` hex digits at the front of s, or -1. */
static int hex_number(struct onus_str s, size_t width)
{
    int value = 0;
    if (s.len < width) {
        return -1;
    }
    for (size_t i = 0; i < width; i++) {
        int digit = hex_value(s.ptr[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The ASCII character behind a %uXXXX, full-width forms (U+FF01 to U+FF5E) included; else '?'. */
static char ascii_of(int point)
{
    if (point >= 0xff01 && point <= 0xff5e) {
        point -= 0xfee0;
    }
    return point < 0x80 ? (char)point : '?';
}

/* What stands at the front of s (a '%'), in *out; returns how many bytes it takes, 0 for none. */
static size_t decode_one(struct onus_str s, char *out)
{
    int value = hex_number(onus_str_sub(s, 1, 2), 2);
    if (value >= 0) {
        *out = onus_lower((char)value);
        return 3;
    }
    if (s.len >= 6 && s.ptr[1] == 'u') {
        value = hex_number(onus_str_sub(s, 2, 4), 4);
        if (value >= 0) {
            *out = onus_lower(ascii_of(value));
            return 6;
        }
    }
    return 0;
}

/* Decode ptr[from..to) in place; returns the new end. */
static size_t decode_span(char *ptr, size_t from, size_t to)
{
    const char *hit = memchr(ptr + from, '%', to - from);
    if (!hit) {
        return to;
    }
    size_t at = (size_t)(hit - ptr);
    size_t len = at;
    while (at < to) {
        size_t width = 0;
        if (ptr[at] == '%') {
            char c = 0;
            width = decode_one((struct onus_str){ptr + at, to - at}, &c);
            if (width > 0) {
                ptr[len++] = c;
                at += width;
            }
        }
        if (width == 0) {
            ptr[len++] = ptr[at++];
        }
    }
    return len;
}

/*
 * RFC 3629, 3: UTF-8 in more bytes than needed is invalid, but old servers took it. Only the
 * characters that paths are made of count: other texts may hold these bytes in another charset.
 */
static size_t overlong(const char *p, size_t len, char *out)
{
    const unsigned char *u = (const unsigned char *)p;
    int point = 0;
    size_t width = 0;
    if (len >= 2 && (u[0] == 0xc0 || u[0] == 0xc1)) {
        point = (u[0] & 1) << 6 | (u[1] & 0x3f);
        width = 2;
    } else if (len >= 3 && u[0] == 0xe0 && (u[1] & 0xfe) == 0x80 && (u[2] & 0xc0) == 0x80) {
        point = (u[1] & 1) << 6 | (u[2] & 0x3f);
        width = 3;
    }
    if (point != '.' && point != '/' && point != '\\') {
        return 0;
    }
    *out = (char)point;
    return width;
}

static size_t undo_overlong(char *ptr, size_t from, size_t to, unsigned *marks)
{
    size_t len = from;
    for (size_t at = from; at < to;) {
        char c = ptr[at];
        size_t width = (unsigned char)c >= 0xc0 ? overlong(ptr + at, to - at, &c) : 0;
        *marks |= width > 0 ? ONUS_WEB_OVERLONG : 0;
        ptr[len++] = c;
        at += width > 0 ? width : 1;
    }
    return len;
}

static size_t decode_rounds(char *ptr, size_t from, size_t to, unsigned *marks)
{
    for (int round = 0; round < ROUNDS; round++) {
        size_t end = decode_span(ptr, from, to);
        if (end == to) {
            break;
        }
        *marks |= round > 0 ? ONUS_WEB_ENCODED_TWICE : 0;
        to = undo_overlong(ptr, from, end, marks);
    }
    if (to > from && memchr(ptr + from, '\0', to - from)) {
        *marks |= ONUS_WEB_NUL;
    }
    return to;
}

/* Eight bytes at once: the top bit of a byte ends up set for 'A' to 'Z' alone. */
static uint64_t lower_eight(uint64_t word)
{
    uint64_t low = word & 0x7f7f7f7f7f7f7f7fu;
    uint64_t from_a = low + 0x3f3f3f3f3f3f3f3fu;
    uint64_t past_z = low + 0x2525252525252525u;
    uint64_t letters = from_a & ~past_z & ~word & 0x8080808080808080u;
    return word | letters >> 2;
}

struct onus_str onus_web_lower(struct onus_str text, char *buffer, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, text.ptr + i, sizeof(word));
        word = lower_eight(word);
        memcpy(buffer + i, &word, sizeof(word));
    }
    for (; i < len; i++) {
        buffer[i] = onus_lower(text.ptr[i]);
    }
    return (struct onus_str){buffer, len};
}

void onus_web_decode(struct onus_str target, char *buffer, struct onus_web_text *out)
{
    struct onus_str text = onus_web_lower(target, buffer, ONUS_WEB_TEXT_MAX);
    size_t mark = onus_str_find_char(text, '?');
    size_t path = mark == ONUS_STR_NPOS ? text.len : mark;
    *out = (struct onus_web_text){.ptr = buffer};
    out->marks = target.len > ONUS_WEB_TEXT_MAX ? ONUS_WEB_CUT : 0;
    if (onus_find_either(text, 0, '%', '\0') == ONUS_STR_NPOS) {
        for (size_t i = path; i < text.len; i++) {
            buffer[i] = buffer[i] == '+' ? ' ' : buffer[i];
        }
        out->len = text.len;
        out->query = path == text.len ? path : path + 1;
        return;
    }

    size_t len = decode_rounds(buffer, 0, path, &out->marks);
    if (path == text.len) {
        out->len = len;
        out->query = len;
        return;
    }
    buffer[len++] = '?';
    out->query = len;
    for (size_t i = path + 1; i < text.len; i++) {
        buffer[len++] = buffer[i] == '+' ? ' ' : buffer[i];
    }
    out->len = decode_rounds(buffer, out->query, len, &out->marks);
}

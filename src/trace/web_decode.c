/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web_decode.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/str.h"

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

/* What a target holds that decoding must know of. */
struct look {
    size_t query; /* offset of the first '?', or the length */
    bool encoded; /* a '%' or a zero byte */
    bool plus, blank;
};

static void look_plain(struct onus_str text, char *buffer, struct look *out)
{
    size_t query = text.len;
    for (size_t i = text.len; i > 0; i--) {
        char c = text.ptr[i - 1];
        buffer[i - 1] = onus_lower(c);
        query = c == '?' ? i - 1 : query;
        out->encoded |= c == '%' || c == '\0';
        out->plus |= c == '+';
        out->blank |= c == ' ';
    }
    out->query = query;
}

#ifdef __SSE2__ /* part of every x86-64: nothing to ask the processor for */

enum {
    STEP = 16
};

/* The bytes in lower case; both ends of the range are moved to where a signed comparison sees them. */
static __m128i lower_step(__m128i bytes)
{
    __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x80 - 'A')));
    __m128i capital = _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(0x80 + 26)));
    return _mm_or_si128(bytes, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
}

static unsigned holds(__m128i bytes, char c)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

/* Lower case into the buffer, and all that is asked about the text, in one pass. */
static void look_at(struct onus_str text, char *buffer, struct look *out)
{
    *out = (struct look){.query = text.len};
    if (text.len < STEP) {
        look_plain(text, buffer, out);
        return;
    }
    unsigned encoded = 0;
    unsigned plus = 0;
    unsigned blank = 0;
    for (size_t next = 0; next < text.len; next += STEP) {
        /* The last step looks at some bytes for the second time: nothing behind the text is read. */
        size_t at = next + STEP <= text.len ? next : text.len - STEP;
        __m128i bytes = _mm_loadu_si128((const __m128i_u *)(text.ptr + at));
        _mm_storeu_si128((__m128i_u *)(buffer + at), lower_step(bytes));
        unsigned queries = holds(bytes, '?');
        if (queries != 0 && out->query == text.len) {
            out->query = at + (unsigned)__builtin_ctz(queries);
        }
        encoded |= holds(bytes, '%') | holds(bytes, '\0');
        plus |= holds(bytes, '+');
        blank |= holds(bytes, ' ');
    }
    out->encoded = encoded != 0;
    out->plus = plus != 0;
    out->blank = blank != 0;
}

#else

static void look_at(struct onus_str text, char *buffer, struct look *out)
{
    *out = (struct look){.query = text.len};
    look_plain(text, buffer, out);
}

#endif

static void decode_both(size_t path, size_t end, char *buffer, struct onus_web_text *out)
{
    size_t len = decode_rounds(buffer, 0, path, &out->marks);
    if (path == end) {
        out->len = len;
        out->query = len;
        return;
    }
    buffer[len++] = '?';
    out->query = len;
    for (size_t i = path + 1; i < end; i++) {
        buffer[len++] = buffer[i] == '+' ? ' ' : buffer[i];
    }
    out->len = decode_rounds(buffer, out->query, len, &out->marks);
}

void onus_web_decode(struct onus_str target, char *buffer, struct onus_web_text *out)
{
    struct onus_str text = onus_str_sub(target, 0, ONUS_WEB_TEXT_MAX);
    struct look look;
    look_at(text, buffer, &look);
    *out = (struct onus_web_text){.ptr = buffer,
            .marks = target.len > ONUS_WEB_TEXT_MAX ? ONUS_WEB_CUT : 0,
            .has_blank = look.blank,
            .has_query = look.query < text.len};
    if (look.encoded) {
        decode_both(look.query, text.len, buffer, out);
        return;
    }
    for (size_t i = look.query; look.plus && i < text.len; i++) {
        buffer[i] = buffer[i] == '+' ? ' ' : buffer[i];
    }
    out->len = text.len;
    out->query = look.query + (look.query < text.len);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include "base/str.h"

struct range {
    uint32_t first, last;
};

/* Sorted. Unicode general categories Cc, Cf, Zl, Zp and Co, the fillers, and tag characters. */
static const struct range hidden[] = {
        {0x0000, 0x001f},
        {0x007f, 0x009f},
        {0x00ad, 0x00ad},
        {0x034f, 0x034f},
        {0x0600, 0x0605},
        {0x061c, 0x061c},
        {0x06dd, 0x06dd},
        {0x070f, 0x070f},
        {0x0890, 0x0891},
        {0x08e2, 0x08e2},
        {0x115f, 0x1160},
        {0x17b4, 0x17b5},
        {0x180b, 0x180f},
        {0x200b, 0x200f},
        {0x2028, 0x202e},
        {0x2060, 0x206f},
        {0x2800, 0x2800},
        {0x3164, 0x3164},
        {0xe000, 0xf8ff},
        {0xfdd0, 0xfdef},
        {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},
        {0xffa0, 0xffa0},
        {0xfff0, 0xfffc},
        {0xfffe, 0xffff},
        {0x110bd, 0x110bd},
        {0x110cd, 0x110cd},
        {0x13430, 0x1345f},
        {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a},
        {0xe0000, 0x10ffff},
};

/* Sorted. The marks of the scripts met most; a rare one costs a table some alignment, no more. */
static const struct range combining[] = {
        {0x0300, 0x036f},
        {0x0483, 0x0489},
        {0x0591, 0x05bd},
        {0x05bf, 0x05c7},
        {0x0610, 0x061a},
        {0x064b, 0x065f},
        {0x0670, 0x0670},
        {0x06d6, 0x06ed},
        {0x0711, 0x0711},
        {0x0730, 0x074a},
        {0x0900, 0x0902},
        {0x093c, 0x093c},
        {0x0941, 0x0948},
        {0x094d, 0x094d},
        {0x0e31, 0x0e31},
        {0x0e34, 0x0e3a},
        {0x0e47, 0x0e4e},
        {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff},
        {0x20d0, 0x20ff},
        {0x302a, 0x302d},
        {0x3099, 0x309a},
        {0xfe20, 0xfe2f},
};

/* Sorted. East Asian Width W and F. */
static const struct range wide[] = {
        {0x1100, 0x115f},
        {0x231a, 0x231b},
        {0x2329, 0x232a},
        {0x23e9, 0x23ec},
        {0x25fd, 0x25fe},
        {0x2614, 0x2615},
        {0x2648, 0x2653},
        {0x26aa, 0x26ab},
        {0x26bd, 0x26be},
        {0x2705, 0x2705},
        {0x2728, 0x2728},
        {0x274c, 0x274c},
        {0x2753, 0x2755},
        {0x2795, 0x2797},
        {0x2b1b, 0x2b1c},
        {0x2e80, 0x303e},
        {0x3041, 0x33ff},
        {0x3400, 0x4dbf},
        {0x4e00, 0xa4cf},
        {0xa960, 0xa97f},
        {0xac00, 0xd7a3},
        {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},
        {0xff00, 0xff60},
        {0xffe0, 0xffe6},
        {0x16fe0, 0x18aff},
        {0x1b000, 0x1b2ff},
        {0x1f004, 0x1f004},
        {0x1f0cf, 0x1f0cf},
        {0x1f18e, 0x1f19a},
        {0x1f200, 0x1f320},
        {0x1f330, 0x1f64f},
        {0x1f680, 0x1f6ff},
        {0x1f7e0, 0x1f7eb},
        {0x1f900, 0x1faff},
        {0x20000, 0x3fffd},
};

static bool is_in(const struct range *table, size_t count, uint32_t character)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (character > table[middle].last) {
            low = middle + 1;
        } else if (character < table[middle].first) {
            high = middle;
        } else {
            return true;
        }
    }
    return false;
}

/* Length that the first byte promises, with the bits it brings; 0 when none can start with it. */
static size_t lead(uint8_t byte, uint32_t *bits, uint32_t *smallest)
{
    if (byte < 0x80) {
        *bits = byte;
        *smallest = 0;
        return 1;
    }
    if (byte >= 0xc2 && byte < 0xe0) {
        *bits = byte & 0x1fu;
        *smallest = 0x80;
        return 2;
    }
    if (byte >= 0xe0 && byte < 0xf0) {
        *bits = byte & 0x0fu;
        *smallest = 0x800;
        return 3;
    }
    if (byte >= 0xf0 && byte < 0xf5) {
        *bits = byte & 0x07u;
        *smallest = 0x10000;
        return 4;
    }
    return 0;
}

/* What follows the first n bytes of s, which has them. */
static struct onus_str after(struct onus_str s, size_t n)
{
    return (struct onus_str){s.ptr + n, s.len - n};
}

size_t onus_utf8_next(struct onus_str s, uint32_t *out)
{
    if (s.len == 0) {
        return 0;
    }
    uint32_t character = 0;
    uint32_t smallest = 0;
    size_t len = lead((uint8_t)s.ptr[0], &character, &smallest);
    if (len == 0 || len > s.len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        uint8_t byte = (uint8_t)s.ptr[i];
        if ((byte & 0xc0) != 0x80) {
            return 0;
        }
        character = character << 6 | (byte & 0x3fu);
    }
    if (character < smallest || character > 0x10ffff ||
            (character >= 0xd800 && character <= 0xdfff)) {
        return 0;
    }
    *out = character;
    return len;
}

bool onus_utf8_valid(struct onus_str s)
{
    uint32_t character = 0;
    while (s.len > 0) {
        size_t len = onus_utf8_next(s, &character);
        if (len == 0) {
            return false;
        }
        s = after(s, len);
    }
    return true;
}

bool onus_utf8_is_hidden(uint32_t character)
{
    if (character >= 0x20 && character < 0x7f) {
        return false;
    }
    return (character & 0xfffe) == 0xfffe || is_in(hidden, ONUS_COUNT(hidden), character);
}

unsigned onus_utf8_columns(uint32_t character)
{
    if (character < 0x300) {
        return 1;
    }
    if (is_in(combining, ONUS_COUNT(combining), character)) {
        return 0;
    }
    return is_in(wide, ONUS_COUNT(wide), character) ? 2 : 1;
}

size_t onus_utf8_encode(uint32_t character, char out[static 4])
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xc0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character >= 0xd800 && character <= 0xdfff) {
        return 0;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xe0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3f));
        out[2] = (char)(0x80 | (character & 0x3f));
        return 3;
    }
    if (character > 0x10ffff) {
        return 0;
    }
    out[0] = (char)(0xf0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3f));
    out[2] = (char)(0x80 | (character >> 6 & 0x3f));
    out[3] = (char)(0x80 | (character & 0x3f));
    return 4;
}

static bool is_hex(char c)
{
    return onus_is_digit(c) || (onus_lower(c) >= 'a' && onus_lower(c) <= 'f');
}

/* The text after a backslash would make it read as one of our escapes. */
static bool reads_as_escape(struct onus_str rest)
{
    return (rest.len >= 3 && rest.ptr[0] == 'x' && is_hex(rest.ptr[1]) && is_hex(rest.ptr[2])) ||
           (rest.len >= 2 && rest.ptr[0] == 'u' && rest.ptr[1] == '{');
}

enum {
    PIECE_ROOM = 12 /* "\u{10ffff}" and a little air */
};

struct piece {
    char bytes[PIECE_ROOM];
    size_t len;
    size_t columns;
};

static void put_escape(struct piece *piece, const char *open, uint32_t value, size_t least_digits,
        const char *close)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    while (*open) {
        piece->bytes[at++] = *open++;
    }
    size_t wanted = least_digits;
    while (wanted < 6 && value >> (4 * wanted)) {
        wanted++;
    }
    while (wanted-- > 0) {
        piece->bytes[at++] = digits[value >> (4 * wanted) & 0xf];
    }
    while (*close) {
        piece->bytes[at++] = *close++;
    }
    piece->len = piece->columns = at;
}

/* The visible form of what stands at the front of s. Returns how much of s it took. */
static size_t next_piece(struct onus_str s, struct piece *out)
{
    uint32_t character = 0;
    size_t len = onus_utf8_next(s, &character);
    if (len == 0) {
        put_escape(out, "\\x", (uint8_t)s.ptr[0], 2, "");
        return 1;
    }
    if (character < 0x20 || character == 0x7f ||
            (character == '\\' && reads_as_escape(after(s, 1)))) {
        put_escape(out, "\\x", character, 2, "");
        return 1;
    }
    if (onus_utf8_is_hidden(character)) {
        put_escape(out, "\\u{", character, 2, "}");
        return len;
    }
    memcpy(out->bytes, s.ptr, len);
    out->len = len;
    out->columns = onus_utf8_columns(character);
    return len;
}

size_t onus_utf8_visible_columns(struct onus_str s)
{
    size_t columns = 0;
    struct piece piece;
    while (s.len > 0) {
        s = after(s, next_piece(s, &piece));
        columns += piece.columns;
    }
    return columns;
}

size_t onus_utf8_add_visible(struct onus_buffer *buffer, struct onus_str s, size_t max_columns)
{
    /* What is kept when the rest turns out not to fit: one column stays free for the ellipsis. */
    size_t keep_bytes = buffer->len;
    size_t keep_columns = 0;
    size_t columns = 0;
    struct piece piece;
    while (s.len > 0) {
        s = after(s, next_piece(s, &piece));
        if (columns + piece.columns > max_columns) {
            if (buffer->failed == ONUS_OK) {
                buffer->len = keep_bytes;
            }
            onus_buffer_add_text(buffer, "…");
            return keep_columns + 1;
        }
        onus_buffer_add(buffer, piece.bytes, piece.len);
        columns += piece.columns;
        if (columns + 1 <= max_columns) {
            keep_bytes = buffer->len;
            keep_columns = columns;
        }
    }
    return columns;
}

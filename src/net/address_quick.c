/* SPDX-License-Identifier: Apache-2.0 */
#include "address_quick.h"

#include "base/str.h"

/* Value of a hex digit and one more, 0 for another byte. */
static const uint8_t hex_values[256] = {['0'] = 1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        ['A'] = 11,
        12,
        13,
        14,
        15,
        16,
        ['a'] = 11,
        12,
        13,
        14,
        15,
        16};

struct groups {
    uint16_t value[8];
    size_t count;
    size_t gap; /* groups before "::", or ONUS_STR_NPOS */
};

/* RFC 4291, 2.2 (1) and (2). False says nothing: other forms are for onus_address_parse(). */
static bool take_groups(struct onus_str s, struct groups *g)
{
    size_t at = 0;
    if (s.len >= 2 && s.ptr[0] == ':' && s.ptr[1] == ':') {
        g->gap = 0;
        at = 2;
    }
    while (at < s.len && g->count < ONUS_COUNT(g->value)) {
        size_t begin = at;
        unsigned value = 0;
        for (; at < s.len && at - begin < 4; at++) {
            unsigned digit = hex_values[(unsigned char)s.ptr[at]];
            if (digit == 0) {
                break;
            }
            value = value << 4 | (digit - 1);
        }
        if (at == begin) {
            return false;
        }
        g->value[g->count++] = (uint16_t)value;
        if (at == s.len) {
            return true;
        }
        if (s.ptr[at] != ':' || at + 1 == s.len) {
            return false;
        }
        at++;
        if (s.ptr[at] == ':') {
            if (g->gap != ONUS_STR_NPOS) {
                return false;
            }
            g->gap = g->count;
            at++;
        }
    }
    return at == s.len;
}

static bool parse_groups(struct onus_str text, struct onus_address *out)
{
    struct groups g = {.gap = ONUS_STR_NPOS};
    if (!take_groups(text, &g)) {
        return false;
    }
    bool has_gap = g.gap != ONUS_STR_NPOS;
    if (has_gap ? g.count == ONUS_COUNT(g.value) : g.count != ONUS_COUNT(g.value)) {
        return false;
    }
    struct onus_address result = {{0}};
    size_t head = has_gap ? g.gap : g.count;
    for (size_t i = 0; i < g.count; i++) {
        size_t slot = i < head ? i : ONUS_COUNT(g.value) - g.count + i;
        result.bytes[2 * slot] = (uint8_t)(g.value[i] >> 8);
        result.bytes[2 * slot + 1] = (uint8_t)g.value[i];
    }
    *out = result;
    return true;
}

#ifdef __x86_64__
#include <immintrin.h>

enum {
    LENGTH_MIN = 7,
    LENGTH_MAX = 15,
    NOTHING = 0x80 /* in a shuffle: a zero, not a byte of the text */
};

/* Which bytes of the text become hundreds, tens and ones of an octet that ends before `end`. */
static uint32_t places_of(unsigned end, unsigned width)
{
    static const uint32_t absent[] = {0, NOTHING | NOTHING << 8, NOTHING, 0};
    return ((end - 3) & 0xff) | ((end - 2) & 0xff) << 8 | (end - 1) << 16 |
           (uint32_t)NOTHING << 24 | absent[width & 3];
}

/*
 * All octets at once: each digit is moved to where its weight is. Every byte of the text is a dot or a
 * digit that is moved, so what the digits turn out to be says whether the text is an address.
 */
__attribute__((target("ssse3"))) static bool parse_wide(struct onus_str text, uint32_t *out)
{
    __m128i bytes = _mm_loadu_si128((const __m128i_u *)text.ptr);
    unsigned end = (unsigned)text.len;
    unsigned dots = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
    dots = (dots & ((1u << end) - 1)) | 7u << LENGTH_MAX; /* so that three are found in any text */
    unsigned a = (unsigned)__builtin_ctz(dots);
    dots &= dots - 1;
    unsigned b = (unsigned)__builtin_ctz(dots);
    dots &= dots - 1;
    unsigned c = (unsigned)__builtin_ctz(dots);
    dots &= dots - 1;
    bool has_fourth = (dots & ((1u << LENGTH_MAX) - 1)) != 0;
    unsigned widths[] = {a, b - a - 1, c - b - 1, end - c - 1};
    if (has_fourth || widths[0] - 1 > 2 || widths[1] - 1 > 2 || widths[2] - 1 > 2 ||
            widths[3] - 1 > 2) {
        return false;
    }
    __m128i places = _mm_setr_epi32((int)places_of(a, widths[0]), (int)places_of(b, widths[1]),
            (int)places_of(c, widths[2]), (int)places_of(end, widths[3]));
    __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), places);
    __m128i most = _mm_max_epu8(digits, _mm_set1_epi8(9));
    const __m128i weights = _mm_set1_epi32(100 | 10 << 8 | 1 << 16);
    __m128i octets = _mm_madd_epi16(_mm_maddubs_epi16(digits, weights), _mm_set1_epi16(1));
    bool good = _mm_movemask_epi8(_mm_cmpeq_epi8(most, _mm_set1_epi8(9))) == 0xffff &&
                _mm_movemask_epi8(_mm_cmpgt_epi32(octets, _mm_set1_epi32(255))) == 0;
    octets = _mm_packs_epi32(octets, octets);
    *out = __builtin_bswap32((uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(octets, octets)));
    return good;
}

static bool parse_quick(struct onus_str text, struct onus_address *out)
{
    uint32_t v4 = 0;
    bool found = text.len >= LENGTH_MIN && text.len <= LENGTH_MAX &&
                 __builtin_cpu_supports("ssse3") && parse_wide(text, &v4);
    if (found) {
        *out = onus_address_of_v4(v4);
    }
    return found;
}

#else

static bool parse_quick(struct onus_str text, struct onus_address *out)
{
    (void)text;
    (void)out;
    return false;
}

#endif

bool onus_address_parse_roomy(struct onus_str text, struct onus_address *out)
{
    return parse_quick(text, out) || parse_groups(text, out) || onus_address_parse(text, out);
}

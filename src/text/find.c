/* SPDX-License-Identifier: Apache-2.0 */
#include "find.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/str.h"

size_t onus_find_either_plain(struct onus_str s, size_t from, char a, char b)
{
    for (size_t i = from; i < s.len; i++) {
        if (s.ptr[i] == a || s.ptr[i] == b) {
            return i;
        }
    }
    return ONUS_STR_NPOS;
}

#ifdef __SSE2__ /* part of every x86-64: nothing to ask the processor for */

enum {
    STEP = 16,
    STRIDE = 4 * STEP
};

/* A bit for each of the STEP bytes at p. */
static uint64_t hits(const char *p, __m128i a, __m128i b)
{
    __m128i bytes = _mm_loadu_si128((const __m128i_u *)p);
    return (unsigned)_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b)));
}

/* The same for STRIDE bytes: most fields end in the first, so their length is not branched on. */
static uint64_t many_hits(const char *p, __m128i a, __m128i b)
{
    return hits(p, a, b) | hits(p + STEP, a, b) << 16 | hits(p + 2 * (size_t)STEP, a, b) << 32 |
           hits(p + 3 * (size_t)STEP, a, b) << 48;
}

/*
 * Views shorter than a stride end in a step, longer ones in a stride, over bytes some of which are
 * looked at for the second time: nothing after the view is read.
 */
size_t onus_find_either(struct onus_str s, size_t from, char a, char b)
{
    if (s.len < STEP || from >= s.len) {
        return onus_find_either_plain(s, from, a, b);
    }
    __m128i all_a = _mm_set1_epi8(a);
    __m128i all_b = _mm_set1_epi8(b);
    bool is_short = s.len < STRIDE;
    size_t width = is_short ? STEP : STRIDE;
    for (size_t at = from; at < s.len; at += width) {
        size_t start = at + width <= s.len ? at : s.len - width;
        uint64_t found = is_short ? hits(s.ptr + start, all_a, all_b)
                                  : many_hits(s.ptr + start, all_a, all_b);
        found >>= at - start;
        if (found != 0) {
            return at + (unsigned)__builtin_ctzll(found);
        }
    }
    return ONUS_STR_NPOS;
}

#else

size_t onus_find_either(struct onus_str s, size_t from, char a, char b)
{
    return onus_find_either_plain(s, from, a, b);
}

#endif

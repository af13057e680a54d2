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
    STEP = 16
};

/* A bit for each of the STEP bytes at p. */
static unsigned hits(const char *p, __m128i a, __m128i b)
{
    __m128i bytes = _mm_loadu_si128((const __m128i_u *)p);
    return (unsigned)_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b)));
}

size_t onus_find_either(struct onus_str s, size_t from, char a, char b)
{
    if (s.len < STEP || from > s.len) {
        return onus_find_either_plain(s, from, a, b);
    }
    __m128i all_a = _mm_set1_epi8(a);
    __m128i all_b = _mm_set1_epi8(b);
    size_t at = from;
    for (; at + STEP <= s.len; at += STEP) {
        unsigned found = hits(s.ptr + at, all_a, all_b);
        if (found != 0) {
            return at + (unsigned)__builtin_ctz(found);
        }
    }
    /* The last bytes of the view, some of them for the second time: nothing after it is read. */
    size_t last = s.len - STEP;
    unsigned found = at < s.len ? hits(s.ptr + last, all_a, all_b) >> (at - last) : 0;
    return found != 0 ? at + (unsigned)__builtin_ctz(found) : ONUS_STR_NPOS;
}

#else

size_t onus_find_either(struct onus_str s, size_t from, char a, char b)
{
    return onus_find_either_plain(s, from, a, b);
}

#endif

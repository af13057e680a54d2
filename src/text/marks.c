/* SPDX-License-Identifier: Apache-2.0 */
#include "marks.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum {
    STRIDE = 64
};

size_t onus_marks_find_plain(const char *text, size_t from, size_t len, uint32_t *out)
{
    size_t count = 0;
    for (size_t i = from; i < from + len; i++) {
        out[count] = (uint32_t)i; /* kept when it is one: no branch on what a remote side wrote */
        count += text[i] == '\n' || text[i] == '"' || text[i] == '\\';
    }
    return count;
}

#ifdef __x86_64__

/* SSE2 is part of every x86-64: nothing to ask the processor for. */
static uint64_t marks_of_16(const char *p)
{
    __m128i bytes = _mm_loadu_si128((const __m128i_u *)p);
    __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
            _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    return (unsigned)_mm_movemask_epi8(hits);
}

/* Most strides hold fewer than four marks, so four are written whether they are there or not. */
static size_t write_marks(uint64_t bits, uint32_t base, uint32_t *out)
{
    enum {
        USUAL = 4
    };
    size_t count = (size_t)__builtin_popcountll(bits);
    for (size_t i = 0; i < USUAL; i++) {
        out[i] = base + (bits != 0 ? (unsigned)__builtin_ctzll(bits) : 0);
        bits &= bits - 1;
    }
    for (size_t i = USUAL; i < count; i++) {
        out[i] = base + (unsigned)__builtin_ctzll(bits);
        bits &= bits - 1;
    }
    return count;
}

size_t onus_marks_find_narrow(const char *text, size_t from, size_t len, uint32_t *out)
{
    size_t count = 0;
    size_t at = from;
    for (; at + STRIDE <= from + len; at += STRIDE) {
        uint64_t bits = marks_of_16(text + at) | marks_of_16(text + at + 16) << 16 |
                        marks_of_16(text + at + 32) << 32 | marks_of_16(text + at + 48) << 48;
        count += write_marks(bits, (uint32_t)at, out + count);
    }
    return count + onus_marks_find_plain(text, at, from + len - at, out + count);
}

/* Sixteen marks of a stride at a time: their places are pressed together and written at once. */
__attribute__((target("avx512f,avx512bw,avx512vbmi2"))) static size_t find_wide(const char *text,
        size_t from, size_t len, uint32_t *out)
{
    enum {
        AT_ONCE = 16
    };
    const __m512i places = _mm512_set_epi64(0x3f3e3d3c3b3a3938, 0x3736353433323130,
            0x2f2e2d2c2b2a2928, 0x2726252423222120, 0x1f1e1d1c1b1a1918, 0x1716151413121110,
            0x0f0e0d0c0b0a0908, 0x0706050403020100);
    size_t count = 0;
    size_t at = from;
    for (; at + STRIDE <= from + len; at += STRIDE) {
        __m512i bytes = _mm512_loadu_si512(text + at);
        uint64_t bits = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) |
                        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')) |
                        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
        size_t here = (size_t)__builtin_popcountll(bits);
        size_t done = 0;
        do { /* mostly once */
            __m512i pressed = _mm512_maskz_compress_epi8(bits, places);
            __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(pressed));
            _mm512_storeu_si512(out + count + done,
                    _mm512_add_epi32(wide, _mm512_set1_epi32((int)at)));
            done += AT_ONCE;
            for (size_t i = 0; i < AT_ONCE && done < here; i++) {
                bits &= bits - 1;
            }
        } while (done < here);
        count += here;
    }
    return count + onus_marks_find_plain(text, at, from + len - at, out + count);
}

size_t onus_marks_find(const char *text, size_t from, size_t len, uint32_t *out)
{
    bool is_wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vbmi2");
    return is_wide ? find_wide(text, from, len, out) : onus_marks_find_narrow(text, from, len, out);
}

#else

size_t onus_marks_find_narrow(const char *text, size_t from, size_t len, uint32_t *out)
{
    return onus_marks_find_plain(text, from, len, out);
}

size_t onus_marks_find(const char *text, size_t from, size_t len, uint32_t *out)
{
    return onus_marks_find_plain(text, from, len, out);
}

#endif

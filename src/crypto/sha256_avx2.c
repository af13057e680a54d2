/* SPDX-License-Identifier: Apache-2.0 */
#ifdef __x86_64__
#include "sha256_kernel.h"

#include <immintrin.h>

#define LANES        8
#define LANES_TARGET __attribute__((target("avx2")))
#define LANES_INLINE static inline __attribute__((target("avx2"), always_inline))

typedef __m256i vec;

LANES_INLINE vec add(vec a, vec b)
{
    return _mm256_add_epi32(a, b);
}

LANES_INLINE vec set(uint32_t word)
{
    return _mm256_set1_epi32((int)word);
}

LANES_INLINE vec xor3(vec a, vec b, vec c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}

LANES_INLINE vec choose(vec e, vec f, vec g)
{
    return _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)));
}

LANES_INLINE vec majority(vec a, vec b, vec c)
{
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)));
}

LANES_INLINE vec shift_right(vec x, int by)
{
    return _mm256_srli_epi32(x, by);
}

LANES_INLINE vec turn_right(vec x, int by)
{
    return _mm256_or_si256(_mm256_srli_epi32(x, by), _mm256_slli_epi32(x, 32 - by));
}

/* The last byte of one word and the first three of the next. */
LANES_INLINE vec join_words(vec before, vec word)
{
    return _mm256_or_si256(_mm256_slli_epi32(before, 24), _mm256_srli_epi32(word, 8));
}

LANES_INLINE vec load_vec(const void *bytes)
{
    return _mm256_loadu_si256(bytes);
}

LANES_INLINE void store_vec(void *bytes, vec x)
{
    _mm256_storeu_si256(bytes, x);
}

LANES_INLINE vec swap_bytes(vec x)
{
    return _mm256_shuffle_epi8(x, _mm256_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203,
                                          0x0c0d0e0f08090a0b, 0x0405060700010203));
}

/* Rows become columns: word i of row j moves to word j of row i. */
LANES_INLINE void transpose(vec out[8], const vec in[8])
{
    vec four[8]; /* four[4 half + c]: column c of either 128 bits, of the rows of one half */
    for (size_t half = 0; half < 2; half++) {
        const vec *r = in + 4 * half;
        vec low01 = _mm256_unpacklo_epi32(r[0], r[1]);
        vec high01 = _mm256_unpackhi_epi32(r[0], r[1]);
        vec low23 = _mm256_unpacklo_epi32(r[2], r[3]);
        vec high23 = _mm256_unpackhi_epi32(r[2], r[3]);
        four[4 * half + 0] = _mm256_unpacklo_epi64(low01, low23);
        four[4 * half + 1] = _mm256_unpackhi_epi64(low01, low23);
        four[4 * half + 2] = _mm256_unpacklo_epi64(high01, high23);
        four[4 * half + 3] = _mm256_unpackhi_epi64(high01, high23);
    }
#pragma GCC unroll 16
    for (size_t c = 0; c < 4; c++) {
        out[c] = _mm256_permute2x128_si256(four[c], four[4 + c], 0x20);
        out[4 + c] = _mm256_permute2x128_si256(four[c], four[4 + c], 0x31);
    }
}

LANES_INLINE void load_words(vec w[16], const uint8_t *const at[LANES])
{
    for (size_t half = 0; half < 2; half++) {
        vec rows[8];
#pragma GCC unroll 16
        for (size_t j = 0; j < LANES; j++) {
            rows[j] = swap_bytes(load_vec(at[j] + 32 * half));
        }
        transpose(w + 8 * half, rows);
    }
}

LANES_INLINE void store_digests(struct onus_digest *const out[LANES], const vec state[8])
{
    vec rows[8];
    transpose(rows, state);
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        store_vec(out[j]->bytes, swap_bytes(rows[j]));
    }
}

#include "sha256_lanes.h"

LANES_TARGET static void whole(const struct onus_message *const *messages, size_t count,
        struct onus_digest *const *out)
{
    ONUS_UNINITIALISED uint8_t space[LANES][ONUS_SHA256_WHOLE_MAX * ONUS_SHA256_BLOCK];
    const uint8_t *at[LANES];
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        onus_sha256_lay_out(space[j], messages[j], count);
        at[j] = space[j];
    }
    vec state[8];
    begin(state);
    for (; count > 0; count--) {
        vec w[16];
        load_words(w, at);
#pragma GCC unroll 16
        for (size_t j = 0; j < LANES; j++) {
            at[j] += ONUS_SHA256_BLOCK;
        }
        compress(state, w);
    }
    store_digests(out, state);
}

const struct onus_sha256_kernel onus_sha256_kernel_avx2 = {
        .name = "avx2",
        .lanes = LANES,
        .run = run,
        .whole = whole,
        .nodes = nodes,
        .salts = salts,
};
#endif

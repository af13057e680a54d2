/* SPDX-License-Identifier: Apache-2.0 */
#ifdef __x86_64__
#include "sha256_kernel.h"

#include <immintrin.h>

#define LANES        16
#define LANES_TARGET __attribute__((target("avx512f,avx512bw")))
#define LANES_INLINE static inline __attribute__((target("avx512f,avx512bw"), always_inline))

typedef __m512i vec;

LANES_INLINE vec add(vec a, vec b)
{
    return _mm512_add_epi32(a, b);
}

LANES_INLINE vec set(uint32_t word)
{
    return _mm512_set1_epi32((int)word);
}

/* The number is the truth table: bit 4a + 2b + c. */
LANES_INLINE vec xor3(vec a, vec b, vec c)
{
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

LANES_INLINE vec choose(vec e, vec f, vec g)
{
    return _mm512_ternarylogic_epi32(e, f, g, 0xca);
}

LANES_INLINE vec majority(vec a, vec b, vec c)
{
    return _mm512_ternarylogic_epi32(a, b, c, 0xe8);
}

/* The instructions want the distance as a constant, which it is once these are inlined. */
#define shift_right(x, by) _mm512_srli_epi32(x, by)
#define turn_right(x, by)  _mm512_ror_epi32(x, by)

/* The last byte of one word and the first three of the next. */
LANES_INLINE vec join_words(vec before, vec word)
{
    return _mm512_or_si512(_mm512_slli_epi32(before, 24), _mm512_srli_epi32(word, 8));
}

LANES_INLINE vec load_vec(const void *bytes)
{
    return _mm512_loadu_si512(bytes);
}

LANES_INLINE void store_vec(void *bytes, vec x)
{
    _mm512_storeu_si512(bytes, x);
}

LANES_INLINE vec swap_bytes(vec x)
{
    return _mm512_shuffle_epi8(x,
            _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
}

/* Of four rows, column c of each 128 bits: word 4k + c of row r moves to word 4k + r of out[c]. */
LANES_INLINE void turn_quarter(vec out[4], const vec r[4])
{
    vec low01 = _mm512_unpacklo_epi32(r[0], r[1]);
    vec high01 = _mm512_unpackhi_epi32(r[0], r[1]);
    vec low23 = _mm512_unpacklo_epi32(r[2], r[3]);
    vec high23 = _mm512_unpackhi_epi32(r[2], r[3]);
    out[0] = _mm512_unpacklo_epi64(low01, low23);
    out[1] = _mm512_unpackhi_epi64(low01, low23);
    out[2] = _mm512_unpacklo_epi64(high01, high23);
    out[3] = _mm512_unpackhi_epi64(high01, high23);
}

/* Rows become columns: word i of row j moves to word j of row i. */
LANES_INLINE void transpose(vec out[16], const vec rows[16])
{
    vec q[16];
#pragma GCC unroll 16
    for (size_t i = 0; i < 4; i++) {
        turn_quarter(q + 4 * i, rows + 4 * i);
    }
#pragma GCC unroll 16
    for (size_t c = 0; c < 4; c++) {
        vec even01 = _mm512_shuffle_i32x4(q[c], q[4 + c], 0x88);
        vec even23 = _mm512_shuffle_i32x4(q[8 + c], q[12 + c], 0x88);
        vec odd01 = _mm512_shuffle_i32x4(q[c], q[4 + c], 0xdd);
        vec odd23 = _mm512_shuffle_i32x4(q[8 + c], q[12 + c], 0xdd);
        out[c] = _mm512_shuffle_i32x4(even01, even23, 0x88);
        out[4 + c] = _mm512_shuffle_i32x4(odd01, odd23, 0x88);
        out[8 + c] = _mm512_shuffle_i32x4(even01, even23, 0xdd);
        out[12 + c] = _mm512_shuffle_i32x4(odd01, odd23, 0xdd);
    }
}

LANES_INLINE void load_words(vec w[16], const uint8_t *const at[LANES])
{
    vec rows[16];
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        rows[j] = swap_bytes(_mm512_loadu_si512(at[j]));
    }
    transpose(w, rows);
}

LANES_INLINE void store_quarter(void *bytes, __m128i x)
{
    _mm_storeu_si128(bytes, x);
}

LANES_INLINE void store_digests(struct onus_digest *const out[LANES], const vec state[8])
{
    for (size_t half = 0; half < 2; half++) {
        size_t at = 16 * half;
        vec q[4]; /* 128 bits k of q[r]: half a digest of lane 4k + r */
        turn_quarter(q, state + 4 * half);
#pragma GCC unroll 16
        for (size_t r = 0; r < 4; r++) {
            vec x = swap_bytes(q[r]);
            store_quarter(out[r]->bytes + at, _mm512_castsi512_si128(x));
            store_quarter(out[4 + r]->bytes + at, _mm512_extracti32x4_epi32(x, 1));
            store_quarter(out[8 + r]->bytes + at, _mm512_extracti32x4_epi32(x, 2));
            store_quarter(out[12 + r]->bytes + at, _mm512_extracti32x4_epi32(x, 3));
        }
    }
}

#include "sha256_lanes.h"

/* A mask of the first `count` bytes of 64, where count may lie on either side of that. */
static inline uint64_t first_bytes(int64_t count)
{
    return count >= 64 ? UINT64_MAX : count <= 0 ? 0 : (UINT64_C(1) << count) - 1;
}

/*
 * 64 bytes of a padded message from `offset` on, a block that holds the head, the padding or both.
 * Bytes outside of the body are masked out of the load and so not touched; nothing is copied.
 */
LANES_INLINE vec edge_row(const struct onus_message *message, size_t offset, bool last)
{
    int64_t begin = (int64_t)message->head_length - (int64_t)offset; /* where the body begins */
    int64_t end = begin + (int64_t)message->body.len;
    vec row = _mm512_setzero_si512();
    if (message->body.len > 0) {
        row = _mm512_maskz_loadu_epi8(first_bytes(end) & ~first_bytes(begin),
                message->body.ptr - begin);
    }
    if (offset == 0) {
        row = _mm512_or_si512(row, _mm512_maskz_loadu_epi8(first_bytes(begin), message->head));
    }
    row = _mm512_mask_set1_epi8(row, first_bytes(end + 1) & ~first_bytes(end), (char)0x80);
    if (last) {
        uint64_t bits = __builtin_bswap64(onus_sha256_length_of(message) * 8);
        row = _mm512_mask_set1_epi64(row, 0x80, (long long)bits);
    }
    return row;
}

LANES_TARGET static void whole(const struct onus_message *const *messages, size_t count,
        struct onus_digest *const *out)
{
    vec state[8];
    begin(state);
    for (size_t b = 0; b < count; b++) {
        vec rows[16];
        vec w[16];
        size_t offset = b * ONUS_SHA256_BLOCK;
        bool inner = b > 0 && b + 2 < count; /* the padding begins in one of the last two */
#pragma GCC unroll 16
        for (size_t j = 0; j < LANES; j++) {
            const struct onus_message *message = messages[j];
            rows[j] = swap_bytes(inner ? load_vec(message->body.ptr + offset - message->head_length)
                                       : edge_row(message, offset, b + 1 == count));
        }
        transpose(w, rows);
        compress(state, w);
    }
    store_digests(out, state);
}

const struct onus_sha256_kernel onus_sha256_kernel_avx512 = {
        .name = "avx512",
        .lanes = LANES,
        .run = run,
        .whole = whole,
        .nodes = nodes,
        .salts = salts,
};
#endif

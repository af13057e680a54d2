/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SHA instructions of x86. One stream waits for its own results half of the time, so the kernel
 * runs two, interleaved.
 */
#ifdef __x86_64__
#include "sha256_kernel.h"

#include <immintrin.h>

#define NI_TARGET __attribute__((target("sha,ssse3,sse4.1")))
#define NI_INLINE static inline __attribute__((target("sha,ssse3,sse4.1"), always_inline))

enum {
    LANES = 2
};

NI_INLINE __m128i load(const void *bytes)
{
    return _mm_loadu_si128(bytes);
}

NI_INLINE void store(void *bytes, __m128i x)
{
    _mm_storeu_si128(bytes, x);
}

/* The instructions want the eight words as (a, b, e, f) and (c, d, g, h), the first word highest. */
struct halves {
    __m128i abef;
    __m128i cdgh;
};

NI_INLINE struct halves pack(const uint32_t state[8])
{
    __m128i badc = _mm_shuffle_epi32(load(state), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(load(state + 4), 0x1b);
    return (struct halves){_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
}

NI_INLINE void unpack(struct halves from, uint32_t state[8])
{
    __m128i feba = _mm_shuffle_epi32(from.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(from.cdgh, 0xb1);
    store(state, _mm_blend_epi16(feba, dchg, 0xf0));
    store(state + 4, _mm_alignr_epi8(dchg, feba, 8));
}

NI_INLINE void load_block(__m128i w[4], const uint8_t *block)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
#pragma GCC unroll 16
    for (size_t i = 0; i < 4; i++) {
        w[i] = _mm_shuffle_epi8(load(block + 16 * i), swap);
    }
}

NI_INLINE struct halves four_rounds(struct halves s, __m128i words, size_t group)
{
    __m128i sum = _mm_add_epi32(words, load(onus_sha256_constants + 4 * group));
    s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, sum);
    s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(sum, 0x0e));
    return s;
}

/* Words t to t + 3 from the sixteen before them, oldest first. */
NI_INLINE __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

/* `lanes` is 1 or 2 and known where this is inlined. */
NI_INLINE void add_block(struct halves *state, const uint8_t *const *blocks, size_t offset,
        size_t lanes)
{
    struct halves s[LANES];
    __m128i w[LANES][4];
#pragma GCC unroll 2
    for (size_t j = 0; j < lanes; j++) {
        s[j] = state[j];
        load_block(w[j], blocks[j] + offset);
    }
#pragma GCC unroll 16
    for (size_t g = 0; g < 16; g++) {
#pragma GCC unroll 2
        for (size_t j = 0; j < lanes; j++) {
            __m128i *now = &w[j][g % 4];
            s[j] = four_rounds(s[j], *now, g);
            if (g < 12) {
                *now = next_words(*now, w[j][(g + 1) % 4], w[j][(g + 2) % 4], w[j][(g + 3) % 4]);
            }
        }
    }
#pragma GCC unroll 2
    for (size_t j = 0; j < lanes; j++) {
        state[j].abef = _mm_add_epi32(state[j].abef, s[j].abef);
        state[j].cdgh = _mm_add_epi32(state[j].cdgh, s[j].cdgh);
    }
}

NI_TARGET void onus_sha256_blocks_ni(uint32_t state[8], const uint8_t *blocks, size_t count)
{
    struct halves s = pack(state);
    for (size_t i = 0; i < count; i++) {
        add_block(&s, &blocks, i * ONUS_SHA256_BLOCK, 1);
    }
    unpack(s, state);
}

/* ---- the kernel with two lanes ---------------------------------------------------------------- */

NI_TARGET static void run(uint32_t *state, const uint8_t *const *blocks, size_t count)
{
    struct halves s[LANES];
    uint32_t words[8];
#pragma GCC unroll 2
    for (size_t j = 0; j < LANES; j++) {
#pragma GCC unroll 16
        for (size_t i = 0; i < 8; i++) {
            words[i] = state[i * LANES + j];
        }
        s[j] = pack(words);
    }
    for (size_t i = 0; i < count; i++) {
        add_block(s, blocks, i * ONUS_SHA256_BLOCK, LANES);
    }
#pragma GCC unroll 2
    for (size_t j = 0; j < LANES; j++) {
        unpack(s[j], words);
#pragma GCC unroll 16
        for (size_t i = 0; i < 8; i++) {
            state[i * LANES + j] = words[i];
        }
    }
}

NI_INLINE void store_digest(struct onus_digest *out, struct halves from)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i feba = _mm_shuffle_epi32(from.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(from.cdgh, 0xb1);
    __m128i first = _mm_blend_epi16(feba, dchg, 0xf0);
    __m128i second = _mm_alignr_epi8(dchg, feba, 8);
    store(out->bytes, _mm_shuffle_epi8(first, swap));
    store(out->bytes + 16, _mm_shuffle_epi8(second, swap));
}

NI_INLINE void hash_blocks(const uint8_t *const *blocks, size_t count,
        struct onus_digest *const *out)
{
    struct halves start = pack(onus_sha256_initial);
    struct halves s[LANES] = {start, start};
    for (size_t i = 0; i < count; i++) {
        add_block(s, blocks, i * ONUS_SHA256_BLOCK, LANES);
    }
    store_digest(out[0], s[0]);
    store_digest(out[1], s[1]);
}

NI_TARGET static void whole(const struct onus_message *const *messages, size_t count,
        struct onus_digest *const *out)
{
    ONUS_UNINITIALISED uint8_t space[LANES][ONUS_SHA256_WHOLE_MAX * ONUS_SHA256_BLOCK];
#pragma GCC unroll 2
    for (size_t j = 0; j < LANES; j++) {
        onus_sha256_lay_out(space[j], messages[j], count);
    }
    const uint8_t *const blocks[LANES] = {space[0], space[1]};
    hash_blocks(blocks, count, out);
}

NI_TARGET static void nodes(const struct onus_digest *pairs, struct onus_digest *out)
{
    uint8_t space[LANES][2 * ONUS_SHA256_BLOCK];
#pragma GCC unroll 2
    for (size_t j = 0; j < LANES; j++) {
        onus_sha256_lay_out_node(space[j], pairs + 2 * j);
    }
    const uint8_t *const blocks[LANES] = {space[0], space[1]};
    struct onus_digest *const outs[LANES] = {out, out + 1};
    hash_blocks(blocks, 2, outs);
}

NI_TARGET static void salts(const struct onus_digest *batch_key, uint64_t from,
        struct onus_digest *out)
{
    uint8_t space[LANES][ONUS_SHA256_BLOCK];
#pragma GCC unroll 2
    for (size_t j = 0; j < LANES; j++) {
        onus_sha256_lay_out_salt(space[j], batch_key, from + j);
    }
    const uint8_t *const blocks[LANES] = {space[0], space[1]};
    struct onus_digest *const outs[LANES] = {out, out + 1};
    hash_blocks(blocks, 1, outs);
}

const struct onus_sha256_kernel onus_sha256_kernel_ni = {
        .name = "sha-ni",
        .lanes = LANES,
        .run = run,
        .whole = whole,
        .nodes = nodes,
        .salts = salts,
};
#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256_kernel.h"

const uint32_t onus_sha256_constants[64] = {
        0x428a2f98,
        0x71374491,
        0xb5c0fbcf,
        0xe9b5dba5,
        0x3956c25b,
        0x59f111f1,
        0x923f82a4,
        0xab1c5ed5,
        0xd807aa98,
        0x12835b01,
        0x243185be,
        0x550c7dc3,
        0x72be5d74,
        0x80deb1fe,
        0x9bdc06a7,
        0xc19bf174,
        0xe49b69c1,
        0xefbe4786,
        0x0fc19dc6,
        0x240ca1cc,
        0x2de92c6f,
        0x4a7484aa,
        0x5cb0a9dc,
        0x76f988da,
        0x983e5152,
        0xa831c66d,
        0xb00327c8,
        0xbf597fc7,
        0xc6e00bf3,
        0xd5a79147,
        0x06ca6351,
        0x14292967,
        0x27b70a85,
        0x2e1b2138,
        0x4d2c6dfc,
        0x53380d13,
        0x650a7354,
        0x766a0abb,
        0x81c2c92e,
        0x92722c85,
        0xa2bfe8a1,
        0xa81a664b,
        0xc24b8b70,
        0xc76c51a3,
        0xd192e819,
        0xd6990624,
        0xf40e3585,
        0x106aa070,
        0x19a4c116,
        0x1e376c08,
        0x2748774c,
        0x34b0bcb5,
        0x391c0cb3,
        0x4ed8aa4a,
        0x5b9cca4f,
        0x682e6ff3,
        0x748f82ee,
        0x78a5636f,
        0x84c87814,
        0x8cc70208,
        0x90befffa,
        0xa4506ceb,
        0xbef9a3f7,
        0xc67178f2,
};

const uint32_t onus_sha256_initial[8] = {
        0x6a09e667,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19,
};

static uint32_t turn(uint32_t x, unsigned by)
{
    return x >> by | x << (32 - by);
}

static void expand(uint32_t w[64], const uint8_t *block)
{
    for (size_t i = 0; i < 16; i++) {
        w[i] = onus_sha256_load_be32(block + 4 * i);
    }
    for (size_t i = 16; i < 64; i++) {
        uint32_t s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

/*
 * FIPS 180-4, 6.2.2. Instead of moving the eight letters down one place each round, round i finds them
 * at -i modulo 8, which is a constant when the loop of eight is unrolled.
 */
static inline void eight_rounds(uint32_t s[8], const uint32_t *w, const uint32_t *constants)
{
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; i++) {
        uint32_t a = s[(0 - i) % 8];
        uint32_t b = s[(1 - i) % 8];
        uint32_t c = s[(2 - i) % 8];
        uint32_t e = s[(4 - i) % 8];
        uint32_t f = s[(5 - i) % 8];
        uint32_t g = s[(6 - i) % 8];
        uint32_t *h = &s[(7 - i) % 8];
        uint32_t big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
        uint32_t t1 = *h + big1 + (g ^ (e & (f ^ g))) + constants[i] + w[i];
        uint32_t big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
        s[(3 - i) % 8] += t1;
        *h = t1 + big0 + ((a & b) | (c & (a | b)));
    }
}

static void add_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64];
    uint32_t s[8];
    expand(w, block);
    memcpy(s, state, sizeof(s));
    for (size_t i = 0; i < 64; i += 8) {
        eight_rounds(s, w + i, onus_sha256_constants + i);
    }
    for (size_t i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

void onus_sha256_blocks_scalar(uint32_t state[8], const uint8_t *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_block(state, blocks + i * ONUS_SHA256_BLOCK);
    }
}

/* ---- the kernel with one lane ----------------------------------------------------------------- */

static void run(uint32_t *state, const uint8_t *const *blocks, size_t count)
{
    onus_sha256_blocks_scalar(state, blocks[0], count);
}

static void hash_blocks(const uint8_t *blocks, size_t count, struct onus_digest *out)
{
    uint32_t state[8];
    memcpy(state, onus_sha256_initial, sizeof(state));
    onus_sha256_blocks_scalar(state, blocks, count);
    onus_sha256_store_digest(out, state);
}

static void whole(const struct onus_message *const *messages, size_t count,
        struct onus_digest *const *out)
{
    ONUS_UNINITIALISED uint8_t blocks[ONUS_SHA256_WHOLE_MAX * ONUS_SHA256_BLOCK];
    onus_sha256_lay_out(blocks, messages[0], count);
    hash_blocks(blocks, count, out[0]);
}

static void nodes(const struct onus_digest *pairs, struct onus_digest *out)
{
    uint8_t blocks[2 * ONUS_SHA256_BLOCK];
    onus_sha256_lay_out_node(blocks, pairs);
    hash_blocks(blocks, 2, out);
}

static void salts(const struct onus_digest *batch_key, uint64_t from, struct onus_digest *out)
{
    uint8_t block[ONUS_SHA256_BLOCK];
    onus_sha256_lay_out_salt(block, batch_key, from);
    hash_blocks(block, 1, out);
}

const struct onus_sha256_kernel onus_sha256_kernel_scalar = {
        .name = "scalar",
        .lanes = 1,
        .run = run,
        .whole = whole,
        .nodes = nodes,
        .salts = salts,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 with one message in each lane of a vector. Included once by each kernel file, which has
 * defined before:
 *
 * LANES          how many 32-bit lanes
 * LANES_TARGET   the attribute of a function that may use its instructions
 * LANES_INLINE   the same, always inlined
 * struct-free type `vec` and add(), set(), choose(), majority(), xor3(), turn_right(), shift_right()
 * load_words()   16 words of one block of each lane, in host order
 * store_digests() the eight words of each lane, big endian
 *
 * The vectors of state and message are local arrays indexed by constants once the loops are unrolled,
 * so that they live in registers.
 */

LANES_INLINE vec big_sigma0(vec x)
{
    return xor3(turn_right(x, 2), turn_right(x, 13), turn_right(x, 22));
}

LANES_INLINE vec big_sigma1(vec x)
{
    return xor3(turn_right(x, 6), turn_right(x, 11), turn_right(x, 25));
}

LANES_INLINE vec small_sigma0(vec x)
{
    return xor3(turn_right(x, 7), turn_right(x, 18), shift_right(x, 3));
}

LANES_INLINE vec small_sigma1(vec x)
{
    return xor3(turn_right(x, 17), turn_right(x, 19), shift_right(x, 10));
}

/* Instead of moving the eight letters down one place each round, round i finds them at -i modulo 8. */
LANES_INLINE void one_round(vec s[8], size_t i, vec words_and_constant)
{
    vec a = s[(0 - i) % 8];
    vec e = s[(4 - i) % 8];
    vec *h = &s[(7 - i) % 8];
    vec t1 = add(add(*h, words_and_constant),
            add(big_sigma1(e), choose(e, s[(5 - i) % 8], s[(6 - i) % 8])));
    vec t2 = add(big_sigma0(a), majority(a, s[(1 - i) % 8], s[(2 - i) % 8]));
    s[(3 - i) % 8] = add(s[(3 - i) % 8], t1);
    *h = add(t1, t2);
}

/* Sixteen rounds; the message words become those of the next sixteen unless these are the last. */
LANES_INLINE void sixteen_rounds(vec s[8], vec w[16], const uint32_t *constants, bool last)
{
#pragma GCC unroll 16
    for (size_t i = 0; i < 16; i++) {
        one_round(s, i, add(w[i], set(constants[i])));
        if (!last) {
            vec old = add(w[i], w[(i + 9) % 16]);
            w[i] = add(old, add(small_sigma0(w[(i + 1) % 16]), small_sigma1(w[(i + 14) % 16])));
        }
    }
}

LANES_INLINE void compress(vec state[8], vec w[16])
{
    vec s[8];
#pragma GCC unroll 16
    for (size_t i = 0; i < 8; i++) {
        s[i] = state[i];
    }
#pragma GCC unroll 1
    for (size_t i = 0; i < 48; i += 16) {
        sixteen_rounds(s, w, onus_sha256_constants + i, false);
    }
    sixteen_rounds(s, w, onus_sha256_constants + 48, true);
#pragma GCC unroll 16
    for (size_t i = 0; i < 8; i++) {
        state[i] = add(state[i], s[i]);
    }
}

LANES_INLINE void begin(vec state[8])
{
#pragma GCC unroll 16
    for (size_t i = 0; i < 8; i++) {
        state[i] = set(onus_sha256_initial[i]);
    }
}

LANES_TARGET static void run(uint32_t *words, const uint8_t *const *blocks, size_t count)
{
    vec state[8];
    const uint8_t *at[LANES];
#pragma GCC unroll 16
    for (size_t i = 0; i < 8; i++) {
        state[i] = load_vec(words + i * LANES);
    }
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        at[j] = blocks[j];
    }
    for (; count > 0; count--) {
        vec w[16];
        load_words(w, at);
#pragma GCC unroll 16
        for (size_t j = 0; j < LANES; j++) {
            at[j] += ONUS_SHA256_BLOCK;
        }
        compress(state, w);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < 8; i++) {
        store_vec(words + i * LANES, state[i]);
    }
}

LANES_INLINE void store_in_row(struct onus_digest *out, const vec state[8])
{
    struct onus_digest *outs[LANES];
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        outs[j] = out + j;
    }
    store_digests(outs, state);
}

/*
 * 65 bytes: 01, then the 64 of the pair. Word i of the first block ends with the first three bytes of
 * word i of the pair; the second block is the last byte, the padding and the length.
 */
LANES_TARGET static void nodes(const struct onus_digest *pairs, struct onus_digest *out)
{
    vec state[8];
    vec w[16];
    const uint8_t *at[LANES];
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        at[j] = pairs[2 * j].bytes;
    }
    load_words(w, at);
    vec final = w[15];
#pragma GCC unroll 16
    for (size_t i = 15; i > 0; i--) {
        w[i] = join_words(w[i - 1], w[i]);
    }
    w[0] = join_words(set(1), w[0]);
    begin(state);
    compress(state, w);

    w[0] = join_words(final, set(0x80000000));
#pragma GCC unroll 16
    for (size_t i = 1; i < 15; i++) {
        w[i] = set(0);
    }
    w[15] = set(65 * 8);
    compress(state, w);
    store_in_row(out, state);
}

LANES_TARGET static void salts(const struct onus_digest *batch_key, uint64_t from,
        struct onus_digest *out)
{
    uint8_t block[ONUS_SHA256_BLOCK];
    uint32_t differ[3][LANES]; /* words 10 to 12 hold the number */
    onus_sha256_lay_out_salt(block, batch_key, 0);
    uint32_t first = onus_sha256_load_be32(block + 40);
#pragma GCC unroll 16
    for (size_t j = 0; j < LANES; j++) {
        uint64_t number = from + j;
        differ[0][j] = first | (uint32_t)(number >> 40);
        differ[1][j] = (uint32_t)(number >> 8);
        differ[2][j] = (uint32_t)(number << 24) | 0x00800000;
    }
    vec state[8];
    vec w[16];
#pragma GCC unroll 16
    for (size_t i = 0; i < 16; i++) {
        w[i] = set(onus_sha256_load_be32(block + 4 * i));
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < 3; i++) {
        w[10 + i] = load_vec(differ[i]);
    }
    begin(state);
    compress(state, w);
    store_in_row(out, state);
}

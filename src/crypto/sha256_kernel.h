/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_SHA256_KERNEL_H
#define ONUS_CRYPTO_SHA256_KERNEL_H

/* What the files of SHA-256 share among themselves. Others include sha256.h or sha256_many.h. */

#include "crypto/sha256_many.h"

#define ONUS_SHA256_BLOCK 64

/* FIPS 180-4, 4.2.2 and 5.3.3. */
extern const uint32_t onus_sha256_constants[64];
extern const uint32_t onus_sha256_initial[8];

static inline void onus_sha256_store_be32(uint8_t *out, uint32_t word)
{
    word = __builtin_bswap32(word);
    memcpy(out, &word, sizeof(word));
}

static inline void onus_sha256_store_be64(uint8_t *out, uint64_t word)
{
    word = __builtin_bswap64(word);
    memcpy(out, &word, sizeof(word));
}

static inline uint32_t onus_sha256_load_be32(const uint8_t *in)
{
    uint32_t word = 0;
    memcpy(&word, in, sizeof(word));
    return __builtin_bswap32(word);
}

/* Large working space is written before it is read; zeroing it for every call would cost as much as its use. */
#define ONUS_UNINITIALISED __attribute__((uninitialized))

/* Add `count` whole blocks to one state. */
typedef void onus_sha256_blocks(uint32_t state[8], const uint8_t *blocks, size_t count);

onus_sha256_blocks onus_sha256_blocks_scalar;
#ifdef __x86_64__
onus_sha256_blocks onus_sha256_blocks_ni; /* needs SHA, SSSE3 and SSE4.1 */
#endif

/* The one of these that this processor runs fastest. */
onus_sha256_blocks *onus_sha256_best_blocks(void);

/*
 * The kernel for what does not fill all lanes of the best one, and for long messages: fewer lanes, each
 * of them faster. It is the best one where there is no such kernel.
 */
const struct onus_sha256_kernel *onus_sha256_best_for_few(void);

#define ONUS_SHA256_LANES_MAX 16
/* A message of this many blocks or fewer may be handed to whole(). */
#define ONUS_SHA256_WHOLE_MAX 16

struct onus_sha256_kernel {
    const char *name;
    size_t lanes; /* 1 to ONUS_SHA256_LANES_MAX */

    /* Add `count` blocks to each lane. Word i of lane j is state[i * lanes + j]. */
    void (*run)(uint32_t *state, const uint8_t *const *blocks, size_t count);

    /* One message in each lane, all of `count` blocks. */
    void (*whole)(const struct onus_message *const *messages, size_t count,
            struct onus_digest *const *out);

    /* As onus_sha256_nodes() and onus_sha256_salts(), for one hash in each lane. */
    void (*nodes)(const struct onus_digest *pairs, struct onus_digest *out);
    void (*salts)(const struct onus_digest *batch_key, uint64_t from, struct onus_digest *out);
};

extern const struct onus_sha256_kernel onus_sha256_kernel_scalar;
#ifdef __x86_64__
extern const struct onus_sha256_kernel onus_sha256_kernel_ni;
extern const struct onus_sha256_kernel onus_sha256_kernel_avx2;
extern const struct onus_sha256_kernel onus_sha256_kernel_avx512;
#endif

/* How many bytes a message has, and how many blocks with its padding. */
static inline uint64_t onus_sha256_length_of(const struct onus_message *message)
{
    return (uint64_t)message->head_length + message->body.len;
}

static inline size_t onus_sha256_blocks_of(const struct onus_message *message)
{
    return onus_sha256_length_of(message) / ONUS_SHA256_BLOCK +
           (onus_sha256_length_of(message) % ONUS_SHA256_BLOCK < ONUS_SHA256_BLOCK - 8 ? 1 : 2);
}

/* Padding behind the last `held` bytes of a message of `length`; `size` is 64 or 128. */
static inline void onus_sha256_pad(uint8_t *blocks, size_t held, size_t size, uint64_t length)
{
    memset(blocks + held, 0, size - held);
    blocks[held] = 0x80;
    onus_sha256_store_be64(blocks + size - 8, length * 8);
}

/* Write a message of `count` <= ONUS_SHA256_WHOLE_MAX blocks with its padding. */
static inline void onus_sha256_lay_out(uint8_t *blocks, const struct onus_message *message,
        size_t count)
{
    memcpy(blocks, message->head, sizeof(message->head));
    if (message->body.len > 0) {
        memcpy(blocks + message->head_length, message->body.ptr, message->body.len);
    }
    size_t length = (size_t)onus_sha256_length_of(message);
    onus_sha256_pad(blocks, length, count * ONUS_SHA256_BLOCK, length);
}

/* The blocks of SHA-256(01 || left || right). */
static inline void onus_sha256_lay_out_node(uint8_t blocks[2 * ONUS_SHA256_BLOCK],
        const struct onus_digest pair[2])
{
    blocks[0] = 1;
    memcpy(blocks + 1, pair, 2 * sizeof(pair[0]));
    onus_sha256_pad(blocks, 65, (size_t)2 * ONUS_SHA256_BLOCK, 65);
}

/* The block of SHA-256("onus/salt" || batch_key || be64(number)). */
static inline void onus_sha256_lay_out_salt(uint8_t block[ONUS_SHA256_BLOCK],
        const struct onus_digest *batch_key, uint64_t number)
{
    static const uint8_t label[9] = {'o', 'n', 'u', 's', '/', 's', 'a', 'l', 't'};
    memcpy(block, label, sizeof(label));
    memcpy(block + 9, batch_key->bytes, sizeof(batch_key->bytes));
    onus_sha256_store_be64(block + 41, number);
    onus_sha256_pad(block, 49, ONUS_SHA256_BLOCK, 49);
}

static inline void onus_sha256_store_digest(struct onus_digest *out, const uint32_t state[8])
{
    for (size_t i = 0; i < 8; i++) {
        onus_sha256_store_be32(out->bytes + 4 * i, state[i]);
    }
}

#endif

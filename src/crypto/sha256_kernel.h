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

/* Add `count` whole blocks to one state. */
typedef void onus_sha256_blocks(uint32_t state[8], const uint8_t *blocks, size_t count);

onus_sha256_blocks onus_sha256_blocks_scalar;

#endif

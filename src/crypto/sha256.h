/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_SHA256_H
#define ONUS_CRYPTO_SHA256_H

/*
 * SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104) of one message at a time. Many messages at once:
 * sha256_many.h.
 *
 * Nothing here allocates or can fail. The instructions the processor offers are looked up once, at
 * program start. Any thread may call; a struct onus_sha256 belongs to one thread at a time.
 */

#include <onus/base.h>

struct onus_digest {
    uint8_t bytes[32];
};

/* The digest as 32 bytes of text; valid as long as *digest is. */
static inline struct onus_str onus_digest_view(const struct onus_digest *digest)
{
    return (struct onus_str){(const char *)digest->bytes, sizeof(digest->bytes)};
}

/* In a time that does not depend on the bytes. */
bool onus_digest_eq(const struct onus_digest *a, const struct onus_digest *b);

/* All bytes at once. `bytes` may lie where `out` does. */
void onus_sha256(struct onus_str bytes, struct onus_digest *out);

/*
 * Bytes in pieces: init, any number of adds, end. After end the struct must be initialised again. A
 * struct that was initialised may be copied, to continue from the same beginning twice.
 */
struct onus_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes added so far */
    uint8_t block[64];
};

void onus_sha256_init(struct onus_sha256 *hash);
void onus_sha256_add(struct onus_sha256 *hash, struct onus_str bytes);
void onus_sha256_end(struct onus_sha256 *hash, struct onus_digest *out);

/* HMAC over the concatenation of `count` parts. A key may have any length. */
void onus_hmac_sha256(struct onus_str key, const struct onus_str *parts, size_t count,
        struct onus_digest *out);

#endif

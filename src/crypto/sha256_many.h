/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_SHA256_MANY_H
#define ONUS_CRYPTO_SHA256_MANY_H

/*
 * SHA-256 of many independent messages at once, one in each lane of a vector register.
 *
 * A kernel is one way to compute it: scalar code, the SHA instructions, AVX2, AVX-512. All give the
 * same digests. Wherever a kernel is asked for, NULL means onus_sha256_best().
 *
 * Nothing here allocates or can fail. Any thread may call.
 */

#include "crypto/sha256.h"

struct onus_sha256_kernel;

/* The fastest kernel this processor can run. Never NULL. */
const struct onus_sha256_kernel *onus_sha256_best(void);

/* The kernels this processor can run, from 0 up; NULL after the last. Scalar is always among them. */
const struct onus_sha256_kernel *onus_sha256_kernel_at(size_t index);

/* By name: "scalar", "sha-ni", "avx2", "avx512". NULL when unknown or not for this processor. */
const struct onus_sha256_kernel *onus_sha256_kernel_by_name(struct onus_str name);

const char *onus_sha256_kernel_name(const struct onus_sha256_kernel *kernel);

/*
 * A message is the first head_length bytes of head, then body. The head is for the few bytes that
 * tell one kind of message from another (a tag, a salt), so that the body need not be copied.
 */
#define ONUS_MESSAGE_HEAD_MAX 24

struct onus_message {
    uint8_t head[ONUS_MESSAGE_HEAD_MAX];
    uint8_t head_length; /* 0 to ONUS_MESSAGE_HEAD_MAX */
    struct onus_str body;
};

/*
 * out[i] = SHA-256 of messages[i]. Any number, any lengths, in any mixture; messages of similar length
 * close to each other are fastest. `out` must not overlap the messages or their bodies.
 */
void onus_sha256_many(const struct onus_sha256_kernel *kernel, const struct onus_message *messages,
        size_t count, struct onus_digest *out);

/*
 * out[i] = SHA-256(01 || pairs[2i] || pairs[2i + 1]) for i below pairs_count: one level of a Merkle
 * tree (RFC 6962, 2.1). `out` may be the same array as `pairs`, or must not overlap it.
 */
void onus_sha256_nodes(const struct onus_sha256_kernel *kernel, const struct onus_digest *pairs,
        size_t pairs_count, struct onus_digest *out);

/*
 * out[j - from] = SHA-256("onus/salt" || batch_key || be64(j)) for from <= j < to. Each digest is two
 * salts of 16 bytes: salt 2j, then salt 2j + 1.
 */
void onus_sha256_salts(const struct onus_sha256_kernel *kernel, const struct onus_digest *batch_key,
        uint64_t from, uint64_t to, struct onus_digest *out);

#endif

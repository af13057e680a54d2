/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_ED25519_H
#define ONUS_CRYPTO_ED25519_H

/*
 * Ed25519 signatures (RFC 8032, 5.1), checked strictly: one message and key have one signature that
 * everybody accepts, and no key exists for which a signature fits every message.
 *
 * Refused: S not below the group order; a public key or R whose encoding is not canonical (RFC 8032,
 * 5.1.3); a public key or R of small order. The equation is checked without the cofactor.
 */

#include <onus/error.h>

/* 32 secret bytes; from onus_random(), or derived from another secret. */
struct onus_ed25519_seed {
    uint8_t bytes[32];
};

struct onus_ed25519_public {
    uint8_t bytes[32];
};

struct onus_ed25519_signature {
    uint8_t bytes[64]; /* R || S */
};

/* The public key that belongs to a seed. ONUS_E_MEMORY when libcrypto has no memory. */
ONUS_NODISCARD enum onus_code onus_ed25519_public_of(const struct onus_ed25519_seed *seed,
        struct onus_ed25519_public *out, struct onus_error *err);

/* Sign. The same seed and message give the same signature. ONUS_E_MEMORY as above. */
ONUS_NODISCARD enum onus_code onus_ed25519_sign(const struct onus_ed25519_seed *seed,
        struct onus_str message, struct onus_ed25519_signature *out, struct onus_error *err);

/*
 * Three answers:
 * ONUS_OK           the signature is by this key over this message.
 * ONUS_E_MISMATCH   it is not.
 * ONUS_E_FORMAT     the key is none (not canonical, not on the curve, small order).
 * ONUS_E_MEMORY     cannot tell: libcrypto has no memory.
 */
ONUS_NODISCARD enum onus_code onus_ed25519_verify(const struct onus_ed25519_public *key,
        struct onus_str message, const struct onus_ed25519_signature *signature,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_AGE_H
#define ONUS_CRYPTO_AGE_H

/*
 * Encryption to public keys in the age format, version 1 (C2SP age.md), with recipients of type X25519.
 * Whole files in memory, binary, without ASCII armour. What is written here is read by the program
 * `age`, and the other way round. Buffers that drain cannot be written to.
 *
 * age hides and protects the content; it does not say who encrypted. Whoever needs that signs.
 */

#include "base/buffer.h"
#include "crypto/random.h"

/* The secret key. Write over it with explicit_bzero() when it is no longer needed. */
struct onus_age_identity {
    uint8_t secret[32];
};

/* The public key. */
struct onus_age_recipient {
    uint8_t point[32];
};

/* ---- keys and their texts (Bech32) -------------------------------------------------------------- */

#define ONUS_AGE_IDENTITY_TEXT  75 /* AGE-SECRET-KEY-1..., with the terminator */
#define ONUS_AGE_RECIPIENT_TEXT 63 /* age1..., with the terminator */

ONUS_NODISCARD enum onus_code onus_age_identity_make(struct onus_random_source random,
        struct onus_age_identity *out, struct onus_error *err);

/* The public key of a secret one. ONUS_E_MEMORY when libcrypto has no memory. */
ONUS_NODISCARD enum onus_code onus_age_recipient_of(const struct onus_age_identity *identity,
        struct onus_age_recipient *out, struct onus_error *err);

void onus_age_identity_format(const struct onus_age_identity *identity,
        char out[ONUS_AGE_IDENTITY_TEXT]);
void onus_age_recipient_format(const struct onus_age_recipient *recipient,
        char out[ONUS_AGE_RECIPIENT_TEXT]);

/* The whole view is one key in its only form: ONUS_E_FORMAT else, without showing the text. */
ONUS_NODISCARD enum onus_code onus_age_identity_parse(struct onus_str text,
        struct onus_age_identity *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_age_recipient_parse(struct onus_str text,
        struct onus_age_recipient *out, struct onus_error *err);

/* ---- files --------------------------------------------------------------------------------------- */

#define ONUS_AGE_RECIPIENTS_MAX 64
#define ONUS_AGE_HEADER_MAX     65536 /* bytes, when reading */

/*
 * Append the encrypted file to `out`. Each recipient alone can read it. The random source is asked for
 * 16 bytes (file key), 32 for each recipient, then 16 (nonce), in this order; the bytes must never be
 * used twice.
 *
 * ONUS_E_ARGUMENT  no recipient, or more than ONUS_AGE_RECIPIENTS_MAX.
 * ONUS_E_FORMAT    a recipient is no usable key (a point of small order).
 * ONUS_E_MEMORY, ONUS_E_LIMIT  the buffer, or libcrypto; what the source returns.
 * After a failure nothing is appended.
 */
ONUS_NODISCARD enum onus_code onus_age_encrypt(const struct onus_age_recipient *recipients,
        size_t count, struct onus_str plain, struct onus_random_source random,
        struct onus_buffer *out, struct onus_error *err);

/*
 * Append the content of an encrypted file to `out`, when one of the identities can read it.
 *
 * ONUS_E_FORMAT    this is no age file; err->offset says where.
 * ONUS_E_MISSING   it is encrypted to others.
 * ONUS_E_MISMATCH  header or content was changed or cut after encryption.
 * ONUS_E_LIMIT     the content has more than `limit` bytes; or the header, ONUS_AGE_HEADER_MAX.
 * ONUS_E_MEMORY    the buffer, or libcrypto.
 * After a failure nothing is appended: no part of a file that does not check is ever handed out.
 */
ONUS_NODISCARD enum onus_code onus_age_decrypt(const struct onus_age_identity *identities,
        size_t count, struct onus_str file, size_t limit, struct onus_buffer *out,
        struct onus_error *err);

#endif

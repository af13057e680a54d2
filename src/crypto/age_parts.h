/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_AGE_PARTS_H
#define ONUS_CRYPTO_AGE_PARTS_H

/* What the files of age share among themselves. Others include age.h. */

#include "crypto/age.h"
#include "crypto/sha256.h"

enum {
    AGE_FILE_KEY = 16,
    AGE_WRAPPED = 32, /* file key and tag */
    AGE_NONCE = 16,
    AGE_TAG = 16,
    AGE_CHUNK = 65536
};

/* ---- primitives ---------------------------------------------------------------------------------- */

/* out = scalar * point, or scalar * base point when point is NULL. (RFC 7748, 5) */
enum onus_code onus_age_x25519(const uint8_t scalar[32], const uint8_t *point, uint8_t out[32],
        struct onus_error *err);

/* HKDF-SHA-256 with one block of output (RFC 5869). */
void onus_age_hkdf(struct onus_str key, struct onus_str salt, struct onus_str info,
        struct onus_digest *out);

/*
 * ChaCha20-Poly1305 (RFC 8439) of one piece after the other under one key. `out` has room for the text
 * and, when sealing, the tag. Opening says false when the tag does not fit, and also when libcrypto has
 * no memory, which then is remembered in no_memory.
 */
struct onus_age_cipher {
    void *context;
    bool seal;
    bool no_memory;
};

void onus_age_cipher_init(struct onus_age_cipher *cipher, const uint8_t key[32], bool seal);
void onus_age_cipher_clear(struct onus_age_cipher *cipher);
bool onus_age_cipher_piece(struct onus_age_cipher *cipher, const uint8_t nonce[12],
        struct onus_str from, uint8_t *out);

/* ---- header -------------------------------------------------------------------------------------- */

/* Views into the header. */
struct onus_age_stanza {
    struct onus_str type;      /* first argument */
    struct onus_str arguments; /* the others, between them one space; may be empty */
    bool has_arguments;
    struct onus_str body; /* lines of base64 with their line ends */
    size_t offset;        /* of the stanza in the file */
};

struct onus_age_reader {
    struct onus_str file;
    size_t at;
};

/* The version line, then stanza after stanza until ONUS_END, which leaves `at` on the MAC line. */
enum onus_code onus_age_begin(struct onus_age_reader *reader, struct onus_str file,
        struct onus_error *err);
enum onus_code onus_age_next(struct onus_age_reader *reader, struct onus_age_stanza *out,
        struct onus_error *err);

/* The last line: what the MAC is over, and the MAC. The payload begins at reader->at. */
enum onus_code onus_age_mac(struct onus_age_reader *reader, struct onus_str *covered,
        struct onus_digest *mac, struct onus_error *err);

/* 32 bytes as 43 characters of base64 without padding, canonical only. */
bool onus_age_decode32(struct onus_str text, uint8_t out[32]);
void onus_age_encode32(const uint8_t bytes[32], char out[43]);

#endif

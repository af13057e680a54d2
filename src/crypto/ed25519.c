/* SPDX-License-Identifier: Apache-2.0 */
#include "ed25519.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

/* All numbers little endian, as RFC 8032 writes them. */

/* p = 2^255 - 19 */
static const uint8_t field_prime[32] = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};

/* L = 2^252 + 27742317777372353535851937790883648493 */
static const uint8_t group_order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c,
        0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10};

/* The y of the eight points whose order divides 8; two points of opposite x share one. */
static const uint8_t small_order_y[5][32] = {
        {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00},
        {0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x00},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
                0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d,
                0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
                0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92,
                0xac, 0x03, 0x7a},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0x7f},
};

static bool below(const uint8_t number[32], const uint8_t bound[32])
{
    for (size_t i = 32; i-- > 0;) {
        if (number[i] != bound[i]) {
            return number[i] < bound[i];
        }
    }
    return false;
}

/*
 * Whether a point is written as RFC 8032, 5.1.3 wants it and is not of small order. A point with x = 0
 * and the sign bit set is of small order too, so that rule needs no check of its own.
 */
static bool is_good_point(const uint8_t encoded[32])
{
    uint8_t y[32];
    memcpy(y, encoded, sizeof(y));
    y[31] &= 0x7f;
    if (!below(y, field_prime)) {
        return false;
    }
    for (size_t i = 0; i < ONUS_COUNT(small_order_y); i++) {
        if (memcmp(y, small_order_y[i], sizeof(y)) == 0) {
            return false;
        }
    }
    return true;
}

static enum onus_code no_memory(struct onus_error *err)
{
    ERR_clear_error();
    return onus_fail(err, ONUS_E_MEMORY, "out of memory");
}

static EVP_PKEY *private_key(const struct onus_ed25519_seed *seed)
{
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed->bytes, sizeof(seed->bytes));
}

enum onus_code onus_ed25519_public_of(const struct onus_ed25519_seed *seed,
        struct onus_ed25519_public *out, struct onus_error *err)
{
    struct onus_ed25519_public made;
    size_t size = sizeof(made.bytes);
    EVP_PKEY *key = private_key(seed);
    bool good = key && EVP_PKEY_get_raw_public_key(key, made.bytes, &size) == 1;
    EVP_PKEY_free(key);
    if (!good) {
        return no_memory(err);
    }
    *out = made;
    return ONUS_OK;
}

enum onus_code onus_ed25519_sign(const struct onus_ed25519_seed *seed, struct onus_str message,
        struct onus_ed25519_signature *out, struct onus_error *err)
{
    struct onus_ed25519_signature made;
    size_t size = sizeof(made.bytes);
    EVP_PKEY *key = private_key(seed);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, made.bytes, &size, (const uint8_t *)message.ptr,
                        message.len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (!good) {
        return no_memory(err);
    }
    *out = made;
    return ONUS_OK;
}

/*
 * Whether some x belongs to this y: x^2 = (y^2 - 1) / (d y^2 + 1) with d = -121665/121666. A quotient
 * is a square when the product is one; multiplying by 121666 twice, or by -1, which is a square in this
 * field, changes nothing. 1, 0, or -1 when there is no memory to tell.
 */
static int is_on_curve(const uint8_t encoded[32])
{
    uint8_t bytes[32];
    memcpy(bytes, encoded, sizeof(bytes));
    bytes[31] &= 0x7f;
    int symbol = -2;
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_lebin2bn(field_prime, sizeof(field_prime), NULL);
    BIGNUM *yy = BN_lebin2bn(bytes, sizeof(bytes), NULL);
    BIGNUM *upper = BN_new();
    BIGNUM *lower = BN_new();
    if (context && p && yy && upper && lower && BN_mod_sqr(yy, yy, p, context) &&
            BN_copy(upper, yy) && BN_sub_word(upper, 1) && BN_mul_word(upper, 121666) &&
            BN_copy(lower, yy) && BN_mul_word(lower, 121665) && BN_sub_word(lower, 121666) &&
            BN_mod_mul(upper, upper, lower, p, context)) {
        symbol = BN_kronecker(upper, p, context);
    }
    BN_free(lower);
    BN_free(upper);
    BN_free(yy);
    BN_free(p);
    BN_CTX_free(context);
    return symbol == -2 ? -1 : symbol >= 0;
}

/* 1 when the signature fits, 0 when it does not, -1 when there is no memory to tell. */
static int check(const struct onus_ed25519_public *key, struct onus_str message,
        const struct onus_ed25519_signature *signature)
{
    int answer = -1;
    EVP_PKEY *public_key =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (public_key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1) {
        answer = EVP_DigestVerify(context, signature->bytes, sizeof(signature->bytes),
                         (const uint8_t *)message.ptr, message.len) == 1;
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    ERR_clear_error();
    return answer;
}

enum onus_code onus_ed25519_verify(const struct onus_ed25519_public *key, struct onus_str message,
        const struct onus_ed25519_signature *signature, struct onus_error *err)
{
    if (!is_good_point(key->bytes)) {
        return onus_fail(err, ONUS_E_FORMAT, "this is no acceptable Ed25519 public key");
    }
    if (!is_good_point(signature->bytes) || !below(signature->bytes + 32, group_order)) {
        return onus_fail(err, ONUS_E_MISMATCH, "the signature is not in canonical form");
    }
    int answer = check(key, message, signature);
    int on_curve = answer == 0 ? is_on_curve(key->bytes) : 1;
    if (answer < 0 || on_curve < 0) {
        return no_memory(err);
    }
    if (on_curve == 0) {
        return onus_fail(err, ONUS_E_FORMAT, "this is no acceptable Ed25519 public key");
    }
    if (answer == 0) {
        return onus_fail(err, ONUS_E_MISMATCH,
                "the signature does not fit the message and the key");
    }
    return ONUS_OK;
}

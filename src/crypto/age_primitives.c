/* SPDX-License-Identifier: Apache-2.0 */
#include "age_parts.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static const uint8_t base_point[32] = {9};

enum onus_code onus_age_x25519(const uint8_t scalar[32], const uint8_t *point, uint8_t out[32],
        struct onus_error *err)
{
    uint8_t made[32];
    size_t size = sizeof(made);
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar, 32);
    EVP_PKEY *peer =
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point ? point : base_point, 32);
    EVP_PKEY_CTX *context = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    bool ready = context && peer && EVP_PKEY_derive_init(context) == 1 &&
                 EVP_PKEY_derive_set_peer(context, peer) == 1;
    /* The only reason left not to agree is a result of all zero bytes. */
    bool agreed = ready && EVP_PKEY_derive(context, made, &size) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    ERR_clear_error();
    if (!ready) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    if (!agreed) {
        return onus_fail(err, ONUS_E_FORMAT, "this is no usable X25519 key");
    }
    memcpy(out, made, sizeof(made));
    explicit_bzero(made, sizeof(made));
    return ONUS_OK;
}

void onus_age_hkdf(struct onus_str key, struct onus_str salt, struct onus_str info,
        struct onus_digest *out)
{
    struct onus_digest extracted;
    onus_hmac_sha256(salt, &key, 1, &extracted);
    struct onus_str parts[] = {info, ONUS_STR("\1")};
    onus_hmac_sha256(onus_digest_view(&extracted), parts, ONUS_COUNT(parts), out);
    explicit_bzero(&extracted, sizeof(extracted));
}

void onus_age_cipher_init(struct onus_age_cipher *cipher, const uint8_t key[32], bool seal)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ready = context &&
                 EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), NULL, key, NULL, seal) == 1;
    *cipher = (struct onus_age_cipher){context, seal, !ready};
}

void onus_age_cipher_clear(struct onus_age_cipher *cipher)
{
    EVP_CIPHER_CTX_free(cipher->context);
    ERR_clear_error();
    *cipher = (struct onus_age_cipher){.context = NULL};
}

bool onus_age_cipher_piece(struct onus_age_cipher *cipher, const uint8_t nonce[12],
        struct onus_str from, uint8_t *out)
{
    EVP_CIPHER_CTX *context = cipher->context;
    size_t text = cipher->seal ? from.len : from.len - AGE_TAG;
    int wrote = 0;
    int rest = 0;
    uint8_t tag[AGE_TAG];
    if (cipher->no_memory ||
            EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, cipher->seal) != 1) {
        cipher->no_memory = true;
        return false;
    }
    if (!cipher->seal) {
        memcpy(tag, from.ptr + text, sizeof(tag));
        if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1) {
            cipher->no_memory = true;
            return false;
        }
    }
    /* Of no text at all libcrypto would take the call for the last one. */
    if (text > 0 &&
            EVP_CipherUpdate(context, out, &wrote, (const uint8_t *)from.ptr, (int)text) != 1) {
        cipher->no_memory = true;
        return false;
    }
    if (EVP_CipherFinal_ex(context, out + wrote, &rest) != 1) {
        return false;
    }
    if (cipher->seal &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AGE_TAG, out + text) != 1) {
        cipher->no_memory = true;
        return false;
    }
    return true;
}

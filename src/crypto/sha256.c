/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256.h"

#include "sha256_kernel.h"

bool onus_digest_eq(const struct onus_digest *a, const struct onus_digest *b)
{
    uint8_t different = 0;
    for (size_t i = 0; i < sizeof(a->bytes); i++) {
        different |= a->bytes[i] ^ b->bytes[i];
    }
    return different == 0;
}

void onus_sha256_init(struct onus_sha256 *hash)
{
    memcpy(hash->state, onus_sha256_initial, sizeof(hash->state));
    hash->length = 0;
}

void onus_sha256_add(struct onus_sha256 *hash, struct onus_str bytes)
{
    if (bytes.len == 0) {
        return;
    }
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    size_t left = bytes.len;
    size_t held = hash->length % ONUS_SHA256_BLOCK;
    hash->length += bytes.len;
    if (held > 0) {
        size_t room = ONUS_SHA256_BLOCK - held;
        size_t take = left < room ? left : room;
        memcpy(hash->block + held, at, take);
        if (take < room) {
            return;
        }
        onus_sha256_best_blocks()(hash->state, hash->block, 1);
        at += take;
        left -= take;
    }
    onus_sha256_best_blocks()(hash->state, at, left / ONUS_SHA256_BLOCK);
    memcpy(hash->block, at + left / ONUS_SHA256_BLOCK * ONUS_SHA256_BLOCK,
            left % ONUS_SHA256_BLOCK);
}

void onus_sha256_end(struct onus_sha256 *hash, struct onus_digest *out)
{
    size_t held = hash->length % ONUS_SHA256_BLOCK;
    uint8_t tail[2 * ONUS_SHA256_BLOCK] = {0};
    size_t size = held < ONUS_SHA256_BLOCK - 8 ? ONUS_SHA256_BLOCK : 2 * ONUS_SHA256_BLOCK;
    memcpy(tail, hash->block, held);
    tail[held] = 0x80;
    onus_sha256_store_be64(tail + size - 8, hash->length * 8);
    onus_sha256_best_blocks()(hash->state, tail, size / ONUS_SHA256_BLOCK);
    onus_sha256_store_digest(out, hash->state);
}

void onus_sha256(struct onus_str bytes, struct onus_digest *out)
{
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, bytes);
    onus_sha256_end(&hash, out);
}

static void start_padded(struct onus_sha256 *hash, const uint8_t key[ONUS_SHA256_BLOCK],
        uint8_t pad)
{
    uint8_t block[ONUS_SHA256_BLOCK];
    for (size_t i = 0; i < sizeof(block); i++) {
        block[i] = key[i] ^ pad;
    }
    onus_sha256_init(hash);
    onus_sha256_add(hash, (struct onus_str){(const char *)block, sizeof(block)});
    explicit_bzero(block, sizeof(block));
}

void onus_hmac_sha256(struct onus_str key, const struct onus_str *parts, size_t count,
        struct onus_digest *out)
{
    uint8_t block[ONUS_SHA256_BLOCK] = {0};
    struct onus_digest inner;
    if (key.len > sizeof(block)) {
        onus_sha256(key, &inner);
        memcpy(block, inner.bytes, sizeof(inner.bytes));
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }

    struct onus_sha256 hash;
    start_padded(&hash, block, 0x36);
    for (size_t i = 0; i < count; i++) {
        onus_sha256_add(&hash, parts[i]);
    }
    onus_sha256_end(&hash, &inner);
    start_padded(&hash, block, 0x5c);
    onus_sha256_add(&hash, onus_digest_view(&inner));
    onus_sha256_end(&hash, out);
    explicit_bzero(block, sizeof(block));
    explicit_bzero(&inner, sizeof(inner));
    explicit_bzero(&hash, sizeof(hash));
}

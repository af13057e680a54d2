/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/str.h"
#include "crypto/age.h"
#include "evidence/witness_parts.h"
#include "sys/durable.h"
#include "text/hex.h"

#define KEY      "keys/witness.key"
#define IDENTITY "keys/witness.agekey"
#define MAGIC    "onus/witness-key/v1\n"

enum {
    FILE_MAX = 65536
};

static void wipe(struct onus_buffer *buffer)
{
    if (buffer->ptr) {
        explicit_bzero(buffer->ptr, buffer->len);
    }
    onus_buffer_clear(buffer);
}

static enum onus_code wrap(const struct onus_age_identity *identity,
        const struct onus_ed25519_seed *seed, struct onus_random_source random,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_age_recipient recipient;
    struct onus_buffer plain;
    enum onus_code code = onus_age_recipient_of(identity, &recipient, err);
    onus_buffer_init(&plain, FILE_MAX);
    onus_buffer_add_text(&plain, MAGIC);
    onus_hex_add(&plain, (struct onus_str){(const char *)seed->bytes, sizeof(seed->bytes)});
    onus_buffer_add_char(&plain, '\n');
    if (code == ONUS_OK) {
        code = onus_buffer_status(&plain, err);
    }
    if (code == ONUS_OK) {
        code = onus_age_encrypt(&recipient, 1, onus_buffer_view(&plain), random, out, err);
    }
    wipe(&plain);
    return code;
}

enum onus_code onus_witness_key_write(int at, const struct onus_ed25519_seed *seed,
        struct onus_random_source random, struct onus_error *err)
{
    struct onus_age_identity identity;
    char text[ONUS_AGE_IDENTITY_TEXT];
    struct onus_buffer wrapped;
    enum onus_code code = onus_age_identity_make(random, &identity, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_age_identity_format(&identity, text);
    text[sizeof(text) - 1] = '\n';
    onus_buffer_init(&wrapped, FILE_MAX);
    code = wrap(&identity, seed, random, &wrapped, err);
    if (code == ONUS_OK) {
        code = onus_durable_folder(at, "keys", err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, IDENTITY, (struct onus_str){text, sizeof(text)}, 0600, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, KEY, onus_buffer_view(&wrapped), 0600, err);
    }
    explicit_bzero(&identity, sizeof(identity));
    explicit_bzero(text, sizeof(text));
    onus_buffer_clear(&wrapped);
    return code;
}

static enum onus_code unwrap(struct onus_str identity_text, struct onus_str file,
        struct onus_ed25519_seed *out, struct onus_error *err)
{
    struct onus_age_identity identity;
    struct onus_buffer plain;
    (void)onus_str_drop(&identity_text, ONUS_STR("\n"));
    enum onus_code code = onus_age_identity_parse(identity_text, &identity, err);
    if (code != ONUS_OK) {
        onus_context(err, "'%s'", IDENTITY);
        return code;
    }
    onus_buffer_init(&plain, FILE_MAX);
    code = onus_age_decrypt(&identity, 1, file, FILE_MAX, &plain, err);
    explicit_bzero(&identity, sizeof(identity));
    struct onus_str text = onus_buffer_view(&plain);
    if (code == ONUS_OK &&
            (!onus_str_skip(&text, ONUS_STR(MAGIC)) || !onus_str_drop(&text, ONUS_STR("\n")) ||
                    !onus_hex_exact(text, out->bytes, sizeof(out->bytes)))) {
        code = onus_fail(err, ONUS_E_FORMAT, "it does not hold the key of a witness");
    }
    wipe(&plain);
    if (code != ONUS_OK) {
        onus_context(err, "'%s'", KEY);
    }
    return code;
}

enum onus_code onus_witness_key_read(int at, struct onus_ed25519_seed *out, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_str identity;
    struct onus_str file;
    onus_arena_init(&arena, (size_t)8 * FILE_MAX);
    enum onus_code code = onus_durable_read(at, IDENTITY, FILE_MAX, &arena, &identity, err);
    if (code == ONUS_OK) {
        code = onus_durable_read(at, KEY, FILE_MAX, &arena, &file, err);
    }
    if (code == ONUS_OK) {
        code = unwrap(identity, file, out, err);
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): bytes of our own arena */
        explicit_bzero((void *)(uintptr_t)identity.ptr, identity.len);
    }
    onus_arena_clear(&arena);
    return code;
}

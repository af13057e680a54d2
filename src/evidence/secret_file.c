/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_parts.h"

#include "base/str.h"
#include "sys/durable.h"

/*
 * Files that hold secrets are encrypted to one age key, which lies beside them in a file of its own. Who
 * leaves that one file out of backups has made every copy of the others worthless.
 */

enum onus_code onus_identity_make(struct onus_vault *vault, struct onus_error *err)
{
    char text[ONUS_AGE_IDENTITY_TEXT + 1];
    enum onus_code code = onus_age_identity_make((struct onus_random_source){vault->options.random,
                                                         vault->options.data},
            &vault->identity, err);
    if (code == ONUS_OK) {
        onus_age_identity_format(&vault->identity, text);
        size_t length = strlen(text);
        text[length++] = '\n';
        code = onus_durable_write(vault->at, VAULT_IDENTITY, (struct onus_str){text, length}, 0600,
                err);
    }
    explicit_bzero(text, sizeof(text));
    return code;
}

enum onus_code onus_identity_read(struct onus_vault *vault, struct onus_error *err)
{
    struct onus_str text;
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 16);
    enum onus_code code = onus_durable_read(vault->at, VAULT_IDENTITY, 4096, &arena, &text, err);
    if (code == ONUS_OK) {
        struct onus_str line = text;
        code = onus_str_drop(&line, ONUS_STR("\n"))
                       ? onus_age_identity_parse(line, &vault->identity, err)
                       : onus_fail(err, ONUS_E_FORMAT, "no age identity with its line feed");
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", VAULT_IDENTITY);
        }
        union {
            const char *in;
            char *out;
        } bytes = {.in = text.ptr}; /* memory of the arena, which is ours */
        explicit_bzero(bytes.out, text.len);
    }
    onus_arena_clear(&arena);
    return code;
}

enum onus_code onus_secret_read(const struct onus_vault *vault, const char *path,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_str file;
    struct onus_arena arena;
    onus_arena_init(&arena, VAULT_FILE_MAX * 2);
    enum onus_code code = onus_durable_read(vault->at, path, VAULT_FILE_MAX, &arena, &file, err);
    if (code == ONUS_OK) {
        code = onus_age_decrypt(&vault->identity, 1, file, VAULT_FILE_MAX, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    onus_arena_clear(&arena);
    return code;
}

void onus_secret_clear(struct onus_buffer *secret)
{
    if (secret->ptr) {
        explicit_bzero(secret->ptr, secret->size);
    }
    onus_buffer_clear(secret);
}

enum onus_code onus_secret_write(const struct onus_vault *vault, const char *path,
        struct onus_str bytes, struct onus_error *err)
{
    struct onus_buffer file = {0};
    struct onus_age_recipient recipient;
    if (!vault->options.random) {
        return onus_fail(err, ONUS_E_ARGUMENT, "keys cannot be wrapped without randomness");
    }
    enum onus_code code = onus_age_recipient_of(&vault->identity, &recipient, err);
    if (code == ONUS_OK) {
        code = onus_age_encrypt(&recipient, 1, bytes,
                (struct onus_random_source){vault->options.random, vault->options.data}, &file,
                err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(vault->at, path, onus_buffer_view(&file), 0600, err);
    }
    onus_buffer_clear(&file);
    return code;
}

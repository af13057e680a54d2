/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/str.h"
#include "evidence/witness_parts.h"
#include "sys/durable.h"
#include "text/hex.h"

#define KEY "keys/witness.key"

enum {
    FILE_MAX = 65536
};

enum onus_code onus_witness_key_write(int at, const struct onus_witness_secrets *secrets,
        struct onus_error *err)
{
    char text[65];
    onus_hex_put(text, (struct onus_str){(const char *)secrets->seed.bytes, 32});
    text[64] = '\n';
    enum onus_code code = onus_durable_folder(at, "keys", err);
    if (code == ONUS_OK) {
        code = onus_durable_write(at, KEY, (struct onus_str){text, sizeof(text)}, 0600, err);
    }
    explicit_bzero(text, sizeof(text));
    return code;
}

enum onus_code onus_witness_key_read(int at, struct onus_ed25519_seed *out, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_str text;
    onus_arena_init(&arena, (size_t)4 * FILE_MAX);
    enum onus_code code = onus_durable_read(at, KEY, FILE_MAX, &arena, &text, err);
    if (code == ONUS_OK && (!onus_str_drop(&text, ONUS_STR("\n")) ||
                                   !onus_hex_exact(text, out->bytes, sizeof(out->bytes)))) {
        code = onus_fail(err, ONUS_E_FORMAT, "'%s' is no key", KEY);
    }
    onus_arena_clear(&arena);
    return code;
}

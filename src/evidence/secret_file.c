/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_parts.h"

#include "sys/durable.h"

enum onus_code onus_secret_read(int at, const char *path, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    return onus_durable_read(at, path, VAULT_FILE_MAX, arena, out, err);
}

enum onus_code onus_secret_write(const struct onus_vault *vault, const char *path,
        struct onus_str bytes, struct onus_error *err)
{
    return onus_durable_write(vault->at, path, bytes, 0600, err);
}

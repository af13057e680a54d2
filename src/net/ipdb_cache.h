/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_CACHE_H
#define ONUS_NET_IPDB_CACHE_H

/*
 * Where compiled tables live.
 *
 * Beside their sources in DIR/.onus when DIR may be written, else in the user's cache. Nothing
 * depends on it: where no place can be written, a table is compiled into memory each time.
 */

#include "ipdb.h"
#include "ipdb_file.h"

/* "$XDG_DATA_HOME/onus/ipdb" or "~/.local/share/onus/ipdb". False when neither is set. */
bool onus_ipdb_data_directory(char out[static ONUS_IPDB_PATH]);

/*
 * Open the compiled form of a source file: from its place when it is there and still fits the source,
 * else by compiling it, and keeping it when possible. `beside`: the directory of the set, or NULL for
 * the user's cache only. `lazily` as for onus_ipdb_file_open_lazily(). Codes as
 * onus_ipdb_source_compile().
 */
ONUS_NODISCARD enum onus_code onus_ipdb_cache_open(const char *path, const char *beside,
        bool lazily, struct onus_ipdb_file *out, struct onus_error *err);

/* Write bytes to directory/name at once or not at all, making the directory when it is missing. */
ONUS_NODISCARD enum onus_code onus_ipdb_cache_write(const char *directory, const char *name,
        struct onus_str bytes, struct onus_error *err);

#endif

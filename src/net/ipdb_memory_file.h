/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_MEMORY_FILE_H
#define ONUS_NET_IPDB_MEMORY_FILE_H

/* For libraries that want a file where the bytes are already in memory, decompressed. */

#include <onus/error.h>

/* A descriptor of a nameless file with these bytes, at its start. The caller closes it. */
ONUS_NODISCARD enum onus_code onus_ipdb_memory_file(struct onus_str bytes, int *out,
        struct onus_error *err);

#endif

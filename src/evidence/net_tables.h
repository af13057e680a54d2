/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_NET_TABLES_H
#define ONUS_EVIDENCE_NET_TABLES_H

/*
 * The tables of networks that are sealed in a vault. Whoever seals lines sets fences at the edges of the
 * table nearest in date, so that sums over its networks can be proven later:
 *
 *     options.routed = rows ? onus_net_table_routed : NULL;
 *     options.routed_data = rows;
 */

#include "evidence/net_table.h"
#include "evidence/vault.h"

struct onus_net_tables {
    struct onus_net_rows *tables;
    int64_t *dates; /* seconds since 1970 */
    size_t count;
};

/*
 * Read them all into the arena. A table that is not in the signed log yet, or whose pack is gone, is
 * left out. ONUS_E_FORMAT, ONUS_E_MISMATCH: one that is there is not what it should be; err names it.
 */
ONUS_NODISCARD enum onus_code onus_net_tables_open(const struct onus_vault *vault,
        struct onus_arena *arena, struct onus_net_tables *out, struct onus_error *err);

/* The one nearest in date to `seconds`, of two as near the later one; NULL when there is none. */
struct onus_net_rows *onus_net_tables_nearest(const struct onus_net_tables *tables,
        int64_t seconds);

#endif

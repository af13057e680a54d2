/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_FSCK_H
#define ONUS_EVIDENCE_FSCK_H

/*
 * Everything a vault says, computed again: lines to roots, index to lines, manifests to the log, tiles to
 * the checkpoint, the checkpoint to the key, positions of files to manifests.
 *
 * What is wrong is told one by one with its object: ONUS_E_MISMATCH when something is other than was
 * committed, another code when that cannot be told (missing, malformed, unreadable, key gone). Other
 * words are notes: files that nobody needs.
 */

#include "evidence/batch.h"

struct onus_fsck_counts {
    uint64_t sources, batches, rollups, lines, bytes, entries;
    uint64_t erased;              /* of these lines */
    uint64_t mismatches, unknown; /* faults by kind */
    uint64_t compressed;          /* packs */
};

struct onus_fsck_options {
    onus_fault_found fault; /* never NULL */
    /* May be NULL. `done` of `total` batches. */
    void (*progress)(void *data, uint64_t done, uint64_t total);
    /* A file that is not needed. May be NULL. */
    void (*leftover)(void *data, const char *path);
    void *data;
    /* Compress packs that are only stored, once they were found right; the vault is open for writing. */
    bool compress;
    int level; /* of zstd */
};

/*
 * `vault` was opened with fault told (onus_vault_options.fault). ONUS_OK when all was looked at,
 * whatever was found.
 */
ONUS_NODISCARD enum onus_code onus_fsck(const struct onus_vault *vault,
        const struct onus_fsck_options *options, struct onus_fsck_counts *counts,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_GRAVES_H
#define ONUS_EVIDENCE_GRAVES_H

/* The records of all erasures of a vault, checked: for onus_fsck(). */

#include "evidence/erase.h"

struct onus_grave {
    uint64_t entry; /* in the log */
    struct onus_tag tag;
    uint64_t seq, lines;
};

struct onus_graves {
    const struct onus_grave *items; /* by entry */
    size_t count;
    bool pending; /* an erasure is under way, so a tomb may be ahead of its record */
};

/*
 * Read vault/erased and the custody log. Told to `fault`: a record that is malformed or is not what its
 * entry of the log commits to; a custody log that is not whole, or is without a line whose hash a record
 * names; an erasure that is not finished.
 */
ONUS_NODISCARD enum onus_code onus_graves_load(const struct onus_vault *vault,
        onus_fault_found fault, void *data, struct onus_arena *arena, struct onus_graves *out,
        struct onus_error *err);

bool onus_graves_has(const struct onus_graves *graves, uint64_t entry);
/* Lines of a batch that were erased, as the log says. */
uint64_t onus_graves_lines(const struct onus_graves *graves, const struct onus_tag *tag,
        uint64_t seq);

#endif

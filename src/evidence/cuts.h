/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_CUTS_H
#define ONUS_EVIDENCE_CUTS_H

/*
 * The file .prt of a batch with S leaves: where each line was cut (docs/formats/vault.md). The parser
 * that cut it is pinned (slot 4a), but reading must not need it.
 */

#include "base/arena.h"
#include "proof/record.h"

struct onus_cut {
    uint32_t offset, length; /* in its line */
    uint8_t kind;
};

struct onus_cut_line {
    uint64_t first; /* number of its first part, which is the number of its slot */
    uint8_t count;  /* 1 to ONUS_PARTS_MAX */
};

/*
 * The parts of each line together are the line. A line with a NULL pointer was erased: only how many parts
 * it had is taken, they are empty. ONUS_E_FORMAT with the offset for anything else;
 * bytes that follow the last line, a length that is spelled too long.
 */
ONUS_NODISCARD enum onus_code onus_cuts_parse(struct onus_str bytes, const struct onus_str *lines,
        size_t count, struct onus_arena *arena, struct onus_cut_line **out, struct onus_cut **parts,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_ROLLUP_H
#define ONUS_EVIDENCE_ROLLUP_H

/*
 * Roll-ups: one entry of the log over the indexes of many batches of a source, so that a month needs one
 * proof (docs/formats/evidence.md, "Manifest and roll-up").
 *
 * Nothing here reads files or clocks.
 */

#include "evidence/index.h"
#include "evidence/manifest.h"

/* ---- when ------------------------------------------------------------------------------------ */

/* What is known of a batch when roll-ups are planned. */
struct onus_rollup_batch {
    uint64_t seq;
    bool has_time;
    uint64_t last_time; /* slot 44, seconds since 1970 */
};

struct onus_rollup_range {
    uint64_t first, last; /* seq */
};

/*
 * Which roll-ups of one source are to be made: of the batches of each day and of each month, when there
 * are two and more, the period is over, and there is no roll-up of just these batches.
 *
 * A batch belongs to the latest UTC day that was reached with it: a batch without times belongs to the
 * day of the one before. A period is over when a later batch belongs to a later one, or when `now` is
 * more than a day past its end.
 *
 * `batches` in order of seq, without gaps. Ranges are ordered by first, then by last.
 */
ONUS_NODISCARD enum onus_code onus_rollup_due(const struct onus_rollup_batch *batches,
        size_t batch_count, const struct onus_rollup_range *existing, size_t existing_count,
        uint64_t now, struct onus_arena *arena, struct onus_rollup_range **out, size_t *count,
        struct onus_error *err);

/* ---- what ------------------------------------------------------------------------------------ */

/* One batch that is covered. */
struct onus_rollup_part {
    const struct onus_manifest *manifest;
    const struct onus_digest *leaf; /* of its entry */
    const struct onus_index *index;
};

struct onus_rollup_making {
    const struct onus_rollup_part
            *parts; /* in order of seq, without gaps, of one source; 2 and more */
    size_t part_count;
    struct onus_str collector;     /* slot 41; must outlive the result */
    uint64_t sealed_at;            /* slot 45 */
    const struct onus_digest *key; /* K_rollup */
    const struct onus_sha256_kernel *kernel;
};

/*
 * The merged index (without line numbers; the roots over them are right) and the manifest over it: all
 * 13 values, slot = 4 * rows; `entry` is 0 and is the caller's to fill. Everything lives in the arena.
 *
 * ONUS_E_ARGUMENT  the parts are not as above.
 * ONUS_E_MISSING   an index has no line numbers, or a key in it was erased.
 * ONUS_E_MEMORY, ONUS_E_LIMIT
 */
ONUS_NODISCARD enum onus_code onus_rollup_make(const struct onus_rollup_making *making,
        struct onus_arena *arena, struct onus_index *index, struct onus_manifest *manifest,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_ASSEMBLY_H
#define ONUS_EVIDENCE_ASSEMBLY_H

/*
 * A bundle in the making: groups out of exhibits, and what is shown of each. All that goes into the
 * bundle is copied into one arena, so an exhibit may be closed as soon as its group is done.
 *
 *     onus_assembly_init()
 *     for each exhibit: onus_group_begin(), show and count, onus_group_end()
 *     onus_assembly_total() for each total
 *     onus_assembly_finish()
 *
 * Claims are made only where they hold; nothing is asserted here that the index does not say. A count
 * that cannot be shown is ONUS_E_MISSING, and err says why: a fence that does not stand, a row whose
 * key was erased.
 */

#include "evidence/exhibit.h"
#include "evidence/path_tree.h"

struct onus_assembly {
    struct onus_arena *arena;
    struct onus_group *groups, *last_group; /* by entry */
    struct onus_total *totals, **totals_end;
    size_t group_count;
};

void onus_assembly_init(struct onus_assembly *assembly, struct onus_arena *arena);

/* ---- a group --------------------------------------------------------------------------------- */

struct onus_record_making;

struct onus_group_making {
    struct onus_assembly *assembly;
    const struct onus_exhibit *exhibit;
    struct onus_group *group;
    struct onus_slot *slots;    /* of its head */
    struct onus_arena scratch;  /* trees; gone with onus_group_end() */
    struct onus_path_tree rows; /* grown when first needed */
    struct onus_path_tree lines;
    struct onus_exhibit_index index;
    bool has_rows, has_lines;
    uint32_t *row_of_line; /* made when first needed */
    bool has_empty; /* the last claim of a range with nothing in it, and how far it reaches */
    struct onus_key empty_low, empty_high;
    struct onus_record_making *records, *last_record; /* by leaf */
    struct onus_item *claims, **claims_end;
};

/*
 * Begin a group. `path` leads from the entry to the root of the checkpoint. Nothing is open yet.
 * onus_group_end() must follow, also after a failure; it accepts a zeroed struct.
 */
ONUS_NODISCARD enum onus_code onus_group_begin(struct onus_assembly *assembly,
        const struct onus_exhibit *exhibit, const struct onus_proof *path,
        struct onus_group_making *out, struct onus_error *err);
void onus_group_end(struct onus_group_making *making);

/* Open a slot of the head. A slot that is open already stays so. */
ONUS_NODISCARD enum onus_code onus_group_open(struct onus_group_making *making, uint8_t kind,
        struct onus_error *err);

/*
 * Show slots of one leaf of the tree of lines: bit j of `which` is slot j. Repeated calls for a leaf add
 * up. ONUS_E_MISSING: one of them was erased.
 */
ONUS_NODISCARD enum onus_code onus_group_show(struct onus_group_making *making, uint64_t leaf,
        uint32_t which, struct onus_error *err);

/* Show line `number` whole, whatever the profile. */
ONUS_NODISCARD enum onus_code onus_group_show_line(struct onus_group_making *making,
        uint64_t number, struct onus_error *err);

struct onus_counted {
    uint64_t lines, attempts;
};

/* `claim count address`, or `claim absent` when the key has no row. */
ONUS_NODISCARD enum onus_code onus_group_count_address(struct onus_group_making *making,
        const struct onus_key *key, struct onus_counted *out, struct onus_error *err);

/*
 * `claim count range` with just these fences; when one does not stand and nothing lies between, with
 * the nearest ones outside, unless the claim before already says so. ONUS_E_MISSING: neither.
 */
ONUS_NODISCARD enum onus_code onus_group_count_range(struct onus_group_making *making,
        const struct onus_key *low, const struct onus_key *high, struct onus_counted *out,
        struct onus_error *err);

/* `claim all`. */
ONUS_NODISCARD enum onus_code onus_group_count_all(struct onus_group_making *making,
        struct onus_counted *out, struct onus_error *err);

/* `claim sample J` for line `number`, which is shown too. */
ONUS_NODISCARD enum onus_code onus_group_sample(struct onus_group_making *making, uint64_t j,
        uint64_t number, struct onus_error *err);

/* ---- the bundle ------------------------------------------------------------------------------ */

/* The total is copied; its bytes must outlive the assembly. */
ONUS_NODISCARD enum onus_code onus_assembly_total(struct onus_assembly *assembly,
        const struct onus_total *total, struct onus_error *err);

/* Notes are views; `older` and `beacon` may be empty. */
struct onus_assembly_notes {
    struct onus_str checkpoint, older, beacon;
};

/* The bundle, ready to be written. */
void onus_assembly_finish(const struct onus_assembly *assembly,
        const struct onus_assembly_notes *notes, struct onus_bundle *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_ERASE_PARTS_H
#define ONUS_EVIDENCE_ERASE_PARTS_H

/* What the files of the erasure share among themselves. Others include erase.h. */

#include "evidence/erase.h"
#include "evidence/rollup.h"

/*
 * Bury what a part names: pack, tomb, index, cuts; then the old pack is overwritten. A part without rows
 * and ranges only gives up its key.
 */
ONUS_NODISCARD enum onus_code onus_erase_bury(struct onus_vault *vault,
        const struct onus_erase_part *part, const struct onus_tomb_act *act,
        struct onus_error *err);

/* The roll-ups of a source that lie on the disk, by first and last. */
ONUS_NODISCARD enum onus_code onus_erase_rollups(const struct onus_vault *vault,
        const struct onus_tag *tag, struct onus_arena *arena, struct onus_rollup_range **out,
        size_t *count, struct onus_error *err);

/* Names in a folder beneath the case, one call each; a folder that is not there has none. */
typedef enum onus_code (*onus_erase_name)(void *data, const char *name, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_erase_names(int at, const char *folder, onus_erase_name call,
        void *data, struct onus_error *err);

/* The roll-ups that lose keys because of `plan`, whose batches of one source are in parts. */
struct onus_erase_building {
    struct onus_vault *vault;
    struct onus_arena *arena;
    const struct onus_erase_request *request;
    struct onus_erase_part *parts;
    size_t count, room;
    struct onus_erase_plan plan;
};
ONUS_NODISCARD enum onus_code onus_erase_add_part(struct onus_erase_building *building,
        const struct onus_erase_part *part, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_erase_plan_rollups(struct onus_erase_building *building,
        const struct onus_source *source, size_t first_part, struct onus_error *err);

#endif

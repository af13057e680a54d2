/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_AGREE_H
#define ONUS_PROOF_BUNDLE_AGREE_H

/*
 * What several bundles say together (docs/formats/bundle.md, "Text over several bundles"): two logs
 * that hold lines with the same bytes.
 */

#include "proof/bundle_check.h"
#include "text/json_write.h"

/* One total `matching` of a bundle that holds. */
struct onus_sighting {
    struct onus_str origin;
    bool has_time;
    uint64_t not_after;
    struct onus_str bytes;
    struct onus_sighting *next;
};

/* In the order in which they were added. Zeroed: none. */
struct onus_sightings {
    struct onus_sighting *first;
    struct onus_sighting *last;
};

/* Copy what a bundle says into `arena`, so that the bundle may be released. */
ONUS_NODISCARD enum onus_code onus_sightings_add(struct onus_sightings *list,
        const struct onus_bundle_facts *facts, struct onus_arena *arena, struct onus_error *err);

/* A line for each pair of different logs with the same bytes, then the qualifier; or nothing. */
void onus_sightings_text(struct onus_buffer *out, const struct onus_sightings *list);

/* The same as one JSON array. */
void onus_sightings_json(struct onus_json *json, const struct onus_sightings *list);

#endif

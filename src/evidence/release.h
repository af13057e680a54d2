/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_RELEASE_H
#define ONUS_EVIDENCE_RELEASE_H

/*
 * What leaves with a bundle: every byte that is opened, for people to read before it is written, and a
 * look for what is often not meant to be handed on (lint.h).
 */

#include "evidence/lint.h"
#include "proof/bundle_read.h"

/* One opened slot. */
struct onus_released {
    const struct onus_group *group;
    const struct onus_item *item; /* NULL: of the head of the group */
    const struct onus_slot *slot;
    size_t place; /* among the slots of its leaf */
    bool has_line;
    uint64_t line; /* of a record: line in its batch, from 0 */
};

/* Called for each opened slot, in the order of the bundle. */
typedef void (*onus_released_found)(void *data, const struct onus_released *released);
void onus_release_walk(const struct onus_bundle *bundle, onus_released_found found, void *data);

/* How much leaves. */
struct onus_release_sum {
    uint64_t lines;  /* whole lines */
    uint64_t parts;  /* parts of lines */
    uint64_t others; /* values of manifests and rows */
    uint64_t bytes;  /* of all opened values */
    uint64_t hashes; /* hidden slots and paths */
};
void onus_release_count(const struct onus_bundle *bundle, struct onus_release_sum *out);

/*
 * All of it as text: for each group its place, then each opened value, numbers as numbers, keys as
 * addresses, bytes so that they can only be read. The last lines say what can be seen besides.
 */
void onus_release_text(const struct onus_bundle *bundle, struct onus_buffer *out);

/* A finding in an opened line or part, and where it stands. */
struct onus_release_finding {
    struct onus_lint_finding lint;
    struct onus_released where;
};

typedef void (*onus_release_found)(void *data, const struct onus_release_finding *finding);
void onus_release_lint(const struct onus_bundle *bundle, onus_release_found found, void *data);

#endif

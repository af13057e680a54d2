/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_PATH_TREE_H
#define ONUS_EVIDENCE_PATH_TREE_H

/*
 * A tree kept whole, for many paths out of it: twice the memory of its leaves, then a path costs
 * nothing but its hashes. For one path alone merkle/tree.h is enough.
 */

#include "base/arena.h"
#include "merkle/tree.h"

struct onus_path_tree {
    size_t level_count; /* 0: no leaves */
    struct onus_digests levels[ONUS_PROOF_MAX];
};

/* Everything in the arena. ONUS_E_MEMORY, ONUS_E_LIMIT. */
ONUS_NODISCARD enum onus_code onus_path_tree_grow(struct onus_digests leaves,
        const struct onus_sha256_kernel *kernel, struct onus_arena *arena,
        struct onus_path_tree *out, struct onus_error *err);

/* The path of leaf `index`, upwards; index is below the number of leaves. */
void onus_path_tree_path(const struct onus_path_tree *tree, uint64_t index, struct onus_proof *out);

/* The root; the empty root when there are no leaves. */
void onus_path_tree_root(const struct onus_path_tree *tree, struct onus_digest *out);

#endif

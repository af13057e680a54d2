/* SPDX-License-Identifier: Apache-2.0 */
#include "path_tree.h"

enum onus_code onus_path_tree_grow(struct onus_digests leaves,
        const struct onus_sha256_kernel *kernel, struct onus_arena *arena,
        struct onus_path_tree *out, struct onus_error *err)
{
    *out = (struct onus_path_tree){.level_count = 0};
    struct onus_digests level = leaves;
    while (level.count > 0) {
        out->levels[out->level_count++] = level;
        if (level.count == 1) {
            break;
        }
        size_t pairs = level.count / 2;
        struct onus_digest *above =
                onus_arena_alloc(arena, (pairs + level.count % 2) * sizeof(*above));
        if (!above) {
            return onus_arena_reason(arena, err);
        }
        onus_sha256_nodes(kernel, level.ptr, pairs, above);
        if (level.count % 2 == 1) { /* goes up as it is */
            above[pairs] = level.ptr[level.count - 1];
        }
        level = (struct onus_digests){above, pairs + level.count % 2};
    }
    return ONUS_OK;
}

void onus_path_tree_path(const struct onus_path_tree *tree, uint64_t index, struct onus_proof *out)
{
    out->count = 0;
    for (size_t i = 0; i + 1 < tree->level_count; i++, index /= 2) {
        uint64_t beside = index ^ 1;
        if (beside < tree->levels[i].count) {
            out->hashes[out->count++] = tree->levels[i].ptr[beside];
        }
    }
}

void onus_path_tree_root(const struct onus_path_tree *tree, struct onus_digest *out)
{
    if (tree->level_count == 0) {
        onus_tree_empty_root(out);
    } else {
        *out = tree->levels[tree->level_count - 1].ptr[0];
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tiles.h"

#include <stdio.h>

#include "place.h"

enum {
    BITS = 8, /* levels of the tree in one level of tiles */
    COVER_MAX = 64
};

unsigned onus_tile_width(unsigned level, uint64_t index, uint64_t size)
{
    if (level >= ONUS_TILE_LEVELS) {
        return 0;
    }
    uint64_t hashes = size >> (BITS * level);
    uint64_t full = hashes / ONUS_TILE_WIDTH;
    if (index > full) {
        return 0;
    }
    return index < full ? ONUS_TILE_WIDTH : (unsigned)(hashes % ONUS_TILE_WIDTH);
}

/* ---- names -------------------------------------------------------------------------------------- */

/* Groups of three digits, all but the last behind an x. */
static size_t put_index(char *out, uint64_t index)
{
    unsigned groups[7] = {0};
    size_t count = 0;
    do {
        groups[count++] = (unsigned)(index % 1000);
        index /= 1000;
    } while (index > 0);
    size_t at = 0;
    while (count-- > 0) {
        at += (size_t)snprintf(out + at, 6, count > 0 ? "x%03u/" : "%03u", groups[count]);
    }
    return at;
}

static struct onus_str put_path(size_t at, uint64_t index, unsigned width,
        char out[ONUS_TILE_PATH_MAX])
{
    at += put_index(out + at, index);
    if (width < ONUS_TILE_WIDTH) {
        at += (size_t)snprintf(out + at, ONUS_TILE_PATH_MAX - at, ".p/%u", width);
    }
    return (struct onus_str){out, at};
}

struct onus_str onus_tile_path(struct onus_tile tile, char out[ONUS_TILE_PATH_MAX])
{
    size_t at = (size_t)snprintf(out, ONUS_TILE_PATH_MAX, "tile/%u/", tile.level);
    return put_path(at, tile.index, tile.width, out);
}

struct onus_str onus_entries_path(uint64_t index, unsigned width, char out[ONUS_TILE_PATH_MAX])
{
    size_t at = (size_t)snprintf(out, ONUS_TILE_PATH_MAX, "tile/entries/");
    return put_path(at, index, width, out);
}

/* ---- which nodes ---------------------------------------------------------------------------------- */

struct node {
    unsigned level;
    uint64_t index;
};

/*
 * A hash is the root over a range of leaves. Whole nodes are in tiles or can be had from one; a range
 * that the end of the tree cuts off is a row of whole nodes, largest first.
 */
struct cover {
    size_t count;
    struct node nodes[COVER_MAX];
};

static struct cover cover_range(uint64_t from, uint64_t count)
{
    struct cover cover = {.count = 0};
    for (unsigned level = 64; level-- > 0;) {
        if ((count >> level) % 2 == 1) {
            cover.nodes[cover.count++] = (struct node){level, from >> level};
            from += UINT64_C(1) << level;
        }
    }
    return cover;
}

/* The leaves under a node, as far as the tree has them. */
static struct cover cover_node(unsigned level, uint64_t index, uint64_t size)
{
    uint64_t from = index << level;
    uint64_t most = UINT64_C(1) << level;
    return cover_range(from, size - from < most ? size - from : most);
}

/* The hashes of a proof, one after the other. */
struct plan {
    uint64_t size;
    struct onus_place at;
    unsigned level;
    bool begins_with_node; /* before any sibling, the node itself */
};

static struct plan plan_inclusion(uint64_t index, uint64_t size)
{
    return (struct plan){size, {index, size - 1}, 0, false};
}

/* 0 < old_size < size. */
static struct plan plan_consistency(uint64_t old_size, uint64_t size)
{
    unsigned level = onus_whole_level(old_size);
    return (struct plan){size, {(old_size - 1) >> level, (size - 1) >> level}, level,
            !onus_is_power_of_two(old_size)};
}

static bool next_hash(struct plan *plan, struct cover *out)
{
    if (plan->begins_with_node) {
        plan->begins_with_node = false;
        *out = cover_node(plan->level, plan->at.index, plan->size);
        return true;
    }
    while (!onus_place_is_top(plan->at)) {
        struct onus_place at = plan->at;
        unsigned level = plan->level++;
        plan->at = onus_place_parent(at);
        if (onus_place_has_sibling(at)) {
            *out = cover_node(level, at.index ^ 1, plan->size);
            return true;
        }
    }
    return false;
}

/* ---- from nodes to tiles ---------------------------------------------------------------------------- */

/* The tile that has a whole node, or what it is made of. */
static struct onus_tile tile_of(struct node node, uint64_t size)
{
    unsigned level = node.level / BITS;
    uint64_t index = node.index >> (BITS - node.level % BITS);
    return (struct onus_tile){(uint8_t)level, (uint16_t)onus_tile_width(level, index, size), index};
}

static bool same_tile(struct onus_tile a, struct onus_tile b)
{
    return a.level == b.level && a.index == b.index && a.width == b.width;
}

static void list_tile(struct onus_tile_list *list, struct onus_tile tile)
{
    for (size_t i = 0; i < list->count; i++) {
        if (same_tile(list->tiles[i], tile)) {
            return;
        }
    }
    list->tiles[list->count++] = tile;
}

static void list_tiles(struct plan plan, struct onus_tile_list *out)
{
    struct cover cover;
    while (next_hash(&plan, &cover)) {
        for (size_t i = cover.count; i-- > 0;) {
            list_tile(out, tile_of(cover.nodes[i], plan.size));
        }
    }
}

void onus_inclusion_tiles(uint64_t index, uint64_t size, struct onus_tile_list *out)
{
    out->count = 0;
    list_tiles(plan_inclusion(index, size), out);
}

void onus_consistency_tiles(uint64_t old_size, uint64_t size, struct onus_tile_list *out)
{
    out->count = 0;
    if (old_size > 0 && old_size < size) {
        list_tiles(plan_consistency(old_size, size), out);
    }
}

/* ---- from tiles to hashes --------------------------------------------------------------------------- */

void onus_tiled_init(struct onus_tiled *tree, struct onus_tile_reader reader, uint64_t size)
{
    *tree = (struct onus_tiled){.reader = reader, .size = size};
}

static enum onus_code hold(struct onus_tiled *tree, struct onus_tile tile, struct onus_error *err)
{
    if (tree->holds && same_tile(tree->held, tile)) {
        return ONUS_OK;
    }
    tree->holds = false;
    enum onus_code code = tree->reader.read(tree->reader.data, tile, tree->hashes, err);
    if (code != ONUS_OK) {
        char path[ONUS_TILE_PATH_MAX];
        (void)onus_tile_path(tile, path);
        onus_context(err, "reading '%s'", path);
        return code;
    }
    tree->held = tile;
    tree->holds = true;
    return ONUS_OK;
}

static enum onus_code node_hash(struct onus_tiled *tree, struct node node, struct onus_digest *out,
        struct onus_error *err)
{
    enum onus_code code = hold(tree, tile_of(node, tree->size), err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_digest work[ONUS_TILE_WIDTH];
    size_t count = (size_t)1 << node.level % BITS;
    size_t begin = (size_t)(node.index * count % ONUS_TILE_WIDTH);
    memcpy(work, tree->hashes + begin, count * sizeof(work[0]));
    onus_tree_root(NULL, work, count, out);
    return ONUS_OK;
}

static enum onus_code cover_hash(struct onus_tiled *tree, const struct cover *cover,
        struct onus_digest *out, struct onus_error *err)
{
    struct onus_digest hash;
    for (size_t i = cover->count; i-- > 0;) {
        struct onus_digest left;
        enum onus_code code = node_hash(tree, cover->nodes[i], &left, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (i + 1 == cover->count) {
            hash = left;
        } else {
            onus_node_hash(&left, &hash, &hash);
        }
    }
    *out = hash;
    return ONUS_OK;
}

enum onus_code onus_tiled_hash(struct onus_tiled *tree, unsigned level, uint64_t index,
        struct onus_digest *out, struct onus_error *err)
{
    if (level >= 64 || index >= tree->size >> level) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a tree of %llu leaves has no node %llu on level %u",
                (unsigned long long)tree->size, (unsigned long long)index, level);
    }
    return node_hash(tree, (struct node){level, index}, out, err);
}

enum onus_code onus_tiled_root(struct onus_tiled *tree, struct onus_digest *out,
        struct onus_error *err)
{
    if (tree->size == 0) {
        onus_tree_empty_root(out);
        return ONUS_OK;
    }
    struct cover cover = cover_range(0, tree->size);
    return cover_hash(tree, &cover, out, err);
}

enum onus_code onus_tiled_frontier(struct onus_tiled *tree, struct onus_frontier *out,
        struct onus_error *err)
{
    struct cover cover = cover_range(0, tree->size);
    struct onus_frontier made = {.size = tree->size};
    for (size_t i = cover.count; i-- > 0;) {
        enum onus_code code = node_hash(tree, cover.nodes[i], &made.hashes[i], err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    *out = made;
    return ONUS_OK;
}

static enum onus_code carry_out(struct onus_tiled *tree, struct plan plan, struct onus_proof *out,
        struct onus_error *err)
{
    struct onus_proof made = {.count = 0};
    struct cover cover;
    while (next_hash(&plan, &cover)) {
        enum onus_code code = cover_hash(tree, &cover, &made.hashes[made.count], err);
        if (code != ONUS_OK) {
            return code;
        }
        made.count++;
    }
    *out = made;
    return ONUS_OK;
}

enum onus_code onus_tiled_inclusion(struct onus_tiled *tree, uint64_t index, struct onus_proof *out,
        struct onus_error *err)
{
    if (index >= tree->size) {
        return onus_fail(err, ONUS_E_ARGUMENT, "there is no leaf %llu in a tree of %llu",
                (unsigned long long)index, (unsigned long long)tree->size);
    }
    return carry_out(tree, plan_inclusion(index, tree->size), out, err);
}

enum onus_code onus_tiled_consistency(struct onus_tiled *tree, uint64_t old_size,
        struct onus_proof *out, struct onus_error *err)
{
    if (old_size > tree->size) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a tree of %llu leaves is no part of one of %llu",
                (unsigned long long)old_size, (unsigned long long)tree->size);
    }
    if (old_size == 0 || old_size == tree->size) {
        out->count = 0;
        return ONUS_OK;
    }
    return carry_out(tree, plan_consistency(old_size, tree->size), out, err);
}

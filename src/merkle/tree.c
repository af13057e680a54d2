/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include "place.h"

/* How many messages are described to the hash at once. */
enum {
    LEAVES_AT_ONCE = 256
};

void onus_tree_empty_root(struct onus_digest *out)
{
    onus_sha256(ONUS_STR_NONE, out);
}

void onus_leaf_hash(struct onus_str entry, struct onus_digest *out)
{
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, ONUS_STR("\0"));
    onus_sha256_add(&hash, entry);
    onus_sha256_end(&hash, out);
}

void onus_node_hash(const struct onus_digest *left, const struct onus_digest *right,
        struct onus_digest *out)
{
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, ONUS_STR("\1"));
    onus_sha256_add(&hash, onus_digest_view(left));
    onus_sha256_add(&hash, onus_digest_view(right));
    onus_sha256_end(&hash, out);
}

void onus_leaf_hashes(const struct onus_sha256_kernel *kernel, const struct onus_str *entries,
        size_t count, struct onus_digest *out)
{
    struct onus_message messages[LEAVES_AT_ONCE];
    for (size_t i = 0; i < LEAVES_AT_ONCE; i++) {
        messages[i].head[0] = 0;
        messages[i].head_length = 1;
    }
    while (count > 0) {
        size_t now = count < LEAVES_AT_ONCE ? count : LEAVES_AT_ONCE;
        for (size_t i = 0; i < now; i++) {
            messages[i].body = entries[i];
        }
        onus_sha256_many(kernel, messages, now, out);
        entries += now;
        out += now;
        count -= now;
    }
}

/*
 * From the hashes of one level to those of the next, in place; returns how many those are. A last
 * hash without a partner moves up as it is: that is the same tree as the split of RFC 6962 at the
 * largest power of two.
 */
static size_t rise(const struct onus_sha256_kernel *kernel, struct onus_digest *hashes,
        size_t count)
{
    size_t pairs = count / 2;
    onus_sha256_nodes(kernel, hashes, pairs, hashes);
    if (count % 2 == 1) {
        hashes[pairs] = hashes[count - 1];
    }
    return pairs + count % 2;
}

void onus_tree_root(const struct onus_sha256_kernel *kernel, struct onus_digest *hashes,
        size_t count, struct onus_digest *out)
{
    if (count == 0) {
        onus_tree_empty_root(out);
        return;
    }
    while (count > 1) {
        count = rise(kernel, hashes, count);
    }
    *out = hashes[0];
}

/* ---- the way up ------------------------------------------------------------------------------ */

static size_t count_siblings(struct onus_place at)
{
    size_t count = 0;
    for (; !onus_place_is_top(at); at = onus_place_parent(at)) {
        count += onus_place_has_sibling(at);
    }
    return count;
}

/* The hash of the parent, from a node and its sibling. */
static void join(struct onus_place at, struct onus_digest *node, const struct onus_digest *sibling)
{
    if (onus_place_is_right(at)) {
        onus_node_hash(sibling, node, node);
    } else {
        onus_node_hash(node, sibling, node);
    }
}

/* ---- proofs from all leaf hashes ------------------------------------------------------------- */

static void gather(const struct onus_sha256_kernel *kernel, struct onus_digest *hashes,
        size_t count, uint64_t index, struct onus_proof *out)
{
    struct onus_place at = {index, count - 1};
    for (; !onus_place_is_top(at); at = onus_place_parent(at)) {
        if (onus_place_has_sibling(at)) {
            out->hashes[out->count++] = hashes[at.index ^ 1];
        }
        count = rise(kernel, hashes, count);
    }
}

enum onus_code onus_inclusion_prove(const struct onus_sha256_kernel *kernel,
        struct onus_digest *hashes, size_t count, uint64_t index, struct onus_proof *out,
        struct onus_error *err)
{
    if (index >= count) {
        return onus_fail(err, ONUS_E_ARGUMENT, "there is no leaf %llu in a tree of %zu",
                (unsigned long long)index, count);
    }
    out->count = 0;
    gather(kernel, hashes, count, index, out);
    return ONUS_OK;
}

enum onus_code onus_consistency_prove(const struct onus_sha256_kernel *kernel,
        struct onus_digest *hashes, size_t count, uint64_t old_size, struct onus_proof *out,
        struct onus_error *err)
{
    if (old_size > count) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a tree of %llu leaves is no part of one of %zu",
                (unsigned long long)old_size, count);
    }
    out->count = 0;
    if (old_size == 0 || old_size == count) {
        return ONUS_OK;
    }
    unsigned level = onus_whole_level(old_size);
    for (unsigned i = 0; i < level; i++) {
        count = rise(kernel, hashes, count);
    }
    uint64_t index = (old_size - 1) >> level;
    if (!onus_is_power_of_two(old_size)) {
        out->hashes[out->count++] = hashes[index]; /* else it is the old root itself */
    }
    gather(kernel, hashes, count, index, out);
    return ONUS_OK;
}

/* ---- checking -------------------------------------------------------------------------------- */

size_t onus_inclusion_length(uint64_t index, uint64_t size)
{
    return count_siblings((struct onus_place){index, size - 1});
}

size_t onus_consistency_length(uint64_t old_size, uint64_t size)
{
    if (old_size == 0 || old_size == size) {
        return 0;
    }
    unsigned level = onus_whole_level(old_size);
    struct onus_place at = {(old_size - 1) >> level, (size - 1) >> level};
    return !onus_is_power_of_two(old_size) + count_siblings(at);
}

static enum onus_code wrong_length(size_t has, size_t needs, struct onus_error *err)
{
    return onus_fail(err, ONUS_E_FORMAT, "the proof has %zu hashes, for these numbers it has %zu",
            has, needs);
}

static enum onus_code compare(const struct onus_digest *got, const struct onus_digest *wanted,
        struct onus_error *err)
{
    if (!onus_digest_eq(got, wanted)) {
        return onus_fail(err, ONUS_E_MISMATCH, "the proof does not lead to the root");
    }
    return ONUS_OK;
}

enum onus_code onus_inclusion_root(const struct onus_digest *leaf, uint64_t index, uint64_t size,
        struct onus_digests proof, struct onus_digest *out, struct onus_error *err)
{
    if (index >= size) {
        return onus_fail(err, ONUS_E_FORMAT, "there is no leaf %llu in a tree of %llu",
                (unsigned long long)index, (unsigned long long)size);
    }
    size_t needs = onus_inclusion_length(index, size);
    if (proof.count != needs) {
        return wrong_length(proof.count, needs, err);
    }
    struct onus_digest node = *leaf;
    const struct onus_digest *next = proof.ptr;
    for (struct onus_place at = {index, size - 1}; !onus_place_is_top(at);
            at = onus_place_parent(at)) {
        if (onus_place_has_sibling(at)) {
            join(at, &node, next++);
        }
    }
    *out = node;
    return ONUS_OK;
}

enum onus_code onus_inclusion_verify(const struct onus_digest *leaf, uint64_t index, uint64_t size,
        struct onus_digests proof, const struct onus_digest *root, struct onus_error *err)
{
    struct onus_digest got;
    enum onus_code code = onus_inclusion_root(leaf, index, size, proof, &got, err);
    return code == ONUS_OK ? compare(&got, root, err) : code;
}

static enum onus_code check_empty(const struct onus_digest *root, struct onus_digests proof,
        struct onus_error *err)
{
    struct onus_digest empty;
    if (proof.count != 0) {
        return wrong_length(proof.count, 0, err);
    }
    onus_tree_empty_root(&empty);
    if (!onus_digest_eq(root, &empty)) {
        return onus_fail(err, ONUS_E_MISMATCH, "a tree without leaves has another root");
    }
    return ONUS_OK;
}

/* The level on which a subtree of `size` > 0 leaves is one node: log2 of size, rounded up. */
static unsigned cover_level(uint64_t size)
{
    return size == 1 ? 0 : 64 - (unsigned)__builtin_clzll(size - 1);
}

static enum onus_code check_subtree(uint64_t start, uint64_t end, struct onus_error *err)
{
    bool aligned = false;
    if (start < end) {
        unsigned level = cover_level(end - start);
        aligned = level == 64 ? start == 0 : (start & ((UINT64_C(1) << level) - 1)) == 0;
    }
    if (!aligned) {
        return onus_fail(err, ONUS_E_FORMAT, "the leaves from %llu to %llu are no subtree",
                (unsigned long long)start, (unsigned long long)end);
    }
    return ONUS_OK;
}

enum onus_code onus_subtree_inclusion_verify(const struct onus_digest *leaf, uint64_t index,
        uint64_t start, uint64_t end, struct onus_digests proof,
        const struct onus_digest *subtree_root, struct onus_error *err)
{
    enum onus_code code = check_subtree(start, end, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (index < start) {
        return onus_fail(err, ONUS_E_FORMAT, "leaf %llu is before the subtree",
                (unsigned long long)index);
    }
    return onus_inclusion_verify(leaf, index - start, end - start, proof, subtree_root, err);
}

/* What of a subtree is a node of the whole tree, where the climb begins. */
struct trunk {
    unsigned level;
    unsigned cover; /* from here up the subtree has nothing more to join */
    bool whole;     /* the node is the subtree; otherwise the proof begins with the node */
    struct onus_place at;
};

static struct trunk find_trunk(uint64_t start, uint64_t end, uint64_t size)
{
    struct trunk trunk = {.cover = cover_level(end - start)};
    /* Level 64 is above all: a subtree of more than 2^63 leaves. It begins at 0. */
    trunk.whole = end == size || onus_is_power_of_two(end - start);
    trunk.level = trunk.whole ? trunk.cover : onus_whole_level(end);
    if (trunk.level < 64) {
        trunk.at = (struct onus_place){(end - 1) >> trunk.level, (size - 1) >> trunk.level};
    }
    return trunk;
}

/* Up from the trunk: *sub collects the subtree's root, *all the root of the tree. */
static void climb(struct trunk trunk, const struct onus_digest *next, struct onus_digest *sub,
        struct onus_digest *all)
{
    unsigned level = trunk.level;
    for (struct onus_place at = trunk.at; !onus_place_is_top(at);
            at = onus_place_parent(at), level++) {
        if (!onus_place_has_sibling(at)) {
            continue;
        }
        if (onus_place_is_right(at) && level < trunk.cover) {
            join(at, sub, next);
        }
        join(at, all, next++);
    }
}

enum onus_code onus_subtree_consistency_verify(uint64_t start, uint64_t end,
        const struct onus_digest *subtree_root, uint64_t size, const struct onus_digest *root,
        struct onus_digests proof, struct onus_error *err)
{
    if (end > size) {
        return onus_fail(err, ONUS_E_FORMAT, "a tree of %llu leaves has none up to %llu",
                (unsigned long long)size, (unsigned long long)end);
    }
    if (start == end) {
        return check_empty(subtree_root, proof, err);
    }
    enum onus_code code = check_subtree(start, end, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct trunk trunk = find_trunk(start, end, size);
    size_t needs = !trunk.whole + count_siblings(trunk.at);
    if (proof.count != needs) {
        return wrong_length(proof.count, needs, err);
    }

    struct onus_digest sub = trunk.whole ? *subtree_root : proof.ptr[0];
    struct onus_digest all = sub;
    climb(trunk, proof.ptr + !trunk.whole, &sub, &all);
    if (!onus_digest_eq(&sub, subtree_root)) {
        return onus_fail(err, ONUS_E_MISMATCH, "the proof does not lead to the root of the part");
    }
    return compare(&all, root, err);
}

enum onus_code onus_consistency_verify(uint64_t old_size, const struct onus_digest *old_root,
        uint64_t size, const struct onus_digest *root, struct onus_digests proof,
        struct onus_error *err)
{
    if (old_size > 0) {
        return onus_subtree_consistency_verify(0, old_size, old_root, size, root, proof, err);
    }
    enum onus_code code = check_empty(old_root, proof, err);
    if (code == ONUS_OK && size == 0) {
        code = check_empty(root, proof, err);
    } else if (code == ONUS_OK) {
        code = onus_fail(err, ONUS_E_MISSING, "every tree begins with the empty one");
    }
    return code;
}

/* ---- growing --------------------------------------------------------------------------------- */

void onus_frontier_init(struct onus_frontier *frontier)
{
    *frontier = (struct onus_frontier){.size = 0};
}

size_t onus_frontier_count(const struct onus_frontier *frontier)
{
    return (size_t)__builtin_popcountll(frontier->size);
}

enum onus_code onus_frontier_add(struct onus_frontier *frontier, const struct onus_digest *leaf,
        struct onus_error *err)
{
    if (frontier->size == UINT64_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "the tree cannot have more leaves");
    }
    size_t last = onus_frontier_count(frontier);
    struct onus_digest node = *leaf;
    for (uint64_t bits = frontier->size; bits % 2 == 1; bits /= 2) {
        last--;
        onus_node_hash(&frontier->hashes[last], &node, &node);
    }
    frontier->hashes[last] = node;
    frontier->size++;
    return ONUS_OK;
}

void onus_frontier_root(const struct onus_frontier *frontier, struct onus_digest *out)
{
    size_t left = onus_frontier_count(frontier);
    if (left == 0) {
        onus_tree_empty_root(out);
        return;
    }
    struct onus_digest node = frontier->hashes[--left];
    while (left > 0) {
        onus_node_hash(&frontier->hashes[--left], &node, &node);
    }
    *out = node;
}

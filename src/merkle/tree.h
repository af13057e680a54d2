/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MERKLE_TREE_H
#define ONUS_MERKLE_TREE_H

/*
 * Merkle trees with SHA-256 as in RFC 6962, 2.1 and RFC 9162, 2.1: hashes, roots, proofs.
 *
 * A tree of n leaves is split at the largest power of two below n. Sizes and indexes are exact 64-bit
 * numbers; a tree has at most UINT64_MAX leaves. Nothing here allocates, recurses, reads or writes
 * files. Proofs out of files: tiles.h.
 *
 * Every check has three answers: ONUS_OK (it holds), ONUS_E_MISMATCH (the hashes lead elsewhere), and
 * ONUS_E_FORMAT (this is no proof for these numbers: an index outside the tree, a wrong number of
 * hashes; it says nothing about the tree).
 */

#include <onus/error.h>

#include "crypto/sha256.h"
#include "crypto/sha256_many.h"

/* A view of hashes somebody else owns. */
struct onus_digests {
    const struct onus_digest *ptr;
    size_t count;
};

/*
 * A proof: an inclusion proof has at most 64 hashes, a consistency proof at most 65, from the leaves
 * upwards.
 */
#define ONUS_PROOF_MAX 65

struct onus_proof {
    size_t count;
    struct onus_digest hashes[ONUS_PROOF_MAX];
};

static inline struct onus_digests onus_proof_view(const struct onus_proof *proof)
{
    return (struct onus_digests){proof->hashes, proof->count};
}

/* SHA-256 of nothing: the root of a tree without leaves. */
void onus_tree_empty_root(struct onus_digest *out);

/* SHA-256(00 || entry) and SHA-256(01 || left || right). */
void onus_leaf_hash(struct onus_str entry, struct onus_digest *out);
void onus_node_hash(const struct onus_digest *left, const struct onus_digest *right,
        struct onus_digest *out);

/* out[i] = onus_leaf_hash(entries[i]), many at once. */
void onus_leaf_hashes(const struct onus_sha256_kernel *kernel, const struct onus_str *entries,
        size_t count, struct onus_digest *out);

/*
 * The root over `count` leaf hashes. The array is used as working space: its contents are lost. 0
 * leaves give the empty root, one leaf is its own root.
 */
void onus_tree_root(const struct onus_sha256_kernel *kernel, struct onus_digest *hashes,
        size_t count, struct onus_digest *out);

/* ---- proofs from all leaf hashes ------------------------------------------------------------- */

/*
 * That leaf `index` is in the tree over `hashes`, which are used up as working space. At most 64
 * hashes. ONUS_E_ARGUMENT when index is not below count.
 */
ONUS_NODISCARD enum onus_code onus_inclusion_prove(const struct onus_sha256_kernel *kernel,
        struct onus_digest *hashes, size_t count, uint64_t index, struct onus_proof *out,
        struct onus_error *err);

/*
 * That the tree over the first `old_size` hashes is the beginning of the tree over all `count`; the
 * hashes are used up as working space. Empty when old_size is 0 or count. ONUS_E_ARGUMENT when
 * old_size is above count.
 */
ONUS_NODISCARD enum onus_code onus_consistency_prove(const struct onus_sha256_kernel *kernel,
        struct onus_digest *hashes, size_t count, uint64_t old_size, struct onus_proof *out,
        struct onus_error *err);

/* ---- checking -------------------------------------------------------------------------------- */

/* How many hashes the proof has; index < size, old_size <= size. */
size_t onus_inclusion_length(uint64_t index, uint64_t size);
size_t onus_consistency_length(uint64_t old_size, uint64_t size);

/* The root that leaf and proof lead to. ONUS_E_FORMAT as above. (RFC 9162, 2.1.3.2) */
ONUS_NODISCARD enum onus_code onus_inclusion_root(const struct onus_digest *leaf, uint64_t index,
        uint64_t size, struct onus_digests proof, struct onus_digest *out, struct onus_error *err);

/* Whether the leaf hash stands at `index` in the tree of `size` leaves with this root. */
ONUS_NODISCARD enum onus_code onus_inclusion_verify(const struct onus_digest *leaf, uint64_t index,
        uint64_t size, struct onus_digests proof, const struct onus_digest *root,
        struct onus_error *err);

/*
 * Whether the tree of old_size leaves is the beginning of the tree of `size` leaves. (RFC 9162,
 * 2.1.4.2) Equal sizes need equal roots and no proof. Size 0 needs the empty root.
 *
 * ONUS_E_MISSING: old_size is 0 and `size` is not. Every tree begins with the empty one, so there is
 * nothing to check; a caller for whom that is enough (the first contact with a log) asks before.
 */
ONUS_NODISCARD enum onus_code onus_consistency_verify(uint64_t old_size,
        const struct onus_digest *old_root, uint64_t size, const struct onus_digest *root,
        struct onus_digests proof, struct onus_error *err);

/*
 * Subtrees: the leaves start <= i < end, where start is a multiple of the smallest power of two that
 * is not below end - start; anything else is ONUS_E_FORMAT. Such a subtree is hashed like a tree of
 * its own. (draft-ietf-plants-merkle-tree-certs, 4.1; used by C2SP tlog-mirror)
 */

/* Whether the leaf hash stands at `index` (counted in the whole tree) in the subtree. */
ONUS_NODISCARD enum onus_code onus_subtree_inclusion_verify(const struct onus_digest *leaf,
        uint64_t index, uint64_t start, uint64_t end, struct onus_digests proof,
        const struct onus_digest *subtree_root, struct onus_error *err);

/*
 * Whether the subtree is part of the tree of `size` leaves. An empty subtree (start equals end) is part
 * of every tree: it needs the empty root and no proof.
 */
ONUS_NODISCARD enum onus_code onus_subtree_consistency_verify(uint64_t start, uint64_t end,
        const struct onus_digest *subtree_root, uint64_t size, const struct onus_digest *root,
        struct onus_digests proof, struct onus_error *err);

/* ---- growing --------------------------------------------------------------------------------- */

/*
 * What must be kept of a tree to append to it and to know its root: the roots of its full subtrees,
 * largest (leftmost) first, one for each bit that is set in `size`.
 */
struct onus_frontier {
    uint64_t size;
    struct onus_digest hashes[64];
};

void onus_frontier_init(struct onus_frontier *frontier);
/* How many of `hashes` are in use. */
size_t onus_frontier_count(const struct onus_frontier *frontier);
/* Append a leaf hash. ONUS_E_LIMIT at UINT64_MAX leaves. */
ONUS_NODISCARD enum onus_code onus_frontier_add(struct onus_frontier *frontier,
        const struct onus_digest *leaf, struct onus_error *err);
void onus_frontier_root(const struct onus_frontier *frontier, struct onus_digest *out);

#endif

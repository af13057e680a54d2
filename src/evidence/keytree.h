/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_KEYTREE_H
#define ONUS_EVIDENCE_KEYTREE_H

/*
 * The keys of one source (docs/formats/evidence.md, "Keys and salts"): a binary tree of depth 32 by
 * HMAC-SHA256, one leaf for each batch, from which a leaf can be taken away for ever.
 *
 * Kept are the roots of the subtrees that cover every seq not taken away: the frontier. A new tree has
 * one, K_source itself.
 *
 * Owner: the caller; onus_keytree_clear() wipes and frees. Secret throughout.
 */

#include "base/buffer.h"
#include "crypto/sha256.h"
#include "proof/record.h"

/* Most nodes of a frontier; a thousand separate erasures need about 30,000. */
#define ONUS_KEYTREE_NODES_MAX 65536
#define ONUS_SEQ_MAX           UINT32_MAX

struct onus_keynode {
    uint32_t prefix; /* first seq below it */
    uint8_t depth;   /* 0: the root, covers all; 32: one seq */
    struct onus_digest key;
};

struct onus_keytree {
    struct onus_tag tag;
    struct onus_digest rollups;  /* K_rollups */
    struct onus_digest source_n; /* K_source_n: salts of the N entry */
    struct onus_keynode *nodes;  /* ascending, not overlapping */
    size_t count, size;
};

/* All from 32 random bytes. ONUS_E_MEMORY. */
ONUS_NODISCARD enum onus_code onus_keytree_init(struct onus_keytree *tree,
        const struct onus_digest *k_source, struct onus_error *err);
void onus_keytree_clear(struct onus_keytree *tree);

/* K_batch of a seq. ONUS_E_MISSING: it was taken away. */
ONUS_NODISCARD enum onus_code onus_keytree_batch(const struct onus_keytree *tree, uint64_t seq,
        struct onus_digest *out, struct onus_error *err);

/* K_rollup of first to last. */
void onus_keytree_rollup(const struct onus_keytree *tree, uint64_t first, uint64_t last,
        struct onus_digest *out);

/* Take one seq away. ONUS_OK when it is gone already. ONUS_E_LIMIT: too many pieces. */
ONUS_NODISCARD enum onus_code onus_keytree_puncture(struct onus_keytree *tree, uint64_t seq,
        struct onus_error *err);

/* Take all below seq away. */
ONUS_NODISCARD enum onus_code onus_keytree_advance(struct onus_keytree *tree, uint64_t seq,
        struct onus_error *err);

/*
 * The file <tag>.ggm before it is wrapped (docs/formats/vault.md). Parsing accepts only what format
 * writes. ONUS_E_FORMAT with the offset.
 */
void onus_keytree_format(const struct onus_keytree *tree, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_keytree_parse(struct onus_str text, struct onus_keytree *out,
        struct onus_error *err);

/* Salt of slot number `slot` under a batch key (or K_rollup, or K_source_n). */
void onus_salt_of(const struct onus_digest *batch_key, uint64_t slot, struct onus_salt *out);

#endif

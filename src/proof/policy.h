/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_POLICY_H
#define ONUS_PROOF_POLICY_H

/*
 * Whom a reader believes (C2SP tlog-policy), and checkpoints judged by it (docs/formats/bundle.md,
 * 1 to 3).
 *
 *     log VKEY [URL]
 *     witness NAME VKEY [URL]
 *     group NAME all|any|K MEMBER...
 *     quorum NAME|none
 */

#include "base/arena.h"
#include "proof/checkpoint.h"

#define ONUS_POLICY_SIZE_MAX  ((size_t)1 << 20)
#define ONUS_POLICY_NODES_MAX 1024 /* witnesses and groups; and as many logs */

struct onus_policy_log {
    struct onus_vkey key;
    struct onus_str url; /* empty when none is given */
};

/* A witness, or a group of nodes that stand before it. */
struct onus_policy_node {
    struct onus_str name;
    bool is_group;
    bool counts; /* under the quorum, itself included */

    struct onus_vkey key; /* of a witness */
    struct onus_str url;

    size_t threshold; /* of a group: how many members must be met */
    const size_t *members;
    size_t member_count;
    bool in_group; /* a member of one already */
};

struct onus_policy {
    const struct onus_policy_log *logs;
    size_t log_count;
    const struct onus_policy_node *nodes;
    size_t node_count;
    size_t quorum; /* a node, or ONUS_POLICY_NO_QUORUM */
};

#define ONUS_POLICY_NO_QUORUM SIZE_MAX

/*
 * Views point into `text`, lists live in the arena.
 *
 * ONUS_E_FORMAT  err begins with "line N: "; at the end of the text "no quorum line".
 * ONUS_E_LIMIT   the text or the number of lines is over a bound.
 * ONUS_E_MEMORY
 */
ONUS_NODISCARD enum onus_code onus_policy_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_policy *out, struct onus_error *err);

/* The first log key with this name from position `from` on, or NULL. */
const struct onus_policy_log *onus_policy_log_find(const struct onus_policy *policy,
        struct onus_str origin, size_t from);

/* Whether the quorum is met when just the witnesses with seen[node] have signed. */
bool onus_policy_met(const struct onus_policy *policy, const bool *seen);

/* 9999-12-31T23:59:59Z: a later time has no RFC 3339 spelling and is refused. */
#define ONUS_TIME_LAST UINT64_C(253402300799)

struct onus_cosigner {
    const struct onus_policy_node *witness;
    uint64_t time; /* seconds since 1970, its earliest on this note */
};

/* A note that the policy accepts. */
struct onus_seen_checkpoint {
    struct onus_str note; /* all bytes */
    struct onus_str text; /* what is signed */
    struct onus_checkpoint checkpoint;
    size_t count; /* cosigners under the quorum up to not_after, by name */
    struct onus_cosigner cosigners[ONUS_NOTE_SIGNATURES_MAX];
    bool has_times;      /* false with `quorum none` */
    uint64_t not_after;  /* T_hi: an honest witness had seen it by then */
    uint64_t not_before; /* T_lo: an honest witness saw it no earlier */
};

/*
 * Judge one note. Views point into `note`.
 *
 * ONUS_E_FORMAT    the note is malformed, or its text is no checkpoint. In a bundle that is a rule
 *                  broken.
 * ONUS_E_MISSING   the policy has no log key of that origin.
 * ONUS_E_MISMATCH  a signature by a key of the policy does not check, the log has not signed, or the
 *                  quorum is not reached.
 * ONUS_E_MEMORY
 */
ONUS_NODISCARD enum onus_code onus_policy_check(const struct onus_policy *policy,
        struct onus_str note, struct onus_seen_checkpoint *out, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_TLOG_PROOF_H
#define ONUS_PROOF_TLOG_PROOF_H

/*
 * C2SP tlog-proof: a file that shows an entry to be in a log.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64                  may be absent
 *     index N
 *     BASE64 hashes, one a line
 *
 *     a checkpoint with its signatures
 */

#include "merkle/tree.h"
#include "proof/policy.h"

struct onus_tlog_proof {
    bool has_extra;
    struct onus_str extra; /* canonical base64, a view; not covered by any signature */
    uint64_t index;
    struct onus_proof path;
    struct onus_str note;
};

/* ONUS_E_FORMAT. Views point into `bytes`. */
ONUS_NODISCARD enum onus_code onus_tlog_proof_parse(struct onus_str bytes,
        struct onus_tlog_proof *out, struct onus_error *err);

/*
 * Whether the entry with this leaf hash stands at proof->index in a checkpoint the policy accepts.
 * Codes as onus_policy_check(); ONUS_E_MISMATCH also when the path does not lead to the root or has
 * another length than index and size ask for.
 */
ONUS_NODISCARD enum onus_code onus_tlog_proof_check(const struct onus_policy *policy,
        const struct onus_tlog_proof *proof, const struct onus_digest *leaf,
        struct onus_seen_checkpoint *out, struct onus_error *err);

/* Append one. `extra` may be empty (ptr NULL: no such line) and is raw bytes. */
void onus_tlog_proof_add(struct onus_buffer *buffer, struct onus_str extra, uint64_t index,
        struct onus_digests path, struct onus_str note);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_CHECK_H
#define ONUS_PROOF_BUNDLE_CHECK_H

/*
 * Whether a bundle holds by the policy of its reader: all rules of docs/formats/bundle.md, in order.
 * Pure: no file, no clock. The three answers are kept apart by the code.
 */

#include "proof/bundle_read.h"
#include "proof/policy.h"

/* What holds. Everything lives in the arena or points into the bytes. */
struct onus_bundle_facts {
    const struct onus_policy *policy;
    struct onus_bundle bundle; /* with its members `found` filled */
    struct onus_seen_checkpoint checkpoint;
    bool has_older;
    struct onus_seen_checkpoint older;
    struct onus_digest older_digest; /* SHA-256 of the older note: what a slot 4b may hold */
    bool has_beacon;
    struct onus_seen_checkpoint beacon;
};

/*
 * Read and check. `bytes` and `policy` must outlive *out.
 *
 * ONUS_OK          it holds.
 * ONUS_E_MISMATCH  it does not hold; err says which rule, and where.
 * ONUS_E_MISSING   cannot tell: not version 1, or the policy has no key of that log.
 * ONUS_E_MEMORY, ONUS_E_LIMIT  cannot tell: no room.
 */
ONUS_NODISCARD enum onus_code onus_bundle_check(const struct onus_policy *policy,
        struct onus_str bytes, struct onus_arena *arena, struct onus_bundle_facts *out,
        struct onus_error *err);

#endif

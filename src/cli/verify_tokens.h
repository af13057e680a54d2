/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_VERIFY_TOKENS_H
#define ONUS_CLI_VERIFY_TOKENS_H

/* Time-stamp tokens of a bundle (RFC 3161), checked when certificates are given with --tsa-ca. */

#include "cli/verify_input.h"
#include "proof/bundle_text.h"

/*
 * Check each token of a bundle that holds, over the SHA-256 of the text of its checkpoint, by the
 * certificates in `trusted` (PEM). answers[] has one entry a token; policies live in the arena. A token
 * whose authority is not among the certificates is left unchecked.
 *
 * ONUS_E_MISMATCH  a token does not check.
 * ONUS_E_FORMAT    a token, or the certificates, are none: cannot tell. Others as onus_tsa_check().
 */
ONUS_NODISCARD enum onus_code onus_verify_tokens(struct onus_str trusted,
        const struct onus_bundle_facts *facts, struct onus_arena *arena,
        struct onus_token_answer *answers, struct onus_error *err);

#endif

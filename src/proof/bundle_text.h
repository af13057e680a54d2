/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_TEXT_H
#define ONUS_PROOF_BUNDLE_TEXT_H

/* What is said about a bundle that holds: as text (docs/formats/bundle.md) and as JSON. */

#include "proof/bundle_check.h"
#include "text/json_write.h"

/* What checking a time-stamp token gave. */
struct onus_token_answer {
    bool checked;           /* false: its authority is not among the certificates given */
    uint64_t time;          /* seconds since 1970, at most ONUS_TIME_LAST */
    struct onus_str policy; /* of the authority, under which it was made: numbers and dots */
};

/*
 * Append the whole text, "holds" and its line feed included. `tokens` has one entry a token of the
 * bundle; NULL says they are present and not checked.
 */
void onus_bundle_text(struct onus_buffer *out, const struct onus_bundle_facts *facts,
        const struct onus_token_answer *tokens);

/* The same as the members of an open JSON object (docs/schema/onus.verify-1.json). */
void onus_bundle_json(struct onus_json *json, const struct onus_bundle_facts *facts,
        const struct onus_token_answer *tokens);

/* Bytes of a bundle so that they can only be read: 20 to 7e as they are, others \xNN, \ as \\. */
void onus_bundle_add_bytes(struct onus_buffer *out, struct onus_str bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_ANCHOR_H
#define ONUS_EVIDENCE_ANCHOR_H

/*
 * Anchors: cosigned checkpoints of other parties' logs, known when something is sealed. The hash of one
 * goes into slot 4b of a manifest, and shows that the batch was sealed after that checkpoint was
 * cosigned.
 *
 *     CASE/vault/anchors/<64 hex>   a note, byte for byte; the name is the SHA-256 of these bytes
 *     CASE/vault/anchors/latest     the 64 hex of the one that is stated next, and a line feed
 */

#include "base/buffer.h"
#include "crypto/sha256.h"

/*
 * The value of slot 4b for the next manifest.
 *
 * ONUS_E_MISSING   there is no anchor: the slot stays empty.
 * ONUS_E_MISMATCH  the note that `latest` names is not there or has another hash.
 * ONUS_E_FORMAT    `latest` is not spelled as above.
 */
ONUS_NODISCARD enum onus_code onus_anchor_latest(const char *case_folder, struct onus_digest *out,
        struct onus_error *err);

/* Append the note with this hash to `out`. ONUS_E_MISSING, ONUS_E_MISMATCH as above. */
ONUS_NODISCARD enum onus_code onus_anchor_read(const char *case_folder,
        const struct onus_digest *hash, struct onus_buffer *out, struct onus_error *err);

/*
 * Keep a note and make it the latest. That it is a checkpoint of a log of the policy, cosigned, is for
 * the caller to check. Both files are on disk when this returns.
 */
ONUS_NODISCARD enum onus_code onus_anchor_add(const char *case_folder, struct onus_str note,
        struct onus_digest *hash, struct onus_error *err);

#endif

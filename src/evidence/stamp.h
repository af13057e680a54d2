/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_STAMP_H
#define ONUS_EVIDENCE_STAMP_H

/*
 * Time stamps of checkpoints by an authority (RFC 3161). What is stamped is the SHA-256 of the text of
 * the note, so cosignatures may be added later.
 *
 *     CASE/vault/tsa/<64 hex>-<n>.tsr   reply of the authority, as it came; the hex is that SHA-256, n
 *                                       counts from 1
 *
 * A reply can be checked without this program: openssl ts -verify -data TEXT -in FILE -CAfile CA
 */

#include "evidence/cosign.h"

#define ONUS_STAMP_PATH 128

struct onus_stamp {
    int64_t time;               /* seconds since 1970 that the authority states */
    char path[ONUS_STAMP_PATH]; /* beneath the case folder */
};

/*
 * Ask the authority at `url` to stamp `text`, check what it answers against the certificates in
 * `trusted_pem`, and keep it. `at` is the case folder; `nonce` is random.
 *
 * ONUS_E_PEER      no answer, or not of the type application/timestamp-reply.
 * ONUS_E_MISMATCH, ONUS_E_FORMAT, ONUS_E_MISSING, ONUS_E_REFUSED  as onus_tsa_check(); nothing is kept.
 */
ONUS_NODISCARD enum onus_code onus_stamp_get(int at, struct onus_str text, const char *url,
        uint64_t nonce, struct onus_str trusted_pem, const struct onus_carrier *carrier,
        struct onus_stamp *out, struct onus_error *err);

#endif

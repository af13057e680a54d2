/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_SUPERSEDE_H
#define ONUS_EVIDENCE_SUPERSEDE_H

/*
 * A log that goes on under another origin, because a witness has cosigned more of it than this copy
 * holds: a restored backup must never sign another history under the name of the first.
 *
 * The `O` record (docs/formats/evidence.md) says from which origin, size and root. Its values and salts
 * stay beside it, so that it can be opened:
 *
 *     CASE/vault/origin/<64 hex of SHA-256 of the entry>
 *         onus/origin/v1
 *         slot KIND SALT VALUE      four times; KIND 2, SALT 32 hex, VALUE hex of its bytes
 */

#include "crypto/random.h"
#include "evidence/vault.h"

#define ONUS_REASON_MAX 4096

/*
 * The origin after this one: "name/2" after "name", "name/3" after "name/2". ONUS_E_LIMIT when the
 * number has more than nine digits.
 */
ONUS_NODISCARD enum onus_code onus_origin_next(struct onus_str origin, struct onus_buffer *out,
        struct onus_error *err);

/*
 * Go on under `new_origin`. The vault is open for writing, with keys. When this returns, the `O` record
 * is in the log, the checkpoint is signed under the new origin, and case and policy name it.
 *
 * ONUS_E_ARGUMENT  the reason is empty, too long, not UTF-8 or has control characters; the origin is no
 *                  name of a key.
 * Others as onus_vault_continue().
 */
ONUS_NODISCARD enum onus_code onus_supersede(struct onus_vault *vault, struct onus_str new_origin,
        struct onus_str reason, struct onus_random_source random, struct onus_error *err);

#endif

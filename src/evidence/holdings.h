/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_HOLDINGS_H
#define ONUS_EVIDENCE_HOLDINGS_H

/* What a vault can show, for whoever makes bundles. */

#include "evidence/exhibit.h"
#include "evidence/vault.h"

/*
 * All batches and roll-ups that the stored checkpoint covers. The vault, open with its keys, must outlive
 * *out; lists lie in the arena. One thread.
 *
 * ONUS_E_MISSING   nothing is signed yet.
 * ONUS_E_MISMATCH  a manifest is not what the log commits to.
 */
ONUS_NODISCARD enum onus_code onus_holdings_of_vault(struct onus_vault *vault,
        struct onus_arena *arena, struct onus_holdings *out, struct onus_error *err);

/*
 * The newest anchor that a batch of the list states and that is kept (vault/anchors): the note, in the
 * arena; empty when there is none. ONUS_E_MISMATCH: the note kept there has another hash.
 */
ONUS_NODISCARD enum onus_code onus_holdings_anchor(struct onus_vault *vault,
        const struct onus_holdings *holdings, struct onus_arena *arena, struct onus_str *out,
        struct onus_error *err);

#endif

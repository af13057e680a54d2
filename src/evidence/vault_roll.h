/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_VAULT_ROLL_H
#define ONUS_EVIDENCE_VAULT_ROLL_H

/* Roll-ups that are due (rollup.h) become files of the vault and entries of its log. */

#include "evidence/vault.h"

/*
 * For all sources. *made: how many. They are signed when the vault signs alone; otherwise they are made
 * again after the next signature of the batches (what is neither signed nor a batch is dropped when a
 * vault is opened). Codes as for reading batches and writing files.
 */
ONUS_NODISCARD enum onus_code onus_vault_roll(struct onus_vault *vault, struct onus_str collector,
        uint64_t now, uint64_t *made, struct onus_error *err);

#endif

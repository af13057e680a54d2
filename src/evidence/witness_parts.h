/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_WITNESS_PARTS_H
#define ONUS_EVIDENCE_WITNESS_PARTS_H

/* What the files of the witness share among themselves. Others include witness.h. */

#include "base/arena.h"
#include "crypto/ed25519.h"
#include "evidence/witness.h"
#include "proof/checkpoint.h"
#include "proof/note.h"

struct onus_witness {
    int folder;
    int state; /* the folder state/ */
    int lock;
    struct onus_arena arena; /* texts that keys and logs point into */
    struct onus_vkey *logs;  /* several keys may have one name, and one key several names */
    size_t log_count;
    struct onus_vkey key;
    struct onus_ed25519_seed seed;
};

/* What a witness signed last for one log. */
struct onus_witness_memory {
    bool known; /* false: nothing yet, so size 0 */
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    uint64_t time;
};

/*
 * Whether the bytes are a state this witness could have written for that origin: the log's signature
 * and its own check. ONUS_E_FORMAT or ONUS_E_MISMATCH when not.
 */
ONUS_NODISCARD enum onus_code onus_witness_check_state(const struct onus_witness *witness,
        struct onus_str origin, struct onus_str note, struct onus_witness_memory *out,
        struct onus_error *err);

/*
 * The key beneath the open folder: keys/witness.key, wrapped with age for keys/witness.agekey.
 * ONUS_E_MISSING, ONUS_E_FORMAT, ONUS_E_MISMATCH.
 */
ONUS_NODISCARD enum onus_code onus_witness_key_write(int at, const struct onus_ed25519_seed *seed,
        struct onus_random_source random, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_witness_key_read(int at, struct onus_ed25519_seed *out,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_CHECKPOINT_H
#define ONUS_EVIDENCE_CHECKPOINT_H

/*
 * The head of a case's log, signed and vouched for by others.
 *
 *     1  every witness with a URL is asked with the checkpoint that is stored: what has it seen? One that
 *        has seen more, or something else, means that this is a restored copy: nothing is signed.
 *     2  the head is signed, by the rules of log_store.h.
 *     3  the witnesses get the new checkpoint; their cosignatures are added to the stored note.
 *     4  time-stamp authorities stamp its text.
 *
 * Enough witnesses must answer in 1: so many that the quorum of the policy could be met by them, or, when
 * it can never be met by witnesses with URLs, one. Otherwise nothing new is signed: an entry that waits
 * loses nothing, a second history cannot be taken back.
 *
 * The lock of the vault is held for 2 and for storing, not while somebody is waited for.
 */

#include "base/arena.h"
#include "crypto/random.h"
#include "evidence/cosign.h"
#include "evidence/stamp.h"
#include "evidence/vault.h"

#define ONUS_CHECKPOINT_ASKED_MAX 64

struct onus_checkpoint_plan {
    const char *case_folder;
    const char *const *urls; /* witnesses to ask besides those of the policy with a URL */
    size_t url_count;
    const char *const *authorities; /* URLs of time-stamp authorities */
    size_t authority_count;
    struct onus_str trusted_pem;       /* their certificates */
    struct onus_str new_origin_reason; /* not empty: go on under a new origin first */
    struct onus_random_source random;  /* nonces, salts */
    struct onus_carrier carrier;
    const struct onus_vault_options
            *vault; /* what opening the vault needs; `write` is set by this */
};

struct onus_checkpoint_asked {
    struct onus_str name; /* in the policy; empty: a URL that was given besides */
    const char *url;
    struct onus_witness_reply reply;
    bool counted; /* a cosignature of this witness is on the stored note */
    uint64_t time;
};

struct onus_checkpoint_stamp {
    const char *url;
    enum onus_code code;
    char words[200]; /* why not */
    struct onus_stamp stamp;
};

struct onus_checkpoint_report {
    struct onus_str origin;
    uint64_t size;
    struct onus_digest root;
    bool has_checkpoint;
    bool signed_anew;
    struct onus_str old_origin; /* not empty: this run went on under a new one */
    size_t asked_count;
    struct onus_checkpoint_asked asked[ONUS_CHECKPOINT_ASKED_MAX];
    struct onus_checkpoint_stamp *stamps; /* as many as authorities */
    size_t stamp_count;
    bool has_quorum; /* the policy asks for one */
    bool quorum_met;
    uint64_t not_after;
};

/*
 * Do it. What was found is in *out, also when ONUS_E_REFUSED or ONUS_E_PEER is returned after witnesses
 * were asked; texts live in the arena.
 *
 * ONUS_OK          the checkpoint is stored; whether the quorum is met says the report.
 * ONUS_E_REFUSED   a witness is ahead or has seen another history; nothing was signed. Or another process
 *                  writes to the vault.
 * ONUS_E_PEER      not enough witnesses answered to know whether this is the newest copy; nothing was
 *                  signed.
 * Others           as onus_vault_open(), onus_log_sign().
 */
ONUS_NODISCARD enum onus_code onus_checkpoint_make(const struct onus_checkpoint_plan *plan,
        struct onus_arena *arena, struct onus_checkpoint_report *out, struct onus_error *err);

/*
 * Keep another party's cosigned checkpoint as the anchor of what is sealed next, when the policy of the
 * case accepts it.
 *
 * ONUS_E_ARGUMENT  it is of this very log.
 * ONUS_E_MISSING   the policy does not know that log, or asks for no witness: then it shows no time.
 * ONUS_E_MISMATCH, ONUS_E_FORMAT  as onus_policy_check().
 */
ONUS_NODISCARD enum onus_code onus_checkpoint_anchor(const char *case_folder,
        const struct onus_vault_options *vault, struct onus_str note, struct onus_digest *hash,
        struct onus_error *err);

#endif

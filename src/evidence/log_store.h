/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_LOG_STORE_H
#define ONUS_EVIDENCE_LOG_STORE_H

/*
 * The evidence log of a party on a disk: a C2SP tlog-tiles tree that any web server can serve, and its
 * newest checkpoint.
 *
 *     onus_log_append()   the entry is remembered in memory
 *     onus_log_flush()    its tiles are durable; nothing is signed
 *     onus_log_sign()     intent, root recomputed from what the disk says, signature, checkpoint
 *
 * Two histories are never signed. Before a signature is made, the file `intent` with the exact text
 * is durable; as long as it is ahead of the checkpoint, that text is signed or nothing. The tiles must
 * lead to the root of the stored checkpoint at its size (so it is a prefix) and to the root in the
 * intent.
 *
 * Paths (beneath the case folder): vault/log/checkpoint, vault/log/tile/..., vault/state/intent.
 * One writer, who holds the lock of the vault; any number of readers, which see the tree of the
 * checkpoint they read.
 */

#include "base/arena.h"
#include "evidence/fields.h"
#include "merkle/tree.h"
#include "proof/checkpoint.h"

#define ONUS_LOG_ENTRY_MAX 65535

struct onus_log;

/*
 * Open the log. A log that was never written to is empty. With `write`, what a crash left is brought in
 * order: tiles of entries that are there whole are completed. An intent that is ahead of the
 * checkpoint is told by onus_log_pending().
 *
 * `at` (the case folder) and `origin` must outlive the log.
 *
 * ONUS_E_MISMATCH  the tiles do not lead to the root of the stored checkpoint, or the checkpoint is
 *                  of another origin: "foreign".
 * ONUS_E_FORMAT    a file is not what its format says; err names it.
 * ONUS_E_MISSING   a tile is missing that the checkpoint needs.
 */
ONUS_NODISCARD enum onus_code onus_log_open(int at, struct onus_str origin, bool write,
        struct onus_log **out, struct onus_error *err);
void onus_log_close(struct onus_log *log);

/* Entries, those not yet flushed included. */
uint64_t onus_log_size(const struct onus_log *log);
/* Root over all of them. */
void onus_log_root(const struct onus_log *log, struct onus_digest *out);

/* *index: its place. ONUS_E_LIMIT: longer than ONUS_LOG_ENTRY_MAX. */
ONUS_NODISCARD enum onus_code onus_log_append(struct onus_log *log, struct onus_str entry,
        uint64_t *index, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_log_flush(struct onus_log *log, struct onus_error *err);

/*
 * Sign what is flushed and store it as the newest checkpoint. Nothing happens when the stored
 * checkpoint has this size already.
 *
 * ONUS_E_MISMATCH  the disk does not lead to the root, the stored checkpoint is no prefix, or the
 *                  intent names another root: nothing was signed.
 * ONUS_E_REFUSED   the key is not that of the stored checkpoint.
 */
ONUS_NODISCARD enum onus_code onus_log_sign(struct onus_log *log, const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, struct onus_error *err);

/*
 * Only the intent to sign what is flushed, under an origin that may differ from the one before: for a
 * log that continues under a new one. onus_log_sign() with a key of that name then finishes it.
 */
ONUS_NODISCARD enum onus_code onus_log_intend(struct onus_log *log, struct onus_str origin,
        struct onus_error *err);
/* The origin in an intent that waits; empty when none does. */
struct onus_str onus_log_intended_origin(const struct onus_log *log);

/* Whether an intent waits for its signature: onus_log_sign() will finish it first. */
bool onus_log_pending(const struct onus_log *log);

/*
 * The stored checkpoint with its signature lines, and its parsed text; views live until the next
 * onus_log_sign(), onus_log_publish() or onus_log_close(). ONUS_E_MISSING: there is none yet.
 */
ONUS_NODISCARD enum onus_code onus_log_checkpoint(const struct onus_log *log, struct onus_str *note,
        struct onus_checkpoint *out, struct onus_error *err);

/*
 * Store a note with the same text and more signature lines (cosignatures) in its place. The lines
 * that stand there must be in it. ONUS_E_REFUSED: another text, or a line was lost.
 */
ONUS_NODISCARD enum onus_code onus_log_publish(struct onus_log *log, struct onus_str note,
        struct onus_error *err);

/* ---- reading --------------------------------------------------------------------------------- */

/* The bytes of an entry, checked against its leaf hash. ONUS_E_ARGUMENT: not below the size. */
ONUS_NODISCARD enum onus_code onus_log_entry(const struct onus_log *log, uint64_t index,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_log_leaf(const struct onus_log *log, uint64_t index,
        struct onus_digest *out, struct onus_error *err);

/* Proofs in the tree of the first `size` entries. */
ONUS_NODISCARD enum onus_code onus_log_inclusion(const struct onus_log *log, uint64_t index,
        uint64_t size, struct onus_proof *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_log_consistency(const struct onus_log *log, uint64_t old_size,
        uint64_t size, struct onus_proof *out, struct onus_error *err);
/* Root of the first `size` entries, out of the tiles. */
ONUS_NODISCARD enum onus_code onus_log_root_at(const struct onus_log *log, uint64_t size,
        struct onus_digest *out, struct onus_error *err);

/* ---- checking -------------------------------------------------------------------------------- */

/*
 * Recompute everything from the entries: each tile of each level, the root, the checkpoint and its
 * signature by `key`, the intent. Each fault is told to `fault`, which may be called often.
 * ONUS_OK when all was looked at; a failure only when that was not possible.
 */
typedef void (
        *onus_fault_found)(void *data, enum onus_code code, const char *object, const char *words);
ONUS_NODISCARD enum onus_code onus_log_check(int at, const struct onus_vkey *key,
        onus_fault_found fault, void *data, struct onus_error *err);

#endif

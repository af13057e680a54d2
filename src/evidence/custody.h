/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_CUSTODY_H
#define ONUS_EVIDENCE_CUSTODY_H

/*
 * Who did what with a case, in the order it was done: CASE/vault/custody (docs/formats/vault.md, "The
 * custody log"). One line for each act; each line carries the hash of the line before and of itself, so
 * a line that was changed, or is missing before the last one, is found and named.
 *
 * It is the word of the party about itself. A party can write the whole file anew; what it cannot change
 * is a head that left the case: in a sealed E entry, in the ledger, in somebody's notes.
 *
 * Any process that may write to the case can note; a lock of its own keeps lines whole.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "crypto/sha256.h"
#include "evidence/vault.h"

#define ONUS_CUSTODY_PATH       "vault/custody"
#define ONUS_CUSTODY_MAX        ((size_t)1 << 28)
#define ONUS_CUSTODY_DETAIL_MAX 4096 /* bytes; a longer text is cut */

/* What was done: one lower-case word, kept for ever. */
#define ONUS_CUSTODY_INIT       "init"
#define ONUS_CUSTODY_SEAL       "seal"
#define ONUS_CUSTODY_CHECKPOINT "checkpoint"
#define ONUS_CUSTODY_PROVE      "prove"
#define ONUS_CUSTODY_DISCLOSE   "disclose"
#define ONUS_CUSTODY_ERASE      "erase"
#define ONUS_CUSTODY_HOLD       "hold"

struct onus_custody_event {
    const char *what;       /* one of the words above */
    struct onus_str detail; /* which object; any bytes: what does not show is written as \xNN */
    const char *tool;       /* name and version of the program, without blanks at its ends */
    uint64_t now;           /* seconds since 1970, by the clock of this machine: a claim */
};

/*
 * Note one act: durable when this returns. The party is that of the vault, which may be open read-only.
 *
 * ONUS_E_MISMATCH, ONUS_E_FORMAT  the log is not whole; nothing was written.
 * ONUS_E_REFUSED                  another process is writing to it, still after some tries.
 */
ONUS_NODISCARD enum onus_code onus_custody_note(const struct onus_vault *vault,
        const struct onus_custody_event *event, struct onus_error *err);

/* As onus_custody_note(), unless the log has a line of the same act, time and detail already. */
ONUS_NODISCARD enum onus_code onus_custody_note_once(const struct onus_vault *vault,
        const struct onus_custody_event *event, struct onus_error *err);

/* ---- reading --------------------------------------------------------------------------------- */

struct onus_custody_line {
    uint64_t number; /* from 1, without gaps */
    uint64_t time;
    struct onus_str tool, what, party, detail;
    struct onus_digest before; /* sum of the line before */
    struct onus_digest sum;    /* SHA-256 of this line up to it */
};

struct onus_custody {
    const struct onus_custody_line *lines;
    size_t count;
    size_t used; /* bytes of whole lines */
    size_t cut;  /* bytes behind them: a line that a crash cut off */
    struct onus_digest
            head; /* sum of the last line; of the first line of the file when there is none */
};

/*
 * Read the whole text; an empty one is a log without lines. Views point into it.
 *
 * ONUS_E_FORMAT with the offset: not a custody log at all, or not of version 1.
 * ONUS_E_MISMATCH: a line was changed or is missing; err names its number.
 */
ONUS_NODISCARD enum onus_code onus_custody_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_custody *out, struct onus_error *err);

/* The text of one more line (and of the first line of the file, when it is empty), appended. */
void onus_custody_add(const struct onus_custody *custody, struct onus_str party,
        const struct onus_custody_event *event, struct onus_buffer *out);

/* `at`: the case folder. A log that is not there has no lines. */
ONUS_NODISCARD enum onus_code onus_custody_read(int at, struct onus_arena *arena,
        struct onus_custody *out, struct onus_error *err);

/* Whether the head was once that of this log: *number is the line that has it, 0 for a log without lines. */
bool onus_custody_has(const struct onus_custody *custody, const struct onus_digest *head,
        uint64_t *number);

#endif

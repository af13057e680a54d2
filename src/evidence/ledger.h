/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_LEDGER_H
#define ONUS_EVIDENCE_LEDGER_H

/*
 * What was ever opened, to whom: CASE/vault/ledger (docs/formats/vault.md, "The disclosure ledger").
 *
 * Two bundles that are harmless alone may together open what neither does. So each bundle is entered when
 * it is written, and before the next one leaves it is said what they open together.
 *
 *     onus/ledger/v1
 *     bundle NUMBER SHA256 TIME SIZE TO...
 *     custody SHA256                    head of the custody log then; older entries lack it
 *     head TAG FIRST LAST MASK          slots of the manifest: bit k is kind 40 + k
 *     lines TAG SEQ FIRST LAST          whole lines, counted from 0 in their batch
 *     parts TAG SEQ LINE COUNT MASK     parts of one line, of COUNT parts
 *     key TAG FIRST LAST KEY            a key of the index
 *     sum SHA256                        of the sum before and all lines of this entry
 *
 * Entries are only ever appended; each carries the hash of what stands before it.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "proof/bundle_read.h"

#define ONUS_LEDGER_PATH "vault/ledger"
#define ONUS_LEDGER_MAX  ((size_t)1 << 30)

/* An opening, as one line of the file. */
enum onus_ledger_kind {
    ONUS_LEDGER_HEAD,
    ONUS_LEDGER_LINES,
    ONUS_LEDGER_PARTS,
    ONUS_LEDGER_KEY,
};

struct onus_ledger_opening {
    enum onus_ledger_kind kind;
    size_t bundle; /* index of its entry */
    struct onus_tag tag;
    uint64_t first, last; /* HEAD, KEY: seq; LINES: lines; PARTS: both are the line */
    uint64_t seq;         /* LINES, PARTS */
    uint32_t count;       /* PARTS */
    uint32_t mask;        /* HEAD, PARTS */
    struct onus_key key;
};

struct onus_ledger_entry {
    uint64_t number; /* from 1 */
    struct onus_digest bundle;
    uint64_t time; /* seconds since 1970 */
    uint64_t size;
    struct onus_str to; /* may be empty: nobody was named */
    bool has_custody;
    struct onus_digest custody; /* head of the custody log then */
    struct onus_digest sum;
};

struct onus_ledger {
    const struct onus_ledger_entry *entries;
    size_t entry_count;
    const struct onus_ledger_opening *openings;
    size_t opening_count;
    size_t used; /* bytes up to the last sum; behind them an entry may have been cut off by a crash */
};

/*
 * Read the whole text; an empty one is an empty ledger. Views point into it. Lines behind the last sum
 * belong to a bundle that was never written (it is entered before) and are passed over.
 *
 * ONUS_E_FORMAT with the offset; ONUS_E_MISMATCH when a sum does not fit: something was changed.
 */
ONUS_NODISCARD enum onus_code onus_ledger_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_ledger *out, struct onus_error *err);

struct onus_ledger_new {
    const struct onus_bundle *bundle;
    struct onus_str bytes;             /* of the bundle as written */
    struct onus_str to;                /* no control characters */
    const struct onus_digest *custody; /* head of the custody log; NULL: none */
    uint64_t time;
};

/*
 * Append the text of one more entry (and the first line, when the ledger is empty) to `out`.
 * ONUS_E_ARGUMENT: `to` has control characters.
 */
ONUS_NODISCARD enum onus_code onus_ledger_add(const struct onus_ledger *ledger,
        const struct onus_ledger_new *what, struct onus_buffer *out, struct onus_error *err);

/*
 * What the bundle opens together with those before it and not alone: lines whose parts become complete.
 * One sentence a line, naming the bundle and its day, is appended to `out`; *said is how many.
 * ONUS_E_MEMORY.
 */
ONUS_NODISCARD enum onus_code onus_ledger_union(const struct onus_ledger *ledger,
        const struct onus_bundle *bundle, struct onus_buffer *out, size_t *said,
        struct onus_error *err);

/* Whole lines and parts that were opened before by any bundle, counted once; for the summary. */
struct onus_ledger_sum {
    uint64_t lines, parts, bundles;
};
ONUS_NODISCARD enum onus_code onus_ledger_count(const struct onus_ledger *ledger,
        struct onus_ledger_sum *out, struct onus_error *err);

/* ---- on a disk ------------------------------------------------------------------------------- */

/* `at`: the case folder. A ledger that is not there is empty. */
ONUS_NODISCARD enum onus_code onus_ledger_read(int at, struct onus_arena *arena,
        struct onus_ledger *out, struct onus_error *err);
/*
 * Enter a bundle: durable when this returns. ONUS_E_REFUSED: another process writes to it; ONUS_E_MISMATCH:
 * it changed since it was read.
 */
ONUS_NODISCARD enum onus_code onus_ledger_enter(int at, const struct onus_ledger *ledger,
        const struct onus_ledger_new *what, struct onus_error *err);

#endif

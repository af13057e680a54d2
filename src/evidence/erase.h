/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_ERASE_H
#define ONUS_EVIDENCE_ERASE_H

/*
 * Lines are taken out of a vault for good, and everything else can still be proven.
 *
 *     onus_erase_plan()    what a request means here; nothing is changed
 *     onus_erase_carry()   it is done: from the first step on it is finished also after a crash
 *     onus_erase_resume()  what a crash broke off; onus_vault_open() for writing calls it
 *
 * What is done, in this order; each step can be repeated (docs/formats/vault.md, "Erasing"):
 *
 *     1  the plan is durable (vault/state/erase), and noted in the custody log
 *     2  of each batch: a pack without the bytes, then its tomb (.tmb), then index and cuts without what
 *        was erased; the old pack is overwritten. Roll-ups whose keys lose their last line likewise
 *     3  a new age key; all key files are wrapped to it, without the keys of these batches; the old age
 *        key is overwritten
 *     4  an E entry for each batch, signed
 *     5  the plan is removed
 *
 * What this cannot reach: copies that left the vault (bundles, backups), blocks a disk kept aside. Old
 * copies of the key files are of no use without the age key of their time.
 */

#include "evidence/batch.h"
#include "evidence/query.h"
#include "net/address.h"

#define ONUS_ERASE_PATH    "vault/state/erase"
#define ONUS_ERASE_MAX     ((size_t)1 << 28) /* bytes of a plan */
#define ONUS_ERASE_WHO_MAX 200

enum onus_erase_kind {
    ONUS_ERASE_LINES,   /* `ranges` of `source`: from 1, over all its batches */
    ONUS_ERASE_ADDRESS, /* lines whose source address is `address`; of `source`, or of all */
    ONUS_ERASE_BATCHES, /* all lines of batches first_seq to last_seq of `source` */
    ONUS_ERASE_BEFORE,  /* batches whose last line is older than `before`; of `source`, or of all */
};

struct onus_erase_request {
    enum onus_erase_kind kind;
    struct onus_str source; /* its name, or the part of it after a slash; empty: all */
    const struct onus_line_range *ranges;
    size_t range_count;
    struct onus_address address;
    uint64_t first_seq, last_seq;
    int64_t before; /* seconds since 1970 */

    struct onus_str basis; /* onus_basis_valid() */
    struct onus_str who;   /* likewise, at most ONUS_ERASE_WHO_MAX bytes */
    const char *tool;      /* for the custody log */
    uint64_t now;          /* seconds since 1970 */
};

/* Lines of a batch, counted from 0. */
struct onus_erase_range {
    uint64_t first, count;
};

/* What is erased of one batch, or of a roll-up over it (keys only). */
struct onus_erase_part {
    bool rollup;
    struct onus_tag tag;
    uint64_t first, last;
    uint64_t generation;                   /* acts in its tomb afterwards */
    const struct onus_erase_range *ranges; /* ascending; not erased before */
    size_t range_count;
    uint64_t lines;
    const uint64_t *rows; /* of the index, ascending: they lose their key */
    size_t row_count;
};

struct onus_erase_plan {
    uint64_t time;
    struct onus_str basis, who, tool;
    struct onus_str words;     /* one sentence for the custody log; nothing of what lines said */
    struct onus_str recipient; /* public part of the age key that is destroyed */
    const struct onus_erase_part
            *parts; /* by source and seq; roll-ups of a source behind its batches */
    size_t part_count;

    /* For those who are asked; not kept. */
    uint64_t batches, rollups, lines, keys;
    uint64_t straddling;    /* batches that BEFORE leaves: they have younger lines too */
    uint64_t erased_before; /* lines asked for that were erased already */
};

/*
 * The vault is open for writing, with keys and randomness. Everything lies in the arena.
 *
 * ONUS_E_MISSING   nothing here is meant: no such source, line, batch or address.
 * ONUS_E_REFUSED   a hold covers some of it (evidence/hold.h), or a batch is not in the signed log yet.
 * ONUS_E_LIMIT     the key tree of a source has no room left for so many separate holes.
 */
ONUS_NODISCARD enum onus_code onus_erase_plan(struct onus_vault *vault,
        const struct onus_erase_request *request, struct onus_arena *arena,
        struct onus_erase_plan *out, struct onus_error *err);

ONUS_NODISCARD enum onus_code onus_erase_carry(struct onus_vault *vault,
        const struct onus_erase_plan *plan, struct onus_error *err);

/* ONUS_OK, too, when nothing was broken off. */
ONUS_NODISCARD enum onus_code onus_erase_resume(struct onus_vault *vault, struct onus_error *err);

/* Whether one is under way. */
ONUS_NODISCARD enum onus_code onus_erase_pending(const struct onus_vault *vault, bool *out,
        struct onus_error *err);

/* ---- the file vault/state/erase -------------------------------------------------------------- */

void onus_erase_format(const struct onus_erase_plan *plan, struct onus_buffer *out);
/* Views point into the text, tables lie in the arena. ONUS_E_FORMAT with the offset. */
ONUS_NODISCARD enum onus_code onus_erase_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_erase_plan *out, struct onus_error *err);

/* ---- E entries ------------------------------------------------------------------------------- */

#define ONUS_ERASED_FOLDER "vault/erased"
#define ONUS_ERASED_SLOTS  4
#define ONUS_ERASED_NAME   128 /* room for a path in that folder */

/* What an E entry of the log commits to, and its salts: a file of vault/erased. */
struct onus_erased {
    uint64_t entry; /* its place in the log */
    struct onus_tag tag;
    uint64_t seq;
    uint64_t generation; /* of the tomb */
    struct onus_str values[ONUS_ERASED_SLOTS];
    struct onus_salt salts[ONUS_ERASED_SLOTS];
};

void onus_erased_path(const struct onus_erased *erased, char out[static ONUS_ERASED_NAME]);
/* The four numbers of a name of such a file; false for another name. */
bool onus_erased_name(const char *name, struct onus_erased *out);
void onus_erased_format(const struct onus_erased *erased, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_erased_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_erased *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_erased_read(const struct onus_vault *vault, const char *name,
        struct onus_arena *arena, struct onus_erased *out, struct onus_error *err);
/* Its entry, appended to `out`, which may be NULL; and its leaf hash. */
void onus_erased_entry(const struct onus_erased *erased, struct onus_buffer *out,
        struct onus_digest *leaf);
/* The head of the custody log that slot 73 names; false when it names none. */
bool onus_erased_head(const struct onus_erased *erased, struct onus_digest *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_INDEX_H
#define ONUS_EVIDENCE_INDEX_H

/*
 * The source index of a batch: how many lines and attempts each source address has, as sorted rows
 * whose sums run from the first row on (docs/formats/evidence.md, "The source index").
 *
 *     builder   takes the lines of a batch in order
 *     index     the rows and the line numbers of each source; memory of an arena
 *     .idx      the same on a disk (docs/formats/vault.md); read as hostile
 *     leaves    the hashes of the rows under the salts of the batch; their root is in slot 49
 *
 * Nothing here reads files, clocks or randomness. Any thread; a struct belongs to one at a time.
 */

#include <onus/error.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "crypto/sha256_many.h"
#include "merkle/tree.h"
#include "model/line_sink.h"
#include "proof/record.h"

/* ---- keys ------------------------------------------------------------------------------------ */

/*
 * The keys of an address, of the fence below it, and of lines without a source. onus_key_after() is
 * the fence behind an address: behind the last one of its family the end of that family.
 */
struct onus_key onus_key_of(const struct onus_address *address);
struct onus_key onus_key_fence(const struct onus_address *address);
struct onus_key onus_key_after(const struct onus_address *address);
struct onus_key onus_key_unknown(void);       /* ff 00..00 01 */
struct onus_key onus_key_unknown_fence(void); /* ff 00..00 00 */
struct onus_key onus_key_lowest(void);        /* 04 00..00 00, below every other key */

/*
 * The fences at both edges of the network of `bits` leading bits that holds the address; bits count in
 * its family (0 to 32, 0 to 128).
 */
void onus_key_edges(const struct onus_address *address, unsigned bits, struct onus_key *low,
        struct onus_key *high);

/* True, and *out is the address, for the key of an address or of a fence at one. */
bool onus_key_address(const struct onus_key *key, struct onus_address *out);

/* ---- an index -------------------------------------------------------------------------------- */

#define ONUS_INDEX_SLOTS 4

struct onus_index_row {
    struct onus_key key;
    bool key_gone;               /* erased: `key` is all zero, slot 20 is known by its hash only */
    uint64_t lines;              /* slot 21: lines with a key up to here */
    uint64_t attempts;           /* slot 23 */
    struct onus_digest postings; /* slot 22 */
    uint64_t postings_at;        /* offset in onus_index.postings */
    uint64_t own_lines;          /* lines of this key alone */
    uint64_t own_attempts;
};

struct onus_index {
    struct onus_index_row *rows; /* keys ascend strictly */
    size_t count;                /* at least 3 in an index that was built */
    /*
     * Line numbers of each row, in order: the first, then the differences, as varints. Empty in a
     * roll-up, which keeps only the roots over them.
     */
    struct onus_str postings;
    bool has_postings;
};

/* How many lines and attempts there are at all: the sums of the last row. */
uint64_t onus_index_lines(const struct onus_index *index);
uint64_t onus_index_attempts(const struct onus_index *index);

/* The row of a key, or the row before which it would stand (count when behind all); *found says. */
size_t onus_index_find(const struct onus_index *index, const struct onus_key *key, bool *found);

/* The line numbers of one row. Zeroed but for the pointers by onus_postings_of(). */
struct onus_postings {
    struct onus_str rest;
    uint64_t left;
    uint64_t line; /* after next: the line number, counted from 0 in the batch */
};

struct onus_postings onus_postings_of(const struct onus_index *index, size_t row);
/* False at the end. The index was checked when it was read: nothing can be wrong with it here. */
bool onus_postings_next(struct onus_postings *postings);

/* ---- building -------------------------------------------------------------------------------- */

/* Lines of one batch: at most this many (docs/limits.md), so a number of a line has 32 bits. */
#define ONUS_INDEX_LINES_MAX  (1u << 30)
#define ONUS_INDEX_MEMORY_MAX ((size_t)8 << 30)

struct onus_index_builder {
    struct onus_arena arena;
    struct onus_index_entry *entries; /* one a source, in order of appearance */
    size_t entry_count, entry_room;
    uint32_t *slots; /* hash table of entry numbers + 1 */
    size_t slot_mask;
    uint32_t *sources; /* of each line: number of its entry */
    size_t line_count, line_room;
    uint64_t seed;
};

/* `seed` moves the places in the hash table; the rows do not depend on it. */
void onus_index_builder_init(struct onus_index_builder *builder, uint64_t seed);
/* Release everything; ready for the next batch. Safe on a zeroed struct. */
void onus_index_builder_clear(struct onus_index_builder *builder);

/*
 * The next line of the batch; source is NULL when it has none. ONUS_E_MEMORY, ONUS_E_LIMIT; the
 * builder then holds what it held before.
 */
ONUS_NODISCARD enum onus_code onus_index_add_line(struct onus_index_builder *builder,
        const struct onus_address *source, uint64_t attempts, struct onus_error *err);

/* Attempts that a line adds for a source that is not its own. */
ONUS_NODISCARD enum onus_code onus_index_add_extra(struct onus_index_builder *builder,
        const struct onus_address *source, uint64_t attempts, struct onus_error *err);

/* The lines of a block in settle(), from line `first` up to, without, `end`, with their extras. */
ONUS_NODISCARD enum onus_code onus_index_add_block(struct onus_index_builder *builder,
        const struct onus_sink_block *block, size_t first, size_t end, struct onus_error *err);

/*
 * The routed prefix that holds an address: true, and its first and last address. An answer that does
 * not hold the address is passed over.
 */
typedef bool (*onus_index_routed)(void *data, const struct onus_address *address,
        struct onus_address *low, struct onus_address *high);

struct onus_index_options {
    onus_index_routed routed; /* NULL: none known */
    void *routed_data;
    /*
     * Not NULL: further fences are added until the number of rows is a power of two, at places that
     * follow from this key alone (give a key that nobody else knows, such as K_batch).
     */
    const struct onus_digest *decoy_key;
    const struct onus_sha256_kernel *kernel; /* NULL: the best */
};

/*
 * The index over the lines added so far, in `arena`. The same lines and options give the same index.
 * The fence at 0.0.0.0 always stands first, so that every address has a row below it. The builder keeps
 * its lines. ONUS_E_MEMORY, ONUS_E_LIMIT.
 */
ONUS_NODISCARD enum onus_code onus_index_build(struct onus_index_builder *builder,
        const struct onus_index_options *options, struct onus_arena *arena, struct onus_index *out,
        struct onus_error *err);

/* ---- hashes ---------------------------------------------------------------------------------- */

/*
 * Where the salts of the rows come from. The slots of row i are those numbered first_slot + 4i to
 * first_slot + 4i + 3 under `key`. When the key was erased, `salts` has what was kept: one for each
 * slot of the rows, in order, and `gone` the hash of slot 20 of each row with key_gone, in order.
 */
struct onus_index_salts {
    const struct onus_digest *key; /* K_batch or K_rollup; NULL: use salts and gone */
    uint64_t first_slot;
    const struct onus_salt *salts;
    const struct onus_digest *gone;
};

/* The value of slot 20 + j of a row, in the same bytes that are hashed. 18 or 8 or 32 bytes. */
#define ONUS_INDEX_VALUE_MAX 32
struct onus_str onus_index_value(const struct onus_index_row *row, unsigned j,
        uint8_t room[static ONUS_INDEX_VALUE_MAX]);

/* What is shown or hidden of one row: its salts and slot hashes. A gone slot cannot be shown. */
struct onus_index_slots {
    struct onus_salt salts[ONUS_INDEX_SLOTS];
    struct onus_digest commits[ONUS_INDEX_SLOTS];
};

void onus_index_row_slots(const struct onus_index *index, size_t row,
        const struct onus_index_salts *salts, struct onus_index_slots *out);

/*
 * The leaf hashes of all rows into out[0..count). ONUS_E_MEMORY.
 */
ONUS_NODISCARD enum onus_code onus_index_leaves(const struct onus_index *index,
        const struct onus_index_salts *salts, const struct onus_sha256_kernel *kernel,
        struct onus_digest *out, struct onus_error *err);

/* Their root; the empty root for no rows. With `count` it is slot 49. */
ONUS_NODISCARD enum onus_code onus_index_root(const struct onus_index *index,
        const struct onus_index_salts *salts, const struct onus_sha256_kernel *kernel,
        struct onus_digest *out, struct onus_error *err);

/* Slot 49: be64 rows || root. */
#define ONUS_INDEX_SLOT49 40
void onus_index_slot49(size_t rows, const struct onus_digest *root,
        uint8_t out[static ONUS_INDEX_SLOT49]);

/* The path of line number `line` in the tree of slot 22 of a row, and its place there. */
ONUS_NODISCARD enum onus_code onus_index_posting_prove(const struct onus_index *index, size_t row,
        uint64_t line, uint64_t *place, struct onus_proof *out, struct onus_error *err);

/* ---- on a disk ------------------------------------------------------------------------------- */

/* The bytes of an .idx file; one spelling for one index. Failures show in the buffer. */
void onus_index_encode(const struct onus_index *index, struct onus_buffer *out);

/*
 * Read an .idx file, the whole view, into `arena`; postings stay a view of `bytes`. Roots of line
 * numbers are computed (kernel NULL: the best), so that what was changed shows in the root of slot 49.
 *
 * ONUS_E_FORMAT (with the offset) for anything onus_index_encode() does not write.
 */
ONUS_NODISCARD enum onus_code onus_index_decode(struct onus_str bytes,
        const struct onus_sha256_kernel *kernel, struct onus_arena *arena, struct onus_index *out,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_READ_H
#define ONUS_PROOF_BUNDLE_READ_H

/*
 * A bundle as it is written (docs/formats/bundle.md, "Spelling"), in plain structs. Nothing is believed
 * yet: bundle_check.h does that, and fills the members named `found`.
 */

#include "base/arena.h"
#include "merkle/tree.h"
#include "proof/record.h"

#define ONUS_BUNDLE_SIZE_MAX ((size_t)64 << 20)
/* An arena of this limit holds any bundle. */
#define ONUS_BUNDLE_ARENA_LIMIT  ((size_t)1 << 30)
#define ONUS_BUNDLE_TSA_MAX      8
#define ONUS_BUNDLE_PATH_MAX     64
#define ONUS_BUNDLE_TOTALS_MAX   64
#define ONUS_BUNDLE_MATCHING_MAX 16 /* totals `matching` */
#define ONUS_MATCHING_BYTES_MAX  4096

/* "onus/bundle/v1\n" */
#define ONUS_BUNDLE_MAGIC ONUS_STR("onus/bundle/v1\n")

struct onus_slot {
    bool open;
    uint8_t kind;                  /* when open */
    struct onus_salt salt;         /* when open */
    struct onus_str value;         /* when open: raw bytes */
    struct onus_digest commitment; /* as written, or of the opening */
};

/* The slots of one leaf and its path upwards. */
struct onus_leaf {
    uint64_t index; /* 0 in the head of a group */
    size_t slot_count;
    const struct onus_slot *slots;
    struct onus_digests path;
};

enum onus_item_kind {
    ONUS_ITEM_RECORD,
    ONUS_ITEM_COUNT_ADDRESS,
    ONUS_ITEM_COUNT_RANGE,
    ONUS_ITEM_ABSENT,
    ONUS_ITEM_ALL,
    ONUS_ITEM_SAMPLE,
};

struct onus_item {
    enum onus_item_kind kind;
    size_t offset;             /* of its first byte in the bundle */
    enum onus_profile profile; /* of a record: LINES or PARTS */
    struct onus_leaf record;
    struct onus_leaf rows[2]; /* of a claim; ALL has only the first */
    struct onus_key key;      /* ABSENT */
    uint64_t number;          /* SAMPLE */
    uint64_t posting;         /* SAMPLE: index among the lines of that key */
    struct onus_digests posting_path;
    struct onus_item *next;
    struct {
        uint64_t lines;
        uint64_t attempts;
        struct onus_key low; /* RANGE */
        struct onus_key key; /* ADDRESS, RANGE (upper edge), ABSENT */
        uint64_t line;       /* SAMPLE: number of the line in its batch */
    } found;
};

struct onus_group {
    uint64_t index; /* entry of the log */
    size_t offset;
    struct onus_digests path;
    enum onus_profile profile; /* MANIFEST, ROLLUP or SOURCE */
    struct onus_tag tag;
    uint64_t first; /* seq of the only or the first batch */
    uint64_t last;
    size_t slot_count;
    const struct onus_slot *slots;
    struct onus_item *items;
    struct onus_group *next;
    struct {
        struct onus_digest leaf;
        size_t place; /* among all manifests and roll-ups, by tag and seq */
        const struct onus_item *const *records;
        size_t record_count;
    } found;
};

enum onus_total_kind {
    ONUS_TOTAL_ADDRESS,
    ONUS_TOTAL_RANGE,
    ONUS_TOTAL_NETWORK,
    ONUS_TOTAL_MEMBERS,
    ONUS_TOTAL_ALL,
    ONUS_TOTAL_MATCHING,
    ONUS_TOTAL_UNBROKEN,
    ONUS_TOTAL_AUDIT,
};

/* Consecutive batches of one source. */
struct onus_run {
    struct onus_tag tag;
    uint64_t first;
    uint64_t last;
};

/* A table of networks of which rows are shown. */
struct onus_net_table {
    struct onus_str name;
    struct onus_str date;
};

struct onus_total {
    enum onus_total_kind kind;
    size_t offset;
    struct onus_key low; /* ADDRESS: the key; RANGE: lower edge */
    struct onus_key high;
    uint64_t number; /* NETWORK, MEMBERS: autonomous system; AUDIT: samples */
    struct onus_str bytes;
    struct onus_tag tag;
    struct onus_str words; /* the line as written */
    struct onus_total *next;
    struct {
        const bool *groups; /* by place: those added up */
        uint64_t lines;     /* MATCHING: the number; AUDIT: lines of the batch */
        uint64_t attempts;
        uint64_t rows; /* NETWORK */
        struct onus_net_table table;
        struct onus_str operator_name; /* NETWORK */
        uint64_t members;              /* MEMBERS: M, N, K */
        uint64_t inside;
        uint64_t elsewhere;
        const struct onus_run *runs; /* where */
        size_t run_count;
        bool has_share; /* a total of all over just the same groups stands beside it */
        uint64_t all_lines;
        uint64_t all_attempts;
    } found;
};

struct onus_bundle {
    struct onus_str checkpoint; /* the note */
    struct onus_str older;      /* empty when there is none */
    struct onus_str beacon;
    struct onus_str tsa[ONUS_BUNDLE_TSA_MAX]; /* decoded tokens */
    size_t tsa_count;
    struct onus_group *groups;
    struct onus_total *totals;
};

/*
 * Reading in steps, in the order of the file, so that a note can be judged before what stands behind it
 * is looked at.
 *
 * ONUS_E_MISSING   another first line: no bundle of version 1.
 * ONUS_E_MISMATCH  anything else that is not spelled as the page says, with the offset.
 * ONUS_E_MEMORY, ONUS_E_LIMIT  no room in the arena.
 */
struct onus_bundle_reader {
    struct onus_str bytes;
    size_t at;
    struct onus_arena *arena;
};

/* The first line. */
ONUS_NODISCARD enum onus_code onus_bundle_read_start(struct onus_str bytes,
        struct onus_arena *arena, struct onus_bundle_reader *out, struct onus_error *err);

/*
 * "KEYWORD LEN" and the note behind it; ONUS_END when another line stands there. `keyword` is
 * "checkpoint", "older-checkpoint" or "beacon".
 */
ONUS_NODISCARD enum onus_code onus_bundle_read_note(struct onus_bundle_reader *reader,
        const char *keyword, struct onus_str *out, struct onus_error *err);

/* Tokens, groups and totals, up to the end: everything but the notes of *out. */
ONUS_NODISCARD enum onus_code onus_bundle_read_rest(struct onus_bundle_reader *reader,
        struct onus_bundle *out, struct onus_error *err);

/*
 * All steps. Views point into `bytes`; lists and decoded values live in the arena. Codes as above.
 */
ONUS_NODISCARD enum onus_code onus_bundle_read(struct onus_str bytes, struct onus_arena *arena,
        struct onus_bundle *out, struct onus_error *err);

/* The opened slot of this kind in a manifest, roll-up or introduction, or NULL. */
const struct onus_slot *onus_group_slot(const struct onus_group *group, uint8_t kind);

#endif

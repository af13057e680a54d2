/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEST_BUNDLE_SCENE_H
#define ONUS_TEST_BUNDLE_SCENE_H

/*
 * An invented party, its sealed batches and its log, and the pieces a bundle is put together from. A
 * test writes what it wants to see refused by leaving a piece out, adding one twice or giving another
 * number; everything that is not touched is right.
 */

#include "base/arena.h"
#include "merkle/tree.h"
#include "proof/note.h"
#include "proof/record.h"

enum {
    SCENE_LEAVES = 40,
    SCENE_ENTRIES = 9,
    SCENE_LINES = 24,
};

/* The groups of the scene, which are entries of its log. */
enum scene_place {
    SCENE_SOURCE,   /* introduces the source of the next three */
    SCENE_FIRST,    /* batch 0: 20 lines in 3 leaves, addresses, fences */
    SCENE_SECOND,   /* batch 1: 4 lines; anchored */
    SCENE_THIRD,    /* batch 2: no line */
    SCENE_PARTS,    /* another source, profile S: 3 lines */
    SCENE_TABLE,    /* a table of networks */
    SCENE_ROLLUP,   /* batches 0 to 1 rolled up */
    SCENE_OTHER,    /* another source, batch 5 */
    SCENE_OTHER_ONE /* the same, batch 6 */
};

struct scene_slot {
    uint8_t kind;
    struct onus_salt salt;
    struct onus_str value;
    struct onus_digest commitment;
};

struct scene_leaf {
    size_t count;
    struct scene_slot slots[ONUS_SLOTS_MAX];
    struct onus_digest hash;
};

struct scene_tree {
    size_t count;
    struct scene_leaf leaves[SCENE_LEAVES];
};

struct scene_group {
    enum onus_profile profile;
    struct onus_tag tag;
    uint64_t first;
    uint64_t last;
    uint64_t entry;
    enum onus_profile line_profile;
    struct scene_tree lines;
    struct scene_tree rows;
    uint64_t numbers[SCENE_LEAVES][SCENE_LINES]; /* lines of a row */
    size_t number_count[SCENE_LEAVES];
    struct scene_leaf head;
    uint64_t line_count;
};

struct scene {
    struct onus_arena arena;
    uint64_t salts;
    struct scene_group groups[SCENE_ENTRIES];
    struct onus_digest root;
    struct onus_str policy;
    struct onus_str policy_none; /* the same keys, quorum none */
    struct onus_str checkpoint;
    struct onus_str exact; /* the same checkpoint, cosigned by just a quorum */
    struct onus_str bare;  /* the same checkpoint, not cosigned */
    struct onus_str older;
    struct onus_str beacon;
    struct onus_str other_checkpoint; /* of another log over the same entries */
};

/* Times of the cosignatures: T_hi of the checkpoint, T_lo of the others. */
#define SCENE_NOT_AFTER  UINT64_C(1767225660) /* 2026-01-01T00:01:00Z */
#define SCENE_OLDER_TIME UINT64_C(1767139200) /* 2025-12-31T00:00:00Z */
#define SCENE_BEACON     UINT64_C(1767312000) /* 2026-01-02T00:00:00Z */

/* All slots of a head, a record or a row. */
#define SCENE_ALL UINT32_MAX
/* Slots of a head by kind, of a row by place. */
#define SCENE_SLOT(kind) (1u << ((kind)&0x0f))

void scene_init(struct scene *scene);
void scene_clear(struct scene *scene);

/* A key from an address as text and its last byte; "" is ff. */
struct onus_key scene_key(const char *address, uint8_t last);

/* ---- pieces; `open` is a bit for each slot --------------------------------------------------- */

void scene_begin(struct onus_buffer *out, const struct scene *scene);
void scene_note(struct onus_buffer *out, const char *keyword, struct onus_str note);
void scene_head(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        uint32_t open);
void scene_record(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        size_t leaf, uint32_t open);
void scene_row(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        size_t row, uint32_t open);
/* The row with this key. */
size_t scene_find(const struct scene *scene, enum scene_place place, struct onus_key key);
/* "claim count address" and its two rows. */
void scene_count(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        const char *address);
void scene_range(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        struct onus_key low, struct onus_key high);
void scene_absent(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        struct onus_key key);
void scene_all(struct onus_buffer *out, const struct scene *scene, enum scene_place place);
/* The records that samples 0 to count - 1 draw, in order, and the claims. Returns records + claims. */
size_t scene_samples(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        size_t count);
void scene_key_text(struct onus_buffer *out, struct onus_key key);
void scene_digest_text(struct onus_buffer *out, const struct onus_digest *digest);
void scene_end(struct onus_buffer *out, unsigned count);

/* The text of a note signed by the log and cosigned; times of 0 leave a witness out. */
struct onus_str scene_sign(struct scene *scene, struct onus_str text, unsigned log,
        const uint64_t times[3]);

/* One bundle with everything in it. */
void scene_golden(struct onus_buffer *out, const struct scene *scene);
/* The same with one signature in it and no audit: holds by policy_none, and is quick to check. */
void scene_golden_bare(struct onus_buffer *out, const struct scene *scene);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_EXHIBIT_H
#define ONUS_EVIDENCE_EXHIBIT_H

/*
 * What can be shown of one entry of the log: a batch, a roll-up, an introduction. Where it comes from (a
 * vault on a disk, memory in a test) is behind calls; whoever makes bundles sees only this.
 */

#include "evidence/index.h"
#include "proof/bundle_read.h"

struct onus_exhibit_index {
    const struct onus_index *index;
    const struct onus_index_salts *salts;
    struct onus_digests leaves; /* of its rows */
};

/* Views live until close(). Every call may fail with ONUS_E_MISSING, _MISMATCH, _MEMORY, _IO. */
struct onus_exhibit_calls {
    enum onus_code (*index)(void *data, struct onus_exhibit_index *out, struct onus_error *err);
    /* All slots of a leaf of the tree of lines; one that was erased is not open. */
    enum onus_code (*record)(void *data, uint64_t leaf, struct onus_slot out[ONUS_PARTS_MAX],
            size_t *count, struct onus_error *err);
    /* Line `number` from 0, without its line feed. ONUS_E_MISSING: erased. */
    enum onus_code (
            *line)(void *data, uint64_t number, struct onus_str *out, struct onus_error *err);
    /* Leaf hashes of the tree of lines. */
    enum onus_code (*line_leaves)(void *data, struct onus_digests *out, struct onus_error *err);
    void (*close)(void *data);
};

struct onus_exhibit {
    enum onus_profile profile; /* MANIFEST, ROLLUP, SOURCE */
    struct onus_tag tag;
    uint64_t first, last; /* seq */
    uint64_t entry;       /* place in the log */
    size_t slot_count;    /* 13, or 4 of an introduction */
    const struct onus_str *values;
    const struct onus_salt *salts;
    const struct onus_digest *commits;
    const struct onus_exhibit_calls *calls;
    void *data;
};

static inline void onus_exhibit_close(struct onus_exhibit *exhibit)
{
    if (exhibit->calls) {
        exhibit->calls->close(exhibit->data);
        exhibit->calls = NULL;
    }
}

/* The value of slot 40 to 4c of a manifest or roll-up. */
static inline struct onus_str onus_exhibit_value(const struct onus_exhibit *exhibit,
        enum onus_slot_kind kind)
{
    return exhibit->values[(unsigned)kind - (unsigned)ONUS_SLOT_NAME];
}

/* A value of eight bytes; 0 when it has none. */
static inline uint64_t onus_exhibit_number(const struct onus_exhibit *exhibit,
        enum onus_slot_kind kind)
{
    struct onus_str value = onus_exhibit_value(exhibit, kind);
    return value.len >= 8 ? onus_be64_get(value.ptr) : 0;
}

/* Whether the lines are committed in parts: bit 40 of slot 4c. */
static inline bool onus_exhibit_in_parts(const struct onus_exhibit *exhibit)
{
    struct onus_str flags = onus_exhibit_value(exhibit, ONUS_SLOT_FLAGS);
    return flags.len > 0 && ((uint8_t)flags.ptr[0] & ONUS_BATCH_PARTS) != 0;
}

/* ---- all there is ---------------------------------------------------------------------------- */

/* One batch or roll-up, as its manifest tells. */
struct onus_holding {
    struct onus_tag tag;
    struct onus_str name; /* of the source */
    bool rollup;
    uint64_t first, last;
    bool has_time;
    uint64_t first_time, last_time; /* slots 43, 44 */
    uint64_t lines;
};

/* Sources whose name begins so hold tables of networks, not events. */
#define ONUS_NET_TABLE_SOURCE ONUS_STR("net-table ")

/*
 * What a party can show. `list` is ordered by source; of each source first its batches by seq, then its
 * roll-ups by first and last.
 */
struct onus_holdings {
    const struct onus_holding *list;
    size_t count;
    struct onus_str checkpoint; /* the note everything is proven against */
    void *data;
    enum onus_code (*open)(void *data, const struct onus_holding *which, struct onus_exhibit *out,
            struct onus_error *err);
    /* The path of an entry in the tree of the checkpoint. ONUS_E_MISSING: not in it yet. */
    enum onus_code (
            *path)(void *data, uint64_t entry, struct onus_proof *out, struct onus_error *err);
};

static inline bool onus_holding_is_table(const struct onus_holding *holding)
{
    struct onus_str name = holding->name;
    return onus_str_skip(&name, ONUS_NET_TABLE_SOURCE);
}

#endif

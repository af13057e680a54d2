/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_LOG_PARTS_H
#define ONUS_EVIDENCE_LOG_PARTS_H

/* What the files of the log share among themselves. Others include log_store.h. */

#include "evidence/log_store.h"

enum {
    LOG_TILE = 256, /* hashes of a full tile (C2SP tlog-tiles) */
    LOG_LEVELS = 8, /* enough for 2^64 leaves */
    LOG_PATH = 160,
    LOG_CACHE = 16,
    LOG_ENTRIES_MAX = LOG_TILE * (ONUS_LOG_ENTRY_MAX + 2),
    LOG_NOTE_MAX = 1 << 20,
};

#define LOG_CHECKPOINT "vault/log/checkpoint"
#define LOG_INTENT     "vault/state/intent"

/* Level of a bundle of entries where a level of hashes may stand. */
#define LOG_ENTRIES (-1)

/* "vault/log/tile/0/x001/067.p/5"; width 0 or LOG_TILE: the full tile. */
void onus_log_tile_path(int level, uint64_t index, unsigned width, char out[static LOG_PATH]);

struct log_tile {
    uint64_t index;
    unsigned count;
    struct onus_digest hashes[LOG_TILE];
};

/* Read a tile of exactly `width` hashes. */
ONUS_NODISCARD enum onus_code onus_log_tile_read(int at, unsigned level, uint64_t index,
        unsigned width, struct onus_digest *out, struct onus_error *err);

/* A bundle of `width` entries, as views; `arena` keeps the bytes. out has LOG_TILE places. */
ONUS_NODISCARD enum onus_code onus_log_bundle_read(int at, uint64_t index, unsigned width,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err);

/* Split the bytes of a bundle: exactly `width` entries. */
bool onus_log_bundle_parse(struct onus_str bytes, unsigned width, struct onus_str *out);

/* Tiles of a tree of a given size, read when asked for. */
struct log_reader {
    int at;
    uint64_t size;
    struct log_cached {
        bool used;
        unsigned level, width;
        uint64_t index;
        struct onus_digest hashes[LOG_TILE];
    } cache[LOG_CACHE];
    unsigned next; /* place to use next */
};

/* Root over the leaves [start, end) of a tree in which they are a subtree (RFC 6962, 2.1). */
ONUS_NODISCARD enum onus_code onus_log_subtree(struct log_reader *reader, uint64_t start,
        uint64_t end, struct onus_digest *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_log_leaf_at(struct log_reader *reader, uint64_t index,
        struct onus_digest *out, struct onus_error *err);

/* The file vault/state/intent. */
struct log_intent {
    uint64_t seq; /* how many were written before it */
    uint64_t size;
    struct onus_digest root;
    struct onus_str body; /* text of the checkpoint to be signed */
};
void onus_log_intent_format(const struct log_intent *intent, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_log_intent_parse(struct onus_str text, struct log_intent *out,
        struct onus_error *err);

struct onus_log {
    int at;
    struct onus_str origin;
    bool write;
    bool broken; /* a write failed: what is on the disk is not what is in memory */

    uint64_t size, flushed;
    struct onus_frontier frontier;
    struct onus_buffer bundle; /* bytes of the entries behind the last full bundle */
    struct log_tile levels[LOG_LEVELS];

    struct onus_arena note_arena;
    bool has_checkpoint;
    struct onus_str note;
    struct onus_checkpoint checkpoint;

    struct onus_arena intent_arena;
    bool has_intent;
    struct log_intent intent;

    struct log_reader reader;
};

#endif

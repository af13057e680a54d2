/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MERKLE_TILES_H
#define ONUS_MERKLE_TILES_H

/*
 * A tree kept as tiles of 256 hashes (C2SP tlog-tiles): names of the files, and hashes and proofs out of
 * them. Reading is left to the caller.
 *
 * Hash i of tile n on level l is the root over the 256^l leaves from (256 n + i) 256^l on. A tile that
 * is not full yet is partial; its name says how many hashes it has.
 */

#include "merkle/tree.h"

#define ONUS_TILE_WIDTH  256
#define ONUS_TILE_LEVELS 8 /* higher ones would be over more than 2^64 leaves */

struct onus_tile {
    uint8_t level;  /* 0 to ONUS_TILE_LEVELS - 1 */
    uint16_t width; /* 1 to ONUS_TILE_WIDTH; less is a partial tile */
    uint64_t index;
};

/* How many hashes tile `index` of a level has in the tree of `size` leaves: 0 to ONUS_TILE_WIDTH. */
unsigned onus_tile_width(unsigned level, uint64_t index, uint64_t size);

/*
 * The name relative to the log's prefix: "tile/0/x001/x234/067", or "tile/0/x001/x234/067.p/12" when
 * partial; for entries "tile/entries/x001/x234/067". Written to `out`, terminated; the view is of it.
 */
#define ONUS_TILE_PATH_MAX 64

struct onus_str onus_tile_path(struct onus_tile tile, char out[ONUS_TILE_PATH_MAX]);
struct onus_str onus_entries_path(uint64_t index, unsigned width, char out[ONUS_TILE_PATH_MAX]);

/* ---- what a proof needs ----------------------------------------------------------------------- */

/* No proof and no root needs more: one tile on the path and one on the right edge, on each level. */
#define ONUS_TILE_LIST_MAX (2 * ONUS_TILE_LEVELS)

struct onus_tile_list {
    size_t count;
    struct onus_tile tiles[ONUS_TILE_LIST_MAX]; /* each once, in the order of first use */
};

/* The tiles a proof is made of; index < size, old_size <= size. */
void onus_inclusion_tiles(uint64_t index, uint64_t size, struct onus_tile_list *out);
void onus_consistency_tiles(uint64_t old_size, uint64_t size, struct onus_tile_list *out);

/* ---- hashes and proofs ------------------------------------------------------------------------ */

/*
 * Where tiles come from. read() writes the first tile.width hashes of the tile to `out`; where a partial
 * tile is gone, the full one, or a wider one, has the same at its beginning. Any code it returns is
 * passed on.
 */
struct onus_tile_reader {
    enum onus_code (*read)(void *data, struct onus_tile tile, struct onus_digest *out,
            struct onus_error *err);
    void *data;
};

/*
 * The tree of `size` leaves in tiles. It holds the tile read last; nothing is to be released. The tiles
 * are believed: compare a root or a proof with a signed root before relying on it.
 */
struct onus_tiled {
    struct onus_tile_reader reader;
    uint64_t size;
    bool holds;
    struct onus_tile held;
    struct onus_digest hashes[ONUS_TILE_WIDTH];
};

void onus_tiled_init(struct onus_tiled *tree, struct onus_tile_reader reader, uint64_t size);

/*
 * The root over the 2^level leaves from index 2^level on, level 0 being leaves. ONUS_E_ARGUMENT when
 * the tree does not have all of them.
 */
ONUS_NODISCARD enum onus_code onus_tiled_hash(struct onus_tiled *tree, unsigned level,
        uint64_t index, struct onus_digest *out, struct onus_error *err);

ONUS_NODISCARD enum onus_code onus_tiled_root(struct onus_tiled *tree, struct onus_digest *out,
        struct onus_error *err);

/* What is needed to append to the tree. */
ONUS_NODISCARD enum onus_code onus_tiled_frontier(struct onus_tiled *tree,
        struct onus_frontier *out, struct onus_error *err);

/* As in tree.h. ONUS_E_ARGUMENT when the index is not in the tree, or old_size is above its size. */
ONUS_NODISCARD enum onus_code onus_tiled_inclusion(struct onus_tiled *tree, uint64_t index,
        struct onus_proof *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_tiled_consistency(struct onus_tiled *tree, uint64_t old_size,
        struct onus_proof *out, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: names and widths are those of C2SP tlog-tiles; roots, nodes, frontiers and proofs
 * out of tiles are those out of all leaves; the listed tiles are exactly those that are read; a reader's
 * failure comes through.
 * Oracle: tree.h over all leaf hashes, and names written by hand from the specification.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "merkle/tiles.h"

#include "crypto_help.h"

enum {
    MOST = 66000
};

static struct onus_digest leaves[MOST];
static struct onus_digest work[MOST];

/* Tiles made on demand from the leaves, and a note of which were asked for. */
struct shelf {
    struct onus_tile_list asked;
    size_t fail_at; /* fail this read, from 1 up; 0 never */
    size_t reads;
};

static int make_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        char entry[3] = {(char)i, (char)(i >> 8), (char)(i >> 16)};
        onus_leaf_hash((struct onus_str){entry, sizeof(entry)}, &leaves[i]);
    }
    return 0;
}

static void root_of_range(size_t from, size_t count, struct onus_digest *out)
{
    memcpy(work, leaves + from, count * sizeof(work[0]));
    onus_tree_root(NULL, work, count, out);
}

static enum onus_code read_tile(void *data, struct onus_tile tile, struct onus_digest *out,
        struct onus_error *err)
{
    struct shelf *shelf = data;
    if (++shelf->reads == shelf->fail_at) {
        return onus_fail(err, ONUS_E_IO, "the shelf is empty");
    }
    assert_in_range(tile.width, 1, ONUS_TILE_WIDTH);
    bool known = false;
    for (size_t i = 0; i < shelf->asked.count; i++) {
        known |= shelf->asked.tiles[i].level == tile.level &&
                 shelf->asked.tiles[i].index == tile.index;
    }
    if (!known) {
        assert_in_range(shelf->asked.count, 0, ONUS_TILE_LIST_MAX - 1);
        shelf->asked.tiles[shelf->asked.count++] = tile;
    }
    size_t span = (size_t)1 << (8 * tile.level);
    for (size_t i = 0; i < tile.width; i++) {
        size_t from = (size_t)(tile.index * ONUS_TILE_WIDTH + i) * span;
        assert_true(from + span <= MOST);
        root_of_range(from, span, &out[i]);
    }
    return ONUS_OK;
}

static struct onus_tiled tree;
static struct shelf shelf;

static void open_tree(size_t size)
{
    shelf = (struct shelf){.reads = 0};
    onus_tiled_init(&tree, (struct onus_tile_reader){read_tile, &shelf}, size);
}

static void assert_path(struct onus_str got, const char *wanted)
{
    assert_string_equal(got.ptr, wanted);
    assert_int_equal(got.len, strlen(wanted));
}

static void names_are_those_of_the_specification(void **state)
{
    (void)state;
    char path[ONUS_TILE_PATH_MAX];
    assert_path(onus_tile_path((struct onus_tile){0, 256, 0}, path), "tile/0/000");
    assert_path(onus_tile_path((struct onus_tile){0, 256, 1234067}, path), "tile/0/x001/x234/067");
    assert_path(onus_tile_path((struct onus_tile){1, 17, 273}, path), "tile/1/273.p/17");
    assert_path(onus_tile_path((struct onus_tile){7, 255, UINT64_MAX}, path),
            "tile/7/x018/x446/x744/x073/x709/x551/615.p/255");
    assert_path(onus_entries_path(1000, 256, path), "tile/entries/x001/000");
    assert_path(onus_entries_path(UINT64_MAX, 255, path),
            "tile/entries/x018/x446/x744/x073/x709/x551/615.p/255");
}

static void widths_are_those_of_the_specification(void **state)
{
    (void)state;
    /* The example of size 70,000: 273 full and 112, 1 full and 17, 1. */
    assert_int_equal(onus_tile_width(0, 272, 70000), 256);
    assert_int_equal(onus_tile_width(0, 273, 70000), 112);
    assert_int_equal(onus_tile_width(0, 274, 70000), 0);
    assert_int_equal(onus_tile_width(1, 0, 70000), 256);
    assert_int_equal(onus_tile_width(1, 1, 70000), 17);
    assert_int_equal(onus_tile_width(2, 0, 70000), 1);
    assert_int_equal(onus_tile_width(3, 0, 70000), 0);
    assert_int_equal(onus_tile_width(0, 0, 0), 0);
    assert_int_equal(onus_tile_width(7, 0, UINT64_MAX), 255);
    assert_int_equal(onus_tile_width(8, 0, UINT64_MAX), 0);
}

static const size_t sizes[] = {1, 2, 3, 7, 255, 256, 257, 300, 511, 512, 513, 1000, 65535, 65536,
        65537, MOST};

static void roots_and_frontiers_are_those_of_all_leaves(void **state)
{
    (void)state;
    struct onus_digest got;
    struct onus_digest wanted;
    open_tree(0);
    assert_int_equal(onus_tiled_root(&tree, &got, NULL), ONUS_OK);
    onus_tree_empty_root(&wanted);
    assert_memory_equal(got.bytes, wanted.bytes, 32);
    for (size_t s = 0; s < ONUS_COUNT(sizes); s++) {
        struct onus_frontier frontier;
        open_tree(sizes[s]);
        root_of_range(0, sizes[s], &wanted);
        assert_int_equal(onus_tiled_root(&tree, &got, NULL), ONUS_OK);
        assert_memory_equal(got.bytes, wanted.bytes, 32);
        assert_int_equal(onus_tiled_frontier(&tree, &frontier, NULL), ONUS_OK);
        onus_frontier_root(&frontier, &got);
        assert_memory_equal(got.bytes, wanted.bytes, 32);
    }
}

static void nodes_are_those_of_all_leaves(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned level = 0; level < 17; level++) {
        open_tree(MOST);
        for (int round = 0; round < 4; round++) {
            uint64_t index = next_number(&seed) % (MOST >> level);
            struct onus_digest got;
            struct onus_digest wanted;
            assert_int_equal(onus_tiled_hash(&tree, level, index, &got, NULL), ONUS_OK);
            root_of_range((size_t)index << level, (size_t)1 << level, &wanted);
            assert_memory_equal(got.bytes, wanted.bytes, 32);
        }
        struct onus_digest none;
        assert_int_equal(onus_tiled_hash(&tree, level, MOST >> level, &none, NULL),
                ONUS_E_ARGUMENT);
    }
}

static void assert_same_tiles(const struct onus_tile_list *listed)
{
    assert_int_equal(listed->count, shelf.asked.count);
    for (size_t i = 0; i < listed->count; i++) {
        assert_int_equal(listed->tiles[i].level, shelf.asked.tiles[i].level);
        assert_int_equal(listed->tiles[i].width, shelf.asked.tiles[i].width);
        assert_int_equal(listed->tiles[i].index, shelf.asked.tiles[i].index);
    }
}

static void assert_same_proof(const struct onus_proof *got, const struct onus_proof *wanted)
{
    assert_int_equal(got->count, wanted->count);
    assert_memory_equal(got->hashes, wanted->hashes, wanted->count * sizeof(wanted->hashes[0]));
}

static void inclusion_proofs_are_those_of_all_leaves(void **state)
{
    (void)state;
    uint64_t seed = 8;
    for (size_t s = 0; s < ONUS_COUNT(sizes); s++) {
        for (int round = 0; round < 6; round++) {
            size_t index = round == 0   ? 0
                           : round == 1 ? sizes[s] - 1
                                        : next_number(&seed) % sizes[s];
            struct onus_proof got;
            struct onus_proof wanted;
            struct onus_tile_list listed;
            open_tree(sizes[s]);
            assert_int_equal(onus_tiled_inclusion(&tree, index, &got, NULL), ONUS_OK);
            memcpy(work, leaves, sizes[s] * sizeof(work[0]));
            assert_int_equal(onus_inclusion_prove(NULL, work, sizes[s], index, &wanted, NULL),
                    ONUS_OK);
            assert_same_proof(&got, &wanted);
            onus_inclusion_tiles(index, sizes[s], &listed);
            assert_same_tiles(&listed);
        }
    }
}

static void consistency_proofs_are_those_of_all_leaves(void **state)
{
    (void)state;
    for (size_t s = 0; s < ONUS_COUNT(sizes); s++) {
        for (size_t o = 0; o <= s; o++) {
            struct onus_proof got;
            struct onus_proof wanted;
            struct onus_tile_list listed;
            open_tree(sizes[s]);
            assert_int_equal(onus_tiled_consistency(&tree, sizes[o], &got, NULL), ONUS_OK);
            memcpy(work, leaves, sizes[s] * sizeof(work[0]));
            assert_int_equal(onus_consistency_prove(NULL, work, sizes[s], sizes[o], &wanted, NULL),
                    ONUS_OK);
            assert_same_proof(&got, &wanted);
            onus_consistency_tiles(sizes[o], sizes[s], &listed);
            assert_same_tiles(&listed);
        }
    }
}

/* No proof in any tree lists more than the promised number of tiles, and all exist in it. */
static void the_list_of_tiles_has_its_bound(void **state)
{
    (void)state;
    uint64_t seed = 9;
    size_t longest = 0;
    for (int round = 0; round < 20000; round++) {
        uint64_t size = next_number(&seed) >> next_number(&seed) % 64;
        size = round == 0 ? UINT64_MAX : size == 0 ? 1 : size;
        uint64_t index = next_number(&seed) % size;
        struct onus_tile_list lists[2];
        onus_inclusion_tiles(index, size, &lists[0]);
        onus_consistency_tiles(index, size, &lists[1]);
        for (size_t l = 0; l < 2; l++) {
            assert_in_range(lists[l].count, 0, ONUS_TILE_LIST_MAX);
            longest = lists[l].count > longest ? lists[l].count : longest;
            for (size_t i = 0; i < lists[l].count; i++) {
                struct onus_tile tile = lists[l].tiles[i];
                assert_in_range(tile.width, 1, ONUS_TILE_WIDTH);
                assert_int_equal(tile.width, onus_tile_width(tile.level, tile.index, size));
            }
        }
    }
    assert_in_range(longest, 12, ONUS_TILE_LIST_MAX);
}

static void what_the_reader_says_comes_through(void **state)
{
    (void)state;
    struct onus_proof proof;
    struct onus_digest root;
    struct onus_frontier frontier;
    struct onus_error err = ONUS_ERROR_INIT;
    for (size_t at = 1; at <= 2; at++) {
        open_tree(65537);
        shelf.fail_at = at;
        assert_int_equal(onus_tiled_inclusion(&tree, 5, &proof, &err), ONUS_E_IO);
        assert_non_null(strstr(err.text, "reading 'tile/"));
        open_tree(65537);
        shelf.fail_at = at;
        assert_int_equal(onus_tiled_consistency(&tree, 257, &proof, NULL), ONUS_E_IO);
        open_tree(65537);
        shelf.fail_at = at;
        assert_int_equal(onus_tiled_root(&tree, &root, NULL), ONUS_E_IO);
        open_tree(65537);
        shelf.fail_at = at;
        assert_int_equal(onus_tiled_frontier(&tree, &frontier, NULL), ONUS_E_IO);
    }
    /* What was half read is not believed later. */
    shelf.fail_at = 0;
    assert_int_equal(onus_tiled_root(&tree, &root, NULL), ONUS_OK);
    struct onus_digest wanted;
    root_of_range(0, 65537, &wanted);
    assert_memory_equal(root.bytes, wanted.bytes, 32);

    assert_int_equal(onus_tiled_inclusion(&tree, 65537, &proof, NULL), ONUS_E_ARGUMENT);
    assert_int_equal(onus_tiled_consistency(&tree, 65538, &proof, NULL), ONUS_E_ARGUMENT);
    assert_int_equal(onus_tiled_consistency(&tree, 0, &proof, NULL), ONUS_OK);
    assert_int_equal(proof.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(names_are_those_of_the_specification),
            cmocka_unit_test(widths_are_those_of_the_specification),
            cmocka_unit_test(roots_and_frontiers_are_those_of_all_leaves),
            cmocka_unit_test(nodes_are_those_of_all_leaves),
            cmocka_unit_test(inclusion_proofs_are_those_of_all_leaves),
            cmocka_unit_test(consistency_proofs_are_those_of_all_leaves),
            cmocka_unit_test(the_list_of_tiles_has_its_bound),
            cmocka_unit_test(what_the_reader_says_comes_through),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}

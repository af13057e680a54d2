/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the rows of a source index are those of docs/formats/evidence.md: each address and
 * fence at its place, sums right, line numbers right, hashes those of the test vectors; what is written
 * is what is read back, and nothing else is read.
 * Oracle: the vectors of the design, and a recount that looks at every line for every key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/hash.h"
#include "base/str.h"
#include "evidence/index.h"
#include "text/hex.h"

static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return onus_hash_mix(*state, 7);
}

static struct onus_address address_of(const char *text)
{
    struct onus_address address = {{0}};
    assert_true(onus_address_parse(onus_str_of(text), &address));
    return address;
}

static void assert_hex(const void *bytes, size_t size, const char *want)
{
    char got[257] = "";
    assert_true(size <= 128);
    onus_hex_put(got, (struct onus_str){bytes, size});
    assert_string_equal(got, want);
}

static struct onus_digest digest_of(const char *hex)
{
    struct onus_digest digest;
    assert_true(onus_hex_exact(onus_str_of(hex), digest.bytes, sizeof(digest.bytes)));
    return digest;
}

/* ---- the vectors of the design --------------------------------------------------------------- */

/* Lines 0, 1: 203.0.113.7, 2: 192.0.2.10, 3: 203.0.113.99; attempts 1, 1, 0, 1. */
static const struct vector_row {
    const char *key, *postings, *leaf;
    uint64_t lines, attempts;
} vector_rows[] = {
        {"04000000000000000000000000c000020000",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "bf3c5081be399c8c0c4f8979d10c56c4873332eedb5a546340f4b56b31e20bd5", 0, 0},
        {"04000000000000000000000000c000020a01",
                "d81f51781eeb8f46a0e112e86ca335896ccc12cee00e6cfcf58a3501129dfc24",
                "a633d90b4752cd3a03f5e6331d6dd63a2b601612c97f5055152cbb21db2e1dd8", 1, 0},
        {"04000000000000000000000000c000030000",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "a9b7d9a498aad056b7735e2689c200ba270ec4a6ec007f9017421e53769a9cec", 1, 0},
        {"04000000000000000000000000cb00710000",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "e8ad330941217b2ec15c6a52c4eb71b57da2ccd318549648f106505dacef4ca7", 1, 0},
        {"04000000000000000000000000cb00710701",
                "a7d91894b61fbf46378d88e3e1b1f7aef39532c504b484bd31551d15e0a09dff",
                "79b353de196539cf17b0357c99b4465ec657bdac0ec32ec4adf0442ed35436ac", 3, 2},
        {"04000000000000000000000000cb00716301",
                "feebf1863bd1fceedfeff2693829d50ffbcac100d0fbe745482e032f93f6bafb",
                "a800a45ef3bc43031425480af55da0e06ac77733c561df3aae497e306130530b", 4, 3},
        {"04000000000000000000000000cb00720000",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "8735302d2eb7911df2bbe90744d25bbce8af7f6a5d407fcbc35e97b59c7af559", 4, 3},
};

static void build(struct onus_index_builder *builder, const struct onus_index_options *options,
        struct onus_arena *arena, struct onus_index *out)
{
    assert_int_equal(onus_index_build(builder, options, arena, out, NULL), ONUS_OK);
}

/* The rows of the vectors stand among ours: the design's example has fewer fences and no ff rows. */
static void vector_index(struct onus_index_builder *builder, struct onus_arena *arena,
        struct onus_index *out)
{
    static const char *const sources[] = {"203.0.113.7", "203.0.113.7", "192.0.2.10",
            "203.0.113.99"};
    static const uint64_t attempts[] = {1, 1, 0, 1};
    onus_index_builder_init(builder, 1);
    for (size_t i = 0; i < ONUS_COUNT(sources); i++) {
        struct onus_address source = address_of(sources[i]);
        assert_int_equal(onus_index_add_line(builder, &source, attempts[i], NULL), ONUS_OK);
    }
    build(builder, &(struct onus_index_options){.routed = NULL}, arena, out);
}

static void rows_and_root_are_those_of_the_vectors(void **state)
{
    (void)state;
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    onus_arena_init(&arena, SIZE_MAX);
    vector_index(&builder, &arena, &index);
    struct onus_index_row chosen[ONUS_COUNT(vector_rows)];
    for (size_t i = 0; i < ONUS_COUNT(vector_rows); i++) {
        struct onus_key key;
        assert_true(onus_hex_exact(onus_str_of(vector_rows[i].key), key.bytes, sizeof(key.bytes)));
        bool found = false;
        chosen[i] = index.rows[onus_index_find(&index, &key, &found)];
        assert_true(found);
        assert_int_equal(chosen[i].lines, vector_rows[i].lines);
        assert_int_equal(chosen[i].attempts, vector_rows[i].attempts);
        assert_hex(chosen[i].postings.bytes, 32, vector_rows[i].postings);
    }
    struct onus_index seven = {.rows = chosen, .count = ONUS_COUNT(chosen)};
    struct onus_digest key =
            digest_of("bea1cc0eaf39b69f86db0acc5c0f285a2f9de8383421c623945756c47e939fb6");
    struct onus_index_salts salts = {.key = &key, .first_slot = 4}; /* behind four lines */
    struct onus_digest leaves[ONUS_COUNT(chosen)];
    assert_int_equal(onus_index_leaves(&seven, &salts, NULL, leaves, NULL), ONUS_OK);
    for (size_t i = 0; i < ONUS_COUNT(leaves); i++) {
        assert_hex(leaves[i].bytes, 32, vector_rows[i].leaf);
    }
    struct onus_digest root;
    assert_int_equal(onus_index_root(&seven, &salts, NULL, &root, NULL), ONUS_OK);
    uint8_t slot[ONUS_INDEX_SLOT49];
    onus_index_slot49(seven.count, &root, slot);
    assert_hex(slot, sizeof(slot),
            "0000000000000007d946b18e20e5062e4f99a1876d8c18c600e67d255c2766ab87db26ab237c0106");
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

/* ---- a recount ------------------------------------------------------------------------------- */

struct told {
    bool has_source;
    struct onus_address source;
    uint64_t attempts;
};

struct scene {
    struct told *lines, *extras;
    size_t line_count, extra_count;
    bool routed;
};

/* A made-up routing table: each address is in a network of 2^(n mod 19) addresses around it. */
static bool routed(void *data, const struct onus_address *address, struct onus_address *low,
        struct onus_address *high)
{
    (void)data;
    *low = *address;
    *high = *address;
    unsigned bits = (unsigned)address->bytes[14] % 19;
    for (unsigned i = 0; i < bits; i++) {
        low->bytes[15 - i / 8] &= (uint8_t) ~(1u << i % 8);
        high->bytes[15 - i / 8] |= (uint8_t)(1u << i % 8);
    }
    return address->bytes[15] % 3 != 0;
}

static bool lies_below(const struct onus_key *key, const struct onus_key *edge)
{
    return memcmp(key, edge, sizeof(*key)) < 0;
}

static void slow_sums(const struct scene *scene, const struct onus_key *up_to, uint64_t *lines,
        uint64_t *attempts)
{
    *lines = 0;
    *attempts = 0;
    for (size_t i = 0; i < scene->line_count + scene->extra_count; i++) {
        bool line = i < scene->line_count;
        const struct told *told = line ? &scene->lines[i] : &scene->extras[i - scene->line_count];
        struct onus_key key = told->has_source ? onus_key_of(&told->source) : onus_key_unknown();
        if (!lies_below(up_to, &key)) {
            *lines += line;
            *attempts += told->attempts;
        }
    }
}

static void must_stand(const struct onus_index *index, const struct onus_key *key)
{
    bool found = false;
    (void)onus_index_find(index, key, &found);
    assert_true(found);
}

static void check_edges(const struct scene *scene, const struct onus_index *index)
{
    for (size_t i = 0; i < scene->line_count + scene->extra_count; i++) {
        const struct told *told =
                i < scene->line_count ? &scene->lines[i] : &scene->extras[i - scene->line_count];
        if (!told->has_source) {
            continue;
        }
        bool v4 = onus_address_is_v4(&told->source);
        struct onus_key keys[7] = {onus_key_of(&told->source)};
        onus_key_edges(&told->source, v4 ? 24 : 48, &keys[1], &keys[2]);
        onus_key_edges(&told->source, v4 ? 16 : 32, &keys[3], &keys[4]);
        struct onus_address low;
        struct onus_address high;
        bool known = scene->routed && routed(NULL, &told->source, &low, &high);
        keys[5] = known ? onus_key_fence(&low) : keys[0];
        keys[6] = known ? onus_key_after(&high) : keys[0];
        for (size_t j = 0; j < ONUS_COUNT(keys); j++) {
            must_stand(index, &keys[j]);
        }
    }
    struct onus_key last[] = {onus_key_lowest(), onus_key_unknown_fence(), onus_key_unknown()};
    assert_int_equal(onus_key_compare(&index->rows[0].key, &last[0]), 0);
    assert_int_equal(onus_key_compare(&index->rows[index->count - 2].key, &last[1]), 0);
    assert_int_equal(onus_key_compare(&index->rows[index->count - 1].key, &last[2]), 0);
}

static void check_postings(const struct scene *scene, const struct onus_index *index, size_t row)
{
    struct onus_postings postings = onus_postings_of(index, row);
    struct onus_digest *hashes = calloc(scene->line_count + 1, sizeof(*hashes));
    assert_non_null(hashes);
    size_t own = 0;
    for (size_t i = 0; i < scene->line_count; i++) {
        const struct told *told = &scene->lines[i];
        struct onus_key key = told->has_source ? onus_key_of(&told->source) : onus_key_unknown();
        if (onus_key_compare(&key, &index->rows[row].key) == 0) {
            assert_true(onus_postings_next(&postings));
            assert_int_equal(postings.line, i);
            uint8_t number[8];
            onus_be64_put(number, i);
            onus_leaf_hash((struct onus_str){(const char *)number, 8}, &hashes[own++]);
        }
    }
    assert_false(onus_postings_next(&postings));
    assert_int_equal(own, index->rows[row].own_lines);
    struct onus_digest root;
    onus_tree_root(NULL, hashes, own, &root);
    assert_memory_equal(&root, &index->rows[row].postings, sizeof(root));
    free(hashes);
}

static void check_scene(const struct scene *scene, const struct onus_index *index)
{
    for (size_t i = 0; i < index->count; i++) {
        uint64_t lines = 0;
        uint64_t attempts = 0;
        const struct onus_index_row *row = &index->rows[i];
        assert_true(onus_key_valid(&row->key));
        assert_true(i == 0 || lies_below(&row[-1].key, &row->key));
        slow_sums(scene, &row->key, &lines, &attempts);
        assert_int_equal(row->lines, lines);
        assert_int_equal(row->attempts, attempts);
        check_postings(scene, index, i);
    }
    check_edges(scene, index);
    assert_int_equal(onus_index_lines(index), scene->line_count);
}

/* Addresses from a few neighbourhoods, so that edges meet; the ends of both families among them. */
static struct told random_told(uint64_t *seed)
{
    static const char *const places[] = {"203.0.113.0", "203.0.112.255", "0.0.0.0",
            "255.255.255.255", "255.255.0.0",
            "2001:db8::", "2001:db8:ffff:ffff::", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "198.51.100.128"};
    struct told told = {.has_source = next(seed) % 8 != 0, .attempts = next(seed) % 4};
    told.source = address_of(places[next(seed) % ONUS_COUNT(places)]);
    unsigned many = (unsigned)(next(seed) % 3);
    for (unsigned i = 0; i < many; i++) {
        told.source.bytes[15 - next(seed) % (onus_address_is_v4(&told.source) ? 3 : 13)] ^=
                (uint8_t)(next(seed) % 4);
    }
    return told;
}

static void tell(struct onus_index_builder *builder, const struct scene *scene)
{
    for (size_t i = 0; i < scene->line_count; i++) {
        const struct told *told = &scene->lines[i];
        assert_int_equal(onus_index_add_line(builder, told->has_source ? &told->source : NULL,
                                 told->attempts, NULL),
                ONUS_OK);
    }
    for (size_t i = 0; i < scene->extra_count; i++) {
        assert_int_equal(onus_index_add_extra(builder,
                                 scene->extras[i].has_source ? &scene->extras[i].source : NULL,
                                 scene->extras[i].attempts, NULL),
                ONUS_OK);
    }
}

static void same_index(const struct onus_index *a, const struct onus_index *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct onus_index_row *x = &a->rows[i];
        const struct onus_index_row *y = &b->rows[i];
        assert_memory_equal(&x->key, &y->key, sizeof(x->key));
        assert_memory_equal(&x->postings, &y->postings, sizeof(x->postings));
        assert_true(x->lines == y->lines && x->attempts == y->attempts);
        assert_true(x->own_lines == y->own_lines && x->own_attempts == y->own_attempts);
        assert_true(x->key_gone == y->key_gone);
    }
    assert_true(a->has_postings == b->has_postings);
    assert_true(onus_str_eq(a->postings, b->postings));
}

static void read_back(const struct onus_index *index)
{
    struct onus_buffer bytes = {.limit = 0};
    struct onus_buffer again = {.limit = 0};
    struct onus_arena arena;
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_encode(index, &bytes);
    assert_int_equal(onus_buffer_status(&bytes, NULL), ONUS_OK);
    struct onus_index got;
    assert_int_equal(onus_index_decode(onus_buffer_view(&bytes), NULL, &arena, &got, NULL),
            ONUS_OK);
    same_index(index, &got);
    onus_index_encode(&got, &again);
    assert_true(onus_str_eq(onus_buffer_view(&bytes), onus_buffer_view(&again)));
    onus_buffer_clear(&bytes);
    onus_buffer_clear(&again);
    onus_arena_clear(&arena);
}

static void one_scene(uint64_t *seed, size_t lines, size_t extras)
{
    struct scene scene = {.line_count = lines, .extra_count = extras, .routed = lines % 2 == 1};
    scene.lines = calloc(lines + 1, sizeof(*scene.lines));
    scene.extras = calloc(extras + 1, sizeof(*scene.extras));
    assert_true(scene.lines && scene.extras);
    for (size_t i = 0; i < lines; i++) {
        scene.lines[i] = random_told(seed);
    }
    for (size_t i = 0; i < extras; i++) {
        scene.extras[i] = random_told(seed);
    }
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    struct onus_index padded;
    struct onus_digest key = {{(uint8_t)lines}};
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_builder_init(&builder, *seed);
    tell(&builder, &scene);
    struct onus_index_options options = {.routed = scene.routed ? routed : NULL};
    build(&builder, &options, &arena, &index);
    check_scene(&scene, &index);
    options.decoy_key = &key;
    build(&builder, &options, &arena, &padded);
    check_scene(&scene, &padded);
    assert_int_equal(padded.count & (padded.count - 1), 0);
    assert_true(padded.count < index.count * 2);
    read_back(&index);
    read_back(&padded);
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
    free(scene.lines);
    free(scene.extras);
}

static void every_row_is_what_a_recount_gives(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (size_t lines = 0; lines < 60; lines++) {
        one_scene(&seed, lines, lines % 5);
    }
    one_scene(&seed, 700, 100);
}

static void an_empty_batch_has_the_rows_that_always_stand(void **state)
{
    (void)state;
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_builder_init(&builder, 1);
    build(&builder, &(struct onus_index_options){.routed = NULL}, &arena, &index);
    assert_int_equal(index.count, 3);
    assert_int_equal(onus_index_lines(&index), 0);
    read_back(&index);
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

static void behind_the_last_address_stands_the_end_of_its_family(void **state)
{
    (void)state;
    struct onus_address last4 = address_of("255.255.255.255");
    struct onus_address last6 = address_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    struct onus_key key = onus_key_after(&last4);
    assert_hex(key.bytes, 18, "040000000000000000000000010000000000");
    key = onus_key_after(&last6);
    assert_hex(key.bytes, 18, "070000000000000000000000000000000000");
    struct onus_key low;
    struct onus_key high;
    onus_key_edges(&last4, 24, &low, &high);
    assert_hex(low.bytes, 18, "04000000000000000000000000ffffff0000");
    assert_hex(high.bytes, 18, "040000000000000000000000010000000000");
    onus_key_edges(&last6, 48, &low, &high);
    assert_hex(low.bytes, 18, "06ffffffffffff0000000000000000000000");
    assert_hex(high.bytes, 18, "070000000000000000000000000000000000");
    onus_key_edges(&last4, 0, &low, &high);
    assert_hex(low.bytes, 18, "040000000000000000000000000000000000");
    onus_key_edges(&last6, 0, &low, &high);
    assert_hex(low.bytes, 18, "060000000000000000000000000000000000");
    assert_hex(high.bytes, 18, "070000000000000000000000000000000000");
    key = onus_key_unknown();
    assert_hex(key.bytes, 18, "ff0000000000000000000000000000000001");
}

static void a_seed_of_the_table_changes_nothing(void **state)
{
    (void)state;
    struct onus_index_builder builders[2];
    struct onus_arena arena;
    struct onus_index index[2];
    onus_arena_init(&arena, SIZE_MAX);
    for (size_t i = 0; i < 2; i++) {
        uint64_t seed = 5;
        onus_index_builder_init(&builders[i], i * 12345);
        for (size_t j = 0; j < 3000; j++) {
            struct told told = random_told(&seed);
            assert_int_equal(onus_index_add_line(&builders[i], &told.source, 1, NULL), ONUS_OK);
        }
        build(&builders[i], &(struct onus_index_options){.routed = NULL}, &arena, &index[i]);
    }
    same_index(&index[0], &index[1]);
    onus_index_builder_clear(&builders[0]);
    onus_index_builder_clear(&builders[1]);
    onus_arena_clear(&arena);
}

static void a_line_number_leads_to_its_row(void **state)
{
    (void)state;
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_builder_init(&builder, 1);
    struct onus_address sources[] = {address_of("192.0.2.1"), address_of("192.0.2.2")};
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(onus_index_add_line(&builder, &sources[i % 3 == 0], 1, NULL), ONUS_OK);
    }
    build(&builder, &(struct onus_index_options){.routed = NULL}, &arena, &index);
    for (size_t row = 0; row < index.count; row++) {
        struct onus_postings postings = onus_postings_of(&index, row);
        for (uint64_t i = 0; onus_postings_next(&postings); i++) {
            struct onus_proof proof;
            uint64_t place = 0;
            assert_int_equal(onus_index_posting_prove(&index, row, postings.line, &place, &proof,
                                     NULL),
                    ONUS_OK);
            assert_int_equal(place, i);
            uint8_t number[8];
            onus_be64_put(number, postings.line);
            struct onus_digest leaf;
            onus_leaf_hash((struct onus_str){(const char *)number, 8}, &leaf);
            assert_int_equal(onus_inclusion_verify(&leaf, place, index.rows[row].own_lines,
                                     onus_proof_view(&proof), &index.rows[row].postings, NULL),
                    ONUS_OK);
        }
        uint64_t place = 0;
        struct onus_proof proof;
        assert_int_equal(onus_index_posting_prove(&index, row, 5000, &place, &proof, NULL),
                ONUS_E_ARGUMENT);
    }
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

/* 70,000 lines of one source: its tree is computed in pieces. */
static void a_large_tree_has_the_root_of_the_plain_one(void **state)
{
    (void)state;
    enum {
        LINES = 200001
    };
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    struct scene scene = {.line_count = LINES};
    scene.lines = calloc(LINES, sizeof(*scene.lines));
    assert_non_null(scene.lines);
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_builder_init(&builder, 1);
    struct onus_address sources[] = {address_of("192.0.2.1"), address_of("192.0.2.2")};
    for (size_t i = 0; i < LINES; i++) {
        scene.lines[i] = (struct told){true, sources[i > 66000 && i % 3 == 0], 1};
    }
    tell(&builder, &scene);
    build(&builder, &(struct onus_index_options){.routed = NULL}, &arena, &index);
    for (size_t row = 0; row < index.count; row++) {
        check_postings(&scene, &index, row);
    }
    free(scene.lines);
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void an_erased_key_keeps_the_other_rows(void **state)
{
    (void)state;
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    onus_arena_init(&arena, SIZE_MAX);
    vector_index(&builder, &arena, &index);
    struct onus_digest key = {{9}};
    struct onus_index_salts salts = {.key = &key, .first_slot = 5};
    struct onus_digest root;
    assert_int_equal(onus_index_root(&index, &salts, NULL, &root, NULL), ONUS_OK);

    struct onus_index_slots slots;
    struct onus_salt kept[64];
    struct onus_digest gone[2];
    assert_true(index.count * ONUS_ROW_SLOTS <= ONUS_COUNT(kept));
    size_t erased = 0;
    for (size_t i = 0; i < index.count; i++) {
        onus_index_row_slots(&index, i, &salts, &slots);
        memcpy(kept + i * ONUS_ROW_SLOTS, slots.salts, sizeof(slots.salts));
        if (i == 2 || i == 6) {
            gone[erased++] = slots.commits[0];
            index.rows[i].key_gone = true;
            memset(&index.rows[i].key, 0, sizeof(index.rows[i].key));
            memset(&kept[i * ONUS_ROW_SLOTS], 0, sizeof(kept[0]));
        }
    }
    read_back(&index);
    struct onus_index_salts tombs = {.salts = kept, .gone = gone};
    struct onus_digest again;
    assert_int_equal(onus_index_root(&index, &tombs, NULL, &again, NULL), ONUS_OK);
    assert_memory_equal(&root, &again, sizeof(root));
    onus_index_row_slots(&index, 6, &tombs, &slots);
    assert_memory_equal(&slots.commits[0], &gone[1], sizeof(gone[1]));
    for (size_t i = 0; i < index.count; i++) {
        bool found = false;
        if (!index.rows[i].key_gone) {
            assert_int_equal(onus_index_find(&index, &index.rows[i].key, &found), i);
            assert_true(found);
        }
    }
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

static enum onus_code decode_copy(const char *bytes, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1); /* so that reading past the end is seen */
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    struct onus_arena arena;
    onus_arena_init(&arena, (size_t)1 << 24);
    struct onus_index index;
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code =
            onus_index_decode((struct onus_str){exact, len}, NULL, &arena, &index, &err);
    assert_true(code == ONUS_OK || err.offset <= len);
    onus_arena_clear(&arena);
    free(exact);
    return code;
}

static void every_cut_is_refused_and_every_change_seen(void **state)
{
    (void)state;
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    onus_arena_init(&arena, SIZE_MAX);
    vector_index(&builder, &arena, &index);
    struct onus_buffer bytes = {.limit = 0};
    onus_index_encode(&index, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_equal(decode_copy(bytes.ptr, len), ONUS_E_FORMAT);
    }
    onus_buffer_add_char(&bytes, 0);
    assert_int_equal(decode_copy(bytes.ptr, bytes.len), ONUS_E_FORMAT);
    bytes.len--;
    struct onus_digest key = {{1}};
    struct onus_index_salts salts = {.key = &key};
    struct onus_digest root;
    assert_int_equal(onus_index_root(&index, &salts, NULL, &root, NULL), ONUS_OK);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.ptr[bit / 8] = (char)(bytes.ptr[bit / 8] ^ 1 << bit % 8);
        struct onus_arena other;
        onus_arena_init(&other, (size_t)1 << 24);
        struct onus_index got;
        enum onus_code code = onus_index_decode(onus_buffer_view(&bytes), NULL, &other, &got, NULL);
        if (code == ONUS_OK) { /* then the root is another one: the manifest tells */
            size_t erased = 0;
            for (size_t i = 0; i < got.count; i++) {
                erased += got.rows[i].key_gone;
            }
            struct onus_digest changed;
            assert_int_equal(erased, 0);
            assert_int_equal(onus_index_root(&got, &salts, NULL, &changed, NULL), ONUS_OK);
            assert_memory_not_equal(&root, &changed, sizeof(root));
        } else {
            assert_int_equal(code, ONUS_E_FORMAT);
        }
        onus_arena_clear(&other);
        bytes.ptr[bit / 8] = (char)(bytes.ptr[bit / 8] ^ 1 << bit % 8);
    }
    onus_buffer_clear(&bytes);
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

static void a_block_gives_its_own_lines_and_extras(void **state)
{
    (void)state;
    struct onus_sink_line lines[4] = {{.attempts = 1}, {.attempts = 2}, {.attempts = 4},
            {.attempts = 8}};
    for (size_t i = 0; i < 3; i++) {
        lines[i].has_source = true;
        lines[i].source = address_of("192.0.2.1");
    }
    struct onus_sink_extra extras[] = {{0, 16, address_of("192.0.2.2")},
            {2, 32, address_of("192.0.2.2")}};
    struct onus_sink_block block = {.lines = lines,
            .line_count = 4,
            .extras = extras,
            .extra_count = 2};
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_builder_init(&builder, 1);
    assert_int_equal(onus_index_add_block(&builder, &block, 1, 4, NULL), ONUS_OK);
    assert_int_equal(onus_index_add_block(&builder, &block, 1, 5, NULL), ONUS_E_ARGUMENT);
    build(&builder, &(struct onus_index_options){.routed = NULL}, &arena, &index);
    struct onus_key keys[] = {onus_key_of(&lines[0].source), onus_key_of(&extras[0].source),
            onus_key_unknown()};
    static const uint64_t want[][2] = {{2, 6}, {0, 32}, {1, 8}};
    for (size_t i = 0; i < ONUS_COUNT(keys); i++) {
        bool found = false;
        size_t row = onus_index_find(&index, &keys[i], &found);
        assert_true(found);
        assert_int_equal(index.rows[row].own_lines, want[i][0]);
        assert_int_equal(index.rows[row].own_attempts, want[i][1]);
    }
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

static void a_failed_allocation_is_an_ordinary_error(void **state)
{
    (void)state;
    bool done = false;
    for (long n = 0; !done; n++) {
        struct onus_index_builder builder;
        struct onus_arena arena;
        struct onus_index index;
        struct onus_digest key = {{1}};
        uint64_t seed = 11;
        onus_arena_init(&arena, SIZE_MAX);
        onus_index_builder_init(&builder, 1);
        onus_arena_fail_after(n);
        enum onus_code code = ONUS_OK;
        for (size_t i = 0; code == ONUS_OK && i < 5000; i++) {
            struct told told = random_told(&seed);
            code = onus_index_add_line(&builder, &told.source, 1, NULL);
        }
        struct onus_index_options options = {.routed = routed, .decoy_key = &key};
        if (code == ONUS_OK) {
            code = onus_index_build(&builder, &options, &arena, &index, NULL);
        }
        done = code == ONUS_OK;
        assert_true(done || code == ONUS_E_MEMORY);
        onus_arena_fail_after(-1);
        onus_arena_clear(&arena);
        onus_index_builder_clear(&builder);
    }
}

/* Not a bound, a figure: ONUS_MEASURE=1 prints it. */
static void a_hundred_thousand_lines_are_quick(void **state)
{
    (void)state;
    enum {
        LINES = 100000
    };
    struct onus_index_builder builder;
    struct onus_arena arena;
    struct onus_index index;
    struct onus_digest key = {{1}};
    uint64_t seed = 1;
    struct onus_address *sources = calloc(LINES, sizeof(*sources));
    assert_non_null(sources);
    for (size_t i = 0; i < LINES; i++) {
        uint32_t n = (uint32_t)(next(&seed) % 10000);
        sources[i] = onus_address_of_v4(n * 2654435761u);
    }
    onus_arena_init(&arena, SIZE_MAX);
    onus_index_builder_init(&builder, 1);
    struct timespec t[4];
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t[0]);
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(onus_index_add_line(&builder, &sources[i], 1, NULL), ONUS_OK);
    }
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t[1]);
    build(&builder, &(struct onus_index_options){.decoy_key = &key}, &arena, &index);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t[2]);
    struct onus_index_salts salts = {.key = &key, .first_slot = LINES};
    struct onus_digest root;
    assert_int_equal(onus_index_root(&index, &salts, NULL, &root, NULL), ONUS_OK);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t[3]);
    struct onus_buffer bytes = {.limit = 0};
    onus_index_encode(&index, &bytes);
    if (getenv("ONUS_MEASURE")) {
        double ms[3];
        for (size_t i = 0; i < 3; i++) {
            ms[i] = (double)(t[i + 1].tv_sec - t[i].tv_sec) * 1e3 +
                    (double)(t[i + 1].tv_nsec - t[i].tv_nsec) / 1e6;
        }
        (void)printf("100,000 lines, 10,000 sources: gather %.1f ms, build %.1f ms, root %.1f ms; "
                     "%zu rows, %zu bytes\n",
                ms[0], ms[1], ms[2], index.count, bytes.len);
    }
    assert_int_equal(onus_index_lines(&index), LINES);
    onus_buffer_clear(&bytes);
    free(sources);
    onus_arena_clear(&arena);
    onus_index_builder_clear(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_and_root_are_those_of_the_vectors),
            cmocka_unit_test(every_row_is_what_a_recount_gives),
            cmocka_unit_test(an_empty_batch_has_the_rows_that_always_stand),
            cmocka_unit_test(behind_the_last_address_stands_the_end_of_its_family),
            cmocka_unit_test(a_seed_of_the_table_changes_nothing),
            cmocka_unit_test(a_line_number_leads_to_its_row),
            cmocka_unit_test(a_large_tree_has_the_root_of_the_plain_one),
            cmocka_unit_test(an_erased_key_keeps_the_other_rows),
            cmocka_unit_test(every_cut_is_refused_and_every_change_seen),
            cmocka_unit_test(a_block_gives_its_own_lines_and_extras),
            cmocka_unit_test(a_failed_allocation_is_an_ordinary_error),
            cmocka_unit_test(a_hundred_thousand_lines_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

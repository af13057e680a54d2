/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: roll-ups are due when a day or a month is over; a roll-up counts what one index over
 * all its lines counts, with line numbers that run on; tables of networks are written as they are read.
 * Oracle: an index that is built from all lines at once, and by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "evidence/net_table.h"
#include "evidence/rollup.h"

#define DAY   UINT64_C(86400)
#define JUNE1 UINT64_C(1464739200) /* 2016-06-01 */

static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return onus_hash_mix(*state, 7);
}

/* ---- when ------------------------------------------------------------------------------------ */

/* Batches by day of June 2016, -1 for one without times; what is due, as "0-2 3-5". */
static void assert_due(const int *days, size_t count, uint64_t now, const char *existing,
        const char *want)
{
    struct onus_rollup_batch batches[64];
    struct onus_rollup_range ranges[8];
    struct onus_rollup_range *due = NULL;
    struct onus_arena arena;
    char got[256] = "";
    size_t range_count = 0;
    size_t due_count = 0;
    for (size_t i = 0; i < count; i++) {
        batches[i] = (struct onus_rollup_batch){i, days[i] >= 0,
                days[i] >= 0 ? JUNE1 + (uint64_t)days[i] * DAY + 100 : 0};
    }
    struct onus_str rest = onus_str_of(existing);
    while (rest.len > 0) {
        struct onus_rollup_range *range = &ranges[range_count++];
        assert_true(onus_str_take_u64(&rest, &range->first) &&
                    onus_str_skip(&rest, ONUS_STR("-")) && onus_str_take_u64(&rest, &range->last));
        (void)onus_str_skip(&rest, ONUS_STR(" "));
    }
    onus_arena_init(&arena, 1 << 20);
    assert_int_equal(onus_rollup_due(batches, count, ranges, range_count, now, &arena, &due,
                             &due_count, NULL),
            ONUS_OK);
    for (size_t i = 0; i < due_count; i++) {
        size_t used = strlen(got);
        (void)snprintf(got + used, sizeof(got) - used, "%s%u-%u", i > 0 ? " " : "",
                (unsigned)due[i].first, (unsigned)due[i].last);
    }
    assert_string_equal(got, want);
    onus_arena_clear(&arena);
}

static void periods_are_rolled_up_when_they_are_over(void **state)
{
    (void)state;
    static const int one_day[] = {0, 0, 0};
    assert_due(one_day, 3, JUNE1 + 200, "", "");            /* it goes on */
    assert_due(one_day, 3, JUNE1 + 2 * DAY, "", "");        /* not yet a day past its end */
    assert_due(one_day, 3, JUNE1 + 2 * DAY + 1, "", "0-2"); /* over by the clock */
    assert_due(one_day, 3, JUNE1 + 60 * DAY, "", "0-2");    /* the month is the day */
    assert_due(one_day, 3, JUNE1 + 60 * DAY, "0-2", "");
    static const int days[] = {0, 0, 1, 1, 1, 2};
    assert_due(days, 6, JUNE1 + 2 * DAY + 200, "", "0-1 2-4");
    assert_due(days, 6, JUNE1 + 2 * DAY + 200, "0-1", "2-4");
    assert_due(days, 6, JUNE1 + 60 * DAY, "0-1 2-4", "0-5");
    static const int months[] = {0, 0, 29, 30, 31, 31, 61};
    assert_due(months, 7, JUNE1 + 61 * DAY + 200, "", "0-1 0-2 3-5 4-5");
    static const int gaps[] = {-1, 0, -1, -1, 1, -1};
    assert_due(gaps, 6, JUNE1 + DAY + 200, "",
            "1-3"); /* those without times follow the one before */
    static const int back[] = {3, 1, 3, 4};
    assert_due(back, 4, JUNE1 + 4 * DAY + 200, "", "0-2"); /* the latest day that was reached */
    static const int alone[] = {0, 1, 2};
    assert_due(alone, 3, JUNE1 + 2 * DAY + 200, "", "");
    assert_due(alone, 0, JUNE1, "", "");
}

/* ---- what ------------------------------------------------------------------------------------ */

enum {
    PARTS = 5
};

struct parts {
    struct onus_arena arena;
    struct onus_index index[PARTS], all;
    struct onus_manifest manifest[PARTS];
    struct onus_digest leaf[PARTS];
    struct onus_rollup_part list[PARTS];
};

static void put(struct parts *parts, struct onus_manifest *manifest, enum onus_slot_kind kind,
        uint64_t number)
{
    char *bytes = onus_arena_alloc(&parts->arena, 8);
    assert_non_null(bytes);
    onus_be64_put(bytes, number);
    manifest->values[(unsigned)kind - ONUS_SLOT_NAME] = (struct onus_str){bytes, 8};
}

static void build_parts(struct parts *parts, uint64_t seed, size_t lines)
{
    struct onus_index_builder all;
    memset(parts, 0, sizeof(*parts));
    onus_arena_init(&parts->arena, SIZE_MAX);
    onus_index_builder_init(&all, 1);
    struct onus_index_options plain = {.routed = NULL};
    for (size_t i = 0; i < PARTS; i++) {
        struct onus_index_builder one;
        struct onus_digest key = {{(uint8_t)i}};
        struct onus_manifest *manifest = &parts->manifest[i];
        onus_index_builder_init(&one, seed);
        for (size_t j = 0; j < lines * i; j++) { /* the first has none */
            uint64_t pick = next(&seed);
            struct onus_address source = onus_address_of_v4(0xcb007100u + (uint32_t)(pick % 700));
            const struct onus_address *told = pick % 7 == 0 ? NULL : &source;
            assert_int_equal(onus_index_add_line(&one, told, pick >> 60, NULL), ONUS_OK);
            assert_int_equal(onus_index_add_line(&all, told, pick >> 60, NULL), ONUS_OK);
        }
        struct onus_index_options options = {.decoy_key = &key};
        assert_int_equal(onus_index_build(&one, &options, &parts->arena, &parts->index[i], NULL),
                ONUS_OK);
        onus_index_builder_clear(&one);
        for (size_t j = 0; j < ONUS_MANIFEST_SLOTS; j++) {
            manifest->values[j] = ONUS_STR("");
        }
        manifest->profile = ONUS_PROFILE_MANIFEST;
        manifest->first = 10 + i;
        manifest->last = 10 + i;
        put(parts, manifest, ONUS_SLOT_LINES, lines * i);
        if (i > 0) {
            put(parts, manifest, ONUS_SLOT_FIRST_TIME, 5000 - i * 10);
            put(parts, manifest, ONUS_SLOT_LAST_TIME, 6000 - i * 10);
        }
        manifest->values[ONUS_SLOT_FLAGS - ONUS_SLOT_NAME] =
                i == 0 ? ONUS_STR("\x01") : ONUS_STR("\x02");
        memset(parts->leaf[i].bytes, (int)i + 1, sizeof(parts->leaf[i].bytes));
        parts->list[i] = (struct onus_rollup_part){manifest, &parts->leaf[i], &parts->index[i]};
    }
    assert_int_equal(onus_index_build(&all, &plain, &parts->arena, &parts->all, NULL), ONUS_OK);
    onus_index_builder_clear(&all);
}

static void same_counts(const struct onus_index *merged, const struct onus_index *all)
{
    assert_false(merged->has_postings);
    for (size_t i = 0; i < all->count; i++) {
        bool found = false;
        size_t row = onus_index_find(merged, &all->rows[i].key, &found);
        assert_true(found);
        assert_true(merged->rows[row].lines == all->rows[i].lines);
        assert_true(merged->rows[row].attempts == all->rows[i].attempts);
        assert_memory_equal(&merged->rows[row].postings, &all->rows[i].postings,
                sizeof(struct onus_digest));
    }
    for (size_t i = 1; i < merged->count; i++) {
        assert_true(onus_key_compare(&merged->rows[i - 1].key, &merged->rows[i].key) < 0);
    }
}

static void a_roll_up_counts_as_one_index_over_all_lines(void **state)
{
    (void)state;
    for (size_t lines = 0; lines < 400; lines = lines * 3 + 1) {
        struct parts parts;
        struct onus_index merged;
        struct onus_manifest manifest;
        struct onus_digest key = {{7}};
        struct onus_rollup_making making = {.parts = parts.list,
                .part_count = PARTS,
                .collector = ONUS_STR("onus"),
                .sealed_at = 7000,
                .key = &key};
        build_parts(&parts, lines, lines);
        assert_int_equal(onus_rollup_make(&making, &parts.arena, &merged, &manifest, NULL),
                ONUS_OK);
        same_counts(&merged, &parts.all);
        assert_int_equal(manifest.profile, ONUS_PROFILE_ROLLUP);
        assert_true(manifest.first == 10 && manifest.last == 14);
        assert_int_equal(manifest.slot, merged.count * 4);
        assert_int_equal(onus_manifest_number(&manifest, ONUS_SLOT_LINES), lines * 10);
        assert_int_equal(onus_manifest_number(&manifest, ONUS_SLOT_LEAVES), PARTS);
        assert_int_equal(onus_manifest_number(&manifest, ONUS_SLOT_FIRST_TIME), 4960);
        assert_int_equal(onus_manifest_number(&manifest, ONUS_SLOT_LAST_TIME), 5990);
        assert_int_equal(onus_manifest_flags(&manifest), 0x02); /* not all were silent */
        struct onus_digest hashed[PARTS];
        struct onus_digest root;
        struct onus_digest stated;
        for (size_t i = 0; i < PARTS; i++) {
            onus_leaf_hash(onus_digest_view(&parts.leaf[i]), &hashed[i]);
        }
        onus_tree_root(NULL, hashed, PARTS, &root);
        onus_manifest_root(&manifest, &stated);
        assert_memory_equal(&root, &stated, sizeof(root));
        struct onus_index_salts salts = {.key = &key};
        assert_int_equal(onus_index_root(&merged, &salts, NULL, &root, NULL), ONUS_OK);
        assert_int_equal(onus_manifest_rows(&manifest, &stated), merged.count);
        assert_memory_equal(&root, &stated, sizeof(root));
        onus_arena_clear(&parts.arena);
    }
}

static void only_batches_that_follow_one_another_are_rolled_up(void **state)
{
    (void)state;
    struct parts parts;
    struct onus_index merged;
    struct onus_manifest manifest;
    struct onus_digest key = {{7}};
    struct onus_rollup_making making = {.parts = parts.list, .part_count = 1, .key = &key};
    build_parts(&parts, 1, 3);
    assert_int_equal(onus_rollup_make(&making, &parts.arena, &merged, &manifest, NULL),
            ONUS_E_ARGUMENT);
    making.part_count = PARTS;
    parts.manifest[2].first = 20;
    assert_int_equal(onus_rollup_make(&making, &parts.arena, &merged, &manifest, NULL),
            ONUS_E_ARGUMENT);
    parts.manifest[2].first = 12;
    parts.index[3].rows[1].key_gone = true;
    assert_int_equal(onus_rollup_make(&making, &parts.arena, &merged, &manifest, NULL),
            ONUS_E_MISSING);
    onus_arena_clear(&parts.arena);
}

/* ---- tables of networks ---------------------------------------------------------------------- */

static struct onus_address address_of(const char *text)
{
    struct onus_address address = {{0}};
    assert_true(onus_address_parse(onus_str_of(text), &address));
    return address;
}

static void a_table_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *first, *last;
        uint32_t asn;
        const char *name;
    } rows[] = {{"192.0.2.0", "192.0.2.127", 64496, "One"},
            {"192.0.2.128", "192.0.2.255", 64496, "One"},
            {"198.51.100.0", "198.51.100.255", 64500, "A\tB\nC"},
            {"255.255.255.0", "255.255.255.255", 64501, ""},
            {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 64502, "Six"},
            {"ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 64503, "End"}};
    struct onus_buffer out = {.limit = 0};
    struct onus_net_writer writer;
    struct onus_arena arena;
    struct onus_net_rows table;
    onus_arena_init(&arena, 1 << 20);
    assert_int_equal(onus_net_table_begin(&writer, &out, ONUS_STR("a b"), ONUS_STR("2016-06"),
                             NULL),
            ONUS_E_ARGUMENT);
    assert_int_equal(onus_net_table_begin(&writer, &out, ONUS_STR("asn"), ONUS_STR("2016-06"),
                             NULL),
            ONUS_OK);
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_address first = address_of(rows[i].first);
        struct onus_address last = address_of(rows[i].last);
        assert_int_equal(onus_net_table_add(&writer, &first, &last, rows[i].asn,
                                 onus_str_of(rows[i].name), NULL),
                ONUS_OK);
        assert_int_equal(onus_net_table_add(&writer, &first, &last, 1, ONUS_STR("x"), NULL),
                ONUS_E_ARGUMENT); /* not behind the row before */
    }
    assert_int_equal(onus_net_table_end(&writer, NULL), ONUS_OK);
    assert_int_equal(onus_net_table_parse(onus_buffer_view(&out), &arena, &table, NULL), ONUS_OK);
    assert_int_equal(table.count, 5); /* neighbours of one AS became one row */
    assert_true(onus_str_eq(table.rows[1].operator_name, ONUS_STR("ABC")));
    assert_true(onus_str_eq(table.rows[2].operator_name, ONUS_STR("-")));
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_address low;
        struct onus_address high;
        struct onus_address last = address_of(rows[i].last);
        assert_true(onus_net_table_routed(&table, &last, &low, &high));
        struct onus_key key = onus_key_of(&last);
        assert_int_equal(onus_net_table_find(&table, &key)->asn, rows[i].asn);
        assert_true(i == 0 || onus_address_eq(&high, &last));
    }
    struct onus_address outside = address_of("192.0.3.0");
    struct onus_key key = onus_key_of(&outside);
    assert_null(onus_net_table_find(&table, &key));
    for (size_t cut = 0; cut < out.len; cut++) { /* a cut is a shorter table or none */
        enum onus_code code = onus_net_table_parse(onus_str_sub(onus_buffer_view(&out), 0, cut),
                &arena, &table, NULL);
        assert_true(code == ONUS_E_FORMAT || code == ONUS_OK);
    }
    onus_buffer_clear(&out);
    onus_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(periods_are_rolled_up_when_they_are_over),
            cmocka_unit_test(a_roll_up_counts_as_one_index_over_all_lines),
            cmocka_unit_test(only_batches_that_follow_one_another_are_rolled_up),
            cmocka_unit_test(a_table_is_written_as_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

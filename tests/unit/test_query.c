/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: questions are read as they are meant, and what is not understood is pointed at.
 * Oracle: the sentences of docs/proofs.md, and by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "evidence/query.h"

static struct onus_query read_query(const char *text)
{
    struct onus_query query = {.kind = ONUS_QUERY_COUNT};
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_query_parse(onus_str_of(text), &query, &err);
    if (code != ONUS_OK) {
        fail_msg("%s: %s", text, err.text);
    }
    return query;
}

static void assert_key(const struct onus_key *key, const char *want)
{
    char text[ONUS_KEY_TEXT];
    (void)onus_key_format(key, text);
    assert_string_equal(text, want);
}

static void assert_text(struct onus_str got, const char *want)
{
    assert_true(onus_str_eq(got, onus_str_of(want)));
}

static void who_is_an_address_a_network_a_range_or_an_as(void **state)
{
    (void)state;
    struct onus_query q = read_query("attempts from 203.0.113.7");
    assert_true(q.kind == ONUS_QUERY_COUNT && q.who == ONUS_WHO_ADDRESS);
    assert_key(&q.low, "203.0.113.7");
    assert_false(onus_key_is_fence(&q.low));
    q = read_query("lines from 203.0.113.0/24");
    assert_int_equal(q.who, ONUS_WHO_RANGE);
    assert_key(&q.low, "203.0.113.0");
    assert_key(&q.high, "203.0.114.0");
    assert_true(onus_key_is_fence(&q.low) && onus_key_is_fence(&q.high));
    q = read_query("Lines And Attempts FROM 192.0.2.4-192.0.2.9");
    assert_key(&q.low, "192.0.2.4");
    assert_key(&q.high, "192.0.2.10");
    q = read_query("attempts from 255.0.0.0/8");
    assert_key(&q.high, "end of IPv4");
    q = read_query("attempts from 2001:db8::/32");
    assert_key(&q.low, "2001:db8::");
    assert_key(&q.high, "2001:db9::");
    q = read_query("share of AS64500");
    assert_true(q.kind == ONUS_QUERY_SHARE && q.who == ONUS_WHO_NETWORK && q.asn == 64500);
    q = read_query("none from 192.0.2.9");
    assert_true(q.kind == ONUS_QUERY_NONE && q.who == ONUS_WHO_ADDRESS);
    q = read_query("no lines from as64500");
    assert_true(q.kind == ONUS_QUERY_NONE && q.who == ONUS_WHO_NETWORK);
    q = read_query("attempts");
    assert_true(q.kind == ONUS_QUERY_COUNT && q.who == ONUS_WHO_ALL);
}

static void a_period_is_of_whole_days(void **state)
{
    (void)state;
    struct onus_query q = read_query("attempts on 2016-06-27");
    assert_true(q.has_from && q.has_until);
    assert_int_equal(q.from, 1466985600);
    assert_int_equal(q.until, 1467072000);
    q = read_query("all in 2016-02");
    assert_int_equal(q.until - q.from, 29 * 86400);
    q = read_query("all in 2016-12");
    assert_int_equal(q.until - q.from, 31 * 86400);
    q = read_query("attempts from AS64500 between 2016-06-20 and 2016-08-12");
    assert_int_equal(q.from, 1466380800);
    assert_int_equal(q.until, 1471046400);
    q = read_query("attempts since 2016-06-27");
    assert_true(q.has_from && !q.has_until && q.from == 1466985600);
    q = read_query("attempts until 2016-06-27");
    assert_true(!q.has_from && q.has_until && q.until == 1467072000);
}

static void the_other_questions_are_read(void **state)
{
    (void)state;
    struct onus_query q = read_query("6 of addresses in 'my list.txt' are AS64500 on 2016-06-27");
    assert_true(q.kind == ONUS_QUERY_MEMBERS && q.has_number && q.number == 6);
    assert_true(q.asn == 64500 && q.has_from);
    assert_text(q.text, "my list.txt");
    q = read_query("addresses in list.txt are in AS1");
    assert_true(q.kind == ONUS_QUERY_MEMBERS && !q.has_number && q.asn == 1);
    q = read_query("at least 'Failed password' of auth.log");
    assert_true(q.kind == ONUS_QUERY_AT_LEAST && !q.has_number);
    assert_text(q.text, "Failed password");
    assert_text(q.source, "auth.log");
    q = read_query("at least 5 lines with \"it's\"");
    assert_true(q.has_number && q.number == 5);
    assert_text(q.text, "it's");
    q = read_query("no batch missing of 'gw1 auth' since 2016-06-01");
    assert_int_equal(q.kind, ONUS_QUERY_UNBROKEN);
    assert_text(q.source, "gw1 auth");
    q = read_query("sealed auth.log:1-4,8");
    assert_int_equal(q.kind, ONUS_QUERY_SEALED);
    assert_text(q.text, "auth.log:1-4,8");
    q = read_query("sample 460 of auth.log batch 3");
    assert_true(q.kind == ONUS_QUERY_SAMPLE && q.number == 460 && q.has_seq && q.seq == 3);
}

static void what_is_not_understood_is_pointed_at(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
    } cases[] = {
            {"", 0},
            {"  ", 2},
            {"how many", 0},
            {"attempts by 203.0.113.7", 9},
            {"attempts from", 13},
            {"attempts from 203.0.113", 14},
            {"attempts from 203.0.113.0/33", 14},
            {"attempts from 203.0.113.7/24", 14},
            {"attempts from 203.0.113.7-203.0.113.6", 14},
            {"attempts from 203.0.113.7-2001:db8::", 14},
            {"attempts from AS0", 14},
            {"attempts from AS4294967296", 14},
            {"attempts on 2016-6-27", 12},
            {"attempts on 2016-06-31", 12},
            {"attempts on 2016", 12},
            {"attempts on 2016-06-27-01", 12},
            {"attempts on 2016-06-27 on 2016-06-28", 23},
            {"attempts between 2016-06-27 and 2016-06-26", 32},
            {"attempts between 2016-06-27 2016-06-28", 28},
            {"attempts from 203.0.113.7 203.0.113.8", 26},
            {"at least 0 'x'", 9},
            {"at least 'x", 9},
            {"at least ''", 9},
            {"no batch lost", 9},
            {"sample", 6},
            {"sample x", 7},
            {"share AS64500", 6},
            {"5 of 8", 5},
            {"addresses in f are 203.0.113.7", 19},
    };
    for (size_t i = 0; i < ONUS_COUNT(cases); i++) {
        struct onus_query query;
        struct onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_query_parse(onus_str_of(cases[i].text), &query, &err),
                ONUS_E_ARGUMENT);
        if (err.offset != cases[i].at) {
            fail_msg("%s: pointed at %llu", cases[i].text, (unsigned long long)err.offset);
        }
    }
}

static void lines_are_ranges_that_ascend(void **state)
{
    (void)state;
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 20);
    struct onus_str source;
    struct onus_line_range *ranges = NULL;
    size_t count = 0;
    assert_int_equal(onus_lines_parse(ONUS_STR("gw1:/var/log/auth.log:1-4,8,10-10"), &arena,
                             &source, &ranges, &count, NULL),
            ONUS_OK);
    assert_text(source, "gw1:/var/log/auth.log");
    assert_int_equal(count, 3);
    assert_true(ranges[0].first == 1 && ranges[0].last == 4);
    assert_true(ranges[1].first == 8 && ranges[1].last == 8);
    static const struct {
        const char *text;
        size_t at;
    } wrong[] = {{"auth.log", 0}, {":1", 0}, {"a:", 2}, {"a:0", 2}, {"a:4-1", 4}, {"a:1,1", 4},
            {"a:1-4,3", 6}, {"a:1;2", 3}, {"a:1,", 4}, {"a:1-", 4}, {"a:x", 2}};
    for (size_t i = 0; i < ONUS_COUNT(wrong); i++) {
        struct onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_lines_parse(onus_str_of(wrong[i].text), &arena, &source, &ranges,
                                 &count, &err),
                ONUS_E_ARGUMENT);
        assert_int_equal(err.offset, wrong[i].at);
    }
    onus_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(who_is_an_address_a_network_a_range_or_an_as),
            cmocka_unit_test(a_period_is_of_whole_days),
            cmocka_unit_test(the_other_questions_are_read),
            cmocka_unit_test(what_is_not_understood_is_pointed_at),
            cmocka_unit_test(lines_are_ranges_that_ascend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

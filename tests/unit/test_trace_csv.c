/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the CSV tables have as many fields a row as headings, hold what the result holds,
 * and stay one row a line whatever the log held.
 * Oracle: a small RFC 4180 reader in this file, and rows written by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "report/trace_csv.h"
#include "sample_result.h"

static struct onus_buffer written(bool hostile, enum onus_trace_csv_table table)
{
    struct onus_trace_result result;
    sample_result(&(struct sample_options){.hostile = hostile}, &result);
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    onus_trace_csv_write(&result, table, &buffer);
    assert_int_equal(onus_buffer_status(&buffer, NULL), ONUS_OK);
    onus_arena_clear(&result.arena);
    return buffer;
}

/* Fields of each row; every row must have as many as the first. Returns the number of rows. */
static size_t check_shape(struct onus_str csv)
{
    size_t rows = 0;
    size_t fields = 1;
    size_t wanted = 0;
    bool quoted = false;
    for (size_t i = 0; i < csv.len; i++) {
        char c = csv.ptr[i];
        assert_true((uint8_t)c >= 0x20 || (c == '\r' && csv.ptr[i + 1] == '\n') ||
                    (c == '\n' && csv.ptr[i - 1] == '\r'));
        quoted = c == '"' ? !quoted : quoted;
        fields += c == ',' && !quoted;
        if (c == '\n') {
            assert_false(quoted);
            wanted = rows == 0 ? fields : wanted;
            assert_int_equal(fields, wanted);
            fields = 1;
            rows++;
        }
    }
    return rows;
}

static void every_row_has_a_field_for_every_heading(void **state)
{
    (void)state;
    static const size_t rows[] = {
            [ONUS_TRACE_CSV_INCIDENTS] = 6,
            [ONUS_TRACE_CSV_SOURCES] = 6,
            [ONUS_TRACE_CSV_NETWORKS] = 4,
            [ONUS_TRACE_CSV_COUNTRIES] = 4,
            [ONUS_TRACE_CSV_ATTEMPTS] = 1,
    };
    for (size_t table = 0; table < ONUS_COUNT(rows); table++) {
        for (int hostile = 0; hostile < 2; hostile++) {
            struct onus_buffer csv = written(hostile == 1, (enum onus_trace_csv_table)table);
            assert_int_equal(check_shape(onus_buffer_view(&csv)), rows[table]);
            onus_buffer_clear(&csv);
        }
    }
}

static void rows_say_what_the_result_holds(void **state)
{
    (void)state;
    struct onus_buffer csv = written(false, ONUS_TRACE_CSV_SOURCES);
    assert_true(onus_str_has(onus_buffer_view(&csv),
            ONUS_STR("\r\n198.51.100.7,412,1,1236,2026-01-09T01:00:00Z,2026-01-11T00:00:00Z,"
                     "198.51.100.0/24,64501,Beispielnetz AG,sample-asn,2025-06,XX,sample-country,"
                     "2026-01,tor-exit 2026-01-10,true,false,false,"
                     "i-0a1b2c3d4e5f; i-44dd55ee66ff\r\n")));
    onus_buffer_clear(&csv);
    csv = written(false, ONUS_TRACE_CSV_NETWORKS);
    assert_true(onus_str_ends(onus_buffer_view(&csv), ONUS_STR("\r\n,,,2,43,,\r\n")));
    onus_buffer_clear(&csv);
}

static void no_field_is_a_formula(void **state)
{
    (void)state;
    struct onus_buffer csv = written(true, ONUS_TRACE_CSV_INCIDENTS);
    struct onus_str text = onus_buffer_view(&csv);
    assert_true(onus_str_has(text, ONUS_STR("'=<script>")));
    assert_false(onus_str_has(text, ONUS_STR(",=")));
    assert_false(onus_str_has(text, ONUS_STR("\n=")));
    assert_false(onus_str_has(text, ONUS_STR(",\"=")));
    onus_buffer_clear(&csv);
}

static void an_attempt_is_one_row(void **state)
{
    (void)state;
    struct onus_buffer csv;
    onus_buffer_init(&csv, 0);
    onus_trace_csv_attempt(&(struct onus_trace_csv_attempt){.time = ONUS_TIME_NONE,
                                   .source = ONUS_STR("2001:db8::7"),
                                   .service = ONUS_STR("ssh"),
                                   .account = ONUS_STR("-root,\n"),
                                   .outcome = ONUS_STR("failed"),
                                   .tries = 3,
                                   .path = ONUS_STR("auth.log"),
                                   .line = 17},
            &csv);
    assert_true(onus_str_eq(onus_buffer_view(&csv),
            ONUS_STR(",2001:db8::7,ssh,\"'-root,\\x0a\",,failed,3,,auth.log,17\r\n")));
    onus_buffer_clear(&csv);
}

static void tables_have_names(void **state)
{
    (void)state;
    enum onus_trace_csv_table table = ONUS_TRACE_CSV_INCIDENTS;
    assert_true(onus_trace_csv_find(ONUS_STR("countries"), &table));
    assert_int_equal(table, ONUS_TRACE_CSV_COUNTRIES);
    assert_false(onus_trace_csv_find(ONUS_STR("country"), &table));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_row_has_a_field_for_every_heading),
            cmocka_unit_test(rows_say_what_the_result_holds),
            cmocka_unit_test(no_field_is_a_formula),
            cmocka_unit_test(an_attempt_is_one_row),
            cmocka_unit_test(tables_have_names),
    };
    return cmocka_run_group_tests_name("report/trace_csv", tests, NULL, NULL);
}

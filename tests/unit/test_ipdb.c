/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a set answers, for every address at the edge of a row, what its source says; the
 * families of one table are one; undated and damaged sources never answer; compiled tables follow
 * their sources.
 * Oracle: the invented tables below, searched row by row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ipdb_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "net/ipdb_build.h"
#include "net/ipdb_date.h"
#include "net/ipdb_read.h"

static const char v4_table[] = "0.0.0.0,0.0.0.7,64496,Low\n"
                               "192.0.2.0,192.0.2.127,64500,\"Example, \"\"quoted\"\" Ltd\"\n"
                               "192.0.2.128,192.0.2.255,64501,Next\n"
                               "198.51.100.3,198.51.100.3,64502,Single\n"
                               "198.51.100.5,198.51.101.9,64503,Across\n"
                               "203.0.113.0,203.0.113.255,64504,Wide\n"
                               "203.0.113.64,203.0.113.95,64505,Inside\n"
                               "203.0.113.240,203.0.114.15,64506,Touching\n"
                               "255.255.255.0,255.255.255.255,64511,High\n";

static const char v6_table[] = "::,::7,64496,Low\n"
                               "2001:db8::,2001:db8:0:ffff:ffff:ffff:ffff:ffff,64500,Six\n"
                               "2001:db8:1::5,2001:db8:3::1,64501,Odd\n"
                               "ffff::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,64511,High\n";

struct plain_row {
    onus_wide first, last;
    uint32_t asn;
};

/* A reader that shares nothing with the one under test: three sscanf fields a line. */
static size_t read_plainly(const char *text, struct plain_row *rows, size_t room)
{
    size_t count = 0;
    for (const char *line = text; line && *line && count < room; line = strchr(line, '\n') + 1) {
        char first[64];
        char last[64];
        unsigned asn = 0;
        struct onus_address a;
        struct onus_address b;
        assert_int_equal(sscanf(line, "%63[^,],%63[^,],%u", first, last, &asn), 3);
        assert_true(onus_address_parse(onus_str_of(first), &a));
        assert_true(onus_address_parse(onus_str_of(last), &b));
        rows[count++] = (struct plain_row){onus_wide_of(&a), onus_wide_of(&b), asn};
    }
    return count;
}

/* Of the rows that hold the address the one that begins last. */
static uint32_t expected_asn(const struct plain_row *rows, size_t count, onus_wide address)
{
    const struct plain_row *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].first <= address && address <= rows[i].last &&
                (!best || rows[i].first >= best->first)) {
            best = &rows[i];
        }
    }
    return best ? best->asn : 0;
}

static void check_edges(const struct onus_ipdb *ipdb, const char *text, bool v4)
{
    struct plain_row rows[16];
    size_t count = read_plainly(text, rows, ONUS_COUNT(rows));
    onus_wide lowest = v4 ? (onus_wide)0xffff00000000u : 0;
    onus_wide highest = v4 ? (onus_wide)0xffffffffffffu : ~(onus_wide)0;
    for (size_t i = 0; i < count; i++) {
        const onus_wide edges[] = {rows[i].first - (rows[i].first > lowest), rows[i].first,
                rows[i].first + (rows[i].last - rows[i].first) / 2, rows[i].last,
                rows[i].last + (rows[i].last < highest)};
        for (size_t e = 0; e < ONUS_COUNT(edges); e++) {
            struct onus_address address = onus_wide_address(edges[e]);
            struct onus_ipdb_answer answer = {.asn = 0};
            bool held = onus_ipdb_lookup(ipdb, 0, &address, &answer);
            uint32_t expected = expected_asn(rows, count, edges[e]);
            assert_int_equal(held, expected != 0);
            assert_int_equal(answer.asn, expected);
        }
    }
}

static void every_edge_of_every_row_is_answered_as_written(void **state)
{
    struct scene *scene = *state;
    scene_text(scene, "asn-ipv4_2026-06.csv", v4_table);
    scene_text(scene, "asn-ipv6_2026-06.csv", v6_table);
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_int_equal(onus_ipdb_table_count(ipdb), 1);
    check_edges(ipdb, v4_table, true);
    check_edges(ipdb, v6_table, false);
    assert_int_equal(onus_ipdb_table(ipdb, 0)->overlaps, 2);
    onus_ipdb_close(ipdb);
}

static void an_answer_has_its_row_and_its_prefix(void **state)
{
    struct scene *scene = *state;
    char got[256];
    scene_text(scene, "asn-ipv4_2026-06.csv", v4_table);
    scene_text(scene, "asn-ipv6_2026-06.csv", v6_table);
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_string_equal(scene_answer(ipdb, "asn 2026-06", "192.0.2.5", got),
            "192.0.2.0 to 192.0.2.127 /25 AS64500 'Example, \"quoted\" Ltd' ");
    assert_string_equal(scene_answer(ipdb, "asn 2026-06", "198.51.100.5", got),
            "198.51.100.5 to 198.51.101.9 /32 AS64503 'Across' ");
    assert_string_equal(scene_answer(ipdb, "asn 2026-06", "198.51.100.200", got),
            "198.51.100.5 to 198.51.101.9 /25 AS64503 'Across' ");
    assert_string_equal(scene_answer(ipdb, "asn 2026-06", "::ffff:198.51.100.3", got),
            "198.51.100.3 to 198.51.100.3 /32 AS64502 'Single' ");
    assert_string_equal(scene_answer(ipdb, "asn 2026-06", "2001:db8::9", got),
            "2001:db8:: to 2001:db8:0:ffff:ffff:ffff:ffff:ffff /48 AS64500 'Six' ");
    assert_string_equal(scene_answer(ipdb, "asn 2026-06", "192.0.3.0", got), "-");
    onus_ipdb_close(ipdb);
}

static void both_families_of_a_name_and_date_are_one_table(void **state)
{
    struct scene *scene = *state;
    scene_text(scene, "net-ipv4_2026-06.csv", "192.0.2.0,192.0.2.255,AA\n");
    scene_text(scene, "net-ipv6_2026-06.csv", "2001:db8::,2001:db8::ff,BB\n");
    scene_text(scene, "net-ipv6_2026-05.csv", "2001:db8::,2001:db8::ff,CC\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_int_equal(onus_ipdb_table_count(ipdb), 2);
    const struct onus_ipdb_table *table = onus_ipdb_table(ipdb, 1);
    assert_int_equal(table->knows, ONUS_IPDB_COUNTRY | ONUS_IPDB_V4 | ONUS_IPDB_V6);
    assert_int_equal(table->rows, 2);
    assert_true(
            onus_str_eq(table->source, ONUS_STR("net-ipv4_2026-06.csv + net-ipv6_2026-06.csv")));
    onus_ipdb_close(ipdb);
}

static void a_second_table_of_the_same_name_and_date_is_left_out(void **state)
{
    struct scene *scene = *state;
    char got[256];
    scene_text(scene, "net_2026-06.csv", "192.0.2.0,192.0.2.255,AA\n");
    scene_text(scene, "net_2026-06.x.csv", "192.0.2.0,192.0.2.255,BB\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_int_equal(onus_ipdb_table_count(ipdb), 1);
    assert_string_equal(scene_answer(ipdb, "net 2026-06", "192.0.2.1", got),
            "192.0.2.0 to 192.0.2.255 /24 AS0 '' AA");
    assert_int_equal(onus_ipdb_note_count(ipdb), 1);
    assert_true(onus_ipdb_note(ipdb, 0).refused);
    onus_ipdb_close(ipdb);
}

static void a_table_without_a_date_never_answers(void **state)
{
    struct scene *scene = *state;
    struct onus_ipdb *ipdb = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    scene_text(scene, "net.csv", "192.0.2.0,192.0.2.255,AA\n");
    assert_int_equal(onus_ipdb_open(scene->tables, &ipdb, &err), ONUS_E_MISSING);
    assert_non_null(strstr(err.text, "no date"));
    assert_null(ipdb);

    char path[ONUS_IPDB_PATH];
    char source[256];
    (void)snprintf(source, sizeof(source), "%s/net.csv", scene->tables);
    assert_int_equal(onus_ipdb_add(source, NULL, NULL, path, &err), ONUS_E_MISSING);
    assert_int_equal(onus_ipdb_add(source, "yesterday", NULL, path, &err), ONUS_E_ARGUMENT);
    assert_int_equal(onus_ipdb_add(source, "2026-06-17", NULL, path, &err), ONUS_OK);
    assert_non_null(strstr(path, "/data/onus/ipdb/net-ipv4_2026-06-17.ipdb"));
    assert_int_equal(onus_ipdb_open(NULL, &ipdb, &err), ONUS_OK);
    char got[256];
    assert_string_equal(scene_answer(ipdb, "net 2026-06-17", "192.0.2.1", got),
            "192.0.2.0 to 192.0.2.255 /24 AS0 '' AA");
    onus_ipdb_close(ipdb);
}

static void wrong_lines_name_themselves(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
            {"192.0.2.0,192.0.2.255\n", "line 1 is not"},
            {"192.0.2.0,192.0.2.255,AA\n\n", "line 2 is not"},
            {"192.0.2.0,192.0.2.255,ABC\n", "line 1 is not"},
            {"192.0.2.0,192.0.2.255,64500,a,b\n", "line 1 is not"},
            {"192.0.2.0,192.0.2.255,4294967296,a\n", "line 1 is not"},
            {"192.0.2.0,192.0.2.255,64500,\"a\n", "line 1 is not"},
            {"192.0.2.0,192.0.2.255,64500,\"a\"b\n", "line 1 is not"},
            {"192.0.2.9,192.0.2.8,AA\n", "line 1: a range ends before it begins"},
            {"192.0.2.0,2001:db8::,AA\n", "line 1: a range begins in one address family"},
            {"::,ffff::,AA\n", "line 1: a range of IPv6 holds all of IPv4"},
            {"", "holds no row"},
    };
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        struct onus_ipdb_build build = {.rows = NULL};
        struct onus_ipdb_found found = {.overlap = ONUS_IPDB_OVERLAP_LATER};
        struct onus_error err = ONUS_ERROR_INIT;
        enum onus_code code = onus_ipdb_read_csv(onus_str_of(bad[i].text), &build, &found, &err);
        if (code == ONUS_OK) {
            code = onus_ipdb_build_order(&build, found.overlap, &err);
        }
        assert_int_equal(code, ONUS_E_FORMAT);
        if (strncmp(err.text, bad[i].says, strlen(bad[i].says)) != 0) {
            fail_msg("'%s' says '%s'", bad[i].text, err.text);
        }
        onus_ipdb_build_clear(&build);
    }
}

static void every_truncation_of_a_table_is_read_or_refused_cleanly(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(v4_table); len++) {
        char *exact = malloc(len + 1); /* so that the sanitizers see the true end */
        assert_non_null(exact);
        memcpy(exact, v4_table, len);
        struct onus_ipdb_build build = {.rows = NULL};
        struct onus_ipdb_found found = {.overlap = ONUS_IPDB_OVERLAP_LATER};
        enum onus_code code =
                onus_ipdb_read_csv((struct onus_str){exact, len}, &build, &found, NULL);
        assert_true(code == ONUS_OK || code == ONUS_E_FORMAT);
        onus_ipdb_build_clear(&build);
        free(exact);
    }
}

static void the_nearest_table_is_by_days_then_youth_then_name(void **state)
{
    struct scene *scene = *state;
    scene_text(scene, "b_2026-06-10.csv", "192.0.2.0,192.0.2.255,AA\n");
    scene_text(scene, "a_2026-06-10.csv", "192.0.2.0,192.0.2.255,AA\n");
    scene_text(scene, "c_2026-06-20.csv", "192.0.2.0,192.0.2.255,AA\n");
    scene_text(scene, "n_2020-01-01.csv", "192.0.2.0,192.0.2.255,64500,Old\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    struct onus_ipdb_date day;
    const unsigned country = ONUS_IPDB_COUNTRY | ONUS_IPDB_V4;
    assert_true(onus_ipdb_date_parse(ONUS_STR("2026-06-11"), &day));
    size_t best = onus_ipdb_nearest(ipdb, country, day.day);
    assert_true(onus_str_eq(onus_ipdb_table(ipdb, best)->name, ONUS_STR("a")));
    best = onus_ipdb_nearest(ipdb, country, day.day + 4);
    assert_true(onus_str_eq(onus_ipdb_table(ipdb, best)->name, ONUS_STR("c")));
    best = onus_ipdb_nearest(ipdb, ONUS_IPDB_ASN, day.day);
    assert_true(onus_str_eq(onus_ipdb_table(ipdb, best)->name, ONUS_STR("n")));
    assert_true(onus_ipdb_nearest(ipdb, ONUS_IPDB_ASN | ONUS_IPDB_V6, day.day) == SIZE_MAX);
    onus_ipdb_close(ipdb);
}

/* Overwrites the compiled tables beside the sources. */
static void spoil_compiled(const struct scene *scene)
{
    char command[256];
    (void)snprintf(command, sizeof(command),
            "for f in %s/.onus/*.ipdb; do printf x | dd of=$f bs=1 seek=600 conv=notrunc 2>/dev/null; "
            "done",
            scene->tables);
    assert_int_equal(system(command), 0);
}

static void compiled_tables_follow_their_sources(void **state)
{
    struct scene *scene = *state;
    char got[256];
    char hidden[256];
    scene_text(scene, "net_2026-06.csv", "192.0.2.0,192.0.2.255,AA\n");
    for (int round = 0; round < 3; round++) { /* compiled, taken from its place, spoilt */
        struct onus_ipdb *ipdb = scene_open(scene);
        assert_string_equal(scene_answer(ipdb, "net 2026-06", "192.0.2.1", got),
                "192.0.2.0 to 192.0.2.255 /24 AS0 '' AA");
        onus_ipdb_close(ipdb);
        (void)snprintf(hidden, sizeof(hidden), "%s/.onus", scene->tables);
        assert_int_equal(access(hidden, F_OK), 0);
        if (round == 1) {
            spoil_compiled(scene);
        }
    }
    scene_text(scene, "net_2026-06.csv", "192.0.2.0,192.0.2.255,BBB\n");
    scene_text(scene, "net_2026-06.csv", "192.0.2.0,192.0.2.127,BB\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_string_equal(scene_answer(ipdb, "net 2026-06", "192.0.2.1", got),
            "192.0.2.0 to 192.0.2.127 /25 AS0 '' BB");
    onus_ipdb_close(ipdb);
}

static void nothing_needs_to_be_writable(void **state)
{
    struct scene *scene = *state;
    char got[256];
    char hidden[256];
    scene_text(scene, "net_2026-06.csv", "192.0.2.0,192.0.2.255,AA\n");
    assert_int_equal(chmod(scene->tables, 0555), 0);
    assert_int_equal(unsetenv("XDG_CACHE_HOME"), 0);
    assert_int_equal(setenv("HOME", "/proc/none", 1), 0);
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_string_equal(scene_answer(ipdb, "net 2026-06", "192.0.2.1", got),
            "192.0.2.0 to 192.0.2.255 /24 AS0 '' AA");
    onus_ipdb_close(ipdb);
    (void)snprintf(hidden, sizeof(hidden), "%s/.onus", scene->tables);
    assert_int_not_equal(access(hidden, F_OK), 0);
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    scene_begin(scene);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    scene_end(*state);
    free(*state);
    return 0;
}

#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCENE(every_edge_of_every_row_is_answered_as_written),
            IN_SCENE(an_answer_has_its_row_and_its_prefix),
            IN_SCENE(both_families_of_a_name_and_date_are_one_table),
            IN_SCENE(a_second_table_of_the_same_name_and_date_is_left_out),
            IN_SCENE(a_table_without_a_date_never_answers),
            cmocka_unit_test(wrong_lines_name_themselves),
            cmocka_unit_test(every_truncation_of_a_table_is_read_or_refused_cleanly),
            IN_SCENE(the_nearest_table_is_by_days_then_youth_then_name),
            IN_SCENE(compiled_tables_follow_their_sources),
            IN_SCENE(nothing_needs_to_be_writable),
    };
    return cmocka_run_group_tests_name("net/ipdb", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: lists of shared infrastructure mark an address with kind, list and date, on the
 * days on which they hold and on no other; dates are taken from where they stand.
 * Oracle: the invented lists below, read by eye.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ipdb_scene.h"

#include <stdlib.h>

#include "base/str.h"
#include "net/ipdb_date.h"

static int32_t day_of(const char *text)
{
    struct onus_ipdb_date date;
    assert_true(onus_ipdb_date_parse(onus_str_of(text), &date));
    return date.day;
}

static void a_warning_list_marks_its_members(void **state)
{
    struct scene *scene = *state;
    char got[256];
    scene_text(scene, "example-vpn.json",
            "{\"name\":\"x\",\"version\":20260811,\"type\":\"cidr\","
            "\"list\":[\"192.0.2.0/24\",\"192.0.2.7\",\"2001:db8::/32\"]}");
    scene_text(scene, "some-cloud.json",
            "{\"description\":\"seen on 2026/08/10\",\"version\":26081010,\"type\":\"cidr\","
            "\"list\":[\"192.0.2.128/25\"]}");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_string_equal(scene_shared(ipdb, "192.0.2.7", 0, got), "vpn example-vpn 2026-08-11");
    assert_string_equal(scene_shared(ipdb, "192.0.2.200", 0, got),
            "cloud some-cloud 2026-08-10; vpn example-vpn 2026-08-11");
    assert_string_equal(scene_shared(ipdb, "2001:db8:1::", 0, got), "vpn example-vpn 2026-08-11");
    assert_string_equal(scene_shared(ipdb, "192.0.3.0", 0, got), "-");
    onus_ipdb_close(ipdb);
}

static void a_list_that_is_not_one_is_left_out(void **state)
{
    struct scene *scene = *state;
    scene_text(scene, "good-cdn_2026-01.txt", "# comment\n192.0.2.1\n\n198.51.100.0/24 # more\n");
    scene_text(scene, "a_2026-01.json",
            "{\"type\":\"cidr\",\"type\":\"cidr\",\"list\":[\"192.0.2.0/24\"]}");
    scene_text(scene, "b_2026-01.json", "{\"type\":\"cidr\",\"list\":[\"192.0.2.1/24\"]}");
    scene_text(scene, "c_2026-01.json", "{\"type\":\"cidr\",\"list\":[\"192.0.2.1\",7]}");
    scene_text(scene, "d_2026-01.json", "{\"type\":\"cidr\"");
    scene_text(scene, "e.json", "{\"type\":\"cidr\",\"version\":3,\"list\":[\"192.0.2.0/24\"]}");
    scene_text(scene, "f.json", "{\"type\":\"hostname\",\"list\":[\"example.org\"]}");
    scene_text(scene, "g_2026-01.txt", "192.0.2.1\nexample.org\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_int_equal(onus_ipdb_list_count(ipdb), 1);
    static const struct {
        const char *says;
        bool refused;
    } expected[] = {{"duplicate", true}, {"member 1, '192.0.2.1/24'", true}, {"member 2", true},
            {"is not JSON", true}, {"no date", true}, {"holds no addresses", false},
            {"line 2 is not an address", true}};
    assert_int_equal(onus_ipdb_note_count(ipdb), ONUS_COUNT(expected));
    for (size_t i = 0; i < ONUS_COUNT(expected); i++) {
        struct onus_ipdb_note note = onus_ipdb_note(ipdb, i);
        assert_int_equal(note.refused, expected[i].refused);
        if (!onus_str_has(note.text, onus_str_of(expected[i].says))) {
            fail_msg("'%s' lacks '%s'", note.text.ptr, expected[i].says);
        }
    }
    char got[256];
    assert_string_equal(scene_shared(ipdb, "198.51.100.9", 0, got), "cdn good-cdn 2026-01");
    onus_ipdb_close(ipdb);
}

static void an_exit_is_marked_on_its_days_only(void **state)
{
    struct scene *scene = *state;
    char got[256];
    scene_text(scene, "tor_exit_intervals_2018-03_2024-02.tsv",
            "ip\tfirst_seen\tlast_seen\tdays_seen\n"
            "192.0.2.1\t2020-01-10\t2020-01-12\t3\n"
            "192.0.2.1\t2018-05-01\t2018-05-01\t1\n"
            "<html>\t2020-01-10\t2020-01-12\t3\n"
            "2001:db8::1\t2019-01-01\t2019-12-31\t365\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    static const struct {
        const char *address, *day, *expected;
    } cases[] = {
            {"192.0.2.1", "2020-01-09", "-"},
            {"192.0.2.1", "2020-01-10", "tor-exit tor_exit_intervals 2020-01-10/2020-01-12"},
            {"192.0.2.1", "2020-01-12", "tor-exit tor_exit_intervals 2020-01-10/2020-01-12"},
            {"192.0.2.1", "2020-01-13", "-"},
            {"192.0.2.1", "2018-05-01", "tor-exit tor_exit_intervals 2018-05-01/2018-05-01"},
            {"192.0.2.2", "2020-01-10", "-"},
            {"2001:db8::1", "2019-06-01", "tor-exit tor_exit_intervals 2019-01-01/2019-12-31"},
    };
    for (size_t i = 0; i < ONUS_COUNT(cases); i++) {
        assert_string_equal(scene_shared(ipdb, cases[i].address, day_of(cases[i].day), got),
                cases[i].expected);
    }
    assert_string_equal(scene_shared(ipdb, "192.0.2.1", ONUS_IPDB_ANY_DAY, got),
            "tor-exit tor_exit_intervals 2020-01-10/2020-01-12");
    struct onus_ipdb_list list;
    onus_ipdb_list(ipdb, 0, &list);
    assert_int_equal(list.rows, 3);
    assert_int_equal(list.left_out, 1);
    onus_ipdb_close(ipdb);
}

static void a_snapshot_of_exits_does_not_reach_far(void **state)
{
    struct scene *scene = *state;
    char got[256];
    scene_text(scene, "tor_exit_2018-06-15.txt", "192.0.2.1\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_string_equal(scene_shared(ipdb, "192.0.2.1", day_of("2018-06-15"), got),
            "tor-exit tor_exit 2018-06-15");
    assert_string_equal(scene_shared(ipdb, "192.0.2.1", day_of("2018-06-22"), got),
            "tor-exit tor_exit 2018-06-15");
    assert_string_equal(scene_shared(ipdb, "192.0.2.1", day_of("2018-06-23"), got), "-");
    assert_string_equal(scene_shared(ipdb, "192.0.2.1", day_of("2018-06-07"), got), "-");
    onus_ipdb_close(ipdb);
}

static void tor_geoip_says_its_own_date(void **state)
{
    struct scene *scene = *state;
    char got[256];
    scene_text(scene, "geoip",
            "# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n3221225984,3221226239,AA\n"
            "3325256704,3325256959,??\n");
    scene_text(scene, "geoip6",
            "# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n2001:db8::,2001:db8::ff,BB\n");
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_int_equal(onus_ipdb_table_count(ipdb), 1);
    assert_string_equal(scene_answer(ipdb, "tor-geoip 2026-06-25", "192.0.2.1", got),
            "192.0.2.0 to 192.0.2.255 /24 AS0 '' AA");
    assert_string_equal(scene_answer(ipdb, "tor-geoip 2026-06-25", "198.51.100.1", got),
            "198.51.100.0 to 198.51.100.255 /24 AS0 '' ");
    assert_string_equal(scene_answer(ipdb, "tor-geoip 2026-06-25", "2001:db8::1", got),
            "2001:db8:: to 2001:db8::ff /120 AS0 '' BB");
    onus_ipdb_close(ipdb);
}

static void assert_named(const char *file, const char *name, const char *date)
{
    struct onus_str got;
    struct onus_ipdb_date when;
    onus_ipdb_date_from_file_name(onus_str_of(file), &got, &when);
    assert_true(onus_str_eq(got, onus_str_of(name)));
    assert_string_equal(when.text, date);
}

static void a_file_name_says_name_and_date(void **state)
{
    (void)state;
    assert_named("asn-ipv4_2026-06.csv.zst", "asn", "2026-06");
    assert_named("libloc_2022-10-29.location.db.zst", "libloc", "2022-10-29");
    assert_named("tor_exit_2018-06-15.txt", "tor_exit", "2018-06-15");
    assert_named("tor_exit_intervals_2018-03_2024-02.tsv.gz", "tor_exit_intervals", "2024-02");
    assert_named("x_20260617.csv", "x", "2026-06-17");
    assert_named("x_2026-13.csv", "x_2026-13", "");
    assert_named("x_2026-02-30.csv", "x_2026-02-30", "");
    assert_named("x_2026-061.csv", "x_2026-061", "");
    assert_named("asn-ipv6.csv", "asn", "");
    assert_named("_2026-06.csv", "_2026-06", "");
}

static void a_month_is_its_fifteenth(void **state)
{
    (void)state;
    struct onus_ipdb_date date;
    assert_int_equal(day_of("2026-06"), day_of("2026-06-15"));
    assert_int_equal(day_of("2000-03-01"), 11017);
    assert_false(onus_ipdb_date_of_unix(INT64_MAX, &date));
    assert_false(onus_ipdb_date_of_unix(-1, &date));
    assert_true(onus_ipdb_date_of_unix(1667001600, &date));
    assert_string_equal(date.text, "2022-10-29");
    assert_true(onus_ipdb_date_from_version(ONUS_STR("2.3.2026061719"), &date));
    assert_string_equal(date.text, "2026-06-17");
    assert_false(onus_ipdb_date_from_version(ONUS_STR("2.3.1"), &date));
    assert_false(onus_ipdb_date_from_version(ONUS_STR("2.3.2026991719"), &date));
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
            IN_SCENE(a_warning_list_marks_its_members),
            IN_SCENE(a_list_that_is_not_one_is_left_out),
            IN_SCENE(an_exit_is_marked_on_its_days_only),
            IN_SCENE(a_snapshot_of_exits_does_not_reach_far),
            IN_SCENE(tor_geoip_says_its_own_date),
            cmocka_unit_test(a_file_name_says_name_and_date),
            cmocka_unit_test(a_month_is_its_fifteenth),
    };
    return cmocka_run_group_tests_name("net/ipdb lists", tests, NULL, NULL);
}

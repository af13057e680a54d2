/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a share of addresses depends on the date of the table, and the program keeps the
 * dates apart: of eight addresses published in 2016, which were said to be six of eight at one
 * provider, 0, 4 and 4 are at AS14576 by the tables of 2014, 2025 and 2026.
 * Oracle: the published list with its column of networks. Both are kept outside the repository
 * (ONUS_SHARED, by default ../shared); without them the test is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ipdb_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "net/address_list.h"
#include "net/ipdb_source.h"

static const char *const tables[] = {"asn-ipv4_2014-02.csv.zst", "asn-ipv4_2025-04.csv.zst",
        "asn-ipv4_2026-06.csv.zst"};

static bool shared_path(const char *below, char *out, size_t room)
{
    const char *shared = getenv("ONUS_SHARED");
    const char *root = getenv("SOURCE_ROOT");
    int n = shared ? snprintf(out, room, "%s/data/%s", shared, below)
                   : snprintf(out, room, "%s/../shared/data/%s", root ? root : ".", below);
    return n > 0 && (size_t)n < room && access(out, R_OK) == 0;
}

/* The tables are linked into the scene, so that nothing is written where they are kept. */
static bool link_tables(const struct scene *scene)
{
    for (size_t i = 0; i < ONUS_COUNT(tables); i++) {
        char from[512];
        char to[512];
        char below[128];
        char *whole = NULL;
        (void)snprintf(below, sizeof(below), "ipdb/%s", tables[i]);
        (void)snprintf(to, sizeof(to), "%s/%s", scene->tables, tables[i]);
        if (!shared_path(below, from, sizeof(from)) || !(whole = realpath(from, NULL))) {
            (void)fprintf(stderr, "skipped: no %s\n", below);
            return false;
        }
        int failed = symlink(whole, to);
        free(whole);
        assert_int_equal(failed, 0);
    }
    return true;
}

static unsigned count_at(const struct onus_ipdb *ipdb, size_t table, struct onus_str list,
        uint32_t asn, unsigned *out_addresses)
{
    struct onus_str line;
    unsigned count = 0;
    *out_addresses = 0;
    while (onus_ipdb_next_line(&list, &line)) {
        struct onus_address address;
        struct onus_ipdb_answer answer;
        if (onus_address_line(line, &address) == ONUS_ADDRESS_LINE_HELD) {
            ++*out_addresses;
            count += onus_ipdb_lookup(ipdb, table, &address, &answer) && answer.asn == asn;
        }
    }
    return count;
}

static void the_share_of_the_eight_depends_on_the_date(void **state)
{
    struct scene *scene = *state;
    char path[512];
    if (!shared_path("indicators/fbi_flash_2016_eight_ips.tsv", path, sizeof(path))) {
        (void)fprintf(stderr, "skipped: no indicators/fbi_flash_2016_eight_ips.tsv\n");
        skip();
    }
    if (!link_tables(scene)) {
        skip();
    }
    struct onus_buffer list = {.limit = 0};
    assert_int_equal(onus_ipdb_source_read(path, &list, NULL), ONUS_OK);
    struct onus_ipdb *ipdb = scene_open(scene);
    static const unsigned expected[] = {0, 4, 4};
    static const char *const dates[] = {"2014-02", "2025-04", "2026-06"};
    assert_int_equal(onus_ipdb_table_count(ipdb), ONUS_COUNT(tables));
    for (size_t i = 0; i < ONUS_COUNT(expected); i++) {
        unsigned addresses = 0;
        assert_true(onus_str_eq(onus_ipdb_table(ipdb, i)->date, onus_str_of(dates[i])));
        assert_int_equal(count_at(ipdb, i, onus_buffer_view(&list), 14576, &addresses),
                expected[i]);
        assert_int_equal(addresses, 8);
    }
    onus_ipdb_close(ipdb);
    onus_buffer_clear(&list);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(the_share_of_the_eight_depends_on_the_date, set_up,
                    tear_down),
    };
    return cmocka_run_group_tests_name("net/ipdb eight", tests, NULL, NULL);
}

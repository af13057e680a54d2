/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a MaxMind DB compiled into a table answers as the file itself does, on every
 * edge of every prefix; a damaged one is refused or read, never followed outside.
 * Oracle: MMDB_lookup_sockaddr() on the same bytes; the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ipdb_scene.h"
#include "mmdb_scene.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/ipdb_build.h"
#include "net/ipdb_read.h"

static const struct mmdb_prefix six[] = {
        {"::192.0.2.0", 120, {"country_code", "AA"}},
        {"::192.0.3.128", 121, {"country_code", "BB"}},
        {"::198.51.100.7", 128, {"country_code", "AA"}},
        {"2001:db8::", 32, {"country_code", "CC"}},
        {"2001:db9:8000::", 33, {"country_code", "AA"}},
};

static const struct mmdb_prefix four[] = {
        {"192.0.2.0", 24,
                {"#autonomous_system_number", "64500", "autonomous_system_organization",
                        "Example Ltd"}},
        {"198.51.100.128", 25, {"#autonomous_system_number", "64501"}},
};

/* What the library says about one address. */
static bool ask_library(MMDB_s *db, onus_wide address, char country[3])
{
    struct onus_address raw = onus_wide_address(address);
    int error = 0;
    MMDB_lookup_result_s found;
    if (onus_address_is_v4(&raw)) {
        struct sockaddr_in sa = {.sin_family = AF_INET};
        memcpy(&sa.sin_addr, raw.bytes + 12, 4);
        found = MMDB_lookup_sockaddr(db, (const struct sockaddr *)(const void *)&sa, &error);
    } else {
        struct sockaddr_in6 sa = {.sin6_family = AF_INET6};
        memcpy(&sa.sin6_addr, raw.bytes, 16);
        found = MMDB_lookup_sockaddr(db, (const struct sockaddr *)(const void *)&sa, &error);
    }
    assert_int_equal(error, MMDB_SUCCESS);
    if (!found.found_entry) {
        return false;
    }
    MMDB_entry_data_s data;
    assert_int_equal(MMDB_get_value(&found.entry, &data, "country_code", NULL), MMDB_SUCCESS);
    memcpy(country, data.utf8_string, 2);
    return true;
}

static void the_table_answers_as_the_library_does(void **state)
{
    struct scene *scene = *state;
    struct onus_buffer bytes = {.limit = 0};
    char path[256];
    mmdb_scene(&bytes, six, ONUS_COUNT(six), true);
    scene_write(scene, "small.mmdb", bytes.ptr, bytes.len);
    (void)snprintf(path, sizeof(path), "%s/small.mmdb", scene->tables);
    MMDB_s db;
    assert_int_equal(MMDB_open(path, MMDB_MODE_MMAP, &db), MMDB_SUCCESS);
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_int_equal(onus_ipdb_table(ipdb, 0)->rows, ONUS_COUNT(six));
    for (size_t i = 0; i < ONUS_COUNT(six); i++) {
        struct onus_address start;
        bool v4 = strchr(six[i].address, '.') != NULL;
        assert_true(onus_address_parse(onus_str_of(six[i].address + (v4 ? 2 : 0)), &start));
        onus_wide first = onus_wide_of(&start);
        onus_wide last = first | (((onus_wide)1 << (128 - six[i].bits)) - 1);
        const onus_wide edges[] = {first - 1, first, last, last + 1};
        for (size_t e = 0; e < ONUS_COUNT(edges); e++) {
            char theirs[3] = "";
            struct onus_ipdb_answer ours = {.country = ""};
            struct onus_address address = onus_wide_address(edges[e]);
            assert_int_equal(onus_ipdb_lookup(ipdb, 0, &address, &ours),
                    ask_library(&db, edges[e], theirs));
            assert_string_equal(ours.country, theirs);
        }
    }
    onus_ipdb_close(ipdb);
    MMDB_close(&db);
    onus_buffer_clear(&bytes);
}

static void networks_and_the_date_come_from_the_file(void **state)
{
    struct scene *scene = *state;
    struct onus_buffer bytes = {.limit = 0};
    char got[256];
    mmdb_scene(&bytes, four, ONUS_COUNT(four), false);
    scene_write(scene, "nets.mmdb", bytes.ptr, bytes.len);
    struct onus_ipdb *ipdb = scene_open(scene);
    assert_string_equal(scene_answer(ipdb, "nets 2026-06-17", "192.0.2.9", got),
            "192.0.2.0 to 192.0.2.255 /24 AS64500 'Example Ltd' ");
    assert_string_equal(scene_answer(ipdb, "nets 2026-06-17", "198.51.100.200", got),
            "198.51.100.128 to 198.51.100.255 /25 AS64501 '' ");
    assert_string_equal(scene_answer(ipdb, "nets 2026-06-17", "198.51.100.1", got), "-");
    onus_ipdb_close(ipdb);
    onus_buffer_clear(&bytes);
}

static void a_tree_whose_branches_meet_is_refused(void **state)
{
    (void)state;
    struct onus_buffer bytes = {.limit = 0};
    struct onus_ipdb_build build = {.rows = NULL};
    struct onus_ipdb_found found = {.overlap = ONUS_IPDB_OVERLAP_LATER};
    struct onus_error err = ONUS_ERROR_INIT;
    mmdb_scene(&bytes, six, ONUS_COUNT(six), true);
    for (size_t node = 0; node < 90; node++) { /* both records of each point at the next one */
        const char next[6] = {0, 0, (char)(node + 1), 0, 0, (char)(node + 1)};
        memcpy(bytes.ptr + 6 * node, next, sizeof(next));
    }
    assert_int_equal(onus_ipdb_read_mmdb(onus_buffer_view(&bytes), &build, &found, &err),
            ONUS_E_FORMAT);
    onus_ipdb_build_clear(&build);
    onus_buffer_clear(&bytes);
}

static void changed_bytes_are_read_or_refused_cleanly(void **state)
{
    (void)state;
    struct onus_buffer bytes = {.limit = 0};
    mmdb_scene(&bytes, four, ONUS_COUNT(four), false);
    for (size_t i = 0; i < bytes.len; i++) {
        char kept = bytes.ptr[i];
        bytes.ptr[i] = (char)(kept ^ 0x41);
        struct onus_ipdb_build build = {.rows = NULL};
        struct onus_ipdb_found found = {.overlap = ONUS_IPDB_OVERLAP_LATER};
        enum onus_code code = onus_ipdb_read_mmdb(onus_buffer_view(&bytes), &build, &found, NULL);
        assert_true(code == ONUS_OK || code == ONUS_E_FORMAT);
        onus_ipdb_build_clear(&build);
        bytes.ptr[i] = kept;
    }
    onus_buffer_clear(&bytes);
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
            cmocka_unit_test_setup_teardown(the_table_answers_as_the_library_does, set_up,
                    tear_down),
            cmocka_unit_test_setup_teardown(networks_and_the_date_come_from_the_file, set_up,
                    tear_down),
            cmocka_unit_test(a_tree_whose_branches_meet_is_refused),
            cmocka_unit_test(changed_bytes_are_read_or_refused_cleanly),
    };
    return cmocka_run_group_tests_name("net/ipdb mmdb", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: what a sealed case on a disk can show: its batches become bundles that a reader of its
 * own policy accepts, with the numbers of the lines that were fed; a file that was changed shows as that.
 * Oracle: the checker of proof/, and the lines by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "evidence/bundle_write.h"
#include "evidence/holdings.h"
#include "evidence/prove.h"
#include "proof/bundle_check.h"
#include "proof/bundle_text.h"
#include "seal_scene.h"
#include "sys/durable.h"

static const char text[] = "T1466985600 A203.0.113.7 N1 failed for root\n"
                           "T1466985601 A203.0.113.7 N1 failed for admin\n"
                           "T1466985602 A192.0.2.10 N0 accepted for ops\n"
                           "no time and no address\n"
                           "T1466985700 A203.0.113.99 N1 failed for root\n"
                           "T1467072000 A203.0.113.7 N5 failed again\n"
                           "T1467072001 A2001:db8::7 N1 failed again\n";

struct opened {
    struct scene scene;
    struct onus_vault *vault;
    struct onus_arena arena;
    struct onus_holdings holdings;
    struct onus_str policy;
};

static void open_case(struct opened *opened, bool parts)
{
    memset(opened, 0, sizeof(*opened));
    onus_arena_init(&opened->arena, SIZE_MAX);
    assert_true(scene_new(&opened->scene));
    opened->scene.parts = parts;
    assert_int_equal(scene_seal(&opened->scene, "log/auth.log", ONUS_STR(text)), ONUS_OK);
    assert_int_equal(scene_open(&opened->scene, false, &opened->vault), ONUS_OK);
    struct onus_error err = ONUS_ERROR_INIT;
    if (onus_holdings_of_vault(opened->vault, &opened->arena, &opened->holdings, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(onus_durable_read(onus_vault_at(opened->vault), "policy", 1 << 20,
                             &opened->arena, &opened->policy, NULL),
            ONUS_OK);
}

static void close_case(struct opened *opened)
{
    onus_vault_close(opened->vault);
    onus_arena_clear(&opened->arena);
    scene_remove(&opened->scene);
}

static void assert_proves(struct opened *opened, const char *question, const char *says)
{
    struct onus_query query;
    struct onus_proven proven;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_prove_options options = {.holdings = &opened->holdings};
    struct onus_buffer bytes = {.limit = 0};
    struct onus_buffer answer = {.limit = 0};
    struct onus_policy policy;
    struct onus_bundle_facts facts;
    struct onus_arena arena;
    onus_arena_init(&arena, SIZE_MAX);
    assert_int_equal(onus_query_parse(onus_str_of(question), &query, &err), ONUS_OK);
    if (onus_prove(&query, &options, &arena, &proven, &err) != ONUS_OK) {
        fail_msg("%s: %s", question, err.text);
    }
    onus_bundle_write(&proven.bundle, &bytes);
    assert_int_equal(onus_policy_parse(opened->policy, &arena, &policy, &err), ONUS_OK);
    if (onus_bundle_check(&policy, onus_buffer_view(&bytes), &arena, &facts, &err) != ONUS_OK) {
        fail_msg("%s: refused: %s", question, err.text);
    }
    onus_bundle_text(&answer, &facts, NULL);
    if (!onus_str_has(onus_buffer_view(&answer), onus_str_of(says))) {
        fail_msg("'%s' is not in:\n%.*s", says, (int)answer.len, answer.ptr);
    }
    onus_buffer_clear(&bytes);
    onus_buffer_clear(&answer);
    onus_arena_clear(&arena);
}

static void a_sealed_case_answers_questions(void **state)
{
    (void)state;
    static const struct {
        const char *question, *says;
    } cases[] = {
            {"all", "total: 7 lines, 9 attempts, in batches 0 to 1"},
            {"attempts from 203.0.113.7", "total 203.0.113.7: 3 lines, 7 attempts"},
            {"attempts from 203.0.113.0/24 on 2016-06-27",
                    "total 203.0.113.0 up to, without, 203.0.114.0: 3 lines, 3 attempts, in batch 0"},
            {"attempts from 203.0.113.7 on 2016-06-27",
                    "total 203.0.113.7: 2 lines, 2 attempts, in batch 0"},
            {"none from 198.51.100.1", "total 198.51.100.1: 0 lines, 0 attempts"},
            {"no batch missing", "no batch is missing: batches 0 to 1"},
            {"sealed auth.log:3,6", "batch 1 of source"},
            {"at least 3 'failed'", "at least 3 lines contain: failed"},
    };
    for (unsigned parts = 0; parts < 2; parts++) {
        struct opened opened;
        open_case(&opened, parts == 1);
        assert_int_equal(opened.holdings.count, 2); /* a later day closes a batch */
        for (size_t i = 0; i < ONUS_COUNT(cases); i++) {
            assert_proves(&opened, cases[i].question, cases[i].says);
        }
        close_case(&opened);
    }
}

static void what_was_changed_on_the_disk_shows(void **state)
{
    (void)state;
    struct opened opened;
    open_case(&opened, false);
    char path[256];
    char inside[ONUS_BATCH_PATH_MAX];
    onus_batch_path(&opened.holdings.list[0].tag, 0, ".idx", inside);
    (void)snprintf(path, sizeof(path), "%s/%s", opened.scene.path, inside);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    int last = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    assert_true(fputc(last ^ 1, file) != EOF && fclose(file) == 0);
    struct onus_query query;
    struct onus_proven proven;
    struct onus_prove_options options = {.holdings = &opened.holdings};
    assert_int_equal(onus_query_parse(ONUS_STR("all"), &query, NULL), ONUS_OK);
    enum onus_code code = onus_prove(&query, &options, &opened.arena, &proven, NULL);
    assert_true(code == ONUS_E_MISMATCH || code == ONUS_E_FORMAT);
    close_case(&opened);
}

static void nothing_signed_shows_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_vault *vault = NULL;
    struct onus_arena arena;
    struct onus_holdings holdings;
    onus_arena_init(&arena, SIZE_MAX);
    assert_true(scene_new(&scene));
    assert_int_equal(scene_open(&scene, false, &vault), ONUS_OK);
    assert_int_equal(onus_holdings_of_vault(vault, &arena, &holdings, NULL), ONUS_E_MISSING);
    onus_vault_close(vault);
    onus_arena_clear(&arena);
    scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_sealed_case_answers_questions),
            cmocka_unit_test(what_was_changed_on_the_disk_shows),
            cmocka_unit_test(nothing_signed_shows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a changed bit, a missing or moved line of the custody log is found and named; the same
 * for tombs, holds and the plan of an erasure; every allocation may fail; a line that a crash cut off is no
 * fault and the next one follows the last whole one.
 * Oracle: the bytes as they were written, and each of their bits turned over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "crypto/age.h"
#include "evidence/custody.h"
#include "evidence/erase.h"
#include "evidence/hold.h"
#include "evidence/tomb.h"
#include "seal_scene.h"
#include "sys/durable.h"

static struct onus_custody_event event_of(const char *what, struct onus_str detail)
{
    return (struct onus_custody_event){.what = what,
            .detail = detail,
            .tool = "onus 0",
            .now = 1466997180};
}

/* A log of `count` lines. */
static void make_log(struct onus_buffer *out, size_t count)
{
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 24);
    for (size_t i = 0; i < count; i++) {
        struct onus_custody custody;
        char words[64];
        (void)snprintf(words, sizeof(words), "batch %zu,\tand \x1b[31m more", i);
        assert_int_equal(onus_custody_parse(onus_buffer_view(out), &arena, &custody, NULL),
                ONUS_OK);
        struct onus_custody_event event = event_of(ONUS_CUSTODY_SEAL, onus_str_of(words));
        onus_custody_add(&custody, ONUS_STR("Example Party"), &event, out);
        onus_arena_clear(&arena);
    }
    assert_int_equal(onus_buffer_status(out, NULL), ONUS_OK);
}

static void what_was_noted_is_read_back(void **state)
{
    (void)state;
    struct onus_buffer text = {0};
    struct onus_arena arena;
    struct onus_custody custody;
    uint64_t number = 0;
    onus_arena_init(&arena, 1 << 24);
    make_log(&text, 3);
    assert_int_equal(onus_custody_parse(onus_buffer_view(&text), &arena, &custody, NULL), ONUS_OK);
    assert_int_equal(custody.count, 3);
    assert_int_equal(custody.used, text.len);
    assert_true(onus_str_eq(custody.lines[1].detail, ONUS_STR("batch 1,\\x09and \\x1b[31m more")));
    assert_true(onus_str_eq(custody.lines[1].party, ONUS_STR("Example Party")));
    assert_true(onus_digest_eq(&custody.lines[2].before, &custody.lines[1].sum));
    assert_true(onus_custody_has(&custody, &custody.lines[1].sum, &number));
    assert_int_equal(number, 2);
    struct onus_digest other = {{1}};
    assert_false(onus_custody_has(&custody, &other, &number));
    onus_arena_clear(&arena);
    onus_buffer_clear(&text);
}

static void each_changed_bit_of_the_log_is_found(void **state)
{
    (void)state;
    struct onus_buffer text = {0};
    struct onus_error err = ONUS_ERROR_INIT;
    size_t unseen = 0;
    make_log(&text, 3);
    for (size_t bit = 0; bit < text.len * 8; bit++) {
        struct onus_arena arena;
        struct onus_custody custody;
        onus_arena_init(&arena, 1 << 24);
        text.ptr[bit / 8] = (char)(text.ptr[bit / 8] ^ 1 << bit % 8);
        enum onus_code code = onus_custody_parse(onus_buffer_view(&text), &arena, &custody, &err);
        if (code != ONUS_E_MISMATCH && code != ONUS_E_FORMAT) {
            print_message("byte %zu bit %zu can change unseen\n", bit / 8, bit % 8);
            unseen++;
        }
        text.ptr[bit / 8] = (char)(text.ptr[bit / 8] ^ 1 << bit % 8);
        onus_arena_clear(&arena);
    }
    assert_int_equal(unseen, 0);
    onus_buffer_clear(&text);
}

static void a_line_that_is_missing_or_moved_is_named(void **state)
{
    (void)state;
    struct onus_buffer text = {0};
    struct onus_buffer other = {0};
    struct onus_arena arena;
    struct onus_custody custody;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_arena_init(&arena, 1 << 24);
    make_log(&text, 4);
    struct onus_str rest = onus_buffer_view(&text);
    struct onus_str lines[5];
    for (size_t i = 0; i < 5; i++) {
        assert_true(onus_str_cut(&rest, '\n', &lines[i]));
    }
    static const unsigned orders[][5] = {{0, 1, 3, 4, 9}, {0, 1, 3, 2, 4}, {0, 1, 2, 2, 3}};
    static const char *const names[] = {"line 2", "line 2", "line 2"};
    for (size_t i = 0; i < ONUS_COUNT(orders); i++) {
        onus_buffer_clear(&other);
        for (size_t j = 0; j < 5 && orders[i][j] < 5; j++) {
            onus_buffer_add_str(&other, lines[orders[i][j]]);
            onus_buffer_add_char(&other, '\n');
        }
        assert_int_equal(onus_custody_parse(onus_buffer_view(&other), &arena, &custody, &err),
                ONUS_E_MISMATCH);
        assert_non_null(strstr(err.text, names[i]));
    }
    onus_arena_clear(&arena);
    onus_buffer_clear(&text);
    onus_buffer_clear(&other);
}

static void a_line_that_a_crash_cut_off_is_no_fault(void **state)
{
    (void)state;
    struct onus_buffer text = {0};
    make_log(&text, 3);
    for (size_t length = 0; length < text.len; length++) {
        struct onus_arena arena;
        struct onus_custody custody;
        onus_arena_init(&arena, 1 << 24);
        struct onus_str cut = onus_str_sub(onus_buffer_view(&text), 0, length);
        assert_int_equal(onus_custody_parse(cut, &arena, &custody, NULL), ONUS_OK);
        assert_int_equal(custody.used + custody.cut, length);
        assert_true(custody.count < 3);
        onus_arena_clear(&arena);
    }
    onus_buffer_clear(&text);
}

static void the_log_of_a_case_grows_and_a_crash_costs_one_line_at_most(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_vault *vault = NULL;
    struct onus_arena arena;
    struct onus_custody custody;
    size_t noted = 0;
    assert_true(scene_new(&scene));
    onus_arena_init(&arena, 1 << 24);
    assert_int_equal(scene_open(&scene, false, &vault), ONUS_OK);
    struct onus_custody_event event = event_of(ONUS_CUSTODY_PROVE, ONUS_STR("bundle 1"));
    for (long n = 0; n < 6; n++) {
        onus_durable_fault_after(n, ONUS_FAULT_SHORT);
        bool done = onus_custody_note(vault, &event, NULL) == ONUS_OK;
        onus_durable_fault_after(-1, ONUS_FAULT_SHORT);
        assert_int_equal(onus_custody_read(onus_vault_at(vault), &arena, &custody, NULL), ONUS_OK);
        assert_true(custody.count >= noted + done);
        noted = custody.count;
    }
    assert_true(noted > 0);
    assert_int_equal(onus_custody_note_once(vault, &event, NULL), ONUS_OK);
    assert_int_equal(onus_custody_read(onus_vault_at(vault), &arena, &custody, NULL), ONUS_OK);
    assert_int_equal(custody.count, noted);
    onus_vault_close(vault);
    onus_arena_clear(&arena);
    scene_remove(&scene);
}

/* ---- tombs, holds, plans --------------------------------------------------------------------- */

static void make_tomb(struct onus_buffer *out, bool rollup)
{
    const struct onus_tomb_act acts[] = {{1466997180, ONUS_STR("Art. 17")},
            {1466997181, ONUS_STR("retention")}};
    static const struct onus_tomb_range ranges[] = {{0, 2, 1}, {5, 1, 0}};
    static const uint64_t gone[] = {0, 1, 5, 16};
    static const struct onus_digest commits[4] = {{{1}}, {{2}}, {{3}}, {{4}}};
    struct onus_salt salts[33];
    memset(salts, 0x5a, sizeof(salts));
    struct onus_tomb tomb = {.profile = ONUS_PROFILE_MANIFEST,
            .tag = {{7}},
            .first = 3,
            .last = 3,
            .acts = acts,
            .act_count = 2,
            .ranges = ranges,
            .range_count = 2,
            .pack_size = 100,
            .pack = {{9}},
            .slots = 33,
            .gone = gone,
            .gone_count = 4,
            .commits = commits,
            .salts = salts};
    if (rollup) {
        tomb.profile = ONUS_PROFILE_ROLLUP;
        tomb.last = 9;
        tomb.range_count = 0;
        tomb.pack_size = 0;
        tomb.pack = (struct onus_digest){{0}};
    }
    onus_tomb_format(&tomb, out);
    assert_int_equal(onus_buffer_status(out, NULL), ONUS_OK);
}

static void make_holds(struct onus_buffer *out)
{
    const struct onus_hold items[] = {{.time = 1,
                                              .all = true,
                                              .last = ONUS_SEQ_MAX,
                                              .thread = ONUS_STR("m 1"),
                                              .reason = ONUS_STR("because")},
            {.time = 2,
                    .tag = {{7}},
                    .first = 3,
                    .last = 4,
                    .thread = ONUS_STR("m-2"),
                    .reason = ONUS_STR("asked for")}};
    onus_holds_format(&(struct onus_holds){items, 2}, out);
    assert_int_equal(onus_buffer_status(out, NULL), ONUS_OK);
}

static void make_plan(struct onus_buffer *out)
{
    static const struct onus_erase_range ranges[] = {{0, 2}, {5, 1}};
    static const uint64_t rows[] = {1, 4};
    const struct onus_erase_part parts[] = {{.tag = {{7}},
                                                    .first = 3,
                                                    .last = 3,
                                                    .generation = 2,
                                                    .ranges = ranges,
                                                    .range_count = 2,
                                                    .rows = rows,
                                                    .row_count = 2},
            {.rollup = true,
                    .tag = {{7}},
                    .first = 0,
                    .last = 9,
                    .generation = 1,
                    .rows = rows,
                    .row_count = 1}};
    struct onus_age_identity identity = {{1, 2, 3}};
    struct onus_age_recipient recipient;
    char text[ONUS_AGE_RECIPIENT_TEXT];
    assert_int_equal(onus_age_recipient_of(&identity, &recipient, NULL), ONUS_OK);
    onus_age_recipient_format(&recipient, text);
    struct onus_erase_plan plan = {.time = 1466997180,
            .basis = ONUS_STR("Art. 17"),
            .who = ONUS_STR("Example Party"),
            .tool = ONUS_STR("onus 0"),
            .words = ONUS_STR("3 lines"),
            .recipient = onus_str_of(text),
            .parts = parts,
            .part_count = 2};
    onus_erase_format(&plan, out);
    assert_int_equal(onus_buffer_status(out, NULL), ONUS_OK);
}

/* Parse, and write again what was read. */
static enum onus_code pass_tomb(struct onus_str bytes, struct onus_arena *arena,
        struct onus_buffer *out)
{
    struct onus_tomb tomb;
    enum onus_code code = onus_tomb_parse(bytes, arena, &tomb, NULL);
    if (code == ONUS_OK) {
        onus_tomb_format(&tomb, out);
    }
    return code;
}

static enum onus_code pass_holds(struct onus_str bytes, struct onus_arena *arena,
        struct onus_buffer *out)
{
    struct onus_holds holds;
    enum onus_code code = onus_holds_parse(bytes, arena, &holds, NULL);
    if (code == ONUS_OK) {
        onus_holds_format(&holds, out);
    }
    return code;
}

static enum onus_code pass_plan(struct onus_str bytes, struct onus_arena *arena,
        struct onus_buffer *out)
{
    struct onus_erase_plan plan;
    enum onus_code code = onus_erase_parse(bytes, arena, &plan, NULL);
    if (code == ONUS_OK) {
        onus_erase_format(&plan, out);
    }
    return code;
}

typedef enum onus_code (
        *passing)(struct onus_str bytes, struct onus_arena *arena, struct onus_buffer *out);

static void check_file(struct onus_buffer *file, passing pass)
{
    struct onus_arena arena;
    struct onus_buffer again = {0};
    onus_arena_init(&arena, 1 << 24);
    assert_int_equal(pass(onus_buffer_view(file), &arena, &again), ONUS_OK);
    assert_true(onus_str_eq(onus_buffer_view(file), onus_buffer_view(&again)));
    onus_buffer_clear(&again);
    onus_arena_clear(&arena);
    size_t unseen = 0;
    for (size_t bit = 0; bit < file->len * 8; bit++) {
        file->ptr[bit / 8] = (char)(file->ptr[bit / 8] ^ 1 << bit % 8);
        unseen += pass(onus_buffer_view(file), &arena, &again) != ONUS_E_FORMAT;
        file->ptr[bit / 8] = (char)(file->ptr[bit / 8] ^ 1 << bit % 8);
        onus_arena_clear(&arena);
    }
    for (size_t length = 0; length < file->len; length++) {
        struct onus_str cut = onus_str_sub(onus_buffer_view(file), 0, length);
        unseen += pass(cut, &arena, &again) != ONUS_E_FORMAT;
        onus_arena_clear(&arena);
    }
    assert_int_equal(unseen, 0);
    /* Each allocation fails once. */
    long n = 0;
    enum onus_code code = ONUS_E_MEMORY;
    for (; code != ONUS_OK; n++) {
        onus_buffer_clear(&again);
        onus_arena_fail_after(n);
        code = pass(onus_buffer_view(file), &arena, &again);
        onus_arena_fail_after(-1);
        onus_arena_clear(&arena);
        assert_true(code == ONUS_OK || code == ONUS_E_MEMORY);
        assert_true(n < 50);
    }
    assert_true(n > 1);
    onus_buffer_clear(&again);
    onus_buffer_clear(file);
}

static void a_tomb_is_read_back_and_each_changed_bit_is_found(void **state)
{
    (void)state;
    struct onus_buffer file = {0};
    make_tomb(&file, false);
    check_file(&file, pass_tomb);
    make_tomb(&file, true);
    check_file(&file, pass_tomb);
}

static void a_tomb_knows_what_is_gone(void **state)
{
    (void)state;
    struct onus_buffer file = {0};
    struct onus_arena arena;
    struct onus_tomb tomb;
    size_t at = 0;
    onus_arena_init(&arena, 1 << 24);
    make_tomb(&file, false);
    assert_int_equal(onus_tomb_parse(onus_buffer_view(&file), &arena, &tomb, NULL), ONUS_OK);
    assert_int_equal(onus_tomb_lines(&tomb), 3);
    assert_true(onus_str_eq(onus_tomb_of_line(&tomb, 1)->basis, ONUS_STR("retention")));
    assert_true(onus_str_eq(onus_tomb_of_line(&tomb, 5)->basis, ONUS_STR("Art. 17")));
    assert_null(onus_tomb_of_line(&tomb, 2));
    assert_null(onus_tomb_of_line(&tomb, 6));
    assert_true(onus_tomb_gone(&tomb, 5, &at));
    assert_int_equal(at, 2);
    assert_false(onus_tomb_gone(&tomb, 6, &at));
    assert_int_equal(at, 3);
    onus_arena_clear(&arena);
    onus_buffer_clear(&file);
}

static void holds_and_plans_are_read_back_and_each_changed_bit_is_found(void **state)
{
    (void)state;
    struct onus_buffer file = {0};
    make_holds(&file);
    check_file(&file, pass_holds);
    make_plan(&file);
    check_file(&file, pass_plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_noted_is_read_back),
            cmocka_unit_test(each_changed_bit_of_the_log_is_found),
            cmocka_unit_test(a_line_that_is_missing_or_moved_is_named),
            cmocka_unit_test(a_line_that_a_crash_cut_off_is_no_fault),
            cmocka_unit_test(the_log_of_a_case_grows_and_a_crash_costs_one_line_at_most),
            cmocka_unit_test(a_tomb_is_read_back_and_each_changed_bit_is_found),
            cmocka_unit_test(a_tomb_knows_what_is_gone),
            cmocka_unit_test(holds_and_plans_are_read_back_and_each_changed_bit_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

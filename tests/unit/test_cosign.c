/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: signature lines from elsewhere get onto a note only when they check under a witness
 * of the policy and stand there once. Oracle: cosignatures made with the keys of the policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "evidence/cosign.h"
#include "witness_scene.h"

static struct scene_log logger;
static struct onus_ed25519_seed seeds[3];
static struct onus_vkey keys[3];
static struct onus_buffer note;
static struct onus_buffer policy_text;
static struct onus_policy policy;
static struct onus_arena arena;

/* The line of witness w over the text of the note. */
static void add_line(size_t w, uint64_t time, struct onus_buffer *out)
{
    struct onus_note parsed;
    struct onus_buffer message;
    struct onus_ed25519_signature signature;
    assert_int_equal(onus_note_parse(onus_buffer_view(&note), &parsed, NULL), ONUS_OK);
    onus_buffer_init(&message, 0);
    onus_cosignature_message(&message, time, parsed.text);
    assert_int_equal(onus_ed25519_sign(&seeds[w], onus_buffer_view(&message), &signature, NULL),
            ONUS_OK);
    onus_note_add_cosignature(out, &keys[w], time, &signature);
    onus_buffer_clear(&message);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const names[] = {"w0.example", "w1.example", "stranger.example"};
    onus_buffer_init(&note, 0);
    onus_buffer_init(&policy_text, 0);
    onus_arena_init(&arena, 1 << 20);
    scene_log_init(&logger, SCENE_ORIGIN, 1);
    scene_note(&logger, 5, &note);
    for (size_t w = 0; w < 3; w++) {
        struct onus_ed25519_public public_key;
        memset(seeds[w].bytes, (int)(20 + w), sizeof(seeds[w].bytes));
        assert_int_equal(onus_ed25519_public_of(&seeds[w], &public_key, NULL), ONUS_OK);
        assert_int_equal(onus_vkey_make(onus_str_of(names[w]), ONUS_VKEY_COSIGNATURE, &public_key,
                                 &keys[w], NULL),
                ONUS_OK);
        if (w < 2) {
            onus_buffer_printf(&policy_text, "witness w%zu ", w);
            onus_vkey_add(&policy_text, &keys[w]);
            onus_buffer_add_char(&policy_text, '\n');
        }
    }
    onus_buffer_add_text(&policy_text, "quorum none\n");
    return onus_policy_parse(onus_buffer_view(&policy_text), &arena, &policy, NULL) == ONUS_OK ? 0
                                                                                               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    onus_buffer_clear(&note);
    onus_buffer_clear(&policy_text);
    onus_arena_clear(&arena);
    return 0;
}

static size_t merge(const struct onus_buffer *lines, struct onus_buffer *out)
{
    size_t taken = 99;
    onus_buffer_clear(out);
    onus_buffer_init(out, 0);
    assert_int_equal(onus_cosign_merge(&policy, onus_buffer_view(&note), onus_buffer_view(lines),
                             out, &taken, NULL),
            ONUS_OK);
    assert_true(onus_str_begins(onus_buffer_view(out), onus_buffer_view(&note)));
    return taken;
}

static void lines_of_witnesses_of_the_policy_are_taken_once(void **state)
{
    (void)state;
    struct onus_buffer lines;
    struct onus_buffer out;
    onus_buffer_init(&lines, 0);
    onus_buffer_init(&out, 0);
    add_line(0, 100, &lines);
    add_line(2, 100, &lines);
    add_line(1, 100, &lines);
    add_line(0, 101, &lines);
    assert_int_equal(merge(&lines, &out), 2);
    onus_buffer_clear(&note);
    onus_buffer_init(&note, 0);
    onus_buffer_add_str(&note, onus_buffer_view(&out));
    assert_int_equal(merge(&lines, &out), 0);
    assert_true(onus_str_eq(onus_buffer_view(&out), onus_buffer_view(&note)));
    onus_buffer_clear(&lines);
    onus_buffer_clear(&out);
}

static void no_bit_of_a_line_can_change_and_still_be_taken(void **state)
{
    (void)state;
    struct onus_buffer lines;
    struct onus_buffer out;
    onus_buffer_init(&lines, 0);
    onus_buffer_init(&out, 0);
    add_line(0, 100, &lines);
    assert_int_equal(merge(&lines, &out), 1);
    size_t unseen = 0;
    for (size_t bit = 0; bit < lines.len * 8; bit++) {
        lines.ptr[bit / 8] = (char)(lines.ptr[bit / 8] ^ (1 << bit % 8));
        unseen += merge(&lines, &out) != 0;
        lines.ptr[bit / 8] = (char)(lines.ptr[bit / 8] ^ (1 << bit % 8));
    }
    assert_int_equal(unseen, 0);
    for (size_t size = 0; size < lines.len; size++) {
        const struct onus_buffer cut = {.ptr = lines.ptr, .len = size};
        assert_int_equal(merge(&cut, &out), 0);
    }
    onus_buffer_clear(&lines);
    onus_buffer_clear(&out);
}

static void lines_that_would_change_the_text_are_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"\n", "\n\n", "text\n\n", "\xe2\x80\x94 w0.example\n",
            "\xe2\x80\x94 w0.example AAAA", "\n\xe2\x80\x94 w0.example AAAAAAAA\n"};
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    for (size_t i = 0; i < ONUS_COUNT(wrong); i++) {
        struct onus_buffer lines;
        onus_buffer_init(&lines, 0);
        onus_buffer_add_text(&lines, wrong[i]);
        assert_int_equal(merge(&lines, &out), 0);
        assert_true(onus_str_eq(onus_buffer_view(&out), onus_buffer_view(&note)));
        onus_buffer_clear(&lines);
    }
    onus_buffer_clear(&out);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
            WITH(lines_of_witnesses_of_the_policy_are_taken_once),
            WITH(no_bit_of_a_line_can_change_and_still_be_taken),
            WITH(lines_that_would_change_the_text_are_refused),
    };
    return cmocka_run_group_tests_name("evidence/cosign", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a request add-checkpoint and the answer with a size have one spelling each; every
 * other one is refused. Oracle: the text of C2SP tlog-witness, written out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proof/witness_message.h"

#define HASH  "Z3JlZW4gaWRlYXMgc2xlZXAgZnVyaW91c2x5IHRvby4="
#define NOTE  "log.example/a\n5\n" HASH "\n\n\xe2\x80\x94 log.example/a AAAA\n"
#define WHOLE "old 3\n" HASH "\n" HASH "\n\n" NOTE

static enum onus_code parse(struct onus_str body, struct onus_add_checkpoint *out)
{
    return onus_add_checkpoint_parse(body, out, NULL);
}

static void a_request_is_old_size_proof_and_note(void **state)
{
    (void)state;
    struct onus_add_checkpoint got;
    assert_int_equal(parse(ONUS_STR(WHOLE), &got), ONUS_OK);
    assert_int_equal(got.old_size, 3);
    assert_int_equal(got.proof.count, 2);
    assert_memory_equal(got.proof.hashes[1].bytes, "green ideas sleep furiously too.", 32);
    assert_true(onus_str_eq(got.note, ONUS_STR(NOTE)));
}

static void what_is_written_is_what_was_read(void **state)
{
    (void)state;
    struct onus_add_checkpoint got;
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    assert_int_equal(parse(ONUS_STR(WHOLE), &got), ONUS_OK);
    assert_int_equal(onus_add_checkpoint_format(&got, &out, NULL), ONUS_OK);
    assert_true(onus_str_eq(onus_buffer_view(&out), ONUS_STR(WHOLE)));
    onus_buffer_clear(&out);
}

/* A body cut inside the note is a request with another note, unless it loses the last line feed. */
static void every_shorter_request_is_refused_or_ends_a_line(void **state)
{
    (void)state;
    struct onus_str whole = ONUS_STR(WHOLE);
    struct onus_add_checkpoint got;
    size_t note = whole.len - (sizeof(NOTE) - 1);
    for (size_t size = 0; size < whole.len; size++) {
        struct onus_str cut = {whole.ptr, size};
        bool line = size > note && whole.ptr[size - 1] == '\n';
        assert_int_equal(parse(cut, &got), line ? ONUS_OK : ONUS_E_FORMAT);
    }
}

static void other_spellings_are_refused(void **state)
{
    (void)state;
    const struct onus_str wrong[] = {
            ONUS_STR(""),
            ONUS_STR("\n"),
            ONUS_STR("old\n\n" NOTE),
            ONUS_STR("old \n\n" NOTE),
            ONUS_STR("old 03\n\n" NOTE),
            ONUS_STR("old +3\n\n" NOTE),
            ONUS_STR("old -1\n\n" NOTE),
            ONUS_STR("old 3 \n\n" NOTE),
            ONUS_STR("old  3\n\n" NOTE),
            ONUS_STR("Old 3\n\n" NOTE),
            ONUS_STR("old 3\r\n\r\n" NOTE),
            ONUS_STR("old 18446744073709551616\n\n" NOTE),
            ONUS_STR("old 3\n" HASH " \n\n" NOTE),
            ONUS_STR("old 3\nZ3JlZW4=\n\n" NOTE),
            ONUS_STR("old 3\n" HASH "\n" NOTE),
            ONUS_STR("old 3\n\n"),
    };
    for (size_t i = 0; i < ONUS_COUNT(wrong); i++) {
        struct onus_add_checkpoint got;
        assert_int_equal(parse(wrong[i], &got), ONUS_E_FORMAT);
    }
}

static void a_proof_has_at_most_63_hashes(void **state)
{
    (void)state;
    struct onus_add_checkpoint got = {.note = ONUS_STR(NOTE)};
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    got.proof.count = 63;
    assert_int_equal(onus_add_checkpoint_format(&got, &out, NULL), ONUS_OK);
    assert_int_equal(parse(onus_buffer_view(&out), &got), ONUS_OK);
    assert_int_equal(got.proof.count, 63);

    struct onus_buffer longer;
    onus_buffer_init(&longer, 0);
    onus_buffer_add_text(&longer, "old 3\n" HASH "\n");
    onus_buffer_add(&longer, out.ptr + 6, out.len - 6);
    assert_int_equal(parse(onus_buffer_view(&longer), &got), ONUS_E_FORMAT);
    got.proof.count = 64;
    assert_int_equal(onus_add_checkpoint_format(&got, &out, NULL), ONUS_E_BUG);
    onus_buffer_clear(&out);
    onus_buffer_clear(&longer);
}

static void a_request_over_the_limit_is_told_from_a_wrong_one(void **state)
{
    (void)state;
    struct onus_add_checkpoint got;
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    while (out.len <= ONUS_WITNESS_REQUEST_MAX) {
        onus_buffer_add_text(&out, WHOLE);
    }
    assert_int_equal(parse(onus_buffer_view(&out), &got), ONUS_E_LIMIT);
    onus_buffer_clear(&out);
}

static void a_size_has_one_spelling(void **state)
{
    (void)state;
    uint64_t size = 7;
    assert_int_equal(onus_witness_size_parse(ONUS_STR("0\n"), &size, NULL), ONUS_OK);
    assert_int_equal(size, 0);
    assert_int_equal(onus_witness_size_parse(ONUS_STR("20852014\n"), &size, NULL), ONUS_OK);
    assert_int_equal(size, 20852014);
    const struct onus_str wrong[] = {ONUS_STR(""), ONUS_STR("\n"), ONUS_STR("5"), ONUS_STR("05\n"),
            ONUS_STR("5\r\n"), ONUS_STR(" 5\n"), ONUS_STR("5\n\n"), ONUS_STR("five\n")};
    for (size_t i = 0; i < ONUS_COUNT(wrong); i++) {
        assert_int_equal(onus_witness_size_parse(wrong[i], &size, NULL), ONUS_E_FORMAT);
    }
    assert_int_equal(size, 20852014);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_request_is_old_size_proof_and_note),
            cmocka_unit_test(what_is_written_is_what_was_read),
            cmocka_unit_test(every_shorter_request_is_refused_or_ends_a_line),
            cmocka_unit_test(other_spellings_are_refused),
            cmocka_unit_test(a_proof_has_at_most_63_hashes),
            cmocka_unit_test(a_request_over_the_limit_is_told_from_a_wrong_one),
            cmocka_unit_test(a_size_has_one_spelling),
    };
    return cmocka_run_group_tests_name("proof/witness_message", tests, NULL, NULL);
}

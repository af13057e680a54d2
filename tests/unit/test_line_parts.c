/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the quick ways of reading what stands on nearly every line answer as the plain
 * ones do: the end of a quoted field, the marks of a text, a clf time after another.
 * Oracle: the plain reader, over seeded texts that are nearly right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "text/find.h"
#include "text/marks.h"
#include "text/timestamp.h"

enum {
    ROUNDS = 200000,
    LONGEST = 70
};

static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return onus_hash_mix(*state, 1);
}

/* Each length and start, the bytes looked for mostly far apart; nothing past the view is read. */
static void either_byte_is_found_where_it_stands_first(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 40; round++) {
        for (size_t len = 0; len <= LONGEST; len++) {
            char *bytes = malloc(len + 1); /* the byte after the view is one that is looked for */
            assert_non_null(bytes);
            for (size_t i = 0; i < len; i++) {
                uint64_t value = next(&seed);
                bytes[i] = value % 31 == 0 ? '"' : value % 37 == 0 ? '\\' : (char)(value >> 40);
            }
            bytes[len] = '"';
            struct onus_str text = {bytes, len};
            for (size_t from = 0; from <= len + 2; from++) {
                assert_true(onus_find_either(text, from, '"', '\\') ==
                            onus_find_either_plain(text, from, '"', '\\'));
            }
            free(bytes);
        }
    }
}

/* Texts of all lengths, marks seldom, often, and nothing else; each from several places on. */
static void marks_are_found_as_byte_by_byte(void **state)
{
    (void)state;
    enum {
        MARKED_LONGEST = 300
    };
    static const char marks[] = {'\n', '"', '\\'};
    uint64_t seed = 3;
    uint32_t want[MARKED_LONGEST + ONUS_MARKS_SLACK];
    uint32_t got[MARKED_LONGEST + ONUS_MARKS_SLACK];
    size_t seen = 0;
    for (size_t len = 0; len <= MARKED_LONGEST; len++) {
        for (unsigned share = 0; share < 8; share++) {
            char *text =
                    malloc(len > 0 ? len : 1); /* of its own: a sanitizer sees what is overread */
            assert_non_null(text);
            for (size_t i = 0; i < len; i++) {
                uint64_t value = next(&seed);
                bool is_mark = value % 8 <= share && (share > 0 || value % 64 == 0);
                text[i] = is_mark ? marks[(value >> 8) % 3] : (char)(value >> 40);
            }
            size_t from = next(&seed) % (len + 1);
            size_t count = onus_marks_find_plain(text, from, len - from, want);
            assert_int_equal(onus_marks_find(text, from, len - from, got), count);
            assert_memory_equal(got, want, count * sizeof(*want));
            assert_int_equal(onus_marks_find_narrow(text, from, len - from, got), count);
            assert_memory_equal(got, want, count * sizeof(*want));
            seen += count;
            free(text);
        }
    }
    assert_true(seen > 10000);
}

static size_t time_text(uint64_t *seed, char *out, size_t size)
{
    static const char *const dates[] = {"10/Jan/2026:", "11/Jan/2026:", "29/Feb/2026:"};
    static const char *const tails[] = {" +0000", " +0100", " -0530", " +00:00", "", " Z", ".5 +01",
            " +9900", " +0100]"};
    uint64_t pick = next(seed);
    int n = snprintf(out, size, "%s%02u:%02u:%02u%s", dates[pick % 20 < 17 ? pick % 2 : 2],
            (unsigned)(pick >> 8) % 25, (unsigned)(pick >> 16) % 61, (unsigned)(pick >> 24) % 62,
            tails[pick >> 32 & 1 ? pick % 3 : (pick >> 33) % ONUS_COUNT(tails)]);
    if (next(seed) % 4 == 0) {
        out[next(seed) % (size_t)n] = " 0:/9+A"[next(seed) % 7];
    }
    return (size_t)n;
}

static void a_time_read_after_another_is_the_time_read_alone(void **state)
{
    (void)state;
    uint64_t seed = 2;
    struct onus_clf_memo memo = {.known = false};
    size_t taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char text[64];
        struct onus_str plain = {text, time_text(&seed, text, sizeof(text))};
        struct onus_str quick = plain;
        struct onus_moment want = {.usec = 1};
        struct onus_moment got = {.usec = 1};
        bool is_time = onus_time_take_clf(&plain, &want);
        assert_int_equal(onus_time_take_clf_after(&memo, &quick, &got), is_time);
        assert_true(got.usec == want.usec && got.has_zone == want.has_zone);
        assert_true(got.has_year == want.has_year && quick.ptr == plain.ptr);
        assert_int_equal(quick.len, plain.len);
        taken += is_time;
    }
    assert_true(taken > ROUNDS / 4 && taken < ROUNDS);
}

static void without_a_memo_a_time_is_read_all_the_same(void **state)
{
    (void)state;
    struct onus_str text = ONUS_STR("10/Jan/2026:03:11:02 +0100] ");
    struct onus_moment got = {.usec = 0};
    assert_true(onus_time_take_clf_after(NULL, &text, &got));
    assert_true(got.usec == 1768011062 * (int64_t)ONUS_USEC);
    assert_int_equal(text.len, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(either_byte_is_found_where_it_stands_first),
            cmocka_unit_test(marks_are_found_as_byte_by_byte),
            cmocka_unit_test(a_time_read_after_another_is_the_time_read_alone),
            cmocka_unit_test(without_a_memo_a_time_is_read_all_the_same),
    };
    return cmocka_run_group_tests_name("text/line parts", tests, NULL, NULL);
}

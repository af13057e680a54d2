/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the scanner accepts exactly JSON, reads the values that stand there, and never
 * looks past its view.
 * Oracles: jansson, which shares no code with it, on every prefix and every one-byte change of a set
 * of documents; RFC 8259 by hand; and, where the directory named by JSON_TEST_SUITE is there, the
 * public JSONTestSuite (y_ accepted, n_ refused).
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "text/json_scan.h"

static bool accepted(struct onus_str text)
{
    char *exact = malloc(text.len > 0 ? text.len : 1); /* so ASan sees the true end */
    assert_non_null(exact);
    if (text.len > 0) {
        memcpy(exact, text.ptr, text.len);
    }
    bool good = onus_json_validate((struct onus_str){exact, text.len}, NULL) == ONUS_OK;
    free(exact);
    return good;
}

static bool jansson_accepts(struct onus_str text)
{
    json_t *tree = json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    bool good = tree != NULL;
    json_decref(tree);
    return good;
}

static const char *const documents[] = {
        "{\"eventid\":\"cowrie.login.failed\",\"n\":[0,1,-2,3.5e+7,true,false,null],\"o\":{}}",
        " [ \"a\\u00e9\\n\\\"\" , { \"k\" : [ [ ] , { } ] } ] ",
        "{\"id.orig_h\":\"198.51.100.7\",\"ts\":12.50,\"u\":\"\\ud83d\\ude00\"}",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "-0.0e-0",
        "[[[[[[1]]]]],\"12345678 longer than a word 12345678\"]",
};

static void every_prefix_is_judged_as_jansson_judges_it(void **state)
{
    (void)state;
    for (size_t d = 0; d < ONUS_COUNT(documents); d++) {
        struct onus_str whole = onus_str_of(documents[d]);
        for (size_t len = 0; len <= whole.len; len++) {
            struct onus_str text = onus_str_sub(whole, 0, len);
            assert_int_equal(accepted(text), jansson_accepts(text));
        }
    }
}

static void every_changed_byte_is_judged_as_jansson_judges_it(void **state)
{
    (void)state;
    static const char changes[] = "{}[]\",:\\ 0-.eutx\n\x01\x80\xc3\xff";
    for (size_t d = 0; d < ONUS_COUNT(documents); d++) {
        char copy[256];
        size_t len = strlen(documents[d]);
        for (size_t i = 0; i < len; i++) {
            for (size_t c = 0; c < sizeof(changes) - 1; c++) {
                memcpy(copy, documents[d], len);
                copy[i] = changes[c];
                struct onus_str text = {copy, len};
                /* jansson refuses a lone surrogate, RFC 8259 (8.2) does not */
                bool surrogates = onus_str_has(text, ONUS_STR("\\ud8")) ||
                                  onus_str_has(text, ONUS_STR("\\ude"));
                if (!surrogates) {
                    assert_int_equal(accepted(text), jansson_accepts(text));
                }
            }
        }
    }
}

static void numbers_and_words_follow_the_grammar(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "10", "1.0", "1e5", "1E+5", "1e-05", "true",
            "false", "null", "\"\"", "[]", "{}", " \t\r\n1 "};
    static const char *const bad[] = {"", " ", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1",
            "tru", "truee", "nul", "NaN", "'a'", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\"}", "[1}",
            "{]", "[", "1 2", "\"\\x41\"", "\"\\u12g4\"", "\"\t\"", "//\n1", "[,1]", "{,}"};
    for (size_t i = 0; i < ONUS_COUNT(good); i++) {
        assert_true(accepted(onus_str_of(good[i])));
    }
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        assert_false(accepted(onus_str_of(bad[i])));
    }
}

static void the_first_wrong_byte_is_named(void **state)
{
    (void)state;
    struct onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_json_validate(ONUS_STR("{\"a\":?}"), &err), ONUS_E_FORMAT);
    assert_int_equal(err.offset, 5);
}

static void depth_is_limited_and_said_to_be(void **state)
{
    (void)state;
    char deep[2 * ONUS_JSON_DEPTH + 2];
    memset(deep, '[', ONUS_JSON_DEPTH + 1);
    memset(deep + ONUS_JSON_DEPTH + 1, ']', ONUS_JSON_DEPTH + 1);
    assert_int_equal(onus_json_validate((struct onus_str){deep, sizeof(deep)}, NULL), ONUS_E_LIMIT);
    struct onus_str inner = {deep + 1, sizeof(deep) - 2};
    assert_int_equal(onus_json_validate(inner, NULL), ONUS_OK);
}

static void members_are_found_by_literal_name_and_by_path(void **state)
{
    (void)state;
    struct onus_str doc = ONUS_STR("{\"id.orig_h\":\"198.51.100.7\",\"a\":{\"b\":{\"c\":7}},"
                                   "\"\\u0061b\":true,\"list\":[1,[2],{\"x\":3}]}");
    assert_true(onus_json_string_is(onus_json_get(doc, "id.orig_h"), ONUS_STR("198.51.100.7")));
    assert_true(onus_str_eq(onus_json_path(doc, "a.b.c"), ONUS_STR("7")));
    assert_true(onus_json_is_true(onus_json_get(doc, "ab")));
    assert_int_equal(onus_json_kind(onus_json_get(doc, "absent")), ONUS_JSON_NONE);
    assert_int_equal(onus_json_path(doc, "a.b.c.d").len, 0);

    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str value;
    size_t count = 0;
    assert_true(onus_json_iter_init(&it, onus_json_get(doc, "list")));
    while (onus_json_next(&it, &key, &value)) {
        assert_int_equal(key.len, 0);
        count++;
    }
    assert_true(it.whole);
    assert_int_equal(count, 3);
}

static void a_key_that_is_read_and_stands_twice_makes_the_object_unreadable(void **state)
{
    (void)state;
    struct onus_str doc = ONUS_STR("{\"src_ip\":\"192.0.2.1\",\"x\":1,\"x\":2,"
                                   "\"\\u0073rc_ip\":\"192.0.2.2\"}");
    const char *const twice[] = {"src_ip"};
    const char *const other[] = {"y"};
    struct onus_str value;
    assert_false(onus_json_pick(doc, twice, &value, 1));
    assert_true(onus_json_pick(doc, other, &value, 1));
}

static void an_object_broken_behind_the_wanted_member_is_refused(void **state)
{
    (void)state;
    const char *const keys[] = {"a"};
    struct onus_str value;
    assert_false(onus_json_pick(ONUS_STR("{\"a\":1,\"b\":}"), keys, &value, 1));
    assert_false(onus_json_pick(ONUS_STR("{\"a\":1} x"), keys, &value, 1));
    assert_false(onus_json_pick(ONUS_STR("[1]"), keys, &value, 1));
    assert_true(onus_json_pick(ONUS_STR(" {\"a\":1} "), keys, &value, 1));
}

static void strings_are_undone_as_jansson_undoes_them(void **state)
{
    (void)state;
    static const char *const strings[] = {"\"plain\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
            "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00z\"", "\"\\u0000end\"", "\"\"",
            "\"caf\xc3\xa9 \\u00e9\""};
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < ONUS_COUNT(strings); i++) {
        struct onus_str raw = onus_str_of(strings[i]);
        json_t *tree = json_loadb(raw.ptr, raw.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        struct onus_str expect = {json_string_value(tree), json_string_length(tree)};
        struct onus_str got = onus_json_value_text(raw, &arena);
        assert_true(onus_str_eq(got, expect));
        assert_true(onus_json_string_is(raw, expect));
        assert_false(onus_json_string_is(raw, ONUS_STR("something else")));
        json_decref(tree);
    }
    struct onus_str lone = onus_json_value_text(ONUS_STR("\"\\ud800x\""), &arena);
    assert_true(onus_str_eq(lone, ONUS_STR("\xef\xbf\xbdx")));
    onus_arena_clear(&arena);
}

static void a_full_arena_gives_an_empty_text_and_is_noted(void **state)
{
    (void)state;
    struct onus_arena arena;
    onus_arena_init(&arena, 4);
    assert_null(
            onus_json_value_text(ONUS_STR("\"a\\nb and much more text than fits\""), &arena).ptr);
    assert_true(arena.hit_limit);
    onus_arena_clear(&arena);
}

static void stray_bytes_in_a_string_do_not_hide_a_line_from_readers(void **state)
{
    (void)state;
    struct onus_str doc = ONUS_STR("{\"user\":\"\xff\xfe\",\"src\":\"192.0.2.1\"}");
    assert_int_equal(onus_json_validate(doc, NULL), ONUS_E_FORMAT);
    assert_true(onus_json_string_is(onus_json_get(doc, "src"), ONUS_STR("192.0.2.1")));
}

static void integers_are_exact_or_refused(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(onus_json_value_i64(ONUS_STR("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(onus_json_value_i64(ONUS_STR("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(onus_json_value_i64(ONUS_STR("9007199254740993"), &value)); /* no double holds it */
    assert_true(value == 9007199254740993);
    assert_false(onus_json_value_i64(ONUS_STR("9223372036854775808"), &value));
    assert_false(onus_json_value_i64(ONUS_STR("-9223372036854775809"), &value));
    assert_false(onus_json_value_i64(ONUS_STR("1.0"), &value));
    assert_false(onus_json_value_i64(ONUS_STR("\"1\""), &value));
    uint64_t port = 0;
    assert_true(onus_json_value_u64(ONUS_STR("\"22\""), 65535, &port));
    assert_int_equal(port, 22);
    assert_false(onus_json_value_u64(ONUS_STR("65536"), 65535, &port));
    assert_false(onus_json_value_u64(ONUS_STR("-1"), 65535, &port));
}

static void the_public_suite_is_decided_as_its_names_say(void **state)
{
    (void)state;
    const char *directory = getenv("JSON_TEST_SUITE");
    DIR *dir = directory ? opendir(directory) : NULL;
    if (!dir) {
        print_message("JSON_TEST_SUITE names no directory: not compared\n");
        skip();
    }
    size_t wrong = 0;
    size_t seen = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[1024];
        static char buffer[1 << 20];
        if (entry->d_name[1] != '_' || entry->d_name[0] == 'i') {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        FILE *f = fopen(path, "rbe");
        assert_non_null(f);
        size_t size = fread(buffer, 1, sizeof(buffer), f);
        (void)fclose(f);
        bool good = accepted((struct onus_str){buffer, size});
        if (good != (entry->d_name[0] == 'y')) {
            print_message("decided wrongly: %s\n", entry->d_name);
            wrong++;
        }
        seen++;
    }
    (void)closedir(dir);
    print_message("%zu files compared\n", seen);
    assert_int_equal(wrong, 0);
    assert_true(seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_prefix_is_judged_as_jansson_judges_it),
            cmocka_unit_test(every_changed_byte_is_judged_as_jansson_judges_it),
            cmocka_unit_test(numbers_and_words_follow_the_grammar),
            cmocka_unit_test(the_first_wrong_byte_is_named),
            cmocka_unit_test(depth_is_limited_and_said_to_be),
            cmocka_unit_test(members_are_found_by_literal_name_and_by_path),
            cmocka_unit_test(a_key_that_is_read_and_stands_twice_makes_the_object_unreadable),
            cmocka_unit_test(an_object_broken_behind_the_wanted_member_is_refused),
            cmocka_unit_test(strings_are_undone_as_jansson_undoes_them),
            cmocka_unit_test(a_full_arena_gives_an_empty_text_and_is_noted),
            cmocka_unit_test(stray_bytes_in_a_string_do_not_hide_a_line_from_readers),
            cmocka_unit_test(integers_are_exact_or_refused),
            cmocka_unit_test(the_public_suite_is_decided_as_its_names_say),
    };
    return cmocka_run_group_tests_name("text/json_scan", tests, NULL, NULL);
}

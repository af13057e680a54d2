/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: text from a log is shown so that it can only be read: in a table, in HTML and in
 * CSV, whatever its bytes, and the visible form can be read back.
 * Oracle: expected texts written by hand, and a decoder here that shares no code with the writer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "text/csv_write.h"
#include "text/html_write.h"
#include "text/utf8.h"

static void assert_buffer(struct onus_buffer *buffer, const char *expected)
{
    onus_buffer_add_char(buffer, '\0');
    assert_string_equal(buffer->ptr, expected);
    onus_buffer_clear(buffer);
}

static void shown(struct onus_str s, size_t max, const char *expected, size_t columns)
{
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    assert_int_equal(onus_utf8_add_visible(&buffer, s, max), columns);
    assert_buffer(&buffer, expected);
}

static void only_well_formed_sequences_are_characters(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x80\x80", "\xe2\x82",
            "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"};
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        uint32_t character = 7;
        assert_int_equal(onus_utf8_next(onus_str_of(bad[i]), &character), 0);
        assert_int_equal(character, 7);
        assert_false(onus_utf8_valid(onus_str_of(bad[i])));
    }
    for (uint32_t character = 0; character <= 0x110000; character++) {
        char bytes[4];
        size_t len = onus_utf8_encode(character, bytes);
        bool real = (character < 0xd800 || character > 0xdfff) && character <= 0x10ffff;
        assert_int_equal(len > 0, real);
        uint32_t back = 0;
        if (real) {
            assert_int_equal(onus_utf8_next((struct onus_str){bytes, len}, &back), len);
            assert_int_equal(back, character);
            assert_int_equal(onus_utf8_next((struct onus_str){bytes, len - 1}, &back), 0);
        }
    }
}

static void what_does_not_show_is_written_out(void **state)
{
    (void)state;
    shown(ONUS_STR("plain \xc3\xbc"), SIZE_MAX, "plain \xc3\xbc", 7);
    shown(ONUS_STR("\x1b[2J\x7f\n"), SIZE_MAX, "\\x1b[2J\\x7f\\x0a", 15);
    shown(ONUS_STR("\xff\xe2\x80\xae"), SIZE_MAX, "\\xff\\u{202e}", 12);
    shown(ONUS_STR("\xc2\x9b"), SIZE_MAX, "\\u{9b}", 6);
    shown(ONUS_STR("DOM\\user \\x41 \\u{41}"), SIZE_MAX, "DOM\\user \\x5cx41 \\x5cu{41}", 26);
}

static void a_long_text_is_cut_to_its_columns(void **state)
{
    (void)state;
    shown(ONUS_STR("abcdef"), 6, "abcdef", 6);
    shown(ONUS_STR("abcdef"), 5, "abcd…", 5);
    shown(ONUS_STR("abcdef"), 1, "…", 1);
    shown(ONUS_STR("ab\x1b"), 5, "ab…", 3); /* an escape is never cut */
    shown(ONUS_STR("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), 4, "\xe6\x97\xa5…", 3); /* wide */
    assert_int_equal(onus_utf8_visible_columns(ONUS_STR("e\xcc\x81\xe6\x97\xa5\n")), 1 + 0 + 2 + 4);
}

static int digit(char c)
{
    const char *at = strchr("0123456789abcdef", c);
    return c && at ? (int)(at - "0123456789abcdef") : -1;
}

/* Read the visible form of short texts back; they hold no \u{...} beyond U+07FF. */
static size_t read_back(const struct onus_buffer *buffer, uint8_t *out)
{
    size_t len = 0;
    for (size_t i = 0; i < buffer->len; i++) {
        const char *at = buffer->ptr + i;
        if (at[0] == '\\' && buffer->len - i >= 4 && at[1] == 'x' && digit(at[2]) >= 0 &&
                digit(at[3]) >= 0) {
            out[len++] = (uint8_t)(digit(at[2]) * 16 + digit(at[3]));
            i += 3;
        } else if (at[0] == '\\' && buffer->len - i >= 6 && at[1] == 'u' && at[2] == '{') {
            unsigned character = 0;
            for (i += 3; buffer->ptr[i] != '}'; i++) {
                character = character * 16 + (unsigned)digit(buffer->ptr[i]);
            }
            out[len++] = (uint8_t)(0xc0 | character >> 6);
            out[len++] = (uint8_t)(0x80 | (character & 0x3f));
        } else {
            out[len++] = (uint8_t)at[0];
        }
    }
    return len;
}

static void the_visible_form_reads_back(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    for (unsigned pair = 0; pair < 65536; pair++) {
        const char in[6] = {(char)(pair >> 8), (char)(pair & 0xff), '4', '1', '{', '}'};
        uint8_t back[6 * 8];
        buffer.len = 0;
        (void)onus_utf8_add_visible(&buffer, (struct onus_str){in, sizeof(in)}, SIZE_MAX);
        assert_int_equal(read_back(&buffer, back), sizeof(in));
        assert_memory_equal(back, in, sizeof(in));
    }
    onus_buffer_clear(&buffer);
}

static void markup_is_text_in_html(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    onus_html_add_text(&buffer, ONUS_STR("<b a=\"1\" b='2'>&amp;\n\x1b\xe2\x80\xae</b>"));
    assert_buffer(&buffer, "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;\\x0a\\x1b\\u{202e}"
                           "&lt;/b&gt;");
    onus_html_add_visible(&buffer, ONUS_STR("a<\n\\x1b&\n"));
    assert_buffer(&buffer, "a&lt;\n\\x1b&amp;\n");
}

static void csv_quotes_what_rfc_4180_wants_quoted(void **state)
{
    (void)state;
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    struct onus_csv csv;
    onus_csv_init(&csv, &buffer);
    onus_csv_text(&csv, "a,b");
    onus_csv_text(&csv, "say \"x\"");
    onus_csv_u64(&csv, UINT64_MAX);
    onus_csv_empty(&csv);
    onus_csv_text(&csv, " edge");
    onus_csv_end_row(&csv);
    onus_csv_text(&csv, "line\r\nbreak");
    onus_csv_end_row(&csv);
    assert_buffer(&buffer, "\"a,b\",\"say \"\"x\"\"\",18446744073709551615,,\" edge\"\r\n"
                           "line\\x0d\\x0abreak\r\n");
}

static void csv_text_is_never_a_formula(void **state)
{
    (void)state;
    static const char *const formulas[][2] = {{"=1+1", "'=1+1"}, {"+1", "'+1"}, {"-1", "'-1"},
            {"@SUM", "'@SUM"}, {"\t=1", "'\\x09=1"}, {"\r=1", "'\\x0d=1"},
            {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
            {"a=1", "a=1"}};
    for (size_t i = 0; i < ONUS_COUNT(formulas); i++) {
        struct onus_buffer buffer;
        onus_buffer_init(&buffer, 0);
        struct onus_csv csv;
        onus_csv_init(&csv, &buffer);
        onus_csv_text(&csv, formulas[i][0]);
        assert_buffer(&buffer, formulas[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(only_well_formed_sequences_are_characters),
            cmocka_unit_test(what_does_not_show_is_written_out),
            cmocka_unit_test(a_long_text_is_cut_to_its_columns),
            cmocka_unit_test(the_visible_form_reads_back),
            cmocka_unit_test(markup_is_text_in_html),
            cmocka_unit_test(csv_quotes_what_rfc_4180_wants_quoted),
            cmocka_unit_test(csv_text_is_never_a_formula),
    };
    return cmocka_run_group_tests_name("text/visible", tests, NULL, NULL);
}

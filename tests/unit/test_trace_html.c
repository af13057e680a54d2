/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the page is one file that names nothing outside itself, text from a log cannot
 * become markup in it, the same result gives the same bytes, and it stays small for very many
 * incidents.
 * Oracle: byte checks. What the page does in a browser is checked by tests/web/run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "report/trace_html.h"
#include "sample_result.h"

static struct onus_buffer written(const struct sample_options *sample, const char *raw_line)
{
    struct onus_trace_result result;
    sample_result(sample, &result);
    const struct onus_trace_html_line line = {{0, 100}, onus_str_of(raw_line)};
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    onus_trace_html_write(&result,
            &(struct onus_trace_html_options){.lines = &line, .line_count = raw_line != NULL},
            &buffer);
    assert_int_equal(onus_buffer_status(&buffer, NULL), ONUS_OK);
    onus_arena_clear(&result.arena);
    return buffer;
}

static size_t count_of(const struct onus_buffer *buffer, const char *part)
{
    struct onus_str rest = onus_buffer_view(buffer);
    struct onus_str head = ONUS_STR_NONE;
    size_t count = 0;
    while (onus_str_cut_text(&rest, onus_str_of(part), &head)) {
        count++;
    }
    return count;
}

static void no_mark_of_the_template_is_left(void **state)
{
    (void)state;
    struct onus_buffer page = written(&(struct sample_options){0}, NULL);
    assert_int_equal(count_of(&page, "{{"), 0);
    assert_int_equal(count_of(&page, "sha256-"), 2);
    assert_int_equal(count_of(&page, "default-src 'none'"), 1);
    onus_buffer_clear(&page);
}

static void text_from_a_log_cannot_become_markup(void **state)
{
    (void)state;
    struct onus_buffer quiet = written(&(struct sample_options){0}, "x");
    struct onus_buffer page = written(&(struct sample_options){.hostile = true},
            "</script><script>alert(1)</script><!-- {{js}}");
    /* As many elements as in the page of a harmless result, and not one byte that acts. */
    assert_int_equal(count_of(&page, "<script"), count_of(&quiet, "<script"));
    assert_int_equal(count_of(&page, "</script"), count_of(&quiet, "</script"));
    assert_int_equal(count_of(&page, "<!--"), 0);
    assert_true(count_of(&page, "\\u003cscript\\u003ealert(") > 0);
    assert_true(count_of(&page, "&lt;script&gt;alert(&#39;x") > 0);
    assert_int_equal(count_of(&page, "\x1b"), 0);
    assert_int_equal(count_of(&page, "\xff"), 0);
    assert_int_equal(count_of(&page, "\xe2\x80\xae"), 0);
    onus_buffer_clear(&page);
    onus_buffer_clear(&quiet);
}

static void the_page_names_nothing_outside_itself(void **state)
{
    (void)state;
    struct onus_buffer page = written(&(struct sample_options){0}, NULL);
    assert_int_equal(count_of(&page, "src="), 0);
    assert_int_equal(count_of(&page, "<link"), 0);
    assert_int_equal(count_of(&page, "@import"), 0);
    assert_int_equal(count_of(&page, "url("), 0);
    assert_int_equal(count_of(&page, "https://"), 0);
    assert_int_equal(count_of(&page, "http://"), count_of(&page, "http://www.w3.org/2000/svg"));
    onus_buffer_clear(&page);
}

static void the_same_result_gives_the_same_bytes(void **state)
{
    (void)state;
    struct onus_buffer a = written(&(struct sample_options){.hostile = true}, "line");
    struct onus_buffer b = written(&(struct sample_options){.hostile = true}, "line");
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
    onus_buffer_clear(&a);
    onus_buffer_clear(&b);
}

static void ten_thousand_incidents_stay_under_15_megabytes(void **state)
{
    (void)state;
    struct onus_buffer page =
            written(&(struct sample_options){.incidents = 10000, .hostile = true}, NULL);
    assert_true(page.len < 15000000);
    onus_buffer_clear(&page);
    page = written(&(struct sample_options){.incidents = 12000}, NULL);
    assert_true(page.len < 15000000);
    assert_int_equal(count_of(&page, "\"incidents\":12000,"), 1); /* the total stays true */
    assert_int_equal(count_of(&page, "\"technique\":"), 10000);
    onus_buffer_clear(&page);
}

static void a_raw_line_is_bounded(void **state)
{
    (void)state;
    static char longest[100000];
    memset(longest, 'a', sizeof(longest) - 1);
    struct onus_buffer page = written(&(struct sample_options){0}, longest);
    struct onus_buffer without = written(&(struct sample_options){0}, "");
    assert_int_equal(page.len - without.len, 2000 + strlen("…"));
    onus_buffer_clear(&page);
    onus_buffer_clear(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(no_mark_of_the_template_is_left),
            cmocka_unit_test(text_from_a_log_cannot_become_markup),
            cmocka_unit_test(the_page_names_nothing_outside_itself),
            cmocka_unit_test(the_same_result_gives_the_same_bytes),
            cmocka_unit_test(ten_thousand_incidents_stay_under_15_megabytes),
            cmocka_unit_test(a_raw_line_is_bounded),
    };
    return cmocka_run_group_tests_name("report/trace_html", tests, NULL, NULL);
}

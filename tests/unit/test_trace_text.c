/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the terminal summary keeps to its width, says what matters first, leads each
 * number back to lines, and prints nothing but visible text whatever the log held.
 * Oracle: hand-written fragments; a byte check that shares nothing with the writer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "report/trace_text.h"
#include "sample_result.h"

static struct onus_buffer written(const struct sample_options *sample,
        const struct onus_trace_text_options *options)
{
    struct onus_trace_result result;
    sample_result(sample, &result);
    struct onus_buffer buffer;
    onus_buffer_init(&buffer, 0);
    onus_trace_text_write(&result, options, &buffer);
    assert_int_equal(onus_buffer_status(&buffer, NULL), ONUS_OK);
    onus_arena_clear(&result.arena);
    return buffer;
}

static size_t at(const struct onus_buffer *buffer, const char *part)
{
    size_t found = onus_str_find(onus_buffer_view(buffer), onus_str_of(part));
    if (found == ONUS_STR_NPOS) {
        print_error("not found: %s\n", part);
        fail();
    }
    return found;
}

/* Columns of a line: the samples print ASCII and the ellipsis only. */
static size_t columns_of(struct onus_str line)
{
    size_t columns = 0;
    for (size_t i = 0; i < line.len; i++) {
        columns += ((uint8_t)line.ptr[i] & 0xc0) != 0x80;
    }
    return columns;
}

static void what_matters_stands_first(void **state)
{
    (void)state;
    struct onus_buffer text =
            written(&(struct sample_options){0}, &(struct onus_trace_text_options){.width = 140});
    assert_int_equal(at(&text, "401,236 lines of 3 files hold 8,674 attempts by 5 sources, "
                               "2026-01-09 00:00 to 2026-01-12 05:00 UTC. 5 incidents; 1 login "
                               "succeeded, 1 after\nguessing."),
            0);
    size_t success = at(&text, "Success after guessing: 1 incident\n  account backup, ssh, source "
                               "198.51.100.7, AS64501 Beispielnetz AG (2025-06), registered in XX "
                               "(2026-01), tor-exit (2026-01-10)\n    1 of 412 attempts succeeded");
    assert_true(success < at(&text, "Other incidents: 4"));
    assert_true(at(&text, "exploit attempt, http") < at(&text, "password guessing, ssh"));
    onus_buffer_clear(&text);
}

static void each_number_leads_back_to_lines(void **state)
{
    (void)state;
    struct onus_buffer text =
            written(&(struct sample_options){0}, &(struct onus_trace_text_options){.width = 140});
    (void)at(&text, "/var/log/auth.log.1:100 to :90000");
    (void)at(&text, "/var/log/nginx/access.log:101");
    (void)at(&text, "i-778899aabbcc");
    (void)at(&text, "onus trace --lines i-0a1b2c3d4e5f FILE...");
    (void)at(&text, "Sources with a login that succeeded: 198.51.100.7. Their lines: onus "
                    "trace --lines 198.51.100.7 FILE...");
    (void)at(&text, "first unparsed line 411; 1 gap of 7 h before line 30412");
    (void)at(&text, "all inputs                 401,236  390,002   11,200        34");
    onus_buffer_clear(&text);
}

static void a_country_is_where_a_block_is_registered(void **state)
{
    (void)state;
    struct onus_buffer text =
            written(&(struct sample_options){0}, &(struct onus_trace_text_options){.width = 140});
    (void)at(&text, "AA                  8,219        2  sample-asn 2025-06");
    (void)at(&text, "An address is not a person");
    onus_buffer_clear(&text);
    text = written(&(struct sample_options){.no_databases = true},
            &(struct onus_trace_text_options){.width = 100});
    assert_false(onus_str_has(onus_buffer_view(&text), ONUS_STR("An address is not a person")));
    (void)at(&text, "- no address database found: networks are not named");
    onus_buffer_clear(&text);
}

static void no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    for (size_t width = ONUS_TRACE_TEXT_MIN_WIDTH; width <= ONUS_TRACE_TEXT_MAX_WIDTH; width += 7) {
        for (size_t hostile = 0; hostile < 2; hostile++) {
            struct onus_buffer text =
                    written(&(struct sample_options){.incidents = 30, .hostile = hostile == 1},
                            &(struct onus_trace_text_options){.width = width});
            struct onus_str rest = onus_buffer_view(&text);
            struct onus_str line = ONUS_STR_NONE;
            size_t last_rows = 0;
            while (onus_str_cut(&rest, '\n', &line)) {
                if (columns_of(line) > width) {
                    print_error("%zu > %zu: %.*s\n", columns_of(line), width, (int)line.len,
                            line.ptr);
                    fail();
                }
                last_rows++;
            }
            assert_int_equal(rest.len, 0);
            assert_true(hostile || last_rows <= 60);
            onus_buffer_clear(&text);
        }
    }
}

static void nothing_in_a_log_can_drive_the_terminal(void **state)
{
    (void)state;
    struct onus_buffer text = written(&(struct sample_options){.hostile = true},
            &(struct onus_trace_text_options){.width = 200});
    static const char ellipsis[] = "…";
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i];
        if (byte == (uint8_t)ellipsis[0]) {
            assert_true(text.len - i >= 3);
            assert_memory_equal(text.ptr + i, ellipsis, 3);
            i += 2;
            continue;
        }
        assert_true(byte == '\n' || (byte >= 0x20 && byte < 0x7f));
    }
    (void)at(&text, "\\x1b[31m\\x0d\\x0a\\x09\\xff\\u{202e}\\x5cx41");
    onus_buffer_clear(&text);
}

static void colours_come_only_when_asked(void **state)
{
    (void)state;
    struct onus_buffer text =
            written(&(struct sample_options){0}, &(struct onus_trace_text_options){.color = false});
    assert_false(onus_str_has(onus_buffer_view(&text), ONUS_STR("\x1b")));
    onus_buffer_clear(&text);
    text = written(&(struct sample_options){0}, &(struct onus_trace_text_options){.color = true});
    assert_true(onus_str_has(onus_buffer_view(&text), ONUS_STR("\x1b[1m")));
    onus_buffer_clear(&text);
}

static void top_bounds_the_rows_and_says_what_is_left(void **state)
{
    (void)state;
    struct onus_buffer text = written(&(struct sample_options){.incidents = 40},
            &(struct onus_trace_text_options){.top = 3});
    (void)at(&text, "and 37 more: --top 40 or --json"); /* 39 others, 2 shown beside 1 success */
    onus_buffer_clear(&text);
    text = written(&(struct sample_options){.incidents = 40},
            &(struct onus_trace_text_options){.top = 40});
    assert_false(onus_str_has(onus_buffer_view(&text), ONUS_STR("more: --top")));
    (void)at(&text, "i-000000000027"); /* the 40th */
    onus_buffer_clear(&text);
}

static void of_many_inputs_those_with_most_unparsed_lines_are_shown(void **state)
{
    (void)state;
    static const uint64_t unparsed[] = {0, 7, 9, 0, 7, 1};
    static const char *const shown[] = {"/in2 ", "/in1 ", "/in4 ", "/in5 "};
    struct onus_trace_input inputs[ONUS_COUNT(unparsed)] = {0};
    char paths[ONUS_COUNT(unparsed)][8];
    for (size_t i = 0; i < ONUS_COUNT(unparsed); i++) {
        memcpy(paths[i], "/in0", 5);
        paths[i][3] = (char)('0' + i);
        inputs[i] = (struct onus_trace_input){.path = onus_str_of(paths[i]),
                .lines = 10,
                .parsed = 10 - unparsed[i],
                .unparsed = unparsed[i],
                .first = ONUS_TIME_NONE,
                .last = ONUS_TIME_NONE};
    }
    struct onus_trace_result result = {.inputs = inputs,
            .input_count = ONUS_COUNT(inputs),
            .first = ONUS_TIME_NONE,
            .last = ONUS_TIME_NONE};
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_trace_text_write(&result, &(struct onus_trace_text_options){0}, &text);
    for (size_t i = 1; i < ONUS_COUNT(shown); i++) {
        assert_true(at(&text, shown[i - 1]) < at(&text, shown[i]));
    }
    assert_false(onus_str_has(onus_buffer_view(&text), ONUS_STR("/in0")));
    (void)at(&text, "and 2 more: --top 6 or --json");
    onus_buffer_clear(&text);
}

static void nothing_found_is_said(void **state)
{
    (void)state;
    struct onus_trace_result result;
    sample_result_empty(&result);
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_trace_text_write(&result, &(struct onus_trace_text_options){0}, &text);
    (void)at(&text, "0 lines of 1 file: no attempts were recognised. No incident");
    (void)at(&text, "    the file is empty\n");
    onus_buffer_clear(&text);
    onus_arena_clear(&result.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_matters_stands_first),
            cmocka_unit_test(each_number_leads_back_to_lines),
            cmocka_unit_test(a_country_is_where_a_block_is_registered),
            cmocka_unit_test(no_line_is_wider_than_the_terminal),
            cmocka_unit_test(nothing_in_a_log_can_drive_the_terminal),
            cmocka_unit_test(colours_come_only_when_asked),
            cmocka_unit_test(top_bounds_the_rows_and_says_what_is_left),
            cmocka_unit_test(of_many_inputs_those_with_most_unparsed_lines_are_shown),
            cmocka_unit_test(nothing_found_is_said),
    };
    return cmocka_run_group_tests_name("report/trace_text", tests, NULL, NULL);
}

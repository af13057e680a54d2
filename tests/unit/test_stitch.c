/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: lines without a year or zone get the right one, a year turns where the months do,
 * rotated files are dated backwards from the newest, repeated messages stand for the line before them
 * across block borders, and every line is in exactly one of three counts.
 * Oracle: dates worked out by hand; the system's zone database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/stitch.h"
#include "trace/years.h"

static int64_t at(const char *iso)
{
    struct onus_str s = onus_str_of(iso);
    struct onus_moment moment;
    assert_true(onus_time_take_iso(&s, &moment));
    return moment.usec;
}

static int64_t wall(const char *syslog)
{
    struct onus_str s = onus_str_of(syslog);
    struct onus_moment moment;
    assert_true(onus_time_take_syslog(&s, &moment));
    return moment.usec;
}

static void the_stem_of_a_rotated_file_has_no_number(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *stem;
        uint64_t number;
    } rows[] = {
            {"auth.log", "auth.log", 0}, {"auth.log.1", "auth.log", 1},
            {"auth.log.12.gz", "auth.log", 12}, {"auth.log.zst", "auth.log", 0},
            {"a.d/x.99999", "a.d/x.99999", 0}, /* too large for a rotation: part of the name */
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        uint64_t number = 77;
        struct onus_str stem = onus_rotation_stem(onus_str_of(rows[i].path), &number);
        assert_true(onus_str_eq(stem, onus_str_of(rows[i].stem)));
        assert_int_equal(number, rows[i].number);
    }
}

static struct onus_input yearless(const char *path, const char *first, const char *changed)
{
    return (struct onus_input){.path = path,
            .first_time = wall(first),
            .first_marks = ONUS_MARK_NO_YEAR | ONUS_MARK_NO_ZONE,
            .changed = changed ? at(changed) : INT64_MIN};
}

static void the_year_puts_the_first_line_before_the_last_change(void **state)
{
    (void)state;
    struct onus_input inputs[] = {
            yearless("a", "Jan  3 00:00:00", "2026-01-10T00:00:00Z"),
            yearless("b", "Dec 30 00:00:00", "2026-01-10T00:00:00Z"),
            yearless("c", "Feb 29 12:00:00", "2025-06-01T00:00:00Z"),
    };
    assert_int_equal(onus_years_assign(inputs, 3, 0, NULL), ONUS_OK);
    assert_int_equal(inputs[0].year, 2026);
    assert_int_equal(inputs[1].year, 2025);
    assert_int_equal(inputs[2].year, 2025);
}

static void an_older_rotation_ends_before_the_younger_begins(void **state)
{
    (void)state;
    /* Copied files: all three changed on the same day. */
    struct onus_input inputs[] = {
            yearless("auth.log.2.gz", "Feb  1 00:00:00", "2026-03-01T00:00:00Z"),
            yearless("auth.log", "Feb 20 00:00:00", "2026-03-01T00:00:00Z"),
            yearless("auth.log.1", "Nov 11 00:00:00", "2026-03-01T00:00:00Z"),
    };
    assert_int_equal(onus_years_assign(inputs, 3, 0, NULL), ONUS_OK);
    assert_int_equal(inputs[1].year, 2026);
    assert_int_equal(inputs[2].year, 2025);
    assert_int_equal(inputs[0].year, 2025);
}

static void a_pipe_without_a_stated_year_cannot_be_dated(void **state)
{
    (void)state;
    struct onus_input input = yearless("-", "Feb  1 00:00:00", NULL);
    struct onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_years_assign(&input, 1, 0, &err), ONUS_E_MISSING);
    assert_true(onus_str_has(onus_str_of(err.text), ONUS_STR("--year")));
    assert_int_equal(onus_years_assign(&input, 1, 2024, NULL), ONUS_OK);
    assert_int_equal(input.year, 2024);
}

static void zones_are_offsets_or_names(void **state)
{
    (void)state;
    struct onus_zone zone;
    assert_int_equal(onus_zone_init(&zone, ONUS_STR("+02:00"), NULL), ONUS_OK);
    assert_int_equal(onus_zone_to_utc(&zone, at("2026-01-10T02:00:00Z")),
            at("2026-01-10T00:00:00Z"));
    assert_int_equal(onus_zone_init(&zone, ONUS_STR("-0530"), NULL), ONUS_OK);
    assert_int_equal(onus_zone_to_utc(&zone, at("2026-01-10T00:00:00Z")),
            at("2026-01-10T05:30:00Z"));
    static const char *const wrong[] = {"Mars/Olympus", "../../etc/passwd", "/etc/passwd", "+19",
            "", "+2:99"};
    for (size_t i = 0; i < ONUS_COUNT(wrong); i++) {
        assert_int_equal(onus_zone_init(&zone, onus_str_of(wrong[i]), NULL), ONUS_E_ARGUMENT);
    }
}

static void a_named_zone_knows_summer_time_and_takes_the_earlier_of_two(void **state)
{
    (void)state;
    struct onus_zone zone;
    if (onus_zone_init(&zone, ONUS_STR("Europe/Berlin"), NULL) != ONUS_OK) {
        skip(); /* no zone database on this machine */
    }
    assert_int_equal(onus_zone_to_utc(&zone, at("2026-01-10T01:00:00Z")),
            at("2026-01-10T00:00:00Z"));
    assert_int_equal(onus_zone_to_utc(&zone, at("2026-07-10T02:00:00Z")),
            at("2026-07-10T00:00:00Z"));
    /* 2026-10-25: 02:30 happens twice, first in summer time. */
    assert_int_equal(onus_zone_to_utc(&zone, at("2026-10-25T02:30:00Z")),
            at("2026-10-25T00:30:00Z"));
    assert_int_equal(onus_zone_to_utc(&zone, at("2026-10-25T03:30:00Z")),
            at("2026-10-25T02:30:00Z"));
}

/* ---- the stitcher, on blocks made by hand ---- */

struct bench {
    struct onus_zone zone;
    struct onus_stitcher stitcher;
    struct onus_input input;
    struct onus_line lines[8];
    struct onus_event events[8];
    struct onus_block block;
};

static void begin(struct bench *b, int year)
{
    *b = (struct bench){.input = {.path = "x", .year = year, .first_marks = ONUS_MARK_NO_YEAR}};
    assert_int_equal(onus_zone_init(&b->zone, ONUS_STR("UTC"), NULL), ONUS_OK);
    b->stitcher = (struct onus_stitcher){.zone = &b->zone};
    onus_stitch_begin(&b->stitcher, &b->input, 3);
    b->block = (struct onus_block){.input = &b->input,
            .lines = b->lines,
            .events = b->events,
            .bytes = (char[]){""}};
    onus_arena_init(&b->block.arena, 1 << 20);
}

static void end(struct bench *b)
{
    onus_stitch_clear(&b->stitcher);
    onus_arena_clear(&b->block.arena);
}

static struct onus_event *add(struct bench *b, enum onus_line_verdict verdict, int64_t time)
{
    struct onus_line *line = &b->lines[b->block.line_count++];
    *line = (struct onus_line){.span = 1,
            .verdict = (uint8_t)verdict,
            .time = time,
            .marks = ONUS_MARK_NO_YEAR | ONUS_MARK_NO_ZONE};
    if (verdict != ONUS_LINE_PARSED) {
        return NULL;
    }
    line->first_event = (uint32_t)b->block.event_count;
    line->event_count = 1;
    struct onus_event *event = &b->events[b->block.event_count++];
    *event = (struct onus_event){.kind = ONUS_EVENT_AUTH, .time = time, .marks = line->marks};
    return event;
}

static void stitch(struct bench *b)
{
    assert_int_equal(onus_stitch_block(&b->stitcher, &b->block, NULL), ONUS_OK);
}

static void the_year_turns_with_the_months_and_back_for_a_late_line(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2025);
    (void)add(&b, ONUS_LINE_PARSED, wall("Dec 31 23:59:59"));
    (void)add(&b, ONUS_LINE_PARSED, wall("Jan  1 00:00:01"));
    (void)add(&b, ONUS_LINE_PARSED, wall("Dec 31 23:59:58"));
    (void)add(&b, ONUS_LINE_PARSED, wall("Jan  1 00:00:02"));
    stitch(&b);
    assert_int_equal(b.events[0].time, at("2025-12-31T23:59:59Z"));
    assert_int_equal(b.events[1].time, at("2026-01-01T00:00:01Z"));
    assert_int_equal(b.events[2].time, at("2025-12-31T23:59:58Z"));
    assert_int_equal(b.events[3].time, at("2026-01-01T00:00:02Z"));
    assert_int_equal(b.events[3].ref.line, 4);
    assert_int_equal(b.events[3].ref.input, 3);
    assert_int_equal(b.input.facts.zone_basis, ONUS_ZONE_ASSUMED);
    assert_int_equal(b.input.facts.assumed_year, 2025);
    end(&b);
}

static void a_repeat_stands_for_the_line_before_it_across_blocks(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2026);
    struct onus_event *first = add(&b, ONUS_LINE_PARSED, wall("Jan 10 00:00:00"));
    char account[] = "root";
    first->account = (struct onus_str){account, 4};
    first->count = 2;
    stitch(&b);
    account[0] = 'X'; /* the block is used again */
    b.block.line_count = b.block.event_count = 0;
    struct onus_event *repeat = add(&b, ONUS_LINE_PARSED, wall("Jan 10 00:00:09"));
    repeat->kind = ONUS_EVENT_REPEAT;
    repeat->count = 3;
    stitch(&b);
    assert_int_equal(repeat->kind, ONUS_EVENT_AUTH);
    assert_int_equal(repeat->count, 6);
    assert_true(onus_str_eq(repeat->account, ONUS_STR("root")));
    assert_int_equal(repeat->time, at("2026-01-10T00:00:09Z"));
    assert_int_equal(repeat->ref.line, 2);
    end(&b);
}

static void a_repeat_after_an_ignored_line_counts_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2026);
    (void)add(&b, ONUS_LINE_PARSED, wall("Jan 10 00:00:00"));
    (void)add(&b, ONUS_LINE_IGNORED, wall("Jan 10 00:00:01"));
    struct onus_event *repeat = add(&b, ONUS_LINE_PARSED, wall("Jan 10 00:00:02"));
    repeat->kind = ONUS_EVENT_REPEAT;
    repeat->count = 3;
    stitch(&b);
    assert_int_equal(b.lines[2].verdict, ONUS_LINE_IGNORED);
    assert_int_equal(b.lines[2].event_count, 0);
    assert_int_equal(b.input.facts.parsed, 1);
    assert_int_equal(b.input.facts.ignored, 2);
    end(&b);
}

static void every_line_is_in_one_count_and_the_clock_is_watched(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 2026);
    (void)add(&b, ONUS_LINE_PARSED, wall("Jan 10 00:00:00"));
    (void)add(&b, ONUS_LINE_UNPARSED, ONUS_TIME_NONE);
    (void)add(&b, ONUS_LINE_IGNORED, wall("Jan 10 09:00:00"));
    (void)add(&b, ONUS_LINE_PARSED, wall("Jan 10 08:00:00"));
    b.lines[3].span = 5; /* a record of five lines */
    stitch(&b);
    const struct onus_trace_input *facts = &b.input.facts;
    assert_int_equal(facts->lines, 8);
    assert_int_equal(facts->parsed, 6);
    assert_int_equal(facts->ignored, 1);
    assert_int_equal(facts->unparsed, 1);
    assert_int_equal(facts->unparsed_first, 2);
    assert_int_equal(facts->gap_count, 1);
    assert_int_equal(facts->gaps[0].line, 3);
    assert_int_equal(facts->step_count, 1);
    assert_int_equal(facts->steps[0].line, 4);
    assert_int_equal(facts->out_of_order, 1);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_stem_of_a_rotated_file_has_no_number),
            cmocka_unit_test(the_year_puts_the_first_line_before_the_last_change),
            cmocka_unit_test(an_older_rotation_ends_before_the_younger_begins),
            cmocka_unit_test(a_pipe_without_a_stated_year_cannot_be_dated),
            cmocka_unit_test(zones_are_offsets_or_names),
            cmocka_unit_test(a_named_zone_knows_summer_time_and_takes_the_earlier_of_two),
            cmocka_unit_test(the_year_turns_with_the_months_and_back_for_a_late_line),
            cmocka_unit_test(a_repeat_stands_for_the_line_before_it_across_blocks),
            cmocka_unit_test(a_repeat_after_an_ignored_line_counts_nothing),
            cmocka_unit_test(every_line_is_in_one_count_and_the_clock_is_watched),
    };
    return cmocka_run_group_tests_name("trace/stitch", tests, NULL, NULL);
}

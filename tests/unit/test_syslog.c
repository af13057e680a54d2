/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: each spelling of a syslog line gives the same event, times carry the marks for
 * what the line does not say, and lines of other formats are left alone.
 * Oracle: RFC 3164, RFC 5424 section 6, and the expected fields written beside each line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/syslog.h"

static struct onus_arena arena;

static enum onus_line_verdict read_as(const char *format, struct onus_str line,
        struct onus_event *out)
{
    struct onus_parse_context context = {.arena = &arena};
    const struct onus_format *f = onus_format_by_name(onus_str_of(format));
    assert_non_null(f);
    memset(out, 0, sizeof(*out));
    return f->parse(&context, line, out);
}

static void assert_str(struct onus_str got, const char *want)
{
    if (!onus_str_eq(got, onus_str_of(want))) {
        fail_msg("got '" ONUS_STR_FMT "', want '%s'", ONUS_STR_ARG(got), want);
    }
}

static void assert_time(const struct onus_event *event, const char *want)
{
    char text[ONUS_TIME_TEXT];
    (void)onus_time_format(event->time, text);
    assert_string_equal(text, want);
}

#define FAILED "Failed password for root from 198.51.100.77 port 45621 ssh2"

struct spelling {
    const char *line, *time, *host;
    unsigned marks;
};

static void every_spelling_gives_the_same_attempt(void **state)
{
    (void)state;
    const unsigned wall = ONUS_MARK_NO_ZONE | ONUS_MARK_NO_YEAR;
    const struct spelling rows[] = {
            {"Jan 10 03:11:02 h sshd[7]: " FAILED, "1972-01-10T03:11:02Z", "h", wall},
            {"Jan  9 03:11:02 h sshd[7]: " FAILED, "1972-01-09T03:11:02Z", "h", wall},
            {"Jan 9 03:11:02 h sshd[7]: " FAILED, "1972-01-09T03:11:02Z", "h", wall},
            {"Feb 29 23:59:60 h sshd[7]: " FAILED, "1972-03-01T00:00:00Z", "h", wall},
            {"<38>Jan 10 03:11:02 h sshd[7]: " FAILED, "1972-01-10T03:11:02Z", "h", wall},
            {"Jan 10 03:11:02 <auth.info> h sshd[7]: " FAILED, "1972-01-10T03:11:02Z", "h", wall},
            {"Jan 10 03:11:02 h sshd[7]: [ID 800047 auth.info] " FAILED, "1972-01-10T03:11:02Z",
                    "h", wall},
            {"Jan 10 03:11:02 sshd[7]: " FAILED, "1972-01-10T03:11:02Z", "", wall},
            {"Jan 10 03:11:02 [sshd] " FAILED, "1972-01-10T03:11:02Z", "", wall},
            {"Jan 10 03:11:02 192.0.2.1 sshd[7]: " FAILED, "1972-01-10T03:11:02Z", "192.0.2.1",
                    wall},
            {"Jan 10 2026 03:11:02 h sshd[7]: " FAILED, "2026-01-10T03:11:02Z", "h",
                    ONUS_MARK_NO_ZONE},
            {"2026-01-10T03:11:02.123456+01:00 h.example sshd[7]: " FAILED,
                    "2026-01-10T02:11:02.123456Z", "h.example", 0},
            {"2026-01-10 03:11:02,123 h sshd[7] " FAILED, "2026-01-10T03:11:02.123000Z", "h",
                    ONUS_MARK_NO_ZONE},
            {"<38>1 2026-01-10T03:11:02.5+01:00 h sshd 7 - - " FAILED,
                    "2026-01-10T02:11:02.500000Z", "h", 0},
            {"<38>1 2026-01-10T02:11:02Z h sshd 7 ID1 [a@1 b=\"c\\]\\\"\"][m d=\"\"] \xef\xbb\xbf" FAILED,
                    "2026-01-10T02:11:02Z", "h", 0},
            {"123 <38>1 2026-01-10T02:11:02Z h sshd 7 - - " FAILED, "2026-01-10T02:11:02Z", "h", 0},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_event event;
        assert_int_equal(read_as("syslog", onus_str_of(rows[i].line), &event), ONUS_LINE_PARSED);
        assert_int_equal(event.kind, ONUS_EVENT_AUTH);
        assert_str(event.source_text, "198.51.100.77");
        assert_str(event.program, "sshd");
        assert_str(event.host, rows[i].host);
        assert_time(&event, rows[i].time);
        assert_int_equal(event.marks & (wall | ONUS_MARK_NO_TIME), rows[i].marks);
    }
}

static void lines_that_break_the_standard_are_refused(void **state)
{
    (void)state;
    const char *const lines[] = {
            "",
            "<192>1 - - - - - -",
            "<34>1 2003-08-24T05:14:15.000000003-07:00 h a - - -",
            "<34>1 2003-08-24t05:14:15Z h a - - -",
            "<34>1 2003-08-24T05:14:60Z h a - - -",
            "<34>1 2003-08-24T05:14:15 h a - - -",
            "<34>1 2003-08-24T05:14:15+0100 h a - - -",
            "<34>1 2003-08-24T05:14:15Z h a - -",
            "<34>1 2003-08-24T05:14:15Z h a - - [x",
            "<34>1 2003-08-24T05:14:15Z h a - - [x y=\"z]",
            "<34>1 2003-08-24T05:14:15Z h a - - []",
            "Foo 10 03:11:02 h sshd[7]: " FAILED,
            "Jan 32 03:11:02 h sshd[7]: " FAILED,
            "Feb 30 03:11:02 h sshd[7]: " FAILED,
            "2026-01-10 03:11:02 INFO started: all is well",
            "2026-01-10T03:11:02+0000 [factory.Transport,1,192.0.2.1] New connection",
            "2026-01-10T03:11:02+0000 [factory] New connection",
            "192.0.2.1 - - [10/Jan/2026:03:11:02 +0100] \"GET / HTTP/1.1\" 200 5",
    };
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        struct onus_event event;
        if (read_as("syslog", onus_str_of(lines[i]), &event) != ONUS_LINE_UNPARSED) {
            fail_msg("accepted: %s", lines[i]);
        }
    }
}

static void nil_fields_are_no_values(void **state)
{
    (void)state;
    struct onus_event event;
    assert_int_equal(read_as("syslog", ONUS_STR("<165>1 - - - - - -"), &event), ONUS_LINE_IGNORED);
    assert_true(event.time == ONUS_TIME_NONE);
    assert_true(event.marks & ONUS_MARK_NO_TIME);
    assert_int_equal(event.host.len, 0);
    assert_int_equal(event.session, 0);
}

static void lines_of_one_process_share_a_session(void **state)
{
    (void)state;
    struct onus_event a;
    struct onus_event b;
    (void)read_as("syslog", ONUS_STR("Jan 10 03:11:02 h sshd[7]: " FAILED), &a);
    (void)read_as("syslog", ONUS_STR("Jan 10 03:11:09 h sshd-session[7]: " FAILED), &b);
    assert_true(a.session != 0 && a.session == b.session);
    (void)read_as("syslog", ONUS_STR("Jan 10 03:11:09 h sshd[8]: " FAILED), &b);
    assert_true(a.session != b.session);
    (void)read_as("syslog", ONUS_STR("Jan 10 03:11:09 other sshd[7]: " FAILED), &b);
    assert_true(a.session != b.session);
    (void)read_as("syslog", ONUS_STR("Jan 10 03:11:09 h sshd: " FAILED), &b);
    assert_true(b.session == 0);
}

static void repeated_messages_count_as_often_as_they_say(void **state)
{
    (void)state;
    struct onus_event event;
    assert_int_equal(
            read_as("syslog",
                    ONUS_STR("Jan 10 03:11:02 h sshd[7]: message repeated 4 times: [ " FAILED "]"),
                    &event),
            ONUS_LINE_PARSED);
    assert_int_equal(event.kind, ONUS_EVENT_AUTH);
    assert_int_equal(event.count, 4);
    assert_str(event.source_text, "198.51.100.77");
    assert_int_equal(read_as("syslog", ONUS_STR("Jan 10 03:11:02 h last message repeated 3 times"),
                             &event),
            ONUS_LINE_PARSED);
    assert_int_equal(event.kind, ONUS_EVENT_REPEAT);
    assert_int_equal(event.count, 3);
    assert_int_equal(read_as("syslog",
                             ONUS_STR("Jan 10 03:11:02 h sshd[7]: message repeated 4 times: [ Fai"),
                             &event),
            ONUS_LINE_UNPARSED);
}

static void a_line_without_time_is_taken_for_known_programs_only(void **state)
{
    (void)state;
    struct onus_event event;
    assert_int_equal(read_as("syslog-bare", ONUS_STR("h sshd[7]: " FAILED), &event),
            ONUS_LINE_PARSED);
    assert_true(event.marks & ONUS_MARK_NO_TIME);
    assert_int_equal(read_as("syslog-bare", ONUS_STR("h notsshd[7]: " FAILED), &event),
            ONUS_LINE_UNPARSED);
    assert_int_equal(read_as("syslog-bare", ONUS_STR("h sshd[x]: " FAILED), &event),
            ONUS_LINE_UNPARSED);
}

static void the_fast_time_agrees_with_the_slow_one(void **state)
{
    (void)state;
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDecXyz";
    for (unsigned month = 0; month < 13; month++) {
        for (unsigned day = 0; day < 33; day++) {
            for (unsigned clock = 0; clock < 70; clock += 3) {
                char text[64];
                (void)snprintf(text, sizeof(text), "%.3s %2u %02u:%02u:%02u h x: y",
                        months + month * 3, day, clock % 26, clock, (clock * 7) % 63);
                struct onus_str slow = onus_str_of(text);
                struct onus_str fast = slow;
                struct onus_moment moment = {0};
                int64_t usec = 0;
                bool expected = onus_time_take_syslog(&slow, &moment);
                assert_int_equal(onus_syslog_take_fast_time(&fast, &usec), expected);
                if (expected) {
                    assert_true(usec == moment.usec);
                    assert_ptr_equal(fast.ptr, slow.ptr);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_spelling_gives_the_same_attempt),
            cmocka_unit_test(lines_that_break_the_standard_are_refused),
            cmocka_unit_test(nil_fields_are_no_values),
            cmocka_unit_test(lines_of_one_process_share_a_session),
            cmocka_unit_test(repeated_messages_count_as_often_as_they_say),
            cmocka_unit_test(a_line_without_time_is_taken_for_known_programs_only),
            cmocka_unit_test(the_fast_time_agrees_with_the_slow_one),
    };
    onus_arena_init(&arena, 1 << 20);
    int failed = cmocka_run_group_tests_name("trace/syslog", tests, NULL, NULL);
    onus_arena_clear(&arena);
    return failed;
}

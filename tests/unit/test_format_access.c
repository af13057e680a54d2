/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: an access log line gives the peer that the server wrote down and nothing that
 * the remote side wrote, in every spelling of the format.
 * Oracle: the fields as written in the documentation of Apache httpd and nginx.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/format_access.h"

#define TIME " [10/Jan/2026:03:11:02 +0100] "

static struct onus_arena arena;

static int set_up(void **state)
{
    (void)state;
    onus_arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    onus_arena_clear(&arena);
    return 0;
}

static struct onus_event parse(const struct onus_format *format, struct onus_str line)
{
    struct onus_event event = {0};
    struct onus_parse_context context = {.arena = &arena};
    assert_int_equal(format->parse(&context, line, &event), ONUS_LINE_PARSED);
    return event;
}

static bool refused(const struct onus_format *format, struct onus_str line)
{
    struct onus_event event = {0};
    struct onus_parse_context context = {.arena = &arena};
    return format->parse(&context, line, &event) == ONUS_LINE_UNPARSED;
}

#define assert_str(got, want) assert_true(onus_str_eq((got), ONUS_STR(want)))

static void assert_source(const struct onus_event *event, const char *want)
{
    char text[ONUS_ADDRESS_TEXT];
    assert_true(event->has_source);
    (void)onus_address_format(&event->source, text);
    assert_string_equal(text, want);
}

static void every_field_is_read(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - alice" TIME "\"GET /a?b=c HTTP/1.1\" 404 162 "
                     "\"https://example.org/\" \"Mozilla/5.0 (X11)\""));
    assert_source(&got, "192.0.2.7");
    assert_int_equal(got.kind, ONUS_EVENT_WEB);
    assert_int_equal(got.service, ONUS_SERVICE_HTTP);
    assert_true(got.time == INT64_C(1768011062) * ONUS_USEC);
    assert_int_equal(got.marks, ONUS_MARK_HANDSHAKE);
    assert_str(got.time_text, "10/Jan/2026:03:11:02 +0100");
    assert_str(got.account, "alice");
    assert_str(got.method, "GET");
    assert_str(got.target, "/a?b=c");
    assert_int_equal(got.status, 404);
    assert_int_equal(got.bytes, 162);
    assert_str(got.detail, "https://example.org/");
    assert_str(got.agent, "Mozilla/5.0 (X11)");
}

static void a_dash_is_nothing(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("2001:db8::7 - -" TIME "\"HEAD / HTTP/2.0\" 304 - \"-\" \"-\""));
    assert_source(&got, "2001:db8::7");
    assert_false(got.has_account);
    assert_int_equal(got.bytes, 0);
    assert_int_equal(got.agent.len, 0);
    assert_int_equal(got.detail.len, 0);
}

static void common_has_no_agent_and_combined_has(void **state)
{
    (void)state;
    struct onus_str common = ONUS_STR("192.0.2.7 - -" TIME "\"GET / HTTP/1.0\" 200 7");
    struct onus_event got = parse(&onus_format_common, common);
    assert_source(&got, "192.0.2.7");
    assert_true(refused(&onus_format_combined, common));
    assert_true(refused(&onus_format_vhost_combined, common));
    assert_true(refused(&onus_format_common,
            ONUS_STR("192.0.2.7 - -" TIME "\"GET / HTTP/1.0\" 200 7 \"-\" \"-\"")));
}

static void a_virtual_host_is_never_the_source(void **state)
{
    (void)state;
    struct onus_event got =
            parse(&onus_format_vhost_combined, ONUS_STR("www.example.org:443 192.0.2.7 - -" TIME
                                                        "\"GET / HTTP/1.1\" 200 7 \"-\" \"-\""));
    assert_source(&got, "192.0.2.7");
    assert_str(got.host, "www.example.org:443");

    /* nginx "$host $remote_addr - ...": the Host header says what the remote side likes */
    got = parse(&onus_format_vhost_combined,
            ONUS_STR("203.0.113.9 192.0.2.7 - -" TIME "\"GET / HTTP/1.1\" 200 7 \"-\" \"-\""));
    assert_source(&got, "192.0.2.7");
    assert_str(got.host, "203.0.113.9");

    got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME
                     "\"GET / HTTP/1.1\" 200 7 \"-\" \"-\" www.example.org:443"));
    assert_source(&got, "192.0.2.7");
    assert_str(got.host, "www.example.org:443");
}

static void a_forwarded_address_is_only_text(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME
                     "\"GET / HTTP/1.1\" 200 7 \"-\" \"x\" \"203.0.113.9\" rt=0.012"));
    assert_source(&got, "192.0.2.7");
    assert_str(got.detail, "\"203.0.113.9\" rt=0.012");
    assert_int_equal(got.host.len, 0);
}

static void user_name_cannot_forge_source_time_or_request(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - 203.0.113.9 - - [01/Jan/2020:00:00:00 +0000] \\\"GET /x "
                     "HTTP/1.1\\\" 200 1" TIME "\"GET /real HTTP/1.1\" 401 7 \"-\" \"-\""));
    assert_source(&got, "192.0.2.7");
    assert_str(got.target, "/real");
    assert_int_equal(got.status, 401);
    assert_str(got.time_text, "10/Jan/2026:03:11:02 +0100");
    assert_str(got.account,
            "203.0.113.9 - - [01/Jan/2020:00:00:00 +0000] \"GET /x HTTP/1.1\" 200 1");
}

static void request_and_agent_cannot_forge_the_status(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME "\"GET /\\\" 200 9 \\\"x HTTP/1.1\" 404 7 \"-\" "
                     "\"a\\\" 500 1 \\\"\""));
    assert_int_equal(got.status, 404);
    assert_str(got.target, "/\" 200 9 \"x");
    assert_str(got.agent, "a\" 500 1 \"");
}

static void escapes_of_both_servers_are_undone(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME "\"GET /\\x22\\xC3\\xa9\\\\\\t\\q HTTP/1.1\" 404 7 \"-\" "
                     "\"() { :; }; \\x22\""));
    assert_str(got.target, "/\"\xc3\xa9\\\t\\q");
    assert_str(got.agent, "() { :; }; \"");
}

static void what_is_no_request_is_marked(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME "\"\\x16\\x03\\x01\\x00\" 400 157 \"-\" \"-\""));
    assert_int_equal(got.target.len, 4);
    assert_int_equal(got.method.len, 0);
    assert_true(got.marks & ONUS_MARK_BAD_REQUEST);

    got = parse(&onus_format_combined, ONUS_STR("192.0.2.7 - -" TIME "\"\" 400 0 \"-\" \"-\""));
    assert_int_equal(got.target.len, 0);
    assert_true(got.marks & ONUS_MARK_BAD_REQUEST);

    got = parse(&onus_format_combined, ONUS_STR("192.0.2.7 - -" TIME "\"-\" 408 - \"-\" \"-\""));
    assert_int_equal(got.target.len, 0);
    assert_int_equal(got.status, 408);

    got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME "\"GET /a b HTTP/7.0\" 400 0 \"-\" \"-\""));
    assert_str(got.target, "/a b HTTP/7.0");
    got = parse(&onus_format_combined,
            ONUS_STR("192.0.2.7 - -" TIME "\"GET /\" 400 0 \"-\" \"-\""));
    assert_str(got.target, "/");
    assert_str(got.method, "GET");
}

static void a_name_instead_of_an_address_is_kept_as_a_name(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("host7.example.net - -" TIME "\"GET / HTTP/1.1\" 200 7 \"-\" \"-\""));
    assert_false(got.has_source);
    assert_str(got.source_name, "host7.example.net");
    got = parse(&onus_format_combined,
            ONUS_STR("unix: - -" TIME "\"GET / HTTP/1.1\" 200 7 \"-\" \"-\""));
    assert_false(got.has_source);
    assert_str(got.source_name, "unix:");
}

static void a_line_in_quotes_is_the_line(void **state)
{
    (void)state;
    struct onus_event got = parse(&onus_format_combined,
            ONUS_STR("\"192.0.2.7 - -" TIME "\"GET / HTTP/1.1\" 200 7 \"-\" \"agent\"\""));
    assert_source(&got, "192.0.2.7");
    assert_str(got.agent, "agent");
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "",
            "192.0.2.7",
            "192.0.2.7 - - [10/Jan/2026:03:11:02 +0100]",
            "192.0.2.7 - - [10/Jan/2026:03:11:02 +0100] \"GET / HTTP/1.1\"",
            "192.0.2.7 - - [10/Jan/2026:03:11:02 +0100] \"GET / HTTP/1.1\" 2x0 7 \"-\" \"-\"",
            "192.0.2.7 - - [32/Jan/2026:03:11:02 +0100] \"GET / HTTP/1.1\" 200 7 \"-\" \"-\"",
            "Jan 10 03:11:02 srv sshd[7]: Failed password for root from 192.0.2.7 port 1 ssh2",
    };
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        assert_true(refused(&onus_format_combined, onus_str_of(lines[i])));
        assert_true(refused(&onus_format_common, onus_str_of(lines[i])));
        assert_true(refused(&onus_format_vhost_combined, onus_str_of(lines[i])));
    }
}

static void no_truncation_names_another_source(void **state)
{
    (void)state;
    struct onus_str whole = ONUS_STR(
            "192.0.2.7 - u" TIME "\"GET /\\x22 HTTP/1.1\" 200 7 \"r\" \"a\" \"203.0.113.9\"");
    for (size_t len = 0; len <= whole.len; len++) {
        char *exact = malloc(len > 0 ? len : 1); /* so the sanitizer sees the true end */
        assert_non_null(exact);
        memcpy(exact, whole.ptr, len);
        struct onus_event event = {0};
        struct onus_parse_context context = {.arena = &arena};
        if (onus_access_parse(&context, (struct onus_str){exact, len}, &event) ==
                ONUS_LINE_PARSED) {
            assert_source(&event, "192.0.2.7");
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_field_is_read),
            cmocka_unit_test(a_dash_is_nothing),
            cmocka_unit_test(common_has_no_agent_and_combined_has),
            cmocka_unit_test(a_virtual_host_is_never_the_source),
            cmocka_unit_test(a_forwarded_address_is_only_text),
            cmocka_unit_test(user_name_cannot_forge_source_time_or_request),
            cmocka_unit_test(request_and_agent_cannot_forge_the_status),
            cmocka_unit_test(escapes_of_both_servers_are_undone),
            cmocka_unit_test(what_is_no_request_is_marked),
            cmocka_unit_test(a_name_instead_of_an_address_is_kept_as_a_name),
            cmocka_unit_test(a_line_in_quotes_is_the_line),
            cmocka_unit_test(other_lines_are_refused),
            cmocka_unit_test(no_truncation_names_another_source),
    };
    return cmocka_run_group_tests_name("trace/format_access", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: journal entries in both exports carry the same message to the same parser, binary
 * fields and lying lengths included; IIS rows follow their header; Windows events keep the address
 * the system wrote and never the client's.
 * Oracle: invented entries in the documented layouts.
 */
#include "one_line.h"

static const char entry[] = "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1768014662123456\n"
                            "_HOSTNAME=h\n_PID=10\nSYSLOG_IDENTIFIER=cowrie\n";
static const char message[] = "2026-01-10T03:11:02+0000 [HoneyPotSSHTransport,1,198.51.100.7] "
                              "login attempt [root/x] failed";

static struct onus_str with_message(char *room, size_t size, bool binary)
{
    int used = snprintf(room, size, "%sMESSAGE", entry);
    assert_true(used > 0);
    size_t at = (size_t)used;
    if (binary) {
        room[at++] = '\n';
        memset(room + at, 0, 8);
        room[at] = (char)(sizeof(message) - 1);
        at += 8;
    } else {
        room[at++] = '=';
    }
    memcpy(room + at, message, sizeof(message) - 1);
    at += sizeof(message) - 1;
    room[at++] = '\n';
    room[at++] = '\n';
    return (struct onus_str){room, at};
}

static void text_and_binary_fields_carry_the_same_message(void **state)
{
    (void)state;
    for (int binary = 0; binary < 2; binary++) {
        char room[1024];
        struct onus_str text = with_message(room, sizeof(room), binary);
        struct reader r;
        reader_init(&r, "journal-export");
        assert_int_equal(r.format->record(text, false), text.len);
        assert_int_equal(reader_parse(&r, onus_str_sub(text, 0, text.len - 1)), ONUS_LINE_PARSED);
        assert_true(r.events[0].time == 1768014662123456);
        assert_text(r.events[0].host, "h");
        assert_text(r.events[0].program, "cowrie");
        assert_text(r.events[0].account, "root");
        expect_source(&r.events[0], "198.51.100.7");
        reader_clear(&r);
    }
}

static void an_entry_that_is_not_whole_waits_for_more(void **state)
{
    (void)state;
    for (int binary = 0; binary < 2; binary++) {
        char room[1024];
        struct onus_str text = with_message(room, sizeof(room), binary);
        struct reader r;
        reader_init(&r, "journal-export");
        for (size_t len = 30; len < text.len; len++) {
            struct onus_str part = onus_str_sub(text, 0, len);
            assert_int_equal(r.format->record(part, false), 0);
            assert_in_range(r.format->record(part, true), 1, len);
        }
        reader_clear(&r);
    }
}

static void a_lying_length_costs_its_own_entry_only(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "journal-export");
    static const char lie[] = "__CURSOR=1\n__REALTIME_TIMESTAMP=1\nMESSAGE\n"
                              "\x00\x00\x00\x00\x00\x01\x00\x00hello\n\n__CURSOR=2\n";
    struct onus_str text = {lie, sizeof(lie) - 1};
    assert_int_equal(r.format->record(text, false), sizeof("__CURSOR=1\n__REALTIME_TIMESTAMP=1"));
    reader_clear(&r);
}

static void an_entry_that_was_cut_off_does_not_swallow_the_next(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "journal-export");
    struct onus_str text = ONUS_STR("__CURSOR=1\n__REALTIME_TIMESTAMP=1\nMESS\n"
                                    "__CURSOR=2\n__REALTIME_TIMESTAMP=2\n\n");
    size_t cut = r.format->record(text, false);
    assert_int_equal(cut, sizeof("__CURSOR=1\n__REALTIME_TIMESTAMP=1"));
    text = ONUS_STR("__CURSOR=1\n__REALTIME_TIMESTAMP=1\nMESSAGE=a\n"
                    "__CURSOR=2\n__REALTIME_TIMESTAMP=2\n\n");
    cut = r.format->record(text, false);
    assert_true(onus_str_begins(onus_str_from(text, cut), ONUS_STR("__CURSOR=2")));
    reader_clear(&r);
}

static void journal_json_reads_bytes_written_as_numbers(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "journal-json");
    char line[2048];
    int used = snprintf(line, sizeof(line),
            "{\"__REALTIME_TIMESTAMP\":\"1768014662999999\",\"_SOURCE_REALTIME_TIMESTAMP\":"
            "\"1768014662123456\",\"_HOSTNAME\":\"h\",\"_PID\":\"10\",\"SYSLOG_IDENTIFIER\":"
            "[\"cowrie\",\"other\"],\"MESSAGE\":[");
    for (size_t i = 0; i < sizeof(message) - 1; i++) {
        used += snprintf(line + used, sizeof(line) - (size_t)used, "%s%d", i > 0 ? "," : "",
                message[i]);
    }
    (void)snprintf(line + used, sizeof(line) - (size_t)used, "]}");
    assert_int_equal(reader_line(&r, line), ONUS_LINE_PARSED);
    assert_true(r.events[0].time == 1768014662123456);
    assert_text(r.events[0].account, "root");
    expect_source(&r.events[0], "198.51.100.7");
    assert_int_equal(reader_line(&r, "{\"MESSAGE\":\"x\"}"), ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

static void an_iis_row_is_read_by_its_header(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "iis");
    assert_int_equal(reader_line(&r, "2026-01-10 02:11:02 198.51.100.77 GET /"),
            ONUS_LINE_UNPARSED);
    assert_int_equal(reader_line(&r, "#Software: Microsoft Internet Information Services 10.0"),
            ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query "
                                     "s-port cs-username c-ip cs(User-Agent) sc-status "
                                     "sc-substatus sc-win32-status"),
            ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "2026-01-10 02:11:02 203.0.113.5 POST /owa/auth.owa a=b+c 443 "
                                     "- 198.51.100.77 Mozilla/5.0+(X11;+Linux) 401 1 1326"),
            ONUS_LINE_PARSED);
    expect_time(&r.events[0], "2026-01-10T02:11:02Z");
    expect_source(&r.events[0], "198.51.100.77");
    assert_int_equal(r.events[0].status, 401);
    assert_int_equal(r.events[0].dest_port, 443);
    assert_false(r.events[0].has_account);
    assert_text(r.events[0].target, "/owa/auth.owa?a=b+c");
    assert_text(r.events[0].agent, "Mozilla/5.0 (X11; Linux)");
    assert_text(r.events[0].detail, "401.1 win32 1326");
    /* another header below it, with the date in a line of its own */
    assert_int_equal(reader_line(&r, "#Date: 2026-01-11 00:00:00"), ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "#Fields: time c-ip cs-method cs-uri-stem"),
            ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "02:11:03 2001:db8::7 GET /"), ONUS_LINE_PARSED);
    expect_time(&r.events[0], "2026-01-11T02:11:03Z");
    assert_int_equal(reader_line(&r, "02:11:03 2001:db8::7 GET / more"), ONUS_LINE_UNPARSED);
    assert_int_equal(reader_line(&r, "02:11:03 2001:db8::7 GET"), ONUS_LINE_UNPARSED);
    /* a firewall's W3C log is no web log */
    assert_int_equal(reader_line(&r, "#Fields: date time action protocol src-ip dst-ip"),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

#define EVENT(id, data)                                                                            \
    "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><EventID>" id  \
    "</EventID><TimeCreated SystemTime=\"2026-01-10T02:11:02.1234567Z\"/><Computer>dc1</Computer>" \
    "</System><EventData>" data "</EventData></Event>"
#define DATA(name, value) "<Data Name=\"" name "\">" value "</Data>"

static void a_refused_logon_says_why(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "windows-xml");
    static const char line[] = EVENT("4625",
            DATA("TargetUserName", "a&amp;b") DATA("Status", "0xc000006d")
                    DATA("SubStatus", "0xC0000064") DATA("LogonType", "3")
                            DATA("IpAddress", "::ffff:198.51.100.77") DATA("IpPort", "0"));
    assert_int_equal(reader_line(&r, line), ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_NO_ACCOUNT);
    assert_text(r.events[0].account, "a&b");
    assert_text(r.events[0].detail, "no such user");
    assert_text(r.events[0].method, "network");
    expect_source(&r.events[0], "198.51.100.77");
    expect_time(&r.events[0], "2026-01-10T02:11:02.123456Z");
    assert_int_equal(reader_line(&r,
                             EVENT("4771", DATA("TargetUserName", "x") DATA("Status", "0x18")
                                                   DATA("IpAddress", "198.51.100.7"))),
            ONUS_LINE_PARSED);
    assert_text(r.events[0].detail, "wrong password");
    assert_int_equal(reader_line(&r, EVENT("4624", DATA("TargetUserName", "SYSTEM")
                                                           DATA("IpAddress", "-"))),
            ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, EVENT("4634", DATA("TargetUserName", "x"))),
            ONUS_LINE_IGNORED);
    reader_clear(&r);
    survive_truncations("windows-xml", line);
}

static void a_client_cannot_write_the_address_of_a_logon(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "windows-xml");
    /* the workstation name is sent by the client */
    assert_int_equal(reader_line(&r, EVENT("4776", DATA("TargetUserName", "x")
                                                           DATA("Workstation", "192.0.2.1")
                                                                   DATA("Status", "0xc000006a"))),
            ONUS_LINE_PARSED);
    assert_false(r.events[0].has_source);
    assert_text(r.events[0].source_name, "192.0.2.1");
    assert_true(r.events[0].marks & ONUS_MARK_CLAIMED);
    /* a value cannot hold a tag; a name cannot stand twice */
    assert_int_equal(reader_line(&r, EVENT("4625", DATA("TargetUserName",
                                                           "x" DATA("IpAddress", "192.0.2.1"))
                                                           DATA("IpAddress", "198.51.100.7"))),
            ONUS_LINE_UNPARSED);
    assert_int_equal(reader_line(&r, EVENT("4625", DATA("IpAddress", "192.0.2.1")
                                                           DATA("IpAddress", "198.51.100.7"))),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_and_binary_fields_carry_the_same_message),
            cmocka_unit_test(an_entry_that_is_not_whole_waits_for_more),
            cmocka_unit_test(a_lying_length_costs_its_own_entry_only),
            cmocka_unit_test(an_entry_that_was_cut_off_does_not_swallow_the_next),
            cmocka_unit_test(journal_json_reads_bytes_written_as_numbers),
            cmocka_unit_test(an_iis_row_is_read_by_its_header),
            cmocka_unit_test(a_refused_logon_says_why),
            cmocka_unit_test(a_client_cannot_write_the_address_of_a_logon),
    };
    return cmocka_run_group_tests_name("trace/host_formats", tests, NULL, NULL);
}

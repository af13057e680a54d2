/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: lines of Cowrie, Heralding and Dionaea become the attempts they describe, tried
 * passwords reach no field, and nothing the visitor types moves the address.
 * Oracle: invented lines with the meaning written beside them.
 */
#include "one_line.h"

#define COWRIE(eventid, rest)                                           \
    "{\"eventid\":\"cowrie." eventid "\"," rest                         \
    ",\"sensor\":\"s1\",\"timestamp\":\"2026-01-10T02:11:02.123456Z\"," \
    "\"src_ip\":\"198.51.100.77\",\"session\":\"2a5e755afa79\",\"protocol\":\"ssh\"}"

static void a_login_is_an_attempt_and_its_password_is_nowhere(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cowrie");
    static const char line[] =
            COWRIE("login.failed", "\"username\":\"ro\\u006ft\",\"password\":\"hunter2secret\","
                                   "\"message\":\"login attempt [root/hunter2secret] failed\"");
    assert_int_equal(reader_line(&r, line), ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].kind, ONUS_EVENT_AUTH);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(r.events[0].service, ONUS_SERVICE_SSH);
    assert_text(r.events[0].account, "root");
    assert_false(event_mentions(&r.events[0], "hunter2secret"));
    expect_source(&r.events[0], "198.51.100.77");
    expect_time(&r.events[0], "2026-01-10T02:11:02.123456Z");
    reader_clear(&r);
    survive_truncations("cowrie", line);
}

static void a_connection_joins_its_logins_and_counts_only_without_them(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cowrie");
    assert_int_equal(reader_line(&r, COWRIE("session.connect", "\"src_port\":45621,"
                                                               "\"dst_ip\":\"203.0.113.5\","
                                                               "\"dst_port\":2222")),
            ONUS_LINE_PARSED);
    uint64_t session = r.events[0].session;
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_PROBED);
    assert_int_equal(r.events[0].role, ONUS_ROLE_CLOSE);
    assert_int_equal(r.events[0].source_port, 45621);
    assert_int_equal(r.events[0].dest_port, 2222);
    assert_int_equal(reader_line(&r, COWRIE("login.success", "\"username\":\"a\"")),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].role, ONUS_ROLE_ATTEMPT);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_SUCCEEDED);
    assert_true(session != 0 && r.events[0].session == session);
    assert_int_equal(reader_line(&r, COWRIE("client.kex", "\"hassh\":\"x\"")), ONUS_LINE_IGNORED);
    reader_clear(&r);
}

static void what_a_visitor_does_inside_is_activity(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cowrie");
    (void)reader_line(&r, COWRIE("command.input", "\"input\":\"uname -a\""));
    assert_int_equal(r.events[0].kind, ONUS_EVENT_ACTIVITY);
    assert_text(r.events[0].target, "uname -a");
    assert_int_equal(r.events[0].findings, 0);
    (void)reader_line(&r, COWRIE("session.file_download", "\"url\":\"http://203.0.113.9/x\","
                                                          "\"shasum\":\"abc\""));
    assert_true(has_finding(&r.events[0], ONUS_FINDING_MALWARE));
    assert_text(r.events[0].detail, "abc");
    (void)reader_line(&r, COWRIE("direct-tcpip.request", "\"dst_ip\":\"mail.example\","
                                                         "\"dst_port\":25"));
    assert_true(has_finding(&r.events[0], ONUS_FINDING_RELAY_ATTEMPT));
    assert_int_equal(r.events[0].dest_port, 25);
    expect_source(&r.events[0], "198.51.100.77");
    reader_clear(&r);
}

static void a_user_name_cannot_become_a_second_address(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cowrie");
    assert_int_equal(reader_line(&r,
                             COWRIE("login.failed",
                                     "\"username\":\"x\\\",\\\"src_ip\\\":\\\"192.0.2.1\"")),
            ONUS_LINE_PARSED);
    expect_source(&r.events[0], "198.51.100.77");
    /* a record that names two sources is not believed at all */
    assert_int_equal(reader_line(&r, COWRIE("login.failed", "\"src_ip\":\"192.0.2.1\"")),
            ONUS_LINE_UNPARSED);
    assert_int_equal(reader_line(&r, "{\"eventid\":\"other\",\"x\":\"cowrie.\"}"),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

static void the_text_log_gives_the_same_without_the_password(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cowrie-text");
    assert_int_equal(reader_line(&r, "2026-01-10T03:11:02+0000 [cowrie.telnet.factory."
                                     "HoneyPotTelnetFactory] New connection: 198.51.100.7:47630 "
                                     "(203.0.113.5:2223) [session: 3e5a9212b91f]"),
            ONUS_LINE_PARSED);
    expect_source(&r.events[0], "198.51.100.7");
    assert_int_equal(r.events[0].service, ONUS_SERVICE_TELNET);
    assert_int_equal(reader_line(&r, "2026-01-10T03:11:02+0000 [HoneyPotSSHTransport,10,"
                                     "198.51.100.7] login attempt [b'ro/ot'/b'hunter2'] failed"),
            ONUS_LINE_PARSED);
    assert_text(r.events[0].account, "ro/ot");
    assert_false(event_mentions(&r.events[0], "hunter2"));
    assert_int_equal(reader_line(&r, "2026-01-10T03:11:02+0000 [HTTPChannel,1,198.51.100.7] x"),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

#define HERALDING(attempts)                                                                      \
    "{\"timestamp\": \"2026-01-10 02:11:02.123456\", \"session_id\": \"1\", "                    \
    "\"source_ip\": \"198.51.100.7\", \"source_port\": 7, \"destination_ip\": \"203.0.113.5\", " \
    "\"destination_port\": 110, \"protocol\": \"pop3\", " attempts "}"

static void an_array_over_many_lines_is_read_line_by_line(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "heralding");
    assert_int_equal(reader_line(&r, "]"), ONUS_LINE_UNPARSED); /* of what? */
    assert_int_equal(reader_line(&r, "[" HERALDING("\"num_auth_attempts\": 0, "
                                                   "\"auth_attempts\": []") ","),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_PROBED);
    assert_int_equal(reader_line(&r, HERALDING("\"num_auth_attempts\": 2, \"auth_attempts\": "
                                               "[{\"username\": \"a\", \"password\": \"p1\"}, "
                                               "{\"username\": \"b\", \"password\": \"p2\"}]")),
            ONUS_LINE_PARSED);
    assert_int_equal(r.count, 2);
    assert_text(r.events[0].account, "a");
    assert_text(r.events[1].account, "b");
    assert_false(event_mentions(&r.events[1], "p2"));
    assert_int_equal(r.events[1].service, ONUS_SERVICE_POP3);
    expect_source(&r.events[1], "198.51.100.7");
    assert_int_equal(reader_line(&r, ","), ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "]"), ONUS_LINE_IGNORED);
    reader_clear(&r);
}

static void dionaea_counts_one_try_for_each_name(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "dionaea");
    static const char line[] =
            "{\"connection\": {\"protocol\": \"ftpd\", \"transport\": \"tcp\", \"type\": "
            "\"accept\"}, \"dst_ip\": \"203.0.113.5\", \"dst_port\": 21, \"src_ip\": "
            "\"198.51.100.7\", \"src_port\": 4, \"timestamp\": \"2026-01-10T02:11:02.1\", "
            "\"credentials\": {\"password\": [\"x\", \"y\"], \"username\": [\"a\", \"b\"]}},";
    assert_int_equal(reader_line(&r, line), ONUS_LINE_PARSED);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.events[1].kind, ONUS_EVENT_AUTH);
    assert_int_equal(r.events[1].service, ONUS_SERVICE_FTP);
    assert_text(r.events[1].account, "b");
    reader_clear(&r);
    survive_truncations("dionaea", line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_login_is_an_attempt_and_its_password_is_nowhere),
            cmocka_unit_test(a_connection_joins_its_logins_and_counts_only_without_them),
            cmocka_unit_test(what_a_visitor_does_inside_is_activity),
            cmocka_unit_test(a_user_name_cannot_become_a_second_address),
            cmocka_unit_test(the_text_log_gives_the_same_without_the_password),
            cmocka_unit_test(an_array_over_many_lines_is_read_line_by_line),
            cmocka_unit_test(dionaea_counts_one_try_for_each_name),
    };
    return cmocka_run_group_tests_name("trace/honeypots", tests, NULL, NULL);
}

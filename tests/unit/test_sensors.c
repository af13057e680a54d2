/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: Zeek and Suricata rows become events with exact times, the one who began a
 * connection as source, and outcomes that claim no more than the sensor saw.
 * Oracle: invented lines in the documented layout of both programs.
 */
#include "one_line.h"

#define ENDS "CAbc1\t198.51.100.7\t45621\t203.0.113.5\t22\t"

static void zeek_header(struct reader *r, const char *path, const char *fields)
{
    char line[512];
    reader_init(r, "zeek-tsv");
    assert_int_equal(reader_line(r, "#separator \\x09"), ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(r, "#set_separator\t,"), ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(r, "#empty_field\t(empty)"), ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(r, "#unset_field\t-"), ONUS_LINE_IGNORED);
    (void)snprintf(line, sizeof(line), "#path\t%s", path);
    assert_int_equal(reader_line(r, line), ONUS_LINE_IGNORED);
    (void)snprintf(line, sizeof(line),
            "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\t%s", fields);
    assert_int_equal(reader_line(r, line), ONUS_LINE_IGNORED);
}

static void a_zeek_row_is_read_by_its_header(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "zeek-tsv");
    assert_int_equal(reader_line(&r, "1768014662.123456\t" ENDS "tcp\tS0\t1\t0"),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
    zeek_header(&r, "conn", "proto\tconn_state\torig_pkts\tresp_pkts");
    assert_int_equal(reader_line(&r, "1768014662.123456\t" ENDS "tcp\tS0\t1\t0"), ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].kind, ONUS_EVENT_CONNECTION);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_true(r.events[0].marks & ONUS_MARK_SPOOFABLE);
    expect_time(&r.events[0], "2026-01-10T03:11:02.123456Z");
    expect_source(&r.events[0], "198.51.100.7");
    assert_int_equal(r.events[0].dest_port, 22);
    assert_int_equal(reader_line(&r, "1768014662.123456\t" ENDS "tcp\tSF\t9\t8"), ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_SUCCEEDED);
    assert_true(r.events[0].marks & ONUS_MARK_HANDSHAKE);
    assert_int_equal(reader_line(&r, "1768014662.123456\t" ENDS "tcp\tOTH\t9\t8"),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_UNKNOWN);
    /* too few, too many columns */
    assert_int_equal(reader_line(&r, "1768014662.123456\t" ENDS "tcp\tSF\t9"), ONUS_LINE_UNPARSED);
    assert_int_equal(reader_line(&r, "1768014662.123456\t" ENDS "tcp\tSF\t9\t8\t7"),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

static void a_new_zeek_header_changes_the_columns_below_it(void **state)
{
    (void)state;
    struct reader r;
    zeek_header(&r, "conn", "proto\tconn_state");
    assert_int_equal(reader_line(&r, "#fields\tconn_state\tid.orig_h\tts"), ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "REJ\t2001:db8::7\t1768014662.5"), ONUS_LINE_PARSED);
    expect_source(&r.events[0], "2001:db8::7");
    expect_time(&r.events[0], "2026-01-10T03:11:02.500000Z");
    assert_int_equal(reader_line(&r, "#fields\tts\tid.orig_h\tid.orig_h"), ONUS_LINE_UNPARSED);
    assert_int_equal(reader_line(&r, "1768014662.5\t192.0.2.1\t192.0.2.2"), ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

static void a_masked_time_is_no_time_and_a_wrong_one_is_refused(void **state)
{
    (void)state;
    struct reader r;
    zeek_header(&r, "conn", "proto\tconn_state");
    assert_int_equal(reader_line(&r, "XXXXXXXXXX.XXXXXX\t" ENDS "tcp\tSF"), ONUS_LINE_PARSED);
    assert_true(r.events[0].marks & ONUS_MARK_NO_TIME);
    assert_true(r.events[0].time == ONUS_TIME_NONE);
    assert_int_equal(reader_line(&r, "yesterday\t" ENDS "tcp\tSF"), ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

static void zeeks_guess_about_ssh_is_split_into_tries(void **state)
{
    (void)state;
    struct reader r;
    zeek_header(&r, "ssh", "auth_success\tauth_attempts\tclient");
    assert_int_equal(reader_line(&r, "1768014662.1\t" ENDS "F\t6\tSSH-2.0-a\\x09b"),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(onus_event_tries(&r.events[0]), 6);
    assert_text(r.events[0].agent, "SSH-2.0-a\tb");
    assert_text(r.events[0].detail, "heuristic by packet size");
    assert_int_equal(reader_line(&r, "1768014662.1\t" ENDS "T\t3\t-"), ONUS_LINE_PARSED);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_SUCCEEDED);
    assert_int_equal(onus_event_tries(&r.events[0]), 1);
    assert_int_equal(r.events[1].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(onus_event_tries(&r.events[1]), 2);
    assert_int_equal(reader_line(&r, "1768014662.1\t" ENDS "-\t0\t-"), ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_PROBED);
    reader_clear(&r);
}

static void only_zeek_notices_about_somebodys_doing_are_alerts(void **state)
{
    (void)state;
    struct reader r;
    zeek_header(&r, "notice", "note\tmsg\tsrc\tdst");
    assert_int_equal(reader_line(&r, "1768014662.1\t-\t-\t-\t-\t-\tSSH::Password_Guessing\tx\t"
                                     "198.51.100.9\t-"),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].kind, ONUS_EVENT_ALERT);
    assert_true(has_finding(&r.events[0], ONUS_FINDING_PASSWORD_GUESSING));
    expect_source(&r.events[0], "198.51.100.9");
    assert_int_equal(reader_line(&r, "1768014662.1\t-\t-\t-\t-\t-\tSSL::Certificate_Expired\tx\t"
                                     "198.51.100.9\t-"),
            ONUS_LINE_IGNORED);
    /* the victim of an injection is no source */
    assert_int_equal(reader_line(&r, "1768014662.1\t-\t-\t-\t-\t-\tHTTP::SQL_Injection_Victim\tx\t"
                                     "203.0.113.5\t-"),
            ONUS_LINE_IGNORED);
    reader_clear(&r);
}

static void zeek_json_is_told_by_its_members_and_keeps_the_time_exact(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "zeek-json");
    static const char conn[] =
            "{\"ts\":1768014662.123456,\"uid\":\"C1\",\"id.orig_h\":\"198.51.100.7\","
            "\"id.orig_p\":45621,\"id.resp_h\":\"203.0.113.5\",\"id.resp_p\":22,"
            "\"proto\":\"tcp\",\"conn_state\":\"REJ\"}";
    assert_int_equal(reader_line(&r, conn), ONUS_LINE_PARSED);
    assert_true(r.events[0].time == 1768014662123456);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(reader_line(&r, "{\"_path\":\"ssh\",\"ts\":\"2026-01-10T03:11:02.123456Z\","
                                     "\"uid\":\"C1\",\"id.orig_h\":\"198.51.100.7\","
                                     "\"auth_success\":false,\"auth_attempts\":4}"),
            ONUS_LINE_PARSED);
    assert_true(r.events[0].time == 1768014662123456);
    assert_int_equal(onus_event_tries(&r.events[0]), 4);
    assert_int_equal(reader_line(&r, "{\"ts\":1768014662123,\"uid\":\"C1\",\"trans_depth\":1,"
                                     "\"id.orig_h\":\"198.51.100.7\",\"method\":\"GET\","
                                     "\"uri\":\"/a\\\\x20b\",\"status_code\":404}"),
            ONUS_LINE_PARSED);
    assert_true(r.events[0].time == 1768014662123000);
    assert_int_equal(r.events[0].kind, ONUS_EVENT_WEB);
    assert_text(r.events[0].target, "/a b");
    assert_int_equal(r.events[0].status, 404);
    assert_int_equal(reader_line(&r, "{\"ts\":1768014662.1,\"uid\":\"C1\",\"id.orig_h\":"
                                     "\"198.51.100.7\",\"proto\":\"udp\",\"trans_id\":7}"),
            ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "{\"ts\":1,\"message\":\"x\"}"), ONUS_LINE_UNPARSED);
    reader_clear(&r);
    survive_truncations("zeek-json", conn);
}

#define EVE(type, rest)                                                                       \
    "{\"timestamp\":\"2026-01-10T03:11:02.123456+0100\",\"flow_id\":7,\"event_type\":\"" type \
    "\",\"proto\":\"TCP\"," rest "}"
#define CLIENT \
    "\"src_ip\":\"198.51.100.7\",\"src_port\":4562,\"dest_ip\":\"203.0.113.5\",\"dest_port\":80"
#define SERVER \
    "\"src_ip\":\"203.0.113.5\",\"src_port\":80,\"dest_ip\":\"198.51.100.7\",\"dest_port\":4562"

static void an_alert_names_who_began_the_connection(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "suricata-eve");
    static const char line[] =
            EVE("alert", SERVER ",\"direction\":\"to_client\",\"alert\":{\"gid\":1,"
                                "\"signature_id\":2034125,\"rev\":4,\"action\":\"blocked\","
                                "\"signature\":\"ET EXPLOIT Path Traversal (CVE-2021-41773)\","
                                "\"category\":\"Web Application Attack\"}");
    assert_int_equal(reader_line(&r, line), ONUS_LINE_PARSED);
    expect_source(&r.events[0], "198.51.100.7");
    assert_int_equal(r.events[0].source_port, 4562);
    expect_time(&r.events[0], "2026-01-10T02:11:02.123456Z");
    assert_text(r.events[0].detail, "1:2034125:4 Web Application Attack");
    assert_true(has_finding(&r.events[0], ONUS_FINDING_IDS_ALERT));
    assert_true(has_finding(&r.events[0], ONUS_FINDING_TRAVERSAL));
    assert_true(has_finding(&r.events[0], ONUS_FINDING_KNOWN_EXPLOIT));
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(reader_line(&r, EVE("alert", SERVER ",\"flow\":{\"src_ip\":\"198.51.100.8\","
                                                         "\"dest_ip\":\"203.0.113.5\","
                                                         "\"src_port\":9,\"dest_port\":80}")),
            ONUS_LINE_PARSED);
    expect_source(&r.events[0], "198.51.100.8");
    reader_clear(&r);
    survive_truncations("suricata-eve", line);
}

static void a_flow_is_complete_only_when_the_client_acknowledged(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "suricata-eve");
    (void)reader_line(&r, EVE("flow", CLIENT ",\"flow\":{\"pkts_toserver\":2,\"pkts_toclient\":2,"
                                             "\"state\":\"closed\",\"start\":"
                                             "\"2026-01-10T03:10:00.000000+0100\"},"
                                             "\"tcp\":{\"tcp_flags_ts\":\"02\"}"));
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    expect_time(&r.events[0], "2026-01-10T02:10:00Z");
    (void)reader_line(&r, EVE("flow", CLIENT ",\"flow\":{\"pkts_toserver\":5,\"pkts_toclient\":4,"
                                             "\"state\":\"closed\"},"
                                             "\"tcp\":{\"tcp_flags_ts\":\"1b\"}"));
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_SUCCEEDED);
    assert_true(r.events[0].marks & ONUS_MARK_HANDSHAKE);
    (void)reader_line(&r, EVE("flow", CLIENT ",\"flow\":{\"pkts_toserver\":1,\"pkts_toclient\":0,"
                                             "\"state\":\"new\"}"));
    assert_true(r.events[0].marks & ONUS_MARK_SPOOFABLE);
    assert_int_equal(reader_line(&r, EVE("dns", CLIENT)), ONUS_LINE_IGNORED);
    reader_clear(&r);
}

static void a_refused_ftp_password_is_an_attempt_without_the_password(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "suricata-eve");
    (void)reader_line(&r, EVE("ftp", CLIENT ",\"ftp\":{\"command\":\"PASS\",\"command_data\":"
                                            "\"hunter2\",\"completion_code\":[\"530\"]}"));
    assert_int_equal(r.events[0].kind, ONUS_EVENT_AUTH);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_false(event_mentions(&r.events[0], "hunter2"));
    reader_clear(&r);
}

static void fast_alerts_are_read_from_the_right(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "suricata-fast");
    static const char line[] =
            "01/10/2026-03:11:02.123456  [**] [1:2008578:4] ET SCAN x {TCP} 192.0.2.1:1 -> "
            "192.0.2.2:2 [**] [Classification: Detection of a Network Scan] [Priority: 2] {UDP} "
            "2001:db8::7:5116 -> 2001:db8::1:5060";
    assert_int_equal(reader_line(&r, line), ONUS_LINE_PARSED);
    expect_source(&r.events[0], "2001:db8::7");
    assert_int_equal(r.events[0].source_port, 5116);
    assert_int_equal(r.events[0].dest_port, 5060);
    assert_true(has_finding(&r.events[0], ONUS_FINDING_PORT_SCAN));
    assert_true(r.events[0].marks & ONUS_MARK_NO_ZONE);
    assert_text(r.events[0].detail, "1:2008578:4");
    assert_int_equal(reader_line(&r, "01/10-03:11:02.1  [**] [1:1:1] x [**] [Priority: 2] {ICMP} "
                                     "198.51.100.7:8 -> 203.0.113.5:0"),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].source_port, 0);
    assert_true(r.events[0].marks & ONUS_MARK_NO_YEAR);
    reader_clear(&r);
    survive_truncations("suricata-fast", line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_zeek_row_is_read_by_its_header),
            cmocka_unit_test(a_new_zeek_header_changes_the_columns_below_it),
            cmocka_unit_test(a_masked_time_is_no_time_and_a_wrong_one_is_refused),
            cmocka_unit_test(zeeks_guess_about_ssh_is_split_into_tries),
            cmocka_unit_test(only_zeek_notices_about_somebodys_doing_are_alerts),
            cmocka_unit_test(zeek_json_is_told_by_its_members_and_keeps_the_time_exact),
            cmocka_unit_test(an_alert_names_who_began_the_connection),
            cmocka_unit_test(a_flow_is_complete_only_when_the_client_acknowledged),
            cmocka_unit_test(a_refused_ftp_password_is_an_attempt_without_the_password),
            cmocka_unit_test(fast_alerts_are_read_from_the_right),
    };
    return cmocka_run_group_tests_name("trace/sensors", tests, NULL, NULL);
}

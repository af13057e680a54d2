/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: CloudTrail, Entra and Office 365 records become sign-ins with the outcome their
 * codes stand for, alone, in lists and printed over many lines, and a service's name is nobody's
 * address.
 * Oracle: invented records in the providers' documented layout.
 */
#include "one_line.h"

#include "text/json_record.h"

#define LOGIN(user, result, more)                                                               \
    "{\"eventTime\":\"2026-01-10T02:11:02Z\",\"eventSource\":\"signin.amazonaws.com\","         \
    "\"eventName\":\"ConsoleLogin\",\"sourceIPAddress\":\"198.51.100.77\",\"userAgent\":\"x\"," \
    "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"" user "\"},"                        \
    "\"responseElements\":{\"ConsoleLogin\":\"" result "\"}" more "}"
#define CALL(source, code)                                                          \
    "{\"eventTime\":\"2026-01-10T02:11:03Z\",\"eventSource\":\"s3.amazonaws.com\"," \
    "\"eventName\":\"ListBuckets\",\"sourceIPAddress\":\"" source "\",\"errorCode\":\"" code "\"}"

static void a_console_login_has_the_outcome_aws_states(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cloudtrail");
    assert_int_equal(reader_line(&r, LOGIN("alice", "Failure", "")), ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(r.events[0].service, ONUS_SERVICE_CLOUD);
    assert_text(r.events[0].account, "alice");
    expect_source(&r.events[0], "198.51.100.77");
    expect_time(&r.events[0], "2026-01-10T02:11:02Z");
    (void)reader_line(&r, LOGIN("alice", "Success", ""));
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_SUCCEEDED);
    (void)reader_line(&r, LOGIN("HIDDEN_DUE_TO_SECURITY_REASONS", "Failure",
                                  ",\"errorMessage\":\"No username found in supplied account\""));
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_NO_ACCOUNT);
    assert_false(r.events[0].has_account);
    reader_clear(&r);
    survive_truncations("cloudtrail", LOGIN("alice", "Failure", ""));
}

static void a_list_gives_one_event_for_each_record_that_counts(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "cloudtrail");
    assert_int_equal(reader_line(&r, "{\"Records\":[" CALL("198.51.100.7",
                                             "NoSuchBucket") "," CALL("AWS Internal",
                                             "AccessDenied") "," LOGIN("bob", "Failure", "") "]}"),
            ONUS_LINE_PARSED);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.events[0].kind, ONUS_EVENT_ACTIVITY);
    assert_text(r.events[0].target, "s3.amazonaws.com:ListBuckets");
    assert_false(r.events[0].has_source);
    assert_int_equal(r.events[0].source_name.len, 0);
    assert_text(r.events[1].account, "bob");
    assert_int_equal(reader_line(&r, "{\"Records\":[]}"), ONUS_LINE_IGNORED);
    /* one broken record and nothing of the list is handed out */
    assert_int_equal(reader_line(&r, "{\"Records\":[" LOGIN("bob", "Failure", "") ",{\"x\":1}]}"),
            ONUS_LINE_UNPARSED);
    assert_int_equal(r.count, 1);
    reader_clear(&r);
}

static void a_document_over_many_lines_is_one_record(void **state)
{
    (void)state;
    struct onus_str text = ONUS_STR("{\n \"Records\": [\n  {\"a\": \"}\\\"]\"}\n ]\n}\n{\"b\":1}\n"
                                    "plain\n");
    size_t first = onus_json_record(text, false);
    assert_true(onus_str_ends(onus_str_sub(text, 0, first), ONUS_STR("]\n}\n")));
    text = onus_str_from(text, first);
    assert_int_equal(onus_json_record(text, false), 8);
    text = onus_str_from(text, 8);
    assert_int_equal(onus_json_record(text, false), 6);
    /* not whole yet, unless no more is to come */
    assert_int_equal(onus_json_record(ONUS_STR("{\n\"a\":\n"), false), 0);
    assert_int_equal(onus_json_record(ONUS_STR("{\n\"a\":\n"), true), 7);
    /* a line end inside a string breaks the document off there */
    assert_int_equal(onus_json_record(ONUS_STR("{\"a\n{\"b\":1}\n"), false), 4);
    /* so does a bracket in the first column, unless it goes on with a list */
    assert_int_equal(onus_json_record(ONUS_STR("{\"a\":\n{\"b\":1}\n"), false), 6);
    assert_int_equal(onus_json_record(ONUS_STR("[{\"a\":1},\n{\"b\":1}\n]\n"), false), 20);
}

#define SIGN_IN(category, code)                                                       \
    "{\"time\":\"2026-01-10T02:11:02.1234567Z\",\"category\":\"" category             \
    "\",\"resultType\":\"" code                                                       \
    "\",\"callerIpAddress\":\"198.51.100.77\",\"properties\":{\"userPrincipalName\":" \
    "\"a@example.com\",\"clientAppUsed\":\"IMAP4\",\"status\":{\"failureReason\":\"why\"}}}"

static void a_sign_in_code_says_how_far_the_try_came(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum onus_line_verdict verdict;
        enum onus_outcome outcome;
    } rows[] = {
            {SIGN_IN("SignInLogs", "50126"), ONUS_LINE_PARSED, ONUS_OUTCOME_FAILED},
            {SIGN_IN("SignInLogs", "50034"), ONUS_LINE_PARSED, ONUS_OUTCOME_NO_ACCOUNT},
            {SIGN_IN("SignInLogs", "50076"), ONUS_LINE_PARSED, ONUS_OUTCOME_PARTIAL},
            {SIGN_IN("SignInLogs", "500121"), ONUS_LINE_PARSED, ONUS_OUTCOME_PARTIAL},
            {SIGN_IN("SignInLogs", "0"), ONUS_LINE_PARSED, ONUS_OUTCOME_SUCCEEDED},
            {SIGN_IN("SignInLogs", "99999"), ONUS_LINE_PARSED, ONUS_OUTCOME_UNKNOWN},
            {SIGN_IN("SignInLogs", "50140"), ONUS_LINE_IGNORED, ONUS_OUTCOME_UNKNOWN},
            {SIGN_IN("NonInteractiveUserSignInLogs", "0"), ONUS_LINE_IGNORED, ONUS_OUTCOME_UNKNOWN},
            {SIGN_IN("AuditLogs", "0"), ONUS_LINE_IGNORED, ONUS_OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct reader r;
        reader_init(&r, "entra");
        assert_int_equal(reader_line(&r, rows[i].line), rows[i].verdict);
        assert_int_equal(r.events[0].outcome, rows[i].outcome);
        assert_text(r.events[0].account, "a@example.com");
        expect_source(&r.events[0], "198.51.100.77");
        expect_time(&r.events[0], "2026-01-10T02:11:02.123456Z");
        reader_clear(&r);
    }
    survive_truncations("entra", SIGN_IN("SignInLogs", "50126"));
}

static void the_three_shapes_of_a_sign_in_read_the_same(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "entra");
    assert_int_equal(reader_line(&r, "[{\"createdDateTime\":\"2026-01-10T02:11:02Z\","
                                     "\"userPrincipalName\":\"a@example.com\",\"ipAddress\":"
                                     "\"2001:db8::7\",\"status\":{\"errorCode\":50126}}]"),
            ONUS_LINE_PARSED);
    expect_source(&r.events[0], "2001:db8::7");
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_text(r.events[0].detail, "50126");
    assert_int_equal(reader_line(&r, "{\"TimeGenerated\":\"2026-01-10T02:11:02Z\","
                                     "\"UserPrincipalName\":\"a@example.com\",\"IPAddress\":"
                                     "\"2001:db8::7\",\"ResultType\":\"50126\"}"),
            ONUS_LINE_PARSED);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_FAILED);
    assert_int_equal(reader_line(&r, "{\"time\":\"1/10/2026 12:11:02 AM\",\"category\":"
                                     "\"ADFSSignInLogs\",\"resultType\":50126,\"properties\":{}}"),
            ONUS_LINE_PARSED);
    expect_time(&r.events[0], "2026-01-10T00:11:02Z");
    assert_int_equal(reader_line(&r, "{\"time\":\"2026-01-10T02:11:02Z\",\"x\":1}"),
            ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

static void an_office_login_takes_the_port_off_the_address(void **state)
{
    (void)state;
    struct reader r;
    reader_init(&r, "o365");
    assert_int_equal(reader_line(&r, "{\"CreationTime\":\"2026-01-10T02:11:02\",\"Operation\":"
                                     "\"UserLoginFailed\",\"Workload\":\"AzureActiveDirectory\","
                                     "\"RecordType\":15,\"ClientIP\":\"[2001:db8::5]:4711\","
                                     "\"UserId\":\"a@example.com\",\"LogonError\":"
                                     "\"UserAccountNotFound\"}"),
            ONUS_LINE_PARSED);
    expect_source(&r.events[0], "2001:db8::5");
    assert_int_equal(r.events[0].source_port, 4711);
    assert_int_equal(r.events[0].outcome, ONUS_OUTCOME_NO_ACCOUNT);
    assert_int_equal(reader_line(&r, "{\"CreationTime\":\"2026-01-10T02:11:02\",\"Operation\":"
                                     "\"MailItemsAccessed\",\"Workload\":\"Exchange\","
                                     "\"RecordType\":50,\"UserId\":\"a@example.com\"}"),
            ONUS_LINE_IGNORED);
    assert_int_equal(reader_line(&r, "{\"Operation\":\"x\"}"), ONUS_LINE_UNPARSED);
    reader_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_console_login_has_the_outcome_aws_states),
            cmocka_unit_test(a_list_gives_one_event_for_each_record_that_counts),
            cmocka_unit_test(a_document_over_many_lines_is_one_record),
            cmocka_unit_test(a_sign_in_code_says_how_far_the_try_came),
            cmocka_unit_test(the_three_shapes_of_a_sign_in_read_the_same),
            cmocka_unit_test(an_office_login_takes_the_port_off_the_address),
    };
    return cmocka_run_group_tests_name("trace/cloud_formats", tests, NULL, NULL);
}

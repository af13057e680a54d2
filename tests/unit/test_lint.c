/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: what is often not meant to leave is pointed at, by rule and place, and ordinary lines
 * are let through.
 * Oracle: by hand. All names and secrets are invented.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "evidence/lint.h"

struct found {
    struct onus_str text;
    char all[1024];
};

static void note(void *data, const struct onus_lint_finding *finding)
{
    struct found *found = data;
    size_t used = strlen(found->all);
    assert_true(finding->offset + finding->length <= found->text.len);
    (void)snprintf(found->all + used, sizeof(found->all) - used, "%s<%.*s>", finding->rule,
            (int)finding->length, found->text.ptr + finding->offset);
}

static void assert_lint(const char *text, const char *want)
{
    struct found found = {.text = onus_str_of(text)};
    onus_lint(found.text, false, note, &found);
    if (strcmp(found.all, want) != 0) {
        fail_msg("%s\n  gives %s\n  not   %s", text, found.all, want);
    }
}

static void ordinary_lines_are_let_through(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "Jun 27 03:12:07 gw1 sshd[811]: Failed password for root from 203.0.113.7 port 40112 "
            "ssh2",
            "Jun 27 03:12:07 gw1 sshd[811]: Invalid user oracle from 203.0.113.7 port 40112",
            "Jun 27 03:12:07 gw1 sshd[811]: Invalid user backup01 from 203.0.113.7",
            "Jun 27 03:12:07 gw1 sshd[811]: Invalid user svc-web_app from 203.0.113.7",
            "Jun 27 03:12:07 gw1 sshd[811]: Invalid user ec2-user from 203.0.113.7",
            "203.0.113.7 - - [27/Jun/2016:03:12:07 +0000] \"GET /wp-login.php?page=2 HTTP/1.1\" 404 "
            "0 \"-\" \"Mozilla/5.0\"",
            "basically, a cookie is mentioned here and the token too",
            "1::1 2001:db8::1 192.0.2.1 11.0.0.1 172.32.0.1",
            "mail to nobody@localhost and a@b",
            "",
    };
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        assert_lint(lines[i], "");
    }
}

static void what_is_secret_is_pointed_at(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want;
    } cases[] = {
            {"sshd[811]: Invalid user S3cret!pass from 203.0.113.7 port 1",
                    "password-as-user<S3cret!pass>"},
            {"sshd[811]: Failed password for invalid user my pass word! from 203.0.113.7",
                    "password-as-user<my pass word!>password-as-user<my pass word!>"},
            {"sshd[811]: Invalid user Winter2016 from 203.0.113.7", "password-as-user<Winter2016>"},
            {"Authorization: Basic cm9vdDpyb290 x",
                    "authorization<Authorization: Basic cm9vdDpyb290 "
                    "x>authorization<Basic cm9vdDpyb290 x>"},
            {"\"Cookie: PHPSESSID=0123abcd; a=b\"",
                    "cookie<Cookie: PHPSESSID=0123abcd>cookie<PHPSESSID=0123abcd>"},
            {"GET /login?user=bob&password=hunter2&x=1 HTTP/1.1", "url-secret<password=hunter2>"},
            {"GET /x?api_key=ab12;Token=cd34 HTTP/1.1",
                    "url-secret<api_key=ab12>url-secret<Token=cd34>"},
            {"-----BEGIN RSA PRIVATE KEY-----", "private-key<-----BEGIN RSA PRIVATE KEY>"},
            {"x ghp_0123456789abcdefghij0123456789abcdef y",
                    "access-token<ghp_0123456789abcdefghij0123456789abcdef>"},
            {"from <anna.muster@mail.example.org>: ", "e-mail<anna.muster@mail.example.org>"},
            {"from 10.1.2.3:22 to 192.168.0.9, fe80::1.",
                    "private-address<10.1.2.3>private-address<192.168.0.9>private-address<fe80::1>"},
            {"172.16.0.1 100.64.0.1 fd00:1::2",
                    "private-address<172.16.0.1>private-address<100.64.0.1>"
                    "private-address<fd00:1::2>"},
    };
    for (size_t i = 0; i < ONUS_COUNT(cases); i++) {
        assert_lint(cases[i].line, cases[i].want);
    }
}

static void an_account_alone_is_looked_at_as_one(void **state)
{
    (void)state;
    struct found found = {.text = ONUS_STR("Summer#2016")};
    onus_lint(found.text, true, note, &found);
    assert_string_equal(found.all, "password-as-user<Summer#2016>");
    found = (struct found){.text = ONUS_STR("postgres")};
    onus_lint(found.text, true, note, &found);
    assert_string_equal(found.all, "");
}

static void rules_have_names(void **state)
{
    (void)state;
    size_t count = 0;
    for (; onus_lint_rule_at(count); count++) {
        assert_true(onus_lint_rule(onus_str_of(onus_lint_rule_at(count))));
    }
    assert_int_equal(count, 8);
    assert_false(onus_lint_rule(ONUS_STR("everything")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(ordinary_lines_are_let_through),
            cmocka_unit_test(what_is_secret_is_pointed_at),
            cmocka_unit_test(an_account_alone_is_looked_at_as_one),
            cmocka_unit_test(rules_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

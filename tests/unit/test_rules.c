/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a rules file changes what it says and nothing else, what cannot be meant is an
 * error with its line, and docs/detection.md states every rule with its built-in number.
 * Oracle: the table of rules, read back as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/rules.h"

static void a_file_changes_what_it_says_and_nothing_else(void **state)
{
    (void)state;
    struct onus_rules standard;
    struct onus_rules rules;
    onus_rules_init(&standard);
    onus_rules_init(&rules);
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str text = ONUS_STR("# mine\r\n\n[password-guessing]\nattempts = 8\n gap=30m\r\n"
                                    "[campaign]\ntiming = 90s");
    assert_int_equal(onus_rules_parse(&rules, text, &err), ONUS_OK);
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        uint32_t wanted = standard.value[i];
        wanted = i == ONUS_RULE_GUESS_ATTEMPTS ? 8 : wanted;
        wanted = i == ONUS_RULE_GUESS_GAP ? 1800 : wanted;
        wanted = i == ONUS_RULE_TIE_TIMING ? 90 : wanted;
        assert_int_equal(rules.value[i], wanted);
    }
}

static void what_cannot_be_meant_is_an_error_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
            {"\n[no-such-rule]", "line 2: no rule is named 'no-such-rule'"},
            {"[campaign", "line 1: no rule is named 'campaign'"},
            {"[campaign]\nfoo = 1", "line 2: rule 'campaign' has no key 'foo'"},
            {"attempts = 1", "line 1: 'attempts' stands before the first [rule]"},
            {"[campaign]\nhello", "line 2: neither '[rule]' nor 'key = value'"},
            {"[campaign]\naccounts = 1",
                    "line 2: '1' is not a value of 'accounts': a number from 2 "
                    "to 1000"},
            {"[campaign]\nwindow = 7",
                    "line 2: '7' is not a value of 'window': a number with s, m, h "
                    "or d, in seconds from 600 to 2592000"},
            {"[campaign]\nwindow = 4294967297d",
                    "line 2: '4294967297d' is not a value of 'window': a "
                    "number with s, m, h or d, in seconds from 600 to 2592000"},
            {"[campaign]\naccounts = 9\naccounts = 9",
                    "line 3: key 'accounts' of rule 'campaign' is given twice"},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_rules standard;
        struct onus_rules rules;
        onus_rules_init(&standard);
        onus_rules_init(&rules);
        struct onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_rules_parse(&rules, onus_str_of(rows[i].text), &err), ONUS_E_FORMAT);
        assert_string_equal(err.text, rows[i].error);
        assert_memory_equal(&rules, &standard, sizeof(rules));
    }
}

static void what_is_printed_can_be_read_again(void **state)
{
    (void)state;
    struct onus_rules rules;
    struct onus_rules again = {{0}};
    onus_rules_init(&rules);
    rules.value[ONUS_RULE_GUESS_GAP] = 3601;
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_rules_print(&rules, &text);
    assert_int_equal(onus_buffer_status(&text, NULL), ONUS_OK);
    onus_rules_init(&again);
    assert_int_equal(onus_rules_parse(&again, onus_buffer_view(&text), NULL), ONUS_OK);
    assert_memory_equal(&rules, &again, sizeof(rules));
    onus_buffer_clear(&text);
}

static char *read_document(void)
{
    const char *root = getenv("SOURCE_ROOT");
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/docs/detection.md", root ? root : ".");
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    enum {
        ROOM = 1 << 16
    };
    char *text = calloc(1, ROOM);
    assert_non_null(text);
    size_t size = fread(text, 1, ROOM - 1, file);
    (void)fclose(file);
    assert_true(size > 0 && size < ROOM - 1);
    return text;
}

/* "[section]\n# words\nkey = value\n" of one key, from onus_rules_print(). */
static void take_value(struct onus_str printed, const struct onus_rule_row *row, char *out,
        size_t size)
{
    char head[128];
    (void)snprintf(head, sizeof(head), "[%s]\n", row->section);
    struct onus_str rest = onus_str_from(printed, onus_str_find(printed, onus_str_of(head)));
    (void)snprintf(head, sizeof(head), "\n%s = ", row->key);
    rest = onus_str_from(rest, onus_str_find(rest, onus_str_of(head)) + 1);
    struct onus_str line;
    assert_true(onus_str_cut(&rest, '\n', &line));
    (void)snprintf(out, size, "`%.*s`", (int)line.len, line.ptr);
}

static void the_manual_states_every_rule_with_its_number(void **state)
{
    (void)state;
    char *document = read_document();
    struct onus_rules rules;
    onus_rules_init(&rules);
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_rules_print(&rules, &text);
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        const struct onus_rule_row *row = onus_rule_row((enum onus_rule_key)i);
        char heading[128];
        char value[128];
        (void)snprintf(heading, sizeof(heading), "\n### %s", row->section);
        take_value(onus_buffer_view(&text), row, value, sizeof(value));
        const char *section = strstr(document, heading);
        assert_non_null(section);
        const char *end = strstr(section + 1, "\n### ");
        const char *said = strstr(section, value);
        if (!said || (end && said > end)) {
            fail_msg("docs/detection.md does not say %s of %s", value, row->section);
        }
    }
    onus_buffer_clear(&text);
    free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_file_changes_what_it_says_and_nothing_else),
            cmocka_unit_test(what_cannot_be_meant_is_an_error_with_its_line),
            cmocka_unit_test(what_is_printed_can_be_read_again),
            cmocka_unit_test(the_manual_states_every_rule_with_its_number),
    };
    return cmocka_run_group_tests_name("trace/rules", tests, NULL, NULL);
}

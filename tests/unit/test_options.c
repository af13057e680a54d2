/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: every way of writing an option means what docs and habit say, on either side of
 * the command, and every mistake is named.
 * Oracle: the written-out reading of each line, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/command_line.h"
#include "cli/options.h"
#include "cli/suggest.h"

static int run(const struct onus_arguments *arguments)
{
    (void)arguments;
    return ONUS_EXIT_OK;
}

static const struct onus_option dig_options[] = {
        {"format", 'f', "NAME", "How to read", false},
        {"kind", 'k', "KIND", "Only these", true},
        {"deep", 'd', NULL, "Dig deeper", false},
        {"top", 0, "N", "How many", false},
};
static const struct onus_command dig = {.name = "dig",
        .group = "Tests",
        .operands = "FILE...",
        .options = dig_options,
        .option_count = ONUS_COUNT(dig_options),
        .run = run};
static const struct onus_command rest = {.name = "rest", .group = "Tests", .run = run};
static const struct onus_command *const commands[] = {&dig, &rest};

enum {
    MOST_WORDS = 12
};

static struct onus_surroundings around = {.commands = commands, .command_count = 2};
static struct onus_command_line line;
static struct onus_error err;
static char *argv[MOST_WORDS + 2];

static enum onus_code read_line(char *const words[MOST_WORDS])
{
    int argc = 1;
    argv[0] = (char[]){"onus"};
    for (; argc <= MOST_WORDS && words[argc - 1]; argc++) {
        argv[argc] = words[argc - 1];
    }
    argv[argc] = NULL;
    err = (struct onus_error)ONUS_ERROR_INIT;
    return onus_command_line_parse(&line, argc, argv, &around, &err);
}

/* The words of a line; they may be written to, as those of main(). */
#define LINE(...) read_line((char *[MOST_WORDS]){__VA_ARGS__})
#define W(text)   ((char[]){text})

static int clear(void **state)
{
    (void)state;
    onus_command_line_clear(&line);
    around.stdout_is_terminal = false;
    around.stderr_is_terminal = false;
    around.no_color = NULL;
    around.term = "xterm";
    return 0;
}

static const char *value(const char *name)
{
    return onus_argument(&line.arguments, name);
}

static void every_spelling_of_a_value_is_read(void **state)
{
    (void)state;
    assert_int_equal(LINE(W("dig"), W("--format=a=b")), ONUS_OK);
    assert_string_equal(value("format"), "a=b");
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig"), W("--format"), W("--deep")), ONUS_OK);
    assert_string_equal(value("format"), "--deep");
    assert_null(value("deep"));
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig"), W("-fname")), ONUS_OK);
    assert_string_equal(value("format"), "name");
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig"), W("-f"), W("name")), ONUS_OK);
    assert_string_equal(value("format"), "name");
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig"), W("--format=")), ONUS_OK);
    assert_string_equal(value("format"), "");
}

static void clustered_switches_may_end_in_a_value(void **state)
{
    (void)state;
    assert_int_equal(LINE(W("dig"), W("-qdfname"), W("x")), ONUS_OK);
    assert_true(line.global.quiet);
    assert_string_equal(value("deep"), "");
    assert_string_equal(value("format"), "name");
    assert_int_equal(line.arguments.word_count, 1);
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig"), W("-df"), W("name")), ONUS_OK);
    assert_string_equal(value("format"), "name");
    assert_int_equal(line.arguments.word_count, 0);
}

static void global_options_stand_on_either_side_of_the_command(void **state)
{
    (void)state;
    assert_int_equal(LINE(W("-C"), W("here"), W("--json"), W("dig"), W("-v"), W("log")), ONUS_OK);
    assert_ptr_equal(line.arguments.command, &dig);
    assert_string_equal(line.global.case_directory, "here");
    assert_true(line.global.json);
    assert_true(line.global.verbose);
    assert_string_equal(line.arguments.words[0], "log");
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig"), W("log"), W("-Chere"), W("--json")), ONUS_OK);
    assert_string_equal(line.global.case_directory, "here");
    assert_true(line.global.json);
}

static void after_two_dashes_everything_is_an_operand(void **state)
{
    (void)state;
    assert_int_equal(LINE(W("dig"), W("-"), W("--"), W("--deep"), W("--"), W("-x")), ONUS_OK);
    assert_int_equal(line.arguments.word_count, 4);
    assert_string_equal(line.arguments.words[0], "-");
    assert_string_equal(line.arguments.words[1], "--deep");
    assert_string_equal(line.arguments.words[2], "--");
    assert_string_equal(line.arguments.words[3], "-x");
    assert_null(value("deep"));
}

static void repeated_options_keep_their_order(void **state)
{
    (void)state;
    assert_int_equal(LINE(W("dig"), W("-kone"), W("--deep"), W("--kind=two"), W("--json")),
            ONUS_OK);
    assert_int_equal(line.arguments.all_count, 3);
    const char *const expected[] = {"kind", "one", "deep", "", "kind", "two"};
    for (size_t i = 0; i < ONUS_COUNT(expected); i++) {
        assert_string_equal(line.arguments.all[i], expected[i]);
    }
    assert_string_equal(value("kind"), "two");
    assert_true(onus_argument_given(&line.arguments, "deep"));
    assert_false(onus_argument_given(&line.arguments, "top"));
}

static void a_long_cluster_fits(void **state)
{
    (void)state;
    char cluster[4096];
    memset(cluster, 'd', sizeof(cluster));
    cluster[0] = '-';
    cluster[sizeof(cluster) - 1] = '\0';
    assert_int_equal(LINE(W("dig"), cluster), ONUS_OK);
    assert_int_equal(line.arguments.all_count, sizeof(cluster) - 2);
}

static void each_mistake_is_named(void **state)
{
    (void)state;
    const struct {
        char *words[MOST_WORDS];
        const char *text;
    } rows[] = {
            {{W("dgi")}, "unknown command 'dgi'"},
            {{W("dig"), W("--fromat"), W("x")},
                    "unknown option '--fromat'; did you mean '--format'?"},
            {{W("dig"), W("--zebra=x")}, "unknown option '--zebra'"},
            {{W("dig"), W("--form"), W("x")}, "unknown option '--form'"},
            {{W("dig"), W("-z")}, "unknown option '-z'"},
            {{W("dig"), W("-dz")}, "unknown option '-z'"},
            {{W("--deep"), W("dig")}, "unknown option '--deep'"},
            {{W("dig"), W("--deep=1")}, "option '--deep' takes no value"},
            {{W("dig"), W("--format")}, "option '--format' needs a value: NAME"},
            {{W("dig"), W("-df")}, "option '--format' needs a value: NAME"},
            {{W("dig"), W("-fa"), W("-fb")}, "option '--format' was given twice"},
            {{W("dig"), W("-Ca"), W("-Cb")}, "option '--case' was given twice"},
            {{W("dig"), W("-qv")}, "options '--quiet' and '--verbose' exclude each other"},
            {{W("dig"), W("--color"), W("x")},
                    "option '--color' is auto, always or never, not 'x'"},
            {{W("rest"), W("here")}, "takes no operand, but got 'here'"},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        assert_int_equal(read_line(rows[i].words), ONUS_E_ARGUMENT);
        size_t expected = strlen(rows[i].text);
        err.text[err.text[expected] == ';' ? expected : strlen(err.text)] = '\0';
        assert_string_equal(err.text, rows[i].text);
        (void)clear(NULL);
    }
}

static void terminal_bytes_in_a_mistake_do_not_reach_the_terminal(void **state)
{
    (void)state;
    assert_int_equal(LINE(W("dig"), W("--\033[2J")), ONUS_E_ARGUMENT);
    assert_string_equal(err.text, "unknown option '--?[2J'");
}

static bool color_of(bool terminal, const char *no_color, const char *term, char *option)
{
    (void)clear(NULL);
    around.stdout_is_terminal = terminal;
    around.no_color = no_color;
    around.term = term;
    assert_int_equal(LINE(W("dig"), option), ONUS_OK);
    return line.global.color;
}

static void colour_needs_a_terminal_or_the_word_always(void **state)
{
    (void)state;
    assert_true(color_of(true, NULL, "xterm", NULL));
    assert_true(color_of(true, "", "xterm", W("--color=auto")));
    assert_false(color_of(false, NULL, "xterm", NULL));
    assert_false(color_of(true, "1", "xterm", NULL));
    assert_false(color_of(true, NULL, "dumb", NULL));
    assert_false(color_of(true, NULL, NULL, NULL));
    assert_true(color_of(false, "1", NULL, W("--color=always")));
    assert_false(color_of(true, NULL, "xterm", W("--color=never")));
}

static void progress_is_for_a_terminal_that_was_not_asked_to_be_quiet(void **state)
{
    (void)state;
    around.stderr_is_terminal = true;
    assert_int_equal(LINE(W("dig")), ONUS_OK);
    assert_true(line.global.progress);
    (void)clear(NULL);
    around.stderr_is_terminal = true;
    assert_int_equal(LINE(W("dig"), W("-q")), ONUS_OK);
    assert_false(line.global.progress);
    (void)clear(NULL);
    assert_int_equal(LINE(W("dig")), ONUS_OK);
    assert_false(line.global.progress);
}

static void an_empty_line_has_no_command(void **state)
{
    (void)state;
    assert_int_equal(LINE(NULL), ONUS_OK);
    assert_null(line.arguments.command);
    (void)clear(NULL);
    assert_int_equal(LINE(W("--help")), ONUS_OK);
    assert_true(line.help);
    assert_null(line.arguments.command);
}

static void no_memory_is_an_error_and_not_a_crash(void **state)
{
    (void)state;
    bool done = false;
    for (long n = 0; !done; n++) {
        onus_arena_fail_after(n);
        enum onus_code code = LINE(W("dig"), W("-qd"), W("log"));
        onus_arena_fail_after(-1);
        assert_true(code == ONUS_OK || code == ONUS_E_MEMORY);
        done = code == ONUS_OK;
        (void)clear(NULL);
        assert_true(n < 10);
    }
}

static const char *nearest(const char *typed)
{
    static const char *const names[] = {"trace", "net", "explain", "help"};
    struct onus_suggestion best;
    onus_suggest_init(&best, onus_str_of(typed));
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        onus_suggest_offer(&best, names[i]);
    }
    return best.name;
}

static void a_slip_of_the_finger_is_understood_and_another_word_is_not(void **state)
{
    (void)state;
    assert_string_equal(nearest("trcae"), "trace");
    assert_string_equal(nearest("tace"), "trace");
    assert_string_equal(nearest("traces"), "trace");
    assert_string_equal(nearest("nte"), "net");
    assert_string_equal(nearest("expalni"), "explain");
    assert_null(nearest("zz"));
    assert_null(nearest("explode"));
    assert_null(nearest(""));
    assert_null(nearest("tracetracetracetracetracetracetracetrace"));
}

static void every_code_has_its_exit(void **state)
{
    (void)state;
    const struct {
        enum onus_code code;
        int exit;
    } rows[] = {{ONUS_OK, 0}, {ONUS_E_MISMATCH, 1}, {ONUS_E_ARGUMENT, 2}, {ONUS_E_MISSING, 3},
            {ONUS_E_FORMAT, 4}, {ONUS_E_MEMORY, 5}, {ONUS_E_LIMIT, 5}, {ONUS_E_IO, 5},
            {ONUS_E_PEER, 6}, {ONUS_E_REFUSED, 7}, {ONUS_E_BUG, 70}, {ONUS_END, 70},
            {ONUS_NEED_MORE, 70}};
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        assert_int_equal(onus_exit_of(rows[i].code), rows[i].exit);
    }
}

static void no_command_takes_a_name_or_letter_of_the_global_options(void **state)
{
    (void)state;
    struct onus_option_table global = {onus_global_options, onus_global_option_count};
    for (size_t c = 0; c < onus_command_count; c++) {
        for (size_t i = 0; i < onus_commands[c]->option_count; i++) {
            const struct onus_option *option = &onus_commands[c]->options[i];
            assert_null(onus_option_find(global, onus_str_of(option->name)));
            for (size_t g = 0; option->letter && g < global.count; g++) {
                assert_int_not_equal(global.rows[g].letter, option->letter);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_teardown(every_spelling_of_a_value_is_read, clear),
            cmocka_unit_test_teardown(clustered_switches_may_end_in_a_value, clear),
            cmocka_unit_test_teardown(global_options_stand_on_either_side_of_the_command, clear),
            cmocka_unit_test_teardown(after_two_dashes_everything_is_an_operand, clear),
            cmocka_unit_test_teardown(repeated_options_keep_their_order, clear),
            cmocka_unit_test_teardown(a_long_cluster_fits, clear),
            cmocka_unit_test_teardown(each_mistake_is_named, clear),
            cmocka_unit_test_teardown(terminal_bytes_in_a_mistake_do_not_reach_the_terminal, clear),
            cmocka_unit_test_teardown(colour_needs_a_terminal_or_the_word_always, clear),
            cmocka_unit_test_teardown(progress_is_for_a_terminal_that_was_not_asked_to_be_quiet,
                    clear),
            cmocka_unit_test_teardown(an_empty_line_has_no_command, clear),
            cmocka_unit_test_teardown(no_memory_is_an_error_and_not_a_crash, clear),
            cmocka_unit_test(a_slip_of_the_finger_is_understood_and_another_word_is_not),
            cmocka_unit_test(every_code_has_its_exit),
            cmocka_unit_test(no_command_takes_a_name_or_letter_of_the_global_options),
    };
    return cmocka_run_group_tests_name("cli/options", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

/* Inside single quotes, and where _arguments reads brackets and colons as its own. */
static void print_quoted(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            (void)fputs("'\\''", out);
        } else {
            (void)fprintf(out, "%s%c", strchr("[]:\\", *c) ? "\\" : "", *c);
        }
    }
}

/* ":message:action", where the action is a list of words, files, or nothing. */
static void print_action(FILE *out, const char *argument)
{
    (void)fputc(':', out);
    print_quoted(out, argument);
    (void)fputc(':', out);
    struct onus_str rest = onus_str_of(argument);
    struct onus_str word;
    if (onus_completion_takes_path(argument)) {
        (void)fputs("_files", out);
        return;
    }
    const char *gap = "(";
    while (onus_completion_next_word(&rest, &word)) {
        (void)fprintf(out, "%s%.*s", gap, (int)word.len, word.ptr);
        gap = " ";
    }
    if (*gap == ' ') {
        (void)fputc(')', out);
    }
}

static void print_option(FILE *out, const struct onus_option *option)
{
    const char *times = option->repeats ? "*" : "";
    if (option->letter) {
        (void)fprintf(out, " \\\n        '%s-%c%s[", times, option->letter,
                option->argument ? "+" : "");
        print_quoted(out, option->help);
        (void)fputc(']', out);
        if (option->argument) {
            print_action(out, option->argument);
        }
        (void)fputc('\'', out);
    }
    (void)fprintf(out, " \\\n        '%s--%s%s[", times, option->name, option->argument ? "=" : "");
    print_quoted(out, option->help);
    (void)fputc(']', out);
    if (option->argument) {
        print_action(out, option->argument);
    }
    (void)fputc('\'', out);
}

static void print_command(FILE *out, const struct onus_command *command)
{
    (void)fprintf(out, "    %s) _arguments -s $global", command->name);
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(out, &command->options[i]);
    }
    if (command == &onus_command_help) {
        (void)fputs(" \\\n        '1:command:_onus_commands'", out);
    } else if (command->operands) {
        (void)fputs(" \\\n        '*", out);
        print_action(out, command->operands);
        (void)fputc('\'', out);
    }
    (void)fputs(" ;;\n", out);
}

void onus_completion_zsh(FILE *out)
{
    (void)fputs("#compdef onus\n# zsh completion for onus, made by 'onus completion zsh'\n"
                "_onus_commands()\n{\n    local -a commands\n    commands=(\n",
            out);
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_commands[i]->group) {
            (void)fprintf(out, "        '%s:", onus_commands[i]->name);
            print_quoted(out, onus_commands[i]->summary);
            (void)fputs("'\n", out);
        }
    }
    (void)fputs("    )\n    _describe command commands\n}\n\n"
                "_onus()\n{\n    local state line\n    local -a global\n    global=(",
            out);
    for (size_t i = 0; i < onus_global_option_count; i++) {
        print_option(out, &onus_global_options[i]);
    }
    (void)fputs("\n    )\n"
                "    _arguments -s -C $global '1:command:_onus_commands' '*::argument:->rest'\n"
                "    [[ $state == rest ]] || return\n"
                "    case $line[1] in\n",
            out);
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_commands[i]->group) {
            print_command(out, onus_commands[i]);
        }
    }
    (void)fputs("    esac\n}\n\n_onus \"$@\"\n", out);
}

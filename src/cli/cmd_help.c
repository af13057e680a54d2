/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include "base/str.h"
#include "trace/format.h"

enum {
    TEXT_COLUMN = 28,
    LINE_WIDTH = 80
};

/* Words of text from `column` on, wrapped; the cursor stands somewhere left of it or beyond. */
static void print_wrapped(FILE *out, size_t at, size_t column, struct onus_str text)
{
    if (at + 2 > column && at > 0) {
        (void)fputc('\n', out);
        at = 0;
    }
    while (text.len > 0) {
        struct onus_str word;
        if (!onus_str_cut(&text, ' ', &word)) {
            word = text;
            text = ONUS_STR_NONE;
        }
        if (at > column && at + 1 + word.len > LINE_WIDTH) {
            (void)fputc('\n', out);
            at = 0;
        }
        if (at <= column) {
            (void)fprintf(out, "%*s", (int)(column - at), "");
            at = column;
        } else {
            (void)fputc(' ', out);
            at++;
        }
        (void)fwrite(word.ptr, 1, word.len, out);
        at += word.len;
    }
    (void)fputc('\n', out);
}

static void print_option(FILE *out, const struct onus_option *option)
{
    int at = option->letter ? fprintf(out, "  -%c, --%s", option->letter, option->name)
                            : fprintf(out, "      --%s", option->name);
    if (option->argument) {
        at += fprintf(out, " %s", option->argument);
    }
    if (option->repeats) {
        at += fprintf(out, " ...");
    }
    print_wrapped(out, at > 0 ? (size_t)at : 0, TEXT_COLUMN, onus_str_of(option->help));
}

static void print_options(FILE *out, const char *heading, const struct onus_option *rows,
        size_t count)
{
    if (count == 0) {
        return;
    }
    (void)fprintf(out, "\n%s\n", heading);
    for (size_t i = 0; i < count; i++) {
        print_option(out, &rows[i]);
    }
}

/* Paragraphs are filled; a line that begins with a blank stays as it is. */
static void print_details(FILE *out, struct onus_str text)
{
    while (text.len > 0) {
        struct onus_str line;
        if (!onus_str_cut(&text, '\n', &line)) {
            line = text;
            text = ONUS_STR_NONE;
        }
        if (onus_str_begins(line, ONUS_STR(" "))) {
            (void)fprintf(out, "%.*s\n", (int)line.len, line.ptr);
        } else {
            print_wrapped(out, 0, 0, line);
        }
    }
}

int onus_help_command(FILE *out, const struct onus_command *command)
{
    (void)fprintf(out, "onus %s - %s\n\nUsage: onus %s%s%s%s\n", command->name, command->summary,
            command->name, command->option_count > 0 ? " [options]" : "",
            command->operands ? " " : "", command->operands ? command->operands : "");
    if (command->details) {
        (void)fputc('\n', out);
        print_details(out, onus_str_of(command->details));
    }
    print_options(out, "Options", command->options, command->option_count);
    print_options(out, "Options of every command", onus_global_options, onus_global_option_count);
    if (command->examples) {
        (void)fprintf(out, "\nExamples\n");
        struct onus_str rest = onus_str_of(command->examples);
        struct onus_str line;
        while (onus_str_cut(&rest, '\n', &line)) {
            (void)fprintf(out, "  %.*s\n", (int)line.len, line.ptr);
        }
    }
    return ONUS_EXIT_OK;
}

static bool heading_seen(size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (onus_commands[i]->group &&
                strcmp(onus_commands[i]->group, onus_commands[row]->group) == 0) {
            return true;
        }
    }
    return false;
}

static void print_group(FILE *out, const char *group)
{
    (void)fprintf(out, "\n%s\n", group);
    for (size_t i = 0; i < onus_command_count; i++) {
        const struct onus_command *command = onus_commands[i];
        if (command->group && strcmp(command->group, group) == 0) {
            (void)fprintf(out, "   %-12s %s\n", command->name, command->summary);
        }
    }
}

int onus_help_list(FILE *out)
{
    (void)fputs("Onus turns logs into evidence that a party who does not trust you can check.\n\n"
                "Usage: onus [-C DIR] [--json] [-q | -v] [--color auto|always|never] COMMAND ...\n",
            out);
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_commands[i]->group && !heading_seen(i)) {
            print_group(out, onus_commands[i]->group);
        }
    }
    (void)fputs(
            "\n'onus COMMAND --help' explains a command, 'onus help formats' lists the log formats.\n",
            out);
    return ONUS_EXIT_OK;
}

static int help_formats(FILE *out)
{
    (void)fputs(
            "Log formats, as --format takes them. Without it each line is read as the first format "
            "it is in.\n\n",
            out);
    for (size_t i = 0; i < onus_format_count; i++) {
        (void)fprintf(out, "   %-18s %s\n", onus_formats[i]->name, onus_formats[i]->title);
    }
    return ONUS_EXIT_OK;
}

static int run(const struct onus_arguments *arguments)
{
    if (arguments->word_count == 0) {
        return onus_help_list(stdout);
    }
    struct onus_error err = ONUS_ERROR_INIT;
    if (arguments->word_count > 1) {
        (void)onus_fail(&err, ONUS_E_ARGUMENT, "explains one command at a time");
        return onus_complain(arguments, &err);
    }
    struct onus_str name = onus_str_of(arguments->words[0]);
    if (onus_str_eq(name, ONUS_STR("formats"))) {
        return help_formats(stdout);
    }
    const struct onus_command *command = onus_command_find(name);
    if (!command) {
        (void)onus_command_unknown(name, &err);
        return onus_complain(arguments, &err);
    }
    return onus_help_command(stdout, command);
}

const struct onus_command onus_command_help = {
        .name = "help",
        .group = ONUS_GROUP_PROGRAM,
        .summary = "list the commands, or explain one",
        .operands = "[COMMAND | formats]",
        .details =
                "Without COMMAND, lists the commands by what they are for. With COMMAND, prints the "
                "same as 'onus COMMAND --help'. With the word formats, lists the log formats.",
        .examples = "onus help trace\n  explain the command trace\n",
        .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Man pages in mdoc(7), made from the same rows as --help. The build installs what this prints;
 * `mandoc -T lint` reads it in tests/tree.
 */
#include "cli/command.h"

#include "base/str.h"
#include "report/about.h"

enum {
    LINE_WIDTH = 78
};

/* A backslash is an escape everywhere, a dot or quote at the start of a line a request. */
static void print_text(FILE *out, struct onus_str text, bool line_start)
{
    if (line_start && text.len > 0 && (text.ptr[0] == '.' || text.ptr[0] == '\'')) {
        (void)fputs("\\&", out);
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\\') {
            (void)fputs("\\e", out);
        } else if (c == '-') {
            (void)fputs("\\-", out);
        } else {
            (void)fputc(c, out);
        }
    }
}

/* An argument of a macro: quoted, so that no word in it is taken for a macro. */
static void print_argument(FILE *out, const char *text)
{
    (void)fputs(" \"", out);
    for (const char *c = text; *c; c++) {
        if (*c == '"') {
            (void)fputs("\"\"", out);
        } else {
            print_text(out, (struct onus_str){c, 1}, false);
        }
    }
    (void)fputc('"', out);
}

/* Every sentence begins on a new line, as mdoc wants it, and no line is long. */
static void print_filled(FILE *out, struct onus_str line)
{
    size_t at = 0;
    while (line.len > 0) {
        struct onus_str word;
        if (!onus_str_cut(&line, ' ', &word)) {
            word = line;
            line = ONUS_STR_NONE;
        }
        if (at > 0 && at + 1 + word.len > LINE_WIDTH) {
            (void)fputc('\n', out);
            at = 0;
        }
        if (at > 0) {
            (void)fputc(' ', out);
        }
        print_text(out, word, at == 0);
        at += word.len + 1;
        if (line.len > 0 && onus_str_ends(word, ONUS_STR("."))) {
            (void)fputc('\n', out);
            at = 0;
        }
    }
    (void)fputc('\n', out);
}

static void print_details(FILE *out, struct onus_str text)
{
    bool display = false;
    bool gap = false;
    while (text.len > 0) {
        struct onus_str line;
        if (!onus_str_cut(&text, '\n', &line)) {
            line = text;
            text = ONUS_STR_NONE;
        }
        if (line.len == 0) {
            gap = true;
            continue;
        }
        bool indented = line.ptr[0] == ' ';
        if (display && !indented) {
            (void)fputs(".Ed\n", out);
        }
        if (indented && !display) {
            (void)fputs(".Bd -literal -offset indent\n", out);
        } else if (gap) {
            (void)fputs(display && indented ? "\n" : ".Pp\n", out);
        }
        display = indented;
        gap = false;
        if (indented) {
            print_text(out, onus_str_trim(line), true);
            (void)fputc('\n', out);
        } else {
            print_filled(out, line);
        }
    }
    if (display) {
        (void)fputs(".Ed\n", out);
    }
}

static void print_options(FILE *out, const struct onus_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct onus_option *option = &options[i];
        (void)fputs(".It", out);
        if (option->letter) {
            (void)fprintf(out, " Fl %c , Fl Fl %s", option->letter, option->name);
        } else {
            (void)fprintf(out, " Fl Fl %s", option->name);
        }
        if (option->argument) {
            (void)fputs(" Ar", out);
            print_argument(out, option->argument);
        }
        (void)fputc('\n', out);
        print_filled(out, onus_str_of(option->help));
        (void)fputs(option->repeats ? "(may be given more than once)\n" : "", out);
    }
}

static void print_examples(FILE *out, struct onus_str text)
{
    struct onus_str line;
    (void)fputs(".Sh EXAMPLES\n.Bl -tag -width Ds\n", out);
    while (onus_str_cut(&text, '\n', &line)) {
        bool meaning = line.len > 0 && line.ptr[0] == ' ';
        if (meaning) {
            print_filled(out, onus_str_trim(line));
        } else if (line.len > 0) {
            char command[512];
            (void)snprintf(command, sizeof(command), "%.*s", (int)line.len, line.ptr);
            (void)fputs(".It Li", out);
            print_argument(out, command);
            (void)fputc('\n', out);
        }
    }
    (void)fputs(".El\n", out);
}

static void print_exit_status(FILE *out)
{
    static const struct {
        int code;
        const char *meaning;
    } rows[] = {
            {ONUS_EXIT_OK, "Done, or a check that holds."},
            {ONUS_EXIT_NOT, "A check ran to its end and does not hold."},
            {ONUS_EXIT_USAGE, "The command line is not understood."},
            {ONUS_EXIT_UNKNOWN, "Cannot tell: something needed is missing."},
            {ONUS_EXIT_FORMAT, "An input is not in its format."},
            {ONUS_EXIT_SYSTEM, "Disk, memory, permission or a limit."},
            {ONUS_EXIT_PEER, "A peer or the network."},
            {ONUS_EXIT_REFUSED, "Refused by policy or sandbox."},
            {ONUS_EXIT_BUG, "A fault of the program."},
    };
    (void)fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        (void)fprintf(out, ".It %d\n%s\n", rows[i].code, rows[i].meaning);
    }
    (void)fputs(".El\n", out);
}

static void print_head(FILE *out, const char *name, const char *summary)
{
    (void)fprintf(out, ".Dd %s\n.Dt ", onus_release_date);
    for (const char *c = name; *c; c++) {
        (void)fputc(*c >= 'a' && *c <= 'z' ? *c - ('a' - 'A') : *c, out);
    }
    (void)fprintf(out, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", name);
    print_text(out, onus_str_of(summary), false);
    (void)fputs("\n.Sh SYNOPSIS\n", out);
}

static void print_command_page(FILE *out, const struct onus_command *command)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "onus-%s", command->name);
    print_head(out, name, command->summary);
    (void)fprintf(out, ".Nm onus %s\n", command->name);
    if (command->option_count > 0) {
        (void)fputs(".Op Ar options\n", out);
    }
    if (command->operands) {
        (void)fputs(".Ar", out);
        print_argument(out, command->operands);
        (void)fputc('\n', out);
    }
    (void)fputs(".Sh DESCRIPTION\n", out);
    print_details(out, onus_str_of(command->details ? command->details : command->summary));
    if (command->option_count > 0) {
        (void)fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
        print_options(out, command->options, command->option_count);
        (void)fputs(".El\n", out);
    }
    (void)fputs(".Pp\nOptions that every command understands are in\n.Xr onus 1 .\n", out);
    print_exit_status(out);
    if (command->examples) {
        print_examples(out, onus_str_of(command->examples));
    }
    (void)fputs(".Sh SEE ALSO\n.Xr onus 1\n", out);
}

static void print_program_page(FILE *out)
{
    print_head(out, "onus", "turn logs into evidence that can be checked");
    (void)fputs(".Nm onus\n.Op Ar options\n.Ar command\n.Op Ar ...\n.Sh DESCRIPTION\n"
                "The commands are:\n.Bl -tag -width Ds\n",
            out);
    for (size_t i = 0; i < onus_command_count; i++) {
        const struct onus_command *command = onus_commands[i];
        if (command->group) {
            (void)fprintf(out, ".It Xr onus-%s 1\n", command->name);
            print_filled(out, onus_str_of(command->summary));
        }
    }
    (void)fputs(".El\n.Pp\nThe options of every command, before or after its name, are:\n"
                ".Bl -tag -width Ds\n",
            out);
    print_options(out, onus_global_options, onus_global_option_count);
    (void)fputs(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
                ".It Ev NO_COLOR\nWhen set to anything, no colour is used unless asked for.\n"
                ".It Ev ONUS_SANDBOX\nWith\n.Ql require ,\nlogs are not read on a kernel that "
                "cannot enforce the sandbox; with\n.Ql off ,\nit is not entered.\n.El\n",
            out);
    print_exit_status(out);
}

static int run(const struct onus_arguments *arguments)
{
    if (arguments->word_count == 0) {
        print_program_page(stdout);
        return ONUS_EXIT_OK;
    }
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str name = onus_str_of(arguments->words[0]);
    const struct onus_command *command = onus_command_find(name);
    if (!command) {
        (void)onus_command_unknown(name, &err);
        return onus_complain(arguments, &err);
    }
    print_command_page(stdout, command);
    return ONUS_EXIT_OK;
}

const struct onus_command onus_command_man = {
        .name = "man",
        .summary = "print the man page of a command",
        .operands = "[COMMAND]",
        .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_COMMAND_H
#define ONUS_CLI_COMMAND_H

/*
 * One list of commands. It feeds dispatch, --help, the shell completion and the man pages: whatever
 * is said about an option is said once, here in its row.
 *
 * To add a command: write src/cli/cmd_<name>.c with a `const struct onus_command`, add a row to the
 * list in commands.c, and prose for its man page in man/<name>.in.
 */

#include <stdio.h>

#include <onus/error.h>

/* Exit codes of the program: docs/errors.md. */
enum onus_exit {
    ONUS_EXIT_OK = 0,  /* done, or a check that holds */
    ONUS_EXIT_NOT = 1, /* a check ran to its end and does not hold */
    ONUS_EXIT_USAGE = 2,
    ONUS_EXIT_UNKNOWN = 3, /* cannot tell: something needed is missing */
    ONUS_EXIT_FORMAT = 4,  /* an input is not in its format */
    ONUS_EXIT_SYSTEM = 5,  /* disk, memory, permission, limit */
    ONUS_EXIT_PEER = 6,
    ONUS_EXIT_REFUSED = 7,
    ONUS_EXIT_BUG = 70,
};

/* The exit code that stands for a library code. */
enum onus_exit onus_exit_of(enum onus_code code);

struct onus_option {
    const char *name;     /* "format": typed as --format */
    char letter;          /* short form, or 0 */
    const char *argument; /* "NAME", or NULL for a switch */
    const char *help;     /* one sentence, no full stop */
    bool repeats;         /* may be given more than once */
};

/* Options every command understands. */
struct onus_global {
    const char *case_directory; /* -C */
    bool json;
    bool quiet;
    bool verbose;
    bool color;    /* already decided from --color, NO_COLOR and the terminal */
    bool progress; /* stderr is a terminal and nobody asked for quiet */
};

/* A parsed command line: what each option was given, and what is left. Views into argv. */
struct onus_arguments {
    const struct onus_global *global;
    const struct onus_command *command;
    const char *const
            *values; /* by row of command->options; NULL when not given, "" for a switch */
    char **words;    /* operands */
    size_t word_count;
    const char *const *all; /* every option in order, for repeated ones: pairs (row name, value) */
    size_t all_count;
};

struct onus_command {
    const char *name;
    const char *group;    /* heading in `onus help` */
    const char *summary;  /* one phrase */
    const char *operands; /* "FILE..." */
    const struct onus_option *options;
    size_t option_count;
    const char *details;  /* paragraphs for --help and the man page */
    const char *examples; /* "command\n  what it does\n" */
    int (*run)(const struct onus_arguments *arguments);
};

extern const struct onus_command *const onus_commands[];
extern const size_t onus_command_count;

/* The value of an option by name, or NULL when it was not given. The name must be in the command. */
const char *onus_argument(const struct onus_arguments *arguments, const char *name);

/* Print "onus COMMAND: words" on stderr. Returns the exit code that stands for err->code. */
int onus_complain(const struct onus_arguments *arguments, const struct onus_error *err);

/* The whole program: parse argv, dispatch. src/main.c only calls this. */
int onus_main(int argc, char **argv);

#endif

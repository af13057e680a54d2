/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_COMMAND_H
#define ONUS_CLI_COMMAND_H

/*
 * One list of commands. It feeds dispatch, --help, the shell completion and the man pages: whatever
 * is said about an option is said once, here in its row.
 *
 * To add a command: write src/cli/cmd_<name>.c with `const struct onus_command onus_command_<name>`,
 * declared nowhere else, and add the line ONUS_COMMAND(<name>) to commands.def. Help, man page and
 * completion follow from the row; tests/tree asks for a case.
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
    const char *argument; /* "NAME", or NULL for a switch; "a|b|FILE": lower case is completed */
    const char *help;     /* one sentence, no full stop */
    bool repeats;         /* may be given more than once; else a second value is a usage error */
};

/* Headings of `onus help`. */
#define ONUS_GROUP_LOGS     "Read logs"
#define ONUS_GROUP_EVIDENCE "Seal and prove"
#define ONUS_GROUP_NETWORKS "Look up networks"
#define ONUS_GROUP_PROGRAM  "About this program"

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
    size_t all_count;       /* pairs */
};

struct onus_command {
    const char *name;
    const char *group;    /* heading in `onus help`; NULL: not listed, no man page */
    const char *summary;  /* one phrase */
    const char *operands; /* "FILE..."; NULL: the command takes none, and one is a usage error */
    const struct onus_option *options;
    size_t option_count;
    const char *details;  /* paragraphs for --help and the man page, an empty line between them */
    const char *examples; /* "onus trace a.log\n  what it does\n", any number of such pairs */
    int (*run)(const struct onus_arguments *arguments);
};

/* clang-format off */
#define ONUS_COMMAND(name) extern const struct onus_command onus_command_##name;
#include "cli/commands.def"
#undef ONUS_COMMAND
/* clang-format on */

extern const struct onus_command *const onus_commands[];
extern const size_t onus_command_count;

/* The command of this name, or NULL. */
const struct onus_command *onus_command_find(struct onus_str name);

/* "unknown command 'x'; did you mean 'y'?" */
enum onus_code onus_command_unknown(struct onus_str name, struct onus_error *err);

/* Options every command understands; --help and --version are among them. */
extern const struct onus_option onus_global_options[];
extern const size_t onus_global_option_count;

/* The value of an option by name, or NULL when it was not given. The name must be in the command. */
const char *onus_argument(const struct onus_arguments *arguments, const char *name);

/* As onus_argument() != NULL, for switches. */
bool onus_argument_given(const struct onus_arguments *arguments, const char *name);

/*
 * Print "onus COMMAND: words" on stderr, with the reason of the operating system and the offset in
 * the input when err holds them. Returns the exit code that stands for err->code. `arguments` may be
 * NULL before there is a command.
 */
int onus_complain(const struct onus_arguments *arguments, const struct onus_error *err);

/* Print "onus COMMAND: note: words" on stderr unless -q was given. Not for what --json must hold. */
void onus_note(const struct onus_arguments *arguments, const char *fmt, ...) ONUS_PRINTF(2, 3);

/*
 * A command prints to stdout without looking at each call; the program flushes and checks stdout
 * after run() and exits with ONUS_EXIT_SYSTEM when anything was lost. SIGPIPE is ignored, so a reader
 * that goes away is an ordinary write error.
 */

/* The whole program: parse argv, dispatch. src/main.c only calls this. */
int onus_main(int argc, char **argv);

#endif

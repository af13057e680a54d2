/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_COMMAND_LINE_H
#define ONUS_CLI_COMMAND_LINE_H

/*
 * argv, understood: which command, which options, which operands.
 *
 * Owner: the caller; everything it points to lives in argv or in `arena` until
 * onus_command_line_clear().
 */

#include "base/arena.h"
#include "cli/command.h"

/* The parser looks at nothing but this and argv. */
struct onus_surroundings {
    const struct onus_command *const *commands;
    size_t command_count;
    bool stdout_is_terminal;
    bool stderr_is_terminal;
    const char *no_color; /* values of the environment, NULL when not set */
    const char *term;
};

struct onus_command_line {
    struct onus_arena arena;
    struct onus_global global;
    struct onus_arguments arguments; /* command is NULL when none was named */
    bool help;
    bool version;
};

/*
 * ONUS_E_ARGUMENT  the line is not understood; arguments.command is set when it was named before the
 *                  mistake.
 * ONUS_E_MEMORY    as it says.
 */
ONUS_NODISCARD enum onus_code onus_command_line_parse(struct onus_command_line *line, int argc,
        char **argv, const struct onus_surroundings *around, struct onus_error *err);

void onus_command_line_clear(struct onus_command_line *line);

#endif

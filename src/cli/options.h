/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_OPTIONS_H
#define ONUS_CLI_OPTIONS_H

/*
 * One command line, word by word.
 *
 * Understood: --name, --name=value, --name value, -x, -xvalue, -x value, clustered switches (-qv),
 * "--" (everything after it is an operand) and "-" (an operand). A name must be written in full: a
 * script that relies on a prefix would change its meaning when an option is added.
 *
 * Two tables are searched, the command's own first, so that options every command understands may
 * stand on either side of the command. The reader allocates nothing; what it returns are views into
 * argv and rows of the tables.
 */

#include "cli/command.h"

struct onus_option_table {
    const struct onus_option *rows;
    size_t count;
};

struct onus_option_reader {
    char **argv; /* without the program's name */
    size_t argc;
    struct onus_option_table global;
    struct onus_option_table own; /* empty until the command is known */

    size_t next;         /* set to 0 at the start, as the two below */
    const char *cluster; /* what is left of "-qv" */
    bool only_operands;  /* after "--" */
};

struct onus_option_found {
    const struct onus_option *option; /* NULL: an operand */
    bool own;                         /* the row is in `own`, not in `global` */
    const char *value;                /* what was given; "" for a switch */
    char *operand;
};

/*
 * ONUS_OK          *out is the next option or operand.
 * ONUS_END         nothing is left.
 * ONUS_E_ARGUMENT  an unknown option, a value too many or too few; err says which.
 */
ONUS_NODISCARD enum onus_code onus_option_next(struct onus_option_reader *reader,
        struct onus_option_found *out, struct onus_error *err);

/* The row with this name, or NULL. */
const struct onus_option *onus_option_find(struct onus_option_table table, struct onus_str name);

#endif

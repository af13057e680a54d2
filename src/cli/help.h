/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_HELP_H
#define ONUS_CLI_HELP_H

/* What `onus help`, `onus --help` and `onus COMMAND --help` print. Return an enum onus_exit. */

#include "cli/command.h"

int onus_help_list(FILE *out);
int onus_help_command(FILE *out, const struct onus_command *command);

#endif

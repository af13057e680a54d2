/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_COMPLETION_H
#define ONUS_CLI_COMPLETION_H

/*
 * Completion scripts, made from the list of commands. One file a shell.
 *
 * The argument of an option says what completes it: alternatives in lower case ("auto|always|never")
 * are offered as they are, a name in upper case (FILE, DIR) stands for a path.
 */

#include "base/str.h"
#include "cli/command.h"

void onus_completion_bash(FILE *out);
void onus_completion_zsh(FILE *out);
void onus_completion_fish(FILE *out);

/*
 * Next fixed word of an argument or of operands: "auto" of "auto|NAME". False at the end; names in
 * upper case are passed over.
 */
bool onus_completion_next_word(struct onus_str *rest, struct onus_str *out);

/* True when a name in upper case that means a path (FILE, DIR, LOG, PATH) is among them. */
bool onus_completion_takes_path(const char *argument);

#endif

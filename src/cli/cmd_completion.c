/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

static const struct {
    const char *shell;
    void (*print)(FILE *out);
} shells[] = {
        {"bash", onus_completion_bash},
        {"zsh", onus_completion_zsh},
        {"fish", onus_completion_fish},
};

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    if (arguments->word_count != 1) {
        (void)onus_fail(&err, ONUS_E_ARGUMENT, "needs the name of one shell: bash, zsh or fish");
        return onus_complain(arguments, &err);
    }
    for (size_t i = 0; i < ONUS_COUNT(shells); i++) {
        if (strcmp(shells[i].shell, arguments->words[0]) == 0) {
            shells[i].print(stdout);
            return ONUS_EXIT_OK;
        }
    }
    (void)onus_fail(&err, ONUS_E_ARGUMENT, "knows bash, zsh and fish, not '%s'",
            arguments->words[0]);
    return onus_complain(arguments, &err);
}

const struct onus_command onus_command_completion = {
        .name = "completion",
        .group = ONUS_GROUP_PROGRAM,
        .summary = "print a completion script for a shell",
        .operands = "bash|zsh|fish",
        .details = "Prints a script that lets the shell complete commands, options and the values "
                   "that are known beforehand. An installed onus has the scripts in place already.",
        .examples = "onus completion bash >~/.local/share/bash-completion/completions/onus\n"
                    "  complete in bash, from the next login on\n",
        .run = run,
};

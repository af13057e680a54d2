/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "report/about.h"

static int run(const struct onus_arguments *arguments)
{
    if (arguments->global->json) {
        (void)printf("{\"schema\":\"onus.version/1\",\"version\":\"%s\"}\n", onus_version);
    } else {
        (void)printf("onus %s\n", onus_version);
    }
    return ONUS_EXIT_OK;
}

const struct onus_command onus_command_version = {
        .name = "version",
        .group = ONUS_GROUP_PROGRAM,
        .summary = "print the version",
        .details = "Prints the version of the program, as 'onus --version' does.",
        .run = run,
};

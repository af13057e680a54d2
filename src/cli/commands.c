/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "report/about.h"

const struct onus_command *const onus_commands[] = {
        NULL,
};

const size_t onus_command_count = ONUS_COUNT(onus_commands) - 1;

int onus_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return puts(onus_version) < 0 ? ONUS_EXIT_SYSTEM : ONUS_EXIT_OK;
}

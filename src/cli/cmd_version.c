/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "report/about.h"
#include "sys/sandbox.h"

/* The only way to know what the kernel enforces is to try it, and this process is about to end. */
static void print_sandbox(void)
{
    struct onus_error err = ONUS_ERROR_INIT;
    bool enforced = onus_sandbox_enter(ONUS_SANDBOX_WORKER, &err) == ONUS_OK;
    (void)printf("%s\n", enforced ? "sandbox: enforced by the kernel" : err.text);
}

static int run(const struct onus_arguments *arguments)
{
    if (arguments->global->json) {
        (void)printf("{\"schema\":\"onus.version/1\",\"version\":\"%s\"}\n", onus_version);
        return ONUS_EXIT_OK;
    }
    (void)printf("onus %s\n", onus_version);
    if (arguments->global->verbose) {
        print_sandbox();
    }
    return ONUS_EXIT_OK;
}

const struct onus_command onus_command_version = {
        .name = "version",
        .group = ONUS_GROUP_PROGRAM,
        .summary = "print the version",
        .details = "Prints the version of the program, as 'onus --version' does. With -v, also "
                   "whether this kernel enforces the sandbox in which logs are read.",
        .run = run,
};

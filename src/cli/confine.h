/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_CONFINE_H
#define ONUS_CLI_CONFINE_H

/*
 * Enter the sandbox, by the rule of docs/threat-model.md for kernels that cannot enforce all of it:
 *
 *     ONUS_SANDBOX not set    go on; say what is missing with -v and in the notes of --json
 *     ONUS_SANDBOX=require    refuse
 *     ONUS_SANDBOX=off        do not even try, and say nothing: somebody decided
 */

#include "cli/command.h"
#include "sys/sandbox.h"

/*
 * `keep` is what onus_sandbox_enter_keeping() takes; NULL keeps nothing.
 *
 * ONUS_OK         go on. unmet->code is ONUS_OK when the kernel enforces the profile; otherwise
 *                 unmet->text says what it does not, for the notes of --json. It has already been
 *                 printed when -v was given.
 * ONUS_E_REFUSED  ONUS_SANDBOX=require, and the kernel cannot.
 * ONUS_E_ARGUMENT ONUS_SANDBOX has another value.
 * ONUS_E_BUG      entered too late.
 */
ONUS_NODISCARD enum onus_code onus_confine(const struct onus_arguments *arguments,
        enum onus_sandbox_profile profile, const struct onus_sandbox_keep *keep,
        struct onus_error *unmet, struct onus_error *err);

#endif

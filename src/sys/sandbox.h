/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_SANDBOX_H
#define ONUS_SYS_SANDBOX_H

#include <onus/error.h>

/*
 * Give up, for the rest of this process's life, everything it does not need.
 *
 * Order of work in every command that reads foreign bytes: open what you will read and write, call
 * onus_sandbox_enter(), only then look at the first byte.
 */
enum onus_sandbox_profile {
    ONUS_SANDBOX_PARSE,  /* memory and already-open descriptors, nothing else */
    ONUS_SANDBOX_WORKER, /* as PARSE, plus threads */
};

/*
 * ONUS_OK         the kernel now enforces the profile.
 * ONUS_E_REFUSED  the kernel cannot enforce all of it; nothing was read, the caller should stop.
 */
ONUS_NODISCARD enum onus_code onus_sandbox_enter(enum onus_sandbox_profile profile,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_SANDBOX_WALLS_H
#define ONUS_SYS_SANDBOX_WALLS_H

/* The two walls behind onus_sandbox_enter(). Each returns ONUS_OK or ONUS_E_REFUSED. */

#include "sys/sandbox.h"

ONUS_NODISCARD enum onus_code onus_sandbox_files(const struct onus_sandbox_keep *keep,
        struct onus_error *err);

ONUS_NODISCARD enum onus_code onus_sandbox_calls(enum onus_sandbox_profile profile,
        const struct onus_sandbox_keep *keep, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_CUSTODY_NOTE_H
#define ONUS_CLI_CUSTODY_NOTE_H

/* A line in the custody log of a case, with the version of this program and the time of this machine. */

#include "evidence/custody.h"

/* "onus 0.1.0" */
#define ONUS_CUSTODY_TOOL 64
void onus_custody_tool(char out[static ONUS_CUSTODY_TOOL]);

ONUS_NODISCARD enum onus_code onus_custody_tell(const struct onus_vault *vault, const char *what,
        struct onus_error *err, const char *fmt, ...) ONUS_PRINTF(4, 5);

#endif

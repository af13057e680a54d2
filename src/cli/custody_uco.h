/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_CUSTODY_UCO_H
#define ONUS_CLI_CUSTODY_UCO_H

#include "evidence/custody.h"
#include "text/timestamp.h"

/*
 * The custody log as CASE/UCO JSON-LD, appended: a party, the programs, one investigative action for each
 * line. Names of nodes follow from the hashes of the lines, so the same log gives the same bytes.
 */
ONUS_NODISCARD enum onus_code onus_custody_uco(const struct onus_custody *custody,
        struct onus_str origin, struct onus_buffer *out, struct onus_error *err);

/* RFC 3339, or "?" for a time that has none. */
void onus_custody_time(uint64_t seconds, char out[static ONUS_TIME_TEXT]);

#endif

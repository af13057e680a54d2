/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_INCIDENT_LINES_H
#define ONUS_CLI_INCIDENT_LINES_H

/*
 * Which sealed lines belong to an incident: the sealed packs are traced again, and the lines of the
 * incident of that id are told by source and number.
 */

#include "cli/trace_options.h"
#include "evidence/holdings.h"
#include "evidence/prove.h"

struct onus_incident_search {
    struct onus_trace_options trace;
    struct onus_rules rules;
};

/* From --format, --tz, --year, --rules; reads the file of rules, so before the sandbox. */
ONUS_NODISCARD enum onus_code onus_incident_prepare(const struct onus_arguments *arguments,
        struct onus_incident_search *out, struct onus_error *err);

/*
 * One member of *out for each source that has lines of it; everything in the arena. Makes threads.
 * ONUS_E_MISSING: no incident of that id in what is sealed, a pack that is not there.
 */
ONUS_NODISCARD enum onus_code onus_incident_lines(const struct onus_incident_search *how,
        struct onus_vault *vault, const struct onus_holdings *holdings, struct onus_str id,
        struct onus_arena *arena, struct onus_lines_wanted **out, size_t *count,
        struct onus_error *err);

#endif

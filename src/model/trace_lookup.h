/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MODEL_TRACE_LOOKUP_H
#define ONUS_MODEL_TRACE_LOOKUP_H

/*
 * Small questions every printer of a trace result asks. Nothing here allocates; views belong to the
 * result. An index that points nowhere gives "?" instead of a read past an array.
 */

#include "model/trace_result.h"

/* Path of the input a line stands in. */
struct onus_str onus_trace_path(const struct onus_trace_result *result, struct onus_line_ref ref);

/* Id of an incident and name of a source, by index. */
struct onus_str onus_trace_incident_id(const struct onus_trace_result *result, uint32_t incident);
struct onus_str onus_trace_source_name(const struct onus_trace_result *result, uint32_t source);

/*
 * What the tables say about a source: its country fact when a country table answered, else the
 * country of the ASN table. NULL when no table knows a country.
 */
const struct onus_net_fact *onus_trace_country_fact(const struct onus_trace_source *source);

/* The prefix of the ASN table, else of the country table; may be empty. */
struct onus_str onus_trace_prefix(const struct onus_trace_source *source);

/* "stated", "configured", "assumed". Never NULL. */
const char *onus_zone_basis_name(enum onus_zone_basis basis);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_lookup.h"

static const struct onus_str nowhere = {"?", 1};

struct onus_str onus_trace_path(const struct onus_trace_result *result, struct onus_line_ref ref)
{
    return ref.input < result->input_count ? result->inputs[ref.input].path : nowhere;
}

struct onus_str onus_trace_incident_id(const struct onus_trace_result *result, uint32_t incident)
{
    return incident < result->incident_count ? result->incidents[incident].id : nowhere;
}

struct onus_str onus_trace_source_name(const struct onus_trace_result *result, uint32_t source)
{
    return source < result->source_count ? result->sources[source].name : nowhere;
}

const struct onus_net_fact *onus_trace_country_fact(const struct onus_trace_source *source)
{
    if (source->country_fact.country.len > 0) {
        return &source->country_fact;
    }
    return source->asn_fact.country.len > 0 ? &source->asn_fact : NULL;
}

struct onus_str onus_trace_prefix(const struct onus_trace_source *source)
{
    return source->asn_fact.prefix.len > 0 ? source->asn_fact.prefix : source->country_fact.prefix;
}

const char *onus_zone_basis_name(enum onus_zone_basis basis)
{
    switch (basis) {
    case ONUS_ZONE_STATED:
        return "stated";
    case ONUS_ZONE_CONFIGURED:
        return "configured";
    case ONUS_ZONE_ASSUMED:
        return "assumed";
    }
    return "assumed";
}

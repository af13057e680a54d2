/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_filter.h"

#define DROPPED UINT32_MAX

/* Rewrite a list of indexes by a map; indexes that map to DROPPED go. */
static size_t remap(uint32_t *list, size_t count, const uint32_t *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (map[list[i]] != DROPPED) {
            list[kept++] = map[list[i]];
        }
    }
    return kept;
}

static void keep_incidents(struct onus_trace_result *r, unsigned kinds, uint32_t *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->incident_count; i++) {
        map[i] = DROPPED;
        if (kinds >> r->incidents[i].kind & 1u) {
            map[i] = (uint32_t)kept;
            r->incidents[kept++] = r->incidents[i];
        }
    }
    r->incident_count = kept;
}

static void keep_sources(struct onus_trace_result *r, const uint32_t *incident_map, uint32_t *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->source_count; i++) {
        struct onus_trace_source *source = &r->sources[i];
        source->incident_count = remap(source->incidents, source->incident_count, incident_map);
        map[i] = DROPPED;
        if (source->incident_count > 0) {
            map[i] = (uint32_t)kept;
            r->sources[kept++] = *source;
        }
    }
    r->source_count = kept;
}

static void keep_campaigns(struct onus_trace_result *r, const uint32_t *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->campaign_count; i++) {
        struct onus_trace_campaign *campaign = &r->campaigns[i];
        campaign->incident_count = remap(campaign->incidents, campaign->incident_count, map);
        if (campaign->incident_count >= 2) {
            r->campaigns[kept++] = *campaign;
        }
    }
    r->campaign_count = kept;
}

enum onus_code onus_trace_filter_kinds(struct onus_trace_result *result, unsigned kinds,
        struct onus_error *err)
{
    size_t incidents = result->incident_count;
    size_t sources = result->source_count;
    uint32_t *map = onus_arena_alloc(&result->arena, (incidents + sources + 1) * sizeof(*map));
    if (!map) {
        return onus_arena_reason(&result->arena, err);
    }
    keep_incidents(result, kinds, map);
    keep_sources(result, map, map + incidents);
    for (size_t i = 0; i < result->incident_count; i++) {
        struct onus_trace_incident *incident = &result->incidents[i];
        incident->source_count = remap(incident->sources, incident->source_count, map + incidents);
    }
    keep_campaigns(result, map);
    return ONUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_plain.h"

#include "base/str.h"

/*
 * Requests of one source within ten seconds. Only the current ten seconds are kept, so a flood is
 * judged in the order of the input, unlike everything else.
 */

enum {
    FLOOD_SECONDS = 10,
};

bool onus_flood_step(const struct onus_rules *rules, struct onus_source *source, int64_t time,
        bool uncached, uint32_t *earlier)
{
    uint32_t slot = (uint32_t)(time / (FLOOD_SECONDS * (int64_t)ONUS_USEC));
    if (slot != source->flood_slot) {
        source->flood_slot = slot;
        source->flood_all = 0;
        source->flood_uncached = 0;
    }
    const uint32_t *value = rules->value;
    bool before = source->flood_all >= value[ONUS_RULE_FLOOD_REQUESTS] ||
                  source->flood_uncached >= value[ONUS_RULE_FLOOD_UNCACHED];
    source->flood_all = (uint16_t)(source->flood_all + (source->flood_all < UINT16_MAX));
    source->flood_uncached =
            (uint16_t)(source->flood_uncached + (uncached && source->flood_uncached < UINT16_MAX));
    *earlier = before ? 0 : source->flood_all - 1u;
    return source->flood_all >= value[ONUS_RULE_FLOOD_REQUESTS] ||
           source->flood_uncached >= value[ONUS_RULE_FLOOD_UNCACHED];
}

enum onus_code onus_flood_add(const struct onus_engine *engine, struct onus_shard *shard,
        struct onus_source *source, const struct onus_event *event, uint32_t earlier,
        struct onus_error *err)
{
    struct onus_actor *actor = onus_source_actor(shard, source, err);
    if (!actor) {
        return onus_shard_reason(shard);
    }
    struct onus_share share = {.family = ONUS_FAMILY_FLOOD,
            .group = ONUS_SERVICE_HTTP,
            .attempts = 1 + earlier,
            .lines_before = earlier,
            .target = onus_path_of(event->target),
            .has_target = true,
            .agent = event->agent};
    return onus_runs_add(engine, shard, actor, event, &share, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_plain.h"

/*
 * Most lines of a web server's log ask for a page and get it. They add one line to their source, and
 * that is all unless they come too fast. What is counted is what engine.c would count of their event.
 */

enum {
    AHEAD_REQUEST = 16,
    AHEAD_SOURCE = 10,
};

static void look_ahead(const struct onus_shard *shard, const struct onus_event_batch *batch,
        size_t i)
{
    for (size_t first = 0; i == 0 && first < AHEAD_SOURCE && first < batch->plain_count; first++) {
        onus_sources_prefetch(&shard->sources, batch->plain[first]->source_hash);
    }
    size_t left = batch->plain_count - i;
    if (left > AHEAD_REQUEST) {
        __builtin_prefetch(batch->plain[i + AHEAD_REQUEST]);
    }
    if (left > AHEAD_SOURCE) {
        onus_sources_prefetch(&shard->sources, batch->plain[i + AHEAD_SOURCE]->source_hash);
    }
}

/* The request as the event it stands for, as far as runs look at one. */
static enum onus_code count_flood(const struct onus_engine *engine, struct onus_shard *shard,
        struct onus_source *source, const struct onus_plain_request *plain, uint32_t earlier,
        struct onus_error *err)
{
    struct onus_event event = {.kind = ONUS_EVENT_WEB,
            .service = ONUS_SERVICE_HTTP,
            .ref = {plain->input, plain->line},
            .time = plain->time,
            .target = {plain->target, plain->target_length},
            .agent = {plain->agent, plain->agent_length}};
    return onus_flood_add(engine, shard, source, &event, earlier, err);
}

static enum onus_code apply_one(const struct onus_engine *engine, struct onus_shard *shard,
        const struct onus_plain_request *plain, struct onus_error *err)
{
    if (!onus_in_window(engine, plain->time)) {
        return ONUS_OK;
    }
    struct onus_source *source = NULL;
    enum onus_code code = onus_sources_take_plain(shard, plain, &source, err);
    if (code != ONUS_OK) {
        return code;
    }
    shard->events++;
    onus_widen(&shard->first, &shard->last, plain->time);
    onus_widen(&source->first, &source->last, plain->time);
    source->lines++;
    source->flags |= ONUS_SOURCE_HANDSHAKE;
    uint32_t earlier = 0;
    bool is_page = !(plain->flags & ONUS_PLAIN_STATIC);
    return is_page && onus_flood_step(&engine->rules, source, plain->time,
                              plain->flags & ONUS_PLAIN_QUERY, &earlier)
                   ? count_flood(engine, shard, source, plain, earlier, err)
                   : ONUS_OK;
}

enum onus_code onus_plain_apply(const struct onus_engine *engine, struct onus_shard *shard,
        const struct onus_event_batch *batch, size_t events, size_t *next, struct onus_error *err)
{
    size_t i = *next;
    enum onus_code code = ONUS_OK;
    for (; i < batch->plain_count && batch->before[i] <= events && code == ONUS_OK; i++) {
        look_ahead(shard, batch, i);
        code = apply_one(engine, shard, batch->plain[i], err);
    }
    *next = i;
    return code;
}

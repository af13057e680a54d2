/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ENGINE_PLAIN_H
#define ONUS_TRACE_ENGINE_PLAIN_H

/* Requests to a web server, within the engine: of its files, and of nobody else. */

#include "trace/engine_parts.h"

/* --- flood.c --- */

/* One request more. True: it is part of a flood; *earlier is then how many came before it was one. */
bool onus_flood_step(const struct onus_rules *rules, struct onus_source *source, int64_t time,
        bool uncached, uint32_t *earlier);
/* Count a request for which that was so. */
ONUS_NODISCARD enum onus_code onus_flood_add(const struct onus_engine *engine,
        struct onus_shard *shard, struct onus_source *source, const struct onus_event *event,
        uint32_t earlier, struct onus_error *err);

/* A path without its query: one page asked for with many parameters is one page. */
static inline struct onus_str onus_path_of(struct onus_str target)
{
    return onus_str_sub(target, 0, onus_str_find_char(target, '?'));
}

/* --- engine_plain.c --- */

/* Count the plain requests from *next on that no more than `events` events come before. */
ONUS_NODISCARD enum onus_code onus_plain_apply(const struct onus_engine *engine,
        struct onus_shard *shard, const struct onus_event_batch *batch, size_t events, size_t *next,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ENGINE_H
#define ONUS_TRACE_ENGINE_H

/*
 * From events to attempts, from attempts to incidents, from incidents to campaigns.
 *
 * The engine is cut into ONUS_ENGINE_SHARDS parts by the hash of the source. All events of one source
 * go to one shard, in the order of the input, so the parts share nothing, any number of threads may
 * work on different shards at once, and the result is the same for every number of threads.
 *
 * What a shard keeps is small and mergeable: per source a record, per source, family and service the
 * runs of attempts (a run is a maximal sequence without a silence longer than the gap of its rule).
 * Overlapping or touching runs of the same key join whatever the order in which they arrive, so two
 * files read in either order give the same incidents. Rules: docs/detection.md.
 */

#include "trace/event.h"

enum {
    ONUS_ENGINE_SHARDS = 16
};

/* Bits of onus_plain_request.flags. */
enum {
    ONUS_PLAIN_STATIC = 1u << 0, /* as ONUS_MARK_STATIC */
    ONUS_PLAIN_QUERY = 1u << 1,  /* as ONUS_MARK_QUERY */
};

/*
 * A request that is almost every line of a web server: nothing was recognised, the status is below
 * 400, and address, time and zone stand on the line. All the engine asks of it, in one line of the
 * cache, where an event has five.
 */
struct onus_plain_request {
    uint32_t source_hash; /* the lower half of onus_event.source_hash */
    uint32_t input;       /* with `line`, as onus_event.ref; set by the pipeline */
    uint64_t line;
    int64_t time;
    struct onus_address source;
    const char *target;
    const char *agent;
    uint32_t target_length;
    uint16_t agent_length;
    uint8_t shard; /* as onus_engine_shard_of() */
    uint8_t flags;
};

/* Events of some blocks, in line order; they and their text are valid during the call only. */
struct onus_event_batch {
    const struct onus_event *const *events; /* all of one shard */
    size_t count;
    uint32_t *attempts; /* NULL, or beside events: by how many tries each raised its source */

    /* Plain requests of the same shard, in line order. */
    const struct onus_plain_request *const *plain;
    const uint32_t *before; /* beside them: how many of the events come before each */
    size_t plain_count;
};

struct onus_rules; /* trace/rules.h: windows and thresholds */

struct onus_engine_options {
    const struct onus_rules *rules; /* outlives the engine */
    int64_t since, until;           /* ONUS_TIME_NONE: no bound; events outside are not counted */
    uint64_t seed;                  /* of table hashes */
    bool long_way; /* every event takes all steps: what tests hold the short ways against */
};

struct onus_engine;

ONUS_NODISCARD enum onus_code onus_engine_new(const struct onus_engine_options *options,
        struct onus_engine **out, struct onus_error *err);
void onus_engine_free(struct onus_engine *engine);

static inline size_t onus_engine_shard_of_hash(uint64_t source_hash)
{
    return (size_t)(source_hash >> 60) % ONUS_ENGINE_SHARDS;
}

static inline size_t onus_engine_shard_of(const struct onus_event *event)
{
    return onus_engine_shard_of_hash(event->source_hash);
}

/*
 * Count the batch's events whose shard is `shard`. One thread per shard at a time. A failure
 * (ONUS_E_MEMORY, ONUS_E_LIMIT) leaves the engine good for nothing but onus_engine_free().
 */
ONUS_NODISCARD enum onus_code onus_engine_apply(struct onus_engine *engine, size_t shard,
        const struct onus_event_batch *batch, struct onus_error *err);

/*
 * Close all runs, judge them, join campaigns, and fill `result` except inputs, databases, networks,
 * countries and the net facts of sources. Everything goes to result->arena, which the caller has
 * prepared. Call once.
 */
ONUS_NODISCARD enum onus_code onus_engine_finish(struct onus_engine *engine,
        struct onus_trace_result *result, struct onus_error *err);

/*
 * For a second pass over the same events, after onus_engine_finish(): the index in
 * result->incidents[] of the incident that the event's attempt belongs to, or SIZE_MAX. This is how a
 * number leads back to all of its lines without keeping them in memory.
 */
size_t onus_engine_incident_of(const struct onus_engine *engine, const struct onus_event *event);

/*
 * Whether an event without a source is counted for the machine that wrote it: only the try itself is,
 * not the other lines that a program writes about it.
 */
bool onus_engine_counts_local(const struct onus_event *event);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_ENGINE_SCENE_H
#define ONUS_TESTS_ENGINE_SCENE_H

/*
 * Invented events for the tests of the engine, and the result as text, so that two results can be
 * compared byte by byte.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "trace/engine.h"
#include "trace/findings.h"
#include "trace/rules.h"

#define SCENE_START (1767225600 * (int64_t)ONUS_USEC) /* 2026-01-01T00:00:00Z */
#define MINUTE      (60 * (int64_t)ONUS_USEC)

struct scene {
    struct onus_event *events;
    size_t count, room;
};

static inline void scene_clear(struct scene *scene)
{
    free(scene->events);
    *scene = (struct scene){0};
}

static inline struct onus_event *scene_add(struct scene *scene, const char *address, int64_t time)
{
    if (scene->count == scene->room) {
        scene->room = scene->room > 0 ? scene->room * 2 : 64;
        scene->events = realloc(scene->events, sizeof(*scene->events) * scene->room);
        if (!scene->events) {
            abort();
        }
    }
    struct onus_event *event = &scene->events[scene->count++];
    *event = (struct onus_event){.time = time,
            .ref = {.input = 0, .line = scene->count},
            .host = ONUS_STR("host")};
    event->has_source = address && onus_address_parse(onus_str_of(address), &event->source);
    return event;
}

/* One line about a login of sshd. */
static inline struct onus_event *scene_login(struct scene *scene, const char *address, int64_t time,
        enum onus_outcome outcome, const char *account)
{
    struct onus_event *event = scene_add(scene, address, time);
    event->kind = ONUS_EVENT_AUTH;
    event->outcome = (uint8_t)outcome;
    event->service = ONUS_SERVICE_SSH;
    event->has_account = account != NULL;
    event->account = onus_str_of(account);
    return event;
}

static inline struct onus_event *scene_web(struct scene *scene, const char *address, int64_t time,
        const char *target, uint16_t status, onus_findings findings)
{
    struct onus_event *event = scene_add(scene, address, time);
    event->kind = ONUS_EVENT_WEB;
    event->service = ONUS_SERVICE_HTTP;
    event->status = status;
    event->findings = findings;
    event->target = onus_str_of(target);
    event->method = ONUS_STR("GET");
    return event;
}

static inline void scene_hash(struct scene *scene, uint64_t seed)
{
    for (size_t i = 0; i < scene->count; i++) {
        struct onus_event *event = &scene->events[i];
        event->source_hash = event->has_source ? onus_hash_bytes(seed, event->source.bytes, 16)
                                               : onus_hash_str(seed, event->source_name);
    }
}

struct scene_run {
    uint64_t seed;
    const struct onus_rules *rules;
    size_t batch;       /* events a call; 0: all at once */
    bool shards_turned; /* the last shard first */
    bool long_way;
    uint64_t *raised; /* NULL, or: sum over i of what event i raised times i + 1 */
};

/* The whole way: hash, cut into batches, apply, finish. The caller clears the result's arena. */
static inline enum onus_code scene_play(struct scene *scene, const struct scene_run *how,
        struct onus_engine **engine, struct onus_trace_result *result)
{
    struct onus_engine_options options = {.rules = how->rules,
            .since = ONUS_TIME_NONE,
            .until = ONUS_TIME_NONE,
            .seed = how->seed,
            .long_way = how->long_way};
    *result = (struct onus_trace_result){0};
    onus_arena_init(&result->arena, (size_t)1 << 30);
    scene_hash(scene, how->seed);
    enum onus_code code = onus_engine_new(&options, engine, NULL);
    size_t step = how->batch > 0 ? how->batch : scene->count + 1;
    const struct onus_event **picked = malloc(sizeof(*picked) * (scene->count + 1));
    uint32_t *attempts = malloc(sizeof(*attempts) * (scene->count + 1));
    if (!picked || !attempts) {
        abort();
    }
    for (size_t at = 0; at < scene->count && code == ONUS_OK; at += step) {
        size_t end = at + step < scene->count ? at + step : scene->count;
        for (size_t s = 0; s < ONUS_ENGINE_SHARDS && code == ONUS_OK; s++) {
            size_t shard = how->shards_turned ? ONUS_ENGINE_SHARDS - 1 - s : s;
            struct onus_event_batch batch = {.events = picked, .attempts = attempts};
            for (size_t i = at; i < end; i++) {
                if (onus_engine_shard_of(&scene->events[i]) == shard) {
                    picked[batch.count++] = &scene->events[i];
                }
            }
            code = onus_engine_apply(*engine, shard, &batch, NULL);
            for (size_t i = 0; i < batch.count && how->raised && code == ONUS_OK; i++) {
                *how->raised += attempts[i] * (uint64_t)(picked[i] - scene->events + 1);
            }
        }
    }
    free(picked);
    free(attempts);
    return code == ONUS_OK ? onus_engine_finish(*engine, result, NULL) : code;
}

static inline void scene_tallies(struct onus_buffer *out, const char *word,
        const struct onus_tally *tallies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        onus_buffer_printf(out, "  %s %.*s %llu %llu\n", word, (int)tallies[i].name.len,
                tallies[i].name.ptr, (unsigned long long)tallies[i].count,
                (unsigned long long)tallies[i].succeeded);
    }
}

static inline void scene_print_incident(struct onus_buffer *out,
        const struct onus_trace_result *result, const struct onus_trace_incident *incident)
{
    onus_buffer_printf(out, "incident %.*s %s %.*s %lld %lld %llu %llu %llu %d\n",
            (int)incident->id.len, incident->id.ptr, onus_incident_kind_name(incident->kind),
            (int)incident->service.len, incident->service.ptr, (long long)incident->first,
            (long long)incident->last, (unsigned long long)incident->attempts,
            (unsigned long long)incident->lines, (unsigned long long)incident->succeeded,
            incident->distributed);
    onus_buffer_printf(out, "  totals %llu %d %llu\n", (unsigned long long)incident->accounts_total,
            incident->accounts_at_least, (unsigned long long)incident->targets_total);
    for (size_t i = 0; i < incident->source_count; i++) {
        struct onus_str name = result->sources[incident->sources[i]].name;
        onus_buffer_printf(out, "  source %.*s\n", (int)name.len, name.ptr);
    }
    scene_tallies(out, "account", incident->accounts, incident->account_count);
    scene_tallies(out, "target", incident->targets, incident->target_count);
    scene_tallies(out, "finding", incident->findings, incident->finding_count);
    for (size_t i = 0; i < incident->why_count; i++) {
        onus_buffer_printf(out, "  why %.*s\n", (int)incident->why[i].len, incident->why[i].ptr);
    }
    for (size_t i = 0; i < incident->ref_count; i++) {
        onus_buffer_printf(out, "  ref %u:%llu\n", incident->refs[i].input,
                (unsigned long long)incident->refs[i].line);
    }
}

/* Everything the engine says, as text. */
static inline void scene_print(struct onus_buffer *out, const struct onus_trace_result *result)
{
    onus_buffer_printf(out, "totals %llu %llu %llu %llu %llu %lld %lld\n",
            (unsigned long long)result->events, (unsigned long long)result->attempts,
            (unsigned long long)result->succeeded, (unsigned long long)result->probes,
            (unsigned long long)result->source_count_all, (long long)result->first,
            (long long)result->last);
    for (size_t i = 0; i < result->incident_count; i++) {
        scene_print_incident(out, result, &result->incidents[i]);
    }
    for (size_t i = 0; i < result->source_count; i++) {
        const struct onus_trace_source *source = &result->sources[i];
        onus_buffer_printf(out, "source %.*s %llu %llu %llu %llu %lld %lld %d %d",
                (int)source->name.len, source->name.ptr, (unsigned long long)source->lines,
                (unsigned long long)source->attempts, (unsigned long long)source->succeeded,
                (unsigned long long)source->probes, (long long)source->first,
                (long long)source->last, source->handshake, source->benign);
        for (size_t k = 0; k < source->incident_count; k++) {
            onus_buffer_printf(out, " %u", source->incidents[k]);
        }
        onus_buffer_add_char(out, '\n');
    }
    for (size_t i = 0; i < result->campaign_count; i++) {
        const struct onus_trace_campaign *campaign = &result->campaigns[i];
        onus_buffer_printf(out, "campaign %.*s %llu %llu\n", (int)campaign->id.len,
                campaign->id.ptr, (unsigned long long)campaign->sources,
                (unsigned long long)campaign->attempts);
        for (size_t k = 0; k < campaign->incident_count; k++) {
            onus_buffer_printf(out, "  incident %u\n", campaign->incidents[k]);
        }
        for (size_t k = 0; k < campaign->why_count; k++) {
            onus_buffer_printf(out, "  why %.*s\n", (int)campaign->why[k].len,
                    campaign->why[k].ptr);
        }
    }
    for (size_t i = 0; i < result->bin_count; i++) {
        onus_buffer_printf(out, "bin %lld %llu %llu\n", (long long)result->bins[i].start,
                (unsigned long long)result->bins[i].attempts,
                (unsigned long long)result->bins[i].succeeded);
    }
}

#endif

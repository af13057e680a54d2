/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

#include "base/str.h"

/*
 * From sixteen shards to one result. Shards and tables are walked in whatever order they have; what
 * is kept is sorted by content before anybody sees it.
 */

enum {
    STEP = 4,
    CACHE_LINE = 64,
};

/* A source to be listed, with what it is sorted by: the record itself is elsewhere in memory. */
struct listed {
    uint64_t attempts, probes;
    struct onus_source *source;
    uint8_t key[16];
    bool by_name;
};

struct finish {
    struct onus_engine *engine;
    struct onus_trace_result *result;
    struct onus_draft_list drafts;
    struct onus_quiet_run *quiet;
    size_t quiet_count, quiet_room;
    struct listed *sources;
    size_t source_count, source_room;
    uint64_t excused; /* of the source at hand, now counted */
    struct onus_buffer why;
    struct onus_error *err;
};

static enum onus_code out_of_memory(struct finish *finish)
{
    return onus_fail(finish->err, ONUS_E_MEMORY, "out of memory");
}

/* Join what overlaps and lay the runs of a track out by time. */
static enum onus_code settle_track(struct finish *finish, struct onus_shard *shard,
        struct onus_track *track)
{
    int64_t gap = finish->engine->gap[track->family];
    enum onus_code code = onus_track_settle(shard, track, gap, finish->err);
    if (code != ONUS_OK) {
        return code;
    }
    track->sorted = onus_shard_alloc(shard, sizeof(struct onus_run *) * track->count, finish->err);
    if (!track->sorted) {
        return onus_shard_reason(shard);
    }
    size_t at = track->count;
    for (struct onus_run *run = track->runs; run; run = run->next) {
        onus_name_set_settle(&run->accounts);
        onus_name_set_settle(&run->targets);
        if (run->extra) {
            onus_name_set_settle(&run->extra->agents);
        }
        track->sorted[--at] = run;
    }
    return ONUS_OK;
}

enum onus_code onus_draft_add(struct onus_draft_list *drafts, const struct onus_draft *draft,
        struct onus_error *err)
{
    if (drafts->count == drafts->room) {
        size_t room = drafts->room > 0 ? drafts->room * 2 : 64;
        struct onus_draft *items = realloc(drafts->items, sizeof(*items) * room);
        if (!items) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        drafts->items = items;
        drafts->room = room;
    }
    drafts->items[drafts->count++] = *draft;
    return ONUS_OK;
}

static enum onus_code add_quiet(struct finish *finish, const struct onus_quiet_run *quiet)
{
    if (finish->quiet_count == finish->quiet_room) {
        size_t room = finish->quiet_room > 0 ? finish->quiet_room * 2 : 64;
        struct onus_quiet_run *runs = realloc(finish->quiet, sizeof(*runs) * room);
        if (!runs) {
            return out_of_memory(finish);
        }
        finish->quiet = runs;
        finish->quiet_room = room;
    }
    finish->quiet[finish->quiet_count++] = *quiet;
    return ONUS_OK;
}

static bool judge(struct finish *finish, struct onus_draft *draft)
{
    const struct onus_rules *rules = &finish->engine->rules;
    finish->why.len = 0;
    switch ((enum onus_family)draft->family) {
    case ONUS_FAMILY_AUTH:
        return onus_judge_login(rules, draft, &finish->why);
    case ONUS_FAMILY_EXPLOIT:
        return onus_judge_exploit(rules, draft, &finish->why);
    case ONUS_FAMILY_PROBE:
        return onus_judge_probe(rules, draft, &finish->why);
    case ONUS_FAMILY_SCAN:
        return onus_judge_scan(rules, draft, &finish->why);
    case ONUS_FAMILY_FLOOD:
        return onus_judge_flood(rules, draft, &finish->why);
    case ONUS_FAMILIES:
    default:
        return false;
    }
}

static enum onus_code judge_run(struct finish *finish, struct onus_source *source,
        const struct onus_track *track, struct onus_run *run)
{
    struct onus_draft draft = {.family = track->family, .group = track->group, .run = run};
    if (!judge(finish, &draft)) {
        struct onus_quiet_run quiet = {.member = {source, run},
                .first = run->first,
                .last = run->last,
                .attempts = run->attempts,
                .accounts = run->accounts.used,
                .group = track->group};
        bool may_share = track->family == ONUS_FAMILY_AUTH && run->accounts.used > 0 &&
                         onus_unexcused(&finish->engine->rules, run) > 0;
        return may_share ? add_quiet(finish, &quiet) : ONUS_OK;
    }
    struct onus_arena *arena = &finish->engine->whole.arena;
    enum onus_code code = onus_buffer_status(&finish->why, finish->err);
    if (code == ONUS_OK) {
        code = onus_arena_copy(arena, onus_buffer_view(&finish->why), &draft.why, finish->err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    draft.members = onus_arena_alloc(arena, sizeof(*draft.members));
    if (!draft.members) {
        return onus_arena_reason(arena, finish->err);
    }
    draft.members[0] = (struct onus_member){source, run};
    draft.member_count = 1;
    return onus_draft_add(&finish->drafts, &draft, finish->err);
}

/* Listed are those that tried something, whether it counts or not. */
static enum onus_code list_source(struct finish *finish, struct onus_source *source)
{
    if (finish->source_count == finish->source_room) {
        size_t room = finish->source_room > 0 ? finish->source_room * 2 : 64;
        struct listed *sources = realloc(finish->sources, sizeof(*sources) * room);
        if (!sources) {
            return out_of_memory(finish);
        }
        finish->sources = sources;
        finish->source_room = room;
    }
    struct listed *listed = &finish->sources[finish->source_count++];
    *listed = (struct listed){.source = source,
            .by_name = (source->flags & (ONUS_SOURCE_NAMED | ONUS_SOURCE_NO_SOURCE)) != 0};
    memcpy(listed->key, source->key, sizeof(listed->key));
    return ONUS_OK;
}

/*
 * Who names itself a census or a search engine and only looks is not counted. Who does worse as well
 * has no claim to that: all it sent counts.
 */
static void settle_excused(struct finish *finish, const struct onus_actor *actor,
        const struct onus_track *track)
{
    if (actor->excused == 0 || actor->attempts == 0 || track->family != ONUS_FAMILY_PROBE) {
        return;
    }
    for (uint32_t i = 0; i < track->count; i++) {
        struct onus_run *run = track->sorted[i];
        if (run->extra) {
            run->attempts += run->extra->excused;
            finish->excused += run->extra->excused;
            run->extra->excused = 0;
        }
    }
}

static enum onus_code judge_source(struct finish *finish, struct onus_shard *shard,
        struct onus_source *source)
{
    size_t drafts = finish->drafts.count;
    finish->excused = 0;
    for (struct onus_track *track = source->actor->tracks; track; track = track->next) {
        enum onus_code code = settle_track(finish, shard, track);
        if (code == ONUS_OK) {
            settle_excused(finish, source->actor, track);
        }
        for (uint32_t i = 0; i < track->count && code == ONUS_OK; i++) {
            code = judge_run(finish, source, track, track->sorted[i]);
        }
        if (code != ONUS_OK) {
            return code;
        }
    }
    struct onus_actor *actor = source->actor;
    bool listed = actor->attempts > 0 || actor->probes > 0 || actor->excused > 0 ||
                  finish->drafts.count > drafts;
    actor->attempts += finish->excused;
    actor->excused -= finish->excused;
    finish->result->attempts += finish->excused;
    return listed ? list_source(finish, source) : ONUS_OK;
}

/* Each record is elsewhere in memory: ask for those of the sources to come, stage by stage. */
static void prefetch(const struct onus_source_table *table, size_t at)
{
    if (at + 4 * (size_t)STEP >= table->room) {
        return;
    }
    __builtin_prefetch(table->slots[at + 4 * (size_t)STEP].actor);
    const struct onus_actor *actor = table->slots[at + 3 * (size_t)STEP].actor;
    if (actor) {
        __builtin_prefetch(actor->tracks);
    }
    actor = table->slots[at + 2 * (size_t)STEP].actor;
    if (actor && actor->tracks) {
        const char *run = (const char *)actor->tracks->runs;
        for (size_t i = 0; i < sizeof(struct onus_run); i += CACHE_LINE) {
            __builtin_prefetch(run + i);
        }
    }
    actor = table->slots[at + STEP].actor;
    if (actor && actor->tracks && actor->tracks->runs) {
        __builtin_prefetch(onus_name_set_list(&actor->tracks->runs->accounts));
        __builtin_prefetch(onus_name_set_list(&actor->tracks->runs->targets));
    }
}

static enum onus_code judge_all(struct finish *finish)
{
    for (size_t s = 0; s < ONUS_ENGINE_SHARDS; s++) {
        struct onus_shard *shard = &finish->engine->shards[s];
        for (size_t i = 0; i < shard->sources.room; i++) {
            struct onus_source *source = &shard->sources.slots[i];
            prefetch(&shard->sources, i);
            if (!(source->flags & ONUS_SOURCE_USED) || !source->actor) {
                continue;
            }
            enum onus_code code = judge_source(finish, shard, source);
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    return ONUS_OK;
}

/* What matters most first: the kind, then the size; the rest only makes the order total. */
static int by_weight(const void *left, const void *right)
{
    const struct onus_draft *a = left;
    const struct onus_draft *b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->attempts != b->attempts) {
        return a->attempts > b->attempts ? -1 : 1;
    }
    if (a->run->first != b->run->first) {
        return a->run->first < b->run->first ? -1 : 1;
    }
    int order = onus_source_compare(a->members[0].source, b->members[0].source);
    if (order != 0) {
        return order;
    }
    if (a->group != b->group) {
        return a->group < b->group ? -1 : 1;
    }
    return (int)a->family - (int)b->family;
}

static void number_draft(struct finish *finish, const struct onus_draft *draft, uint32_t number)
{
    for (size_t m = 0; m < draft->member_count; m++) {
        draft->members[m].run->incident = number;
        bool again = m > 0 && draft->members[m].source == draft->members[m - 1].source;
        draft->members[m].source->actor->incident_count += !again;
    }
    /* Alerts, and what is ordinary alone, count as attempts once an incident says so. */
    if (draft->family == ONUS_FAMILY_EXPLOIT || draft->family == ONUS_FAMILY_AUTH) {
        struct onus_actor *actor = draft->members[0].source->actor;
        uint64_t missing = actor->attempts == 0 ? draft->attempts : 0;
        actor->attempts += missing;
        finish->result->attempts += missing;
    }
}

static int by_attempts(const void *left, const void *right)
{
    const struct listed *a = left;
    const struct listed *b = right;
    if (a->attempts != b->attempts) {
        return a->attempts > b->attempts ? -1 : 1;
    }
    if (a->probes != b->probes) {
        return a->probes > b->probes ? -1 : 1;
    }
    if (a->by_name || b->by_name) {
        return onus_source_compare(a->source, b->source);
    }
    return memcmp(a->key, b->key, sizeof(a->key));
}

static void sort_sources(struct finish *finish)
{
    for (size_t i = 0; i < finish->source_count; i++) {
        struct listed *listed = &finish->sources[i];
        listed->attempts = listed->source->actor->attempts;
        listed->probes = listed->source->actor->probes;
    }
    if (finish->source_count > 0) {
        qsort(finish->sources, finish->source_count, sizeof(*finish->sources), by_attempts);
    }
}

static int handshake_of(const struct onus_source *source)
{
    if (source->flags & ONUS_SOURCE_HANDSHAKE) {
        return 1;
    }
    return source->flags & ONUS_SOURCE_SPOOFABLE ? 0 : -1;
}

static enum onus_code write_source(struct finish *finish, const struct onus_source *source,
        struct onus_trace_source *out)
{
    const struct onus_actor *actor = source->actor;
    bool no_address = (source->flags & (ONUS_SOURCE_NAMED | ONUS_SOURCE_NO_SOURCE)) != 0;
    *out = (struct onus_trace_source){
            .is_address = !no_address,
            .claimed = (source->flags & ONUS_SOURCE_CLAIMED) != 0,
            .lines = source->lines,
            .attempts = actor->attempts,
            .probes = actor->probes,
            .succeeded = actor->succeeded,
            .first = source->first,
            .last = source->last,
            .handshake = handshake_of(source),
            .benign = (source->flags & ONUS_SOURCE_CRAWLER) && actor->incident_count == 0,
    };
    if (!no_address) {
        memcpy(out->address.bytes, source->key, sizeof(out->address.bytes));
    }
    struct onus_arena *arena = &finish->result->arena;
    if (actor->incident_count > 0) {
        out->incidents = onus_arena_alloc(arena, sizeof(*out->incidents) * actor->incident_count);
        if (!out->incidents) {
            return onus_arena_reason(arena, finish->err);
        }
    }
    return onus_source_name(source, arena, &out->name, finish->err);
}

static enum onus_code write_sources(struct finish *finish)
{
    struct onus_trace_result *result = finish->result;
    if (finish->source_count == 0) {
        return ONUS_OK;
    }
    result->sources =
            onus_arena_alloc(&result->arena, sizeof(*result->sources) * finish->source_count);
    if (!result->sources) {
        return onus_arena_reason(&result->arena, finish->err);
    }
    for (size_t i = 0; i < finish->source_count; i++) {
        if (i + 4 * (size_t)STEP < finish->source_count) { /* sorted: far apart in memory */
            __builtin_prefetch(finish->sources[i + 4 * (size_t)STEP].source);
            __builtin_prefetch(finish->sources[i + 2 * (size_t)STEP].source->actor);
        }
        finish->sources[i].source->actor->index = (uint32_t)i;
        enum onus_code code = write_source(finish, finish->sources[i].source, &result->sources[i]);
        if (code != ONUS_OK) {
            return code;
        }
    }
    result->source_count = finish->source_count;
    return ONUS_OK;
}

/* As above: sorted, the drafts to come are far apart in memory. */
static void prefetch_draft(const struct finish *finish, size_t at)
{
    const struct onus_draft *items = finish->drafts.items;
    if (at + 4 * (size_t)STEP >= finish->drafts.count) {
        return;
    }
    onus_prefetch_bytes(items[at + 4 * (size_t)STEP].run, sizeof(struct onus_run));
    __builtin_prefetch(items[at + 4 * (size_t)STEP].members);
    __builtin_prefetch(items[at + 3 * (size_t)STEP].members[0].source);
    __builtin_prefetch(items[at + 2 * (size_t)STEP].members[0].source->actor);
    const struct onus_run *run = items[at + 2 * (size_t)STEP].run;
    __builtin_prefetch(onus_ref_list_items(&run->refs));
    __builtin_prefetch(onus_name_set_list(&run->accounts));
    const struct onus_name_set *accounts = &items[at + STEP].run->accounts;
    for (uint32_t i = 0; i < accounts->used && i < STEP; i++) {
        __builtin_prefetch(onus_name_set_list(accounts)[i].name);
    }
}

static enum onus_code write_incidents(struct finish *finish)
{
    struct onus_trace_result *result = finish->result;
    if (finish->drafts.count == 0) {
        return ONUS_OK;
    }
    result->incidents =
            onus_arena_alloc(&result->arena, sizeof(*result->incidents) * finish->drafts.count);
    if (!result->incidents) {
        return onus_arena_reason(&result->arena, finish->err);
    }
    for (size_t i = 0; i < finish->drafts.count; i++) {
        const struct onus_draft *draft = &finish->drafts.items[i];
        prefetch_draft(finish, i);
        enum onus_code code =
                onus_incident_build(draft, result, &result->incidents[i], finish->err);
        if (code != ONUS_OK) {
            return code;
        }
        for (size_t k = 0; k < result->incidents[i].source_count; k++) {
            struct onus_trace_source *source = &result->sources[result->incidents[i].sources[k]];
            source->incidents[source->incident_count++] = (uint32_t)i;
        }
    }
    result->incident_count = finish->drafts.count;
    return ONUS_OK;
}

static void widen(struct onus_trace_result *result, const struct onus_shard *shard)
{
    if (shard->first == ONUS_TIME_NONE) {
        return;
    }
    if (result->first == ONUS_TIME_NONE || shard->first < result->first) {
        result->first = shard->first;
    }
    result->last = shard->last > result->last ? shard->last : result->last;
}

static enum onus_code add_totals(struct finish *finish)
{
    struct onus_trace_result *result = finish->result;
    struct onus_timeline *timeline = &finish->engine->whole.timeline;
    if (result->input_count == 0) { /* else the reader of the inputs has said so already */
        result->first = ONUS_TIME_NONE;
        result->last = ONUS_TIME_NONE;
    }
    for (size_t s = 0; s < ONUS_ENGINE_SHARDS; s++) {
        const struct onus_shard *shard = &finish->engine->shards[s];
        result->events += shard->events;
        result->attempts += shard->attempts;
        result->succeeded += shard->succeeded;
        result->probes += shard->probes;
        result->source_count_all += shard->sources.used;
        widen(result, shard);
        enum onus_code code = onus_timeline_merge(timeline, &shard->timeline, finish->err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return onus_timeline_bins(timeline, result, finish->err);
}

static enum onus_code finish_all(struct finish *finish)
{
    enum onus_code code = add_totals(finish);
    if (code == ONUS_OK) {
        code = judge_all(finish);
    }
    if (code == ONUS_OK) {
        code = onus_judge_shared(finish->engine, finish->quiet, finish->quiet_count,
                &finish->drafts, finish->err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (finish->drafts.count > 0) {
        qsort(finish->drafts.items, finish->drafts.count, sizeof(*finish->drafts.items), by_weight);
    }
    for (size_t i = 0; i < finish->drafts.count; i++) {
        number_draft(finish, &finish->drafts.items[i], (uint32_t)i);
    }
    sort_sources(finish);
    code = write_sources(finish);
    if (code == ONUS_OK) {
        code = write_incidents(finish);
    }
    return code == ONUS_OK ? onus_campaigns_find(&finish->engine->rules, finish->drafts.items,
                                     finish->result, finish->err)
                           : code;
}

enum onus_code onus_engine_finish(struct onus_engine *engine, struct onus_trace_result *result,
        struct onus_error *err)
{
    if (engine->finished) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the engine is finished already");
    }
    struct finish finish = {.engine = engine, .result = result, .err = err};
    onus_buffer_init(&finish.why, 0);
    enum onus_code code = finish_all(&finish);
    engine->finished = true;
    onus_buffer_clear(&finish.why);
    free(finish.drafts.items);
    free(finish.quiet);
    free(finish.sources);
    return code;
}

size_t onus_engine_incident_of(const struct onus_engine *engine, const struct onus_event *event)
{
    struct onus_verdict verdict;
    onus_classify(event, &verdict);
    const struct onus_source *source =
            verdict.no_owner
                    ? NULL
                    : onus_sources_find(&engine->shards[onus_engine_shard_of(event)], event);
    if (!engine->finished || !source || !source->actor) {
        return SIZE_MAX;
    }
    unsigned families = verdict.families;
    if (onus_event_is_page(event)) {
        families |= 1u << ONUS_FAMILY_FLOOD;
    }
    size_t best = SIZE_MAX;
    for (unsigned family = 0; family < ONUS_FAMILIES; family++) {
        if (!(families & (1u << family))) {
            continue;
        }
        uint8_t group = family == ONUS_FAMILY_SCAN ? ONUS_SERVICE_NETWORK : verdict.group;
        const struct onus_track *track = onus_actor_track(source->actor, (uint8_t)family, group);
        const struct onus_run *run = track ? onus_track_at(track, event->time) : NULL;
        if (run && run->incident < best) {
            best = run->incident;
        }
    }
    return best == UINT32_MAX ? SIZE_MAX : best;
}

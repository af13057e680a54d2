/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_plain.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/pages.h"
#include "base/str.h"

enum {
    TARGET_TEXT = 80,
    CACHE_LINE = 64,
};

/* Per shard; docs/limits.md. Reaching it is an error, not a wrong number. */
#define SHARD_MEMORY ((size_t)4 << 30)

/* What a shard begins with: all of them together fill a few large pages. */
#define SHARD_FIRST ((size_t)384 << 10)

static void shard_init(struct onus_shard *shard, const struct onus_rules *rules, uint64_t seed)
{
    shard->seed = seed;
    shard->first = ONUS_TIME_NONE;
    shard->last = ONUS_TIME_NONE;
    shard->early_bound = (uint8_t)rules->value[ONUS_RULE_LOGIN_ATTEMPTS];
    onus_arena_init(&shard->arena, SHARD_MEMORY);
}

enum onus_code onus_engine_new(const struct onus_engine_options *options, struct onus_engine **out,
        struct onus_error *err)
{
    static const enum onus_rule_key gaps[ONUS_FAMILIES] = {
            [ONUS_FAMILY_AUTH] = ONUS_RULE_GUESS_GAP,
            [ONUS_FAMILY_EXPLOIT] = ONUS_RULE_EXPLOIT_GAP,
            [ONUS_FAMILY_PROBE] = ONUS_RULE_PROBE_GAP,
            [ONUS_FAMILY_SCAN] = ONUS_RULE_SCAN_GAP,
            [ONUS_FAMILY_FLOOD] = ONUS_RULE_FLOOD_GAP,
    };
    struct onus_engine *engine = calloc(1, sizeof(*engine));
    if (!engine) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    if (options->rules) {
        engine->rules = *options->rules;
    } else {
        onus_rules_init(&engine->rules);
    }
    engine->since = options->since;
    engine->until = options->until;
    engine->seed = options->seed;
    engine->long_way = options->long_way;
    for (size_t i = 0; i < ONUS_FAMILIES; i++) {
        engine->gap[i] = onus_rule_usec(&engine->rules, gaps[i]);
    }
    size_t size = ONUS_ENGINE_SHARDS * SHARD_FIRST;
    engine->first_memory = onus_pages_alloc(&size);
    if (!engine->first_memory) {
        onus_engine_free(engine);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    shard_init(&engine->whole, &engine->rules, options->seed);
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        struct onus_shard *shard = &engine->shards[i];
        shard_init(shard, &engine->rules, options->seed);
        onus_arena_lend(&shard->arena, engine->first_memory + i * SHARD_FIRST, SHARD_FIRST);
        enum onus_code code = onus_sources_init(shard, err);
        if (code != ONUS_OK) {
            onus_engine_free(engine);
            return code;
        }
    }
    *out = engine;
    return ONUS_OK;
}

void onus_engine_free(struct onus_engine *engine)
{
    if (!engine) {
        return;
    }
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        struct onus_shard *shard = &engine->shards[i];
        onus_sources_clear(&shard->sources);
        onus_timeline_clear(&shard->timeline);
        onus_name_table_clear(&shard->names);
        onus_arena_clear(&shard->arena);
    }
    onus_timeline_clear(&engine->whole.timeline);
    onus_arena_clear(&engine->whole.arena);
    free(engine->first_memory);
    free(engine);
}

enum onus_code onus_shard_reason(const struct onus_shard *shard)
{
    return onus_arena_reason(&shard->arena, NULL);
}

void *onus_shard_alloc(struct onus_shard *shard, size_t size, struct onus_error *err)
{
    void *memory = onus_arena_alloc(&shard->arena, size);
    if (!memory) {
        (void)onus_arena_reason(&shard->arena, err);
        onus_context(err, "counting sources and attempts");
    }
    return memory;
}

void *onus_shard_alloc_aligned(struct onus_shard *shard, size_t size, struct onus_error *err)
{
    char *memory = onus_shard_alloc(shard, size + CACHE_LINE, err);
    return memory ? memory + (CACHE_LINE - (uintptr_t)memory % CACHE_LINE) : NULL;
}

/* The work on one event, so that its steps need few arguments. */
struct work {
    const struct onus_engine *engine;
    struct onus_shard *shard;
    struct onus_source *source;
    struct onus_actor *actor;
    const struct onus_event *event;
    struct onus_verdict verdict;
    uint64_t attempts, succeeded; /* what the event adds to the totals */
    struct onus_error *err;
};

static enum onus_code add_share(struct work *work, const struct onus_share *share)
{
    return onus_runs_add(work->engine, work->shard, work->actor, work->event, share, work->err);
}

static enum onus_code login_step(struct work *work, struct onus_session_step *step)
{
    struct onus_try one;
    bool has_session = false;
    onus_try_of(work->event, &one, &has_session);
    if (!has_session) {
        onus_session_alone(&one, step);
        return ONUS_OK;
    }
    if (!work->shard->sessions) {
        work->shard->sessions = onus_sessions_new(work->shard, work->err);
        if (!work->shard->sessions) {
            return onus_shard_reason(work->shard);
        }
    }
    return onus_sessions_step(work->shard->sessions, &one, step, work->err);
}

static struct onus_str where(const struct onus_event *event, char text[static TARGET_TEXT])
{
    if (event->kind == ONUS_EVENT_CONNECTION || event->has_dest) {
        char address[ONUS_ADDRESS_TEXT] = "";
        if (event->has_dest) {
            (void)onus_address_format(&event->dest, address);
        }
        int len = snprintf(text, TARGET_TEXT, event->dest_port ? "%s:%u" : "%s", address,
                (unsigned)event->dest_port);
        return (struct onus_str){text, len > 0 ? (size_t)len : 0};
    }
    return event->host;
}

enum onus_code onus_count_probe(const struct onus_engine *engine, struct onus_shard *shard,
        struct onus_actor *actor, const struct onus_event *event, int64_t probes,
        onus_findings findings, struct onus_error *err)
{
    char text[TARGET_TEXT];
    struct onus_share share = {.family = ONUS_FAMILY_SCAN,
            .group = ONUS_SERVICE_NETWORK,
            .left = probes,
            .target = where(event, text),
            .has_target = true,
            .findings = findings};
    actor->probes += (uint64_t)probes;
    shard->probes += (uint64_t)probes;
    return onus_runs_add(engine, shard, actor, event, &share, err);
}

static enum onus_code count_login(struct work *work)
{
    const struct onus_event *event = work->event;
    struct onus_session_step step;
    enum onus_code code = login_step(work, &step);
    if (code != ONUS_OK) {
        return code;
    }
    work->attempts += step.attempts;
    work->succeeded += step.succeeded;
    if (step.probes != 0 || event->outcome == ONUS_OUTCOME_PROBED) {
        code = onus_count_probe(work->engine, work->shard, work->actor, event, step.probes,
                work->verdict.findings, work->err);
    }
    if (code != ONUS_OK || !(work->verdict.families & (1u << ONUS_FAMILY_AUTH))) {
        return code;
    }
    struct onus_share share = {.family = ONUS_FAMILY_AUTH,
            .group = work->verdict.group,
            .attempts = step.attempts,
            .succeeded = step.succeeded,
            .no_account = step.no_account,
            .secrets = step.secrets,
            .moved = step.moved,
            .account = event->account,
            .has_account = event->has_account,
            .target = event->kind == ONUS_EVENT_WEB ? event->target : event->host,
            .has_target = true,
            .agent = event->agent,
            .findings = work->verdict.findings};
    return add_share(work, &share);
}

static enum onus_code count_scan(struct work *work)
{
    char text[TARGET_TEXT];
    bool told = work->verdict.alert;
    uint32_t tries = onus_event_tries(work->event);
    bool by_service = work->event->kind == ONUS_EVENT_CONNECTION &&
                      work->event->service != ONUS_SERVICE_NETWORK &&
                      work->event->service != ONUS_SERVICE_UNKNOWN &&
                      work->event->outcome == ONUS_OUTCOME_FAILED;
    bool left = !told && work->event->outcome == ONUS_OUTCOME_PROBED;
    struct onus_share share = {.family = ONUS_FAMILY_SCAN,
            .group = ONUS_SERVICE_NETWORK, /* a scan goes over services */
            .attempts = told || left ? 0 : tries,
            .left = left ? (int64_t)tries : 0,
            .alerts = told ? tries : 0,
            .refused = by_service ? tries : 0,
            .target = where(work->event, text),
            .has_target = true,
            .findings = work->verdict.findings};
    work->actor->probes += told ? 0 : tries;
    work->shard->probes += told ? 0 : tries;
    return add_share(work, &share);
}

/* EXPLOIT, PROBE, FLOOD and alerts about logins: one line, one request or verdict. */
static enum onus_code count_request(struct work *work, enum onus_family family)
{
    const struct onus_event *event = work->event;
    bool told = work->verdict.alert || family == ONUS_FAMILY_FLOOD;
    uint32_t tries = onus_event_tries(event);
    bool refusal = family == ONUS_FAMILY_PROBE && work->verdict.refusal;
    bool excused = family == ONUS_FAMILY_PROBE && work->verdict.excused;
    bool whole = family == ONUS_FAMILY_EXPLOIT;
    work->actor->excused += excused ? tries : 0;
    struct onus_share share = {.family = (uint8_t)family,
            .group = work->verdict.group,
            .attempts = told || refusal || excused ? 0 : tries,
            .refused = refusal ? tries : 0,
            .excused = excused ? tries : 0,
            .alerts = told ? tries : 0,
            .target = whole ? event->target : onus_path_of(event->target),
            .has_target = event->target.len > 0,
            .account = event->account,
            .has_account = event->has_account && event->kind != ONUS_EVENT_WEB,
            .agent = event->agent,
            .findings = work->verdict.findings};
    return add_share(work, &share);
}

static enum onus_code count_event(struct work *work)
{
    enum onus_code code = ONUS_OK;
    work->actor = onus_source_actor(work->shard, work->source, work->err);
    if (!work->actor) {
        return onus_shard_reason(work->shard);
    }
    if (work->verdict.login) {
        code = count_login(work);
    } else if (work->verdict.families & (1u << ONUS_FAMILY_SCAN)) {
        code = count_scan(work);
    } else if (work->verdict.families & (1u << ONUS_FAMILY_AUTH)) {
        code = count_request(work, ONUS_FAMILY_AUTH);
    }
    static const enum onus_family requests[] = {ONUS_FAMILY_EXPLOIT, ONUS_FAMILY_PROBE,
            ONUS_FAMILY_FLOOD};
    const unsigned others = ~(1u << ONUS_FAMILY_AUTH | 1u << ONUS_FAMILY_SCAN);
    bool any = (work->verdict.families & others) != 0;
    for (size_t i = 0; any && i < ONUS_COUNT(requests) && code == ONUS_OK; i++) {
        if (work->verdict.families & (1u << requests[i])) {
            code = count_request(work, requests[i]);
        }
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (work->verdict.counted && work->attempts == 0) {
        work->attempts = onus_event_tries(work->event);
    }
    work->actor->attempts += work->attempts;
    work->actor->succeeded += work->succeeded;
    work->shard->attempts += work->attempts;
    work->shard->succeeded += work->succeeded;
    if (work->attempts == 0 && work->succeeded == 0 && !work->verdict.login) {
        return ONUS_OK;
    }
    return onus_timeline_add(&work->shard->timeline, work->event->time, work->attempts,
            work->succeeded, 1, work->err);
}

static bool is_uncached(const struct onus_event *event)
{
    return event->status >= 400 || onus_str_find_char(event->target, '?') != ONUS_STR_NPOS;
}

static enum onus_code count_flood(const struct work *work)
{
    uint32_t earlier = 0;
    bool flood = onus_flood_step(&work->engine->rules, work->source, work->event->time,
            is_uncached(work->event), &earlier);
    return flood ? onus_flood_add(work->engine, work->shard, work->source, work->event, earlier,
                           work->err)
                 : ONUS_OK;
}

/* Nothing was recognised and nothing was refused: almost every line of a web server. */
static bool is_plain_request(const struct onus_event *event)
{
    return event->kind == ONUS_EVENT_WEB && event->findings == 0 && event->status < 400;
}

/* *raised: by how many tries the event raised the count of its source. */
static enum onus_code apply_one(const struct onus_engine *engine, struct onus_shard *shard,
        const struct onus_event *event, uint64_t *raised, struct onus_error *err)
{
    struct work work = {.engine = engine, .shard = shard, .event = event, .err = err};
    if (!onus_in_window(engine, event->time) || event->kind == ONUS_EVENT_OTHER ||
            event->kind == ONUS_EVENT_REPEAT) {
        return ONUS_OK;
    }
    shard->events++;
    onus_widen(&shard->first, &shard->last, event->time);
    bool plain = is_plain_request(event);
    if (!plain) {
        onus_classify(event, &work.verdict);
        if (work.verdict.no_owner) {
            return ONUS_OK;
        }
    }
    enum onus_code code = onus_sources_take(shard, event, &work.source, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_source_touch(work.source, event);
    if (onus_event_is_page(event) && event->time != ONUS_TIME_NONE && !work.verdict.crawler) {
        code = count_flood(&work);
    }
    if (code == ONUS_OK && work.verdict.families != 0) {
        code = count_event(&work);
    }
    *raised = work.attempts;
    return code;
}

/*
 * A log names its sources in no order, so each event touches memory that was not used for long: its
 * source, what the source did, the run that goes on, the names in it, and its session. Each is fetched
 * while earlier events are counted, one step of the way at a time, because each step is found through
 * the one before.
 */
enum {
    AHEAD_EVENT = 14,
    AHEAD_SLOT = 11,
    AHEAD_ACTOR = 8,
    AHEAD_TRACK = 6,
    AHEAD_RUN = 4,
    AHEAD_NAMES = 2,
    AHEAD_KEPT = 16, /* more than AHEAD_SLOT */
};

/* By the event's place in the batch. */
struct ahead {
    struct onus_hint hints[AHEAD_KEPT];
};

static struct onus_hint *hint_of(struct ahead *ahead, size_t i)
{
    return &ahead->hints[i % AHEAD_KEPT];
}

/* The places where a name may stand, once the run is at hand. */
static void prefetch_names(const struct onus_shard *shard, const struct onus_event *event,
        struct onus_hint *hint)
{
    const struct onus_actor *actor = hint->actor;
    if (!actor || !actor->tracks || !actor->tracks->runs) {
        return;
    }
    const struct onus_run *run = actor->tracks->runs;
    const struct onus_name_set *accounts = &run->accounts;
    if (accounts->room > 0 && event->kind == ONUS_EVENT_AUTH && event->has_account) {
        hint->account = onus_hash_str(shard->seed, event->account);
        __builtin_prefetch(&accounts->many.slots[(uint32_t)hint->account & (accounts->room - 1u)],
                1);
    }
    __builtin_prefetch(run->targets.room > 0 ? (const void *)run->targets.many.slots
                                             : (const void *)run->targets.one.name);
    __builtin_prefetch(onus_ref_list_items(&run->refs), 1);
    __builtin_prefetch(run->extra, 1);
}

/*
 * The event that is `before` places ahead of the one that is counted at this step, NULL for none. The
 * first event is counted at step AHEAD_EVENT: by then it has gone the whole way too.
 */
static const struct onus_event *ahead_by(const struct onus_event_batch *batch, size_t step,
        size_t before, size_t *at)
{
    *at = step + before - AHEAD_EVENT;
    return step + before >= AHEAD_EVENT && *at < batch->count ? batch->events[*at] : NULL;
}

static void look_ahead(const struct onus_shard *shard, const struct onus_event_batch *batch,
        size_t step, struct ahead *ahead)
{
    const struct onus_sessions *sessions = shard->sessions;
    size_t at = 0;
    const struct onus_event *event = ahead_by(batch, step, AHEAD_EVENT, &at);
    if (event) {
        onus_prefetch_bytes(event, sizeof(*event));
    }
    event = ahead_by(batch, step, AHEAD_SLOT, &at);
    if (event) {
        struct onus_hint *hint = hint_of(ahead, at);
        *hint = (struct onus_hint){.session = event->session != 0 ? onus_session_key(event) : 0};
        onus_sources_prefetch(&shard->sources, event->source_hash);
        if (sessions && hint->session != 0) {
            onus_sessions_prefetch(sessions, hint->session);
        }
    }
    event = ahead_by(batch, step, AHEAD_ACTOR, &at);
    if (event) {
        struct onus_hint *hint = hint_of(ahead, at);
        hint->actor = onus_sources_guess(&shard->sources, event->source_hash);
        onus_actor_prefetch(hint->actor);
        if (sessions && hint->session != 0) {
            onus_sessions_prefetch_one(sessions, hint->session);
        }
    }
    if (ahead_by(batch, step, AHEAD_TRACK, &at)) {
        onus_track_prefetch(hint_of(ahead, at)->actor);
    }
    if (ahead_by(batch, step, AHEAD_RUN, &at)) {
        onus_run_prefetch(hint_of(ahead, at)->actor);
    }
    event = ahead_by(batch, step, AHEAD_NAMES, &at);
    if (event) {
        prefetch_names(shard, event, hint_of(ahead, at));
    }
}

static enum onus_code apply_event(struct onus_engine *engine, struct onus_shard *shard,
        const struct onus_event_batch *batch, size_t i, const struct onus_hint *hint,
        struct onus_error *err)
{
    uint64_t raised = 0;
    bool done = false;
    enum onus_code code =
            onus_usual_login(engine, shard, batch->events[i], hint, &done, &raised, err);
    if (!done) {
        code = apply_one(engine, shard, batch->events[i], &raised, err);
    }
    if (code == ONUS_OK && batch->attempts) {
        batch->attempts[i] = raised < UINT32_MAX ? (uint32_t)raised : UINT32_MAX;
    }
    return code;
}

enum onus_code onus_engine_apply(struct onus_engine *engine, size_t shard_index,
        const struct onus_event_batch *batch, struct onus_error *err)
{
    if (shard_index >= ONUS_ENGINE_SHARDS || engine->finished) {
        return onus_fail(err, ONUS_E_ARGUMENT, "no shard %zu, or the engine is finished",
                shard_index);
    }
    struct onus_shard *shard = &engine->shards[shard_index];
    struct ahead ahead = {{{NULL, 0, 0}}};
    size_t next_plain = 0;
    size_t steps = batch->count > 0 ? batch->count + AHEAD_EVENT : 0;
    for (size_t step = 0; step < steps; step++) {
        look_ahead(shard, batch, step, &ahead);
        if (step < AHEAD_EVENT) {
            continue;
        }
        size_t i = step - AHEAD_EVENT;
        enum onus_code code = onus_plain_apply(engine, shard, batch, i, &next_plain, err);
        if (code == ONUS_OK) {
            code = apply_event(engine, shard, batch, i, hint_of(&ahead, i), err);
        }
        if (code != ONUS_OK) {
            return code;
        }
    }
    return onus_plain_apply(engine, shard, batch, batch->count, &next_plain, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

enum {
    FLOOD_SECONDS = 10,
    TARGET_TEXT = 80,
};

/* Per shard; docs/limits.md. Reaching it is an error, not a wrong number. */
#define SHARD_MEMORY ((size_t)4 << 30)

/* Beyond it arithmetic on times could overflow; no log is from then. */
#define TIME_BOUND ((int64_t)1 << 60)

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
    for (size_t i = 0; i < ONUS_FAMILIES; i++) {
        engine->gap[i] = onus_rule_usec(&engine->rules, gaps[i]);
    }
    shard_init(&engine->whole, &engine->rules, options->seed);
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        shard_init(&engine->shards[i], &engine->rules, options->seed);
        enum onus_code code = onus_sources_init(&engine->shards[i].sources, err);
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
        onus_sessions_free(shard->sessions);
        onus_timeline_clear(&shard->timeline);
        onus_name_table_clear(&shard->names);
        onus_arena_clear(&shard->arena);
    }
    onus_timeline_clear(&engine->whole.timeline);
    onus_arena_clear(&engine->whole.arena);
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

static void widen(int64_t *first, int64_t *last, int64_t time)
{
    if (time == ONUS_TIME_NONE) {
        return;
    }
    if (*first == ONUS_TIME_NONE || time < *first) {
        *first = time;
    }
    if (time > *last) {
        *last = time;
    }
}

static void touch(struct onus_source *source, const struct onus_event *event)
{
    widen(&source->first, &source->last, event->time);
    source->lines++;
    unsigned flags = source->flags;
    flags |= event->marks & ONUS_MARK_HANDSHAKE ? ONUS_SOURCE_HANDSHAKE : 0;
    flags |= event->marks & ONUS_MARK_SPOOFABLE ? ONUS_SOURCE_SPOOFABLE : 0;
    flags |= event->marks & ONUS_MARK_CLAIMED ? ONUS_SOURCE_CLAIMED : 0;
    flags |= event->findings & ONUS_FINDINGS_BENIGN ? ONUS_SOURCE_CRAWLER : 0;
    source->flags = (uint16_t)flags;
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
        work->shard->sessions = onus_sessions_new(work->err);
        if (!work->shard->sessions) {
            return ONUS_E_MEMORY;
        }
    }
    onus_sessions_step(work->shard->sessions, &one, step);
    return ONUS_OK;
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
        char text[TARGET_TEXT];
        struct onus_share share = {.family = ONUS_FAMILY_SCAN,
                .group = ONUS_SERVICE_NETWORK,
                .left = step.probes,
                .target = where(event, text),
                .has_target = true,
                .findings = work->verdict.findings};
        work->actor->probes += (uint64_t)step.probes;
        work->shard->probes += (uint64_t)step.probes;
        code = add_share(work, &share);
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

/* A path without its query: one page asked for with many parameters is one page. */
static struct onus_str path_of(struct onus_str target)
{
    size_t query = onus_str_find_char(target, '?');
    return onus_str_sub(target, 0, query);
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
            .target = whole ? event->target : path_of(event->target),
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
    for (size_t i = 0; i < ONUS_COUNT(requests) && code == ONUS_OK; i++) {
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

/*
 * Requests of one source within ten seconds. Only the current ten seconds are kept, so a flood is
 * judged in the order of the input, unlike everything else.
 */
static enum onus_code count_flood(struct work *work)
{
    const struct onus_event *event = work->event;
    struct onus_source *source = work->source;
    uint32_t slot = (uint32_t)(event->time / (FLOOD_SECONDS * (int64_t)ONUS_USEC));
    if (slot != source->flood_slot) {
        source->flood_slot = slot;
        source->flood_all = 0;
        source->flood_uncached = 0;
    }
    const uint32_t *value = work->engine->rules.value;
    bool before = source->flood_all >= value[ONUS_RULE_FLOOD_REQUESTS] ||
                  source->flood_uncached >= value[ONUS_RULE_FLOOD_UNCACHED];
    bool uncached = event->status >= 400 || onus_str_find_char(event->target, '?') != ONUS_STR_NPOS;
    source->flood_all = (uint16_t)(source->flood_all + (source->flood_all < UINT16_MAX));
    source->flood_uncached =
            (uint16_t)(source->flood_uncached + (uncached && source->flood_uncached < UINT16_MAX));
    if (source->flood_all < value[ONUS_RULE_FLOOD_REQUESTS] &&
            source->flood_uncached < value[ONUS_RULE_FLOOD_UNCACHED]) {
        return ONUS_OK;
    }
    work->actor = onus_source_actor(work->shard, source, work->err);
    if (!work->actor) {
        return onus_shard_reason(work->shard);
    }
    uint32_t earlier = before ? 0 : source->flood_all - 1u;
    struct onus_share share = {.family = ONUS_FAMILY_FLOOD,
            .group = ONUS_SERVICE_HTTP,
            .attempts = 1 + earlier,
            .lines_before = earlier,
            .target = path_of(event->target),
            .has_target = true,
            .agent = event->agent};
    return add_share(work, &share);
}

static bool in_window(const struct onus_engine *engine, const struct onus_event *event)
{
    if (event->time == ONUS_TIME_NONE) {
        return engine->since == ONUS_TIME_NONE && engine->until == ONUS_TIME_NONE;
    }
    return event->time > -TIME_BOUND && event->time < TIME_BOUND &&
           (engine->since == ONUS_TIME_NONE || event->time >= engine->since) &&
           (engine->until == ONUS_TIME_NONE || event->time < engine->until);
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
    if (!in_window(engine, event) || event->kind == ONUS_EVENT_OTHER ||
            event->kind == ONUS_EVENT_REPEAT) {
        return ONUS_OK;
    }
    shard->events++;
    widen(&shard->first, &shard->last, event->time);
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
    touch(work.source, event);
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
static void look_ahead(const struct onus_shard *shard, const struct onus_event_batch *batch,
        size_t i)
{
    enum {
        EVENT = 14,
        SLOT = 11,
        ACTOR = 8,
        TRACK = 6,
        RUN = 4,
        NAMES = 2,
    };
    const struct onus_event *const *events = batch->events + i;
    size_t left = batch->count - i;
    const struct onus_sessions *sessions = shard->sessions;
    if (left > EVENT) {
        const char *event = (const char *)events[EVENT];
        for (size_t at = 0; at < sizeof(struct onus_event); at += 64) {
            __builtin_prefetch(event + at);
        }
    }
    if (left > SLOT) {
        onus_sources_prefetch(&shard->sources, events[SLOT]->source_hash);
        if (sessions && events[SLOT]->session != 0) {
            onus_sessions_prefetch(sessions, onus_session_key(events[SLOT]));
        }
    }
    if (left > ACTOR) {
        onus_actor_prefetch(onus_sources_guess(&shard->sources, events[ACTOR]->source_hash));
        if (sessions && events[ACTOR]->session != 0) {
            onus_sessions_prefetch_one(sessions, onus_session_key(events[ACTOR]));
        }
    }
    if (left > TRACK) {
        onus_track_prefetch(onus_sources_guess(&shard->sources, events[TRACK]->source_hash));
    }
    if (left > RUN) {
        onus_run_prefetch(onus_sources_guess(&shard->sources, events[RUN]->source_hash));
    }
    if (left > NAMES) {
        onus_names_prefetch(onus_sources_guess(&shard->sources, events[NAMES]->source_hash));
    }
}

enum onus_code onus_engine_apply(struct onus_engine *engine, size_t shard_index,
        const struct onus_event_batch *batch, struct onus_error *err)
{
    if (shard_index >= ONUS_ENGINE_SHARDS || engine->finished) {
        return onus_fail(err, ONUS_E_ARGUMENT, "no shard %zu, or the engine is finished",
                shard_index);
    }
    struct onus_shard *shard = &engine->shards[shard_index];
    for (size_t i = 0; i < batch->count; i++) {
        look_ahead(shard, batch, i);
        uint64_t raised = 0;
        enum onus_code code = apply_one(engine, shard, batch->events[i], &raised, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (batch->attempts) {
            batch->attempts[i] = raised < UINT32_MAX ? (uint32_t)raised : UINT32_MAX;
        }
    }
    return ONUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

/*
 * Most lines of a login log are about an address whose run goes on and a name the run holds already.
 * They change a few sums and lists in place. What they change is what engine.c and runs.c would change;
 * a line that could change anything else is left to them.
 */

/* Where such a line is counted. */
struct usual {
    struct onus_source *source;
    struct onus_track *track;
    struct onus_run *run;
    struct onus_name_entry *target, *account; /* account: NULL when the line has none */
};

static bool is_refusal(uint8_t outcome)
{
    const unsigned refusals = 1u << ONUS_OUTCOME_FAILED | 1u << ONUS_OUTCOME_NO_ACCOUNT |
                              1u << ONUS_OUTCOME_PARTIAL | 1u << ONUS_OUTCOME_UNKNOWN;
    return outcome <= ONUS_OUTCOME_PROBED && (refusals >> outcome & 1) != 0;
}

/* A line that sums up a connection without a name adds to the probes of its source, and is no try. */
static bool is_probe_summary(const struct onus_event *event)
{
    return event->outcome == ONUS_OUTCOME_PROBED && event->role >= ONUS_ROLE_COUNT &&
           !event->has_dest;
}

static bool is_usual(const struct onus_engine *engine, const struct onus_event *event)
{
    return event->kind == ONUS_EVENT_AUTH && event->findings == 0 && event->has_source &&
           event->agent.len == 0 && event->session != 0 &&
           (is_refusal(event->outcome) || is_probe_summary(event)) &&
           event->ref.line < ONUS_PLACE_LINES && event->ref.input < ONUS_PLACE_INPUTS &&
           event->time != ONUS_TIME_NONE && onus_in_window(engine, event->time);
}

/* The run that goes on; NULL when the line begins another or comes before it. */
static struct onus_run *run_of(const struct onus_engine *engine, const struct onus_actor *actor,
        const struct onus_event *event, struct onus_track **out)
{
    bool probe = event->outcome == ONUS_OUTCOME_PROBED;
    uint8_t family = probe ? ONUS_FAMILY_SCAN : ONUS_FAMILY_AUTH;
    uint8_t group = probe ? ONUS_SERVICE_NETWORK : onus_service_group(event->service);
    struct onus_track *track = actor->tracks;
    while (track && (track->family != family || track->group != group)) {
        track = track->next;
    }
    struct onus_run *run = track ? track->runs : NULL;
    *out = track;
    bool goes_on = run && run->first != ONUS_TIME_NONE && event->time >= run->first &&
                   event->time <= run->last + engine->gap[family];
    return goes_on ? run : NULL;
}

/* The entry of a text in a set that holds it, or NULL. */
static struct onus_name_entry *known_name(const struct onus_shard *shard, struct onus_name_set *set,
        struct onus_str text, uint64_t check)
{
    if (set->room == 0) {
        return set->used > 0 && onus_name_is(set->one.name, text) ? &set->one : NULL;
    }
    return onus_name_set_find(set, text, check != 0 ? check : onus_hash_str(shard->seed, text));
}

static bool find_usual(const struct onus_engine *engine, const struct onus_shard *shard,
        const struct onus_event *event, const struct onus_hint *hint, struct usual *out)
{
    if (!is_usual(engine, event) || !shard->sessions || engine->long_way) {
        return false;
    }
    out->source = onus_sources_known(&shard->sources, &event->source, event->source_hash);
    if (!out->source || !out->source->actor) {
        return false;
    }
    out->run = run_of(engine, out->source->actor, event, &out->track);
    if (!out->run) {
        return false;
    }
    bool has_account = event->has_account && event->outcome != ONUS_OUTCOME_PROBED;
    out->target = known_name(shard, &out->run->targets, event->host, 0);
    out->account = NULL;
    if (has_account) {
        out->account = known_name(shard, &out->run->accounts, event->account, hint->account);
    }
    return out->target && (out->account || !has_account);
}

static enum onus_code step_session(const struct onus_shard *shard, const struct onus_event *event,
        const struct onus_hint *hint, struct onus_session_step *out, struct onus_error *err)
{
    struct onus_try one = {
            .session = hint->session != 0 ? hint->session : onus_session_key(event),
            .time = event->time,
            .tries = onus_event_tries(event),
            .role = event->role,
            .outcome = event->outcome,
            .has_account = event->has_account,
            .secret = event->role == ONUS_ROLE_ATTEMPT,
    };
    return onus_sessions_step(shard->sessions, &one, out, err);
}

/* To the front, where the next line finds it. */
static void use_track(struct onus_actor *actor, struct onus_track *track)
{
    struct onus_track **link = &actor->tracks;
    while (*link != track) {
        link = &(*link)->next;
    }
    *link = track->next;
    track->next = actor->tracks;
    actor->tracks = track;
}

static enum onus_code add_to_run(struct onus_shard *shard, const struct usual *at,
        const struct onus_event *event, const struct onus_session_step *step,
        struct onus_error *err)
{
    struct onus_run *run = at->run;
    at->target->count++;
    if (at->account) {
        at->account->count += (uint64_t)step->attempts + step->moved;
    }
    onus_run_note_last(run, event->time, onus_place_of(event->ref));
    run->lines++;
    run->attempts += step->attempts;
    run->no_account += step->no_account;
    run->secrets += step->secrets;
    run->services |= 1u << (event->service < ONUS_SERVICE_MAX ? event->service : 0);
    bool is_listed = step->attempts == 0 ||
                     (step->attempts == 1 &&
                             onus_time_list_append(&run->early, shard->early_bound, event->time));
    return is_listed ? ONUS_OK
                     : onus_time_list_add(shard, &run->early, event->time, step->attempts, err);
}

enum onus_code onus_usual_login(const struct onus_engine *engine, struct onus_shard *shard,
        const struct onus_event *event, const struct onus_hint *hint, bool *done, uint64_t *raised,
        struct onus_error *err)
{
    struct usual at;
    struct onus_timed_ref ref = {event->time, onus_place_of(event->ref)};
    *done = find_usual(engine, shard, event, hint, &at) &&
            onus_ref_list_append(&at.run->refs, ONUS_RUN_REFS, &ref);
    if (!*done) {
        return ONUS_OK;
    }
    struct onus_session_step step;
    struct onus_actor *actor = at.source->actor;
    enum onus_code code = step_session(shard, event, hint, &step, err);
    if (code == ONUS_OK && step.probes != 0) {
        code = onus_count_probe(engine, shard, actor, event, step.probes, 0, err);
    }
    if (actor->tracks != at.track) {
        use_track(actor, at.track);
    }
    if (code == ONUS_OK) {
        code = add_to_run(shard, &at, event, &step, err);
    }
    shard->events++;
    onus_widen(&shard->first, &shard->last, event->time);
    onus_source_touch(at.source, event);
    actor->attempts += step.attempts;
    shard->attempts += step.attempts;
    *raised = step.attempts;
    return code == ONUS_OK
                   ? onus_timeline_add(&shard->timeline, event->time, step.attempts, 0, 1, err)
                   : code;
}

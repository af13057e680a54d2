/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

/*
 * A run is a maximal sequence of lines without a silence longer than the gap of its family. Lines may
 * come in any order: one that is near no known run starts a new one, and runs that turn out to
 * overlap are joined when their number has doubled, and at the end. So a log read backwards costs a
 * sort, not a search per line.
 */

enum {
    LOOK_BACK = 4, /* runs tried before a new one is begun; joining repairs the rest */
    FIRST_SETTLE = 16,
};

const struct onus_run_extra onus_run_no_extra = {.success_last = ONUS_TIME_NONE};

struct onus_track *onus_actor_track(const struct onus_actor *actor, uint8_t family, uint8_t group)
{
    struct onus_track *track = actor->tracks;
    while (track && (track->family != family || track->group != group)) {
        track = track->next;
    }
    return track;
}

static struct onus_track *take_track(struct onus_shard *shard, struct onus_actor *actor,
        const struct onus_share *share, struct onus_error *err)
{
    struct onus_track **link = &actor->tracks;
    struct onus_track *first = actor->tracks;
    if (first && first->family == share->family && first->group == share->group) {
        return first;
    }
    while (*link && ((*link)->family != share->family || (*link)->group != share->group)) {
        link = &(*link)->next;
    }
    struct onus_track *track = *link;
    if (track) {
        *link = track->next; /* to the front, where the next line finds it */
    } else {
        track = onus_shard_alloc(shard, sizeof(*track), err);
        if (!track) {
            return NULL;
        }
        track->family = share->family;
        track->group = share->group;
        track->settle_at = FIRST_SETTLE;
    }
    track->next = actor->tracks;
    actor->tracks = track;
    return track;
}

struct onus_run *onus_run_new(struct onus_shard *shard, int64_t time, struct onus_error *err)
{
    struct onus_run *run = shard->spare;
    if (run) {
        shard->spare = run->next;
        *run = (struct onus_run){0};
    } else {
        run = onus_shard_alloc(shard, sizeof(*run), err);
        if (!run) {
            return NULL;
        }
    }
    run->first = time;
    run->last = time;
    run->incident = UINT32_MAX;
    onus_name_set_init(&run->accounts, ONUS_RUN_ACCOUNTS);
    onus_name_set_init(&run->targets, ONUS_RUN_TARGETS);
    return run;
}

static struct onus_run_extra *take_extra(struct onus_shard *shard, struct onus_run *run,
        struct onus_error *err)
{
    if (!run->extra) {
        run->extra = onus_shard_alloc(shard, sizeof(*run->extra), err);
        if (run->extra) {
            run->extra->success_last = ONUS_TIME_NONE;
            onus_name_set_init(&run->extra->agents, ONUS_RUN_AGENTS);
        }
    }
    return run->extra;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ONUS_TIME_NONE is the smallest value, so it must not win here. */
static int64_t earlier(int64_t a, int64_t b)
{
    if (a == ONUS_TIME_NONE || b == ONUS_TIME_NONE) {
        return later(a, b);
    }
    return a < b ? a : b;
}

static enum onus_code merge_refs(struct onus_shard *shard, struct onus_ref_list *into,
        uint8_t bound, const struct onus_ref_list *from, struct onus_error *err)
{
    const struct onus_timed_ref *items = onus_ref_list_items(from);
    enum onus_code code = ONUS_OK;
    for (uint32_t i = 0; i < from->count && code == ONUS_OK; i++) {
        code = onus_ref_list_add(shard, into, bound, &items[i], err);
    }
    return code;
}

static enum onus_code merge_extra(struct onus_shard *shard, struct onus_run *run,
        const struct onus_run_extra *from, struct onus_error *err)
{
    struct onus_run_extra *into = take_extra(shard, run, err);
    if (!into) {
        return onus_shard_reason(shard);
    }
    into->succeeded += from->succeeded;
    into->refused += from->refused;
    into->left += from->left;
    into->excused += from->excused;
    into->alerts += from->alerts;
    into->success_last = later(into->success_last, from->success_last);
    into->findings |= from->findings;
    enum onus_code code = onus_name_set_merge(shard, &into->agents, &from->agents, err);
    for (uint32_t i = 0; i < from->finding_counts.count && code == ONUS_OK; i++) {
        const struct onus_finding_count *item = &from->finding_counts.items[i];
        code = onus_finding_list_add(shard, &into->finding_counts, ONUS_FINDING_BIT(item->finding),
                item->count, err);
    }
    return code == ONUS_OK ? merge_refs(shard, &into->success_refs, ONUS_RUN_SUCCESS_REFS,
                                     &from->success_refs, err)
                           : code;
}

enum onus_code onus_run_merge(struct onus_shard *shard, struct onus_run *into,
        const struct onus_run *from, struct onus_error *err)
{
    into->first = earlier(into->first, from->first);
    onus_run_note_last(into, from->last, from->last_place);
    into->lines += from->lines;
    into->attempts += from->attempts;
    into->no_account += from->no_account;
    into->secrets += from->secrets;
    into->services |= from->services;
    enum onus_code code = onus_name_set_merge(shard, &into->accounts, &from->accounts, err);
    if (code == ONUS_OK) {
        code = onus_name_set_merge(shard, &into->targets, &from->targets, err);
    }
    if (code == ONUS_OK) {
        code = merge_refs(shard, &into->refs, ONUS_RUN_REFS, &from->refs, err);
    }
    const int64_t *times = onus_time_list_items(&from->early);
    for (uint32_t i = 0; i < from->early.count && code == ONUS_OK; i++) {
        code = onus_time_list_add(shard, &into->early, times[i], 1, err);
    }
    return code == ONUS_OK && from->extra ? merge_extra(shard, into, from->extra, err) : code;
}

static int by_first(const void *left, const void *right)
{
    const struct onus_run *a = *(struct onus_run *const *)left;
    const struct onus_run *b = *(struct onus_run *const *)right;
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    return (a->last > b->last) - (a->last < b->last);
}

static bool in_order(const struct onus_track *track, int64_t gap)
{
    for (const struct onus_run *run = track->runs; run && run->next; run = run->next) {
        if (run->first == ONUS_TIME_NONE || run->next->last >= run->first - gap) {
            return false; /* lines without a time come before all others */
        }
    }
    return true;
}

enum onus_code onus_track_settle(struct onus_shard *shard, struct onus_track *track, int64_t gap,
        struct onus_error *err)
{
    if (track->count < 2 || in_order(track, gap)) {
        return ONUS_OK;
    }
    struct onus_run **runs = malloc(sizeof(struct onus_run *) * track->count);
    if (!runs) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t count = 0;
    for (struct onus_run *run = track->runs; run; run = run->next) {
        runs[count++] = run;
    }
    qsort(runs, count, sizeof(struct onus_run *), by_first);

    enum onus_code code = ONUS_OK;
    track->runs = NULL;
    track->count = 0;
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        struct onus_run *last = track->runs;
        if (last && onus_run_near(last, runs[i]->first, gap)) {
            code = onus_run_merge(shard, last, runs[i], err);
            runs[i]->next = shard->spare;
            shard->spare = runs[i];
        } else {
            runs[i]->next = last;
            track->runs = runs[i];
            track->count++;
        }
    }
    free(runs);
    return code;
}

/* The run a line at `time` belongs to, begun when none is near. It becomes the first of the track. */
static enum onus_code take_run(struct onus_shard *shard, struct onus_track *track, int64_t time,
        int64_t gap, struct onus_run **out, struct onus_error *err)
{
    struct onus_run **link = &track->runs;
    if (track->runs && onus_run_near(track->runs, time, gap)) {
        *out = track->runs;
        return ONUS_OK;
    }
    /* The first is the one used last. A line far behind it begins a run; what overlaps is joined later. */
    bool is_behind = track->runs && time != ONUS_TIME_NONE && track->runs->last < time - gap;
    for (int tried = 0; *link && tried < LOOK_BACK && !is_behind; tried++) {
        struct onus_run *run = *link;
        if (onus_run_near(run, time, gap)) {
            *link = run->next;
            run->next = track->runs;
            track->runs = run;
            *out = run;
            return ONUS_OK;
        }
        link = &run->next;
    }
    if (track->count >= track->settle_at) {
        enum onus_code code = onus_track_settle(shard, track, gap, err);
        if (code != ONUS_OK) {
            return code;
        }
        track->settle_at = track->count * 2 > FIRST_SETTLE ? track->count * 2 : FIRST_SETTLE;
    }
    struct onus_run *run = onus_run_new(shard, time, err);
    if (!run) {
        return onus_shard_reason(shard);
    }
    run->next = track->runs;
    track->runs = run;
    track->count++;
    *out = run;
    return ONUS_OK;
}

static enum onus_code add_names(struct onus_shard *shard, struct onus_run *run,
        const struct onus_share *share, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    if (share->has_account) {
        struct onus_name_counts counts = {(uint64_t)share->attempts + share->moved +
                                                  share->succeeded,
                share->succeeded};
        code = onus_name_set_add(shard, &run->accounts, share->account, counts,
                &shard->recent_account, err);
    }
    if (code == ONUS_OK && share->has_target) {
        struct onus_name_counts counts = {1, share->succeeded > 0};
        code = onus_name_set_add(shard, &run->targets, share->target, counts, &shard->recent_target,
                err);
    }
    return code;
}

static enum onus_code add_early(struct onus_shard *shard, struct onus_run *run, int64_t time,
        uint32_t times, struct onus_error *err)
{
    bool added = times == 1 && onus_time_list_append(&run->early, shard->early_bound, time);
    return added ? ONUS_OK : onus_time_list_add(shard, &run->early, time, times, err);
}

static enum onus_code add_places(struct onus_shard *shard, struct onus_run *run,
        const struct onus_event *event, const struct onus_share *share, struct onus_error *err)
{
    struct onus_timed_ref ref = {event->time, onus_place_of(event->ref)};
    run->first = earlier(run->first, event->time);
    onus_run_note_last(run, ref.time, ref.place);
    enum onus_code code = ONUS_OK;
    if (!onus_ref_list_append(&run->refs, ONUS_RUN_REFS, &ref)) {
        code = onus_ref_list_add(shard, &run->refs, ONUS_RUN_REFS, &ref, err);
    }
    if (code == ONUS_OK && share->family == ONUS_FAMILY_AUTH && share->attempts > 0) {
        code = add_early(shard, run, event->time, share->attempts, err);
    }
    return code;
}

static bool has_extra(const struct onus_share *share)
{
    return ((uint64_t)share->left | share->succeeded | share->refused | share->excused |
                   share->alerts | share->findings | share->agent.len) != 0;
}

static enum onus_code add_extra(struct onus_shard *shard, struct onus_run *run,
        const struct onus_event *event, const struct onus_share *share, struct onus_error *err)
{
    struct onus_run_extra *extra = take_extra(shard, run, err);
    if (!extra) {
        return onus_shard_reason(shard);
    }
    extra->left += share->left < 0 && extra->left == 0 ? 0 : (uint64_t)share->left;
    extra->succeeded += share->succeeded;
    extra->refused += share->refused;
    extra->excused += share->excused;
    extra->alerts += share->alerts;
    extra->findings |= share->findings;
    enum onus_code code = ONUS_OK;
    if (share->succeeded > 0) {
        struct onus_timed_ref ref = {event->time, onus_place_of(event->ref)};
        extra->success_last = later(extra->success_last, event->time);
        code = onus_ref_list_add(shard, &extra->success_refs, ONUS_RUN_SUCCESS_REFS, &ref, err);
    }
    if (code == ONUS_OK && share->agent.len > 0) {
        code = onus_name_set_add(shard, &extra->agents, share->agent,
                (struct onus_name_counts){1, 0}, &shard->recent_agent, err);
    }
    return code == ONUS_OK ? onus_finding_list_add(shard, &extra->finding_counts, share->findings,
                                     onus_event_tries(event), err)
                           : code;
}

enum onus_code onus_runs_add(const struct onus_engine *engine, struct onus_shard *shard,
        struct onus_actor *actor, const struct onus_event *event, const struct onus_share *share,
        struct onus_error *err)
{
    struct onus_track *track = take_track(shard, actor, share, err);
    if (!track) {
        return onus_shard_reason(shard);
    }
    struct onus_run *run = NULL;
    if (event->ref.line >= ONUS_PLACE_LINES || event->ref.input >= ONUS_PLACE_INPUTS) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %llu lines or %llu inputs",
                (unsigned long long)ONUS_PLACE_LINES, (unsigned long long)ONUS_PLACE_INPUTS);
    }
    enum onus_code code =
            take_run(shard, track, event->time, engine->gap[share->family], &run, err);
    if (code != ONUS_OK || !run) {
        return code;
    }
    code = add_places(shard, run, event, share, err);
    if (code == ONUS_OK) {
        code = add_names(shard, run, share, err);
    }
    if (code == ONUS_OK && has_extra(share)) {
        code = add_extra(shard, run, event, share, err);
    }
    run->lines += 1 + share->lines_before;
    run->attempts += share->attempts;
    /* A probe can be taken back, but not from a run that does not hold it. */
    run->attempts += share->left < 0 && run->attempts == 0 ? 0 : (uint64_t)share->left;
    run->no_account += share->no_account;
    run->secrets += share->secrets;
    run->services |= 1u << (event->service < ONUS_SERVICE_MAX ? event->service : 0);
    return code;
}

const struct onus_run *onus_track_at(const struct onus_track *track, int64_t time)
{
    size_t low = 0;
    size_t high = track->sorted ? track->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (track->sorted[middle]->last < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = track->sorted && low < track->count && track->sorted[low]->first <= time;
    return found ? track->sorted[low] : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

#include "base/hash.h"

/*
 * Slow, distributed guessing: many sources, each too quiet to be an incident, that try the same
 * accounts on the same kind of service within one window.
 *
 * An account is shared when enough sources tried it. A source belongs when it shares enough accounts,
 * or all it tried when those are fewer. Sources that share an account belong together, and so do many
 * sources of one /24 or /48, on whatever accounts. Persons who mistype stay out: nobody else tries
 * their account, and few of their neighbours mistype and then give up on the same day.
 */

/* One account that one run tried, or the network its source is in. */
struct pair {
    uint64_t rank;
    const struct onus_source *source;
    uint32_t run;
    bool shared;
    bool prefix; /* no account: rank stands for the /24 or /48 of the source */
};

struct search {
    struct onus_engine *engine;
    struct onus_quiet_run *runs;
    struct pair *pairs;
    size_t pair_count;
    struct onus_draft_list *drafts;
    struct onus_error *err;
};

static int by_group_and_time(const void *left, const void *right)
{
    const struct onus_quiet_run *a = left;
    const struct onus_quiet_run *b = right;
    if (a->group != b->group) {
        return a->group < b->group ? -1 : 1;
    }
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    return onus_source_compare(a->member.source, b->member.source);
}

/* By account, then source: where a source lies in memory only brings its runs together. */
static int by_rank(const void *left, const void *right)
{
    const struct pair *a = left;
    const struct pair *b = right;
    if (a->prefix != b->prefix) {
        return a->prefix ? 1 : -1;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return ((uintptr_t)a->source > (uintptr_t)b->source) -
           ((uintptr_t)a->source < (uintptr_t)b->source);
}

static uint32_t root_of(struct onus_quiet_run *runs, uint32_t at)
{
    while (runs[at].joined != at) {
        runs[at].joined = runs[runs[at].joined].joined; /* halve the path */
        at = runs[at].joined;
    }
    return at;
}

/* The smaller index becomes the root, so that the outcome does not depend on the order. */
static void join(struct onus_quiet_run *runs, uint32_t a, uint32_t b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a < b) {
        runs[b].joined = a;
    } else {
        runs[a].joined = b;
    }
}

static bool same_key(const struct pair *a, const struct pair *b)
{
    return a->rank == b->rank && a->prefix == b->prefix;
}

static uint64_t prefix_rank(const struct onus_source *source)
{
    struct onus_address address;
    memcpy(address.bytes, source->key, sizeof(address.bytes));
    return onus_hash_bytes(1, address.bytes, onus_address_is_v4(&address) ? 15 : 6);
}

static size_t list_pairs(struct search *search, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        const struct onus_name_set *accounts = &search->runs[i].member.run->accounts;
        const struct onus_name_entry *entries = onus_name_set_list(accounts);
        for (uint32_t k = 0; k < accounts->used; k++) {
            search->pairs[count++] = (struct pair){.rank = entries[k].name->rank,
                    .source = search->runs[i].member.source,
                    .run = (uint32_t)i};
        }
        const struct onus_source *source = search->runs[i].member.source;
        if (!(source->flags & (ONUS_SOURCE_NAMED | ONUS_SOURCE_NO_SOURCE))) {
            search->pairs[count++] = (struct pair){.rank = prefix_rank(source),
                    .source = source,
                    .run = (uint32_t)i,
                    .prefix = true};
        }
    }
    qsort(search->pairs, count, sizeof(*search->pairs), by_rank);
    return count;
}

static void mark_shared(struct search *search, size_t count)
{
    const uint32_t *value = search->engine->rules.value;
    struct pair *pairs = search->pairs;
    for (size_t from = 0; from < count;) {
        size_t sources = 1; /* runs of one source, hours apart, are one source */
        size_t to = from + 1;
        while (to < count && same_key(&pairs[to], &pairs[from])) {
            sources += pairs[to].source != pairs[to - 1].source;
            to++;
        }
        uint32_t enough =
                value[pairs[from].prefix ? ONUS_RULE_SHARED_NEIGHBOURS : ONUS_RULE_SHARED_SOURCES];
        for (size_t i = from; i < to; i++) {
            pairs[i].shared = sources >= enough;
        }
        from = to;
    }
}

/* Join the runs that belong, by the accounts they share. */
static void join_runs(struct search *search, size_t from, size_t to, size_t count,
        uint32_t *shared_count)
{
    uint32_t needed = search->engine->rules.value[ONUS_RULE_SHARED_ACCOUNTS];
    for (size_t i = from; i < to; i++) {
        search->runs[i].joined = (uint32_t)i;
        search->runs[i].neighbour = false;
        shared_count[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        shared_count[search->pairs[i].run] += search->pairs[i].shared && !search->pairs[i].prefix;
    }
    uint32_t previous = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct pair *pair = &search->pairs[i];
        uint32_t tried = search->runs[pair->run].accounts;
        bool enough = shared_count[pair->run] >= (tried < needed ? tried : needed);
        bool belongs = pair->shared && (pair->prefix || enough);
        search->runs[pair->run].neighbour |= belongs && pair->prefix;
        if (i > 0 && !same_key(&search->pairs[i - 1], pair)) {
            previous = UINT32_MAX;
        }
        if (belongs && previous != UINT32_MAX) {
            join(search->runs, previous, pair->run);
        }
        previous = belongs ? pair->run : previous;
    }
}

static int by_member(const void *left, const void *right)
{
    const struct onus_member *a = left;
    const struct onus_member *b = right;
    int order = onus_source_compare(a->source, b->source);
    if (order != 0) {
        return order;
    }
    return (a->run->first > b->run->first) - (a->run->first < b->run->first);
}

static size_t count_sources(const struct onus_draft *draft)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->member_count; i++) {
        count += i == 0 || draft->members[i].source != draft->members[i - 1].source;
    }
    return count;
}

static enum onus_code say_why(const struct search *search, struct onus_draft *draft)
{
    const uint32_t *value = search->engine->rules.value;
    const struct onus_run *run = draft->run;
    struct onus_buffer why;
    onus_buffer_init(&why, 0);
    onus_buffer_printf(&why,
            "rule distributed-guessing: at least %u failed attempts by at least %u sources, each "
            "below its own threshold, that share %u accounts or all they tried, or by at least "
            "%u sources of one /24 or /48, with no silence over ",
            value[ONUS_RULE_SHARED_ATTEMPTS], value[ONUS_RULE_SHARED_SOURCES],
            value[ONUS_RULE_SHARED_ACCOUNTS], value[ONUS_RULE_SHARED_NEIGHBOURS]);
    onus_rules_window(value[ONUS_RULE_SHARED_WINDOW], &why);
    onus_buffer_add_text(&why, "; ");
    onus_why_count(run->attempts, "failed attempt", "failed attempts", false, &why);
    onus_buffer_add_text(&why, " by ");
    onus_why_count(count_sources(draft), "source", "sources", false, &why);
    onus_buffer_add_text(&why, " on ");
    onus_why_count(run->accounts.used, "account", "accounts", run->accounts.over, &why);
    onus_buffer_add_text(&why, " in ");
    onus_why_span(run->last - run->first, &why);
    onus_buffer_add_char(&why, '\n');

    enum onus_code code = onus_buffer_status(&why, search->err);
    if (code == ONUS_OK) {
        code = onus_arena_copy(&search->engine->whole.arena, onus_buffer_view(&why), &draft->why,
                search->err);
    }
    onus_buffer_clear(&why);
    return code;
}

/* All members' runs as one. */
static enum onus_code join_members(struct search *search, struct onus_draft *draft)
{
    struct onus_shard *whole = &search->engine->whole;
    draft->run = onus_run_new(whole, draft->members[0].run->first, search->err);
    if (!draft->run) {
        return onus_shard_reason(whole);
    }
    for (size_t i = 0; i < draft->member_count; i++) {
        enum onus_code code = onus_run_merge(whole, draft->run, draft->members[i].run, search->err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    onus_name_set_settle(&draft->run->accounts);
    onus_name_set_settle(&draft->run->targets);
    if (draft->run->extra) {
        onus_name_set_settle(&draft->run->extra->agents);
    }
    draft->attempts = draft->run->attempts;
    draft->kind = onus_login_kind(&search->engine->rules, draft->run);
    return say_why(search, draft);
}

/* order[from..to) are the indexes of runs that were joined. */
static enum onus_code judge_joined(struct search *search, const uint32_t *order, size_t count)
{
    const uint32_t *value = search->engine->rules.value;
    struct onus_shard *whole = &search->engine->whole;
    uint64_t attempts = 0;
    bool neighbours = false;
    for (size_t i = 0; i < count; i++) {
        attempts += search->runs[order[i]].attempts;
        neighbours |= search->runs[order[i]].neighbour;
    }
    bool enough = neighbours || (count >= value[ONUS_RULE_SHARED_SOURCES] &&
                                        attempts >= value[ONUS_RULE_SHARED_ATTEMPTS]);
    if (!enough) {
        return ONUS_OK;
    }
    struct onus_draft draft = {.family = ONUS_FAMILY_AUTH,
            .group = search->runs[order[0]].group,
            .distributed = true,
            .member_count = count};
    draft.members = onus_shard_alloc(whole, sizeof(*draft.members) * count, search->err);
    if (!draft.members) {
        return onus_shard_reason(whole);
    }
    for (size_t i = 0; i < count; i++) {
        draft.members[i] = search->runs[order[i]].member;
    }
    qsort(draft.members, count, sizeof(*draft.members), by_member);
    if (!neighbours && count_sources(&draft) < value[ONUS_RULE_SHARED_SOURCES]) {
        return ONUS_OK;
    }
    enum onus_code code = join_members(search, &draft);
    return code == ONUS_OK ? onus_draft_add(search->drafts, &draft, search->err) : code;
}

/* Bring runs of one root together by counting, then judge each bunch. */
static enum onus_code judge_bunches(struct search *search, size_t from, size_t to,
        uint32_t *scratch)
{
    uint32_t *starts = scratch; /* by run: how many it is the root of, then where they begin */
    uint32_t *order = scratch + (to - from) + 1;
    memset(starts, 0, sizeof(*starts) * (to - from + 1));
    for (size_t i = from; i < to; i++) {
        starts[root_of(search->runs, (uint32_t)i) - from + 1]++;
    }
    for (size_t i = 0; i < to - from; i++) {
        starts[i + 1] += starts[i];
    }
    for (size_t i = to; i > from; i--) { /* fill each bunch from its end */
        size_t root = root_of(search->runs, (uint32_t)(i - 1)) - from;
        order[--starts[root + 1]] = (uint32_t)(i - 1);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < to - from && code == ONUS_OK; i++) {
        size_t end = i + 2 <= to - from ? starts[i + 2] : to - from;
        if (end > starts[i + 1]) {
            code = judge_joined(search, &order[starts[i + 1]], end - starts[i + 1]);
        }
    }
    return code;
}

static enum onus_code judge_window(struct search *search, size_t from, size_t to)
{
    if (to - from < 2) {
        return ONUS_OK;
    }
    uint32_t *scratch = malloc(sizeof(*scratch) * (2 * (to - from) + 2));
    uint32_t *shared_count = malloc(sizeof(*shared_count) * to);
    enum onus_code code = ONUS_OK;
    if (!scratch || !shared_count) {
        code = onus_fail(search->err, ONUS_E_MEMORY, "out of memory");
    } else {
        size_t count = list_pairs(search, from, to);
        mark_shared(search, count);
        join_runs(search, from, to, count, shared_count);
        code = judge_bunches(search, from, to, scratch);
    }
    free(scratch);
    free(shared_count);
    return code;
}

/* Lines without a time are a window of their own. */
static bool goes_on(const struct search *search, size_t from, size_t at, int64_t last)
{
    const struct onus_quiet_run *first = &search->runs[from];
    const struct onus_quiet_run *next = &search->runs[at];
    int64_t window = onus_rule_usec(&search->engine->rules, ONUS_RULE_SHARED_WINDOW);
    if (first->group != next->group) {
        return false;
    }
    if (last == ONUS_TIME_NONE || next->first == ONUS_TIME_NONE) {
        return last == next->first;
    }
    return next->first <= last + window;
}

static enum onus_code judge_windows(struct search *search, size_t count)
{
    size_t from = 0;
    int64_t last = search->runs[0].last;
    enum onus_code code = ONUS_OK;
    for (size_t i = 1; i < count && code == ONUS_OK; i++) {
        int64_t here = search->runs[i].last;
        if (goes_on(search, from, i, last)) {
            last = here > last ? here : last;
        } else {
            code = judge_window(search, from, i);
            from = i;
            last = here;
        }
    }
    return code == ONUS_OK ? judge_window(search, from, count) : code;
}

enum onus_code onus_judge_shared(struct onus_engine *engine, struct onus_quiet_run *quiet,
        size_t count, struct onus_draft_list *drafts, struct onus_error *err)
{
    struct search search = {.engine = engine, .runs = quiet, .drafts = drafts, .err = err};
    if (count < 2) {
        return ONUS_OK;
    }
    if (count >= UINT32_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %u quiet runs", UINT32_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        search.pair_count += quiet[i].accounts + (size_t)1;
    }
    search.pairs = malloc(sizeof(*search.pairs) * (search.pair_count + 1));
    if (!search.pairs) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    qsort(quiet, count, sizeof(*quiet), by_group_and_time);
    enum onus_code code = judge_windows(&search, count);
    free(search.pairs);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"

/* From a draft to what is printed. Everything is ordered by content here. */

enum {
    MOST_ACCOUNTS = 50,
    MOST_TARGETS = 20,
    MOST_REFS = 20,
    ID_HEX = 12,
};

int onus_source_compare(const struct onus_source *a, const struct onus_source *b)
{
    const uint16_t kind = ONUS_SOURCE_NAMED | ONUS_SOURCE_NO_SOURCE;
    if ((a->flags & kind) != (b->flags & kind)) {
        return (a->flags & kind) < (b->flags & kind) ? -1 : 1;
    }
    if (a->flags & kind) { /* the key of a name is a seeded hash: order by the name */
        return onus_str_compare(a->actor->name, b->actor->name);
    }
    return memcmp(a->key, b->key, sizeof(a->key));
}

enum onus_code onus_source_name(const struct onus_source *source, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    if (source->flags & ONUS_SOURCE_NAMED) {
        return onus_arena_copy(arena, source->actor->name, out, err);
    }
    char text[ONUS_NAME_KEPT + 32];
    int len = 0;
    if (source->flags & ONUS_SOURCE_NO_SOURCE) {
        struct onus_str host = source->actor->name;
        len = host.len > 0 ? snprintf(text, sizeof(text), "(local) %.*s", (int)host.len, host.ptr)
                           : snprintf(text, sizeof(text), "(not stated)");
    } else {
        struct onus_address address;
        memcpy(address.bytes, source->key, sizeof(address.bytes));
        len = (int)onus_address_format(&address, text);
    }
    return onus_arena_copy(arena, (struct onus_str){text, len > 0 ? (size_t)len : 0}, out, err);
}

static int by_count(const void *left, const void *right)
{
    const struct onus_name_entry *a = *(const struct onus_name_entry *const *)left;
    const struct onus_name_entry *b = *(const struct onus_name_entry *const *)right;
    if ((a->succeeded > 0) != (b->succeeded > 0)) {
        return a->succeeded > 0 ? -1 : 1; /* who was let in must not fall off the end */
    }
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    int order = onus_str_compare((struct onus_str){a->name->text, a->name->len},
            (struct onus_str){b->name->text, b->name->len});
    return order != 0 ? order : (a->name->rank > b->name->rank) - (a->name->rank < b->name->rank);
}

static enum onus_code write_names(const struct onus_name_set *set, size_t most,
        struct onus_arena *arena, struct onus_tally **out, size_t *out_count,
        struct onus_error *err)
{
    if (set->used == 0) {
        return ONUS_OK;
    }
    const struct onus_name_entry *few[MOST_ACCOUNTS];
    const struct onus_name_entry **order = few;
    if (set->used > MOST_ACCOUNTS) {
        order = malloc(sizeof(struct onus_name_entry *) * set->used);
        if (!order) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
    }
    const struct onus_name_entry *entries = onus_name_set_list(set);
    for (uint32_t i = 0; i < set->used; i++) {
        order[i] = &entries[i];
    }
    if (set->used > 1) {
        qsort(order, set->used, sizeof(struct onus_name_entry *), by_count);
    }

    size_t count = set->used < most ? set->used : most;
    struct onus_tally *tallies = onus_arena_alloc(arena, sizeof(*tallies) * count);
    enum onus_code code = tallies ? ONUS_OK : onus_arena_reason(arena, err);
    for (size_t i = 0; tallies && i < count && code == ONUS_OK; i++) {
        struct onus_str name = {order[i]->name->text, order[i]->name->len};
        tallies[i].count = order[i]->count;
        tallies[i].succeeded = order[i]->succeeded;
        code = onus_arena_copy(arena, name, &tallies[i].name, err);
    }
    if (order != few) {
        free(order);
    }
    *out = tallies;
    *out_count = count;
    return code;
}

static int by_finding_count(const void *left, const void *right)
{
    const struct onus_finding_count *a = left;
    const struct onus_finding_count *b = right;
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    return (int)a->finding - (int)b->finding;
}

static enum onus_code write_findings(const struct onus_run *run, struct onus_arena *arena,
        struct onus_trace_incident *out, struct onus_error *err)
{
    const struct onus_finding_list *list = &onus_run_extra(run)->finding_counts;
    uint32_t count = list->count;
    if (count == 0) {
        return ONUS_OK;
    }
    qsort(list->items, count, sizeof(*list->items), by_finding_count);
    out->findings = onus_arena_alloc(arena, sizeof(*out->findings) * count);
    if (!out->findings) {
        return onus_arena_reason(arena, err);
    }
    out->finding_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct onus_finding_count *item = &list->items[i];
        out->findings[i].name = onus_str_of(onus_finding_name((enum onus_finding)item->finding));
        out->findings[i].count = item->count;
    }
    return ONUS_OK;
}

/* The first lines, those of the logins that succeeded, and the last one. */
static enum onus_code write_refs(const struct onus_run *run, struct onus_arena *arena,
        struct onus_trace_incident *out, struct onus_error *err)
{
    struct onus_timed_ref refs[MOST_REFS];
    size_t count = 0;
    const struct onus_timed_ref *items = onus_ref_list_items(&run->refs);
    for (uint32_t i = 0; i < run->refs.count; i++) {
        refs[count++] = items[i];
    }
    const struct onus_ref_list *succeeded = &onus_run_extra(run)->success_refs;
    items = onus_ref_list_items(succeeded);
    for (uint32_t i = 0; i < succeeded->count; i++) {
        refs[count++] = items[i];
    }
    refs[count++] = (struct onus_timed_ref){run->last, run->last_place};
    _Static_assert(ONUS_RUN_REFS + ONUS_RUN_SUCCESS_REFS + 1 <= MOST_REFS, "refs must have room");
    for (size_t i = 1; i < count; i++) { /* by place; they nearly are */
        struct onus_timed_ref ref = refs[i];
        size_t at = i;
        for (; at > 0 && onus_timed_ref_compare(&ref, &refs[at - 1]) < 0; at--) {
            refs[at] = refs[at - 1];
        }
        refs[at] = ref;
    }

    out->refs = onus_arena_alloc(arena, sizeof(*out->refs) * count);
    if (!out->refs) {
        return onus_arena_reason(arena, err);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || onus_timed_ref_compare(&refs[i], &refs[i - 1]) != 0) {
            out->refs[out->ref_count++] = onus_place_ref(refs[i].place);
        }
    }
    return ONUS_OK;
}

static enum onus_code write_why(const struct onus_draft *draft, struct onus_arena *arena,
        struct onus_trace_incident *out, struct onus_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->why.len; i++) {
        count += draft->why.ptr[i] == '\n';
    }
    if (count == 0) {
        return ONUS_OK;
    }
    out->why = onus_arena_alloc(arena, sizeof(*out->why) * count);
    if (!out->why) {
        return onus_arena_reason(arena, err);
    }
    struct onus_str left = draft->why;
    struct onus_str sentence;
    while (out->why_count < count && onus_str_cut(&left, '\n', &sentence)) {
        enum onus_code code = onus_arena_copy(arena, sentence, &out->why[out->why_count++], err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static enum onus_code write_service(const struct onus_run *run, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    char text[256] = "";
    size_t len = 0;
    bool one = (run->services & (run->services - 1)) == 0;
    if (one && run->services != 0) {
        unsigned service = (unsigned)__builtin_ctz(run->services);
        *out = onus_str_of(onus_service_name((enum onus_service)service));
        return onus_arena_copy(arena, *out, out, err);
    }
    for (unsigned i = 0; i < ONUS_SERVICE_MAX; i++) {
        if (run->services & (1u << i)) {
            const char *name = onus_service_name((enum onus_service)i);
            int more = snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "+" : "", name);
            len += more > 0 ? (size_t)more : 0;
        }
    }
    return onus_arena_copy(arena, (struct onus_str){text, len}, out, err);
}

static uint64_t hash_text(uint64_t state, struct onus_str text)
{
    state = onus_hash_stable(state, text.ptr, text.len);
    return onus_hash_stable(state, "", 1);
}

/* The last ID_HEX digits of a number. */
static void put_hex(char *out, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = ID_HEX; i > 0; i--) {
        out[i - 1] = digits[value & 0xf];
        value >>= 4;
    }
}

static enum onus_code write_id(const struct onus_draft *draft,
        const struct onus_trace_result *result, struct onus_arena *arena,
        struct onus_trace_incident *out, struct onus_error *err)
{
    uint64_t state = ONUS_HASH_STABLE_INIT;
    state = hash_text(state, onus_str_of(onus_incident_kind_name(draft->kind)));
    state = hash_text(state, out->service);
    for (size_t i = 0; i < draft->member_count; i++) {
        const struct onus_actor *actor = draft->members[i].source->actor;
        state = hash_text(state, result->sources[actor->index].name);
    }
    char text[1 + ONUS_DIGITS_MAX];
    int64_t first = draft->run->first;
    text[0] = '-';
    const char *end =
            onus_put_u64(text + (first < 0), first < 0 ? 0 - (uint64_t)first : (uint64_t)first);
    state = hash_text(state, (struct onus_str){text, (size_t)(end - text)});
    char id[2 + ID_HEX] = {'i', '-'};
    put_hex(id + 2, state ^ state >> 48);
    return onus_arena_copy(arena, (struct onus_str){id, sizeof(id)}, &out->id, err);
}

struct weighed {
    uint64_t attempts;
    uint32_t source;
};

static int by_attempts(const void *left, const void *right)
{
    const struct weighed *a = left;
    const struct weighed *b = right;
    if (a->attempts != b->attempts) {
        return a->attempts > b->attempts ? -1 : 1;
    }
    return (a->source > b->source) - (a->source < b->source);
}

/* Members are in order of source; one source may have several runs among them. */
static enum onus_code write_sources(const struct onus_draft *draft, struct onus_arena *arena,
        struct onus_trace_incident *out, struct onus_error *err)
{
    struct weighed *list = malloc(sizeof(*list) * draft->member_count);
    out->sources = onus_arena_alloc(arena, sizeof(*out->sources) * draft->member_count);
    if (!list || !out->sources) {
        free(list);
        return list ? onus_arena_reason(arena, err)
                    : onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t count = 0;
    for (size_t i = 0; i < draft->member_count; i++) {
        uint32_t source = draft->members[i].source->actor->index;
        if (count == 0 || list[count - 1].source != source) {
            list[count++] = (struct weighed){.source = source};
        }
        list[count - 1].attempts += draft->members[i].run->attempts;
    }
    qsort(list, count, sizeof(*list), by_attempts);
    for (size_t i = 0; i < count; i++) {
        out->sources[i] = list[i].source;
    }
    out->source_count = count;
    free(list);
    return ONUS_OK;
}

enum onus_code onus_incident_build(const struct onus_draft *draft, struct onus_trace_result *result,
        struct onus_trace_incident *out, struct onus_error *err)
{
    struct onus_arena *arena = &result->arena;
    const struct onus_run *run = draft->run;
    *out = (struct onus_trace_incident){
            .kind = draft->kind,
            .first = run->first,
            .last = run->last,
            .attempts = draft->attempts,
            .lines = run->lines,
            .succeeded = onus_run_extra(run)->succeeded,
            .distributed = draft->distributed,
            .accounts_total = run->accounts.used,
            .accounts_at_least = run->accounts.over,
            .targets_total = run->targets.used,
    };
    enum onus_code code = write_service(run, arena, &out->service, err);
    if (code == ONUS_OK) {
        code = write_sources(draft, arena, out, err);
    }
    if (code == ONUS_OK) {
        code = write_id(draft, result, arena, out, err);
    }
    if (code == ONUS_OK) {
        code = write_names(&run->accounts, MOST_ACCOUNTS, arena, &out->accounts,
                &out->account_count, err);
    }
    if (code == ONUS_OK) {
        code = write_names(&run->targets, MOST_TARGETS, arena, &out->targets, &out->target_count,
                err);
    }
    if (code == ONUS_OK) {
        code = write_findings(run, arena, out, err);
    }
    if (code == ONUS_OK) {
        code = write_refs(run, arena, out, err);
    }
    return code == ONUS_OK ? write_why(draft, arena, out, err) : code;
}

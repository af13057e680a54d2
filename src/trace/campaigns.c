/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"

/*
 * Which incidents share a hand, and what says so. Incidents are put into buckets by what could tie
 * them and compared with their neighbours there, never with all others. A tie is a statement about
 * addresses, names and times; who is behind it is nobody's business here.
 */

enum tie_kind {
    TIE_SOURCE = 0,
    TIE_PREFIX,
    TIE_WORDS,
    TIE_AGENT,
    TIE_TIMING,
    TIE_KINDS
};

enum {
    SKETCH = 64,    /* smallest ranks compared of two word lists */
    BANDS = 4,      /* of them, how many name a bucket */
    NEIGHBOURS = 4, /* word lists of a bucket a new one is compared with */
    STEADY_SECONDS = 600,
    ID_TEXT = 24,
};

struct tie {
    uint32_t a, b; /* incidents, a before b */
    enum tie_kind kind;
    struct onus_str what; /* the prefix or agent; empty for the rest */
};

/* An incident in a bucket. */
struct key {
    uint64_t bucket;
    uint32_t incident;
    struct onus_str what;
};

struct ties {
    const struct onus_rules *rules;
    const struct onus_draft *drafts;
    struct onus_trace_result *result;
    struct tie *items;
    size_t count, room;
    struct key *keys;
    size_t key_count, key_room;
    uint32_t *parent;
    struct onus_error *err;
};

static enum onus_code out_of_memory(struct ties *ties)
{
    return onus_fail(ties->err, ONUS_E_MEMORY, "out of memory");
}

static uint32_t root_of(uint32_t *parent, uint32_t at)
{
    while (parent[at] != at) {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    return at;
}

static enum onus_code tie(struct ties *ties, enum tie_kind kind, const struct key *a,
        const struct key *b)
{
    if (a->incident == b->incident) {
        return ONUS_OK;
    }
    if (ties->count == ties->room) {
        size_t room = ties->room > 0 ? ties->room * 2 : 64;
        struct tie *items = realloc(ties->items, sizeof(*items) * room);
        if (!items) {
            return out_of_memory(ties);
        }
        ties->items = items;
        ties->room = room;
    }
    bool in_order = a->incident < b->incident;
    ties->items[ties->count++] = (struct tie){.a = in_order ? a->incident : b->incident,
            .b = in_order ? b->incident : a->incident,
            .kind = kind,
            .what = a->what};
    uint32_t x = root_of(ties->parent, a->incident);
    uint32_t y = root_of(ties->parent, b->incident);
    ties->parent[x > y ? x : y] = x > y ? y : x;
    return ONUS_OK;
}

static enum onus_code add_key(struct ties *ties, uint64_t bucket, size_t incident,
        struct onus_str what)
{
    if (ties->key_count == ties->key_room) {
        size_t room = ties->key_room > 0 ? ties->key_room * 2 : 64;
        struct key *keys = realloc(ties->keys, sizeof(*keys) * room);
        if (!keys) {
            return out_of_memory(ties);
        }
        ties->keys = keys;
        ties->key_room = room;
    }
    ties->keys[ties->key_count++] =
            (struct key){.bucket = bucket, .incident = (uint32_t)incident, .what = what};
    return ONUS_OK;
}

static int by_bucket(const void *left, const void *right)
{
    const struct key *a = left;
    const struct key *b = right;
    if (a->bucket != b->bucket) {
        return a->bucket < b->bucket ? -1 : 1;
    }
    return (a->incident > b->incident) - (a->incident < b->incident);
}

static const struct onus_trace_incident *incident_of(const struct ties *ties, const struct key *key)
{
    return &ties->result->incidents[key->incident];
}

static bool near_in_time(const struct ties *ties, const struct key *a, const struct key *b,
        enum onus_rule_key window_key)
{
    const struct onus_trace_incident *x = incident_of(ties, a);
    const struct onus_trace_incident *y = incident_of(ties, b);
    int64_t window = onus_rule_usec(ties->rules, window_key);
    if (x->first == ONUS_TIME_NONE || y->first == ONUS_TIME_NONE) {
        return false;
    }
    return x->first <= y->last + window && y->first <= x->last + window;
}

static enum onus_code tie_sources(struct ties *ties)
{
    const struct onus_trace_result *result = ties->result;
    for (size_t i = 0; i < result->source_count; i++) {
        const struct onus_trace_source *source = &result->sources[i];
        for (size_t k = 1; k < source->incident_count; k++) {
            struct key a = {.incident = source->incidents[k - 1], .what = source->name};
            struct key b = {.incident = source->incidents[k], .what = source->name};
            enum onus_code code = tie(ties, TIE_SOURCE, &a, &b);
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    return ONUS_OK;
}

static enum onus_code prefix_of(struct ties *ties, const struct onus_address *address,
        struct onus_str *out)
{
    struct onus_address prefix = *address;
    bool v4 = onus_address_is_v4(address);
    size_t kept = v4 ? 15 : 6; /* /24 of a mapped IPv4 address, /48 */
    memset(prefix.bytes + kept, 0, sizeof(prefix.bytes) - kept);
    char text[ONUS_ADDRESS_TEXT + 8];
    size_t len = onus_address_format(&prefix, text);
    int more = snprintf(text + len, sizeof(text) - len, "%s", v4 ? "/24" : "/48");
    return onus_arena_copy(&ties->result->arena, (struct onus_str){text, len + (size_t)more}, out,
            ties->err);
}

/* Incidents of one source only: of a distributed one, any network holds a few. */
static enum onus_code key_prefixes(struct ties *ties)
{
    for (size_t i = 0; i < ties->result->incident_count; i++) {
        const struct onus_trace_incident *incident = &ties->result->incidents[i];
        const struct onus_trace_source *source = &ties->result->sources[incident->sources[0]];
        if (incident->source_count != 1 || !source->is_address) {
            continue;
        }
        bool v4 = onus_address_is_v4(&source->address);
        uint64_t bucket =
                onus_hash_bytes((uint64_t)incident->kind + 1, source->address.bytes, v4 ? 15 : 6);
        enum onus_code code = add_key(ties, bucket, i, ONUS_STR_NONE);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static int by_prefix_and_time(const struct ties *ties, const struct key *a, const struct key *b)
{
    const struct onus_trace_incident *x = incident_of(ties, a);
    const struct onus_trace_incident *y = incident_of(ties, b);
    if (a->bucket != b->bucket) {
        return a->bucket < b->bucket ? -1 : 1;
    }
    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    return (a->incident > b->incident) - (a->incident < b->incident);
}

static int by_prefix_and_time_of(const void *left, const void *right, void *ties)
{
    return by_prefix_and_time(ties, left, right);
}

static enum onus_code tie_prefixes(struct ties *ties)
{
    for (size_t i = 1; i < ties->key_count; i++) {
        struct key *a = &ties->keys[i - 1];
        const struct key *b = &ties->keys[i];
        uint32_t one = incident_of(ties, a)->sources[0];
        if (a->bucket != b->bucket || one == incident_of(ties, b)->sources[0] ||
                !near_in_time(ties, a, b, ONUS_RULE_TIE_WINDOW)) {
            continue;
        }
        enum onus_code code = prefix_of(ties, &ties->result->sources[one].address, &a->what);
        if (code == ONUS_OK) {
            code = tie(ties, TIE_PREFIX, a, b);
        }
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

/* Word lists with most names in common have, more likely than not, one of the smallest in common. */
static enum onus_code key_words(struct ties *ties)
{
    for (size_t i = 0; i < ties->result->incident_count; i++) {
        const struct onus_draft *draft = &ties->drafts[i];
        const struct onus_name_set *accounts = &draft->run->accounts;
        if (draft->family != ONUS_FAMILY_AUTH ||
                accounts->used < ties->rules->value[ONUS_RULE_TIE_WORDS]) {
            continue;
        }
        for (uint32_t k = 0; k < BANDS && k < accounts->used; k++) {
            enum onus_code code =
                    add_key(ties, onus_name_set_list(accounts)[k].name->rank, i, ONUS_STR_NONE);
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    return ONUS_OK;
}

/* Share of names in both of all names in either, by the smallest ranks of either. */
static bool similar(const struct ties *ties, const struct key *a, const struct key *b)
{
    const struct onus_name_set *x = &ties->drafts[a->incident].run->accounts;
    const struct onus_name_set *y = &ties->drafts[b->incident].run->accounts;
    uint32_t i = 0;
    uint32_t k = 0;
    uint32_t all = 0;
    uint32_t both = 0;
    const struct onus_name_entry *of_x = onus_name_set_list(x);
    const struct onus_name_entry *of_y = onus_name_set_list(y);
    while ((i < x->used || k < y->used) && all < SKETCH) {
        uint64_t left = i < x->used ? of_x[i].name->rank : UINT64_MAX;
        uint64_t right = k < y->used ? of_y[k].name->rank : UINT64_MAX;
        both += left == right;
        i += left <= right;
        k += right <= left;
        all++;
    }
    return both * 100 >= all * ties->rules->value[ONUS_RULE_TIE_SIMILARITY];
}

static enum onus_code tie_words(struct ties *ties)
{
    for (size_t i = 1; i < ties->key_count; i++) {
        const struct key *b = &ties->keys[i];
        for (size_t back = 1; back <= NEIGHBOURS && back <= i; back++) {
            const struct key *a = &ties->keys[i - back];
            if (a->bucket != b->bucket) {
                break;
            }
            if (!similar(ties, a, b)) {
                continue;
            }
            enum onus_code code = tie(ties, TIE_WORDS, a, b);
            if (code != ONUS_OK) {
                return code;
            }
            break;
        }
    }
    return ONUS_OK;
}

/* Browsers, and the libraries that half of all scripts use, tie nothing. */
static bool is_ordinary_agent(struct onus_str agent)
{
    static const char *const ordinary[] = {"Mozilla/", "Opera/", "curl/", "Wget/",
            "python-requests/", "Python-urllib/", "Go-http-client/", "okhttp/", "Java/",
            "Apache-HttpClient/", "SSH-2.0-Go", "SSH-2.0-libssh", "SSH-2.0-OpenSSH",
            "SSH-2.0-PuTTY", "SSH-2.0-PUTTY", "SSH-2.0-paramiko", "SSH-2.0-JSCH"};
    for (size_t i = 0; i < ONUS_COUNT(ordinary); i++) {
        if (onus_str_begins(agent, onus_str_of(ordinary[i]))) {
            return true;
        }
    }
    return agent.len < 4;
}

static enum onus_code key_agents(struct ties *ties)
{
    for (size_t i = 0; i < ties->result->incident_count; i++) {
        const struct onus_draft *draft = &ties->drafts[i];
        const struct onus_name_set *agents = &onus_run_extra(draft->run)->agents;
        for (uint32_t k = 0; k < agents->used; k++) {
            const struct onus_name *name = onus_name_set_list(agents)[k].name;
            struct onus_str agent = {name->text, name->len};
            if (is_ordinary_agent(agent)) {
                continue;
            }
            enum onus_code code =
                    add_key(ties, onus_hash_mix(name->rank, (uint64_t)draft->kind), i, agent);
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    return ONUS_OK;
}

static enum onus_code tie_agents(struct ties *ties)
{
    for (size_t from = 0; from < ties->key_count;) {
        size_t to = from + 1;
        while (to < ties->key_count && ties->keys[to].bucket == ties->keys[from].bucket) {
            to++;
        }
        bool rare = to - from <= ties->rules->value[ONUS_RULE_TIE_RARE_AGENT];
        for (size_t i = from + 1; rare && i < to; i++) {
            if (!near_in_time(ties, &ties->keys[i - 1], &ties->keys[i], ONUS_RULE_TIE_WINDOW)) {
                continue;
            }
            enum onus_code code = tie(ties, TIE_AGENT, &ties->keys[i - 1], &ties->keys[i]);
            if (code != ONUS_OK) {
                return code;
            }
        }
        from = to;
    }
    return ONUS_OK;
}

static enum onus_code key_steady(struct ties *ties)
{
    for (size_t i = 0; i < ties->result->incident_count; i++) {
        const struct onus_trace_incident *incident = &ties->result->incidents[i];
        if (incident->first == ONUS_TIME_NONE ||
                incident->last - incident->first < STEADY_SECONDS * (int64_t)ONUS_USEC) {
            continue;
        }
        uint64_t bucket = onus_hash_str((uint64_t)incident->kind + 1, incident->service);
        enum onus_code code = add_key(ties, bucket, i, ONUS_STR_NONE);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static bool within(int64_t a, int64_t b, int64_t window)
{
    return a - b <= window && b - a <= window;
}

static enum onus_code tie_timing(struct ties *ties)
{
    int64_t window = onus_rule_usec(ties->rules, ONUS_RULE_TIE_TIMING);
    for (size_t i = 1; i < ties->key_count; i++) {
        const struct key *a = &ties->keys[i - 1];
        const struct key *b = &ties->keys[i];
        const struct onus_trace_incident *x = incident_of(ties, a);
        const struct onus_trace_incident *y = incident_of(ties, b);
        if (a->bucket != b->bucket || x->sources[0] == y->sources[0] ||
                !within(x->first, y->first, window) || !within(x->last, y->last, window)) {
            continue;
        }
        enum onus_code code = tie(ties, TIE_TIMING, a, b);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static enum onus_code tie_all(struct ties *ties)
{
    static const struct {
        enum onus_code (*key)(struct ties *ties);
        enum onus_code (*tie)(struct ties *ties);
        bool by_time;
    } steps[] = {{key_prefixes, tie_prefixes, true}, {key_words, tie_words, false},
            {key_agents, tie_agents, false}, {key_steady, tie_timing, true}};

    enum onus_code code = tie_sources(ties);
    for (size_t i = 0; i < ONUS_COUNT(steps) && code == ONUS_OK; i++) {
        ties->key_count = 0;
        code = steps[i].key(ties);
        if (code == ONUS_OK && ties->key_count > 1) {
            if (steps[i].by_time) {
                qsort_r(ties->keys, ties->key_count, sizeof(*ties->keys), by_prefix_and_time_of,
                        ties);
            } else {
                qsort(ties->keys, ties->key_count, sizeof(*ties->keys), by_bucket);
            }
            code = steps[i].tie(ties);
        }
    }
    return code;
}

/* --- from ties to campaigns --- */

static int by_root(const void *left, const void *right, void *data)
{
    uint32_t *parent = data;
    const struct tie *a = left;
    const struct tie *b = right;
    uint32_t x = root_of(parent, a->a);
    uint32_t y = root_of(parent, b->a);
    if (x != y) {
        return x < y ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->a != b->a) {
        return a->a < b->a ? -1 : 1;
    }
    if (a->b != b->b) {
        return a->b < b->b ? -1 : 1;
    }
    return onus_str_compare(a->what, b->what);
}

static void say_tie(const struct ties *ties, const struct tie *first, size_t count,
        struct onus_buffer *why)
{
    const uint32_t *value = ties->rules->value;
    struct onus_str a = ties->result->incidents[first->a].id;
    struct onus_str b = ties->result->incidents[first->b].id;
    switch (first->kind) {
    case TIE_SOURCE:
        onus_buffer_printf(why, "shared source: %.*s", (int)first->what.len, first->what.ptr);
        break;
    case TIE_PREFIX:
        onus_buffer_printf(why, "neighbouring addresses: same kind in %.*s within ",
                (int)first->what.len, first->what.ptr);
        onus_rules_window(value[ONUS_RULE_TIE_WINDOW], why);
        break;
    case TIE_WORDS:
        onus_buffer_printf(why, "word list: at least %u %% of the accounts tried are the same",
                value[ONUS_RULE_TIE_SIMILARITY]);
        break;
    case TIE_AGENT:
        onus_buffer_printf(why, "rare agent: '%.*s' within ", (int)first->what.len,
                first->what.ptr);
        onus_rules_window(value[ONUS_RULE_TIE_WINDOW], why);
        break;
    case TIE_TIMING:
        onus_buffer_printf(why, "timing: same kind and service, begun and ended within %u s",
                value[ONUS_RULE_TIE_TIMING]);
        break;
    case TIE_KINDS:
    default:
        break;
    }
    onus_buffer_printf(why, " (%.*s and %.*s", (int)a.len, a.ptr, (int)b.len, b.ptr);
    if (count > 1) {
        onus_buffer_printf(why, ", and %zu more such pairs", count - 1);
    }
    onus_buffer_add_char(why, ')');
}

/* ties->items[from..to) are those of one campaign, by kind. */
static enum onus_code write_why(struct ties *ties, size_t from, size_t to,
        struct onus_trace_campaign *out)
{
    struct onus_arena *arena = &ties->result->arena;
    out->why = onus_arena_alloc(arena, sizeof(*out->why) * TIE_KINDS);
    if (!out->why) {
        return onus_arena_reason(arena, ties->err);
    }
    struct onus_buffer why;
    onus_buffer_init(&why, 0);
    enum onus_code code = ONUS_OK;
    while (from < to && code == ONUS_OK) {
        size_t end = from;
        while (end < to && ties->items[end].kind == ties->items[from].kind) {
            end++;
        }
        why.len = 0;
        say_tie(ties, &ties->items[from], end - from, &why);
        code = onus_buffer_status(&why, ties->err);
        if (code == ONUS_OK) {
            code = onus_arena_copy(arena, onus_buffer_view(&why), &out->why[out->why_count++],
                    ties->err);
        }
        from = end;
    }
    onus_buffer_clear(&why);
    return code;
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Sources of all incidents, each once. */
static enum onus_code count_sources(struct ties *ties, struct onus_trace_campaign *out)
{
    const struct onus_trace_incident *incidents = ties->result->incidents;
    size_t room = 0;
    for (size_t i = 0; i < out->incident_count; i++) {
        room += incidents[out->incidents[i]].source_count;
    }
    uint32_t *sources = malloc(sizeof(*sources) * (room + 1));
    if (!sources) {
        return out_of_memory(ties);
    }
    size_t count = 0;
    for (size_t i = 0; i < out->incident_count; i++) {
        const struct onus_trace_incident *incident = &incidents[out->incidents[i]];
        for (size_t k = 0; k < incident->source_count; k++) {
            sources[count++] = incident->sources[k];
        }
    }
    qsort(sources, count, sizeof(*sources), by_number);
    for (size_t i = 0; i < count; i++) {
        out->sources += i == 0 || sources[i] != sources[i - 1];
    }
    free(sources);
    return ONUS_OK;
}

static enum onus_code sum_up(struct ties *ties, struct onus_trace_campaign *out)
{
    uint64_t state = ONUS_HASH_STABLE_INIT;
    out->first = ONUS_TIME_NONE;
    out->last = ONUS_TIME_NONE;
    for (size_t i = 0; i < out->incident_count; i++) {
        const struct onus_trace_incident *incident = &ties->result->incidents[out->incidents[i]];
        out->attempts += incident->attempts;
        if (incident->first != ONUS_TIME_NONE &&
                (out->first == ONUS_TIME_NONE || incident->first < out->first)) {
            out->first = incident->first;
        }
        out->last = incident->last > out->last ? incident->last : out->last;
        state = onus_hash_stable(state, incident->id.ptr, incident->id.len);
    }
    char text[ID_TEXT];
    int len = snprintf(text, sizeof(text), "c-%012llx",
            (unsigned long long)((state ^ state >> 48) & 0xffffffffffffu));
    enum onus_code code = onus_arena_copy(&ties->result->arena,
            (struct onus_str){text, len > 0 ? (size_t)len : 0}, &out->id, ties->err);
    return code == ONUS_OK ? count_sources(ties, out) : code;
}

/* members[] lists the incidents of all campaigns, root by root. */
static enum onus_code write_campaigns(struct ties *ties, uint32_t *members, size_t member_count)
{
    struct onus_trace_result *result = ties->result;
    size_t count = 0;
    for (size_t i = 0; i < ties->count; i++) {
        count += i == 0 || root_of(ties->parent, ties->items[i].a) !=
                                   root_of(ties->parent, ties->items[i - 1].a);
    }
    result->campaigns = onus_arena_alloc(&result->arena, sizeof(*result->campaigns) * count);
    if (!result->campaigns) {
        return onus_arena_reason(&result->arena, ties->err);
    }
    size_t tie_at = 0;
    for (size_t from = 0; from < member_count;) {
        uint32_t root = root_of(ties->parent, members[from]);
        size_t to = from;
        while (to < member_count && root_of(ties->parent, members[to]) == root) {
            to++;
        }
        size_t tie_end = tie_at;
        while (tie_end < ties->count && root_of(ties->parent, ties->items[tie_end].a) == root) {
            tie_end++;
        }
        struct onus_trace_campaign *out = &result->campaigns[result->campaign_count++];
        out->incidents = &members[from];
        out->incident_count = to - from;
        enum onus_code code = sum_up(ties, out);
        if (code == ONUS_OK) {
            code = write_why(ties, tie_at, tie_end, out);
        }
        if (code != ONUS_OK) {
            return code;
        }
        from = to;
        tie_at = tie_end;
    }
    return ONUS_OK;
}

static int by_root_and_number(const void *left, const void *right, void *data)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    uint32_t x = root_of(data, a);
    uint32_t y = root_of(data, b);
    if (x != y) {
        return x < y ? -1 : 1;
    }
    return (a > b) - (a < b);
}

static enum onus_code list_members(struct ties *ties)
{
    struct onus_trace_result *result = ties->result;
    size_t room = 0;
    uint32_t *members = onus_arena_alloc(&result->arena, sizeof(*members) * result->incident_count);
    uint8_t *tied = calloc(result->incident_count, 1);
    if (!members || !tied) {
        free(tied);
        return out_of_memory(ties);
    }
    for (size_t i = 0; i < ties->count; i++) {
        tied[ties->items[i].a] = 1;
        tied[ties->items[i].b] = 1;
    }
    for (size_t i = 0; i < result->incident_count; i++) {
        if (tied[i]) {
            members[room++] = (uint32_t)i;
        }
    }
    free(tied);
    qsort_r(members, room, sizeof(*members), by_root_and_number, ties->parent);
    qsort_r(ties->items, ties->count, sizeof(*ties->items), by_root, ties->parent);
    return write_campaigns(ties, members, room);
}

enum onus_code onus_campaigns_find(const struct onus_rules *rules, const struct onus_draft *drafts,
        struct onus_trace_result *result, struct onus_error *err)
{
    struct ties ties = {.rules = rules, .drafts = drafts, .result = result, .err = err};
    if (result->incident_count < 2) {
        return ONUS_OK;
    }
    ties.parent = malloc(sizeof(*ties.parent) * result->incident_count);
    if (!ties.parent) {
        return out_of_memory(&ties);
    }
    for (size_t i = 0; i < result->incident_count; i++) {
        ties.parent[i] = (uint32_t)i;
    }
    enum onus_code code = tie_all(&ties);
    if (code == ONUS_OK && ties.count > 0) {
        code = list_members(&ties);
    }
    free(ties.parent);
    free(ties.items);
    free(ties.keys);
    return code;
}

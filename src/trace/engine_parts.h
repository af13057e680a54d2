/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ENGINE_PARTS_H
#define ONUS_TRACE_ENGINE_PARTS_H

/*
 * The inside of the engine: what its files share, and nobody else includes.
 *
 *   engine.c         new, free, apply: one event to its source, sessions and runs
 *   engine_usual.c   the same for most lines of a login log, in few steps
 *   engine_plain.c   the same for most lines of a web server's log
 *   flood.c          requests of one source within seconds
 *   classify.c       what one event is to the rules, from the event alone
 *   sources_table.c  one record per source
 *   sessions.c       lines of one connection to tries
 *   runs.c           tries to runs
 *   accounts.c       bounded sets of names with counts, bounded lists of lines and times
 *   timeline.c       attempts per slot of time
 *   judge_*.c        runs to incidents, one file per kind of evidence
 *   campaigns.c      what ties incidents
 *   finish.c         everything into the result, ordered by content
 *
 * Two properties hold everywhere: what a summary says does not depend on the order in which its
 * events came (so sets keep the entries with the smallest fixed hash, lists the earliest), and no
 * step looks at all others (so a hostile file costs what an honest one does).
 */

#include "base/hash.h"
#include "base/str.h"
#include "trace/engine.h"
#include "trace/findings.h"
#include "trace/rules.h"

/* Which evidence a run gathers. An event may belong to several. */
enum onus_family {
    ONUS_FAMILY_AUTH = 0, /* tries to log in, over HTTP too */
    ONUS_FAMILY_EXPLOIT,
    ONUS_FAMILY_PROBE,
    ONUS_FAMILY_SCAN,
    ONUS_FAMILY_FLOOD,
    ONUS_FAMILIES
};

/* Bounds per run: docs/limits.md. */
enum {
    ONUS_RUN_ACCOUNTS = 1024,
    ONUS_RUN_TARGETS = 64,
    ONUS_RUN_AGENTS = 8,
    ONUS_RUN_REFS = 16,
    ONUS_RUN_SUCCESS_REFS = 3,
    ONUS_NAME_KEPT = 160 /* bytes of a name, path or agent that are kept for showing */
};

struct onus_shard;

/* --- accounts.c: bounded, order-independent sets --- */

/* A text that some set of the shard holds, once however many sets do: equal texts, one address. */
struct onus_name {
    uint64_t rank;  /* fixed hash: decides who stays when a set is full */
    uint64_t check; /* seeded hash: makes it useless to craft equal ranks */
    uint32_t len;   /* of text: the first ONUS_NAME_KEPT bytes of what stands on the line */
    char text[];
};

/* All names of a shard, open addressing. */
struct onus_name_place {
    uint64_t check;
    const struct onus_name *name; /* NULL: free */
};

struct onus_name_table {
    struct onus_name_place *places;
    size_t room, used; /* room is a power of two */
};

void onus_name_table_clear(struct onus_name_table *table);

struct onus_name_entry {
    const struct onus_name *name; /* NULL: a free slot */
    uint64_t count, succeeded;
};

/* Most sets hold one name: it stands in the set itself. More are in a table of their own. */
struct onus_name_set {
    union {
        struct onus_name_entry one; /* while room is 0 */
        struct {
            struct onus_name_entry *slots; /* open addressing, `room` is a power of two */
            uint64_t rank_max; /* names ranked above it are not kept; UINT64_MAX while all are */
        } many;
    };
    uint16_t room, used;
    uint16_t bound; /* entries that stay exact */
    bool over;      /* something was left out: counts of names are lower bounds */
};

/* The `used` entries; after onus_name_set_settle() only, by rank. */
static inline const struct onus_name_entry *onus_name_set_list(const struct onus_name_set *set)
{
    return set->room > 0 ? set->many.slots : &set->one;
}

/* Whether these are all of the name's bytes: then no hash is asked. */
static inline bool onus_name_is(const struct onus_name *name, struct onus_str text)
{
    return name->len == text.len && text.len < ONUS_NAME_KEPT &&
           onus_same_bytes(name->text, text.ptr, text.len);
}

struct onus_name_counts {
    uint64_t count, succeeded;
};

void onus_name_set_init(struct onus_name_set *set, uint16_t bound);
/*
 * The entry of a text that the set already holds, without asking the table of all names; NULL when it
 * is not there, or when only that table can tell. `check` is the text's hash with the shard's seed.
 */
static inline struct onus_name_entry *onus_name_set_find(const struct onus_name_set *set,
        struct onus_str text, uint64_t check)
{
    uint32_t at = (uint32_t)check & (set->room - 1u);
    while (set->many.slots[at].name) {
        struct onus_name_entry *slot = &set->many.slots[at];
        if (slot->name->check == check && onus_name_is(slot->name, text)) {
            /* Ranked higher it waits to be cut: see onus_name_set_settle(). */
            return slot->name->rank <= set->many.rank_max ? slot : NULL;
        }
        at = (at + 1) & (set->room - 1u);
    }
    return NULL;
}

/* *recent, or NULL, is the name that the caller gave last: the same is found without a search. */
ONUS_NODISCARD enum onus_code onus_name_set_add(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_str name, struct onus_name_counts counts, const struct onus_name **recent,
        struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_name_set_merge(struct onus_shard *shard,
        struct onus_name_set *into, const struct onus_name_set *from, struct onus_error *err);
/* Cut to the bound, so that what is left depends on the names only. */
void onus_name_set_settle(struct onus_name_set *set);

/* A line reference in eight bytes, in the order of input and line. */
enum {
    ONUS_PLACE_LINE_BITS = 40
};
#define ONUS_PLACE_LINES  ((uint64_t)1 << ONUS_PLACE_LINE_BITS)
#define ONUS_PLACE_INPUTS ((uint64_t)1 << (64 - ONUS_PLACE_LINE_BITS))

static inline uint64_t onus_place_of(struct onus_line_ref ref)
{
    return (uint64_t)ref.input << ONUS_PLACE_LINE_BITS | ref.line;
}

static inline struct onus_line_ref onus_place_ref(uint64_t place)
{
    return (struct onus_line_ref){(uint32_t)(place >> ONUS_PLACE_LINE_BITS),
            place & (ONUS_PLACE_LINES - 1)};
}

struct onus_timed_ref {
    int64_t time;
    uint64_t place;
};

enum {
    ONUS_REFS_INLINE = 4,
    ONUS_TIMES_INLINE = 2,
};

/* The earliest `bound` lines, in order. */
struct onus_ref_list {
    union {
        struct onus_timed_ref few[ONUS_REFS_INLINE]; /* while room is 0 */
        struct onus_timed_ref *items;
    };
    uint8_t count, room;
};

static inline const struct onus_timed_ref *onus_ref_list_items(const struct onus_ref_list *list)
{
    return list->room > 0 ? list->items : list->few;
}

static inline int onus_timed_ref_compare(const struct onus_timed_ref *a,
        const struct onus_timed_ref *b)
{
    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    return (a->place > b->place) - (a->place < b->place);
}

/*
 * onus_ref_list_add() of an item behind all others, as items of a log mostly are, where no memory is
 * needed: false, and nothing is changed, when it is not such a one.
 */
static inline bool onus_ref_list_append(struct onus_ref_list *list, uint8_t bound,
        const struct onus_timed_ref *item)
{
    struct onus_timed_ref *items = list->room > 0 ? list->items : list->few;
    uint8_t count = list->count;
    if (count > 0 && onus_timed_ref_compare(item, &items[count - 1]) <= 0) {
        return false;
    }
    if (count < bound) {
        if (count == (list->room > 0 ? list->room : ONUS_REFS_INLINE)) {
            return false;
        }
        items[count] = *item;
        list->count = (uint8_t)(count + 1);
    }
    return true;
}

ONUS_NODISCARD enum onus_code onus_ref_list_add(struct onus_shard *shard,
        struct onus_ref_list *list, uint8_t bound, const struct onus_timed_ref *item,
        struct onus_error *err);

/* The earliest times of a shard's `early_bound`, in order. */
struct onus_time_list {
    union {
        int64_t few[ONUS_TIMES_INLINE]; /* while room is 0 */
        int64_t *items;
    };
    uint8_t count, room;
};

static inline const int64_t *onus_time_list_items(const struct onus_time_list *list)
{
    return list->room > 0 ? list->items : list->few;
}

/* The same for one time. */
static inline bool onus_time_list_append(struct onus_time_list *list, uint8_t bound, int64_t time)
{
    int64_t *items = list->room > 0 ? list->items : list->few;
    uint8_t count = list->count;
    if (count > 0 && time < items[count - 1]) {
        return false;
    }
    if (count < bound) {
        if (count == (list->room > 0 ? list->room : ONUS_TIMES_INLINE)) {
            return false;
        }
        items[count] = time;
        list->count = (uint8_t)(count + 1);
    }
    return true;
}

ONUS_NODISCARD enum onus_code onus_time_list_add(struct onus_shard *shard,
        struct onus_time_list *list, int64_t time, uint64_t times, struct onus_error *err);

struct onus_finding_count {
    uint64_t count;
    uint8_t finding;
};

struct onus_finding_list {
    struct onus_finding_count *items;
    uint32_t count, room;
};

ONUS_NODISCARD enum onus_code onus_finding_list_add(struct onus_shard *shard,
        struct onus_finding_list *list, onus_findings findings, uint64_t count,
        struct onus_error *err);

/* --- runs.c --- */

/* What few runs of logins have: kept apart, so that a run of one try is small. */
struct onus_run_extra {
    uint64_t succeeded; /* AUTH: tries that got in */
    uint64_t refused;   /* PROBE: requests answered 4xx. SCAN: refused by an access list */
    uint64_t left;      /* SCAN: of attempts, left before naming an account */
    uint64_t excused;   /* PROBE: requests that count if the source does worse elsewhere */
    uint64_t alerts;    /* another program's verdicts */
    int64_t success_last;
    onus_findings findings;
    struct onus_name_set agents;
    struct onus_finding_list finding_counts;
    struct onus_ref_list success_refs;
};

struct onus_run {
    struct onus_run *next; /* of the track, latest first after onus_track_settle() */
    int64_t first, last;
    uint64_t last_place; /* with `last`: the last line */
    uint64_t lines;
    uint64_t attempts;   /* AUTH: refused tries. EXPLOIT, PROBE: requests. SCAN: connections */
    uint64_t no_account; /* AUTH: refused because there is no such account */
    uint64_t secrets;    /* AUTH: refused at the password, not before */
    struct onus_run_extra *extra; /* NULL while all of it is zero; read with onus_run_extra() */
    uint32_t services;            /* bits of enum onus_service */
    uint32_t incident;            /* index, UINT32_MAX while none */
    struct onus_name_set accounts, targets;
    struct onus_time_list early; /* AUTH: times of the first refused tries */
    struct onus_ref_list refs;
};

/* Whether a line at `time` belongs to the run. */
static inline bool onus_run_near(const struct onus_run *run, int64_t time, int64_t gap)
{
    if (time == ONUS_TIME_NONE || run->first == ONUS_TIME_NONE) {
        return time == run->first;
    }
    return time >= run->first - gap && time <= run->last + gap;
}

/* The last line of a run is the one with the largest time, then place. */
static inline void onus_run_note_last(struct onus_run *run, int64_t time, uint64_t place)
{
    if (time > run->last || (time == run->last && place > run->last_place)) {
        run->last = time;
        run->last_place = place;
    }
}

extern const struct onus_run_extra onus_run_no_extra;

static inline const struct onus_run_extra *onus_run_extra(const struct onus_run *run)
{
    return run->extra ? run->extra : &onus_run_no_extra;
}

/* All runs of one source, family and service group. */
struct onus_track {
    struct onus_run *runs;
    struct onus_run **sorted; /* by time, after onus_engine_finish(); count entries */
    struct onus_track *next;
    uint32_t count;
    uint32_t settle_at; /* count at which overlapping runs are joined */
    uint8_t family, group;
};

/* What one event adds to a run. */
struct onus_share {
    uint8_t family, group;
    /* Of one line, so that 32 bits hold them. */
    uint32_t attempts, succeeded, no_account, secrets, refused, excused, alerts;
    uint32_t lines_before; /* FLOOD: requests of the slot that came before it was one */
    uint32_t moved;        /* as in struct onus_session_step */
    int64_t left;          /* added to attempts too; -1 takes a probe back */
    onus_findings findings;
    struct onus_str account, target, agent;
    bool has_account, has_target;
};

/* --- sources_table.c --- */

enum {
    ONUS_SOURCE_USED = 1u << 0,
    ONUS_SOURCE_NAMED = 1u << 1,     /* the logger wrote a name; the key is its hash */
    ONUS_SOURCE_NO_SOURCE = 1u << 2, /* the line has none: the key is the hash of the host */
    ONUS_SOURCE_CRAWLER = 1u << 3,
    ONUS_SOURCE_CLAIMED = 1u << 4,
    ONUS_SOURCE_HANDSHAKE = 1u << 5,
    ONUS_SOURCE_SPOOFABLE = 1u << 6,
};

/* What only sources with something to count have. */
struct onus_actor {
    struct onus_track *tracks;
    uint64_t attempts, succeeded, probes;
    uint64_t excused;     /* attempts if the source has others, see judge_source() */
    struct onus_str name; /* of a named source */
    uint32_t index;       /* in result->sources[], set by finish.c */
    uint32_t incident_count;
};

/* One cache line: the only thing an ordinary request touches. */
struct onus_source {
    uint8_t key[16];
    int64_t first, last;
    uint64_t lines;
    struct onus_actor *actor;
    uint32_t flood_slot;
    uint16_t flood_all, flood_uncached;
    uint32_t tag; /* of the hash, so that growing need not hash again */
    uint16_t flags;
    uint16_t unused;
};

struct onus_source_table {
    struct onus_source *slots;
    size_t room, used; /* room is a power of two */
    bool lent;         /* the slots are in the arena of the shard */
};

ONUS_NODISCARD enum onus_code onus_sources_init(struct onus_shard *shard, struct onus_error *err);
void onus_sources_clear(struct onus_source_table *table);
/* The record of the event's source, made when it is new. Valid until the next call. */
ONUS_NODISCARD enum onus_code onus_sources_take(struct onus_shard *shard,
        const struct onus_event *event, struct onus_source **out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_sources_take_plain(struct onus_shard *shard,
        const struct onus_plain_request *plain, struct onus_source **out, struct onus_error *err);
/* NULL when there is none. */
const struct onus_source *onus_sources_find(const struct onus_shard *shard,
        const struct onus_event *event);
/* The actor of a source, made when it is new. */
struct onus_actor *onus_source_actor(struct onus_shard *shard, struct onus_source *source,
        struct onus_error *err);
/* The record of an address that is known, or NULL. */
static inline struct onus_source *onus_sources_known(const struct onus_source_table *table,
        const struct onus_address *address, uint64_t hash)
{
    const uint16_t kind = ONUS_SOURCE_USED | ONUS_SOURCE_NAMED | ONUS_SOURCE_NO_SOURCE;
    size_t at = (size_t)hash & (table->room - 1);
    while (table->slots[at].flags & ONUS_SOURCE_USED) {
        struct onus_source *slot = &table->slots[at];
        uint64_t a[2];
        uint64_t b[2];
        memcpy(a, slot->key, sizeof(a));
        memcpy(b, address->bytes, sizeof(b));
        if (((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0 && (slot->flags & kind) == ONUS_SOURCE_USED) {
            return slot;
        }
        at = (at + 1) & (table->room - 1);
    }
    return NULL;
}

static inline void onus_sources_prefetch(const struct onus_source_table *table, uint64_t hash)
{
    const struct onus_source *slot = &table->slots[(size_t)hash & (table->room - 1)];
    __builtin_prefetch(slot, 1);
    __builtin_prefetch(slot + 1, 1); /* behind the last one: does nothing */
}

/*
 * Hints about what an event with this hash will touch; they may be wrong and change nothing. Each
 * follows one step further, to where an earlier one has fetched.
 */
static inline const struct onus_actor *onus_sources_guess(const struct onus_source_table *table,
        uint64_t hash)
{
    enum {
        PROBED = 4,
    };
    for (size_t i = 0; i < PROBED; i++) {
        const struct onus_source *slot = &table->slots[(size_t)(hash + i) & (table->room - 1)];
        if (slot->tag == (uint32_t)hash) {
            return slot->actor;
        }
    }
    return NULL;
}

static inline void onus_prefetch_bytes(const void *from, size_t size)
{
    const char *bytes = from;
#pragma GCC unroll 8
    for (size_t at = 0; at < size; at += 64) {
        __builtin_prefetch(bytes + at, 1);
    }
    __builtin_prefetch(bytes + size - 1, 1); /* it may begin within a line of the cache */
}

static inline void onus_actor_prefetch(const struct onus_actor *actor)
{
    if (actor) {
        onus_prefetch_bytes(actor, sizeof(*actor));
    }
}

/* The first track of an actor is the one used last. */
static inline void onus_track_prefetch(const struct onus_actor *actor)
{
    if (actor && actor->tracks) {
        onus_prefetch_bytes(actor->tracks, sizeof(struct onus_track));
    }
}

static inline void onus_run_prefetch(const struct onus_actor *actor)
{
    if (actor && actor->tracks && actor->tracks->runs) {
        onus_prefetch_bytes(actor->tracks->runs, sizeof(struct onus_run));
    }
}

static inline void onus_names_prefetch(const struct onus_actor *actor)
{
    if (actor && actor->tracks && actor->tracks->runs) {
        const struct onus_run *run = actor->tracks->runs;
        __builtin_prefetch(onus_name_set_list(&run->accounts), 1);
        __builtin_prefetch(onus_ref_list_items(&run->refs), 1);
        __builtin_prefetch(run->extra, 1);
    }
}

/* --- sessions.c --- */

/* What a line says about a try to log in. */
struct onus_try {
    uint64_t session; /* hash over source and session; unused for a line of no session */
    int64_t time;
    uint32_t tries;
    uint8_t role, outcome;
    bool has_account;
    bool secret; /* the password was asked for and wrong */
};

/* What the line changed in the count of its session. A probe can be taken back. */
struct onus_session_step {
    uint32_t attempts, succeeded, no_account, secrets;
    uint32_t moved; /* tries counted before without an account, now known to be on this one */
    int64_t probes;
};

struct onus_sessions;
/* In the shard's arena. */
struct onus_sessions *onus_sessions_new(struct onus_shard *shard, struct onus_error *err);
/* Hints, as for sources: where a session would stand, then the session. */
void onus_sessions_prefetch(const struct onus_sessions *sessions, uint64_t session);
void onus_sessions_prefetch_one(const struct onus_sessions *sessions, uint64_t session);
ONUS_NODISCARD enum onus_code onus_sessions_step(struct onus_sessions *sessions,
        const struct onus_try *one, struct onus_session_step *out, struct onus_error *err);
/* The step of a line that belongs to no session. */
void onus_session_alone(const struct onus_try *one, struct onus_session_step *out);

/* --- timeline.c --- */

struct onus_slot {
    int64_t index; /* of the slot since 1970 */
    uint64_t attempts, succeeded, lines;
    bool used;
};

struct onus_timeline {
    struct onus_slot *slots;
    size_t room, used;
    unsigned level;           /* index of the width */
    struct onus_slot *recent; /* NULL, or the slot of the times from `from` until before `to` */
    int64_t from, to;
};

ONUS_NODISCARD enum onus_code onus_timeline_add(struct onus_timeline *timeline, int64_t time,
        uint64_t attempts, uint64_t succeeded, uint64_t lines, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_timeline_merge(struct onus_timeline *into,
        const struct onus_timeline *from, struct onus_error *err);
/* At most 200 bins in time order. */
ONUS_NODISCARD enum onus_code onus_timeline_bins(struct onus_timeline *timeline,
        struct onus_trace_result *result, struct onus_error *err);
void onus_timeline_clear(struct onus_timeline *timeline);

/* --- classify.c --- */

/* Groups of services whose tries belong together: one word list goes over IMAP and POP3 alike. */
uint8_t onus_service_group(uint8_t service);

/* What one event is to the rules, from the event alone. */
struct onus_verdict {
    onus_findings findings; /* those that count, after what crawlers and censuses do is taken out */
    unsigned families;      /* bits of enum onus_family */
    uint8_t group;
    bool login;    /* AUTH: a line about a try, to be counted by session */
    bool refusal;  /* WEB: a plain 4xx, which counts by distinct path only */
    bool excused;  /* a probe that a census or search engine may send: counts if it does worse */
    bool counted;  /* a hostile request: counts as an attempt in the totals */
    bool alert;    /* another program's verdict */
    bool crawler;  /* marked benign by its own words */
    bool no_owner; /* without a source, and not about the machine itself: nothing to count it on */
};

void onus_classify(const struct onus_event *event, struct onus_verdict *out);

/* A session is one source's: two that chose the same number are two. */
static inline uint64_t onus_session_key_of(const struct onus_event *event, uint64_t session)
{
    return onus_hash_mix(event->source_hash, session);
}

static inline uint64_t onus_session_key(const struct onus_event *event)
{
    return onus_session_key_of(event, event->session);
}

/* The login side of an event for which verdict.login holds. */
void onus_try_of(const struct onus_event *event, struct onus_try *out, bool *has_session);

/* What the server had to work for: neither a picture nor the like. */
static inline bool onus_event_is_page(const struct onus_event *event)
{
    return event->kind == ONUS_EVENT_WEB && !(event->marks & ONUS_MARK_STATIC);
}

/* --- engine.c --- */

struct onus_shard {
    struct onus_source_table sources;
    struct onus_sessions *sessions; /* made with the first line that has one */
    struct onus_timeline timeline;
    struct onus_arena arena;
    struct onus_name_table names;
    /* The last ones asked for: lines name the same host, and mostly the same account, in a row. */
    const struct onus_name *recent_account, *recent_target, *recent_agent;
    uint8_t early_bound; /* times that struct onus_time_list keeps: as many as the rule asks for */
    struct onus_run *spare; /* joined runs, for reuse */
    uint64_t seed;
    uint64_t events, attempts, succeeded, probes;
    int64_t first, last;
};

struct onus_engine {
    struct onus_rules rules;
    int64_t since, until;
    uint64_t seed;
    int64_t gap[ONUS_FAMILIES];
    struct onus_shard shards[ONUS_ENGINE_SHARDS];
    char *first_memory;      /* that the shards' arenas begin with */
    struct onus_shard whole; /* what finish.c makes out of more than one shard */
    bool finished;
    bool long_way; /* as in struct onus_engine_options */
};

/* Beyond it arithmetic on times could overflow; no log is from then. */
#define ONUS_TIME_BOUND ((int64_t)1 << 60)

static inline bool onus_in_window(const struct onus_engine *engine, int64_t time)
{
    if (time == ONUS_TIME_NONE) {
        return engine->since == ONUS_TIME_NONE && engine->until == ONUS_TIME_NONE;
    }
    return time > -ONUS_TIME_BOUND && time < ONUS_TIME_BOUND &&
           (engine->since == ONUS_TIME_NONE || time >= engine->since) &&
           (engine->until == ONUS_TIME_NONE || time < engine->until);
}

static inline void onus_widen(int64_t *first, int64_t *last, int64_t time)
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

/* One more line of a source. */
static inline void onus_source_touch(struct onus_source *source, const struct onus_event *event)
{
    onus_widen(&source->first, &source->last, event->time);
    source->lines++;
    unsigned flags = source->flags;
    flags |= event->marks & ONUS_MARK_HANDSHAKE ? ONUS_SOURCE_HANDSHAKE : 0;
    flags |= event->marks & ONUS_MARK_SPOOFABLE ? ONUS_SOURCE_SPOOFABLE : 0;
    flags |= event->marks & ONUS_MARK_CLAIMED ? ONUS_SOURCE_CLAIMED : 0;
    flags |= event->findings & ONUS_FINDINGS_BENIGN ? ONUS_SOURCE_CRAWLER : 0;
    source->flags = (uint16_t)flags;
}

/* What look-ahead found out about an event: hints, and hashes that need not be made again. */
struct onus_hint {
    const struct onus_actor *actor; /* NULL: not known */
    uint64_t session;               /* onus_session_key(), 0: not known */
    uint64_t account;               /* hash of the account with the shard's seed, 0: not known */
};

/*
 * Count a refused login of a known source, in a run that goes on, about names that the run holds: most
 * lines of a login log. *done is false, and nothing is changed, when it is any other. engine_usual.c
 */
ONUS_NODISCARD enum onus_code onus_usual_login(const struct onus_engine *engine,
        struct onus_shard *shard, const struct onus_event *event, const struct onus_hint *hint,
        bool *done, uint64_t *raised, struct onus_error *err);
/* A line says that a connection was a probe, or, with -1, that it was none. */
ONUS_NODISCARD enum onus_code onus_count_probe(const struct onus_engine *engine,
        struct onus_shard *shard, struct onus_actor *actor, const struct onus_event *event,
        int64_t probes, onus_findings findings, struct onus_error *err);

/* The code of the last NULL of the two below. */
enum onus_code onus_shard_reason(const struct onus_shard *shard);
/* Zeroed memory of a shard; NULL with *err filled. */
void *onus_shard_alloc(struct onus_shard *shard, size_t size, struct onus_error *err);
/* The same, at the start of a line of the cache. */
void *onus_shard_alloc_aligned(struct onus_shard *shard, size_t size, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_runs_add(const struct onus_engine *engine,
        struct onus_shard *shard, struct onus_actor *actor, const struct onus_event *event,
        const struct onus_share *share, struct onus_error *err);
/* Join what overlaps; latest run first. */
ONUS_NODISCARD enum onus_code onus_track_settle(struct onus_shard *shard, struct onus_track *track,
        int64_t gap, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_run_merge(struct onus_shard *shard, struct onus_run *into,
        const struct onus_run *from, struct onus_error *err);
struct onus_run *onus_run_new(struct onus_shard *shard, int64_t time, struct onus_error *err);
struct onus_track *onus_actor_track(const struct onus_actor *actor, uint8_t family, uint8_t group);
/* The run that holds `time`; after onus_engine_finish() only. */
const struct onus_run *onus_track_at(const struct onus_track *track, int64_t time);

/* --- judge_*.c: from a settled run to a kind --- */

/* One source's part in an incident. */
struct onus_member {
    struct onus_source *source;
    struct onus_run *run;
};

/* What was found, before it is written out. */
struct onus_draft {
    enum onus_incident_kind kind;
    uint8_t family, group;
    bool distributed;
    struct onus_run *run; /* of the only member, or all of theirs joined */
    struct onus_member *members;
    size_t member_count;
    uint64_t attempts;
    struct onus_str why; /* sentences, one a line */
};

/*
 * Each says whether a run is an incident: sets draft->kind and draft->attempts, and puts its reasons
 * into `why`, one sentence a line.
 */
bool onus_judge_login(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why);
bool onus_judge_exploit(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why);
bool onus_judge_probe(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why);
bool onus_judge_scan(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why);
bool onus_judge_flood(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why);

struct onus_draft_list {
    struct onus_draft *items;
    size_t count, room;
};

ONUS_NODISCARD enum onus_code onus_draft_add(struct onus_draft_list *drafts,
        const struct onus_draft *draft, struct onus_error *err);

/* A run of login attempts that is no incident by itself. */
struct onus_quiet_run {
    struct onus_member member;
    int64_t first, last; /* of the run */
    uint64_t attempts;
    uint32_t accounts; /* of the run */
    uint32_t joined;   /* this and neighbour: scratch of judge_shared.c */
    bool neighbour;
    uint8_t group;
};

/* Find word lists that many quiet sources share; reorders `quiet`. */
ONUS_NODISCARD enum onus_code onus_judge_shared(struct onus_engine *engine,
        struct onus_quiet_run *quiet, size_t count, struct onus_draft_list *drafts,
        struct onus_error *err);

/* The kind of a run of failed logins by the look of its accounts. */
enum onus_incident_kind onus_login_kind(const struct onus_rules *rules, const struct onus_run *run);

/* Refused tries that no login of the same account excuses; see judge_login.c. */
uint64_t onus_unexcused(const struct onus_rules *rules, const struct onus_run *run);

/* "2 h 3 min": how long, for a sentence. */
void onus_why_span(int64_t usec, struct onus_buffer *out);
/* "1 account", "34 accounts", "at least 1024 accounts". */
void onus_why_count(uint64_t count, const char *one, const char *many, bool at_least,
        struct onus_buffer *out);
uint64_t onus_finding_count_of(const struct onus_run *run, onus_findings findings);

/* --- incident.c --- */

/* Write a draft out. sources[] of the incident are indexes of result->sources. */
ONUS_NODISCARD enum onus_code onus_incident_build(const struct onus_draft *draft,
        struct onus_trace_result *result, struct onus_trace_incident *out, struct onus_error *err);
/* Text of a source's name: its address, or what the logger wrote. */
ONUS_NODISCARD enum onus_code onus_source_name(const struct onus_source *source,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err);
int onus_source_compare(const struct onus_source *a, const struct onus_source *b);

/* --- campaigns.c --- */

/* Tie the incidents of result->incidents, which drafts[] describe in the same order. */
ONUS_NODISCARD enum onus_code onus_campaigns_find(const struct onus_rules *rules,
        const struct onus_draft *drafts, struct onus_trace_result *result, struct onus_error *err);

#endif

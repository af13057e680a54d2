/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

/*
 * Lines of one connection are counted once: a session has as many refused tries as the largest of its
 * per-role sums. What is handed on is only by how much that number grew, so nothing has to be undone
 * when the connection ends, which the log does not always say.
 *
 * The table is bounded: the session silent for longest leaves its set first. A session that left and
 * comes back counts anew; with 8,192 places a shard and lines of one try minutes apart at most, that
 * takes a flood of connections from many sources at once.
 */

enum {
    SETS = 2048,
    WAYS = 4,
    CACHE_LINE = 64,
};

/* sshd's LoginGraceTime is two minutes; pauses between tries and reused process ids stay apart. */
static const int64_t grace = 600 * (int64_t)ONUS_USEC;

/* One cache line. */
struct session {
    int64_t first;
    uint32_t refused[ONUS_ROLE_COUNT];
    uint32_t got_in[ONUS_ROLE_COUNT];
    uint32_t no_account[ONUS_ROLE_COUNT];
    uint32_t unnamed; /* refused tries handed on without an account */
    bool probed;      /* the peer left before naming an account, says one of its lines */
    bool probe_told;
};

/* What a search reads, in one cache line. */
struct set {
    uint64_t key[WAYS]; /* 0: free */
    int64_t last[WAYS];
};

struct onus_sessions {
    struct set sets[SETS];
    struct session sessions[SETS][WAYS];
};

_Static_assert(sizeof(struct set) == CACHE_LINE && sizeof(struct session) == CACHE_LINE,
        "a search touches two cache lines");

struct onus_sessions *onus_sessions_new(struct onus_error *err)
{
    struct onus_sessions *sessions = aligned_alloc(CACHE_LINE, sizeof(*sessions));
    if (!sessions) {
        (void)onus_fail(err, ONUS_E_MEMORY, "out of memory");
        return NULL;
    }
    memset(sessions->sets, 0, sizeof(sessions->sets)); /* a session is cleared when it begins */
    return sessions;
}

void onus_sessions_free(struct onus_sessions *sessions)
{
    free(sessions);
}

static bool is_refused(uint8_t outcome)
{
    return outcome == ONUS_OUTCOME_FAILED || outcome == ONUS_OUTCOME_NO_ACCOUNT ||
           outcome == ONUS_OUTCOME_PARTIAL || outcome == ONUS_OUTCOME_UNKNOWN;
}

void onus_session_alone(const struct onus_try *one, struct onus_session_step *out)
{
    *out = (struct onus_session_step){0};
    if (one->role >= ONUS_ROLE_COUNT) {
        return;
    }
    if (one->outcome == ONUS_OUTCOME_PROBED) {
        out->probes = one->tries;
    } else if (one->outcome == ONUS_OUTCOME_SUCCEEDED) {
        out->succeeded = one->tries;
    } else if (is_refused(one->outcome)) {
        out->attempts = one->tries;
        out->no_account = one->outcome == ONUS_OUTCOME_NO_ACCOUNT ? one->tries : 0;
        out->secrets = one->secret ? one->tries : 0;
    }
}

static bool in_reach(int64_t first, int64_t last, int64_t time)
{
    if (time == ONUS_TIME_NONE || last == ONUS_TIME_NONE) {
        return time == last;
    }
    return time >= first - grace && time <= last + grace;
}

/* The way of the key, or one to give up: a free one, else the one silent for longest. */
static size_t way_of(const struct set *set, uint64_t key)
{
    size_t oldest = 0;
    for (size_t i = 0; i < WAYS; i++) {
        if (set->key[i] == 0 || set->key[i] == key) {
            return i;
        }
        oldest = set->last[i] < set->last[oldest] ? i : oldest;
    }
    return oldest;
}

/* Key 0 marks a free place; so the lowest bit of a key says nothing about its set. */
static uint64_t key_of(uint64_t session)
{
    return session | 1;
}

static size_t set_of(uint64_t key)
{
    return (size_t)(key >> 1) % SETS;
}

/* The place of a session, cleared when it is new; its time of the last line is at hand. */
static struct session *take_session(struct onus_sessions *sessions, uint64_t key, int64_t time)
{
    struct set *set = &sessions->sets[set_of(key)];
    size_t way = way_of(set, key);
    struct session *session = &sessions->sessions[set_of(key)][way];
    if (set->key[way] != key || !in_reach(session->first, set->last[way], time)) {
        set->key[way] = key;
        set->last[way] = time;
        *session = (struct session){.first = time};
    }
    session->first = time < session->first ? time : session->first;
    set->last[way] = time > set->last[way] ? time : set->last[way];
    return session;
}

void onus_sessions_prefetch(const struct onus_sessions *sessions, uint64_t session)
{
    __builtin_prefetch(&sessions->sets[set_of(key_of(session))], 1);
}

void onus_sessions_prefetch_one(const struct onus_sessions *sessions, uint64_t session)
{
    uint64_t key = key_of(session);
    size_t way = way_of(&sessions->sets[set_of(key)], key);
    __builtin_prefetch(&sessions->sessions[set_of(key)][way], 1);
}

static uint32_t largest(const uint32_t sums[ONUS_ROLE_COUNT])
{
    uint32_t most = 0;
    for (size_t i = 0; i < ONUS_ROLE_COUNT; i++) {
        most = sums[i] > most ? sums[i] : most;
    }
    return most;
}

/* Add, staying at the top instead of wrapping; returns by how much the largest sum grew. */
static uint32_t raise_sum(uint32_t sums[ONUS_ROLE_COUNT], uint8_t role, uint32_t tries)
{
    uint32_t before = largest(sums);
    sums[role] = tries > UINT32_MAX - sums[role] ? UINT32_MAX : sums[role] + tries;
    return sums[role] > before ? sums[role] - before : 0;
}

static void count_refused(struct session *session, const struct onus_try *one,
        struct onus_session_step *out)
{
    out->attempts = raise_sum(session->refused, one->role, one->tries);
    if (one->outcome == ONUS_OUTCOME_NO_ACCOUNT) {
        out->no_account = raise_sum(session->no_account, one->role, one->tries);
    }
    out->secrets = one->secret ? one->tries : 0;
    if (one->has_account) {
        uint32_t moved = session->unnamed < one->tries ? session->unnamed : one->tries;
        session->unnamed -= moved;
        out->moved = moved;
    } else {
        session->unnamed += out->attempts;
    }
}

void onus_sessions_step(struct onus_sessions *sessions, const struct onus_try *one,
        struct onus_session_step *out)
{
    *out = (struct onus_session_step){0};
    if (one->role >= ONUS_ROLE_COUNT) {
        return;
    }
    struct session *session = take_session(sessions, key_of(one->session), one->time);
    if (one->outcome == ONUS_OUTCOME_PROBED) {
        session->probed = true;
    } else if (one->outcome == ONUS_OUTCOME_SUCCEEDED) {
        out->succeeded = raise_sum(session->got_in, one->role, one->tries);
    } else if (is_refused(one->outcome)) {
        count_refused(session, one, out);
    }
    /* A connection that named an account is no probe, whatever its last line says. */
    bool is_probe =
            session->probed && largest(session->refused) == 0 && largest(session->got_in) == 0;
    out->probes = (int64_t)is_probe - (int64_t)session->probe_told;
    session->probe_told = is_probe;
}

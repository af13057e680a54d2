/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

/*
 * Lines of one connection are counted once: a session has as many refused tries as the largest of its
 * per-role sums. What is handed on is only by how much that number grew, so nothing has to be undone
 * when the connection ends, which the log does not always say.
 *
 * The table is bounded: the session silent for longest leaves its set first. A session that left and
 * comes back counts anew; with 8,192 places a shard and lines of one try minutes apart at most, that
 * takes a flood of connections from many sources at once.
 *
 * What a search reads is small, and sessions stand where they began, one after the other: a short log
 * touches little memory.
 */

enum {
    SETS = 2048,
    WAYS = 4,
    CACHE_LINE = 64,
    CHUNK = 64, /* sessions: a page */
    CHUNKS = SETS * WAYS / CHUNK,
};

/* sshd's LoginGraceTime is two minutes; pauses between tries and reused process ids stay apart. */
static const int64_t grace = 600 * (int64_t)ONUS_USEC;

/* One cache line. */
struct session {
    uint64_t key;
    int64_t first, last;
    uint32_t refused[ONUS_ROLE_COUNT];
    uint32_t no_account[ONUS_ROLE_COUNT];
    uint32_t unnamed; /* refused tries handed on without an account */
    bool probed;      /* the peer left before naming an account, says one of its lines */
    bool probe_told;
    bool got_in; /* what stands beside it counts; else it is stale */
};

struct got_in {
    uint32_t sums[ONUS_ROLE_COUNT];
};

struct place {
    uint16_t tag;  /* of the key */
    uint16_t used; /* 0: free, else the number of its session, from 1 */
};

struct onus_sessions {
    struct place sets[SETS][WAYS];
    struct session *chunks[CHUNKS];
    struct got_in *got_in[CHUNKS]; /* NULL: of none in the chunk; few sessions end so */
    size_t count;
    struct onus_shard *shard;
};

_Static_assert(sizeof(struct session) == CACHE_LINE, "a session is one cache line");

struct onus_sessions *onus_sessions_new(struct onus_shard *shard, struct onus_error *err)
{
    struct onus_sessions *sessions = onus_shard_alloc_aligned(shard, sizeof(*sessions), err);
    if (sessions) {
        sessions->shard = shard;
    }
    return sessions;
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

/* The lowest bit of a key says nothing about its set. */
static uint64_t key_of(uint64_t session)
{
    return session | 1;
}

static struct place *set_of(struct onus_sessions *sessions, uint64_t key)
{
    return sessions->sets[(size_t)(key >> 1) % SETS];
}

static uint16_t tag_of(uint64_t key)
{
    return (uint16_t)(key >> 48);
}

static struct session *session_at(const struct onus_sessions *sessions, const struct place *place)
{
    size_t at = place->used - 1u;
    return &sessions->chunks[at / CHUNK][at % CHUNK];
}

/* The place of the session silent for longest. */
static struct place *oldest_of(const struct onus_sessions *sessions, struct place set[static WAYS])
{
    struct place *oldest = set;
    for (size_t i = 1; i < WAYS; i++) {
        if (session_at(sessions, &set[i])->last < session_at(sessions, oldest)->last) {
            oldest = &set[i];
        }
    }
    return oldest;
}

/* The place of a session that begins. */
static enum onus_code add_session(struct onus_sessions *sessions, struct place *place,
        struct onus_error *err)
{
    struct session **chunk = &sessions->chunks[sessions->count / CHUNK];
    if (!*chunk) {
        *chunk = onus_shard_alloc_aligned(sessions->shard, CHUNK * sizeof(**chunk), err);
        if (!*chunk) {
            return onus_shard_reason(sessions->shard);
        }
    }
    sessions->count++;
    *place = (struct place){.used = (uint16_t)sessions->count};
    return ONUS_OK;
}

/* A session that begins: in a free place of its set, else in that of the one silent for longest. */
static enum onus_code begin_session(struct onus_sessions *sessions, uint64_t key,
        struct place **out, struct onus_error *err)
{
    struct place *set = set_of(sessions, key);
    size_t way = 0;
    while (way < WAYS && set[way].used != 0) {
        way++;
    }
    *out = way < WAYS ? &set[way] : oldest_of(sessions, set);
    enum onus_code code = way < WAYS ? add_session(sessions, *out, err) : ONUS_OK;
    (*out)->tag = tag_of(key);
    return code;
}

/* The session of a key at a time, cleared when it is new; *out is its place. */
static enum onus_code take_session(struct onus_sessions *sessions, uint64_t key, int64_t time,
        struct place **out, struct onus_error *err)
{
    struct place *set = set_of(sessions, key);
    const uint16_t tag = tag_of(key);
    for (size_t i = 0; i < WAYS && set[i].used != 0; i++) {
        if (set[i].tag != tag) {
            continue;
        }
        struct session *session = session_at(sessions, &set[i]);
        if (session->key == key) {
            *out = &set[i];
            if (!in_reach(session->first, session->last, time)) {
                *session = (struct session){.key = key, .first = time, .last = time};
            }
            session->first = time < session->first ? time : session->first;
            session->last = time > session->last ? time : session->last;
            return ONUS_OK;
        }
    }
    enum onus_code code = begin_session(sessions, key, out, err);
    if (code == ONUS_OK) {
        *session_at(sessions, *out) = (struct session){.key = key, .first = time, .last = time};
    }
    return code;
}

void onus_sessions_prefetch(const struct onus_sessions *sessions, uint64_t session)
{
    __builtin_prefetch(sessions->sets[(size_t)(key_of(session) >> 1) % SETS], 1);
}

void onus_sessions_prefetch_one(const struct onus_sessions *sessions, uint64_t session)
{
    uint64_t key = key_of(session);
    const struct place *set = sessions->sets[(size_t)(key >> 1) % SETS];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag_of(key) && set[i].used > 0) {
            __builtin_prefetch(session_at(sessions, &set[i]), 1);
            return;
        }
    }
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t largest(const uint32_t sums[static ONUS_ROLE_COUNT])
{
    _Static_assert(ONUS_ROLE_COUNT == 4, "as many as are compared here");
    return larger(larger(sums[0], sums[1]), larger(sums[2], sums[3]));
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

/* *out: by how much the largest sum of logins grew. */
static enum onus_code count_got_in(struct onus_sessions *sessions, const struct place *place,
        const struct onus_try *one, uint32_t *out, struct onus_error *err)
{
    struct session *session = session_at(sessions, place);
    size_t at = place->used - 1u;
    struct got_in **chunk = &sessions->got_in[at / CHUNK];
    if (!*chunk) {
        *chunk = onus_shard_alloc(sessions->shard, CHUNK * sizeof(**chunk), err);
        if (!*chunk) {
            return onus_shard_reason(sessions->shard);
        }
    }
    struct got_in *got_in = &(*chunk)[at % CHUNK];
    if (!session->got_in) {
        *got_in = (struct got_in){0};
    }
    *out = raise_sum(got_in->sums, one->role, one->tries);
    session->got_in = largest(got_in->sums) > 0;
    return ONUS_OK;
}

enum onus_code onus_sessions_step(struct onus_sessions *sessions, const struct onus_try *one,
        struct onus_session_step *out, struct onus_error *err)
{
    *out = (struct onus_session_step){0};
    if (one->role >= ONUS_ROLE_COUNT) {
        return ONUS_OK;
    }
    struct place *place = NULL;
    enum onus_code code = take_session(sessions, key_of(one->session), one->time, &place, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct session *session = session_at(sessions, place);
    if (one->outcome == ONUS_OUTCOME_PROBED) {
        session->probed = true;
    } else if (one->outcome == ONUS_OUTCOME_SUCCEEDED) {
        code = count_got_in(sessions, place, one, &out->succeeded, err);
    } else if (is_refused(one->outcome)) {
        count_refused(session, one, out);
    }
    /* A connection that named an account is no probe, whatever its last line says. */
    bool is_probe = session->probed && !session->got_in && largest(session->refused) == 0;
    out->probes = (int64_t)is_probe - (int64_t)session->probe_told;
    session->probe_told = is_probe;
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

/*
 * Lines of one connection are counted once: a session has as many refused tries as the largest of its
 * per-role sums. What is handed on is only by how much that number grew, so nothing has to be undone
 * when the connection ends, which the log does not always say.
 *
 * The table is bounded: the session silent for longest leaves its set first. A session that left and
 * comes back counts anew; with 16,384 places a shard and lines of one try minutes apart at most, that
 * takes a flood of connections from many sources at once.
 */

enum {
    SETS = 4096,
    WAYS = 4,
};

/* sshd's LoginGraceTime is two minutes; pauses between tries and reused process ids stay apart. */
static const int64_t grace = 600 * (int64_t)ONUS_USEC;

struct session {
    uint64_t key; /* 0: free */
    int64_t first, last;
    uint32_t refused[ONUS_ROLE_COUNT];
    uint32_t got_in[ONUS_ROLE_COUNT];
    uint32_t no_account[ONUS_ROLE_COUNT];
    uint32_t unnamed; /* refused tries handed on without an account */
    bool probed;      /* the peer left before naming an account, says one of its lines */
    bool probe_told;
};

struct onus_sessions {
    struct session sets[SETS][WAYS];
};

struct onus_sessions *onus_sessions_new(struct onus_error *err)
{
    struct onus_sessions *sessions = calloc(1, sizeof(*sessions));
    if (!sessions) {
        (void)onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
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

static bool in_reach(const struct session *session, int64_t time)
{
    if (time == ONUS_TIME_NONE || session->last == ONUS_TIME_NONE) {
        return time == session->last;
    }
    return time >= session->first - grace && time <= session->last + grace;
}

/* The place of a session, cleared when it is new. */
static struct session *take_session(struct onus_sessions *sessions, uint64_t key, int64_t time)
{
    struct session *set = sessions->sets[key % SETS];
    struct session *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key && in_reach(&set[i], time)) {
            return &set[i];
        }
        if (set[i].key == 0 || set[i].key == key) {
            oldest = &set[i];
            break;
        }
        if (set[i].last < oldest->last) {
            oldest = &set[i];
        }
    }
    *oldest = (struct session){.key = key, .first = time, .last = time};
    return oldest;
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
static uint64_t raise_sum(uint32_t sums[ONUS_ROLE_COUNT], uint8_t role, uint32_t tries)
{
    uint32_t before = largest(sums);
    sums[role] = tries > UINT32_MAX - sums[role] ? UINT32_MAX : sums[role] + tries;
    return largest(sums) - before;
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
        session->unnamed += (uint32_t)out->attempts;
    }
}

void onus_sessions_step(struct onus_sessions *sessions, const struct onus_try *one,
        struct onus_session_step *out)
{
    *out = (struct onus_session_step){0};
    if (one->role >= ONUS_ROLE_COUNT) {
        return;
    }
    struct session *session = take_session(sessions, one->session | 1, one->time);
    session->first = one->time < session->first ? one->time : session->first;
    session->last = one->time > session->last ? one->time : session->last;

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

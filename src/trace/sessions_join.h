/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_SESSIONS_JOIN_H
#define ONUS_TRACE_SESSIONS_JOIN_H

/*
 * Addresses of lines that name none.
 *
 * sshd serves each connection with a process of its own and writes the address on some of its lines
 * only. A line without an address, or with a reverse name, gets that of another line of the same
 * session: of the last one before it, else of the next one after it in the same block. Lines of one
 * session more than ten minutes apart are taken for two connections: process ids are reused.
 *
 * Only an address that a parser read as the peer of its line is passed on (has_source), never a name
 * and never text of the remote side. A line that gets an address carries ONUS_MARK_JOINED.
 */

#include "trace/block.h"

enum {
    ONUS_SESSIONS_KEPT = 4096, /* places; docs/limits.md */
    ONUS_SESSIONS_OPEN = 16
};

struct onus_session_address {
    uint64_t session; /* 0: free */
    int64_t time;     /* of the last line that named the address */
    struct onus_address address;
    uint32_t input; /* sessions do not reach into another input */
    uint16_t port;
};

/* A zeroed struct is ready for use. */
struct onus_session_addresses {
    struct onus_session_address *places; /* made with the first line of a session */
    struct onus_session_address *back;   /* for a block with many events that are still open */
    /* The events of the block in hand without an address; more of them are only counted. */
    struct onus_event *open[ONUS_SESSIONS_OPEN];
    size_t open_count;
};

void onus_sessions_join_clear(struct onus_session_addresses *table);

/*
 * Take the next event, whose time is settled and which lies in `input`: learn its address, or fill
 * it in. When it still has none and a later line may have it, it is open.
 */
ONUS_NODISCARD enum onus_code onus_sessions_join(struct onus_session_addresses *table,
        struct onus_event *event, uint32_t input, struct onus_error *err);

/*
 * Give the open events of a block whose events have all been taken the address of a later line of the
 * block. A number above ONUS_SESSIONS_KEPT of sessions may leave some open. The caller sets
 * table->open_count to 0 before the next block.
 */
ONUS_NODISCARD enum onus_code onus_sessions_join_back(struct onus_session_addresses *table,
        struct onus_block *block, uint32_t input, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_SYSLOG_H
#define ONUS_TRACE_SYSLOG_H

/*
 * What the containers of program messages share: the syslog spellings here, the journal elsewhere.
 */

#include "base/str.h"
#include "trace/message.h"

enum {
    ONUS_SYSLOG_TAG_MAX = 64,
    ONUS_SYSLOG_PEERS = 64,
    ONUS_SYSLOG_PEER_TEXT = 52 /* eight groups of four digits, a port */
};

/*
 * The number that joins lines of one process: from host, program family and process id, the same on
 * every machine and in every run. sshd, sshd-session and sshd-auth are one family, and so are
 * "su" and "su(pam_unix)". 0 when `pid` is empty.
 */
uint64_t onus_syslog_session(struct onus_str host, struct onus_str program, struct onus_str pid);

/*
 * Split "tag[pid]: message" off *rest: *program and *pid become views (pid may be empty) and *rest
 * is the message. False, and nothing is touched, when no tag stands there.
 */
bool onus_syslog_take_tag(struct onus_str *rest, struct onus_str *program, struct onus_str *pid);

/*
 * Hand a message on: fill host, program and session of *event, undo what syslog daemons put in front
 * of a message, and dispatch. `event` holds the time already.
 */
enum onus_line_verdict onus_syslog_deliver(const struct onus_parse_context *context,
        struct onus_str pid, struct onus_str message, struct onus_event *event);

/* "<34>" off the front. False, and *line untouched, when none stands there or it exceeds 191. */
bool onus_syslog_take_priority(struct onus_str *line);

/* RFC 5424 from its version on ("1 2026-..."), after the priority. */
enum onus_line_verdict onus_syslog_parse_5424(const struct onus_parse_context *context,
        struct onus_str rest, struct onus_event *out);

/*
 * "Jan 10 03:11:02 " in its fixed width, the common case; the result equals that of
 * onus_time_take_syslog(). False, and nothing is touched, for every other spelling.
 */
bool onus_syslog_take_fast_time(struct onus_str *s, int64_t *usec);

/*
 * What the lines before said, because the next ones mostly say it again: the second, the host and the
 * program. Whatever it holds, a line means the same. A zeroed struct is ready for use.
 */
struct onus_syslog_peer {
    char text[ONUS_SYSLOG_PEER_TEXT]; /* "ADDRESS" or "ADDRESS port N" */
    uint8_t length, host_length;
    uint16_t port; /* 0: the text has none */
    struct onus_address address;
};

struct onus_syslog_memo {
    uint64_t time[2]; /* "Jan 10 03:11:02 " */
    int64_t usec;     /* what onus_syslog_take_fast_time() made of it */
    bool has_time;
    bool is_sshd;
    uint8_t host_length, lead_length; /* lead_length 0: nothing is remembered */
    char lead[128];                   /* "host program[" */
    uint64_t family, family_key;      /* hash of host and program family, and its onus_hash_key() */
    struct onus_syslog_peer peers[ONUS_SYSLOG_PEERS]; /* by session: its lines repeat the address */
};

/*
 * "host tag[pid]: " off the front of what follows the time, in its plainest spelling: fills host,
 * program and session of *event, and returns the message. Its pointer is NULL, and nothing is touched,
 * for every other spelling, and when the message has a prefix of its own.
 */
struct onus_str onus_syslog_take_lead(struct onus_syslog_memo *memo, struct onus_str rest,
        struct onus_event *event);

/*
 * The same with a time as of onus_syslog_take_fast_time() in front of it. When it is some other line,
 * *event may hold the time already, and nothing more.
 */
struct onus_str onus_syslog_take_front(struct onus_syslog_memo *memo, struct onus_str line,
        struct onus_event *event);

#endif

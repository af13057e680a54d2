/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_SYSLOG_H
#define ONUS_TRACE_SYSLOG_H

/*
 * What the containers of program messages share: the syslog spellings here, the journal elsewhere.
 */

#include "trace/message.h"

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

#endif

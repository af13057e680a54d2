/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_MESSAGE_H
#define ONUS_TRACE_MESSAGE_H

/*
 * Messages of programs that log through syslog or the journal.
 *
 * The containers (syslog in its three spellings, journal export, journal JSON) read time, host,
 * program and pid into the event, then hand the message here; which container it was makes no
 * difference. To add a program: write src/trace/message_<name>.c and add a row in messages.c.
 */

#include "trace/format.h"

struct onus_message_parser {
    const char *name; /* "sshd" */

    /* Whether lines of this program ("sshd-session", "postfix/smtpd") are for this parser. */
    bool (*takes)(struct onus_str program);

    /*
     * Parse a message. *event already holds time, host, program, and `session` (a hash of host and
     * pid, 0 without pid). IGNORED when the message is none this parser counts: never UNPARSED,
     * because the container was understood, except for a message that begins like one it counts and
     * then breaks off, so that it lands among the rejects.
     */
    enum onus_line_verdict (*parse)(const struct onus_parse_context *context,
            struct onus_str message, struct onus_event *event);
};

/* Dispatch on event->program. IGNORED when no parser takes the program. */
enum onus_line_verdict onus_message_parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event);

/* Whether some parser takes lines of this program. */
bool onus_message_known(struct onus_str program);

/* "last message repeated 3 times" / "message repeated 3 times: [ ... ]" are handled by the dispatch. */

#endif

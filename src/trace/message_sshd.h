/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_MESSAGE_SSHD_H
#define ONUS_TRACE_MESSAGE_SSHD_H

/*
 * The parts of the sshd parser: message_sshd.c reads lines about log-ins and dispatches,
 * message_sshd_connection.c reads lines about connections that came and went, message_sshd_bare.c
 * those that name no address and those that only name one, message_sshd_quick.c the usual ones again.
 */

#include "trace/message_fields.h"
#include "trace/syslog.h"

/* A message without its "error: " and without " [preauth]". */
struct onus_sshd_message {
    const struct onus_parse_context *context;
    struct onus_str text;
    bool preauth; /* the unprivileged child said it: nobody was logged in */
};

enum onus_line_verdict onus_sshd_connection(const struct onus_sshd_message *message,
        struct onus_event *event);
enum onus_line_verdict onus_sshd_bare(const struct onus_sshd_message *message,
        struct onus_event *event);

/*
 * The few messages that make up most of a log, in their plainest spelling: the same as the parser
 * makes of them, sooner. UNPARSED, and *event is untouched, for all others; message_sshd_quick.c.
 */
enum onus_line_verdict onus_sshd_quick(struct onus_syslog_memo *memo, struct onus_str message,
        struct onus_event *event);

#endif

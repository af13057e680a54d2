/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_MESSAGE_FIELDS_H
#define ONUS_TRACE_MESSAGE_FIELDS_H

/*
 * What message parsers share: reading the peer off a message, and filling an event.
 *
 * A remote party chooses user names, reverse names and banners, so a peer is never searched for: it
 * is read at the place where the program wrote it, from the end of the message when free text stands
 * before it and from the front when free text follows.
 */

#include "trace/message.h"

struct onus_peer {
    struct onus_str host; /* an address or a name, as written */
    uint16_t port;        /* 0 when the message has none */
};

/* "HOST" or "HOST port N" at the end of *s; *s keeps what is before the blank. */
bool onus_peer_drop(struct onus_str *s, struct onus_peer *out);

/* "HOST" or "HOST port N" at the front of *s; HOST ends at a blank, ':' before a blank, or the end. */
bool onus_peer_take(struct onus_str *s, struct onus_peer *out);

/*
 * Set source, source_port and source_text; a host that is no address goes to source_name. False, and
 * *event is untouched, when it is neither ("unknown", "-", free text).
 */
bool onus_message_set_source(struct onus_event *event, const struct onus_peer *peer);
bool onus_message_set_dest(struct onus_event *event, const struct onus_peer *peer);

/*
 * Undo strnvis(3) as syslog output of OpenSSH uses it (VIS_CSTYLE with octal). A text without a
 * backslash is handed back as it is; when the arena is full the escaped text is.
 */
struct onus_str onus_message_unvis(const struct onus_parse_context *context, struct onus_str text);

/*
 * Set the session for lines that belong together although no process id says so: servers of mail and
 * files log one try under several programs and files. All lines of `name` on one host become one
 * session per source, in which the number of tries is that of the role that saw most.
 */
void onus_message_join(struct onus_event *event, struct onus_str host, struct onus_str name);

/* Set the account; an empty name is an account too. */
static inline void onus_message_set_account(struct onus_event *event, struct onus_str account)
{
    event->account = account;
    event->has_account = true;
}

/* One AUTH line: kind, outcome, role and the form that took it. Always PARSED. */
static inline enum onus_line_verdict onus_message_auth(struct onus_event *event,
        enum onus_outcome outcome, enum onus_role role, const char *rule)
{
    event->kind = ONUS_EVENT_AUTH;
    event->outcome = (uint8_t)outcome;
    event->role = (uint8_t)role;
    event->rule = rule;
    return ONUS_LINE_PARSED;
}

/* A line that is understood and counts for nothing. */
static inline enum onus_line_verdict onus_message_ignore(struct onus_event *event, const char *rule)
{
    event->rule = rule;
    return ONUS_LINE_IGNORED;
}

/* PAM's own lines, whichever program they came through: message_pam.c. */
bool onus_message_is_pam(struct onus_str message);
enum onus_line_verdict onus_message_pam(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event);

#endif

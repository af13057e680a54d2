/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_JOURNAL_H
#define ONUS_TRACE_JOURNAL_H

/*
 * An entry of the systemd journal, whichever way it was exported. The fields with a leading
 * underscore are the journal's own; MESSAGE and SYSLOG_IDENTIFIER are the program's words.
 */

#include "trace/format.h"

enum onus_journal_field {
    ONUS_JOURNAL_REALTIME,        /* when the journal received it */
    ONUS_JOURNAL_SOURCE_REALTIME, /* when the program sent it: preferred */
    ONUS_JOURNAL_MESSAGE,
    ONUS_JOURNAL_IDENTIFIER,
    ONUS_JOURNAL_COMM,
    ONUS_JOURNAL_HOSTNAME,
    ONUS_JOURNAL_PID,
    ONUS_JOURNAL_SYSLOG_PID,
    ONUS_JOURNAL_FIELDS
};

extern const char *const onus_journal_names[ONUS_JOURNAL_FIELDS];

/*
 * Fill *out and hand the message to the parser of its program. UNPARSED when the entry has no time.
 * Of a field that stands twice the caller gives the first.
 */
enum onus_line_verdict onus_journal_event(const struct onus_parse_context *context,
        const struct onus_str *value, struct onus_event *out);

#endif

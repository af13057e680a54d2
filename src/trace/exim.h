/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_EXIM_H
#define ONUS_TRACE_EXIM_H

/* What Exim's main log and Exim's syslog lines share: the text after time and process id. */

#include "trace/message_fields.h"

/*
 * Read such a text. UNPARSED when it does not begin like anything Exim writes, which is what tells
 * its main log from other logs with the same kind of time.
 */
enum onus_line_verdict onus_exim_parse(const struct onus_parse_context *context,
        struct onus_str text, struct onus_event *event);

#endif

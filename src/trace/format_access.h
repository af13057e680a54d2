/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_FORMAT_ACCESS_H
#define ONUS_TRACE_FORMAT_ACCESS_H

/*
 * Access logs of Apache httpd, nginx and all that write like them.
 *
 *     host ident user [10/Jan/2026:03:11:02 +0100] "request" status bytes
 *     host ident user [time] "request" status bytes "referer" "agent" extra...
 *     vhost[:port] host ident user [time] "request" ...
 *     ... "agent" vhost[:port]
 *
 * and any of these wrapped whole in double quotes. `source` is always the peer column; addresses in
 * extra columns (X-Forwarded-For) were written by the remote side and stay text in `detail`.
 */

#include "trace/format.h"

extern const struct onus_format onus_format_combined;
extern const struct onus_format onus_format_common;
extern const struct onus_format onus_format_vhost_combined;

/* Where the six quotes of a line stand that has no others, and which fields hold a backslash. */
struct onus_access_quotes {
    uint32_t at[6];
    bool escaped[3]; /* request, referer, agent */
};

/*
 * What onus_format_combined makes of a line of the usual spelling, before it is inspected, by its
 * quotes: `address - - [time] "request" status bytes "referer" "agent"` and nothing else. *out is
 * cleared first. False, and *out means nothing, for every other line.
 */
bool onus_access_parse_quoted(const struct onus_parse_context *context, struct onus_str line,
        const struct onus_access_quotes *quotes, struct onus_event *out);

/* Any of the three; also for lines that came through syslog. */
enum onus_line_verdict onus_access_parse(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out);

#endif

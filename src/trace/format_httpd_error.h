/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_FORMAT_HTTPD_ERROR_H
#define ONUS_TRACE_FORMAT_HTTPD_ERROR_H

/*
 * Error logs of nginx and Apache httpd: refused logins, what a web application firewall or a limiter
 * stopped, and requests for what is not there.
 *
 *     2026/01/10 03:11:02 [error] pid#tid: *cid message, client: A, server: S, request: "R", ...
 *     [Sat Jan 10 03:11:02.123456 2026] [module:level] [pid N:tid M] [client A:P] AHnnnnn: message
 *
 * The address is the field the server wrote. Text that repeats such a field inside a user name, a
 * path, a request or a referrer must not replace it; where the two cannot be told apart the line has
 * no source.
 */

#include "trace/format.h"

extern const struct onus_format onus_format_nginx_error;
extern const struct onus_format onus_format_apache_error;

/* A line that came through syslog: the time in front is optional. */
enum onus_line_verdict onus_nginx_error_parse(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out);
enum onus_line_verdict onus_apache_error_parse(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out);

/* ModSecurity's text, the same under both servers: an alert with the rule's message and id. */
void onus_modsecurity_read(struct onus_str message, struct onus_event *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_MESSAGE_HTTPD_H
#define ONUS_TRACE_MESSAGE_HTTPD_H

/* Access and error lines of nginx and Apache httpd that came through syslog or the journal. */

#include "trace/message.h"

extern const struct onus_message_parser onus_message_httpd;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_HTTP_REQUEST_H
#define ONUS_TRACE_HTTP_REQUEST_H

/*
 * The request line as web servers write it between quotes, shared by every format that has one.
 *
 * All of it was chosen by the remote side: nothing here may decide about an address.
 */

#include "base/arena.h"
#include "trace/event.h"

/*
 * Undo what servers do before they write foreign bytes: \" \\ \n \t \r \b \v and \xHH in either
 * case. Unknown escapes stay as they are, because older servers write a bare backslash. Text without
 * a backslash is handed back as it is; else the result lives in arena, and is the text as written
 * when arena is full.
 */
struct onus_str onus_http_unescape(struct onus_arena *arena, struct onus_str text);

/*
 * Split an unescaped request line into event->method and event->target. A version that exists
 * (HTTP/0.9 to HTTP/3) is dropped; one that does not exist stays at the end of the target, where
 * inspection finds it. What is no request at all (raw bytes, one word, nothing) becomes a target
 * without a method, with ONUS_MARK_BAD_REQUEST. "-" and "" are the same: no bytes came.
 */
void onus_http_request(struct onus_str request, struct onus_event *event);

#endif

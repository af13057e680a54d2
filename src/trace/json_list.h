/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_JSON_LIST_H
#define ONUS_TRACE_JSON_LIST_H

/*
 * One record that holds many: a JSON array of objects, each of which is an event.
 */

#include "trace/format.h"

/* Judges one object; as onus_format.parse. */
typedef enum onus_line_verdict (*onus_json_list_parse)(const struct onus_parse_context *context,
        struct onus_str object, struct onus_event *out);

/*
 * UNPARSED when list is no array or an element of it is UNPARSED (then nothing was handed out);
 * PARSED when an element was: the first went to *out, the others to context->more(); otherwise
 * IGNORED.
 */
enum onus_line_verdict onus_json_list(const struct onus_parse_context *context,
        struct onus_str list, onus_json_list_parse parse, struct onus_event *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MODEL_TRACE_JSON_H
#define ONUS_MODEL_TRACE_JSON_H

/*
 * A trace result as one JSON object, schema onus.trace/1: docs/json.md says what each key means,
 * docs/schema/onus.trace-1.json is the JSON Schema. Keys come in a fixed order; the same result gives
 * the same bytes.
 */

#include "model/trace_result.h"
#include "text/json_write.h"

/* The whole document, pretty, with a line end. Ask onus_buffer_status() for success. */
void onus_trace_json_write(const struct onus_trace_result *result, struct onus_buffer *out);

/* The same object as one value of a document that the caller writes. */
void onus_trace_json_add(const struct onus_trace_result *result, struct onus_json *json);

/* Bounds for a page that must stay small; 0 is no bound. Counts and totals are never changed. */
struct onus_trace_json_limits {
    size_t incidents, sources; /* rows; the first ones are kept */
    size_t list; /* entries of source_list, account_list, target_list, findings, sources[].incidents */
    size_t refs; /* entries of lines[]: the first ones and the last */
    size_t text; /* bytes of one name or sentence; a longer one ends in "…" */
};

void onus_trace_json_add_limited(const struct onus_trace_result *result,
        const struct onus_trace_json_limits *limits, struct onus_json *json);

#endif

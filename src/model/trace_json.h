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

#endif

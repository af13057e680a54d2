/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_TRACE_TEXT_H
#define ONUS_REPORT_TRACE_TEXT_H

/*
 * The summary of a trace result for a terminal: one screen, what matters first.
 *
 * Plain text without control characters but line feeds (and colours when asked); nothing that came
 * from a log or a table can write outside its place. The same result gives the same bytes.
 */

#include "base/buffer.h"
#include "model/trace_result.h"

enum {
    ONUS_TRACE_TEXT_MIN_WIDTH = 80,
    ONUS_TRACE_TEXT_MAX_WIDTH = 200,
    ONUS_TRACE_TEXT_TOP = 7 /* incidents shown when nobody says otherwise */
};

struct onus_trace_text_options {
    size_t width; /* of the terminal; clamped to 80 to 200; 0 means 100 */
    bool color;
    size_t top; /* rows of the incident table; other tables follow it; 0 means 7 */
};

/* Ask onus_buffer_status() for success. */
void onus_trace_text_write(const struct onus_trace_result *result,
        const struct onus_trace_text_options *options, struct onus_buffer *out);

#endif

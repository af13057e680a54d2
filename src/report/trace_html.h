/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_TRACE_HTML_H
#define ONUS_REPORT_TRACE_HTML_H

/*
 * A trace result as one self-contained HTML page: timeline, tables that can be filtered, each number
 * leading to its lines. The page works from file://, asks nothing of any network (its own policy
 * forbids it), and holds its data as JSON. Its parts live in web/.
 *
 * A page for very many incidents leaves detail out so that it opens at once; it says what and where
 * the rest is (--json).
 */

#include "base/buffer.h"
#include "model/trace_result.h"

/* The raw text of a line that incidents refer to; shown under its path and number. */
struct onus_trace_html_line {
    struct onus_line_ref ref;
    struct onus_str text; /* without line end; any bytes */
};

struct onus_trace_html_options {
    struct onus_str title; /* empty: made from the names of the inputs */
    const struct onus_trace_html_line *lines;
    size_t line_count;
};

/* Ask onus_buffer_status() for success. */
void onus_trace_html_write(const struct onus_trace_result *result,
        const struct onus_trace_html_options *options, struct onus_buffer *out);

#endif

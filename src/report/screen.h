/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_SCREEN_H
#define ONUS_REPORT_SCREEN_H

/*
 * Headings, indents, wrapped text and colours of the terminal summary. Text given here is in visible
 * form already (text/utf8.h).
 */

#include "base/buffer.h"
#include "model/trace_result.h"

enum {
    ONUS_SCREEN_INDENT = 2,
    ONUS_SCREEN_INDENT_MORE = 4
};

struct onus_screen {
    const struct onus_trace_result *result;
    struct onus_buffer *out;
    size_t width;
    size_t top; /* rows of the incident table; other tables follow it */
    bool color;
};

/* An escape sequence when colours are wanted, nothing otherwise; _plain() ends them all. */
void onus_screen_style(const struct onus_screen *screen, const char *code);
void onus_screen_bold(const struct onus_screen *screen);
void onus_screen_dim(const struct onus_screen *screen);
void onus_screen_plain(const struct onus_screen *screen);

void onus_screen_indent(const struct onus_screen *screen, size_t columns);

/* An empty line, then text in bold. */
void onus_screen_heading(const struct onus_screen *screen, const char *text);

/* On as many lines as needed; `first` stands in front of the first, blanks in front of the others. */
void onus_screen_wrapped(const struct onus_screen *screen, struct onus_str text, size_t indented,
        const char *first);

/* The same for the content of a buffer, which is released. Nothing for an empty one. */
void onus_screen_wrapped_buffer(const struct onus_screen *screen, struct onus_buffer *text,
        size_t indented, const char *first);

/* "  and 12 more: --top 19 or --json" when not all are shown; `top` shows them all. */
void onus_screen_and_more(const struct onus_screen *screen, size_t shown, size_t total, size_t top);

static inline size_t onus_screen_at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

#endif

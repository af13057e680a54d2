/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_WORDS_H
#define ONUS_REPORT_WORDS_H

/*
 * Numbers, times and names as reports say them to people. Everything that came from a log or a table
 * is written in its visible form (text/utf8.h).
 */

#include "base/buffer.h"
#include "model/trace_result.h"

/* "1,234,567" */
void onus_words_number(struct onus_buffer *out, uint64_t value);

/* "1 attempt", "2 attempts": the plural is the singular and an s unless given. */
void onus_words_count(struct onus_buffer *out, uint64_t value, const char *one, const char *many);

/* "2026-01-10 02:11", UTC without saying so; "no time" for ONUS_TIME_NONE. */
void onus_words_minute(struct onus_buffer *out, int64_t usec);

/* "2026-01-10 02:11 to 04:15 UTC", the second date only when it differs; "no time". */
void onus_words_span(struct onus_buffer *out, int64_t first, int64_t last);

/* "45 s", "12 min", "5 h", "3 d", rounded down. */
void onus_words_duration(struct onus_buffer *out, int64_t usec);

/* "/var/log/auth.log:412" */
void onus_words_ref(struct onus_buffer *out, const struct onus_trace_result *result,
        struct onus_line_ref ref);

/* "AS64500 Example Ltd"; "network not in the tables" when nothing is known. */
void onus_words_network(struct onus_buffer *out, uint32_t asn, struct onus_str operator_name);

/* " (2026-06)", with the blank in front; " (undated)". */
void onus_words_date(struct onus_buffer *out, struct onus_str date);

/*
 * "AS64500 Example Ltd (2026-06), registered in AA (2026-06), tor-exit (2026-01-10)": each fact with
 * the date of the table it is from.
 */
void onus_words_whereabouts(struct onus_buffer *out, const struct onus_trace_source *source);

/* The sentences every report begins with: lines, attempts, sources, time span, incidents. */
void onus_words_summary(struct onus_buffer *out, const struct onus_trace_result *result);

/* What is to be known about one input, "; " between: problem, assumed year, gaps. May be nothing. */
void onus_words_input(struct onus_buffer *out, const struct onus_trace_input *input);

/* Said wherever countries are shown. */
extern const char onus_words_address_caveat[];

#endif

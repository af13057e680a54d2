/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_TRACE_CSV_H
#define ONUS_REPORT_TRACE_CSV_H

/*
 * A trace result as CSV tables (text/csv_write.h: RFC 4180, safe in a spreadsheet). The first row
 * names the columns with the words of the JSON output; docs/json.md explains them.
 */

#include "base/buffer.h"
#include "model/trace_result.h"

enum onus_trace_csv_table {
    ONUS_TRACE_CSV_INCIDENTS = 0,
    ONUS_TRACE_CSV_SOURCES,
    ONUS_TRACE_CSV_NETWORKS,
    ONUS_TRACE_CSV_COUNTRIES,
    ONUS_TRACE_CSV_ATTEMPTS, /* one row an attempt line: the caller streams the rows */
};

/* The table of a name ("incidents"). False, and *out untouched, when there is none. */
bool onus_trace_csv_find(struct onus_str name, enum onus_trace_csv_table *out);

/* Heading and rows; for ONUS_TRACE_CSV_ATTEMPTS the heading alone. Ask onus_buffer_status(). */
void onus_trace_csv_write(const struct onus_trace_result *result, enum onus_trace_csv_table table,
        struct onus_buffer *out);

/* One line of a log that is about an attempt. Empty views and ONUS_TIME_NONE leave a field empty. */
struct onus_trace_csv_attempt {
    int64_t time;
    struct onus_str source;  /* address or name */
    struct onus_str service; /* "ssh" */
    struct onus_str account;
    struct onus_str target;
    struct onus_str outcome;  /* "failed", "succeeded" */
    uint64_t tries;           /* the line stands for */
    struct onus_str incident; /* id, empty when it belongs to none */
    struct onus_str path;
    uint64_t line;
};

/* Append one row. */
void onus_trace_csv_attempt(const struct onus_trace_csv_attempt *attempt, struct onus_buffer *out);

#endif

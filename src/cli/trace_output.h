/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_TRACE_OUTPUT_H
#define ONUS_CLI_TRACE_OUTPUT_H

/* What `onus trace` prints: one of summary, JSON, CSV, lines; and a page beside it. */

#include "cli/command.h"
#include "report/trace_csv.h"
#include "sys/replace.h"
#include "trace/trace.h"

struct onus_trace_show {
    const struct onus_global *global;
    const char *csv; /* table name, or NULL */
    enum onus_trace_csv_table csv_table;
    const char *lines; /* incident id, address or source name, or NULL */
    unsigned kinds;    /* bit 1 << kind; 0: all */
    size_t top;        /* 0: as the screen asks */
    size_t width;
    char *const *operands; /* for the commands that the output suggests */
    size_t operand_count;
};

/* Read --csv, --lines and --kind. ONUS_E_ARGUMENT when they contradict or name nothing. */
ONUS_NODISCARD enum onus_code onus_trace_show_read(const struct onus_arguments *arguments,
        struct onus_trace_show *out, struct onus_error *err);

/* Print on stdout. --csv attempts and --lines go over the inputs a second time. */
ONUS_NODISCARD enum onus_code onus_trace_show_print(const struct onus_trace_show *show,
        struct onus_trace *trace, struct onus_trace_result *result, struct onus_error *err);

/* Write the page, with the text of the lines that incidents name first. */
ONUS_NODISCARD enum onus_code onus_trace_show_html(struct onus_trace *trace,
        const struct onus_trace_result *result, struct onus_replace *out, struct onus_error *err);

#endif

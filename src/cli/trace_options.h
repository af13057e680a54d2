/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_TRACE_OPTIONS_H
#define ONUS_CLI_TRACE_OPTIONS_H

/* Options that `onus trace` and `onus explain` share: what the lines are and how their times read. */

#include "cli/command.h"
#include "trace/rules.h"
#include "trace/trace.h"

/* Rows for the table of a command. */
#define ONUS_OPTION_FORMAT                                                        \
    {                                                                             \
        .name = "format", .letter = 'f', .argument = "auto|NAME",                 \
        .help = "read the lines as this format; 'auto' tells it from the content" \
    }
#define ONUS_OPTION_TZ                                                                      \
    {                                                                                       \
        .name = "tz", .argument = "ZONE",                                                   \
        .help = "zone of times that carry none: UTC, +02:00 or Europe/Berlin; else UTC is " \
                "assumed and said so"                                                       \
    }
#define ONUS_OPTION_YEAR                                                                    \
    {                                                                                       \
        .name = "year", .argument = "YEAR",                                                 \
        .help = "year of the first line of logs that carry none; else it follows from the " \
                "file's last change"                                                        \
    }

#define ONUS_OPTION_RULES                                                                 \
    {                                                                                     \
        .name = "rules", .argument = "FILE",                                              \
        .help = "thresholds and windows other than the built-in ones (docs/detection.md)" \
    }

/*
 * Fill format, zone and year from the options above. ONUS_E_ARGUMENT: a value is none, and err names
 * what would be one.
 */
ONUS_NODISCARD enum onus_code onus_trace_options_read(const struct onus_arguments *arguments,
        struct onus_trace_options *out, struct onus_error *err);

/* "2026-01-10", "2026-01-10T03:11:02+01:00"; a date alone is its first moment in UTC. */
ONUS_NODISCARD enum onus_code onus_trace_read_time(const char *option, const char *text,
        int64_t *out, struct onus_error *err);

/* A whole number within bounds. */
ONUS_NODISCARD enum onus_code onus_trace_read_number(const char *option, const char *text,
        uint64_t min, uint64_t max, uint64_t *out, struct onus_error *err);

/* The built-in rules, changed by a file when path is not NULL. */
ONUS_NODISCARD enum onus_code onus_trace_read_rules(const char *path, struct onus_rules *out,
        struct onus_error *err);

/* A seed for table hashes; it must never show in what is printed. */
uint64_t onus_trace_seed(void);

#endif

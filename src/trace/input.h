/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_INPUT_H
#define ONUS_TRACE_INPUT_H

/*
 * One file or pipe on its way through trace: what it is, how it is read, and what was noticed.
 *
 * The formats of an input are all those that accept at least one line of its sample (the first lines,
 * ONUS_SAMPLE_LINES at most). A later line is offered to these only, in order of precedence, so that a
 * line planted inside a log cannot bring in a format of its own.
 */

#include "sys/reader.h"
#include "trace/block.h"

enum {
    ONUS_INPUT_FORMATS = 8,
    ONUS_SAMPLE_LINES = 2000,
};

struct onus_input {
    const char *path;                      /* as shown; "-" for standard input */
    int descriptor;                        /* -1: could not be opened, unless there are parts */
    const struct onus_reader_parts *parts; /* NULL: the descriptor is all of it */
    bool can_rewind;
    struct onus_reader *reader; /* while it is being read */

    const struct onus_format *formats[ONUS_INPUT_FORMATS];
    char *states[ONUS_INPUT_FORMATS]; /* of formats that have one */
    size_t format_count;
    bool stateful;

    char *head; /* sample of a pipe, handed out again before the rest */
    size_t head_length, head_used;
    bool ended;
    bool in_long_line;

    char *carry; /* the cut record at the end of the last block */
    size_t carry_length, carry_size;

    uint64_t size;      /* of the file when it was first read, 0 for a pipe */
    int64_t changed;    /* time of last change, INT64_MIN for a pipe */
    int64_t first_time; /* of the sample: wall time, year 1972 when first_marks says no year */
    uint16_t first_marks;
    int year;           /* of the first line, when the lines carry none */
    int64_t year_limit; /* the lines should not run past this time */

    char *problem; /* owns the words of facts.problem */
    enum onus_code problem_code;
    bool from_folder; /* not named by the user: being no log is no problem */
    struct onus_trace_input facts;
};

/* Whether there is anything to read. */
static inline bool onus_input_is_open(const struct onus_input *input)
{
    return input->descriptor >= 0 || input->parts;
}

/* The format whose records span lines, or NULL. */
static inline const struct onus_format *onus_input_record_format(const struct onus_input *input)
{
    return input->format_count > 0 && input->formats[0]->record ? input->formats[0] : NULL;
}

/*
 * Read the sample and settle the formats; `only` (NULL: any) is what the user named. A file is left at
 * its start. ONUS_OK also when no format accepts a line: format_count is then 0. What is wrong with
 * the bytes themselves (damaged compression) comes up when they are read for good.
 */
ONUS_NODISCARD enum onus_code onus_input_detect(struct onus_input *input,
        const struct onus_format *only, struct onus_web_scanner *web, struct onus_error *err);

/*
 * Fill the next block, up to a line end. ONUS_END when there is no more. On ONUS_E_FORMAT and
 * ONUS_E_IO the bytes before the damage were handed out by earlier calls and facts.problem says
 * what is wrong; the caller goes on with the next input.
 */
ONUS_NODISCARD enum onus_code onus_input_fill(struct onus_input *input, struct onus_block *block,
        struct onus_error *err);

/* Prepare for another pass. */
ONUS_NODISCARD enum onus_code onus_input_rewind(struct onus_input *input, struct onus_error *err);

/* No more will be read in this pass: give back buffers. */
void onus_input_stop(struct onus_input *input);

/* Release everything, and close the descriptor unless it is standard input. */
void onus_input_clear(struct onus_input *input);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_STITCH_H
#define ONUS_TRACE_STITCH_H

/*
 * What can only be known in order: line numbers, the year and zone of a time, what "last message
 * repeated" stands for, the address of a line whose session names it elsewhere, and the account of an
 * input's lines.
 */

#include "trace/input.h"
#include "trace/sessions_join.h"
#include "trace/zone.h"

/* Limits of what is reported about the clock of an input: docs/detection.md. */
#define ONUS_GAP_MIN      ((int64_t)6 * 3600 * ONUS_USEC) /* a silence this long is reported */
#define ONUS_STEP_MIN     ((int64_t)15 * 60 * ONUS_USEC)  /* a step back this large is reported */
#define ONUS_DISORDER_MIN ((int64_t)5 * ONUS_USEC)        /* a line this late is out of order */

struct onus_stitcher {
    struct onus_zone *zone;
    bool zone_configured;
    uint64_t seed; /* of source hashes */
    /* Write the bytes of an unparsed line; NULL: nobody wants them. */
    enum onus_code (*reject)(void *data, struct onus_str raw, struct onus_error *err);
    void *reject_data;

    /* of the input in hand */
    struct onus_input *input;
    uint32_t input_index;
    uint64_t next_line;
    int64_t last_time; /* of the line before, ONUS_TIME_NONE at the start */
    int64_t high_time; /* latest time so far */
    int year;
    int last_month;
    int64_t shifted_day; /* day of 1972 whose shift into its year is day_shift; -1: none */
    int64_t day_shift;
    /* What the last call made of a time: lines of one second follow each other. */
    int64_t wall_time, settled_time;
    uint16_t wall_marks;
    bool has_settled;
    struct onus_event previous; /* the event of the line before, with its text copied */
    bool has_previous;
    struct onus_arena previous_text;
    struct onus_session_addresses sessions;
};

/* Begin an input; its facts are filled as blocks pass. */
void onus_stitch_begin(struct onus_stitcher *s, struct onus_input *input, uint32_t index);

/* Bring the next block of the input into its final form. */
ONUS_NODISCARD enum onus_code onus_stitch_block(struct onus_stitcher *s, struct onus_block *block,
        struct onus_error *err);

void onus_stitch_clear(struct onus_stitcher *s);

#endif

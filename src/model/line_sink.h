/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MODEL_LINE_SINK_H
#define ONUS_MODEL_LINE_SINK_H

/*
 * Where lines go besides being counted: whoever commits to lines sees the very bytes that were
 * parsed, once, in order, and what was read in them. trace gives, evidence takes; neither knows the
 * other.
 *
 * For each round of blocks, in this order:
 *
 *     plan     one thread   the lines of the round, in order; everything is known but the attempts
 *     work     all threads  tasks 0..n-1 that plan asked for, while events are counted
 *     settle   one thread   the same lines, attempts known; afterwards their bytes are gone
 *
 * A failure of any of them ends the run; failures of work are kept by the sink and told by settle.
 */

#include <onus/error.h>

#include "net/address.h"
#include "text/timestamp.h"

/* What a part of a line is (docs/formats/evidence.md, "Parts of a line"). */
enum onus_part_kind {
    ONUS_PART_TIME = 0x11,
    ONUS_PART_TEXT = 0x12,
    ONUS_PART_ACCOUNT = 0x13,
    ONUS_PART_SOURCE = 0x14,
    ONUS_PART_TARGET = 0x15,
    ONUS_PART_AGENT = 0x16,
    ONUS_PART_PROGRAM = 0x17,
};

/* Parts of one line ascend, do not overlap, and together are the line. At most 12 of a line. */
struct onus_sink_part {
    uint32_t offset, length; /* in the line */
    uint8_t kind;            /* enum onus_part_kind */
};

#define ONUS_SINK_PARTS_MAX 12

struct onus_sink_line {
    uint32_t offset; /* in the block's bytes */
    uint32_t length; /* without the line feed; a carriage return belongs to the line */
    int64_t time;    /* microseconds, ONUS_TIME_NONE when the line has none */
    struct onus_address source;
    bool has_source;
    bool ended;         /* a line feed follows */
    uint8_t part_count; /* 0 unless the sink wants parts */
    uint32_t attempts;  /* in settle only: by how much the line raised the count of its source */
    uint32_t first_part;
};

/* A line may tell of several sources: it counts for the first, the others add attempts only. */
struct onus_sink_extra {
    uint32_t line; /* index in the block */
    uint32_t attempts;
    struct onus_address source;
};

struct onus_sink_block {
    uint32_t input; /* index in result->inputs[], constant between begin and end */
    const char *bytes;
    size_t length;
    const struct onus_sink_line *lines;
    size_t line_count;
    const struct onus_sink_part *parts;
    const struct onus_sink_extra *extras; /* in settle only */
    size_t extra_count;
};

struct onus_line_sink {
    void *data;
    bool wants_parts;

    /* The next input begins; its path is as the user gave it. */
    enum onus_code (*begin)(void *data, uint32_t input, const char *path, struct onus_error *err);
    enum onus_code (*plan)(void *data, const struct onus_sink_block *blocks, size_t count,
            size_t *tasks, struct onus_error *err);
    void (*work)(void *data, size_t task, size_t worker);
    enum onus_code (*settle)(void *data, const struct onus_sink_block *blocks, size_t count,
            struct onus_error *err);
    /*
     * No more lines of this input. whole: it was read to its end; false: it broke off or shrank, and
     * what came before stands. A line longer than the reader takes (64 MiB) ends its input so, with
     * ONUS_E_LIMIT in `why`.
     */
    enum onus_code (*end)(void *data, uint32_t input, bool whole, enum onus_code why,
            struct onus_error *err);
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_BLOCK_H
#define ONUS_TRACE_BLOCK_H

/*
 * A piece of one input, cut at a line end, with what its lines say.
 *
 * Blocks are filled in order by one thread, parsed in any order by many, and stitched in order again
 * (stitch.h): only then do times have their zone and year and lines their numbers.
 */

#include "trace/engine.h"
#include "trace/format.h"

enum {
    ONUS_BLOCK_SIZE = 256 << 10, /* bytes read at a time */
    ONUS_LINE_MAX = 64 << 20,    /* a longer line is counted and rejected, never parsed */
};

/* One record: mostly one line. */
struct onus_line {
    uint32_t offset;      /* in block->bytes */
    uint32_t length;      /* without the line end */
    uint32_t raw_length;  /* with it */
    uint32_t span;        /* line ends inside: lines the record stands for */
    uint32_t first_event; /* index of its first event, when event_count > 0, or in block->plain */
    uint32_t event_count;
    uint8_t verdict;                      /* enum onus_line_verdict */
    uint8_t format;                       /* index in input->formats */
    uint16_t marks;                       /* of the first event: what time lacks */
    bool is_plain;                        /* a request of block->plain: no event */
    int64_t time;                         /* ONUS_TIME_NONE when the line has none */
    const struct onus_envelope *envelope; /* NULL unless ignored lines are kept */
};

struct onus_input;

struct onus_block {
    struct onus_input *input;
    char *bytes;
    size_t length, size;
    uint64_t first_line; /* number of the first line, from 1; set by the stitcher */
    struct onus_line *lines;
    size_t line_count, line_room;
    struct onus_event *events;
    size_t event_count, event_room;
    struct onus_plain_request *plain;
    size_t plain_count, plain_room;
    struct onus_arena arena;
    bool too_long;       /* a piece of a line longer than ONUS_LINE_MAX: no lines inside */
    bool long_line_ends; /* with too_long: this piece is its last */
    bool parsed;         /* stateful inputs are parsed as they are read */
    enum onus_code failed;
};

/* A zeroed struct is an empty block. */
void onus_block_free(struct onus_block *block);

/* What a worker keeps from block to block; block_quoted.c. */
struct onus_block_scratch;

/* NULL when out of memory. */
struct onus_block_scratch *onus_block_scratch_new(void);
void onus_block_scratch_free(struct onus_block_scratch *scratch);

struct onus_block_options {
    bool keep_ignored; /* also the events of ignored lines */
    bool plain;        /* requests that can be told in short go to block->plain */
    uint64_t seed;     /* of the source hashes there */
};

/*
 * Split block->bytes into records and parse each with the formats of its input, in their order; the
 * first that accepts a record has it. Failure (memory) is left in block->failed.
 */
void onus_block_parse(struct onus_block *block, struct onus_web_scanner *web,
        struct onus_block_scratch *scratch, const struct onus_block_options *options);

#endif

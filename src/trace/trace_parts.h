/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_TRACE_PARTS_H
#define ONUS_TRACE_TRACE_PARTS_H

/* What trace.c, trace_inputs.c and trace_pass.c share; private to the three. */

#include "sys/pool.h"
#include "trace/feed.h"
#include "trace/stitch.h"
#include "trace/trace.h"
#include "trace/web.h"

enum {
    ONUS_BLOCKS_PER_THREAD = 1
};

struct onus_event_list {
    const struct onus_event **events;
    uint32_t *attempts; /* beside them, when a sink takes the lines */
    size_t count, room, attempts_room;
};

struct onus_plain_list {
    const struct onus_plain_request **requests;
    uint32_t *before; /* beside them: as in struct onus_event_batch */
    size_t count, room;
};

struct onus_trace {
    struct onus_trace_options options;
    struct onus_zone zone;
    struct onus_arena paths;
    struct onus_input *inputs; /* in reading order once detected */
    size_t input_count;
    bool detected;
    uint64_t raw_total;
    struct onus_pool *pool;
    struct onus_web_scanner **scanners;  /* one per thread */
    struct onus_block_scratch **scratch; /* the same */
    struct onus_engine *engine;
    struct onus_block *blocks; /* two rounds of block_room: one in hand, one being read */
    size_t block_room;
    struct onus_event_list shards[ONUS_ENGINE_SHARDS];
    struct onus_plain_list plain[ONUS_ENGINE_SHARDS];
};

/* --- trace_inputs.c: which files, what they are, in which order they are read --- */

/* Open every file the operands name; what cannot be opened is told in the input's facts. */
ONUS_NODISCARD enum onus_code onus_trace_open_inputs(struct onus_trace *trace,
        struct onus_error *err);

/* Settle formats, years and order, once; the threads must be there. */
ONUS_NODISCARD enum onus_code onus_trace_detect(struct onus_trace *trace, struct onus_error *err);

/* Say what is wrong with an input, in words that need no freeing. */
void onus_trace_set_problem(struct onus_input *input, enum onus_code code, const char *words);

/* --- trace_pass.c: rounds of blocks are read, parsed, stitched and handed on --- */

struct onus_pass {
    struct onus_trace *trace;
    struct onus_stitcher stitcher;
    struct onus_feed *feed; /* NULL: no sink takes the lines; else a round is of one input */
    struct onus_block_options parse; /* `plain` is settled for each block */
    size_t input;                    /* being read */
    uint64_t raw_done;
    uint64_t lines;
    enum onus_code (
            *take)(struct onus_pass *pass, struct onus_block *block, struct onus_error *err);
    enum onus_code (*end_round)(struct onus_pass *pass, struct onus_error *err);
    onus_trace_visitor visitor;
    void *visitor_data;
};

/* Start the threads, each with what it needs to parse. */
ONUS_NODISCARD enum onus_code onus_trace_make_workers(struct onus_trace *trace,
        struct onus_error *err);

struct onus_pass onus_pass_new(struct onus_trace *trace);
ONUS_NODISCARD enum onus_code onus_pass_run(struct onus_pass *pass, struct onus_error *err);

#endif

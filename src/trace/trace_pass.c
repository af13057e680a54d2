/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/trace_parts.h"

#include <stdlib.h>

enum onus_code onus_trace_make_workers(struct onus_trace *trace, struct onus_error *err)
{
    size_t jobs = trace->options.jobs > 0 ? trace->options.jobs : onus_processors();
    enum onus_code code = onus_pool_new(jobs, &trace->pool, err);
    if (code != ONUS_OK) {
        return code;
    }
    trace->block_room = jobs * ONUS_BLOCKS_PER_THREAD;
    trace->blocks = calloc(2 * trace->block_room, sizeof(*trace->blocks));
    trace->scanners = calloc(jobs, sizeof(struct onus_web_scanner *));
    trace->scratch = calloc(jobs, sizeof(struct onus_block_scratch *));
    if (!trace->blocks || !trace->scanners || !trace->scratch) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < jobs && code == ONUS_OK; i++) {
        trace->scanners[i] = onus_web_scanner_new(err);
        trace->scratch[i] = onus_block_scratch_new();
        code = trace->scanners[i] ? ONUS_OK : ONUS_E_MEMORY;
        if (code == ONUS_OK && !trace->scratch[i]) {
            code = onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
    }
    return code;
}

static void finish_input(struct onus_pass *pass)
{
    struct onus_input *input = &pass->trace->inputs[pass->input];
    if (input->reader) {
        pass->raw_done += onus_reader_raw_offset(input->reader);
    }
    onus_input_stop(input);
    pass->input++;
}

/* The blocks of one round. */
struct round {
    struct onus_block *blocks;
    size_t count;
    enum onus_code code; /* of filling it */
    struct onus_error error;
};

/*
 * Plain requests have no event that a line below could repeat, so they are kept apart only where the
 * format knows no such line.
 */
static void parse_block(const struct onus_pass *pass, struct onus_block *block, size_t worker)
{
    const struct onus_trace *trace = pass->trace;
    struct onus_block_options options = pass->parse;
    options.plain = options.plain && block->input->format_count == 1;
    onus_block_parse(block, trace->scanners[worker], trace->scratch[worker], &options);
}

/* Fill up to all blocks of a round. */
static enum onus_code fill_round(struct onus_pass *pass, struct round *round, size_t worker,
        struct onus_error *err)
{
    struct onus_trace *trace = pass->trace;
    round->count = 0;
    while (round->count < trace->block_room && pass->input < trace->input_count) {
        struct onus_input *input = &trace->inputs[pass->input];
        if (!onus_input_is_open(input)) {
            pass->input++;
            continue;
        }
        struct onus_block *block = &round->blocks[round->count];
        enum onus_code code = onus_input_fill(input, block, err);
        if (code == ONUS_END) {
            finish_input(pass);
            if (pass->feed && round->count > 0) {
                break;
            }
            continue;
        }
        if (code != ONUS_OK) {
            return code;
        }
        if (input->stateful) { /* header lines change what follows: in order, here */
            parse_block(pass, block, worker);
        }
        round->count++;
    }
    return ONUS_OK;
}

struct parse_task {
    struct onus_pass *pass;
    struct round *now, *next;
};

/* The first task reads the next round, so that reading and parsing overlap; the others parse. */
static void parse_or_read(void *data, size_t task, size_t worker)
{
    const struct parse_task *work = data;
    if (task == 0) {
        work->next->code = fill_round(work->pass, work->next, worker, &work->next->error);
        return;
    }
    struct onus_block *block = &work->now->blocks[task - 1];
    if (!block->parsed) {
        parse_block(work->pass, block, worker);
    }
}

static void report_progress(const struct onus_pass *pass)
{
    const struct onus_trace *trace = pass->trace;
    if (!trace->options.progress) {
        return;
    }
    uint64_t done = pass->raw_done;
    if (pass->input < trace->input_count && trace->inputs[pass->input].reader) {
        done += onus_reader_raw_offset(trace->inputs[pass->input].reader);
    }
    trace->options.progress(trace->options.progress_data, done, trace->raw_total, pass->lines);
}

static enum onus_code stitch_round(struct onus_pass *pass, const struct round *round,
        struct onus_error *err)
{
    struct onus_trace *trace = pass->trace;
    for (size_t i = 0; i < round->count; i++) {
        struct onus_block *block = &round->blocks[i];
        if (block->failed != ONUS_OK) {
            return onus_fail(err, block->failed, "out of memory");
        }
        if (pass->stitcher.input != block->input) {
            onus_stitch_begin(&pass->stitcher, block->input,
                    (uint32_t)(block->input - trace->inputs));
        }
        enum onus_code code = onus_stitch_block(&pass->stitcher, block, err);
        if (code == ONUS_OK) {
            code = pass->take(pass, block, err);
        }
        if (code != ONUS_OK) {
            onus_context(err, "%s", block->input->path);
            return code;
        }
        pass->lines += block->line_count;
    }
    return ONUS_OK;
}

enum onus_code onus_pass_run(struct onus_pass *pass, struct onus_error *err)
{
    struct onus_trace *trace = pass->trace;
    for (size_t i = 0; i < trace->input_count; i++) {
        onus_stitch_begin(&pass->stitcher, &trace->inputs[i], (uint32_t)i);
    }
    pass->stitcher.input = NULL;
    struct round rounds[2] = {{.blocks = trace->blocks},
            {.blocks = trace->blocks + trace->block_room}};
    struct round *now = &rounds[0];
    struct round *next = &rounds[1];
    enum onus_code code = fill_round(pass, now, 0, err);
    while (code == ONUS_OK && now->count > 0) {
        struct parse_task work = {pass, now, next};
        onus_pool_run(trace->pool, now->count + 1, parse_or_read, &work);
        code = stitch_round(pass, now, err);
        if (code == ONUS_OK && pass->end_round) {
            code = pass->end_round(pass, err);
        }
        report_progress(pass);
        if (code == ONUS_OK && next->code != ONUS_OK) {
            code = next->code;
            if (err) {
                *err = next->error;
            }
        }
        struct round *done = now;
        now = next;
        next = done;
    }
    onus_stitch_clear(&pass->stitcher);
    return code;
}

struct onus_pass onus_pass_new(struct onus_trace *trace)
{
    return (struct onus_pass){.trace = trace,
            .stitcher = {.zone = &trace->zone,
                    .zone_configured = trace->options.zone.len > 0,
                    .seed = trace->options.seed}};
}

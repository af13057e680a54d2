/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"
#include "sys/pool.h"
#include "sys/walk.h"
#include "trace/join.h"
#include "trace/stitch.h"
#include "trace/web.h"
#include "trace/years.h"

enum {
    BLOCKS_PER_THREAD = 4,
    PATHS_LIMIT = 256 << 20,
    RESULT_LIMIT_GIB = 8,
};

struct event_list {
    const struct onus_event **events;
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
    struct onus_web_scanner **scanners; /* one per thread */
    struct onus_engine *engine;
    struct onus_block *blocks; /* two rounds of block_room: one in hand, one being read */
    size_t block_room;
    struct event_list shards[ONUS_ENGINE_SHARDS];
};

/* ---- opening ---- */

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void set_problem(struct onus_input *input, enum onus_code code, const char *words)
{
    free(input->problem);
    input->problem = strdup(words);
    input->facts.problem = onus_str_of(input->problem);
    input->problem_code = code;
}

static enum onus_code open_input(struct onus_input *input, const char *path, struct onus_error *err)
{
    input->path = path;
    input->facts.path = onus_str_of(path);
    if (strcmp(path, "-") == 0) {
        input->descriptor = STDIN_FILENO;
        return ONUS_OK;
    }
    input->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->descriptor >= 0) {
        return ONUS_OK;
    }
    if (errno == EMFILE || errno == ENFILE) {
        return onus_fail(err, ONUS_E_LIMIT, "too many files at once; '%s' cannot be opened", path);
    }
    set_problem(input, ONUS_E_IO,
            errno == EACCES ? "cannot be opened: permission denied" : "cannot be opened");
    return ONUS_OK;
}

struct identity {
    dev_t device;
    ino_t inode;
    size_t index;
};

static int by_identity(const void *a, const void *b)
{
    const struct identity *x = a;
    const struct identity *y = b;
    if (x->device != y->device) {
        return x->device < y->device ? -1 : 1;
    }
    if (x->inode != y->inode) {
        return x->inode < y->inode ? -1 : 1;
    }
    return x->index < y->index ? -1 : x->index > y->index;
}

/* One file under two names is counted once: the first name stays. */
static enum onus_code drop_twins(struct onus_trace *trace, struct onus_error *err)
{
    struct identity *ids = calloc(trace->input_count, sizeof(*ids));
    if (!ids) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t count = 0;
    for (size_t i = 0; i < trace->input_count; i++) {
        struct stat st;
        if (trace->inputs[i].descriptor >= 0 && fstat(trace->inputs[i].descriptor, &st) == 0 &&
                S_ISREG(st.st_mode)) {
            ids[count++] = (struct identity){st.st_dev, st.st_ino, i};
            trace->raw_total += (uint64_t)st.st_size;
        }
    }
    qsort(ids, count, sizeof(*ids), by_identity);
    for (size_t i = 1; i < count; i++) {
        if (ids[i].device == ids[i - 1].device && ids[i].inode == ids[i - 1].inode) {
            onus_input_clear(&trace->inputs[ids[i].index]);
            ids[i].index = ids[i - 1].index; /* a third name is a twin of the first */
        }
    }
    free(ids);
    size_t kept = 0;
    for (size_t i = 0; i < trace->input_count; i++) {
        if (trace->inputs[i].path) {
            trace->inputs[kept++] = trace->inputs[i];
        }
    }
    trace->input_count = kept;
    return ONUS_OK;
}

static bool is_operand(const struct onus_trace_options *options, const char *path)
{
    for (size_t i = 0; i < options->operand_count; i++) {
        if (strcmp(options->operands[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static enum onus_code open_inputs(struct onus_trace *trace, struct onus_error *err)
{
    struct onus_walk walk;
    enum onus_code code = onus_walk(trace->options.operands, trace->options.operand_count,
            &trace->paths, &walk, err);
    if (code != ONUS_OK) {
        return code;
    }
    raise_descriptor_limit();
    trace->inputs = calloc(walk.count > 0 ? walk.count : 1, sizeof(*trace->inputs));
    if (!trace->inputs) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (const struct onus_walk_entry *e = walk.first; e && code == ONUS_OK; e = e->next) {
        struct onus_input *input = &trace->inputs[trace->input_count++];
        input->from_folder = !is_operand(&trace->options, e->path);
        code = open_input(input, e->path, err);
    }
    return code == ONUS_OK && trace->input_count > 0 ? drop_twins(trace, err) : code;
}

static enum onus_code make_workers(struct onus_trace *trace, struct onus_error *err)
{
    size_t jobs = trace->options.jobs > 0 ? trace->options.jobs : onus_processors();
    enum onus_code code = onus_pool_new(jobs, &trace->pool, err);
    if (code != ONUS_OK) {
        return code;
    }
    trace->block_room = jobs * BLOCKS_PER_THREAD;
    trace->blocks = calloc(2 * trace->block_room, sizeof(*trace->blocks));
    trace->scanners = calloc(jobs, sizeof(struct onus_web_scanner *));
    if (!trace->blocks || !trace->scanners) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < jobs && code == ONUS_OK; i++) {
        trace->scanners[i] = onus_web_scanner_new(err);
        code = trace->scanners[i] ? ONUS_OK : ONUS_E_MEMORY;
    }
    return code;
}

enum onus_code onus_trace_open(const struct onus_trace_options *options, struct onus_trace **out,
        struct onus_error *err)
{
    struct onus_trace *trace = calloc(1, sizeof(*trace));
    if (!trace) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    trace->options = *options;
    onus_arena_init(&trace->paths, PATHS_LIMIT);
    enum onus_code code = onus_zone_init(&trace->zone,
            options->zone.len > 0 ? options->zone : ONUS_STR("UTC"), err);
    if (code == ONUS_OK) {
        code = open_inputs(trace, err);
    }
    if (code != ONUS_OK) {
        onus_trace_close(trace);
        return code;
    }
    *out = trace;
    return ONUS_OK;
}

void onus_trace_close(struct onus_trace *trace)
{
    if (!trace) {
        return;
    }
    for (size_t i = 0; i < trace->input_count; i++) {
        onus_input_clear(&trace->inputs[i]);
    }
    for (size_t i = 0; trace->blocks && i < 2 * trace->block_room; i++) {
        onus_block_free(&trace->blocks[i]);
    }
    for (size_t i = 0; trace->scanners && i < trace->block_room / BLOCKS_PER_THREAD; i++) {
        onus_web_scanner_free(trace->scanners[i]);
    }
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        free(trace->shards[i].events);
    }
    onus_engine_free(trace->engine);
    onus_pool_free(trace->pool);
    onus_arena_clear(&trace->paths);
    free(trace->inputs);
    free(trace->blocks);
    free(trace->scanners);
    free(trace);
}

/* ---- what the inputs are, and in which order they are read ---- */

static int64_t starts_at(struct onus_trace *trace, const struct onus_input *input)
{
    if (input->first_time == ONUS_TIME_NONE || input->format_count == 0) {
        return INT64_MAX;
    }
    int64_t time = input->first_time;
    if (input->first_marks & ONUS_MARK_NO_YEAR) {
        struct onus_civil c = {0};
        onus_time_to_civil(time, &c);
        c.year = input->year;
        int64_t moved = onus_time_of_civil(&c);
        time = moved != ONUS_TIME_NONE ? moved : time;
    }
    return input->first_marks & ONUS_MARK_NO_ZONE ? onus_zone_to_utc(&trace->zone, time) : time;
}

struct order {
    struct onus_input input;
    int64_t start;
};

static int by_start_then_path(const void *a, const void *b)
{
    const struct order *x = a;
    const struct order *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return strcmp(x->input.path, y->input.path);
}

static enum onus_code sort_inputs(struct onus_trace *trace, struct onus_error *err)
{
    struct order *order = calloc(trace->input_count, sizeof(*order));
    if (!order) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < trace->input_count; i++) {
        order[i] = (struct order){trace->inputs[i], starts_at(trace, &trace->inputs[i])};
    }
    qsort(order, trace->input_count, sizeof(*order), by_start_then_path);
    for (size_t i = 0; i < trace->input_count; i++) {
        trace->inputs[i] = order[i].input;
    }
    free(order);
    return ONUS_OK;
}

static enum onus_code name_formats(struct onus_trace *trace, struct onus_input *input,
        struct onus_error *err)
{
    struct onus_buffer names;
    onus_buffer_init(&names, 0);
    for (size_t i = 0; i < input->format_count; i++) {
        onus_buffer_add_text(&names, i > 0 ? "+" : "");
        onus_buffer_add_text(&names, input->formats[i]->name);
    }
    if (input->format_count == 0) {
        onus_buffer_add_text(&names, "none");
    }
    enum onus_code code = onus_buffer_status(&names, err);
    if (code == ONUS_OK) {
        code = onus_arena_copy(&trace->paths, onus_buffer_view(&names), &input->facts.format, err);
    }
    onus_buffer_clear(&names);
    return code;
}

static enum onus_code detect_inputs(struct onus_trace *trace, struct onus_error *err)
{
    if (trace->detected) {
        return ONUS_OK;
    }
    enum onus_code code = make_workers(trace, err);
    for (size_t i = 0; i < trace->input_count && code == ONUS_OK; i++) {
        struct onus_input *input = &trace->inputs[i];
        input->first_time = ONUS_TIME_NONE;
        if (input->descriptor >= 0) {
            code = onus_input_detect(input, trace->options.format, trace->scanners[0], err);
        }
        if (code == ONUS_OK) {
            code = name_formats(trace, input, err);
        }
    }
    if (code == ONUS_OK) {
        code = onus_years_assign(trace->inputs, trace->input_count, trace->options.year, err);
    }
    if (code == ONUS_OK && trace->input_count > 1) {
        code = sort_inputs(trace, err);
    }
    trace->detected = code == ONUS_OK;
    return code;
}

/* ---- rounds: fill, parse, stitch, hand on ---- */

struct pass {
    struct onus_trace *trace;
    struct onus_stitcher stitcher;
    bool keep_ignored;
    size_t input; /* being read */
    uint64_t raw_done;
    uint64_t lines;
    enum onus_code (*take)(struct pass *pass, struct onus_block *block, struct onus_error *err);
    enum onus_code (*end_round)(struct pass *pass, struct onus_error *err);
    onus_trace_visitor visitor;
    void *visitor_data;
};

static void finish_input(struct pass *pass)
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

/* Fill up to all blocks of a round. */
static enum onus_code fill_round(struct pass *pass, struct round *round, size_t worker,
        struct onus_error *err)
{
    struct onus_trace *trace = pass->trace;
    round->count = 0;
    while (round->count < trace->block_room && pass->input < trace->input_count) {
        struct onus_input *input = &trace->inputs[pass->input];
        if (input->descriptor < 0) {
            pass->input++;
            continue;
        }
        struct onus_block *block = &round->blocks[round->count];
        enum onus_code code = onus_input_fill(input, block, err);
        if (code == ONUS_END) {
            finish_input(pass);
            continue;
        }
        if (code != ONUS_OK) {
            return code;
        }
        if (input->stateful) { /* header lines change what follows: in order, here */
            onus_block_parse(block, trace->scanners[worker], pass->keep_ignored);
        }
        round->count++;
    }
    return ONUS_OK;
}

struct parse_task {
    struct pass *pass;
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
        onus_block_parse(block, work->pass->trace->scanners[worker], work->pass->keep_ignored);
    }
}

static void report_progress(const struct pass *pass)
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

static enum onus_code stitch_round(struct pass *pass, const struct round *round,
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

static enum onus_code run_pass(struct pass *pass, struct onus_error *err)
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

static struct pass new_pass(struct onus_trace *trace)
{
    return (struct pass){.trace = trace,
            .stitcher = {.zone = &trace->zone,
                    .zone_configured = trace->options.zone.len > 0,
                    .seed = trace->options.seed}};
}

/* ---- the main pass: count ---- */

static enum onus_code add_event(struct event_list *list, const struct onus_event *event,
        struct onus_error *err)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 1024;
        const struct onus_event **grown = realloc(list->events, room * sizeof(*grown));
        if (!grown) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        list->events = grown;
        list->room = room;
    }
    list->events[list->count++] = event;
    return ONUS_OK;
}

static enum onus_code sort_into_shards(struct pass *pass, struct onus_block *block,
        struct onus_error *err)
{
    for (size_t i = 0; i < block->event_count; i++) {
        const struct onus_event *event = &block->events[i];
        if (event->kind == ONUS_EVENT_OTHER) {
            continue;
        }
        enum onus_code code =
                add_event(&pass->trace->shards[onus_engine_shard_of(event)], event, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

struct apply_task {
    struct onus_trace *trace;
    enum onus_code codes[ONUS_ENGINE_SHARDS];
    struct onus_error errors[ONUS_ENGINE_SHARDS];
};

static void apply_shard(void *data, size_t shard, size_t worker)
{
    (void)worker;
    struct apply_task *apply = data;
    struct event_list *list = &apply->trace->shards[shard];
    struct onus_event_batch batch = {.events = list->events, .count = list->count};
    apply->codes[shard] =
            onus_engine_apply(apply->trace->engine, shard, &batch, &apply->errors[shard]);
    list->count = 0;
}

static enum onus_code apply_round(struct pass *pass, struct onus_error *err)
{
    struct apply_task apply = {.trace = pass->trace};
    onus_pool_run(pass->trace->pool, ONUS_ENGINE_SHARDS, apply_shard, &apply);
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        if (apply.codes[i] != ONUS_OK) {
            if (err) {
                *err = apply.errors[i];
            }
            return apply.codes[i];
        }
    }
    return ONUS_OK;
}

static void judge_input(struct onus_input *input, bool stated_format)
{
    const struct onus_trace_input *facts = &input->facts;
    if (input->problem) {
        return;
    }
    if (facts->bytes == 0) {
        set_problem(input, ONUS_E_FORMAT, "is empty: there is nothing to trace");
    } else if (input->format_count == 0 || facts->parsed + facts->ignored == 0) {
        set_problem(input, ONUS_E_FORMAT,
                stated_format ? "holds no line of the stated format"
                              : "is in no format that trace knows");
    }
}

static enum onus_code copy_inputs(struct onus_trace *trace, struct onus_trace_result *result,
        struct onus_error *err)
{
    size_t size = trace->input_count * sizeof(*result->inputs);
    result->inputs = onus_arena_alloc(&result->arena, size > 0 ? size : 1);
    if (!result->inputs) {
        return onus_arena_reason(&result->arena, err);
    }
    for (size_t i = 0; i < trace->input_count; i++) {
        judge_input(&trace->inputs[i], trace->options.format != NULL);
        const struct onus_trace_input *facts = &trace->inputs[i].facts;
        result->inputs[i] = *facts;
        result->bytes += facts->bytes;
        result->lines += facts->lines;
        result->parsed += facts->parsed;
        result->ignored += facts->ignored;
        result->unparsed += facts->unparsed;
        if (facts->first != ONUS_TIME_NONE &&
                (result->first == ONUS_TIME_NONE || facts->first < result->first)) {
            result->first = facts->first;
        }
        if (facts->last != ONUS_TIME_NONE &&
                (result->last == ONUS_TIME_NONE || facts->last > result->last)) {
            result->last = facts->last;
        }
    }
    result->input_count = trace->input_count;
    return ONUS_OK;
}

static enum onus_code count_pass(struct onus_trace *trace, struct onus_error *err)
{
    struct onus_engine_options options = {.rules = trace->options.rules,
            .since = trace->options.since,
            .until = trace->options.until,
            .seed = trace->options.seed};
    enum onus_code code = onus_engine_new(&options, &trace->engine, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct pass pass = new_pass(trace);
    pass.stitcher.reject = trace->options.reject;
    pass.stitcher.reject_data = trace->options.reject_data;
    pass.take = sort_into_shards;
    pass.end_round = apply_round;
    return run_pass(&pass, err);
}

enum onus_code onus_trace_run(struct onus_trace *trace, const struct onus_ipdb *ipdb,
        struct onus_trace_result *result, struct onus_error *err)
{
    onus_arena_init(&result->arena, (size_t)RESULT_LIMIT_GIB << 30);
    result->first = result->last = ONUS_TIME_NONE;
    enum onus_code code = detect_inputs(trace, err);
    if (code == ONUS_OK) {
        code = count_pass(trace, err);
    }
    if (code == ONUS_OK) {
        code = copy_inputs(trace, result, err);
    }
    if (code == ONUS_OK) {
        code = onus_engine_finish(trace->engine, result, err);
    }
    return code == ONUS_OK ? onus_join_networks(ipdb, result, err) : code;
}

/* ---- further passes: show ---- */

static enum onus_code show_block(struct pass *pass, struct onus_block *block,
        struct onus_error *err)
{
    uint64_t number = block->first_line;
    for (size_t i = 0; i < block->line_count; i++) {
        const struct onus_line *line = &block->lines[i];
        struct onus_trace_record record = {.path = block->input->path,
                .input_index = pass->stitcher.input_index,
                .number = number,
                .line = line,
                .raw = {block->bytes + line->offset, line->raw_length},
                .format = line->verdict == ONUS_LINE_UNPARSED || block->input->format_count == 0
                                  ? NULL
                                  : block->input->formats[line->format],
                .events = line->event_count > 0 ? &block->events[line->first_event] : NULL};
        enum onus_code code = pass->visitor(pass->visitor_data, &record, err);
        if (code != ONUS_OK) {
            return code;
        }
        number += line->span;
    }
    return ONUS_OK;
}

enum onus_code onus_trace_visit(struct onus_trace *trace, bool keep_ignored,
        onus_trace_visitor visitor, void *data, struct onus_error *err)
{
    bool again = trace->detected;
    enum onus_code code = detect_inputs(trace, err);
    for (size_t i = 0; again && i < trace->input_count && code == ONUS_OK; i++) {
        if (trace->inputs[i].descriptor >= 0) {
            code = onus_input_rewind(&trace->inputs[i], err);
        }
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct pass pass = new_pass(trace);
    pass.keep_ignored = keep_ignored;
    pass.take = show_block;
    pass.visitor = visitor;
    pass.visitor_data = data;
    return run_pass(&pass, err);
}

bool onus_trace_can_repeat(const struct onus_trace *trace)
{
    for (size_t i = 0; i < trace->input_count; i++) {
        if (trace->inputs[i].descriptor >= 0 && !trace->inputs[i].can_rewind) {
            return false;
        }
    }
    return true;
}

size_t onus_trace_incident_of(const struct onus_trace *trace, const struct onus_event *event)
{
    return trace->engine ? onus_engine_incident_of(trace->engine, event) : SIZE_MAX;
}

bool onus_trace_reads(const struct onus_trace *trace, const char *path)
{
    struct stat wanted;
    struct stat st;
    if (stat(path, &wanted) != 0) {
        return false;
    }
    for (size_t i = 0; i < trace->input_count; i++) {
        if (trace->inputs[i].descriptor >= 0 && fstat(trace->inputs[i].descriptor, &st) == 0 &&
                st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino) {
            return true;
        }
    }
    return false;
}

enum onus_code onus_trace_worst(const struct onus_trace *trace)
{
    bool any_log = false;
    for (size_t i = 0; i < trace->input_count; i++) {
        any_log = any_log || trace->inputs[i].format_count > 0;
    }
    enum onus_code worst = any_log ? ONUS_OK : ONUS_E_FORMAT;
    for (size_t i = 0; i < trace->input_count; i++) {
        const struct onus_input *input = &trace->inputs[i];
        bool matters = input->problem_code != ONUS_OK &&
                       !(input->from_folder && input->problem_code == ONUS_E_FORMAT &&
                               !input->facts.broke_off);
        if (matters && input->problem_code > worst) {
            worst = input->problem_code;
        }
        if (matters && input->problem_code == ONUS_E_IO) {
            return ONUS_E_IO;
        }
    }
    return worst;
}

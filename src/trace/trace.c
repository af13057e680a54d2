/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/trace_parts.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/str.h"
#include "trace/join.h"

enum {
    PATHS_LIMIT = 256 << 20,
    RESULT_LIMIT_GIB = 8,
};

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
        code = onus_trace_open_inputs(trace, err);
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
    for (size_t i = 0; trace->scanners && i < trace->block_room / ONUS_BLOCKS_PER_THREAD; i++) {
        onus_web_scanner_free(trace->scanners[i]);
    }
    for (size_t i = 0; trace->scratch && i < trace->block_room / ONUS_BLOCKS_PER_THREAD; i++) {
        onus_block_scratch_free(trace->scratch[i]);
    }
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        free(trace->shards[i].events);
        free(trace->shards[i].attempts);
        free(trace->plain[i].requests);
        free(trace->plain[i].before);
    }
    onus_engine_free(trace->engine);
    onus_pool_free(trace->pool);
    onus_arena_clear(&trace->paths);
    free(trace->inputs);
    free(trace->blocks);
    free(trace->scanners);
    free(trace->scratch);
    free(trace);
}

/* ---- the main pass: count ---- */

static enum onus_code add_event(struct onus_event_list *list, const struct onus_event *event,
        struct onus_error *err)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 1024;
        const struct onus_event **grown = realloc(list->events, room * sizeof(struct onus_event *));
        if (!grown) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        list->events = grown;
        list->room = room;
    }
    list->events[list->count++] = event;
    return ONUS_OK;
}

static enum onus_code more_plain_room(struct onus_plain_list *list, struct onus_error *err)
{
    size_t room = list->room ? list->room * 2 : 1024;
    const struct onus_plain_request **requests =
            realloc(list->requests, room * sizeof(struct onus_plain_request *));
    list->requests = requests ? requests : list->requests;
    uint32_t *before = realloc(list->before, room * sizeof(*before));
    list->before = before ? before : list->before;
    if (!requests || !before) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    list->room = room;
    return ONUS_OK;
}

static enum onus_code add_plain(struct onus_trace *trace, const struct onus_plain_request *plain,
        struct onus_error *err)
{
    struct onus_plain_list *list = &trace->plain[plain->shard];
    if (list->count == list->room) {
        enum onus_code code = more_plain_room(list, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    list->requests[list->count] = plain;
    list->before[list->count++] = (uint32_t)trace->shards[plain->shard].count;
    return ONUS_OK;
}

static enum onus_code sort_events(struct onus_trace *trace, const struct onus_event *events,
        size_t count, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        const struct onus_event *event = &events[i];
        if (event->kind != ONUS_EVENT_OTHER) {
            code = add_event(&trace->shards[onus_engine_shard_of(event)], event, err);
        }
    }
    return code;
}

/* Plain requests know how many events come before them, so lines are gone through in their order. */
static enum onus_code sort_lines(struct onus_trace *trace, const struct onus_block *block,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < block->line_count && code == ONUS_OK; i++) {
        const struct onus_line *line = &block->lines[i];
        if (line->is_plain) {
            code = add_plain(trace, &block->plain[line->first_event], err);
        } else if (line->event_count > 0) {
            code = sort_events(trace, &block->events[line->first_event], line->event_count, err);
        }
    }
    return code;
}

static enum onus_code sort_into_shards(struct onus_pass *pass, struct onus_block *block,
        struct onus_error *err)
{
    if (pass->feed) {
        enum onus_code code = onus_feed_take(pass->feed, block, pass->stitcher.input_index, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return block->plain_count > 0
                   ? sort_lines(pass->trace, block, err)
                   : sort_events(pass->trace, block->events, block->event_count, err);
}

struct apply_task {
    struct onus_trace *trace;
    struct onus_feed *feed;
    enum onus_code codes[ONUS_ENGINE_SHARDS];
    struct onus_error errors[ONUS_ENGINE_SHARDS];
};

static struct onus_event_batch batch_of(const struct onus_trace *trace, size_t shard)
{
    const struct onus_event_list *list = &trace->shards[shard];
    const struct onus_plain_list *plain = &trace->plain[shard];
    return (struct onus_event_batch){.events = list->events,
            .count = list->count,
            .attempts = list->attempts,
            .plain = plain->requests,
            .before = plain->before,
            .plain_count = plain->count};
}

static void apply_shard(void *data, size_t task, size_t worker)
{
    struct apply_task *apply = data;
    if (task >= ONUS_ENGINE_SHARDS) {
        onus_feed_work(apply->feed, task - ONUS_ENGINE_SHARDS, worker);
        return;
    }
    struct onus_event_batch batch = batch_of(apply->trace, task);
    apply->codes[task] =
            onus_engine_apply(apply->trace->engine, task, &batch, &apply->errors[task]);
}

/* Room beside every event of the round for what it adds. */
static enum onus_code want_attempts(struct onus_trace *trace, struct onus_error *err)
{
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        struct onus_event_list *list = &trace->shards[i];
        if (list->attempts_room < list->room) {
            uint32_t *grown = realloc(list->attempts, list->room * sizeof(*grown));
            if (!grown) {
                return onus_fail(err, ONUS_E_MEMORY, "out of memory");
            }
            list->attempts = grown;
            list->attempts_room = list->room;
        }
        if (list->count > 0) {
            memset(list->attempts, 0, list->count * sizeof(*list->attempts));
        }
    }
    return ONUS_OK;
}

static enum onus_code tell_attempts(struct onus_pass *pass, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS && code == ONUS_OK; i++) {
        struct onus_event_batch batch = batch_of(pass->trace, i);
        code = onus_feed_count(pass->feed, &batch, batch.attempts, err);
    }
    return code == ONUS_OK ? onus_feed_settle(pass->feed, err) : code;
}

static enum onus_code apply_round(struct onus_pass *pass, struct onus_error *err)
{
    struct apply_task apply = {.trace = pass->trace, .feed = pass->feed};
    size_t tasks = 0;
    enum onus_code code = pass->feed ? want_attempts(pass->trace, err) : ONUS_OK;
    if (code == ONUS_OK && pass->feed) {
        code = onus_feed_plan(pass->feed, &tasks, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    onus_pool_run(pass->trace->pool, ONUS_ENGINE_SHARDS + tasks, apply_shard, &apply);
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        if (apply.codes[i] != ONUS_OK) {
            if (err) {
                *err = apply.errors[i];
            }
            return apply.codes[i];
        }
    }
    code = pass->feed ? tell_attempts(pass, err) : ONUS_OK;
    for (size_t i = 0; i < ONUS_ENGINE_SHARDS; i++) {
        pass->trace->shards[i].count = 0;
        pass->trace->plain[i].count = 0;
    }
    return code;
}

static void judge_input(struct onus_input *input, bool stated_format)
{
    const struct onus_trace_input *facts = &input->facts;
    if (input->problem) {
        return;
    }
    if (facts->bytes == 0) {
        onus_trace_set_problem(input, ONUS_E_FORMAT, "is empty: there is nothing to trace");
    } else if (input->format_count == 0 || facts->parsed + facts->ignored == 0) {
        onus_trace_set_problem(input, ONUS_E_FORMAT,
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
    struct onus_pass pass = onus_pass_new(trace);
    pass.stitcher.reject = trace->options.reject;
    pass.stitcher.reject_data = trace->options.reject_data;
    /* A sink that wants the parts of a line needs its event. */
    pass.parse = (struct onus_block_options){.plain = !trace->options.sink ||
                                                      !trace->options.sink->wants_parts,
            .seed = trace->options.seed};
    pass.take = sort_into_shards;
    pass.end_round = apply_round;
    if (!trace->options.sink) {
        return onus_pass_run(&pass, err);
    }
    pass.feed = onus_feed_new(trace->options.sink, err);
    code = pass.feed ? onus_pass_run(&pass, err) : ONUS_E_MEMORY;
    if (code == ONUS_OK) {
        code = onus_feed_finish(pass.feed, trace->inputs, trace->input_count, err);
    }
    onus_feed_free(pass.feed);
    return code;
}

enum onus_code onus_trace_run(struct onus_trace *trace, const struct onus_ipdb *ipdb,
        struct onus_trace_result *result, struct onus_error *err)
{
    onus_arena_init(&result->arena, (size_t)RESULT_LIMIT_GIB << 30);
    result->first = result->last = ONUS_TIME_NONE;
    enum onus_code code = onus_trace_detect(trace, err);
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

static enum onus_code show_block(struct onus_pass *pass, struct onus_block *block,
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
    enum onus_code code = onus_trace_detect(trace, err);
    for (size_t i = 0; again && i < trace->input_count && code == ONUS_OK; i++) {
        if (onus_input_is_open(&trace->inputs[i])) {
            code = onus_input_rewind(&trace->inputs[i], err);
        }
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_pass pass = onus_pass_new(trace);
    pass.parse.keep_ignored = keep_ignored;
    pass.take = show_block;
    pass.visitor = visitor;
    pass.visitor_data = data;
    return onus_pass_run(&pass, err);
}

bool onus_trace_can_repeat(const struct onus_trace *trace)
{
    for (size_t i = 0; i < trace->input_count; i++) {
        if (onus_input_is_open(&trace->inputs[i]) && !trace->inputs[i].can_rewind) {
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

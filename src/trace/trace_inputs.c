/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/trace_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"
#include "sys/walk.h"
#include "trace/years.h"

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void onus_trace_set_problem(struct onus_input *input, enum onus_code code, const char *words)
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
    onus_trace_set_problem(input, ONUS_E_IO,
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

enum onus_code onus_trace_open_inputs(struct onus_trace *trace, struct onus_error *err)
{
    struct onus_walk walk;
    enum onus_code code = onus_walk(trace->options.operands, trace->options.operand_count,
            &trace->paths, &walk, err);
    if (code != ONUS_OK) {
        return code;
    }
    raise_descriptor_limit();
    size_t streams = trace->options.stream_count;
    trace->inputs = calloc(walk.count + streams + 1, sizeof(*trace->inputs));
    if (!trace->inputs) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (const struct onus_walk_entry *e = walk.first; e && code == ONUS_OK; e = e->next) {
        struct onus_input *input = &trace->inputs[trace->input_count++];
        input->from_folder = !is_operand(&trace->options, e->path);
        code = open_input(input, e->path, err);
    }
    for (size_t i = 0; i < streams && code == ONUS_OK; i++) {
        const struct onus_trace_stream *stream = &trace->options.streams[i];
        trace->inputs[trace->input_count++] = (struct onus_input){.path = stream->name,
                .facts = {.path = onus_str_of(stream->name)},
                .descriptor = -1,
                .parts = &stream->parts};
        trace->raw_total += stream->parts.raw_size;
    }
    return code == ONUS_OK && trace->input_count > 0 ? drop_twins(trace, err) : code;
}

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

enum onus_code onus_trace_detect(struct onus_trace *trace, struct onus_error *err)
{
    if (trace->detected) {
        return ONUS_OK;
    }
    enum onus_code code = onus_trace_make_workers(trace, err);
    for (size_t i = 0; i < trace->input_count && code == ONUS_OK; i++) {
        struct onus_input *input = &trace->inputs[i];
        input->first_time = ONUS_TIME_NONE;
        if (onus_input_is_open(input)) {
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

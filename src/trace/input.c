/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

enum {
    GROW_BY = 32 << 10
};

static enum onus_code open_reader(struct onus_input *input, struct onus_error *err)
{
    if (input->reader) {
        return ONUS_OK;
    }
    enum onus_code code =
            input->parts ? onus_reader_open_parts(input->parts, input->path, &input->reader, err)
                         : onus_reader_open(input->descriptor, input->path, &input->reader, err);
    if (code == ONUS_OK) {
        onus_reader_expect(input->reader, input->size);
        input->size = onus_reader_raw_size(input->reader);
    }
    return code;
}

static void close_reader(struct onus_input *input)
{
    onus_reader_close(input->reader);
    input->reader = NULL;
}

static enum onus_code grow(char **bytes, size_t *size, size_t need, struct onus_error *err)
{
    if (need <= *size) {
        return ONUS_OK;
    }
    /* What is carried over from block to block is now longer, now shorter: once is enough. */
    need += GROW_BY - need % GROW_BY;
    char *grown = realloc(*bytes, need);
    if (!grown) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    *bytes = grown;
    *size = need;
    return ONUS_OK;
}

/* Bytes from the kept head first, then from the reader. */
static enum onus_code read_some(struct onus_input *input, char *into, size_t size, size_t *got,
        struct onus_error *err)
{
    size_t count = input->head_length - input->head_used;
    if (count > 0) {
        count = count < size ? count : size;
        memcpy(into, input->head + input->head_used, count);
        input->head_used += count;
        *got = count;
        return ONUS_OK;
    }
    enum onus_code code = open_reader(input, err);
    return code == ONUS_OK ? onus_reader_read(input->reader, into, size, got, err) : code;
}

/* ---- the sample ---- */

struct sample {
    char *bytes;
    size_t length, size;
    bool ended; /* the sample is the whole input */
    bool in_long_line;
};

/* A line that is too long to be parsed tells no format: drop what was read of it, up to its end. */
static void drop_long_line(struct sample *sample, size_t fresh)
{
    const char *end = memchr(sample->bytes + fresh, '\n', sample->length - fresh);
    size_t gone = end ? (size_t)(end - sample->bytes) + 1 : sample->length;
    sample->in_long_line = !end;
    sample->length -= gone;
    memmove(sample->bytes, sample->bytes + gone, sample->length);
}

/* Read on until there are `want` bytes and a line end. A pipe's sample is kept, so it is bounded. */
static enum onus_code take_sample(struct onus_input *input, struct sample *sample, size_t want,
        struct onus_error *err)
{
    bool has_line = false;
    while (!sample->ended && (sample->length < want || !has_line) &&
            (sample->length < ONUS_LINE_MAX || input->can_rewind)) {
        enum onus_code code =
                grow(&sample->bytes, &sample->size, sample->length + ONUS_BLOCK_SIZE, err);
        if (code != ONUS_OK || !sample->bytes) {
            return code;
        }
        size_t got = 0;
        size_t fresh = sample->length;
        code = onus_reader_read(input->reader, sample->bytes + fresh, ONUS_BLOCK_SIZE, &got, NULL);
        if (code == ONUS_E_MEMORY) {
            return onus_fail(err, code, "out of memory");
        }
        if (code != ONUS_OK || got == 0) {
            sample->ended = true; /* damage is reported when the input is read for good */
            break;
        }
        sample->length += got;
        if (sample->in_long_line ||
                (input->can_rewind && !has_line && sample->length >= ONUS_LINE_MAX)) {
            drop_long_line(sample, fresh);
            fresh = 0;
        }
        has_line = has_line || memchr(sample->bytes + fresh, '\n', sample->length - fresh) != NULL;
    }
    return ONUS_OK;
}

struct detection {
    struct onus_input *input;
    struct onus_parse_context context;
    const struct onus_format *only;
    char *states; /* onus_format_count times ONUS_FORMAT_STATE_MAX */
    struct onus_arena arena;
    bool found[64];
    size_t accepted;
    size_t seen;
};

static struct onus_event *no_more(void *data)
{
    (void)data;
    return NULL;
}

static void note_first_time(struct onus_input *input, const struct onus_event *event)
{
    if (input->first_time == ONUS_TIME_NONE && !(event->marks & ONUS_MARK_NO_TIME) &&
            event->time != ONUS_TIME_NONE) {
        input->first_time = event->time;
        input->first_marks = event->marks;
    }
}

static bool offer(struct detection *d, size_t format, struct onus_str text)
{
    struct onus_event event = {.time = ONUS_TIME_NONE};
    d->context.state = onus_formats[format]->state_size > 0
                               ? d->states + format * ONUS_FORMAT_STATE_MAX
                               : NULL;
    if (onus_formats[format]->parse(&d->context, text, &event) == ONUS_LINE_UNPARSED) {
        return false;
    }
    note_first_time(d->input, &event);
    d->found[format] = true;
    d->accepted++;
    return true;
}

static struct onus_str without_line_end(struct onus_str text)
{
    (void)onus_str_drop(&text, ONUS_STR("\n"));
    (void)onus_str_drop(&text, ONUS_STR("\r"));
    return text;
}

static void offer_to_all(struct detection *d, struct onus_str text)
{
    d->seen++;
    for (size_t i = 0; i < onus_format_count; i++) {
        if ((!d->only || onus_formats[i] == d->only) && offer(d, i, text)) {
            return;
        }
    }
}

/* A format of records takes the whole input when it accepts the first record. */
static bool try_records(struct detection *d, const struct sample *sample)
{
    struct onus_str text = {sample->bytes, sample->length};
    while (text.len > 0 && (text.ptr[0] == '\n' || text.ptr[0] == '\r')) {
        text = onus_str_from(text, 1);
    }
    for (size_t i = 0; i < onus_format_count; i++) {
        if (!onus_formats[i]->record || (d->only && onus_formats[i] != d->only)) {
            continue;
        }
        size_t raw = text.len > 0 ? onus_formats[i]->record(text, sample->ended) : 0;
        if (raw > 0 && raw <= text.len &&
                offer(d, i, without_line_end(onus_str_sub(text, 0, raw)))) {
            return true;
        }
    }
    return false;
}

static void try_lines(struct detection *d, const struct sample *sample)
{
    struct onus_str text = {sample->bytes, sample->length};
    for (size_t n = 0; n < ONUS_SAMPLE_LINES && text.len > 0; n++) {
        size_t end = onus_str_find_char(text, '\n');
        if (end == ONUS_STR_NPOS && !sample->ended && n > 0) {
            return; /* cut by the sample, not by the input */
        }
        struct onus_str line =
                without_line_end(onus_str_sub(text, 0, end == ONUS_STR_NPOS ? text.len : end));
        text = end == ONUS_STR_NPOS ? ONUS_STR_NONE : onus_str_from(text, end + 1);
        if (onus_str_trim(line).len > 0) {
            offer_to_all(d, line);
        }
    }
}

static enum onus_code settle(struct detection *d, struct onus_error *err)
{
    struct onus_input *input = d->input;
    for (size_t i = 0; i < onus_format_count && input->format_count < ONUS_INPUT_FORMATS; i++) {
        if (!d->found[i] && onus_formats[i] != d->only) {
            continue;
        }
        size_t slot = input->format_count++;
        input->formats[slot] = onus_formats[i];
        if (onus_formats[i]->state_size > 0) {
            input->states[slot] = calloc(1, ONUS_FORMAT_STATE_MAX);
            input->stateful = true;
            if (!input->states[slot]) {
                return onus_fail(err, ONUS_E_MEMORY, "out of memory");
            }
        }
    }
    return ONUS_OK;
}

static enum onus_code judge_sample(struct detection *d, struct sample *sample,
        struct onus_error *err)
{
    enum onus_code code = take_sample(d->input, sample, ONUS_BLOCK_SIZE, err);
    if (code != ONUS_OK || try_records(d, sample)) {
        return code;
    }
    try_lines(d, sample);
    if (d->accepted == 0 && !sample->ended) { /* one record may be larger than the first sample */
        code = take_sample(d->input, sample, 8 << 20, err);
        if (code == ONUS_OK && !try_records(d, sample)) {
            try_lines(d, sample);
        }
    }
    return code;
}

/* What was read of a pipe cannot be read again: keep it. */
static void keep_or_rewind(struct onus_input *input, struct sample *sample)
{
    if (input->can_rewind) {
        free(sample->bytes);
        close_reader(input);
        if (!input->parts) {
            (void)lseek(input->descriptor, 0, SEEK_SET);
        }
        return;
    }
    input->head = sample->bytes;
    input->head_length = sample->length;
    input->head_used = 0;
}

enum onus_code onus_input_detect(struct onus_input *input, const struct onus_format *only,
        struct onus_web_scanner *web, struct onus_error *err)
{
    struct detection d = {.input = input, .only = only};
    struct sample sample = {0};
    d.states = calloc(onus_format_count, ONUS_FORMAT_STATE_MAX);
    if (!d.states) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    onus_arena_init(&d.arena, 256 << 20);
    d.context = (struct onus_parse_context){.arena = &d.arena, .web = web, .more = no_more};
    input->first_time = ONUS_TIME_NONE;
    enum onus_code code = open_reader(input, err);
    if (code == ONUS_OK) {
        input->changed = onus_reader_changed(input->reader);
        input->can_rewind = input->parts || onus_reader_changed(input->reader) != INT64_MIN;
        code = judge_sample(&d, &sample, err);
    }
    if (code == ONUS_OK) {
        code = settle(&d, err);
    }
    keep_or_rewind(input, &sample);
    onus_arena_clear(&d.arena);
    free(d.states);
    return code;
}

/* ---- blocks ---- */

/* Bytes of `block` that form whole records; 0 when not even one is. No line ends before `fresh`. */
static size_t whole_records(const struct onus_input *input, const struct onus_block *block,
        size_t fresh)
{
    const struct onus_format *records = onus_input_record_format(input);
    if (!records) {
        const char *end = memrchr(block->bytes + fresh, '\n', block->length - fresh);
        return end ? (size_t)(end - block->bytes) + 1 : 0;
    }
    size_t at = 0;
    while (at < block->length) {
        size_t raw =
                records->record((struct onus_str){block->bytes + at, block->length - at}, false);
        if (raw == 0 || raw > block->length - at) {
            break;
        }
        at += raw;
    }
    return at;
}

static enum onus_code keep_carry(struct onus_input *input, struct onus_block *block, size_t whole,
        struct onus_error *err)
{
    size_t rest = block->length - whole;
    enum onus_code code = grow(&input->carry, &input->carry_size, rest, err);
    if (code == ONUS_OK) {
        if (rest > 0) {
            memcpy(input->carry, block->bytes + whole, rest);
        }
        input->carry_length = rest;
        block->length = whole;
    }
    return code;
}

static void note_problem(struct onus_input *input, enum onus_code code,
        const struct onus_error *why)
{
    input->problem_code = code;
    input->facts.broke_off = input->facts.broke_off || code == ONUS_E_FORMAT;
    /* A read that fails has a reason of the system; an end that comes too early has none. */
    input->facts.shrank = input->facts.shrank || (code == ONUS_E_IO && why->sys_errno == 0);
    struct onus_str words = onus_str_of(why->text);
    struct onus_str name = onus_str_of(input->path);
    if (onus_str_skip(&words, name)) {
        (void)onus_str_skip(&words, ONUS_STR(": "));
    }
    free(input->problem);
    input->problem = strndup(words.ptr, words.len);
    input->facts.problem = onus_str_of(input->problem);
}

/* Append what the next read gives; false at the end, clean or not. */
static enum onus_code append_read(struct onus_input *input, struct onus_block *block, bool *more,
        struct onus_error *err)
{
    enum onus_code code = grow(&block->bytes, &block->size, block->length + ONUS_BLOCK_SIZE, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_error why = ONUS_ERROR_INIT;
    size_t got = 0;
    code = read_some(input, block->bytes + block->length, ONUS_BLOCK_SIZE, &got, &why);
    if (code == ONUS_E_MEMORY) {
        return onus_fail(err, code, "out of memory");
    }
    if (code != ONUS_OK) {
        note_problem(input, code, &why);
        got = 0;
    }
    block->length += got;
    *more = got > 0;
    return ONUS_OK;
}

static enum onus_code take_carry(struct onus_input *input, struct onus_block *block,
        struct onus_error *err)
{
    block->length = 0;
    enum onus_code code =
            grow(&block->bytes, &block->size, input->carry_length + ONUS_BLOCK_SIZE, err);
    if (code == ONUS_OK && input->carry_length > 0) {
        memcpy(block->bytes, input->carry, input->carry_length);
        block->length = input->carry_length;
        input->carry_length = 0;
    }
    return code;
}

/* Inside a line that is too long: hand out pieces up to its end. */
static enum onus_code fill_long_line(struct onus_input *input, struct onus_block *block,
        struct onus_error *err)
{
    bool more = true;
    if (block->length == 0) {
        enum onus_code code = append_read(input, block, &more, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    block->too_long = true;
    const char *end = block->length > 0 ? memchr(block->bytes, '\n', block->length) : NULL;
    block->long_line_ends = end || !more;
    if (end) {
        input->in_long_line = false;
        return keep_carry(input, block, (size_t)(end - block->bytes) + 1, err);
    }
    if (!more) {
        input->ended = true;
    }
    return block->length > 0 || block->long_line_ends ? ONUS_OK : ONUS_END;
}

enum onus_code onus_input_fill(struct onus_input *input, struct onus_block *block,
        struct onus_error *err)
{
    block->input = input;
    block->parsed = block->too_long = block->long_line_ends = false;
    block->line_count = block->event_count = 0;
    block->failed = ONUS_OK;
    if (input->ended) {
        return ONUS_END;
    }
    enum onus_code code = take_carry(input, block, err);
    if (code == ONUS_OK && input->in_long_line) {
        return fill_long_line(input, block, err);
    }
    bool more = true;
    size_t whole = 0;
    while (code == ONUS_OK && whole == 0) {
        size_t fresh = block->length;
        code = append_read(input, block, &more, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (!more) { /* the last record may lack its line end */
            input->ended = true;
            input->facts.cut_line = block->length > 0 && block->bytes[block->length - 1] != '\n';
            return block->length > 0 ? ONUS_OK : ONUS_END;
        }
        whole = whole_records(input, block, fresh);
        if (whole == 0 && block->length >= ONUS_LINE_MAX) {
            input->in_long_line = true;
            return fill_long_line(input, block, err);
        }
    }
    return code == ONUS_OK ? keep_carry(input, block, whole, err) : code;
}

enum onus_code onus_input_rewind(struct onus_input *input, struct onus_error *err)
{
    if (!input->can_rewind || (!input->parts && lseek(input->descriptor, 0, SEEK_SET) != 0)) {
        return onus_fail(err, ONUS_E_IO, "'%s' cannot be read a second time", input->path);
    }
    close_reader(input);
    input->ended = input->in_long_line = false;
    input->facts.cut_line = false;
    input->carry_length = 0;
    for (size_t i = 0; i < input->format_count; i++) {
        if (input->states[i]) {
            memset(input->states[i], 0, ONUS_FORMAT_STATE_MAX);
        }
    }
    return ONUS_OK;
}

void onus_input_stop(struct onus_input *input)
{
    close_reader(input);
    free(input->carry);
    input->carry = NULL;
    input->carry_length = input->carry_size = 0;
}

void onus_input_clear(struct onus_input *input)
{
    close_reader(input);
    if (input->descriptor > 0) {
        (void)close(input->descriptor);
    }
    for (size_t i = 0; i < input->format_count; i++) {
        free(input->states[i]);
    }
    free(input->head);
    free(input->carry);
    free(input->problem);
    *input = (struct onus_input){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/feed.h"

#include <stdlib.h>

#include "base/str.h"
#include "trace/input.h"

struct line_list {
    struct onus_sink_line *items;
    size_t count, room;
};

struct part_list {
    struct onus_sink_part *items;
    size_t count, room;
};

struct extra_list {
    struct onus_sink_extra *items;
    size_t count, room;
};

/* One block of the round, and what was made of it. */
struct fed {
    const struct onus_block *block;
    struct line_list lines;
    struct part_list parts;
    struct extra_list extras;
};

struct onus_feed {
    const struct onus_line_sink *sink;
    struct fed *fed;
    size_t fed_count, fed_room;
    struct onus_sink_block *blocks;
    const struct onus_input *input; /* begun and not ended; NULL: none */
    uint32_t input_index;
    uint32_t next_input; /* those before it have begun */
    bool too_long;       /* a line of the input in hand is too long: nothing after it is told */
};

struct onus_feed *onus_feed_new(const struct onus_line_sink *sink, struct onus_error *err)
{
    struct onus_feed *feed = calloc(1, sizeof(*feed));
    if (!feed) {
        (void)onus_fail(err, ONUS_E_MEMORY, "out of memory");
        return NULL;
    }
    feed->sink = sink;
    return feed;
}

void onus_feed_free(struct onus_feed *feed)
{
    if (!feed) {
        return;
    }
    for (size_t i = 0; i < feed->fed_room; i++) {
        free(feed->fed[i].lines.items);
        free(feed->fed[i].parts.items);
        free(feed->fed[i].extras.items);
    }
    free(feed->fed);
    free(feed->blocks);
    free(feed);
}

/* Room for `more` further items; NULL when there is no memory, and the list is as it was. */
static void *grown(void *items, size_t *room, size_t count, size_t more, size_t size,
        struct onus_error *err)
{
    if (count + more <= *room) {
        return items;
    }
    size_t wanted = *room * 2 > count + more ? *room * 2 : count + more + 1024;
    void *bigger = realloc(items, wanted * size);
    if (!bigger) {
        (void)onus_fail(err, ONUS_E_MEMORY, "out of memory");
        return NULL;
    }
    *room = wanted;
    return bigger;
}

static struct onus_sink_line *add_line(struct line_list *list, struct onus_error *err)
{
    void *items = grown(list->items, &list->room, list->count, 1, sizeof(*list->items), err);
    if (!items) {
        return NULL;
    }
    list->items = items;
    return &list->items[list->count++];
}

static struct fed *add_fed(struct onus_feed *feed, struct onus_error *err)
{
    if (feed->fed_count == feed->fed_room) {
        size_t room = feed->fed_room;
        struct fed *items = grown(feed->fed, &room, feed->fed_count, 1, sizeof(*feed->fed), err);
        if (!items) {
            return NULL;
        }
        memset(items + feed->fed_room, 0, (room - feed->fed_room) * sizeof(*items));
        feed->fed = items;
        struct onus_sink_block *blocks = realloc(feed->blocks, room * sizeof(*blocks));
        if (!blocks) {
            (void)onus_fail(err, ONUS_E_MEMORY, "out of memory");
            return NULL;
        }
        feed->blocks = blocks;
        feed->fed_room = room;
    }
    struct fed *fed = &feed->fed[feed->fed_count++];
    fed->lines.count = fed->parts.count = fed->extras.count = 0;
    return fed;
}

/* ---- parts ---- */

enum {
    VIEWS_MAX = 8
};

struct view {
    struct onus_str text;
    uint8_t kind;
};

/* Views that lie within the line, by place; one that lies elsewhere was unescaped and cuts nothing. */
static size_t views_within(const struct onus_event *event, struct onus_str line,
        struct view out[static VIEWS_MAX])
{
    const struct view all[] = {{event->time_text, ONUS_PART_TIME},
            {event->program, ONUS_PART_PROGRAM}, {event->account, ONUS_PART_ACCOUNT},
            {event->source_text, ONUS_PART_SOURCE}, {event->target, ONUS_PART_TARGET},
            {event->agent, ONUS_PART_AGENT}};
    size_t count = 0;
    for (size_t i = 0; i < ONUS_COUNT(all); i++) {
        uintptr_t at = (uintptr_t)all[i].text.ptr;
        bool within = all[i].text.len > 0 && at >= (uintptr_t)line.ptr &&
                      at - (uintptr_t)line.ptr <= line.len &&
                      all[i].text.len <= line.len - (at - (uintptr_t)line.ptr);
        if (!within) {
            continue;
        }
        size_t place = count++;
        while (place > 0 && out[place - 1].text.ptr > all[i].text.ptr) {
            out[place] = out[place - 1];
            place--;
        }
        out[place] = all[i];
    }
    return count;
}

static void add_part(struct onus_sink_part *parts, uint8_t *count, size_t from, size_t to,
        uint8_t kind)
{
    if (to > from) {
        parts[(*count)++] = (struct onus_sink_part){.offset = (uint32_t)from,
                .length = (uint32_t)(to - from),
                .kind = kind};
    }
}

/* Cut the line along what its event names; what lies between is text. */
static enum onus_code cut_line(struct fed *fed, struct onus_sink_line *line,
        const struct onus_event *event, struct onus_error *err)
{
    void *items = grown(fed->parts.items, &fed->parts.room, fed->parts.count, ONUS_SINK_PARTS_MAX,
            sizeof(*fed->parts.items), err);
    if (!items) {
        return ONUS_E_MEMORY;
    }
    fed->parts.items = items;
    struct onus_sink_part *parts = &fed->parts.items[fed->parts.count];
    struct onus_str text = {fed->block->bytes + line->offset, line->length};
    struct view views[VIEWS_MAX];
    size_t count = event ? views_within(event, text, views) : 0;
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        size_t from = (size_t)(views[i].text.ptr - text.ptr);
        /* Each view takes two places, and the rest of the line wants one. */
        if (from < done || line->part_count + 3 > ONUS_SINK_PARTS_MAX) {
            continue;
        }
        add_part(parts, &line->part_count, done, from, ONUS_PART_TEXT);
        done = from + views[i].text.len;
        add_part(parts, &line->part_count, from, done, views[i].kind);
    }
    add_part(parts, &line->part_count, done, text.len, ONUS_PART_TEXT);
    if (line->part_count == 0) { /* an empty line is one empty part */
        parts[line->part_count++] = (struct onus_sink_part){.kind = ONUS_PART_TEXT};
    }
    line->first_part = (uint32_t)fed->parts.count;
    fed->parts.count += line->part_count;
    return ONUS_OK;
}

/* ---- lines ---- */

/* The source of a record: that of its first event that names one, or NULL. */
static const struct onus_address *source_of(const struct onus_block *block,
        const struct onus_line *record)
{
    if (record->is_plain) {
        return &block->plain[record->first_event].source;
    }
    for (uint32_t i = 0; i < record->event_count; i++) {
        const struct onus_event *event = &block->events[record->first_event + i];
        if (event->has_source) {
            return &event->source;
        }
    }
    return NULL;
}

static enum onus_code feed_record(struct onus_feed *feed, struct fed *fed,
        const struct onus_line *record, struct onus_error *err)
{
    const struct onus_block *block = fed->block;
    const struct onus_address *source = source_of(block, record);
    const struct onus_event *cut =
            record->event_count > 0 ? &block->events[record->first_event] : NULL;
    size_t at = record->offset;
    size_t end = at + record->raw_length;
    while (at < end) {
        const char *feed_at = memchr(block->bytes + at, '\n', end - at);
        size_t next = feed_at ? (size_t)(feed_at - block->bytes) + 1 : end;
        struct onus_sink_line *line = add_line(&fed->lines, err);
        if (!line) {
            return ONUS_E_MEMORY;
        }
        *line = (struct onus_sink_line){.offset = (uint32_t)at,
                .length = (uint32_t)(next - at - (feed_at != NULL)),
                .time = record->time,
                .ended = feed_at != NULL,
                .has_source = source != NULL};
        if (source) {
            line->source = *source;
        }
        if (feed->sink->wants_parts) {
            enum onus_code code = cut_line(fed, line, next == end ? cut : NULL, err);
            if (code != ONUS_OK) {
                return code;
            }
        }
        at = next;
    }
    return ONUS_OK;
}

static enum onus_code end_input(struct onus_feed *feed, struct onus_error *err)
{
    const struct onus_input *input = feed->input;
    if (!input) {
        return ONUS_OK;
    }
    feed->input = NULL;
    enum onus_code why = input->problem ? input->problem_code : ONUS_OK;
    why = feed->too_long ? ONUS_E_LIMIT : why;
    return feed->sink->end(feed->sink->data, feed->input_index, why == ONUS_OK, why, err);
}

/* The inputs up to and with this one begin; those that gave no block end at once. */
static enum onus_code begin_input(struct onus_feed *feed, const struct onus_input *input,
        uint32_t index, struct onus_error *err)
{
    enum onus_code code = end_input(feed, err);
    if (code == ONUS_OK) {
        feed->input = input;
        feed->input_index = index;
        feed->next_input = index + 1;
        feed->too_long = false;
        code = feed->sink->begin(feed->sink->data, index, input->path, err);
    }
    return code;
}

/* Inputs that could not be opened, or are empty: the sink hears of them in their order. */
static enum onus_code pass_over(struct onus_feed *feed, const struct onus_input *inputs,
        uint32_t until, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    while (feed->next_input < until && code == ONUS_OK) {
        code = begin_input(feed, &inputs[feed->next_input], feed->next_input, err);
    }
    return code;
}

enum onus_code onus_feed_take(struct onus_feed *feed, const struct onus_block *block,
        uint32_t input, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    if (feed->input != block->input) {
        code = pass_over(feed, block->input - input, input, err);
        if (code == ONUS_OK) {
            code = begin_input(feed, block->input, input, err);
        }
    }
    feed->too_long = feed->too_long || block->too_long;
    if (code != ONUS_OK || feed->too_long) {
        return code;
    }
    struct fed *fed = add_fed(feed, err);
    if (!fed) {
        return ONUS_E_MEMORY;
    }
    fed->block = block;
    for (size_t i = 0; i < block->line_count && code == ONUS_OK; i++) {
        code = feed_record(feed, fed, &block->lines[i], err);
    }
    return code;
}

/* ---- the round ---- */

static void make_blocks(struct onus_feed *feed)
{
    for (size_t i = 0; i < feed->fed_count; i++) {
        const struct fed *fed = &feed->fed[i];
        feed->blocks[i] = (struct onus_sink_block){.input = feed->input_index,
                .bytes = fed->block->bytes,
                .length = fed->block->length,
                .lines = fed->lines.items,
                .line_count = fed->lines.count,
                .parts = fed->parts.items,
                .extras = fed->extras.items,
                .extra_count = fed->extras.count};
    }
}

enum onus_code onus_feed_plan(struct onus_feed *feed, size_t *tasks, struct onus_error *err)
{
    *tasks = 0;
    if (feed->fed_count == 0) {
        return ONUS_OK;
    }
    make_blocks(feed);
    return feed->sink->plan(feed->sink->data, feed->blocks, feed->fed_count, tasks, err);
}

void onus_feed_work(struct onus_feed *feed, size_t task, size_t worker)
{
    feed->sink->work(feed->sink->data, task, worker);
}

/* The block of the round that holds a line of this number. */
static struct fed *block_of(struct onus_feed *feed, uint64_t number)
{
    size_t low = 0;
    size_t high = feed->fed_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (feed->fed[middle].block->first_line <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &feed->fed[low];
}

static enum onus_code add_extra(struct fed *fed, uint32_t line, const struct onus_event *event,
        uint32_t attempts, struct onus_error *err)
{
    void *items = grown(fed->extras.items, &fed->extras.room, fed->extras.count, 1,
            sizeof(*fed->extras.items), err);
    if (!items) {
        return ONUS_E_MEMORY;
    }
    fed->extras.items = items;
    fed->extras.items[fed->extras.count++] =
            (struct onus_sink_extra){.line = line, .attempts = attempts, .source = event->source};
    return ONUS_OK;
}

enum onus_code onus_feed_count(struct onus_feed *feed, const struct onus_event_batch *batch,
        const uint32_t *attempts, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < batch->count && feed->fed_count > 0 && code == ONUS_OK; i++) {
        if (attempts[i] == 0) {
            continue;
        }
        const struct onus_event *event = batch->events[i];
        struct fed *fed = block_of(feed, event->ref.line);
        uint64_t index = event->ref.line - fed->block->first_line;
        if (event->ref.line < fed->block->first_line || index >= fed->lines.count) {
            return onus_fail(err, ONUS_E_BUG, "line %llu was counted but not read",
                    (unsigned long long)event->ref.line);
        }
        struct onus_sink_line *line = &fed->lines.items[index];
        bool other = event->has_source && !onus_address_eq(&event->source, &line->source);
        if (other) {
            code = add_extra(fed, (uint32_t)index, event, attempts[i], err);
        } else {
            line->attempts += attempts[i];
        }
    }
    return code;
}

/* Extras came by shard; their order must not depend on hashes. */
static int by_line_then_source(const void *a, const void *b)
{
    const struct onus_sink_extra *x = a;
    const struct onus_sink_extra *y = b;
    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    return memcmp(x->source.bytes, y->source.bytes, sizeof(x->source.bytes));
}

enum onus_code onus_feed_settle(struct onus_feed *feed, struct onus_error *err)
{
    if (feed->fed_count == 0) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < feed->fed_count; i++) {
        if (feed->fed[i].extras.count > 1) {
            qsort(feed->fed[i].extras.items, feed->fed[i].extras.count,
                    sizeof(*feed->fed[i].extras.items), by_line_then_source);
        }
    }
    make_blocks(feed);
    size_t count = feed->fed_count;
    feed->fed_count = 0;
    return feed->sink->settle(feed->sink->data, feed->blocks, count, err);
}

enum onus_code onus_feed_finish(struct onus_feed *feed, const struct onus_input *inputs,
        size_t input_count, struct onus_error *err)
{
    enum onus_code code = pass_over(feed, inputs, (uint32_t)input_count, err);
    return code == ONUS_OK ? end_input(feed, err) : code;
}

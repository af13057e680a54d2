/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/block_parts.h"

#include <stdlib.h>

#include "base/str.h"
#include "trace/input.h"
#include "trace/syslog.h"
#include "trace/web.h"

enum {
    FIRST_LINES = 1024,
    ARENA_LIMIT = 512 << 20
};

void onus_block_free(struct onus_block *block)
{
    free(block->bytes);
    free(block->lines);
    free(block->events);
    free(block->plain);
    onus_arena_clear(&block->arena);
    *block = (struct onus_block){0};
}

struct onus_line *onus_block_add_line(struct onus_block *block)
{
    if (block->line_count == block->line_room) {
        size_t room = block->line_room ? block->line_room * 2 : FIRST_LINES;
        struct onus_line *grown = realloc(block->lines, room * sizeof(*grown));
        if (!grown) {
            block->failed = ONUS_E_MEMORY;
            return NULL;
        }
        block->lines = grown;
        block->line_room = room;
    }
    return &block->lines[block->line_count++];
}

struct onus_event *onus_block_room_for_event(struct onus_block *block)
{
    if (block->event_count == block->event_room) {
        size_t room = block->event_room ? block->event_room * 2 : FIRST_LINES;
        struct onus_event *grown = realloc(block->events, room * sizeof(*grown));
        if (!grown) {
            block->failed = ONUS_E_MEMORY;
            return NULL;
        }
        block->events = grown;
        block->event_room = room;
    }
    return &block->events[block->event_count];
}

/* Room for one more event, not yet counted. */
static struct onus_event *spare_event(struct onus_block *block)
{
    struct onus_event *event = onus_block_room_for_event(block);
    if (event) {
        onus_event_clear(event);
    }
    return event;
}

/*
 * Further events of the record in hand. The array may move while a parser still holds its first
 * event, so they gather in a list of their own first.
 */
struct further {
    struct onus_arena *arena;
    struct further_event *first, **last;
    size_t count;
};

struct further_event {
    struct further_event *next;
    struct onus_event event;
};

static struct onus_event *add_further(void *opaque)
{
    struct further *further = opaque;
    struct further_event *node = onus_arena_alloc(further->arena, sizeof(*node));
    if (!node) {
        return NULL;
    }
    node->event.time = ONUS_TIME_NONE;
    *further->last = node;
    further->last = &node->next;
    further->count++;
    return &node->event;
}

static enum onus_line_verdict try_formats(struct onus_block *block,
        struct onus_parse_context *context, struct onus_str text, struct onus_line *line,
        struct onus_event *event)
{
    const struct onus_input *input = block->input;
    struct further *further = context->more_data;
    for (size_t i = 0; i < input->format_count; i++) {
        if (i > 0) {
            onus_event_clear(event);
            further->first = NULL;
            further->last = &further->first;
            further->count = 0;
        }
        context->state = input->formats[i]->state_size > 0 ? input->states[i] : NULL;
        enum onus_line_verdict verdict = input->formats[i]->parse(context, text, event);
        if (verdict != ONUS_LINE_UNPARSED) {
            line->format = (uint8_t)i;
            if (input->formats[i]->traits & ONUS_FORMAT_UTC) {
                event->marks &= (uint16_t)~ONUS_MARK_NO_ZONE;
            }
            return verdict;
        }
    }
    return ONUS_LINE_UNPARSED;
}

static bool is_blank_line(struct onus_str text)
{
    bool begins_blank = text.len == 0 || text.ptr[0] == ' ' || text.ptr[0] == '\t';
    return begins_blank && onus_str_trim(text).len == 0;
}

static void keep_events(struct onus_block *block, struct onus_line *line, struct further *further)
{
    line->first_event = (uint32_t)block->event_count;
    line->event_count = 1 + (uint32_t)further->count;
    block->event_count++;
    for (const struct further_event *node = further->first; node; node = node->next) {
        struct onus_event *slot = spare_event(block);
        if (!slot) {
            return;
        }
        *slot = node->event;
        block->event_count++;
    }
}

void onus_block_parse_record(struct onus_block *block, struct onus_parse_context *context,
        size_t offset, size_t raw_length, uint32_t span, bool keep_ignored)
{
    struct onus_line *line = onus_block_add_line(block);
    struct onus_event *event = line ? spare_event(block) : NULL;
    if (!event) {
        return;
    }
    struct onus_str text = {block->bytes + offset, raw_length};
    (void)onus_str_drop(&text, ONUS_STR("\n"));
    (void)onus_str_drop(&text, ONUS_STR("\r"));
    *line = (struct onus_line){.offset = (uint32_t)offset,
            .length = (uint32_t)text.len,
            .raw_length = (uint32_t)raw_length,
            .span = span,
            .time = ONUS_TIME_NONE};
    if (keep_ignored) {
        context->envelope = onus_arena_alloc(&block->arena, sizeof(*context->envelope));
        line->envelope = context->envelope;
    }
    struct further *further = context->more_data;
    further->first = NULL;
    further->last = &further->first;
    further->count = 0;
    line->verdict = ONUS_LINE_IGNORED;
    if (!is_blank_line(text)) {
        line->verdict = (uint8_t)try_formats(block, context, text, line, event);
    }
    if (line->verdict == ONUS_LINE_UNPARSED) {
        return;
    }
    line->time = event->marks & ONUS_MARK_NO_TIME ? ONUS_TIME_NONE : event->time;
    line->marks = event->marks;
    if (line->verdict == ONUS_LINE_PARSED || keep_ignored) {
        keep_events(block, line, further);
    }
}

static void parse_lines(struct onus_block *block, struct onus_parse_context *context,
        bool keep_ignored)
{
    size_t at = 0;
    while (at < block->length && block->failed == ONUS_OK) {
        const char *end = memchr(block->bytes + at, '\n', block->length - at);
        size_t raw = end ? (size_t)(end - (block->bytes + at)) + 1 : block->length - at;
        onus_block_parse_record(block, context, at, raw, 1, keep_ignored);
        at += raw;
    }
}

static uint32_t count_lines(struct onus_str text)
{
    uint32_t count = 0;
    while (text.len > 0) {
        size_t at = onus_str_find_char(text, '\n');
        count++;
        if (at == ONUS_STR_NPOS) {
            break;
        }
        text = onus_str_from(text, at + 1);
    }
    return count;
}

static void parse_records(struct onus_block *block, struct onus_parse_context *context,
        const struct onus_format *format, bool keep_ignored)
{
    size_t at = 0;
    while (at < block->length && block->failed == ONUS_OK) {
        struct onus_str rest = {block->bytes + at, block->length - at};
        size_t raw = format->record(rest, true);
        if (raw == 0 || raw > rest.len) {
            raw = rest.len;
        }
        onus_block_parse_record(block, context, at, raw, count_lines(onus_str_sub(rest, 0, raw)),
                keep_ignored);
        at += raw;
    }
}

void onus_block_parse(struct onus_block *block, struct onus_web_scanner *web,
        struct onus_block_scratch *scratch, const struct onus_block_options *options)
{
    block->line_count = 0;
    block->event_count = 0;
    block->plain_count = 0;
    onus_arena_clear(&block->arena);
    onus_arena_init(&block->arena, ARENA_LIMIT);
    block->parsed = true;
    if (block->too_long) {
        return;
    }
    struct onus_clf_memo clf = {.known = false};
    struct onus_syslog_memo syslog = {.has_time = false};
    struct further further = {.arena = &block->arena};
    struct onus_parse_context context = {.arena = &block->arena,
            .web = web,
            .more = add_further,
            .more_data = &further,
            .clf = &clf,
            .syslog = &syslog};
    const struct onus_format *records = onus_input_record_format(block->input);
    if (records) {
        parse_records(block, &context, records, options->keep_ignored);
    } else if (!options->keep_ignored && onus_block_is_quoted(block)) {
        onus_block_parse_quoted(block, &context, scratch, options);
    } else {
        parse_lines(block, &context, options->keep_ignored);
    }
    if (block->failed == ONUS_OK) {
        block->failed = onus_web_scanner_status(web);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/block_parts.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "text/marks.h"
#include "trace/format_access.h"
#include "trace/web.h"

enum {
    CACHE_LINE = 64,
    AT_ONCE = 64 << 10, /* bytes indexed ahead: they wait in a near cache until they are parsed */
    FIRST_LINES = 1024,
    PENDING = 8,
    QUOTES = ONUS_COUNT(((struct onus_access_quotes *)0)->at),
};

_Static_assert(sizeof(struct onus_plain_request) == CACHE_LINE, "a request is one cache line");

/* A line that is read, but not yet inspected. */
struct pending {
    struct onus_event event;
    struct onus_web_hashes hashes;
    struct onus_str raw;
    uint32_t length; /* without the line end */
};

struct onus_block_scratch {
    struct pending pending[PENDING];
    size_t count;
    uint32_t marks[AT_ONCE + QUOTES + 1 + ONUS_MARKS_SLACK];
};

struct onus_block_scratch *onus_block_scratch_new(void)
{
    struct onus_block_scratch *scratch = malloc(sizeof(*scratch)); /* mostly never touched */
    if (scratch) {
        scratch->count = 0;
    }
    return scratch;
}

void onus_block_scratch_free(struct onus_block_scratch *scratch)
{
    free(scratch);
}

bool onus_block_is_quoted(const struct onus_block *block)
{
    return block->input->format_count > 0 && block->input->formats[0] == &onus_format_combined;
}

static bool make_plain_room(struct onus_block *block)
{
    if (block->plain_count < block->plain_room) {
        return true;
    }
    size_t room = block->plain_room > 0 ? block->plain_room * 2 : FIRST_LINES;
    struct onus_plain_request *grown = aligned_alloc(CACHE_LINE, room * sizeof(*grown));
    if (!grown) {
        block->failed = ONUS_E_MEMORY;
        return false;
    }
    if (block->plain_count > 0) {
        memcpy(grown, block->plain, block->plain_count * sizeof(*grown));
    }
    free(block->plain);
    block->plain = grown;
    block->plain_room = room;
    return true;
}

/* Reading position among the marks of a text; they are found a part of the text at a time. */
struct marks {
    const char *text;
    size_t len, indexed;
    uint32_t *room;
    const uint32_t *next, *end;
};

/* Marks that are left stay in front, so that a line may begin in one part and end in another. */
static void index_more(struct marks *marks)
{
    size_t left = (size_t)(marks->end - marks->next);
    memmove(marks->room, marks->next, left * sizeof(*marks->room));
    size_t size = marks->len - marks->indexed < AT_ONCE ? marks->len - marks->indexed : AT_ONCE;
    size_t count = onus_marks_find(marks->text, marks->indexed, size, marks->room + left);
    marks->indexed += size;
    marks->next = marks->room;
    marks->end = marks->room + left + count;
}

/* Whether `count` marks are there to be looked at. */
static bool has_marks(struct marks *marks, size_t count)
{
    while ((size_t)(marks->end - marks->next) < count && marks->indexed < marks->len) {
        index_more(marks);
    }
    return (size_t)(marks->end - marks->next) >= count;
}

static bool is_usual_run(struct marks *marks)
{
    if (!has_marks(marks, QUOTES + 1) || marks->text[marks->next[QUOTES]] != '\n') {
        return false;
    }
    unsigned others = 0;
    for (size_t i = 0; i < QUOTES; i++) {
        others |= (unsigned char)marks->text[marks->next[i]] ^ (unsigned)'"';
    }
    return others == 0;
}

/*
 * The quotes of the line at `from`; marks go on behind its end, which is *end. False when it has more
 * or fewer, or a backslash that takes a quote or another backslash along: which quote ends a field is
 * then for others to say.
 */
static bool take_quotes(struct marks *marks, size_t from, struct onus_access_quotes *out,
        size_t *end)
{
    *out = (struct onus_access_quotes){.at = {0}};
    if (is_usual_run(marks)) {
        for (size_t i = 0; i < QUOTES; i++) {
            out->at[i] = (uint32_t)(marks->next[i] - from);
        }
        *end = marks->next[QUOTES];
        marks->next += QUOTES + 1;
        return true;
    }
    size_t count = 0;
    bool clear = true;
    for (; has_marks(marks, 1) && marks->text[*marks->next] != '\n'; marks->next++) {
        char here = marks->text[*marks->next];
        if (here == '"') {
            out->at[count < QUOTES ? count : 0] = (uint32_t)(*marks->next - from);
            count++;
        } else { /* the next mark, if it is the next byte, is what the backslash takes along */
            bool takes = has_marks(marks, 2) && marks->next[1] == *marks->next + 1;
            clear = clear && !takes;
            out->escaped[count / 2 < QUOTES / 2 ? count / 2 : 0] = true;
        }
    }
    if (!has_marks(marks, 1)) {
        return false;
    }
    *end = *marks->next++;
    return clear && count == QUOTES;
}

static bool is_plain(const struct onus_event *event)
{
    const unsigned usual = ONUS_MARK_HANDSHAKE | ONUS_MARK_STATIC | ONUS_MARK_QUERY;
    return event->findings == 0 && event->status < 400 && event->has_source &&
           (event->marks & ~usual) == 0 && event->agent.len <= UINT16_MAX &&
           event->target.len <= UINT32_MAX;
}

static void keep_plain(struct onus_block *block, struct onus_line *line,
        const struct onus_event *event, uint64_t seed)
{
    uint64_t hash = onus_hash_16(seed, event->source.bytes);
    line->is_plain = true;
    line->first_event = (uint32_t)block->plain_count;
    block->plain[block->plain_count++] = (struct onus_plain_request){
            .source_hash = (uint32_t)hash,
            .time = event->time,
            .source = event->source,
            .target = event->target.ptr,
            .agent = event->agent.ptr,
            .target_length = (uint32_t)event->target.len,
            .agent_length = (uint16_t)event->agent.len,
            .shard = (uint8_t)onus_engine_shard_of_hash(hash),
            .flags = (uint8_t)((event->marks & ONUS_MARK_STATIC ? ONUS_PLAIN_STATIC : 0u) |
                               (event->marks & ONUS_MARK_QUERY ? ONUS_PLAIN_QUERY : 0u)),
    };
}

static struct onus_str without_line_end(struct onus_str text)
{
    (void)onus_str_drop(&text, ONUS_STR("\n"));
    (void)onus_str_drop(&text, ONUS_STR("\r"));
    return text;
}

/* The size is hidden as in onus_event_clear(): told it, gcc copies with `rep movs`. */
static void copy_event(struct onus_event *to, const struct onus_event *from)
{
    size_t size = sizeof(*to);
    __asm__("" : "+r"(size));
    memcpy(to, from, size);
}

static void keep(struct onus_block *block, const struct pending *pending,
        const struct onus_block_options *options)
{
    const struct onus_event *event = &pending->event;
    struct onus_line *line = onus_block_add_line(block);
    if (!line) {
        return;
    }
    *line = (struct onus_line){.offset = (uint32_t)(pending->raw.ptr - block->bytes),
            .length = pending->length,
            .raw_length = (uint32_t)pending->raw.len,
            .span = 1,
            .verdict = ONUS_LINE_PARSED,
            .marks = event->marks,
            .time = event->time};
    if (options->plain && is_plain(event) && make_plain_room(block)) {
        keep_plain(block, line, event, options->seed);
        return;
    }
    struct onus_event *slot = onus_block_room_for_event(block);
    if (slot) {
        copy_event(slot, event);
        line->first_event = (uint32_t)block->event_count++;
        line->event_count = 1;
    }
}

/* Inspect and keep what is pending; in its order, and before any line that came after. */
static void settle(struct onus_block *block, const struct onus_parse_context *context,
        struct onus_block_scratch *scratch, const struct onus_block_options *options)
{
    for (size_t i = 0; i < scratch->count; i++) {
        struct pending *pending = &scratch->pending[i];
        onus_web_inspect_ahead(context->web, &pending->event, &pending->hashes);
        keep(block, pending, options);
    }
    scratch->count = 0;
}

/* False: not of the usual spelling. */
static bool take_line(const struct onus_parse_context *context, struct onus_str raw,
        const struct onus_access_quotes *quotes, struct onus_block_scratch *scratch)
{
    struct pending *pending = &scratch->pending[scratch->count];
    struct onus_str text = without_line_end(raw);
    if (!onus_access_parse_quoted(context, text, quotes, &pending->event)) {
        return false;
    }
    onus_web_look_ahead(context->web, &pending->event, &pending->hashes);
    pending->raw = raw;
    pending->length = (uint32_t)text.len;
    scratch->count++;
    return true;
}

void onus_block_parse_quoted(struct onus_block *block, struct onus_parse_context *context,
        struct onus_block_scratch *scratch, const struct onus_block_options *options)
{
    struct marks marks = {.text = block->bytes,
            .len = block->length,
            .room = scratch->marks,
            .next = scratch->marks,
            .end = scratch->marks};
    size_t at = 0;
    while (at < block->length && block->failed == ONUS_OK) {
        struct onus_access_quotes quotes;
        size_t end = block->length - 1;
        bool usual = take_quotes(&marks, at, &quotes, &end);
        struct onus_str raw = {block->bytes + at, end + 1 - at};
        bool taken = usual && take_line(context, raw, &quotes, scratch);
        if (!taken || scratch->count == PENDING) {
            settle(block, context, scratch, options);
        }
        if (!taken) {
            onus_block_parse_record(block, context, at, raw.len, 1, false);
        }
        at += raw.len;
    }
    settle(block, context, scratch, options);
}

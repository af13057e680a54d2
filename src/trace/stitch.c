/* SPDX-License-Identifier: Apache-2.0 */
#include "stitch.h"

#include "base/hash.h"
#include "base/str.h"

enum {
    TEXT_LIMIT = 64 << 20
};

static const int64_t usec_per_day = (int64_t)86400 * ONUS_USEC;

void onus_stitch_begin(struct onus_stitcher *s, struct onus_input *input, uint32_t index)
{
    s->input = input;
    s->input_index = index;
    s->next_line = 1;
    s->last_time = s->high_time = ONUS_TIME_NONE;
    s->year = input->year;
    s->last_month = 0;
    s->shifted_day = -1;
    s->has_settled = false;
    s->has_previous = false;
    struct onus_trace_input *facts = &input->facts;
    /* What the reading noticed stays: blocks are read ahead of this. */
    *facts = (struct onus_trace_input){.path = facts->path,
            .format = facts->format,
            .problem = facts->problem,
            .cut_line = facts->cut_line,
            .shrank = facts->shrank,
            .broke_off = facts->broke_off};
    facts->first = facts->last = ONUS_TIME_NONE;
    facts->zone_basis = ONUS_ZONE_STATED;
    facts->zone = ONUS_STR("UTC");
    facts->assumed_year = input->first_marks & ONUS_MARK_NO_YEAR ? input->year : 0;
}

void onus_stitch_clear(struct onus_stitcher *s)
{
    onus_arena_clear(&s->previous_text);
    onus_sessions_join_clear(&s->sessions);
}

/*
 * RFC 3164 has no year. The reader began with the year of the first line; a month that falls by more
 * than six is a new year, one that rises by more than six is a late line of the year before.
 */
static int64_t with_year(struct onus_stitcher *s, int64_t wall)
{
    int64_t day = wall / usec_per_day; /* never negative: the year is 1972 */
    if (day == s->shifted_day) {
        return wall + s->day_shift;
    }
    struct onus_civil c = {0};
    onus_time_to_civil(wall, &c);
    int year = s->year;
    if (s->last_month != 0 && c.month < s->last_month - 6) {
        year = ++s->year;
        s->last_month = c.month;
    } else if (s->last_month != 0 && c.month > s->last_month + 6) {
        year = s->year - 1;
    } else {
        s->last_month = c.month;
    }
    c.year = year;
    int64_t usec = onus_time_of_civil(&c);
    if (usec == ONUS_TIME_NONE) { /* Feb 29 of a year that has none */
        c.month = 3;
        c.day = 1;
        usec = onus_time_of_civil(&c);
    }
    /* The lines of a day follow each other; a late line of the year before is no day of this year. */
    bool is_late = year != s->year;
    s->shifted_day = is_late ? -1 : day;
    s->day_shift = usec - wall;
    return usec;
}

static int64_t settle_time(struct onus_stitcher *s, int64_t time, uint16_t marks)
{
    if (time == ONUS_TIME_NONE || (marks & ONUS_MARK_NO_TIME)) {
        return ONUS_TIME_NONE;
    }
    const uint16_t what = marks & (ONUS_MARK_NO_YEAR | ONUS_MARK_NO_ZONE);
    if (s->has_settled && time == s->wall_time && what == s->wall_marks) {
        return s->settled_time;
    }
    s->wall_time = time;
    s->wall_marks = what;
    s->has_settled = true;
    if (marks & ONUS_MARK_NO_YEAR) {
        time = with_year(s, time);
    }
    if (marks & ONUS_MARK_NO_ZONE) {
        struct onus_trace_input *facts = &s->input->facts;
        facts->zone_basis = s->zone_configured ? ONUS_ZONE_CONFIGURED : ONUS_ZONE_ASSUMED;
        facts->zone = s->zone->name;
        time = onus_zone_to_utc(s->zone, time);
    }
    s->settled_time = time;
    return time;
}

/* Keep the largest ONUS_INPUT_NOTES_MAX, largest first. */
static void note_gap(struct onus_trace_input *facts, struct onus_time_gap gap)
{
    size_t kept = facts->gap_count < ONUS_INPUT_NOTES_MAX ? (size_t)facts->gap_count
                                                          : ONUS_INPUT_NOTES_MAX;
    facts->gap_count++;
    size_t at = kept;
    while (at > 0 && facts->gaps[at - 1].to - facts->gaps[at - 1].from < gap.to - gap.from) {
        if (at < ONUS_INPUT_NOTES_MAX) {
            facts->gaps[at] = facts->gaps[at - 1];
        }
        at--;
    }
    if (at < ONUS_INPUT_NOTES_MAX) {
        facts->gaps[at] = gap;
    }
}

static void note_step(struct onus_trace_input *facts, struct onus_clock_step step)
{
    size_t kept = facts->step_count < ONUS_INPUT_NOTES_MAX ? (size_t)facts->step_count
                                                           : ONUS_INPUT_NOTES_MAX;
    facts->step_count++;
    size_t at = kept;
    while (at > 0 && facts->steps[at - 1].from - facts->steps[at - 1].to < step.from - step.to) {
        if (at < ONUS_INPUT_NOTES_MAX) {
            facts->steps[at] = facts->steps[at - 1];
        }
        at--;
    }
    if (at < ONUS_INPUT_NOTES_MAX) {
        facts->steps[at] = step;
    }
}

static void watch_clock(struct onus_stitcher *s, int64_t time, uint64_t line)
{
    struct onus_trace_input *facts = &s->input->facts;
    if (facts->first == ONUS_TIME_NONE || time < facts->first) {
        facts->first = time;
    }
    if (facts->last == ONUS_TIME_NONE || time > facts->last) {
        facts->last = time;
    }
    if (s->last_time != ONUS_TIME_NONE) {
        if (time - s->high_time >= ONUS_GAP_MIN) {
            note_gap(facts, (struct onus_time_gap){s->high_time, time, line});
        }
        if (s->last_time - time >= ONUS_STEP_MIN) {
            note_step(facts, (struct onus_clock_step){s->last_time, time, line});
        }
        if (s->high_time - time > ONUS_DISORDER_MIN) {
            facts->out_of_order++;
        }
    }
    s->last_time = time;
    if (s->high_time == ONUS_TIME_NONE || time > s->high_time) {
        s->high_time = time;
    }
}

static void hash_source(const struct onus_stitcher *s, struct onus_event *event)
{
    event->source_hash = event->has_source ? onus_hash_16(s->seed, event->source.bytes)
                                           : onus_hash_str(s->seed ^ 1, event->source_name);
}

static enum onus_code finish_events(struct onus_stitcher *s, struct onus_block *block,
        const struct onus_line *line, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (uint32_t i = 0; i < line->event_count && code == ONUS_OK; i++) {
        struct onus_event *event = &block->events[line->first_event + i];
        /* The first event's time was settled with its line. */
        event->time = i == 0 ? line->time : settle_time(s, event->time, event->marks);
        event->ref = (struct onus_line_ref){s->input_index, s->next_line};
        if (event->session != 0 && line->verdict == ONUS_LINE_PARSED) {
            code = onus_sessions_join(&s->sessions, event, s->input_index, err);
        }
        hash_source(s, event);
    }
    return code;
}

/* A line of a connection may name the address only after others that do not. */
static enum onus_code join_back(struct onus_stitcher *s, struct onus_block *block,
        struct onus_error *err)
{
    struct onus_session_addresses *table = &s->sessions;
    enum onus_code code = onus_sessions_join_back(table, block, s->input_index, err);
    bool few = table->open_count <= ONUS_SESSIONS_OPEN;
    for (size_t i = 0; few && i < table->open_count; i++) {
        hash_source(s, table->open[i]);
    }
    for (size_t i = 0; !few && i < block->event_count; i++) {
        if (block->events[i].marks & ONUS_MARK_JOINED) {
            hash_source(s, &block->events[i]);
        }
    }
    table->open_count = 0;
    return code;
}

/* Copy the text of an event, so that it outlives the block it was read from. */
static enum onus_code copy_texts(struct onus_arena *arena, struct onus_event *event,
        struct onus_error *err)
{
    struct onus_str *texts[] = {&event->source_name, &event->host, &event->program, &event->account,
            &event->method, &event->target, &event->agent, &event->detail};
    for (size_t i = 0; i < ONUS_COUNT(texts); i++) {
        if (texts[i]->len > 0) {
            enum onus_code code = onus_arena_copy(arena, *texts[i], texts[i], err);
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    event->time_text = event->source_text = ONUS_STR_NONE;
    return ONUS_OK;
}

/* Keep the last event of a block: the next block may begin with "last message repeated". */
static enum onus_code remember(struct onus_stitcher *s, const struct onus_event *event,
        struct onus_error *err)
{
    onus_arena_clear(&s->previous_text);
    onus_arena_init(&s->previous_text, TEXT_LIMIT);
    s->previous = *event;
    s->has_previous = true;
    return copy_texts(&s->previous_text, &s->previous, err);
}

/* The repeat takes the place of as many lines like the one before; without one it counts nothing. */
static enum onus_code expand_repeat(struct onus_stitcher *s, struct onus_block *block,
        struct onus_line *line, const struct onus_event *before, struct onus_error *err)
{
    struct onus_event *event = &block->events[line->first_event];
    bool from_last_block = !before && s->has_previous;
    if (from_last_block) {
        before = &s->previous;
    }
    if (!before || before->kind == ONUS_EVENT_REPEAT) {
        line->verdict = ONUS_LINE_IGNORED;
        line->event_count = 0;
        event->kind = ONUS_EVENT_OTHER;
        return ONUS_OK;
    }
    uint32_t count = onus_event_tries(event);
    int64_t time = event->time;
    uint16_t marks = event->marks;
    *event = *before;
    event->time = time;
    event->marks =
            (uint16_t)((event->marks &
                               ~(ONUS_MARK_NO_TIME | ONUS_MARK_NO_YEAR | ONUS_MARK_NO_ZONE)) |
                       (marks & (ONUS_MARK_NO_TIME | ONUS_MARK_NO_YEAR | ONUS_MARK_NO_ZONE)));
    event->count = count * onus_event_tries(before);
    return from_last_block ? copy_texts(&block->arena, event, err) : ONUS_OK;
}

static void account(struct onus_stitcher *s, const struct onus_line *line, uint64_t number)
{
    struct onus_trace_input *facts = &s->input->facts;
    facts->lines += line->span;
    if (line->verdict == ONUS_LINE_PARSED) {
        facts->parsed += line->span;
    } else if (line->verdict == ONUS_LINE_IGNORED) {
        facts->ignored += line->span;
    } else {
        facts->unparsed += line->span;
        if (facts->unparsed_first == 0) {
            facts->unparsed_first = number;
        }
    }
}

static enum onus_code reject(struct onus_stitcher *s, struct onus_str raw, struct onus_error *err)
{
    return s->reject ? s->reject(s->reject_data, raw, err) : ONUS_OK;
}

/* A piece of a line that is too long: it is a line, and unparsed, once its end is seen. */
static enum onus_code stitch_long_line(struct onus_stitcher *s, struct onus_block *block,
        struct onus_error *err)
{
    struct onus_str raw = {block->bytes, block->length};
    s->input->facts.bytes += raw.len;
    s->has_previous = false;
    if (block->long_line_ends) {
        struct onus_line line = {.span = 1, .verdict = ONUS_LINE_UNPARSED};
        account(s, &line, s->next_line);
        s->next_line++;
    }
    return reject(s, raw, err);
}

/* Its time has year and zone and its source is hashed: what is left is where it stands. */
static void finish_plain(const struct onus_stitcher *s, const struct onus_block *block,
        const struct onus_line *line)
{
    struct onus_plain_request *plain = &block->plain[line->first_event];
    plain->input = s->input_index;
    plain->line = s->next_line;
}

enum onus_code onus_stitch_block(struct onus_stitcher *s, struct onus_block *block,
        struct onus_error *err)
{
    block->first_line = s->next_line;
    if (block->too_long) {
        return stitch_long_line(s, block, err);
    }
    s->input->facts.bytes += block->length;
    const struct onus_event *before = NULL; /* event of the line before, in this block */
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < block->line_count; i++) {
        struct onus_line *line = &block->lines[i];
        if (line->event_count > 0 && block->events[line->first_event].kind == ONUS_EVENT_REPEAT) {
            code = expand_repeat(s, block, line, before, err);
            if (code != ONUS_OK) {
                return code;
            }
        }
        line->time = settle_time(s, line->time, line->marks);
        if (line->time != ONUS_TIME_NONE) {
            watch_clock(s, line->time, s->next_line);
        }
        if (line->is_plain) {
            finish_plain(s, block, line);
        }
        code = finish_events(s, block, line, err);
        if (code != ONUS_OK) {
            return code;
        }
        account(s, line, s->next_line);
        if (line->verdict == ONUS_LINE_UNPARSED) {
            struct onus_str raw = {block->bytes + line->offset, line->raw_length};
            code = reject(s, raw, err);
            if (code != ONUS_OK) {
                return code;
            }
        }
        before = line->event_count > 0 ? &block->events[line->first_event] : NULL;
        s->has_previous = false;
        s->next_line += line->span;
    }
    if (s->sessions.open_count > 0) {
        code = join_back(s, block, err);
    }
    return before && code == ONUS_OK ? remember(s, before, err) : code;
}

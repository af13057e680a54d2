/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/sessions_join.h"

#include <stdlib.h>

#include "base/hash.h"

static const int64_t reach = 600 * (int64_t)ONUS_USEC;

void onus_sessions_join_clear(struct onus_session_addresses *table)
{
    free(table->places);
    free(table->back);
    *table = (struct onus_session_addresses){0};
}

/* Elsewhere a session may stand for a whole server (onus_message_join()) and hold many peers. */
static bool is_of_one_connection(const struct onus_event *event)
{
    return event->session != 0 && event->service == ONUS_SERVICE_SSH &&
           (event->kind == ONUS_EVENT_AUTH || event->kind == ONUS_EVENT_CONNECTION);
}

static bool in_reach(int64_t a, int64_t b)
{
    if (a == ONUS_TIME_NONE || b == ONUS_TIME_NONE) {
        return a == b;
    }
    return a - b <= reach && b - a <= reach;
}

/* Session numbers are hashes already; mixing spreads those that were built to fall together. */
static size_t place_of(uint64_t session)
{
    return (size_t)onus_hash_mix(session, 0) % ONUS_SESSIONS_KEPT;
}

/* Whether the event names its own address, which others may be given. */
static bool is_named(const struct onus_event *event)
{
    return event->has_source && !(event->marks & ONUS_MARK_JOINED);
}

/* Field by field: a copy of the whole would wait for the fields to be written. */
static void note_address(struct onus_session_address *place, const struct onus_event *event,
        uint32_t input)
{
    place->session = event->session;
    place->time = event->time;
    place->address = event->source;
    place->input = input;
    place->port = event->source_port;
}

static void complete(struct onus_event *event, const struct onus_session_address *from)
{
    event->source = from->address;
    event->has_source = true;
    event->source_port = from->port;
    event->marks |= ONUS_MARK_JOINED;
}

/* What a place holds for an event without an address: true when it is the one of its connection. */
static bool is_peer_of(const struct onus_session_address *place, const struct onus_event *event,
        uint32_t input)
{
    return place->session == event->session && place->input == input &&
           in_reach(place->time, event->time);
}

enum onus_code onus_sessions_join(struct onus_session_addresses *table, struct onus_event *event,
        uint32_t input, struct onus_error *err)
{
    if (!is_of_one_connection(event)) {
        return ONUS_OK;
    }
    if (!table->places) {
        table->places = calloc(ONUS_SESSIONS_KEPT, sizeof(*table->places));
        if (!table->places) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
    }
    struct onus_session_address *place = &table->places[place_of(event->session)];
    if (is_named(event)) {
        note_address(place, event, input);
    } else if (!event->has_source) {
        if (is_peer_of(place, event, input)) {
            complete(event, place);
        } else {
            if (table->open_count < ONUS_SESSIONS_OPEN) {
                table->open[table->open_count] = event;
            }
            table->open_count++;
        }
    }
    return ONUS_OK;
}

/* For any number of open events: the lines from last to first, with a table of what came after. */
static enum onus_code join_all_back(struct onus_session_addresses *table, struct onus_block *block,
        uint32_t input, struct onus_error *err)
{
    const size_t size = ONUS_SESSIONS_KEPT * sizeof(*table->back);
    if (!table->back) {
        table->back = malloc(size);
        if (!table->back) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
    }
    memset(table->back, 0, size);
    for (size_t i = block->line_count; i > 0; i--) {
        const struct onus_line *line = &block->lines[i - 1];
        size_t count = line->verdict == ONUS_LINE_PARSED ? line->event_count : 0;
        while (count-- > 0) {
            struct onus_event *event = &block->events[line->first_event + count];
            struct onus_session_address *place = &table->back[place_of(event->session)];
            if (!is_of_one_connection(event)) {
                continue;
            }
            if (is_named(event)) {
                note_address(place, event, input);
            } else if (!event->has_source && is_peer_of(place, event, input)) {
                complete(event, place);
            }
        }
    }
    return ONUS_OK;
}

/*
 * The same for one event: what the table would hold when it is reached is the next line after it whose
 * session has the same place.
 */
static void join_one_back(struct onus_block *block, size_t at, struct onus_event *event,
        uint32_t input)
{
    size_t place = place_of(event->session);
    size_t first = (size_t)(event - block->events) + 1;
    for (size_t i = at; i < block->line_count; i++) {
        const struct onus_line *line = &block->lines[i];
        size_t end = line->verdict == ONUS_LINE_PARSED
                             ? (size_t)line->first_event + line->event_count
                             : 0;
        for (size_t k = i == at ? first : line->first_event; k < end; k++) {
            const struct onus_event *later = &block->events[k];
            if (!is_of_one_connection(later) || !is_named(later) ||
                    place_of(later->session) != place) {
                continue;
            }
            struct onus_session_address address;
            note_address(&address, later, input);
            if (is_peer_of(&address, event, input)) {
                complete(event, &address);
            }
            return;
        }
    }
}

/* The index of an event's line, when every line before it is one line of the file; else line_count. */
static size_t line_of(const struct onus_block *block, const struct onus_event *event)
{
    uint64_t at = event->ref.line - block->first_line;
    size_t index = (size_t)(event - block->events);
    if (at >= block->line_count || block->lines[at].verdict != ONUS_LINE_PARSED ||
            index < block->lines[at].first_event ||
            index - block->lines[at].first_event >= block->lines[at].event_count) {
        return block->line_count;
    }
    return (size_t)at;
}

enum onus_code onus_sessions_join_back(struct onus_session_addresses *table,
        struct onus_block *block, uint32_t input, struct onus_error *err)
{
    bool few = table->open_count <= ONUS_SESSIONS_OPEN;
    for (size_t i = 0; few && i < table->open_count; i++) {
        few = line_of(block, table->open[i]) < block->line_count;
    }
    if (!few) {
        return join_all_back(table, block, input, err);
    }
    for (size_t i = 0; i < table->open_count; i++) {
        join_one_back(block, line_of(block, table->open[i]), table->open[i], input);
    }
    return ONUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/sessions_join.h"

#include <stdlib.h>

#include "base/hash.h"

static const int64_t reach = 600 * (int64_t)ONUS_USEC;

void onus_sessions_join_clear(struct onus_session_addresses *table)
{
    free(table->places);
    table->places = NULL;
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
static struct onus_session_address *place_of(const struct onus_session_addresses *table,
        const struct onus_event *event)
{
    return &table->places[onus_hash_mix(event->session, 0) % ONUS_SESSIONS_KEPT];
}

static void complete(struct onus_event *event, const struct onus_session_address *from)
{
    event->source = from->address;
    event->has_source = true;
    event->source_port = from->port;
    event->marks |= ONUS_MARK_JOINED;
}

enum onus_code onus_sessions_join(struct onus_session_addresses *table, struct onus_event *event,
        uint32_t input, bool *open, struct onus_error *err)
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
    struct onus_session_address *place = place_of(table, event);
    if (event->has_source) {
        if (!(event->marks & ONUS_MARK_JOINED)) {
            *place = (struct onus_session_address){.session = event->session,
                    .time = event->time,
                    .address = event->source,
                    .input = input,
                    .port = event->source_port};
        }
    } else if (place->session == event->session && place->input == input &&
               in_reach(place->time, event->time)) {
        complete(event, place);
    } else {
        *open = true;
    }
    return ONUS_OK;
}

enum onus_code onus_sessions_join_back(struct onus_block *block, uint32_t input,
        struct onus_error *err)
{
    struct onus_session_addresses table = {0};
    enum onus_code code = ONUS_OK;
    bool open = false;
    for (size_t i = block->line_count; i > 0; i--) {
        const struct onus_line *line = &block->lines[i - 1];
        size_t count = line->verdict == ONUS_LINE_PARSED ? line->event_count : 0;
        while (count-- > 0 && code == ONUS_OK) {
            struct onus_event *event = &block->events[line->first_event + count];
            code = onus_sessions_join(&table, event, input, &open, err);
        }
    }
    onus_sessions_join_clear(&table);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

#include "base/hash.h"

/*
 * Attempts per slot of time. Each width divides the next and slots are aligned to 1970, so a timeline
 * that holds too many can be made coarser at any moment, and two of different width can be joined,
 * without losing a count.
 */

enum {
    MOST_SLOTS = 16384,
    MOST_BINS = 200,
    FIRST_ROOM = 64,
};

#define HOURS ((int64_t)3600)
#define DAYS  ((int64_t)86400)

static const int64_t widths[] = {600, 1 * HOURS, 6 * HOURS, 1 * DAYS, 7 * DAYS, 28 * DAYS,
        364 * DAYS, 3640 * DAYS, 36400 * DAYS, 36400000 * DAYS};

static int64_t width_of(unsigned level)
{
    return widths[level] * ONUS_USEC;
}

static int64_t floor_div(int64_t value, int64_t by)
{
    int64_t quotient = value / by;
    return quotient - (value % by < 0);
}

static struct onus_slot *find_slot(struct onus_slot *slots, size_t room, int64_t index)
{
    size_t at = (size_t)onus_hash_mix((uint64_t)index, room) & (room - 1);
    while (slots[at].used && slots[at].index != index) {
        at = (at + 1) & (room - 1);
    }
    return &slots[at];
}

/* Put all slots into a table of `room` places at `level`. */
static enum onus_code rebuild(struct onus_timeline *timeline, size_t room, unsigned level,
        struct onus_error *err)
{
    struct onus_slot *slots = calloc(room, sizeof(*slots));
    if (!slots) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    int64_t ratio = widths[level] / widths[timeline->level];
    size_t used = 0;
    for (size_t i = 0; i < timeline->room; i++) {
        const struct onus_slot *from = &timeline->slots[i];
        if (!from->used) {
            continue;
        }
        int64_t index = floor_div(from->index, ratio);
        struct onus_slot *slot = find_slot(slots, room, index);
        used += !slot->used;
        slot->used = true;
        slot->index = index;
        slot->attempts += from->attempts;
        slot->succeeded += from->succeeded;
        slot->lines += from->lines;
    }
    free(timeline->slots);
    *timeline = (struct onus_timeline){.slots = slots, .room = room, .used = used, .level = level};
    return ONUS_OK;
}

static enum onus_code make_room(struct onus_timeline *timeline, struct onus_error *err)
{
    if (timeline->used < timeline->room / 2) {
        return ONUS_OK;
    }
    if (timeline->used < MOST_SLOTS) {
        size_t room = timeline->room > 0 ? timeline->room * 2 : FIRST_ROOM;
        return rebuild(timeline, room, timeline->level, err);
    }
    while (timeline->used >= MOST_SLOTS / 2 && timeline->level + 1 < ONUS_COUNT(widths)) {
        enum onus_code code = rebuild(timeline, timeline->room, timeline->level + 1, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static enum onus_code add_slot(struct onus_timeline *timeline, const struct onus_slot *more,
        unsigned level, struct onus_slot **out, struct onus_error *err)
{
    *out = NULL;
    enum onus_code code = make_room(timeline, err);
    if (code != ONUS_OK) {
        return code;
    }
    int64_t index = floor_div(more->index, widths[timeline->level] / widths[level]);
    struct onus_slot *slot = find_slot(timeline->slots, timeline->room, index);
    timeline->used += !slot->used;
    slot->used = true;
    slot->index = index;
    slot->attempts += more->attempts;
    slot->succeeded += more->succeeded;
    slot->lines += more->lines;
    *out = slot;
    return ONUS_OK;
}

enum onus_code onus_timeline_add(struct onus_timeline *timeline, int64_t time, uint64_t attempts,
        uint64_t succeeded, uint64_t lines, struct onus_error *err)
{
    struct onus_slot *recent = timeline->recent;
    if (time == ONUS_TIME_NONE) {
        return ONUS_OK;
    }
    if (recent && time >= timeline->from && time < timeline->to) {
        recent->attempts += attempts;
        recent->succeeded += succeeded;
        recent->lines += lines;
        return ONUS_OK;
    }
    struct onus_slot more = {.index = floor_div(time, width_of(0)),
            .attempts = attempts,
            .succeeded = succeeded,
            .lines = lines,
            .used = true};
    timeline->from = more.index * width_of(0);
    timeline->to = timeline->from + width_of(0);
    return add_slot(timeline, &more, 0, &timeline->recent, err);
}

enum onus_code onus_timeline_merge(struct onus_timeline *into, const struct onus_timeline *from,
        struct onus_error *err)
{
    if (into->level < from->level) {
        size_t room = into->room > 0 ? into->room : FIRST_ROOM;
        enum onus_code code = rebuild(into, room, from->level, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    for (size_t i = 0; i < from->room; i++) {
        if (!from->slots[i].used) {
            continue;
        }
        enum onus_code code = add_slot(into, &from->slots[i], from->level, &into->recent, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static int by_index(const void *left, const void *right)
{
    const struct onus_slot *a = left;
    const struct onus_slot *b = right;
    if (!a->used || !b->used) {
        return !a->used - !b->used;
    }
    return (a->index > b->index) - (a->index < b->index);
}

static int64_t span_of(const struct onus_timeline *timeline)
{
    int64_t lowest = INT64_MAX;
    int64_t highest = INT64_MIN;
    for (size_t i = 0; i < timeline->room; i++) {
        if (timeline->slots[i].used) {
            int64_t index = timeline->slots[i].index;
            lowest = index < lowest ? index : lowest;
            highest = index > highest ? index : highest;
        }
    }
    return timeline->used > 0 ? highest - lowest + 1 : 0;
}

enum onus_code onus_timeline_bins(struct onus_timeline *timeline, struct onus_trace_result *result,
        struct onus_error *err)
{
    while (span_of(timeline) > MOST_BINS && timeline->level + 1 < ONUS_COUNT(widths)) {
        enum onus_code code = rebuild(timeline, timeline->room, timeline->level + 1, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    result->bin_width = width_of(timeline->level);
    result->bin_count = timeline->used;
    if (timeline->used == 0) {
        return ONUS_OK;
    }
    qsort(timeline->slots, timeline->room, sizeof(*timeline->slots), by_index);
    result->bins = onus_arena_alloc(&result->arena, sizeof(*result->bins) * timeline->used);
    if (!result->bins) {
        return onus_arena_reason(&result->arena, err);
    }
    for (size_t i = 0; i < timeline->used; i++) {
        const struct onus_slot *slot = &timeline->slots[i];
        result->bins[i] = (struct onus_trace_bin){.start = slot->index * result->bin_width,
                .attempts = slot->attempts,
                .succeeded = slot->succeeded,
                .lines = slot->lines};
    }
    return ONUS_OK;
}

void onus_timeline_clear(struct onus_timeline *timeline)
{
    free(timeline->slots);
    *timeline = (struct onus_timeline){0};
}

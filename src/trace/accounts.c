/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

#include "base/hash.h"

/*
 * A set that is full keeps the names with the smallest rank. A name that ends among the smallest was
 * among the smallest ever since it was first seen, so its count is exact although the set is bounded,
 * and which names stay does not depend on the order in which they came.
 */

enum {
    SMALLEST_ROOM = 2, /* most runs know one name; one slot stays free, or searches would not end */
};

/* Fixed, so that the same names stay in every run of the program. */
static const uint64_t rank_seed = 0x6f6e75735f72616eu;

void onus_name_set_init(struct onus_name_set *set, uint32_t bound)
{
    *set = (struct onus_name_set){.bound = bound, .rank_max = UINT64_MAX};
}

static struct onus_name_entry *find_slot(const struct onus_name_set *set, uint64_t rank,
        uint64_t check)
{
    uint32_t at = (uint32_t)check & (set->room - 1);
    while (set->slots[at].check != 0 &&
            (set->slots[at].check != check || set->slots[at].rank != rank)) {
        at = (at + 1) & (set->room - 1);
    }
    return &set->slots[at];
}

static int by_rank(const void *left, const void *right)
{
    const struct onus_name_entry *a = left;
    const struct onus_name_entry *b = right;
    if (a->check == 0 || b->check == 0) {
        return (a->check == 0) - (b->check == 0);
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->len != b->len) {
        return a->len < b->len ? -1 : 1;
    }
    return memcmp(a->text, b->text, a->len);
}

/* Used entries to the front, by rank. The table is no table after this. */
static void sort_slots(struct onus_name_set *set)
{
    if (set->room > 0) {
        qsort(set->slots, set->room, sizeof(*set->slots), by_rank);
    }
}

/* Keep the `bound` smallest, in place: each entry is put back from the sorted front. */
static void prune(struct onus_name_set *set, struct onus_name_entry *scratch)
{
    sort_slots(set);
    memcpy(scratch, set->slots, sizeof(*scratch) * set->bound);
    memset(set->slots, 0, sizeof(*set->slots) * set->room);
    for (uint32_t i = 0; i < set->bound; i++) {
        *find_slot(set, scratch[i].rank, scratch[i].check) = scratch[i];
    }
    set->used = set->bound;
    set->over = true;
    set->rank_max = scratch[set->bound - 1].rank;
}

static enum onus_code make_room(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_error *err)
{
    uint32_t free_slots = set->room / 4 > 0 ? set->room / 4 : 1;
    if (set->room > 0 && set->used < set->room - free_slots) {
        return ONUS_OK;
    }
    if (set->room >= 2 * set->bound) {
        struct onus_name_entry *scratch = malloc(sizeof(*scratch) * set->bound);
        if (!scratch) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        prune(set, scratch);
        free(scratch);
        return ONUS_OK;
    }
    struct onus_name_set bigger = *set;
    bigger.room = set->room > 0 ? set->room * 2 : SMALLEST_ROOM;
    bigger.slots = onus_shard_alloc(shard, sizeof(*bigger.slots) * bigger.room, err);
    if (!bigger.slots) {
        return onus_shard_reason(shard);
    }
    for (uint32_t i = 0; i < set->room; i++) {
        if (set->slots[i].check != 0) {
            *find_slot(&bigger, set->slots[i].rank, set->slots[i].check) = set->slots[i];
        }
    }
    *set = bigger;
    return ONUS_OK;
}

/* The entry of a rank and check, made from `model` when it is new; NULL in *out when not kept. */
static enum onus_code take_entry(struct onus_shard *shard, struct onus_name_set *set,
        const struct onus_name_entry *model, struct onus_name_entry **out, struct onus_error *err)
{
    *out = NULL;
    if (model->rank > set->rank_max) {
        set->over = true;
        return ONUS_OK;
    }
    if (set->room > 0) {
        struct onus_name_entry *slot = find_slot(set, model->rank, model->check);
        if (slot->check != 0) {
            *out = slot;
            return ONUS_OK;
        }
    }
    enum onus_code code = make_room(shard, set, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (model->rank > set->rank_max) {
        return ONUS_OK;
    }
    struct onus_name_entry *slot = find_slot(set, model->rank, model->check);
    *slot = *model;
    slot->count = 0;
    slot->succeeded = 0;
    set->used++;
    *out = slot;
    return ONUS_OK;
}

enum onus_code onus_name_set_add(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_str name, struct onus_name_counts counts, struct onus_error *err)
{
    struct onus_name_entry model = {
            .rank = onus_hash_str(rank_seed, name),
            .check = onus_hash_str(shard->seed, name) | 1,
            .text = name.ptr ? name.ptr : "",
            .len = (uint32_t)(name.len < ONUS_NAME_KEPT ? name.len : ONUS_NAME_KEPT),
            .full_len = (uint32_t)(name.len < UINT32_MAX ? name.len : UINT32_MAX),
    };
    struct onus_name_entry *slot = NULL;
    enum onus_code code = take_entry(shard, set, &model, &slot, err);
    if (code != ONUS_OK || !slot) {
        return code;
    }
    if (slot->text == model.text) { /* new: the view dies with the block */
        slot->text = onus_shard_text(shard, (struct onus_str){model.text, model.len}, err);
        if (!slot->text) {
            slot->text = "";
            slot->len = 0;
            return onus_shard_reason(shard);
        }
    }
    slot->count += counts.count;
    slot->succeeded += counts.succeeded;
    return ONUS_OK;
}

enum onus_code onus_name_set_merge(struct onus_shard *shard, struct onus_name_set *into,
        const struct onus_name_set *from, struct onus_error *err)
{
    for (uint32_t i = 0; i < from->room; i++) {
        const struct onus_name_entry *entry = &from->slots[i];
        if (entry->check == 0) {
            continue;
        }
        struct onus_name_entry *slot = NULL;
        enum onus_code code = take_entry(shard, into, entry, &slot, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (slot) {
            slot->count += entry->count;
            slot->succeeded += entry->succeeded;
        }
    }
    into->over |= from->over;
    if (from->rank_max < into->rank_max) {
        into->rank_max = from->rank_max;
    }
    return ONUS_OK;
}

void onus_name_set_settle(struct onus_name_set *set)
{
    sort_slots(set);
    if (set->used > set->bound) {
        set->used = set->bound;
        set->over = true;
    }
    while (set->used > 0 && set->slots[set->used - 1].rank > set->rank_max) {
        set->used--; /* its count began after a merge with a smaller set */
    }
    set->room = set->used; /* a list from here on */
}

int onus_timed_ref_compare(const struct onus_timed_ref *a, const struct onus_timed_ref *b)
{
    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    if (a->ref.input != b->ref.input) {
        return a->ref.input < b->ref.input ? -1 : 1;
    }
    return (a->ref.line > b->ref.line) - (a->ref.line < b->ref.line);
}

/* A bigger copy of an array of `count` items; NULL with *err filled. */
static void *grow(struct onus_shard *shard, const void *items, uint32_t count, size_t size,
        uint32_t *room, struct onus_error *err)
{
    uint32_t bigger = *room > 0 ? *room * 2 : 1;
    void *copy = onus_shard_alloc(shard, size * bigger, err);
    if (copy) {
        if (count > 0) {
            memcpy(copy, items, size * count);
        }
        *room = bigger;
    }
    return copy;
}

enum onus_code onus_ref_list_add(struct onus_shard *shard, struct onus_ref_list *list,
        uint32_t bound, const struct onus_timed_ref *item, struct onus_error *err)
{
    if (list->count == bound && onus_timed_ref_compare(item, &list->items[bound - 1]) >= 0) {
        return ONUS_OK;
    }
    uint32_t at = list->count;
    while (at > 0 && onus_timed_ref_compare(item, &list->items[at - 1]) < 0) {
        at--;
    }
    if (at > 0 && onus_timed_ref_compare(item, &list->items[at - 1]) == 0) {
        return ONUS_OK; /* one line may hold many events */
    }
    if (list->count == list->room) {
        struct onus_timed_ref *items =
                grow(shard, list->items, list->count, sizeof(*items), &list->room, err);
        if (!items) {
            return onus_shard_reason(shard);
        }
        list->items = items;
    }
    uint32_t kept = list->count < bound ? list->count : bound - 1;
    memmove(&list->items[at + 1], &list->items[at], sizeof(*item) * (kept - at));
    list->items[at] = *item;
    list->count = kept + 1;
    return ONUS_OK;
}

enum onus_code onus_time_list_add(struct onus_shard *shard, struct onus_time_list *list,
        int64_t time, uint64_t times, struct onus_error *err)
{
    for (uint64_t n = 0; n < times && n < ONUS_RUN_EARLY; n++) {
        if (list->count == ONUS_RUN_EARLY && time >= list->items[list->count - 1]) {
            return ONUS_OK;
        }
        if (list->count == list->room) {
            int64_t *items =
                    grow(shard, list->items, list->count, sizeof(*items), &list->room, err);
            if (!items) {
                return onus_shard_reason(shard);
            }
            list->items = items;
        }
        uint32_t kept = list->count < ONUS_RUN_EARLY ? list->count : ONUS_RUN_EARLY - 1;
        uint32_t at = kept;
        while (at > 0 && time < list->items[at - 1]) {
            at--;
        }
        memmove(&list->items[at + 1], &list->items[at], sizeof(time) * (kept - at));
        list->items[at] = time;
        list->count = kept + 1;
    }
    return ONUS_OK;
}

enum onus_code onus_finding_list_add(struct onus_shard *shard, struct onus_finding_list *list,
        onus_findings findings, uint64_t count, struct onus_error *err)
{
    while (findings != 0) {
        uint8_t finding = (uint8_t)__builtin_ctzll(findings);
        findings &= findings - 1;
        uint32_t at = 0;
        while (at < list->count && list->items[at].finding != finding) {
            at++;
        }
        if (at == list->count) {
            if (list->count == list->room) {
                struct onus_finding_count *items =
                        grow(shard, list->items, list->count, sizeof(*items), &list->room, err);
                if (!items) {
                    return onus_shard_reason(shard);
                }
                list->items = items;
            }
            list->items[list->count++] = (struct onus_finding_count){.finding = finding};
        }
        list->items[at].count += count;
    }
    return ONUS_OK;
}

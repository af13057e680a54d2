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
    SMALLEST_ROOM = 4, /* one slot stays free, or searches would not end */
    FIRST_NAMES = 64,
    FEW = 16, /* entries that are put in order by insertion */
};

/* Fixed, so that the same names stay in every run of the program. */
static const uint64_t rank_seed = 0x6f6e75735f72616eu;

/* Of two shards, a name is known twice: then the hashes say that it is the same. */
static bool same_name(const struct onus_name *a, const struct onus_name *b)
{
    return a == b || (a->check == b->check && a->rank == b->rank);
}

void onus_name_table_clear(struct onus_name_table *table)
{
    free(table->places);
    *table = (struct onus_name_table){0};
}

/* A text asked for, and what was found out about it so far. */
struct wanted {
    struct onus_str name;
    uint64_t rank; /* when has_rank */
    uint64_t check;
    bool has_rank;
};

static uint64_t rank_of(struct wanted *wanted)
{
    if (!wanted->has_rank) {
        wanted->rank = onus_hash_str(rank_seed, wanted->name);
        wanted->has_rank = true;
    }
    return wanted->rank;
}

static struct onus_name_place *find_name(const struct onus_name_table *table, struct wanted *wanted)
{
    size_t at = (size_t)wanted->check & (table->room - 1);
    for (;; at = (at + 1) & (table->room - 1)) {
        struct onus_name_place *place = &table->places[at];
        if (!place->name ||
                (place->check == wanted->check && (onus_name_is(place->name, wanted->name) ||
                                                          place->name->rank == rank_of(wanted)))) {
            return place;
        }
    }
}

static enum onus_code more_names(struct onus_name_table *table, struct onus_error *err)
{
    if (table->room > 0 && table->used < table->room - table->room / 3) {
        return ONUS_OK;
    }
    size_t room = table->room > 0 ? table->room * 2 : FIRST_NAMES;
    struct onus_name_place *places = calloc(room, sizeof(*places));
    if (!places) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < table->room; i++) {
        if (table->places[i].name) {
            size_t at = (size_t)table->places[i].check & (room - 1);
            while (places[at].name) {
                at = (at + 1) & (room - 1);
            }
            places[at] = table->places[i];
        }
    }
    free(table->places);
    table->places = places;
    table->room = room;
    return ONUS_OK;
}

/* The name of the shard with this text, made when it is new and ranked no higher than `rank_max`. */
static enum onus_code take_name(struct onus_shard *shard, struct onus_str text, uint64_t check,
        uint64_t rank_max, const struct onus_name **out, struct onus_error *err)
{
    struct wanted wanted = {.name = text, .check = check};
    struct onus_name_table *table = &shard->names;
    *out = NULL;
    enum onus_code code = more_names(table, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_name_place *place = find_name(table, &wanted);
    if (!place->name && rank_of(&wanted) <= rank_max) {
        size_t len = text.len < ONUS_NAME_KEPT ? text.len : ONUS_NAME_KEPT;
        struct onus_name *name = onus_shard_alloc(shard, sizeof(*name) + len, err);
        if (!name) {
            return onus_shard_reason(shard);
        }
        name->rank = wanted.rank;
        name->check = wanted.check;
        name->len = (uint32_t)len;
        if (len > 0) {
            memcpy(name->text, text.ptr, len);
        }
        *place = (struct onus_name_place){wanted.check, name};
        table->used++;
    }
    *out = place->name;
    return ONUS_OK;
}

void onus_name_set_init(struct onus_name_set *set, uint16_t bound)
{
    *set = (struct onus_name_set){.bound = bound};
}

static uint64_t rank_max_of(const struct onus_name_set *set)
{
    return set->room > 0 ? set->many.rank_max : UINT64_MAX;
}

/* The slot of a name, or the free one where it would stand. */
static struct onus_name_entry *find_slot(const struct onus_name_set *set,
        const struct onus_name *name)
{
    uint32_t at = (uint32_t)name->check & (set->room - 1u);
    while (set->many.slots[at].name && !same_name(set->many.slots[at].name, name)) {
        at = (at + 1) & (set->room - 1u);
    }
    return &set->many.slots[at];
}

static int by_rank(const void *left, const void *right)
{
    const struct onus_name *a = ((const struct onus_name_entry *)left)->name;
    const struct onus_name *b = ((const struct onus_name_entry *)right)->name;
    if (!a || !b) {
        return !a - !b;
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
    struct onus_name_entry *slots = set->many.slots;
    size_t count = 0;
    for (size_t i = 0; i < set->room; i++) {
        if (slots[i].name) {
            struct onus_name_entry entry = slots[i];
            slots[i].name = NULL;
            slots[count++] = entry;
        }
    }
    if (count > FEW) {
        qsort(slots, count, sizeof(*slots), by_rank);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct onus_name_entry entry = slots[i];
        size_t at = i;
        for (; at > 0 && by_rank(&entry, &slots[at - 1]) < 0; at--) {
            slots[at] = slots[at - 1];
        }
        slots[at] = entry;
    }
}

/* Keep the `bound` smallest, in place: each entry is put back from the sorted front. */
static void prune(struct onus_name_set *set, struct onus_name_entry *scratch)
{
    sort_slots(set);
    memcpy(scratch, set->many.slots, sizeof(*scratch) * set->bound);
    memset(set->many.slots, 0, sizeof(*scratch) * set->room);
    for (uint32_t i = 0; i < set->bound; i++) {
        *find_slot(set, scratch[i].name) = scratch[i];
    }
    set->used = set->bound;
    set->over = true;
    set->many.rank_max = scratch[set->bound - 1].name->rank;
}

/* A table of twice the size, or of the first size for the name that stood in the set itself. */
static enum onus_code enlarge(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_error *err)
{
    struct onus_name_set bigger = *set;
    bigger.room = set->room > 0 ? (uint16_t)(set->room * 2) : SMALLEST_ROOM;
    bigger.many.rank_max = rank_max_of(set);
    bigger.many.slots = onus_shard_alloc(shard, sizeof(*bigger.many.slots) * bigger.room, err);
    if (!bigger.many.slots) {
        return onus_shard_reason(shard);
    }
    const struct onus_name_entry *entries = onus_name_set_list(set);
    for (uint32_t i = 0; i < set->room || i < 1; i++) {
        if (entries[i].name) {
            *find_slot(&bigger, entries[i].name) = entries[i];
        }
    }
    *set = bigger;
    return ONUS_OK;
}

static enum onus_code make_room(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_error *err)
{
    if (set->room > 0 && set->used < set->room - set->room / 4) {
        return ONUS_OK;
    }
    if (set->room < 2 * set->bound) {
        return enlarge(shard, set, err);
    }
    struct onus_name_entry *scratch = malloc(sizeof(*scratch) * set->bound);
    if (!scratch) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    prune(set, scratch);
    free(scratch);
    return ONUS_OK;
}

/* The entry of a name, made when it is new; NULL in *out when not kept. */
static enum onus_code take_entry(struct onus_shard *shard, struct onus_name_set *set,
        const struct onus_name *name, struct onus_name_entry **out, struct onus_error *err)
{
    *out = NULL;
    if (set->room == 0 && (set->used == 0 || same_name(set->one.name, name))) {
        set->one.name = name;
        set->used = 1;
        *out = &set->one;
        return ONUS_OK;
    }
    if (name->rank > rank_max_of(set)) {
        set->over = true;
        return ONUS_OK;
    }
    if (set->room > 0) {
        struct onus_name_entry *slot = find_slot(set, name);
        if (slot->name) {
            *out = slot;
            return ONUS_OK;
        }
    }
    enum onus_code code = make_room(shard, set, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (name->rank > set->many.rank_max) {
        return ONUS_OK;
    }
    *out = find_slot(set, name);
    **out = (struct onus_name_entry){.name = name};
    set->used++;
    return ONUS_OK;
}

/* As onus_name_set_add(), for a text that neither the set itself nor *recent holds. */
static enum onus_code add_text(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_str text, struct onus_name_entry **out, const struct onus_name **recent,
        struct onus_error *err)
{
    const struct onus_name *name = NULL;
    uint64_t check = onus_hash_str(shard->seed, text);
    *out = set->room > 0 ? onus_name_set_find(set, text, check) : NULL;
    if (*out) {
        *recent = (*out)->name;
        return ONUS_OK;
    }
    enum onus_code code = take_name(shard, text, check, rank_max_of(set), &name, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!name) {
        set->over = true;
        return ONUS_OK;
    }
    *recent = name;
    return take_entry(shard, set, name, out, err);
}

enum onus_code onus_name_set_add(struct onus_shard *shard, struct onus_name_set *set,
        struct onus_str text, struct onus_name_counts counts, const struct onus_name **recent,
        struct onus_error *err)
{
    struct onus_name_entry *slot = NULL;
    enum onus_code code = ONUS_OK;
    if (set->room == 0 && set->used > 0 && onus_name_is(set->one.name, text)) {
        slot = &set->one;
    } else if (*recent && onus_name_is(*recent, text)) {
        code = take_entry(shard, set, *recent, &slot, err);
    } else {
        code = add_text(shard, set, text, &slot, recent, err);
    }
    if (code == ONUS_OK && slot) {
        slot->count += counts.count;
        slot->succeeded += counts.succeeded;
    }
    return code;
}

enum onus_code onus_name_set_merge(struct onus_shard *shard, struct onus_name_set *into,
        const struct onus_name_set *from, struct onus_error *err)
{
    const struct onus_name_entry *entries = onus_name_set_list(from);
    for (uint32_t i = 0; i < from->room || i < 1; i++) {
        if (!entries[i].name) {
            continue;
        }
        struct onus_name_entry *slot = NULL;
        enum onus_code code = take_entry(shard, into, entries[i].name, &slot, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (slot) {
            slot->count += entries[i].count;
            slot->succeeded += entries[i].succeeded;
        }
    }
    into->over |= from->over;
    /* A set that left something out holds more than one name, and so does what it went into. */
    if (into->room > 0 && rank_max_of(from) < into->many.rank_max) {
        into->many.rank_max = from->many.rank_max;
    }
    return ONUS_OK;
}

void onus_name_set_settle(struct onus_name_set *set)
{
    if (set->room == 0) {
        return;
    }
    sort_slots(set);
    if (set->used > set->bound) {
        set->used = set->bound;
        set->over = true;
    }
    while (set->used > 1 && set->many.slots[set->used - 1].name->rank > set->many.rank_max) {
        set->used--; /* its count began after a merge with a smaller set */
    }
    set->room = set->used; /* a list from here on */
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

/* Room for one more entry of a list that begins with `few` in place; *room and *items change. */
static enum onus_code spill(struct onus_shard *shard, void **items, const void *few, size_t size,
        uint32_t count, uint8_t *room, struct onus_error *err)
{
    uint32_t bigger = count * 2;
    const void *from = *room > 0 ? *items : few;
    void *copy = onus_shard_alloc(shard, size * bigger, err);
    if (!copy) {
        return onus_shard_reason(shard);
    }
    memcpy(copy, from, size * count);
    *items = copy;
    *room = (uint8_t)bigger;
    return ONUS_OK;
}

enum onus_code onus_ref_list_add(struct onus_shard *shard, struct onus_ref_list *list,
        uint8_t bound, const struct onus_timed_ref *item, struct onus_error *err)
{
    struct onus_timed_ref *items = list->room > 0 ? list->items : list->few;
    if (list->count == bound && onus_timed_ref_compare(item, &items[bound - 1]) >= 0) {
        return ONUS_OK;
    }
    uint8_t at = list->count;
    while (at > 0 && onus_timed_ref_compare(item, &items[at - 1]) < 0) {
        at--;
    }
    if (at > 0 && onus_timed_ref_compare(item, &items[at - 1]) == 0) {
        return ONUS_OK; /* one line may hold many events */
    }
    if (list->count < bound && list->count == (list->room > 0 ? list->room : ONUS_REFS_INLINE)) {
        void *more = list->items;
        enum onus_code code =
                spill(shard, &more, list->few, sizeof(*items), list->count, &list->room, err);
        if (code != ONUS_OK) {
            return code;
        }
        list->items = more;
        items = list->items;
    }
    uint8_t kept = list->count < bound ? list->count : (uint8_t)(bound - 1);
    memmove(&items[at + 1], &items[at], sizeof(*item) * (size_t)(kept - at));
    items[at] = *item;
    list->count = (uint8_t)(kept + 1);
    return ONUS_OK;
}

enum onus_code onus_time_list_add(struct onus_shard *shard, struct onus_time_list *list,
        int64_t time, uint64_t times, struct onus_error *err)
{
    const uint8_t bound = shard->early_bound;
    for (uint64_t n = 0; n < times && n < bound; n++) {
        int64_t *items = list->room > 0 ? list->items : list->few;
        if (list->count == bound && time >= items[list->count - 1]) {
            return ONUS_OK;
        }
        if (list->count < bound &&
                list->count == (list->room > 0 ? list->room : ONUS_TIMES_INLINE)) {
            void *more = list->items;
            enum onus_code code =
                    spill(shard, &more, list->few, sizeof(*items), list->count, &list->room, err);
            if (code != ONUS_OK) {
                return code;
            }
            list->items = more;
            items = list->items;
        }
        uint8_t kept = list->count < bound ? list->count : (uint8_t)(bound - 1);
        uint8_t at = kept;
        while (at > 0 && time < items[at - 1]) {
            at--;
        }
        memmove(&items[at + 1], &items[at], sizeof(time) * (size_t)(kept - at));
        items[at] = time;
        list->count = (uint8_t)(kept + 1);
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

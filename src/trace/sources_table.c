/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/pages.h"
#include "base/str.h"

enum {
    FIRST_ROOM = 256,
    CACHE_LINE = 64,
};

_Static_assert(sizeof(struct onus_source) == CACHE_LINE, "a source is one cache line");

static struct onus_source *new_slots(size_t room)
{
    size_t size = sizeof(struct onus_source) * room;
    struct onus_source *slots =
            size >= ONUS_LARGE_PAGE ? onus_pages_alloc(&size) : aligned_alloc(CACHE_LINE, size);
    if (slots) {
        memset(slots, 0, sizeof(*slots) * room);
    }
    return slots;
}

enum onus_code onus_sources_init(struct onus_shard *shard, struct onus_error *err)
{
    struct onus_source *slots = onus_shard_alloc_aligned(shard, sizeof(*slots) * FIRST_ROOM, err);
    if (!slots) {
        return onus_shard_reason(shard);
    }
    shard->sources = (struct onus_source_table){.slots = slots, .room = FIRST_ROOM, .lent = true};
    return ONUS_OK;
}

static void release_slots(struct onus_source_table *table)
{
    if (!table->lent) {
        free(table->slots);
    }
}

void onus_sources_clear(struct onus_source_table *table)
{
    release_slots(table);
    *table = (struct onus_source_table){0};
}

struct source_key {
    uint8_t bytes[16];
    uint64_t hash;
    uint16_t flags;
};

/*
 * A name is identified by 128 bits of seeded hash. A line without a source belongs to the machine
 * that wrote it.
 */
static void key_of(uint64_t seed, const struct onus_event *event, struct source_key *out)
{
    if (event->has_source) {
        memcpy(out->bytes, event->source.bytes, sizeof(out->bytes));
        out->hash = event->source_hash;
        out->flags = ONUS_SOURCE_USED;
        return;
    }
    bool named = event->source_name.len > 0;
    struct onus_str text = named ? event->source_name : event->host;
    uint64_t half[2] = {onus_hash_str(seed, text), onus_hash_str(~seed, text)};
    memcpy(out->bytes, half, sizeof(out->bytes));
    out->hash = onus_hash_mix(half[0], named);
    out->flags = ONUS_SOURCE_USED | (named ? ONUS_SOURCE_NAMED : ONUS_SOURCE_NO_SOURCE);
}

static bool same_key(const uint8_t *a, const uint8_t *b)
{
    uint64_t left[2];
    uint64_t right[2];
    memcpy(left, a, sizeof(left));
    memcpy(right, b, sizeof(right));
    return ((left[0] ^ right[0]) | (left[1] ^ right[1])) == 0;
}

static size_t find_slot(const struct onus_source_table *table, const struct source_key *key)
{
    const uint16_t kind = ONUS_SOURCE_USED | ONUS_SOURCE_NAMED | ONUS_SOURCE_NO_SOURCE;
    size_t at = (size_t)key->hash & (table->room - 1);
    for (;;) {
        const struct onus_source *slot = &table->slots[at];
        if (!(slot->flags & ONUS_SOURCE_USED) ||
                ((slot->flags & kind) == key->flags && same_key(slot->key, key->bytes))) {
            return at;
        }
        at = (at + 1) & (table->room - 1);
    }
}

static enum onus_code make_room(struct onus_source_table *table, struct onus_error *err)
{
    if (table->used < table->room - table->room / 3) {
        return ONUS_OK;
    }
    size_t room = table->room * 2;
    if (room > UINT32_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %zu distinct sources", table->used);
    }
    struct onus_source *slots = new_slots(room);
    if (!slots) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < table->room; i++) {
        if (table->slots[i].flags & ONUS_SOURCE_USED) {
            size_t at = table->slots[i].tag & (room - 1);
            while (slots[at].flags & ONUS_SOURCE_USED) {
                at = (at + 1) & (room - 1);
            }
            slots[at] = table->slots[i];
        }
    }
    release_slots(table);
    table->slots = slots;
    table->room = room;
    table->lent = false;
    return ONUS_OK;
}

/* A place for a source that is not in the table; its key and flags are still to be set. */
static enum onus_code new_slot(struct onus_shard *shard, const struct source_key *key,
        struct onus_source **out, struct onus_error *err)
{
    enum onus_code code = make_room(&shard->sources, err);
    if (code == ONUS_OK) {
        *out = &shard->sources.slots[find_slot(&shard->sources, key)];
        (*out)->tag = (uint32_t)key->hash;
        (*out)->first = ONUS_TIME_NONE;
        (*out)->last = ONUS_TIME_NONE;
    }
    return code;
}

enum onus_code onus_sources_take(struct onus_shard *shard, const struct onus_event *event,
        struct onus_source **out, struct onus_error *err)
{
    struct onus_source *known = event->has_source ? onus_sources_known(&shard->sources,
                                                            &event->source, event->source_hash)
                                                  : NULL;
    if (known) {
        *out = known;
        return ONUS_OK;
    }
    struct source_key key;
    key_of(shard->seed, event, &key);
    struct onus_source *slot = &shard->sources.slots[find_slot(&shard->sources, &key)];
    if (!(slot->flags & ONUS_SOURCE_USED)) {
        enum onus_code code = new_slot(shard, &key, &slot, err);
        if (code != ONUS_OK) {
            return code;
        }
        memcpy(slot->key, key.bytes, sizeof(slot->key));
        if (key.flags != ONUS_SOURCE_USED) { /* its name must be kept now */
            struct onus_actor *actor = onus_source_actor(shard, slot, err);
            if (!actor) {
                return onus_shard_reason(shard);
            }
            struct onus_str text = key.flags & ONUS_SOURCE_NAMED ? event->source_name : event->host;
            text = onus_str_sub(text, 0, ONUS_NAME_KEPT);
            code = onus_arena_copy(&shard->arena, text, &actor->name, err);
            if (code != ONUS_OK) {
                return code;
            }
        }
        slot->flags = key.flags;
        shard->sources.used++;
    }
    *out = slot;
    return ONUS_OK;
}

enum onus_code onus_sources_take_plain(struct onus_shard *shard,
        const struct onus_plain_request *plain, struct onus_source **out, struct onus_error *err)
{
    struct source_key key = {.hash = plain->source_hash, .flags = ONUS_SOURCE_USED};
    memcpy(key.bytes, plain->source.bytes, sizeof(key.bytes));
    struct onus_source *slot = &shard->sources.slots[find_slot(&shard->sources, &key)];
    if (!(slot->flags & ONUS_SOURCE_USED)) {
        enum onus_code code = new_slot(shard, &key, &slot, err);
        if (code != ONUS_OK) {
            return code;
        }
        memcpy(slot->key, key.bytes, sizeof(slot->key));
        slot->flags = key.flags;
        shard->sources.used++;
    }
    *out = slot;
    return ONUS_OK;
}

const struct onus_source *onus_sources_find(const struct onus_shard *shard,
        const struct onus_event *event)
{
    struct source_key key;
    key_of(shard->seed, event, &key);
    size_t at = find_slot(&shard->sources, &key);
    const struct onus_source *slot = &shard->sources.slots[at];
    return slot->flags & ONUS_SOURCE_USED ? slot : NULL;
}

struct onus_actor *onus_source_actor(struct onus_shard *shard, struct onus_source *source,
        struct onus_error *err)
{
    if (!source->actor) {
        source->actor = onus_shard_alloc(shard, sizeof(*source->actor), err);
    }
    return source->actor;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "index_parts.h"

#include <stdlib.h>

#include "base/hash.h"

struct onus_index_entry {
    struct onus_key key;
    uint64_t lines, attempts;
};

enum {
    FIRST_ENTRIES = 256,
    FIRST_SLOTS = 1024,
    FIRST_LINES = 4096,
    UNKNOWN = 0, /* the entry of lines without a source */
};

/* Above this many rows no decoys are added: their places would run out. */
#define PADDED_ROWS_MAX ((size_t)1 << 22)

void onus_index_builder_init(struct onus_index_builder *builder, uint64_t seed)
{
    *builder = (struct onus_index_builder){.seed = seed};
    onus_arena_init(&builder->arena, ONUS_INDEX_MEMORY_MAX);
}

void onus_index_builder_clear(struct onus_index_builder *builder)
{
    uint64_t seed = builder->seed;
    onus_arena_clear(&builder->arena);
    onus_index_builder_init(builder, seed);
}

/* ---- gathering ------------------------------------------------------------------------------- */

/* Twice the room, what was there copied; the old array stays in the arena until the batch ends. */
static void *grown(struct onus_arena *arena, const void *old, size_t count, size_t room,
        size_t size)
{
    void *array = onus_arena_alloc(arena, room * size);
    if (array && count > 0) {
        memcpy(array, old, count * size);
    }
    return array;
}

static uint64_t place_of(const struct onus_index_builder *builder, const struct onus_key *key)
{
    return onus_hash_bytes(builder->seed, key->bytes, sizeof(key->bytes));
}

static enum onus_code rehash(struct onus_index_builder *builder, struct onus_error *err)
{
    size_t room = builder->slots ? (builder->slot_mask + 1) * 2 : FIRST_SLOTS;
    uint32_t *slots = onus_arena_alloc(&builder->arena, room * sizeof(*slots));
    if (!slots) {
        return onus_arena_reason(&builder->arena, err);
    }
    builder->slots = slots;
    builder->slot_mask = room - 1;
    for (size_t i = 0; i < builder->entry_count; i++) {
        size_t at = place_of(builder, &builder->entries[i].key) & builder->slot_mask;
        while (slots[at] != 0) {
            at = (at + 1) & builder->slot_mask;
        }
        slots[at] = (uint32_t)i + 1;
    }
    return ONUS_OK;
}

static enum onus_code add_entry(struct onus_index_builder *builder, const struct onus_key *key,
        struct onus_error *err)
{
    if (builder->entry_count == builder->entry_room) {
        size_t room = builder->entry_room > 0 ? builder->entry_room * 2 : FIRST_ENTRIES;
        struct onus_index_entry *entries = grown(&builder->arena, builder->entries,
                builder->entry_count, room, sizeof(*entries));
        if (!entries) {
            return onus_arena_reason(&builder->arena, err);
        }
        builder->entries = entries;
        builder->entry_room = room;
    }
    builder->entries[builder->entry_count++] = (struct onus_index_entry){.key = *key};
    return ONUS_OK;
}

static enum onus_code start(struct onus_index_builder *builder, struct onus_error *err)
{
    if (builder->entry_count > 0) {
        return ONUS_OK;
    }
    struct onus_key unknown = onus_key_unknown();
    return add_entry(builder, &unknown, err);
}

static enum onus_code entry_of(struct onus_index_builder *builder,
        const struct onus_address *source, uint32_t *out, struct onus_error *err)
{
    enum onus_code code = start(builder, err);
    if (code != ONUS_OK || !source) {
        *out = UNKNOWN;
        return code;
    }
    if (builder->entry_count > builder->slot_mask / 2) {
        code = rehash(builder, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    struct onus_key key = onus_key_of(source);
    size_t at = place_of(builder, &key) & builder->slot_mask;
    while (builder->slots[at] != 0) {
        uint32_t entry = builder->slots[at] - 1;
        if (onus_key_compare(&builder->entries[entry].key, &key) == 0) {
            *out = entry;
            return ONUS_OK;
        }
        at = (at + 1) & builder->slot_mask;
    }
    code = add_entry(builder, &key, err);
    if (code == ONUS_OK) {
        *out = (uint32_t)builder->entry_count - 1;
        builder->slots[at] = *out + 1;
    }
    return code;
}

static enum onus_code add_attempts(struct onus_index_builder *builder, uint32_t entry,
        uint64_t attempts, struct onus_error *err)
{
    if (attempts > (uint64_t)INT64_MAX - builder->entries[entry].attempts) {
        return onus_fail(err, ONUS_E_LIMIT, "more attempts than can be counted");
    }
    builder->entries[entry].attempts += attempts;
    return ONUS_OK;
}

enum onus_code onus_index_add_line(struct onus_index_builder *builder,
        const struct onus_address *source, uint64_t attempts, struct onus_error *err)
{
    if (builder->line_count >= ONUS_INDEX_LINES_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a batch holds at most %u lines", ONUS_INDEX_LINES_MAX);
    }
    if (builder->line_count == builder->line_room) {
        size_t room = builder->line_room > 0 ? builder->line_room * 2 : FIRST_LINES;
        uint32_t *sources = grown(&builder->arena, builder->sources, builder->line_count, room,
                sizeof(*sources));
        if (!sources) {
            return onus_arena_reason(&builder->arena, err);
        }
        builder->sources = sources;
        builder->line_room = room;
    }
    uint32_t entry = 0;
    enum onus_code code = entry_of(builder, source, &entry, err);
    if (code == ONUS_OK) {
        code = add_attempts(builder, entry, attempts, err);
    }
    if (code == ONUS_OK) {
        builder->sources[builder->line_count++] = entry;
        builder->entries[entry].lines++;
    }
    return code;
}

enum onus_code onus_index_add_extra(struct onus_index_builder *builder,
        const struct onus_address *source, uint64_t attempts, struct onus_error *err)
{
    uint32_t entry = 0;
    enum onus_code code = entry_of(builder, source, &entry, err);
    return code == ONUS_OK ? add_attempts(builder, entry, attempts, err) : code;
}

enum onus_code onus_index_add_block(struct onus_index_builder *builder,
        const struct onus_sink_block *block, size_t first, size_t end, struct onus_error *err)
{
    if (first > end || end > block->line_count) {
        return onus_fail(err, ONUS_E_ARGUMENT, "lines %zu to %zu are not in a block of %zu", first,
                end, block->line_count);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = first; code == ONUS_OK && i < end; i++) {
        const struct onus_sink_line *line = &block->lines[i];
        code = onus_index_add_line(builder, line->has_source ? &line->source : NULL, line->attempts,
                err);
    }
    for (size_t i = 0; code == ONUS_OK && i < block->extra_count; i++) {
        const struct onus_sink_extra *extra = &block->extras[i];
        if (extra->line >= first && extra->line < end) {
            code = onus_index_add_extra(builder, &extra->source, extra->attempts, err);
        }
    }
    return code;
}

/* ---- fences ---------------------------------------------------------------------------------- */

/* Keys in ascending order, each once. */
struct key_list {
    struct onus_key *keys;
    size_t count;
};

enum {
    FINE,   /* /24, /48 */
    COARSE, /* /16, /32 */
    ROUTED,
    ENDS, /* the lowest key, the fence of lines without a source */
    LEVELS
};

static int compare_keys(const void *a, const void *b)
{
    return onus_key_compare(a, b);
}

static void list_add(struct key_list *list, const struct onus_key *key)
{
    if (list->count == 0 || onus_key_compare(&list->keys[list->count - 1], key) != 0) {
        list->keys[list->count++] = *key;
    }
}

static bool ascends(const struct key_list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (onus_key_compare(&list->keys[i - 1], &list->keys[i]) >= 0) {
            return false;
        }
    }
    return true;
}

static void list_sort(struct key_list *list)
{
    if (ascends(list)) {
        return;
    }
    qsort(list->keys, list->count, sizeof(*list->keys), compare_keys);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || onus_key_compare(&list->keys[kept - 1], &list->keys[i]) != 0) {
            list->keys[kept++] = list->keys[i];
        }
    }
    list->count = kept;
}

static void add_routed(const struct onus_index_options *options, struct key_list *list,
        const struct onus_address *address)
{
    struct onus_address low;
    struct onus_address high;
    if (!options->routed || !options->routed(options->routed_data, address, &low, &high)) {
        return;
    }
    struct onus_key from = onus_key_fence(&low);
    struct onus_key to = onus_key_after(&high);
    struct onus_key own = onus_key_of(address);
    if (from.bytes[0] == own.bytes[0] && onus_address_is_v4(&high) == onus_address_is_v4(address) &&
            onus_key_compare(&from, &own) < 0 && onus_key_compare(&own, &to) < 0) {
        list_add(list, &from);
        list_add(list, &to);
    }
}

/* Sources ascend, so do the edges of their networks, but for what a table of networks may say. */
static enum onus_code find_fences(struct onus_index_entry *const *sorted, size_t count,
        const struct onus_index_options *options, struct onus_arena *arena,
        struct key_list lists[static LEVELS], struct onus_error *err)
{
    for (size_t level = 0; level < LEVELS; level++) {
        lists[level] = (struct key_list){
                .keys = onus_arena_alloc(arena, (count * 2 + 2) * sizeof(struct onus_key))};
        if (!lists[level].keys) {
            return onus_arena_reason(arena, err);
        }
    }
    struct onus_key end = onus_key_lowest();
    list_add(&lists[ENDS], &end);
    end = onus_key_unknown_fence();
    list_add(&lists[ENDS], &end);
    for (size_t i = 0; i < count; i++) {
        struct onus_address address;
        if (!onus_key_address(&sorted[i]->key, &address)) {
            continue;
        }
        bool v4 = onus_address_is_v4(&address);
        struct onus_key low;
        struct onus_key high;
        onus_key_edges(&address, v4 ? 24 : 48, &low, &high);
        list_add(&lists[FINE], &low);
        list_add(&lists[FINE], &high);
        onus_key_edges(&address, v4 ? 16 : 32, &low, &high);
        list_add(&lists[COARSE], &low);
        list_add(&lists[COARSE], &high);
        add_routed(options, &lists[ROUTED], &address);
    }
    for (size_t level = 0; level < LEVELS; level++) {
        list_sort(&lists[level]);
    }
    return ONUS_OK;
}

static const struct onus_key *least_of(const struct key_list *lists, const size_t *at, size_t count)
{
    const struct onus_key *least = NULL;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < lists[i].count &&
                (!least || onus_key_compare(&lists[i].keys[at[i]], least) < 0)) {
            least = &lists[i].keys[at[i]];
        }
    }
    return least;
}

#define MERGED_MAX (LEVELS + 1)

/* All keys of `lists` in order, each once, in a new list of the arena. */
static enum onus_code merge_lists(const struct key_list *lists, size_t count,
        struct onus_arena *arena, struct key_list *out, struct onus_error *err)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        all += lists[i].count;
    }
    *out = (struct key_list){.keys = onus_arena_alloc(arena, all * sizeof(struct onus_key))};
    if (!out->keys) {
        return onus_arena_reason(arena, err);
    }
    size_t at[MERGED_MAX] = {0};
    for (const struct onus_key *least = least_of(lists, at, count); least;
            least = least_of(lists, at, count)) {
        struct onus_key key = *least;
        out->keys[out->count++] = key;
        for (size_t i = 0; i < count; i++) {
            at[i] += at[i] < lists[i].count && onus_key_compare(&lists[i].keys[at[i]], &key) == 0;
        }
    }
    return ONUS_OK;
}

/* Numbers of /24 networks that follow from a key. */
struct drawing {
    const struct onus_digest *key;
    uint64_t round;
    struct onus_digest digest;
    size_t at; /* bytes of the digest that are used up */
};

static struct onus_key draw(struct drawing *drawing)
{
    if (drawing->round == 0 || drawing->at + 3 > sizeof(drawing->digest.bytes)) {
        uint8_t number[8];
        onus_be64_put(number, drawing->round++);
        const struct onus_str parts[] = {ONUS_STR("onus/decoys"), {(const char *)number, 8}};
        onus_hmac_sha256(onus_digest_view(drawing->key), parts, ONUS_COUNT(parts),
                &drawing->digest);
        drawing->at = 0;
    }
    const uint8_t *three = drawing->digest.bytes + drawing->at;
    drawing->at += 3;
    struct onus_address address = onus_address_of_v4(
            (uint32_t)three[0] << 24 | (uint32_t)three[1] << 16 | (uint32_t)three[2] << 8);
    return onus_key_fence(&address);
}

static bool list_has(const struct key_list *list, const struct onus_key *key)
{
    return bsearch(key, list->keys, list->count, sizeof(*list->keys), compare_keys) != NULL;
}

/*
 * Edges of networks that are no rows yet, as many as a power of two of rows wants: whoever sees the
 * number of a row shall not know how many neighbours stand before it.
 */
static enum onus_code draw_decoys(const struct onus_digest *key, const struct key_list *rows,
        size_t others, struct onus_arena *arena, struct key_list *out, struct onus_error *err)
{
    size_t all = rows->count + others;
    size_t target = 1;
    while (target < all) {
        target *= 2;
    }
    size_t wanted = key && target <= PADDED_ROWS_MAX ? target - all : 0;
    *out = (struct key_list){.keys = onus_arena_alloc(arena, (wanted + 1) * sizeof(*out->keys))};
    if (!out->keys) {
        return onus_arena_reason(arena, err);
    }
    struct drawing drawing = {.key = key};
    while (out->count < wanted) {
        while (out->count < wanted) {
            struct onus_key fence = draw(&drawing);
            if (!list_has(rows, &fence)) {
                out->keys[out->count++] = fence;
            }
        }
        list_sort(out); /* drops what was drawn twice */
    }
    return ONUS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int compare_entries(const void *a, const void *b)
{
    const struct onus_index_entry *const *x = a;
    const struct onus_index_entry *const *y = b;
    return onus_key_compare(&(*x)->key, &(*y)->key);
}

/* What one build works with; dies with its arena. */
struct build {
    const struct onus_index_builder *builder;
    const struct onus_index_options *options;
    struct onus_arena scratch;
    struct onus_index_entry **sorted;
    uint32_t *row_of; /* of each entry */
    uint64_t *cursor; /* of each entry: where its next line number goes */
    uint64_t *last;   /* of each entry: the line number before */
};

static enum onus_code sort_entries(struct build *build, struct onus_error *err)
{
    size_t count = build->builder->entry_count;
    /* NOLINTBEGIN(bugprone-sizeof-expression): a table of pointers */
    build->sorted = onus_arena_alloc(&build->scratch, count * sizeof(*build->sorted));
    build->row_of = onus_arena_alloc(&build->scratch, count * sizeof(*build->row_of));
    build->cursor = build->row_of ? onus_arena_alloc(&build->scratch, count * 8) : NULL;
    build->last = build->cursor ? onus_arena_alloc(&build->scratch, count * 8) : NULL;
    if (!build->sorted || !build->last) {
        return onus_arena_reason(&build->scratch, err);
    }
    for (size_t i = 0; i < count; i++) {
        build->sorted[i] = &build->builder->entries[i];
    }
    qsort(build->sorted, count, sizeof(build->sorted[0]), compare_entries);
    /* NOLINTEND(bugprone-sizeof-expression) */
    return ONUS_OK;
}

/* The keys of all fences, decoys among them. */
static enum onus_code fences(struct build *build, struct key_list *out, struct onus_error *err)
{
    struct onus_arena *scratch = &build->scratch;
    size_t sources = build->builder->entry_count;
    struct key_list lists[MERGED_MAX] = {{NULL, 0}};
    struct key_list without = {.keys = NULL};
    enum onus_code code = find_fences(build->sorted, sources, build->options, scratch, lists, err);
    if (code == ONUS_OK) {
        code = merge_lists(lists, LEVELS, scratch, &without, err);
    }
    if (code == ONUS_OK) {
        code = draw_decoys(build->options->decoy_key, &without, sources, scratch, &lists[0], err);
    }
    lists[1] = without;
    return code == ONUS_OK ? merge_lists(lists, 2, scratch, out, err) : code;
}

static enum onus_code fill_rows(struct build *build, const struct key_list *edges,
        struct onus_arena *arena, struct onus_index *out, struct onus_error *err)
{
    size_t sources = build->builder->entry_count;
    out->count = sources + edges->count;
    out->rows = onus_arena_alloc(arena, out->count * sizeof(*out->rows));
    if (!out->rows) {
        return onus_arena_reason(arena, err);
    }
    size_t source = 0;
    size_t edge = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct onus_index_row *row = &out->rows[i];
        if (edge < edges->count &&
                (source == sources ||
                        onus_key_compare(&edges->keys[edge], &build->sorted[source]->key) < 0)) {
            row->key = edges->keys[edge++];
            continue;
        }
        const struct onus_index_entry *entry = build->sorted[source++];
        row->key = entry->key;
        row->own_lines = entry->lines;
        row->own_attempts = entry->attempts;
        build->row_of[entry - build->builder->entries] = (uint32_t)i;
    }
    if (!onus_index_sums(out->rows, out->count)) {
        return onus_fail(err, ONUS_E_LIMIT, "more attempts than can be counted");
    }
    return ONUS_OK;
}

/* The bytes of all line numbers: first how many each source needs, then the numbers themselves. */
static enum onus_code fill_postings(struct build *build, struct onus_arena *arena,
        struct onus_index *out, struct onus_error *err)
{
    const uint32_t *sources = build->builder->sources;
    size_t lines = build->builder->line_count;
    for (size_t i = 0; i < lines; i++) {
        uint32_t entry = sources[i];
        build->cursor[entry] += onus_varint_size(i - build->last[entry]);
        build->last[entry] = i;
    }
    uint64_t bytes = 0;
    for (size_t i = 0; i < build->builder->entry_count; i++) {
        size_t entry = (size_t)(build->sorted[i] - build->builder->entries);
        out->rows[build->row_of[entry]].postings_at = bytes;
        uint64_t own = build->cursor[entry];
        build->cursor[entry] = bytes;
        build->last[entry] = 0;
        bytes += own;
    }
    uint8_t *numbers = onus_arena_alloc(arena, bytes + 1);
    if (!numbers) {
        return onus_arena_reason(arena, err);
    }
    for (size_t i = 0; i < lines; i++) {
        uint32_t entry = sources[i];
        build->cursor[entry] +=
                onus_varint_put(numbers + build->cursor[entry], i - build->last[entry]);
        build->last[entry] = i;
    }
    out->postings = (struct onus_str){(const char *)numbers, bytes};
    out->has_postings = true;
    return ONUS_OK;
}

static enum onus_code build_in(struct build *build, struct onus_arena *arena,
        struct onus_index *out, struct onus_error *err)
{
    struct key_list edges;
    enum onus_code code = sort_entries(build, err);
    if (code == ONUS_OK) {
        code = fences(build, &edges, err);
    }
    if (code == ONUS_OK) {
        code = fill_rows(build, &edges, arena, out, err);
    }
    if (code == ONUS_OK) {
        code = fill_postings(build, arena, out, err);
    }
    return code == ONUS_OK ? onus_index_postings_roots(out, build->options->kernel, err) : code;
}

enum onus_code onus_index_build(struct onus_index_builder *builder,
        const struct onus_index_options *options, struct onus_arena *arena, struct onus_index *out,
        struct onus_error *err)
{
    enum onus_code code = start(builder, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct build build = {.builder = builder, .options = options};
    onus_arena_init(&build.scratch, ONUS_INDEX_MEMORY_MAX);
    struct onus_index index = {.rows = NULL};
    code = build_in(&build, arena, &index, err);
    onus_arena_clear(&build.scratch);
    if (code == ONUS_OK) {
        *out = index;
    }
    return code;
}

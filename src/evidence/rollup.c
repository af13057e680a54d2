/* SPDX-License-Identifier: Apache-2.0 */
#include "rollup.h"

#include <stdlib.h>

#include "index_parts.h"
#include "text/timestamp.h"

/* ---- when ------------------------------------------------------------------------------------ */

#define DAY 86400u

/* A period is told by its number: days since 1970, months since year 0. */
struct period {
    uint64_t number;
    uint64_t end; /* seconds: the first that is behind it */
};

static struct period day_of(uint64_t seconds)
{
    uint64_t number = seconds / DAY;
    return (struct period){number, number * DAY + DAY};
}

static struct period month_of(uint64_t seconds)
{
    struct onus_civil civil;
    onus_time_to_civil((int64_t)seconds * ONUS_USEC, &civil);
    uint64_t number = (uint64_t)civil.year * 12 + (uint64_t)civil.month - 1;
    struct onus_civil next = {.year = civil.year + civil.month / 12,
            .month = civil.month % 12 + 1,
            .day = 1};
    return (struct period){number, (uint64_t)(onus_time_of_civil(&next) / ONUS_USEC)};
}

struct due {
    struct onus_rollup_range *ranges;
    size_t count;
    const struct onus_rollup_range *existing;
    size_t existing_count;
};

static bool stands(const struct onus_rollup_range *ranges, size_t count,
        const struct onus_rollup_range *range)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first == range->first && ranges[i].last == range->last) {
            return true;
        }
    }
    return false;
}

static void add_range(struct due *due, uint64_t first, uint64_t last)
{
    struct onus_rollup_range range = {first, last};
    if (last > first && !stands(due->existing, due->existing_count, &range) &&
            !stands(due->ranges, due->count, &range)) {
        due->ranges[due->count++] = range;
    }
}

/* Years that a calendar of times on lines can hold; a slot may say anything. */
#define SECONDS_MAX UINT64_C(7258118400) /* 2200-01-01 */

static void plan(const struct onus_rollup_batch *batches, size_t count, uint64_t now,
        struct period (*period_of)(uint64_t seconds), struct due *due)
{
    bool running = false;
    uint64_t reached = 0; /* latest time so far */
    uint64_t first = 0;
    struct period period = {0, 0};
    for (size_t i = 0; i < count; i++) {
        if (batches[i].has_time && batches[i].last_time < SECONDS_MAX &&
                batches[i].last_time > reached) {
            reached = batches[i].last_time;
        }
        struct period here = period_of(reached);
        if (running && here.number > period.number) {
            add_range(due, first, batches[i].seq - 1);
            running = false;
        }
        if (!running && reached > 0) {
            running = true;
            first = batches[i].seq;
            period = here;
        }
    }
    if (running && now > period.end && now - period.end > DAY) {
        add_range(due, first, batches[count - 1].seq);
    }
}

static int compare_ranges(const void *a, const void *b)
{
    const struct onus_rollup_range *x = a;
    const struct onus_rollup_range *y = b;
    int first = (x->first > y->first) - (x->first < y->first);
    return first != 0 ? first : (x->last > y->last) - (x->last < y->last);
}

enum onus_code onus_rollup_due(const struct onus_rollup_batch *batches, size_t batch_count,
        const struct onus_rollup_range *existing, size_t existing_count, uint64_t now,
        struct onus_arena *arena, struct onus_rollup_range **out, size_t *count,
        struct onus_error *err)
{
    struct due due = {.existing = existing, .existing_count = existing_count};
    due.ranges = onus_arena_alloc(arena, (batch_count + 2) * sizeof(*due.ranges));
    if (!due.ranges) {
        return onus_arena_reason(arena, err);
    }
    plan(batches, batch_count, now, day_of, &due);
    plan(batches, batch_count, now, month_of, &due);
    qsort(due.ranges, due.count, sizeof(*due.ranges), compare_ranges);
    *out = due.ranges;
    *count = due.count;
    return ONUS_OK;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Where the merge stands in each part; parts in a heap by their next key, then by seq. */
struct merge {
    const struct onus_rollup_part *parts;
    size_t *at;       /* of each part: its next row */
    uint64_t *before; /* of each part: lines of the parts before it */
    uint32_t *heap;
    size_t heap_count;
};

static const struct onus_key *next_key(const struct merge *merge, uint32_t part)
{
    return &merge->parts[part].index->rows[merge->at[part]].key;
}

static bool comes_before(const struct merge *merge, uint32_t a, uint32_t b)
{
    int order = onus_key_compare(next_key(merge, a), next_key(merge, b));
    return order != 0 ? order < 0 : a < b;
}

static void sink(struct merge *merge, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < merge->heap_count &&
                    comes_before(merge, merge->heap[child], merge->heap[least])) {
                least = child;
            }
        }
        if (least == at) {
            return;
        }
        uint32_t moved = merge->heap[at];
        merge->heap[at] = merge->heap[least];
        merge->heap[least] = moved;
        at = least;
    }
}

/* The part on top goes on to its next row, or leaves. */
static void advance(struct merge *merge)
{
    uint32_t part = merge->heap[0];
    if (++merge->at[part] == merge->parts[part].index->count) {
        merge->heap[0] = merge->heap[--merge->heap_count];
    }
    sink(merge, 0);
}

static void merge_start(struct merge *merge, size_t part_count)
{
    memset(merge->at, 0, part_count * sizeof(*merge->at));
    merge->heap_count = 0;
    uint64_t lines = 0;
    for (size_t i = 0; i < part_count; i++) {
        merge->before[i] = lines;
        lines += onus_index_lines(merge->parts[i].index);
        if (merge->parts[i].index->count > 0) {
            merge->heap[merge->heap_count++] = (uint32_t)i;
        }
    }
    for (size_t i = merge->heap_count; i > 0; i--) {
        sink(merge, i - 1);
    }
}

static size_t count_keys(struct merge *merge, size_t part_count)
{
    size_t count = 0;
    struct onus_key last = {{0}};
    merge_start(merge, part_count);
    while (merge->heap_count > 0) {
        const struct onus_key *key = next_key(merge, merge->heap[0]);
        count += onus_key_compare(key, &last) != 0;
        last = *key;
        advance(merge);
    }
    return count;
}

/*
 * Rows, and line numbers moved behind those of the parts before. Numbers of one key follow one another in
 * the order of the parts: only the first of a part has to be written anew.
 */
static void merge_rows(struct merge *merge, size_t part_count, struct onus_index *out,
        uint8_t *numbers)
{
    struct onus_index_row *row = NULL;
    size_t filled = 0;
    size_t bytes = 0;
    uint64_t last_line = 0;
    merge_start(merge, part_count);
    while (merge->heap_count > 0) {
        uint32_t part = merge->heap[0];
        const struct onus_index *index = merge->parts[part].index;
        const struct onus_index_row *from = &index->rows[merge->at[part]];
        if (!row || onus_key_compare(&row->key, &from->key) != 0) {
            row = &out->rows[filled++];
            row->key = from->key;
            row->postings_at = bytes;
            last_line = 0;
        }
        row->own_lines += from->own_lines;
        row->own_attempts += from->own_attempts;
        struct onus_postings postings = onus_postings_of(index, merge->at[part]);
        while (onus_postings_next(&postings)) {
            uint64_t line = merge->before[part] + postings.line;
            bytes += onus_varint_put(numbers + bytes, line - last_line);
            last_line = line;
        }
        advance(merge);
    }
    out->postings = (struct onus_str){(const char *)numbers, bytes};
    out->has_postings = true;
}

static enum onus_code merge_indexes(const struct onus_rollup_making *making,
        struct onus_arena *scratch, struct onus_arena *arena, struct onus_index *out,
        struct onus_error *err)
{
    size_t parts = making->part_count;
    struct merge merge = {.parts = making->parts};
    merge.at = onus_arena_alloc(scratch, parts * sizeof(*merge.at));
    merge.before = onus_arena_alloc(scratch, parts * sizeof(*merge.before));
    merge.heap = onus_arena_alloc(scratch, parts * sizeof(*merge.heap));
    if (!merge.at || !merge.before || !merge.heap) {
        return onus_arena_reason(scratch, err);
    }
    out->count = count_keys(&merge, parts);
    out->rows = onus_arena_alloc(arena, out->count * sizeof(*out->rows));
    if (!out->rows) {
        return onus_arena_reason(arena, err);
    }
    uint64_t room = 1;
    for (size_t i = 0; i < parts; i++) { /* a first number grows by less than a whole varint */
        room += making->parts[i].index->postings.len +
                making->parts[i].index->count * ONUS_VARINT_MAX;
    }
    uint8_t *numbers = onus_arena_alloc(scratch, room);
    if (!numbers) {
        return onus_arena_reason(scratch, err);
    }
    merge_rows(&merge, parts, out, numbers);
    if (!onus_index_sums(out->rows, out->count)) {
        return onus_fail(err, ONUS_E_LIMIT, "more attempts than can be counted");
    }
    enum onus_code code = onus_index_postings_roots(out, making->kernel, err);
    out->postings = ONUS_STR_NONE; /* a roll-up keeps the roots only */
    out->has_postings = false;
    for (size_t i = 0; i < out->count; i++) {
        out->rows[i].postings_at = 0;
    }
    return code;
}

/* ---- the manifest ---------------------------------------------------------------------------- */

static enum onus_code put_bytes(struct onus_arena *arena, struct onus_manifest *manifest,
        enum onus_slot_kind kind, const void *bytes, size_t size, struct onus_error *err)
{
    return onus_arena_copy(arena, (struct onus_str){bytes, size},
            &manifest->values[(unsigned)kind - (unsigned)ONUS_SLOT_NAME], err);
}

static enum onus_code put_number(struct onus_arena *arena, struct onus_manifest *manifest,
        enum onus_slot_kind kind, uint64_t number, struct onus_error *err)
{
    uint8_t bytes[8];
    onus_be64_put(bytes, number);
    return put_bytes(arena, manifest, kind, bytes, sizeof(bytes), err);
}

/* What is said over all parts. */
struct summary {
    bool has_time;
    uint64_t first_time, last_time, lines;
    uint8_t flags;
    struct onus_digest root;
};

/* Flags of any part, but "heartbeat" only when nothing came in all of them. */
static enum onus_code summarise(const struct onus_rollup_making *making, struct summary *out,
        struct onus_error *err)
{
    *out = (struct summary){.flags = 0};
    bool silent = true;
    struct onus_frontier frontier;
    onus_frontier_init(&frontier);
    for (size_t i = 0; i < making->part_count; i++) {
        const struct onus_manifest *part = making->parts[i].manifest;
        uint8_t flags = onus_manifest_flags(part);
        silent = silent && (flags & ONUS_BATCH_HEARTBEAT) != 0;
        out->flags |= flags;
        out->lines += onus_manifest_number(part, ONUS_SLOT_LINES);
        if (onus_manifest_value(part, ONUS_SLOT_FIRST_TIME).len > 0) {
            uint64_t first = onus_manifest_number(part, ONUS_SLOT_FIRST_TIME);
            uint64_t last = onus_manifest_number(part, ONUS_SLOT_LAST_TIME);
            out->first_time = out->has_time && out->first_time < first ? out->first_time : first;
            out->last_time = out->has_time && out->last_time > last ? out->last_time : last;
            out->has_time = true;
        }
        struct onus_digest leaf;
        onus_leaf_hash(onus_digest_view(making->parts[i].leaf), &leaf);
        if (onus_frontier_add(&frontier, &leaf, err) != ONUS_OK) {
            return ONUS_E_LIMIT;
        }
    }
    if (!silent) {
        out->flags &= (uint8_t)~ONUS_BATCH_HEARTBEAT;
    }
    onus_frontier_root(&frontier, &out->root);
    return ONUS_OK;
}

static enum onus_code fill_manifest(const struct onus_rollup_making *making,
        const struct onus_index *index, struct onus_arena *arena, struct onus_manifest *out,
        struct onus_error *err)
{
    const struct onus_rollup_part *last = &making->parts[making->part_count - 1];
    struct onus_index_salts salts = {.key = making->key};
    struct onus_digest root;
    enum onus_code code = onus_index_root(index, &salts, making->kernel, &root, err);
    struct summary all = {.flags = 0};
    if (code == ONUS_OK) {
        code = summarise(making, &all, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    *out = (struct onus_manifest){.profile = ONUS_PROFILE_ROLLUP,
            .tag = last->manifest->tag,
            .first = making->parts[0].manifest->first,
            .last = last->manifest->last,
            .slot = index->count * ONUS_ROW_SLOTS};
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        out->values[i] = ONUS_STR("");
    }
    struct onus_str name = onus_manifest_value(last->manifest, ONUS_SLOT_NAME);
    struct onus_str rules = onus_manifest_value(last->manifest, ONUS_SLOT_RULES);
    uint8_t slot49[ONUS_INDEX_SLOT49];
    onus_index_slot49(index->count, &root, slot49);
    const struct {
        enum onus_slot_kind kind;
        struct onus_str bytes;
    } texts[] = {
            {ONUS_SLOT_NAME, name},
            {ONUS_SLOT_COLLECTOR, making->collector},
            {ONUS_SLOT_PREVIOUS, onus_digest_view(last->leaf)},
            {ONUS_SLOT_ROOT, onus_digest_view(&all.root)},
            {ONUS_SLOT_INDEX, {(const char *)slot49, sizeof(slot49)}},
            {ONUS_SLOT_RULES, rules},
            {ONUS_SLOT_FLAGS, {(const char *)&all.flags, 1}},
    };
    for (size_t i = 0; code == ONUS_OK && i < ONUS_COUNT(texts); i++) {
        code = put_bytes(arena, out, texts[i].kind, texts[i].bytes.ptr, texts[i].bytes.len, err);
    }
    const struct {
        enum onus_slot_kind kind;
        uint64_t number;
        bool known;
    } numbers[] = {
            {ONUS_SLOT_FIRST_TIME, all.first_time, all.has_time},
            {ONUS_SLOT_LAST_TIME, all.last_time, all.has_time},
            {ONUS_SLOT_SEALED_AT, making->sealed_at, true},
            {ONUS_SLOT_LINES, all.lines, true},
            {ONUS_SLOT_LEAVES, making->part_count, true},
    };
    for (size_t i = 0; code == ONUS_OK && i < ONUS_COUNT(numbers); i++) {
        if (numbers[i].known) {
            code = put_number(arena, out, numbers[i].kind, numbers[i].number, err);
        }
    }
    return code;
}

static enum onus_code check_parts(const struct onus_rollup_making *making, struct onus_error *err)
{
    if (making->part_count < 2 || making->part_count > UINT32_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a roll-up is over two batches and more");
    }
    for (size_t i = 0; i < making->part_count; i++) {
        const struct onus_manifest *part = making->parts[i].manifest;
        const struct onus_index *index = making->parts[i].index;
        if (part->profile != ONUS_PROFILE_MANIFEST ||
                part->first != making->parts[0].manifest->first + i ||
                !onus_tag_eq(&part->tag, &making->parts[0].manifest->tag)) {
            return onus_fail(err, ONUS_E_ARGUMENT,
                    "a roll-up is over batches that follow one another");
        }
        bool gone = !index->has_postings;
        for (size_t j = 0; j < index->count; j++) {
            gone = gone || index->rows[j].key_gone;
        }
        if (gone) {
            return onus_fail(err, ONUS_E_MISSING, "part of the index of batch %llu was erased",
                    (unsigned long long)part->first);
        }
    }
    return ONUS_OK;
}

enum onus_code onus_rollup_make(const struct onus_rollup_making *making, struct onus_arena *arena,
        struct onus_index *index, struct onus_manifest *manifest, struct onus_error *err)
{
    enum onus_code code = check_parts(making, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_arena scratch;
    onus_arena_init(&scratch, ONUS_INDEX_MEMORY_MAX);
    struct onus_index merged = {.rows = NULL};
    code = merge_indexes(making, &scratch, arena, &merged, err);
    onus_arena_clear(&scratch);
    if (code == ONUS_OK) {
        code = fill_manifest(making, &merged, arena, manifest, err);
    }
    if (code == ONUS_OK) {
        *index = merged;
    }
    return code;
}

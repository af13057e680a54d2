/* SPDX-License-Identifier: Apache-2.0 */
#include "erase_parts.h"

#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- names ----------------------------------------------------------------------------------- */

enum onus_code onus_erase_names(int at, const char *folder, onus_erase_name call, void *data,
        struct onus_error *err)
{
    int descriptor = openat(at, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) {
        return ONUS_OK;
    }
    DIR *names = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!names) {
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return onus_fail(err, ONUS_E_IO, "the folder '%s' cannot be read", folder);
    }
    enum onus_code code = ONUS_OK;
    const struct dirent *name = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is of this call alone */
    while (code == ONUS_OK && (name = readdir(names)) != NULL) {
        if (name->d_name[0] != '.') {
            code = call(data, name->d_name, err);
        }
    }
    (void)closedir(names);
    return code;
}

struct listing {
    struct onus_arena *arena;
    struct onus_rollup_range *ranges;
    size_t count, room;
};

static enum onus_code add_range(void *data, const char *name, struct onus_error *err)
{
    struct listing *listing = data;
    struct onus_str rest = onus_str_of(name);
    struct onus_str head;
    struct onus_rollup_range range;
    if (!onus_str_drop(&rest, ONUS_STR(".man")) || !onus_str_cut(&rest, '-', &head) ||
            !onus_str_to_u64(head, ONUS_SEQ_MAX, &range.first) ||
            !onus_str_to_u64(rest, ONUS_SEQ_MAX, &range.last)) {
        return ONUS_OK;
    }
    if (listing->count == listing->room) {
        size_t room = listing->room == 0 ? 64 : listing->room * 2;
        struct onus_rollup_range *bigger = onus_arena_alloc(listing->arena, room * sizeof(*bigger));
        if (!bigger) {
            return onus_arena_reason(listing->arena, err);
        }
        if (listing->count > 0) {
            memcpy(bigger, listing->ranges, listing->count * sizeof(*bigger));
        }
        listing->ranges = bigger;
        listing->room = room;
    }
    listing->ranges[listing->count++] = range;
    return ONUS_OK;
}

static int by_range(const void *left, const void *right)
{
    const struct onus_rollup_range *a = left;
    const struct onus_rollup_range *b = right;
    int first = (a->first > b->first) - (a->first < b->first);
    return first != 0 ? first : (a->last > b->last) - (a->last < b->last);
}

enum onus_code onus_erase_rollups(const struct onus_vault *vault, const struct onus_tag *tag,
        struct onus_arena *arena, struct onus_rollup_range **out, size_t *count,
        struct onus_error *err)
{
    struct listing listing = {.arena = arena};
    char folder[ONUS_BATCH_PATH_MAX];
    onus_rollup_path(tag, 0, 0, "", folder);
    *strrchr(folder, '/') = '\0';
    enum onus_code code = onus_erase_names(onus_vault_at(vault), folder, add_range, &listing, err);
    if (listing.count > 0) {
        qsort(listing.ranges, listing.count, sizeof(*listing.ranges), by_range);
    }
    *out = listing.ranges;
    *count = listing.count;
    return code;
}

/* ---- keys that go ---------------------------------------------------------------------------- */

/* A key that one of the batches loses, and whether another batch of the roll-up still has it. */
struct going {
    struct onus_key key;
    bool stays;
};

struct weighing {
    struct onus_erase_building *building;
    const struct onus_source *source;
    size_t first_part, end_part; /* parts of batches of this source, by seq */
    struct onus_rollup_range range;
    struct going *keys;
    size_t count;
};

static int by_key(const void *left, const void *right)
{
    const struct going *a = left;
    const struct going *b = right;
    return onus_key_compare(&a->key, &b->key);
}

static const struct onus_erase_part *part_of(const struct weighing *weighing, uint64_t seq)
{
    const struct onus_erase_part *parts = weighing->building->parts;
    for (size_t i = weighing->first_part; i < weighing->end_part; i++) {
        if (parts[i].first == seq) {
            return &parts[i];
        }
    }
    return NULL;
}

static bool row_goes(const struct onus_erase_part *part, uint64_t row)
{
    size_t low = 0;
    size_t high = part ? part->row_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (part->rows[middle] < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return part && low < part->row_count && part->rows[low] == row;
}

typedef void (*index_seen)(struct weighing *weighing, const struct onus_index *index,
        const struct onus_erase_part *part);

static enum onus_code with_index(struct weighing *weighing, uint64_t seq, index_seen call,
        struct onus_error *err)
{
    struct onus_batch *batch = NULL;
    const struct onus_index *index = NULL;
    enum onus_code code =
            onus_batch_open(weighing->building->vault, weighing->source, seq, &batch, err);
    if (code == ONUS_OK) {
        code = onus_batch_index(batch, &index, err);
    }
    if (code == ONUS_OK) {
        call(weighing, index, part_of(weighing, seq));
    }
    onus_batch_close(batch);
    return code;
}

static void gather(struct weighing *weighing, const struct onus_index *index,
        const struct onus_erase_part *part)
{
    for (size_t i = 0; i < part->row_count; i++) {
        weighing->keys[weighing->count++].key = index->rows[part->rows[i]].key;
    }
}

static void see_who_stays(struct weighing *weighing, const struct onus_index *index,
        const struct onus_erase_part *part)
{
    for (size_t i = 0; i < weighing->count; i++) {
        bool found = false;
        size_t row = onus_index_find(index, &weighing->keys[i].key, &found);
        weighing->keys[i].stays = weighing->keys[i].stays || (found && !row_goes(part, row));
    }
}

static enum onus_code gather_keys(struct weighing *weighing, struct onus_error *err)
{
    struct onus_erase_building *building = weighing->building;
    size_t most = 0;
    for (size_t i = weighing->first_part; i < weighing->end_part; i++) {
        most += building->parts[i].row_count;
    }
    weighing->keys = onus_arena_alloc(building->arena, (most + 1) * sizeof(*weighing->keys));
    if (!weighing->keys) {
        return onus_arena_reason(building->arena, err);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = weighing->first_part; i < weighing->end_part && code == ONUS_OK; i++) {
        const struct onus_erase_part *part = &building->parts[i];
        if (part->first >= weighing->range.first && part->first <= weighing->range.last &&
                part->row_count > 0) {
            code = with_index(weighing, part->first, gather, err);
        }
    }
    size_t kept = 0;
    if (weighing->count > 0) {
        qsort(weighing->keys, weighing->count, sizeof(*weighing->keys), by_key);
    }
    for (size_t i = 0; i < weighing->count; i++) {
        if (kept == 0 || by_key(&weighing->keys[kept - 1], &weighing->keys[i]) != 0) {
            weighing->keys[kept++] = weighing->keys[i];
        }
    }
    weighing->count = kept;
    return code;
}

/* The rows of the roll-up whose keys no batch has any more. */
static enum onus_code find_rows(struct weighing *weighing, struct onus_batch *rollup,
        struct onus_erase_part *part, struct onus_error *err)
{
    const struct onus_index *index = NULL;
    struct onus_arena *arena = weighing->building->arena;
    uint64_t *rows = onus_arena_alloc(arena, (weighing->count + 1) * sizeof(*rows));
    if (!rows) {
        return onus_arena_reason(arena, err);
    }
    enum onus_code code = onus_batch_index(rollup, &index, err);
    for (size_t i = 0; i < weighing->count && code == ONUS_OK; i++) {
        bool found = false;
        size_t row = onus_index_find(index, &weighing->keys[i].key, &found);
        if (found && !weighing->keys[i].stays) {
            rows[part->row_count++] = row;
        }
    }
    part->rows = rows;
    const struct onus_tomb *tomb = onus_batch_tomb(rollup);
    part->generation = (tomb ? tomb->act_count : 0) + 1;
    return code;
}

static enum onus_code weigh(struct weighing *weighing, struct onus_error *err)
{
    struct onus_erase_building *building = weighing->building;
    struct onus_erase_part part = {.rollup = true,
            .tag = weighing->source->tag,
            .first = weighing->range.first,
            .last = weighing->range.last};
    enum onus_code code = gather_keys(weighing, err);
    for (uint64_t seq = part.first; seq <= part.last && weighing->count > 0 && code == ONUS_OK;
            seq++) {
        code = with_index(weighing, seq, see_who_stays, err);
    }
    if (code != ONUS_OK || weighing->count == 0) {
        return code;
    }
    struct onus_batch *rollup = NULL;
    code = onus_rollup_open(building->vault, weighing->source, part.first, part.last, &rollup, err);
    if (code == ONUS_E_MISSING) {
        return ONUS_OK; /* not in the signed log: it is made anew, without these keys */
    }
    if (code == ONUS_OK) {
        code = find_rows(weighing, rollup, &part, err);
    }
    onus_batch_close(rollup);
    if (code == ONUS_OK && part.row_count > 0) {
        building->plan.rollups++;
        code = onus_erase_add_part(building, &part, err);
    }
    return code;
}

enum onus_code onus_erase_plan_rollups(struct onus_erase_building *building,
        const struct onus_source *source, size_t first_part, struct onus_error *err)
{
    struct onus_rollup_range *ranges = NULL;
    size_t count = 0;
    size_t end = building->count;
    enum onus_code code = onus_erase_rollups(building->vault, &source->tag, building->arena,
            &ranges, &count, err);
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        if (ranges[i].last >= source->next_seq || ranges[i].first > ranges[i].last) {
            continue;
        }
        struct weighing weighing = {.building = building,
                .source = source,
                .first_part = first_part,
                .end_part = end,
                .range = ranges[i]};
        code = weigh(&weighing, err);
    }
    return code;
}

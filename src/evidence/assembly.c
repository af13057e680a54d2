/* SPDX-License-Identifier: Apache-2.0 */
#include "assembly.h"

#include <inttypes.h>

enum {
    ROW_KEY = 1u << 0,
    ROW_LINES = 1u << 1,
    ROW_POSTINGS = 1u << 2,
    ROW_ATTEMPTS = 1u << 3,
    ROW_SUMS = ROW_LINES | ROW_ATTEMPTS,
};

#define SCRATCH_MAX ((size_t)4 << 30)

void onus_assembly_init(struct onus_assembly *assembly, struct onus_arena *arena)
{
    *assembly = (struct onus_assembly){.arena = arena};
    assembly->totals_end = &assembly->totals;
}

/* A record that may still be opened further. */
struct onus_record_making {
    struct onus_item item;
    struct onus_slot *slots; /* of item.record, to be opened */
    struct onus_record_making *next;
};

/* ---- a group --------------------------------------------------------------------------------- */

static enum onus_code copy_path(struct onus_arena *arena, const struct onus_proof *path,
        struct onus_digests *out, struct onus_error *err)
{
    struct onus_digest *hashes = onus_arena_alloc(arena, (path->count + 1) * sizeof(*hashes));
    if (!hashes) {
        return onus_arena_reason(arena, err);
    }
    memcpy(hashes, path->hashes, path->count * sizeof(*hashes));
    *out = (struct onus_digests){hashes, path->count};
    return ONUS_OK;
}

/* Groups stand in the order of their entries. */
static void put_group(struct onus_assembly *assembly, struct onus_group *group)
{
    struct onus_group **at = &assembly->groups;
    if (assembly->last_group && assembly->last_group->index < group->index) {
        at = &assembly->last_group->next;
    }
    while (*at && (*at)->index < group->index) {
        at = &(*at)->next;
    }
    group->next = *at;
    *at = group;
    if (!group->next) {
        assembly->last_group = group;
    }
    assembly->group_count++;
}

enum onus_code onus_group_begin(struct onus_assembly *assembly, const struct onus_exhibit *exhibit,
        const struct onus_proof *path, struct onus_group_making *out, struct onus_error *err)
{
    *out = (struct onus_group_making){.assembly = assembly, .exhibit = exhibit};
    out->claims_end = &out->claims;
    onus_arena_init(&out->scratch, SCRATCH_MAX);
    struct onus_arena *arena = assembly->arena;
    out->group = onus_arena_alloc(arena, sizeof(*out->group));
    out->slots = onus_arena_alloc(arena, exhibit->slot_count * sizeof(*out->slots));
    if (!out->group || !out->slots) {
        out->group = NULL;
        return onus_arena_reason(arena, err);
    }
    *out->group = (struct onus_group){.index = exhibit->entry,
            .profile = exhibit->profile,
            .tag = exhibit->tag,
            .first = exhibit->first,
            .last = exhibit->last,
            .slot_count = exhibit->slot_count,
            .slots = out->slots};
    for (size_t i = 0; i < exhibit->slot_count; i++) {
        out->slots[i].commitment = exhibit->commits[i];
    }
    enum onus_code code = copy_path(arena, path, &out->group->path, err);
    if (code == ONUS_OK) {
        put_group(assembly, out->group);
    }
    return code;
}

/* Records in their order, then claims in the order they were made. */
void onus_group_end(struct onus_group_making *making)
{
    if (making->group) {
        struct onus_item **end = &making->group->items;
        for (struct onus_record_making *at = making->records; at; at = at->next) {
            *end = &at->item;
            end = &at->item.next;
        }
        *end = making->claims;
    }
    onus_arena_clear(&making->scratch);
    making->group = NULL;
}

static enum onus_code open_slot(struct onus_arena *arena, struct onus_slot *slot, uint8_t kind,
        const struct onus_salt *salt, struct onus_str value, struct onus_error *err)
{
    if (slot->open) {
        return ONUS_OK;
    }
    enum onus_code code = onus_arena_copy(arena, value, &slot->value, err);
    if (code == ONUS_OK) {
        slot->open = true;
        slot->kind = kind;
        slot->salt = *salt;
    }
    return code;
}

enum onus_code onus_group_open(struct onus_group_making *making, uint8_t kind,
        struct onus_error *err)
{
    const struct onus_exhibit *exhibit = making->exhibit;
    uint8_t first =
            exhibit->profile == ONUS_PROFILE_SOURCE ? ONUS_SLOT_SOURCE_NAME : ONUS_SLOT_NAME;
    size_t at = (size_t)kind - first;
    if (kind < first || at >= exhibit->slot_count) {
        return onus_fail(err, ONUS_E_ARGUMENT, "an entry of this kind has no slot %02x", kind);
    }
    return open_slot(making->assembly->arena, &making->slots[at], kind, &exhibit->salts[at],
            exhibit->values[at], err);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static enum onus_code need_lines(struct onus_group_making *making, struct onus_error *err)
{
    if (making->has_lines) {
        return ONUS_OK;
    }
    struct onus_digests leaves;
    enum onus_code code = making->exhibit->calls->line_leaves(making->exhibit->data, &leaves, err);
    if (code == ONUS_OK) {
        code = onus_path_tree_grow(leaves, NULL, &making->scratch, &making->lines, err);
    }
    if (code == ONUS_OK) {
        code = onus_group_open(making, ONUS_SLOT_LEAVES, err);
    }
    if (code == ONUS_OK) {
        code = onus_group_open(making, ONUS_SLOT_ROOT, err);
    }
    making->has_lines = code == ONUS_OK;
    return code;
}

/* Where the record of this leaf stands or belongs; lines are mostly shown in order. */
static struct onus_record_making **record_place(struct onus_group_making *making, uint64_t leaf)
{
    struct onus_record_making **at = &making->records;
    if (making->last_record && making->last_record->item.record.index < leaf) {
        at = &making->last_record->next;
    }
    while (*at && (*at)->item.record.index < leaf) {
        at = &(*at)->next;
    }
    return at;
}

/* The record of this leaf, hidden when it is new. */
static enum onus_code record_of(struct onus_group_making *making, uint64_t leaf,
        const struct onus_slot *shown, size_t count, struct onus_record_making **out,
        struct onus_error *err)
{
    struct onus_record_making **at = record_place(making, leaf);
    if (*at && (*at)->item.record.index == leaf) {
        *out = *at;
        return ONUS_OK;
    }
    struct onus_arena *arena = making->assembly->arena;
    struct onus_record_making *record = onus_arena_alloc(arena, sizeof(*record));
    struct onus_slot *slots = onus_arena_alloc(arena, count * sizeof(*slots));
    if (!record || !slots) {
        return onus_arena_reason(arena, err);
    }
    for (size_t i = 0; i < count; i++) {
        slots[i].commitment = shown[i].commitment;
    }
    bool parts = onus_exhibit_in_parts(making->exhibit);
    record->slots = slots;
    record->item = (struct onus_item){.kind = ONUS_ITEM_RECORD,
            .profile = parts ? ONUS_PROFILE_PARTS : ONUS_PROFILE_LINES,
            .record = {.index = leaf, .slot_count = count, .slots = slots}};
    struct onus_proof path;
    onus_path_tree_path(&making->lines, leaf, &path);
    enum onus_code code = copy_path(arena, &path, &record->item.record.path, err);
    if (code == ONUS_OK) {
        record->next = *at;
        *at = record;
        making->last_record = record->next ? making->last_record : record;
        *out = record;
    }
    return code;
}

/* Whoever has the lines knows when and why. */
static enum onus_code say_erased(const struct onus_exhibit *exhibit, uint64_t leaf, size_t slot,
        struct onus_error *err)
{
    struct onus_str line;
    bool parts = onus_exhibit_in_parts(exhibit);
    uint64_t number = parts ? leaf : leaf * ONUS_LINES_PER_LEAF + slot;
    enum onus_code code = exhibit->calls->line(exhibit->data, number, &line, err);
    return code != ONUS_OK ? code
                           : onus_fail(err, ONUS_E_MISSING,
                                     "slot %zu of leaf %" PRIu64 " was erased", slot, leaf);
}

enum onus_code onus_group_show(struct onus_group_making *making, uint64_t leaf, uint32_t which,
        struct onus_error *err)
{
    const struct onus_exhibit *exhibit = making->exhibit;
    if (exhibit->profile != ONUS_PROFILE_MANIFEST ||
            leaf >= onus_exhibit_number(exhibit, ONUS_SLOT_LEAVES)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "leaf %" PRIu64 " is not in this batch", leaf);
    }
    struct onus_slot shown[ONUS_PARTS_MAX];
    struct onus_record_making *record = NULL;
    size_t count = 0;
    enum onus_code code = need_lines(making, err);
    if (code == ONUS_OK) {
        code = exhibit->calls->record(exhibit->data, leaf, shown, &count, err);
    }
    if (code == ONUS_OK && (which >> count) != 0) {
        code = onus_fail(err, ONUS_E_ARGUMENT, "leaf %" PRIu64 " has %zu slots", leaf, count);
    }
    if (code == ONUS_OK) {
        code = record_of(making, leaf, shown, count, &record, err);
    }
    for (size_t i = 0; code == ONUS_OK && record && i < count; i++) {
        if ((which >> i & 1) == 0) {
            continue;
        }
        if (!shown[i].open) {
            return say_erased(exhibit, leaf, i, err);
        }
        code = open_slot(making->assembly->arena, &record->slots[i], shown[i].kind, &shown[i].salt,
                shown[i].value, err);
    }
    return code;
}

enum onus_code onus_group_show_line(struct onus_group_making *making, uint64_t number,
        struct onus_error *err)
{
    const struct onus_exhibit *exhibit = making->exhibit;
    if (number >= onus_exhibit_number(exhibit, ONUS_SLOT_LINES)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "line %" PRIu64 " is not in this batch", number);
    }
    if (!onus_exhibit_in_parts(exhibit)) {
        return onus_group_show(making, number / ONUS_LINES_PER_LEAF,
                1u << number % ONUS_LINES_PER_LEAF, err);
    }
    struct onus_slot shown[ONUS_PARTS_MAX];
    size_t count = 0;
    enum onus_code code = exhibit->calls->record(exhibit->data, number, shown, &count, err);
    return code == ONUS_OK ? onus_group_show(making, number, (1u << count) - 1, err) : code;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum onus_code need_rows(struct onus_group_making *making, struct onus_error *err)
{
    if (making->has_rows) {
        return ONUS_OK;
    }
    const struct onus_exhibit *exhibit = making->exhibit;
    if (exhibit->profile == ONUS_PROFILE_SOURCE) {
        return onus_fail(err, ONUS_E_ARGUMENT, "an introduction has no index");
    }
    enum onus_code code = exhibit->calls->index(exhibit->data, &making->index, err);
    if (code == ONUS_OK) {
        code = onus_path_tree_grow(making->index.leaves, NULL, &making->scratch, &making->rows,
                err);
    }
    if (code == ONUS_OK) {
        code = onus_group_open(making, ONUS_SLOT_INDEX, err);
    }
    making->has_rows = code == ONUS_OK;
    return code;
}

static enum onus_code show_row(struct onus_group_making *making, size_t row, unsigned which,
        struct onus_leaf *out, struct onus_error *err)
{
    struct onus_arena *arena = making->assembly->arena;
    const struct onus_index *index = making->index.index;
    struct onus_slot *slots = onus_arena_alloc(arena, ONUS_ROW_SLOTS * sizeof(*slots));
    if (!slots) {
        return onus_arena_reason(arena, err);
    }
    if ((which & ROW_KEY) != 0 && index->rows[row].key_gone) {
        return onus_fail(err, ONUS_E_MISSING, "the key of row %zu of the index was erased", row);
    }
    struct onus_index_slots hidden;
    onus_index_row_slots(index, row, making->index.salts, &hidden);
    enum onus_code code = ONUS_OK;
    for (unsigned j = 0; code == ONUS_OK && j < ONUS_ROW_SLOTS; j++) {
        slots[j].commitment = hidden.commits[j];
        if ((which >> j & 1) != 0) {
            uint8_t room[ONUS_INDEX_VALUE_MAX];
            struct onus_str value = onus_index_value(&index->rows[row], j, room);
            code = open_slot(arena, &slots[j], (uint8_t)(ONUS_SLOT_ROW_KEY + j), &hidden.salts[j],
                    value, err);
        }
    }
    struct onus_proof path;
    onus_path_tree_path(&making->rows, row, &path);
    *out = (struct onus_leaf){.index = row, .slot_count = ONUS_ROW_SLOTS, .slots = slots};
    return code == ONUS_OK ? copy_path(arena, &path, &out->path, err) : code;
}

/* Two rows and what is opened of them. */
struct row_pair {
    size_t first, second;
    unsigned show_first, show_second;
};

static enum onus_code add_claim(struct onus_group_making *making, const struct onus_item *claim,
        const struct row_pair *pair, struct onus_item **out, struct onus_error *err)
{
    struct onus_item *item = onus_arena_alloc(making->assembly->arena, sizeof(*item));
    if (!item) {
        return onus_arena_reason(making->assembly->arena, err);
    }
    *item = *claim;
    enum onus_code code = show_row(making, pair->first, pair->show_first, &item->rows[0], err);
    if (code == ONUS_OK && claim->kind != ONUS_ITEM_ALL) {
        code = show_row(making, pair->second, pair->show_second, &item->rows[1], err);
    }
    if (code == ONUS_OK) {
        *making->claims_end = item;
        making->claims_end = &item->next;
        if (out) {
            *out = item;
        }
    }
    return code;
}

enum onus_code onus_group_count_address(struct onus_group_making *making,
        const struct onus_key *key, struct onus_counted *out, struct onus_error *err)
{
    enum onus_code code = need_rows(making, err);
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_index *index = making->index.index;
    bool found = false;
    size_t row = onus_index_find(index, key, &found);
    if (row == 0 || row == index->count) {
        return onus_fail(err, ONUS_E_MISSING, "the index has no row on both sides of this address");
    }
    struct onus_item claim = {.kind = found ? ONUS_ITEM_COUNT_ADDRESS : ONUS_ITEM_ABSENT,
            .key = *key};
    struct row_pair pair = {row - 1, row, found ? ROW_SUMS : ROW_KEY,
            found ? ROW_KEY | ROW_SUMS : ROW_KEY};
    code = add_claim(making, &claim, &pair, NULL, err);
    if (code == ONUS_OK) {
        *out = (struct onus_counted){found ? index->rows[row].own_lines : 0,
                found ? index->rows[row].own_attempts : 0};
    }
    return code;
}

/* The nearest fence at or below `low`, and at or above `high`. */
static bool fences_around(const struct onus_index *index, const struct onus_key *low,
        const struct onus_key *high, struct row_pair *out)
{
    bool exact = false;
    size_t below = onus_index_find(index, low, &exact);
    if (!exact) {
        do {
            if (below == 0) {
                return false;
            }
            below--;
        } while (index->rows[below].key_gone || !onus_key_is_fence(&index->rows[below].key));
    }
    size_t above = onus_index_find(index, high, &exact);
    while (above < index->count &&
            (index->rows[above].key_gone || !onus_key_is_fence(&index->rows[above].key))) {
        above++;
    }
    out->first = below;
    out->second = above;
    return above < index->count;
}

static enum onus_code no_fences(const struct onus_group_making *making, const struct onus_key *low,
        const struct onus_key *high, struct onus_error *err)
{
    char names[2][ONUS_KEY_TEXT];
    (void)onus_key_format(low, names[0]);
    (void)onus_key_format(high, names[1]);
    return onus_fail(err, ONUS_E_MISSING,
            "something lies from %s up to %s, and batch %" PRIu64
            " was sealed without fences at these edges",
            names[0], names[1], making->group->first);
}

enum onus_code onus_group_count_range(struct onus_group_making *making, const struct onus_key *low,
        const struct onus_key *high, struct onus_counted *out, struct onus_error *err)
{
    enum onus_code code = need_rows(making, err);
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_index *index = making->index.index;
    struct row_pair pair = {.show_first = ROW_KEY | ROW_SUMS, .show_second = ROW_KEY | ROW_SUMS};
    if (!fences_around(index, low, high, &pair)) {
        return no_fences(making, low, high, err);
    }
    const struct onus_index_row *first = &index->rows[pair.first];
    const struct onus_index_row *second = &index->rows[pair.second];
    struct onus_counted sum = {second->lines - first->lines, second->attempts - first->attempts};
    bool just =
            onus_key_compare(&first->key, low) == 0 && onus_key_compare(&second->key, high) == 0;
    bool empty = sum.lines == 0 && sum.attempts == 0;
    if (!just && !empty) {
        return no_fences(making, low, high, err);
    }
    *out = sum;
    if (!just && making->has_empty && onus_key_compare(&making->empty_low, low) <= 0 &&
            onus_key_compare(high, &making->empty_high) <= 0) {
        return ONUS_OK;
    }
    if (empty) {
        making->has_empty = true;
        making->empty_low = first->key;
        making->empty_high = second->key;
    }
    return add_claim(making, &(struct onus_item){.kind = ONUS_ITEM_COUNT_RANGE}, &pair, NULL, err);
}

enum onus_code onus_group_count_all(struct onus_group_making *making, struct onus_counted *out,
        struct onus_error *err)
{
    enum onus_code code = need_rows(making, err);
    if (code == ONUS_OK) {
        code = onus_group_open(making, ONUS_SLOT_LINES, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_index *index = making->index.index;
    struct row_pair pair = {.first = index->count - 1, .show_first = ROW_SUMS};
    code = add_claim(making, &(struct onus_item){.kind = ONUS_ITEM_ALL}, &pair, NULL, err);
    if (code == ONUS_OK) {
        *out = (struct onus_counted){onus_index_lines(index), onus_index_attempts(index)};
    }
    return code;
}

/* The row under which each line stands. */
static enum onus_code need_rows_of_lines(struct onus_group_making *making, struct onus_error *err)
{
    const struct onus_index *index = making->index.index;
    if (making->row_of_line) {
        return ONUS_OK;
    }
    if (!index->has_postings) {
        return onus_fail(err, ONUS_E_MISSING, "this index has no line numbers");
    }
    making->row_of_line = onus_arena_alloc(&making->scratch,
            (size_t)onus_index_lines(index) * sizeof(*making->row_of_line));
    if (!making->row_of_line) {
        return onus_arena_reason(&making->scratch, err);
    }
    for (size_t i = 0; i < index->count; i++) {
        struct onus_postings postings = onus_postings_of(index, i);
        while (onus_postings_next(&postings)) {
            making->row_of_line[postings.line] = (uint32_t)i;
        }
    }
    return ONUS_OK;
}

enum onus_code onus_group_sample(struct onus_group_making *making, uint64_t j, uint64_t number,
        struct onus_error *err)
{
    enum onus_code code = need_rows(making, err);
    if (code == ONUS_OK) {
        code = onus_group_show_line(making, number, err);
    }
    if (code == ONUS_OK) {
        code = onus_group_open(making, ONUS_SLOT_LINES, err);
    }
    if (code == ONUS_OK) {
        code = need_rows_of_lines(making, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_index *index = making->index.index;
    size_t row = number < onus_index_lines(index) ? making->row_of_line[number] : 0;
    if (row == 0) {
        return onus_fail(err, ONUS_E_MISSING, "line %" PRIu64 " does not stand in the index",
                number);
    }
    struct row_pair pair = {row - 1, row, ROW_LINES, ROW_KEY | ROW_LINES | ROW_POSTINGS};
    struct onus_item *item = NULL;
    struct onus_proof path;
    uint64_t place = 0;
    code = onus_index_posting_prove(index, row, number, &place, &path, err);
    if (code == ONUS_OK) {
        code = add_claim(making, &(struct onus_item){.kind = ONUS_ITEM_SAMPLE, .number = j}, &pair,
                &item, err);
    }
    if (code == ONUS_OK && item) {
        item->posting = place;
        code = copy_path(making->assembly->arena, &path, &item->posting_path, err);
    }
    return code;
}

/* ---- the bundle ------------------------------------------------------------------------------ */

enum onus_code onus_assembly_total(struct onus_assembly *assembly, const struct onus_total *total,
        struct onus_error *err)
{
    struct onus_total *copy = onus_arena_alloc(assembly->arena, sizeof(*copy));
    if (!copy) {
        return onus_arena_reason(assembly->arena, err);
    }
    *copy = *total;
    copy->next = NULL;
    *assembly->totals_end = copy;
    assembly->totals_end = &copy->next;
    return ONUS_OK;
}

void onus_assembly_finish(const struct onus_assembly *assembly,
        const struct onus_assembly_notes *notes, struct onus_bundle *out)
{
    *out = (struct onus_bundle){.checkpoint = notes->checkpoint,
            .older = notes->older,
            .beacon = notes->beacon,
            .groups = assembly->groups,
            .totals = assembly->totals};
}

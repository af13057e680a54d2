/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "proof/bundle_rules.h"

/* ---- which line a sample draws --------------------------------------------------------------- */

/* SHA-256(SHA-256(root || SHA-256(beacon note)) || be64(number)) */
static void draw(struct onus_str root, struct onus_str beacon, uint64_t number,
        struct onus_digest *out)
{
    struct onus_digest part;
    struct onus_sha256 hash;
    uint8_t bytes[8];
    onus_sha256(beacon, &part);
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, root);
    onus_sha256_add(&hash, onus_digest_view(&part));
    onus_sha256_end(&hash, &part);
    onus_be64_put(bytes, number);
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, onus_digest_view(&part));
    onus_sha256_add(&hash, (struct onus_str){(const char *)bytes, sizeof(bytes)});
    onus_sha256_end(&hash, out);
}

static const struct onus_item *find_record(const struct onus_group *group, uint64_t index)
{
    size_t low = 0;
    size_t high = group->found.record_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (group->found.records[middle]->record.index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
            low < group->found.record_count && group->found.records[low]->record.index == index;
    return found ? group->found.records[low] : NULL;
}

enum onus_code onus_sample_drawn(const struct onus_rules *rules, const struct onus_group *group,
        const struct onus_item *sample, const struct onus_item **record, size_t *slot,
        uint64_t *line)
{
    const struct onus_slot *leaves = onus_group_slot(group, ONUS_SLOT_LEAVES);
    const struct onus_slot *root = onus_group_slot(group, ONUS_SLOT_ROOT);
    if (!rules->facts->has_beacon || group->profile != ONUS_PROFILE_MANIFEST || !leaves || !root ||
            onus_be64_get(leaves->value.ptr) == 0) {
        return onus_rule_broken(rules, sample->offset,
                "a sample needs a beacon, and a manifest with slots 47 and 48 open");
    }
    struct onus_digest drawn;
    draw(root->value, rules->facts->bundle.beacon, sample->number, &drawn);
    uint64_t leaf = onus_be64_get(drawn.bytes) % onus_be64_get(leaves->value.ptr);
    const struct onus_item *found = find_record(group, leaf);
    if (!found) {
        return onus_rule_broken(rules, sample->offset, "the line that is drawn is not shown");
    }
    bool parts = found->profile == ONUS_PROFILE_PARTS;
    *slot = parts ? 0 : drawn.bytes[8] % found->record.slot_count;
    *line = parts ? leaf : ONUS_LINES_PER_LEAF * leaf + *slot;
    *record = found;
    return ONUS_OK;
}

enum onus_code onus_record_line(const struct onus_rules *rules, const struct onus_item *record,
        size_t slot, struct onus_str *out)
{
    bool parts = record->profile == ONUS_PROFILE_PARTS;
    size_t from = parts ? 0 : slot;
    size_t to = parts ? record->record.slot_count : slot + 1;
    size_t size = 0;
    for (size_t i = from; i < to; i++) {
        if (!record->record.slots[i].open) {
            return onus_rule_broken(rules, record->offset, "the line that is drawn is not open");
        }
        size += record->record.slots[i].value.len;
    }
    if (!parts) {
        *out = record->record.slots[slot].value;
        return ONUS_OK;
    }
    char *joined = onus_arena_alloc(rules->arena, size);
    if (!joined) {
        return onus_rules_no_room(rules);
    }
    *out = (struct onus_str){joined, size};
    for (size_t i = from; i < to; i++) {
        struct onus_str value = record->record.slots[i].value;
        if (value.len > 0) {
            memcpy(joined, value.ptr, value.len);
        }
        joined += value.len;
    }
    return ONUS_OK;
}

/* ---- a line counts once ---------------------------------------------------------------------- */

static int by_line_and_row(const void *a, const void *b)
{
    const struct onus_item *x = *(const struct onus_item *const *)a;
    const struct onus_item *y = *(const struct onus_item *const *)b;
    if (x->found.line != y->found.line) {
        return (x->found.line > y->found.line) - (x->found.line < y->found.line);
    }
    return (x->rows[1].index > y->rows[1].index) - (x->rows[1].index < y->rows[1].index);
}

enum onus_code onus_rules_samples(const struct onus_rules *rules, const struct onus_group *group)
{
    size_t count = 0;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        count += item->kind == ONUS_ITEM_SAMPLE;
    }
    if (count < 2) {
        return ONUS_OK;
    }
    const struct onus_item **samples =
            onus_arena_alloc(rules->arena, count * sizeof(const struct onus_item *));
    if (!samples) {
        return onus_rules_no_room(rules);
    }
    count = 0;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        if (item->kind == ONUS_ITEM_SAMPLE) {
            samples[count++] = item;
        }
    }
    qsort(samples, count, sizeof(const struct onus_item *), by_line_and_row);
    for (size_t i = 1; i < count; i++) {
        if (samples[i - 1]->found.line == samples[i]->found.line &&
                samples[i - 1]->rows[1].index != samples[i]->rows[1].index) {
            return onus_rule_broken(rules, samples[i]->offset, "one line stands under two rows");
        }
    }
    return ONUS_OK;
}

/* ---- the total ------------------------------------------------------------------------------- */

enum onus_code onus_rules_audit(struct onus_rules *rules, struct onus_total *total)
{
    const struct onus_bundle_facts *facts = rules->facts;
    if (!facts->has_beacon || !facts->beacon.has_times || !facts->checkpoint.has_times ||
            facts->beacon.not_before <= facts->checkpoint.not_after) {
        return onus_rule_broken(rules, total->offset,
                "an audit needs a beacon that was seen later than the checkpoint");
    }
    const struct onus_group *audited = NULL;
    uint64_t next = 0;
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        for (const struct onus_item *item = group->items; item; item = item->next) {
            if (item->kind != ONUS_ITEM_SAMPLE) {
                continue;
            }
            if ((audited && audited != group) || item->number != next) {
                return onus_rule_broken(rules, item->offset,
                        "samples of an audit are numbered from 0 in order, in one batch");
            }
            audited = group;
            next++;
        }
    }
    if (!audited || next != total->number) {
        return onus_rule_broken(rules, total->offset,
                "an audit has another number of samples than it says");
    }
    const struct onus_slot *lines = onus_group_slot(audited, ONUS_SLOT_LINES);
    if (!lines) {
        return onus_rule_broken(rules, total->offset, "an audit needs slot 46 open");
    }
    total->found.lines = onus_be64_get(lines->value.ptr);
    return ONUS_OK;
}

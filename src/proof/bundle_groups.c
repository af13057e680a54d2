/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "proof/bundle_rules.h"

/* ---- the head of a group --------------------------------------------------------------------- */

static bool right_size(uint8_t kind, struct onus_str value)
{
    switch (kind) {
    case ONUS_SLOT_NAME:
        return value.len >= 1 && value.len <= ONUS_NAME_MAX;
    case ONUS_SLOT_FIRST_TIME:
    case ONUS_SLOT_LAST_TIME:
        return value.len == 0 || value.len == 8;
    case ONUS_SLOT_SEALED_AT:
    case ONUS_SLOT_LINES:
    case ONUS_SLOT_LEAVES:
        return value.len == 8;
    case ONUS_SLOT_ROOT:
        return value.len == 32;
    case ONUS_SLOT_INDEX:
        return value.len == 40;
    case ONUS_SLOT_ANCHOR:
        return value.len == 0 || value.len == 32;
    default:
        return true;
    }
}

static enum onus_code check_head_slots(const struct onus_rules *rules,
        const struct onus_group *group)
{
    uint8_t first = group->profile == ONUS_PROFILE_SOURCE ? ONUS_SLOT_SOURCE_NAME : ONUS_SLOT_NAME;
    for (size_t i = 0; i < group->slot_count; i++) {
        const struct onus_slot *slot = &group->slots[i];
        if (!slot->open) {
            continue;
        }
        if (slot->kind != first + i) {
            return onus_rule_broken(rules, group->offset,
                    "a slot of the head is opened as another kind than its place has");
        }
        if (!right_size(slot->kind, slot->value)) {
            return onus_rule_broken(rules, group->offset,
                    "a slot of the head is opened with a value of the wrong size");
        }
        bool is_time = slot->kind == ONUS_SLOT_FIRST_TIME || slot->kind == ONUS_SLOT_LAST_TIME;
        if (is_time && slot->value.len > 0 && onus_be64_get(slot->value.ptr) > ONUS_TIME_LAST) {
            return onus_rule_broken(rules, group->offset,
                    "a time in the head is after the year 9999");
        }
    }
    return ONUS_OK;
}

static void leaf_of(enum onus_profile profile, struct onus_str public_part,
        const struct onus_slot *slots, size_t count, struct onus_digest *out)
{
    struct onus_digest commitments[ONUS_SLOTS_MAX];
    for (size_t i = 0; i < count; i++) {
        commitments[i] = slots[i].commitment;
    }
    onus_record_leaf(profile, public_part, commitments, count, out);
}

static void head_leaf(struct onus_group *group)
{
    uint8_t public_part[ONUS_PUBLIC_MAX];
    size_t size = sizeof(group->tag.bytes);
    memcpy(public_part, group->tag.bytes, size);
    if (group->profile == ONUS_PROFILE_MANIFEST) {
        size = onus_public_numbered(&group->tag, group->first, public_part);
    } else if (group->profile == ONUS_PROFILE_ROLLUP) {
        size = onus_public_range(&group->tag, group->first, group->last, public_part);
    }
    leaf_of(group->profile, (struct onus_str){(const char *)public_part, size}, group->slots,
            group->slot_count, &group->found.leaf);
}

/* A path that has not the length of index and size proves nothing, so the rule is broken. */
static enum onus_code require_inclusion(const struct onus_rules *rules, size_t offset,
        const struct onus_digest *leaf, uint64_t index, uint64_t size, struct onus_digests path,
        const struct onus_digest *root, const char *what)
{
    enum onus_code code = onus_inclusion_verify(leaf, index, size, path, root, rules->err);
    if (code == ONUS_OK) {
        return ONUS_OK;
    }
    (void)onus_fail_at(rules->err, ONUS_E_MISMATCH, offset, "%s",
            code == ONUS_E_FORMAT
                    ? "the index is not below the size, or the path has the wrong length"
                    : "the path leads to another root");
    onus_context(rules->err, "%s", what);
    return ONUS_E_MISMATCH;
}

static enum onus_code check_head(const struct onus_rules *rules, struct onus_group *group)
{
    if (group->profile == ONUS_PROFILE_ROLLUP && group->first > group->last) {
        return onus_rule_broken(rules, group->offset, "a roll-up ends before it begins");
    }
    enum onus_code code = check_head_slots(rules, group);
    if (code != ONUS_OK) {
        return code;
    }
    head_leaf(group);
    const struct onus_checkpoint *log = &rules->facts->checkpoint.checkpoint;
    return require_inclusion(rules, group->offset, &group->found.leaf, group->index, log->size,
            group->path, &log->root, "entry of the log");
}

/* ---- records --------------------------------------------------------------------------------- */

static bool right_kinds(const struct onus_item *record)
{
    bool lines = record->profile == ONUS_PROFILE_LINES;
    uint8_t lowest = lines ? ONUS_SLOT_LINE : ONUS_SLOT_PART_TIME;
    uint8_t highest = lines ? ONUS_SLOT_LINE : ONUS_SLOT_PART_LAST;
    for (size_t i = 0; i < record->record.slot_count; i++) {
        const struct onus_slot *slot = &record->record.slots[i];
        if (slot->open && (slot->kind < lowest || slot->kind > highest)) {
            return false;
        }
    }
    return true;
}

static enum onus_code check_record(const struct onus_rules *rules, const struct onus_group *group,
        const struct onus_item *record)
{
    const struct onus_slot *leaves = onus_group_slot(group, ONUS_SLOT_LEAVES);
    const struct onus_slot *root = onus_group_slot(group, ONUS_SLOT_ROOT);
    const struct onus_slot *flags = onus_group_slot(group, ONUS_SLOT_FLAGS);
    if (group->profile != ONUS_PROFILE_MANIFEST || !leaves || !root) {
        return onus_rule_broken(rules, record->offset,
                "a record needs a manifest with slots 47 and 48 open");
    }
    if (!right_kinds(record)) {
        return onus_rule_broken(rules, record->offset,
                "a slot of a record is opened as a kind its profile does not have");
    }
    if (flags) {
        bool parts = flags->value.len > 0 && (uint8_t)flags->value.ptr[0] & ONUS_BATCH_PARTS;
        if (flags->value.len == 0 || parts != (record->profile == ONUS_PROFILE_PARTS)) {
            return onus_rule_broken(rules, record->offset,
                    "slot 4c does not say the profile of this record");
        }
    }
    struct onus_digest leaf;
    struct onus_digest top;
    leaf_of(record->profile, ONUS_STR_NONE, record->record.slots, record->record.slot_count, &leaf);
    memcpy(top.bytes, root->value.ptr, sizeof(top.bytes));
    return require_inclusion(rules, record->offset, &leaf, record->record.index,
            onus_be64_get(leaves->value.ptr), record->record.path, &top, "record");
}

static size_t count_records(const struct onus_group *group)
{
    size_t count = 0;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        count += item->kind == ONUS_ITEM_RECORD;
    }
    return count;
}

static enum onus_code check_records(const struct onus_rules *rules, struct onus_group *group)
{
    size_t count = count_records(group);
    const struct onus_item **records =
            onus_arena_alloc(rules->arena, count * sizeof(const struct onus_item *));
    if (!records) {
        return onus_rules_no_room(rules);
    }
    size_t filled = 0;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        if (item->kind != ONUS_ITEM_RECORD) {
            continue;
        }
        const struct onus_item *before = filled > 0 ? records[filled - 1] : NULL;
        if (before && before->record.index >= item->record.index) {
            return onus_rule_broken(rules, item->offset, "indexes of records do not ascend");
        }
        if (before && before->profile != item->profile) {
            return onus_rule_broken(rules, item->offset,
                    "a batch has either lines or parts of lines, not both");
        }
        enum onus_code code = check_record(rules, group, item);
        if (code != ONUS_OK) {
            return code;
        }
        records[filled++] = item;
    }
    group->found.records = records;
    group->found.record_count = count;
    return ONUS_OK;
}

static enum onus_code check_claims(struct onus_rules *rules, const struct onus_group *group)
{
    for (struct onus_item *item = group->items; item; item = item->next) {
        if (item->kind == ONUS_ITEM_RECORD) {
            continue;
        }
        enum onus_code code = onus_rules_claim(rules, group, item);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return onus_rules_samples(rules, group);
}

/* ---- over all groups ------------------------------------------------------------------------- */

static int by_tag_and_seq(const void *a, const void *b)
{
    const struct onus_group *x = *(struct onus_group *const *)a;
    const struct onus_group *y = *(struct onus_group *const *)b;
    int order = memcmp(x->tag.bytes, y->tag.bytes, sizeof(x->tag.bytes));
    if (order != 0) {
        return order;
    }
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->index > y->index) - (x->index < y->index);
}

static enum onus_code sort_groups(struct onus_rules *rules)
{
    size_t count = 0;
    for (struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        count += group->profile != ONUS_PROFILE_SOURCE;
    }
    rules->sorted = onus_arena_alloc(rules->arena, count * sizeof(struct onus_group *));
    if (!rules->sorted) {
        return onus_rules_no_room(rules);
    }
    for (struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        if (group->profile != ONUS_PROFILE_SOURCE) {
            rules->sorted[rules->group_count++] = group;
        }
    }
    if (count > 1) {
        qsort(rules->sorted, count, sizeof(struct onus_group *), by_tag_and_seq);
    }
    for (size_t i = 0; i < count; i++) {
        struct onus_group *group = rules->sorted[i];
        group->found.place = i;
        const struct onus_group *before = i > 0 ? rules->sorted[i - 1] : NULL;
        if (before && onus_tag_eq(&before->tag, &group->tag) && before->last >= group->first) {
            return onus_rule_broken(rules, group->offset,
                    "two groups of one source cover the same batch");
        }
    }
    return ONUS_OK;
}

enum onus_code onus_rules_groups(struct onus_rules *rules)
{
    const struct onus_group *before = NULL;
    for (struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        if (before && before->index >= group->index) {
            return onus_rule_broken(rules, group->offset, "indexes of batches do not ascend");
        }
        enum onus_code code = check_head(rules, group);
        if (code == ONUS_OK) {
            code = check_records(rules, group);
        }
        if (code == ONUS_OK) {
            code = check_claims(rules, group);
        }
        if (code != ONUS_OK) {
            return code;
        }
        before = group;
    }
    return sort_groups(rules);
}

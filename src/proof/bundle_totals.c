/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "proof/bundle_rules.h"

/* ---- where ----------------------------------------------------------------------------------- */

enum onus_code onus_where_init(const struct onus_rules *rules, struct onus_where *out)
{
    bool *in = onus_arena_alloc(rules->arena, rules->group_count * sizeof(in[0]));
    if (!in) {
        return onus_rules_no_room(rules);
    }
    *out = (struct onus_where){in, 0};
    return ONUS_OK;
}

enum onus_code onus_where_end(const struct onus_rules *rules, const struct onus_where *where,
        struct onus_total *total)
{
    struct onus_run *runs = onus_arena_alloc(rules->arena, where->count * sizeof(runs[0]));
    if (!runs) {
        return onus_rules_no_room(rules);
    }
    size_t count = 0;
    for (size_t i = 0; i < rules->group_count; i++) {
        const struct onus_group *group = rules->sorted[i];
        if (!where->in[i]) {
            continue;
        }
        struct onus_run *before = count > 0 ? &runs[count - 1] : NULL;
        if (before && onus_tag_eq(&before->tag, &group->tag) && before->last + 1 == group->first) {
            before->last = group->last;
        } else {
            runs[count++] = (struct onus_run){group->tag, group->first, group->last};
        }
    }
    total->found.groups = where->in;
    total->found.runs = runs;
    total->found.run_count = count;
    return ONUS_OK;
}

enum onus_code onus_total_add(const struct onus_rules *rules, struct onus_total *total,
        const struct onus_item *claim)
{
    if (__builtin_add_overflow(total->found.lines, claim->found.lines, &total->found.lines) ||
            __builtin_add_overflow(total->found.attempts, claim->found.attempts,
                    &total->found.attempts)) {
        return onus_rule_broken(rules, total->offset, "a sum over batches exceeds 64 bits");
    }
    return ONUS_OK;
}

/* ---- one group ------------------------------------------------------------------------------- */

/* What a group has for a total: the one claim that counts it, or one that says there is nothing. */
struct counted {
    const struct onus_item *exact;
    bool covered;
    bool twice;
};

static void note_exact(struct counted *counted, const struct onus_item *item)
{
    counted->twice |= counted->exact != NULL;
    counted->exact = item;
}

static void note_claim(const struct onus_total *total, const struct onus_item *item,
        struct counted *counted)
{
    bool is_key = onus_key_compare(&item->found.key, &total->low) == 0;
    if (total->kind == ONUS_TOTAL_ALL) {
        if (item->kind == ONUS_ITEM_ALL) {
            note_exact(counted, item);
        }
    } else if (total->kind == ONUS_TOTAL_ADDRESS) {
        if (is_key && (item->kind == ONUS_ITEM_COUNT_ADDRESS || item->kind == ONUS_ITEM_ABSENT)) {
            note_exact(counted, item);
        }
    } else if (item->kind == ONUS_ITEM_COUNT_RANGE) {
        int low = onus_key_compare(&item->found.low, &total->low);
        int high = onus_key_compare(&item->found.key, &total->high);
        if (low == 0 && high == 0) {
            note_exact(counted, item);
        } else if (low <= 0 && high >= 0 && item->found.lines == 0) {
            counted->covered = true;
        }
    }
}

/* address, range, all: the sum over all groups that count it. */
static enum onus_code sum_claims(const struct onus_rules *rules, struct onus_total *total,
        struct onus_where *where)
{
    for (const struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        struct counted counted = {.exact = NULL};
        for (const struct onus_item *item = group->items; item; item = item->next) {
            note_claim(total, item, &counted);
        }
        if (counted.twice) {
            return onus_rule_broken(rules, total->offset, "one batch counts the same twice");
        }
        if (counted.exact || counted.covered) {
            onus_where_add(where, group);
        }
        enum onus_code code = counted.exact ? onus_total_add(rules, total, counted.exact) : ONUS_OK;
        if (code != ONUS_OK) {
            return code;
        }
    }
    return where->count > 0
                   ? ONUS_OK
                   : onus_rule_broken(rules, total->offset, "no batch counts what is added up");
}

/* ---- matching -------------------------------------------------------------------------------- */

static uint64_t count_in_record(const struct onus_item *item, struct onus_str bytes)
{
    uint64_t count = 0;
    for (size_t i = 0; i < item->record.slot_count; i++) {
        const struct onus_slot *slot = &item->record.slots[i];
        count += slot->open && onus_str_has(slot->value, bytes);
    }
    return item->profile == ONUS_PROFILE_PARTS && count > 1 ? 1 : count;
}

static enum onus_code check_matching(const struct onus_rules *rules, struct onus_total *total)
{
    if (total->bytes.len == 0 || total->bytes.len > ONUS_MATCHING_BYTES_MAX) {
        return onus_rule_broken(rules, total->offset, "what is looked for has 1 to 4096 bytes");
    }
    for (const struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        for (size_t i = 0; i < group->found.record_count; i++) {
            total->found.lines += count_in_record(group->found.records[i], total->bytes);
        }
    }
    return total->found.lines > 0
                   ? ONUS_OK
                   : onus_rule_broken(rules, total->offset, "no line that is shown contains it");
}

/* ---- unbroken -------------------------------------------------------------------------------- */

/* Slot 42 of a manifest states the leaf of the batch before; after a roll-up, what that states. */
static bool follows(const struct onus_group *group, const struct onus_group *before)
{
    if (group->profile == ONUS_PROFILE_ROLLUP) {
        return true;
    }
    const struct onus_slot *previous = onus_group_slot(group, ONUS_SLOT_PREVIOUS);
    struct onus_str expected = onus_digest_view(&before->found.leaf);
    if (before->profile == ONUS_PROFILE_ROLLUP) {
        const struct onus_slot *covered = onus_group_slot(before, ONUS_SLOT_PREVIOUS);
        expected = covered ? covered->value : ONUS_STR_NONE;
    }
    return previous && expected.len > 0 && onus_str_eq(previous->value, expected);
}

static enum onus_code check_unbroken(const struct onus_rules *rules, struct onus_total *total,
        struct onus_where *where)
{
    const struct onus_group *first = NULL;
    const struct onus_group *before = NULL;
    for (size_t i = 0; i < rules->group_count; i++) {
        const struct onus_group *group = rules->sorted[i];
        if (!onus_tag_eq(&group->tag, &total->tag)) {
            continue;
        }
        if (before && before->last + 1 != group->first) {
            return onus_rule_broken(rules, group->offset, "batches of the source are missing");
        }
        if (before && !follows(group, before)) {
            return onus_rule_broken(rules, group->offset,
                    "slot 42 does not state the batch before, or is not open");
        }
        first = first ? first : group;
        before = group;
        onus_where_add(where, group);
    }
    if (!before || before->last == first->first) {
        return onus_rule_broken(rules, total->offset, "nothing is missing needs two batches");
    }
    return ONUS_OK;
}

/* ---- shares of the whole --------------------------------------------------------------------- */

static enum onus_code add_shares(const struct onus_rules *rules)
{
    const struct onus_total *all = NULL;
    for (const struct onus_total *t = rules->facts->bundle.totals; t; t = t->next) {
        all = t->kind == ONUS_TOTAL_ALL ? t : all;
    }
    for (struct onus_total *t = rules->facts->bundle.totals; all && t; t = t->next) {
        if (t->kind != ONUS_TOTAL_NETWORK ||
                memcmp(t->found.groups, all->found.groups,
                        rules->group_count * sizeof(t->found.groups[0])) != 0) {
            continue;
        }
        if (t->found.lines > all->found.lines || t->found.attempts > all->found.attempts) {
            return onus_rule_broken(rules, t->offset, "a part is larger than the whole");
        }
        t->found.has_share = true;
        t->found.all_lines = all->found.lines;
        t->found.all_attempts = all->found.attempts;
    }
    return ONUS_OK;
}

static enum onus_code check_total(struct onus_rules *rules, struct onus_total *total)
{
    struct onus_where where = {NULL, 0};
    enum onus_code code = onus_where_init(rules, &where);
    if (code != ONUS_OK) {
        return code;
    }
    switch (total->kind) {
    case ONUS_TOTAL_ADDRESS:
        if (onus_key_is_fence(&total->low) || !onus_key_valid(&total->low)) {
            return onus_rule_broken(rules, total->offset, "a total of an address needs one");
        }
        code = sum_claims(rules, total, &where);
        break;
    case ONUS_TOTAL_RANGE:
        if (!onus_key_valid(&total->low) || !onus_key_valid(&total->high) ||
                !onus_key_is_fence(&total->low) || !onus_key_is_fence(&total->high) ||
                onus_key_compare(&total->low, &total->high) >= 0) {
            return onus_rule_broken(rules, total->offset,
                    "a total of a range needs two fences that ascend");
        }
        code = sum_claims(rules, total, &where);
        break;
    case ONUS_TOTAL_ALL:
        code = sum_claims(rules, total, &where);
        break;
    case ONUS_TOTAL_NETWORK:
        code = onus_rules_network(rules, total, &where);
        break;
    case ONUS_TOTAL_MEMBERS:
        return onus_rules_members(rules, total);
    case ONUS_TOTAL_MATCHING:
        return check_matching(rules, total);
    case ONUS_TOTAL_UNBROKEN:
        code = check_unbroken(rules, total, &where);
        break;
    case ONUS_TOTAL_AUDIT:
        return onus_rules_audit(rules, total);
    default:
        return onus_fail(rules->err, ONUS_E_BUG, "a total of no kind");
    }
    return code == ONUS_OK ? onus_where_end(rules, &where, total) : code;
}

enum onus_code onus_rules_totals(struct onus_rules *rules)
{
    struct onus_total *totals = rules->facts->bundle.totals;
    for (struct onus_total *total = totals; total; total = total->next) {
        for (const struct onus_total *other = totals; other != total; other = other->next) {
            if (onus_str_eq(other->words, total->words)) {
                return onus_rule_broken(rules, total->offset, "two totals of the same words");
            }
        }
        enum onus_code code = check_total(rules, total);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return add_shares(rules);
}

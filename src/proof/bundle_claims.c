/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "proof/bundle_rules.h"

/* What is open of a row. */
struct row {
    const struct onus_slot *key;
    const struct onus_slot *lines;
    const struct onus_slot *postings;
    const struct onus_slot *attempts;
};

static struct onus_key key_of(const struct onus_slot *slot)
{
    struct onus_key key;
    memcpy(key.bytes, slot->value.ptr, sizeof(key.bytes));
    return key;
}

static uint64_t number_of(const struct onus_slot *slot)
{
    return onus_be64_get(slot->value.ptr);
}

static bool good_row_slot(size_t place, const struct onus_slot *slot)
{
    static const uint8_t sizes[ONUS_ROW_SLOTS] = {18, 8, 32, 8};
    if (slot->kind != ONUS_SLOT_ROW_KEY + place || slot->value.len != sizes[place]) {
        return false;
    }
    if (place > 0) {
        return true;
    }
    struct onus_key key = key_of(slot);
    return onus_key_valid(&key);
}

static enum onus_code open_row(const struct onus_rules *rules, const struct onus_group *group,
        const struct onus_item *claim, const struct onus_leaf *leaf, struct row *out)
{
    const struct onus_slot *index = onus_group_slot(group, ONUS_SLOT_INDEX);
    if (group->profile == ONUS_PROFILE_SOURCE || !index) {
        return onus_rule_broken(rules, claim->offset, "a claim needs slot 49 open");
    }
    const struct onus_slot *opened[ONUS_ROW_SLOTS] = {NULL};
    struct onus_digest commitments[ONUS_ROW_SLOTS];
    for (size_t i = 0; i < ONUS_ROW_SLOTS; i++) {
        commitments[i] = leaf->slots[i].commitment;
        if (!leaf->slots[i].open) {
            continue;
        }
        if (!good_row_slot(i, &leaf->slots[i])) {
            return onus_rule_broken(rules, claim->offset,
                    "a slot of a row is opened as another kind than its place has, or with a "
                    "wrong value");
        }
        opened[i] = &leaf->slots[i];
    }
    struct onus_digest hash;
    struct onus_digest root;
    onus_record_leaf(ONUS_PROFILE_ROW, ONUS_STR_NONE, commitments, ONUS_ROW_SLOTS, &hash);
    memcpy(root.bytes, index->value.ptr + 8, sizeof(root.bytes));
    if (onus_inclusion_verify(&hash, leaf->index, number_of(index), leaf->path, &root, NULL) !=
            ONUS_OK) {
        return onus_rule_broken(rules, claim->offset,
                "a row is not in the index: wrong path, or an index not below its rows");
    }
    *out = (struct row){opened[0], opened[1], opened[2], opened[3]};
    return ONUS_OK;
}

/* What two rows say of each other, whatever the claim: keys ascend, sums never fall. */
static enum onus_code check_order(const struct onus_rules *rules, const struct onus_item *claim,
        const struct row *first, const struct row *second)
{
    if (first->key && second->key) {
        struct onus_key low = key_of(first->key);
        struct onus_key high = key_of(second->key);
        if (onus_key_compare(&low, &high) >= 0) {
            return onus_rule_broken(rules, claim->offset, "keys of rows do not ascend");
        }
    }
    if ((first->lines && second->lines && number_of(first->lines) > number_of(second->lines)) ||
            (first->attempts && second->attempts &&
                    number_of(first->attempts) > number_of(second->attempts))) {
        return onus_rule_broken(rules, claim->offset, "the sums of rows fall");
    }
    return ONUS_OK;
}

static bool is_fence(const struct onus_slot *slot)
{
    struct onus_key key = key_of(slot);
    return onus_key_is_fence(&key);
}

/* Count between two rows whose sums are all open. */
static enum onus_code count_between(const struct onus_rules *rules, struct onus_item *claim,
        const struct row *first, const struct row *second)
{
    if (!first->lines || !first->attempts || !second->lines || !second->attempts || !second->key) {
        return onus_rule_broken(rules, claim->offset, "a count needs its sums and its key open");
    }
    claim->found.key = key_of(second->key);
    claim->found.lines = number_of(second->lines) - number_of(first->lines);
    claim->found.attempts = number_of(second->attempts) - number_of(first->attempts);
    return ONUS_OK;
}

static bool adjacent(const struct onus_item *claim)
{
    return claim->rows[1].index == claim->rows[0].index + 1;
}

static enum onus_code check_address(const struct onus_rules *rules, struct onus_item *claim,
        const struct row *first, const struct row *second)
{
    enum onus_code code = count_between(rules, claim, first, second);
    if (code == ONUS_OK && (!adjacent(claim) || is_fence(second->key))) {
        code = onus_rule_broken(rules, claim->offset,
                "a count of an address needs two rows side by side, the second an address");
    }
    return code;
}

static enum onus_code check_range(const struct onus_rules *rules, struct onus_item *claim,
        const struct row *first, const struct row *second)
{
    enum onus_code code = count_between(rules, claim, first, second);
    if (code != ONUS_OK) {
        return code;
    }
    if (claim->rows[0].index >= claim->rows[1].index || !first->key || !is_fence(first->key) ||
            !is_fence(second->key)) {
        return onus_rule_broken(rules, claim->offset,
                "a count of a range needs two fences, the lower row first");
    }
    claim->found.low = key_of(first->key);
    return ONUS_OK;
}

static enum onus_code check_absent(const struct onus_rules *rules, struct onus_item *claim,
        const struct row *first, const struct row *second)
{
    if (!adjacent(claim) || !first->key || !second->key || onus_key_is_fence(&claim->key) ||
            !onus_key_valid(&claim->key)) {
        return onus_rule_broken(rules, claim->offset,
                "absence needs an address and two rows side by side with their keys open");
    }
    struct onus_key low = key_of(first->key);
    struct onus_key high = key_of(second->key);
    if (onus_key_compare(&low, &claim->key) >= 0 || onus_key_compare(&claim->key, &high) >= 0) {
        return onus_rule_broken(rules, claim->offset, "the key is not between the two rows");
    }
    claim->found.key = claim->key;
    return ONUS_OK;
}

static enum onus_code check_all(const struct onus_rules *rules, const struct onus_group *group,
        struct onus_item *claim, const struct row *row)
{
    const struct onus_slot *index = onus_group_slot(group, ONUS_SLOT_INDEX);
    const struct onus_slot *lines = onus_group_slot(group, ONUS_SLOT_LINES);
    if (!index || claim->rows[0].index + 1 != number_of(index) || !row->lines || !row->attempts) {
        return onus_rule_broken(rules, claim->offset,
                "a claim over all needs the last row with its sums open");
    }
    if (!lines || number_of(lines) != number_of(row->lines)) {
        return onus_rule_broken(rules, claim->offset,
                "the last row does not count the lines of slot 46, or that is not open");
    }
    claim->found.lines = number_of(row->lines);
    claim->found.attempts = number_of(row->attempts);
    return ONUS_OK;
}

/* When the row is of an IPv4 address, its text stands in the line. */
static bool address_in_line(const struct onus_key *key, struct onus_str line)
{
    char text[ONUS_KEY_TEXT];
    size_t length = onus_key_format(key, text);
    return key->bytes[0] != 0x04 || onus_str_has(line, (struct onus_str){text, length});
}

static enum onus_code check_posting(const struct onus_rules *rules, const struct onus_item *claim,
        uint64_t line, const struct row *first, const struct row *second)
{
    uint8_t number[8];
    struct onus_digest leaf;
    struct onus_digest root;
    onus_be64_put(number, line);
    onus_leaf_hash((struct onus_str){(const char *)number, sizeof(number)}, &leaf);
    memcpy(root.bytes, second->postings->value.ptr, sizeof(root.bytes));
    uint64_t lines = number_of(second->lines) - number_of(first->lines);
    if (onus_inclusion_verify(&leaf, claim->posting, lines, claim->posting_path, &root, NULL) !=
            ONUS_OK) {
        return onus_rule_broken(rules, claim->offset,
                "the line that is drawn is not among those of the key");
    }
    return ONUS_OK;
}

static enum onus_code check_sample(const struct onus_rules *rules, const struct onus_group *group,
        struct onus_item *claim, const struct row *first, const struct row *second)
{
    if (!adjacent(claim) || !first->lines || !second->key || !second->lines || !second->postings ||
            is_fence(second->key)) {
        return onus_rule_broken(rules, claim->offset,
                "a sample needs two rows side by side, the second an address with key, lines and "
                "postings open");
    }
    const struct onus_item *record = NULL;
    size_t slot = 0;
    uint64_t number = 0;
    enum onus_code code = onus_sample_drawn(rules, group, claim, &record, &slot, &number);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_str line = ONUS_STR_NONE;
    code = onus_record_line(rules, record, slot, &line);
    if (code == ONUS_OK) {
        code = check_posting(rules, claim, number, first, second);
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_key key = key_of(second->key);
    if (!address_in_line(&key, line)) {
        return onus_rule_broken(rules, claim->offset,
                "the line that is drawn does not have the address of its row");
    }
    claim->found.key = key;
    claim->found.line = number;
    return ONUS_OK;
}

enum onus_code onus_rules_claim(struct onus_rules *rules, const struct onus_group *group,
        struct onus_item *claim)
{
    struct row first = {.key = NULL};
    struct row second = {.key = NULL};
    enum onus_code code = open_row(rules, group, claim, &claim->rows[0], &first);
    if (code != ONUS_OK) {
        return code;
    }
    if (claim->kind == ONUS_ITEM_ALL) {
        return check_all(rules, group, claim, &first);
    }
    code = open_row(rules, group, claim, &claim->rows[1], &second);
    if (code == ONUS_OK) {
        code = check_order(rules, claim, &first, &second);
    }
    if (code != ONUS_OK) {
        return code;
    }
    switch (claim->kind) {
    case ONUS_ITEM_COUNT_ADDRESS:
        return check_address(rules, claim, &first, &second);
    case ONUS_ITEM_COUNT_RANGE:
        return check_range(rules, claim, &first, &second);
    case ONUS_ITEM_ABSENT:
        return check_absent(rules, claim, &first, &second);
    case ONUS_ITEM_SAMPLE:
        return check_sample(rules, group, claim, &first, &second);
    case ONUS_ITEM_ALL:
    case ONUS_ITEM_RECORD:
    default:
        return onus_fail(rules->err, ONUS_E_BUG, "a claim of no kind");
    }
}

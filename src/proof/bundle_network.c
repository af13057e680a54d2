/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/str.h"
#include "proof/bundle_rules.h"
#include "text/decimal.h"
#include "text/hex.h"

/* A row of a table of networks: LOW up to, without, HIGH. */
struct net_row {
    struct onus_key low;
    struct onus_key high;
    uint64_t asn;
    struct onus_str operator_name;
};

struct net_rows {
    struct net_row *ptr;
    size_t count;
};

/* ---- the table ------------------------------------------------------------------------------- */

/* "onus/net-table/v1 NAME DATE", then the end or a blank and more. */
static bool parse_table(const struct onus_group *group, struct onus_net_table *out)
{
    const struct onus_item *record = group->found.record_count > 0 ? group->found.records[0] : NULL;
    if (!record || record->record.index != 0 || record->profile != ONUS_PROFILE_LINES ||
            !record->record.slots[0].open) {
        return false;
    }
    struct onus_str rest = record->record.slots[0].value;
    struct onus_str name = ONUS_STR_NONE;
    struct onus_str date = ONUS_STR_NONE;
    if (!onus_str_skip(&rest, ONUS_STR("onus/net-table/v1 ")) || !onus_str_cut(&rest, ' ', &name)) {
        return false;
    }
    if (!onus_str_cut(&rest, ' ', &date)) {
        date = rest;
    }
    *out = (struct onus_net_table){name, date};
    return name.len > 0 && date.len > 0;
}

static enum onus_code find_table(const struct onus_rules *rules, const struct onus_total *total,
        const struct onus_group **out, struct onus_net_table *table)
{
    *out = NULL;
    for (const struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        struct onus_net_table found = {ONUS_STR_NONE, ONUS_STR_NONE};
        if (!parse_table(group, &found)) {
            continue;
        }
        if (*out) {
            return onus_rule_broken(rules, total->offset, "two tables of networks");
        }
        *out = group;
        *table = found;
    }
    return *out ? ONUS_OK : onus_rule_broken(rules, total->offset, "there is no table of networks");
}

/* "net LOW HIGH ASN OPERATOR" */
static bool parse_row(struct onus_str line, struct net_row *out)
{
    struct onus_str low = ONUS_STR_NONE;
    struct onus_str high = ONUS_STR_NONE;
    struct onus_str asn = ONUS_STR_NONE;
    if (!onus_str_skip(&line, ONUS_STR("net ")) || !onus_str_cut(&line, ' ', &low) ||
            !onus_str_cut(&line, ' ', &high) || !onus_str_cut(&line, ' ', &asn)) {
        return false;
    }
    out->operator_name = line;
    return line.len > 0 && onus_hex_exact(low, out->low.bytes, sizeof(out->low.bytes)) &&
           onus_hex_exact(high, out->high.bytes, sizeof(out->high.bytes)) &&
           onus_decimal_parse(asn, &out->asn) && onus_key_valid(&out->low) &&
           onus_key_valid(&out->high) && onus_key_is_fence(&out->low) &&
           onus_key_is_fence(&out->high) && onus_key_compare(&out->low, &out->high) < 0;
}

static bool is_row(const struct onus_slot *slot)
{
    return slot->open && onus_str_begins(slot->value, ONUS_STR("net "));
}

static size_t count_rows(const struct onus_group *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->found.record_count; i++) {
        const struct onus_leaf *leaf = &table->found.records[i]->record;
        for (size_t k = 0; k < leaf->slot_count; k++) {
            count += is_row(&leaf->slots[k]);
        }
    }
    return count;
}

static enum onus_code read_rows(const struct onus_rules *rules, const struct onus_group *table,
        struct net_rows *out)
{
    struct net_row *rows = onus_arena_alloc(rules->arena, count_rows(table) * sizeof(rows[0]));
    if (!rows) {
        return onus_rules_no_room(rules);
    }
    size_t count = 0;
    for (size_t i = 0; i < table->found.record_count; i++) {
        const struct onus_item *record = table->found.records[i];
        for (size_t k = 0; k < record->record.slot_count; k++) {
            if (!is_row(&record->record.slots[k])) {
                continue;
            }
            if (!parse_row(record->record.slots[k].value, &rows[count])) {
                return onus_rule_broken(rules, record->offset,
                        "a row of the table of networks is malformed");
            }
            if (count > 0 && onus_key_compare(&rows[count - 1].high, &rows[count].low) > 0) {
                return onus_rule_broken(rules, record->offset,
                        "rows of the table of networks overlap or do not ascend");
            }
            count++;
        }
    }
    *out = (struct net_rows){rows, count};
    return ONUS_OK;
}

/* ---- the lines of a network ------------------------------------------------------------------ */

/* Rows of one autonomous system, in order. */
static enum onus_code rows_of(const struct onus_rules *rules, const struct net_rows *all,
        uint64_t asn, struct net_rows *out)
{
    struct net_row *rows = onus_arena_alloc(rules->arena, all->count * sizeof(rows[0]));
    if (!rows) {
        return onus_rules_no_room(rules);
    }
    *out = (struct net_rows){rows, 0};
    for (size_t i = 0; i < all->count; i++) {
        if (all->ptr[i].asn == asn) {
            rows[out->count++] = all->ptr[i];
        }
    }
    return ONUS_OK;
}

/* The first row whose lower edge is not below `key`. */
static size_t first_row_from(const struct net_rows *rows, const struct onus_key *key)
{
    size_t low = 0;
    size_t high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (onus_key_compare(&rows->ptr[middle].low, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The claims of a group that count ranges: those that count a row, and empty ones by lower edge. */
struct ranges {
    const struct onus_item **ptr;
    size_t count;
};

static int by_low_edge(const void *a, const void *b)
{
    const struct onus_item *x = *(const struct onus_item *const *)a;
    const struct onus_item *y = *(const struct onus_item *const *)b;
    int order = onus_key_compare(&x->found.low, &y->found.low);
    return order != 0 ? order : onus_key_compare(&x->found.key, &y->found.key);
}

static bool counts_row(const struct net_rows *rows, const struct onus_item *claim, size_t *row)
{
    *row = first_row_from(rows, &claim->found.low);
    return *row < rows->count && onus_key_compare(&rows->ptr[*row].low, &claim->found.low) == 0 &&
           onus_key_compare(&rows->ptr[*row].high, &claim->found.key) == 0;
}

static bool covers_a_row(const struct net_rows *rows, const struct onus_item *claim)
{
    size_t row = first_row_from(rows, &claim->found.low);
    return row < rows->count && onus_key_compare(&rows->ptr[row].high, &claim->found.key) <= 0;
}

/* What one group says of the rows; `done` has a place for each row. */
struct tally {
    bool *done;
    bool any;
    struct ranges empty;
};

static enum onus_code take_ranges(const struct onus_rules *rules, const struct net_rows *rows,
        const struct onus_group *group, struct onus_total *total, struct tally *tally)
{
    for (const struct onus_item *item = group->items; item; item = item->next) {
        size_t row = 0;
        if (item->kind != ONUS_ITEM_COUNT_RANGE) {
            continue;
        }
        if (counts_row(rows, item, &row)) {
            if (tally->done[row]) {
                return onus_rule_broken(rules, item->offset, "one batch counts the same twice");
            }
            tally->done[row] = true;
            tally->any = true;
            enum onus_code code = onus_total_add(rules, total, item);
            if (code != ONUS_OK) {
                return code;
            }
        } else if (item->found.lines == 0 && covers_a_row(rows, item)) {
            tally->any = true;
            tally->empty.ptr[tally->empty.count++] = item;
        }
    }
    return ONUS_OK;
}

/* Whether each row is counted, or lies in a range that is empty. One walk over both, in order. */
static bool all_rows_done(const struct net_rows *rows, struct tally *tally)
{
    if (tally->empty.count > 1) {
        qsort(tally->empty.ptr, tally->empty.count, sizeof(const struct onus_item *), by_low_edge);
    }
    size_t next = 0;
    const struct onus_key *reach = NULL;
    for (size_t row = 0; row < rows->count; row++) {
        while (next < tally->empty.count &&
                onus_key_compare(&tally->empty.ptr[next]->found.low, &rows->ptr[row].low) <= 0) {
            const struct onus_key *high = &tally->empty.ptr[next]->found.key;
            reach = !reach || onus_key_compare(high, reach) > 0 ? high : reach;
            next++;
        }
        bool empty = reach && onus_key_compare(&rows->ptr[row].high, reach) <= 0;
        if (!tally->done[row] && !empty) {
            return false;
        }
    }
    return true;
}

static size_t count_claims(const struct onus_group *group)
{
    size_t count = 0;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        count += item->kind == ONUS_ITEM_COUNT_RANGE;
    }
    return count;
}

static enum onus_code add_group(const struct onus_rules *rules, const struct net_rows *rows,
        const struct onus_group *group, struct onus_total *total, struct onus_where *where)
{
    size_t claims = count_claims(group);
    if (claims == 0) {
        return ONUS_OK;
    }
    struct tally tally = {
            .done = calloc(rows->count, sizeof(bool)),
            .empty = {calloc(claims, sizeof(const struct onus_item *)), 0},
    };
    enum onus_code code = ONUS_OK;
    if (!tally.done || !tally.empty.ptr) {
        code = onus_fail(rules->err, ONUS_E_MEMORY, "out of memory");
    } else {
        code = take_ranges(rules, rows, group, total, &tally);
    }
    if (code == ONUS_OK && tally.any) {
        onus_where_add(where, group);
        if (!all_rows_done(rows, &tally)) {
            code = onus_rule_broken(rules, group->offset,
                    "a batch counts some rows of a network and leaves out others");
        }
    }
    free(tally.done);
    free(tally.empty.ptr);
    return code;
}

enum onus_code onus_rules_network(struct onus_rules *rules, struct onus_total *total,
        struct onus_where *where)
{
    const struct onus_group *table = NULL;
    struct net_rows all = {NULL, 0};
    struct net_rows rows = {NULL, 0};
    enum onus_code code = find_table(rules, total, &table, &total->found.table);
    if (code == ONUS_OK) {
        code = read_rows(rules, table, &all);
    }
    if (code == ONUS_OK) {
        code = rows_of(rules, &all, total->number, &rows);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (rows.count == 0) {
        return onus_rule_broken(rules, total->offset, "the table shows no row of this network");
    }
    for (const struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        code = add_group(rules, &rows, group, total, where);
        if (code != ONUS_OK) {
            return code;
        }
    }
    total->found.rows = rows.count;
    total->found.operator_name = rows.ptr[0].operator_name;
    return where->count > 0
                   ? ONUS_OK
                   : onus_rule_broken(rules, total->offset, "no batch counts this network");
}

/* ---- the addresses of a network -------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    return onus_key_compare(a, b);
}

/* Distinct keys of claims that count lines of an address. */
static enum onus_code disclosed_keys(const struct onus_rules *rules, struct onus_key **out,
        size_t *out_count)
{
    size_t count = 0;
    for (const struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        for (const struct onus_item *item = group->items; item; item = item->next) {
            count += item->kind == ONUS_ITEM_COUNT_ADDRESS && item->found.lines > 0;
        }
    }
    struct onus_key *keys = onus_arena_alloc(rules->arena, count * sizeof(keys[0]));
    if (!keys) {
        return onus_rules_no_room(rules);
    }
    count = 0;
    for (const struct onus_group *group = rules->facts->bundle.groups; group; group = group->next) {
        for (const struct onus_item *item = group->items; item; item = item->next) {
            if (item->kind == ONUS_ITEM_COUNT_ADDRESS && item->found.lines > 0) {
                keys[count++] = item->found.key;
            }
        }
    }
    if (count > 1) {
        qsort(keys, count, sizeof(keys[0]), by_key);
    }
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || onus_key_compare(&keys[distinct - 1], &keys[i]) != 0) {
            keys[distinct++] = keys[i];
        }
    }
    *out = keys;
    *out_count = distinct;
    return ONUS_OK;
}

/* The row a key lies in, or NULL. */
static const struct net_row *row_around(const struct net_rows *rows, const struct onus_key *key)
{
    size_t next = first_row_from(rows, key); /* a key of an address equals no edge */
    if (next == 0 || onus_key_compare(key, &rows->ptr[next - 1].high) >= 0) {
        return NULL;
    }
    return &rows->ptr[next - 1];
}

enum onus_code onus_rules_members(struct onus_rules *rules, struct onus_total *total)
{
    const struct onus_group *table = NULL;
    struct net_rows rows = {NULL, 0};
    struct onus_key *keys = NULL;
    size_t count = 0;
    enum onus_code code = find_table(rules, total, &table, &total->found.table);
    if (code == ONUS_OK) {
        code = read_rows(rules, table, &rows);
    }
    if (code == ONUS_OK) {
        code = disclosed_keys(rules, &keys, &count);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (count == 0) {
        return onus_rule_broken(rules, total->offset, "no address with lines is disclosed");
    }
    total->found.members = count;
    for (size_t i = 0; i < count; i++) {
        const struct net_row *row = row_around(&rows, &keys[i]);
        total->found.inside += row && row->asn == total->number;
        total->found.elsewhere += row && row->asn != total->number;
    }
    return ONUS_OK;
}

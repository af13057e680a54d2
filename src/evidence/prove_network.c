/* SPDX-License-Identifier: Apache-2.0 */
#include "prove_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"

/* ---- the table ------------------------------------------------------------------------------- */

/* The middle of the period, else of the times on the lines that are counted. */
static int64_t asked_time(const struct onus_proving *proving)
{
    const struct onus_query *query = proving->query;
    const struct onus_selection *selection = &proving->out->selection;
    int64_t low = INT64_MAX;
    int64_t high = INT64_MIN;
    for (size_t i = 0; i < selection->count; i++) {
        const struct onus_holding *item = selection->items[i];
        if (item->has_time) {
            low = (int64_t)item->first_time < low ? (int64_t)item->first_time : low;
            high = (int64_t)item->last_time > high ? (int64_t)item->last_time : high;
        }
    }
    low = query->has_from ? query->from : low;
    high = query->has_until ? query->until : high;
    return low <= high ? low / 2 + high / 2 : 0;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

static enum onus_code read_table(struct onus_proving *proving, struct onus_proving_table *out)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    struct onus_exhibit exhibit = {.calls = NULL};
    struct onus_buffer bytes = {.limit = 0};
    enum onus_code code = holdings->open(holdings->data, out->holding, &exhibit, proving->err);
    uint64_t lines = code == ONUS_OK ? onus_exhibit_number(&exhibit, ONUS_SLOT_LINES) : 0;
    for (uint64_t i = 0; code == ONUS_OK && i < lines; i++) {
        struct onus_str line;
        code = exhibit.calls->line(exhibit.data, i, &line, proving->err);
        if (code == ONUS_OK) {
            onus_buffer_add_str(&bytes, line);
            onus_buffer_add_char(&bytes, '\n');
        }
    }
    struct onus_str copy;
    if (code == ONUS_OK) {
        code = onus_buffer_status(&bytes, proving->err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(proving->arena, onus_buffer_view(&bytes), &copy, proving->err);
    }
    if (code == ONUS_OK) {
        code = onus_net_table_parse(copy, proving->arena, &out->table, proving->err);
    }
    onus_buffer_clear(&bytes);
    onus_exhibit_close(&exhibit);
    return code;
}

enum onus_code onus_proving_find_table(struct onus_proving *proving, struct onus_proving_table *out)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    int64_t asked = asked_time(proving);
    uint64_t best = UINT64_MAX;
    *out = (struct onus_proving_table){.holding = NULL};
    for (size_t i = 0; i < holdings->count; i++) {
        const struct onus_holding *holding = &holdings->list[i];
        size_t blank = onus_str_rfind_char(holding->name, ' ');
        int64_t date = 0;
        if (holding->rollup || holding->first != 0 || !onus_holding_is_table(holding) ||
                !onus_net_table_date(onus_str_from(holding->name, blank + 1), &date)) {
            continue;
        }
        if (distance(date, asked) <= best) { /* of two as near the one sealed later */
            best = distance(date, asked);
            out->holding = holding;
        }
    }
    if (!out->holding) {
        return onus_fail(proving->err, ONUS_E_MISSING,
                "no table of networks is sealed here: onus ipdb export TABLE, then onus seal "
                "--source 'net-table NAME DATE' FILE");
    }
    enum onus_code code = read_table(proving, out);
    if (code != ONUS_OK) {
        onus_context(proving->err, "'" ONUS_STR_FMT "'", ONUS_STR_ARG(out->holding->name));
    }
    return code;
}

struct shown_rows {
    const struct onus_net_rows *table;
    const bool *shown;
};

static enum onus_code show_rows(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    const struct shown_rows *rows = data;
    enum onus_code code = onus_group_show_line(making, 0, proving->err);
    for (size_t i = 0; code == ONUS_OK && i < rows->table->count; i++) {
        if (rows->shown[i]) {
            code = onus_group_show_line(making, rows->table->rows[i].line, proving->err);
        }
    }
    return code;
}

enum onus_code onus_proving_show_table(struct onus_proving *proving,
        const struct onus_proving_table *table, const bool *shown)
{
    struct shown_rows rows = {&table->table, shown};
    return onus_proving_with(proving, table->holding, show_rows, &rows);
}

/* ---- sums of a network ----------------------------------------------------------------------- */

struct network {
    struct onus_proving_table table;
    bool *shown;
    bool share;
};

static enum onus_code count_network(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    const struct network *network = data;
    const struct onus_net_rows *table = &network->table.table;
    struct onus_proven *out = proving->out;
    struct onus_counted part;
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < table->count; i++) {
        if (!network->shown[i]) {
            continue;
        }
        code = onus_group_count_range(making, &table->rows[i].low, &table->rows[i].high, &part,
                proving->err);
        if (code == ONUS_OK) {
            out->counted.lines += part.lines;
            out->counted.attempts += part.attempts;
        }
    }
    if (code == ONUS_OK && network->share) {
        code = onus_group_count_all(making, &part, proving->err);
        out->all.lines += part.lines;
        out->all.attempts += part.attempts;
    }
    return code;
}

enum onus_code onus_proving_network(struct onus_proving *proving, bool share)
{
    struct network network = {.share = share};
    enum onus_code code = onus_proving_find_table(proving, &network.table);
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_net_rows *table = &network.table.table;
    size_t rows = 0;
    network.shown = onus_arena_alloc(proving->arena, table->count + 1);
    if (!network.shown) {
        return onus_arena_reason(proving->arena, proving->err);
    }
    for (size_t i = 0; i < table->count; i++) {
        network.shown[i] = table->rows[i].asn == proving->query->asn;
        rows += network.shown[i];
    }
    if (rows == 0) {
        return onus_fail(proving->err, ONUS_E_MISSING,
                "table " ONUS_STR_FMT " of " ONUS_STR_FMT " has no row of AS%" PRIu32,
                ONUS_STR_ARG(table->name), ONUS_STR_ARG(table->date), proving->query->asn);
    }
    onus_notes_tell(&proving->options->notes,
            "AS%" PRIu32 " by %zu rows of the sealed table " ONUS_STR_FMT " of " ONUS_STR_FMT,
            proving->query->asn, rows, ONUS_STR_ARG(table->name), ONUS_STR_ARG(table->date));
    code = onus_proving_each(proving, count_network, &network);
    if (code == ONUS_OK) {
        code = onus_proving_show_table(proving, &network.table, network.shown);
    }
    struct onus_total total = {.kind = ONUS_TOTAL_NETWORK, .number = proving->query->asn};
    if (code == ONUS_OK) {
        code = onus_assembly_total(&proving->assembly, &total, proving->err);
    }
    if (code == ONUS_OK && share) {
        total = (struct onus_total){.kind = ONUS_TOTAL_ALL};
        code = onus_assembly_total(&proving->assembly, &total, proving->err);
    }
    return code;
}

/* ---- members --------------------------------------------------------------------------------- */

struct members {
    struct onus_key *keys; /* those not yet found in a group, ascending */
    size_t count;
    struct onus_proving_table table;
    bool *shown; /* rows that hold a member */
};

/* Each address is counted in the first group that has lines of it, and nowhere else. */
static enum onus_code count_members(struct onus_proving *proving, struct onus_group_making *making,
        const struct onus_index *index, struct members *members)
{
    struct onus_proven *out = proving->out;
    size_t left = 0;
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < members->count; i++) {
        bool found = false;
        size_t row = onus_index_find(index, &members->keys[i], &found);
        if (code != ONUS_OK || !found || index->rows[row].own_lines == 0) {
            members->keys[left++] = members->keys[i];
            continue;
        }
        struct onus_counted part;
        code = onus_group_count_address(making, &members->keys[i], &part, proving->err);
        const struct onus_net_row *net =
                onus_net_table_find(&members->table.table, &members->keys[i]);
        out->members++;
        if (net) {
            members->shown[net - members->table.table.rows] = true;
            out->inside += net->asn == proving->query->asn;
            out->elsewhere += net->asn != proving->query->asn;
        }
    }
    members->count = left;
    return code;
}

/* A group is begun only when it has a member: the others say nothing. */
static enum onus_code search_members(struct onus_proving *proving,
        const struct onus_holding *holding, struct members *members)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    struct onus_exhibit exhibit = {.calls = NULL};
    struct onus_exhibit_index index;
    enum onus_code code = holdings->open(holdings->data, holding, &exhibit, proving->err);
    if (code == ONUS_OK) {
        code = exhibit.calls->index(exhibit.data, &index, proving->err);
    }
    bool any = false;
    for (size_t i = 0; code == ONUS_OK && !any && i < members->count; i++) {
        bool found = false;
        size_t row = onus_index_find(index.index, &members->keys[i], &found);
        any = found && index.index->rows[row].own_lines > 0;
    }
    if (code == ONUS_OK && any) {
        struct onus_exhibit again = {.calls = NULL};
        struct onus_group_making making;
        code = onus_prove_group(proving->options, holding, &proving->assembly, &again, &making,
                proving->err);
        if (code == ONUS_OK) {
            code = count_members(proving, &making, index.index, members);
        }
        onus_group_end(&making);
        onus_exhibit_close(&again);
    }
    onus_exhibit_close(&exhibit);
    return code;
}

static int compare_keys(const void *a, const void *b)
{
    return onus_key_compare(a, b);
}

static enum onus_code gather_members(struct onus_proving *proving, struct members *out)
{
    const struct onus_prove_options *options = proving->options;
    out->keys = onus_arena_alloc(proving->arena, (options->member_count + 1) * sizeof(*out->keys));
    out->shown = onus_arena_alloc(proving->arena, out->table.table.count + 1);
    if (!out->keys || !out->shown) {
        return onus_arena_reason(proving->arena, proving->err);
    }
    for (size_t i = 0; i < options->member_count; i++) {
        out->keys[i] = onus_key_of(&options->members[i]);
    }
    qsort(out->keys, options->member_count, sizeof(*out->keys), compare_keys);
    for (size_t i = 0; i < options->member_count; i++) {
        if (out->count == 0 || onus_key_compare(&out->keys[out->count - 1], &out->keys[i]) != 0) {
            out->keys[out->count++] = out->keys[i];
        }
    }
    return ONUS_OK;
}

enum onus_code onus_proving_members(struct onus_proving *proving)
{
    struct members members = {.keys = NULL};
    const struct onus_selection *selection = &proving->out->selection;
    enum onus_code code = onus_proving_find_table(proving, &members.table);
    if (code == ONUS_OK) {
        code = gather_members(proving, &members);
    }
    for (size_t i = 0; code == ONUS_OK && i < selection->count && members.count > 0; i++) {
        code = search_members(proving, selection->items[i], &members);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (members.count > 0) {
        onus_notes_tell(&proving->options->notes,
                "%zu of the addresses in the file have no line and are not among the members",
                members.count);
    }
    if (proving->out->members == 0) {
        return onus_fail(proving->err, ONUS_E_MISSING, "none of the addresses has a line");
    }
    if (proving->query->has_number && proving->query->number != proving->out->inside) {
        return onus_fail(proving->err, ONUS_E_MISMATCH,
                "%" PRIu64 " of %" PRIu64 " addresses are registered in AS%" PRIu32,
                proving->out->inside, proving->out->members, proving->query->asn);
    }
    code = onus_proving_show_table(proving, &members.table, members.shown);
    struct onus_total total = {.kind = ONUS_TOTAL_MEMBERS, .number = proving->query->asn};
    return code == ONUS_OK ? onus_assembly_total(&proving->assembly, &total, proving->err) : code;
}

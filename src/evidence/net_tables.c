/* SPDX-License-Identifier: Apache-2.0 */
#include "net_tables.h"

#include "evidence/batch.h"
#include "evidence/exhibit.h"

static enum onus_code read_table(struct onus_batch *batch, struct onus_arena *arena,
        struct onus_net_rows *out, struct onus_error *err)
{
    struct onus_str copy;
    enum onus_code code = onus_batch_load(batch, err);
    if (code == ONUS_OK) {
        code = onus_arena_copy(arena, onus_batch_bytes(batch), &copy, err);
    }
    return code == ONUS_OK ? onus_net_table_parse(copy, arena, out, err) : code;
}

static enum onus_code add_table(const struct onus_vault *vault, const struct onus_source *source,
        struct onus_arena *arena, struct onus_net_tables *tables, struct onus_error *err)
{
    struct onus_batch *batch = NULL;
    struct onus_net_rows *rows = &tables->tables[tables->count];
    enum onus_code code = onus_batch_open(vault, source, 0, &batch, err);
    if (code == ONUS_OK) {
        code = read_table(batch, arena, rows, err);
    }
    onus_batch_close(batch);
    if (code == ONUS_E_MISSING) {
        return ONUS_OK;
    }
    if (code != ONUS_OK) {
        onus_context(err, "'" ONUS_STR_FMT "'", ONUS_STR_ARG(source->name));
        return code;
    }
    tables->count += onus_net_table_date(rows->date, &tables->dates[tables->count]);
    return ONUS_OK;
}

enum onus_code onus_net_tables_open(const struct onus_vault *vault, struct onus_arena *arena,
        struct onus_net_tables *out, struct onus_error *err)
{
    size_t sources = onus_vault_source_count(vault);
    struct onus_net_tables tables = {.count = 0};
    tables.tables = onus_arena_alloc(arena, (sources + 1) * sizeof(*tables.tables));
    tables.dates = onus_arena_alloc(arena, (sources + 1) * sizeof(*tables.dates));
    if (!tables.tables || !tables.dates) {
        return onus_arena_reason(arena, err);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < sources; i++) {
        const struct onus_source *source = onus_vault_source_at(vault, i);
        struct onus_str name = source->name;
        if (source->next_seq > 0 && onus_str_skip(&name, ONUS_NET_TABLE_SOURCE)) {
            code = add_table(vault, source, arena, &tables, err);
        }
    }
    if (code == ONUS_OK) {
        *out = tables;
    }
    return code;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

struct onus_net_rows *onus_net_tables_nearest(const struct onus_net_tables *tables, int64_t seconds)
{
    struct onus_net_rows *nearest = NULL;
    uint64_t best = UINT64_MAX;
    for (size_t i = 0; i < tables->count; i++) {
        if (distance(tables->dates[i], seconds) <= best) {
            best = distance(tables->dates[i], seconds);
            nearest = &tables->tables[i];
        }
    }
    return nearest;
}

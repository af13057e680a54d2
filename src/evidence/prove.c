/* SPDX-License-Identifier: Apache-2.0 */
#include "prove.h"

#include <inttypes.h>

#include "prove_parts.h"

/* ---- groups ---------------------------------------------------------------------------------- */

static enum onus_code open_times(const struct onus_prove_options *options,
        const struct onus_exhibit *exhibit, struct onus_group_making *making,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    if (onus_exhibit_value(exhibit, ONUS_SLOT_LAST_TIME).len > 0) {
        code = onus_group_open(making, ONUS_SLOT_FIRST_TIME, err);
        if (code == ONUS_OK) {
            code = onus_group_open(making, ONUS_SLOT_LAST_TIME, err);
        }
    }
    struct onus_str anchor = onus_exhibit_value(exhibit, ONUS_SLOT_ANCHOR);
    if (code == ONUS_OK && options->older.len > 0 && anchor.len > 0) {
        struct onus_digest digest;
        onus_sha256(options->older, &digest);
        if (onus_str_eq(anchor, onus_digest_view(&digest))) {
            code = onus_group_open(making, ONUS_SLOT_ANCHOR, err);
        }
    }
    return code;
}

enum onus_code onus_prove_group(const struct onus_prove_options *options,
        const struct onus_holding *holding, struct onus_assembly *assembly,
        struct onus_exhibit *exhibit, struct onus_group_making *making, struct onus_error *err)
{
    const struct onus_holdings *holdings = options->holdings;
    struct onus_proof path;
    *making = (struct onus_group_making){.assembly = assembly};
    enum onus_code code = holdings->open(holdings->data, holding, exhibit, err);
    if (code == ONUS_OK) {
        code = holdings->path(holdings->data, exhibit->entry, &path, err);
    }
    if (code == ONUS_OK) {
        code = onus_group_begin(assembly, exhibit, &path, making, err);
    }
    return code == ONUS_OK ? open_times(options, exhibit, making, err) : code;
}

enum onus_code onus_proving_with(struct onus_proving *proving, const struct onus_holding *holding,
        onus_with_group work, void *data)
{
    struct onus_exhibit exhibit = {.calls = NULL};
    struct onus_group_making making;
    enum onus_code code = onus_prove_group(proving->options, holding, &proving->assembly, &exhibit,
            &making, proving->err);
    if (code == ONUS_OK) {
        code = work(proving, &making, data);
    }
    onus_group_end(&making);
    onus_exhibit_close(&exhibit);
    return code;
}

enum onus_code onus_proving_each(struct onus_proving *proving, onus_with_group work, void *data)
{
    const struct onus_selection *selection = &proving->out->selection;
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < selection->count; i++) {
        code = onus_proving_with(proving, selection->items[i], work, data);
    }
    return code;
}

/* ---- counts ---------------------------------------------------------------------------------- */

static void add_counted(struct onus_counted *sum, const struct onus_counted *part)
{
    sum->lines += part->lines;
    sum->attempts += part->attempts;
}

/* `data`: not NULL when the whole is counted too, for a share. */
static enum onus_code count_group(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    const struct onus_query *query = proving->query;
    struct onus_counted part = {0, 0};
    struct onus_counted all = {0, 0};
    enum onus_code code = ONUS_OK;
    if (query->who == ONUS_WHO_ADDRESS) {
        code = onus_group_count_address(making, &query->low, &part, proving->err);
    } else if (query->who == ONUS_WHO_RANGE) {
        code = onus_group_count_range(making, &query->low, &query->high, &part, proving->err);
    }
    if (code == ONUS_OK && (data || query->who == ONUS_WHO_ALL)) {
        code = onus_group_count_all(making, &all, proving->err);
    }
    add_counted(&proving->out->counted, query->who == ONUS_WHO_ALL ? &all : &part);
    add_counted(&proving->out->all, &all);
    return code;
}

static enum onus_code prove_count(struct onus_proving *proving, bool share)
{
    const struct onus_query *query = proving->query;
    if (query->who == ONUS_WHO_NETWORK) {
        return onus_proving_network(proving, share);
    }
    enum onus_code code = onus_proving_each(proving, count_group, share ? proving : NULL);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_total total = {.kind = query->who == ONUS_WHO_ALL       ? ONUS_TOTAL_ALL
                                       : query->who == ONUS_WHO_ADDRESS ? ONUS_TOTAL_ADDRESS
                                                                        : ONUS_TOTAL_RANGE,
            .low = query->low,
            .high = query->high};
    code = onus_assembly_total(&proving->assembly, &total, proving->err);
    if (code == ONUS_OK && share) {
        total = (struct onus_total){.kind = ONUS_TOTAL_ALL};
        code = onus_assembly_total(&proving->assembly, &total, proving->err);
    }
    return code;
}

static enum onus_code prove_none(struct onus_proving *proving)
{
    enum onus_code code = prove_count(proving, false);
    const struct onus_counted *counted = &proving->out->counted;
    if (code == ONUS_OK && (counted->lines > 0 || counted->attempts > 0)) {
        code = onus_fail(proving->err, ONUS_E_MISMATCH,
                "there are %" PRIu64 " lines and %" PRIu64 " attempts", counted->lines,
                counted->attempts);
    }
    return code;
}

/* ---- no batch missing ------------------------------------------------------------------------ */

static enum onus_code link_group(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    (void)data;
    return onus_group_open(making, ONUS_SLOT_PREVIOUS, proving->err);
}

static enum onus_code prove_unbroken(struct onus_proving *proving)
{
    const struct onus_selection *selection = &proving->out->selection;
    const struct onus_tag *tag = &selection->items[0]->tag;
    for (size_t i = 1; i < selection->count; i++) {
        if (!onus_tag_eq(&selection->items[i]->tag, tag)) {
            return onus_fail(proving->err, ONUS_E_ARGUMENT,
                    "batches of several sources: say which one with 'of SOURCE'");
        }
    }
    if (selection->split) {
        return onus_fail(proving->err, ONUS_E_MISSING,
                "batches between the first and the last have no lines of that period");
    }
    if (selection->batches < 2) {
        return onus_fail(proving->err, ONUS_E_MISSING,
                "there is one batch, and no other beside it");
    }
    enum onus_code code = onus_proving_each(proving, link_group, NULL);
    struct onus_total total = {.kind = ONUS_TOTAL_UNBROKEN, .tag = *tag};
    return code == ONUS_OK ? onus_assembly_total(&proving->assembly, &total, proving->err) : code;
}

/* ---- all kinds ------------------------------------------------------------------------------- */

static enum onus_code prove_kind(struct onus_proving *proving)
{
    switch (proving->query->kind) {
    case ONUS_QUERY_COUNT:
        return prove_count(proving, false);
    case ONUS_QUERY_SHARE:
        return prove_count(proving, true);
    case ONUS_QUERY_NONE:
        return prove_none(proving);
    case ONUS_QUERY_MEMBERS:
        return onus_proving_members(proving);
    case ONUS_QUERY_AT_LEAST:
        return onus_proving_matching(proving);
    case ONUS_QUERY_UNBROKEN:
        return prove_unbroken(proving);
    case ONUS_QUERY_SEALED:
        return onus_proving_sealed(proving);
    case ONUS_QUERY_SAMPLE:
        return onus_proving_sample(proving);
    default:
        return onus_fail(proving->err, ONUS_E_BUG, "no such question");
    }
}

/* Lines and line numbers stand in batches only. */
static bool rollups_serve(const struct onus_query *query)
{
    return query->kind == ONUS_QUERY_COUNT || query->kind == ONUS_QUERY_SHARE ||
           query->kind == ONUS_QUERY_NONE || query->kind == ONUS_QUERY_UNBROKEN ||
           query->kind == ONUS_QUERY_MEMBERS;
}

enum onus_code onus_prove(const struct onus_query *query, const struct onus_prove_options *options,
        struct onus_arena *arena, struct onus_proven *out, struct onus_error *err)
{
    struct onus_proven proven = {.groups = 0};
    struct onus_proving proving = {.query = query,
            .options = options,
            .arena = arena,
            .out = &proven,
            .err = err};
    onus_assembly_init(&proving.assembly, arena);
    bool rollups = !options->no_rollups && rollups_serve(query);
    enum onus_code code = ONUS_OK;
    if (query->kind != ONUS_QUERY_SEALED) {
        code = onus_select(options->holdings, query, rollups, &options->notes, arena,
                &proven.selection, err);
    }
    if (code == ONUS_OK) {
        code = prove_kind(&proving);
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_assembly_notes notes = {.checkpoint = options->holdings->checkpoint,
            .older = options->older,
            .beacon = query->kind == ONUS_QUERY_SAMPLE ? options->beacon : ONUS_STR_NONE};
    onus_assembly_finish(&proving.assembly, &notes, &proven.bundle);
    proven.groups = proving.assembly.group_count;
    *out = proven;
    return ONUS_OK;
}

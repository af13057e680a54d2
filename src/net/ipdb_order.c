/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "ipdb_build.h"

/* Deeper nesting than prefixes of 128 bits can have is a sign of something else. */
enum {
    NESTING_MAX = 130
};

struct open_row {
    onus_wide last;
    uint32_t value;
};

struct flattening {
    struct onus_ipdb_row *out;
    size_t count, room;
    onus_wide cursor; /* first address not yet written */
    bool full;        /* the last address there is has been written */
    struct open_row stack[NESTING_MAX];
    size_t depth;
};

/* Wide ranges before the ones inside them, then as the source had them. */
static int compare_rows(const void *left, const void *right)
{
    const struct onus_ipdb_row *a = left;
    const struct onus_ipdb_row *b = right;
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    if (a->last != b->last) {
        return a->last > b->last ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static enum onus_code overlap_error(const struct onus_ipdb_row *row, struct onus_error *err)
{
    char first[ONUS_ADDRESS_TEXT];
    char last[ONUS_ADDRESS_TEXT];
    struct onus_address a = onus_wide_address(row->first);
    struct onus_address b = onus_wide_address(row->last);
    (void)onus_address_format(&a, first);
    (void)onus_address_format(&b, last);
    return onus_fail(err, ONUS_E_FORMAT, "row %u, '%s' to '%s', overlaps another row",
            row->order + 1, first, last);
}

static enum onus_code emit(struct flattening *flat, onus_wide last, uint32_t value,
        struct onus_error *err)
{
    if (flat->full || flat->cursor > last) {
        return ONUS_OK;
    }
    if (flat->count == flat->room) {
        size_t wanted = flat->room * 2 + 64;
        struct onus_ipdb_row *bigger = reallocarray(flat->out, wanted, sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        flat->out = bigger;
        flat->room = wanted;
    }
    flat->out[flat->count] = (struct onus_ipdb_row){.first = flat->cursor,
            .last = last,
            .value = value,
            .order = (uint32_t)flat->count};
    flat->count++;
    flat->cursor = last + 1;
    flat->full = flat->cursor == 0;
    return ONUS_OK;
}

static enum onus_code close_until(struct flattening *flat, onus_wide first, bool all,
        struct onus_error *err)
{
    while (flat->depth > 0 && (all || flat->stack[flat->depth - 1].last < first)) {
        const struct open_row *top = &flat->stack[--flat->depth];
        enum onus_code code = emit(flat, top->last, top->value, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static enum onus_code open_one(struct flattening *flat, const struct onus_ipdb_row *row,
        uint64_t *overlaps, struct onus_error *err)
{
    enum onus_code code = close_until(flat, row->first, false, err);
    if (code == ONUS_OK && flat->depth > 0) {
        ++*overlaps;
        if (row->first > flat->cursor) {
            code = emit(flat, row->first - 1, flat->stack[flat->depth - 1].value, err);
        }
        while (flat->depth > 0 && flat->stack[flat->depth - 1].last <= row->last) {
            flat->depth--; /* the new row has the rest of it */
        }
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (flat->depth == NESTING_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "rows lie inside each other more than %d deep",
                NESTING_MAX);
    }
    flat->stack[flat->depth++] = (struct open_row){row->last, row->value};
    flat->cursor = row->first;
    return ONUS_OK;
}

/* Cuts wider rows around the narrower ones inside them, so that at most one row holds an address. */
static enum onus_code flatten(struct onus_ipdb_build *build, bool counted, struct onus_error *err)
{
    uint64_t overlaps = 0;
    struct flattening flat = {.out = NULL};
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < build->row_count && code == ONUS_OK; i++) {
        code = open_one(&flat, &build->rows[i], &overlaps, err);
    }
    if (code == ONUS_OK) {
        code = close_until(&flat, 0, true, err);
    }
    if (code == ONUS_OK && flat.count > ONUS_IPDB_ROWS_MAX) {
        code = onus_fail(err, ONUS_E_LIMIT, "more than %u rows", ONUS_IPDB_ROWS_MAX);
    }
    if (code != ONUS_OK) {
        free(flat.out);
        return code;
    }
    free(build->rows);
    build->rows = flat.out;
    build->row_count = flat.count;
    build->row_room = flat.room;
    build->overlap_count = counted ? overlaps : 0;
    return ONUS_OK;
}

static void merge(struct onus_ipdb_build *build)
{
    size_t kept = 0;
    for (size_t i = 0; i < build->row_count; i++) {
        struct onus_ipdb_row *row = &build->rows[i];
        struct onus_ipdb_row *before = kept > 0 ? &build->rows[kept - 1] : NULL;
        if (before && row->first <= before->last) {
            if (row->last > before->last) {
                before->last = row->last;
            }
            continue;
        }
        build->rows[kept++] = *row;
    }
    build->row_count = kept;
}

static enum onus_code check(const struct onus_ipdb_build *build, struct onus_error *err)
{
    for (size_t i = 1; i < build->row_count; i++) {
        const struct onus_ipdb_row *a = &build->rows[i - 1];
        const struct onus_ipdb_row *b = &build->rows[i];
        bool same = a->first == b->first && a->last == b->last;
        if (b->first <= a->last && !same) {
            return overlap_error(b, err);
        }
    }
    return ONUS_OK;
}

static bool is_sorted(const struct onus_ipdb_build *build)
{
    for (size_t i = 1; i < build->row_count; i++) {
        if (compare_rows(&build->rows[i - 1], &build->rows[i]) > 0) {
            return false;
        }
    }
    return true;
}

enum onus_code onus_ipdb_build_order(struct onus_ipdb_build *build, enum onus_ipdb_overlap overlap,
        struct onus_error *err)
{
    if (build->row_count == 0) {
        return onus_fail(err, ONUS_E_FORMAT, "holds no row");
    }
    if (!is_sorted(build)) {
        qsort(build->rows, build->row_count, sizeof(build->rows[0]), compare_rows);
    }
    switch (overlap) {
    case ONUS_IPDB_OVERLAP_MERGE:
        merge(build);
        return ONUS_OK;
    case ONUS_IPDB_OVERLAP_SAME:
        return check(build, err);
    case ONUS_IPDB_OVERLAP_NESTED:
    case ONUS_IPDB_OVERLAP_LATER:
    default:
        return flatten(build, overlap == ONUS_IPDB_OVERLAP_LATER, err);
    }
}

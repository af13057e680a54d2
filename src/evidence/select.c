/* SPDX-License-Identifier: Apache-2.0 */
#include "select.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "text/timestamp.h"

void onus_notes_tell(const struct onus_notes *notes, const char *fmt, ...)
{
    if (!notes || !notes->tell) {
        return;
    }
    char words[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    notes->tell(notes->data, words);
}

bool onus_source_meant(struct onus_str source, struct onus_str name)
{
    return onus_str_eq(source, name) || (source.len > name.len && onus_str_ends(source, name) &&
                                                source.ptr[source.len - name.len - 1] == '/');
}

/* ---- one source ------------------------------------------------------------------------------ */

struct source {
    const struct onus_holding *batches, *rollups;
    size_t batch_count, rollup_count;
};

static struct source source_at(const struct onus_holdings *holdings, size_t at, size_t *next)
{
    struct source source = {.batches = &holdings->list[at]};
    size_t i = at;
    while (i < holdings->count && onus_tag_eq(&holdings->list[i].tag, &source.batches->tag) &&
            !holdings->list[i].rollup) {
        i++;
    }
    source.batch_count = i - at;
    source.rollups = &holdings->list[i];
    while (i < holdings->count && onus_tag_eq(&holdings->list[i].tag, &source.batches->tag)) {
        i++;
    }
    source.rollup_count = i - at - source.batch_count;
    *next = i;
    return source;
}

struct selecting {
    const struct onus_holdings *holdings;
    const struct onus_query *query;
    const struct onus_notes *notes;
    struct onus_arena *arena;
    bool rollups;
    struct onus_selection *out;
};

static bool inside(const struct onus_query *query, const struct onus_holding *batch)
{
    return (!query->has_from || (int64_t)batch->last_time >= query->from) &&
           (!query->has_until || (int64_t)batch->first_time < query->until);
}

static bool straddles(const struct onus_query *query, const struct onus_holding *batch)
{
    return (query->has_from && (int64_t)batch->first_time < query->from) ||
           (query->has_until && (int64_t)batch->last_time >= query->until);
}

static void tell_straddling(const struct selecting *selecting, const struct onus_holding *batch)
{
    char times[2][ONUS_TIME_TEXT];
    (void)onus_time_format((int64_t)batch->first_time * ONUS_USEC, times[0]);
    (void)onus_time_format((int64_t)batch->last_time * ONUS_USEC, times[1]);
    onus_notes_tell(selecting->notes,
            "batch %" PRIu64 " of '" ONUS_STR_FMT "' has lines outside the period too, from %s to "
            "%s: it is counted whole",
            batch->first, ONUS_STR_ARG(batch->name), times[0], times[1]);
}

/* Marks the batches of a source that are wanted; those without times between two that are, too. */
static size_t mark(struct selecting *selecting, const struct source *source, bool *wanted)
{
    const struct onus_query *query = selecting->query;
    bool whole = !query->has_from && !query->has_until;
    size_t marked = 0;
    size_t open = SIZE_MAX; /* behind the last batch that is wanted */
    for (size_t i = 0; i < source->batch_count; i++) {
        const struct onus_holding *batch = &source->batches[i];
        if (query->has_seq && batch->first != query->seq) {
            continue;
        }
        if (!whole && !batch->has_time) {
            continue;
        }
        if (!whole && !inside(query, batch)) {
            open = SIZE_MAX;
            continue;
        }
        for (size_t j = open; !query->has_seq && j < i; j++) {
            wanted[j] = true;
            marked++;
        }
        wanted[i] = true;
        marked++;
        open = i + 1;
        if (!whole && straddles(query, batch)) {
            selecting->out->straddling++;
            tell_straddling(selecting, batch);
        }
    }
    return marked;
}

static void tell_timeless(const struct selecting *selecting, const struct source *source,
        const bool *wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < source->batch_count; i++) {
        count += !wanted[i] && !source->batches[i].has_time && source->batches[i].lines > 0;
    }
    if (count > 0 && !selecting->query->has_seq) {
        onus_notes_tell(selecting->notes,
                "%zu batches of '" ONUS_STR_FMT
                "' have lines but no times and are not in the period",
                count, ONUS_STR_ARG(source->batches[0].name));
    }
}

/* ---- the fewest entries ---------------------------------------------------------------------- */

/* From batch i on: how many entries cover all wanted ones, and which roll-up begins here, if any. */
struct cover {
    uint64_t entries;
    const struct onus_holding *rollup;
};

static bool all_wanted(const uint32_t *run, size_t from, const struct onus_holding *rollup)
{
    return run[from] > rollup->last - rollup->first;
}

static void find_cover(const struct source *source, const bool *wanted, uint32_t *run, bool rollups,
        struct cover *cover)
{
    size_t count = source->batch_count;
    cover[count] = (struct cover){0, NULL};
    run[count] = 0;
    size_t next = source->rollup_count; /* roll-ups ascend by first */
    for (size_t i = count; i-- > 0;) {
        const struct onus_holding *batch = &source->batches[i];
        run[i] = wanted[i] ? run[i + 1] + 1 : 0;
        cover[i] = (struct cover){cover[i + 1].entries + wanted[i], NULL};
        while (rollups && next > 0 && source->rollups[next - 1].first >= batch->first) {
            const struct onus_holding *rollup = &source->rollups[--next];
            if (rollup->first != batch->first || !all_wanted(run, i, rollup)) {
                continue;
            }
            size_t behind = i + (size_t)(rollup->last - rollup->first) + 1;
            if (cover[behind].entries + 1 < cover[i].entries) {
                cover[i] = (struct cover){cover[behind].entries + 1, rollup};
            }
        }
    }
}

static void take_cover(struct selecting *selecting, const struct source *source, const bool *wanted,
        const struct cover *cover, const struct onus_holding **items)
{
    struct onus_selection *out = selecting->out;
    size_t i = 0;
    bool seen = false;
    bool gap = false;
    while (i < source->batch_count) {
        const struct onus_holding *item = cover[i].rollup;
        size_t many = item ? (size_t)(item->last - item->first) + 1 : 1;
        if (item || wanted[i]) {
            out->split = out->split || (seen && gap);
            items[out->count++] = item ? item : &source->batches[i];
            out->batches += many;
            seen = true;
            gap = false;
        } else {
            gap = true;
        }
        i += many;
    }
}

static enum onus_code select_source(struct selecting *selecting, const struct source *source,
        const struct onus_holding **items, struct onus_error *err)
{
    struct onus_arena *arena = selecting->arena;
    size_t count = source->batch_count;
    bool *wanted = onus_arena_alloc(arena, count + 1);
    uint32_t *run = onus_arena_alloc(arena, (count + 1) * sizeof(*run));
    struct cover *cover = onus_arena_alloc(arena, (count + 1) * sizeof(*cover));
    if (!wanted || !run || !cover) {
        return onus_arena_reason(arena, err);
    }
    if (mark(selecting, source, wanted) > 0) {
        tell_timeless(selecting, source, wanted);
        find_cover(source, wanted, run, selecting->rollups, cover);
        take_cover(selecting, source, wanted, cover, items);
    }
    return ONUS_OK;
}

enum onus_code onus_select(const struct onus_holdings *holdings, const struct onus_query *query,
        bool rollups, const struct onus_notes *notes, struct onus_arena *arena,
        struct onus_selection *out, struct onus_error *err)
{
    struct onus_selection selection = {.count = 0};
    struct selecting selecting = {holdings, query, notes, arena, rollups, &selection};
    const struct onus_holding **items =
            onus_arena_alloc(arena, (holdings->count + 1) * sizeof(struct onus_holding *));
    if (!items) {
        return onus_arena_reason(arena, err);
    }
    bool meant = false;
    size_t next = 0;
    for (size_t at = 0; at < holdings->count; at = next) {
        struct source source = source_at(holdings, at, &next);
        bool named = query->source.len > 0;
        if (named ? !onus_source_meant(source.batches->name, query->source)
                  : onus_holding_is_table(source.batches)) {
            continue;
        }
        meant = true;
        enum onus_code code = select_source(&selecting, &source, items, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    if (!meant && query->source.len > 0) {
        return onus_fail(err, ONUS_E_MISSING, "no source '" ONUS_STR_FMT "' is sealed here",
                ONUS_STR_ARG(query->source));
    }
    if (selection.count == 0) {
        return onus_fail(err, ONUS_E_MISSING, "no batch is sealed with lines of that period");
    }
    selection.items = items;
    *out = selection;
    return ONUS_OK;
}

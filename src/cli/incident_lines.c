/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/incident_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "evidence/batch.h"
#include "trace/trace.h"

/* ---- packs as inputs ------------------------------------------------------------------------- */

/* Packs of one source that are read as one file. */
struct segment {
    struct onus_vault *vault;
    struct onus_str source;
    const char *name;
    uint64_t before; /* lines of the source before it */
    struct onus_digest *packs;
    size_t count;
    bool ended;   /* its last line has a line feed: more may follow */
    int64_t last; /* time on its lines, seconds; 0: none */

    struct onus_line_range *ranges; /* what was found */
    size_t range_count, range_room;
};

struct search {
    struct onus_vault *vault;
    const struct onus_holdings *holdings;
    struct onus_arena *arena;
    struct segment *segments;
    struct onus_trace_stream *streams;
    size_t count;
    struct onus_error *err;

    const struct onus_trace *trace;
    size_t incident;
};

static int open_pack(void *data, size_t part)
{
    const struct segment *segment = data;
    char path[ONUS_BATCH_PATH_MAX];
    if (part >= segment->count) {
        errno = ENOENT;
        return -1;
    }
    onus_pack_path(&segment->packs[part], path);
    return openat(onus_vault_at(segment->vault), path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static enum onus_code new_segment(struct search *search, const struct onus_holding *holding,
        uint64_t before, size_t room)
{
    struct segment *segment = &search->segments[search->count++];
    struct onus_str name;
    enum onus_code code = onus_arena_copy(search->arena, holding->name, &name, search->err);
    *segment = (struct segment){.vault = search->vault,
            .source = holding->name,
            .name = code == ONUS_OK ? name.ptr : "",
            .before = before,
            .packs = onus_arena_alloc(search->arena, room * sizeof(*segment->packs)),
            .ended = true};
    return code == ONUS_OK && !segment->packs ? onus_arena_reason(search->arena, search->err)
                                              : code;
}

/* A pack whose last line has no line feed ends its file; what comes after is another one. */
static enum onus_code add_pack(struct search *search, const struct onus_holding *holding,
        uint64_t before, size_t room)
{
    struct onus_batch *batch = NULL;
    const struct onus_source *source = onus_vault_source_tagged(search->vault, &holding->tag);
    if (!source) {
        return onus_fail(search->err, ONUS_E_BUG, "a batch without a source");
    }
    enum onus_code code =
            onus_batch_open(search->vault, source, holding->first, &batch, search->err);
    if (code == ONUS_OK && (before == 0 || !search->segments[search->count - 1].ended)) {
        code = new_segment(search, holding, before, room);
    }
    if (code == ONUS_OK) {
        struct segment *segment = &search->segments[search->count - 1];
        const struct onus_manifest *manifest = onus_batch_manifest(batch);
        segment->packs[segment->count++] = manifest->pack;
        segment->ended = (onus_manifest_flags(manifest) & ONUS_BATCH_NO_LAST_LF) == 0;
        segment->last = holding->has_time ? (int64_t)holding->last_time : segment->last;
    }
    onus_batch_close(batch);
    return code;
}

static enum onus_code find_packs(struct search *search)
{
    const struct onus_holdings *holdings = search->holdings;
    search->segments =
            onus_arena_alloc(search->arena, (holdings->count + 1) * sizeof(*search->segments));
    search->streams =
            onus_arena_alloc(search->arena, (holdings->count + 1) * sizeof(*search->streams));
    if (!search->segments || !search->streams) {
        return onus_arena_reason(search->arena, search->err);
    }
    enum onus_code code = ONUS_OK;
    uint64_t before = 0;
    for (size_t i = 0; code == ONUS_OK && i < holdings->count; i++) {
        const struct onus_holding *holding = &holdings->list[i];
        bool first = i == 0 || !onus_tag_eq(&holding->tag, &holdings->list[i - 1].tag);
        before = first ? 0 : before;
        if (!holding->rollup && !onus_holding_is_table(holding) && holding->lines > 0) {
            code = add_pack(search, holding, before, holdings->count - i);
            before += holding->lines;
        }
    }
    for (size_t i = 0; i < search->count; i++) {
        struct segment *segment = &search->segments[i];
        search->streams[i] = (struct onus_trace_stream){.name = segment->name,
                .parts = {.open = open_pack,
                        .data = segment,
                        .count = segment->count,
                        .changed = segment->last > 0 ? segment->last : INT64_MIN}};
    }
    return code;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Records come in the order of their lines; neighbours become one range. */
static enum onus_code add_range(struct search *search, struct segment *segment, uint64_t first,
        uint64_t last, struct onus_error *err)
{
    struct onus_line_range *end =
            segment->range_count > 0 ? &segment->ranges[segment->range_count - 1] : NULL;
    if (end && first <= end->last + 1) {
        end->last = last > end->last ? last : end->last;
        return ONUS_OK;
    }
    if (segment->range_count == segment->range_room) {
        size_t room = segment->range_room > 0 ? segment->range_room * 2 : 64;
        struct onus_line_range *ranges = onus_arena_alloc(search->arena, room * sizeof(*ranges));
        if (!ranges) {
            return onus_arena_reason(search->arena, err);
        }
        if (segment->ranges) {
            memcpy(ranges, segment->ranges, segment->range_count * sizeof(*ranges));
        }
        segment->ranges = ranges;
        segment->range_room = room;
    }
    if (segment->ranges) { /* there is room now */
        segment->ranges[segment->range_count++] = (struct onus_line_range){first, last};
    }
    return ONUS_OK;
}

static enum onus_code look(void *data, const struct onus_trace_record *record,
        struct onus_error *err)
{
    struct search *search = data;
    for (size_t i = 0; i < record->line->event_count; i++) {
        if (onus_trace_incident_of(search->trace, &record->events[i]) != search->incident) {
            continue;
        }
        struct segment *segment = &search->segments[record->input_index];
        uint64_t first = segment->before + record->number;
        uint64_t span = record->line->span > 0 ? record->line->span : 1;
        return add_range(search, segment, first, first + span - 1, err);
    }
    return ONUS_OK;
}

static enum onus_code find_incident(const struct onus_trace_result *result, struct onus_str id,
        size_t *out, struct onus_error *err)
{
    for (size_t i = 0; i < result->incident_count; i++) {
        if (onus_str_eq(result->incidents[i].id, id)) {
            *out = i;
            return ONUS_OK;
        }
    }
    return onus_fail(err, ONUS_E_MISSING,
            "no incident '" ONUS_STR_FMT "' in the sealed lines; ids stand in the output of onus "
            "trace over the same lines, with the same --rules",
            ONUS_STR_ARG(id));
}

static enum onus_code trace_packs(struct search *search, const struct onus_incident_search *how,
        struct onus_str id, struct onus_error *err)
{
    struct onus_trace_options options = how->trace;
    struct onus_trace *trace = NULL;
    struct onus_trace_result result = {.incident_count = 0};
    options.streams = search->streams;
    options.stream_count = search->count;
    options.rules = &how->rules;
    enum onus_code code = onus_trace_open(&options, &trace, err);
    if (code == ONUS_OK) {
        code = onus_trace_run(trace, NULL, &result, err);
    }
    if (code == ONUS_OK) {
        code = find_incident(&result, id, &search->incident, err);
    }
    if (code == ONUS_OK) {
        search->trace = trace;
        code = onus_trace_visit(trace, false, look, search, err);
    }
    onus_arena_clear(&result.arena);
    onus_trace_close(trace);
    return code;
}

/* Segments of one source become one list; they come in the order of their lines. */
static enum onus_code gather(const struct search *search, struct onus_lines_wanted **out,
        size_t *count)
{
    struct onus_lines_wanted *wanted =
            onus_arena_alloc(search->arena, (search->count + 1) * sizeof(*wanted));
    if (!wanted) {
        return onus_arena_reason(search->arena, search->err);
    }
    size_t n = 0;
    for (size_t i = 0; i < search->count; i++) {
        const struct segment *segment = &search->segments[i];
        if (segment->range_count == 0) {
            continue;
        }
        if (n == 0 || !onus_str_eq(wanted[n - 1].source, segment->source)) {
            wanted[n++] = (struct onus_lines_wanted){.source = segment->source,
                    .ranges = segment->ranges,
                    .count = segment->range_count};
            continue;
        }
        struct onus_lines_wanted *last = &wanted[n - 1];
        size_t all = last->count + segment->range_count;
        struct onus_line_range *ranges = onus_arena_alloc(search->arena, all * sizeof(*ranges));
        if (!ranges) {
            return onus_arena_reason(search->arena, search->err);
        }
        memcpy(ranges, last->ranges, last->count * sizeof(*ranges));
        memcpy(ranges + last->count, segment->ranges, segment->range_count * sizeof(*ranges));
        last->ranges = ranges;
        last->count = all;
    }
    *out = wanted;
    *count = n;
    return n > 0 ? ONUS_OK : onus_fail(search->err, ONUS_E_MISSING, "the incident has no line");
}

enum onus_code onus_incident_lines(const struct onus_incident_search *how, struct onus_vault *vault,
        const struct onus_holdings *holdings, struct onus_str id, struct onus_arena *arena,
        struct onus_lines_wanted **out, size_t *count, struct onus_error *err)
{
    struct search search = {.vault = vault, .holdings = holdings, .arena = arena, .err = err};
    enum onus_code code = find_packs(&search);
    if (code == ONUS_OK) {
        code = trace_packs(&search, how, id, err);
    }
    return code == ONUS_OK ? gather(&search, out, count) : code;
}

enum onus_code onus_incident_prepare(const struct onus_arguments *arguments,
        struct onus_incident_search *out, struct onus_error *err)
{
    *out = (struct onus_incident_search){
            .trace = {.since = ONUS_TIME_NONE, .until = ONUS_TIME_NONE, .seed = onus_trace_seed()}};
    enum onus_code code = onus_trace_options_read(arguments, &out->trace, err);
    return code == ONUS_OK
                   ? onus_trace_read_rules(onus_argument(arguments, "rules"), &out->rules, err)
                   : code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "prove_parts.h"

#include <inttypes.h>

#include "base/str.h"

/* ---- at least -------------------------------------------------------------------------------- */

struct matching {
    struct onus_str text;
    uint64_t wanted, found;
};

/*
 * Each line counts once. In parts, only a part that holds the whole text does, and such a line is shown by
 * that part alone.
 */
static enum onus_code match_parts(struct onus_proving *proving, struct onus_group_making *making,
        uint64_t number, struct matching *matching)
{
    const struct onus_exhibit *exhibit = making->exhibit;
    struct onus_slot slots[ONUS_PARTS_MAX];
    size_t count = 0;
    enum onus_code code =
            exhibit->calls->record(exhibit->data, number, slots, &count, proving->err);
    for (size_t i = 0; code == ONUS_OK && i < count; i++) {
        if (slots[i].open && onus_str_has(slots[i].value, matching->text)) {
            matching->found++;
            return onus_group_show(making, number, 1u << i, proving->err);
        }
    }
    return code;
}

static enum onus_code match_group(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    struct matching *matching = data;
    const struct onus_exhibit *exhibit = making->exhibit;
    bool parts = onus_exhibit_in_parts(exhibit);
    uint64_t lines = onus_exhibit_number(exhibit, ONUS_SLOT_LINES);
    enum onus_code code = ONUS_OK;
    for (uint64_t i = 0; code == ONUS_OK && i < lines && matching->found < matching->wanted; i++) {
        struct onus_str line;
        code = exhibit->calls->line(exhibit->data, i, &line, proving->err);
        if (code == ONUS_E_MISSING) { /* erased: it cannot be shown, others can */
            code = ONUS_OK;
            continue;
        }
        if (code != ONUS_OK || !onus_str_has(line, matching->text)) {
            continue;
        }
        if (parts) {
            code = match_parts(proving, making, i, matching);
        } else {
            matching->found++;
            code = onus_group_show_line(making, i, proving->err);
        }
    }
    return code;
}

/* Groups in which nothing was found say nothing and are left out. */
static enum onus_code has_match(struct onus_proving *proving, const struct onus_holding *holding,
        struct onus_str text, bool *out)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    struct onus_exhibit exhibit = {.calls = NULL};
    enum onus_code code = holdings->open(holdings->data, holding, &exhibit, proving->err);
    *out = false;
    for (uint64_t i = 0; code == ONUS_OK && !*out && i < holding->lines; i++) {
        struct onus_str line;
        code = exhibit.calls->line(exhibit.data, i, &line, proving->err);
        *out = code == ONUS_OK && onus_str_has(line, text);
        code = code == ONUS_E_MISSING ? ONUS_OK : code;
    }
    onus_exhibit_close(&exhibit);
    return code;
}

enum onus_code onus_proving_matching(struct onus_proving *proving)
{
    const struct onus_query *query = proving->query;
    const struct onus_selection *selection = &proving->out->selection;
    struct matching matching = {.text = query->text,
            .wanted = query->has_number ? query->number : ONUS_PROVE_LINES_MAX};
    enum onus_code code = ONUS_OK;
    if (query->text.len > 4096) {
        return onus_fail(proving->err, ONUS_E_ARGUMENT, "a text has at most 4,096 bytes");
    }
    for (size_t i = 0; code == ONUS_OK && i < selection->count; i++) {
        bool any = false;
        if (matching.found < matching.wanted) {
            code = has_match(proving, selection->items[i], query->text, &any);
        }
        if (code == ONUS_OK && any) {
            code = onus_proving_with(proving, selection->items[i], match_group, &matching);
        }
    }
    if (code != ONUS_OK) {
        return code;
    }
    proving->out->shown = matching.found;
    if (matching.found == 0 || (query->has_number && matching.found < query->number)) {
        return onus_fail(proving->err, ONUS_E_MISMATCH,
                "%" PRIu64 " lines contain that text in one piece", matching.found);
    }
    if (!query->has_number && matching.found == ONUS_PROVE_LINES_MAX) {
        onus_notes_tell(&proving->options->notes, "the first %" PRIu64 " lines are shown",
                matching.found);
    }
    struct onus_total total = {.kind = ONUS_TOTAL_MATCHING, .bytes = query->text};
    return onus_assembly_total(&proving->assembly, &total, proving->err);
}

/* ---- lines by number ------------------------------------------------------------------------- */

struct showing {
    const struct onus_lines_wanted *wanted;
    uint64_t before; /* lines of the source before this batch */
};

/* Parts of the kinds that are asked for; a line without one of them shows nothing. */
static enum onus_code show_kinds(struct onus_proving *proving, struct onus_group_making *making,
        uint64_t number, uint32_t kinds)
{
    const struct onus_exhibit *exhibit = making->exhibit;
    struct onus_slot slots[ONUS_PARTS_MAX];
    size_t count = 0;
    uint32_t which = 0;
    enum onus_code code =
            exhibit->calls->record(exhibit->data, number, slots, &count, proving->err);
    for (size_t i = 0; code == ONUS_OK && i < count; i++) {
        bool wanted = (kinds >> (slots[i].kind & 0x1f) & 1) != 0;
        which |= (uint32_t)(slots[i].open && wanted) << i;
    }
    return code == ONUS_OK && which != 0 ? onus_group_show(making, number, which, proving->err)
                                         : code;
}

static enum onus_code show_lines(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    const struct showing *showing = data;
    const struct onus_lines_wanted *wanted = showing->wanted;
    uint64_t lines = onus_exhibit_number(making->exhibit, ONUS_SLOT_LINES);
    uint64_t behind = showing->before + lines;
    if (wanted->kinds != 0 && !onus_exhibit_in_parts(making->exhibit)) {
        return onus_fail(proving->err, ONUS_E_REFUSED,
                "batch %" PRIu64 " of '" ONUS_STR_FMT
                "' is sealed in whole lines: parts of them cannot be shown alone",
                making->group->first, ONUS_STR_ARG(wanted->source));
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < wanted->count; i++) {
        const struct onus_line_range *range = &wanted->ranges[i];
        uint64_t end = range->last < behind ? range->last : behind;
        uint64_t n = range->first > showing->before ? range->first : showing->before + 1;
        for (; code == ONUS_OK && n <= end; n++) {
            uint64_t number = n - showing->before - 1;
            code = wanted->kinds != 0 ? show_kinds(proving, making, number, wanted->kinds)
                                      : onus_group_show_line(making, number, proving->err);
            proving->out->shown++;
        }
    }
    return code;
}

static bool touches(const struct showing *showing, uint64_t lines)
{
    for (size_t i = 0; i < showing->wanted->count; i++) {
        if (showing->wanted->ranges[i].first <= showing->before + lines &&
                showing->wanted->ranges[i].last > showing->before) {
            return true;
        }
    }
    return false;
}

/* The one source of that name; ONUS_E_ARGUMENT when several are meant. */
static enum onus_code one_source(struct onus_proving *proving, struct onus_str name, size_t *first)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    *first = SIZE_MAX;
    for (size_t i = 0; i < holdings->count; i++) {
        const struct onus_holding *holding = &holdings->list[i];
        if (!onus_source_meant(holding->name, name)) {
            continue;
        }
        if (*first == SIZE_MAX) {
            *first = i;
        } else if (!onus_tag_eq(&holding->tag, &holdings->list[*first].tag)) {
            return onus_fail(proving->err, ONUS_E_ARGUMENT,
                    "'" ONUS_STR_FMT "' means several sources: give a whole name",
                    ONUS_STR_ARG(name));
        }
    }
    if (*first == SIZE_MAX) {
        return onus_fail(proving->err, ONUS_E_MISSING,
                "no source '" ONUS_STR_FMT "' is sealed here", ONUS_STR_ARG(name));
    }
    return ONUS_OK;
}

static bool in_same_source(const struct onus_holdings *holdings, size_t at, size_t first)
{
    return at < holdings->count && !holdings->list[at].rollup &&
           onus_tag_eq(&holdings->list[at].tag, &holdings->list[first].tag);
}

/* The lines of one batch as a range of its source. */
static enum onus_code range_of_batch(struct onus_proving *proving, size_t first, uint64_t seq,
        struct onus_line_range *out)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    uint64_t before = 0;
    for (size_t at = first; in_same_source(holdings, at, first); at++) {
        if (holdings->list[at].first == seq && holdings->list[at].lines > 0) {
            *out = (struct onus_line_range){before + 1, before + holdings->list[at].lines};
            return ONUS_OK;
        }
        before += holdings->list[at].lines;
    }
    return onus_fail(proving->err, ONUS_E_MISSING,
            "'" ONUS_STR_FMT "' has no sealed batch %" PRIu64 " with lines",
            ONUS_STR_ARG(holdings->list[first].name), seq);
}

enum onus_code onus_proving_lines(struct onus_proving *proving,
        const struct onus_lines_wanted *asked)
{
    const struct onus_holdings *holdings = proving->options->holdings;
    struct onus_lines_wanted wanted = *asked;
    struct showing showing = {.wanted = &wanted};
    struct onus_line_range range = {1, 1};
    size_t first = 0;
    enum onus_code code = one_source(proving, wanted.source, &first);
    if (code == ONUS_OK && wanted.has_seq) {
        code = range_of_batch(proving, first, wanted.seq, &range);
        wanted.ranges = &range;
        wanted.count = 1;
    }
    for (size_t at = first; code == ONUS_OK && in_same_source(holdings, at, first); at++) {
        if (touches(&showing, holdings->list[at].lines)) {
            code = onus_proving_with(proving, &holdings->list[at], show_lines, &showing);
            proving->out->selection.batches++;
        }
        showing.before += holdings->list[at].lines;
    }
    if (code == ONUS_OK && wanted.ranges[wanted.count - 1].last > showing.before) {
        code = onus_fail(proving->err, ONUS_E_MISSING,
                "'" ONUS_STR_FMT "' has %" PRIu64 " sealed lines, no line %" PRIu64,
                ONUS_STR_ARG(wanted.source), showing.before, wanted.ranges[wanted.count - 1].last);
    }
    return code;
}

enum onus_code onus_proving_sealed(struct onus_proving *proving)
{
    struct onus_lines_wanted wanted = {.kinds = 0};
    struct onus_line_range *ranges = NULL;
    enum onus_code code = onus_lines_parse(proving->query->text, proving->arena, &wanted.source,
            &ranges, &wanted.count, proving->err);
    wanted.ranges = ranges;
    return code == ONUS_OK ? onus_proving_lines(proving, &wanted) : code;
}

enum onus_code onus_disclose(const struct onus_lines_wanted *wanted, size_t count,
        const struct onus_prove_options *options, struct onus_arena *arena, struct onus_proven *out,
        struct onus_error *err)
{
    struct onus_proven proven = {.groups = 0};
    struct onus_proving proving = {.options = options, .arena = arena, .out = &proven, .err = err};
    onus_assembly_init(&proving.assembly, arena);
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (onus_source_meant(wanted[i].source, wanted[j].source) ||
                    onus_source_meant(wanted[j].source, wanted[i].source)) {
                return onus_fail(err, ONUS_E_ARGUMENT,
                        "'" ONUS_STR_FMT "' is named twice: give all its lines at once",
                        ONUS_STR_ARG(wanted[i].source));
            }
        }
        code = onus_proving_lines(&proving, &wanted[i]);
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_assembly_notes notes = {.checkpoint = options->holdings->checkpoint,
            .older = options->older};
    onus_assembly_finish(&proving.assembly, &notes, &proven.bundle);
    proven.groups = proving.assembly.group_count;
    *out = proven;
    return ONUS_OK;
}

/* ---- sample ---------------------------------------------------------------------------------- */

void onus_sample_start(const struct onus_digest *root, struct onus_str beacon, uint64_t leaves,
        struct onus_sample_draw *out)
{
    struct onus_digest note;
    struct onus_sha256 hash;
    onus_sha256(beacon, &note);
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, onus_digest_view(root));
    onus_sha256_add(&hash, onus_digest_view(&note));
    onus_sha256_end(&hash, &out->challenge);
    out->leaves = leaves;
}

uint64_t onus_sample_leaf(const struct onus_sample_draw *draw, uint64_t j, uint8_t *chooser)
{
    uint8_t number[8];
    struct onus_sha256 hash;
    struct onus_digest digest;
    onus_be64_put(number, j);
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, onus_digest_view(&draw->challenge));
    onus_sha256_add(&hash, (struct onus_str){(const char *)number, sizeof(number)});
    onus_sha256_end(&hash, &digest);
    *chooser = digest.bytes[8];
    return onus_be64_get(digest.bytes) % draw->leaves;
}

static enum onus_code sample_group(struct onus_proving *proving, struct onus_group_making *making,
        void *data)
{
    (void)data;
    const struct onus_exhibit *exhibit = making->exhibit;
    uint64_t lines = onus_exhibit_number(exhibit, ONUS_SLOT_LINES);
    uint64_t leaves = onus_exhibit_number(exhibit, ONUS_SLOT_LEAVES);
    bool parts = onus_exhibit_in_parts(exhibit);
    struct onus_digest root;
    memcpy(root.bytes, onus_exhibit_value(exhibit, ONUS_SLOT_ROOT).ptr, sizeof(root.bytes));
    struct onus_sample_draw draw;
    onus_sample_start(&root, proving->options->beacon, leaves, &draw);
    enum onus_code code = ONUS_OK;
    for (uint64_t j = 0; code == ONUS_OK && j < proving->query->number; j++) {
        uint8_t chooser = 0;
        uint64_t leaf = onus_sample_leaf(&draw, j, &chooser);
        uint64_t first = leaf * ONUS_LINES_PER_LEAF;
        uint64_t slots = lines - first < ONUS_LINES_PER_LEAF ? lines - first : ONUS_LINES_PER_LEAF;
        code = onus_group_sample(making, j, parts ? leaf : first + chooser % slots, proving->err);
    }
    proving->out->shown = proving->query->number;
    return code;
}

enum onus_code onus_proving_sample(struct onus_proving *proving)
{
    const struct onus_selection *selection = &proving->out->selection;
    if (proving->options->beacon.len == 0) {
        return onus_fail(proving->err, ONUS_E_ARGUMENT,
                "a sample is drawn by a checkpoint of another log that was cosigned after sealing: "
                "--beacon NOTE");
    }
    if (selection->count != 1) {
        return onus_fail(proving->err, ONUS_E_ARGUMENT,
                "a sample is drawn from one batch, and %zu are meant: add 'of SOURCE batch SEQ'",
                selection->count);
    }
    if (selection->items[0]->lines == 0) {
        return onus_fail(proving->err, ONUS_E_MISSING, "batch %" PRIu64 " has no lines",
                selection->items[0]->first);
    }
    enum onus_code code = onus_proving_with(proving, selection->items[0], sample_group, NULL);
    struct onus_total total = {.kind = ONUS_TOTAL_AUDIT, .number = proving->query->number};
    return code == ONUS_OK ? onus_assembly_total(&proving->assembly, &total, proving->err) : code;
}

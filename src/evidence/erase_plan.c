/* SPDX-License-Identifier: Apache-2.0 */
#include "erase_parts.h"

#include "base/str.h"
#include "crypto/age.h"
#include "evidence/hold.h"
#include "evidence/select.h"
#include "sys/durable.h"
#include "text/decimal.h"
#include "text/timestamp.h"
#include "vault_parts.h"

#include <stdlib.h>

enum onus_code onus_erase_add_part(struct onus_erase_building *building,
        const struct onus_erase_part *part, struct onus_error *err)
{
    if (building->count == building->room) {
        size_t room = building->room == 0 ? 64 : building->room * 2;
        struct onus_erase_part *bigger = onus_arena_alloc(building->arena, room * sizeof(*bigger));
        if (!bigger) {
            return onus_arena_reason(building->arena, err);
        }
        if (building->count > 0) {
            memcpy(bigger, building->parts, building->count * sizeof(*bigger));
        }
        building->parts = bigger;
        building->room = room;
    }
    building->parts[building->count++] = *part;
    return ONUS_OK;
}

/* ---- lines of one batch ------------------------------------------------------------------------ */

/* Which lines of a batch are meant: one bit each. */
struct choice {
    struct onus_batch *batch;
    const struct onus_index *index;
    uint64_t lines;
    uint8_t *bits;
    uint64_t meant; /* those that were erased before included */
};

static bool bit(const struct choice *choice, uint64_t line)
{
    return (choice->bits[line / 8] >> line % 8 & 1) != 0;
}

static void choose(struct choice *choice, uint64_t line)
{
    choice->meant += !bit(choice, line);
    choice->bits[line / 8] |= (uint8_t)(1u << line % 8);
}

static enum onus_code open_choice(struct onus_erase_building *building,
        const struct onus_source *source, uint64_t seq, struct choice *out, struct onus_error *err)
{
    *out = (struct choice){.batch = NULL};
    enum onus_code code = onus_batch_open(building->vault, source, seq, &out->batch, err);
    if (code == ONUS_OK) {
        code = onus_batch_index(out->batch, &out->index, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    out->lines = onus_manifest_number(onus_batch_manifest(out->batch), ONUS_SLOT_LINES);
    out->bits = calloc((size_t)out->lines / 8 + 1, 1);
    return out->bits ? ONUS_OK : onus_fail(err, ONUS_E_MEMORY, "out of memory");
}

static void close_choice(struct choice *choice)
{
    onus_batch_close(choice->batch);
    free(choice->bits);
    *choice = (struct choice){.batch = NULL};
}

static bool is_gone(const struct choice *choice, uint64_t line)
{
    const struct onus_tomb *tomb = onus_batch_tomb(choice->batch);
    return tomb && onus_tomb_of_line(tomb, line) != NULL;
}

/* Lines that are meant and still there, as ranges. */
static enum onus_code take_ranges(struct onus_erase_building *building, const struct choice *choice,
        struct onus_erase_part *part, struct onus_error *err)
{
    size_t count = 0;
    bool before = false;
    for (uint64_t line = 0; line < choice->lines; line++) {
        bool now = bit(choice, line) && !is_gone(choice, line);
        count += now && !before;
        before = now;
    }
    struct onus_erase_range *ranges =
            onus_arena_alloc(building->arena, (count + 1) * sizeof(*ranges));
    if (!ranges) {
        return onus_arena_reason(building->arena, err);
    }
    before = false;
    for (uint64_t line = 0; line < choice->lines; line++) {
        bool now = bit(choice, line) && !is_gone(choice, line);
        if (now && !before) {
            ranges[part->range_count++] = (struct onus_erase_range){.first = line};
        }
        if (now) {
            ranges[part->range_count - 1].count++;
            part->lines++;
        }
        before = now;
    }
    part->ranges = ranges;
    return ONUS_OK;
}

/*
 * A key goes with its last line. One that has no line of its own, only attempts in lines of others, goes
 * when it is asked for or when no line of the batch is left.
 */
static bool key_goes(const struct onus_erase_building *building, const struct choice *choice,
        size_t row, uint64_t left)
{
    const struct onus_index_row *at = &choice->index->rows[row];
    struct onus_address address;
    if (at->key_gone || onus_key_is_fence(&at->key) || !onus_key_address(&at->key, &address)) {
        return false;
    }
    if (at->own_lines == 0) {
        struct onus_key asked = onus_key_of(&building->request->address);
        return left == 0 || (building->request->kind == ONUS_ERASE_ADDRESS &&
                                    onus_key_compare(&asked, &at->key) == 0);
    }
    struct onus_postings postings = onus_postings_of(choice->index, row);
    while (onus_postings_next(&postings)) {
        if (!bit(choice, postings.line) && !is_gone(choice, postings.line)) {
            return false;
        }
    }
    return true;
}

static enum onus_code take_rows(struct onus_erase_building *building, const struct choice *choice,
        struct onus_erase_part *part, struct onus_error *err)
{
    uint64_t left = 0;
    for (uint64_t line = 0; line < choice->lines; line++) {
        left += !bit(choice, line) && !is_gone(choice, line);
    }
    uint64_t *rows = onus_arena_alloc(building->arena, (choice->index->count + 1) * sizeof(*rows));
    if (!rows) {
        return onus_arena_reason(building->arena, err);
    }
    for (size_t row = 0; row < choice->index->count; row++) {
        if (key_goes(building, choice, row, left)) {
            rows[part->row_count++] = row;
        }
    }
    part->rows = rows;
    return ONUS_OK;
}

/* What the batch says of itself must be signed: later its entry cannot be made anew. */
static enum onus_code check_signed(const struct onus_erase_building *building,
        const struct choice *choice, struct onus_error *err)
{
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    const struct onus_manifest *manifest = onus_batch_manifest(choice->batch);
    enum onus_code code =
            onus_log_checkpoint(onus_vault_log(building->vault), &note, &checkpoint, NULL);
    if (code != ONUS_OK || manifest->entry >= checkpoint.size) {
        return onus_fail(err, ONUS_E_REFUSED,
                "batch %llu of '" ONUS_STR_FMT "' is not in the signed log yet: onus checkpoint "
                "first",
                (unsigned long long)manifest->first,
                ONUS_STR_ARG(onus_batch_source(choice->batch)->name));
    }
    return ONUS_OK;
}

static enum onus_code finish_choice(struct onus_erase_building *building,
        const struct choice *choice, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(choice->batch);
    const struct onus_tomb *tomb = onus_batch_tomb(choice->batch);
    struct onus_erase_part part = {.tag = manifest->tag,
            .first = manifest->first,
            .last = manifest->first,
            .generation = (tomb ? tomb->act_count : 0) + 1};
    enum onus_code code = take_ranges(building, choice, &part, err);
    if (code == ONUS_OK) {
        code = take_rows(building, choice, &part, err);
    }
    building->plan.erased_before += choice->meant - part.lines;
    if (code != ONUS_OK || (part.lines == 0 && part.row_count == 0)) {
        return code;
    }
    code = check_signed(building, choice, err);
    building->plan.batches++;
    building->plan.lines += part.lines;
    building->plan.keys += part.row_count;
    return code == ONUS_OK ? onus_erase_add_part(building, &part, err) : code;
}

/* ---- what was asked for ---------------------------------------------------------------------- */

/* Lines from 1 over all batches of the source; `before` is how many came in front of this batch. */
static void choose_lines(const struct onus_erase_request *request, uint64_t before,
        struct choice *choice)
{
    for (size_t i = 0; i < request->range_count; i++) {
        const struct onus_line_range *range = &request->ranges[i];
        if (range->last <= before || range->first > before + choice->lines) {
            continue;
        }
        uint64_t from = range->first > before ? range->first - before - 1 : 0;
        uint64_t end = range->last - before < choice->lines ? range->last - before : choice->lines;
        for (uint64_t line = from; line < end; line++) {
            choose(choice, line);
        }
    }
}

static void choose_address(const struct onus_erase_request *request, struct choice *choice)
{
    struct onus_key key = onus_key_of(&request->address);
    bool found = false;
    size_t row = onus_index_find(choice->index, &key, &found);
    if (found) {
        struct onus_postings postings = onus_postings_of(choice->index, row);
        while (onus_postings_next(&postings)) {
            choose(choice, postings.line);
        }
    }
}

static void choose_all(struct choice *choice)
{
    for (uint64_t line = 0; line < choice->lines; line++) {
        choose(choice, line);
    }
}

/*
 * Whether a batch is older than a day. One without times belongs to the time reached before it, or to when
 * it was sealed. Lines of a batch on both sides: it stays, and is counted.
 */
static bool is_older(struct onus_erase_building *building, const struct choice *choice,
        int64_t *reached)
{
    const struct onus_manifest *manifest = onus_batch_manifest(choice->batch);
    int64_t before = building->request->before;
    if (onus_manifest_value(manifest, ONUS_SLOT_LAST_TIME).len > 0) {
        int64_t first = (int64_t)onus_manifest_number(manifest, ONUS_SLOT_FIRST_TIME);
        int64_t last = (int64_t)onus_manifest_number(manifest, ONUS_SLOT_LAST_TIME);
        *reached = last > *reached ? last : *reached;
        building->plan.straddling += first < before && last >= before;
        return last < before;
    }
    int64_t sealed = (int64_t)onus_manifest_number(manifest, ONUS_SLOT_SEALED_AT);
    return (*reached == INT64_MIN ? sealed : *reached) < before;
}

struct walk {
    uint64_t lines_before;
    int64_t reached;
    uint64_t last_line; /* of LINES: the largest that is asked for */
};

static void choose_in(struct onus_erase_building *building, struct choice *choice, uint64_t seq,
        struct walk *walk)
{
    const struct onus_erase_request *request = building->request;
    switch (request->kind) {
    case ONUS_ERASE_LINES:
        choose_lines(request, walk->lines_before, choice);
        break;
    case ONUS_ERASE_ADDRESS:
        choose_address(request, choice);
        break;
    case ONUS_ERASE_BATCHES:
        if (seq >= request->first_seq && seq <= request->last_seq) {
            choose_all(choice);
        }
        break;
    case ONUS_ERASE_BEFORE:
        if (is_older(building, choice, &walk->reached)) {
            choose_all(choice);
        }
        break;
    }
    walk->lines_before += choice->lines;
}

static enum onus_code plan_source(struct onus_erase_building *building,
        const struct onus_source *source, struct onus_error *err)
{
    const struct onus_erase_request *request = building->request;
    struct walk walk = {.reached = INT64_MIN};
    size_t first_part = building->count;
    enum onus_code code = ONUS_OK;
    for (uint64_t seq = 0; seq < source->next_seq && code == ONUS_OK; seq++) {
        struct choice choice;
        code = open_choice(building, source, seq, &choice, err);
        if (code == ONUS_OK) {
            choose_in(building, &choice, seq, &walk);
            code = finish_choice(building, &choice, err);
        }
        close_choice(&choice);
    }
    const struct onus_line_range *last =
            request->range_count > 0 ? &request->ranges[request->range_count - 1] : NULL;
    if (code == ONUS_OK && request->kind == ONUS_ERASE_LINES && last &&
            last->last > walk.lines_before) {
        code = onus_fail(err, ONUS_E_MISSING, "'" ONUS_STR_FMT "' has %llu lines, not %llu",
                ONUS_STR_ARG(source->name), (unsigned long long)walk.lines_before,
                (unsigned long long)last->last);
    }
    if (code == ONUS_OK && request->kind == ONUS_ERASE_BATCHES &&
            request->last_seq >= source->next_seq) {
        code = onus_fail(err, ONUS_E_MISSING, "'" ONUS_STR_FMT "' has no batch %llu",
                ONUS_STR_ARG(source->name), (unsigned long long)request->last_seq);
    }
    return code == ONUS_OK ? onus_erase_plan_rollups(building, source, first_part, err) : code;
}

/* ---- may it be done -------------------------------------------------------------------------- */

static enum onus_code check_holds(const struct onus_erase_building *building,
        struct onus_error *err)
{
    struct onus_holds holds;
    struct onus_arena arena;
    onus_arena_init(&arena, ONUS_HOLDS_SIZE_MAX * 32);
    enum onus_code code = onus_holds_read(onus_vault_at(building->vault), &arena, &holds, err);
    for (size_t i = 0; i < building->count && code == ONUS_OK; i++) {
        const struct onus_erase_part *part = &building->parts[i];
        const struct onus_hold *hold =
                part->rollup ? NULL : onus_holds_find(&holds, &part->tag, part->first);
        if (hold) {
            const struct onus_source *source =
                    onus_vault_source_tagged(building->vault, &part->tag);
            code = onus_fail(err, ONUS_E_REFUSED,
                    "batch %llu of '" ONUS_STR_FMT "' is on hold for '" ONUS_STR_FMT
                    "': " ONUS_STR_FMT,
                    (unsigned long long)part->first, ONUS_STR_ARG(source->name),
                    ONUS_STR_ARG(hold->thread), ONUS_STR_ARG(hold->reason));
        }
    }
    onus_arena_clear(&arena);
    return code;
}

/* The holes fit into the key tree: found out on a copy, before anything is done. */
static enum onus_code check_holes(const struct onus_erase_building *building,
        const struct onus_source *source, struct onus_error *err)
{
    struct onus_keytree tree;
    struct onus_buffer text = {0};
    onus_keytree_format(&source->keys, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_keytree_parse(onus_buffer_view(&text), &tree, err);
    }
    onus_secret_clear(&text);
    if (code != ONUS_OK) {
        return code;
    }
    for (size_t i = 0; i < building->count && code == ONUS_OK; i++) {
        const struct onus_erase_part *part = &building->parts[i];
        if (!part->rollup && onus_tag_eq(&part->tag, &source->tag)) {
            code = onus_keytree_puncture(&tree, part->first, err);
        }
    }
    onus_keytree_clear(&tree);
    return code;
}

/* "lines: 4, addresses: 1, batches: 1 ('auth.log':3) under 'Art. 17' by party.example" */
static enum onus_code say(struct onus_erase_building *building, struct onus_error *err)
{
    struct onus_erase_plan *plan = &building->plan;
    struct onus_buffer words = {0};
    onus_buffer_printf(&words, "lines: %llu, addresses: %llu, batches: %llu (",
            (unsigned long long)plan->lines, (unsigned long long)plan->keys,
            (unsigned long long)plan->batches);
    size_t told = 0;
    for (size_t i = 0; i < building->count; i++) {
        const struct onus_erase_part *part = &building->parts[i];
        if (part->rollup) {
            continue;
        }
        if (++told > 8) {
            onus_buffer_add_text(&words, ", ...");
            break;
        }
        const struct onus_source *source = onus_vault_source_tagged(building->vault, &part->tag);
        onus_buffer_printf(&words, "%s'" ONUS_STR_FMT "':%llu", told > 1 ? ", " : "",
                ONUS_STR_ARG(source->name), (unsigned long long)part->first);
    }
    onus_buffer_add_text(&words, ") under '");
    onus_buffer_add_str(&words, plan->basis);
    onus_buffer_add_text(&words, "' by ");
    onus_buffer_add_str(&words, plan->who);
    enum onus_code code = onus_buffer_status(&words, err);
    if (code == ONUS_OK) {
        code = onus_arena_copy(building->arena, onus_buffer_view(&words), &plan->words, err);
    }
    onus_buffer_clear(&words);
    return code;
}

static enum onus_code finish(struct onus_erase_building *building, struct onus_error *err)
{
    struct onus_erase_plan *plan = &building->plan;
    const struct onus_erase_request *request = building->request;
    struct onus_age_recipient recipient;
    char text[ONUS_AGE_RECIPIENT_TEXT];
    plan->time = request->now;
    plan->parts = building->parts;
    plan->part_count = building->count;
    enum onus_code code = onus_identity_recipient(building->vault, &recipient, err);
    if (code == ONUS_OK) {
        onus_age_recipient_format(&recipient, text);
        code = onus_arena_copy(building->arena, onus_str_of(text), &plan->recipient, err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(building->arena, request->basis, &plan->basis, err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(building->arena, request->who, &plan->who, err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(building->arena, onus_str_of(request->tool), &plan->tool, err);
    }
    return code == ONUS_OK ? say(building, err) : code;
}

static enum onus_code check_request(const struct onus_vault *vault,
        const struct onus_erase_request *request, struct onus_error *err)
{
    bool pending = false;
    if (!onus_basis_valid(request->basis)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a basis has 1 to %d bytes of text that shows",
                ONUS_BASIS_MAX);
    }
    if (!onus_basis_valid(request->who) || request->who.len > ONUS_ERASE_WHO_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a name has 1 to %d bytes of text that shows",
                ONUS_ERASE_WHO_MAX);
    }
    if (!vault->write || !vault->has_seed || !vault->options.random) {
        return onus_fail(err, ONUS_E_BUG, "the vault is not open for an erasure");
    }
    enum onus_code code = onus_erase_pending(vault, &pending, err);
    if (code == ONUS_OK && pending) {
        code = onus_fail(err, ONUS_E_REFUSED, "another erasure is not finished");
    }
    return code;
}

enum onus_code onus_erase_plan(struct onus_vault *vault, const struct onus_erase_request *request,
        struct onus_arena *arena, struct onus_erase_plan *out, struct onus_error *err)
{
    struct onus_erase_building building = {.vault = vault, .arena = arena, .request = request};
    bool meant = false;
    enum onus_code code = check_request(vault, request, err);
    for (size_t i = 0; i < onus_vault_source_count(vault) && code == ONUS_OK; i++) {
        const struct onus_source *source = onus_vault_source_at(vault, i);
        if (request->source.len > 0 && !onus_source_meant(source->name, request->source)) {
            continue;
        }
        if (meant && request->source.len > 0) {
            return onus_fail(err, ONUS_E_ARGUMENT,
                    "'" ONUS_STR_FMT "' is the name of more than one source: give all of it",
                    ONUS_STR_ARG(request->source));
        }
        meant = true;
        code = plan_source(&building, source, err);
        if (code == ONUS_OK) {
            code = check_holes(&building, source, err);
        }
    }
    if (code == ONUS_OK && !meant) {
        code = onus_fail(err, ONUS_E_MISSING, "no source '" ONUS_STR_FMT "' is sealed here",
                ONUS_STR_ARG(request->source));
    }
    if (code == ONUS_OK && building.plan.batches == 0) {
        code = onus_fail(err, ONUS_E_MISSING, "%s",
                building.plan.erased_before > 0 ? "all of it was erased before"
                                                : "nothing of that is sealed here");
    }
    if (code == ONUS_OK) {
        code = check_holds(&building, err);
    }
    if (code == ONUS_OK) {
        code = finish(&building, err);
    }
    if (code == ONUS_OK) {
        *out = building.plan;
    }
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer_parts.h"

#include "base/str.h"

#include <stdlib.h>

#define DAY_USEC (INT64_C(86400) * ONUS_USEC)

/* ---- the round ------------------------------------------------------------------------------- */

static void *grown(void *items, size_t *room, size_t need, size_t size, struct onus_error *err)
{
    if (need <= *room) {
        return items;
    }
    size_t wanted = *room * 2 > need ? *room * 2 : need + 64;
    void *bigger = realloc(items, wanted * size);
    if (!bigger) {
        (void)onus_fail(err, ONUS_E_MEMORY, "out of memory");
        return NULL;
    }
    *room = wanted;
    return bigger;
}

/* The batch gets lines in this round: its unfinished leaf stands before them. */
static enum onus_code join_round(struct onus_sealer *sealer, struct seal_batch *batch,
        struct onus_error *err)
{
    if (batch->in_round) {
        return ONUS_OK;
    }
    void *items = grown(sealer->round, &sealer->round_room, sealer->round_count + 1,
            sizeof(struct seal_batch *), err);
    if (!items) {
        return ONUS_E_MEMORY;
    }
    sealer->round = items;
    sealer->round[sealer->round_count++] = batch;
    batch->in_round = true;
    batch->round_slot = sealer->slot_count;
    batch->round_line = batch->lines - batch->carry_count;
    sealer->slot_count += batch->carry_count;
    return ONUS_OK;
}

static void close_open(struct onus_sealer *sealer, struct seal_input *input, const uint8_t *tail,
        size_t tail_length)
{
    struct seal_batch *batch = sealer->open;
    batch->closed = true;
    batch->has_from = true;
    onus_seal_position(input, tail, tail_length, &batch->from);
    sealer->open = NULL;
}

/* A line in hand: where it stands, and what of it was sealed already. */
struct taken {
    const struct onus_sink_block *blocks;
    size_t block, line;
    size_t skip;
};

static const struct onus_sink_line *line_of(const struct taken *taken)
{
    return &taken->blocks[taken->block].lines[taken->line];
}

static int64_t day_of(const struct onus_sink_line *line)
{
    return line->time == ONUS_TIME_NONE || line->time < 0 ? -1 : line->time / DAY_USEC;
}

static bool must_close(const struct seal_batch *batch, uint64_t size, int64_t day)
{
    return batch->bytes + size > SEAL_BYTES_MAX || batch->lines == SEAL_LINES_MAX ||
           (day > batch->day && batch->day >= 0) || !batch->last_ended;
}

/*
 * The batch is full before the line in hand. One that got lines in this round is finished when their
 * hashes are there; one that got none has all of them, and nothing would finish it later.
 */
static enum onus_code close_before(struct onus_sealer *sealer, struct seal_input *input,
        const struct taken *taken, struct onus_error *err)
{
    struct seal_batch *batch = sealer->open;
    uint8_t tail[ONUS_POSITION_BYTES];
    size_t length = onus_seal_before(input, taken->blocks, taken->block, taken->line, taken->skip,
            tail, sizeof(tail));
    close_open(sealer, input, tail, length);
    if (batch->in_round) {
        return ONUS_OK;
    }
    enum onus_code code = onus_seal_batch_finish(sealer, batch, err);
    onus_seal_batch_free(batch);
    return code;
}

static enum onus_code ready_batch(struct onus_sealer *sealer, struct seal_input *input,
        const struct taken *taken, uint64_t size, struct onus_error *err)
{
    const struct onus_sink_line *line = line_of(taken);
    if (sealer->open && must_close(sealer->open, size, day_of(line))) {
        enum onus_code code = close_before(sealer, input, taken, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    if (!sealer->open) {
        enum onus_code code = onus_seal_source(sealer, input, err);
        if (code == ONUS_OK) {
            code = onus_seal_batch_open(sealer, input->source, &sealer->open, err);
        }
        if (code != ONUS_OK) {
            return code;
        }
        sealer->open->input = sealer->input_number;
        sealer->open->first_line = input->lines;
        sealer->open->flags |= input->flags;
        input->flags = 0;
    }
    return join_round(sealer, sealer->open, err);
}

/* Whether the line goes on where the last piece ends. */
static bool extends(const struct onus_sealer *sealer, const struct taken *taken)
{
    if (sealer->piece_count == 0 || taken->skip > 0) {
        return false;
    }
    const struct seal_piece *piece = &sealer->pieces[sealer->piece_count - 1];
    const struct onus_sink_block *block = &taken->blocks[taken->block];
    if (piece->batch != sealer->open || piece->block != block || piece->skip > 0 ||
            piece->first + piece->count != taken->line || piece->count == SEAL_TASK_LINES ||
            piece->bytes >= SEAL_TASK_BYTES) {
        return false;
    }
    const struct onus_sink_line *last = &block->lines[taken->line - 1];
    return last->offset + last->length + last->ended == line_of(taken)->offset;
}

static struct seal_piece *new_piece(struct onus_sealer *sealer, const struct taken *taken,
        struct onus_error *err)
{
    void *items = grown(sealer->pieces, &sealer->piece_room, sealer->piece_count + 1,
            sizeof(*sealer->pieces), err);
    if (!items) {
        return NULL;
    }
    const struct seal_batch *batch = sealer->open;
    sealer->pieces = items;
    struct seal_piece *piece = &sealer->pieces[sealer->piece_count++];
    *piece = (struct seal_piece){.batch = sealer->open,
            .block = &taken->blocks[taken->block],
            .first = taken->line,
            .skip = taken->skip,
            .line = batch->lines,
            .offset = batch->bytes,
            .slot = batch->slots,
            .slot_at = sealer->slot_count};
    return piece;
}

static void note_time(struct seal_batch *batch, const struct onus_sink_line *line)
{
    int64_t day = day_of(line);
    if (day < 0) {
        return;
    }
    if (batch->first_time == ONUS_TIME_NONE || line->time < batch->first_time) {
        batch->first_time = line->time;
    }
    if (batch->last_time == ONUS_TIME_NONE || line->time > batch->last_time) {
        batch->last_time = line->time;
    }
    batch->day = day > batch->day ? day : batch->day;
}

static enum onus_code seal_line(struct onus_sealer *sealer, struct seal_input *input,
        const struct taken *taken, struct onus_error *err)
{
    const struct onus_sink_line *line = line_of(taken);
    uint64_t size = (uint64_t)line->length + line->ended - taken->skip;
    enum onus_code code = ready_batch(sealer, input, taken, size, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct seal_batch *batch = sealer->open;
    struct seal_piece *piece = extends(sealer, taken) ? &sealer->pieces[sealer->piece_count - 1]
                                                      : new_piece(sealer, taken, err);
    if (!piece) {
        return ONUS_E_MEMORY;
    }
    size_t slots = 1;
    if (batch->source->profile == ONUS_PROFILE_PARTS && taken->skip == 0) {
        slots = line->part_count;
        if (slots < 1 || slots > ONUS_PARTS_MAX) {
            return onus_fail(err, ONUS_E_BUG, "a line has no parts");
        }
    }
    piece->count++;
    piece->bytes += size;
    piece->slots += slots;
    sealer->slot_count += slots;
    batch->slots += slots;
    batch->lines++;
    batch->bytes += size;
    batch->last_ended = line->ended;
    note_time(batch, line);
    input->sealed_lines++;
    return ONUS_OK;
}

/*
 * The line belongs to what was sealed before: true. *skip: it does in part, because it was sealed before
 * its line feed was there.
 */
static bool passed_over(struct seal_input *input, const struct taken *taken, size_t *skip)
{
    const struct onus_sink_line *line = line_of(taken);
    uint64_t end = input->bytes + line->length + line->ended;
    if (input->differs) {
        return true;
    }
    if (!input->known || input->bytes >= input->skip_bytes) {
        return false;
    }
    if (end < input->skip_bytes) {
        return true;
    }
    bool whole = end == input->skip_bytes;
    size_t inside = (size_t)(input->skip_bytes - input->bytes);
    input->differs = !onus_seal_tail_fits(input, taken->blocks, taken->block,
            whole ? taken->line + 1 : taken->line, whole ? 0 : inside);
    *skip = inside;
    return input->differs || inside >= line->length;
}

static enum onus_code plan_lines(struct onus_sealer *sealer, const struct onus_sink_block *blocks,
        size_t count, struct onus_error *err)
{
    struct seal_input *input = sealer->input;
    enum onus_code code = ONUS_OK;
    for (size_t b = 0; b < count; b++) {
        for (size_t l = 0; l < blocks[b].line_count && code == ONUS_OK; l++) {
            struct taken taken = {.blocks = blocks, .block = b, .line = l};
            const struct onus_sink_line *line = line_of(&taken);
            if (!line->ended && sealer->options.leave_unended) {
                input->unended = true;
                continue;
            }
            if (passed_over(input, &taken, &taken.skip)) {
                input->known_lines++;
            } else {
                code = seal_line(sealer, input, &taken, err);
            }
            input->lines++;
            input->bytes += (uint64_t)line->length + line->ended;
        }
    }
    return code;
}

/* The slots of the round, with what was carried in front of each batch. */
static enum onus_code ready_slots(struct onus_sealer *sealer, struct onus_error *err)
{
    void *items = grown(sealer->slots, &sealer->slot_room, sealer->slot_count,
            sizeof(*sealer->slots), err);
    if (!items && sealer->slot_count > 0) {
        return ONUS_E_MEMORY;
    }
    sealer->slots = items;
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < sealer->round_count && code == ONUS_OK; i++) {
        struct seal_batch *batch = sealer->round[i];
        if (batch->carry_count > 0 && sealer->slots) {
            memcpy(sealer->slots + batch->round_slot, batch->carry,
                    batch->carry_count * sizeof(*batch->carry));
        }
        code = onus_seal_batch_reserve(batch, err);
        if (code == ONUS_OK) {
            code = onus_seal_pack_begin(sealer, batch, err);
        }
    }
    return code;
}

/* After a failure nothing more is taken; what is in work is given up. */
static enum onus_code give_up(struct onus_sealer *sealer, enum onus_code code)
{
    for (size_t i = 0; i < sealer->round_count; i++) {
        if (sealer->round[i] != sealer->open) {
            onus_seal_batch_free(sealer->round[i]);
        }
    }
    sealer->round_count = 0;
    onus_seal_batch_free(sealer->open);
    sealer->open = NULL;
    sealer->failed = true;
    return code;
}

static enum onus_code refuse_after_failure(struct onus_error *err)
{
    return onus_fail(err, ONUS_E_IO, "sealing failed before");
}

static enum onus_code plan(void *data, const struct onus_sink_block *blocks, size_t count,
        size_t *tasks, struct onus_error *err)
{
    struct onus_sealer *sealer = data;
    *tasks = 0;
    if (sealer->failed || !sealer->input) {
        return refuse_after_failure(err);
    }
    sealer->round_count = 0;
    sealer->piece_count = 0;
    sealer->slot_count = 0;
    if (count == 0) {
        return ONUS_OK;
    }
    onus_seal_take_head(sealer->input, blocks, count);
    if (!sealer->input->looked) {
        onus_seal_recognise(sealer, sealer->input);
    }
    enum onus_code code = plan_lines(sealer, blocks, count, err);
    if (code == ONUS_OK) {
        code = ready_slots(sealer, err);
    }
    if (code != ONUS_OK) {
        return give_up(sealer, code);
    }
    onus_seal_keep_tail(sealer->input, blocks, count);
    *tasks = sealer->piece_count;
    return ONUS_OK;
}

static enum onus_code settle(void *data, const struct onus_sink_block *blocks, size_t count,
        struct onus_error *err)
{
    struct onus_sealer *sealer = data;
    (void)blocks;
    (void)count;
    if (sealer->failed) {
        return refuse_after_failure(err);
    }
    enum onus_code code = onus_seal_gather(sealer, err);
    for (size_t i = 0; i < sealer->round_count && code == ONUS_OK; i++) {
        struct seal_batch *batch = sealer->round[i];
        batch->in_round = false;
        if (batch->closed) {
            code = onus_seal_batch_finish(sealer, batch, err);
            sealer->round[i] = NULL;
            onus_seal_batch_free(batch);
        }
    }
    if (code != ONUS_OK) {
        return give_up(sealer, code);
    }
    sealer->round_count = 0;
    return ONUS_OK;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static enum onus_code keep_result(struct onus_sealer *sealer, struct onus_error *err)
{
    const struct seal_input *input = sealer->input;
    size_t need = (size_t)sealer->input_number + 1;
    if (need > SEAL_INPUTS_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %d inputs", SEAL_INPUTS_MAX);
    }
    void *items = grown(sealer->results, &sealer->result_room, need, sizeof(*sealer->results), err);
    if (!items) {
        return ONUS_E_MEMORY;
    }
    sealer->results = items;
    while (sealer->result_count < need) {
        sealer->results[sealer->result_count++] = (struct onus_sealed_input){.source = NULL};
    }
    sealer->results[need - 1] = (struct onus_sealed_input){.source = input->source,
            .known_lines = input->known_lines,
            .sealed_lines = input->sealed_lines,
            .file = input->file,
            .differs = input->differs,
            .shorter = input->shorter};
    return ONUS_OK;
}

static enum onus_code begin(void *data, uint32_t number, const char *path, struct onus_error *err)
{
    struct onus_sealer *sealer = data;
    if (sealer->failed) {
        return refuse_after_failure(err);
    }
    struct seal_input *input = calloc(1, sizeof(*input));
    if (!input) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    free(sealer->input);
    sealer->input = input;
    sealer->input_number = number;
    input->finished_before = sealer->finished_lines;
    input->name = sealer->options.source.len > 0 ? sealer->options.source
                                                 : onus_source_name_of(onus_str_of(path));
    if (sealer->options.identify) {
        sealer->options.identify(sealer->options.data, path, &input->hint);
    }
    return ONUS_OK;
}

static void mark_missing(struct onus_sealer *sealer, const struct onus_source *source,
        uint8_t flags)
{
    sealer->missing = flags;
    sealer->missing_of = source;
}

/* What was told to be missing and found no batch to stand in gets one of its own. */
static enum onus_code tell_missing(struct onus_sealer *sealer, struct onus_error *err)
{
    const struct onus_source *source = sealer->missing_of;
    return source ? onus_sealer_heartbeat(sealer, source, err) : ONUS_OK;
}

static enum onus_code end(void *data, uint32_t number, bool whole, enum onus_code why,
        struct onus_error *err)
{
    struct onus_sealer *sealer = data;
    struct seal_input *input = sealer->input;
    (void)number;
    (void)why;
    if (sealer->failed || !input) {
        return refuse_after_failure(err);
    }
    enum onus_code code = ONUS_OK;
    struct seal_batch *batch = sealer->open;
    if (batch) {
        close_open(sealer, input, input->tail, input->tail_length);
        code = onus_seal_batch_finish(sealer, batch, err);
        onus_seal_batch_free(batch);
    }
    if (code == ONUS_OK && sealer->finished_lines - input->finished_before != input->sealed_lines) {
        code = onus_fail(err, ONUS_E_BUG, "%llu lines were taken and %llu are in batches",
                (unsigned long long)input->sealed_lines,
                (unsigned long long)(sealer->finished_lines - input->finished_before));
    }
    if (input->known && !input->differs) {
        input->shorter = whole && input->bytes < input->skip_bytes;
    }
    bool lost = input->shorter && input->hint.inode == input->at.inode &&
                input->hint.device == input->at.device && input->hint.inode != 0 &&
                input->hint.size < input->at.size;
    if (code == ONUS_OK && input->source && ((!whole && input->sealed_lines > 0) || lost)) {
        code = tell_missing(sealer, err);
        mark_missing(sealer, input->source, lost ? ONUS_BATCH_TRUNCATED : ONUS_BATCH_GAP);
    }
    if (code == ONUS_OK) {
        code = keep_result(sealer, err);
    }
    free(sealer->input);
    sealer->input = NULL;
    return code == ONUS_OK ? ONUS_OK : give_up(sealer, code);
}

enum onus_code onus_sealer_heartbeat(struct onus_sealer *sealer, const struct onus_source *source,
        struct onus_error *err)
{
    struct seal_batch *batch = NULL;
    if (sealer->failed || sealer->open) {
        return refuse_after_failure(err);
    }
    enum onus_code code = onus_seal_batch_open(sealer, source, &batch, err);
    if (code == ONUS_OK) {
        batch->closed = true;
        code = onus_seal_batch_finish(sealer, batch, err);
    }
    onus_seal_batch_free(batch);
    return code == ONUS_OK ? ONUS_OK : give_up(sealer, code);
}

enum onus_code onus_sealer_finish(struct onus_sealer *sealer, struct onus_error *err)
{
    if (sealer->failed) {
        return refuse_after_failure(err);
    }
    return tell_missing(sealer, err);
}

void onus_sealer_input(const struct onus_sealer *sealer, uint32_t input,
        struct onus_sealed_input *out)
{
    *out = input < sealer->result_count ? sealer->results[input]
                                        : (struct onus_sealed_input){.source = NULL};
}

/* ---- making one ------------------------------------------------------------------------------ */

static bool any_parts(const struct onus_vault *vault)
{
    for (size_t i = 0; i < onus_vault_source_count(vault); i++) {
        if (onus_vault_source_at(vault, i)->profile == ONUS_PROFILE_PARTS) {
            return true;
        }
    }
    return false;
}

enum onus_code onus_sealer_new(const struct onus_sealer_options *options, struct onus_sealer **out,
        struct onus_error *err)
{
    if (options->workers < 1 || options->workers > 256 || !options->now || !options->random) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a sealer lacks its workers, clock or randomness");
    }
    struct onus_sealer *sealer = calloc(1, sizeof(*sealer));
    struct seal_worker *workers = calloc(options->workers, sizeof(*workers));
    if (!sealer || !workers) {
        free(sealer);
        free(workers);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    sealer->options = *options;
    sealer->workers = workers;
    sealer->sink = (struct onus_line_sink){.data = sealer,
            .wants_parts = options->profile == ONUS_PROFILE_PARTS || any_parts(options->vault),
            .begin = begin,
            .plan = plan,
            .work = onus_seal_work,
            .settle = settle,
            .end = end};
    onus_arena_init(&sealer->tables_arena, ONUS_INDEX_MEMORY_MAX);
    enum onus_code code =
            onus_net_tables_open(options->vault, &sealer->tables_arena, &sealer->tables, err);
    if (code != ONUS_OK && code != ONUS_E_MEMORY) {
        /* A damaged table only means fewer fences; lines that arrive are sealed all the same. */
        sealer->tables.count = 0;
        code = ONUS_OK;
        if (err) {
            *err = (struct onus_error)ONUS_ERROR_INIT;
        }
    }
    for (size_t i = 0; i < options->workers && code == ONUS_OK; i++) {
        code = onus_commit_scratch_new(NULL, &workers[i].scratch, err);
    }
    if (code != ONUS_OK) {
        onus_sealer_free(sealer);
        return code;
    }
    *out = sealer;
    return ONUS_OK;
}

void onus_sealer_free(struct onus_sealer *sealer)
{
    if (!sealer) {
        return;
    }
    (void)give_up(sealer, ONUS_OK);
    for (size_t i = 0; i < sealer->options.workers; i++) {
        onus_commit_scratch_free(sealer->workers[i].scratch);
        free(sealer->workers[i].room);
    }
    free(sealer->workers);
    onus_arena_clear(&sealer->tables_arena);
    free(sealer->input);
    free(sealer->results);
    free(sealer->round);
    free(sealer->pieces);
    free(sealer->slots);
    free(sealer);
}

const struct onus_line_sink *onus_sealer_sink(struct onus_sealer *sealer)
{
    return &sealer->sink;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer_parts.h"

#include "base/str.h"

#include <stdlib.h>

static void work_failed(struct onus_sealer *sealer, enum onus_code code)
{
    int none = ONUS_OK;
    (void)atomic_compare_exchange_strong(&sealer->work_failed, &none, (int)code);
}

static const struct onus_sink_line *line_at(const struct seal_piece *piece, size_t i)
{
    return &piece->block->lines[piece->first + i];
}

/* ---- the pack -------------------------------------------------------------------------------- */

static void put_content(struct onus_sealer *sealer, struct seal_worker *worker,
        const struct seal_piece *piece)
{
    if (piece->bytes == 0) {
        return;
    }
    size_t need = onus_frames_room((size_t)piece->bytes);
    if (need > worker->room_size) {
        free(worker->room);
        worker->room = malloc(need);
        worker->room_size = worker->room ? need : 0;
        if (!worker->room) {
            work_failed(sealer, ONUS_E_MEMORY);
            return;
        }
    }
    uint64_t at = 0;
    struct onus_str content = {piece->block->bytes + line_at(piece, 0)->offset + piece->skip,
            (size_t)piece->bytes};
    size_t length = onus_frames_stored(piece->offset, content, worker->room, &at);
    enum onus_code code = onus_durable_put(&piece->batch->pack,
            (struct onus_str){worker->room, length}, at, NULL);
    if (code != ONUS_OK) {
        work_failed(sealer, code);
    }
    onus_durable_hint(&piece->batch->pack, at, length);
}

/* ---- hashes ---------------------------------------------------------------------------------- */

/* Leaves of eight lines that lie wholly in the piece; onus_seal_gather() does those it shares. */
static void whole_groups(struct onus_sealer *sealer, struct seal_worker *worker,
        const struct seal_piece *piece)
{
    uint64_t from = (piece->line + ONUS_LINES_PER_LEAF - 1) / ONUS_LINES_PER_LEAF;
    uint64_t to = (piece->line + piece->count) / ONUS_LINES_PER_LEAF;
    if (from < to) {
        const struct onus_digest *slots =
                sealer->slots + piece->slot_at + (from * ONUS_LINES_PER_LEAF - piece->line);
        onus_commit_groups(worker->scratch, slots, (size_t)(to - from) * ONUS_LINES_PER_LEAF,
                piece->batch->leaf + from);
    }
}

static void commit_whole(struct onus_sealer *sealer, struct seal_worker *worker,
        const struct seal_piece *piece)
{
    for (size_t i = 0; i < piece->count; i++) {
        const struct onus_sink_line *line = line_at(piece, i);
        worker->values[i] = (struct onus_str){piece->block->bytes + line->offset, line->length};
    }
    if (piece->skip > 0) {
        worker->values[0] = onus_str_from(worker->values[0], piece->skip);
    }
    onus_commit_lines(worker->scratch, &piece->batch->key, piece->slot, worker->values,
            piece->count, sealer->slots + piece->slot_at);
    whole_groups(sealer, worker, piece);
}

static void commit_cut(struct onus_sealer *sealer, struct seal_worker *worker,
        const struct seal_piece *piece)
{
    size_t made = 0;
    for (size_t i = 0; i < piece->count; i++) {
        const struct onus_sink_line *line = line_at(piece, i);
        struct onus_str text = {piece->block->bytes + line->offset, line->length};
        worker->counts[i] = piece->skip > 0 ? 1 : line->part_count;
        if (piece->skip > 0) {
            worker->kinds[made] = ONUS_PART_TEXT;
            worker->values[made++] = onus_str_from(text, piece->skip);
            continue;
        }
        for (size_t p = 0; p < line->part_count; p++) {
            const struct onus_sink_part *part = &piece->block->parts[line->first_part + p];
            worker->kinds[made] = part->kind;
            worker->values[made++] = onus_str_sub(text, part->offset, part->length);
        }
    }
    struct onus_digest *slots = sealer->slots + piece->slot_at;
    onus_commit_slots(worker->scratch, &piece->batch->key, piece->slot, worker->kinds,
            worker->values, made, slots);
    onus_commit_parts(worker->scratch, slots, worker->counts, piece->count,
            piece->batch->leaf + piece->line);
}

void onus_seal_work(void *data, size_t task, size_t worker)
{
    struct onus_sealer *sealer = data;
    const struct seal_piece *piece = &sealer->pieces[task];
    struct seal_worker *own = &sealer->workers[worker];
    if (piece->batch->source->profile == ONUS_PROFILE_PARTS) {
        commit_cut(sealer, own, piece);
    } else {
        commit_whole(sealer, own, piece);
    }
    put_content(sealer, own, piece);
}

/* ---- after the tasks ------------------------------------------------------------------------- */

static struct onus_digest *slots_of(const struct onus_sealer *sealer,
        const struct seal_batch *batch, uint64_t line)
{
    return sealer->slots + batch->round_slot + (line - batch->round_line);
}

/* The leaf whose first lines stand in the piece before. */
static void shared_group(struct onus_sealer *sealer, const struct seal_piece *piece)
{
    struct seal_batch *batch = piece->batch;
    uint64_t group = piece->line / ONUS_LINES_PER_LEAF;
    uint64_t first = group * ONUS_LINES_PER_LEAF;
    if (piece->line % ONUS_LINES_PER_LEAF != 0 && first + ONUS_LINES_PER_LEAF <= batch->lines) {
        onus_commit_groups(sealer->workers[0].scratch, slots_of(sealer, batch, first),
                ONUS_LINES_PER_LEAF, batch->leaf + group);
    }
}

static void carry_on(struct onus_sealer *sealer, struct seal_batch *batch)
{
    batch->carry_count = (size_t)(batch->lines % ONUS_LINES_PER_LEAF);
    if (batch->carry_count > 0) {
        memcpy(batch->carry, slots_of(sealer, batch, batch->lines - batch->carry_count),
                batch->carry_count * sizeof(*batch->carry));
    }
}

static void put_varint(struct onus_buffer *out, uint32_t value)
{
    while (value >= 0x80) {
        onus_buffer_add_char(out, (char)(uint8_t)(value | 0x80));
        value >>= 7;
    }
    onus_buffer_add_char(out, (char)(uint8_t)value);
}

static void keep_cuts(const struct seal_piece *piece)
{
    struct onus_buffer *out = &piece->batch->parts;
    for (size_t i = 0; i < piece->count; i++) {
        const struct onus_sink_line *line = line_at(piece, i);
        if (piece->skip > 0) {
            put_varint(out, 1);
            onus_buffer_add_char(out, ONUS_PART_TEXT);
            put_varint(out, line->length - (uint32_t)piece->skip);
            continue;
        }
        put_varint(out, line->part_count);
        for (size_t p = 0; p < line->part_count; p++) {
            const struct onus_sink_part *part = &piece->block->parts[line->first_part + p];
            onus_buffer_add_char(out, (char)part->kind);
            put_varint(out, part->length);
        }
    }
}

/* The rest of a line was sealed before it was whole: whatever it tells was counted then. */
static enum onus_code add_to_index(const struct seal_piece *piece, struct onus_error *err)
{
    struct onus_index_builder *index = &piece->batch->index;
    return piece->skip > 0 ? onus_index_add_line(index, NULL, 0, err)
                           : onus_index_add_block(index, piece->block, piece->first,
                                     piece->first + piece->count, err);
}

enum onus_code onus_seal_gather(struct onus_sealer *sealer, struct onus_error *err)
{
    int failed = atomic_load(&sealer->work_failed);
    if (failed == ONUS_E_MEMORY) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    if (failed != ONUS_OK) {
        return onus_fail(err, (enum onus_code)failed, "a pack cannot be written");
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < sealer->piece_count && code == ONUS_OK; i++) {
        const struct seal_piece *piece = &sealer->pieces[i];
        if (piece->batch->source->profile == ONUS_PROFILE_PARTS) {
            keep_cuts(piece);
        } else {
            shared_group(sealer, piece);
        }
        code = add_to_index(piece, err);
    }
    for (size_t i = 0; i < sealer->round_count && code == ONUS_OK; i++) {
        struct seal_batch *batch = sealer->round[i];
        if (batch->source->profile != ONUS_PROFILE_PARTS) {
            carry_on(sealer, batch);
        }
    }
    sealer->piece_count = 0;
    return code;
}

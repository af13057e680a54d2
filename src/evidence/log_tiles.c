/* SPDX-License-Identifier: Apache-2.0 */
#include "log_parts.h"

#include "base/str.h"
#include "sys/durable.h"
#include "text/decimal.h"
#include "text/hex.h"

#include <stdio.h>

/* x001/x234/067 (C2SP tlog-tiles, "Parameters"). */
static size_t put_index(uint64_t index, char *out, size_t room)
{
    unsigned groups[8];
    size_t count = 0;
    do {
        groups[count++] = (unsigned)(index % 1000);
        index /= 1000;
    } while (index > 0);
    size_t length = 0;
    while (count > 0) {
        count--;
        int wrote =
                snprintf(out + length, room - length, count > 0 ? "x%03u/" : "%03u", groups[count]);
        length += wrote > 0 ? (size_t)wrote : 0;
    }
    return length;
}

void onus_log_tile_path(int level, uint64_t index, unsigned width, char out[static LOG_PATH])
{
    int wrote = level < 0 ? snprintf(out, LOG_PATH, "vault/log/tile/entries/")
                          : snprintf(out, LOG_PATH, "vault/log/tile/%d/", level);
    size_t length = wrote > 0 ? (size_t)wrote : 0;
    length += put_index(index, out + length, LOG_PATH - length);
    if (width > 0 && width < LOG_TILE) {
        (void)snprintf(out + length, LOG_PATH - length, ".p/%u", width);
    }
}

enum onus_code onus_log_tile_read(int at, unsigned level, uint64_t index, unsigned width,
        struct onus_digest *out, struct onus_error *err)
{
    char path[LOG_PATH];
    onus_log_tile_path((int)level, index, width, path);
    struct onus_arena arena;
    onus_arena_init(&arena, (size_t)1 << 20);
    struct onus_str bytes;
    enum onus_code code = onus_durable_read(at, path, LOG_TILE * sizeof(*out), &arena, &bytes, err);
    if (code == ONUS_OK && bytes.len != width * sizeof(*out)) {
        code = onus_fail(err, ONUS_E_FORMAT, "'%s' has %zu bytes, not %zu", path, bytes.len,
                width * sizeof(*out));
    }
    if (code == ONUS_OK) {
        memcpy(out, bytes.ptr, bytes.len);
    } else if (code == ONUS_E_LIMIT) {
        code = onus_fail(err, ONUS_E_FORMAT, "'%s' is too long for a tile", path);
    }
    onus_arena_clear(&arena);
    return code;
}

bool onus_log_bundle_parse(struct onus_str bytes, unsigned width, struct onus_str *out)
{
    for (unsigned i = 0; i < width; i++) {
        if (bytes.len < 2) {
            return false;
        }
        size_t length = (size_t)(uint8_t)bytes.ptr[0] << 8 | (uint8_t)bytes.ptr[1];
        if (bytes.len - 2 < length) {
            return false;
        }
        out[i] = onus_str_sub(bytes, 2, length);
        bytes = onus_str_from(bytes, 2 + length);
    }
    return bytes.len == 0;
}

enum onus_code onus_log_bundle_read(int at, uint64_t index, unsigned width,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err)
{
    char path[LOG_PATH];
    onus_log_tile_path(LOG_ENTRIES, index, width, path);
    struct onus_str bytes;
    enum onus_code code = onus_durable_read(at, path, LOG_ENTRIES_MAX, arena, &bytes, err);
    if (code == ONUS_OK && !onus_log_bundle_parse(bytes, width, out)) {
        code = onus_fail(err, ONUS_E_FORMAT, "'%s' does not hold %u entries", path, width);
    }
    return code;
}

/* ---- hashes out of tiles --------------------------------------------------------------------- */

/* How many hashes the tile has in a tree of this size. */
static unsigned width_of(uint64_t size, unsigned level, uint64_t index)
{
    uint64_t at_level = 8 * level >= 64 ? 0 : size >> (8 * level);
    uint64_t whole = at_level / LOG_TILE;
    return index < whole ? LOG_TILE : index == whole ? (unsigned)(at_level % LOG_TILE) : 0;
}

static enum onus_code tile(struct log_reader *reader, unsigned level, uint64_t index,
        const struct log_cached **out, struct onus_error *err)
{
    unsigned width = width_of(reader->size, level, index);
    for (size_t i = 0; i < LOG_CACHE; i++) {
        const struct log_cached *cached = &reader->cache[i];
        if (cached->used && cached->level == level && cached->index == index &&
                cached->width == width) {
            *out = cached;
            return ONUS_OK;
        }
    }
    if (width == 0) {
        return onus_fail(err, ONUS_E_BUG, "a tile behind the end of the log was asked for");
    }
    struct log_cached *place = &reader->cache[reader->next];
    place->used = false;
    enum onus_code code = onus_log_tile_read(reader->at, level, index, width, place->hashes, err);
    if (code != ONUS_OK) {
        return code;
    }
    reader->next = (reader->next + 1) % LOG_CACHE;
    place->used = true;
    place->level = level;
    place->index = index;
    place->width = width;
    *out = place;
    return ONUS_OK;
}

/* The root of 2^height leaves, the index-th such subtree. */
static enum onus_code node(struct log_reader *reader, unsigned height, uint64_t index,
        struct onus_digest *out, struct onus_error *err)
{
    unsigned level = height / 8;
    size_t count = (size_t)1 << height % 8;
    uint64_t first = index * count; /* in hashes of the level */
    const struct log_cached *from = NULL;
    enum onus_code code = tile(reader, level, first / LOG_TILE, &from, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_digest hashes[LOG_TILE / 2];
    memcpy(hashes, from->hashes + first % LOG_TILE, count * sizeof(*hashes));
    onus_tree_root(NULL, hashes, count, out);
    return ONUS_OK;
}

enum onus_code onus_log_leaf_at(struct log_reader *reader, uint64_t index, struct onus_digest *out,
        struct onus_error *err)
{
    return node(reader, 0, index, out, err);
}

enum onus_code onus_log_subtree(struct log_reader *reader, uint64_t start, uint64_t end,
        struct onus_digest *out, struct onus_error *err)
{
    struct onus_digest peaks[64];
    size_t count = 0;
    uint64_t at = start;
    while (at < end) {
        unsigned height = 63U - (unsigned)__builtin_clzll(end - at);
        enum onus_code code = node(reader, height, at >> height, &peaks[count], err);
        if (code != ONUS_OK) {
            return code;
        }
        count++;
        at += UINT64_C(1) << height;
    }
    if (count == 0) {
        onus_tree_empty_root(out);
        return ONUS_OK;
    }
    struct onus_digest root = peaks[--count];
    while (count > 0) {
        onus_node_hash(&peaks[--count], &root, &root);
    }
    *out = root;
    return ONUS_OK;
}

/* ---- the intent ------------------------------------------------------------------------------ */

void onus_log_intent_format(const struct log_intent *intent, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, "onus/intent/v1\nseq ");
    onus_buffer_add_u64(out, intent->seq);
    onus_buffer_add_text(out, "\nsize ");
    onus_buffer_add_u64(out, intent->size);
    onus_buffer_add_text(out, "\nroot ");
    onus_hex_add(out, onus_digest_view(&intent->root));
    onus_buffer_add_text(out, "\nbody ");
    onus_buffer_add_u64(out, intent->body.len);
    onus_buffer_add_char(out, '\n');
    onus_buffer_add_str(out, intent->body);
    onus_fields_put_sum(out, start);
}

enum onus_code onus_log_intent_parse(struct onus_str text, struct log_intent *out,
        struct onus_error *err)
{
    struct onus_fields fields;
    struct log_intent got = {.seq = 0};
    uint64_t length = 0;
    onus_fields_init(&fields, text, "intent");
    if (!onus_fields_exact(&fields, "onus/intent/v1") || !onus_fields_line(&fields, "seq") ||
            !onus_fields_number(&fields, &got.seq) || !onus_fields_done(&fields) ||
            !onus_fields_line(&fields, "size") || !onus_fields_number(&fields, &got.size) ||
            !onus_fields_done(&fields) || !onus_fields_line(&fields, "root") ||
            !onus_fields_hex(&fields, got.root.bytes, sizeof(got.root.bytes)) ||
            !onus_fields_done(&fields) || !onus_fields_line(&fields, "body") ||
            !onus_fields_number(&fields, &length) || !onus_fields_done(&fields) ||
            length > fields.rest.len) {
        return onus_fields_fail(&fields, err);
    }
    got.body = onus_str_sub(fields.rest, 0, (size_t)length);
    fields.rest = onus_str_from(fields.rest, (size_t)length);
    struct onus_checkpoint checkpoint;
    enum onus_code code = onus_checkpoint_parse(got.body, &checkpoint, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_fields_sum(&fields) || checkpoint.size != got.size ||
            !onus_digest_eq(&checkpoint.root, &got.root)) {
        return onus_fields_fail(&fields, err);
    }
    *out = got;
    return ONUS_OK;
}

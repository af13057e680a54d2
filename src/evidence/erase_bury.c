/* SPDX-License-Identifier: Apache-2.0 */
#include "erase_parts.h"

#include "base/str.h"
#include "evidence/index_parts.h"
#include "sys/durable.h"
#include "sys/frames.h"

#include <stdio.h>

enum {
    LEVEL = 3, /* of zstd */
};

#define GRAVE_MAX ((size_t)8 << 30)

/* A tomb in the making. */
struct grave {
    struct onus_vault *vault;
    struct onus_batch *batch;
    const struct onus_erase_part *part;
    struct onus_arena arena;
    struct onus_tomb tomb;
    struct onus_salt *salts;
    uint64_t *gone;
    struct onus_digest *commits;
    const struct onus_index *index;
};

static enum onus_code write_file(const struct grave *grave, const char *path,
        const struct onus_buffer *bytes, struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(bytes, err);
    return code == ONUS_OK ? onus_durable_write(onus_vault_at(grave->vault), path,
                                     onus_buffer_view(bytes), 0600, err)
                           : code;
}

static void path_of(const struct onus_erase_part *part, const char *ending,
        char out[static ONUS_BATCH_PATH_MAX])
{
    if (part->rollup) {
        onus_rollup_path(&part->tag, part->first, part->last, ending, out);
    } else {
        onus_batch_path(&part->tag, part->first, ending, out);
    }
}

/* ---- slots ----------------------------------------------------------------------------------- */

static void keep(struct grave *grave, const struct onus_salt *salt)
{
    grave->salts[grave->tomb.slots++] = *salt;
}

static void bury(struct grave *grave, const struct onus_digest *commit)
{
    grave->gone[grave->tomb.gone_count] = grave->tomb.slots;
    grave->commits[grave->tomb.gone_count++] = *commit;
    grave->tomb.slots++;
}

/* Lines come in order, so a place in the ranges is remembered. */
static bool in_ranges(const struct onus_erase_part *part, size_t *at, uint64_t line)
{
    while (*at < part->range_count && part->ranges[*at].first + part->ranges[*at].count <= line) {
        (*at)++;
    }
    return *at < part->range_count && part->ranges[*at].first <= line;
}

static enum onus_code bury_lines(struct grave *grave, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(grave->batch);
    bool whole = (onus_manifest_flags(manifest) & ONUS_BATCH_PARTS) == 0;
    uint64_t leaves = onus_manifest_number(manifest, ONUS_SLOT_LEAVES);
    size_t at = 0;
    for (uint64_t leaf = 0; leaf < leaves; leaf++) {
        struct onus_batch_slot slots[ONUS_PARTS_MAX];
        size_t count = 0;
        enum onus_code code = onus_batch_record(grave->batch, leaf, slots, &count, err);
        if (code != ONUS_OK) {
            return code;
        }
        for (size_t i = 0; i < count; i++) {
            uint64_t line = whole ? leaf * ONUS_LINES_PER_LEAF + i : leaf;
            if (slots[i].erased || in_ranges(grave->part, &at, line)) {
                bury(grave, &slots[i].commit);
            } else {
                keep(grave, &slots[i].salt);
            }
        }
    }
    return ONUS_OK;
}

static void bury_rows(struct grave *grave)
{
    const struct onus_index_salts *salts = onus_batch_index_salts(grave->batch);
    size_t next = 0;
    for (size_t row = 0; row < grave->index->count; row++) {
        struct onus_index_slots slots;
        onus_index_row_slots(grave->index, row, salts, &slots);
        bool now = next < grave->part->row_count && grave->part->rows[next] == row;
        next += now;
        if (now || grave->index->rows[row].key_gone) {
            bury(grave, &slots.commits[0]);
        } else {
            keep(grave, &slots.salts[0]);
        }
        for (size_t i = 1; i < ONUS_INDEX_SLOTS; i++) {
            keep(grave, &slots.salts[i]);
        }
    }
}

static enum onus_code make_slots(struct grave *grave, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(grave->batch);
    size_t slots = (size_t)manifest->slot + ONUS_MANIFEST_SLOTS;
    grave->salts = onus_arena_alloc(&grave->arena, slots * sizeof(*grave->salts));
    grave->gone = onus_arena_alloc(&grave->arena, slots * sizeof(*grave->gone));
    grave->commits = onus_arena_alloc(&grave->arena, slots * sizeof(*grave->commits));
    if (!grave->salts || !grave->gone || !grave->commits) {
        return onus_arena_reason(&grave->arena, err);
    }
    enum onus_code code = grave->part->rollup ? ONUS_OK : bury_lines(grave, err);
    if (code != ONUS_OK) {
        return code;
    }
    bury_rows(grave);
    const struct onus_salt *salts = onus_batch_salts(grave->batch);
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        keep(grave, &salts[i]);
    }
    grave->tomb.salts = grave->salts;
    grave->tomb.gone = grave->gone;
    grave->tomb.commits = grave->commits;
    return ONUS_OK;
}

/* ---- what was erased before, and now ---------------------------------------------------------- */

static enum onus_code merge_ranges(struct grave *grave, const struct onus_tomb *before,
        struct onus_error *err)
{
    const struct onus_erase_part *part = grave->part;
    size_t old = before ? before->range_count : 0;
    struct onus_tomb_range *ranges =
            onus_arena_alloc(&grave->arena, (old + part->range_count + 1) * sizeof(*ranges));
    if (!ranges) {
        return onus_arena_reason(&grave->arena, err);
    }
    size_t i = 0;
    size_t j = 0;
    size_t count = 0;
    while (i < old || j < part->range_count) {
        if (j == part->range_count ||
                (i < old && before->ranges[i].first < part->ranges[j].first)) {
            ranges[count++] = before->ranges[i++];
        } else {
            ranges[count++] = (struct onus_tomb_range){.first = part->ranges[j].first,
                    .count = part->ranges[j].count,
                    .act = (size_t)part->generation - 1};
            j++;
        }
    }
    grave->tomb.ranges = ranges;
    grave->tomb.range_count = count;
    return ONUS_OK;
}

static enum onus_code make_head(struct grave *grave, const struct onus_tomb_act *act,
        struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(grave->batch);
    const struct onus_tomb *before = onus_batch_tomb(grave->batch);
    size_t old = before ? before->act_count : 0;
    if (old + 1 != grave->part->generation) {
        return onus_fail(err, ONUS_E_MISMATCH, "another erasure came between");
    }
    struct onus_tomb_act *acts = onus_arena_alloc(&grave->arena, (old + 1) * sizeof(*acts));
    if (!acts) {
        return onus_arena_reason(&grave->arena, err);
    }
    if (old > 0) {
        memcpy(acts, before->acts, old * sizeof(*acts));
    }
    acts[old] = *act;
    grave->tomb = (struct onus_tomb){.profile = manifest->profile,
            .tag = manifest->tag,
            .first = manifest->first,
            .last = manifest->last,
            .acts = acts,
            .act_count = old + 1};
    return merge_ranges(grave, before, err);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Lines that are left, byte for byte; of the others only the line feed. */
static enum onus_code write_pack(struct grave *grave, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(grave->batch);
    uint64_t lines = onus_manifest_number(manifest, ONUS_SLOT_LINES);
    bool no_feed = (onus_manifest_flags(manifest) & ONUS_BATCH_NO_LAST_LF) != 0;
    struct onus_buffer content = {0};
    struct onus_buffer pack = {0};
    enum onus_code code = ONUS_OK;
    for (uint64_t i = 0; i < lines && code == ONUS_OK; i++) {
        struct onus_str line = ONUS_STR_NONE;
        if (!onus_tomb_of_line(&grave->tomb, i)) {
            code = onus_batch_line(grave->batch, i, &line, err);
        }
        onus_buffer_add_str(&content, line);
        if (i + 1 < lines || !no_feed) {
            onus_buffer_add_char(&content, '\n');
        }
    }
    if (code == ONUS_OK) {
        code = onus_buffer_status(&content, err);
    }
    if (code == ONUS_OK && content.len > 0) {
        char path[ONUS_BATCH_PATH_MAX];
        char folder[ONUS_BATCH_PATH_MAX];
        grave->tomb.pack_size = content.len;
        onus_tomb_pack_name(&manifest->pack, grave->part->generation, &grave->tomb.pack);
        onus_pack_path(&grave->tomb.pack, path);
        memcpy(folder, path, sizeof(folder));
        *strrchr(folder, '/') = '\0';
        code = onus_frames_compress(onus_buffer_view(&content), LEVEL, &pack, err);
        if (code == ONUS_OK) {
            code = onus_durable_folder(onus_vault_at(grave->vault), folder, err);
        }
        if (code == ONUS_OK) {
            code = write_file(grave, path, &pack, err);
        }
    }
    onus_buffer_clear(&content);
    onus_buffer_clear(&pack);
    return code;
}

static enum onus_code write_tomb(struct grave *grave, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_buffer bytes = {0};
    path_of(grave->part, ".tmb", path);
    onus_tomb_format(&grave->tomb, &bytes);
    enum onus_code code = write_file(grave, path, &bytes, err);
    onus_buffer_clear(&bytes);
    return code;
}

/* The keys that are gone are not written any more. The batch was opened with its tomb. */
static enum onus_code write_index(struct grave *grave, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_buffer bytes = {0};
    enum onus_code code = onus_batch_index(grave->batch, &grave->index, err);
    if (code == ONUS_OK) {
        path_of(grave->part, ".idx", path);
        onus_index_encode(grave->index, &bytes);
        code = write_file(grave, path, &bytes, err);
    }
    onus_buffer_clear(&bytes);
    return code;
}

static void add_varint(struct onus_buffer *out, uint64_t value)
{
    uint8_t bytes[ONUS_VARINT_MAX];
    onus_buffer_add(out, bytes, onus_varint_put(bytes, value));
}

/* How long the parts of an erased line were is not written any more. */
static enum onus_code write_cuts(struct grave *grave, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(grave->batch);
    uint64_t leaves = onus_manifest_number(manifest, ONUS_SLOT_LEAVES);
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_buffer bytes = {0};
    enum onus_code code = ONUS_OK;
    if ((onus_manifest_flags(manifest) & ONUS_BATCH_PARTS) == 0) {
        return ONUS_OK;
    }
    for (uint64_t leaf = 0; leaf < leaves && code == ONUS_OK; leaf++) {
        struct onus_batch_slot slots[ONUS_PARTS_MAX];
        size_t count = 0;
        code = onus_batch_record(grave->batch, leaf, slots, &count, err);
        add_varint(&bytes, count);
        for (size_t i = 0; i < count && code == ONUS_OK; i++) {
            onus_buffer_add_char(&bytes,
                    slots[i].erased ? (char)ONUS_SLOT_PART_TEXT : (char)slots[i].kind);
            add_varint(&bytes, slots[i].erased ? 0 : slots[i].value.len);
        }
    }
    path_of(grave->part, ".prt", path);
    if (code == ONUS_OK) {
        code = write_file(grave, path, &bytes, err);
    }
    onus_buffer_clear(&bytes);
    return code;
}

static enum onus_code wipe_pack(const struct grave *grave, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(grave->batch);
    struct onus_digest name = manifest->pack;
    char path[ONUS_BATCH_PATH_MAX];
    if (grave->part->rollup || manifest->pack_size == 0) {
        return ONUS_OK;
    }
    if (grave->part->generation > 1) {
        onus_tomb_pack_name(&manifest->pack, grave->part->generation - 1, &name);
    }
    onus_pack_path(&name, path);
    return onus_durable_wipe(onus_vault_at(grave->vault), path, err);
}

/* ---- one batch ------------------------------------------------------------------------------- */

static enum onus_code open_part(struct grave *grave, struct onus_error *err)
{
    const struct onus_erase_part *part = grave->part;
    const struct onus_source *source = onus_vault_source_tagged(grave->vault, &part->tag);
    if (!source) {
        return onus_fail(err, ONUS_E_MISSING, "the source of an erasure is not there");
    }
    return part->rollup ? onus_rollup_open(grave->vault, source, part->first, part->last,
                                  &grave->batch, err)
                        : onus_batch_open(grave->vault, source, part->first, &grave->batch, err);
}

static enum onus_code make_tomb(struct grave *grave, const struct onus_tomb_act *act,
        struct onus_error *err)
{
    enum onus_code code = onus_batch_index(grave->batch, &grave->index, err);
    if (code == ONUS_OK && !grave->part->rollup) {
        code = onus_batch_load(grave->batch, err);
    }
    if (code == ONUS_OK) {
        code = make_head(grave, act, err);
    }
    if (code == ONUS_OK) {
        code = make_slots(grave, err);
    }
    if (code == ONUS_OK && !grave->part->rollup) {
        code = write_pack(grave, err);
    }
    return code == ONUS_OK ? write_tomb(grave, err) : code;
}

enum onus_code onus_erase_bury(struct onus_vault *vault, const struct onus_erase_part *part,
        const struct onus_tomb_act *act, struct onus_error *err)
{
    struct grave grave = {.vault = vault, .part = part};
    onus_arena_init(&grave.arena, GRAVE_MAX);
    enum onus_code code = open_part(&grave, err);
    const struct onus_tomb *tomb = code == ONUS_OK ? onus_batch_tomb(grave.batch) : NULL;
    if (code == ONUS_OK && (!tomb || tomb->act_count < part->generation)) {
        code = make_tomb(&grave, act, err);
        /* From here on as everybody sees it: with the tomb. */
        onus_batch_close(grave.batch);
        grave.batch = NULL;
        if (code == ONUS_OK) {
            code = open_part(&grave, err);
        }
    }
    if (code == ONUS_OK) {
        code = write_index(&grave, err);
    }
    if (code == ONUS_OK && !part->rollup) {
        code = write_cuts(&grave, err);
    }
    if (code == ONUS_OK) {
        code = wipe_pack(&grave, err);
    }
    onus_batch_close(grave.batch);
    onus_arena_clear(&grave.arena);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer_parts.h"

#include "base/str.h"
#include <stdio.h>
#include <stdlib.h>

/* A batch whose lines are all there becomes files, then an entry, then part of what is signed. */

enum onus_code onus_seal_batch_open(struct onus_sealer *sealer, const struct onus_source *source,
        struct seal_batch **out, struct onus_error *err)
{
    struct seal_batch *batch = calloc(1, sizeof(*batch));
    if (!batch) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    batch->source = source;
    batch->seq = source->next_seq;
    batch->day = source->day;
    batch->first_time = batch->last_time = ONUS_TIME_NONE;
    batch->last_ended = true;
    for (size_t i = 0; i < sealer->round_count; i++) {
        /* Closed in this round and not yet in the log. */
        batch->seq = sealer->round[i]->seq + 1;
        batch->day = sealer->round[i]->day;
    }
    onus_index_builder_init(&batch->index, sealer->options.seed);
    onus_buffer_init(&batch->parts, (size_t)1 << 30);
    enum onus_code code = batch->seq > ONUS_SEQ_MAX
                                  ? onus_fail(err, ONUS_E_LIMIT, "the source has no numbers left")
                                  : onus_keytree_batch(&source->keys, batch->seq, &batch->key, err);
    if (code != ONUS_OK) {
        onus_seal_batch_free(batch);
        return code;
    }
    *out = batch;
    return ONUS_OK;
}

void onus_seal_batch_free(struct seal_batch *batch)
{
    if (batch) {
        onus_durable_abort(&batch->pack);
        onus_index_builder_clear(&batch->index);
        onus_buffer_clear(&batch->parts);
        free(batch->leaf);
        explicit_bzero(&batch->key, sizeof(batch->key));
        free(batch);
    }
}

static uint64_t leaves_of(const struct seal_batch *batch)
{
    return batch->source->profile == ONUS_PROFILE_PARTS ? batch->lines
                                                        : onus_commit_leaves(batch->lines);
}

enum onus_code onus_seal_batch_reserve(struct seal_batch *batch, struct onus_error *err)
{
    size_t need = (size_t)leaves_of(batch) + 1;
    if (need > batch->leaf_room) {
        size_t room = batch->leaf_room * 2 > need ? batch->leaf_room * 2 : need + 1024;
        struct onus_digest *bigger = realloc(batch->leaf, room * sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        batch->leaf = bigger;
        batch->leaf_room = room;
    }
    return ONUS_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static enum onus_code folder_of(int at, const char *path, struct onus_error *err)
{
    char folder[ONUS_BATCH_PATH_MAX];
    (void)snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    return onus_durable_folder(at, folder, err);
}

enum onus_code onus_seal_pack_begin(struct onus_sealer *sealer, struct seal_batch *batch,
        struct onus_error *err)
{
    int at = onus_vault_at(sealer->options.vault);
    if (batch->pack.file > 0) {
        return ONUS_OK;
    }
    onus_pack_name(&batch->key, &batch->pack_name);
    onus_pack_path(&batch->pack_name, batch->pack_path);
    enum onus_code code = folder_of(at, batch->pack_path, err);
    return code == ONUS_OK ? onus_durable_begin(&batch->pack, at, batch->pack_path, err) : code;
}

static enum onus_code finish_pack(struct seal_batch *batch, struct onus_error *err)
{
    struct onus_frame_patch patches[ONUS_FRAME_PATCHES];
    struct onus_buffer table = {0};
    uint64_t at = 0;
    size_t count = onus_frames_end(batch->bytes, patches, &table, &at);
    enum onus_code code = onus_buffer_status(&table, err);
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        code = onus_durable_put(&batch->pack,
                (struct onus_str){patches[i].bytes, patches[i].length}, patches[i].at, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_put(&batch->pack, onus_buffer_view(&table), at, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_settle(&batch->pack, at + table.len, err);
    }
    onus_buffer_clear(&table);
    return code;
}

static enum onus_code write_file(int at, const char *path, const struct onus_buffer *bytes,
        struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(bytes, err);
    return code == ONUS_OK ? onus_durable_write(at, path, onus_buffer_view(bytes), 0600, err)
                           : code;
}

/* ---- the manifest ---------------------------------------------------------------------------- */

/* Values of slots, as bytes that live as long as this struct. */
struct values {
    uint8_t first[8], last[8], sealed[8], lines[8], leaves[8];
    uint8_t index[ONUS_INDEX_SLOT49];
    uint8_t flags[17];
    struct onus_digest root;
};

static struct onus_str view(const void *bytes, size_t size)
{
    return (struct onus_str){bytes, size};
}

static uint64_t seconds(int64_t usec)
{
    return (uint64_t)(usec / ONUS_USEC);
}

static void fill_values(const struct onus_sealer *sealer, const struct seal_batch *batch,
        struct values *values, struct onus_manifest *manifest)
{
    const struct onus_sealer_options *options = &sealer->options;
    bool dated = batch->first_time != ONUS_TIME_NONE;
    if (dated) {
        onus_be64_put(values->first, seconds(batch->first_time));
        onus_be64_put(values->last, seconds(batch->last_time));
    }
    onus_be64_put(values->lines, batch->lines);
    onus_be64_put(values->leaves, leaves_of(batch));
    values->flags[0] = batch->flags;
    memcpy(values->flags + 1, options->boot_id, 16);
    struct onus_str *value = manifest->values - ONUS_SLOT_NAME;
    value[ONUS_SLOT_NAME] = batch->source->name;
    value[ONUS_SLOT_COLLECTOR] = options->collector;
    value[ONUS_SLOT_PREVIOUS] = onus_digest_view(&batch->source->previous);
    value[ONUS_SLOT_FIRST_TIME] = view(values->first, dated ? 8 : 0);
    value[ONUS_SLOT_LAST_TIME] = view(values->last, dated ? 8 : 0);
    value[ONUS_SLOT_SEALED_AT] = view(values->sealed, 8);
    value[ONUS_SLOT_LINES] = view(values->lines, 8);
    value[ONUS_SLOT_LEAVES] = view(values->leaves, 8);
    value[ONUS_SLOT_ROOT] = onus_digest_view(&values->root);
    value[ONUS_SLOT_INDEX] = view(values->index, sizeof(values->index));
    value[ONUS_SLOT_RULES] = onus_digest_view(&options->rules);
    value[ONUS_SLOT_ANCHOR] =
            options->has_anchor ? onus_digest_view(&options->anchor) : view(values, 0);
    value[ONUS_SLOT_FLAGS] = view(values->flags, options->has_boot_id ? 17 : 1);
}

static enum onus_code make_index(const struct onus_sealer *sealer, struct seal_batch *batch,
        uint64_t now, struct onus_arena *arena, struct onus_index *index, struct values *values,
        struct onus_error *err)
{
    int64_t when = batch->last_time != ONUS_TIME_NONE ? batch->last_time / ONUS_USEC : (int64_t)now;
    struct onus_net_rows *rows = onus_net_tables_nearest(&sealer->tables, when);
    struct onus_index_options options = {.decoy_key = &batch->key,
            .routed = rows ? onus_net_table_routed : NULL,
            .routed_data = rows};
    enum onus_code code = onus_index_build(&batch->index, &options, arena, index, err);
    struct onus_digest root;
    struct onus_index_salts salts = {.key = &batch->key, .first_slot = batch->slots};
    if (code == ONUS_OK) {
        code = onus_index_root(index, &salts, NULL, &root, err);
    }
    if (code == ONUS_OK) {
        onus_index_slot49(index->count, &root, values->index);
    }
    return code;
}

static enum onus_code make_root(struct onus_sealer *sealer, struct seal_batch *batch,
        struct onus_digest *root, struct onus_error *err)
{
    enum onus_code code = onus_seal_batch_reserve(batch, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (batch->carry_count > 0) {
        onus_commit_groups(sealer->workers[0].scratch, batch->carry, batch->carry_count,
                batch->leaf + batch->lines / ONUS_LINES_PER_LEAF);
    }
    onus_tree_root(NULL, batch->leaf, (size_t)leaves_of(batch), root);
    return ONUS_OK;
}

static void final_flags(struct onus_sealer *sealer, struct seal_batch *batch, uint64_t now)
{
    if (batch->lines == 0) {
        batch->flags |= ONUS_BATCH_HEARTBEAT;
    }
    if (!batch->last_ended) {
        batch->flags |= ONUS_BATCH_NO_LAST_LF;
    }
    if (batch->source->profile == ONUS_PROFILE_PARTS) {
        batch->flags |= ONUS_BATCH_PARTS;
    }
    if (now < batch->source->sealed_at) {
        batch->flags |= ONUS_BATCH_CLOCK_STEP;
    }
    if (sealer->missing_of == batch->source) {
        batch->flags |= sealer->missing;
        sealer->missing = 0;
        sealer->missing_of = NULL;
    }
}

/* ---- in order -------------------------------------------------------------------------------- */

/*
 * .prt and .idx, then .man: from then on the batch exists. Only then does the pack get its name
 * (vault_recover.c).
 */
static enum onus_code write_batch(struct onus_sealer *sealer, struct seal_batch *batch,
        const struct onus_manifest *manifest, const struct onus_index *index,
        struct onus_error *err)
{
    int at = onus_vault_at(sealer->options.vault);
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_buffer bytes = {0};
    onus_batch_path(&batch->source->tag, batch->seq, ".idx", path);
    enum onus_code code = folder_of(at, path, err);
    if (code == ONUS_OK) {
        onus_index_encode(index, &bytes);
        code = write_file(at, path, &bytes, err);
    }
    onus_buffer_clear(&bytes);
    if (code == ONUS_OK && batch->source->profile == ONUS_PROFILE_PARTS) {
        onus_batch_path(&batch->source->tag, batch->seq, ".prt", path);
        code = write_file(at, path, &batch->parts, err);
    }
    if (code == ONUS_OK) {
        /* A failure from here on may leave a manifest that exists: its pack must not go. */
        onus_durable_leave(&batch->pack);
        onus_manifest_format(manifest, &bytes);
        onus_batch_path(&batch->source->tag, batch->seq, ".man", path);
        code = write_file(at, path, &bytes, err);
    }
    onus_buffer_clear(&bytes);
    if (code != ONUS_OK || batch->bytes == 0) {
        return code;
    }
    return onus_durable_rename(at, batch->pack.path, batch->pack_path, err);
}

static enum onus_code enter(struct onus_sealer *sealer, struct seal_batch *batch,
        const struct onus_manifest *manifest, struct onus_error *err)
{
    struct onus_salt salts[ONUS_MANIFEST_SLOTS];
    struct onus_digest slots[ONUS_MANIFEST_SLOTS];
    struct onus_digest leaf;
    struct onus_buffer entry = {0};
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        onus_salt_of(&batch->key, manifest->slot + i, &salts[i]);
    }
    onus_manifest_commit(manifest, salts, slots, &entry, &leaf);
    enum onus_code code = onus_buffer_status(&entry, err);
    if (code == ONUS_OK) {
        code = onus_vault_enter(sealer->options.vault, batch->source, manifest,
                onus_buffer_view(&entry), &leaf, err);
    }
    onus_buffer_clear(&entry);
    if (code == ONUS_OK && onus_vault_signs_alone(sealer->options.vault)) {
        code = onus_vault_sign(sealer->options.vault, err);
    }
    return code;
}

static enum onus_code finish_in(struct onus_sealer *sealer, struct seal_batch *batch,
        struct onus_arena *arena, struct onus_error *err)
{
    struct values values;
    struct onus_index index;
    uint64_t now = sealer->options.now(sealer->options.data);
    struct onus_manifest manifest = {.profile = ONUS_PROFILE_MANIFEST,
            .tag = batch->source->tag,
            .first = batch->seq,
            .last = batch->seq,
            .entry = onus_log_size(onus_vault_log(sealer->options.vault)),
            .pack_size = batch->bytes,
            .day = batch->day,
            .has_from = batch->has_from,
            .from = batch->from};
    final_flags(sealer, batch, now);
    onus_be64_put(values.sealed, now);
    enum onus_code code = make_root(sealer, batch, &values.root, err);
    if (code == ONUS_OK) {
        code = make_index(sealer, batch, now, arena, &index, &values, err);
    }
    if (code == ONUS_OK && batch->bytes > 0) {
        manifest.pack = batch->pack_name;
        code = finish_pack(batch, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    fill_values(sealer, batch, &values, &manifest);
    manifest.slot = batch->slots + index.count * ONUS_INDEX_SLOTS;
    code = write_batch(sealer, batch, &manifest, &index, err);
    if (code == ONUS_OK) {
        code = enter(sealer, batch, &manifest, err);
    }
    if (code == ONUS_OK && sealer->options.sealed) {
        struct onus_sealed sealed = {.input = batch->input,
                .source = batch->source,
                .seq = batch->seq,
                .first_line = batch->first_line,
                .lines = batch->lines,
                .bytes = batch->bytes,
                .leaves = leaves_of(batch),
                .rows = index.count,
                .flags = batch->flags,
                .entry = manifest.entry};
        sealer->options.sealed(sealer->options.data, &sealed);
    }
    return code;
}

enum onus_code onus_seal_batch_finish(struct onus_sealer *sealer, struct seal_batch *batch,
        struct onus_error *err)
{
    struct onus_arena arena;
    onus_arena_init(&arena, ONUS_INDEX_MEMORY_MAX);
    enum onus_code code = finish_in(sealer, batch, &arena, err);
    onus_arena_clear(&arena);
    sealer->finished_lines += code == ONUS_OK ? batch->lines : 0;
    if (code != ONUS_OK) {
        onus_context(err, "batch %llu of source '" ONUS_STR_FMT "'", (unsigned long long)batch->seq,
                ONUS_STR_ARG(batch->source->name));
    }
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_roll.h"

#include "base/str.h"
#include "evidence/batch.h"
#include "evidence/rollup.h"
#include "sys/durable.h"
#include "vault_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    EXISTING_MAX = 65536
};

struct roll {
    struct onus_vault *vault;
    struct onus_str collector;
    uint64_t now;
    uint64_t made;
};

/* ---- what is there --------------------------------------------------------------------------- */

static enum onus_code list_batches(const struct roll *roll, const struct onus_source *source,
        struct onus_arena *arena, struct onus_rollup_batch **out, struct onus_error *err)
{
    struct onus_rollup_batch *batches =
            onus_arena_alloc(arena, (size_t)(source->next_seq + 1) * sizeof(*batches));
    if (!batches) {
        return onus_arena_reason(arena, err);
    }
    for (uint64_t seq = 0; seq < source->next_seq; seq++) {
        char path[ONUS_BATCH_PATH_MAX];
        struct onus_manifest manifest;
        struct onus_arena work;
        onus_batch_path(&source->tag, seq, ".man", path);
        onus_arena_init(&work, VAULT_FILE_MAX * 2);
        enum onus_code code =
                onus_manifest_load(onus_vault_at(roll->vault), path, &work, &manifest, err);
        if (code == ONUS_OK) {
            batches[seq] = (struct onus_rollup_batch){.seq = seq,
                    .has_time = onus_manifest_value(&manifest, ONUS_SLOT_LAST_TIME).len > 0,
                    .last_time = onus_manifest_number(&manifest, ONUS_SLOT_LAST_TIME)};
        }
        onus_arena_clear(&work);
        if (code != ONUS_OK) {
            return code;
        }
    }
    *out = batches;
    return ONUS_OK;
}

/* One whose entry never came into the log is no roll-up: it is made again in its place. */
static bool is_rollup(const struct roll *roll, const struct onus_source *source, const char *name,
        struct onus_rollup_range *out)
{
    struct onus_str rest = onus_str_of(name);
    struct onus_str head;
    struct onus_batch *batch = NULL;
    if (!onus_str_drop(&rest, ONUS_STR(".man")) || !onus_str_cut(&rest, '-', &head) ||
            !onus_str_to_u64(head, ONUS_SEQ_MAX, &out->first) ||
            !onus_str_to_u64(rest, ONUS_SEQ_MAX, &out->last)) {
        return false;
    }
    bool there =
            onus_rollup_open(roll->vault, source, out->first, out->last, &batch, NULL) == ONUS_OK;
    onus_batch_close(batch);
    return there;
}

static enum onus_code list_existing(const struct roll *roll, const struct onus_source *source,
        struct onus_arena *arena, struct onus_rollup_range **out, size_t *count,
        struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    onus_rollup_path(&source->tag, 0, 0, "", path);
    *strrchr(path, '/') = '\0';
    *count = 0;
    *out = onus_arena_alloc(arena, EXISTING_MAX * sizeof(**out));
    if (!*out) {
        return onus_arena_reason(arena, err);
    }
    int folder = openat(onus_vault_at(roll->vault), path,
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *names = folder < 0 ? NULL : fdopendir(folder);
    if (!names) {
        if (folder >= 0) {
            (void)close(folder);
        }
        return ONUS_OK;
    }
    const struct dirent *name = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    while ((name = readdir(names)) != NULL && *count < EXISTING_MAX) {
        *count += is_rollup(roll, source, name->d_name, *out + *count);
    }
    (void)closedir(names);
    return ONUS_OK;
}

/* ---- one roll-up ----------------------------------------------------------------------------- */

static enum onus_code write_one(struct roll *roll, const struct onus_source *source,
        struct onus_manifest *manifest, const struct onus_index *index, struct onus_error *err)
{
    int at = onus_vault_at(roll->vault);
    struct onus_log *log = onus_vault_log(roll->vault);
    struct onus_salt salts[ONUS_MANIFEST_SLOTS];
    struct onus_digest slots[ONUS_MANIFEST_SLOTS];
    struct onus_digest leaf;
    struct onus_buffer bytes = {0};
    struct onus_buffer entry = {0};
    char path[ONUS_BATCH_PATH_MAX];
    char folder[ONUS_BATCH_PATH_MAX];
    manifest->entry = onus_log_size(log);
    onus_rollup_path(&source->tag, manifest->first, manifest->last, ".idx", path);
    memcpy(folder, path, sizeof(folder));
    *strrchr(folder, '/') = '\0';
    onus_index_encode(index, &bytes);
    enum onus_code code = onus_buffer_status(&bytes, err);
    if (code == ONUS_OK) {
        code = onus_durable_folder(at, folder, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, path, onus_buffer_view(&bytes), 0600, err);
    }
    onus_buffer_clear(&bytes);
    onus_manifest_format(manifest, &bytes);
    if (code == ONUS_OK) {
        code = onus_buffer_status(&bytes, err);
    }
    onus_rollup_path(&source->tag, manifest->first, manifest->last, ".man", path);
    if (code == ONUS_OK) {
        code = onus_durable_write(at, path, onus_buffer_view(&bytes), 0600, err);
    }
    if (code == ONUS_OK) {
        code = onus_manifest_salts(&source->keys, manifest, salts, err);
    }
    if (code == ONUS_OK) {
        uint64_t index_of = 0;
        onus_manifest_commit(manifest, salts, slots, &entry, &leaf);
        code = onus_buffer_status(&entry, err);
        if (code == ONUS_OK) {
            code = onus_log_append(log, onus_buffer_view(&entry), &index_of, err);
        }
    }
    onus_buffer_clear(&bytes);
    onus_buffer_clear(&entry);
    return code;
}

static enum onus_code make_one(struct roll *roll, const struct onus_source *source,
        const struct onus_rollup_range *range, struct onus_arena *arena, struct onus_error *err)
{
    size_t count = (size_t)(range->last - range->first + 1);
    struct onus_batch **batches = calloc(count, sizeof(struct onus_batch *));
    struct onus_rollup_part *parts = calloc(count, sizeof(*parts));
    if (!batches || !parts) {
        free(batches);
        free(parts);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        code = onus_batch_open(roll->vault, source, range->first + i, &batches[i], err);
        if (code == ONUS_OK) {
            code = onus_batch_index(batches[i], &parts[i].index, err);
        }
        if (code == ONUS_OK) {
            parts[i].manifest = onus_batch_manifest(batches[i]);
            parts[i].leaf = onus_batch_leaf(batches[i]);
        }
    }
    struct onus_digest key;
    struct onus_index index;
    struct onus_manifest manifest;
    if (code == ONUS_OK) {
        onus_keytree_rollup(&source->keys, range->first, range->last, &key);
        code = onus_rollup_make(&(struct onus_rollup_making){.parts = parts,
                                        .part_count = count,
                                        .collector = roll->collector,
                                        .sealed_at = roll->now,
                                        .key = &key},
                arena, &index, &manifest, err);
    }
    if (code == ONUS_OK) {
        code = write_one(roll, source, &manifest, &index, err);
        roll->made += code == ONUS_OK;
    }
    for (size_t i = 0; i < count; i++) {
        onus_batch_close(batches[i]);
    }
    free(batches);
    free(parts);
    explicit_bzero(&key, sizeof(key));
    /* Without line numbers of erased batches there is no roll-up over them; that is no failure. */
    return code == ONUS_E_MISSING ? ONUS_OK : code;
}

static enum onus_code roll_source(struct roll *roll, const struct onus_source *source,
        struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_rollup_batch *batches = NULL;
    struct onus_rollup_range *existing = NULL;
    struct onus_rollup_range *due = NULL;
    size_t existing_count = 0;
    size_t due_count = 0;
    onus_arena_init(&arena, ONUS_INDEX_MEMORY_MAX);
    enum onus_code code = list_batches(roll, source, &arena, &batches, err);
    if (code == ONUS_OK) {
        code = list_existing(roll, source, &arena, &existing, &existing_count, err);
    }
    if (code == ONUS_OK) {
        code = onus_rollup_due(batches, (size_t)source->next_seq, existing, existing_count,
                roll->now, &arena, &due, &due_count, err);
    }
    for (size_t i = 0; i < due_count && code == ONUS_OK; i++) {
        struct onus_arena work;
        onus_arena_init(&work, ONUS_INDEX_MEMORY_MAX);
        code = make_one(roll, source, &due[i], &work, err);
        onus_arena_clear(&work);
    }
    onus_arena_clear(&arena);
    if (code != ONUS_OK) {
        onus_context(err, "roll-ups of source '" ONUS_STR_FMT "'", ONUS_STR_ARG(source->name));
    }
    return code;
}

enum onus_code onus_vault_roll(struct onus_vault *vault, struct onus_str collector, uint64_t now,
        uint64_t *made, struct onus_error *err)
{
    struct roll roll = {.vault = vault, .collector = collector, .now = now};
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < onus_vault_source_count(vault) && code == ONUS_OK; i++) {
        const struct onus_source *source = onus_vault_source_at(vault, i);
        if (source->next_seq > 1) {
            code = roll_source(&roll, source, err);
        }
    }
    if (code == ONUS_OK && roll.made > 0) {
        code = onus_log_flush(onus_vault_log(vault), err);
    }
    if (code == ONUS_OK && roll.made > 0 && onus_vault_signs_alone(vault)) {
        code = onus_vault_sign(vault, err);
    }
    *made = roll.made;
    return code;
}

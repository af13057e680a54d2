/* SPDX-License-Identifier: Apache-2.0 */
#include "erase_parts.h"
#include "vault_parts.h"

#include "sys/durable.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * What a crash can leave, and what becomes of it. The manifest is the point from which a batch exists:
 *
 *     a pack under its name of work, no manifest    removed: its lines are read again
 *     the same, with its manifest                   given its name
 *     a manifest or a source without its entry      entered; so the record of an erasure
 *     entries without a signature                   signed, when the vault signs alone
 *     an intent without its checkpoint              signed before all else (onus_vault_open())
 */

struct waiting {
    uint64_t entry;
    struct vault_source *source;
    uint64_t seq;
    bool is_source;         /* its N record */
    struct onus_str erased; /* an E record: the name of its file; no source */
};

struct waiting_list {
    struct waiting *items;
    size_t count, room;
};

static enum onus_code wait(struct waiting_list *list, struct waiting item, struct onus_error *err)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        struct waiting *bigger = realloc(list->items, room * sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        list->items = bigger;
        list->room = room;
    }
    list->items[list->count++] = item;
    return ONUS_OK;
}

/* Batches of a source from the newest down to the first that is in the signed log. */
static enum onus_code find_waiting(const struct onus_vault *vault, struct vault_source *source,
        struct waiting_list *list, struct onus_error *err)
{
    uint64_t size = onus_log_size(vault->log);
    enum onus_code code = ONUS_OK;
    if (source->public.entry >= size) {
        code = wait(list,
                (struct waiting){.entry = source->public.entry,
                        .source = source,
                        .is_source = true},
                err);
    }
    bool signed_already = false;
    for (uint64_t seq = source->public.next_seq; seq > 0 && code == ONUS_OK && !signed_already;
            seq--) {
        char path[ONUS_BATCH_PATH_MAX];
        struct onus_arena arena;
        struct onus_manifest manifest;
        onus_batch_path(&source->public.tag, seq - 1, ".man", path);
        onus_arena_init(&arena, VAULT_FILE_MAX * 2);
        code = onus_manifest_load(vault->at, path, &arena, &manifest, err);
        signed_already = code == ONUS_OK && manifest.entry < size;
        if (code == ONUS_OK && !signed_already) {
            code = wait(list,
                    (struct waiting){.entry = manifest.entry, .source = source, .seq = seq - 1},
                    err);
        }
        onus_arena_clear(&arena);
    }
    return code;
}

static int by_entry(const void *left, const void *right)
{
    uint64_t a = ((const struct waiting *)left)->entry;
    uint64_t b = ((const struct waiting *)right)->entry;
    return a < b ? -1 : a > b;
}

/* ---- erasures -------------------------------------------------------------------------------- */

struct erased_search {
    struct onus_vault *vault;
    struct waiting_list *list;
    struct onus_arena *arena; /* of names */
    uint64_t size;
};

static enum onus_code erased_seen(void *data, const char *name, struct onus_error *err)
{
    struct erased_search *search = data;
    struct onus_erased named;
    struct waiting item = {0};
    if (!onus_erased_name(name, &named) || named.entry < search->size) {
        return ONUS_OK;
    }
    item.entry = named.entry;
    enum onus_code code = onus_arena_copy(search->arena, onus_str_of(name), &item.erased, err);
    return code == ONUS_OK ? wait(search->list, item, err) : code;
}

static enum onus_code erased_entry(const struct onus_vault *vault, const char *name,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_erased erased;
    struct onus_digest leaf;
    onus_arena_init(&arena, VAULT_FILE_MAX);
    enum onus_code code = onus_erased_read(vault, name, &arena, &erased, err);
    if (code == ONUS_OK) {
        onus_erased_entry(&erased, out, &leaf);
        code = onus_buffer_status(out, err);
    }
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code entry_of(const struct onus_vault *vault, const struct waiting *item,
        struct onus_buffer *out, struct onus_error *err)
{
    if (item->erased.len > 0) {
        return erased_entry(vault, item->erased.ptr, out, err);
    }
    const struct onus_source *source = &item->source->public;
    struct onus_digest leaf;
    if (item->is_source) {
        return onus_source_entry(vault, source, out, &leaf, err);
    }
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_arena arena;
    struct onus_manifest manifest;
    struct onus_salt salts[ONUS_MANIFEST_SLOTS];
    struct onus_digest slots[ONUS_MANIFEST_SLOTS];
    onus_batch_path(&source->tag, item->seq, ".man", path);
    onus_arena_init(&arena, VAULT_FILE_MAX * 2);
    enum onus_code code = onus_manifest_load(vault->at, path, &arena, &manifest, err);
    if (code == ONUS_OK) {
        code = onus_manifest_salts(&source->keys, &manifest, salts, err);
    }
    if (code == ONUS_OK) {
        onus_manifest_commit(&manifest, salts, slots, out, &leaf);
        code = onus_buffer_status(out, err);
    }
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code enter_waiting(struct onus_vault *vault, const struct waiting_list *list,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < list->count && code == ONUS_OK; i++) {
        uint64_t index = 0;
        struct onus_buffer entry = {0};
        if (list->items[i].entry != onus_log_size(vault->log)) {
            return onus_fail(err, ONUS_E_MISMATCH,
                    "the log has %llu entries, but a batch says it is entry %llu",
                    (unsigned long long)onus_log_size(vault->log),
                    (unsigned long long)list->items[i].entry);
        }
        code = entry_of(vault, &list->items[i], &entry, err);
        if (code == ONUS_OK) {
            code = onus_log_append(vault->log, onus_buffer_view(&entry), &index, err);
        }
        onus_buffer_clear(&entry);
    }
    return code == ONUS_OK ? onus_log_flush(vault->log, err) : code;
}

/* ---- packs ----------------------------------------------------------------------------------- */

static enum onus_code pack_paths(const struct vault_source *source, uint64_t seq,
        char path[static ONUS_BATCH_PATH_MAX], char work[static VAULT_PATH], struct onus_error *err)
{
    struct onus_digest key;
    struct onus_digest name;
    enum onus_code code = onus_keytree_batch(&source->public.keys, seq, &key, err);
    if (code == ONUS_OK) {
        onus_pack_name(&key, &name);
        onus_pack_path(&name, path);
        (void)snprintf(work, VAULT_PATH, "%s.tmp", path);
    }
    explicit_bzero(&key, sizeof(key));
    return code;
}

/* The last batch that exists: its pack may wait for its name. */
static enum onus_code name_last_pack(const struct onus_vault *vault,
        const struct vault_source *source, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    char work[VAULT_PATH];
    bool there = false;
    if (source->public.next_seq == 0) {
        return ONUS_OK;
    }
    enum onus_code code = pack_paths(source, source->public.next_seq - 1, path, work, err);
    if (code == ONUS_E_MISSING) {
        if (err) {
            *err = (struct onus_error)ONUS_ERROR_INIT; /* erased: it was named long ago */
        }
        return ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = onus_durable_exists(vault->at, work, &there, err);
    }
    return code == ONUS_OK && there ? onus_durable_rename(vault->at, work, path, err) : code;
}

/* Packs of batches that do not exist: one, or those of one round. */
static enum onus_code remove_packs(const struct onus_vault *vault,
        const struct vault_source *source, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    bool there = true;
    for (uint64_t seq = source->public.next_seq; there && seq <= ONUS_SEQ_MAX && code == ONUS_OK;
            seq++) {
        char path[ONUS_BATCH_PATH_MAX];
        char work[VAULT_PATH];
        code = pack_paths(source, seq, path, work, err);
        if (code == ONUS_OK) {
            code = onus_durable_exists(vault->at, work, &there, err);
        }
        if (code == ONUS_OK && there) {
            code = onus_durable_remove(vault->at, work, err);
        }
    }
    return code;
}

enum onus_code onus_vault_recover(struct onus_vault *vault, struct onus_error *err)
{
    struct waiting_list list = {0};
    struct onus_arena names;
    onus_arena_init(&names, VAULT_FILE_MAX);
    struct erased_search search = {vault, &list, &names, onus_log_size(vault->log)};
    enum onus_code code =
            onus_erase_names(vault->at, ONUS_ERASED_FOLDER, erased_seen, &search, err);
    for (size_t i = 0; i < vault->source_count && code == ONUS_OK; i++) {
        struct vault_source *source = vault->sources[i];
        code = name_last_pack(vault, source, err);
        if (code == ONUS_OK) {
            code = remove_packs(vault, source, err);
        }
        if (code == ONUS_OK) {
            code = find_waiting(vault, source, &list, err);
        }
        if (code == ONUS_OK && source->public.next_seq != source->saved) {
            code = onus_source_save(vault, source, err);
        }
    }
    if (code == ONUS_OK && list.count > 0) {
        qsort(list.items, list.count, sizeof(*list.items), by_entry);
        code = enter_waiting(vault, &list, err);
        if (code == ONUS_OK && vault->signs_alone && vault->has_seed) {
            code = onus_vault_sign(vault, err);
        }
    }
    onus_arena_clear(&names);
    free(list.items);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "log_parts.h"

#include "base/str.h"
#include "sys/durable.h"

#include <stdio.h>
#include <stdlib.h>

struct check {
    int at;
    onus_fault_found fault;
    void *data;
    struct log_tile *levels; /* the right edge, from the entries */
    struct onus_frontier frontier;
};

static void tell(const struct check *check, enum onus_code code, const char *object,
        const char *words)
{
    check->fault(check->data, code, object, words);
}

static void tell_error(const struct check *check, const char *object, const struct onus_error *err)
{
    tell(check, err->code, object, err->text);
}

/* A tile on the disk has the hashes that the entries give. */
static void check_tile(const struct check *check, unsigned level)
{
    const struct log_tile *tile = &check->levels[level];
    struct onus_digest there[LOG_TILE];
    struct onus_error err = ONUS_ERROR_INIT;
    char path[LOG_PATH];
    onus_log_tile_path((int)level, tile->index, tile->count, path);
    if (onus_log_tile_read(check->at, level, tile->index, tile->count, there, &err) != ONUS_OK) {
        tell_error(check, path, &err);
    } else if (memcmp(there, tile->hashes, tile->count * sizeof(*there)) != 0) {
        tell(check, ONUS_E_MISMATCH, path, "its hashes are not those of the entries beneath");
    }
}

static enum onus_code add_leaf(struct check *check, const struct onus_digest *leaf,
        struct onus_error *err)
{
    enum onus_code code = onus_frontier_add(&check->frontier, leaf, err);
    struct log_tile *tile = &check->levels[0];
    tile->hashes[tile->count++] = *leaf;
    for (unsigned level = 0; level + 1 < LOG_LEVELS && check->levels[level].count == LOG_TILE;
            level++) {
        tile = &check->levels[level];
        check_tile(check, level);
        struct log_tile *above = &check->levels[level + 1];
        onus_tree_root(NULL, tile->hashes, LOG_TILE, &above->hashes[above->count]);
        above->count++;
        tile->index++;
        tile->count = 0;
    }
    return code;
}

/* All entries of the tree; false when one bundle could not be read, which was told. */
static enum onus_code walk_entries(struct check *check, uint64_t size, bool *whole,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    *whole = true;
    for (uint64_t at = 0; at < size && code == ONUS_OK && *whole; at += LOG_TILE) {
        unsigned width = size - at < LOG_TILE ? (unsigned)(size - at) : LOG_TILE;
        struct onus_str entries[LOG_TILE];
        struct onus_error mine = ONUS_ERROR_INIT;
        struct onus_arena arena;
        onus_arena_init(&arena, (size_t)LOG_ENTRIES_MAX * 2);
        if (onus_log_bundle_read(check->at, at / LOG_TILE, width, &arena, entries, &mine) !=
                ONUS_OK) {
            char path[LOG_PATH];
            onus_log_tile_path(LOG_ENTRIES, at / LOG_TILE, width, path);
            tell_error(check, path, &mine);
            *whole = false;
        }
        for (unsigned i = 0; i < width && *whole && code == ONUS_OK; i++) {
            struct onus_digest leaf;
            onus_leaf_hash(entries[i], &leaf);
            code = add_leaf(check, &leaf, err);
        }
        onus_arena_clear(&arena);
    }
    for (unsigned level = 0; level < LOG_LEVELS && code == ONUS_OK && *whole; level++) {
        if (check->levels[level].count > 0) {
            check_tile(check, level);
        }
    }
    return code;
}

static bool read_checkpoint(const struct check *check, const struct onus_vkey *key,
        struct onus_arena *arena, struct onus_checkpoint *out)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str bytes;
    struct onus_note note;
    size_t by = 0;
    enum onus_code code =
            onus_durable_read(check->at, LOG_CHECKPOINT, LOG_NOTE_MAX, arena, &bytes, &err);
    if (code == ONUS_OK) {
        code = onus_note_parse(bytes, &note, &err);
    }
    if (code == ONUS_OK) {
        code = onus_checkpoint_parse(note.text, out, &err);
    }
    if (code == ONUS_OK && !onus_str_eq(out->origin, key->name)) {
        code = onus_fail(&err, ONUS_E_MISMATCH,
                "it is of the log '" ONUS_STR_FMT "', a foreign one", ONUS_STR_ARG(out->origin));
    }
    if (code == ONUS_OK) {
        code = onus_note_verify(&note, key, 1, &by, &err);
    }
    if (code != ONUS_OK) {
        tell_error(check, LOG_CHECKPOINT, &err);
    }
    return code == ONUS_OK;
}

/* An intent is never behind what was signed, and of the same size it is the same text. */
static void check_intent(const struct check *check, const struct onus_checkpoint *checkpoint)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_arena arena;
    struct onus_str text;
    struct log_intent intent;
    onus_arena_init(&arena, (size_t)LOG_NOTE_MAX * 2);
    enum onus_code code =
            onus_durable_read(check->at, LOG_INTENT, LOG_NOTE_MAX, &arena, &text, &err);
    if (code == ONUS_OK) {
        code = onus_log_intent_parse(text, &intent, &err);
    }
    if (code != ONUS_OK) {
        tell_error(check, LOG_INTENT, &err);
    } else if (intent.size < checkpoint->size) {
        tell(check, ONUS_E_MISMATCH, LOG_INTENT, "it is older than the checkpoint");
    } else if (intent.size == checkpoint->size &&
               !onus_digest_eq(&intent.root, &checkpoint->root)) {
        tell(check, ONUS_E_MISMATCH, LOG_INTENT, "it names another root than the checkpoint");
    }
    onus_arena_clear(&arena);
}

static bool is_there(int at, const char *path)
{
    bool there = false;
    return onus_durable_exists(at, path, &there, NULL) != ONUS_OK || there;
}

static enum onus_code check_log(struct check *check, const struct onus_vkey *key,
        struct onus_error *err)
{
    struct onus_checkpoint checkpoint;
    struct onus_arena arena;
    bool whole = false;
    char tile[LOG_PATH];
    onus_log_tile_path(0, 0, 1, tile);
    onus_arena_init(&arena, (size_t)LOG_NOTE_MAX * 2);
    if (!is_there(check->at, LOG_CHECKPOINT)) {
        if (is_there(check->at, LOG_INTENT)) {
            tell(check, ONUS_E_MISSING, LOG_CHECKPOINT,
                    "it is missing, or its signature still waits");
        }
        return ONUS_OK;
    }
    enum onus_code code = ONUS_OK;
    if (read_checkpoint(check, key, &arena, &checkpoint)) {
        check_intent(check, &checkpoint);
        code = walk_entries(check, checkpoint.size, &whole, err);
        struct onus_digest root;
        onus_frontier_root(&check->frontier, &root);
        if (code == ONUS_OK && whole && !onus_digest_eq(&root, &checkpoint.root)) {
            tell(check, ONUS_E_MISMATCH, LOG_CHECKPOINT, "its root is not that of the entries");
        }
    }
    onus_arena_clear(&arena);
    return code;
}

enum onus_code onus_log_check(int at, const struct onus_vkey *key, onus_fault_found fault,
        void *data, struct onus_error *err)
{
    struct check check = {.at = at, .fault = fault, .data = data};
    check.levels = calloc(LOG_LEVELS, sizeof(*check.levels));
    if (!check.levels) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    onus_frontier_init(&check.frontier);
    enum onus_code code = check_log(&check, key, err);
    free(check.levels);
    return code;
}

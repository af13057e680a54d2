/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck.h"

#include "base/str.h"
#include "evidence/graves.h"
#include "log_parts.h"
#include "sys/durable.h"
#include "sys/frames.h"
#include "text/hex.h"
#include "vault_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fsck {
    const struct onus_vault *vault;
    const struct onus_fsck_options *options;
    struct onus_fsck_counts *counts;
    struct onus_digest *packs; /* names that manifests use */
    size_t pack_count, pack_room;
    uint64_t done, total;
    struct onus_arena arena; /* of graves */
    struct onus_graves graves;
};

static void tell(struct fsck *fsck, enum onus_code code, const char *object, const char *words)
{
    if (code == ONUS_E_MISMATCH) {
        fsck->counts->mismatches++;
    } else {
        fsck->counts->unknown++;
    }
    fsck->options->fault(fsck->options->data, code, object, words);
}

static void tell_through(void *data, enum onus_code code, const char *object, const char *words)
{
    tell(data, code, object, words);
}

/* ---- one batch ------------------------------------------------------------------------------- */

static enum onus_code keep_pack(struct fsck *fsck, const struct onus_digest *name,
        struct onus_error *err)
{
    if (fsck->pack_count == fsck->pack_room) {
        size_t room = fsck->pack_room == 0 ? 256 : fsck->pack_room * 2;
        struct onus_digest *bigger = realloc(fsck->packs, room * sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        fsck->packs = bigger;
        fsck->pack_room = room;
    }
    fsck->packs[fsck->pack_count++] = *name;
    return ONUS_OK;
}

/* What a manifest says of its place among the others. */
static void check_place(struct fsck *fsck, const struct onus_batch *batch, const char *path,
        const struct onus_digest *previous)
{
    const struct onus_source *source = onus_batch_source(batch);
    const struct onus_manifest *manifest = onus_batch_manifest(batch);
    bool parts = (onus_manifest_flags(manifest) & ONUS_BATCH_PARTS) != 0;
    if (!onus_str_eq(onus_manifest_value(manifest, ONUS_SLOT_PREVIOUS),
                onus_digest_view(previous))) {
        tell(fsck, ONUS_E_MISMATCH, path, "slot 42 is not the batch before");
    }
    if (!onus_str_eq(onus_manifest_value(manifest, ONUS_SLOT_NAME), source->name)) {
        tell(fsck, ONUS_E_MISMATCH, path, "it names another source");
    }
    if (parts != (source->profile == ONUS_PROFILE_PARTS)) {
        tell(fsck, ONUS_E_MISMATCH, path, "its leaves are not of the profile of its source");
    }
    struct onus_digest name;
    const struct onus_tomb *tomb = onus_batch_tomb(batch);
    if (tomb) {
        onus_tomb_pack_name(&manifest->pack, tomb->act_count, &name);
    } else {
        onus_pack_name(onus_batch_key(batch), &name);
    }
    const struct onus_digest *named = tomb ? &tomb->pack : &manifest->pack;
    if ((tomb ? tomb->pack_size : manifest->pack_size) > 0 && !onus_digest_eq(&name, named)) {
        tell(fsck, ONUS_E_MISMATCH, path, "it names another pack than its own");
    }
}

/* What was erased stands in the log. */
static void check_tomb(struct fsck *fsck, const struct onus_batch *batch, const char *path)
{
    const struct onus_manifest *manifest = onus_batch_manifest(batch);
    const struct onus_tomb *tomb = onus_batch_tomb(batch);
    uint64_t recorded = onus_graves_lines(&fsck->graves, &manifest->tag, manifest->first);
    uint64_t erased = tomb ? onus_tomb_lines(tomb) : 0;
    fsck->counts->erased += erased;
    if (erased != recorded && !fsck->graves.pending) {
        tell(fsck, ONUS_E_MISMATCH, path, "other lines were erased than the records of it say");
    }
}

/* Each line stands under one key, once. */
static void check_postings(struct fsck *fsck, const struct onus_index *index, uint64_t lines,
        const char *path)
{
    uint8_t *seen = calloc((size_t)lines / 8 + 1, 1);
    uint64_t count = 0;
    bool wrong = !seen;
    for (size_t row = 0; row < index->count && !wrong; row++) {
        struct onus_postings postings = onus_postings_of(index, row);
        while (!wrong && onus_postings_next(&postings)) {
            uint64_t line = postings.line;
            wrong = line >= lines || (seen[line / 8] >> line % 8 & 1) != 0;
            if (!wrong) {
                seen[line / 8] |= (uint8_t)(1u << line % 8);
                count++;
            }
        }
    }
    free(seen);
    if (wrong || count != lines) {
        tell(fsck, ONUS_E_MISMATCH, path, "its index does not hold each line once");
    }
}

static enum onus_code compress_pack(struct fsck *fsck, const struct onus_batch *batch,
        const char *path, struct onus_error *err)
{
    struct onus_str pack;
    struct onus_arena arena;
    struct onus_buffer smaller = {0};
    size_t bound = onus_frames_bound(onus_batch_bytes(batch).len);
    onus_arena_init(&arena, bound * 2);
    enum onus_code code =
            onus_durable_read(onus_vault_at(fsck->vault), path, bound, &arena, &pack, err);
    bool stored = code == ONUS_OK && onus_frames_is_stored(pack);
    onus_arena_clear(&arena);
    if (!stored) {
        return code;
    }
    onus_buffer_init(&smaller, bound * 2 + 4 * ONUS_FRAME_BYTES);
    code = onus_frames_compress(onus_batch_bytes(batch), fsck->options->level, &smaller, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(onus_vault_at(fsck->vault), path, onus_buffer_view(&smaller),
                0600, err);
        fsck->counts->compressed += code == ONUS_OK;
    }
    onus_buffer_clear(&smaller);
    return code;
}

static enum onus_code check_batch(struct fsck *fsck, struct onus_batch *batch, const char *path,
        const struct onus_digest *previous, struct onus_error *err)
{
    const struct onus_manifest *manifest = onus_batch_manifest(batch);
    const struct onus_index *index = NULL;
    struct onus_error mine = ONUS_ERROR_INIT;
    uint64_t lines = onus_manifest_number(manifest, ONUS_SLOT_LINES);
    check_place(fsck, batch, path, previous);
    check_tomb(fsck, batch, path);
    if (onus_batch_index(batch, &index, &mine) != ONUS_OK) {
        tell(fsck, mine.code, path, mine.text);
    } else {
        check_postings(fsck, index, lines, path);
    }
    mine = (struct onus_error)ONUS_ERROR_INIT;
    bool loaded = onus_batch_load(batch, &mine) == ONUS_OK;
    if (!loaded) {
        tell(fsck, mine.code, path, mine.text);
    }
    fsck->counts->lines += lines;
    const struct onus_tomb *tomb = onus_batch_tomb(batch);
    uint64_t size = tomb ? tomb->pack_size : manifest->pack_size;
    const struct onus_digest *name = tomb ? &tomb->pack : &manifest->pack;
    fsck->counts->bytes += size;
    if (size == 0) {
        return ONUS_OK;
    }
    enum onus_code code = keep_pack(fsck, name, err);
    if (code == ONUS_OK && loaded && fsck->options->compress) {
        char pack[ONUS_BATCH_PATH_MAX];
        onus_pack_path(name, pack);
        code = compress_pack(fsck, batch, pack, err);
    }
    return code;
}

/* ---- one source ------------------------------------------------------------------------------ */

static void check_introduction(struct fsck *fsck, const struct onus_source *source,
        struct onus_digest *leaf)
{
    struct onus_error mine = ONUS_ERROR_INIT;
    struct onus_digest logged;
    char path[VAULT_PATH];
    const struct onus_log *log = onus_vault_log(fsck->vault);
    onus_source_path(&source->tag, path);
    enum onus_code code = onus_source_entry(fsck->vault, source, NULL, leaf, &mine);
    if (code == ONUS_OK && source->entry < onus_log_size(log)) {
        code = onus_log_leaf(log, source->entry, &logged, &mine);
        if (code == ONUS_OK && !onus_digest_eq(leaf, &logged)) {
            code = onus_fail(&mine, ONUS_E_MISMATCH,
                    "it is not what entry %llu of the log commits to",
                    (unsigned long long)source->entry);
        }
    }
    if (code != ONUS_OK) {
        tell(fsck, code, path, mine.text);
    }
}

/* Latest positions by file, as the manifests tell them. */
struct places {
    struct onus_position *items;
    size_t count, room;
};

static enum onus_code note_place(struct places *places, const struct onus_position *position,
        struct onus_error *err)
{
    for (size_t i = places->count; i-- > 0;) {
        if (places->items[i].file == position->file) {
            places->items[i] = *position;
            return ONUS_OK;
        }
    }
    if (places->count == places->room) {
        size_t room = places->room == 0 ? 64 : places->room * 2;
        struct onus_position *bigger = realloc(places->items, room * sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        places->items = bigger;
        places->room = room;
    }
    places->items[places->count++] = *position;
    return ONUS_OK;
}

static bool same_position(const struct onus_position *a, const struct onus_position *b)
{
    return a->file == b->file && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->lines == b->lines && a->bytes == b->bytes &&
           a->head_length == b->head_length && a->tail_length == b->tail_length &&
           onus_digest_eq(&a->head, &b->head) && onus_digest_eq(&a->tail, &b->tail);
}

static void check_positions(struct fsck *fsck, const struct onus_source *source,
        const struct places *places)
{
    size_t want = places->count < ONUS_POSITIONS_MAX ? places->count : ONUS_POSITIONS_MAX;
    bool wrong = source->position_count != want;
    for (size_t i = 0; i < source->position_count && !wrong; i++) {
        bool found = false;
        for (size_t j = places->count; j-- > 0 && !found;) {
            found = same_position(&source->positions[i], &places->items[j]);
        }
        wrong = !found;
    }
    if (wrong) {
        char path[VAULT_PATH];
        onus_source_path(&source->tag, path);
        tell(fsck, ONUS_E_MISMATCH, path, "how far files were read is not what the manifests say");
    }
}

/* A batch that cannot be judged has a pack all the same. */
static enum onus_code keep_its_pack(struct fsck *fsck, const char *path, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_manifest manifest;
    onus_arena_init(&arena, VAULT_FILE_MAX * 2);
    bool read = onus_manifest_load(onus_vault_at(fsck->vault), path, &arena, &manifest, NULL) ==
                ONUS_OK;
    enum onus_code code =
            read && manifest.pack_size > 0 ? keep_pack(fsck, &manifest.pack, err) : ONUS_OK;
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code check_source(struct fsck *fsck, const struct onus_source *source,
        struct onus_error *err)
{
    struct onus_digest previous;
    struct places places = {0};
    bool whole = true;
    enum onus_code code = ONUS_OK;
    check_introduction(fsck, source, &previous);
    for (uint64_t seq = 0; seq < source->next_seq && code == ONUS_OK; seq++) {
        char path[ONUS_BATCH_PATH_MAX];
        struct onus_batch *batch = NULL;
        struct onus_error mine = ONUS_ERROR_INIT;
        onus_batch_path(&source->tag, seq, ".man", path);
        if (onus_batch_open(fsck->vault, source, seq, &batch, &mine) != ONUS_OK) {
            tell(fsck, mine.code, path, mine.text);
            code = keep_its_pack(fsck, path, err);
            whole = false;
            continue;
        }
        if (!whole) {
            /* Where one is missing, the next cannot be compared with it. */
            memcpy(previous.bytes,
                    onus_manifest_value(onus_batch_manifest(batch), ONUS_SLOT_PREVIOUS).ptr,
                    sizeof(previous.bytes));
        }
        code = check_batch(fsck, batch, path, &previous, err);
        previous = *onus_batch_leaf(batch);
        if (code == ONUS_OK && onus_batch_manifest(batch)->has_from) {
            code = note_place(&places, &onus_batch_manifest(batch)->from, err);
        }
        onus_batch_close(batch);
        fsck->counts->batches++;
        fsck->done++;
        if (fsck->options->progress) {
            fsck->options->progress(fsck->options->data, fsck->done, fsck->total);
        }
    }
    if (code == ONUS_OK && whole) {
        check_positions(fsck, source, &places);
    }
    free(places.items);
    return code;
}

/* ---- roll-ups -------------------------------------------------------------------------------- */

static void check_rollup(struct fsck *fsck, const struct onus_source *source, const char *name)
{
    struct onus_str rest = onus_str_of(name);
    struct onus_str head;
    uint64_t first = 0;
    uint64_t last = 0;
    if (!onus_str_drop(&rest, ONUS_STR(".man")) || !onus_str_cut(&rest, '-', &head) ||
            !onus_str_to_u64(head, ONUS_SEQ_MAX, &first) ||
            !onus_str_to_u64(rest, ONUS_SEQ_MAX, &last)) {
        return;
    }
    struct onus_error mine = ONUS_ERROR_INIT;
    struct onus_batch *batch = NULL;
    const struct onus_index *index = NULL;
    char path[ONUS_BATCH_PATH_MAX];
    onus_rollup_path(&source->tag, first, last, ".man", path);
    enum onus_code code = onus_rollup_open(fsck->vault, source, first, last, &batch, &mine);
    if (code == ONUS_OK) {
        code = onus_batch_index(batch, &index, &mine);
    }
    if (code != ONUS_OK) {
        tell(fsck, code, path, mine.text);
    }
    onus_batch_close(batch);
    fsck->counts->rollups++;
}

typedef void (
        *name_seen)(struct fsck *fsck, const void *data, const char *folder, const char *name);

static void each_name(struct fsck *fsck, const char *folder, name_seen seen, const void *data)
{
    int descriptor = openat(onus_vault_at(fsck->vault), folder,
            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *names = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!names) {
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return;
    }
    const struct dirent *name = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    while ((name = readdir(names)) != NULL) {
        if (name->d_name[0] != '.') {
            seen(fsck, data, folder, name->d_name);
        }
    }
    (void)closedir(names);
}

static void rollup_seen(struct fsck *fsck, const void *data, const char *folder, const char *name)
{
    (void)folder;
    check_rollup(fsck, data, name);
}

static void check_rollups(struct fsck *fsck, const struct onus_source *source)
{
    char folder[VAULT_PATH];
    char tag[33];
    onus_hex_put(tag, (struct onus_str){(const char *)source->tag.bytes, 16});
    (void)snprintf(folder, sizeof(folder), "vault/batch/%.32s/roll", tag);
    each_name(fsck, folder, rollup_seen, source);
}

/* ---- entries --------------------------------------------------------------------------------- */

/* What the log introduces or counts must be there: a source whose file is gone would not be missed. */
static void check_entry(struct fsck *fsck, uint64_t index, struct onus_str entry)
{
    struct onus_tag tag;
    char path[VAULT_PATH];
    char profile = entry.len > 0 ? entry.ptr[0] : '\0';
    if (profile == ONUS_PROFILE_ERASED && !onus_graves_has(&fsck->graves, index)) {
        tell(fsck, ONUS_E_MISSING, ONUS_ERASED_FOLDER,
                "the log has the record of an erasure, and its file is not there");
    }
    if ((profile != ONUS_PROFILE_SOURCE && profile != ONUS_PROFILE_MANIFEST) || entry.len < 25) {
        return;
    }
    memcpy(tag.bytes, entry.ptr + 1, sizeof(tag.bytes));
    const struct onus_source *source = onus_vault_source_tagged(fsck->vault, &tag);
    onus_source_path(&tag, path);
    bool there = false;
    bool known = onus_durable_exists(onus_vault_at(fsck->vault), path, &there, NULL) == ONUS_OK;
    if (!source && profile == ONUS_PROFILE_SOURCE && known && !there) {
        tell(fsck, ONUS_E_MISSING, path,
                "the log introduces this source, and its file is not there");
    }
    if (source && profile == ONUS_PROFILE_MANIFEST &&
            onus_be64_get(entry.ptr + 17) >= source->next_seq) {
        onus_batch_path(&tag, onus_be64_get(entry.ptr + 17), ".man", path);
        tell(fsck, ONUS_E_MISSING, path, "the log has this batch, and its manifest is not there");
    }
}

static enum onus_code check_entries(struct fsck *fsck, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (uint64_t at = 0; at < fsck->counts->entries && code == ONUS_OK; at += LOG_TILE) {
        uint64_t left = fsck->counts->entries - at;
        unsigned width = left < LOG_TILE ? (unsigned)left : LOG_TILE;
        struct onus_str entries[LOG_TILE];
        struct onus_arena arena;
        onus_arena_init(&arena, (size_t)LOG_ENTRIES_MAX * 2);
        /* A bundle that cannot be read was told by onus_log_check(). */
        enum onus_code got = onus_log_bundle_read(onus_vault_at(fsck->vault), at / LOG_TILE, width,
                &arena, entries, NULL);
        for (unsigned i = 0; i < width && got == ONUS_OK; i++) {
            check_entry(fsck, at + i, entries[i]);
        }
        onus_arena_clear(&arena);
        code = got == ONUS_E_MEMORY ? onus_fail(err, got, "out of memory") : ONUS_OK;
    }
    return code;
}

/* ---- packs nobody names ---------------------------------------------------------------------- */

static int by_bytes(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct onus_digest));
}

static void pack_seen(struct fsck *fsck, const void *data, const char *folder, const char *name)
{
    (void)data;
    struct onus_digest digest;
    char hex[65];
    char path[VAULT_PATH];
    const char *group = strrchr(folder, '/') + 1;
    (void)snprintf(path, sizeof(path), "%.60s/%.100s", folder, name);
    (void)snprintf(hex, sizeof(hex), "%.2s%.62s", group, name);
    bool known = strlen(name) == 62 && onus_hex_exact(onus_str_of(hex), digest.bytes, 32) &&
                 fsck->pack_count > 0 &&
                 bsearch(&digest, fsck->packs, fsck->pack_count, sizeof(digest), by_bytes) != NULL;
    if (!known && fsck->options->leftover) {
        fsck->options->leftover(fsck->options->data, path);
    }
}

static void group_seen(struct fsck *fsck, const void *data, const char *folder, const char *name)
{
    char path[VAULT_PATH];
    (void)snprintf(path, sizeof(path), "%.60s/%.100s", folder, name);
    if (strlen(name) == 2) {
        each_name(fsck, path, pack_seen, data);
    } else if (fsck->options->leftover) {
        fsck->options->leftover(fsck->options->data, path);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

/* The policy of the case names the log of the case; a policy that does not would judge nothing. */
static void check_policy(struct fsck *fsck)
{
    struct onus_arena arena;
    struct onus_str text;
    struct onus_error mine = ONUS_ERROR_INIT;
    onus_arena_init(&arena, VAULT_FILE_MAX);
    enum onus_code code = onus_durable_read(onus_vault_at(fsck->vault), VAULT_POLICY,
            VAULT_FILE_MAX / 2, &arena, &text, &mine);
    if (code != ONUS_OK) {
        tell(fsck, code, VAULT_POLICY, mine.text);
    } else if (!onus_str_has(text, fsck->vault->facts.key)) {
        tell(fsck, ONUS_E_MISMATCH, VAULT_POLICY, "it does not name the log of this case");
    }
    onus_arena_clear(&arena);
}

enum onus_code onus_fsck(const struct onus_vault *vault, const struct onus_fsck_options *options,
        struct onus_fsck_counts *counts, struct onus_error *err)
{
    struct fsck fsck = {.vault = vault, .options = options, .counts = counts};
    *counts = (struct onus_fsck_counts){.sources = onus_vault_source_count(vault),
            .entries = onus_log_size(onus_vault_log(vault))};
    for (size_t i = 0; i < counts->sources; i++) {
        fsck.total += onus_vault_source_at(vault, i)->next_seq;
    }
    onus_arena_init(&fsck.arena, (size_t)4 << 30);
    check_policy(&fsck);
    enum onus_code code =
            onus_graves_load(vault, tell_through, &fsck, &fsck.arena, &fsck.graves, err);
    if (code == ONUS_OK) {
        code = onus_log_check(onus_vault_at(vault), onus_vault_key(vault), tell_through, &fsck,
                err);
    }
    if (code == ONUS_OK) {
        code = check_entries(&fsck, err);
    }
    for (size_t i = 0; i < counts->sources && code == ONUS_OK; i++) {
        const struct onus_source *source = onus_vault_source_at(vault, i);
        code = check_source(&fsck, source, err);
        check_rollups(&fsck, source);
    }
    if (code == ONUS_OK) {
        if (fsck.pack_count > 0) {
            qsort(fsck.packs, fsck.pack_count, sizeof(*fsck.packs), by_bytes);
        }
        each_name(&fsck, VAULT_PACKS, group_seen, NULL);
    }
    onus_arena_clear(&fsck.arena);
    free(fsck.packs);
    return code;
}

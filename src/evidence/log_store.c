/* SPDX-License-Identifier: Apache-2.0 */
#include "log_parts.h"

#include "base/str.h"
#include "sys/durable.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- reading what is there ------------------------------------------------------------------- */

static enum onus_code parse_note(struct onus_str bytes, struct onus_checkpoint *out,
        struct onus_error *err)
{
    struct onus_note note;
    enum onus_code code = onus_note_parse(bytes, &note, err);
    if (code == ONUS_OK) {
        code = onus_checkpoint_parse(note.text, out, err);
    }
    if (code != ONUS_OK) {
        onus_context(err, "'%s'", LOG_CHECKPOINT);
    }
    return code;
}

static enum onus_code read_checkpoint(struct onus_log *log, struct onus_error *err)
{
    onus_arena_clear(&log->note_arena);
    log->has_checkpoint = false;
    enum onus_code code = onus_durable_read(log->at, LOG_CHECKPOINT, LOG_NOTE_MAX, &log->note_arena,
            &log->note, err);
    if (code == ONUS_E_MISSING) {
        return ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = parse_note(log->note, &log->checkpoint, err);
    }
    log->has_checkpoint = code == ONUS_OK;
    return code;
}

static enum onus_code read_intent(struct onus_log *log, struct onus_error *err)
{
    struct onus_str text;
    onus_arena_clear(&log->intent_arena);
    log->has_intent = false;
    enum onus_code code =
            onus_durable_read(log->at, LOG_INTENT, LOG_NOTE_MAX, &log->intent_arena, &text, err);
    if (code == ONUS_E_MISSING) {
        return ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = onus_log_intent_parse(text, &log->intent, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", LOG_INTENT);
        }
    }
    log->has_intent = code == ONUS_OK;
    return code;
}

static uint64_t signed_size(const struct onus_log *log)
{
    return log->has_checkpoint ? log->checkpoint.size : 0;
}

bool onus_log_pending(const struct onus_log *log)
{
    if (!log->has_intent) {
        return false;
    }
    struct onus_checkpoint body;
    return log->intent.size > signed_size(log) ||
           (onus_checkpoint_parse(log->intent.body, &body, NULL) == ONUS_OK &&
                   log->has_checkpoint && log->intent.size == log->checkpoint.size &&
                   !onus_str_eq(body.origin, log->checkpoint.origin));
}

/* The right edge of the tree of this size, out of the tiles. */
static enum onus_code load_levels(int at, uint64_t size, struct log_tile levels[static LOG_LEVELS],
        struct onus_error *err)
{
    for (unsigned level = 0; level < LOG_LEVELS; level++) {
        uint64_t hashes = size >> (8 * level);
        levels[level].index = hashes / LOG_TILE;
        levels[level].count = (unsigned)(hashes % LOG_TILE);
        if (levels[level].count == 0) {
            continue;
        }
        enum onus_code code = onus_log_tile_read(at, level, levels[level].index,
                levels[level].count, levels[level].hashes, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static void frontier_of(uint64_t size, const struct log_tile levels[static LOG_LEVELS],
        struct onus_frontier *out)
{
    onus_frontier_init(out);
    out->size = size;
    size_t count = 0;
    for (unsigned bit = 64; bit-- > 0;) {
        if ((size >> bit & 1) == 0) {
            continue;
        }
        /* The subtree of 2^bit leaves: 2^(bit % 8) hashes of its level, after the larger ones. */
        const struct log_tile *tile = &levels[bit / 8];
        size_t width = (size_t)1 << bit % 8;
        size_t first = tile->count & ~(2 * width - 1);
        struct onus_digest hashes[LOG_TILE];
        memcpy(hashes, tile->hashes + first, width * sizeof(*hashes));
        onus_tree_root(NULL, hashes, width, &out->hashes[count++]);
    }
}

/*
 * The bundle the next entry goes into. Each entry of it has the leaf hash that stands in the tile.
 */
static enum onus_code load_bundle(struct onus_log *log, struct onus_error *err)
{
    unsigned width = log->levels[0].count;
    onus_buffer_clear(&log->bundle);
    onus_buffer_init(&log->bundle, LOG_ENTRIES_MAX);
    if (width == 0) {
        return ONUS_OK;
    }
    struct onus_arena arena;
    onus_arena_init(&arena, (size_t)LOG_ENTRIES_MAX * 2);
    struct onus_str entries[LOG_TILE];
    enum onus_code code =
            onus_log_bundle_read(log->at, log->levels[0].index, width, &arena, entries, err);
    for (unsigned i = 0; i < width && code == ONUS_OK; i++) {
        struct onus_digest leaf;
        onus_leaf_hash(entries[i], &leaf);
        if (!onus_digest_eq(&leaf, &log->levels[0].hashes[i])) {
            code = onus_fail(err, ONUS_E_MISMATCH, "entry %llu of the log is not what was hashed",
                    (unsigned long long)log->levels[0].index * LOG_TILE + i);
        }
        uint8_t length[2] = {(uint8_t)(entries[i].len >> 8), (uint8_t)entries[i].len};
        onus_buffer_add(&log->bundle, length, sizeof(length));
        onus_buffer_add_str(&log->bundle, entries[i]);
    }
    onus_arena_clear(&arena);
    return code == ONUS_OK ? onus_buffer_status(&log->bundle, err) : code;
}

static enum onus_code wrong_root(struct onus_log *log, const char *file, struct onus_error *err)
{
    (void)log;
    return onus_fail(err, ONUS_E_MISMATCH,
            "the tiles under 'vault/log/tile' do not lead to the root in '%s': the log is damaged "
            "or foreign",
            file);
}

/* Bring memory to what the disk says of the first `size` entries. */
static enum onus_code load(struct onus_log *log, uint64_t size, const struct onus_digest *root,
        const char *file, struct onus_error *err)
{
    enum onus_code code = load_levels(log->at, size, log->levels, err);
    if (code != ONUS_OK) {
        return code;
    }
    frontier_of(size, log->levels, &log->frontier);
    struct onus_digest got;
    onus_frontier_root(&log->frontier, &got);
    if (root && !onus_digest_eq(&got, root)) {
        return wrong_root(log, file, err);
    }
    log->size = log->flushed = size;
    log->reader.size = size;
    return log->write ? load_bundle(log, err) : ONUS_OK;
}

/* The signed tree is the beginning of the one in the intent. */
static enum onus_code check_prefix(struct onus_log *log, struct onus_error *err)
{
    if (!log->has_checkpoint) {
        return ONUS_OK;
    }
    struct onus_digest root;
    enum onus_code code = onus_log_root_at(log, log->checkpoint.size, &root, err);
    if (code == ONUS_OK && !onus_digest_eq(&root, &log->checkpoint.root)) {
        code = wrong_root(log, LOG_CHECKPOINT, err);
    }
    return code;
}

static enum onus_code read_all(struct onus_log *log, struct onus_error *err)
{
    enum onus_code code = read_checkpoint(log, err);
    if (code == ONUS_OK) {
        code = read_intent(log, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (log->has_checkpoint && !onus_str_eq(log->checkpoint.origin, log->origin) &&
            !onus_log_pending(log)) {
        return onus_fail(err, ONUS_E_MISMATCH,
                "'%s' is of the log '" ONUS_STR_FMT "', a foreign one", LOG_CHECKPOINT,
                ONUS_STR_ARG(log->checkpoint.origin));
    }
    if (log->write && onus_log_pending(log)) {
        code = load(log, log->intent.size, &log->intent.root, LOG_INTENT, err);
        return code == ONUS_OK ? check_prefix(log, err) : code;
    }
    return load(log, signed_size(log), log->has_checkpoint ? &log->checkpoint.root : NULL,
            LOG_CHECKPOINT, err);
}

enum onus_code onus_log_open(int at, struct onus_str origin, bool write, struct onus_log **out,
        struct onus_error *err)
{
    struct onus_log *log = calloc(1, sizeof(*log));
    if (!log) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    log->at = at;
    log->origin = origin;
    log->write = write;
    log->reader.at = at;
    onus_arena_init(&log->note_arena, (size_t)LOG_NOTE_MAX * 4);
    onus_arena_init(&log->intent_arena, (size_t)LOG_NOTE_MAX * 4);
    onus_buffer_init(&log->bundle, LOG_ENTRIES_MAX);
    enum onus_code code = read_all(log, err);
    if (code != ONUS_OK) {
        onus_log_close(log);
        return code;
    }
    *out = log;
    return ONUS_OK;
}

void onus_log_close(struct onus_log *log)
{
    if (log) {
        onus_arena_clear(&log->note_arena);
        onus_arena_clear(&log->intent_arena);
        onus_buffer_clear(&log->bundle);
        free(log);
    }
}

uint64_t onus_log_size(const struct onus_log *log)
{
    return log->size;
}

void onus_log_root(const struct onus_log *log, struct onus_digest *out)
{
    onus_frontier_root(&log->frontier, out);
}

/* ---- growing --------------------------------------------------------------------------------- */

static enum onus_code may_write(const struct onus_log *log, struct onus_error *err)
{
    if (!log->write) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the log was opened for reading");
    }
    if (log->broken) {
        return onus_fail(err, ONUS_E_IO, "the log could not be written before");
    }
    return ONUS_OK;
}

static enum onus_code write_file(struct onus_log *log, int level, uint64_t index, unsigned width,
        struct onus_str bytes, struct onus_error *err)
{
    char path[LOG_PATH];
    char folder[LOG_PATH];
    onus_log_tile_path(level, index, width, path);
    memcpy(folder, path, sizeof(folder));
    *strrchr(folder, '/') = '\0';
    enum onus_code code = onus_durable_folder(log->at, folder, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(log->at, path, bytes, 0644, err);
    }
    log->broken = log->broken || code != ONUS_OK;
    return code;
}

static enum onus_code write_tile(struct onus_log *log, unsigned level, struct onus_error *err)
{
    const struct log_tile *tile = &log->levels[level];
    return write_file(log, (int)level, tile->index, tile->count,
            (struct onus_str){(const char *)tile->hashes, tile->count * sizeof(tile->hashes[0])},
            err);
}

/* Tiles that became full are written and their roots go up. */
static enum onus_code carry(struct onus_log *log, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    if (log->levels[0].count == LOG_TILE) {
        code = write_file(log, LOG_ENTRIES, log->levels[0].index, LOG_TILE,
                onus_buffer_view(&log->bundle), err);
        onus_buffer_clear(&log->bundle);
        onus_buffer_init(&log->bundle, LOG_ENTRIES_MAX);
    }
    for (unsigned level = 0; level + 1 < LOG_LEVELS && code == ONUS_OK; level++) {
        struct log_tile *tile = &log->levels[level];
        if (tile->count < LOG_TILE) {
            break;
        }
        code = write_tile(log, level, err);
        struct log_tile *above = &log->levels[level + 1];
        onus_tree_root(NULL, tile->hashes, LOG_TILE, &above->hashes[above->count]);
        above->count++;
        tile->index++;
        tile->count = 0;
    }
    return code;
}

enum onus_code onus_log_append(struct onus_log *log, struct onus_str entry, uint64_t *index,
        struct onus_error *err)
{
    enum onus_code code = may_write(log, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (entry.len > ONUS_LOG_ENTRY_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "an entry has more than %d bytes", ONUS_LOG_ENTRY_MAX);
    }
    uint8_t length[2] = {(uint8_t)(entry.len >> 8), (uint8_t)entry.len};
    onus_buffer_add(&log->bundle, length, sizeof(length));
    onus_buffer_add_str(&log->bundle, entry);
    code = onus_buffer_status(&log->bundle, err);
    struct onus_digest leaf;
    onus_leaf_hash(entry, &leaf);
    if (code == ONUS_OK) {
        code = onus_frontier_add(&log->frontier, &leaf, err);
    }
    if (code != ONUS_OK) {
        log->broken = true;
        return code;
    }
    struct log_tile *tile = &log->levels[0];
    tile->hashes[tile->count++] = leaf;
    *index = log->size++;
    return carry(log, err);
}

enum onus_code onus_log_flush(struct onus_log *log, struct onus_error *err)
{
    enum onus_code code = may_write(log, err);
    if (code != ONUS_OK || log->flushed == log->size) {
        return code;
    }
    if (log->levels[0].count > 0) {
        code = write_file(log, LOG_ENTRIES, log->levels[0].index, log->levels[0].count,
                onus_buffer_view(&log->bundle), err);
    }
    for (unsigned level = 0; level < LOG_LEVELS && code == ONUS_OK; level++) {
        bool changed = log->size >> (8 * level) != log->flushed >> (8 * level);
        if (changed && log->levels[level].count > 0) {
            code = write_tile(log, level, err);
        }
    }
    if (code == ONUS_OK) {
        log->flushed = log->size;
        log->reader.size = log->size;
    }
    return code;
}

/* ---- signing --------------------------------------------------------------------------------- */

/*
 * The root over the first `size` entries from the disk alone, in two ways that must agree: tiles of
 * the signed tree and the entries after it; and the tiles of the new tree.
 */
static enum onus_code recompute(struct onus_log *log, struct onus_digest *out,
        struct onus_error *err)
{
    struct onus_frontier frontier;
    struct log_tile *levels = calloc(LOG_LEVELS, sizeof(*levels));
    if (!levels) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    uint64_t from = signed_size(log);
    enum onus_code code = load_levels(log->at, from, levels, err);
    struct onus_digest root;
    if (code == ONUS_OK) {
        frontier_of(from, levels, &frontier);
        onus_frontier_root(&frontier, &root);
        if (log->has_checkpoint && !onus_digest_eq(&root, &log->checkpoint.root)) {
            code = wrong_root(log, LOG_CHECKPOINT, err);
        }
    }
    struct onus_arena arena;
    onus_arena_init(&arena, (size_t)LOG_ENTRIES_MAX * 2);
    while (code == ONUS_OK && frontier.size < log->flushed) {
        uint64_t bundle = frontier.size / LOG_TILE;
        uint64_t left = log->flushed - bundle * LOG_TILE;
        unsigned width = left < LOG_TILE ? (unsigned)left : LOG_TILE;
        struct onus_str entries[LOG_TILE];
        code = onus_log_bundle_read(log->at, bundle, width, &arena, entries, err);
        for (unsigned i = (unsigned)(frontier.size % LOG_TILE); i < width && code == ONUS_OK; i++) {
            struct onus_digest leaf;
            onus_leaf_hash(entries[i], &leaf);
            code = onus_frontier_add(&frontier, &leaf, err);
        }
        onus_arena_clear(&arena);
    }
    onus_arena_clear(&arena);
    if (code == ONUS_OK) {
        onus_frontier_root(&frontier, out);
        code = load_levels(log->at, log->flushed, levels, err);
    }
    if (code == ONUS_OK) {
        frontier_of(log->flushed, levels, &frontier);
        onus_frontier_root(&frontier, &root);
        if (!onus_digest_eq(&root, out)) {
            code = onus_fail(err, ONUS_E_MISMATCH, "entries and tiles of the log disagree");
        }
    }
    free(levels);
    return code;
}

/* A checkpoint of another key is another log. */
static enum onus_code check_signer(const struct onus_log *log, const struct onus_vkey *key,
        struct onus_error *err)
{
    struct onus_note note;
    if (!log->has_checkpoint || !onus_str_eq(log->checkpoint.origin, key->name)) {
        return ONUS_OK;
    }
    enum onus_code code = onus_note_parse(log->note, &note, err);
    size_t by = 0;
    if (code == ONUS_OK && onus_note_verify(&note, key, 1, &by, err) != ONUS_OK) {
        code = onus_fail(err, ONUS_E_REFUSED, "'%s' is not signed by the key of this vault",
                LOG_CHECKPOINT);
    }
    return code;
}

static enum onus_code write_intent(struct onus_log *log, struct onus_str origin,
        struct onus_error *err)
{
    struct onus_checkpoint body = {.origin = origin, .size = log->flushed};
    onus_frontier_root(&log->frontier, &body.root);
    struct onus_buffer text = {0};
    struct onus_buffer file = {0};
    onus_checkpoint_add(&text, &body);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        struct log_intent intent = {.seq = log->has_intent ? log->intent.seq + 1 : 0,
                .size = body.size,
                .root = body.root,
                .body = onus_buffer_view(&text)};
        onus_log_intent_format(&intent, &file);
        code = onus_buffer_status(&file, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(log->at, LOG_INTENT, onus_buffer_view(&file), 0600, err);
        log->broken = log->broken || code != ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = read_intent(log, err);
    }
    onus_buffer_clear(&text);
    onus_buffer_clear(&file);
    return code;
}

/* Sign the body of the intent and make it the checkpoint. */
static enum onus_code sign_body(struct onus_log *log, const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, struct onus_error *err)
{
    struct onus_ed25519_signature signature;
    enum onus_code code = onus_ed25519_sign(seed, log->intent.body, &signature, err);
    if (code == ONUS_OK) {
        /* A fault of the machine while signing can give away the key; such a signature stays here. */
        code = onus_ed25519_verify(&key->key, log->intent.body, &signature, err);
    }
    struct onus_buffer note = {0};
    if (code == ONUS_OK) {
        onus_note_begin(&note, log->intent.body);
        onus_note_add_signature(&note, key, &signature);
        code = onus_buffer_status(&note, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(log->at, LOG_CHECKPOINT, onus_buffer_view(&note), 0644, err);
        log->broken = log->broken || code != ONUS_OK;
    }
    onus_buffer_clear(&note);
    return code;
}

/* Names in a folder of partial tiles are widths; those below `from` go. */
static void remove_partials(struct onus_log *log, int level, uint64_t index, unsigned from)
{
    char path[LOG_PATH];
    onus_log_tile_path(level, index, 1, path);
    *strrchr(path, '/') = '\0';
    int folder = openat(log->at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *names = folder < 0 ? NULL : fdopendir(folder);
    if (!names) {
        if (folder >= 0) {
            (void)close(folder);
        }
        return;
    }
    unsigned old[LOG_TILE];
    size_t count = 0;
    const struct dirent *name = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    while ((name = readdir(names)) != NULL) {
        uint64_t width = 0;
        if (onus_str_to_u64(onus_str_of(name->d_name), LOG_TILE - 1, &width) && width > 0 &&
                width < from && count < LOG_TILE) {
            old[count++] = (unsigned)width;
        }
    }
    (void)closedir(names);
    for (size_t i = 0; i < count; i++) {
        onus_log_tile_path(level, index, old[i], path);
        enum onus_code ignored = onus_durable_remove(log->at, path, NULL);
        (void)ignored;
    }
}

/*
 * Partial tiles that the new checkpoint does not need. A failure leaves files that harm nobody.
 */
static void tidy(struct onus_log *log, uint64_t before)
{
    for (int level = LOG_ENTRIES; level < LOG_LEVELS; level++) {
        unsigned shift = level < 0 ? 0 : 8 * (unsigned)level;
        uint64_t old = before >> shift;
        uint64_t now = log->flushed >> shift;
        if (now == 0) {
            break;
        }
        bool full = now / LOG_TILE > old / LOG_TILE;
        remove_partials(log, level, old / LOG_TILE, full ? LOG_TILE : (unsigned)(now % LOG_TILE));
    }
}

static enum onus_code finish_intent(struct onus_log *log, const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, struct onus_error *err)
{
    struct onus_digest root;
    struct onus_checkpoint body;
    enum onus_code code = onus_checkpoint_parse(log->intent.body, &body, err);
    if (code == ONUS_OK && !onus_str_eq(body.origin, key->name)) {
        code = onus_fail(err, ONUS_E_MISMATCH,
                "'%s' names the log '" ONUS_STR_FMT "', not this one", LOG_INTENT,
                ONUS_STR_ARG(body.origin));
    }
    if (code == ONUS_OK) {
        code = recompute(log, &root, err);
    }
    if (code == ONUS_OK &&
            (log->intent.size != log->flushed || !onus_digest_eq(&root, &log->intent.root))) {
        code = onus_fail(err, ONUS_E_MISMATCH,
                "'%s' names another tree than the disk holds: nothing is signed", LOG_INTENT);
    }
    uint64_t before = signed_size(log);
    if (code == ONUS_OK) {
        code = sign_body(log, key, seed, err);
    }
    if (code == ONUS_OK) {
        code = read_checkpoint(log, err);
    }
    if (code == ONUS_OK) {
        tidy(log, before);
    }
    return code;
}

enum onus_code onus_log_sign(struct onus_log *log, const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, struct onus_error *err)
{
    enum onus_code code = may_write(log, err);
    if (code == ONUS_OK) {
        code = check_signer(log, key, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (onus_log_pending(log)) {
        return finish_intent(log, key, seed, err);
    }
    if (log->has_checkpoint && log->checkpoint.size == log->flushed &&
            onus_str_eq(log->checkpoint.origin, key->name)) {
        return ONUS_OK;
    }
    code = write_intent(log, key->name, err);
    return code == ONUS_OK ? finish_intent(log, key, seed, err) : code;
}

enum onus_code onus_log_intend(struct onus_log *log, struct onus_str origin, struct onus_error *err)
{
    enum onus_code code = may_write(log, err);
    if (code == ONUS_OK && onus_log_pending(log)) {
        code = onus_fail(err, ONUS_E_REFUSED, "an intent waits for its signature");
    }
    return code == ONUS_OK ? write_intent(log, origin, err) : code;
}

struct onus_str onus_log_intended_origin(const struct onus_log *log)
{
    struct onus_checkpoint body;
    return onus_log_pending(log) && onus_checkpoint_parse(log->intent.body, &body, NULL) == ONUS_OK
                   ? body.origin
                   : ONUS_STR_NONE;
}

enum onus_code onus_log_checkpoint(const struct onus_log *log, struct onus_str *note,
        struct onus_checkpoint *out, struct onus_error *err)
{
    if (!log->has_checkpoint) {
        return onus_fail(err, ONUS_E_MISSING, "the log has no checkpoint yet");
    }
    *note = log->note;
    *out = log->checkpoint;
    return ONUS_OK;
}

enum onus_code onus_log_publish(struct onus_log *log, struct onus_str note, struct onus_error *err)
{
    struct onus_note old;
    struct onus_note new;
    enum onus_code code = may_write(log, err);
    if (code == ONUS_OK && !log->has_checkpoint) {
        code = onus_fail(err, ONUS_E_MISSING, "the log has no checkpoint yet");
    }
    if (code == ONUS_OK) {
        code = onus_note_parse(note, &new, err);
    }
    if (code == ONUS_OK) {
        code = onus_note_parse(log->note, &old, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_str_eq(old.text, new.text)) {
        return onus_fail(err, ONUS_E_REFUSED, "the note is of another tree than '%s'",
                LOG_CHECKPOINT);
    }
    for (size_t i = 0; i < old.count; i++) {
        bool found = false;
        for (size_t j = 0; j < new.count && !found; j++) {
            found = onus_str_eq(old.signatures[i].line, new.signatures[j].line);
        }
        if (!found) {
            return onus_fail(err, ONUS_E_REFUSED, "the note lacks a signature that '%s' has",
                    LOG_CHECKPOINT);
        }
    }
    code = onus_durable_write(log->at, LOG_CHECKPOINT, note, 0644, err);
    return code == ONUS_OK ? read_checkpoint(log, err) : code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "base/str.h"
#include "evidence/commit.h"
#include "evidence/cuts.h"
#include "evidence/tomb.h"
#include "sys/durable.h"
#include "sys/frames.h"

#include "text/timestamp.h"

#include <stdlib.h>

enum {
    INDEX_MAX = 1 << 30,
    MANIFEST_MAX = 1 << 20,
};

struct onus_batch {
    const struct onus_vault *vault;
    const struct onus_source *source;
    struct onus_arena arena; /* manifest */
    struct onus_arena tomb_arena;
    struct onus_manifest manifest;
    bool has_tomb; /* something was erased: `tomb` stands in the place of the key */
    struct onus_tomb tomb;
    struct onus_digest key;
    struct onus_salt salts[ONUS_MANIFEST_SLOTS];
    struct onus_digest slots[ONUS_MANIFEST_SLOTS];
    struct onus_digest leaf;

    bool has_index;
    struct onus_arena index_arena;
    struct onus_index index;
    struct onus_index_salts index_salts;
    struct onus_digest *row_leaves;

    bool loaded;
    struct onus_arena lines_arena;
    struct onus_str bytes;
    struct onus_str *lines;
    uint64_t line_count;
    struct onus_cut_line *cuts; /* of S: where the parts of each line are */
    struct onus_cut *parts;
    struct onus_digest *leaves;
    uint64_t leaf_count;
};

/* ---- opening --------------------------------------------------------------------------------- */

static void batch_path(const struct onus_manifest *manifest, const char *ending,
        char out[static ONUS_BATCH_PATH_MAX])
{
    if (manifest->profile == ONUS_PROFILE_ROLLUP) {
        onus_rollup_path(&manifest->tag, manifest->first, manifest->last, ending, out);
    } else {
        onus_batch_path(&manifest->tag, manifest->first, ending, out);
    }
}

/* Only what can be a tomb of this batch is taken: each slot that is gone is one of a line or of a key. */
static bool tomb_fits(const struct onus_batch *batch)
{
    const struct onus_manifest *manifest = &batch->manifest;
    const struct onus_tomb *tomb = &batch->tomb;
    struct onus_digest root;
    uint64_t rows = onus_manifest_rows(manifest, &root);
    uint64_t lines = onus_manifest_number(manifest, ONUS_SLOT_LINES);
    bool rollup = manifest->profile == ONUS_PROFILE_ROLLUP;
    if (!onus_tag_eq(&tomb->tag, &manifest->tag) || tomb->profile != manifest->profile ||
            tomb->first != manifest->first || tomb->last != manifest->last ||
            manifest->slot > ONUS_TOMB_MAX || rows > manifest->slot / ONUS_INDEX_SLOTS ||
            tomb->slots != manifest->slot + ONUS_MANIFEST_SLOTS ||
            tomb->pack_size > manifest->pack_size) {
        return false;
    }
    uint64_t first_row = manifest->slot - rows * ONUS_INDEX_SLOTS;
    for (size_t i = 0; i < tomb->gone_count; i++) {
        uint64_t slot = tomb->gone[i];
        bool of_line = !rollup && slot < first_row;
        bool of_key = slot >= first_row && slot < manifest->slot &&
                      (slot - first_row) % ONUS_INDEX_SLOTS == 0;
        if (!of_line && !of_key) {
            return false;
        }
    }
    const struct onus_tomb_range *last =
            tomb->range_count > 0 ? &tomb->ranges[tomb->range_count - 1] : NULL;
    return !last || last->first + last->count <= lines;
}

static enum onus_code read_tomb(struct onus_batch *batch, struct onus_error *err)
{
    int at = onus_vault_at(batch->vault);
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_str bytes;
    bool there = false;
    batch_path(&batch->manifest, ".tmb", path);
    enum onus_code code = onus_durable_exists(at, path, &there, err);
    if (code != ONUS_OK || !there) {
        return code;
    }
    code = onus_durable_read(at, path, ONUS_TOMB_MAX, &batch->tomb_arena, &bytes, err);
    if (code == ONUS_OK) {
        code = onus_tomb_parse(bytes, &batch->tomb_arena, &batch->tomb, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    if (code == ONUS_OK && !tomb_fits(batch)) {
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is not the tomb of this batch", path);
    }
    batch->has_tomb = code == ONUS_OK;
    return code;
}

/* The salts of its manifest and, unless something was erased, its key. */
static enum onus_code find_keys(struct onus_batch *batch, struct onus_error *err)
{
    const struct onus_source *source = batch->source;
    const struct onus_manifest *manifest = &batch->manifest;
    enum onus_code code = read_tomb(batch, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (batch->has_tomb) {
        memcpy(batch->salts, batch->tomb.salts + manifest->slot, sizeof(batch->salts));
        return ONUS_OK;
    }
    if (!source->has_keys) {
        return onus_fail(err, ONUS_E_MISSING, "the keys of source '" ONUS_STR_FMT "' are not there",
                ONUS_STR_ARG(source->name));
    }
    code = onus_manifest_salts(&source->keys, manifest, batch->salts, err);
    if (code == ONUS_OK && manifest->profile == ONUS_PROFILE_ROLLUP) {
        onus_keytree_rollup(&source->keys, manifest->first, manifest->last, &batch->key);
    } else if (code == ONUS_OK) {
        code = onus_keytree_batch(&source->keys, manifest->first, &batch->key, err);
    }
    return code;
}

static enum onus_code check_manifest(struct onus_batch *batch, const char *path,
        struct onus_error *err)
{
    const struct onus_manifest *manifest = &batch->manifest;
    const struct onus_log *log = onus_vault_log(batch->vault);
    struct onus_digest logged;
    enum onus_code code = find_keys(batch, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_manifest_commit(manifest, batch->salts, batch->slots, NULL, &batch->leaf);
    if (manifest->entry >= onus_log_size(log)) {
        return onus_fail(err, ONUS_E_MISSING, "'%s' is not yet in the signed log", path);
    }
    code = onus_log_leaf(log, manifest->entry, &logged, err);
    if (code == ONUS_OK && !onus_digest_eq(&logged, &batch->leaf)) {
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is not what entry %llu of the log commits to",
                path, (unsigned long long)manifest->entry);
    }
    return code;
}

static enum onus_code open_batch(struct onus_batch *batch, enum onus_profile profile,
        uint64_t first, uint64_t last, const char *path, struct onus_error *err)
{
    struct onus_str text;
    enum onus_code code = onus_durable_read(onus_vault_at(batch->vault), path, MANIFEST_MAX,
            &batch->arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_manifest_parse(text, &batch->arena, &batch->manifest, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    const struct onus_manifest *manifest = &batch->manifest;
    if (code == ONUS_OK &&
            (!onus_tag_eq(&manifest->tag, &batch->source->tag) || manifest->profile != profile ||
                    manifest->first != first || manifest->last != last)) {
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is the manifest of another batch", path);
    }
    return code == ONUS_OK ? check_manifest(batch, path, err) : code;
}

static enum onus_code open_any(const struct onus_vault *vault, const struct onus_source *source,
        enum onus_profile profile, uint64_t first, uint64_t last, const char *path,
        struct onus_batch **out, struct onus_error *err)
{
    struct onus_batch *batch = calloc(1, sizeof(*batch));
    if (!batch) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    batch->vault = vault;
    batch->source = source;
    onus_arena_init(&batch->arena, (size_t)MANIFEST_MAX * 4);
    onus_arena_init(&batch->tomb_arena, ONUS_TOMB_MAX * 4);
    onus_arena_init(&batch->index_arena, ONUS_INDEX_MEMORY_MAX);
    onus_arena_init(&batch->lines_arena, ONUS_INDEX_MEMORY_MAX);
    enum onus_code code = open_batch(batch, profile, first, last, path, err);
    if (code != ONUS_OK) {
        onus_batch_close(batch);
        return code;
    }
    *out = batch;
    return ONUS_OK;
}

enum onus_code onus_batch_open(const struct onus_vault *vault, const struct onus_source *source,
        uint64_t seq, struct onus_batch **out, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    onus_batch_path(&source->tag, seq, ".man", path);
    return open_any(vault, source, ONUS_PROFILE_MANIFEST, seq, seq, path, out, err);
}

enum onus_code onus_rollup_open(const struct onus_vault *vault, const struct onus_source *source,
        uint64_t first, uint64_t last, struct onus_batch **out, struct onus_error *err)
{
    char path[ONUS_BATCH_PATH_MAX];
    onus_rollup_path(&source->tag, first, last, ".man", path);
    return open_any(vault, source, ONUS_PROFILE_ROLLUP, first, last, path, out, err);
}

void onus_batch_close(struct onus_batch *batch)
{
    if (batch) {
        onus_arena_clear(&batch->arena);
        onus_arena_clear(&batch->tomb_arena);
        onus_arena_clear(&batch->index_arena);
        onus_arena_clear(&batch->lines_arena);
        explicit_bzero(batch, sizeof(*batch));
        free(batch);
    }
}

const struct onus_source *onus_batch_source(const struct onus_batch *batch)
{
    return batch->source;
}

const struct onus_manifest *onus_batch_manifest(const struct onus_batch *batch)
{
    return &batch->manifest;
}

const struct onus_digest *onus_batch_leaf(const struct onus_batch *batch)
{
    return &batch->leaf;
}

const struct onus_salt *onus_batch_salts(const struct onus_batch *batch)
{
    return batch->salts;
}

const struct onus_digest *onus_batch_slots(const struct onus_batch *batch)
{
    return batch->slots;
}

const struct onus_digest *onus_batch_key(const struct onus_batch *batch)
{
    return batch->has_tomb ? NULL : &batch->key;
}

const struct onus_tomb *onus_batch_tomb(const struct onus_batch *batch)
{
    return batch->has_tomb ? &batch->tomb : NULL;
}

/* ---- the index ------------------------------------------------------------------------------- */

/*
 * What the tomb says is gone is gone, also when a crash came before the index was written anew. The other
 * way round something does not fit.
 */
static enum onus_code bury_rows(struct onus_batch *batch, const char *path, struct onus_error *err)
{
    uint64_t first = batch->index_salts.first_slot;
    size_t at = 0;
    for (size_t i = 0; i < batch->index.count; i++) {
        struct onus_index_row *row = &batch->index.rows[i];
        bool gone =
                batch->has_tomb && onus_tomb_gone(&batch->tomb, first + i * ONUS_INDEX_SLOTS, &at);
        if (row->key_gone && !gone) {
            return onus_fail(err, ONUS_E_MISMATCH, "'%s' lacks a key that was not erased", path);
        }
        if (gone) {
            row->key_gone = true;
            memset(&row->key, 0, sizeof(row->key));
        }
    }
    if (batch->has_tomb) {
        (void)onus_tomb_gone(&batch->tomb, first, &at);
        batch->index_salts.key = NULL;
        batch->index_salts.salts = batch->tomb.salts + first;
        batch->index_salts.gone = batch->tomb.commits + at;
    }
    return ONUS_OK;
}

static enum onus_code check_index(struct onus_batch *batch, const char *path,
        struct onus_error *err)
{
    struct onus_digest committed;
    struct onus_digest root;
    const struct onus_manifest *manifest = &batch->manifest;
    uint64_t rows = onus_manifest_rows(manifest, &committed);
    if (rows != batch->index.count) {
        return onus_fail(err, ONUS_E_MISMATCH, "'%s' has %zu rows, the manifest says %llu", path,
                batch->index.count, (unsigned long long)rows);
    }
    if (rows * ONUS_INDEX_SLOTS > manifest->slot) {
        return onus_fail(err, ONUS_E_MISMATCH, "'%s' has more rows than slots", path);
    }
    batch->index_salts = (struct onus_index_salts){.key = &batch->key,
            .first_slot = manifest->slot - rows * ONUS_INDEX_SLOTS};
    enum onus_code code = bury_rows(batch, path, err);
    if (code != ONUS_OK) {
        return code;
    }
    batch->row_leaves =
            onus_arena_alloc(&batch->index_arena, (size_t)(rows + 1) * sizeof(*batch->row_leaves));
    struct onus_digest *work =
            onus_arena_alloc(&batch->index_arena, (size_t)(rows + 1) * sizeof(*work));
    if (!batch->row_leaves || !work) {
        return onus_arena_reason(&batch->index_arena, err);
    }
    code = onus_index_leaves(&batch->index, &batch->index_salts, NULL, batch->row_leaves, err);
    if (code != ONUS_OK) {
        return code;
    }
    memcpy(work, batch->row_leaves, (size_t)rows * sizeof(*work));
    onus_tree_root(NULL, work, (size_t)rows, &root);
    if (!onus_digest_eq(&root, &committed)) {
        return onus_fail(err, ONUS_E_MISMATCH, "'%s' is not the index that was committed to", path);
    }
    if (onus_index_lines(&batch->index) != onus_manifest_number(manifest, ONUS_SLOT_LINES)) {
        return onus_fail(err, ONUS_E_MISMATCH, "'%s' counts other lines than the manifest", path);
    }
    return ONUS_OK;
}

enum onus_code onus_batch_index(struct onus_batch *batch, const struct onus_index **out,
        struct onus_error *err)
{
    if (!batch->has_index) {
        char path[ONUS_BATCH_PATH_MAX];
        struct onus_str bytes;
        batch_path(&batch->manifest, ".idx", path);
        enum onus_code code = onus_durable_read(onus_vault_at(batch->vault), path, INDEX_MAX,
                &batch->index_arena, &bytes, err);
        if (code == ONUS_OK) {
            code = onus_index_decode(bytes, NULL, &batch->index_arena, &batch->index, err);
            if (code != ONUS_OK) {
                onus_context(err, "'%s'", path);
            }
        }
        if (code == ONUS_OK) {
            code = check_index(batch, path, err);
        }
        if (code != ONUS_OK) {
            return code;
        }
        batch->has_index = true;
    }
    *out = &batch->index;
    return ONUS_OK;
}

const struct onus_index_salts *onus_batch_index_salts(const struct onus_batch *batch)
{
    return &batch->index_salts;
}

struct onus_digests onus_batch_row_leaves(const struct onus_batch *batch)
{
    return (struct onus_digests){batch->row_leaves, batch->has_index ? batch->index.count : 0};
}

/* ---- lines ----------------------------------------------------------------------------------- */

static enum onus_code read_pack(struct onus_batch *batch, struct onus_error *err)
{
    const struct onus_manifest *manifest = &batch->manifest;
    size_t size = (size_t)(batch->has_tomb ? batch->tomb.pack_size : manifest->pack_size);
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_str pack;
    struct onus_arena arena;
    if (manifest->pack_size > ONUS_PACK_CONTENT_MAX) {
        return onus_fail(err, ONUS_E_FORMAT, "the manifest names a pack that is too large");
    }
    char *bytes = onus_arena_alloc(&batch->lines_arena, size + 1);
    if (!bytes) {
        return onus_arena_reason(&batch->lines_arena, err);
    }
    batch->bytes = (struct onus_str){bytes, size};
    if (size == 0) {
        return ONUS_OK;
    }
    onus_pack_path(batch->has_tomb ? &batch->tomb.pack : &manifest->pack, path);
    onus_arena_init(&arena, onus_frames_bound(size) * 2);
    enum onus_code code = onus_durable_read(onus_vault_at(batch->vault), path,
            onus_frames_bound(size), &arena, &pack, err);
    if (code == ONUS_E_MISSING) {
        code = onus_fail(err, ONUS_E_MISSING, "the pack '%s' is missing", path);
    } else if (code == ONUS_OK) {
        code = onus_frames_read(pack, bytes, size, err);
        if (code != ONUS_OK) {
            onus_context(err, "the pack '%s'", path);
        }
    }
    onus_arena_clear(&arena);
    return code;
}

/* Lines of the pack: as many as the manifest says, the last with its line feed or, by its flag, not. */
static enum onus_code split_lines(struct onus_batch *batch, struct onus_error *err)
{
    const struct onus_manifest *manifest = &batch->manifest;
    uint64_t count = onus_manifest_number(manifest, ONUS_SLOT_LINES);
    bool no_feed = (onus_manifest_flags(manifest) & ONUS_BATCH_NO_LAST_LF) != 0;
    struct onus_str rest = batch->bytes;
    if (count > batch->bytes.len + 1) {
        return onus_fail(err, ONUS_E_MISMATCH, "the pack has fewer lines than the manifest says");
    }
    batch->lines =
            onus_arena_alloc(&batch->lines_arena, (size_t)(count + 1) * sizeof(*batch->lines));
    if (!batch->lines) {
        return onus_arena_reason(&batch->lines_arena, err);
    }
    for (uint64_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        if (last && no_feed) {
            batch->lines[i] = rest;
            rest.len = 0;
            if (onus_str_has(batch->lines[i], ONUS_STR("\n"))) {
                return onus_fail(err, ONUS_E_MISMATCH,
                        "the pack has more lines than the manifest says");
            }
        } else if (!onus_str_cut(&rest, '\n', &batch->lines[i])) {
            return onus_fail(err, ONUS_E_MISMATCH,
                    "the pack has fewer lines than the manifest says");
        }
    }
    if (rest.len > 0) {
        return onus_fail(err, ONUS_E_MISMATCH, "the pack has more lines than the manifest says");
    }
    batch->line_count = count;
    return ONUS_OK;
}

static bool is_cut(const struct onus_batch *batch)
{
    return (onus_manifest_flags(&batch->manifest) & ONUS_BATCH_PARTS) != 0;
}

/* The salt of a slot of a line; false when it is gone. */
static bool slot_salt(const struct onus_batch *batch, uint64_t slot, struct onus_salt *out)
{
    size_t at = 0;
    if (!batch->has_tomb) {
        onus_salt_of(&batch->key, slot, out);
        return true;
    }
    *out = batch->tomb.salts[slot];
    return !onus_tomb_gone(&batch->tomb, slot, &at);
}

static bool slot_hash(const struct onus_batch *batch, uint64_t slot, uint8_t kind,
        struct onus_str value, struct onus_digest *out)
{
    struct onus_salt salt;
    size_t at = 0;
    if (slot_salt(batch, slot, &salt)) {
        onus_slot_commit(kind, &salt, value, out);
        return true;
    }
    (void)onus_tomb_gone(&batch->tomb, slot, &at);
    *out = batch->tomb.commits[at];
    return false;
}

static enum onus_code hash_whole(struct onus_batch *batch, struct onus_commit_scratch *scratch,
        struct onus_error *err)
{
    size_t count = (size_t)batch->line_count;
    struct onus_digest *slots = malloc((count + 1) * sizeof(*slots));
    if (!slots) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    if (batch->has_tomb) {
        for (size_t i = 0; i < count; i++) {
            (void)slot_hash(batch, i, ONUS_SLOT_LINE, batch->lines[i], &slots[i]);
        }
    } else {
        onus_commit_lines(scratch, &batch->key, 0, batch->lines, count, slots);
    }
    onus_commit_groups(scratch, slots, count, batch->leaves);
    free(slots);
    return ONUS_OK;
}

static enum onus_code read_cuts(struct onus_batch *batch, struct onus_error *err)
{
    for (size_t i = 0; batch->has_tomb && i < batch->tomb.range_count; i++) {
        const struct onus_tomb_range *range = &batch->tomb.ranges[i];
        for (uint64_t j = 0; j < range->count; j++) {
            struct onus_str *line = &batch->lines[range->first + j];
            *line = line->len == 0 ? ONUS_STR_NONE : *line;
        }
    }
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_str bytes;
    onus_batch_path(&batch->manifest.tag, batch->manifest.first, ".prt", path);
    enum onus_code code = onus_durable_read(onus_vault_at(batch->vault), path, INDEX_MAX,
            &batch->lines_arena, &bytes, err);
    if (code == ONUS_OK) {
        code = onus_cuts_parse(bytes, batch->lines, (size_t)batch->line_count, &batch->lines_arena,
                &batch->cuts, &batch->parts, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    return code;
}

static void hash_cut(struct onus_batch *batch, struct onus_commit_scratch *scratch)
{
    for (uint64_t i = 0; i < batch->line_count; i++) {
        const struct onus_cut_line *line = &batch->cuts[i];
        struct onus_str values[ONUS_PARTS_MAX];
        uint8_t kinds[ONUS_PARTS_MAX];
        struct onus_digest slots[ONUS_PARTS_MAX];
        for (size_t p = 0; p < line->count; p++) {
            const struct onus_cut *part = &batch->parts[line->first + p];
            kinds[p] = part->kind;
            values[p] = onus_str_sub(batch->lines[i], part->offset, part->length);
        }
        if (batch->has_tomb) {
            for (size_t p = 0; p < line->count; p++) {
                (void)slot_hash(batch, line->first + p, kinds[p], values[p], &slots[p]);
            }
        } else {
            onus_commit_slots(scratch, &batch->key, line->first, kinds, values, line->count, slots);
        }
        onus_commit_parts(scratch, slots, &line->count, 1, &batch->leaves[i]);
    }
}

/* Slots are gone of just the lines that the tomb names, and nothing stands in their place. */
static enum onus_code check_graves(const struct onus_batch *batch, struct onus_error *err)
{
    if (!batch->has_tomb) {
        return ONUS_OK;
    }
    bool right = true;
    size_t at = 0;
    uint64_t slots = batch->line_count;
    for (uint64_t i = 0; i < batch->line_count && right; i++) {
        const struct onus_cut_line whole = {.first = i, .count = 1};
        const struct onus_cut_line *line = is_cut(batch) ? &batch->cuts[i] : &whole;
        bool erased = onus_tomb_of_line(&batch->tomb, i) != NULL;
        for (uint64_t p = 0; p < line->count && right; p++) {
            right = line->first + p < batch->tomb.slots &&
                    onus_tomb_gone(&batch->tomb, line->first + p, &at) == erased;
        }
        right = right && !(erased && batch->lines[i].len > 0);
        slots = line->first + line->count;
    }
    struct onus_digest root;
    uint64_t rows = onus_manifest_rows(&batch->manifest, &root);
    right = right && slots + rows * ONUS_INDEX_SLOTS == batch->manifest.slot;
    return right ? ONUS_OK : onus_fail(err, ONUS_E_MISMATCH, "its tomb is not that of its lines");
}

static enum onus_code check_lines(struct onus_batch *batch, struct onus_commit_scratch *scratch,
        struct onus_error *err)
{
    const struct onus_manifest *manifest = &batch->manifest;
    batch->leaf_count = is_cut(batch) ? batch->line_count : onus_commit_leaves(batch->line_count);
    if (batch->leaf_count != onus_manifest_number(manifest, ONUS_SLOT_LEAVES)) {
        return onus_fail(err, ONUS_E_MISMATCH,
                "the manifest counts other leaves than its lines make");
    }
    size_t size = (size_t)(batch->leaf_count + 1) * sizeof(*batch->leaves);
    batch->leaves = onus_arena_alloc(&batch->lines_arena, size);
    struct onus_digest *work = malloc(size);
    if (!batch->leaves || !work) {
        free(work);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = is_cut(batch) ? read_cuts(batch, err) : ONUS_OK;
    if (code == ONUS_OK) {
        code = check_graves(batch, err);
    }
    if (code == ONUS_OK && is_cut(batch)) {
        hash_cut(batch, scratch);
    } else if (code == ONUS_OK) {
        code = hash_whole(batch, scratch, err);
    }
    struct onus_digest root;
    struct onus_digest committed;
    if (code == ONUS_OK) {
        memcpy(work, batch->leaves, (size_t)batch->leaf_count * sizeof(*work));
        onus_tree_root(NULL, work, (size_t)batch->leaf_count, &root);
        onus_manifest_root(manifest, &committed);
        if (!onus_digest_eq(&root, &committed)) {
            code = onus_fail(err, ONUS_E_MISMATCH,
                    "its lines are not those that were committed to");
        }
    }
    free(work);
    return code;
}

static enum onus_code load(struct onus_batch *batch, struct onus_error *err)
{
    if (batch->manifest.profile == ONUS_PROFILE_ROLLUP) {
        return onus_fail(err, ONUS_E_ARGUMENT, "a roll-up has no lines of its own");
    }
    enum onus_code code = read_pack(batch, err);
    if (code == ONUS_OK) {
        code = split_lines(batch, err);
    }
    struct onus_commit_scratch *scratch = NULL;
    if (code == ONUS_OK) {
        code = onus_commit_scratch_new(NULL, &scratch, err);
    }
    if (code == ONUS_OK) {
        code = check_lines(batch, scratch, err);
    }
    onus_commit_scratch_free(scratch);
    if (code == ONUS_E_MISMATCH && batch->manifest.pack_size > 0) {
        char path[ONUS_BATCH_PATH_MAX];
        onus_pack_path(batch->has_tomb ? &batch->tomb.pack : &batch->manifest.pack, path);
        onus_context(err, "the pack '%s'", path);
    }
    return code;
}

enum onus_code onus_batch_load(struct onus_batch *batch, struct onus_error *err)
{
    if (batch->loaded) {
        return ONUS_OK;
    }
    enum onus_code code = load(batch, err);
    if (code != ONUS_OK) {
        onus_arena_clear(&batch->lines_arena);
        return code;
    }
    batch->loaded = true;
    return ONUS_OK;
}

/* "line 4 of batch 2 of 'auth.log' was erased on 2026-11-25 under '...'": numbers of this batch. */
static enum onus_code say_erased(const struct onus_batch *batch, uint64_t number,
        struct onus_error *err)
{
    const struct onus_tomb_act *act = onus_tomb_of_line(&batch->tomb, number);
    char time[ONUS_TIME_TEXT] = "an unknown day";
    if (act->time <= (uint64_t)INT64_MAX / ONUS_USEC) {
        (void)onus_time_format((int64_t)act->time * ONUS_USEC, time);
    }
    return onus_fail(err, ONUS_E_MISSING,
            "line %llu of batch %llu of '" ONUS_STR_FMT "' was erased on %.10s under '" ONUS_STR_FMT
            "'",
            (unsigned long long)number, (unsigned long long)batch->manifest.first,
            ONUS_STR_ARG(batch->source->name), time, ONUS_STR_ARG(act->basis));
}

enum onus_code onus_batch_line(struct onus_batch *batch, uint64_t number, struct onus_str *out,
        struct onus_error *err)
{
    enum onus_code code = onus_batch_load(batch, err);
    if (code == ONUS_OK && number >= batch->line_count) {
        code = onus_fail(err, ONUS_E_ARGUMENT, "the batch has no line %llu",
                (unsigned long long)number);
    }
    if (code == ONUS_OK && batch->has_tomb && onus_tomb_of_line(&batch->tomb, number)) {
        code = say_erased(batch, number, err);
    }
    if (code == ONUS_OK) {
        *out = batch->lines[number];
    }
    return code;
}

static void fill_slot(const struct onus_batch *batch, uint64_t slot, uint8_t kind,
        struct onus_str value, struct onus_batch_slot *out)
{
    *out = (struct onus_batch_slot){.kind = kind, .value = value};
    (void)slot_salt(batch, slot, &out->salt);
    out->erased = !slot_hash(batch, slot, kind, value, &out->commit);
}

enum onus_code onus_batch_record(struct onus_batch *batch, uint64_t leaf,
        struct onus_batch_slot out[static ONUS_PARTS_MAX], size_t *count, struct onus_error *err)
{
    enum onus_code code = onus_batch_load(batch, err);
    if (code == ONUS_OK && leaf >= batch->leaf_count) {
        code = onus_fail(err, ONUS_E_ARGUMENT, "the batch has no leaf %llu",
                (unsigned long long)leaf);
    }
    if (code != ONUS_OK) {
        return code;
    }
    size_t made = 0;
    if (is_cut(batch)) {
        const struct onus_cut_line *line = &batch->cuts[leaf];
        for (; made < line->count; made++) {
            const struct onus_cut *part = &batch->parts[line->first + made];
            fill_slot(batch, line->first + made, part->kind,
                    onus_str_sub(batch->lines[leaf], part->offset, part->length), &out[made]);
        }
    } else {
        uint64_t first = leaf * ONUS_LINES_PER_LEAF;
        for (; made < ONUS_LINES_PER_LEAF && first + made < batch->line_count; made++) {
            fill_slot(batch, first + made, ONUS_SLOT_LINE, batch->lines[first + made], &out[made]);
        }
    }
    *count = made;
    return ONUS_OK;
}

struct onus_digests onus_batch_line_leaves(const struct onus_batch *batch)
{
    return (struct onus_digests){batch->leaves, batch->loaded ? (size_t)batch->leaf_count : 0};
}

struct onus_str onus_batch_bytes(const struct onus_batch *batch)
{
    return batch->loaded ? batch->bytes : ONUS_STR_NONE;
}

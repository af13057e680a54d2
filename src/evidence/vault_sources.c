/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_parts.h"

#include "base/str.h"
#include "sys/durable.h"
#include "text/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- entries --------------------------------------------------------------------------------- */

enum onus_code onus_source_entry(const struct onus_vault *vault, const struct onus_source *source,
        struct onus_buffer *entry, struct onus_digest *leaf, struct onus_error *err)
{
    if (!source->has_keys) {
        return onus_fail(err, ONUS_E_MISSING, "the keys of source '" ONUS_STR_FMT "' are not there",
                ONUS_STR_ARG(source->name));
    }
    uint8_t made[8];
    char profile = (char)source->profile;
    onus_be64_put(made, source->made);
    const struct onus_str values[ONUS_SOURCE_SLOTS] = {source->name, {&profile, 1},
            {(const char *)made, sizeof(made)}, vault->facts.party};
    struct onus_digest slots[ONUS_SOURCE_SLOTS];
    for (size_t i = 0; i < ONUS_SOURCE_SLOTS; i++) {
        struct onus_salt salt;
        onus_salt_of(&source->keys.source_n, i, &salt);
        onus_slot_commit((uint8_t)(ONUS_SLOT_SOURCE_NAME + i), &salt, values[i], &slots[i]);
    }
    struct onus_str tag = {(const char *)source->tag.bytes, sizeof(source->tag.bytes)};
    onus_record_leaf(ONUS_PROFILE_SOURCE, tag, slots, ONUS_SOURCE_SLOTS, leaf);
    if (entry) {
        onus_record_entry(ONUS_PROFILE_SOURCE, tag, slots, ONUS_SOURCE_SLOTS, entry);
        return onus_buffer_status(entry, err);
    }
    return ONUS_OK;
}

enum onus_code onus_manifest_load(int at, const char *path, struct onus_arena *arena,
        struct onus_manifest *out, struct onus_error *err)
{
    struct onus_str text;
    enum onus_code code = onus_durable_read(at, path, VAULT_FILE_MAX, arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_manifest_parse(text, arena, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    return code;
}

/* ---- moving on ------------------------------------------------------------------------------- */

static enum onus_code remember(struct vault_source *source, const struct onus_position *position,
        struct onus_error *err)
{
    struct onus_source *public = &source->public;
    size_t count = public->position_count;
    for (size_t i = 0; i < count; i++) {
        if (source->positions[i].file == position->file) {
            /* The newest stands last, so that the oldest can be forgotten. */
            memmove(&source->positions[i], &source->positions[i + 1],
                    (count - i - 1) * sizeof(*position));
            source->positions[count - 1] = *position;
            return ONUS_OK;
        }
    }
    if (count == ONUS_POSITIONS_MAX) {
        memmove(source->positions, source->positions + 1, (count - 1) * sizeof(*position));
        count--;
    }
    if (count == source->position_room) {
        size_t room = source->position_room == 0 ? 16 : source->position_room * 2;
        struct onus_position *bigger = realloc(source->positions, room * sizeof(*bigger));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        source->positions = bigger;
        source->position_room = room;
        public->positions = bigger;
    }
    source->positions[count] = *position;
    public->position_count = count + 1;
    if (position->file >= public->next_file) {
        public->next_file = position->file + 1;
    }
    return ONUS_OK;
}

enum onus_code onus_source_moved(struct vault_source *source, const struct onus_manifest *manifest,
        const struct onus_digest *leaf, struct onus_error *err)
{
    if (manifest->has_from) {
        enum onus_code code = remember(source, &manifest->from, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    source->public.day = manifest->day;
    source->public.sealed_at = onus_manifest_number(manifest, ONUS_SLOT_SEALED_AT);
    source->public.next_seq = manifest->first + 1;
    source->public.previous = *leaf;
    return ONUS_OK;
}

enum onus_code onus_source_save(const struct onus_vault *vault, const struct vault_source *source,
        struct onus_error *err)
{
    const struct onus_source *public = &source->public;
    struct onus_buffer out = {0};
    char path[VAULT_PATH];
    onus_source_file_format(&(struct onus_source_file){.tag = public->tag,
                                    .name = public->name,
                                    .profile = public->profile,
                                    .made = public->made,
                                    .entry = public->entry,
                                    .batches = public->next_seq,
                                    .positions = source->positions,
                                    .position_count = public->position_count},
            &out);
    onus_source_path(&public->tag, path);
    enum onus_code code = onus_buffer_status(&out, err);
    if (code == ONUS_OK) {
        code = onus_durable_write(vault->at, path, onus_buffer_view(&out), 0600, err);
    }
    onus_buffer_clear(&out);
    return code;
}

/* A source handed out is a member of the vault that handed it out. */
static struct vault_source *own(struct onus_vault *vault, const struct onus_source *source)
{
    for (size_t i = 0; i < vault->source_count; i++) {
        if (&vault->sources[i]->public == source) {
            return vault->sources[i];
        }
    }
    return NULL;
}

enum onus_code onus_vault_enter(struct onus_vault *vault, const struct onus_source *source,
        const struct onus_manifest *manifest, struct onus_str entry, const struct onus_digest *leaf,
        struct onus_error *err)
{
    struct vault_source *mine = own(vault, source);
    if (!mine || manifest->first != source->next_seq ||
            manifest->entry != onus_log_size(vault->log)) {
        return onus_fail(err, ONUS_E_BUG, "a batch is entered out of order");
    }
    uint64_t index = 0;
    enum onus_code code = onus_log_append(vault->log, entry, &index, err);
    if (code == ONUS_OK) {
        code = onus_source_moved(mine, manifest, leaf, err);
    }
    if (code == ONUS_OK) {
        code = onus_log_flush(vault->log, err);
    }
    if (code == ONUS_OK) {
        code = onus_source_save(vault, mine, err);
    }
    return code;
}

/* ---- loading --------------------------------------------------------------------------------- */

static enum onus_code load_keys(const struct onus_vault *vault, struct vault_source *source,
        struct onus_error *err)
{
    char path[VAULT_PATH];
    struct onus_buffer text = {0};
    onus_source_key_path(&source->public.tag, path);
    enum onus_code code = onus_secret_read(vault, path, &text, err);
    if (code == ONUS_OK) {
        code = onus_keytree_parse(onus_buffer_view(&text), &source->public.keys, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    if (code == ONUS_OK && !onus_tag_eq(&source->public.keys.tag, &source->public.tag)) {
        onus_keytree_clear(&source->public.keys);
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' holds the keys of another source", path);
    }
    source->public.has_keys = code == ONUS_OK;
    onus_secret_clear(&text);
    return code;
}

/* Batches that are durable but newer than the source file. */
static enum onus_code replay(const struct onus_vault *vault, struct vault_source *source,
        uint64_t batches, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    struct onus_digest none = {{0}};
    uint64_t seq = batches > 0 ? batches - 1 : 0;
    for (;; seq++) {
        char path[ONUS_BATCH_PATH_MAX];
        struct onus_arena arena;
        struct onus_manifest manifest;
        onus_batch_path(&source->public.tag, seq, ".man", path);
        onus_arena_init(&arena, VAULT_FILE_MAX * 2);
        code = onus_manifest_load(vault->at, path, &arena, &manifest, err);
        if (code == ONUS_OK &&
                (!onus_tag_eq(&manifest.tag, &source->public.tag) ||
                        manifest.profile != ONUS_PROFILE_MANIFEST || manifest.first != seq)) {
            code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is the manifest of another batch", path);
        }
        if (code == ONUS_OK) {
            code = onus_source_moved(source, &manifest, &none, err);
        }
        onus_arena_clear(&arena);
        /* Who tells faults goes on: that batch is missed again when it is looked at. */
        if (code != ONUS_OK && (seq + 1 >= batches || !vault->options.fault)) {
            break;
        }
    }
    if (vault->options.fault && source->public.next_seq < batches) {
        source->public.next_seq = batches;
    }
    bool past_the_end = code == ONUS_E_MISSING && (seq >= batches || vault->options.fault);
    if (past_the_end && err) {
        *err = (struct onus_error)ONUS_ERROR_INIT;
    }
    return past_the_end ? ONUS_OK : code;
}

/* The leaf hash of the last batch, or of the N record: what the next batch refers to. */
static enum onus_code find_previous(const struct onus_vault *vault, struct vault_source *source,
        struct onus_error *err)
{
    struct onus_source *public = &source->public;
    if (!public->has_keys && public->entry >= onus_log_size(vault->log)) {
        return ONUS_OK; /* not signed yet: who has no keys cannot tell, and writes nothing */
    }
    if (public->next_seq == 0) {
        return public->has_keys ? onus_source_entry(vault, public, NULL, &public->previous, err)
                                : onus_log_leaf(vault->log, public->entry, &public->previous, err);
    }
    char path[ONUS_BATCH_PATH_MAX];
    struct onus_arena arena;
    struct onus_manifest manifest;
    onus_batch_path(&public->tag, public->next_seq - 1, ".man", path);
    onus_arena_init(&arena, VAULT_FILE_MAX * 2);
    enum onus_code code = onus_manifest_load(vault->at, path, &arena, &manifest, err);
    if (code == ONUS_OK && manifest.entry < onus_log_size(vault->log)) {
        code = onus_log_leaf(vault->log, manifest.entry, &public->previous, err);
    } else if (code == ONUS_OK && public->has_keys) {
        struct onus_salt salts[ONUS_MANIFEST_SLOTS];
        struct onus_digest slots[ONUS_MANIFEST_SLOTS];
        code = onus_manifest_salts(&public->keys, &manifest, salts, err);
        if (code == ONUS_OK) {
            onus_manifest_commit(&manifest, salts, slots, NULL, &public->previous);
        }
    }
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code load_source(const struct onus_vault *vault, struct vault_source *source,
        struct onus_error *err)
{
    struct onus_str text;
    struct onus_source_file file;
    char path[VAULT_PATH];
    onus_source_path(&source->public.tag, path);
    enum onus_code code =
            onus_durable_read(vault->at, path, VAULT_FILE_MAX, &source->arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_source_file_parse(text, &source->arena, &file, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    if (code == ONUS_OK && !onus_tag_eq(&file.tag, &source->public.tag)) {
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is the file of another source", path);
    }
    if (code != ONUS_OK) {
        return code;
    }
    source->public.name = file.name;
    source->public.profile = file.profile;
    source->public.made = file.made;
    source->public.entry = file.entry;
    source->public.day = -1;
    source->saved = file.batches;
    for (size_t i = 0; i < file.position_count && code == ONUS_OK; i++) {
        code = remember(source, &file.positions[i], err);
    }
    if (code == ONUS_OK && !vault->options.no_keys) {
        code = load_keys(vault, source, err);
    }
    if (code == ONUS_OK) {
        code = replay(vault, source, file.batches, err);
    }
    if (code == ONUS_OK) {
        code = find_previous(vault, source, err);
    }
    if (code == ONUS_E_MISSING && vault->options.fault && !vault->write) {
        code = ONUS_OK; /* the last manifest is gone, and nothing will be sealed after it */
    }
    return code;
}

static struct vault_source *new_source(const struct onus_tag *tag)
{
    struct vault_source *source = calloc(1, sizeof(*source));
    if (source) {
        source->public.tag = *tag;
        source->public.day = -1;
        onus_arena_init(&source->arena, VAULT_FILE_MAX * 4);
    }
    return source;
}

static void free_source(struct vault_source *source)
{
    onus_keytree_clear(&source->public.keys);
    onus_arena_clear(&source->arena);
    free(source->positions);
    free(source);
}

static enum onus_code add_source(struct onus_vault *vault, struct vault_source *source,
        struct onus_error *err)
{
    if (vault->source_count == ONUS_SOURCES_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a vault has at most %d sources", ONUS_SOURCES_MAX);
    }
    if (vault->source_count == vault->source_room) {
        size_t room = vault->source_room == 0 ? 16 : vault->source_room * 2;
        struct vault_source **bigger =
                realloc(vault->sources, room * sizeof(struct vault_source *));
        if (!bigger) {
            return onus_fail(err, ONUS_E_MEMORY, "out of memory");
        }
        vault->sources = bigger;
        vault->source_room = room;
    }
    size_t place = vault->source_count++;
    while (place > 0 && vault->sources[place - 1]->public.entry > source->public.entry) {
        vault->sources[place] = vault->sources[place - 1];
        place--;
    }
    vault->sources[place] = source;
    return ONUS_OK;
}

static enum onus_code load_named(struct onus_vault *vault, const char *name, struct onus_error *err)
{
    struct onus_tag tag;
    if (!onus_hex_exact(onus_str_of(name), tag.bytes, sizeof(tag.bytes))) {
        return ONUS_OK; /* a leftover of a write, or nobody's */
    }
    struct vault_source *source = new_source(&tag);
    if (!source) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = load_source(vault, source, err);
    if (code == ONUS_OK) {
        code = add_source(vault, source, err);
    }
    if (code == ONUS_OK) {
        return ONUS_OK;
    }
    free_source(source);
    if (vault->options.fault && code != ONUS_E_MEMORY) {
        char path[VAULT_PATH];
        onus_source_path(&tag, path);
        vault->options.fault(vault->options.data, code, path, err ? err->text : "");
        if (err) {
            *err = (struct onus_error)ONUS_ERROR_INIT;
        }
        return ONUS_OK;
    }
    return code;
}

enum onus_code onus_sources_load(struct onus_vault *vault, struct onus_error *err)
{
    int folder = openat(vault->at, VAULT_SOURCES, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *names = folder < 0 ? NULL : fdopendir(folder);
    if (!names) {
        int saved = errno;
        if (folder >= 0) {
            (void)close(folder);
        }
        enum onus_code code = onus_fail(err, saved == ENOENT ? ONUS_E_MISSING : ONUS_E_IO,
                "the folder '%s' cannot be read", VAULT_SOURCES);
        if (err) {
            err->sys_errno = saved;
        }
        return code;
    }
    enum onus_code code = ONUS_OK;
    const struct dirent *name = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    while (code == ONUS_OK && (name = readdir(names)) != NULL) {
        code = load_named(vault, name->d_name, err);
    }
    (void)closedir(names);
    return code;
}

/* ---- asking ---------------------------------------------------------------------------------- */

size_t onus_vault_source_count(const struct onus_vault *vault)
{
    return vault->source_count;
}

const struct onus_source *onus_vault_source_at(const struct onus_vault *vault, size_t index)
{
    return &vault->sources[index]->public;
}

const struct onus_source *onus_vault_source_named(const struct onus_vault *vault,
        struct onus_str name)
{
    for (size_t i = 0; i < vault->source_count; i++) {
        if (onus_str_eq(vault->sources[i]->public.name, name)) {
            return &vault->sources[i]->public;
        }
    }
    return NULL;
}

const struct onus_source *onus_vault_source_tagged(const struct onus_vault *vault,
        const struct onus_tag *tag)
{
    for (size_t i = 0; i < vault->source_count; i++) {
        if (onus_tag_eq(&vault->sources[i]->public.tag, tag)) {
            return &vault->sources[i]->public;
        }
    }
    return NULL;
}

/* ---- a new one ------------------------------------------------------------------------------- */

enum onus_code onus_vault_keys_save(struct onus_vault *vault, const struct onus_source *source,
        const struct onus_keytree *keys, struct onus_error *err)
{
    struct onus_buffer text = {0};
    char path[VAULT_PATH];
    onus_source_key_path(&source->tag, path);
    onus_keytree_format(keys, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_secret_write(vault, path, onus_buffer_view(&text), err);
    }
    onus_secret_clear(&text);
    return code;
}

static enum onus_code enter_source(struct onus_vault *vault, struct vault_source *source,
        struct onus_error *err)
{
    struct onus_buffer entry = {0};
    struct onus_digest leaf;
    uint64_t index = 0;
    enum onus_code code = onus_source_entry(vault, &source->public, &entry, &leaf, err);
    if (code == ONUS_OK) {
        code = onus_log_append(vault->log, onus_buffer_view(&entry), &index, err);
    }
    onus_buffer_clear(&entry);
    return code == ONUS_OK ? onus_log_flush(vault->log, err) : code;
}

static enum onus_code make_source(struct onus_vault *vault, struct vault_source *source,
        struct onus_str name, struct onus_error *err)
{
    enum onus_code code = onus_arena_copy(&source->arena, name, &source->public.name, err);
    if (code == ONUS_OK) {
        code = onus_durable_folder(vault->at, VAULT_KEYS, err);
    }
    if (code == ONUS_OK) {
        code = onus_vault_keys_save(vault, &source->public, &source->public.keys, err);
    }
    if (code == ONUS_OK) {
        code = onus_source_entry(vault, &source->public, NULL, &source->public.previous, err);
    }
    if (code == ONUS_OK) {
        code = onus_source_save(vault, source, err);
    }
    return code == ONUS_OK ? enter_source(vault, source, err) : code;
}

enum onus_code onus_vault_source_add(struct onus_vault *vault, struct onus_str name,
        enum onus_profile profile, uint64_t made, const struct onus_digest *k_source,
        const struct onus_source **out, struct onus_error *err)
{
    if (!onus_source_name_valid(name)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "a source has a name of 1 to %d bytes of UTF-8 without control characters",
                ONUS_NAME_MAX);
    }
    if (onus_vault_source_named(vault, name)) {
        return onus_fail(err, ONUS_E_REFUSED, "there is a source '" ONUS_STR_FMT "' already",
                ONUS_STR_ARG(name));
    }
    struct onus_keytree keys;
    enum onus_code code = onus_keytree_init(&keys, k_source, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct vault_source *source = new_source(&keys.tag);
    if (!source) {
        onus_keytree_clear(&keys);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    source->public.keys = keys;
    source->public.has_keys = true;
    source->public.profile = profile;
    source->public.made = made;
    source->public.entry = onus_log_size(vault->log);
    code = make_source(vault, source, name, err);
    if (code == ONUS_OK) {
        code = add_source(vault, source, err);
    }
    if (code != ONUS_OK) {
        free_source(source);
        return code;
    }
    if (vault->signs_alone) {
        code = onus_vault_sign(vault, err);
    }
    if (code == ONUS_OK) {
        *out = &source->public;
    }
    return code;
}

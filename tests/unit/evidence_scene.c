/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "evidence/keytree.h"
#include "evidence/rollup.h"

enum {
    SOURCES = 16,
    ENTRIES = 4096
};

struct slots {
    struct onus_slot slots[ONUS_PARTS_MAX];
    size_t count;
};

/* One entry of the log. */
struct entry {
    struct scene *scene;
    size_t source;
    bool introduction, rollup, in_parts;
    uint64_t first, last;
    struct onus_manifest manifest;
    struct onus_digest key; /* K_batch, K_rollup */
    struct onus_salt salts[ONUS_MANIFEST_SLOTS];
    struct onus_digest commits[ONUS_MANIFEST_SLOTS];
    struct onus_digest leaf;

    struct onus_index index;
    struct onus_index_salts index_salts;
    struct onus_digest *row_leaves;

    const struct scene_line *lines;
    size_t line_count;
    struct slots *records;
    struct onus_digest *line_leaves;
    size_t leaf_count;
};

struct source {
    const char *name;
    bool in_parts;
    struct onus_keytree keys;
    struct onus_digest previous;
    uint64_t next_seq;
};

struct scene {
    struct onus_arena arena;
    struct source sources[SOURCES];
    size_t source_count;
    struct entry *entries[ENTRIES];
    size_t entry_count;
    struct onus_str anchor;
    struct onus_holding *list;
    struct onus_holdings holdings;
    struct onus_digest leaves[ENTRIES];
    struct onus_ed25519_seed log_seed, other_seed, witness_seed;
    struct onus_vkey log, other, witness;
    char vkeys[3][256];
    struct onus_str policy_text;
    struct onus_policy policy;
};

static void ok(enum onus_code code)
{
    assert_int_equal(code, ONUS_OK);
}

static void *room(struct scene *scene, size_t size)
{
    void *bytes = onus_arena_alloc(&scene->arena, size > 0 ? size : 1);
    assert_non_null(bytes);
    return bytes;
}

static struct onus_str keep(struct scene *scene, struct onus_str text)
{
    struct onus_str copy;
    ok(onus_arena_copy(&scene->arena, text, &copy, NULL));
    return copy;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void make_key(const char *name, enum onus_vkey_type type, uint8_t seed,
        struct onus_ed25519_seed *out, struct onus_vkey *vkey, char text[256])
{
    memset(out->bytes, seed, sizeof(out->bytes));
    struct onus_ed25519_public public;
    ok(onus_ed25519_public_of(out, &public, NULL));
    ok(onus_vkey_make(onus_str_of(name), type, &public, vkey, NULL));
    struct onus_buffer buffer = {.limit = 0};
    onus_vkey_add(&buffer, vkey);
    assert_true(buffer.len < 256);
    memcpy(text, buffer.ptr, buffer.len);
    text[buffer.len] = '\0';
    onus_buffer_clear(&buffer);
}

struct scene *scene_new(void)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    onus_arena_init(&scene->arena, SIZE_MAX);
    make_key("acme.example/evidence", ONUS_VKEY_ED25519, 1, &scene->log_seed, &scene->log,
            scene->vkeys[0]);
    make_key("w1.example", ONUS_VKEY_COSIGNATURE, 2, &scene->witness_seed, &scene->witness,
            scene->vkeys[1]);
    make_key("other.example/evidence", ONUS_VKEY_ED25519, 3, &scene->other_seed, &scene->other,
            scene->vkeys[2]);
    struct onus_buffer text = {.limit = 0};
    onus_buffer_printf(&text, "log %s\nlog %s\nwitness w1 %s\nquorum w1\n", scene->vkeys[0],
            scene->vkeys[2], scene->vkeys[1]);
    scene->policy_text = keep(scene, onus_buffer_view(&text));
    onus_buffer_clear(&text);
    ok(onus_policy_parse(scene->policy_text, &scene->arena, &scene->policy, NULL));
    return scene;
}

void scene_free(struct scene *scene)
{
    for (size_t i = 0; i < scene->source_count; i++) {
        onus_keytree_clear(&scene->sources[i].keys);
    }
    onus_arena_clear(&scene->arena);
    free(scene);
}

/* ---- sealing --------------------------------------------------------------------------------- */

static struct entry *new_entry(struct scene *scene, size_t source)
{
    assert_true(scene->entry_count < ENTRIES);
    struct entry *entry = room(scene, sizeof(*entry));
    entry->scene = scene;
    entry->source = source;
    entry->in_parts = scene->sources[source].in_parts;
    entry->manifest.entry = scene->entry_count;
    scene->entries[scene->entry_count++] = entry;
    return entry;
}

size_t scene_source(struct scene *scene, const char *name, bool in_parts)
{
    assert_true(scene->source_count < SOURCES);
    size_t number = scene->source_count++;
    struct source *source = &scene->sources[number];
    struct onus_digest k = {{(uint8_t)(number + 1), 0x5c}};
    source->name = name;
    source->in_parts = in_parts;
    ok(onus_keytree_init(&source->keys, &k, NULL));
    struct entry *entry = new_entry(scene, number);
    entry->introduction = true;
    struct onus_digest commits[ONUS_SOURCE_SLOTS] = {{{0}}}; /* never opened here */
    onus_record_leaf(ONUS_PROFILE_SOURCE,
            (struct onus_str){(const char *)source->keys.tag.bytes, 16}, commits, ONUS_SOURCE_SLOTS,
            &entry->leaf);
    source->previous = entry->leaf;
    return number;
}

static void put_slot(struct entry *entry, struct onus_slot *slot, uint8_t kind, uint64_t number,
        struct onus_str value)
{
    slot->open = true;
    slot->kind = kind;
    slot->value = value;
    onus_salt_of(&entry->key, number, &slot->salt);
    onus_slot_commit(kind, &slot->salt, value, &slot->commitment);
}

/* Cut behind each blank: even parts are texts, odd ones accounts. */
static void cut_line(struct entry *entry, struct onus_str line, struct slots *out, uint64_t *number)
{
    size_t from = 0;
    for (size_t i = 0; i <= line.len && out->count < ONUS_PARTS_MAX; i++) {
        bool last = i == line.len || out->count == ONUS_PARTS_MAX - 1;
        if (last || line.ptr[i] == ' ') {
            struct onus_str part = {line.ptr + from, last ? line.len - from : i + 1 - from};
            uint8_t kind = out->count % 2 == 0 ? ONUS_SLOT_PART_TEXT : ONUS_SLOT_PART_ACCOUNT;
            put_slot(entry, &out->slots[out->count++], kind, (*number)++, part);
            from = i + 1;
            if (last) {
                return;
            }
        }
    }
}

static uint64_t commit_lines(struct scene *scene, struct entry *entry)
{
    uint64_t number = 0;
    size_t per = entry->in_parts ? 1 : ONUS_LINES_PER_LEAF;
    entry->leaf_count = (entry->line_count + per - 1) / per;
    entry->records = room(scene, entry->leaf_count * sizeof(*entry->records));
    entry->line_leaves = room(scene, entry->leaf_count * sizeof(*entry->line_leaves));
    for (size_t i = 0; i < entry->line_count; i++) {
        struct slots *slots = &entry->records[i / per];
        if (entry->in_parts) {
            cut_line(entry, entry->lines[i].text, slots, &number);
        } else {
            put_slot(entry, &slots->slots[slots->count++], ONUS_SLOT_LINE, number++,
                    entry->lines[i].text);
        }
    }
    for (size_t i = 0; i < entry->leaf_count; i++) {
        struct onus_digest commits[ONUS_PARTS_MAX];
        for (size_t j = 0; j < entry->records[i].count; j++) {
            commits[j] = entry->records[i].slots[j].commitment;
        }
        onus_record_leaf(entry->in_parts ? ONUS_PROFILE_PARTS : ONUS_PROFILE_LINES, ONUS_STR_NONE,
                commits, entry->records[i].count, &entry->line_leaves[i]);
    }
    return number;
}

static void commit_index(struct scene *scene, struct entry *entry, uint64_t first_slot,
        onus_index_routed routed, void *routed_data)
{
    struct onus_index_builder builder;
    onus_index_builder_init(&builder, 1);
    for (size_t i = 0; i < entry->line_count; i++) {
        struct onus_address source;
        const char *text = entry->lines[i].source;
        assert_true(!text || onus_address_parse(onus_str_of(text), &source));
        ok(onus_index_add_line(&builder, text ? &source : NULL, entry->lines[i].attempts, NULL));
    }
    struct onus_index_options options = {.routed = routed,
            .routed_data = routed_data,
            .decoy_key = &entry->key};
    ok(onus_index_build(&builder, &options, &scene->arena, &entry->index, NULL));
    onus_index_builder_clear(&builder);
    entry->index_salts = (struct onus_index_salts){.key = &entry->key, .first_slot = first_slot};
}

static void put_value(struct scene *scene, struct entry *entry, enum onus_slot_kind kind,
        const void *bytes, size_t size)
{
    entry->manifest.values[(unsigned)kind - ONUS_SLOT_NAME] =
            keep(scene, (struct onus_str){bytes, size});
}

static void put_number(struct scene *scene, struct entry *entry, enum onus_slot_kind kind,
        uint64_t number)
{
    uint8_t bytes[8];
    onus_be64_put(bytes, number);
    put_value(scene, entry, kind, bytes, sizeof(bytes));
}

static void finish_entry(struct scene *scene, struct entry *entry)
{
    struct onus_digest *leaves = room(scene, (entry->index.count + 1) * sizeof(*leaves));
    ok(onus_index_leaves(&entry->index, &entry->index_salts, NULL, leaves, NULL));
    entry->row_leaves = leaves;
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        onus_salt_of(&entry->key, entry->manifest.slot + i, &entry->salts[i]);
    }
    onus_manifest_commit(&entry->manifest, entry->salts, entry->commits, NULL, &entry->leaf);
}

void scene_anchor(struct scene *scene, struct onus_str note)
{
    scene->anchor = note;
}

static void fill_manifest(struct scene *scene, struct entry *entry, const struct scene_batch *batch)
{
    struct source *source = &scene->sources[batch->source];
    struct onus_digest root;
    uint8_t slot49[ONUS_INDEX_SLOT49];
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        entry->manifest.values[i] = ONUS_STR("");
    }
    put_value(scene, entry, ONUS_SLOT_NAME, source->name, strlen(source->name));
    put_value(scene, entry, ONUS_SLOT_COLLECTOR, "onus", 4);
    put_value(scene, entry, ONUS_SLOT_PREVIOUS, source->previous.bytes, 32);
    if (batch->last_time > 0) {
        put_number(scene, entry, ONUS_SLOT_FIRST_TIME, batch->first_time);
        put_number(scene, entry, ONUS_SLOT_LAST_TIME, batch->last_time);
    }
    put_number(scene, entry, ONUS_SLOT_SEALED_AT, batch->last_time + 30);
    put_number(scene, entry, ONUS_SLOT_LINES, entry->line_count);
    put_number(scene, entry, ONUS_SLOT_LEAVES, entry->leaf_count);
    struct onus_digest *copy = room(scene, entry->leaf_count * sizeof(*copy));
    memcpy(copy, entry->line_leaves, entry->leaf_count * sizeof(*copy));
    onus_tree_root(NULL, copy, entry->leaf_count, &root);
    put_value(scene, entry, ONUS_SLOT_ROOT, root.bytes, 32);
    ok(onus_index_root(&entry->index, &entry->index_salts, NULL, &root, NULL));
    onus_index_slot49(entry->index.count, &root, slot49);
    put_value(scene, entry, ONUS_SLOT_INDEX, slot49, sizeof(slot49));
    put_value(scene, entry, ONUS_SLOT_RULES, root.bytes, 32);
    if (scene->anchor.len > 0) {
        onus_sha256(scene->anchor, &root);
        put_value(scene, entry, ONUS_SLOT_ANCHOR, root.bytes, 32);
    }
    uint8_t flags = entry->in_parts ? ONUS_BATCH_PARTS : 0;
    put_value(scene, entry, ONUS_SLOT_FLAGS, &flags, 1);
}

void scene_seal(struct scene *scene, const struct scene_batch *batch, onus_index_routed routed,
        void *routed_data)
{
    struct source *source = &scene->sources[batch->source];
    struct entry *entry = new_entry(scene, batch->source);
    entry->first = source->next_seq;
    entry->last = source->next_seq++;
    entry->lines = batch->lines;
    entry->line_count = batch->line_count;
    ok(onus_keytree_batch(&source->keys, entry->first, &entry->key, NULL));
    uint64_t slots = commit_lines(scene, entry);
    commit_index(scene, entry, slots, routed, routed_data);
    entry->manifest.profile = ONUS_PROFILE_MANIFEST;
    entry->manifest.tag = source->keys.tag;
    entry->manifest.first = entry->first;
    entry->manifest.last = entry->last;
    entry->manifest.slot = slots + entry->index.count * ONUS_ROW_SLOTS;
    fill_manifest(scene, entry, batch);
    finish_entry(scene, entry);
    source->previous = entry->leaf;
}

void scene_rollup(struct scene *scene, size_t source, uint64_t first, uint64_t last)
{
    struct onus_rollup_part parts[ENTRIES];
    size_t count = 0;
    for (size_t i = 0; i < scene->entry_count; i++) {
        const struct entry *entry = scene->entries[i];
        if (entry->source == source && !entry->introduction && !entry->rollup &&
                entry->first >= first && entry->first <= last) {
            parts[count++] =
                    (struct onus_rollup_part){&entry->manifest, &entry->leaf, &entry->index};
        }
    }
    struct entry *entry = new_entry(scene, source);
    uint64_t place = entry->manifest.entry;
    entry->rollup = true;
    entry->first = first;
    entry->last = last;
    onus_keytree_rollup(&scene->sources[source].keys, first, last, &entry->key);
    struct onus_rollup_making making = {.parts = parts,
            .part_count = count,
            .collector = ONUS_STR("onus"),
            .sealed_at = 1466999999,
            .key = &entry->key};
    ok(onus_rollup_make(&making, &scene->arena, &entry->index, &entry->manifest, NULL));
    entry->manifest.entry = place;
    entry->index_salts = (struct onus_index_salts){.key = &entry->key};
    finish_entry(scene, entry);
}

/* ---- showing --------------------------------------------------------------------------------- */

static enum onus_code show_index(void *data, struct onus_exhibit_index *out, struct onus_error *err)
{
    (void)err;
    const struct entry *entry = data;
    *out = (struct onus_exhibit_index){&entry->index, &entry->index_salts,
            {entry->row_leaves, entry->index.count}};
    return ONUS_OK;
}

static enum onus_code show_record(void *data, uint64_t leaf, struct onus_slot out[ONUS_PARTS_MAX],
        size_t *count, struct onus_error *err)
{
    (void)err;
    const struct entry *entry = data;
    assert_true(leaf < entry->leaf_count);
    *count = entry->records[leaf].count;
    memcpy(out, entry->records[leaf].slots, *count * sizeof(*out));
    return ONUS_OK;
}

static enum onus_code show_line(void *data, uint64_t number, struct onus_str *out,
        struct onus_error *err)
{
    (void)err;
    const struct entry *entry = data;
    assert_true(number < entry->line_count);
    *out = entry->lines[number].text;
    return ONUS_OK;
}

static enum onus_code show_leaves(void *data, struct onus_digests *out, struct onus_error *err)
{
    (void)err;
    const struct entry *entry = data;
    *out = (struct onus_digests){entry->line_leaves, entry->leaf_count};
    return ONUS_OK;
}

static void close_entry(void *data)
{
    (void)data;
}

static const struct onus_exhibit_calls calls = {show_index, show_record, show_line, show_leaves,
        close_entry};

static struct entry *entry_of(struct scene *scene, const struct onus_holding *which)
{
    for (size_t i = 0; i < scene->entry_count; i++) {
        struct entry *entry = scene->entries[i];
        if (!entry->introduction && entry->rollup == which->rollup &&
                entry->first == which->first && entry->last == which->last &&
                onus_tag_eq(&scene->sources[entry->source].keys.tag, &which->tag)) {
            return entry;
        }
    }
    return NULL;
}

static enum onus_code open_holding(void *data, const struct onus_holding *which,
        struct onus_exhibit *out, struct onus_error *err)
{
    struct entry *entry = entry_of(data, which);
    if (!entry) {
        return onus_fail(err, ONUS_E_BUG, "not in the scene");
    }
    *out = (struct onus_exhibit){.profile = entry->manifest.profile,
            .tag = which->tag,
            .first = entry->first,
            .last = entry->last,
            .entry = entry->manifest.entry,
            .slot_count = ONUS_MANIFEST_SLOTS,
            .values = entry->manifest.values,
            .salts = entry->salts,
            .commits = entry->commits,
            .calls = &calls,
            .data = entry};
    return ONUS_OK;
}

static enum onus_code path_of(void *data, uint64_t entry, struct onus_proof *out,
        struct onus_error *err)
{
    struct scene *scene = data;
    struct onus_digest copy[ENTRIES];
    memcpy(copy, scene->leaves, scene->entry_count * sizeof(*copy));
    return onus_inclusion_prove(NULL, copy, scene->entry_count, entry, out, err);
}

static struct onus_holding holding_of(const struct scene *scene, const struct entry *entry)
{
    const struct onus_manifest *manifest = &entry->manifest;
    return (struct onus_holding){.tag = scene->sources[entry->source].keys.tag,
            .name = onus_str_of(scene->sources[entry->source].name),
            .rollup = entry->rollup,
            .first = entry->first,
            .last = entry->last,
            .has_time = onus_manifest_value(manifest, ONUS_SLOT_LAST_TIME).len > 0,
            .first_time = onus_manifest_number(manifest, ONUS_SLOT_FIRST_TIME),
            .last_time = onus_manifest_number(manifest, ONUS_SLOT_LAST_TIME),
            .lines = onus_manifest_number(manifest, ONUS_SLOT_LINES)};
}

/* ---- notes ----------------------------------------------------------------------------------- */

static struct onus_str sign_note(struct scene *scene, const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, uint64_t size, const struct onus_digest *root,
        uint64_t time)
{
    struct onus_buffer text = {.limit = 0};
    struct onus_buffer note = {.limit = 0};
    struct onus_buffer message = {.limit = 0};
    struct onus_checkpoint checkpoint = {.origin = key->name, .size = size, .root = *root};
    struct onus_ed25519_signature signature;
    onus_checkpoint_add(&text, &checkpoint);
    onus_note_begin(&note, onus_buffer_view(&text));
    ok(onus_ed25519_sign(seed, onus_buffer_view(&text), &signature, NULL));
    onus_note_add_signature(&note, key, &signature);
    onus_cosignature_message(&message, time, onus_buffer_view(&text));
    ok(onus_ed25519_sign(&scene->witness_seed, onus_buffer_view(&message), &signature, NULL));
    onus_note_add_cosignature(&note, &scene->witness, time, &signature);
    struct onus_str copy = keep(scene, onus_buffer_view(&note));
    onus_buffer_clear(&text);
    onus_buffer_clear(&note);
    onus_buffer_clear(&message);
    return copy;
}

struct onus_str scene_other_note(struct scene *scene, uint64_t size, uint64_t time)
{
    struct onus_digest root = {{(uint8_t)size, 0xab}};
    return sign_note(scene, &scene->other, &scene->other_seed, size, &root, time);
}

const struct onus_holdings *scene_sign(struct scene *scene, uint64_t time)
{
    struct onus_digest root;
    struct onus_digest copy[ENTRIES];
    scene->list = room(scene, scene->entry_count * sizeof(*scene->list));
    size_t count = 0;
    for (size_t source = 0; source < scene->source_count; source++) {
        for (int rollup = 0; rollup < 2; rollup++) {
            for (size_t i = 0; i < scene->entry_count; i++) {
                const struct entry *entry = scene->entries[i];
                if (entry->source == source && !entry->introduction &&
                        entry->rollup == (rollup == 1)) {
                    scene->list[count++] = holding_of(scene, entry);
                }
            }
        }
    }
    for (size_t i = 0; i < scene->entry_count; i++) {
        scene->leaves[i] = scene->entries[i]->leaf;
        copy[i] = scene->entries[i]->leaf;
    }
    onus_tree_root(NULL, copy, scene->entry_count, &root);
    scene->holdings = (struct onus_holdings){.list = scene->list,
            .count = count,
            .checkpoint = sign_note(scene, &scene->log, &scene->log_seed, scene->entry_count, &root,
                    time),
            .data = scene,
            .open = open_holding,
            .path = path_of};
    return &scene->holdings;
}

const struct onus_policy *scene_policy(const struct scene *scene)
{
    return &scene->policy;
}

struct onus_str scene_policy_text(const struct scene *scene)
{
    return scene->policy_text;
}

const char *scene_log_vkey(const struct scene *scene)
{
    return scene->vkeys[0];
}

const char *scene_witness_vkey(const struct scene *scene)
{
    return scene->vkeys[1];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_scene.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/base64.h"
#include "text/hex.h"

static void must(bool good)
{
    if (!good) {
        (void)fprintf(stderr, "the scene is broken\n");
        abort();
    }
}

static struct onus_str keep(struct scene *scene, const void *bytes, size_t size)
{
    struct onus_str out;
    must(onus_arena_copy(&scene->arena, (struct onus_str){bytes, size}, &out, NULL) == ONUS_OK);
    return out;
}

static struct onus_str keep_number(struct scene *scene, uint64_t number)
{
    uint8_t bytes[8];
    onus_be64_put(bytes, number);
    return keep(scene, bytes, sizeof(bytes));
}

static struct onus_str keep_digest(struct scene *scene, const struct onus_digest *digest)
{
    return keep(scene, digest->bytes, sizeof(digest->bytes));
}

/* ---- slots, leaves, trees -------------------------------------------------------------------- */

static void add_slot(struct scene *scene, struct scene_leaf *leaf, uint8_t kind,
        struct onus_str value)
{
    uint8_t seed[8];
    struct onus_digest digest;
    struct scene_slot *slot = &leaf->slots[leaf->count++];
    onus_be64_put(seed, scene->salts++);
    onus_sha256((struct onus_str){(const char *)seed, sizeof(seed)}, &digest);
    memcpy(slot->salt.bytes, digest.bytes, sizeof(slot->salt.bytes));
    slot->kind = kind;
    slot->value = value;
    onus_slot_commit(kind, &slot->salt, value, &slot->commitment);
}

static void hash_leaf(struct scene_leaf *leaf, enum onus_profile profile,
        struct onus_str public_part)
{
    struct onus_digest slots[ONUS_SLOTS_MAX];
    for (size_t i = 0; i < leaf->count; i++) {
        slots[i] = leaf->slots[i].commitment;
    }
    onus_record_leaf(profile, public_part, slots, leaf->count, &leaf->hash);
}

static void hashes_of(const struct scene_tree *tree, struct onus_digest *out)
{
    for (size_t i = 0; i < tree->count; i++) {
        out[i] = tree->leaves[i].hash;
    }
}

static struct onus_digest root_of(const struct scene_tree *tree)
{
    struct onus_digest hashes[SCENE_LEAVES];
    struct onus_digest root;
    hashes_of(tree, hashes);
    onus_tree_root(NULL, hashes, tree->count, &root);
    return root;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void add_line(struct scene *scene, struct scene_group *group, const char *text)
{
    struct scene_tree *tree = &group->lines;
    if (group->line_count % ONUS_LINES_PER_LEAF == 0) {
        tree->count++;
    }
    add_slot(scene, &tree->leaves[tree->count - 1], ONUS_SLOT_LINE,
            keep(scene, text, strlen(text)));
    group->line_count++;
}

static void add_parts(struct scene *scene, struct scene_group *group, const char *time,
        const char *text, const char *address)
{
    struct scene_leaf *leaf = &group->lines.leaves[group->lines.count++];
    add_slot(scene, leaf, ONUS_SLOT_PART_TIME, keep(scene, time, strlen(time)));
    add_slot(scene, leaf, ONUS_SLOT_PART_TEXT, keep(scene, text, strlen(text)));
    add_slot(scene, leaf, ONUS_SLOT_PART_ADDRESS, keep(scene, address, strlen(address)));
    add_slot(scene, leaf, ONUS_SLOT_PART_LAST, keep(scene, " ssh2", 5));
    group->line_count++;
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct onus_key scene_key(const char *address, uint8_t last)
{
    struct onus_key key = {{0}};
    key.bytes[17] = last;
    if (address[0] == '\0') {
        key.bytes[0] = 0xff;
    } else if (strchr(address, ':')) {
        key.bytes[0] = 0x06;
        must(inet_pton(AF_INET6, address, key.bytes + 1) == 1);
    } else if (strcmp(address, "end") == 0) {
        key.bytes[0] = 0x04;
        key.bytes[12] = 1;
    } else {
        key.bytes[0] = 0x04;
        must(inet_pton(AF_INET, address, key.bytes + 13) == 1);
    }
    return key;
}

struct row_plan {
    const char *address;
    uint8_t last;
    const char *lines; /* numbers with blanks */
    uint64_t attempts;
};

static void add_row(struct scene *scene, struct scene_group *group, const struct row_plan *plan,
        uint64_t *lines, uint64_t *attempts)
{
    size_t row = group->rows.count++;
    struct scene_leaf *leaf = &group->rows.leaves[row];
    struct onus_digest postings[SCENE_LINES];
    struct onus_digest root;
    char *rest = NULL;
    for (const char *at = plan->lines; *at; at = rest) {
        uint64_t number = strtoull(at, &rest, 10);
        uint8_t bytes[8];
        group->numbers[row][group->number_count[row]] = number;
        onus_be64_put(bytes, number);
        onus_leaf_hash((struct onus_str){(const char *)bytes, sizeof(bytes)},
                &postings[group->number_count[row]++]);
    }
    *lines += group->number_count[row];
    *attempts += plan->attempts;
    onus_tree_root(NULL, postings, group->number_count[row], &root);
    struct onus_key key = scene_key(plan->address, plan->last);
    add_slot(scene, leaf, ONUS_SLOT_ROW_KEY, keep(scene, key.bytes, sizeof(key.bytes)));
    add_slot(scene, leaf, ONUS_SLOT_ROW_LINES, keep_number(scene, *lines));
    add_slot(scene, leaf, ONUS_SLOT_ROW_POSTINGS, keep_digest(scene, &root));
    add_slot(scene, leaf, ONUS_SLOT_ROW_ATTEMPTS, keep_number(scene, *attempts));
}

static void add_rows(struct scene *scene, struct scene_group *group, const struct row_plan *plans,
        size_t count)
{
    uint64_t lines = 0;
    uint64_t attempts = 0;
    for (size_t i = 0; i < count; i++) {
        add_row(scene, group, &plans[i], &lines, &attempts);
    }
}

/* ---- heads ----------------------------------------------------------------------------------- */

static struct onus_tag tag_of(uint8_t byte)
{
    struct onus_tag tag;
    memset(tag.bytes, byte, sizeof(tag.bytes));
    return tag;
}

static struct onus_str index_value(struct scene *scene, const struct scene_tree *rows)
{
    uint8_t bytes[40];
    struct onus_digest root = root_of(rows);
    onus_be64_put(bytes, rows->count);
    memcpy(bytes + 8, root.bytes, sizeof(root.bytes));
    return keep(scene, bytes, sizeof(bytes));
}

struct head_plan {
    const char *name;
    uint64_t first_time; /* 0: empty */
    uint64_t last_time;
    const struct onus_digest *previous;
    const struct onus_digest *anchor;
    uint8_t flags;
    uint64_t leaves; /* of a roll-up: batches */
};

static void end_group(struct scene *scene, struct scene_group *group, const struct head_plan *plan)
{
    const uint8_t profile = (uint8_t)group->line_profile;
    for (size_t i = 0; i < group->lines.count; i++) {
        hash_leaf(&group->lines.leaves[i], profile, ONUS_STR_NONE);
    }
    for (size_t i = 0; i < group->rows.count; i++) {
        hash_leaf(&group->rows.leaves[i], ONUS_PROFILE_ROW, ONUS_STR_NONE);
    }
    struct scene_leaf *head = &group->head;
    struct onus_digest root = root_of(&group->lines);
    struct onus_str none = {"", 0};
    add_slot(scene, head, ONUS_SLOT_NAME, keep(scene, plan->name, strlen(plan->name)));
    add_slot(scene, head, ONUS_SLOT_COLLECTOR, ONUS_STR("onus"));
    add_slot(scene, head, ONUS_SLOT_PREVIOUS, keep_digest(scene, plan->previous));
    add_slot(scene, head, ONUS_SLOT_FIRST_TIME,
            plan->first_time ? keep_number(scene, plan->first_time) : none);
    add_slot(scene, head, ONUS_SLOT_LAST_TIME,
            plan->last_time ? keep_number(scene, plan->last_time) : none);
    add_slot(scene, head, ONUS_SLOT_SEALED_AT, keep_number(scene, SCENE_NOT_AFTER - 10));
    add_slot(scene, head, ONUS_SLOT_LINES, keep_number(scene, group->line_count));
    add_slot(scene, head, ONUS_SLOT_LEAVES,
            keep_number(scene, plan->leaves ? plan->leaves : group->lines.count));
    add_slot(scene, head, ONUS_SLOT_ROOT, keep_digest(scene, &root));
    add_slot(scene, head, ONUS_SLOT_INDEX, index_value(scene, &group->rows));
    add_slot(scene, head, ONUS_SLOT_RULES, keep_digest(scene, &root));
    add_slot(scene, head, ONUS_SLOT_ANCHOR, plan->anchor ? keep_digest(scene, plan->anchor) : none);
    add_slot(scene, head, ONUS_SLOT_FLAGS, keep(scene, &plan->flags, 1));
    uint8_t public_part[ONUS_PUBLIC_MAX];
    size_t size = group->profile == ONUS_PROFILE_ROLLUP
                          ? onus_public_range(&group->tag, group->first, group->last, public_part)
                          : onus_public_numbered(&group->tag, group->first, public_part);
    hash_leaf(head, group->profile, (struct onus_str){(const char *)public_part, size});
}

static struct scene_group *begin_group(struct scene *scene, enum scene_place place,
        enum onus_profile profile, uint8_t tag, uint64_t seq)
{
    struct scene_group *group = &scene->groups[place];
    group->entry = place;
    group->profile = profile;
    group->line_profile = ONUS_PROFILE_LINES;
    group->tag = tag_of(tag);
    group->first = seq;
    group->last = seq;
    return group;
}

static void add_source(struct scene *scene)
{
    struct scene_group *group = begin_group(scene, SCENE_SOURCE, ONUS_PROFILE_SOURCE, 0xa1, 0);
    add_slot(scene, &group->head, ONUS_SLOT_SOURCE_NAME, ONUS_STR("gw1:/var/log/auth.log"));
    add_slot(scene, &group->head, ONUS_SLOT_SOURCE_PROFILE, ONUS_STR("G"));
    add_slot(scene, &group->head, ONUS_SLOT_SOURCE_MADE, keep_number(scene, SCENE_OLDER_TIME));
    add_slot(scene, &group->head, ONUS_SLOT_SOURCE_PARTY, ONUS_STR("acme.example"));
    hash_leaf(&group->head, ONUS_PROFILE_SOURCE,
            (struct onus_str){(const char *)group->tag.bytes, sizeof(group->tag.bytes)});
}

static void add_batches(struct scene *scene, const struct onus_digest *anchor)
{
    static const struct row_plan first[] = {
            {"0.0.0.0", 0, "", 0},
            {"192.0.2.0", 0, "", 0},
            {"192.0.2.10", 1, "2", 0},
            {"192.0.3.0", 0, "", 0},
            {"203.0.113.0", 0, "", 0},
            {"203.0.113.7", 1, "0 1 3 5 6 7 9 11 13 15 16", 30},
            {"203.0.113.99", 1, "4 8", 2},
            {"203.0.114.0", 0, "", 0},
            {"end", 0, "", 0},
            {"2001:db8::7", 1, "10 12", 2},
            {"2001:db8:1::", 0, "", 0},
            {"", 0, "", 0},
            {"", 1, "14 17 18 19", 0},
    };
    static const struct row_plan second[] = {
            {"0.0.0.0", 0, "", 0},
            {"192.0.2.0", 0, "", 0},
            {"192.0.3.0", 0, "", 0},
            {"203.0.113.0", 0, "", 0},
            {"203.0.113.7", 1, "0 2", 1},
            {"203.0.114.0", 0, "", 0},
            {"", 0, "", 0},
            {"", 1, "1 3", 0},
    };
    static const struct row_plan empty[] = {{"0.0.0.0", 0, "", 0}, {"", 0, "", 0}, {"", 1, "", 0}};
    struct scene_group *group = begin_group(scene, SCENE_FIRST, ONUS_PROFILE_MANIFEST, 0xa1, 0);
    for (unsigned i = 0; i < 20; i++) {
        char line[120];
        const char *sources[] = {"203.0.113.7", "192.0.2.10", "203.0.113.99", "2001:db8::7"};
        unsigned which = i == 2 ? 1 : i == 4 || i == 8 ? 2 : i == 10 || i == 12 ? 3 : 0;
        bool none = i == 14 || i > 16;
        (void)snprintf(line, sizeof(line), "Dec 31 23:58:%02u gw1 sshd[811]: %s%s", i,
                none ? "no source" : "Failed password for root from ", none ? "" : sources[which]);
        add_line(scene, group, i == 15 ? "203.0.113.7 \033[31mred\\\xff\t" : line);
    }
    add_rows(scene, group, first, ONUS_COUNT(first));
    end_group(scene, group,
            &(struct head_plan){"gw1:/var/log/auth.log", 1767225480, 1767225499,
                    &scene->groups[SCENE_SOURCE].head.hash, NULL, 0, 0});

    group = begin_group(scene, SCENE_SECOND, ONUS_PROFILE_MANIFEST, 0xa1, 1);
    add_line(scene, group, "Jan  1 00:00:01 gw1 sshd[900]: Failed for root from 203.0.113.7");
    add_line(scene, group, "Jan  1 00:00:02 gw1 sshd[900]: nothing");
    add_line(scene, group, "Jan  1 00:00:03 gw1 sshd[900]: closed by 203.0.113.7");
    add_line(scene, group, "");
    add_rows(scene, group, second, ONUS_COUNT(second));
    end_group(scene, group,
            &(struct head_plan){"gw1:/var/log/auth.log", 1767225601, 1767139203,
                    &scene->groups[SCENE_FIRST].head.hash, anchor, 0, 0});

    group = begin_group(scene, SCENE_THIRD, ONUS_PROFILE_MANIFEST, 0xa1, 2);
    add_rows(scene, group, empty, ONUS_COUNT(empty));
    end_group(scene, group,
            &(struct head_plan){"gw1:/var/log/auth.log", 0, 0,
                    &scene->groups[SCENE_SECOND].head.hash, NULL, ONUS_BATCH_HEARTBEAT, 0});
}

static void add_other_batches(struct scene *scene)
{
    static const struct row_plan parts[] = {
            {"0.0.0.0", 0, "", 0},
            {"192.0.2.10", 1, "0 2", 2},
            {"192.0.2.11", 1, "1", 1},
            {"", 0, "", 0},
            {"", 1, "", 0},
    };
    static const struct row_plan rollup[] = {
            {"0.0.0.0", 0, "", 0},
            {"192.0.2.0", 0, "", 0},
            {"192.0.2.10", 1, "2", 0},
            {"192.0.3.0", 0, "", 0},
            {"203.0.113.0", 0, "", 0},
            {"203.0.113.7", 1, "0 1 3 5 6 7 9 11 13 15 16 20 22", 31},
            {"203.0.114.0", 0, "", 0},
            {"", 0, "", 0},
            {"", 1, "4 8 10 12 14 17 18 19 21 23", 4},
    };
    static const struct row_plan none[] = {{"", 0, "", 0}, {"", 1, "0", 0}};
    struct onus_digest previous = {{7}};
    struct scene_group *group = begin_group(scene, SCENE_PARTS, ONUS_PROFILE_MANIFEST, 0xb2, 7);
    group->line_profile = ONUS_PROFILE_PARTS;
    add_parts(scene, group, "23:59:00", " user carol from ", "192.0.2.10");
    add_parts(scene, group, "23:59:01", " user dave from ", "192.0.2.11");
    add_parts(scene, group, "23:59:02", " user erin from ", "192.0.2.10");
    add_rows(scene, group, parts, ONUS_COUNT(parts));
    end_group(scene, group,
            &(struct head_plan){"mail", 1767225540, 1767225542, &previous, NULL, ONUS_BATCH_PARTS,
                    0});

    group = begin_group(scene, SCENE_TABLE, ONUS_PROFILE_MANIFEST, 0xc3, 0);
    add_line(scene, group, "onus/net-table/v1 invented 2026-01");
    add_line(scene, group,
            "net 04000000000000000000000000c000020000 04000000000000000000000000c000030000 64500 "
            "Example Net");
    add_line(scene, group,
            "net 04000000000000000000000000cb00710000 04000000000000000000000000cb00720000 64501 "
            "Example Hosting");
    add_line(scene, group, "# the end");
    add_rows(scene, group, none, ONUS_COUNT(none));
    end_group(scene, group, &(struct head_plan){"net-table", 0, 0, &previous, NULL, 0, 0});

    group = begin_group(scene, SCENE_ROLLUP, ONUS_PROFILE_ROLLUP, 0xa1, 0);
    group->last = 1;
    group->line_count = 24;
    add_rows(scene, group, rollup, ONUS_COUNT(rollup));
    end_group(scene, group,
            &(struct head_plan){"gw1:/var/log/auth.log", 1767225480, 1767225601,
                    &scene->groups[SCENE_SECOND].head.hash, NULL, 0, 2});

    for (unsigned i = 0; i < 2; i++) {
        enum scene_place place = i == 0 ? SCENE_OTHER : SCENE_OTHER_ONE;
        group = begin_group(scene, place, ONUS_PROFILE_MANIFEST, 0xd4, 5 + i);
        add_line(scene, group, "one line");
        add_rows(scene, group, none, ONUS_COUNT(none));
        end_group(scene, group, &(struct head_plan){"other", 0, 0, &previous, NULL, 0, 0});
    }
}

/* ---- keys and notes -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum onus_vkey_type type;
} signers[] = {
        {"acme.example/evidence", ONUS_VKEY_ED25519},
        {"other.example/log", ONUS_VKEY_ED25519},
        {"w1.example", ONUS_VKEY_COSIGNATURE},
        {"w2.example", ONUS_VKEY_COSIGNATURE},
        {"w3.example", ONUS_VKEY_COSIGNATURE},
};

static struct onus_ed25519_seed seed_of(unsigned signer)
{
    struct onus_ed25519_seed seed;
    memset(seed.bytes, (int)(0x51 + signer), sizeof(seed.bytes));
    return seed;
}

static struct onus_vkey key_of(unsigned signer)
{
    struct onus_ed25519_seed seed = seed_of(signer);
    struct onus_ed25519_public key;
    struct onus_vkey out;
    must(onus_ed25519_public_of(&seed, &key, NULL) == ONUS_OK);
    must(onus_vkey_make(onus_str_of(signers[signer].name), signers[signer].type, &key, &out,
                 NULL) == ONUS_OK);
    return out;
}

struct onus_str scene_sign(struct scene *scene, struct onus_str text, unsigned log,
        const uint64_t times[3])
{
    struct onus_buffer note = {.limit = 0};
    struct onus_vkey key = key_of(log);
    struct onus_ed25519_seed seed = seed_of(log);
    struct onus_ed25519_signature signature;
    onus_note_begin(&note, text);
    must(onus_ed25519_sign(&seed, text, &signature, NULL) == ONUS_OK);
    onus_note_add_signature(&note, &key, &signature);
    for (unsigned i = 0; i < 3; i++) {
        if (times[i] == 0) {
            continue;
        }
        struct onus_buffer message = {.limit = 0};
        key = key_of(2 + i);
        seed = seed_of(2 + i);
        onus_cosignature_message(&message, times[i], text);
        must(onus_ed25519_sign(&seed, onus_buffer_view(&message), &signature, NULL) == ONUS_OK);
        onus_note_add_cosignature(&note, &key, times[i], &signature);
        onus_buffer_clear(&message);
    }
    struct onus_str out = keep(scene, note.ptr, note.len);
    onus_buffer_clear(&note);
    return out;
}

static struct onus_str sign_tree(struct scene *scene, unsigned log, uint64_t size,
        const struct onus_digest *root, const uint64_t times[3])
{
    struct onus_buffer text = {.limit = 0};
    onus_buffer_printf(&text, "%s\n%llu\n", signers[log].name, (unsigned long long)size);
    onus_base64_add(&text, onus_digest_view(root));
    onus_buffer_add_char(&text, '\n');
    struct onus_str out = scene_sign(scene, onus_buffer_view(&text), log, times);
    onus_buffer_clear(&text);
    return out;
}

static void add_policy(struct scene *scene)
{
    static const char *const lines[] = {"log ", "log ", "witness one ", "witness two ",
            "witness three "};
    struct onus_buffer text = {.limit = 0};
    onus_buffer_add_text(&text, "# whom we believe\n");
    for (unsigned i = 0; i < ONUS_COUNT(signers); i++) {
        struct onus_vkey key = key_of(i);
        onus_buffer_add_text(&text, lines[i]);
        onus_vkey_add(&text, &key);
        onus_buffer_add_char(&text, '\n');
    }
    size_t keys = text.len;
    onus_buffer_add_text(&text, "group most 2 one two three\nquorum most\n");
    scene->policy = keep(scene, text.ptr, text.len);
    text.len = keys;
    onus_buffer_add_text(&text, "quorum none\n");
    scene->policy_none = keep(scene, text.ptr, text.len);
    onus_buffer_clear(&text);
}

static void log_hashes(const struct scene *scene, struct onus_digest *out)
{
    for (size_t i = 0; i < SCENE_ENTRIES; i++) {
        out[i] = scene->groups[i].head.hash;
    }
}

void scene_init(struct scene *scene)
{
    *scene = (struct scene){.salts = 0};
    onus_arena_init(&scene->arena, (size_t)1 << 24);
    struct onus_digest hashes[SCENE_ENTRIES];
    struct onus_digest anchor;
    struct onus_digest elsewhere = {{0x5a}};
    scene->older = sign_tree(scene, 1, 40, &elsewhere,
            (const uint64_t[]){SCENE_OLDER_TIME, SCENE_OLDER_TIME + 60, 0});
    elsewhere.bytes[1] = 1;
    scene->beacon = sign_tree(scene, 1, 41, &elsewhere,
            (const uint64_t[]){0, SCENE_BEACON + 30, SCENE_BEACON});
    onus_sha256(scene->older, &anchor);
    add_policy(scene);
    add_source(scene);
    add_batches(scene, &anchor);
    add_other_batches(scene);
    log_hashes(scene, hashes);
    onus_tree_root(NULL, hashes, SCENE_ENTRIES, &scene->root);
    const uint64_t times[] = {SCENE_NOT_AFTER - 60, SCENE_NOT_AFTER, SCENE_NOT_AFTER + 60};
    scene->checkpoint = sign_tree(scene, 0, SCENE_ENTRIES, &scene->root, times);
    scene->exact = sign_tree(scene, 0, SCENE_ENTRIES, &scene->root,
            (const uint64_t[]){SCENE_NOT_AFTER - 60, SCENE_NOT_AFTER, 0});
    scene->bare = sign_tree(scene, 0, SCENE_ENTRIES, &scene->root, (const uint64_t[]){0, 0, 0});
    scene->other_checkpoint = sign_tree(scene, 1, SCENE_ENTRIES, &scene->root, times);
}

void scene_clear(struct scene *scene)
{
    onus_arena_clear(&scene->arena);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

void scene_note(struct onus_buffer *out, const char *keyword, struct onus_str note)
{
    onus_buffer_printf(out, "%s %zu\n", keyword, note.len);
    onus_buffer_add_str(out, note);
}

void scene_begin(struct onus_buffer *out, const struct scene *scene)
{
    onus_buffer_add_text(out, "onus/bundle/v1\n");
    scene_note(out, "checkpoint", scene->checkpoint);
}

void scene_end(struct onus_buffer *out, unsigned count)
{
    onus_buffer_printf(out, "end %u\n", count);
}

static void add_digest(struct onus_buffer *out, char letter, const struct onus_digest *digest)
{
    onus_buffer_add_char(out, letter);
    onus_buffer_add_char(out, ' ');
    onus_base64_add(out, onus_digest_view(digest));
    onus_buffer_add_char(out, '\n');
}

static void add_slots(struct onus_buffer *out, const struct scene_leaf *leaf, uint32_t open,
        bool raw)
{
    for (size_t i = 0; i < leaf->count; i++) {
        const struct scene_slot *slot = &leaf->slots[i];
        if (!(open >> i & 1)) {
            add_digest(out, 'c', &slot->commitment);
            continue;
        }
        onus_buffer_printf(out, "o %02x ", slot->kind);
        onus_hex_add(out, (struct onus_str){(const char *)slot->salt.bytes, 16});
        onus_buffer_printf(out, " %zu:", slot->value.len);
        if (raw) {
            onus_buffer_add_str(out, slot->value);
        } else {
            onus_hex_add(out, slot->value);
        }
        onus_buffer_add_char(out, '\n');
    }
}

static void add_path(struct onus_buffer *out, struct onus_digest *hashes, size_t count,
        uint64_t index)
{
    struct onus_proof proof;
    must(onus_inclusion_prove(NULL, hashes, count, index, &proof, NULL) == ONUS_OK);
    for (size_t i = 0; i < proof.count; i++) {
        add_digest(out, 'h', &proof.hashes[i]);
    }
}

void scene_head(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        uint32_t open)
{
    const struct scene_group *group = &scene->groups[place];
    struct onus_digest hashes[SCENE_ENTRIES];
    log_hashes(scene, hashes);
    onus_buffer_printf(out, "batch %llu\n", (unsigned long long)group->entry);
    add_path(out, hashes, SCENE_ENTRIES, group->entry);
    const char *words = group->profile == ONUS_PROFILE_MANIFEST ? "manifest 13 "
                        : group->profile == ONUS_PROFILE_ROLLUP ? "rollup 13 "
                                                                : "source 4 ";
    onus_buffer_add_text(out, words);
    onus_hex_add(out, (struct onus_str){(const char *)group->tag.bytes, 16});
    if (group->profile != ONUS_PROFILE_SOURCE) {
        onus_buffer_printf(out, " %llu", (unsigned long long)group->first);
    }
    if (group->profile == ONUS_PROFILE_ROLLUP) {
        onus_buffer_printf(out, " %llu", (unsigned long long)group->last);
    }
    onus_buffer_add_char(out, '\n');
    add_slots(out, &group->head, open, false);
}

static void add_leaf(struct onus_buffer *out, const struct scene_tree *tree, size_t leaf,
        uint32_t open, bool raw)
{
    struct onus_digest hashes[SCENE_LEAVES];
    hashes_of(tree, hashes);
    add_slots(out, &tree->leaves[leaf], open, raw);
    add_path(out, hashes, tree->count, leaf);
}

void scene_record(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        size_t leaf, uint32_t open)
{
    const struct scene_group *group = &scene->groups[place];
    onus_buffer_printf(out, "record %zu %c %zu\n", leaf, (char)group->line_profile,
            group->lines.leaves[leaf].count);
    add_leaf(out, &group->lines, leaf, open, true);
}

void scene_row(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        size_t row, uint32_t open)
{
    onus_buffer_printf(out, "row %zu 4\n", row);
    add_leaf(out, &scene->groups[place].rows, row, open, false);
}

size_t scene_find(const struct scene *scene, enum scene_place place, struct onus_key key)
{
    const struct scene_tree *rows = &scene->groups[place].rows;
    for (size_t i = 0; i < rows->count; i++) {
        if (memcmp(rows->leaves[i].slots[0].value.ptr, key.bytes, sizeof(key.bytes)) == 0) {
            return i;
        }
    }
    must(false);
    return 0;
}

void scene_count(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        const char *address)
{
    size_t row = scene_find(scene, place, scene_key(address, 1));
    onus_buffer_add_text(out, "claim count address\n");
    scene_row(out, scene, place, row - 1, 0x0a);
    scene_row(out, scene, place, row, 0x0b);
}

void scene_range(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        struct onus_key low, struct onus_key high)
{
    onus_buffer_add_text(out, "claim count range\n");
    scene_row(out, scene, place, scene_find(scene, place, low), 0x0b);
    scene_row(out, scene, place, scene_find(scene, place, high), 0x0b);
}

void scene_absent(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        struct onus_key key)
{
    const struct scene_tree *rows = &scene->groups[place].rows;
    size_t row = 0;
    while (memcmp(rows->leaves[row + 1].slots[0].value.ptr, key.bytes, sizeof(key.bytes)) < 0) {
        row++;
    }
    onus_buffer_add_text(out, "claim absent ");
    scene_key_text(out, key);
    onus_buffer_add_char(out, '\n');
    scene_row(out, scene, place, row, 1);
    scene_row(out, scene, place, row + 1, 1);
}

void scene_all(struct onus_buffer *out, const struct scene *scene, enum scene_place place)
{
    onus_buffer_add_text(out, "claim all\n");
    scene_row(out, scene, place, scene->groups[place].rows.count - 1, 0x0a);
}

void scene_key_text(struct onus_buffer *out, struct onus_key key)
{
    onus_hex_add(out, (struct onus_str){(const char *)key.bytes, sizeof(key.bytes)});
}

void scene_digest_text(struct onus_buffer *out, const struct onus_digest *digest)
{
    onus_base64_add(out, onus_digest_view(digest));
}

/* ---- samples --------------------------------------------------------------------------------- */

/* The leaf and the slot that a sample draws: docs/formats/bundle.md, audit. */
static void drawn(const struct scene *scene, const struct scene_group *group, uint64_t number,
        size_t *leaf, size_t *slot)
{
    struct onus_digest root = root_of(&group->lines);
    struct onus_digest part;
    uint8_t bytes[64];
    onus_sha256(scene->beacon, &part);
    memcpy(bytes, root.bytes, 32);
    memcpy(bytes + 32, part.bytes, 32);
    onus_sha256((struct onus_str){(const char *)bytes, 64}, &part);
    memcpy(bytes, part.bytes, 32);
    onus_be64_put(bytes + 32, number);
    onus_sha256((struct onus_str){(const char *)bytes, 40}, &part);
    *leaf = (size_t)(onus_be64_get(part.bytes) % group->lines.count);
    *slot = part.bytes[8] % group->lines.leaves[*leaf].count;
}

static void add_posting(struct onus_buffer *out, const struct scene_group *group, size_t row,
        uint64_t line)
{
    struct onus_digest hashes[SCENE_LINES];
    size_t place = SIZE_MAX;
    for (size_t i = 0; i < group->number_count[row]; i++) {
        uint8_t bytes[8];
        onus_be64_put(bytes, group->numbers[row][i]);
        onus_leaf_hash((struct onus_str){(const char *)bytes, sizeof(bytes)}, &hashes[i]);
        place = group->numbers[row][i] == line ? i : place;
    }
    onus_buffer_printf(out, "posting %zu\n", place);
    add_path(out, hashes, group->number_count[row], place);
}

static size_t row_of_line(const struct scene_group *group, uint64_t line)
{
    for (size_t row = 0; row < group->rows.count; row++) {
        for (size_t i = 0; i < group->number_count[row]; i++) {
            if (group->numbers[row][i] == line) {
                return row;
            }
        }
    }
    must(false);
    return 0;
}

size_t scene_samples(struct onus_buffer *out, const struct scene *scene, enum scene_place place,
        size_t count)
{
    const struct scene_group *group = &scene->groups[place];
    bool parts = group->line_profile == ONUS_PROFILE_PARTS;
    uint32_t open[SCENE_LEAVES] = {0};
    size_t shown = 0;
    size_t leaf = 0;
    size_t slot = 0;
    for (size_t i = 0; i < count; i++) {
        drawn(scene, group, i, &leaf, &slot);
        open[leaf] |= parts ? SCENE_ALL : 1u << slot;
    }
    for (size_t i = 0; i < group->lines.count; i++) {
        if (open[i] != 0) {
            scene_record(out, scene, place, i, open[i]);
            shown++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        drawn(scene, group, i, &leaf, &slot);
        uint64_t line = parts ? leaf : leaf * ONUS_LINES_PER_LEAF + slot;
        size_t row = row_of_line(group, line);
        onus_buffer_printf(out, "claim sample %zu\n", i);
        scene_row(out, scene, place, row - 1, 0x02);
        scene_row(out, scene, place, row, 0x07);
        add_posting(out, group, row, line);
        shown++;
    }
    return shown;
}

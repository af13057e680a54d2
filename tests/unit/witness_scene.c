/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "witness_scene.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proof/checkpoint.h"
#include "proof/witness_message.h"

void scene_log_init(struct scene_log *log, const char *origin, uint8_t seed)
{
    struct onus_ed25519_public public_key;
    *log = (struct scene_log){.history = 0, .fork = UINT64_MAX};
    memset(log->seed.bytes, seed, sizeof(log->seed.bytes));
    assert_int_equal(onus_ed25519_public_of(&log->seed, &public_key, NULL), ONUS_OK);
    assert_int_equal(onus_vkey_make(onus_str_of(origin), ONUS_VKEY_ED25519, &public_key, &log->key,
                             NULL),
            ONUS_OK);
}

void scene_log_vkey(const struct scene_log *log, struct onus_buffer *out)
{
    onus_vkey_add(out, &log->key);
    onus_buffer_add_char(out, '\n');
}

static void fill_leaves(const struct scene_log *log, uint64_t size,
        struct onus_digest leaves[static SCENE_LEAVES_MAX])
{
    assert_true(size <= SCENE_LEAVES_MAX);
    for (uint64_t i = 0; i < size; i++) {
        char entry[2] = {(char)i, (char)(i >= log->fork ? log->history : 0)};
        onus_leaf_hash((struct onus_str){entry, sizeof(entry)}, &leaves[i]);
    }
}

void scene_root(const struct scene_log *log, uint64_t size, struct onus_digest *out)
{
    struct onus_digest leaves[SCENE_LEAVES_MAX];
    fill_leaves(log, size, leaves);
    onus_tree_root(NULL, leaves, (size_t)size, out);
}

void scene_note_with(const struct scene_log *log, uint64_t size, const struct onus_digest *root,
        struct onus_buffer *out)
{
    struct onus_buffer text;
    struct onus_ed25519_signature signature;
    struct onus_checkpoint checkpoint = {.origin = log->key.name, .size = size, .root = *root};
    onus_buffer_init(&text, 0);
    onus_checkpoint_add(&text, &checkpoint);
    assert_int_equal(onus_ed25519_sign(&log->seed, onus_buffer_view(&text), &signature, NULL),
            ONUS_OK);
    onus_note_begin(out, onus_buffer_view(&text));
    onus_note_add_signature(out, &log->key, &signature);
    onus_buffer_clear(&text);
}

void scene_note(const struct scene_log *log, uint64_t size, struct onus_buffer *out)
{
    struct onus_digest root;
    scene_root(log, size, &root);
    scene_note_with(log, size, &root, out);
}

void scene_request(const struct scene_log *log, uint64_t old_size, uint64_t size,
        struct onus_buffer *out)
{
    struct onus_digest leaves[SCENE_LEAVES_MAX];
    struct onus_add_checkpoint message = {.old_size = old_size};
    struct onus_buffer note;
    onus_buffer_init(&note, 0);
    scene_note(log, size, &note);
    message.note = onus_buffer_view(&note);
    fill_leaves(log, size, leaves);
    if (old_size <= size) {
        assert_int_equal(onus_consistency_prove(NULL, leaves, (size_t)size, old_size,
                                 &message.proof, NULL),
                ONUS_OK);
    }
    assert_int_equal(onus_add_checkpoint_format(&message, out, NULL), ONUS_OK);
    onus_buffer_clear(&note);
}

void scene_folder_make(char path[static 64])
{
    /* In memory where that is possible: thousands of fsync, and no power is lost in a test. */
    const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(path, 64, "%s/onus-witness-XXXXXX", where);
    assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

void scene_folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static enum onus_code sevens(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    (void)err;
    memset(out, 0x77, size);
    return ONUS_OK;
}

struct onus_random_source scene_random(void)
{
    return (struct onus_random_source){.fill = sevens};
}

void scene_witness_make(const char *folder, struct onus_str logs, struct onus_buffer *vkey)
{
    struct onus_buffer own;
    char path[128];
    onus_buffer_init(&own, 0);
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    assert_int_equal(onus_witness_init(path, ONUS_STR(SCENE_WITNESS), scene_random(),
                             vkey ? vkey : &own, NULL),
            ONUS_OK);
    onus_buffer_clear(&own);
    (void)snprintf(path, sizeof(path), "%s/w/logs", folder);
    int file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, logs.ptr, logs.len), (ssize_t)logs.len);
    assert_int_equal(close(file), 0);
}

struct onus_witness *scene_witness_open(const char *folder)
{
    char path[128];
    struct onus_witness *witness = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    enum onus_code code = onus_witness_open(path, ONUS_STR_NONE, &witness, &err);
    if (code != ONUS_OK) {
        print_message("%s\n", err.text);
    }
    assert_int_equal(code, ONUS_OK);
    return witness;
}

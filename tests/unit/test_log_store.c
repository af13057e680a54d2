/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the log on a disk has the root of its entries at every size, over full tiles too, and
 * gives proofs that check; it signs one history only, whatever is done to its files.
 * Oracle: the tree computed from all leaf hashes; the checks of merkle/tree.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/log_store.h"
#include "seal_scene.h"
#include "sys/durable.h"

#define ORIGIN ONUS_STR("log.example/evidence")

struct place {
    struct scene scene;
    int at;
    struct onus_ed25519_seed seed;
    struct onus_vkey key;
};

static void place_open(struct place *place)
{
    struct onus_ed25519_public public;
    assert_true(scene_folder(&place->scene));
    place->at = open(place->scene.path, O_RDONLY | O_DIRECTORY);
    assert_true(place->at >= 0);
    memset(place->seed.bytes, 9, sizeof(place->seed.bytes));
    assert_int_equal(onus_ed25519_public_of(&place->seed, &public, NULL), ONUS_OK);
    assert_int_equal(onus_vkey_make(ORIGIN, ONUS_VKEY_ED25519, &public, &place->key, NULL),
            ONUS_OK);
    assert_int_equal(onus_durable_folder(place->at, "vault/state", NULL), ONUS_OK);
    assert_int_equal(onus_durable_folder(place->at, "vault/log", NULL), ONUS_OK);
}

static void place_close(struct place *place)
{
    (void)close(place->at);
    scene_remove(&place->scene);
}

static void add(struct onus_log *log, uint64_t number)
{
    char text[32];
    uint64_t index = 0;
    int length = snprintf(text, sizeof(text), "entry %llu", (unsigned long long)number);
    assert_int_equal(onus_log_append(log, (struct onus_str){text, (size_t)length}, &index, NULL),
            ONUS_OK);
    assert_int_equal(index, number);
}

static void leaf_of(uint64_t number, struct onus_digest *out)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "entry %llu", (unsigned long long)number);
    onus_leaf_hash((struct onus_str){text, (size_t)length}, out);
}

static void root_of(uint64_t size, struct onus_digest *out)
{
    struct onus_digest *leaves = malloc((size_t)(size + 1) * sizeof(*leaves));
    assert_non_null(leaves);
    for (uint64_t i = 0; i < size; i++) {
        leaf_of(i, &leaves[i]);
    }
    onus_tree_root(NULL, leaves, (size_t)size, out);
    free(leaves);
}

static void roots_and_proofs_are_right_at_every_size(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 7, 255, 256, 257, 300, 511, 512, 700};
    struct place place;
    place_open(&place);
    struct onus_digest roots[ONUS_COUNT(sizes)];
    uint64_t have = 0;
    for (size_t i = 0; i < ONUS_COUNT(sizes); i++) {
        struct onus_log *log = NULL;
        assert_int_equal(onus_log_open(place.at, ORIGIN, true, &log, NULL), ONUS_OK);
        assert_int_equal(onus_log_size(log), have);
        while (have < sizes[i]) {
            add(log, have++);
        }
        assert_int_equal(onus_log_flush(log, NULL), ONUS_OK);
        assert_int_equal(onus_log_sign(log, &place.key, &place.seed, NULL), ONUS_OK);
        struct onus_digest root;
        root_of(have, &roots[i]);
        onus_log_root(log, &root);
        assert_memory_equal(&root, &roots[i], sizeof(root));
        for (size_t j = 0; j <= i; j++) {
            struct onus_proof proof;
            struct onus_digest leaf;
            assert_int_equal(onus_log_root_at(log, sizes[j], &root, NULL), ONUS_OK);
            assert_memory_equal(&root, &roots[j], sizeof(root));
            assert_int_equal(onus_log_consistency(log, sizes[j], have, &proof, NULL), ONUS_OK);
            assert_int_equal(onus_consistency_verify(sizes[j], &roots[j], have, &roots[i],
                                     onus_proof_view(&proof), NULL),
                    ONUS_OK);
            uint64_t index = sizes[j] - 1;
            leaf_of(index, &leaf);
            assert_int_equal(onus_log_inclusion(log, index, have, &proof, NULL), ONUS_OK);
            assert_int_equal(onus_inclusion_verify(&leaf, index, have, onus_proof_view(&proof),
                                     &roots[i], NULL),
                    ONUS_OK);
        }
        onus_log_close(log);
    }
    place_close(&place);
}

static void sign_with(struct place *place, uint64_t from, uint64_t to)
{
    struct onus_log *log = NULL;
    assert_int_equal(onus_log_open(place->at, ORIGIN, true, &log, NULL), ONUS_OK);
    for (uint64_t i = from; i < to; i++) {
        add(log, i);
    }
    assert_int_equal(onus_log_flush(log, NULL), ONUS_OK);
    assert_int_equal(onus_log_sign(log, &place->key, &place->seed, NULL), ONUS_OK);
    onus_log_close(log);
}

static void an_intent_is_signed_as_it_is_or_not_at_all(void **state)
{
    (void)state;
    struct place place;
    struct onus_log *log = NULL;
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    struct onus_digest root;
    place_open(&place);
    sign_with(&place, 0, 3);
    /* The run ends after the intent. */
    assert_int_equal(onus_log_open(place.at, ORIGIN, true, &log, NULL), ONUS_OK);
    add(log, 3);
    assert_int_equal(onus_log_flush(log, NULL), ONUS_OK);
    assert_int_equal(onus_log_intend(log, ORIGIN, NULL), ONUS_OK);
    onus_log_close(log);
    /* What was not in an intent is forgotten, what was is not. */
    assert_int_equal(onus_log_open(place.at, ORIGIN, true, &log, NULL), ONUS_OK);
    assert_true(onus_log_pending(log));
    assert_int_equal(onus_log_size(log), 4);
    /* Another entry before it is signed: the intent no longer fits, nothing is signed. */
    add(log, 4);
    assert_int_equal(onus_log_flush(log, NULL), ONUS_OK);
    assert_int_equal(onus_log_sign(log, &place.key, &place.seed, NULL), ONUS_E_MISMATCH);
    onus_log_close(log);
    assert_int_equal(onus_log_open(place.at, ORIGIN, true, &log, NULL), ONUS_OK);
    assert_int_equal(onus_log_sign(log, &place.key, &place.seed, NULL), ONUS_OK);
    assert_int_equal(onus_log_checkpoint(log, &note, &checkpoint, NULL), ONUS_OK);
    root_of(4, &root);
    assert_int_equal(checkpoint.size, 4);
    assert_memory_equal(&checkpoint.root, &root, sizeof(root));
    onus_log_close(log);
    place_close(&place);
}

static void a_tree_that_is_no_continuation_is_never_signed(void **state)
{
    (void)state;
    struct place place;
    struct onus_log *log = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    place_open(&place);
    sign_with(&place, 0, 3);
    /* Somebody changes an entry and the tile above it. */
    struct onus_digest tile[3];
    for (uint64_t i = 0; i < 3; i++) {
        leaf_of(i + 10, &tile[i]);
    }
    assert_int_equal(onus_durable_write(place.at, "vault/log/tile/0/000.p/3",
                             (struct onus_str){(const char *)tile, sizeof(tile)}, 0644, NULL),
            ONUS_OK);
    assert_int_equal(onus_log_open(place.at, ORIGIN, true, &log, &err), ONUS_E_MISMATCH);
    assert_non_null(strstr(err.text, "foreign"));
    /* And the checkpoint of another log is foreign. */
    assert_int_equal(onus_log_open(place.at, ONUS_STR("other.example"), true, &log, &err),
            ONUS_E_MISMATCH);
    place_close(&place);
}

static void published_signatures_are_kept(void **state)
{
    (void)state;
    struct place place;
    struct onus_log *log = NULL;
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    struct onus_buffer more = {0};
    place_open(&place);
    sign_with(&place, 0, 2);
    assert_int_equal(onus_log_open(place.at, ORIGIN, true, &log, NULL), ONUS_OK);
    assert_int_equal(onus_log_checkpoint(log, &note, &checkpoint, NULL), ONUS_OK);
    onus_buffer_add_str(&more, note);
    struct onus_ed25519_signature signature = {{0}};
    struct onus_vkey other = place.key;
    other.name = ONUS_STR("w1.example");
    onus_note_add_signature(&more, &other, &signature);
    size_t length = more.len;
    assert_int_equal(onus_log_publish(log, onus_buffer_view(&more), NULL), ONUS_OK);
    assert_int_equal(onus_log_checkpoint(log, &note, &checkpoint, NULL), ONUS_OK);
    assert_int_equal(note.len, length);
    /* One that lacks it, or of another text, is refused. */
    struct onus_str first = {more.ptr, length};
    size_t end = length - 1;
    while (more.ptr[end - 1] != '\n') {
        end--;
    }
    first.len = end;
    assert_int_equal(onus_log_publish(log, first, NULL), ONUS_E_REFUSED);
    more.ptr[0] = 'L';
    assert_int_equal(onus_log_publish(log, onus_buffer_view(&more), NULL), ONUS_E_REFUSED);
    onus_buffer_clear(&more);
    onus_log_close(log);
    place_close(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(roots_and_proofs_are_right_at_every_size),
            cmocka_unit_test(an_intent_is_signed_as_it_is_or_not_at_all),
            cmocka_unit_test(a_tree_that_is_no_continuation_is_never_signed),
            cmocka_unit_test(published_signatures_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: each line that is fed is in the vault once, whatever the size of blocks, the number of
 * threads, rotation, growth or copies of a file; the same input gives the same bytes on the disk; what is
 * on the disk is found right, and each changed bit of it is found wrong.
 * Oracle: the text that was fed; the check of the whole vault, which computes every root anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seal_scene.h"

/* Lines with times, addresses and attempts; some without. */
static char *make_text(size_t lines, uint64_t start, size_t *length)
{
    size_t room = lines * 120 + 1;
    char *text = malloc(room);
    size_t at = 0;
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++) {
        int wrote = i % 7 == 3 ? snprintf(text + at, room - at, "a line that says nothing %zu\n", i)
                               : snprintf(text + at, room - at,
                                         "T%llu gw1 A203.0.113.%zu N%zu failed %.*s\n",
                                         (unsigned long long)(start + i), i * 7 % 250, i % 3,
                                         (int)(i % 40), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        at += (size_t)wrote;
    }
    *length = at;
    return text;
}

static void expect(struct scene *scene, enum onus_code code)
{
    if (code != ONUS_OK) {
        print_message("%s\n", scene->failure);
    }
    assert_int_equal(code, ONUS_OK);
}

static void expect_clean(struct scene *scene, struct onus_fsck_counts *counts)
{
    size_t faults = scene_fsck(scene, counts);
    if (faults != 0) {
        print_message("%s\n", scene->failure);
    }
    assert_int_equal(faults, 0);
}

static void expect_content(struct scene *scene, const char *source, const char *text, size_t length)
{
    size_t got = 0;
    char *content = scene_content(scene, source, &got);
    if (!content) {
        print_message("%s\n", scene->failure);
    }
    assert_non_null(content);
    assert_int_equal(got, length);
    assert_memory_equal(content, text, length);
    free(content);
}

static void each_line_is_sealed_once(void **state)
{
    (void)state;
    for (unsigned parts = 0; parts < 2; parts++) {
        struct scene scene;
        struct onus_fsck_counts counts;
        size_t length = 0;
        char *text = make_text(3001, 1466900000, &length);
        assert_true(scene_new(&scene));
        scene.parts = parts == 1;
        scene.block = 1000;
        scene.blocks = 3;
        expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length}));
        expect_clean(&scene, &counts);
        assert_int_equal(counts.lines, 3001);
        assert_int_equal(counts.bytes, length);
        expect_content(&scene, "auth.log", text, length);
        scene_remove(&scene);
        free(text);
    }
}

/* The first line of a round may be the one that closes a batch of rounds before. */
static void a_batch_that_is_full_where_a_round_ends_is_sealed_too(void **state)
{
    (void)state;
    static const char text[] = "T1466960000 A203.0.113.7 N1 a\nT1466960001 A203.0.113.7 N1 b\n"
                               "T1466960002 A203.0.113.9 N1 c\nT1467046400 A203.0.113.7 N1 d\n"
                               "T1467046401 A203.0.113.7 N1 e\nT1467132800 A203.0.113.7 N1 f\n";
    for (unsigned parts = 0; parts < 2; parts++) {
        struct scene scene;
        struct onus_fsck_counts counts;
        assert_true(scene_new(&scene));
        scene.parts = parts == 1;
        scene.block = 1;
        scene.blocks = 1;
        expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, sizeof(text) - 1}));
        expect_clean(&scene, &counts);
        assert_int_equal(counts.lines, 6);
        assert_int_equal(counts.batches, 3);
        expect_content(&scene, "auth.log", text, sizeof(text) - 1);
        scene_remove(&scene);
    }
}

static void reading_again_seals_nothing_and_growth_only_what_is_new(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_fsck_counts counts;
    size_t length = 0;
    char *text = make_text(500, 1466900000, &length);
    assert_true(scene_new(&scene));
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length / 2}));
    uint64_t batches = scene.batches;
    /* The same again: nothing new. */
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length / 2}));
    assert_int_equal(scene.batches, batches);
    /* It grew, and was cut in the middle of a line before. */
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length}));
    expect_content(&scene, "auth.log", text, length);
    /* Rotated, compressed: known by its content. */
    batches = scene.batches;
    expect(&scene, scene_seal(&scene, "auth.log.1.gz", (struct onus_str){text, length}));
    assert_int_equal(scene.batches, batches);
    /* Under a name of another source too. */
    expect(&scene, scene_seal(&scene, "copy/of.log", (struct onus_str){text, length}));
    assert_int_equal(scene.batches, batches);
    assert_int_equal(scene.input.sealed_lines, 0);
    expect_clean(&scene, &counts);
    free(text);
    scene_remove(&scene);
}

static void a_new_file_of_a_source_is_told_as_rotated_and_a_shrunk_one_as_shorter(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_fsck_counts counts;
    size_t length = 0;
    size_t other = 0;
    char *text = make_text(300, 1466900000, &length);
    char *next = make_text(50, 1466950000, &other);
    assert_true(scene_new(&scene));
    scene.inode = 5;
    scene.size = length;
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length}));
    assert_int_equal(scene.last.flags, 0);
    scene.inode = 6;
    scene.size = other;
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){next, other}));
    assert_int_equal(scene.last.flags, ONUS_BATCH_ROTATED);
    /* The inode is the same, the content another: it was cut and written again. */
    scene.size = 20;
    expect(&scene, scene_seal(&scene, "auth.log", ONUS_STR("T1466960000 begins\n")));
    assert_int_equal(scene.last.flags, ONUS_BATCH_TRUNCATED);
    /* It ends before what was sealed of it: told by a batch without lines. */
    scene.inode = 5;
    scene.size = length / 2;
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length / 2}));
    assert_int_equal(scene.last.flags, ONUS_BATCH_HEARTBEAT | ONUS_BATCH_TRUNCATED);
    assert_true(scene.input.shorter);
    expect_clean(&scene, &counts);
    free(text);
    free(next);
    scene_remove(&scene);
}

static void a_file_that_only_begins_like_a_known_one_is_found_out(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_fsck_counts counts;
    size_t length = 0;
    char *text = make_text(400, 1466900000, &length);
    assert_true(scene_new(&scene));
    scene.block = 2000;
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length}));
    text[length - 3] = '!';
    text[length / 2 + 1] = '!';
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length}));
    assert_true(scene.input.differs);
    assert_int_equal(scene.input.sealed_lines, 0);
    scene.has_stranger = true;
    scene.stranger.tag = scene.input_tag;
    scene.stranger.file = scene.input.file;
    expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length}));
    assert_false(scene.input.differs);
    assert_int_equal(scene.input.sealed_lines, 400);
    expect_clean(&scene, &counts);
    assert_int_equal(counts.lines, 800);
    free(text);
    scene_remove(&scene);
}

static void a_later_day_and_a_line_without_its_end_close_a_batch(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_fsck_counts counts;
    assert_true(scene_new(&scene));
    struct onus_str text = ONUS_STR("T86399 a\nT86400 b\nT10 c\nT172800 d\nlast");
    expect(&scene, scene_seal(&scene, "x.log", text));
    assert_int_equal(scene.batches, 3);
    assert_int_equal(scene.last.flags, ONUS_BATCH_NO_LAST_LF);
    expect_content(&scene, "x.log", text.ptr, text.len);
    /* Its line feed came, and then a line: the feed alone is no line. */
    expect(&scene, scene_seal(&scene, "x.log",
                           ONUS_STR("T86399 a\nT86400 b\nT10 c\nT172800 d\nlast\nmore\n")));
    assert_int_equal(scene.last.lines, 1);
    expect_clean(&scene, &counts);
    assert_int_equal(counts.lines, 6);
    /* The clock stepped back. */
    scene.clock -= 1000;
    expect(&scene, scene_seal(&scene, "y.log", ONUS_STR("one\n")));
    expect(&scene, scene_seal(&scene, "x.log",
                           ONUS_STR("T86399 a\nT86400 b\nT10 c\nT172800 d\nlast\nmore\n+\n")));
    assert_int_equal(scene.last.flags, ONUS_BATCH_CLOCK_STEP);
    scene_remove(&scene);
}

static void an_input_that_broke_off_is_told_as_a_gap(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_fsck_counts counts;
    assert_true(scene_new(&scene));
    expect(&scene, scene_seal_broken(&scene, "x.log.gz", ONUS_STR("one\ntwo\n")));
    assert_int_equal(scene.batches, 2);
    assert_int_equal(scene.last.flags, ONUS_BATCH_HEARTBEAT | ONUS_BATCH_GAP);
    expect_clean(&scene, &counts);
    scene_remove(&scene);
}

/* ---- the same bytes -------------------------------------------------------------------------- */

static struct onus_sha256 tree_hash;
static size_t tree_prefix;

static int hash_file(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)place;
    if (kind != FTW_F) {
        return 0;
    }
    struct onus_digest digest;
    char *bytes = malloc((size_t)st->st_size + 1);
    int file = open(path, O_RDONLY);
    ssize_t got = file < 0 ? -1 : read(file, bytes, (size_t)st->st_size);
    (void)close(file);
    if (got != st->st_size) {
        free(bytes);
        return 1;
    }
    /* The order of a folder is chance: the sum of the hashes of name and bytes is not. */
    onus_sha256((struct onus_str){bytes, (size_t)got}, &digest);
    free(bytes);
    struct onus_str parts[2] = {onus_str_of(path + tree_prefix), onus_digest_view(&digest)};
    onus_hmac_sha256(ONUS_STR("file"), parts, 2, &digest);
    for (size_t i = 0; i < sizeof(digest.bytes); i++) {
        tree_hash.block[i] = (uint8_t)(tree_hash.block[i] + digest.bytes[i]);
    }
    return 0;
}

static void hash_tree(const struct scene *scene, uint8_t out[static 32])
{
    memset(&tree_hash, 0, sizeof(tree_hash));
    tree_prefix = strlen(scene->path);
    assert_int_equal(nftw(scene->path, hash_file, 16, FTW_PHYS), 0);
    memcpy(out, tree_hash.block, 32);
}

static void threads_and_blocks_do_not_show_on_the_disk(void **state)
{
    (void)state;
    static const struct {
        size_t block, blocks, threads;
    } ways[] = {{1 << 20, 8, 1}, {1 << 12, 8, 2}, {777, 5, 2}, {1, 64, 3}};
    size_t length = 0;
    char *text = make_text(5003, 1466900000, &length);
    for (unsigned parts = 0; parts < 2; parts++) {
        uint8_t first[32];
        for (size_t i = 0; i < ONUS_COUNT(ways); i++) {
            struct scene scene;
            uint8_t hash[32];
            assert_true(scene_new(&scene));
            scene.block = ways[i].block;
            scene.blocks = ways[i].blocks;
            scene.threads = ways[i].threads;
            scene.parts = parts == 1;
            expect(&scene, scene_seal(&scene, "auth.log", (struct onus_str){text, length - 1}));
            hash_tree(&scene, hash);
            if (i == 0) {
                memcpy(first, hash, sizeof(first));
            }
            assert_memory_equal(hash, first, sizeof(first));
            scene_remove(&scene);
        }
    }
    free(text);
}

/* ---- changed bits ---------------------------------------------------------------------------- */

struct flips {
    struct scene *scene;
    size_t undetected, tried;
};
static struct flips flips;

static bool matters(const char *path)
{
    static const char *const others[] = {"/policy", "/lock"};
    for (size_t i = 0; i < ONUS_COUNT(others); i++) {
        size_t length = strlen(path);
        size_t ending = strlen(others[i]);
        if (length >= ending && strcmp(path + length - ending, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* Whether the check of the vault sees it; the file is as it was afterwards. */
static bool flip_bit(int file, const char *path, off_t at, unsigned bit)
{
    uint8_t byte = 0;
    struct onus_fsck_counts counts;
    if (pread(file, &byte, 1, at) != 1) {
        return false;
    }
    byte ^= (uint8_t)(1u << bit);
    bool changed = pwrite(file, &byte, 1, at) == 1;
    flips.tried++;
    if (scene_fsck(flips.scene, &counts) == 0) {
        (void)fprintf(stderr, "%s: byte %lld bit %u can change unseen\n", path, (long long)at, bit);
        flips.undetected++;
    }
    byte ^= (uint8_t)(1u << bit);
    return pwrite(file, &byte, 1, at) == 1 && changed;
}

/* A spread of bits; all of them when asked for (some minutes). */
static int flip_file(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)place;
    if (kind != FTW_F || !matters(path)) {
        return 0;
    }
    int file = open(path, O_RDWR);
    bool all = getenv("ONUS_TEST_ALL_BITS") != NULL;
    bool right = file >= 0;
    size_t step = all || st->st_size < 40 ? 1 : st->st_size < 600 ? 5 : (size_t)st->st_size / 53;
    for (off_t at = 0; at < st->st_size && right; at += (off_t)step) {
        for (unsigned bit = all ? 0 : (unsigned)at % 8; bit < 8 && right; bit += all ? 1 : 8) {
            right = flip_bit(file, path, at, bit);
        }
    }
    (void)close(file);
    return right ? 0 : 1;
}

static void no_changed_bit_of_a_vault_passes_unseen(void **state)
{
    (void)state;
    struct scene scene;
    struct onus_fsck_counts counts;
    size_t length = 0;
    char *text = make_text(11, 1466900000, &length);
    assert_true(scene_new(&scene));
    expect(&scene, scene_seal(&scene, "a.log", (struct onus_str){text, length}));
    scene.parts = true;
    expect(&scene, scene_seal(&scene, "b.log", (struct onus_str){text, length}));
    scene.parts = false;
    expect_clean(&scene, &counts);
    flips = (struct flips){.scene = &scene};
    assert_int_equal(nftw(scene.path, flip_file, 16, FTW_PHYS), 0);
    assert_true(flips.tried > 600);
    assert_int_equal(flips.undetected, 0);
    expect_clean(&scene, &counts);
    free(text);
    scene_remove(&scene);
}

static int remove_file(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)place;
    struct onus_fsck_counts counts;
    if (kind != FTW_F || !matters(path)) {
        return 0;
    }
    char aside[512];
    (void)snprintf(aside, sizeof(aside), "%s/../aside", flips.scene->path);
    if (rename(path, aside) != 0) {
        return 1;
    }
    flips.tried++;
    if (scene_fsck(flips.scene, &counts) == 0) {
        (void)fprintf(stderr, "%s can go unseen\n", path);
        flips.undetected++;
    }
    return rename(aside, path);
}

static void no_missing_file_of_a_vault_passes_unseen(void **state)
{
    (void)state;
    struct scene scene;
    assert_true(scene_new(&scene));
    expect(&scene, scene_seal(&scene, "a.log", ONUS_STR("T5 one\nT6 two\n")));
    flips = (struct flips){.scene = &scene};
    assert_int_equal(nftw(scene.path, remove_file, 16, FTW_PHYS), 0);
    assert_true(flips.tried > 8);
    assert_int_equal(flips.undetected, 0);
    scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_line_is_sealed_once),
            cmocka_unit_test(a_batch_that_is_full_where_a_round_ends_is_sealed_too),
            cmocka_unit_test(reading_again_seals_nothing_and_growth_only_what_is_new),
            cmocka_unit_test(a_new_file_of_a_source_is_told_as_rotated_and_a_shrunk_one_as_shorter),
            cmocka_unit_test(a_file_that_only_begins_like_a_known_one_is_found_out),
            cmocka_unit_test(a_later_day_and_a_line_without_its_end_close_a_batch),
            cmocka_unit_test(an_input_that_broke_off_is_told_as_a_gap),
            cmocka_unit_test(threads_and_blocks_do_not_show_on_the_disk),
            cmocka_unit_test(no_changed_bit_of_a_vault_passes_unseen),
            cmocka_unit_test(no_missing_file_of_a_vault_passes_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

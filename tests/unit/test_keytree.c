/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: keys and salts are those of the law; what was taken from a tree is gone and all else
 * stays; its file is read exactly.
 * Oracle: the reference vectors (K_source 00..1f, seq 412), made by a program of its own; HMAC step by step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "evidence/commit.h"
#include "evidence/keytree.h"
#include "merkle/tree.h"
#include "text/hex.h"

static struct onus_digest k_source(void)
{
    struct onus_digest key;
    for (size_t i = 0; i < sizeof(key.bytes); i++) {
        key.bytes[i] = (uint8_t)i;
    }
    return key;
}

static void assert_hex(const void *bytes, size_t size, const char *hex)
{
    char text[65] = "";
    assert_true(size <= 32);
    onus_hex_put(text, (struct onus_str){bytes, size});
    text[2 * size] = '\0';
    assert_string_equal(text, hex);
}

static void keys_and_salts_are_those_of_the_vectors(void **state)
{
    (void)state;
    struct onus_keytree tree;
    struct onus_digest from = k_source();
    struct onus_digest key;
    struct onus_salt salt;
    assert_int_equal(onus_keytree_init(&tree, &from, NULL), ONUS_OK);
    assert_hex(tree.tag.bytes, 16, "c3608e8836240fef574d2acc695af90f");
    assert_int_equal(onus_keytree_batch(&tree, 412, &key, NULL), ONUS_OK);
    assert_hex(key.bytes, 32, "bea1cc0eaf39b69f86db0acc5c0f285a2f9de8383421c623945756c47e939fb6");
    onus_salt_of(&key, 0, &salt);
    assert_hex(salt.bytes, 16, "e4230d8e6eee3e0a83b52b2682a8a6cd");
    onus_salt_of(&key, 3, &salt);
    assert_hex(salt.bytes, 16, "3c5cf6044a62fba83c53afc4ae934a0c");
    onus_keytree_clear(&tree);
}

/* The lines of the vectors, two to a leaf there. */
static void commitments_are_those_of_the_vectors(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "Jun 27 03:12:07 gw1 sshd[811]: Failed password for root from 203.0.113.7 port 40112 ssh2",
            "Jun 27 03:12:09 gw1 sshd[811]: Failed password for root from 203.0.113.7 port 40112 ssh2",
            "Jun 27 03:12:11 gw1 sshd[815]: Accepted publickey for ops from 192.0.2.10 port 51514 ssh2",
            "Jun 27 03:12:12 gw1 sshd[816]: Failed password for admin from 203.0.113.99 port 40260 ssh2"};
    static const char *const commits[] =
            {"1de8dc2fdeaf960b1b140f4ab6b17957f2c5611c5dc2fe5c3de84e446235b574",
                    "9f221e5821ee8f4a0049f0ca0e2ed87d1ce32d7cdddfa937e07f90baba3376f6",
                    "903419767427a9115a003e68ec306b8c41135841846a049e60b2967409b89ec3",
                    "1c8f11763127876f8f6b3735716aefa4474444113c9e87d2012d901a0e16cbb3"};
    struct onus_keytree tree;
    struct onus_digest from = k_source();
    struct onus_digest key;
    struct onus_commit_scratch *scratch = NULL;
    struct onus_str values[4];
    struct onus_digest slots[4];
    struct onus_digest leaves[2];
    struct onus_digest root;
    assert_int_equal(onus_keytree_init(&tree, &from, NULL), ONUS_OK);
    assert_int_equal(onus_keytree_batch(&tree, 412, &key, NULL), ONUS_OK);
    assert_int_equal(onus_commit_scratch_new(NULL, &scratch, NULL), ONUS_OK);
    for (size_t i = 0; i < 4; i++) {
        values[i] = onus_str_of(lines[i]);
    }
    onus_commit_lines(scratch, &key, 0, values, 4, slots);
    for (size_t i = 0; i < 4; i++) {
        assert_hex(slots[i].bytes, 32, commits[i]);
    }
    onus_commit_groups(scratch, slots, 2, &leaves[0]);
    onus_commit_groups(scratch, slots + 2, 2, &leaves[1]);
    assert_hex(leaves[1].bytes, 32,
            "e24fb5004446f6a243af274023c1fd697134a3cc7aebb970e2a2ee60859dacaa");
    onus_tree_root(NULL, leaves, 2, &root);
    assert_hex(root.bytes, 32, "d731b8e6f83acde1fe49e7b3bb98273cfb1c3004dac5869536172fc25f8beb81");
    onus_commit_scratch_free(scratch);
    onus_keytree_clear(&tree);
}

/* Many at once give what one at a time gives, wherever they are cut. */
static void many_commitments_equal_single_ones(void **state)
{
    (void)state;
    enum {
        COUNT = 3000
    };
    static char bytes[COUNT + 64];
    static struct onus_str values[COUNT];
    static uint8_t kinds[COUNT];
    static struct onus_digest slots[COUNT];
    static struct onus_digest leaves[COUNT];
    struct onus_digest key = k_source();
    struct onus_commit_scratch *scratch = NULL;
    assert_int_equal(onus_commit_scratch_new(NULL, &scratch, NULL), ONUS_OK);
    for (size_t i = 0; i < COUNT; i++) {
        bytes[i] = (char)(i * 7);
        values[i] = (struct onus_str){bytes + i / 2, i * 31 % 400};
        if (values[i].len > COUNT - i / 2) {
            values[i].len = 0;
        }
        kinds[i] = (uint8_t)(0x11 + i % 7);
    }
    for (uint64_t first = 0; first < 3; first++) {
        onus_commit_slots(scratch, &key, first, kinds, values, COUNT, slots);
        for (size_t i = 0; i < COUNT; i++) {
            struct onus_salt salt;
            struct onus_digest one;
            onus_salt_of(&key, first + i, &salt);
            onus_slot_commit(kinds[i], &salt, values[i], &one);
            assert_memory_equal(&one, &slots[i], sizeof(one));
        }
    }
    uint8_t counts[COUNT];
    size_t used = 0;
    size_t made = 0;
    while (used + 12 <= COUNT) {
        counts[made] = (uint8_t)(made % 12 + 1);
        used += counts[made++];
    }
    onus_commit_parts(scratch, slots, counts, made, leaves);
    const struct onus_digest *at = slots;
    for (size_t i = 0; i < made; i++) {
        struct onus_digest one;
        onus_record_leaf(ONUS_PROFILE_PARTS, ONUS_STR_NONE, at, counts[i], &one);
        assert_memory_equal(&one, &leaves[i], sizeof(one));
        at += counts[i];
    }
    onus_commit_groups(scratch, slots, COUNT - 3, leaves);
    for (size_t i = 0; i < onus_commit_leaves(COUNT - 3); i++) {
        struct onus_digest one;
        size_t count = COUNT - 3 - 8 * i < 8 ? COUNT - 3 - 8 * i : 8;
        onus_record_leaf(ONUS_PROFILE_LINES, ONUS_STR_NONE, slots + 8 * i, count, &one);
        assert_memory_equal(&one, &leaves[i], sizeof(one));
    }
    onus_commit_scratch_free(scratch);
}

static void what_is_taken_away_is_gone_and_the_rest_stays(void **state)
{
    (void)state;
    static const uint64_t seqs[] = {0, 1, 2, 5, 411, 412, 413, 1u << 31, UINT32_MAX - 1,
            UINT32_MAX};
    struct onus_keytree whole;
    struct onus_keytree tree;
    struct onus_digest from = k_source();
    assert_int_equal(onus_keytree_init(&whole, &from, NULL), ONUS_OK);
    assert_int_equal(onus_keytree_init(&tree, &from, NULL), ONUS_OK);
    assert_int_equal(onus_keytree_puncture(&tree, 412, NULL), ONUS_OK);
    assert_int_equal(tree.count, 32);
    assert_int_equal(onus_keytree_puncture(&tree, 412, NULL), ONUS_OK);
    assert_int_equal(onus_keytree_puncture(&tree, UINT32_MAX, NULL), ONUS_OK);
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < ONUS_COUNT(seqs); i++) {
            struct onus_digest a;
            struct onus_digest b;
            bool gone = seqs[i] == 412 || seqs[i] == UINT32_MAX || (round == 1 && seqs[i] < 5);
            assert_int_equal(onus_keytree_batch(&whole, seqs[i], &a, NULL), ONUS_OK);
            enum onus_code code = onus_keytree_batch(&tree, seqs[i], &b, NULL);
            assert_int_equal(code, gone ? ONUS_E_MISSING : ONUS_OK);
            if (!gone) {
                assert_memory_equal(&a, &b, sizeof(a));
            }
        }
        assert_int_equal(onus_keytree_advance(&tree, 5, NULL), ONUS_OK);
    }
    onus_keytree_clear(&whole);
    onus_keytree_clear(&tree);
}

static void a_file_is_read_as_written_and_no_cut_or_changed_one(void **state)
{
    (void)state;
    struct onus_keytree tree;
    struct onus_keytree back;
    struct onus_digest from = k_source();
    struct onus_buffer text = {0};
    struct onus_buffer again = {0};
    assert_int_equal(onus_keytree_init(&tree, &from, NULL), ONUS_OK);
    assert_int_equal(onus_keytree_puncture(&tree, 3, NULL), ONUS_OK);
    onus_keytree_format(&tree, &text);
    assert_int_equal(onus_keytree_parse(onus_buffer_view(&text), &back, NULL), ONUS_OK);
    onus_keytree_format(&back, &again);
    assert_true(onus_str_eq(onus_buffer_view(&text), onus_buffer_view(&again)));
    onus_keytree_clear(&back);
    for (size_t i = 0; i < text.len; i++) {
        struct onus_str cut = {text.ptr, i};
        assert_int_equal(onus_keytree_parse(cut, &back, NULL), ONUS_E_FORMAT);
        text.ptr[i] ^= (char)(1u << i % 8);
        assert_int_equal(onus_keytree_parse(onus_buffer_view(&text), &back, NULL), ONUS_E_FORMAT);
        text.ptr[i] ^= (char)(1u << i % 8);
    }
    onus_buffer_clear(&text);
    onus_buffer_clear(&again);
    onus_keytree_clear(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(keys_and_salts_are_those_of_the_vectors),
            cmocka_unit_test(commitments_are_those_of_the_vectors),
            cmocka_unit_test(many_commitments_equal_single_ones),
            cmocka_unit_test(what_is_taken_away_is_gone_and_the_rest_stays),
            cmocka_unit_test(a_file_is_read_as_written_and_no_cut_or_changed_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: roots and proofs are those of RFC 6962; a proof has one length; every changed bit,
 * index and size is noticed; sizes up to 2^64 - 1 are exact; the three answers are kept apart.
 * Oracles: the recursive definitions of RFC 6962, 2.1, written down again here without levels; the
 * public vectors of rfc6962.json are in test_tree_vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "merkle/tree.h"

#include "crypto_help.h"

enum {
    MOST = 70
};

static struct onus_digest leaves[MOST];

static int make_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        char entry[2] = {(char)i, 'x'};
        onus_leaf_hash((struct onus_str){entry, sizeof(entry)}, &leaves[i]);
    }
    return 0;
}

/* ---- RFC 6962, 2.1, as it is written there ----------------------------------------------------- */

static size_t split(size_t n)
{
    size_t k = 1;
    while (2 * k < n) {
        k *= 2;
    }
    return k;
}

static void mth(size_t from, size_t n, struct onus_digest *out)
{
    if (n == 1) {
        *out = leaves[from];
        return;
    }
    uint8_t bytes[65] = {1};
    struct onus_digest half;
    mth(from, split(n), &half);
    memcpy(bytes + 1, half.bytes, 32);
    mth(from + split(n), n - split(n), &half);
    memcpy(bytes + 33, half.bytes, 32);
    onus_sha256((struct onus_str){(const char *)bytes, sizeof(bytes)}, out);
}

static void path(size_t m, size_t from, size_t n, struct onus_proof *out)
{
    if (n == 1) {
        return;
    }
    size_t k = split(n);
    if (m < k) {
        path(m, from, k, out);
        mth(from + k, n - k, &out->hashes[out->count++]);
    } else {
        path(m - k, from + k, n - k, out);
        mth(from, k, &out->hashes[out->count++]);
    }
}

static void subproof(size_t m, size_t from, size_t n, bool whole, struct onus_proof *out)
{
    if (m == n) {
        if (!whole) {
            mth(from, n, &out->hashes[out->count++]);
        }
        return;
    }
    size_t k = split(n);
    if (m <= k) {
        subproof(m, from, k, whole, out);
        mth(from + k, n - k, &out->hashes[out->count++]);
    } else {
        subproof(m - k, from + k, n - k, false, out);
        mth(from, k, &out->hashes[out->count++]);
    }
}

/* ---- the same from the module ----------------------------------------------------------------- */

static struct onus_digest work[MOST];

static struct onus_digest root_of(size_t n)
{
    struct onus_digest root;
    memcpy(work, leaves, sizeof(work));
    onus_tree_root(NULL, work, n, &root);
    return root;
}

static void assert_same_proof(const struct onus_proof *got, const struct onus_proof *wanted)
{
    assert_int_equal(got->count, wanted->count);
    assert_memory_equal(got->hashes, wanted->hashes, wanted->count * sizeof(wanted->hashes[0]));
}

static void roots_are_those_of_the_definition(void **state)
{
    (void)state;
    struct onus_frontier frontier;
    onus_frontier_init(&frontier);
    for (size_t n = 0; n <= MOST; n++) {
        struct onus_digest grown;
        struct onus_digest wanted;
        struct onus_digest got = root_of(n);
        if (n == 0) {
            (void)unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    wanted.bytes, 32);
        } else {
            mth(0, n, &wanted);
        }
        assert_memory_equal(got.bytes, wanted.bytes, 32);
        onus_frontier_root(&frontier, &grown);
        assert_memory_equal(grown.bytes, wanted.bytes, 32);
        if (n < MOST) {
            assert_int_equal(onus_frontier_add(&frontier, &leaves[n], NULL), ONUS_OK);
        }
    }
}

static void leaf_hashes_begin_with_zero_and_node_hashes_with_one(void **state)
{
    (void)state;
    struct onus_digest got[2];
    struct onus_digest wanted;
    struct onus_str entries[2] = {ONUS_STR("a"), ONUS_STR_NONE};
    onus_leaf_hashes(NULL, entries, 2, got);
    onus_sha256(ONUS_STR("\0a"), &wanted);
    assert_memory_equal(got[0].bytes, wanted.bytes, 32);
    onus_leaf_hash(entries[0], &got[0]);
    assert_memory_equal(got[0].bytes, wanted.bytes, 32);
    onus_sha256(ONUS_STR("\0"), &wanted);
    assert_memory_equal(got[1].bytes, wanted.bytes, 32);

    uint8_t bytes[65] = {1};
    memcpy(bytes + 1, leaves[0].bytes, 32);
    memcpy(bytes + 33, leaves[1].bytes, 32);
    onus_sha256((struct onus_str){(const char *)bytes, sizeof(bytes)}, &wanted);
    onus_node_hash(&leaves[0], &leaves[1], &got[0]);
    assert_memory_equal(got[0].bytes, wanted.bytes, 32);
}

static void inclusion_proofs_are_those_of_the_definition(void **state)
{
    (void)state;
    for (size_t n = 1; n <= MOST; n++) {
        struct onus_digest root = root_of(n);
        for (size_t i = 0; i < n; i++) {
            struct onus_proof wanted = {.count = 0};
            struct onus_proof got;
            path(i, 0, n, &wanted);
            memcpy(work, leaves, sizeof(work));
            assert_int_equal(onus_inclusion_prove(NULL, work, n, i, &got, NULL), ONUS_OK);
            assert_same_proof(&got, &wanted);
            assert_int_equal(onus_inclusion_length(i, n), wanted.count);
            assert_int_equal(onus_inclusion_verify(&leaves[i], i, n, onus_proof_view(&got), &root,
                                     NULL),
                    ONUS_OK);
        }
    }
}

static void consistency_proofs_are_those_of_the_definition(void **state)
{
    (void)state;
    for (size_t n = 1; n <= MOST; n++) {
        struct onus_digest root = root_of(n);
        for (size_t m = 1; m <= n; m++) {
            struct onus_digest old_root = root_of(m);
            struct onus_proof wanted = {.count = 0};
            struct onus_proof got;
            subproof(m, 0, n, true, &wanted);
            memcpy(work, leaves, sizeof(work));
            assert_int_equal(onus_consistency_prove(NULL, work, n, m, &got, NULL), ONUS_OK);
            assert_same_proof(&got, &wanted);
            assert_int_equal(onus_consistency_length(m, n), wanted.count);
            assert_int_equal(onus_consistency_verify(m, &old_root, n, &root, onus_proof_view(&got),
                                     NULL),
                    ONUS_OK);
        }
    }
}

/* For every size and leaf: all other indexes and sizes. None may hold. */
static void another_index_or_size_is_noticed(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 20; n++) {
        struct onus_digest root = root_of(n);
        for (size_t i = 0; i < n; i++) {
            struct onus_proof proof;
            memcpy(work, leaves, sizeof(work));
            assert_int_equal(onus_inclusion_prove(NULL, work, n, i, &proof, NULL), ONUS_OK);
            for (size_t j = 0; j < 42; j++) {
                enum onus_code code = onus_inclusion_verify(&leaves[i], j, n,
                        onus_proof_view(&proof), &root, NULL);
                assert_int_equal(code == ONUS_OK, i == j);
                assert_true(j < n || code == ONUS_E_FORMAT);
            }
        }
    }
}

static void every_bit_of_a_proof_counts(void **state)
{
    (void)state;
    struct onus_digest root = root_of(39);
    struct onus_digest old_root = root_of(21);
    struct onus_proof inclusion;
    struct onus_proof consistency;
    memcpy(work, leaves, sizeof(work));
    assert_int_equal(onus_inclusion_prove(NULL, work, 39, 37, &inclusion, NULL), ONUS_OK);
    memcpy(work, leaves, sizeof(work));
    assert_int_equal(onus_consistency_prove(NULL, work, 39, 21, &consistency, NULL), ONUS_OK);
    for (size_t bit = 0; bit < inclusion.count * 256; bit++) {
        inclusion.hashes[bit / 256].bytes[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(onus_inclusion_verify(&leaves[37], 37, 39, onus_proof_view(&inclusion),
                                 &root, NULL),
                ONUS_E_MISMATCH);
        inclusion.hashes[bit / 256].bytes[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < consistency.count * 256; bit++) {
        consistency.hashes[bit / 256].bytes[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(onus_consistency_verify(21, &old_root, 39, &root,
                                 onus_proof_view(&consistency), NULL),
                ONUS_E_MISMATCH);
        consistency.hashes[bit / 256].bytes[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_proof_of_another_length_is_no_proof(void **state)
{
    (void)state;
    struct onus_digest root = root_of(39);
    struct onus_digest old_root = root_of(21);
    struct onus_digests all = {leaves, 0};
    for (all.count = 0; all.count < MOST; all.count++) {
        assert_int_equal(onus_inclusion_verify(&leaves[37], 37, 39, all, &root, NULL),
                all.count == onus_inclusion_length(37, 39) ? ONUS_E_MISMATCH : ONUS_E_FORMAT);
        assert_int_equal(onus_consistency_verify(21, &old_root, 39, &root, all, NULL),
                all.count == onus_consistency_length(21, 39) ? ONUS_E_MISMATCH : ONUS_E_FORMAT);
    }
}

static void sizes_zero_one_and_equal_are_judged_as_they_are(void **state)
{
    (void)state;
    struct onus_digests none = {NULL, 0};
    struct onus_digests one = {leaves, 1};
    struct onus_digest empty = root_of(0);
    struct onus_digest first = root_of(1);
    struct onus_digest two = root_of(2);

    assert_int_equal(onus_inclusion_verify(&leaves[0], 0, 0, none, &empty, NULL), ONUS_E_FORMAT);
    assert_int_equal(onus_inclusion_verify(&leaves[0], 0, 1, none, &first, NULL), ONUS_OK);
    assert_int_equal(onus_inclusion_verify(&leaves[1], 0, 1, none, &first, NULL), ONUS_E_MISMATCH);

    assert_int_equal(onus_consistency_verify(0, &empty, 0, &empty, none, NULL), ONUS_OK);
    assert_int_equal(onus_consistency_verify(0, &first, 0, &first, none, NULL), ONUS_E_MISMATCH);
    assert_int_equal(onus_consistency_verify(0, &empty, 0, &first, none, NULL), ONUS_E_MISMATCH);
    assert_int_equal(onus_consistency_verify(0, &empty, 0, &empty, one, NULL), ONUS_E_FORMAT);
    assert_int_equal(onus_consistency_verify(0, &empty, 2, &two, none, NULL), ONUS_E_MISSING);
    assert_int_equal(onus_consistency_verify(0, &first, 2, &two, none, NULL), ONUS_E_MISMATCH);
    assert_int_equal(onus_consistency_verify(0, &empty, 2, &two, one, NULL), ONUS_E_FORMAT);

    assert_int_equal(onus_consistency_verify(2, &two, 2, &two, none, NULL), ONUS_OK);
    assert_int_equal(onus_consistency_verify(2, &first, 2, &two, none, NULL), ONUS_E_MISMATCH);
    assert_int_equal(onus_consistency_verify(2, &two, 2, &two, one, NULL), ONUS_E_FORMAT);
    assert_int_equal(onus_consistency_verify(2, &two, 1, &first, none, NULL), ONUS_E_FORMAT);
    assert_int_equal(onus_consistency_verify(1, &first, 2, &two, none, NULL), ONUS_E_FORMAT);
    one.ptr = &leaves[1];
    assert_int_equal(onus_consistency_verify(1, &first, 2, &two, one, NULL), ONUS_OK);
}

/*
 * The tree of 2^64 - 1 leaves, of which only the last or the first path is built: made-up siblings
 * lead to a root, and from other numbers they must not.
 */
static void sizes_up_to_the_largest_are_exact(void **state)
{
    (void)state;
    struct onus_proof proof = {.count = 64};
    for (size_t i = 0; i < 64; i++) {
        proof.hashes[i] = leaves[i];
    }
    struct onus_digest root;
    struct onus_digests view = onus_proof_view(&proof);
    assert_int_equal(onus_inclusion_length(0, UINT64_MAX), 64);
    assert_int_equal(onus_inclusion_root(&leaves[69], 0, UINT64_MAX, view, &root, NULL), ONUS_OK);
    assert_int_equal(onus_inclusion_verify(&leaves[69], 0, UINT64_MAX, view, &root, NULL), ONUS_OK);
    assert_int_equal(onus_inclusion_verify(&leaves[69], UINT64_C(1) << 63, UINT64_MAX, view, &root,
                             NULL),
            ONUS_E_MISMATCH);
    assert_int_equal(onus_inclusion_verify(&leaves[69], UINT64_MAX, UINT64_MAX, view, &root, NULL),
            ONUS_E_FORMAT);
    assert_int_equal(onus_inclusion_length(UINT64_MAX - 1, UINT64_MAX), 63);
    assert_int_equal(onus_inclusion_length(UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1), 1);
    assert_int_equal(onus_consistency_length(UINT64_MAX - 2, UINT64_MAX), 65);
    assert_int_equal(onus_consistency_length(UINT64_C(1) << 63, UINT64_MAX), 1);

    /* The root of the first half, and the rest: the old root is a node of the new tree. */
    struct onus_digest whole;
    onus_node_hash(&leaves[0], &leaves[1], &whole);
    struct onus_digests rest = {&leaves[1], 1};
    uint64_t half = UINT64_C(1) << 63;
    assert_int_equal(onus_consistency_verify(half, &leaves[0], UINT64_MAX, &whole, rest, NULL),
            ONUS_OK);
    assert_int_equal(onus_consistency_verify(half, &leaves[0], half + 1, &whole, rest, NULL),
            ONUS_OK); /* the same proof: one hash on the right, of any number of leaves */
    assert_int_equal(onus_consistency_verify(half - 1, &leaves[0], UINT64_MAX, &whole, rest, NULL),
            ONUS_E_FORMAT);

    struct onus_frontier full = {.size = UINT64_MAX};
    assert_int_equal(onus_frontier_count(&full), 64);
    assert_int_equal(onus_frontier_add(&full, &leaves[0], NULL), ONUS_E_LIMIT);
}

static void numbers_outside_the_tree_are_the_callers_fault(void **state)
{
    (void)state;
    struct onus_proof proof;
    memcpy(work, leaves, sizeof(work));
    assert_int_equal(onus_inclusion_prove(NULL, work, 5, 5, &proof, NULL), ONUS_E_ARGUMENT);
    assert_int_equal(onus_inclusion_prove(NULL, work, 0, 0, &proof, NULL), ONUS_E_ARGUMENT);
    assert_int_equal(onus_consistency_prove(NULL, work, 5, 6, &proof, NULL), ONUS_E_ARGUMENT);
    assert_int_equal(onus_consistency_prove(NULL, work, 5, 0, &proof, NULL), ONUS_OK);
    assert_int_equal(proof.count, 0);
}

/* The subtree of a range is the tree over its leaves: any proof into it is one of a smaller tree. */
static void subtrees_are_trees_of_their_own(void **state)
{
    (void)state;
    struct onus_digest sub;
    struct onus_proof proof = {.count = 0};
    mth(16, 7, &sub);
    path(3, 16, 7, &proof);
    struct onus_digests view = onus_proof_view(&proof);
    assert_int_equal(onus_subtree_inclusion_verify(&leaves[19], 19, 16, 23, view, &sub, NULL),
            ONUS_OK);
    assert_int_equal(onus_subtree_inclusion_verify(&leaves[19], 18, 16, 23, view, &sub, NULL),
            ONUS_E_MISMATCH);
    assert_int_equal(onus_subtree_inclusion_verify(&leaves[19], 15, 16, 23, view, &sub, NULL),
            ONUS_E_FORMAT);
    assert_int_equal(onus_subtree_inclusion_verify(&leaves[19], 23, 16, 23, view, &sub, NULL),
            ONUS_E_FORMAT);
    assert_int_equal(onus_subtree_inclusion_verify(&leaves[19], 19, 17, 23, view, &sub, NULL),
            ONUS_E_FORMAT);
}

/*
 * Proof that the leaves 16 to 22 are part of a tree of 39, written by hand: 20 and 21 joined, then 22
 * is alone; its neighbour 23 makes the subtree whole.
 */
static void a_part_of_a_tree_is_recognised(void **state)
{
    (void)state;
    struct onus_digest sub;
    struct onus_digest root = root_of(39);
    struct onus_proof proof = {.count = 6};
    mth(16, 7, &sub);
    proof.hashes[0] = leaves[22];
    proof.hashes[1] = leaves[23];
    mth(20, 2, &proof.hashes[2]);
    mth(16, 4, &proof.hashes[3]);
    mth(24, 8, &proof.hashes[4]);
    mth(0, 16, &proof.hashes[5]);
    struct onus_digests view = onus_proof_view(&proof);
    assert_int_equal(onus_subtree_consistency_verify(16, 23, &sub, 39, &root, view, NULL),
            ONUS_E_FORMAT);
    proof.count = 7;
    mth(32, 7, &proof.hashes[6]);
    view = onus_proof_view(&proof);
    assert_int_equal(onus_subtree_consistency_verify(16, 23, &sub, 39, &root, view, NULL), ONUS_OK);
    for (size_t bit = 0; bit < proof.count * 256; bit++) {
        proof.hashes[bit / 256].bytes[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(onus_subtree_consistency_verify(16, 23, &sub, 39, &root, view, NULL),
                ONUS_E_MISMATCH);
        proof.hashes[bit / 256].bytes[bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
    }
    /* A part that ends where the tree ends is one of its nodes, whatever its size. */
    struct onus_digests first = {&proof.hashes[7], 1};
    mth(0, 32, &proof.hashes[7]);
    mth(32, 7, &sub);
    assert_int_equal(onus_subtree_consistency_verify(32, 39, &sub, 39, &root, first, NULL),
            ONUS_OK);
    assert_int_equal(onus_subtree_consistency_verify(33, 39, &sub, 39, &root, first, NULL),
            ONUS_E_FORMAT);
    assert_int_equal(onus_subtree_consistency_verify(32, 40, &sub, 39, &root, first, NULL),
            ONUS_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(leaf_hashes_begin_with_zero_and_node_hashes_with_one),
            cmocka_unit_test(roots_are_those_of_the_definition),
            cmocka_unit_test(inclusion_proofs_are_those_of_the_definition),
            cmocka_unit_test(consistency_proofs_are_those_of_the_definition),
            cmocka_unit_test(another_index_or_size_is_noticed),
            cmocka_unit_test(every_bit_of_a_proof_counts),
            cmocka_unit_test(a_proof_of_another_length_is_no_proof),
            cmocka_unit_test(sizes_zero_one_and_equal_are_judged_as_they_are),
            cmocka_unit_test(sizes_up_to_the_largest_are_exact),
            cmocka_unit_test(numbers_outside_the_tree_are_the_callers_fault),
            cmocka_unit_test(subtrees_are_trees_of_their_own),
            cmocka_unit_test(a_part_of_a_tree_is_recognised),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}

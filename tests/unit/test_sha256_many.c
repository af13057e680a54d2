/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: every kernel this processor can run gives the digests of OpenSSL, for every length,
 * every mixture of lengths, every count, every head; nodes and salts likewise, also in place; nothing
 * reads or writes outside of what it was given (messages lie exactly in their memory, so that address
 * sanitizer and a guarded page see it).
 * Oracle: OpenSSL (EVP), over the bytes put together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <sys/mman.h>

#include "crypto/sha256_many.h"

#include "crypto_help.h"

enum {
    LONGEST = 70000,
    MOST = 5000
};

static uint8_t pool[LONGEST + MOST];
static struct onus_message messages[MOST];
static struct onus_digest got[MOST + 1];

static int fill_pool(void **state)
{
    (void)state;
    uint64_t seed = 3;
    fill_bytes(&seed, pool, sizeof(pool));
    return 0;
}

static void openssl_says(const struct onus_message *message, struct onus_digest *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_non_null(context);
    assert_int_equal(EVP_DigestInit_ex(context, EVP_sha256(), NULL), 1);
    assert_int_equal(EVP_DigestUpdate(context, message->head, message->head_length), 1);
    assert_int_equal(EVP_DigestUpdate(context, message->body.ptr, message->body.len), 1);
    assert_int_equal(EVP_DigestFinal_ex(context, out->bytes, NULL), 1);
    EVP_MD_CTX_free(context);
}

static void set_message(size_t i, size_t head, size_t offset, size_t len)
{
    memcpy(messages[i].head, pool + i, sizeof(messages[i].head));
    messages[i].head_length = (uint8_t)head;
    messages[i].body = (struct onus_str){(const char *)pool + offset, len};
}

/* Every kernel, and before them none, which leaves the choice to the module. */
static bool next_choice(size_t i, const struct onus_sha256_kernel **out)
{
    *out = i > 0 ? onus_sha256_kernel_at(i - 1) : NULL;
    return i == 0 || *out != NULL;
}

/* Hash the first `count` messages with every kernel and compare; the digest behind must stay. */
static void check_messages(size_t count)
{
    const struct onus_sha256_kernel *kernel = NULL;
    for (size_t k = 0; next_choice(k, &kernel); k++) {
        memset(got, 0x5a, (count + 1) * sizeof(got[0]));
        onus_sha256_many(kernel, messages, count, got);
        for (size_t i = 0; i < count; i++) {
            struct onus_digest wanted;
            openssl_says(&messages[i], &wanted);
            if (memcmp(got[i].bytes, wanted.bytes, 32) != 0) {
                fail_msg("%s: message %zu of %zu, head %u, body %zu",
                        onus_sha256_kernel_name(kernel), i, count, messages[i].head_length,
                        messages[i].body.len);
            }
        }
        for (size_t i = 0; i < 32; i++) {
            assert_int_equal(got[count].bytes[i], 0x5a);
        }
    }
}

static void scalar_is_always_there_and_best_is_one_of_the_list(void **state)
{
    (void)state;
    bool found = false;
    for (size_t k = 0; onus_sha256_kernel_at(k); k++) {
        const struct onus_sha256_kernel *kernel = onus_sha256_kernel_at(k);
        const char *name = onus_sha256_kernel_name(kernel);
        print_message("kernel: %s%s\n", name, kernel == onus_sha256_best() ? " (best)" : "");
        assert_ptr_equal(onus_sha256_kernel_by_name(onus_str_of(name)), kernel);
        found |= kernel == onus_sha256_best();
    }
    assert_true(found);
    assert_string_equal(onus_sha256_kernel_name(NULL), onus_sha256_kernel_name(onus_sha256_best()));
    assert_non_null(onus_sha256_kernel_by_name(ONUS_STR("scalar")));
    assert_null(onus_sha256_kernel_by_name(ONUS_STR("abacus")));
    assert_null(onus_sha256_kernel_by_name(ONUS_STR_NONE));
}

static void every_length_and_every_head_is_right(void **state)
{
    (void)state;
    for (size_t head = 0; head <= ONUS_MESSAGE_HEAD_MAX; head++) {
        for (size_t len = 0; len < 1200; len++) {
            set_message(len, head, len % 64, len);
        }
        check_messages(1200);
    }
}

static void sets_of_one_length_are_right_in_every_count(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 70; count++) {
        for (size_t i = 0; i < count; i++) {
            set_message(i, 18, 3 * i, 119);
        }
        check_messages(count);
    }
}

static void long_and_short_messages_mix(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (size_t round = 0; round < 12; round++) {
        size_t count = next_number(&seed) % 300;
        for (size_t i = 0; i < count; i++) {
            uint64_t random = next_number(&seed);
            size_t most = random % 16 == 0 ? LONGEST : random % 4 == 0 ? 3000 : 200;
            set_message(i, random >> 8 & 15, random >> 16 & 63, (random >> 32) % (most + 1));
        }
        check_messages(count);
    }
    set_message(0, 24, 1, LONGEST);
    check_messages(1);
}

static void more_than_a_window_is_right(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t i = 0; i < MOST; i++) {
        set_message(i, i % 25, i, next_number(&seed) % 400);
    }
    check_messages(MOST);
    check_messages(4096);
    check_messages(4097);
}

/*
 * Every body ends where readable memory ends, then begins where it begins: a load that touches one
 * byte more stops the test.
 */
static void no_byte_outside_of_a_body_is_touched(void **state)
{
    (void)state;
    const size_t page = 4096;
    uint8_t *area =
            mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(area, MAP_FAILED);
    memcpy(area + page, pool, 2 * page);
    assert_int_equal(mprotect(area, page, PROT_NONE), 0);
    assert_int_equal(mprotect(area + 3 * page, page, PROT_NONE), 0);
    for (size_t at_end = 0; at_end < 2; at_end++) {
        for (size_t len = 0; len < 1300; len++) {
            set_message(len, len % 25, 0, len);
            messages[len].body.ptr = (const char *)area + (at_end ? 3 * page - len : page);
        }
        check_messages(1300);
    }
    assert_int_equal(munmap(area, 4 * page), 0);
}

static void an_empty_body_may_be_null(void **state)
{
    (void)state;
    for (size_t i = 0; i < 40; i++) {
        set_message(i, i % 25, 0, 0);
        messages[i].body = ONUS_STR_NONE;
    }
    check_messages(40);
}

static void nodes_are_those_of_the_tree_also_in_place(void **state)
{
    (void)state;
    static struct onus_digest pairs[400];
    const struct onus_sha256_kernel *kernel = NULL;
    for (size_t k = 0; next_choice(k, &kernel); k++) {
        for (size_t count = 0; count <= 100; count++) {
            memcpy(pairs, pool + k, sizeof(pairs));
            memset(got, 0x5a, (count + 1) * sizeof(got[0]));
            onus_sha256_nodes(kernel, pairs, count, got);
            assert_int_equal(got[count].bytes[0], 0x5a);
            for (size_t i = 0; i < count; i++) {
                struct onus_message message = {.head = {1}, .head_length = 1};
                struct onus_digest wanted;
                message.body = (struct onus_str){(const char *)&pairs[2 * i], 64};
                openssl_says(&message, &wanted);
                assert_memory_equal(got[i].bytes, wanted.bytes, 32);
            }
            onus_sha256_nodes(kernel, pairs, count, pairs);
            assert_memory_equal(pairs, got, count * sizeof(got[0]));
        }
    }
}

static void salts_are_those_of_the_batch_key(void **state)
{
    (void)state;
    static const uint64_t begins[] = {0, 1, 250, 65530, UINT64_C(0xfffffff0),
            UINT64_C(0xfffffffffff8), UINT64_MAX - 40};
    struct onus_digest key;
    memcpy(key.bytes, pool + 9, sizeof(key.bytes));
    const struct onus_sha256_kernel *kernel = NULL;
    for (size_t k = 0; next_choice(k, &kernel); k++) {
        for (size_t b = 0; b < ONUS_COUNT(begins) * 41; b++) {
            uint64_t from = begins[b / 41];
            size_t count = b % 41;
            memset(got, 0x5a, (count + 1) * sizeof(got[0]));
            onus_sha256_salts(kernel, &key, from, from + count, got);
            assert_int_equal(got[count].bytes[0], 0x5a);
            for (size_t i = 0; i < count; i++) {
                struct onus_message message = {.head = "onus/salt", .head_length = 9};
                char body[40];
                memcpy(body, key.bytes, 32);
                for (size_t byte = 0; byte < 8; byte++) {
                    body[32 + byte] = (char)((from + i) >> (56 - 8 * byte));
                }
                message.body = (struct onus_str){body, sizeof(body)};
                struct onus_digest wanted;
                openssl_says(&message, &wanted);
                assert_memory_equal(got[i].bytes, wanted.bytes, 32);
            }
        }
        onus_sha256_salts(kernel, &key, 5, 3, got); /* nothing to do */
    }
}

/* Computed by hashlib of Python from K_src = 00..1f and sequence number 412. */
static void the_example_of_the_specification_has_these_salts(void **state)
{
    (void)state;
    struct onus_digest key;
    uint8_t salt[16];
    (void)unhex("bea1cc0eaf39b69f86db0acc5c0f285a2f9de8383421c623945756c47e939fb6", key.bytes, 32);
    (void)unhex("e4230d8e6eee3e0a83b52b2682a8a6cd", salt, sizeof(salt));
    onus_sha256_salts(NULL, &key, 0, 1, got);
    assert_memory_equal(got[0].bytes, salt, sizeof(salt));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(scalar_is_always_there_and_best_is_one_of_the_list),
            cmocka_unit_test(every_length_and_every_head_is_right),
            cmocka_unit_test(sets_of_one_length_are_right_in_every_count),
            cmocka_unit_test(long_and_short_messages_mix),
            cmocka_unit_test(more_than_a_window_is_right),
            cmocka_unit_test(no_byte_outside_of_a_body_is_touched),
            cmocka_unit_test(an_empty_body_may_be_null),
            cmocka_unit_test(nodes_are_those_of_the_tree_also_in_place),
            cmocka_unit_test(salts_are_those_of_the_batch_key),
            cmocka_unit_test(the_example_of_the_specification_has_these_salts),
    };
    return cmocka_run_group_tests(tests, fill_pool, NULL);
}

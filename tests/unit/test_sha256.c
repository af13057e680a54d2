/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: one digest is the same as that of OpenSSL for every length and every cut into
 * pieces; HMAC gives what RFC 4231 prints.
 * Oracles: OpenSSL (EVP), RFC 4231, and "abc" of FIPS 180-4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/random.h"
#include "crypto/sha256.h"

#include "crypto_help.h"

enum {
    LONGEST = 1000
};

static void openssl_says(struct onus_str bytes, struct onus_digest *out)
{
    unsigned size = 0;
    assert_int_equal(EVP_Digest(bytes.ptr, bytes.len, out->bytes, &size, EVP_sha256(), NULL), 1);
    assert_int_equal(size, sizeof(out->bytes));
}

static void assert_digest(const struct onus_digest *got, const char *hex)
{
    struct onus_digest wanted;
    assert_int_equal(unhex(hex, wanted.bytes, sizeof(wanted.bytes)), sizeof(wanted.bytes));
    assert_memory_equal(got->bytes, wanted.bytes, sizeof(wanted.bytes));
    assert_true(onus_digest_eq(got, &wanted));
}

static void the_example_of_the_standard_comes_out(void **state)
{
    (void)state;
    struct onus_digest got;
    onus_sha256(ONUS_STR("abc"), &got);
    assert_digest(&got, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    onus_sha256(ONUS_STR_NONE, &got);
    assert_digest(&got, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void every_length_gives_what_openssl_gives(void **state)
{
    (void)state;
    static char bytes[LONGEST];
    uint64_t seed = 1;
    fill_bytes(&seed, bytes, sizeof(bytes));
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        struct onus_digest got;
        struct onus_digest wanted;
        onus_sha256((struct onus_str){bytes, len}, &got);
        openssl_says((struct onus_str){bytes, len}, &wanted);
        assert_memory_equal(got.bytes, wanted.bytes, sizeof(wanted.bytes));
    }
}

static void pieces_of_any_size_give_the_same(void **state)
{
    (void)state;
    static char bytes[LONGEST];
    uint64_t seed = 2;
    fill_bytes(&seed, bytes, sizeof(bytes));
    struct onus_digest wanted;
    openssl_says((struct onus_str){bytes, sizeof(bytes)}, &wanted);
    for (size_t piece = 1; piece <= 200; piece++) {
        struct onus_sha256 hash;
        onus_sha256_init(&hash);
        for (size_t at = 0; at < sizeof(bytes); at += piece) {
            size_t left = sizeof(bytes) - at;
            onus_sha256_add(&hash, (struct onus_str){bytes + at, left < piece ? left : piece});
            onus_sha256_add(&hash, ONUS_STR_NONE);
        }
        struct onus_digest got;
        onus_sha256_end(&hash, &got);
        assert_memory_equal(got.bytes, wanted.bytes, sizeof(wanted.bytes));
    }
}

static void a_digest_differs_from_one_with_another_bit(void **state)
{
    (void)state;
    struct onus_digest a;
    onus_sha256(ONUS_STR("abc"), &a);
    for (size_t bit = 0; bit < 8 * sizeof(a.bytes); bit++) {
        struct onus_digest b = a;
        b.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(onus_digest_eq(&a, &b));
    }
}

/* RFC 4231, 4.2 to 4.8 without the truncated one: short and long keys and data. */
static const struct {
    const char *key;
    const char *data;
    const char *mac;
} macs[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
                "dddddddddddddddd",
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"0102030405060708090a0b0c0d0e0f10111213141516171819",
                "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
                "cdcdcdcdcdcdcdcd",
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
};

static void hmac_gives_what_rfc_4231_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(macs); i++) {
        char key[64];
        char data[64];
        size_t key_len = unhex(macs[i].key, key, sizeof(key));
        size_t len = unhex(macs[i].data, data, sizeof(data));
        for (size_t cut = 0; cut <= len; cut++) {
            struct onus_str parts[] = {{data, cut}, {data + cut, len - cut}};
            struct onus_digest got;
            onus_hmac_sha256((struct onus_str){key, key_len}, parts, ONUS_COUNT(parts), &got);
            assert_digest(&got, macs[i].mac);
        }
    }
}

static void a_key_longer_than_a_block_is_hashed_first(void **state)
{
    (void)state;
    char key[131];
    memset(key, 0xaa, sizeof(key));
    struct onus_str text = ONUS_STR("Test Using Larger Than Block-Size Key - Hash Key First");
    struct onus_digest got;
    onus_hmac_sha256((struct onus_str){key, sizeof(key)}, &text, 1, &got);
    assert_digest(&got, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void random_bytes_fill_the_whole_place(void **state)
{
    (void)state;
    uint8_t all[1024] = {0};
    for (int round = 0; round < 8; round++) {
        uint8_t some[sizeof(all)] = {0};
        assert_int_equal(onus_random(some, sizeof(some), NULL), ONUS_OK);
        for (size_t i = 0; i < sizeof(all); i++) {
            all[i] |= some[i];
        }
    }
    /* A byte stays 0 over eight rounds once in 2^64. */
    for (size_t i = 0; i < sizeof(all); i++) {
        assert_int_not_equal(all[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_example_of_the_standard_comes_out),
            cmocka_unit_test(every_length_gives_what_openssl_gives),
            cmocka_unit_test(pieces_of_any_size_give_the_same),
            cmocka_unit_test(a_digest_differs_from_one_with_another_bit),
            cmocka_unit_test(hmac_gives_what_rfc_4231_prints),
            cmocka_unit_test(a_key_longer_than_a_block_is_hashed_first),
            cmocka_unit_test(random_bytes_fill_the_whole_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

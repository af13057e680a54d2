/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: keys and signatures are those of RFC 8032; every changed bit is noticed; what
 * several programs would judge differently is refused.
 * Oracles: RFC 8032, 7.1; for the refused ones numbers made by hand from the curve's equation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "crypto/ed25519.h"

#include "crypto_help.h"

/* RFC 8032, 7.1: TEST 1 to 3 and TEST SHA(abc). */
static const struct {
    const char *seed;
    const char *key;
    const char *message;
    const char *signature;
} vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61"
                "e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458"
                "f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae6"
                "7f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
        {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836b"
                "a3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdf"
                "bc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

struct one {
    struct onus_ed25519_seed seed;
    struct onus_ed25519_public key;
    struct onus_ed25519_signature signature;
    char message[64];
    size_t message_len;
};

static struct one load(size_t i)
{
    struct one one;
    assert_int_equal(unhex(vectors[i].seed, one.seed.bytes, 32), 32);
    assert_int_equal(unhex(vectors[i].key, one.key.bytes, 32), 32);
    assert_int_equal(unhex(vectors[i].signature, one.signature.bytes, 64), 64);
    one.message_len = unhex(vectors[i].message, one.message, sizeof(one.message));
    return one;
}

static enum onus_code verify(const struct one *one)
{
    return onus_ed25519_verify(&one->key, (struct onus_str){one->message, one->message_len},
            &one->signature, NULL);
}

static void keys_and_signatures_are_those_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(vectors); i++) {
        struct one one = load(i);
        struct onus_ed25519_public key;
        struct onus_ed25519_signature signature;
        assert_int_equal(onus_ed25519_public_of(&one.seed, &key, NULL), ONUS_OK);
        assert_memory_equal(key.bytes, one.key.bytes, sizeof(key.bytes));
        struct onus_str message = {one.message, one.message_len};
        assert_int_equal(onus_ed25519_sign(&one.seed, message, &signature, NULL), ONUS_OK);
        assert_memory_equal(signature.bytes, one.signature.bytes, sizeof(signature.bytes));
        assert_int_equal(verify(&one), ONUS_OK);
    }
}

static void every_bit_of_signature_and_message_counts(void **state)
{
    (void)state;
    struct one one = load(3);
    assert_int_equal(verify(&one), ONUS_OK);
    for (size_t bit = 0; bit < 512; bit++) {
        uint8_t flip = (uint8_t)(1u << bit % 8);
        one.signature.bytes[bit / 8] ^= flip;
        assert_int_equal(verify(&one), ONUS_E_MISMATCH);
        one.signature.bytes[bit / 8] ^= flip;
        one.message[bit / 8] = (char)(one.message[bit / 8] ^ flip);
        assert_int_equal(verify(&one), ONUS_E_MISMATCH);
        one.message[bit / 8] = (char)(one.message[bit / 8] ^ flip);
    }
    one.message_len--;
    assert_int_equal(verify(&one), ONUS_E_MISMATCH);
}

/* A changed key is another key, or about half the time none at all; never one that fits. */
static void every_bit_of_the_key_counts(void **state)
{
    (void)state;
    struct one one = load(2);
    int another = 0;
    int none = 0;
    for (size_t bit = 0; bit < 256; bit++) {
        one.key.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum onus_code code = verify(&one);
        another += code == ONUS_E_MISMATCH;
        none += code == ONUS_E_FORMAT;
        one.key.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(another + none, 256);
    assert_in_range(none, 80, 176);
}

static void s_plus_the_group_order_is_refused(void **state)
{
    (void)state;
    uint8_t order[32];
    (void)unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", order, 32);
    struct one one = load(1);
    assert_int_equal(verify(&one), ONUS_OK);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += one.signature.bytes[32 + i] + (unsigned)order[i];
        one.signature.bytes[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_int_equal(verify(&one), ONUS_E_MISMATCH);
}

/* y of the points whose order divides 8, and the encodings with y + p that fit in 255 bits. */
static const char *const bad_points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/*
 * With a key of small order and S = 0, the equation becomes R = -hA: one message in eight or fewer
 * fits any chosen R, which many programs accept.
 */
static void keys_of_small_order_and_not_canonical_ones_are_no_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(bad_points) * 2; i++) {
        struct one one = load(0);
        (void)unhex(bad_points[i / 2], one.key.bytes, 32);
        one.key.bytes[31] ^= (uint8_t)(i % 2 << 7);
        memset(one.signature.bytes, 0, 64);
        one.signature.bytes[0] = 1;
        for (one.message_len = 0; one.message_len < 16; one.message_len++) {
            assert_int_equal(verify(&one), ONUS_E_FORMAT);
        }
    }
}

static void an_r_of_small_order_or_not_canonical_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(bad_points) * 2; i++) {
        struct one one = load(0);
        (void)unhex(bad_points[i / 2], one.signature.bytes, 32);
        one.signature.bytes[31] ^= (uint8_t)(i % 2 << 7);
        struct onus_error err = ONUS_ERROR_INIT;
        struct onus_str message = {one.message, one.message_len};
        assert_int_equal(onus_ed25519_verify(&one.key, message, &one.signature, &err),
                ONUS_E_MISMATCH);
        assert_string_equal(err.text, "the signature is not in canonical form");
    }
}

/*
 * R is the point of order 1 and S = h a, so that S B = R + h A holds: a signature that fits the
 * equation and is made by whoever knows the key, but whose R is the same for all messages. The key
 * belongs to a = 1 (it is the base point), so S = h = SHA-512(R || A || M) mod L.
 */
static void a_signature_that_fits_with_r_of_order_one_is_refused(void **state)
{
    (void)state;
    struct one one = {.message_len = 1, .message = {'m'}};
    (void)unhex("5866666666666666666666666666666666666666666666666666666666666666", one.key.bytes,
            32);
    (void)unhex("0100000000000000000000000000000000000000000000000000000000000000"
                "2ab8f7fb1d6f8d9d5dddb506fa2e728b0aa132178bc374857aed17245bec4b08",
            one.signature.bytes, 64);
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str message = {one.message, one.message_len};
    assert_int_equal(onus_ed25519_verify(&one.key, message, &one.signature, &err), ONUS_E_MISMATCH);
    assert_string_equal(err.text, "the signature is not in canonical form");
}

static void a_y_without_an_x_is_no_key(void **state)
{
    (void)state;
    struct one one = load(0);
    memset(one.key.bytes, 0, 32);
    one.key.bytes[0] = 2; /* (y^2 - 1)(d y^2 + 1) is no square for y = 2 */
    assert_int_equal(verify(&one), ONUS_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(keys_and_signatures_are_those_of_the_rfc),
            cmocka_unit_test(every_bit_of_signature_and_message_counts),
            cmocka_unit_test(every_bit_of_the_key_counts),
            cmocka_unit_test(s_plus_the_group_order_is_refused),
            cmocka_unit_test(keys_of_small_order_and_not_canonical_ones_are_no_keys),
            cmocka_unit_test(an_r_of_small_order_or_not_canonical_is_refused),
            cmocka_unit_test(a_signature_that_fits_with_r_of_order_one_is_refused),
            cmocka_unit_test(a_y_without_an_x_is_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: what is made short for short texts and common numbers gives what the long way gives.
 * Oracle: memcmp(), onus_hash_bytes() and printf().
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/str.h"

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 20;
}

static void texts_are_the_same_when_all_bytes_are(void **state)
{
    (void)state;
    char a[64];
    char b[64];
    for (size_t len = 0; len <= sizeof(a); len++) {
        for (size_t i = 0; i < sizeof(a); i++) {
            a[i] = b[i] = (char)(i * 37);
        }
        assert_true(onus_same_bytes(a, b, len));
        for (size_t i = 0; i < sizeof(a); i++) {
            b[i] = (char)(b[i] ^ 0x80);
            assert_int_equal(onus_same_bytes(a, b, len), memcmp(a, b, len) == 0);
            b[i] = a[i];
        }
    }
}

static void a_short_text_has_the_hash_of_all_texts(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (int i = 0; i < 20000; i++) {
        uint64_t seed = next(&random) * next(&random);
        uint64_t bytes = next(&random) * next(&random);
        size_t len = 1 + (size_t)i % 7;
        assert_true(onus_hash_few(seed, onus_hash_key(seed), &bytes, len) ==
                    onus_hash_bytes(seed, &bytes, len));
    }
}

static void assert_digits(uint64_t value)
{
    char want[32];
    char got[32];
    int len = snprintf(want, sizeof(want), "%" PRIu64, value);
    assert_int_equal(onus_put_u64(got, value) - got, len);
    assert_memory_equal(got, want, (size_t)len);
}

static void a_number_has_the_digits_that_printf_writes(void **state)
{
    (void)state;
    uint64_t power = 1;
    for (int i = 0; i < 20; i++) {
        assert_digits(power - 1);
        assert_digits(power);
        assert_digits(power + 1);
        power *= 10;
    }
    assert_digits(UINT64_MAX);
    assert_digits(UINT32_MAX);
    assert_digits((uint64_t)UINT32_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(texts_are_the_same_when_all_bytes_are),
            cmocka_unit_test(a_short_text_has_the_hash_of_all_texts),
            cmocka_unit_test(a_number_has_the_digits_that_printf_writes),
    };
    return cmocka_run_group_tests_name("base/few", tests, NULL, NULL);
}

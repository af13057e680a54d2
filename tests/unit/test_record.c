/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: slots, records and entries are hashed as docs/formats/evidence.md says, and a key of
 * a source index is told as people read it.
 * Oracles: values of reference/vectors.json beside the design, copied by hand; RFC 5952; and inet_ntop()
 * of the C library for addresses it writes the same way.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/sha256.h"
#include "proof/record.h"
#include "text/hex.h"

static struct onus_digest digest_of(const char *hex)
{
    struct onus_digest out;
    assert_true(onus_hex_exact(onus_str_of(hex), out.bytes, sizeof(out.bytes)));
    return out;
}

static void a_slot_and_a_record_hash_as_the_vectors_have_them(void **state)
{
    (void)state;
    struct onus_salt salt;
    struct onus_digest got;
    struct onus_digest slots[2] = {
            digest_of("1de8dc2fdeaf960b1b140f4ab6b17957f2c5611c5dc2fe5c3de84e446235b574"),
            digest_of("9f221e5821ee8f4a0049f0ca0e2ed87d1ce32d7cdddfa937e07f90baba3376f6"),
    };
    assert_true(onus_hex_exact(ONUS_STR("e4230d8e6eee3e0a83b52b2682a8a6cd"), salt.bytes, 16));
    onus_slot_commit(ONUS_SLOT_LINE, &salt,
            ONUS_STR("Jun 27 03:12:07 gw1 sshd[811]: Failed password for root from 203.0.113.7 "
                     "port 40112 ssh2"),
            &got);
    assert_true(onus_digest_eq(&got, &slots[0]));
    onus_record_leaf(ONUS_PROFILE_LINES, ONUS_STR_NONE, slots, 2, &got);
    struct onus_digest leaf =
            digest_of("27992dab7520dedf6caed6ab36b48497eeb6445c86133c1af16b3848e273ecc4");
    assert_true(onus_digest_eq(&got, &leaf));

    struct onus_buffer entry = {.limit = 0};
    onus_record_entry(ONUS_PROFILE_LINES, ONUS_STR_NONE, slots, 2, &entry);
    assert_int_equal(entry.len, 2 + 64);
    assert_memory_equal(entry.ptr, "G\x02", 2);
    assert_memory_equal(entry.ptr + 2, slots, 64);
    onus_buffer_clear(&entry);
}

static void public_parts_are_tag_and_numbers(void **state)
{
    (void)state;
    struct onus_tag tag;
    uint8_t out[ONUS_PUBLIC_MAX];
    memset(tag.bytes, 0xab, sizeof(tag.bytes));
    assert_int_equal(onus_public_numbered(&tag, 0x0102, out), 24);
    assert_memory_equal(out, tag.bytes, 16);
    assert_memory_equal(out + 16, "\0\0\0\0\0\0\x01\x02", 8);
    assert_int_equal(onus_public_range(&tag, 1, UINT64_MAX, out), 32);
    assert_memory_equal(out + 24, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    assert_int_equal(onus_be64_get(out + 16), 1);
}

static void a_key_is_told_as_people_read_it(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *text; /* NULL: no key */
    } all[] = {
            {"04000000000000000000000000c000020701", "192.0.2.7"},
            {"04000000000000000000000000c000020000", "192.0.2.0"},
            {"040000000000000000000000000000000000", "0.0.0.0"},
            {"040000000000000000000000010000000000", "end of IPv4"},
            {"040000000000000000000000010000000001", NULL},
            {"040000000000000000000000010000000100", NULL},
            {"04000000000000000000000001c000020701", NULL},
            {"0620010db800000000000000000000000101", "2001:db8::1"},
            {"0620010db800000000000100000000000101", "2001:db8::1:0:0:1"},
            {"060000000000000000000000000000000000", "::"},
            {"060000000000000000000000000000000101", "::1"},
            {"0600000000000000000000ffffc000020701", "::ffff:192.0.2.7"},
            {"06000000000000000000000000c000020701", "::c000:207"},
            {"070000000000000000000000000000000000", "end of IPv6"},
            {"070000000000000000000000000000000001", NULL},
            {"ff0000000000000000000000000000000000", "end of addresses"},
            {"ff0000000000000000000000000000000001", "no address"},
            {"ff0000000000000000000000000000000101", NULL},
            {"04000000000000000000000000c000020702", NULL},
            {"05000000000000000000000000c000020701", NULL},
    };
    for (size_t i = 0; i < ONUS_COUNT(all); i++) {
        struct onus_key key;
        char text[ONUS_KEY_TEXT];
        assert_true(onus_hex_exact(onus_str_of(all[i].key), key.bytes, sizeof(key.bytes)));
        assert_int_equal(onus_key_valid(&key), all[i].text != NULL);
        size_t length = onus_key_format(&key, text);
        assert_int_equal(length, strlen(text));
        assert_string_equal(text, all[i].text ? all[i].text : all[i].key);
    }
}

static void ipv6_is_written_as_the_c_library_writes_it(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned i = 0; i < 20000; i++) {
        struct onus_key key = {{0x06}};
        char ours[ONUS_KEY_TEXT];
        char theirs[INET6_ADDRSTRLEN];
        key.bytes[1] = 0x20; /* the C library writes ::/96 in its own way */
        for (unsigned group = 1; group < 8; group++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            if (seed >> 62 == 0) { /* three groups of four are zero */
                key.bytes[1 + 2 * group] = (uint8_t)(seed >> 40);
                key.bytes[2 + 2 * group] = (uint8_t)(seed >> 48);
            }
        }
        (void)onus_key_format(&key, ours);
        assert_non_null(inet_ntop(AF_INET6, key.bytes + 1, theirs, sizeof(theirs)));
        assert_string_equal(ours, theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_slot_and_a_record_hash_as_the_vectors_have_them),
            cmocka_unit_test(public_parts_are_tag_and_numbers),
            cmocka_unit_test(a_key_is_told_as_people_read_it),
            cmocka_unit_test(ipv6_is_written_as_the_c_library_writes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

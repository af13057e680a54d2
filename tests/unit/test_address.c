/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: an address is read exactly when it is one, and its text is the canonical one.
 * Oracle: inet_pton() and inet_ntop() of the C library, over seeded random addresses and texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "net/address_list.h"
#include "net/address_quick.h"

enum {
    ROUNDS = 100000
};

static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return onus_hash_mix(*state, 1);
}

/* Random, with runs of zero groups more often than chance gives them. */
static struct onus_address random_address(uint64_t *state)
{
    struct onus_address out;
    uint64_t zero = next(state) & next(state);
    for (size_t i = 0; i < 16; i += 2) {
        uint64_t value = next(state);
        bool clear = (zero >> (i / 2) & 1) != 0;
        out.bytes[i] = clear ? 0 : (uint8_t)value;
        out.bytes[i + 1] = clear ? 0 : (uint8_t)(value >> 8);
    }
    if (next(state) % 3 == 0) {
        out = onus_address_of_v4((uint32_t)next(state));
    }
    return out;
}

static void text_is_what_inet_ntop_writes(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct onus_address address = random_address(&seed);
        char ours[ONUS_ADDRESS_TEXT];
        char theirs[INET6_ADDRSTRLEN];
        bool v4 = onus_address_is_v4(&address);
        size_t len = onus_address_format(&address, ours);
        assert_int_equal(len, strlen(ours));
        assert_non_null(inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes + (v4 ? 12 : 0), theirs,
                sizeof(theirs)));
        /* The C library writes ::/96 in dotted form, which RFC 5952 does not ask for. */
        if (v4 || strchr(theirs, '.') == NULL) {
            assert_string_equal(ours, theirs);
        }
        struct onus_address again;
        assert_true(onus_address_parse(onus_str_of(ours), &again));
        assert_true(onus_address_eq(&again, &address));
    }
}

/* One small change to a valid text: most become invalid, and both readers must agree which. */
static void both_readers_accept_the_same_texts(void **state)
{
    (void)state;
    static const char letters[] = "0123456789abcdefABCDEF:.g";
    uint64_t seed = 2;
    size_t accepted = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct onus_address address = random_address(&seed);
        char text[ONUS_ADDRESS_TEXT + 1];
        size_t len = onus_address_format(&address, text);
        size_t at = next(&seed) % (len + 1);
        if (next(&seed) % 2 == 0 || at == len) {
            memmove(text + at + 1, text + at, len - at + 1);
            len++;
        }
        text[at] = letters[next(&seed) % (sizeof(letters) - 1)];

        struct onus_address ours = {{0}};
        uint8_t theirs[16];
        bool got = onus_address_parse(onus_str_of(text), &ours);
        bool v6 = strchr(text, ':') != NULL;
        bool expected = inet_pton(v6 ? AF_INET6 : AF_INET, text, theirs) == 1;
        /* We read octets with leading zeros as loggers print them, the C library refuses them. */
        if (got != expected) {
            assert_true(got);
            assert_non_null(strchr(text, '.'));
            continue;
        }
        accepted += got ? 1 : 0;
        if (got) {
            assert_memory_equal(ours.bytes + (v6 ? 0 : 12), theirs, v6 ? 16 : 4);
        }
    }
    assert_true(accepted > ROUNDS / 10);
}

static void assert_address(const char *text, const char *expected)
{
    struct onus_address address;
    char got[ONUS_ADDRESS_TEXT] = "none";
    if (onus_address_parse(onus_str_of(text), &address)) {
        (void)onus_address_format(&address, got);
    }
    assert_string_equal(got, expected);
}

static void forms_that_loggers_write_are_read(void **state)
{
    (void)state;
    assert_address("192.0.2.1", "192.0.2.1");
    assert_address("192.000.002.001", "192.0.2.1");
    assert_address("::ffff:192.0.2.1", "192.0.2.1");
    assert_address("[2001:DB8::1]", "2001:db8::1");
    assert_address("fe80::1%eth0", "fe80::1");
    assert_address("::", "::");
    assert_address("::ffff:1:2.0.2.1", "::ffff:1:200:201");
    assert_address("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "1", "192.0.2", "192.0.2.256", "192.0.2.1.1",
            "192.0.2.0001", " 192.0.2.1", "192.0.2.1 ", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1::2::3", ":::", ":1", "1:", "12345::", "::192.0.2.256", "1:2:3:4:5:6:7:192.0.2.1",
            "[::1", "::1]", "[", "[]", "2001:db8::g", "192.0.2.1%eth0", "%", "%eth0"};
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        assert_address(bad[i], "none");
    }
}

static void assert_defanged(const char *text, const char *expected)
{
    struct onus_address address;
    char got[ONUS_ADDRESS_TEXT] = "none";
    if (onus_address_parse_defanged(onus_str_of(text), &address)) {
        (void)onus_address_format(&address, got);
    }
    assert_string_equal(got, expected);
}

static void defanged_spellings_are_read(void **state)
{
    (void)state;
    assert_defanged("192.0.2[.]1", "192.0.2.1");
    assert_defanged("192[.]0[.]2[.]1", "192.0.2.1");
    assert_defanged("192(.)0.2.1", "192.0.2.1");
    assert_defanged("2001[:]db8::1", "2001:db8::1");
    assert_defanged("192.0.2[.1", "none");
    assert_defanged("192.0.2[.)1", "none");
    assert_defanged("[.][.][.]", "none");
}

static enum onus_address_line line(const char *text, char *out)
{
    struct onus_address address;
    enum onus_address_line kind = onus_address_line(onus_str_of(text), &address);
    if (kind == ONUS_ADDRESS_LINE_HELD) {
        (void)onus_address_format(&address, out);
    }
    return kind;
}

static void only_the_first_column_counts(void **state)
{
    (void)state;
    char got[ONUS_ADDRESS_TEXT];
    assert_int_equal(line("192.0.2.1\t198.51.100.1", got), ONUS_ADDRESS_LINE_HELD);
    assert_string_equal(got, "192.0.2.1");
    assert_int_equal(line("\"192.0.2[.]7\",x\r", got), ONUS_ADDRESS_LINE_HELD);
    assert_string_equal(got, "192.0.2.7");
    assert_int_equal(line("  2001:db8::1;x", got), ONUS_ADDRESS_LINE_HELD);
    assert_string_equal(got, "2001:db8::1");
    assert_int_equal(line("host,192.0.2.1", got), ONUS_ADDRESS_LINE_NONE);
    assert_int_equal(line("", got), ONUS_ADDRESS_LINE_BLANK);
    assert_int_equal(line("# 192.0.2.1", got), ONUS_ADDRESS_LINE_BLANK);
    assert_int_equal(line("\"192.0.2.1", got), ONUS_ADDRESS_LINE_HELD);
}

/* Nearly an address, with what may follow one. */
static size_t dotted_text(uint64_t *seed, char *out, size_t size)
{
    static const char *const forms[] = {"%u.%u.%u.%u%s", "%03u.%u.%02u.%u%s", "%u.%u..%u%u%s"};
    static const char *const tails[] = {" - - [10/Jan/2026", ".1 - - [10/Jan/2026:03", "",
            ":443 - - [10/Jan/2026", "x", "5 - - [10/Jan/2026:03:11:02"};
    uint64_t pick = next(seed);
    unsigned limit = pick % 7 == 0 ? 300 : 256;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(out, size, forms[pick % 11 == 0 ? 2 : pick % 5 == 0],
            (unsigned)(pick >> 8) % limit, (unsigned)(pick >> 20) % limit,
            (unsigned)(pick >> 32) % 30, (unsigned)(pick >> 44) % limit,
            tails[pick >> 63 ? 0 : next(seed) % ONUS_COUNT(tails)]);
#pragma GCC diagnostic pop
    if (next(seed) % 8 == 0) {
        out[next(seed) % (size_t)n] = (char)next(seed);
    }
    return (size_t)n;
}

static void the_quick_reader_takes_what_the_plain_one_reads(void **state)
{
    (void)state;
    uint64_t seed = 7;
    size_t taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char bytes[64];
        struct onus_str text = {bytes, dotted_text(&seed, bytes, sizeof(bytes))};
        size_t end = 0;
        while (end < text.len && (onus_is_digit(bytes[end]) || bytes[end] == '.')) {
            end++;
        }
        struct onus_address want = {{0}};
        struct onus_address got = {{0}};
        bool due = text.len >= 16 && onus_address_parse(onus_str_sub(text, 0, end), &want);
        struct onus_str rest = text;
        assert_int_equal(onus_address_take_v4(&rest, &got), due);
        assert_true(rest.ptr == bytes + (due ? end : 0));
        assert_int_equal(rest.len, text.len - (due ? end : 0));
        assert_true(!due || onus_address_eq(&got, &want));
        taken += due;
    }
    assert_true(taken > ROUNDS / 3 && taken < ROUNDS);
}

/* With one byte changed or not, and with anything behind: the answer depends on the text alone. */
static void the_roomy_reader_takes_what_the_plain_one_reads(void **state)
{
    (void)state;
    static const char letters[] = "0123456789abcdefABCDEF:.g%[] ";
    uint64_t seed = 11;
    size_t taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char text[ONUS_ADDRESS_TEXT + ONUS_ADDRESS_SLACK + 32];
        for (size_t at = 0; at < sizeof(text); at++) {
            text[at] = letters[next(&seed) % (sizeof(letters) - 1)];
        }
        size_t len = 0;
        if (next(&seed) % 2 == 0) {
            struct onus_address address = random_address(&seed);
            char made[ONUS_ADDRESS_TEXT];
            len = onus_address_format(&address, made);
            memcpy(text, made, len);
        } else {
            char made[64];
            len = dotted_text(&seed, made, sizeof(made)) % 20;
            memcpy(text, made, len);
        }
        if (len > 0 && next(&seed) % 3 == 0) {
            text[next(&seed) % len] = letters[next(&seed) % (sizeof(letters) - 1)];
        }
        struct onus_address want = {{0}};
        struct onus_address got = {{0}};
        bool due = onus_address_parse((struct onus_str){text, len}, &want);
        assert_int_equal(onus_address_parse_roomy((struct onus_str){text, len}, &got), due);
        assert_true(onus_address_eq(&got, &want));
        taken += due;
    }
    assert_true(taken > ROUNDS / 3 && taken < ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_is_what_inet_ntop_writes),
            cmocka_unit_test(both_readers_accept_the_same_texts),
            cmocka_unit_test(forms_that_loggers_write_are_read),
            cmocka_unit_test(what_is_no_address_is_refused),
            cmocka_unit_test(the_quick_reader_takes_what_the_plain_one_reads),
            cmocka_unit_test(the_roomy_reader_takes_what_the_plain_one_reads),
            cmocka_unit_test(defanged_spellings_are_read),
            cmocka_unit_test(only_the_first_column_counts),
    };
    return cmocka_run_group_tests_name("net/address", tests, NULL, NULL);
}

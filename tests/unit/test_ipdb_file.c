/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a compiled table that differs in one bit, is cut short, or contradicts itself
 * behind right checksums is refused; none of it is read outside its bytes.
 * Oracle: the file as it was written; the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/ipdb.h"
#include "net/ipdb_file.h"
#include "net/ipdb_layout.h"

static void add(struct onus_ipdb_build *build, const char *first, const char *last, uint32_t asn)
{
    struct onus_address a;
    struct onus_address b;
    uint32_t value = 0;
    const struct onus_ipdb_value named = {.asn = asn,
            .text = ONUS_STR("Example"),
            .from = ONUS_IPDB_FIRST_DAY,
            .to = ONUS_IPDB_LAST_DAY};
    assert_true(onus_address_parse(onus_str_of(first), &a));
    assert_true(onus_address_parse(onus_str_of(last), &b));
    assert_int_equal(onus_ipdb_build_value(build, &named, &value, NULL), ONUS_OK);
    assert_int_equal(onus_ipdb_build_row(build, &a, &b, value, NULL), ONUS_OK);
}

/* A small table of both families. */
static void write_small(struct onus_buffer *out)
{
    struct onus_ipdb_build build = {.rows = NULL};
    struct onus_ipdb_about about = {.name = ONUS_STR("small"), .source = ONUS_STR("small.csv")};
    assert_true(onus_ipdb_date_parse(ONUS_STR("2026-06-17"), &about.date));
    add(&build, "192.0.2.0", "192.0.2.255", 64500);
    add(&build, "198.51.100.0", "198.51.100.255", 64501);
    add(&build, "2001:db8::", "2001:db8::ffff", 64500);
    assert_int_equal(onus_ipdb_build_order(&build, ONUS_IPDB_OVERLAP_LATER, NULL), ONUS_OK);
    assert_int_equal(onus_ipdb_file_write(&build, &about, out, NULL), ONUS_OK);
    onus_ipdb_build_clear(&build);
}

static uint8_t *bytes_of(const struct onus_buffer *buffer)
{
    return (uint8_t *)buffer->ptr;
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    struct onus_buffer out = {.limit = 0};
    struct onus_ipdb_file file;
    write_small(&out);
    assert_int_equal(onus_ipdb_file_parse(bytes_of(&out), out.len, &file, NULL), ONUS_OK);
    assert_string_equal(file.about.name.ptr, "small");
    assert_string_equal(file.about.source.ptr, "small.csv");
    assert_string_equal(file.about.date.text, "2026-06-17");
    assert_int_equal(file.about.knows, ONUS_IPDB_ASN | ONUS_IPDB_V4 | ONUS_IPDB_V6);
    assert_int_equal(file.v4.rows, 2);
    assert_int_equal(file.v6.rows, 1);
    assert_int_equal(file.value_count, 2);
    onus_buffer_clear(&out);
}

static void every_changed_bit_is_noticed(void **state)
{
    (void)state;
    struct onus_buffer out = {.limit = 0};
    struct onus_ipdb_file file;
    size_t undetected = 0;
    write_small(&out);
    uint8_t *bytes = bytes_of(&out);
    for (size_t bit = 0; bit < out.len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (onus_ipdb_file_parse(bytes, out.len, &file, NULL) == ONUS_OK) {
            (void)fprintf(stderr, "byte %zu bit %zu can change unseen\n", bit / 8, bit % 8);
            undetected++;
        }
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(undetected, 0);
    onus_buffer_clear(&out);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct onus_buffer out = {.limit = 0};
    write_small(&out);
    for (size_t len = 0; len < out.len; len++) {
        uint8_t *exact = malloc(len > 0 ? len : 1);
        struct onus_ipdb_file file;
        assert_non_null(exact);
        memcpy(exact, out.ptr, len);
        assert_int_not_equal(onus_ipdb_file_parse(exact, len, &file, NULL), ONUS_OK);
        free(exact);
    }
    onus_buffer_clear(&out);
}

static void put64(uint8_t *bytes, size_t at, uint64_t value)
{
    const uint64_t raw = htole64(value);
    memcpy(bytes + at, &raw, sizeof(raw));
}

static void put32(uint8_t *bytes, size_t at, uint32_t value)
{
    const uint32_t raw = htole32(value);
    memcpy(bytes + at, &raw, sizeof(raw));
}

/* Make all checksums right again, as somebody would who changes a table on purpose. */
static void seal(uint8_t *bytes, size_t size)
{
    const size_t end = size - ONUS_IPDB_ALIGN; /* one piece, one sum */
    assert_true(end <= ONUS_IPDB_PIECE);
    put64(bytes, end,
            onus_ipdb_checksum(bytes + ONUS_IPDB_HEADER_SIZE, end - ONUS_IPDB_HEADER_SIZE));
    put64(bytes, ONUS_IPDB_AT_HEADER_SUM, 0);
    put64(bytes, ONUS_IPDB_AT_PAYLOAD_SUM, onus_ipdb_checksum(bytes + end, ONUS_IPDB_ALIGN));
    put64(bytes, ONUS_IPDB_AT_HEADER_SUM, onus_ipdb_checksum(bytes, ONUS_IPDB_HEADER_SIZE));
}

static void a_forged_header_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint64_t value;
    } forged[] = {
            {ONUS_IPDB_AT_V4_ROWS, 3},
            {ONUS_IPDB_AT_V4_ROWS, UINT64_MAX},
            {ONUS_IPDB_AT_V4_ROWS, UINT64_MAX / 4},
            {ONUS_IPDB_AT_V6_ROWS, 1u << 28},
            {ONUS_IPDB_AT_VALUES, 1},
            {ONUS_IPDB_AT_VALUES, UINT64_MAX / 24 + 1},
            {ONUS_IPDB_AT_POOL_SIZE, 3},
            {ONUS_IPDB_AT_POOL_SIZE, UINT64_MAX},
            {ONUS_IPDB_AT_V4_INDEX_BITS, 0x0000000800000000u},
            {ONUS_IPDB_AT_V4_INDEX_BITS, 0x0000000800000020u},
            {ONUS_IPDB_AT_V4_INDEX_BITS, 0x0000000800000010u},
            {ONUS_IPDB_AT_FILE_SIZE, 512},
            {ONUS_IPDB_AT_VERSION, 3},
            {ONUS_IPDB_AT_DATE, 0},
            {ONUS_IPDB_AT_NAME, 0},
            {ONUS_IPDB_AT_DAY, 77},
    };
    for (size_t i = 0; i < ONUS_COUNT(forged); i++) {
        struct onus_buffer out = {.limit = 0};
        struct onus_ipdb_file file;
        write_small(&out);
        put64(bytes_of(&out), forged[i].at, forged[i].value);
        seal(bytes_of(&out), out.len);
        enum onus_code code = onus_ipdb_file_parse(bytes_of(&out), out.len, &file, NULL);
        if (code != ONUS_E_FORMAT) {
            fail_msg("forgery %zu gives %s", i, onus_code_name(code));
        }
        onus_buffer_clear(&out);
    }
}

static void forged_rows_and_texts_are_refused(void **state)
{
    (void)state;
    struct onus_buffer out = {.limit = 0};
    struct onus_ipdb_file file;
    write_small(&out);
    assert_int_equal(onus_ipdb_file_parse(bytes_of(&out), out.len, &file, NULL), ONUS_OK);
    const uint8_t *start = bytes_of(&out);
    const struct {
        size_t at;
        uint32_t value;
    } forged[] = {
            {(size_t)(file.v4.index - start), 1},
            {(size_t)(file.v4.index - start) + 4 * 256, UINT32_MAX},
            {(size_t)(file.v4.first - start), 0xffffffff},
            {(size_t)(file.v4.last - start), 0xffffffff},
            {(size_t)(file.v4.value - start), 2},
            {(size_t)(file.v6.value - start), UINT32_MAX},
            {(size_t)(file.values - start) + ONUS_IPDB_VALUE_TEXT_AT, UINT32_MAX},
            {(size_t)(file.values - start) + ONUS_IPDB_VALUE_TEXT_LEN, 0xffff},
    };
    for (size_t i = 0; i < ONUS_COUNT(forged); i++) {
        struct onus_buffer changed = {.limit = 0};
        onus_buffer_add_str(&changed, onus_buffer_view(&out));
        put32(bytes_of(&changed), forged[i].at, forged[i].value);
        seal(bytes_of(&changed), changed.len);
        struct onus_ipdb_file got;
        enum onus_code code = onus_ipdb_file_parse(bytes_of(&changed), changed.len, &got, NULL);
        if (code != ONUS_E_FORMAT) {
            fail_msg("forgery %zu gives %s", i, onus_code_name(code));
        }
        onus_buffer_clear(&changed);
    }
    onus_buffer_clear(&out);
}

enum {
    MANY = 3000
};

/* Many pieces: row i is 10.x.y.0/24 of network 64500 + i, and so on for IPv6. */
static void write_large(struct onus_buffer *out)
{
    struct onus_ipdb_build build = {.rows = NULL};
    struct onus_ipdb_about about = {.name = ONUS_STR("large"), .source = ONUS_STR("large.csv")};
    assert_true(onus_ipdb_date_parse(ONUS_STR("2026-06-17"), &about.date));
    for (unsigned i = 0; i < MANY; i++) {
        char first[40];
        char last[40];
        (void)snprintf(first, sizeof(first), "10.%u.%u.0", i / 256, i % 256);
        (void)snprintf(last, sizeof(last), "10.%u.%u.255", i / 256, i % 256);
        add(&build, first, last, 64500 + i);
        (void)snprintf(first, sizeof(first), "2001:db8:%x::", i);
        (void)snprintf(last, sizeof(last), "2001:db8:%x::ffff", i);
        add(&build, first, last, 164500 + i);
    }
    assert_int_equal(onus_ipdb_build_order(&build, ONUS_IPDB_OVERLAP_LATER, NULL), ONUS_OK);
    assert_int_equal(onus_ipdb_file_write(&build, &about, out, NULL), ONUS_OK);
    onus_ipdb_build_clear(&build);
}

/* The network that the file names for row i, 0 for none. */
static uint32_t network_of(const struct onus_ipdb_file *file, unsigned i, bool v4)
{
    struct onus_address address = onus_address_of_v4(10u << 24 | i << 8 | 7);
    if (!v4) {
        const uint8_t begin[] = {0x20, 0x01, 0x0d, 0xb8, (uint8_t)(i >> 8), (uint8_t)i};
        address = (struct onus_address){{0}};
        memcpy(address.bytes, begin, sizeof(begin));
    }
    struct onus_ipdb_hit hit;
    return onus_ipdb_file_find(file, &address, &hit) ? hit.value.asn : 0;
}

static void write_file(const char *path, const struct onus_buffer *bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes->ptr, 1, bytes->len, f), bytes->len);
    assert_int_equal(fclose(f), 0);
}

/* Every answer that is given is right, and when one is missing the file says that it is damaged. */
static bool tells_damage(const char *path)
{
    struct onus_ipdb_file file;
    if (onus_ipdb_file_open_lazily(path, &file, NULL) != ONUS_OK) {
        return true;
    }
    size_t wrong = 0;
    for (unsigned i = 0; i < MANY; i++) {
        for (int v4 = 0; v4 < 2; v4++) {
            uint32_t want = (v4 ? 64500 : 164500) + i;
            uint32_t got = network_of(&file, i, v4);
            assert_true(got == want || got == 0);
            wrong += got != want;
        }
    }
    bool told = onus_ipdb_file_status(&file, NULL) == ONUS_E_FORMAT;
    assert_true(told || wrong == 0);
    onus_ipdb_file_close(&file);
    return told;
}

static void a_file_opened_lazily_tells_damage_or_answers_right(void **state)
{
    (void)state;
    char path[] = "/tmp/onus-ipdb-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    struct onus_buffer out = {.limit = 0};
    write_large(&out);
    write_file(path, &out);
    assert_false(tells_damage(path));
    size_t told = 0;
    uint64_t random = 5;
    for (int i = 0; i < 300; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        size_t bit = (size_t)(random >> 16) % (out.len * 8);
        bytes_of(&out)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        write_file(path, &out);
        told += tells_damage(path);
        struct onus_ipdb_file file;
        assert_int_not_equal(onus_ipdb_file_open(path, &file, NULL), ONUS_OK);
        bytes_of(&out)[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(told > 200); /* some pieces hold nothing that is asked for */
    (void)unlink(path);
    onus_buffer_clear(&out);
}

static void a_file_of_version_1_is_read_whole(void **state)
{
    (void)state;
    struct onus_buffer out = {.limit = 0};
    struct onus_ipdb_file file;
    write_small(&out);
    uint8_t *bytes = bytes_of(&out);
    const size_t end = out.len - ONUS_IPDB_ALIGN; /* such a file has no sums of pieces */
    put32(bytes, ONUS_IPDB_AT_VERSION, 1);
    put64(bytes, ONUS_IPDB_AT_FILE_SIZE, end);
    put64(bytes, ONUS_IPDB_AT_HEADER_SUM, 0);
    put64(bytes, ONUS_IPDB_AT_PAYLOAD_SUM,
            onus_ipdb_checksum(bytes + ONUS_IPDB_HEADER_SIZE, end - ONUS_IPDB_HEADER_SIZE));
    put64(bytes, ONUS_IPDB_AT_HEADER_SUM, onus_ipdb_checksum(bytes, ONUS_IPDB_HEADER_SIZE));
    assert_int_equal(onus_ipdb_file_parse(bytes, end, &file, NULL), ONUS_OK);
    assert_int_equal(file.v4.rows, 2);
    bytes[end - 1] ^= 1;
    assert_int_equal(onus_ipdb_file_parse(bytes, end, &file, NULL), ONUS_E_MISMATCH);
    onus_buffer_clear(&out);
}

static void a_name_from_a_table_cannot_act_on_a_terminal(void **state)
{
    (void)state;
    struct onus_ipdb_build build = {.rows = NULL};
    uint32_t value = 0;
    const struct onus_ipdb_value named = {.asn = 64500, .text = ONUS_STR("a\x1b[2Jb\nc")};
    assert_int_equal(onus_ipdb_build_value(&build, &named, &value, NULL), ONUS_OK);
    assert_int_equal(build.values[0].text_len, 8);
    assert_memory_equal(build.pool.ptr, "a?[2Jb?c", 8);
    onus_ipdb_build_clear(&build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_written_is_read_back),
            cmocka_unit_test(every_changed_bit_is_noticed),
            cmocka_unit_test(every_truncation_is_refused),
            cmocka_unit_test(a_forged_header_is_refused),
            cmocka_unit_test(forged_rows_and_texts_are_refused),
            cmocka_unit_test(a_file_opened_lazily_tells_damage_or_answers_right),
            cmocka_unit_test(a_file_of_version_1_is_read_whole),
            cmocka_unit_test(a_name_from_a_table_cannot_act_on_a_terminal),
    };
    return cmocka_run_group_tests_name("net/ipdb file", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the bytes of a file come out the same whatever it was packed with, a stream that
 * breaks off gives everything before the break and then says so, and a file that shrinks is noticed.
 * Oracle: the text before packing, by the packers of the system.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"
#include "sys/reader.h"

static char folder[] = "/tmp/onus-reader-XXXXXX";
static char path[128];
static char *text;

enum {
    TEXT_SIZE = 700000 /* more than two buffers */
};

static int make_text(void **state)
{
    (void)state;
    text = malloc(TEXT_SIZE);
    if (!text || !mkdtemp(folder)) {
        return -1;
    }
    uint64_t x = 1;
    for (size_t i = 0; i < TEXT_SIZE; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        text[i] = i % 80 == 79 ? '\n' : (char)('a' + (x >> 60));
    }
    (void)snprintf(path, sizeof(path), "%s/file", folder);
    return 0;
}

static int drop_text(void **state)
{
    (void)state;
    free(text);
    (void)unlink(path);
    return rmdir(folder);
}

static void write_file(const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static bool have(const char *packer)
{
    char command[128];
    (void)snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", packer);
    return system(command) == 0; /* NOLINT(cert-env33-c,concurrency-mt-unsafe): a test */
}

static void pack(const char *packer)
{
    char command[1200];
    write_file(text, TEXT_SIZE);
    (void)snprintf(command, sizeof(command), "%s -c <%s >%s.p && mv %s.p %s", packer, path, path,
            path, path);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

static enum onus_code read_all(struct onus_buffer *out, struct onus_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    struct onus_reader *reader = NULL;
    assert_int_equal(onus_reader_open(descriptor, "file", &reader, err), ONUS_OK);
    char piece[10007];
    size_t got = 0;
    enum onus_code code = ONUS_OK;
    while ((code = onus_reader_read(reader, piece, sizeof(piece), &got, err)) == ONUS_OK &&
            got > 0) {
        onus_buffer_add(out, piece, got);
    }
    onus_reader_close(reader);
    assert_int_equal(close(descriptor), 0);
    return code;
}

static void assert_is_text(const struct onus_buffer *got, size_t size)
{
    assert_int_equal(got->len, size);
    assert_memory_equal(got->ptr, text, size);
}

static void check_packer(const char *packer)
{
    if (!have(packer)) {
        skip();
    }
    pack(packer);
    struct onus_buffer got;
    onus_buffer_init(&got, 0);
    assert_int_equal(read_all(&got, NULL), ONUS_OK);
    assert_is_text(&got, TEXT_SIZE);
    onus_buffer_clear(&got);
}

static void plain_bytes_come_out_as_they_are(void **state)
{
    (void)state;
    write_file(text, TEXT_SIZE);
    struct onus_buffer got;
    onus_buffer_init(&got, 0);
    assert_int_equal(read_all(&got, NULL), ONUS_OK);
    assert_is_text(&got, TEXT_SIZE);
    onus_buffer_clear(&got);
}

static void gzip_is_undone(void **state)
{
    (void)state;
    check_packer("gzip");
}

static void zstd_is_undone(void **state)
{
    (void)state;
    check_packer("zstd");
}

static void xz_is_undone(void **state)
{
    (void)state;
    check_packer("xz");
}

static void bzip2_is_undone(void **state)
{
    (void)state;
    check_packer("bzip2");
}

static void members_in_a_row_are_one_text(void **state)
{
    (void)state;
    static const char *const packers[] = {"gzip", "zstd", "xz", "bzip2"};
    for (size_t i = 0; i < ONUS_COUNT(packers); i++) {
        if (!have(packers[i])) {
            continue;
        }
        char command[1200];
        write_file(text, 1000);
        (void)snprintf(command, sizeof(command), "%s -c <%s >%s.p && cat %s.p %s.p >%s && rm %s.p",
                packers[i], path, path, path, path, path, path);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
        struct onus_buffer got;
        onus_buffer_init(&got, 0);
        assert_int_equal(read_all(&got, NULL), ONUS_OK);
        assert_int_equal(got.len, 2000);
        assert_memory_equal(got.ptr + 1000, text, 1000);
        onus_buffer_clear(&got);
    }
}

static size_t file_size(void)
{
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    assert_int_equal(fclose(f), 0);
    return (size_t)size;
}

static void what_breaks_off_gives_all_before_and_says_so(void **state)
{
    (void)state;
    static const char *const packers[] = {"gzip", "zstd", "xz", "bzip2"};
    for (size_t i = 0; i < ONUS_COUNT(packers); i++) {
        if (!have(packers[i])) {
            continue;
        }
        pack(packers[i]);
        size_t whole = file_size();
        assert_int_equal(truncate(path, (off_t)(whole - whole / 4)), 0);
        struct onus_buffer got;
        struct onus_error err = ONUS_ERROR_INIT;
        onus_buffer_init(&got, 0);
        assert_int_equal(read_all(&got, &err), ONUS_E_FORMAT);
        assert_string_equal(err.text, "file: the compressed data breaks off");
        assert_true(got.len < TEXT_SIZE);
        assert_memory_equal(got.ptr ? got.ptr : "", text, got.len);
        /* bzip2 and xz hand out whole blocks only; the two others nearly everything */
        assert_true(i >= 2 || got.len > TEXT_SIZE / 2);
        onus_buffer_clear(&got);
    }
}

static void a_damaged_byte_is_told(void **state)
{
    (void)state;
    pack("gzip");
    FILE *f = fopen(path, "r+be");
    assert_non_null(f);
    assert_int_equal(fseek(f, 5000, SEEK_SET), 0);
    assert_int_equal(fwrite("\xff\x00\xff\x00\xff\x00\xff", 1, 7, f), 7);
    assert_int_equal(fclose(f), 0);
    struct onus_buffer got;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_buffer_init(&got, 0);
    assert_int_equal(read_all(&got, &err), ONUS_E_FORMAT);
    assert_true(onus_str_has(onus_str_of(err.text), ONUS_STR("damaged")));
    onus_buffer_clear(&got);
}

static void other_bytes_after_the_end_are_told(void **state)
{
    (void)state;
    char command[1200];
    write_file(text, 1000);
    (void)snprintf(command, sizeof(command), "gzip -c <%s >%s.p && echo tail >>%s.p && mv %s.p %s",
            path, path, path, path, path);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
    struct onus_buffer got;
    onus_buffer_init(&got, 0);
    assert_int_equal(read_all(&got, NULL), ONUS_E_FORMAT);
    assert_is_text(&got, 1000);
    onus_buffer_clear(&got);
}

static void a_file_that_shrinks_is_noticed(void **state)
{
    (void)state;
    write_file(text, TEXT_SIZE);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct onus_reader *reader = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_reader_open(descriptor, "file", &reader, NULL), ONUS_OK);
    char piece[4096];
    size_t got = 0;
    size_t all = 0;
    assert_int_equal(onus_reader_read(reader, piece, sizeof(piece), &got, &err), ONUS_OK);
    all += got;
    assert_int_equal(truncate(path, TEXT_SIZE / 2), 0);
    enum onus_code code = ONUS_OK;
    while ((code = onus_reader_read(reader, piece, sizeof(piece), &got, &err)) == ONUS_OK &&
            got > 0) {
        all += got;
    }
    assert_int_equal(code, ONUS_E_IO);
    assert_string_equal(err.text, "file: the file became shorter while it was read");
    assert_true(all >= TEXT_SIZE / 2);
    onus_reader_close(reader);
    assert_int_equal(close(descriptor), 0);
}

static void a_second_reading_gives_the_same(void **state)
{
    (void)state;
    pack("gzip");
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct onus_reader *reader = NULL;
    assert_int_equal(onus_reader_open(descriptor, "file", &reader, NULL), ONUS_OK);
    for (int round = 0; round < 2; round++) {
        char piece[1000];
        size_t got = 0;
        assert_int_equal(onus_reader_read(reader, piece, sizeof(piece), &got, NULL), ONUS_OK);
        assert_int_equal(got, sizeof(piece));
        assert_memory_equal(piece, text, got);
        assert_int_equal(onus_reader_rewind(reader, NULL), ONUS_OK);
    }
    onus_reader_close(reader);
    assert_int_equal(close(descriptor), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(plain_bytes_come_out_as_they_are),
            cmocka_unit_test(gzip_is_undone),
            cmocka_unit_test(zstd_is_undone),
            cmocka_unit_test(xz_is_undone),
            cmocka_unit_test(bzip2_is_undone),
            cmocka_unit_test(members_in_a_row_are_one_text),
            cmocka_unit_test(what_breaks_off_gives_all_before_and_says_so),
            cmocka_unit_test(a_damaged_byte_is_told),
            cmocka_unit_test(other_bytes_after_the_end_are_told),
            cmocka_unit_test(a_file_that_shrinks_is_noticed),
            cmocka_unit_test(a_second_reading_gives_the_same),
    };
    return cmocka_run_group_tests_name("sys/reader", tests, make_text, drop_text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a table or list, the first byte chooses the reader: what is accepted can be compiled,
 * the compiled form is accepted, and each row's first and last address is then found.
 */
#include "fuzz.h"

#include "net/ipdb_file.h"
#include "net/ipdb_read.h"

/* MMDB_open() of libmaxminddb 1.7 keeps two small blocks when it refuses a file's metadata. */
/* NOLINTBEGIN(cert-dcl37-c): the sanitizer looks for this name. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libmaxminddb";
}
/* NOLINTEND(cert-dcl37-c) */

static onus_ipdb_reader *const readers[] = {onus_ipdb_read_csv, onus_ipdb_read_tor,
        onus_ipdb_read_plain, onus_ipdb_read_intervals, onus_ipdb_read_misp, onus_ipdb_read_mmdb};

static void check_found(const struct onus_ipdb_build *build, const struct onus_ipdb_file *file)
{
    for (size_t i = 0; i < build->row_count; i++) {
        const onus_wide ends[] = {build->rows[i].first, build->rows[i].last};
        for (size_t e = 0; e < ONUS_COUNT(ends); e++) {
            struct onus_address address = onus_wide_address(ends[e]);
            struct onus_ipdb_hit hit;
            FUZZ_CHECK(onus_ipdb_file_find(file, &address, &hit));
            FUZZ_CHECK(hit.first == build->rows[i].first && hit.last == build->rows[i].last);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct onus_str text = {(const char *)data + 1, size - 1};
    struct onus_ipdb_build build = {.rows = NULL};
    struct onus_ipdb_found found = {.overlap = ONUS_IPDB_OVERLAP_LATER};
    struct onus_error err = ONUS_ERROR_INIT;
    onus_ipdb_reader *reader = readers[(size_t)(data[0] - '0') % ONUS_COUNT(readers)];
    enum onus_code code = reader(text, &build, &found, &err);
    FUZZ_CHECK(code == ONUS_OK || code == ONUS_END || err.text[0] != '\0');
    if (code == ONUS_OK) {
        code = onus_ipdb_build_order(&build, found.overlap, &err);
    }
    if (code == ONUS_OK) {
        struct onus_ipdb_about about = {.name = ONUS_STR("fuzz"), .source = ONUS_STR("fuzz")};
        struct onus_buffer out = {.limit = 0};
        struct onus_ipdb_file file;
        FUZZ_CHECK(onus_ipdb_date_parse(ONUS_STR("2026-06-17"), &about.date));
        FUZZ_CHECK(onus_ipdb_file_write(&build, &about, &out, &err) == ONUS_OK);
        FUZZ_CHECK(onus_ipdb_file_parse((const uint8_t *)out.ptr, out.len, &file, &err) == ONUS_OK);
        check_found(&build, &file);
        onus_buffer_clear(&out);
    }
    onus_ipdb_build_clear(&build);
    return 0;
}

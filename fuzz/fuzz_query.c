/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is a question or is pointed at; ranges of lines ascend. */
#include "fuzz.h"

#include "evidence/query.h"

static void check_lines(struct onus_str text)
{
    struct onus_arena arena;
    struct onus_str source;
    struct onus_line_range *ranges = NULL;
    size_t count = 0;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_arena_init(&arena, (size_t)16 << 20);
    enum onus_code code = onus_lines_parse(text, &arena, &source, &ranges, &count, &err);
    if (code == ONUS_OK) {
        FUZZ_CHECK(count > 0 && source.len > 0);
        for (size_t i = 0; i < count; i++) {
            FUZZ_CHECK(ranges[i].first >= 1 && ranges[i].first <= ranges[i].last);
            FUZZ_CHECK(i == 0 || ranges[i].first > ranges[i - 1].last);
        }
    } else {
        FUZZ_CHECK(code == ONUS_E_LIMIT || (code == ONUS_E_ARGUMENT && err.offset <= text.len));
    }
    onus_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_query query;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str text = {(const char *)data, size};
    enum onus_code code = onus_query_parse(text, &query, &err);
    if (code != ONUS_OK) {
        FUZZ_CHECK(code == ONUS_E_LIMIT || (code == ONUS_E_ARGUMENT && err.offset <= size));
    } else if (query.who == ONUS_WHO_RANGE) {
        FUZZ_CHECK(onus_key_valid(&query.low) && onus_key_valid(&query.high));
        FUZZ_CHECK(onus_key_compare(&query.low, &query.high) < 0);
    }
    if (code == ONUS_OK && query.has_from && query.has_until) {
        FUZZ_CHECK(query.from < query.until);
    }
    check_lines(text);
    return 0;
}

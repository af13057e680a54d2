/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as a source index is written back as the same bytes, and its rows add up. */
#include "fuzz.h"

#include "evidence/index.h"

static void check_rows(const struct onus_index *index)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < index->count; i++) {
        struct onus_postings postings = onus_postings_of(index, i);
        uint64_t own = 0;
        while (onus_postings_next(&postings)) {
            FUZZ_CHECK(postings.line < onus_index_lines(index));
            own++;
        }
        FUZZ_CHECK(!index->has_postings || own == index->rows[i].own_lines);
        lines += index->rows[i].own_lines;
        FUZZ_CHECK(lines == index->rows[i].lines);
        bool found = false;
        size_t row =
                index->rows[i].key_gone ? i : onus_index_find(index, &index->rows[i].key, &found);
        FUZZ_CHECK(row == i && (found || index->rows[i].key_gone));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    struct onus_index index;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_buffer again = {.limit = 0};
    onus_arena_init(&arena, (size_t)64 << 20);
    struct onus_str bytes = {(const char *)data, size};
    enum onus_code code = onus_index_decode(bytes, NULL, &arena, &index, &err);
    if (code == ONUS_OK) {
        check_rows(&index);
        onus_index_encode(&index, &again);
        FUZZ_CHECK(onus_str_eq(onus_buffer_view(&again), bytes));
    } else {
        FUZZ_CHECK(code == ONUS_E_LIMIT || (code == ONUS_E_FORMAT && err.offset <= size));
    }
    onus_buffer_clear(&again);
    onus_arena_clear(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes are a tomb, written the only way, or are refused. The sum at the end is put right first: no
 * input would pass it by chance. The same bytes are also read as holds, as the plan of an erasure and as
 * its record, with their sums put right likewise.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "evidence/erase.h"
#include "evidence/fields.h"
#include "evidence/hold.h"
#include "evidence/tomb.h"

static void check(struct onus_str bytes, enum onus_code code, const struct onus_buffer *again)
{
    if (code == ONUS_OK) {
        FUZZ_CHECK(onus_buffer_status(again, NULL) == ONUS_OK);
        FUZZ_CHECK(onus_str_eq(bytes, onus_buffer_view(again)));
    } else {
        FUZZ_CHECK(code == ONUS_E_FORMAT || code == ONUS_E_LIMIT);
    }
}

static void read_tomb(struct onus_str body, struct onus_arena *arena)
{
    struct onus_buffer bytes = {0};
    struct onus_buffer again = {0};
    struct onus_tomb tomb;
    struct onus_digest sum;
    onus_sha256(body, &sum);
    onus_buffer_add_str(&bytes, body);
    onus_buffer_add_str(&bytes, onus_digest_view(&sum));
    enum onus_code code = onus_tomb_parse(onus_buffer_view(&bytes), arena, &tomb, NULL);
    if (code == ONUS_OK) {
        size_t at = 0;
        (void)onus_tomb_of_line(&tomb, tomb.slots);
        (void)onus_tomb_gone(&tomb, tomb.slots, &at);
        FUZZ_CHECK(at == tomb.gone_count);
        onus_tomb_format(&tomb, &again);
    }
    check(onus_buffer_view(&bytes), code, &again);
    onus_buffer_clear(&bytes);
    onus_buffer_clear(&again);
}

static void read_texts(struct onus_str body, struct onus_arena *arena)
{
    struct onus_buffer text = {0};
    struct onus_buffer again = {0};
    struct onus_holds holds;
    struct onus_erase_plan plan;
    struct onus_erased erased;
    onus_buffer_add_str(&text, body);
    onus_buffer_add_char(&text, '\n');
    onus_fields_put_sum(&text, 0);
    enum onus_code code = onus_holds_parse(onus_buffer_view(&text), arena, &holds, NULL);
    if (code == ONUS_OK) {
        onus_holds_format(&holds, &again);
    }
    check(onus_buffer_view(&text), code, &again);
    onus_buffer_clear(&again);
    code = onus_erase_parse(onus_buffer_view(&text), arena, &plan, NULL);
    if (code == ONUS_OK) {
        onus_erase_format(&plan, &again);
    }
    check(onus_buffer_view(&text), code, &again);
    onus_buffer_clear(&again);
    code = onus_erased_parse(onus_buffer_view(&text), arena, &erased, NULL);
    if (code == ONUS_OK) {
        onus_erased_format(&erased, &again);
    }
    check(onus_buffer_view(&text), code, &again);
    onus_buffer_clear(&again);
    onus_buffer_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    struct onus_str body = {(const char *)data, size};
    onus_arena_init(&arena, (size_t)256 << 20);
    read_tomb(body, &arena);
    onus_arena_clear(&arena);
    read_texts(body, &arena);
    onus_arena_clear(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is a custody log up to a line that was cut off, or is refused; one more line then follows. */
#include "fuzz.h"

#include "evidence/custody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    struct onus_custody custody;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str text = {(const char *)data, size};
    onus_arena_init(&arena, (size_t)256 << 20);
    enum onus_code code = onus_custody_parse(text, &arena, &custody, &err);
    if (code != ONUS_OK) {
        FUZZ_CHECK(code == ONUS_E_FORMAT || code == ONUS_E_MISMATCH || code == ONUS_E_LIMIT);
    } else {
        struct onus_buffer more = {0};
        struct onus_custody after;
        FUZZ_CHECK(custody.used + custody.cut == size);
        onus_buffer_add(&more, data, custody.used);
        /* Any bytes may be what is noted. */
        struct onus_custody_event event = {.what = "seal",
                .detail = text,
                .tool = "onus",
                .now = size};
        onus_custody_add(&custody, ONUS_STR("Example Party"), &event, &more);
        FUZZ_CHECK(onus_buffer_status(&more, NULL) == ONUS_OK);
        FUZZ_CHECK(onus_custody_parse(onus_buffer_view(&more), &arena, &after, NULL) == ONUS_OK);
        FUZZ_CHECK(after.count == custody.count + 1 && after.cut == 0);
        onus_buffer_clear(&more);
    }
    onus_arena_clear(&arena);
    return 0;
}

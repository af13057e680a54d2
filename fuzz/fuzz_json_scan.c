/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: reading and validating agree, nothing is read outside, an undone text never grows. */
#include "fuzz.h"

#include "base/str.h"
#include "text/json_scan.h"

static void walk(struct onus_str container, struct onus_arena *arena, int depth)
{
    struct onus_json_iter it;
    if (depth > 8 || !onus_json_iter_init(&it, container)) {
        return;
    }
    struct onus_str key;
    struct onus_str value;
    while (onus_json_next(&it, &key, &value)) {
        FUZZ_CHECK(value.len > 0);
        struct onus_str text = onus_json_value_text(value, arena);
        FUZZ_CHECK(text.len <= value.len);
        if (onus_json_kind(value) == ONUS_JSON_STRING && text.ptr) {
            FUZZ_CHECK(onus_json_string_is(value, text));
        }
        int64_t number = 0;
        (void)onus_json_value_i64(value, &number);
        walk(value, arena, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str text = {(const char *)data, size};
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 20);
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_json_validate(text, &err);
    FUZZ_CHECK(code == ONUS_OK || err.offset <= size);
    static const char *const keys[] = {"a", "id.orig_h", "ts"};
    struct onus_str values[3];
    if (code == ONUS_E_FORMAT) {
        walk(text, &arena, 0);
    } else if (code == ONUS_OK) {
        struct onus_json_iter it;
        struct onus_str key;
        struct onus_str value;
        if (onus_json_iter_init(&it, text)) {
            while (onus_json_next(&it, &key, &value)) {
            }
            FUZZ_CHECK(it.whole);
        }
        walk(text, &arena, 0);
    }
    if (onus_json_pick(text, keys, values, ONUS_COUNT(values))) {
        FUZZ_CHECK(onus_json_get(text, "ts").len == values[2].len);
    }
    (void)onus_json_path(text, "a.b.c");
    onus_arena_clear(&arena);
    return 0;
}

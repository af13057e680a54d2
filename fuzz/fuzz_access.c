/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an access log; and no line has two shapes, so their order in the table is free. */
#include "one_format.h"

#include "trace/format_access.h"

static size_t shapes_of(struct onus_str line)
{
    static const struct onus_format *const shapes[] = {&onus_format_combined, &onus_format_common,
            &onus_format_vhost_combined};
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 16);
    struct onus_parse_context context = {.arena = &arena};
    size_t count = 0;
    for (size_t i = 0; i < ONUS_COUNT(shapes); i++) {
        struct onus_event event = {0};
        count += shapes[i]->parse(&context, line, &event) == ONUS_LINE_PARSED;
    }
    onus_arena_clear(&arena);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format_named("combined", data, size);
    fuzz_format_named("common", data, size);
    fuzz_format_named("vhost-combined", data, size);
    FUZZ_CHECK(shapes_of((struct onus_str){(const char *)data, size}) <= 1);
    return 0;
}

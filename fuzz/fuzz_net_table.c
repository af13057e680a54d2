/* SPDX-License-Identifier: Apache-2.0 */
/* A table of networks that is read ascends, and each of its rows is found by an address in it. */
#include "fuzz.h"

#include "evidence/net_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    struct onus_net_rows table;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_arena_init(&arena, (size_t)256 << 20);
    enum onus_code code =
            onus_net_table_parse((struct onus_str){(const char *)data, size}, &arena, &table, &err);
    if (code == ONUS_OK) {
        for (size_t i = 0; i < table.count; i++) {
            struct onus_address address;
            struct onus_address low;
            struct onus_address high;
            if (!onus_key_address(&table.rows[i].low, &address)) {
                continue;
            }
            struct onus_key key = onus_key_of(&address);
            FUZZ_CHECK(onus_net_table_find(&table, &key) == &table.rows[i]);
            FUZZ_CHECK(onus_net_table_routed(&table, &address, &low, &high));
            struct onus_key behind = onus_key_after(&high);
            FUZZ_CHECK(onus_address_compare(&low, &address) == 0);
            FUZZ_CHECK(table.rows[i].high.bytes[0] != table.rows[i].low.bytes[0] ||
                       onus_key_compare(&behind, &table.rows[i].high) == 0);
        }
    } else {
        FUZZ_CHECK(code == ONUS_E_LIMIT || (code == ONUS_E_FORMAT && err.offset <= size));
    }
    onus_arena_clear(&arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is a ledger up to its last sum, or is refused with its place. */
#include "fuzz.h"

#include "evidence/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    struct onus_ledger ledger;
    struct onus_ledger_sum sum;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_arena_init(&arena, (size_t)256 << 20);
    struct onus_str text = {(const char *)data, size};
    enum onus_code code = onus_ledger_parse(text, &arena, &ledger, &err);
    if (code == ONUS_OK) {
        FUZZ_CHECK(ledger.used <= size && ledger.entry_count <= ledger.used / 80);
        FUZZ_CHECK(onus_ledger_count(&ledger, &sum, NULL) == ONUS_OK);
        FUZZ_CHECK(sum.bundles == ledger.entry_count);
    } else {
        FUZZ_CHECK(code == ONUS_E_FORMAT || code == ONUS_E_MISMATCH || code == ONUS_E_LIMIT);
    }
    onus_arena_clear(&arena);
    return 0;
}

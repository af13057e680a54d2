/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes through every format that reads JSON, and the text forms of the same sensors. */
#include "one_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"cowrie", "cowrie-text", "suricata-eve", "suricata-fast",
            "cloudtrail", "entra", "o365", "heralding", "dionaea", "journal-json", "zeek-json"};
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        fuzz_format_named(names[i], data, size);
    }
    return 0;
}

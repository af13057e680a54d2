/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a Zeek log: the header rules what follows, whatever it says. */
#include "one_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format_named("zeek-tsv", data, size);
    fuzz_format_named("zeek-json", data, size);
    return 0;
}

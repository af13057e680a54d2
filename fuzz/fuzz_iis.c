/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a W3C log, and as Windows events. */
#include "one_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format_named("iis", data, size);
    fuzz_format_named("windows-xml", data, size);
    return 0;
}

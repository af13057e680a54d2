/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a journal export: lying lengths included. */
#include "one_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format_named("journal-export", data, size);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "event_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_format(onus_format_by_name(onus_str_of("exim")), data, size);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The syslog containers with every message parser behind them. */
#include "event_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_format(onus_format_by_name(onus_str_of("syslog")), data, size);
    check_format(onus_format_by_name(onus_str_of("syslog-bare")), data, size);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "text/decimal.h"

#include "base/str.h"

bool onus_decimal_parse(struct onus_str text, uint64_t *out)
{
    if (text.len > 1 && text.ptr[0] == '0') {
        return false;
    }
    return onus_str_to_u64(text, ONUS_DECIMAL_MAX, out);
}

void onus_decimal_add_grouped(struct onus_buffer *buffer, uint64_t value)
{
    char digits[ONUS_DIGITS_MAX];
    size_t count = (size_t)(onus_put_u64(digits, value) - digits);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            onus_buffer_add_char(buffer, ',');
        }
        onus_buffer_add_char(buffer, digits[i]);
    }
}

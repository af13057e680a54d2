/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_read.h"

#include "base/str.h"

bool onus_ipdb_next_line(struct onus_str *rest, struct onus_str *line)
{
    if (rest->len == 0) {
        return false;
    }
    if (!onus_str_cut(rest, '\n', line)) {
        *line = *rest;
        *rest = ONUS_STR_NONE;
    }
    (void)onus_str_drop(line, ONUS_STR("\r"));
    return true;
}

bool onus_ipdb_parse_prefix(struct onus_str text, struct onus_address *first,
        struct onus_address *last)
{
    size_t slash = onus_str_find_char(text, '/');
    struct onus_address address;
    if (!onus_address_parse(onus_str_sub(text, 0, slash), &address)) {
        return false;
    }
    uint64_t width = onus_address_is_v4(&address) ? 32 : 128;
    uint64_t bits = width;
    if (slash != ONUS_STR_NPOS && !onus_str_to_u64(onus_str_from(text, slash + 1), width, &bits)) {
        return false;
    }
    uint64_t host_bits = width - bits;
    onus_wide mask = host_bits == 128 ? ~(onus_wide)0 : ((onus_wide)1 << host_bits) - 1;
    onus_wide value = onus_wide_of(&address);
    if ((value & mask) != 0) {
        return false;
    }
    *first = address;
    *last = onus_wide_address(value | mask);
    return true;
}

bool onus_ipdb_parse_country(struct onus_str text, char out[static 2])
{
    static const struct onus_str unknown[] = {{"", 0}, {"??", 2}, {"--", 2}, {"-", 1}, {"ZZ", 2}};
    for (size_t i = 0; i < ONUS_COUNT(unknown); i++) {
        if (onus_str_eq(text, unknown[i])) {
            out[0] = out[1] = '\0';
            return true;
        }
    }
    if (text.len != 2) {
        return false;
    }
    char upper[2];
    for (size_t i = 0; i < 2; i++) {
        char c = onus_lower(text.ptr[i]);
        if (c >= 'a' && c <= 'z') {
            upper[i] = (char)(c - 'a' + 'A');
        } else if (onus_is_digit(c)) {
            upper[i] = c;
        } else {
            return false;
        }
    }
    memcpy(out, upper, 2);
    return true;
}

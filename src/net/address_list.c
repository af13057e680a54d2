/* SPDX-License-Identifier: Apache-2.0 */
#include "address_list.h"

#include "base/str.h"

enum {
    DEFANGED_MAX = 128
};

static bool is_fang(struct onus_str s)
{
    return s.len >= 3 &&
           ((s.ptr[0] == '[' && s.ptr[2] == ']') || (s.ptr[0] == '(' && s.ptr[2] == ')')) &&
           (s.ptr[1] == '.' || s.ptr[1] == ':');
}

bool onus_address_parse_defanged(struct onus_str text, struct onus_address *out)
{
    if (onus_address_parse(text, out)) {
        return true;
    }
    char plain[DEFANGED_MAX];
    size_t len = 0;
    if (text.len > sizeof(plain)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (is_fang(onus_str_from(text, i))) {
            i++;
            plain[len++] = text.ptr[i];
            i++;
            continue;
        }
        plain[len++] = text.ptr[i];
    }
    return len < text.len && onus_address_parse((struct onus_str){plain, len}, out);
}

static bool ends_column(char c)
{
    return c == '\t' || c == ',' || c == ';' || c == ' ';
}

enum onus_address_line onus_address_line(struct onus_str line, struct onus_address *out)
{
    (void)onus_str_drop(&line, ONUS_STR("\r"));
    line = onus_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') {
        return ONUS_ADDRESS_LINE_BLANK;
    }
    struct onus_str column;
    if (onus_str_skip(&line, ONUS_STR("\""))) {
        column = onus_str_trim(onus_str_sub(line, 0, onus_str_find_char(line, '"')));
    } else {
        size_t end = 0;
        while (end < line.len && !ends_column(line.ptr[end])) {
            end++;
        }
        column = onus_str_sub(line, 0, end);
    }
    return onus_address_parse_defanged(column, out) ? ONUS_ADDRESS_LINE_HELD
                                                    : ONUS_ADDRESS_LINE_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "honeypot.h"

#include "base/str.h"

enum onus_array_line onus_array_line(struct onus_str line, bool opened, struct onus_str *object)
{
    struct onus_str s = onus_str_trim(line);
    if (onus_str_eq(s, ONUS_STR(",")) || onus_str_eq(s, ONUS_STR("]"))) {
        return opened ? ONUS_ARRAY_FRAME : ONUS_ARRAY_OTHER;
    }
    bool opens = onus_str_skip(&s, ONUS_STR("["));
    s = onus_str_trim(s);
    if (opens && s.len == 0) {
        return ONUS_ARRAY_FRAME;
    }
    (void)onus_str_skip(&s, ONUS_STR(","));
    (void)(onus_str_drop(&s, ONUS_STR("]")) || onus_str_drop(&s, ONUS_STR(",")));
    s = onus_str_trim(s);
    if (s.len < 2 || s.ptr[0] != '{') {
        return ONUS_ARRAY_OTHER;
    }
    *object = s;
    return ONUS_ARRAY_OBJECT;
}

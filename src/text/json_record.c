/* SPDX-License-Identifier: Apache-2.0 */
#include "json_record.h"

#include "base/str.h"

struct scan {
    size_t open; /* brackets */
    bool broken; /* a line ended inside a string */
};

/* Count the brackets of one line, outside its strings. */
static void scan_line(struct scan *s, struct onus_str line)
{
    bool in_string = false;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            s->open++;
        } else if ((c == '}' || c == ']') && s->open > 0) {
            s->open--;
        }
    }
    s->broken = in_string;
}

size_t onus_json_record(struct onus_str text, bool at_end)
{
    struct onus_str rest = text;
    struct scan s = {0};
    do {
        size_t end = onus_str_find_char(rest, '\n');
        if (end == ONUS_STR_NPOS) {
            return at_end ? text.len : 0;
        }
        struct onus_str line = onus_str_sub(rest, 0, end);
        rest = onus_str_from(rest, end + 1);
        bool first = text.len - rest.len == end + 1;
        if (first &&
                !(onus_str_begins(line, ONUS_STR("{")) || onus_str_begins(line, ONUS_STR("[")))) {
            break;
        }
        scan_line(&s, line);
    } while (s.open > 0 && !s.broken && text.len - rest.len < ONUS_JSON_RECORD_MAX);
    return text.len - rest.len;
}

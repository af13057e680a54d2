/* SPDX-License-Identifier: Apache-2.0 */
#include "json_record.h"

#include "base/str.h"

struct scan {
    uint64_t arrays; /* one bit for each open bracket, 1 for '['; the innermost is the lowest */
    unsigned open;
    char last;   /* the last byte that is no blank, of all lines so far */
    bool broken; /* a line ended inside a string, or nesting went too deep to follow */
};

static void open_bracket(struct scan *s, char c)
{
    s->arrays = s->arrays << 1 | (c == '[');
    s->open++;
    s->broken = s->broken || s->open > 64;
}

static void close_bracket(struct scan *s)
{
    if (s->open > 0) {
        s->arrays >>= 1;
        s->open--;
    }
}

/* Follow the brackets of one line, outside its strings. */
static void scan_line(struct scan *s, struct onus_str line)
{
    bool in_string = false;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (c != ' ' && c != '\t' && c != '\r') {
            s->last = c;
        }
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            open_bracket(s, c);
        } else if (c == '}' || c == ']') {
            close_bracket(s);
        }
    }
    s->broken = s->broken || in_string;
}

static bool opens(struct onus_str line)
{
    return onus_str_begins(line, ONUS_STR("{")) || onus_str_begins(line, ONUS_STR("["));
}

/*
 * A bracket in the first column, inside a document, is either the next element of a list or the start
 * of another document because the one before was cut off.
 */
static bool starts_anew(const struct scan *s, struct onus_str line)
{
    bool element = (s->arrays & 1u) && (s->last == ',' || s->last == '[');
    return opens(line) && !element;
}

size_t onus_json_record(struct onus_str text, bool at_end)
{
    struct onus_str rest = text;
    struct scan s = {0};
    do {
        size_t end = onus_str_find_char(rest, '\n');
        if (end == ONUS_STR_NPOS) {
            bool cut = s.open > 0 && starts_anew(&s, rest);
            return cut ? text.len - rest.len : at_end ? text.len : 0;
        }
        struct onus_str line = onus_str_sub(rest, 0, end);
        if (s.open > 0 && starts_anew(&s, line)) {
            break;
        }
        rest = onus_str_from(rest, end + 1);
        bool first = text.len - rest.len == end + 1;
        if (first && !opens(line)) {
            break;
        }
        scan_line(&s, line);
    } while (s.open > 0 && !s.broken && text.len - rest.len < ONUS_JSON_RECORD_MAX);
    return text.len - rest.len;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "completion.h"

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || onus_is_digit(c) || c == '-' ||
           c == '_';
}

/* Words are what stands between brackets, bars, blanks and dots. */
static bool next_token(struct onus_str *rest, struct onus_str *out)
{
    size_t from = 0;
    while (from < rest->len && !is_word_byte(rest->ptr[from])) {
        from++;
    }
    size_t to = from;
    while (to < rest->len && is_word_byte(rest->ptr[to])) {
        to++;
    }
    *out = onus_str_sub(*rest, from, to - from);
    *rest = onus_str_from(*rest, to);
    return out->len > 0;
}

bool onus_completion_next_word(struct onus_str *rest, struct onus_str *out)
{
    while (next_token(rest, out)) {
        if (out->ptr[0] >= 'a' && out->ptr[0] <= 'z') {
            return true;
        }
    }
    return false;
}

bool onus_completion_takes_path(const char *argument)
{
    static const char *const paths[] = {"FILE", "DIR", "LOG", "LOGS", "PATH"};
    struct onus_str rest = onus_str_of(argument);
    struct onus_str token;
    while (next_token(&rest, &token)) {
        for (size_t i = 0; i < ONUS_COUNT(paths); i++) {
            if (onus_str_eq(token, onus_str_of(paths[i]))) {
                return true;
            }
        }
    }
    return false;
}

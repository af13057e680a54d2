/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

size_t onus_str_rfind(struct onus_str s, struct onus_str needle)
{
    if (needle.len == 0) {
        return s.len;
    }
    while (s.len >= needle.len) {
        struct onus_str starts = onus_str_sub(s, 0, s.len - needle.len + 1);
        size_t at = onus_str_rfind_char(starts, needle.ptr[0]);
        if (at == ONUS_STR_NPOS) {
            return ONUS_STR_NPOS;
        }
        if (memcmp(s.ptr + at, needle.ptr, needle.len) == 0) {
            return at;
        }
        s.len = at + needle.len - 1;
    }
    return ONUS_STR_NPOS;
}

bool onus_str_eq_nocase(struct onus_str a, struct onus_str b)
{
    return a.len == b.len && onus_str_begins_nocase(a, b);
}

bool onus_str_begins_nocase(struct onus_str s, struct onus_str prefix)
{
    if (s.len < prefix.len) {
        return false;
    }
    for (size_t i = 0; i < prefix.len; i++) {
        if (onus_lower(s.ptr[i]) != onus_lower(prefix.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool cut_at(struct onus_str *s, size_t at, size_t width, struct onus_str *head)
{
    if (at == ONUS_STR_NPOS) {
        return false;
    }
    *head = onus_str_sub(*s, 0, at);
    *s = onus_str_from(*s, at + width);
    return true;
}

bool onus_str_cut(struct onus_str *s, char separator, struct onus_str *head)
{
    return cut_at(s, onus_str_find_char(*s, separator), 1, head);
}

bool onus_str_cut_text(struct onus_str *s, struct onus_str separator, struct onus_str *head)
{
    return cut_at(s, onus_str_find(*s, separator), separator.len, head);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct onus_str onus_str_trim(struct onus_str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s = onus_str_from(s, 1);
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

int onus_str_compare(struct onus_str a, struct onus_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.ptr, b.ptr, shared) : 0;
    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool onus_str_take_u64(struct onus_str *s, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < s->len && onus_is_digit(s->ptr[i]); i++) {
        if (__builtin_mul_overflow(value, 10u, &value) ||
                __builtin_add_overflow(value, (uint64_t)(s->ptr[i] - '0'), &value)) {
            return false;
        }
    }
    if (i == 0) {
        return false;
    }
    *s = onus_str_from(*s, i);
    *out = value;
    return true;
}

bool onus_str_to_u64(struct onus_str s, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (!onus_str_take_u64(&s, &value) || s.len > 0 || value > max) {
        return false;
    }
    *out = value;
    return true;
}

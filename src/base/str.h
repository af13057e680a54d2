/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_BASE_STR_H
#define ONUS_BASE_STR_H

/*
 * Looking into a view of text without copying it.
 *
 * Nothing here allocates, nothing reads past the view, and no function needs a terminator. Parsers
 * walk a line by shrinking a view from the left (skip, cut) or from the right (cut_last).
 */

#include <onus/base.h>

#define ONUS_STR_NPOS SIZE_MAX

/* The part of s from offset `from` (clamped) with at most `len` bytes. */
static inline struct onus_str onus_str_sub(struct onus_str s, size_t from, size_t len)
{
    if (from > s.len) {
        from = s.len;
    }
    if (len > s.len - from) {
        len = s.len - from;
    }
    return (struct onus_str){from > 0 ? s.ptr + from : s.ptr, len};
}

static inline struct onus_str onus_str_from(struct onus_str s, size_t from)
{
    return onus_str_sub(s, from, s.len);
}

/* Whether two pieces of fewer than eight bytes are the same, without a loop over them. */
static inline bool onus_same_few(const char *a, const char *b, size_t len)
{
    uint32_t left[2] = {0, 0};
    uint32_t right[2] = {0, 0};
    if (len >= sizeof(left[0])) {
        memcpy(&left[0], a, sizeof(left[0]));
        memcpy(&right[0], b, sizeof(right[0]));
        memcpy(&left[1], a + len - sizeof(left[1]), sizeof(left[1]));
        memcpy(&right[1], b + len - sizeof(right[1]), sizeof(right[1]));
        return ((left[0] ^ right[0]) | (left[1] ^ right[1])) == 0;
    }
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* Whether two pieces of `len` bytes are the same; for short ones, where a call costs more. */
static inline bool onus_same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t left = 0;
    uint64_t right = 0;
    if (len < sizeof(left)) {
        return onus_same_few(a, b, len);
    }
#pragma GCC unroll 8
    for (size_t at = 0; at < len; at += sizeof(left)) {
        size_t from = at + sizeof(left) <= len ? at : len - sizeof(left);
        memcpy(&left, a + from, sizeof(left));
        memcpy(&right, b + from, sizeof(right));
        if (left != right) {
            return false;
        }
    }
    return true;
}

/* Offset of the first byte equal to c, or ONUS_STR_NPOS. */
static inline size_t onus_str_find_char(struct onus_str s, char c)
{
    const char *hit = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;
    return hit ? (size_t)(hit - s.ptr) : ONUS_STR_NPOS;
}

/* Offset of the last byte equal to c, or ONUS_STR_NPOS. */
static inline size_t onus_str_rfind_char(struct onus_str s, char c)
{
    const char *hit = s.len > 0 ? memrchr(s.ptr, c, s.len) : NULL;
    return hit ? (size_t)(hit - s.ptr) : ONUS_STR_NPOS;
}

/* Offset of the first occurrence of needle, or ONUS_STR_NPOS. An empty needle is found at 0. */
static inline size_t onus_str_find(struct onus_str s, struct onus_str needle)
{
    if (needle.len == 0) {
        return 0;
    }
    const char *hit =
            s.ptr && s.len >= needle.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
    return hit ? (size_t)(hit - s.ptr) : ONUS_STR_NPOS;
}

/* Offset of the last occurrence of needle, or ONUS_STR_NPOS. */
size_t onus_str_rfind(struct onus_str s, struct onus_str needle);

static inline bool onus_str_has(struct onus_str s, struct onus_str needle)
{
    return onus_str_find(s, needle) != ONUS_STR_NPOS;
}

static inline bool onus_str_begins(struct onus_str s, struct onus_str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool onus_str_ends(struct onus_str s, struct onus_str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* ASCII letters compare equal in either case; other bytes compare as they are. */
bool onus_str_eq_nocase(struct onus_str a, struct onus_str b);
bool onus_str_begins_nocase(struct onus_str s, struct onus_str prefix);

/* True, and *s loses suffix, when s ends with it. Otherwise *s is untouched. */
static inline bool onus_str_drop(struct onus_str *s, struct onus_str suffix)
{
    if (!onus_str_ends(*s, suffix)) {
        return false;
    }
    s->len -= suffix.len;
    return true;
}

/*
 * Split at the first (cut) or last (cut_last) separator: *head gets what is before it and *s keeps
 * what is after. False, and nothing changes, when there is no separator.
 */
bool onus_str_cut(struct onus_str *s, char separator, struct onus_str *head);
bool onus_str_cut_text(struct onus_str *s, struct onus_str separator, struct onus_str *head);

/* Without blanks (space, tab) at either end. */
struct onus_str onus_str_trim(struct onus_str s);

/* Order by bytes, shorter first on a tie; the same on every machine and in every locale. */
int onus_str_compare(struct onus_str a, struct onus_str b);

/*
 * Decimal digits only, the whole view, no sign, no blank. False when empty, when another byte
 * stands there, or when the value exceeds max; *out is then untouched.
 */
bool onus_str_to_u64(struct onus_str s, uint64_t max, uint64_t *out);

/* Read leading digits off *s. False, and *s untouched, when there is none or they overflow. */
bool onus_str_take_u64(struct onus_str *s, uint64_t *out);

static inline bool onus_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char onus_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_BASE_H
#define ONUS_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The few types and attributes every other header relies on. Nothing here has state. */

#define ONUS_PUBLIC       __attribute__((visibility("default")))
#define ONUS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define ONUS_NODISCARD    __attribute__((warn_unused_result))
#define ONUS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * A view of text somebody else owns. Not terminated, may hold any byte, compares by content. Pass
 * it by value. The bytes must outlive the view; a function that keeps them says so and copies.
 */
struct onus_str {
    const char *ptr;
    size_t len;
};

/* clang-format off */
#define ONUS_STR(literal) ((struct onus_str){ (literal), sizeof(literal) - 1 })
#define ONUS_STR_NONE     ((struct onus_str){ NULL, 0 })
/* clang-format on */
#define ONUS_STR_FMT    "%.*s"
#define ONUS_STR_ARG(s) (int)((s).len > 200 ? 200 : (s).len), (s).ptr ? (s).ptr : ""

static inline struct onus_str onus_str_of(const char *terminated)
{
    return (struct onus_str){terminated, terminated ? strlen(terminated) : 0};
}

static inline bool onus_str_eq(struct onus_str a, struct onus_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* True, and *s moves past prefix, when s begins with prefix. Otherwise *s is untouched. */
static inline bool onus_str_skip(struct onus_str *s, struct onus_str prefix)
{
    if (s->len < prefix.len || memcmp(s->ptr, prefix.ptr, prefix.len) != 0) {
        return false;
    }
    s->ptr += prefix.len;
    s->len -= prefix.len;
    return true;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_MARKS_H
#define ONUS_TEXT_MARKS_H

/*
 * Where lines and quoted fields begin and end: every LF, '"' and '\' of a text, found in one pass. A
 * parser that goes from mark to mark looks at no byte for an end that is not there.
 */

#include <onus/base.h>

enum {
    ONUS_MARKS_SLACK = 64 /* more entries that `out` must have room for */
};

/*
 * Offsets in `text` of all marks among its `len` bytes from `from` on, in order; returns how many.
 * from + len is at most UINT32_MAX, and `out` has room for len + ONUS_MARKS_SLACK entries: what stands
 * behind the last mark means nothing.
 */
size_t onus_marks_find(const char *text, size_t from, size_t len, uint32_t *out);

/* The same without what only newer processors do, and a byte at a time. */
size_t onus_marks_find_narrow(const char *text, size_t from, size_t len, uint32_t *out);
size_t onus_marks_find_plain(const char *text, size_t from, size_t len, uint32_t *out);

#endif

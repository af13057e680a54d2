/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_FIND_H
#define ONUS_TEXT_FIND_H

/*
 * Looking for either of two bytes, which memchr() cannot: where a quoted field ends and whether
 * anything in it is escaped are then one question, and its bytes are read once.
 */

#include <onus/base.h>

/* Offset of the first byte from `from` on that is a or b, or ONUS_STR_NPOS. */
size_t onus_find_either(struct onus_str s, size_t from, char a, char b);

/* The same a byte at a time: what the tests hold the other against. */
size_t onus_find_either_plain(struct onus_str s, size_t from, char a, char b);

#endif

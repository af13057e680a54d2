/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_UTF8_H
#define ONUS_TEXT_UTF8_H

/*
 * Reading UTF-8 that somebody else chose, and showing it so that it cannot do anything but be read.
 *
 * Names, paths and agents in a log may hold terminal escapes, marks that turn the direction of
 * writing, and bytes that are no text at all. The visible form writes what does not show as what it
 * is, and nothing is lost:
 *
 *     \xNN      one byte: a control character (00 to 1F, 7F) or a byte that is not UTF-8
 *     \u{N...}  one character that has no shape of its own: C1 controls, direction marks, zero-width
 *               characters, line separators, private use, noncharacters
 *     \x5c      a backslash in the text that would otherwise read as the start of one of these
 *
 * All other characters, other backslashes too, stand for themselves.
 */

#include "base/buffer.h"

/*
 * Length of the well-formed sequence (RFC 3629) at the front of s and its character; 0, and *out
 * untouched, when s is empty or its first byte does not begin one.
 */
size_t onus_utf8_next(struct onus_str s, uint32_t *out);

bool onus_utf8_valid(struct onus_str s);

/* Characters that do not show, or change how their neighbours show. Controls are among them. */
bool onus_utf8_is_hidden(uint32_t character);

/* Columns on a terminal: 0 for a combining mark, 2 for wide East Asian characters and emoji. */
unsigned onus_utf8_columns(uint32_t character);

/* Length of the UTF-8 form written to out; 0 when it is not a character (surrogate, too large). */
size_t onus_utf8_encode(uint32_t character, char out[static 4]);

/* Columns that the visible form of s takes. */
size_t onus_utf8_visible_columns(struct onus_str s);

/*
 * Append the visible form, at most max_columns wide (at least 1; SIZE_MAX for all of it); a longer
 * one ends in "…". Returns the columns written.
 */
size_t onus_utf8_add_visible(struct onus_buffer *buffer, struct onus_str s, size_t max_columns);

#endif

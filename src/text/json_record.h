/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_JSON_RECORD_H
#define ONUS_TEXT_JSON_RECORD_H

/*
 * Where a JSON document ends in a text of lines, when documents may be printed over many of them.
 *
 * Returns the length of the first record, with its LF: a document that begins on the first line with
 * '{' or '[' up to the end of the line on which its last bracket closes, or else one line. 0 when the
 * text ends first and at_end is false. A string that holds a line end is not JSON: the record is then
 * the lines up to it, so that one broken document costs no more than itself. The same when a document
 * is longer than ONUS_JSON_RECORD_MAX.
 */

#include <onus/base.h>

#define ONUS_JSON_RECORD_MAX ((size_t)64 << 20)

size_t onus_json_record(struct onus_str text, bool at_end);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_JSON_RECORD_H
#define ONUS_TEXT_JSON_RECORD_H

/*
 * Where a JSON document ends in a text of lines, when documents may be printed over many of them.
 *
 * Returns the length of the first record, with its LF: a document that begins on the first line with
 * '{' or '[' up to the end of the line on which its last bracket closes, or else one line. 0 when the
 * text ends first and at_end is false.
 *
 * One broken document must cost no more than itself. The record is the lines so far when a line ends
 * inside a string, when a bracket stands in the first column where no list goes on (the document
 * before was cut off), when brackets are nested deeper than 64, and when the record is longer than
 * ONUS_JSON_RECORD_MAX.
 */

#include <onus/base.h>

#define ONUS_JSON_RECORD_MAX ((size_t)64 << 20)

size_t onus_json_record(struct onus_str text, bool at_end);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_CSV_WRITE_H
#define ONUS_TEXT_CSV_WRITE_H

/*
 * Writing CSV (RFC 4180): comma, CR LF, quotes where needed.
 *
 * The reader is often a spreadsheet, and a user name like "=HYPERLINK(...)" would be run as a formula
 * there. A text field that begins with = + - @, TAB or CR gets an apostrophe in front, which
 * spreadsheets show as text. Numbers and times of our own are written as they are. Text is in the
 * visible form of text/utf8.h, so a field never holds a control character. The exact bytes of a name
 * are in the JSON output.
 */

#include "base/buffer.h"

struct onus_csv {
    struct onus_buffer *out;
    bool in_row;
};

void onus_csv_init(struct onus_csv *csv, struct onus_buffer *out);

void onus_csv_str(struct onus_csv *csv, struct onus_str field);
void onus_csv_text(struct onus_csv *csv, const char *terminated);
void onus_csv_u64(struct onus_csv *csv, uint64_t value);
void onus_csv_empty(struct onus_csv *csv);
void onus_csv_end_row(struct onus_csv *csv);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_TABLE_H
#define ONUS_REPORT_TABLE_H

/*
 * Aligned columns on a terminal.
 *
 * Fill it cell by cell, row by row, then print rows in any order. Widths come from the content; when
 * the sum is more than the room, columns that allow it shrink, the one with most to give first, and
 * their cells end in "…". Cells are written in their visible form, so no content can move the cursor.
 *
 * Owner: the caller; release with onus_table_clear(). Memory failures show in onus_table_print_row()'s
 * buffer status.
 */

#include "base/buffer.h"

#define ONUS_TABLE_COLUMNS_MAX 8
#define ONUS_TABLE_CELL_MAX    1000 /* columns kept of a text, before fitting */

struct onus_table_column {
    const char *heading; /* NULL: none */
    size_t least;        /* columns it keeps when shrunk; 0: it does not shrink */
    bool right;
    bool tail; /* cut at the left, for paths */
};

struct onus_table {
    const struct onus_table_column *columns;
    size_t column_count;
    size_t widths[ONUS_TABLE_COLUMNS_MAX];
    struct onus_buffer text;  /* of all cells, one after the other */
    struct onus_buffer cells; /* end offsets into text */
    size_t cell_count;
};

void onus_table_init(struct onus_table *table, const struct onus_table_column *columns,
        size_t count);
void onus_table_clear(struct onus_table *table);

/* The next cell: add to this buffer, already in visible form, then call onus_table_end_cell(). */
struct onus_buffer *onus_table_cell(struct onus_table *table);
void onus_table_end_cell(struct onus_table *table);

/* The next cell, from text that may hold anything. */
void onus_table_str(struct onus_table *table, struct onus_str s);

size_t onus_table_rows(const struct onus_table *table);

/* Decide the widths for `room` columns of terminal. Call after the last cell. */
void onus_table_fit(struct onus_table *table, size_t room);

/* One row without indent and line end. Trailing blanks are left out. */
void onus_table_print_heading(const struct onus_table *table, struct onus_buffer *out);
void onus_table_print_row(const struct onus_table *table, size_t row, struct onus_buffer *out);

/* Columns a full row takes. */
size_t onus_table_width(const struct onus_table *table);

#endif

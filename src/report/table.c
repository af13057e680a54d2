/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include "base/str.h"
#include "text/utf8.h"

enum {
    GAP = 2 /* blanks between columns */
};

void onus_table_init(struct onus_table *table, const struct onus_table_column *columns,
        size_t count)
{
    *table = (struct onus_table){.columns = columns,
            .column_count = count < ONUS_TABLE_COLUMNS_MAX ? count : ONUS_TABLE_COLUMNS_MAX};
    onus_buffer_init(&table->text, 0);
    onus_buffer_init(&table->cells, 0);
}

void onus_table_clear(struct onus_table *table)
{
    onus_buffer_clear(&table->text);
    onus_buffer_clear(&table->cells);
    table->cell_count = 0;
}

struct onus_buffer *onus_table_cell(struct onus_table *table)
{
    return &table->text;
}

void onus_table_end_cell(struct onus_table *table)
{
    size_t end = table->text.len;
    onus_buffer_add(&table->cells, &end, sizeof(end));
    table->cell_count++;
}

void onus_table_str(struct onus_table *table, struct onus_str s)
{
    (void)onus_utf8_add_visible(&table->text, s, ONUS_TABLE_CELL_MAX);
    onus_table_end_cell(table);
}

size_t onus_table_rows(const struct onus_table *table)
{
    return table->cell_count / table->column_count;
}

static size_t cell_end(const struct onus_table *table, size_t index)
{
    size_t end = 0;
    memcpy(&end, table->cells.ptr + index * sizeof(end), sizeof(end));
    return end;
}

static struct onus_str cell_at(const struct onus_table *table, size_t row, size_t column)
{
    size_t index = row * table->column_count + column;
    if ((index + 1) * sizeof(size_t) > table->cells.len) {
        return ONUS_STR_NONE; /* an append failed */
    }
    size_t start = index > 0 ? cell_end(table, index - 1) : 0;
    return onus_str_sub(onus_buffer_view(&table->text), start, cell_end(table, index) - start);
}

/* Columns of a cell: it is in visible form already, so nothing in it is escaped again. */
static size_t columns_of(struct onus_str cell)
{
    size_t columns = 0;
    uint32_t character = 0;
    while (cell.len > 0) {
        size_t len = onus_utf8_next(cell, &character);
        columns += len > 0 ? onus_utf8_columns(character) : 1;
        cell = onus_str_from(cell, len > 0 ? len : 1);
    }
    return columns;
}

size_t onus_table_width(const struct onus_table *table)
{
    size_t width = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        width += table->widths[c] + (c > 0 ? GAP : 0);
    }
    return width;
}

/* The column that stands farthest above its least width. */
static size_t widest_to_shrink(const struct onus_table *table)
{
    size_t best = SIZE_MAX;
    size_t most = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        size_t least = table->columns[c].least;
        size_t spare = least > 0 && table->widths[c] > least ? table->widths[c] - least : 0;
        if (spare > most) {
            most = spare;
            best = c;
        }
    }
    return best;
}

void onus_table_fit(struct onus_table *table, size_t room)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const char *heading = table->columns[c].heading;
        table->widths[c] = heading ? strlen(heading) : 0;
        for (size_t r = 0; r < onus_table_rows(table); r++) {
            size_t columns = columns_of(cell_at(table, r, c));
            if (columns > table->widths[c]) {
                table->widths[c] = columns;
            }
        }
    }
    while (onus_table_width(table) > room) {
        size_t column = widest_to_shrink(table);
        if (column == SIZE_MAX) {
            return;
        }
        size_t over = onus_table_width(table) - room;
        size_t spare = table->widths[column] - table->columns[column].least;
        size_t give = spare > 8 ? spare / 4 : 1; /* several columns share the loss */
        table->widths[column] -= give < over ? give : over;
    }
}

static void blanks(struct onus_buffer *out, size_t count)
{
    while (count-- > 0) {
        onus_buffer_add_char(out, ' ');
    }
}

/* The first characters of s that fit into `room` columns. */
static struct onus_str head_of(struct onus_str s, size_t room)
{
    struct onus_str rest = s;
    uint32_t character = 0;
    while (rest.len > 0) {
        size_t len = onus_utf8_next(rest, &character);
        size_t columns = len > 0 ? onus_utf8_columns(character) : 1;
        if (columns > room) {
            break;
        }
        room -= columns;
        rest = onus_str_from(rest, len > 0 ? len : 1);
    }
    return onus_str_sub(s, 0, s.len - rest.len);
}

/* The last characters of s that fit into `room` columns. */
static struct onus_str tail_of(struct onus_str s, size_t room)
{
    uint32_t character = 0;
    while (columns_of(s) > room) {
        size_t len = onus_utf8_next(s, &character);
        s = onus_str_from(s, len > 0 ? len : 1);
    }
    return s;
}

static void print_cell(struct onus_str cell, const struct onus_table_column *column, size_t width,
        bool last, struct onus_buffer *out)
{
    size_t columns = columns_of(cell);
    if (columns > width) {
        size_t room = width > 0 ? width - 1 : 0;
        if (column->tail) {
            onus_buffer_add_text(out, "…");
            onus_buffer_add_str(out, tail_of(cell, room));
            return;
        }
        struct onus_str head = head_of(cell, room);
        onus_buffer_add_str(out, head);
        onus_buffer_add_text(out, "…");
        columns = columns_of(head) + 1;
    } else if (column->right) {
        blanks(out, width - columns);
        onus_buffer_add_str(out, cell);
        return;
    } else {
        onus_buffer_add_str(out, cell);
    }
    if (!last && columns < width) {
        blanks(out, width - columns);
    }
}

static void trim_blanks(struct onus_buffer *out, size_t start)
{
    while (out->failed == ONUS_OK && out->len > start && out->ptr[out->len - 1] == ' ') {
        out->len--;
    }
}

void onus_table_print_heading(const struct onus_table *table, struct onus_buffer *out)
{
    size_t start = out->len;
    for (size_t c = 0; c < table->column_count; c++) {
        blanks(out, c > 0 ? GAP : 0);
        print_cell(onus_str_of(table->columns[c].heading), &table->columns[c], table->widths[c],
                c + 1 == table->column_count, out);
    }
    trim_blanks(out, start);
}

void onus_table_print_row(const struct onus_table *table, size_t row, struct onus_buffer *out)
{
    size_t start = out->len;
    if (table->text.failed != ONUS_OK || table->cells.failed != ONUS_OK) {
        out->failed = ONUS_E_MEMORY;
        return;
    }
    for (size_t c = 0; c < table->column_count; c++) {
        blanks(out, c > 0 ? GAP : 0);
        print_cell(cell_at(table, row, c), &table->columns[c], table->widths[c],
                c + 1 == table->column_count, out);
    }
    trim_blanks(out, start);
}

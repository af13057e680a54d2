/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's own text logs. The lines that begin with '#' say how to read the ones below them: separator,
 * what stands for unset and empty, the log's name and its columns. They may come again at any time,
 * with other columns. Without them a row has no meaning and is not taken.
 */
#include "base/str.h"
#include "trace/sensor.h"
#include "trace/zeek.h"

enum {
    SEPARATOR_MAX = 7,
    MARK_MAX = 23,
    PATH_MAX_LENGTH = 31,
    COLUMNS_MAX = 255,
};

struct state {
    uint8_t separator_length; /* 0 until a header was seen */
    uint8_t unset_length;
    uint8_t empty_length;
    uint8_t path_length;
    char separator[SEPARATOR_MAX + 1];
    char unset[MARK_MAX + 1];
    char empty[MARK_MAX + 1];
    char path[PATH_MAX_LENGTH + 1];
    uint8_t columns;
    uint8_t field_of[COLUMNS_MAX]; /* enum onus_zeek_field, counted from 1; 0: not read */
};

static bool keep(struct onus_str from, char *to, size_t max, uint8_t *length)
{
    if (from.len > max) {
        return false;
    }
    if (from.len > 0) {
        memcpy(to, from.ptr, from.len);
    }
    *length = (uint8_t)from.len;
    return true;
}

static struct onus_str separator_of(const struct state *s)
{
    return (struct onus_str){s->separator, s->separator_length};
}

/* "\x09", or the separator itself. A new header begins here. */
static bool take_separator(const struct onus_parse_context *context, struct state *s,
        struct onus_str text)
{
    struct onus_str plain = onus_zeek_unescape(context->arena, text);
    struct state fresh = {0};
    if (plain.len == 0 || !keep(plain, fresh.separator, SEPARATOR_MAX, &fresh.separator_length)) {
        return false;
    }
    (void)keep(ONUS_STR("-"), fresh.unset, MARK_MAX, &fresh.unset_length);
    (void)keep(ONUS_STR("(empty)"), fresh.empty, MARK_MAX, &fresh.empty_length);
    *s = fresh;
    return true;
}

static bool take_column(struct onus_str *rest, struct onus_str separator, struct onus_str *column)
{
    if (!rest->ptr) {
        return false;
    }
    if (!onus_str_cut_text(rest, separator, column)) {
        *column = *rest;
        *rest = ONUS_STR_NONE;
    }
    return true;
}

/* Name maps that sites use: dots written as underscores. */
static bool same_name(struct onus_str column, const char *name)
{
    size_t len = strlen(name);
    if (column.len != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (column.ptr[i] != name[i] && !(name[i] == '.' && column.ptr[i] == '_')) {
            return false;
        }
    }
    return true;
}

static uint8_t field_named(struct onus_str column)
{
    for (size_t i = 0; i < ONUS_ZEEK_FIELDS; i++) {
        if (same_name(column, onus_zeek_names[i])) {
            return (uint8_t)(i + 1);
        }
    }
    return 0;
}

static bool take_fields(struct state *s, struct onus_str rest)
{
    uint8_t count = 0;
    struct onus_str column;
    s->columns = 0;
    while (take_column(&rest, separator_of(s), &column)) {
        if (column.len == 0 || count == COLUMNS_MAX) {
            return false;
        }
        uint8_t field = field_named(column);
        if (field > 0 && memchr(s->field_of, field, count)) {
            return false; /* the same column twice: which one would be true? */
        }
        s->field_of[count++] = field;
    }
    s->columns = count;
    return count > 0;
}

/* "ssh-filtered" and "conn_red" are filtered copies: read by what stands before the mark. */
static bool take_path(struct state *s, struct onus_str path)
{
    size_t end = 0;
    while (end < path.len && path.ptr[end] != '-' && path.ptr[end] != '.') {
        end++;
    }
    return keep(onus_str_sub(path, 0, end), s->path, PATH_MAX_LENGTH, &s->path_length);
}

static bool take_header(const struct onus_parse_context *context, struct onus_str line)
{
    struct state *s = context->state;
    if (onus_str_skip(&line, ONUS_STR("#separator "))) {
        return take_separator(context, s, line);
    }
    if (s->separator_length == 0) {
        return false;
    }
    if (onus_str_begins(line, ONUS_STR("#open")) || onus_str_begins(line, ONUS_STR("#close"))) {
        return true;
    }
    struct onus_str name;
    if (!onus_str_cut_text(&line, separator_of(s), &name)) {
        return false;
    }
    if (onus_str_eq(name, ONUS_STR("#fields"))) {
        return take_fields(s, line);
    }
    if (onus_str_eq(name, ONUS_STR("#path"))) {
        return take_path(s, line);
    }
    if (onus_str_eq(name, ONUS_STR("#unset_field"))) {
        return keep(line, s->unset, MARK_MAX, &s->unset_length);
    }
    if (onus_str_eq(name, ONUS_STR("#empty_field"))) {
        return keep(line, s->empty, MARK_MAX, &s->empty_length);
    }
    return onus_str_eq(name, ONUS_STR("#set_separator")) || onus_str_eq(name, ONUS_STR("#types"));
}

/* Views of the columns that are read. False when the number of columns is not the header's. */
static bool split(const struct state *s, struct onus_str line, struct onus_zeek_row *row)
{
    struct onus_str unset = {s->unset, s->unset_length};
    struct onus_str empty = {s->empty, s->empty_length};
    uint8_t count = 0;
    struct onus_str column;
    while (take_column(&line, separator_of(s), &column)) {
        if (count == s->columns) {
            return false;
        }
        uint8_t field = s->field_of[count++];
        if (field > 0 && !onus_str_eq(column, unset) && !onus_str_eq(column, empty)) {
            row->value[field - 1] = column;
        }
    }
    return count == s->columns;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    const struct state *s = context->state;
    if (!s) {
        return ONUS_LINE_UNPARSED;
    }
    if (line.len > 0 && line.ptr[0] == '#') {
        if (!take_header(context, line)) {
            return ONUS_LINE_UNPARSED;
        }
        onus_sensor_no_time(out);
        return ONUS_LINE_IGNORED;
    }
    struct onus_zeek_row row = {.path = {s->path, s->path_length}};
    if (s->columns == 0 || !split(s, line, &row)) {
        return ONUS_LINE_UNPARSED;
    }
    for (size_t i = 0; i < ONUS_ZEEK_FIELDS; i++) {
        row.value[i] = onus_zeek_unescape(context->arena, row.value[i]);
    }
    return onus_zeek_event(context, &row, out);
}

const struct onus_format onus_format_zeek_tsv = {
        .name = "zeek-tsv",
        .title = "Zeek logs, tab-separated, with their header",
        .state_size = sizeof(struct state),
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "csv_write.h"

#include "base/str.h"
#include "text/utf8.h"

void onus_csv_init(struct onus_csv *csv, struct onus_buffer *out)
{
    *csv = (struct onus_csv){.out = out};
}

static void begin_field(struct onus_csv *csv)
{
    if (csv->in_row) {
        onus_buffer_add_char(csv->out, ',');
    }
    csv->in_row = true;
}

static bool is_formula(struct onus_str field)
{
    if (field.len == 0) {
        return false;
    }
    char first = field.ptr[0];
    return first == '=' || first == '+' || first == '-' || first == '@' || first == '\t' ||
           first == '\r';
}

/* Blanks at the ends are quoted too: some readers trim bare fields. */
static bool needs_quotes(struct onus_str field)
{
    return onus_str_find_char(field, ',') != ONUS_STR_NPOS ||
           onus_str_find_char(field, '"') != ONUS_STR_NPOS ||
           (field.len > 0 && (field.ptr[0] == ' ' || field.ptr[field.len - 1] == ' '));
}

void onus_csv_str(struct onus_csv *csv, struct onus_str field)
{
    begin_field(csv);
    bool quoted = needs_quotes(field);
    if (quoted) {
        onus_buffer_add_char(csv->out, '"');
    }
    if (is_formula(field)) {
        onus_buffer_add_char(csv->out, '\'');
    }
    struct onus_str part = ONUS_STR_NONE;
    while (onus_str_cut(&field, '"', &part)) {
        (void)onus_utf8_add_visible(csv->out, part, SIZE_MAX);
        onus_buffer_add_text(csv->out, "\"\"");
    }
    (void)onus_utf8_add_visible(csv->out, field, SIZE_MAX);
    if (quoted) {
        onus_buffer_add_char(csv->out, '"');
    }
}

void onus_csv_text(struct onus_csv *csv, const char *terminated)
{
    onus_csv_str(csv, onus_str_of(terminated));
}

void onus_csv_u64(struct onus_csv *csv, uint64_t value)
{
    begin_field(csv);
    onus_buffer_add_u64(csv->out, value);
}

void onus_csv_empty(struct onus_csv *csv)
{
    begin_field(csv);
}

void onus_csv_end_row(struct onus_csv *csv)
{
    onus_buffer_add_text(csv->out, "\r\n");
    csv->in_row = false;
}

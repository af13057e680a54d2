/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_text_tables.h"

#include "base/str.h"
#include "model/trace_lookup.h"
#include "report/table.h"
#include "report/trace_text.h"
#include "report/words.h"
#include "text/utf8.h"

enum {
    SIDE_BY_SIDE_WIDTH = 120,
    NOTES_MAX = 5,
    INPUTS_MAX = 4,
    INPUTS_AT_MOST = 200 /* with the largest --top; the rest is in --json */
};

/* ---- networks and countries ---- */

static void add_table_name(struct onus_table *table, struct onus_str name, struct onus_str date)
{
    struct onus_buffer *cell = onus_table_cell(table);
    if (name.len == 0) {
        onus_buffer_add_char(cell, '-');
    } else {
        (void)onus_utf8_add_visible(cell, name, 40);
        onus_buffer_add_char(cell, ' ');
        (void)onus_utf8_add_visible(cell, date.len > 0 ? date : ONUS_STR("undated"), 12);
    }
    onus_table_end_cell(table);
}

static void add_number(struct onus_table *table, uint64_t value)
{
    onus_words_number(onus_table_cell(table), value);
    onus_table_end_cell(table);
}

static const struct onus_table_column network_columns[] = {
        {.heading = "network", .least = 16},
        {.heading = "attempts", .right = true},
        {.heading = "sources", .right = true},
        {.heading = "table", .least = 12},
};

static const struct onus_table_column country_columns[] = {
        {.heading = "registered in", .least = 8},
        {.heading = "attempts", .right = true},
        {.heading = "sources", .right = true},
        {.heading = "table", .least = 12},
};

static void fill_networks(const struct onus_trace_result *result, size_t shown,
        struct onus_table *table)
{
    for (size_t i = 0; i < shown; i++) {
        const struct onus_trace_network *network = &result->networks[i];
        onus_words_network(onus_table_cell(table), network->asn, network->operator_name);
        onus_table_end_cell(table);
        add_number(table, network->attempts);
        add_number(table, network->sources);
        add_table_name(table, network->table, network->date);
    }
}

static void fill_countries(const struct onus_trace_result *result, size_t shown,
        struct onus_table *table)
{
    for (size_t i = 0; i < shown; i++) {
        const struct onus_trace_country *country = &result->countries[i];
        bool known = !onus_str_eq(country->code, ONUS_STR("??"));
        onus_table_str(table, known ? country->code : ONUS_STR("not in the tables"));
        add_number(table, country->attempts);
        add_number(table, country->sources);
        add_table_name(table, country->table, country->date);
    }
}

/* One line of a table, or blanks as wide as one when the table has no such row. */
static void table_line(const struct onus_table *table, size_t line, size_t pad_to,
        struct onus_buffer *out)
{
    struct onus_buffer row;
    onus_buffer_init(&row, 0);
    if (line == 0) {
        onus_table_print_heading(table, &row);
    } else if (line <= onus_table_rows(table)) {
        onus_table_print_row(table, line - 1, &row);
    }
    onus_buffer_add_str(out, onus_buffer_view(&row));
    for (size_t columns = onus_utf8_visible_columns(onus_buffer_view(&row)); columns < pad_to;
            columns++) {
        onus_buffer_add_char(out, ' ');
    }
    onus_buffer_clear(&row);
}

static void print_tables(const struct onus_screen *screen, const struct onus_table *left,
        const struct onus_table *right, size_t left_width)
{
    size_t left_lines = left ? onus_table_rows(left) + 1 : 0;
    size_t right_lines = right ? onus_table_rows(right) + 1 : 0;
    size_t lines = left_lines > right_lines ? left_lines : right_lines;
    for (size_t i = 0; i < lines; i++) {
        onus_screen_indent(screen, ONUS_SCREEN_INDENT);
        if (i == 0) {
            onus_screen_dim(screen);
        }
        bool more = i < right_lines;
        if (left) {
            table_line(left, i, more ? left_width : 0, screen->out);
        }
        if (more) {
            table_line(right, i, 0, screen->out);
        }
        if (i == 0) {
            onus_screen_plain(screen);
        }
        onus_buffer_add_char(screen->out, '\n');
    }
}

void onus_trace_text_networks(const struct onus_screen *screen)
{
    const struct onus_trace_result *result = screen->result;
    if (result->network_count == 0 && result->country_count == 0) {
        return;
    }
    size_t rows = screen->top > 5 ? screen->top - 2 : screen->top;
    size_t network_rows = onus_screen_at_most(result->network_count, rows);
    size_t country_rows = onus_screen_at_most(result->country_count, rows);
    struct onus_table left;
    struct onus_table right;
    onus_table_init(&left, network_columns, ONUS_COUNT(network_columns));
    onus_table_init(&right, country_columns, ONUS_COUNT(country_columns));
    fill_networks(result, network_rows, &left);
    fill_countries(result, country_rows, &right);
    onus_screen_heading(screen, "Networks: ");
    onus_words_number(screen->out, result->network_count);
    onus_screen_bold(screen);
    onus_buffer_add_text(screen->out, ", countries of registration: ");
    onus_screen_plain(screen);
    onus_words_number(screen->out, result->country_count);
    onus_buffer_add_char(screen->out, '\n');
    size_t room = screen->width - ONUS_SCREEN_INDENT;
    if (screen->width >= SIDE_BY_SIDE_WIDTH) {
        onus_table_fit(&right, room * 2 / 5);
        onus_table_fit(&left, room - onus_table_width(&right) - ONUS_SCREEN_INDENT_MORE);
        print_tables(screen, &left, &right, onus_table_width(&left) + ONUS_SCREEN_INDENT_MORE);
    } else {
        onus_table_fit(&left, room);
        onus_table_fit(&right, room);
        print_tables(screen, &left, NULL, 0);
        print_tables(screen, &right, NULL, 0);
    }
    size_t most = result->network_count > result->country_count ? result->network_count
                                                                : result->country_count;
    onus_screen_and_more(screen, onus_screen_at_most(most, rows), most, most + 2);
    onus_screen_dim(screen);
    onus_screen_wrapped(screen, onus_str_of(onus_words_address_caveat), ONUS_SCREEN_INDENT, "");
    onus_screen_plain(screen);
    onus_table_clear(&left);
    onus_table_clear(&right);
}

/* ---- campaigns, accounting, notes ---- */

void onus_trace_text_campaigns(const struct onus_screen *screen)
{
    const struct onus_trace_result *result = screen->result;
    if (result->campaign_count == 0) {
        return;
    }
    onus_screen_heading(screen, "Campaigns: ");
    onus_words_number(screen->out, result->campaign_count);
    onus_buffer_add_char(screen->out, '\n');
    size_t shown =
            onus_screen_at_most(result->campaign_count, screen->top > 4 ? screen->top - 4 : 1);
    for (size_t i = 0; i < shown; i++) {
        const struct onus_trace_campaign *campaign = &result->campaigns[i];
        struct onus_buffer text;
        onus_buffer_init(&text, 0);
        (void)onus_utf8_add_visible(&text, campaign->id, 40);
        onus_buffer_add_text(&text, ": ");
        onus_words_count(&text, campaign->incident_count, "incident", NULL);
        onus_buffer_add_text(&text, ", ");
        onus_words_count(&text, campaign->attempts, "attempt", NULL);
        onus_buffer_add_text(&text, " by ");
        onus_words_count(&text, campaign->sources, "source", NULL);
        for (size_t w = 0; w < campaign->why_count && w < 3; w++) {
            onus_buffer_add_text(&text, w == 0 ? "; tied by " : ", ");
            (void)onus_utf8_add_visible(&text, campaign->why[w], 160);
        }
        onus_screen_wrapped_buffer(screen, &text, ONUS_SCREEN_INDENT, "");
    }
    onus_screen_and_more(screen, shown, result->campaign_count, result->campaign_count + 4);
}

static const struct onus_table_column input_columns[] = {
        {.heading = "input", .least = 16, .tail = true},
        {.heading = "lines", .right = true},
        {.heading = "parsed", .right = true},
        {.heading = "ignored", .right = true},
        {.heading = "unparsed", .right = true},
        {.heading = "zone", .least = 8},
        {.heading = "format", .least = 8},
};

static void add_zone(struct onus_table *table, const struct onus_trace_input *input)
{
    struct onus_buffer *cell = onus_table_cell(table);
    if (input->first != ONUS_TIME_NONE && input->zone.len > 0) {
        (void)onus_utf8_add_visible(cell, input->zone, 24);
        onus_buffer_add_char(cell, ' ');
        onus_buffer_add_text(cell, onus_zone_basis_name(input->zone_basis));
    }
    onus_table_end_cell(table);
}

/*
 * The input after `previous` in the order of most unparsed lines, ties in the order they were read;
 * only looked for when not all are shown. SIZE_MAX: none before.
 */
static size_t next_input(const struct onus_trace_result *result, size_t previous)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < result->input_count; i++) {
        uint64_t unparsed = result->inputs[i].unparsed;
        bool after = previous == SIZE_MAX || unparsed < result->inputs[previous].unparsed ||
                     (unparsed == result->inputs[previous].unparsed && i > previous);
        if (after && (best == SIZE_MAX || unparsed > result->inputs[best].unparsed)) {
            best = i;
        }
    }
    return best;
}

/* Which inputs are shown: all as they were read, or those with most unparsed lines. */
static void choose_inputs(const struct onus_trace_result *result, size_t shown, size_t *chosen)
{
    for (size_t i = 0; i < shown; i++) {
        bool all = shown == result->input_count;
        chosen[i] = all ? i : next_input(result, i > 0 ? chosen[i - 1] : SIZE_MAX);
    }
}

static void fill_inputs(const struct onus_trace_result *result, const size_t *chosen, size_t shown,
        struct onus_table *table)
{
    for (size_t i = 0; i < shown; i++) {
        const struct onus_trace_input *input = &result->inputs[chosen[i]];
        onus_table_str(table, input->path);
        add_number(table, input->lines);
        add_number(table, input->parsed);
        add_number(table, input->ignored);
        add_number(table, input->unparsed);
        add_zone(table, input);
        onus_table_str(table, input->format);
    }
    if (result->input_count > 1) {
        onus_table_str(table, ONUS_STR("all inputs"));
        add_number(table, result->lines);
        add_number(table, result->parsed);
        add_number(table, result->ignored);
        add_number(table, result->unparsed);
        onus_table_end_cell(table);
        onus_table_end_cell(table);
    }
}

static size_t inputs_wanted(const struct onus_screen *screen)
{
    if (screen->top > ONUS_TRACE_TEXT_TOP) {
        return onus_screen_at_most(screen->top, INPUTS_AT_MOST);
    }
    return onus_screen_at_most(screen->top, INPUTS_MAX);
}

void onus_trace_text_accounting(const struct onus_screen *screen)
{
    const struct onus_trace_result *result = screen->result;
    struct onus_table table;
    onus_table_init(&table, input_columns, ONUS_COUNT(input_columns));
    size_t chosen[INPUTS_AT_MOST];
    size_t shown = onus_screen_at_most(result->input_count, inputs_wanted(screen));
    choose_inputs(result, shown, chosen);
    fill_inputs(result, chosen, shown, &table);
    onus_table_fit(&table, screen->width - ONUS_SCREEN_INDENT);
    onus_screen_heading(screen, "Every line accounted for");
    onus_buffer_add_text(screen->out, " (lines = parsed + ignored + unparsed)\n");
    onus_screen_indent(screen, ONUS_SCREEN_INDENT);
    onus_screen_dim(screen);
    onus_table_print_heading(&table, screen->out);
    onus_screen_plain(screen);
    onus_buffer_add_char(screen->out, '\n');
    for (size_t i = 0; i < onus_table_rows(&table); i++) {
        onus_screen_indent(screen, ONUS_SCREEN_INDENT);
        onus_table_print_row(&table, i, screen->out);
        onus_buffer_add_char(screen->out, '\n');
        if (i < shown) {
            struct onus_buffer text;
            onus_buffer_init(&text, 0);
            onus_words_input(&text, &result->inputs[chosen[i]]);
            onus_screen_dim(screen);
            onus_screen_wrapped_buffer(screen, &text, ONUS_SCREEN_INDENT_MORE, "");
            onus_screen_plain(screen);
        }
    }
    onus_screen_and_more(screen, shown, result->input_count, result->input_count);
    onus_table_clear(&table);
}

void onus_trace_text_notes(const struct onus_screen *screen)
{
    const struct onus_trace_result *result = screen->result;
    if (result->note_count == 0) {
        return;
    }
    onus_screen_heading(screen, "Notes\n");
    size_t shown = onus_screen_at_most(result->note_count, NOTES_MAX);
    for (size_t i = 0; i < shown; i++) {
        struct onus_buffer text;
        onus_buffer_init(&text, 0);
        (void)onus_utf8_add_visible(&text, result->notes[i], 400);
        onus_screen_wrapped_buffer(screen, &text, ONUS_SCREEN_INDENT, "- ");
    }
    if (shown < result->note_count) {
        onus_screen_indent(screen, ONUS_SCREEN_INDENT);
        onus_buffer_printf(screen->out, "and %zu more: --json\n", result->note_count - shown);
    }
}

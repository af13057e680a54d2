/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_text.h"

#include "base/str.h"
#include "model/trace_lookup.h"
#include "report/table.h"
#include "report/words.h"
#include "text/utf8.h"

enum {
    WIDTH_WHEN_UNKNOWN = 100,
    INDENT = 2,
    SECOND_LINE_INDENT = 4,
    SIDE_BY_SIDE_WIDTH = 120,
    NOTES_MAX = 5,
    INPUTS_MAX = 4
};

struct page {
    const struct onus_trace_result *result;
    struct onus_buffer *out;
    size_t width;
    size_t top;
    bool color;
};

/* ---- lines, headings, wrapped text ---- */

static void style(const struct page *page, const char *code)
{
    if (page->color) {
        onus_buffer_add_text(page->out, code);
    }
}

static void bold(const struct page *page)
{
    style(page, "\x1b[1m");
}

static void dim(const struct page *page)
{
    style(page, "\x1b[2m");
}

static void plain(const struct page *page)
{
    style(page, "\x1b[0m");
}

static void indent(const struct page *page, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        onus_buffer_add_char(page->out, ' ');
    }
}

static void heading(const struct page *page, const char *text)
{
    onus_buffer_add_char(page->out, '\n');
    bold(page);
    onus_buffer_add_text(page->out, text);
    plain(page);
}

/* The length of the first words of s that fit into `room` columns; at least one character. */
static size_t words_that_fit(struct onus_str s, size_t room)
{
    size_t best = 0;
    size_t columns = 0;
    uint32_t character = 0;
    for (size_t at = 0; at < s.len;) {
        size_t len = onus_utf8_next(onus_str_from(s, at), &character);
        if (len == 0) {
            len = 1;
            character = '?';
        }
        if (character == ' ') {
            best = at;
        }
        columns += onus_utf8_columns(character);
        if (columns > room && at > 0) {
            return best > 0 ? best : at;
        }
        at += len;
    }
    return s.len;
}

/* Text that is in visible form, on as many lines as it needs; `first` goes in front of the first. */
static void wrapped(const struct page *page, struct onus_str text, size_t indented,
        const char *first)
{
    const char *lead = first;
    do {
        size_t room = page->width - indented - strlen(first);
        size_t len = words_that_fit(text, room);
        indent(page, indented);
        if (lead) {
            onus_buffer_add_text(page->out, lead);
        } else {
            indent(page, strlen(first));
        }
        onus_buffer_add_str(page->out, onus_str_sub(text, 0, len));
        onus_buffer_add_char(page->out, '\n');
        text = onus_str_trim(onus_str_from(text, len));
        lead = NULL;
    } while (text.len > 0);
}

static void wrapped_buffer(const struct page *page, struct onus_buffer *text, size_t indented,
        const char *first)
{
    if (text->failed != ONUS_OK) {
        page->out->failed = text->failed;
    } else if (text->len > 0) {
        wrapped(page, onus_buffer_view(text), indented, first);
    }
    onus_buffer_clear(text);
}

/* "  and 12 more: --top 19 or --json" when not all are shown; `top` shows them all. */
static void and_more(const struct page *page, size_t shown, size_t total, size_t top)
{
    if (shown < total) {
        indent(page, INDENT);
        dim(page);
        onus_buffer_add_text(page->out, "and ");
        onus_words_number(page->out, total - shown);
        onus_buffer_printf(page->out, " more: --top %zu or --json", top);
        plain(page);
        onus_buffer_add_char(page->out, '\n');
    }
}

static size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

/* ---- success after guessing ---- */

static const struct onus_tally *account_that_got_in(const struct onus_trace_incident *incident)
{
    for (size_t i = 0; i < incident->account_count; i++) {
        if (incident->accounts[i].succeeded > 0) {
            return &incident->accounts[i];
        }
    }
    return incident->account_count > 0 ? &incident->accounts[0] : NULL;
}

/* The source with most attempts, or NULL. */
static const struct onus_trace_source *first_source(const struct onus_trace_result *result,
        const struct onus_trace_incident *incident)
{
    bool known = incident->source_count > 0 && incident->sources[0] < result->source_count;
    return known ? &result->sources[incident->sources[0]] : NULL;
}

static void add_source(struct onus_buffer *text, const struct onus_trace_result *result,
        const struct onus_trace_incident *incident)
{
    if (incident->source_count == 0) {
        onus_buffer_add_text(text, "no source address");
        return;
    }
    (void)onus_utf8_add_visible(text, onus_trace_source_name(result, incident->sources[0]), 64);
    if (incident->source_count > 1) {
        onus_buffer_add_text(text, " and ");
        onus_words_number(text, incident->source_count - 1);
        onus_buffer_add_text(text, " more");
    }
}

static void add_refs(struct onus_buffer *text, const struct onus_trace_result *result,
        const struct onus_trace_incident *incident)
{
    if (incident->ref_count == 0) {
        return;
    }
    struct onus_line_ref last = incident->refs[incident->ref_count - 1];
    onus_words_ref(text, result, incident->refs[0]);
    if (incident->ref_count > 1) {
        onus_buffer_add_text(text, " to ");
        if (last.input == incident->refs[0].input) {
            onus_buffer_add_char(text, ':');
            onus_buffer_add_u64(text, last.line);
        } else {
            onus_words_ref(text, result, last);
        }
    }
}

static void success_entry(const struct page *page, const struct onus_trace_incident *incident)
{
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    const struct onus_tally *account = account_that_got_in(incident);
    onus_buffer_add_text(&text, "account ");
    (void)onus_utf8_add_visible(&text, account ? account->name : ONUS_STR("not named"), 40);
    onus_buffer_add_text(&text, ", ");
    (void)onus_utf8_add_visible(&text, incident->service, 16);
    onus_buffer_add_text(&text, ", source ");
    add_source(&text, page->result, incident);
    const struct onus_trace_source *source = first_source(page->result, incident);
    if (source) {
        onus_buffer_add_text(&text, ", ");
        onus_words_whereabouts(&text, source);
    }
    wrapped_buffer(page, &text, INDENT, "");
    onus_buffer_init(&text, 0);
    onus_words_number(&text, incident->succeeded);
    onus_buffer_add_text(&text, " of ");
    onus_words_count(&text, incident->attempts, "attempt", NULL);
    onus_buffer_add_text(&text, " succeeded, ");
    onus_words_span(&text, incident->first, incident->last);
    onus_buffer_add_text(&text, "; ");
    (void)onus_utf8_add_visible(&text, incident->id, 40);
    onus_buffer_add_text(&text, "; ");
    add_refs(&text, page->result, incident);
    wrapped_buffer(page, &text, SECOND_LINE_INDENT, "");
}

/* How many of them are shown: they share the rows of `top` with the other incidents. */
static size_t successes_shown(const struct page *page, size_t successes)
{
    size_t others = page->result->incident_count - successes;
    size_t half = (page->top + 1) / 2;
    size_t kept = page->top > others ? page->top - others : 0;
    return at_most(successes, kept > half ? kept : half);
}

static size_t success_count(const struct onus_trace_result *result)
{
    size_t count = 0;
    while (count < result->incident_count &&
            result->incidents[count].kind == ONUS_INCIDENT_LOGIN_AFTER_GUESSING) {
        count++;
    }
    return count;
}

static void successes(const struct page *page)
{
    size_t total = success_count(page->result);
    if (total == 0) {
        return;
    }
    style(page, "\x1b[33m"); /* yellow: look here first */
    heading(page, "Success after guessing: ");
    bold(page);
    onus_words_count(page->out, total, "incident", NULL);
    plain(page);
    onus_buffer_add_char(page->out, '\n');
    size_t shown = successes_shown(page, total);
    for (size_t i = 0; i < shown; i++) {
        success_entry(page, &page->result->incidents[i]);
    }
    and_more(page, shown, total, page->result->incident_count);
}

/* ---- incidents: two lines each ---- */

/* Shared infrastructure stands first: it says how little the network says. */
static void add_network(struct onus_buffer *cell, const struct onus_trace_source *source)
{
    for (size_t i = 0; i < source->shared_count; i++) {
        (void)onus_utf8_add_visible(cell, source->shared[i].kind, 20);
        onus_buffer_add_text(cell, ", ");
    }
    onus_words_network(cell, source->asn_fact.asn, source->asn_fact.operator_name);
    if (source->asn_fact.asn != 0) {
        onus_words_date(cell, source->asn_fact.date);
    }
}

static void add_second_line(const struct onus_trace_result *result,
        const struct onus_trace_incident *incident, struct onus_table *table)
{
    struct onus_buffer *cell = onus_table_cell(table);
    const struct onus_trace_source *source = first_source(result, incident);
    add_source(cell, result, incident);
    onus_buffer_add_text(cell, source && source->claimed ? " (claimed)" : "");
    onus_table_end_cell(table);
    if (source) {
        add_network(cell, source);
    }
    onus_table_end_cell(table);
    const struct onus_net_fact *country = source ? onus_trace_country_fact(source) : NULL;
    if (country) {
        (void)onus_utf8_add_visible(cell, country->country, 8);
        onus_words_date(cell, country->date);
    } else {
        onus_buffer_add_char(cell, '-');
    }
    onus_table_end_cell(table);
    if (incident->ref_count > 0) {
        onus_words_ref(cell, result, incident->refs[0]);
    }
    onus_table_end_cell(table);
}

static void add_incident_cells(const struct onus_trace_result *result,
        const struct onus_trace_incident *incident, struct onus_table *first,
        struct onus_table *second)
{
    struct onus_buffer *cell = onus_table_cell(first);
    onus_buffer_add_text(cell, onus_incident_kind_words(incident->kind));
    if (incident->service.len > 0) {
        onus_buffer_add_text(cell, ", ");
        (void)onus_utf8_add_visible(cell, incident->service, 16);
    }
    onus_table_end_cell(first);
    onus_words_number(cell, incident->attempts);
    onus_table_end_cell(first);
    if (incident->accounts_total > 0) {
        onus_words_number(cell, incident->accounts_total);
        onus_buffer_add_text(cell, incident->accounts_at_least ? "+" : "");
    } else {
        onus_buffer_add_char(cell, '-');
    }
    onus_table_end_cell(first);
    onus_words_minute(cell, incident->first);
    onus_table_end_cell(first);
    if (incident->first == ONUS_TIME_NONE || incident->last == ONUS_TIME_NONE) {
        onus_buffer_add_char(cell, '-');
    } else {
        onus_words_duration(cell, incident->last - incident->first);
    }
    onus_table_end_cell(first);
    onus_table_str(first, incident->id);

    add_second_line(result, incident, second);
}

static const struct onus_table_column incident_columns[] = {
        {.heading = "kind", .least = 18},
        {.heading = "attempts", .right = true},
        {.heading = "accounts", .right = true},
        {.heading = "first seen (UTC)"},
        {.heading = "for", .right = true},
        {.heading = "id", .least = 14},
};

static const struct onus_table_column incident_second_columns[] = {
        {.heading = "source", .least = 15},
        {.heading = "network (table date)", .least = 16},
        {.heading = "registered in", .least = 13},
        {.heading = "first line", .least = 14, .tail = true},
};

static void incidents(const struct page *page)
{
    size_t from = success_count(page->result);
    size_t total = page->result->incident_count - from;
    if (total == 0) {
        return;
    }
    size_t shown = at_most(total, page->top - successes_shown(page, from));
    struct onus_table first;
    struct onus_table second;
    onus_table_init(&first, incident_columns, ONUS_COUNT(incident_columns));
    onus_table_init(&second, incident_second_columns, ONUS_COUNT(incident_second_columns));
    for (size_t i = 0; i < shown; i++) {
        add_incident_cells(page->result, &page->result->incidents[from + i], &first, &second);
    }
    onus_table_fit(&first, page->width - INDENT);
    onus_table_fit(&second, page->width - SECOND_LINE_INDENT);
    heading(page, from > 0 ? "Other incidents: " : "Incidents: ");
    onus_words_number(page->out, total);
    onus_buffer_add_char(page->out, '\n');
    indent(page, INDENT);
    dim(page);
    onus_table_print_heading(&first, page->out);
    onus_buffer_add_char(page->out, '\n');
    indent(page, SECOND_LINE_INDENT);
    onus_table_print_heading(&second, page->out);
    plain(page);
    onus_buffer_add_char(page->out, '\n');
    for (size_t i = 0; i < shown; i++) {
        indent(page, INDENT);
        onus_table_print_row(&first, i, page->out);
        onus_buffer_add_char(page->out, '\n');
        indent(page, SECOND_LINE_INDENT);
        dim(page);
        onus_table_print_row(&second, i, page->out);
        plain(page);
        onus_buffer_add_char(page->out, '\n');
    }
    and_more(page, shown, total, page->result->incident_count);
    onus_table_clear(&first);
    onus_table_clear(&second);
}

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

static void print_tables(const struct page *page, const struct onus_table *left,
        const struct onus_table *right, size_t left_width)
{
    size_t left_lines = left ? onus_table_rows(left) + 1 : 0;
    size_t right_lines = right ? onus_table_rows(right) + 1 : 0;
    size_t lines = left_lines > right_lines ? left_lines : right_lines;
    for (size_t i = 0; i < lines; i++) {
        indent(page, INDENT);
        if (i == 0) {
            dim(page);
        }
        bool more = i < right_lines;
        if (left) {
            table_line(left, i, more ? left_width : 0, page->out);
        }
        if (more) {
            table_line(right, i, 0, page->out);
        }
        if (i == 0) {
            plain(page);
        }
        onus_buffer_add_char(page->out, '\n');
    }
}

static void networks(const struct page *page)
{
    const struct onus_trace_result *result = page->result;
    if (result->network_count == 0 && result->country_count == 0) {
        return;
    }
    size_t rows = page->top > 5 ? page->top - 2 : page->top;
    size_t network_rows = at_most(result->network_count, rows);
    size_t country_rows = at_most(result->country_count, rows);
    struct onus_table left;
    struct onus_table right;
    onus_table_init(&left, network_columns, ONUS_COUNT(network_columns));
    onus_table_init(&right, country_columns, ONUS_COUNT(country_columns));
    fill_networks(result, network_rows, &left);
    fill_countries(result, country_rows, &right);
    heading(page, "Networks: ");
    onus_words_number(page->out, result->network_count);
    bold(page);
    onus_buffer_add_text(page->out, ", countries of registration: ");
    plain(page);
    onus_words_number(page->out, result->country_count);
    onus_buffer_add_char(page->out, '\n');
    size_t room = page->width - INDENT;
    if (page->width >= SIDE_BY_SIDE_WIDTH) {
        onus_table_fit(&right, room * 2 / 5);
        onus_table_fit(&left, room - onus_table_width(&right) - SECOND_LINE_INDENT);
        print_tables(page, &left, &right, onus_table_width(&left) + SECOND_LINE_INDENT);
    } else {
        onus_table_fit(&left, room);
        onus_table_fit(&right, room);
        print_tables(page, &left, NULL, 0);
        print_tables(page, &right, NULL, 0);
    }
    size_t most = result->network_count > result->country_count ? result->network_count
                                                                : result->country_count;
    and_more(page, at_most(most, rows), most, most + 2);
    dim(page);
    wrapped(page, onus_str_of(onus_words_address_caveat), INDENT, "");
    plain(page);
    onus_table_clear(&left);
    onus_table_clear(&right);
}

/* ---- campaigns, accounting, notes ---- */

static void campaigns(const struct page *page)
{
    const struct onus_trace_result *result = page->result;
    if (result->campaign_count == 0) {
        return;
    }
    heading(page, "Campaigns: ");
    onus_words_number(page->out, result->campaign_count);
    onus_buffer_add_char(page->out, '\n');
    size_t shown = at_most(result->campaign_count, page->top > 4 ? page->top - 4 : 1);
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
        wrapped_buffer(page, &text, INDENT, "");
    }
    and_more(page, shown, result->campaign_count, result->campaign_count + 4);
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
    if (input->lines > 0 && input->zone.len > 0) {
        (void)onus_utf8_add_visible(cell, input->zone, 24);
        onus_buffer_add_char(cell, ' ');
        onus_buffer_add_text(cell, onus_zone_basis_name(input->zone_basis));
    }
    onus_table_end_cell(table);
}

static void fill_inputs(const struct onus_trace_result *result, size_t shown,
        struct onus_table *table)
{
    for (size_t i = 0; i < shown; i++) {
        const struct onus_trace_input *input = &result->inputs[i];
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

static void accounting(const struct page *page)
{
    const struct onus_trace_result *result = page->result;
    struct onus_table table;
    onus_table_init(&table, input_columns, ONUS_COUNT(input_columns));
    size_t most = page->top < ONUS_TRACE_TEXT_TOP ? page->top : INPUTS_MAX;
    size_t shown = at_most(result->input_count, page->top > ONUS_TRACE_TEXT_TOP ? page->top : most);
    fill_inputs(result, shown, &table);
    onus_table_fit(&table, page->width - INDENT);
    heading(page, "Every line accounted for");
    onus_buffer_add_text(page->out, " (lines = parsed + ignored + unparsed)\n");
    indent(page, INDENT);
    dim(page);
    onus_table_print_heading(&table, page->out);
    plain(page);
    onus_buffer_add_char(page->out, '\n');
    for (size_t i = 0; i < onus_table_rows(&table); i++) {
        indent(page, INDENT);
        onus_table_print_row(&table, i, page->out);
        onus_buffer_add_char(page->out, '\n');
        if (i < shown) {
            struct onus_buffer text;
            onus_buffer_init(&text, 0);
            onus_words_input(&text, &result->inputs[i]);
            dim(page);
            wrapped_buffer(page, &text, SECOND_LINE_INDENT, "");
            plain(page);
        }
    }
    and_more(page, shown, result->input_count, result->input_count);
    onus_table_clear(&table);
}

static void notes(const struct page *page)
{
    const struct onus_trace_result *result = page->result;
    if (result->note_count == 0) {
        return;
    }
    heading(page, "Notes\n");
    size_t shown = at_most(result->note_count, NOTES_MAX);
    for (size_t i = 0; i < shown; i++) {
        struct onus_buffer text;
        onus_buffer_init(&text, 0);
        (void)onus_utf8_add_visible(&text, result->notes[i], 400);
        wrapped_buffer(page, &text, INDENT, "- ");
    }
    if (shown < result->note_count) {
        indent(page, INDENT);
        onus_buffer_printf(page->out, "and %zu more: --json\n", result->note_count - shown);
    }
}

static void ways_on(const struct page *page)
{
    if (page->result->incident_count == 0) {
        return;
    }
    onus_buffer_add_text(page->out, "\nThe lines behind an incident: onus trace --lines ");
    (void)onus_utf8_add_visible(page->out, page->result->incidents[0].id, 40);
    onus_buffer_add_text(page->out, " FILE...\n");
}

void onus_trace_text_write(const struct onus_trace_result *result,
        const struct onus_trace_text_options *options, struct onus_buffer *out)
{
    struct page page = {.result = result,
            .out = out,
            .width = options->width ? options->width : WIDTH_WHEN_UNKNOWN,
            .top = options->top ? options->top : ONUS_TRACE_TEXT_TOP,
            .color = options->color};
    if (page.width < ONUS_TRACE_TEXT_MIN_WIDTH) {
        page.width = ONUS_TRACE_TEXT_MIN_WIDTH;
    } else if (page.width > ONUS_TRACE_TEXT_MAX_WIDTH) {
        page.width = ONUS_TRACE_TEXT_MAX_WIDTH;
    }
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_words_summary(&text, result);
    wrapped_buffer(&page, &text, 0, "");
    successes(&page);
    incidents(&page);
    networks(&page);
    campaigns(&page);
    accounting(&page);
    notes(&page);
    ways_on(&page);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_text.h"

#include "base/str.h"
#include "model/trace_lookup.h"
#include "report/screen.h"
#include "report/table.h"
#include "report/trace_text_tables.h"
#include "report/words.h"
#include "text/utf8.h"

enum {
    WIDTH_WHEN_UNKNOWN = 100
};

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

static void success_entry(const struct onus_screen *screen,
        const struct onus_trace_incident *incident)
{
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    const struct onus_tally *account = account_that_got_in(incident);
    onus_buffer_add_text(&text, "account ");
    (void)onus_utf8_add_visible(&text, account ? account->name : ONUS_STR("not named"), 40);
    onus_buffer_add_text(&text, ", ");
    (void)onus_utf8_add_visible(&text, incident->service, 16);
    onus_buffer_add_text(&text, ", source ");
    add_source(&text, screen->result, incident);
    const struct onus_trace_source *source = first_source(screen->result, incident);
    if (source) {
        onus_buffer_add_text(&text, ", ");
        onus_words_whereabouts(&text, source);
    }
    onus_screen_wrapped_buffer(screen, &text, ONUS_SCREEN_INDENT, "");
    onus_buffer_init(&text, 0);
    onus_words_number(&text, incident->succeeded);
    onus_buffer_add_text(&text, " of ");
    onus_words_count(&text, incident->attempts, "attempt", NULL);
    onus_buffer_add_text(&text, " succeeded, ");
    onus_words_span(&text, incident->first, incident->last);
    onus_buffer_add_text(&text, "; ");
    (void)onus_utf8_add_visible(&text, incident->id, 40);
    onus_buffer_add_text(&text, "; ");
    add_refs(&text, screen->result, incident);
    onus_screen_wrapped_buffer(screen, &text, ONUS_SCREEN_INDENT_MORE, "");
}

/* How many of them are shown: they share the rows of `top` with the other incidents. */
static size_t successes_shown(const struct onus_screen *screen, size_t successes)
{
    size_t others = screen->result->incident_count - successes;
    size_t half = (screen->top + 1) / 2;
    size_t kept = screen->top > others ? screen->top - others : 0;
    return onus_screen_at_most(successes, kept > half ? kept : half);
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

static void successes(const struct onus_screen *screen)
{
    size_t total = success_count(screen->result);
    if (total == 0) {
        return;
    }
    onus_screen_style(screen, "\x1b[33m"); /* yellow: look here first */
    onus_screen_heading(screen, "Success after guessing: ");
    onus_screen_bold(screen);
    onus_words_count(screen->out, total, "incident", NULL);
    onus_screen_plain(screen);
    onus_buffer_add_char(screen->out, '\n');
    size_t shown = successes_shown(screen, total);
    for (size_t i = 0; i < shown; i++) {
        success_entry(screen, &screen->result->incidents[i]);
    }
    onus_screen_and_more(screen, shown, total, screen->result->incident_count);
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

static void incidents(const struct onus_screen *screen)
{
    size_t from = success_count(screen->result);
    size_t total = screen->result->incident_count - from;
    if (total == 0) {
        return;
    }
    size_t shown = onus_screen_at_most(total, screen->top - successes_shown(screen, from));
    struct onus_table first;
    struct onus_table second;
    onus_table_init(&first, incident_columns, ONUS_COUNT(incident_columns));
    onus_table_init(&second, incident_second_columns, ONUS_COUNT(incident_second_columns));
    for (size_t i = 0; i < shown; i++) {
        add_incident_cells(screen->result, &screen->result->incidents[from + i], &first, &second);
    }
    onus_table_fit(&first, screen->width - ONUS_SCREEN_INDENT);
    onus_table_fit(&second, screen->width - ONUS_SCREEN_INDENT_MORE);
    onus_screen_heading(screen, from > 0 ? "Other incidents: " : "Incidents: ");
    onus_words_number(screen->out, total);
    onus_buffer_add_char(screen->out, '\n');
    onus_screen_indent(screen, ONUS_SCREEN_INDENT);
    onus_screen_dim(screen);
    onus_table_print_heading(&first, screen->out);
    onus_buffer_add_char(screen->out, '\n');
    onus_screen_indent(screen, ONUS_SCREEN_INDENT_MORE);
    onus_table_print_heading(&second, screen->out);
    onus_screen_plain(screen);
    onus_buffer_add_char(screen->out, '\n');
    for (size_t i = 0; i < shown; i++) {
        onus_screen_indent(screen, ONUS_SCREEN_INDENT);
        onus_table_print_row(&first, i, screen->out);
        onus_buffer_add_char(screen->out, '\n');
        onus_screen_indent(screen, ONUS_SCREEN_INDENT_MORE);
        onus_screen_dim(screen);
        onus_table_print_row(&second, i, screen->out);
        onus_screen_plain(screen);
        onus_buffer_add_char(screen->out, '\n');
    }
    onus_screen_and_more(screen, shown, total, screen->result->incident_count);
    onus_table_clear(&first);
    onus_table_clear(&second);
}

/* ---- the whole ---- */

/* Which sources got in: a success that belongs to no incident has its way back too. */
static void sources_that_got_in(const struct onus_screen *screen, struct onus_buffer *text)
{
    enum {
        NAMED = 3
    };
    const struct onus_trace_result *result = screen->result;
    const struct onus_trace_source *first = NULL;
    size_t count = 0;
    onus_buffer_add_text(text, "Sources with a login that succeeded: ");
    for (size_t i = 0; i < result->source_count; i++) {
        const struct onus_trace_source *source = &result->sources[i];
        if (source->succeeded == 0) {
            continue;
        }
        if (count < NAMED) {
            onus_buffer_add_text(text, count > 0 ? ", " : "");
            (void)onus_utf8_add_visible(text, source->name, 40);
        }
        first = first ? first : source;
        count++;
    }
    if (!first) {
        text->len = 0;
        return;
    }
    if (count > NAMED) {
        onus_buffer_printf(text, " and %zu more", count - NAMED);
    }
    onus_buffer_add_text(text, ". Their lines: onus trace --lines ");
    (void)onus_utf8_add_visible(text, first->name, 40);
    onus_buffer_add_text(text, " FILE...");
}

static void ways_on(const struct onus_screen *screen)
{
    struct onus_buffer text;
    onus_buffer_add_char(screen->out, '\n');
    if (screen->result->incident_count > 0) {
        onus_buffer_init(&text, 0);
        onus_buffer_add_text(&text, "The lines behind an incident: onus trace --lines ");
        (void)onus_utf8_add_visible(&text, screen->result->incidents[0].id, 40);
        onus_buffer_add_text(&text, " FILE...");
        onus_screen_wrapped_buffer(screen, &text, 0, "");
    }
    if (screen->result->succeeded > 0) {
        onus_buffer_init(&text, 0);
        sources_that_got_in(screen, &text);
        onus_screen_wrapped_buffer(screen, &text, 0, "");
    }
}

void onus_trace_text_write(const struct onus_trace_result *result,
        const struct onus_trace_text_options *options, struct onus_buffer *out)
{
    struct onus_screen screen = {.result = result,
            .out = out,
            .width = options->width ? options->width : WIDTH_WHEN_UNKNOWN,
            .top = options->top ? options->top : ONUS_TRACE_TEXT_TOP,
            .color = options->color};
    if (screen.width < ONUS_TRACE_TEXT_MIN_WIDTH) {
        screen.width = ONUS_TRACE_TEXT_MIN_WIDTH;
    } else if (screen.width > ONUS_TRACE_TEXT_MAX_WIDTH) {
        screen.width = ONUS_TRACE_TEXT_MAX_WIDTH;
    }
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_words_summary(&text, result);
    onus_screen_wrapped_buffer(&screen, &text, 0, "");
    successes(&screen);
    incidents(&screen);
    onus_trace_text_networks(&screen);
    onus_trace_text_campaigns(&screen);
    onus_trace_text_accounting(&screen);
    onus_trace_text_notes(&screen);
    if (result->incident_count > 0 || result->succeeded > 0) {
        ways_on(&screen);
    }
}

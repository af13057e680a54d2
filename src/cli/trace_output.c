/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_output.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/event_json.h"
#include "model/trace_filter.h"
#include "model/trace_json.h"
#include "report/trace_html.h"
#include "report/trace_text.h"
#include "text/utf8.h"

/* ---- what was asked for ---- */

static enum onus_code read_kinds(const struct onus_arguments *arguments, unsigned *out,
        struct onus_error *err)
{
    *out = 0;
    for (size_t i = 0; i < arguments->all_count; i++) {
        const char *value = arguments->all[2 * i + 1];
        if (strcmp(arguments->all[2 * i], "kind") != 0) {
            continue;
        }
        unsigned bit = 0;
        for (unsigned kind = 0; kind < ONUS_INCIDENT_KINDS; kind++) {
            if (strcmp(value, onus_incident_kind_name(kind)) == 0) {
                bit = 1u << kind;
            }
        }
        if (bit == 0) {
            return onus_fail(err, ONUS_E_ARGUMENT,
                    "no kind is called '%s'; there are login-after-guessing, exploit-attempt, "
                    "credential-stuffing, password-spraying, password-guessing, account-enumeration, "
                    "request-flood, web-probing and port-scan",
                    value);
        }
        *out |= bit;
    }
    return ONUS_OK;
}

static size_t terminal_width(void)
{
    struct winsize size = {0};
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

enum onus_code onus_trace_show_read(const struct onus_arguments *arguments,
        struct onus_trace_show *out, struct onus_error *err)
{
    out->global = arguments->global;
    out->csv = onus_argument(arguments, "csv");
    out->lines = onus_argument(arguments, "lines");
    out->operands = arguments->words;
    out->operand_count = arguments->word_count;
    out->width = terminal_width();
    if (out->csv && out->lines) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--csv and --lines cannot be asked for together");
    }
    if (out->global->json && (out->csv || out->lines)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--json and --%s cannot be asked for together",
                out->csv ? "csv" : "lines");
    }
    if (out->csv && !onus_trace_csv_find(onus_str_of(out->csv), &out->csv_table)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "no table is called '%s'; there are incidents, sources, networks, countries and attempts",
                out->csv);
    }
    return read_kinds(arguments, &out->kinds, err);
}

/* ---- a second reading ---- */

struct reader {
    const struct onus_trace *trace;
    const struct onus_trace_result *result;
    struct onus_buffer out;
    const char *id; /* incident, or NULL */
    struct onus_address address;
    bool is_address;
    struct onus_str name;
    bool is_local; /* the name stands for lines without a source, of this host */
    struct onus_str host;
    unsigned kinds; /* of incidents; 0: all */
    uint64_t shown;
};

static enum onus_code flush(struct onus_buffer *out, size_t above, struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(out, err);
    if (code == ONUS_OK && out->len > above) {
        (void)fwrite(out->ptr, 1, out->len, stdout);
        out->len = 0;
    }
    return code;
}

static bool is_wanted(const struct reader *reader, const struct onus_event *event)
{
    if (reader->id) {
        size_t index = onus_trace_incident_of(reader->trace, event);
        return index < reader->result->incident_count &&
               onus_str_eq(reader->result->incidents[index].id, onus_str_of(reader->id));
    }
    if (reader->is_address) {
        return event->has_source && onus_address_eq(&event->source, &reader->address);
    }
    if (event->has_source) {
        return false;
    }
    return event->source_name.len > 0
                   ? onus_str_eq(event->source_name, reader->name)
                   : reader->is_local && onus_str_eq(event->host, reader->host) &&
                             onus_engine_counts_local(event);
}

static enum onus_code show_line(void *data, const struct onus_trace_record *record,
        struct onus_error *err)
{
    struct reader *reader = data;
    bool wanted = false;
    for (uint32_t i = 0; i < record->line->event_count && !wanted; i++) {
        wanted = is_wanted(reader, &record->events[i]);
    }
    if (!wanted) {
        return ONUS_OK;
    }
    struct onus_str raw = record->raw;
    (void)onus_str_drop(&raw, ONUS_STR("\n"));
    onus_buffer_printf(&reader->out, "%s:%llu: ", record->path, (unsigned long long)record->number);
    (void)onus_utf8_add_visible(&reader->out, raw, SIZE_MAX);
    onus_buffer_add_char(&reader->out, '\n');
    reader->shown++;
    return flush(&reader->out, 1 << 16, err);
}

static enum onus_code print_lines(const struct onus_trace_show *show, struct onus_trace *trace,
        const struct onus_trace_result *result, struct onus_error *err)
{
    struct reader reader = {.trace = trace, .result = result, .name = onus_str_of(show->lines)};
    for (size_t i = 0; i < result->incident_count; i++) {
        if (onus_str_eq(result->incidents[i].id, onus_str_of(show->lines))) {
            reader.id = show->lines;
        }
    }
    reader.is_address = !reader.id && onus_address_parse(reader.name, &reader.address);
    reader.host = reader.name;
    reader.is_local = onus_str_skip(&reader.host, ONUS_STR("(local) "));
    if (onus_str_eq(reader.name, ONUS_STR("(not stated)"))) {
        reader.is_local = true;
        reader.host = ONUS_STR_NONE;
    }
    if (!reader.id && onus_str_begins(reader.name, ONUS_STR("i-"))) {
        return onus_fail(err, ONUS_E_MISSING,
                "no incident is called '%s' here: ids depend on the inputs and the rules",
                show->lines);
    }
    onus_buffer_init(&reader.out, 0);
    enum onus_code code = onus_trace_visit(trace, false, show_line, &reader, err);
    if (code == ONUS_OK) {
        code = flush(&reader.out, 0, err);
    }
    onus_buffer_clear(&reader.out);
    if (code == ONUS_OK && reader.shown == 0) {
        return onus_fail(err, ONUS_E_MISSING, "no line is from '%s'", show->lines);
    }
    return code;
}

static enum onus_code show_attempt(void *data, const struct onus_trace_record *record,
        struct onus_error *err)
{
    struct reader *reader = data;
    for (uint32_t i = 0; i < record->line->event_count; i++) {
        const struct onus_event *event = &record->events[i];
        size_t index = onus_trace_incident_of(reader->trace, event);
        if (index >= reader->result->incident_count ||
                (reader->kinds != 0 &&
                        !(reader->kinds & 1u << reader->result->incidents[index].kind))) {
            continue;
        }
        char address[ONUS_ADDRESS_TEXT];
        size_t length = event->has_source ? onus_address_format(&event->source, address) : 0;
        struct onus_trace_csv_attempt row = {
                .time = event->time,
                .source =
                        event->has_source ? (struct onus_str){address, length} : event->source_name,
                .service = onus_str_of(onus_service_name(event->service)),
                .account = event->account,
                .target = event->target,
                .outcome = onus_str_of(onus_outcome_name(event->outcome)),
                .tries = event->role < ONUS_ROLE_COUNT ? onus_event_tries(event) : 0,
                .incident = reader->result->incidents[index].id,
                .path = onus_str_of(record->path),
                .line = record->number,
        };
        onus_trace_csv_attempt(&row, &reader->out);
        enum onus_code code = flush(&reader->out, 1 << 16, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static enum onus_code print_attempts(const struct onus_trace_show *show, struct onus_trace *trace,
        const struct onus_trace_result *result, struct onus_error *err)
{
    struct reader reader = {.trace = trace, .result = result, .kinds = show->kinds};
    onus_buffer_init(&reader.out, 0);
    onus_trace_csv_write(result, ONUS_TRACE_CSV_ATTEMPTS, &reader.out);
    enum onus_code code = onus_trace_visit(trace, false, show_attempt, &reader, err);
    if (code == ONUS_OK) {
        code = flush(&reader.out, 0, err);
    }
    onus_buffer_clear(&reader.out);
    return code;
}

static bool to_stdout(void *data, struct onus_str bytes)
{
    (void)data;
    return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len;
}

/* Indented for a person at a terminal, one line for a program. */
static enum onus_code print_json(const struct onus_trace_result *result, struct onus_error *err)
{
    struct onus_buffer out;
    struct onus_json json;
    onus_buffer_init(&out, 0);
    onus_buffer_set_drain(&out, to_stdout, NULL);
    onus_json_init(&json, &out, isatty(STDOUT_FILENO) ? ONUS_JSON_PRETTY : 0);
    onus_trace_json_add(result, &json);
    enum onus_code code = onus_json_finish(&json, err);
    onus_buffer_add_char(&out, '\n');
    if (code == ONUS_OK) {
        code = onus_buffer_finish(&out, err);
    }
    onus_buffer_clear(&out);
    return code;
}

enum onus_code onus_trace_show_print(const struct onus_trace_show *show, struct onus_trace *trace,
        struct onus_trace_result *result, struct onus_error *err)
{
    if (show->lines) {
        return print_lines(show, trace, result, err);
    }
    if (show->csv && show->csv_table == ONUS_TRACE_CSV_ATTEMPTS) {
        return print_attempts(show, trace, result, err);
    }
    if (show->kinds != 0) {
        enum onus_code code = onus_trace_filter_kinds(result, show->kinds, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    if (show->global->json) {
        return print_json(result, err);
    }
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    if (show->csv) {
        onus_trace_csv_write(result, show->csv_table, &out);
    } else if (!show->global->quiet) {
        struct onus_trace_text_options options = {.width = show->width,
                .color = show->global->color,
                .top = show->top};
        onus_trace_text_write(result, &options, &out);
    }
    enum onus_code code = flush(&out, 0, err);
    onus_buffer_clear(&out);
    return code;
}

/* ---- the page ---- */

/* Lines whose text the page shows: bounded, so that the page opens at once. */
enum {
    PAGE_LINES_MAX = 20000,
    PAGE_LINE_BYTES = 2000,
    PAGE_TEXT_LIMIT = 64 << 20
};

struct line_texts {
    struct onus_trace_html_line *lines; /* in the order of reading */
    size_t count;
    size_t next;
    struct onus_arena arena;
};

static int by_place(const void *a, const void *b)
{
    const struct onus_trace_html_line *x = a;
    const struct onus_trace_html_line *y = b;
    if (x->ref.input != y->ref.input) {
        return x->ref.input < y->ref.input ? -1 : 1;
    }
    return x->ref.line < y->ref.line ? -1 : x->ref.line > y->ref.line;
}

/* The first lines of every incident, as many of each as there is room for. */
static enum onus_code choose_lines(const struct onus_trace_result *result, struct line_texts *texts,
        struct onus_error *err)
{
    onus_arena_init(&texts->arena, PAGE_TEXT_LIMIT);
    texts->lines = onus_arena_alloc(&texts->arena, PAGE_LINES_MAX * sizeof(*texts->lines));
    if (!texts->lines) {
        return onus_arena_reason(&texts->arena, err);
    }
    bool more = true;
    for (size_t rank = 0; more && texts->count < PAGE_LINES_MAX; rank++) {
        more = false;
        for (size_t i = 0; i < result->incident_count && texts->count < PAGE_LINES_MAX; i++) {
            if (rank < result->incidents[i].ref_count) {
                texts->lines[texts->count++].ref = result->incidents[i].refs[rank];
                more = true;
            }
        }
    }
    qsort(texts->lines, texts->count, sizeof(*texts->lines), by_place);
    return ONUS_OK;
}

static enum onus_code fetch_text(void *data, const struct onus_trace_record *record,
        struct onus_error *err)
{
    struct line_texts *texts = data;
    struct onus_str raw = onus_str_sub(record->raw, 0, PAGE_LINE_BYTES);
    (void)onus_str_drop(&raw, ONUS_STR("\n"));
    (void)onus_str_drop(&raw, ONUS_STR("\r"));
    while (texts->next < texts->count) {
        struct onus_trace_html_line *line = &texts->lines[texts->next];
        if (line->ref.input > record->input_index ||
                (line->ref.input == record->input_index && line->ref.line > record->number)) {
            return ONUS_OK;
        }
        if (line->ref.input == record->input_index && line->ref.line == record->number) {
            enum onus_code code = onus_arena_copy(&texts->arena, raw, &line->text, err);
            if (code != ONUS_OK) {
                return code;
            }
        }
        texts->next++;
    }
    return ONUS_OK;
}

enum onus_code onus_trace_show_html(struct onus_trace *trace,
        const struct onus_trace_result *result, struct onus_replace *out, struct onus_error *err)
{
    struct line_texts texts = {0};
    struct onus_buffer page;
    onus_buffer_init(&page, 0);
    enum onus_code code = choose_lines(result, &texts, err);
    /* A pipe cannot be read again: the page then names lines without showing them. */
    if (code == ONUS_OK && onus_trace_can_repeat(trace)) {
        code = onus_trace_visit(trace, false, fetch_text, &texts, err);
    } else {
        texts.count = 0;
    }
    if (code == ONUS_OK) {
        struct onus_trace_html_options options = {.lines = texts.lines, .line_count = texts.count};
        onus_trace_html_write(result, &options, &page);
        code = onus_buffer_status(&page, err);
    }
    if (code == ONUS_OK) {
        code = onus_replace_write(out, onus_buffer_view(&page), err);
    }
    onus_buffer_clear(&page);
    onus_arena_clear(&texts.arena);
    return code;
}

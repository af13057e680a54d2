/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/event_json.h"
#include "cli/trace_options.h"
#include "text/utf8.h"
#include "trace/findings.h"

static const struct onus_option options[] = {
        ONUS_OPTION_FORMAT,
        ONUS_OPTION_TZ,
        ONUS_OPTION_YEAR,
        ONUS_OPTION_RULES,
};

struct explainer {
    const struct onus_arguments *arguments;
    const struct onus_trace *trace;
    const struct onus_trace_result *result;
    uint64_t wanted; /* line number, 0 for all */
    bool found;
    bool is_text; /* the operand was a line, not a file */
};

static const char *verdict_word(uint8_t verdict)
{
    return verdict == ONUS_LINE_PARSED    ? "parsed"
           : verdict == ONUS_LINE_IGNORED ? "ignored"
                                          : "unparsed";
}

static const struct onus_trace_incident *incident_of(const struct explainer *x,
        const struct onus_event *event)
{
    size_t index = event ? onus_trace_incident_of(x->trace, event) : SIZE_MAX;
    return index < x->result->incident_count ? &x->result->incidents[index] : NULL;
}

/* ---- one object a record ---- */

static enum onus_code print_json(const struct explainer *x, const struct onus_trace_record *record,
        const struct onus_event *event, struct onus_error *err)
{
    struct onus_buffer out;
    struct onus_json json;
    onus_buffer_init(&out, 0);
    onus_json_init(&json, &out, 0);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.explain/1");
    onus_json_key_text(&json, "input", x->is_text ? "line" : record->path);
    onus_json_key_u64(&json, "line", record->number);
    onus_json_key_u64(&json, "lines", record->line->span);
    onus_json_key_text(&json, "verdict", verdict_word(record->line->verdict));
    onus_json_key_str_or_null(&json, "format",
            onus_str_of(record->format ? record->format->name : ""));
    onus_json_key_str_or_null(&json, "rule", onus_str_of(event && event->rule ? event->rule : ""));
    const struct onus_trace_incident *incident = incident_of(x, event);
    onus_json_key_str_or_null(&json, "incident", incident ? incident->id : ONUS_STR_NONE);
    onus_json_key(&json, "fields");
    onus_envelope_json(&json, record->raw, record->line->envelope, event);
    onus_json_key(&json, "event");
    if (event) {
        onus_event_json(&json, event);
    } else {
        onus_json_null(&json);
    }
    onus_json_object_end(&json);
    enum onus_code code = onus_json_finish(&json, err);
    onus_buffer_add_char(&out, '\n');
    if (code == ONUS_OK) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    onus_buffer_clear(&out);
    return code;
}

/* ---- words and byte spans ---- */

static void put_shown(struct onus_buffer *out, struct onus_str text)
{
    (void)onus_utf8_add_visible(out, text, SIZE_MAX);
}

/* "  source          203.0.113.9                bytes 52-62" */
static void put_field(struct onus_buffer *out, struct onus_str line, const char *name,
        struct onus_str value, struct onus_str as_written)
{
    onus_buffer_printf(out, "  %-14s ", name);
    size_t before = out->len;
    put_shown(out, value);
    size_t width = out->len - before;
    bool inside = as_written.ptr && as_written.ptr >= line.ptr &&
                  as_written.ptr + as_written.len <= line.ptr + line.len;
    if (inside) {
        size_t from = (size_t)(as_written.ptr - line.ptr);
        onus_buffer_printf(out, "%*s  bytes %zu-%zu", width < 34 ? (int)(34 - width) : 0, "",
                from + 1, from + as_written.len);
    }
    onus_buffer_add_char(out, '\n');
}

static void put_str(struct onus_buffer *out, struct onus_str line, const char *name,
        struct onus_str value)
{
    if (value.len > 0) {
        put_field(out, line, name, value, value);
    }
}

static void put_word(struct onus_buffer *out, const char *name, const char *value)
{
    onus_buffer_printf(out, "  %-14s %s\n", name, value);
}

static void put_event(struct onus_buffer *out, struct onus_str line,
        const struct onus_envelope *envelope, const struct onus_event *event)
{
    char text[ONUS_ADDRESS_TEXT];
    put_word(out, "kind", onus_event_kind_name(event->kind));
    if (event->outcome != ONUS_OUTCOME_UNKNOWN) {
        put_word(out, "outcome", onus_outcome_name(event->outcome));
    }
    if (event->kind == ONUS_EVENT_AUTH) {
        put_word(out, "counts as", onus_role_name(event->role));
        onus_buffer_printf(out, "  %-14s %u\n", "tries", onus_event_tries(event));
    }
    put_word(out, "service", onus_service_name(event->service));
    if (event->time != ONUS_TIME_NONE) {
        char time[ONUS_TIME_TEXT];
        size_t length = onus_time_format(event->time, time);
        put_field(out, line, "time", (struct onus_str){time, length}, event->time_text);
        if (event->marks & ONUS_MARK_NO_YEAR) {
            put_word(out, "", "the line carries no year");
        }
        if (event->marks & ONUS_MARK_NO_ZONE) {
            put_word(out, "", "the line carries no zone");
        }
    }
    if (event->has_source) {
        size_t length = onus_address_format(&event->source, text);
        put_field(out, line, "source address", (struct onus_str){text, length}, event->source_text);
        if (event->marks & ONUS_MARK_JOINED) {
            put_word(out, "", "the address stands on another line of this connection");
        }
    }
    put_str(out, line, "source name", event->source_name);
    if (event->has_dest) {
        size_t length = onus_address_format(&event->dest, text);
        put_field(out, line, "target address", (struct onus_str){text, length}, ONUS_STR_NONE);
    }
    if (event->has_account) {
        put_field(out, line, "account", event->account, event->account);
    }
    put_str(out, line, "host", event->host);
    put_str(out, line, "program", event->program);
    put_str(out, line, "process", envelope ? envelope->process_id : ONUS_STR_NONE);
    put_str(out, line, "method", event->method);
    put_str(out, line, "target", event->target);
    put_str(out, line, "version", onus_event_http_version(line, event));
    if (event->status != 0) {
        onus_buffer_printf(out, "  %-14s %u\n", "status", event->status);
    }
    put_str(out, line, "agent", event->agent);
    put_str(out, line, "detail", event->detail);
    for (unsigned bit = 0; bit < ONUS_FINDING_MAX; bit++) {
        if (event->findings & ONUS_FINDING_BIT(bit)) {
            put_word(out, "finding", onus_finding_name((enum onus_finding)bit));
        }
    }
}

static void put_incident(struct onus_buffer *out, const struct onus_trace_incident *incident)
{
    if (!incident) {
        onus_buffer_add_text(out, "  in no incident\n");
        return;
    }
    onus_buffer_printf(out, "  %-14s " ONUS_STR_FMT ", %s (%s)\n", "incident",
            ONUS_STR_ARG(incident->id), onus_incident_kind_words(incident->kind),
            onus_incident_kind_technique(incident->kind));
    for (size_t i = 0; i < incident->why_count; i++) {
        onus_buffer_printf(out, "  %-14s ", i == 0 ? "why" : "");
        put_shown(out, incident->why[i]);
        onus_buffer_add_char(out, '\n');
    }
}

static enum onus_code print_words(const struct explainer *x, const struct onus_trace_record *record,
        const struct onus_event *event, struct onus_error *err)
{
    struct onus_buffer out;
    struct onus_str line = record->raw;
    onus_buffer_init(&out, 0);
    (void)onus_str_drop(&line, ONUS_STR("\n"));
    (void)onus_str_drop(&line, ONUS_STR("\r"));
    if (x->is_text) {
        onus_buffer_add_text(&out, "line");
    } else {
        onus_buffer_printf(&out, "%s:%llu", record->path, (unsigned long long)record->number);
    }
    onus_buffer_printf(&out, ": %s", verdict_word(record->line->verdict));
    if (record->format) {
        onus_buffer_printf(&out, " as %s (%s)", record->format->name, record->format->title);
    }
    onus_buffer_add_text(&out, "\n  ");
    put_shown(&out, onus_str_sub(line, 0, 2000));
    onus_buffer_add_char(&out, '\n');
    if (event) {
        if (event->rule) {
            put_word(&out, "rule", event->rule);
        }
        put_event(&out, line, record->line->envelope, event);
        put_incident(&out, incident_of(x, event));
    } else if (record->line->verdict == ONUS_LINE_UNPARSED) {
        onus_buffer_add_text(&out, "  no format of this input accepts the line\n");
    }
    enum onus_code code = onus_buffer_status(&out, err);
    if (code == ONUS_OK) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    onus_buffer_clear(&out);
    return code;
}

static enum onus_code visit(void *data, const struct onus_trace_record *record,
        struct onus_error *err)
{
    struct explainer *x = data;
    if (x->wanted != 0 &&
            (x->wanted < record->number || x->wanted >= record->number + record->line->span)) {
        return ONUS_OK;
    }
    x->found = true;
    uint32_t count = record->line->event_count > 0 ? record->line->event_count : 1;
    enum onus_code code = ONUS_OK;
    for (uint32_t i = 0; i < count && code == ONUS_OK; i++) {
        const struct onus_event *event = record->events ? &record->events[i] : NULL;
        code = x->arguments->global->json ? print_json(x, record, event, err)
                                          : print_words(x, record, event, err);
    }
    return code;
}

/* ---- what the operand is ---- */

static bool is_file(const char *path)
{
    struct stat st;
    return strcmp(path, "-") == 0 || stat(path, &st) == 0;
}

/* "auth.log:17" when there is no file of that whole name. */
static bool split_line_number(char *operand, uint64_t *line)
{
    char *colon = strrchr(operand, ':');
    if (!colon || !onus_str_to_u64(onus_str_of(colon + 1), UINT64_MAX - 1, line) || *line == 0) {
        return false;
    }
    *colon = '\0';
    if (is_file(operand)) {
        return true;
    }
    *colon = ':';
    return false;
}

/*
 * Put the text where a file would be: a pipe that holds it. Lines of logs have blanks or braces; a
 * single word is the name of a file that is not there.
 */
static enum onus_code feed_text(const char *text, struct onus_error *err)
{
    int ends[2];
    size_t length = strlen(text);
    if (!strpbrk(text, " \t{")) {
        return onus_fail(err, ONUS_E_MISSING,
                "there is no file '%s' and no such line: lines are named FILE:1, FILE:2", text);
    }
    if (length > 60000) { /* must fit the pipe: nobody reads it yet */
        return onus_fail(err, ONUS_E_LIMIT,
                "the line is longer than 60000 bytes; put it into a file");
    }
    if (pipe(ends) != 0) {
        return onus_fail(err, ONUS_E_IO, "a pipe cannot be made");
    }
    bool wrote = write(ends[1], text, length) == (ssize_t)length && write(ends[1], "\n", 1) == 1;
    (void)close(ends[1]);
    bool moved = dup2(ends[0], STDIN_FILENO) == STDIN_FILENO;
    (void)close(ends[0]);
    return wrote && moved ? ONUS_OK : onus_fail(err, ONUS_E_IO, "a pipe cannot be filled");
}

static enum onus_code explain(struct explainer *x, struct onus_trace_options *trace_options,
        struct onus_error *err)
{
    struct onus_trace *trace = NULL;
    struct onus_trace_result result = {0};
    struct onus_error unmet = ONUS_ERROR_INIT;
    enum onus_code code = onus_trace_open(trace_options, &trace, err);
    if (code == ONUS_OK) {
        code = onus_confine(x->arguments, ONUS_SANDBOX_WORKER, NULL, &unmet, err);
    }
    bool is_pipe = strcmp(trace_options->operands[0], "-") == 0;
    if (code == ONUS_OK && !is_pipe) { /* a pipe can be read only once */
        code = onus_trace_run(trace, NULL, &result, err);
    }
    if (code == ONUS_OK) {
        x->trace = trace;
        x->result = &result;
        code = onus_trace_visit(trace, true, visit, x, err);
    }
    if (code == ONUS_OK && !x->found) {
        code = x->wanted > 0 ? onus_fail(err, ONUS_E_MISSING, "there is no line %llu in '%s'",
                                       (unsigned long long)x->wanted, trace_options->operands[0])
                             : onus_fail(err, ONUS_E_MISSING, "'%s' holds no line",
                                       trace_options->operands[0]);
    }
    onus_arena_clear(&result.arena);
    onus_trace_close(trace);
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct explainer x = {.arguments = arguments};
    struct onus_rules rules;
    struct onus_trace_options trace_options = {.operands = arguments->words,
            .operand_count = 1,
            .since = ONUS_TIME_NONE,
            .until = ONUS_TIME_NONE,
            .jobs = 1,
            .rules = &rules,
            .seed = onus_trace_seed()};
    if (arguments->word_count != 1) {
        (void)onus_fail(&err, ONUS_E_ARGUMENT, "one FILE, FILE:LINE or line of text is needed");
        return onus_complain(arguments, &err);
    }
    static char dash[] = "-";
    char *standard_input[] = {dash};
    enum onus_code code = onus_trace_options_read(arguments, &trace_options, &err);
    if (code == ONUS_OK) {
        code = onus_trace_read_rules(onus_argument(arguments, "rules"), &rules, &err);
    }
    if (code == ONUS_OK && !is_file(arguments->words[0]) &&
            !split_line_number(arguments->words[0], &x.wanted)) {
        x.is_text = true;
        code = feed_text(arguments->words[0], &err);
        trace_options.operands = standard_input;
        if (trace_options.year == 0) {
            trace_options.year = 1972; /* shown as what it is: the line carries no year */
        }
    }
    if (code == ONUS_OK) {
        code = explain(&x, &trace_options, &err);
    }
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

const struct onus_command onus_command_explain = {
        .name = "explain",
        .group = ONUS_GROUP_LOGS,
        .summary = "say how a line is read, and which incident it belongs to",
        .operands = "FILE | FILE:LINE | TEXT",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Shows which format and rule took a line, every field with the bytes it stood in "
                "(counted from 1), and the incident it counts towards, with the rule, window and "
                "threshold that made it one.\n\n"
                "An operand that names a file explains all of its lines; with a colon and a number, "
                "that line; anything else is taken as the line itself. --json prints one object a "
                "record, schema onus.explain/1.",
        .examples =
                "onus explain /var/log/auth.log:4711\n"
                "  how line 4711 was read\n"
                "onus explain 'Jan 10 03:11:02 h sshd[1]: Failed password for root from 203.0.113.9 port 4 ssh2'\n"
                "  how this line would be read\n",
        .run = run,
};

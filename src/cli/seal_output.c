/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/seal_job.h"

#include "base/str.h"
#include "model/trace_json.h"
#include "sys/durable.h"
#include "text/decimal.h"
#include "text/hex.h"
#include "text/utf8.h"

static void key_tag(struct onus_json *json, const struct onus_tag *tag)
{
    char text[32];
    onus_hex_put(text, (struct onus_str){(const char *)tag->bytes, sizeof(tag->bytes)});
    onus_json_key_str(json, "tag", (struct onus_str){text, sizeof(text)});
}

static void add_flags(struct onus_json *json, uint8_t flags)
{
    static const char *const names[] = {"heartbeat", "gap", "rotated", "shorter", "clock-step",
            "no-last-line-feed", "parts"};
    onus_json_key(json, "flags");
    onus_json_array(json);
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        if ((flags >> i & 1) != 0) {
            onus_json_text(json, names[i]);
        }
    }
    onus_json_array_end(json);
}

static struct onus_str path_of(const struct seal_job *job, uint32_t input)
{
    return input < job->result.input_count ? job->result.inputs[input].path : ONUS_STR_NONE;
}

static void add_batches(const struct seal_job *job, struct onus_json *json)
{
    onus_json_key(json, "batches");
    onus_json_array(json);
    for (size_t i = 0; i < job->sealed_count; i++) {
        const struct onus_sealed *batch = &job->sealed[i];
        onus_json_object(json);
        onus_json_key_str(json, "source", batch->source->name);
        key_tag(json, &job->tags[i]);
        onus_json_key_u64(json, "seq", batch->seq);
        onus_json_key_u64(json, "entry", batch->entry);
        onus_json_key_str_or_null(json, "input",
                batch->lines > 0 ? path_of(job, batch->input) : ONUS_STR_NONE);
        onus_json_key_u64(json, "first_line", batch->lines > 0 ? batch->first_line + 1 : 0);
        onus_json_key_u64(json, "lines", batch->lines);
        onus_json_key_u64(json, "bytes", batch->bytes);
        onus_json_key_u64(json, "leaves", batch->leaves);
        onus_json_key_u64(json, "rows", batch->rows);
        add_flags(json, batch->flags);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_inputs(const struct seal_job *job, struct onus_json *json)
{
    onus_json_key(json, "inputs");
    onus_json_array(json);
    for (size_t i = 0; i < job->result.input_count; i++) {
        struct onus_sealed_input input;
        onus_sealer_input(job->sealer, (uint32_t)i, &input);
        onus_json_object(json);
        onus_json_key_str(json, "path", job->result.inputs[i].path);
        onus_json_key_str_or_null(json, "source",
                input.source ? input.source->name : ONUS_STR_NONE);
        onus_json_key_u64(json, "known_lines", input.known_lines);
        onus_json_key_u64(json, "sealed_lines", input.sealed_lines);
        onus_json_key_bool(json, "differs", input.differs);
        onus_json_key_bool(json, "shorter", input.shorter);
        onus_json_key_str_or_null(json, "problem", job->result.inputs[i].problem);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

/* The batch that holds a line of an input; SIZE_MAX when an earlier run sealed it. */
static size_t batch_of(const struct seal_job *job, const struct onus_line_ref *ref)
{
    for (size_t i = 0; i < job->sealed_count; i++) {
        const struct onus_sealed *batch = &job->sealed[i];
        if (batch->input == ref->input && ref->line > batch->first_line &&
                ref->line - 1 - batch->first_line < batch->lines) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void add_locators(const struct seal_job *job, struct onus_json *json)
{
    onus_json_key(json, "incidents");
    onus_json_array(json);
    for (size_t i = 0; i < job->result.incident_count; i++) {
        const struct onus_trace_incident *incident = &job->result.incidents[i];
        onus_json_object(json);
        onus_json_key_str(json, "id", incident->id);
        onus_json_key(json, "lines");
        onus_json_array(json);
        for (size_t r = 0; r < incident->ref_count; r++) {
            size_t at = batch_of(job, &incident->refs[r]);
            if (at == SIZE_MAX) {
                continue;
            }
            onus_json_object(json);
            key_tag(json, &job->tags[at]);
            onus_json_key_u64(json, "seq", job->sealed[at].seq);
            onus_json_key_u64(json, "line",
                    incident->refs[r].line - 1 - job->sealed[at].first_line);
            onus_json_object_end(json);
        }
        onus_json_array_end(json);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_document(const struct seal_job *job, struct onus_json *json)
{
    onus_json_object(json);
    onus_json_key_text(json, "schema", "onus.seal/1");
    onus_json_key_text(json, "case", job->folder);
    onus_json_key_str(json, "origin", onus_vault_origin(job->vault));
    onus_json_key_u64(json, "entries", job->entries);
    onus_json_key_bool(json, "signed", job->is_signed);
    onus_json_key_u64(json, "rollups", job->rollups);
    onus_json_key_str_or_null(json, "record", onus_str_of(job->record));
    add_batches(job, json);
    add_inputs(job, json);
    onus_json_key_u64(json, "attempts", job->result.attempts);
    add_locators(job, json);
    onus_json_object_end(json);
}

static enum onus_code write_record(const struct seal_job *job, const char *ending,
        const struct onus_buffer *text, struct onus_error *err)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%.60s%s", job->record, ending);
    enum onus_code code = onus_buffer_status(text, err);
    return code == ONUS_OK ? onus_durable_write(onus_vault_at(job->vault), path,
                                     onus_buffer_view(text), 0600, err)
                           : code;
}

enum onus_code seal_record(struct seal_job *job, struct onus_error *err)
{
    struct onus_buffer text = {0};
    struct onus_json json;
    (void)snprintf(job->record, sizeof(job->record), "record/%06llu",
            (unsigned long long)job->entries);
    onus_trace_json_write(&job->result, &text);
    enum onus_code code = onus_durable_folder(onus_vault_at(job->vault), "record", err);
    if (code == ONUS_OK) {
        code = write_record(job, ".trace.json", &text, err);
    }
    onus_buffer_clear(&text);
    onus_json_init(&json, &text, ONUS_JSON_PRETTY);
    add_document(job, &json);
    if (code == ONUS_OK) {
        code = onus_json_finish(&json, err);
    }
    if (code == ONUS_OK) {
        code = write_record(job, ".seal.json", &text, err);
    }
    onus_buffer_clear(&text);
    return code;
}

/* ---- the terminal ------------------------------------------------------------------------------ */

static void number(struct onus_buffer *out, uint64_t value, const char *one, const char *many)
{
    onus_decimal_add_grouped(out, value);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_text(out, value == 1 ? one : many);
}

static void print_input(const struct seal_job *job, uint32_t at, struct onus_buffer *out)
{
    struct onus_sealed_input input;
    onus_sealer_input(job->sealer, at, &input);
    (void)onus_utf8_add_visible(out, job->result.inputs[at].path, SIZE_MAX);
    onus_buffer_add_text(out, ": ");
    number(out, input.sealed_lines, "line sealed", "lines sealed");
    if (input.known_lines > 0 && !input.differs) {
        onus_buffer_add_text(out, ", ");
        number(out, input.known_lines, "sealed before", "sealed before");
    }
    onus_buffer_add_char(out, '\n');
}

static void print_summary(const struct seal_job *job, struct onus_buffer *out)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < job->sealed_count; i++) {
        lines += job->sealed[i].lines;
    }
    for (size_t i = 0; i < job->result.input_count; i++) {
        print_input(job, (uint32_t)i, out);
    }
    onus_buffer_add_text(out, "sealed ");
    number(out, lines, "line", "lines");
    onus_buffer_add_text(out, " in ");
    number(out, job->sealed_count, "batch", "batches");
    if (job->rollups > 0) {
        onus_buffer_add_text(out, ", ");
        number(out, job->rollups, "roll-up", "roll-ups");
    }
    onus_buffer_add_text(out, "\nlog ");
    onus_buffer_add_str(out, onus_vault_origin(job->vault));
    onus_buffer_add_text(out, ": ");
    number(out, job->entries, "entry", "entries");
    const char *not_signed =
            job->entries > 0 ? ", not yet signed: 'onus checkpoint' asks the witnesses\n" : "\n";
    onus_buffer_add_text(out, job->is_signed ? ", signed\n" : not_signed);
    onus_buffer_add_text(out, "trace: ");
    number(out, job->result.attempts, "attempt", "attempts");
    onus_buffer_add_text(out, ", ");
    number(out, job->result.source_count, "source address", "source addresses");
    onus_buffer_add_text(out, ", ");
    number(out, job->result.incident_count, "incident", "incidents");
    if (job->record[0] != '\0') {
        onus_buffer_printf(out, "; %s.trace.json", job->record);
    }
    onus_buffer_add_char(out, '\n');
}

enum onus_code seal_print(const struct seal_job *job, struct onus_error *err)
{
    struct onus_buffer out = {0};
    struct onus_json json;
    enum onus_code code = ONUS_OK;
    if (job->arguments->global->json) {
        onus_json_init(&json, &out, ONUS_JSON_PRETTY);
        add_document(job, &json);
        code = onus_json_finish(&json, err);
    } else if (!job->arguments->global->quiet) {
        print_summary(job, &out);
        code = onus_buffer_status(&out, err);
    }
    if (code == ONUS_OK && out.len > 0) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    onus_buffer_clear(&out);
    return code;
}

/* A table of networks is sealed as lines, and no log: that trace does not know it is as it should be. */
static bool is_table(const struct onus_sealed_input *sealed, const struct onus_trace_input *input)
{
    return sealed->source && onus_str_begins(sealed->source->name, ONUS_STR("net-table ")) &&
           !input->broke_off && !input->shrank;
}

int seal_complain(const struct seal_job *job)
{
    int status = ONUS_EXIT_OK;
    bool broken = false;
    for (size_t i = 0; i < job->result.input_count; i++) {
        const struct onus_trace_input *input = &job->result.inputs[i];
        struct onus_sealed_input sealed;
        onus_sealer_input(job->sealer, (uint32_t)i, &sealed);
        broken = broken || input->broke_off || input->shrank;
        if (input->problem.len > 0 && !is_table(&sealed, input)) {
            onus_note(job->arguments, ONUS_STR_FMT ": " ONUS_STR_FMT, ONUS_STR_ARG(input->path),
                    ONUS_STR_ARG(input->problem));
        }
        if (sealed.differs) {
            onus_note(job->arguments,
                    ONUS_STR_FMT
                    ": begins like a file that was sealed and then differs; nothing of it "
                    "was sealed. With --source it becomes a source of its own",
                    ONUS_STR_ARG(input->path));
            status = ONUS_EXIT_NOT;
        }
        if (sealed.shorter) {
            onus_note(job->arguments, ONUS_STR_FMT ": ends before what was sealed of it",
                    ONUS_STR_ARG(input->path));
        }
    }
    /* Lines of a format that trace does not know are sealed like any other. */
    enum onus_code worst = onus_trace_worst(job->trace);
    if (worst == ONUS_OK || status != ONUS_EXIT_OK || (worst == ONUS_E_FORMAT && !broken)) {
        return status;
    }
    return (int)onus_exit_of(worst);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/custody_uco.h"
#include "evidence/graves.h"
#include "evidence/ledger.h"
#include "sys/replace.h"
#include "text/decimal.h"
#include "text/hex.h"
#include "text/json_write.h"
#include "text/timestamp.h"

#define ARENA_MAX (ONUS_CUSTODY_MAX * 8)

struct reading {
    const struct onus_arguments *arguments;
    struct onus_replace file;
    bool has_file;
    struct onus_arena arena;
    struct onus_error unmet;
    struct onus_vault *vault;
    struct onus_custody custody;
    uint64_t heads; /* that erasures recorded and that are in it */
    enum onus_code verdict;
    struct onus_error why;
};

static enum onus_code confine(void *data, int at, struct onus_error *err)
{
    struct reading *reading = data;
    int write[2] = {at, reading->has_file ? onus_replace_directory(&reading->file) : at};
    struct onus_sandbox_keep keep = {.write = write, .write_count = reading->has_file ? 2 : 1};
    return onus_confine(reading->arguments, ONUS_SANDBOX_PARSE, &keep, &reading->unmet, err);
}

/* ---- checking -------------------------------------------------------------------------------- */

/* Only what concerns this log; the others are for fsck. */
static void fault(void *data, enum onus_code code, const char *object, const char *words)
{
    struct reading *reading = data;
    if (reading->verdict == ONUS_OK && strcmp(object, ONUS_CUSTODY_PATH) == 0) {
        reading->verdict = onus_fail(&reading->why, code, "%s", words);
    }
}

/* A ledger that is not whole is for fsck and disclose; here its heads cannot be looked at then. */
static enum onus_code check_ledger(struct reading *reading, struct onus_error *err)
{
    struct onus_ledger ledger;
    enum onus_code code = onus_ledger_read(onus_vault_at(reading->vault), &reading->arena, &ledger,
            &reading->why);
    if (code == ONUS_E_MISMATCH || code == ONUS_E_FORMAT) {
        reading->verdict = code;
        return ONUS_OK;
    }
    if (code != ONUS_OK) {
        *err = reading->why;
        return code;
    }
    for (size_t i = 0; i < ledger.entry_count && reading->verdict == ONUS_OK; i++) {
        uint64_t number = 0;
        const struct onus_ledger_entry *entry = &ledger.entries[i];
        reading->heads += entry->has_custody;
        if (entry->has_custody && !onus_custody_has(&reading->custody, &entry->custody, &number)) {
            reading->verdict = onus_fail(&reading->why, ONUS_E_MISMATCH,
                    "it lacks a line whose hash stands in entry %" PRIu64 " of the ledger",
                    entry->number);
        }
    }
    return ONUS_OK;
}

static enum onus_code check(struct reading *reading, struct onus_error *err)
{
    struct onus_graves graves = {.count = 0};
    enum onus_code code = onus_custody_read(onus_vault_at(reading->vault), &reading->arena,
            &reading->custody, &reading->why);
    if (code == ONUS_E_MISMATCH || code == ONUS_E_FORMAT) {
        reading->verdict = code;
        return ONUS_OK;
    }
    if (code != ONUS_OK) {
        *err = reading->why;
        return code;
    }
    code = onus_graves_load(reading->vault, fault, reading, &reading->arena, &graves, err);
    reading->heads = graves.count;
    if (code == ONUS_OK && reading->verdict == ONUS_OK) {
        code = check_ledger(reading, err);
    }
    if (code == ONUS_OK && reading->verdict == ONUS_OK && reading->custody.cut > 0) {
        reading->verdict = onus_fail(&reading->why, ONUS_E_FORMAT,
                "%zu bytes behind the last line are no whole line", reading->custody.cut);
    }
    return code;
}

static const char *verdict_word(enum onus_code code)
{
    return code == ONUS_OK ? "holds" : code == ONUS_E_MISMATCH ? "does not hold" : "cannot tell";
}

/* ---- saying ---------------------------------------------------------------------------------- */

void onus_custody_time(uint64_t seconds, char out[static ONUS_TIME_TEXT])
{
    (void)snprintf(out, ONUS_TIME_TEXT, "?");
    if (seconds < (uint64_t)INT64_MAX / ONUS_USEC) {
        (void)onus_time_format((int64_t)seconds * ONUS_USEC, out);
    }
}

static void add_text(const struct reading *reading, struct onus_buffer *out)
{
    const struct onus_custody *custody = &reading->custody;
    for (size_t i = 0; i < custody->count; i++) {
        const struct onus_custody_line *line = &custody->lines[i];
        char time[ONUS_TIME_TEXT];
        onus_custody_time(line->time, time);
        onus_buffer_printf(out, "%" PRIu64 "  %s  ", line->number, time);
        onus_buffer_add_str(out, line->what);
        onus_buffer_add_text(out, "  ");
        onus_buffer_add_str(out, line->detail);
        onus_buffer_add_text(out, "  [");
        onus_buffer_add_str(out, line->party);
        onus_buffer_add_text(out, ", ");
        onus_buffer_add_str(out, line->tool);
        onus_buffer_add_text(out, "]\n");
    }
    if (reading->verdict == ONUS_OK) {
        onus_decimal_add_grouped(out, custody->count);
        onus_buffer_printf(out, " %s, head ", custody->count == 1 ? "line" : "lines");
        onus_hex_add(out, onus_digest_view(&custody->head));
        onus_buffer_add_text(out, "\nThe word of the party about itself: no line was changed or is "
                                  "missing before the last one.\n");
    }
    onus_buffer_printf(out, "%s\n", verdict_word(reading->verdict));
}

static void add_json(const struct reading *reading, struct onus_json *json)
{
    const struct onus_custody *custody = &reading->custody;
    char hex[65] = "";
    onus_json_object(json);
    onus_json_key_text(json, "schema", "onus.custody/1");
    onus_json_key(json, "lines");
    onus_json_array(json);
    for (size_t i = 0; i < custody->count; i++) {
        const struct onus_custody_line *line = &custody->lines[i];
        char time[ONUS_TIME_TEXT];
        onus_custody_time(line->time, time);
        onus_hex_put(hex, onus_digest_view(&line->sum));
        onus_json_object(json);
        onus_json_key_u64(json, "number", line->number);
        onus_json_key_text(json, "time", time);
        onus_json_key_str(json, "what", line->what);
        onus_json_key_str(json, "detail", line->detail);
        onus_json_key_str(json, "party", line->party);
        onus_json_key_str(json, "tool", line->tool);
        onus_json_key_text(json, "hash", hex);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_hex_put(hex, onus_digest_view(&custody->head));
    onus_json_key_str_or_null(json, "head",
            reading->verdict == ONUS_OK ? onus_str_of(hex) : ONUS_STR_NONE);
    onus_json_key_u64(json, "recorded_heads", reading->heads);
    onus_json_key_text(json, "verdict", verdict_word(reading->verdict));
    onus_json_key_str_or_null(json, "reason",
            reading->verdict == ONUS_OK ? ONUS_STR_NONE : onus_str_of(reading->why.text));
    onus_json_object_end(json);
}

static enum onus_code print(const struct reading *reading, struct onus_error *err)
{
    struct onus_buffer text = {0};
    struct onus_json json;
    enum onus_code code = ONUS_OK;
    if (reading->arguments->global->json) {
        onus_json_init(&json, &text, ONUS_JSON_PRETTY);
        add_json(reading, &json);
        code = onus_json_finish(&json, err);
    } else {
        add_text(reading, &text);
        code = onus_buffer_status(&text, err);
    }
    if (code == ONUS_OK && text.len > 0) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code export(struct reading *reading, struct onus_error *err) {
    struct onus_buffer text = {0};
            if (!reading->has_file || reading->verdict != ONUS_OK){return ONUS_OK;
}
enum onus_code code =
        onus_custody_uco(&reading->custody, onus_vault_origin(reading->vault), &text, err);
if (code == ONUS_OK) {
    code = onus_replace_write(&reading->file, onus_buffer_view(&text), err);
}
if (code == ONUS_OK) {
    code = onus_replace_commit(&reading->file, err);
}
onus_buffer_clear(&text);
return code;
}

static enum onus_code act(struct reading *reading, struct onus_error *err)
{
    const char *folder = onus_vault_find(reading->arguments->global->case_directory);
    const char *path = onus_argument(reading->arguments, "case-uco");
    if (!folder) {
        return onus_fail(err, ONUS_E_MISSING, "no case here; name one with -C");
    }
    enum onus_code code = path ? onus_replace_open(&reading->file, path, err) : ONUS_OK;
    reading->has_file = path && code == ONUS_OK;
    if (code == ONUS_OK) {
        code = onus_vault_open(folder,
                &(struct onus_vault_options){.no_keys = true, .confine = confine, .data = reading},
                &reading->vault, err);
    }
    if (code == ONUS_OK) {
        code = check(reading, err);
    }
    if (code == ONUS_OK) {
        code = print(reading, err);
    }
    return code == ONUS_OK ? export(reading, err) : code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct reading reading = {.arguments = arguments, .why = ONUS_ERROR_INIT};
    onus_arena_init(&reading.arena, ARENA_MAX);
    enum onus_code code = act(&reading, &err);
    onus_replace_abort(&reading.file);
    onus_vault_close(reading.vault);
    onus_arena_clear(&reading.arena);
    if (code != ONUS_OK) {
        return onus_complain(arguments, &err);
    }
    if (reading.verdict != ONUS_OK) {
        (void)onus_complain(arguments, &reading.why);
        return reading.verdict == ONUS_E_MISMATCH ? ONUS_EXIT_NOT : ONUS_EXIT_UNKNOWN;
    }
    return ONUS_EXIT_OK;
}

static const struct onus_option options[] = {
        {"case-uco", 0, "FILE", "also write it as CASE/UCO JSON-LD", false},
};

const struct onus_command onus_command_custody = {
        .name = "custody",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "who did what with a case, and whether a line of that was changed",
        .operands = NULL,
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Prints the custody log of the case: when it was made, lines sealed, checkpoints signed, "
                "bundles made, lines erased or put on hold, each with its time, the party and the version "
                "of the program. Each line carries the hash of the one before, so a line that was changed "
                "or taken out is found and named: exit 1.\n"
                "\n"
                "It is the word of the party about itself. A party could write the whole log anew; what it "
                "cannot change is a hash of it that left its hands: every record of an erasure, which is "
                "sealed, and every entry of the ledger of bundles names the head of that moment, and this "
                "command looks that these heads are in the log. Lines at the end that no "
                "such head covers can be cut off unseen.\n"
                "\n"
                "--case-uco writes one investigative action for each line (CASE 1, UCO 1; docs/json.md).",
        .examples = "onus -C case custody\n"
                    "  print and check it\n"
                    "onus -C case custody --case-uco custody.jsonld\n"
                    "  for a program that reads CASE\n",
        .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/custody_note.h"
#include "crypto/random.h"
#include "evidence/erase.h"
#include "evidence/ledger.h"
#include "text/decimal.h"
#include "text/json_write.h"
#include "text/timestamp.h"
#include "text/utf8.h"

enum {
    BUNDLES_MAX = 1000, /* that are named one by one */
};

#define ARENA_MAX ((size_t)8 << 30)

/* The sentence nobody may miss. */
#define CAVEAT                                                                                      \
    "Copies that left the vault (bundles, backups) and blocks a disk keeps aside are not reached; " \
    "what trace found when the lines were sealed stays in the folder record."

struct erasing {
    const struct onus_arguments *arguments;
    struct onus_arena arena;
    struct onus_erase_request request;
    char tool[ONUS_CUSTODY_TOOL];
    struct onus_error unmet;
    struct onus_vault *vault;
    struct onus_erase_plan plan;
    const struct onus_ledger_entry *bundles[BUNDLES_MAX]; /* that opened some of it */
    size_t bundle_count;
    bool asks;
    bool done;
};

/* ---- what was asked for ---------------------------------------------------------------------- */

static enum onus_code read_batches(const char *text, struct onus_erase_request *out,
        struct onus_error *err)
{
    struct onus_str all = onus_str_of(text);
    size_t colon = onus_str_rfind_char(all, ':');
    struct onus_str last = onus_str_from(all, colon == ONUS_STR_NPOS ? all.len : colon + 1);
    struct onus_str first = last;
    (void)onus_str_cut(&last, '-', &first);
    out->kind = ONUS_ERASE_BATCHES;
    out->source = onus_str_sub(all, 0, colon);
    if (colon == ONUS_STR_NPOS || colon == 0 || !onus_decimal_parse(first, &out->first_seq) ||
            !onus_decimal_parse(last, &out->last_seq) || out->first_seq > out->last_seq) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "--batch takes SOURCE:SEQ or SOURCE:SEQ-SEQ, not '%s'", text);
    }
    return ONUS_OK;
}

static enum onus_code read_day(const char *text, struct onus_erase_request *out,
        struct onus_error *err)
{
    struct onus_str day = onus_str_of(text);
    struct onus_civil civil = {.year = 0};
    uint64_t numbers[3] = {0};
    struct onus_str year = ONUS_STR_NONE;
    struct onus_str month = ONUS_STR_NONE;
    bool right = day.len == 10 && onus_str_cut(&day, '-', &year) &&
                 onus_str_cut(&day, '-', &month) && year.len == 4 && month.len == 2 &&
                 onus_str_to_u64(year, 9999, &numbers[0]) &&
                 onus_str_to_u64(month, 12, &numbers[1]) && onus_str_to_u64(day, 31, &numbers[2]);
    civil.year = (int)numbers[0];
    civil.month = (int)numbers[1];
    civil.day = (int)numbers[2];
    int64_t usec = right && civil.year > 0 ? onus_time_of_civil(&civil) : ONUS_TIME_NONE;
    if (usec == ONUS_TIME_NONE) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--before takes a day such as 2026-01-31, not '%s'",
                text);
    }
    out->kind = ONUS_ERASE_BEFORE;
    out->before = usec / ONUS_USEC;
    return ONUS_OK;
}

static enum onus_code read_selector(struct erasing *erasing, struct onus_error *err)
{
    const struct onus_arguments *arguments = erasing->arguments;
    struct onus_erase_request *request = &erasing->request;
    const char *lines = onus_argument(arguments, "lines");
    const char *address = onus_argument(arguments, "source-address");
    const char *batch = onus_argument(arguments, "batch");
    const char *before = onus_argument(arguments, "before");
    const char *source = onus_argument(arguments, "source");
    int given = (lines != NULL) + (address != NULL) + (batch != NULL) + (before != NULL);
    if (given != 1) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "what? Give one of --lines, --source-address, --batch and --before");
    }
    if (source && (lines || batch || source[0] == '\0')) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "--source NAME goes with --source-address and --before");
    }
    request->source = onus_str_of(source);
    if (batch) {
        return read_batches(batch, request, err);
    }
    if (before) {
        return read_day(before, request, err);
    }
    if (address) {
        request->kind = ONUS_ERASE_ADDRESS;
        return onus_address_parse(onus_str_of(address), &request->address)
                       ? ONUS_OK
                       : onus_fail(err, ONUS_E_ARGUMENT, "'%s' is no address", address);
    }
    struct onus_line_range *ranges = NULL;
    request->kind = ONUS_ERASE_LINES;
    enum onus_code code = onus_lines_parse(onus_str_of(lines), &erasing->arena, &request->source,
            &ranges, &request->range_count, err);
    request->ranges = ranges;
    return code;
}

static enum onus_code understand(struct erasing *erasing, struct onus_error *err)
{
    const struct onus_arguments *arguments = erasing->arguments;
    const char *basis = onus_argument(arguments, "basis");
    struct onus_erase_request *request = &erasing->request;
    onus_custody_tool(erasing->tool);
    request->now = (uint64_t)time(NULL);
    request->tool = erasing->tool;
    request->basis = onus_str_of(basis);
    erasing->asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    if (!basis) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "on what basis? --basis \"WORDS\" is recorded and sealed");
    }
    return read_selector(erasing, err);
}

/* ---- the case -------------------------------------------------------------------------------- */

static enum onus_code draw(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

static enum onus_code confine(void *data, int at, struct onus_error *err)
{
    struct erasing *erasing = data;
    struct onus_sandbox_keep keep = {.write = &at, .write_count = 1};
    return onus_confine(erasing->arguments, ONUS_SANDBOX_PARSE, &keep, &erasing->unmet, err);
}

static enum onus_code open_case(struct erasing *erasing, struct onus_error *err)
{
    const char *folder = onus_vault_find(erasing->arguments->global->case_directory);
    const char *by = onus_argument(erasing->arguments, "by");
    if (!folder) {
        return onus_fail(err, ONUS_E_MISSING, "no case here; name one with -C");
    }
    enum onus_code code = onus_vault_open(folder,
            &(struct onus_vault_options){.write = true,
                    .random = draw,
                    .confine = confine,
                    .data = erasing},
            &erasing->vault, err);
    if (code == ONUS_OK) {
        erasing->request.who = by ? onus_str_of(by) : onus_vault_party(erasing->vault);
        code = onus_erase_plan(erasing->vault, &erasing->request, &erasing->arena, &erasing->plan,
                err);
    }
    return code;
}

/* ---- who has some of it already -------------------------------------------------------------- */

static bool meets(const struct onus_erase_part *part, const struct onus_ledger_opening *opening)
{
    if (part->rollup || !onus_tag_eq(&part->tag, &opening->tag) ||
            (opening->kind != ONUS_LEDGER_LINES && opening->kind != ONUS_LEDGER_PARTS) ||
            opening->seq != part->first) {
        return false;
    }
    for (size_t i = 0; i < part->range_count; i++) {
        if (part->ranges[i].first <= opening->last &&
                part->ranges[i].first + part->ranges[i].count > opening->first) {
            return true;
        }
    }
    return false;
}

static bool key_meets(const struct erasing *erasing, const struct onus_ledger_opening *opening)
{
    struct onus_key key = onus_key_of(&erasing->request.address);
    return opening->kind == ONUS_LEDGER_KEY && erasing->request.kind == ONUS_ERASE_ADDRESS &&
           onus_key_compare(&key, &opening->key) == 0;
}

static enum onus_code find_bundles(struct erasing *erasing, struct onus_error *err)
{
    struct onus_ledger ledger;
    enum onus_code code =
            onus_ledger_read(onus_vault_at(erasing->vault), &erasing->arena, &ledger, err);
    size_t last = SIZE_MAX;
    for (size_t i = 0; code == ONUS_OK && i < ledger.opening_count; i++) {
        const struct onus_ledger_opening *opening = &ledger.openings[i];
        bool met = opening->bundle != last && key_meets(erasing, opening);
        for (size_t j = 0; j < erasing->plan.part_count && opening->bundle != last && !met; j++) {
            met = meets(&erasing->plan.parts[j], opening);
        }
        if (met && erasing->bundle_count < BUNDLES_MAX) {
            erasing->bundles[erasing->bundle_count++] = &ledger.entries[opening->bundle];
            last = opening->bundle;
        }
    }
    return code;
}

/* ---- saying ---------------------------------------------------------------------------------- */

static void add_count(struct onus_buffer *out, uint64_t value, const char *one, const char *many)
{
    onus_decimal_add_grouped(out, value);
    onus_buffer_printf(out, " %s", value == 1 ? one : many);
}

static void add_parts(const struct erasing *erasing, struct onus_buffer *out)
{
    for (size_t i = 0; i < erasing->plan.part_count; i++) {
        const struct onus_erase_part *part = &erasing->plan.parts[i];
        const struct onus_source *source = onus_vault_source_tagged(erasing->vault, &part->tag);
        onus_buffer_add_text(out, "  ");
        (void)onus_utf8_add_visible(out, source->name, SIZE_MAX);
        if (part->rollup) {
            onus_buffer_printf(out, ", roll-up %" PRIu64 "-%" PRIu64 ": ", part->first, part->last);
        } else {
            onus_buffer_printf(out, ", batch %" PRIu64 ": ", part->first);
            add_count(out, part->lines, "line, ", "lines, ");
        }
        add_count(out, part->row_count, "key\n", "keys\n");
    }
}

static void add_bundles(const struct erasing *erasing, struct onus_buffer *out)
{
    for (size_t i = 0; i < erasing->bundle_count; i++) {
        const struct onus_ledger_entry *entry = erasing->bundles[i];
        char day[ONUS_TIME_TEXT] = "?";
        if (entry->time < (uint64_t)INT64_MAX / ONUS_USEC) {
            (void)onus_time_format((int64_t)entry->time * ONUS_USEC, day);
        }
        onus_buffer_printf(out, "Bundle %" PRIu64 " of %.10s", entry->number, day);
        if (entry->to.len > 0) {
            onus_buffer_add_text(out, ", to ");
            (void)onus_utf8_add_visible(out, entry->to, SIZE_MAX);
        }
        onus_buffer_add_text(out, ", opened some of it: that copy stays with whoever has it.\n");
    }
}

static void add_preview(const struct erasing *erasing, struct onus_buffer *out)
{
    const struct onus_erase_plan *plan = &erasing->plan;
    add_count(out, plan->lines, "line", "lines");
    onus_buffer_add_text(out, " and ");
    add_count(out, plan->keys, "source address", "source addresses");
    onus_buffer_add_text(out, " in ");
    add_count(out, plan->batches, "batch are to be erased:\n", "batches are to be erased:\n");
    add_parts(erasing, out);
    if (plan->erased_before > 0) {
        add_count(out, plan->erased_before, "line of that was erased before.\n",
                "lines of that were erased before.\n");
    }
    if (plan->straddling > 0) {
        add_count(out, plan->straddling, "batch stays: it has younger lines too.\n",
                "batches stay: they have younger lines too.\n");
    }
    add_bundles(erasing, out);
    onus_buffer_add_text(out, CAVEAT "\n");
}

static enum onus_code show(const struct erasing *erasing, struct onus_error *err)
{
    struct onus_buffer text = {0};
    if (erasing->arguments->global->quiet) {
        return ONUS_OK;
    }
    add_preview(erasing, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        (void)fwrite(text.ptr, 1, text.len, erasing->arguments->global->json ? stderr : stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code ask(const struct erasing *erasing, struct onus_error *err)
{
    char answer[8] = "";
    if (onus_argument_given(erasing->arguments, "yes")) {
        return ONUS_OK;
    }
    if (!erasing->asks) {
        return onus_fail(err, ONUS_E_REFUSED,
                "nothing was erased: nobody is here to be asked; say --yes");
    }
    (void)fflush(stdout);
    (void)fputs("Erase it? [y/N] ", stderr);
    (void)fflush(stderr);
    if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y')) {
        return onus_fail(err, ONUS_E_REFUSED, "nothing was erased");
    }
    return ONUS_OK;
}

static void add_json(const struct erasing *erasing, struct onus_json *json)
{
    const struct onus_erase_plan *plan = &erasing->plan;
    onus_json_object(json);
    onus_json_key_text(json, "schema", "onus.erase/1");
    onus_json_key_str(json, "basis", plan->basis);
    onus_json_key_str(json, "by", plan->who);
    onus_json_key_u64(json, "lines", plan->lines);
    onus_json_key_u64(json, "addresses", plan->keys);
    onus_json_key_u64(json, "batches", plan->batches);
    onus_json_key_u64(json, "rollups", plan->rollups);
    onus_json_key_u64(json, "erased_before", plan->erased_before);
    onus_json_key_u64(json, "straddling", plan->straddling);
    onus_json_key(json, "parts");
    onus_json_array(json);
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct onus_erase_part *part = &plan->parts[i];
        onus_json_object(json);
        onus_json_key_str(json, "source",
                onus_vault_source_tagged(erasing->vault, &part->tag)->name);
        onus_json_key_text(json, "kind", part->rollup ? "rollup" : "batch");
        onus_json_key_u64(json, "first", part->first);
        onus_json_key_u64(json, "last", part->last);
        onus_json_key_u64(json, "lines", part->lines);
        onus_json_key_u64(json, "addresses", part->row_count);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_json_key(json, "opened_before");
    onus_json_array(json);
    for (size_t i = 0; i < erasing->bundle_count; i++) {
        onus_json_object(json);
        onus_json_key_u64(json, "bundle", erasing->bundles[i]->number);
        onus_json_key_str(json, "to", erasing->bundles[i]->to);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_json_key_text(json, "not_reached", CAVEAT);
    onus_json_key_bool(json, "signed", onus_vault_signs_alone(erasing->vault));
    onus_json_object_end(json);
}

static enum onus_code print(const struct erasing *erasing, struct onus_error *err)
{
    struct onus_buffer text = {0};
    struct onus_json json;
    enum onus_code code = ONUS_OK;
    if (erasing->arguments->global->json) {
        onus_json_init(&json, &text, ONUS_JSON_PRETTY);
        add_json(erasing, &json);
        code = onus_json_finish(&json, err);
    } else if (!erasing->arguments->global->quiet) {
        add_count(&text, erasing->plan.lines, "line was erased", "lines were erased");
        onus_buffer_add_text(&text, onus_vault_signs_alone(erasing->vault)
                                            ? "; the record of it is signed\n"
                                            : "; 'onus checkpoint' signs the record of it\n");
        code = onus_buffer_status(&text, err);
    }
    if (code == ONUS_OK && text.len > 0) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code act(struct erasing *erasing, struct onus_error *err)
{
    enum onus_code code = understand(erasing, err);
    if (code == ONUS_OK) {
        code = open_case(erasing, err);
    }
    if (code == ONUS_OK) {
        code = find_bundles(erasing, err);
    }
    if (code == ONUS_OK) {
        code = show(erasing, err);
    }
    if (code == ONUS_OK) {
        code = ask(erasing, err);
    }
    if (code == ONUS_OK) {
        code = onus_erase_carry(erasing->vault, &erasing->plan, err);
    }
    return code == ONUS_OK ? print(erasing, err) : code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct erasing *erasing = calloc(1, sizeof(*erasing));
    if (!erasing) {
        (void)onus_fail(&err, ONUS_E_MEMORY, "out of memory");
        return onus_complain(arguments, &err);
    }
    erasing->arguments = arguments;
    onus_arena_init(&erasing->arena, ARENA_MAX);
    enum onus_code code = act(erasing, &err);
    onus_vault_close(erasing->vault);
    onus_arena_clear(&erasing->arena);
    free(erasing);
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"lines", 'l', "SOURCE:1-4,8", "these lines, counted from 1 over all batches of the source",
                false},
        {"source-address", 0, "ADDRESS", "all lines whose source address this is", false},
        {"batch", 0, "SOURCE:SEQ-SEQ", "all lines of these batches", false},
        {"before", 0, "DAY", "all batches whose last line is older than this day (UTC)", false},
        {"source", 0, "NAME", "only of this source; with --source-address and --before", false},
        {"basis", 0, "WORDS",
                "why it is erased; sealed, and shown when somebody asks for the lines", false},
        {"by", 0, "NAME", "who erases, if not the party of the case", false},
        {"yes", 'y', NULL, "do it without asking", false},
};

const struct onus_command onus_command_erase = {
        .name = "erase",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "take sealed lines out for good; everything else can still be proven",
        .operands = NULL,
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Says first what will be erased, and which bundles opened some of it before; then asks. "
                "A script says --yes. Lines are numbered as by 'onus disclose'.\n"
                "\n"
                "The bytes of the lines are removed, and the keys that hid them are destroyed: what "
                "stays of a line is a hash that nobody can guess from. All other lines, counts and "
                "totals can be proven as before. A source address that loses its last line in a batch "
                "is removed from the index there; counts that need it to be shown (its own, and that "
                "an address right beside it is absent) cannot be proven any more. A signed record "
                "says how many lines of which batch were erased, when, by whom and on what basis, and "
                "nothing of what they said.\n"
                "\n"
                "It does not reach what left the vault: bundles stay with those who have them, and a "
                "backup that holds vault/keys/vault.agekey can open older copies. Disks may keep old "
                "blocks aside. What trace found when the lines were sealed stays in the folder record.\n"
                "\n"
                "After a crash the next command that writes to the case finishes what was begun. What "
                "is on hold ('onus hold') is not erased: exit 7.",
        .examples = "onus -C case erase --source-address 203.0.113.7 --basis 'Art. 17(1) GDPR'\n"
                    "  every line from this address\n"
                    "onus -C case erase --before 2026-01-01 --basis 'retention: one year' --yes\n"
                    "  old batches, from a script\n"
                    "onus -C case erase --lines auth.log:1-4,8 --basis 'password in clear'\n"
                    "  five lines\n",
        .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/str.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "crypto/random.h"
#include "evidence/fsck.h"
#include "text/decimal.h"
#include "text/json_write.h"
#include "text/utf8.h"

enum {
    LEVEL = 3, /* of zstd: what is gained beyond is little */
    TOLD_MAX = 100000
};

static const struct onus_option options[] = {
        {.name = "compress",
                .help = "compress packs that were only stored, once they are found right"},
};

struct check {
    const struct onus_arguments *arguments;
    struct onus_progress progress;
    struct onus_buffer faults; /* printed at the end, JSON or text */
    struct onus_json json;
    struct onus_error unmet;
    struct onus_fsck_counts counts;
    uint64_t mismatches, unknown, told;
};

static enum onus_code draw(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

static enum onus_code confine(void *data, int at, struct onus_error *err)
{
    struct check *check = data;
    struct onus_sandbox_keep keep = {.write = &at, .write_count = 1};
    return onus_confine(check->arguments, ONUS_SANDBOX_WORKER, &keep, &check->unmet, err);
}

static void fault(void *data, enum onus_code code, const char *object, const char *words)
{
    struct check *check = data;
    if (code == ONUS_E_MISMATCH) {
        check->mismatches++;
    } else {
        check->unknown++;
    }
    if (check->told++ >= TOLD_MAX) {
        return;
    }
    if (check->arguments->global->json) {
        onus_json_object(&check->json);
        onus_json_key_text(&check->json, "kind", onus_code_name(code));
        onus_json_key_text(&check->json, "object", object);
        onus_json_key_text(&check->json, "words", words);
        onus_json_object_end(&check->json);
        return;
    }
    onus_buffer_add_text(&check->faults,
            code == ONUS_E_MISMATCH ? "does not hold: " : "cannot tell: ");
    (void)onus_utf8_add_visible(&check->faults, onus_str_of(object), SIZE_MAX);
    onus_buffer_add_text(&check->faults, ": ");
    (void)onus_utf8_add_visible(&check->faults, onus_str_of(words), SIZE_MAX);
    onus_buffer_add_char(&check->faults, '\n');
}

static void leftover(void *data, const char *path)
{
    const struct check *check = data;
    onus_note(check->arguments, "'%s' belongs to no batch", path);
}

static void progress(void *data, uint64_t done, uint64_t total)
{
    struct check *check = data;
    onus_progress_show(&check->progress, done, total, check->counts.lines);
}

static enum onus_code look(struct check *check, struct onus_error *err)
{
    const struct onus_arguments *arguments = check->arguments;
    const char *folder = onus_vault_find(arguments->global->case_directory);
    bool compress = onus_argument_given(arguments, "compress");
    struct onus_vault *vault = NULL;
    if (!folder) {
        return onus_fail(err, ONUS_E_MISSING, "no case here; name one with -C");
    }
    enum onus_code code = onus_vault_open(folder,
            &(struct onus_vault_options){.write = compress,
                    .random = draw,
                    .confine = confine,
                    .fault = fault,
                    .data = check},
            &vault, err);
    if (code == ONUS_E_MISMATCH || code == ONUS_E_FORMAT ||
            (code == ONUS_E_MISSING &&
                    !onus_str_has(onus_str_of(err->text), ONUS_STR("holds no case")))) {
        fault(check, code, "vault", err->text);
        return ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = onus_fsck(vault,
                &(struct onus_fsck_options){.fault = fault,
                        .progress = arguments->global->progress ? progress : NULL,
                        .leftover = leftover,
                        .data = check,
                        .compress = compress,
                        .level = LEVEL},
                &check->counts, err);
        onus_progress_end(&check->progress);
    }
    onus_vault_close(vault);
    return code;
}

static const char *verdict(const struct check *check)
{
    return check->mismatches > 0 ? "does not hold" : check->unknown > 0 ? "cannot tell" : "holds";
}

static void count(struct onus_buffer *out, uint64_t value, const char *one, const char *many)
{
    onus_decimal_add_grouped(out, value);
    onus_buffer_printf(out, " %s", value == 1 ? one : many);
}

static void add_summary(const struct check *check, struct onus_buffer *out)
{
    const struct onus_fsck_counts *counts = &check->counts;
    count(out, counts->sources, "source, ", "sources, ");
    count(out, counts->batches, "batch, ", "batches, ");
    count(out, counts->rollups, "roll-up, ", "roll-ups, ");
    count(out, counts->lines, "line, ", "lines, ");
    count(out, counts->entries, "entry in the log\n", "entries in the log\n");
    if (counts->compressed > 0) {
        count(out, counts->compressed, "pack was compressed\n", "packs were compressed\n");
    }
    onus_buffer_printf(out, "%s\n", verdict(check));
}

static void add_json(struct check *check)
{
    const struct onus_fsck_counts *counts = &check->counts;
    struct onus_json *json = &check->json;
    onus_json_array_end(json);
    onus_json_key_u64(json, "sources", counts->sources);
    onus_json_key_u64(json, "batches", counts->batches);
    onus_json_key_u64(json, "rollups", counts->rollups);
    onus_json_key_u64(json, "lines", counts->lines);
    onus_json_key_u64(json, "bytes", counts->bytes);
    onus_json_key_u64(json, "entries", counts->entries);
    onus_json_key_u64(json, "compressed", counts->compressed);
    onus_json_key_text(json, "verdict", verdict(check));
    onus_json_object_end(json);
}

static enum onus_code act(struct check *check, struct onus_error *err)
{
    bool as_json = check->arguments->global->json;
    if (as_json) {
        onus_json_init(&check->json, &check->faults, ONUS_JSON_PRETTY);
        onus_json_object(&check->json);
        onus_json_key_text(&check->json, "schema", "onus.fsck/1");
        onus_json_key(&check->json, "faults");
        onus_json_array(&check->json);
    }
    enum onus_code code = look(check, err);
    if (code == ONUS_OK && as_json) {
        add_json(check);
        code = onus_json_finish(&check->json, err);
    } else if (code == ONUS_OK) {
        add_summary(check, &check->faults);
        code = onus_buffer_status(&check->faults, err);
    }
    if (code == ONUS_OK) {
        (void)fwrite(check->faults.ptr, 1, check->faults.len, stdout);
    }
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct check check = {.arguments = arguments};
    enum onus_code code = act(&check, &err);
    onus_buffer_clear(&check.faults);
    if (code != ONUS_OK) {
        return onus_complain(arguments, &err);
    }
    return check.mismatches > 0 ? ONUS_EXIT_NOT
           : check.unknown > 0  ? ONUS_EXIT_UNKNOWN
                                : ONUS_EXIT_OK;
}

const struct onus_command onus_command_fsck = {
        .name = "fsck",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "compute everything in a vault again and say what does not fit",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Computes each root again from the sealed lines: lines to their batch, index to the lines, "
                "manifests to the log, tiles to the checkpoint, the checkpoint to the key. Each fault is "
                "named with the file it is in.\n\n"
                "Exit code 0 and 'holds': nothing is wrong. 1 and 'does not hold': something is not what "
                "was committed. 3 and 'cannot tell': a file is missing or cannot be read.\n\n"
                "The case is named with -C or is the current folder. Nothing is changed, but with "
                "--compress packs that are right are compressed; zstd -d restores their bytes.\n\n"
                "With --json the result is one object, schema onus.fsck/1 (docs/json.md).",
        .examples = "onus fsck -C case-7\n"
                    "  is everything as it was sealed?\n"
                    "onus fsck -C case-7 --compress\n"
                    "  and make the packs smaller\n",
        .run = run,
};

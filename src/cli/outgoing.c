/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/outgoing.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/confine.h"
#include "cli/custody_note.h"
#include "evidence/bundle_write.h"
#include "evidence/release.h"
#include "proof/bundle_text.h"
#include "sys/durable.h"
#include "text/hex.h"

enum {
    POLICY_MAX = 1 << 20
};
#define ARENA_MAX ((size_t)16 << 30)

/* ---- opening --------------------------------------------------------------------------------- */

static void keep_note(void *data, const char *words)
{
    struct onus_outgoing *out = data;
    onus_buffer_add_text(&out->notes, words);
    onus_buffer_add_char(&out->notes, '\n');
    if (!out->arguments->global->json) {
        onus_note(out->arguments, "%s", words);
    }
}

/* Once the case is open and before its first byte is read. */
static enum onus_code confine(void *data, int at, struct onus_error *err)
{
    struct onus_outgoing *out = data;
    int write[] = {at, onus_replace_directory(&out->file)};
    struct onus_sandbox_keep keep = {.write = write, .write_count = ONUS_COUNT(write)};
    return onus_confine(out->arguments, out->profile, &keep, &out->unmet, err);
}

enum onus_code onus_outgoing_read(const char *path, size_t limit, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    return onus_durable_read(AT_FDCWD, path, limit, arena, out, err);
}

static enum onus_code check_rules(const struct onus_arguments *arguments, struct onus_error *err)
{
    for (size_t i = 0; i < arguments->all_count; i++) {
        if (strcmp(arguments->all[2 * i], "allow") == 0 &&
                !onus_lint_rule(onus_str_of(arguments->all[2 * i + 1]))) {
            return onus_fail(err, ONUS_E_ARGUMENT, "--allow: there is no rule '%s'",
                    arguments->all[2 * i + 1]);
        }
    }
    return ONUS_OK;
}

static enum onus_code open_case(struct onus_outgoing *out, struct onus_error *err)
{
    const char *folder = onus_vault_find(out->arguments->global->case_directory);
    if (!folder) {
        return onus_fail(err, ONUS_E_MISSING,
                "no case here: name its folder with -C, or make one with onus init");
    }
    struct onus_vault_options options = {.confine = confine, .data = out};
    enum onus_code code = onus_vault_open(folder, &options, &out->vault, err);
    if (code == ONUS_OK) {
        code = onus_holdings_of_vault(out->vault, &out->arena, &out->holdings, err);
    }
    if (code == ONUS_OK && onus_argument_given(out->arguments, "anchor")) {
        code = onus_holdings_anchor(out->vault, &out->holdings, &out->arena, &out->options.older,
                err);
        if (code == ONUS_OK && out->options.older.len == 0) {
            keep_note(out, "no batch states an anchor that is kept here");
        }
    }
    if (code == ONUS_OK) {
        code = onus_durable_read(onus_vault_at(out->vault), "policy", POLICY_MAX, &out->arena,
                &out->policy, err);
    }
    return code;
}

enum onus_code onus_outgoing_open(struct onus_outgoing *out, const struct onus_arguments *arguments,
        enum onus_sandbox_profile profile, struct onus_error *err)
{
    const char *path = onus_argument(arguments, "out");
    *out = (struct onus_outgoing){.arguments = arguments,
            .profile = profile,
            .unmet = ONUS_ERROR_INIT,
            .why = ONUS_ERROR_INIT};
    onus_arena_init(&out->arena, ARENA_MAX);
    out->asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    out->options.holdings = &out->holdings;
    out->options.notes = (struct onus_notes){keep_note, out};
    if (!path) {
        return onus_fail(err, ONUS_E_ARGUMENT, "where to? Name the bundle with --out FILE");
    }
    enum onus_code code = check_rules(arguments, err);
    if (code == ONUS_OK) {
        code = onus_replace_open(&out->file, path, err);
    }
    return code == ONUS_OK ? open_case(out, err) : code;
}

void onus_outgoing_close(struct onus_outgoing *out)
{
    onus_replace_abort(&out->file);
    onus_vault_close(out->vault);
    onus_buffer_clear(&out->bytes);
    onus_buffer_clear(&out->notes);
    onus_buffer_clear(&out->answer);
    onus_buffer_clear(&out->together);
    onus_buffer_clear(&out->findings);
    onus_arena_clear(&out->arena);
}

/* ---- what a reader is told ------------------------------------------------------------------- */

/* By the policy of the case itself; a reader has one of their own. */
static enum onus_code read_as_others(struct onus_outgoing *out, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_policy policy;
    struct onus_bundle_facts facts;
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    enum onus_code code = onus_policy_parse(out->policy, &arena, &policy, &out->why);
    if (code == ONUS_OK) {
        code = onus_bundle_check(&policy, onus_buffer_view(&out->bytes), &arena, &facts, &out->why);
    }
    out->verdict = code;
    if (code == ONUS_OK) {
        onus_bundle_text(&out->answer, &facts, NULL);
    }
    onus_arena_clear(&arena);
    code = onus_buffer_status(&out->answer, err);
    if (out->verdict == ONUS_E_MEMORY || out->verdict == ONUS_E_LIMIT) {
        code = out->verdict;
        *err = out->why;
    }
    return code;
}

static enum onus_code make_bytes(struct onus_outgoing *out, struct onus_error *err)
{
    onus_bundle_write(&out->proven.bundle, &out->bytes);
    enum onus_code code = onus_buffer_status(&out->bytes, err);
    if (code == ONUS_OK && out->bytes.len > ONUS_BUNDLE_SIZE_MAX) {
        code = onus_fail(err, ONUS_E_LIMIT,
                "the bundle would have %zu bytes, more than the 64 MiB a reader takes: ask for less "
                "at once",
                out->bytes.len);
    }
    return code == ONUS_OK ? read_as_others(out, err) : code;
}

/* ---- what leaves ----------------------------------------------------------------------------- */

static bool is_allowed(const struct onus_arguments *arguments, const char *rule)
{
    for (size_t i = 0; i < arguments->all_count; i++) {
        if (strcmp(arguments->all[2 * i], "allow") == 0 &&
                strcmp(arguments->all[2 * i + 1], rule) == 0) {
            return true;
        }
    }
    return false;
}

static void keep_finding(void *data, const struct onus_release_finding *finding)
{
    struct onus_outgoing *out = data;
    const struct onus_released *where = &finding->where;
    struct onus_str text =
            onus_str_sub(where->slot->value, finding->lint.offset, finding->lint.length);
    bool allowed = is_allowed(out->arguments, finding->lint.rule);
    out->finding_count++;
    out->refused = out->refused || !allowed;
    onus_buffer_printf(&out->findings,
            "%s: batch %" PRIu64 ", line %" PRIu64 ", byte %zu: ", finding->lint.rule,
            where->group->first, where->line, finding->lint.offset);
    onus_bundle_add_bytes(&out->findings, text);
    onus_buffer_add_text(&out->findings, allowed ? " (allowed)\n" : "\n");
}

static enum onus_code print(FILE *to, const struct onus_buffer *text, struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(text, err);
    if (code == ONUS_OK && text->len > 0) {
        (void)fwrite(text->ptr, 1, text->len, to);
    }
    return code;
}

static enum onus_code show(struct onus_outgoing *out, struct onus_error *err)
{
    struct onus_buffer text = {.limit = 0};
    onus_release_text(&out->proven.bundle, &text);
    FILE *to = out->arguments->global->json ? stderr : stdout;
    enum onus_code code = print(to, &text, err);
    if (code == ONUS_OK && !out->arguments->global->json) {
        code = print(to, &out->together, err);
    }
    if (code == ONUS_OK && out->finding_count > 0) {
        (void)fflush(to);
        code = print(stderr, &out->findings, err);
    }
    onus_buffer_clear(&text);
    return code;
}

static enum onus_code ask(const struct onus_outgoing *out, struct onus_error *err)
{
    if (onus_argument_given(out->arguments, "yes")) {
        return ONUS_OK;
    }
    if (!out->asks) {
        return onus_fail(err, ONUS_E_REFUSED,
                "nothing was written: nobody is here to be asked; say "
                "--yes");
    }
    (void)fflush(stdout);
    (void)fputs("Write it? [y/N] ", stderr);
    (void)fflush(stderr);
    char answer[8] = "";
    if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y')) {
        return onus_fail(err, ONUS_E_REFUSED, "nothing was written");
    }
    return ONUS_OK;
}

static enum onus_code look_over(struct onus_outgoing *out, struct onus_error *err)
{
    onus_release_lint(&out->proven.bundle, keep_finding, out);
    enum onus_code code = show(out, err);
    if (code == ONUS_OK && out->refused) {
        code = onus_fail(err, ONUS_E_REFUSED,
                "nothing was written: what is listed above is often not meant to be handed on; "
                "--allow RULE goes on");
    }
    return code == ONUS_OK ? ask(out, err) : code;
}

/* ---- ledger and file ------------------------------------------------------------------------- */

static enum onus_code commit(struct onus_outgoing *out, const struct onus_ledger *ledger,
        struct onus_error *err)
{
    const char *to = onus_argument(out->arguments, "to");
    const char *command = out->arguments->command->name;
    struct onus_custody custody;
    struct onus_digest bundle;
    char hex[65] = "";
    onus_sha256(onus_buffer_view(&out->bytes), &bundle);
    onus_hex_put(hex, onus_digest_view(&bundle));
    struct onus_ledger_new entry = {.bundle = &out->proven.bundle,
            .bytes = onus_buffer_view(&out->bytes),
            .to = to ? onus_str_of(to) : ONUS_STR(""),
            .custody = &custody.head,
            .time = (uint64_t)time(NULL)};
    enum onus_code code = onus_replace_write(&out->file, onus_buffer_view(&out->bytes), err);
    if (code == ONUS_OK) {
        code = onus_custody_read(onus_vault_at(out->vault), &out->arena, &custody, err);
    }
    if (code == ONUS_OK) { /* entered first: what may have left is known */
        code = onus_ledger_enter(onus_vault_at(out->vault), ledger, &entry, err);
    }
    if (code == ONUS_OK) {
        code = onus_custody_tell(out->vault, command, err, "bundle %zu, %zu bytes, SHA-256 %s%s%s",
                ledger->entry_count + 1, out->bytes.len, hex, to ? ", to " : "", to ? to : "");
    }
    return code == ONUS_OK ? onus_replace_commit(&out->file, err) : code;
}

enum onus_code onus_outgoing_finish(struct onus_outgoing *out, bool show_lines,
        struct onus_error *err)
{
    struct onus_ledger ledger;
    size_t together = 0;
    enum onus_code code = make_bytes(out, err);
    if (code == ONUS_OK) {
        code = onus_ledger_read(onus_vault_at(out->vault), &out->arena, &ledger, err);
    }
    if (code == ONUS_OK) {
        code = onus_ledger_union(&ledger, &out->proven.bundle, &out->together, &together, err);
    }
    if (code == ONUS_OK && show_lines) {
        code = look_over(out, err);
    }
    if (code == ONUS_OK) {
        code = commit(out, &ledger, err);
    }
    if (code == ONUS_OK && out->verdict != ONUS_OK) {
        onus_buffer_printf(&out->notes, "by the policy of this case it %s: %s\n",
                out->verdict == ONUS_E_MISMATCH ? "does not hold yet" : "cannot be told yet",
                out->why.text);
        if (!out->arguments->global->json) {
            onus_note(out->arguments, "by the policy of this case it %s: %s",
                    out->verdict == ONUS_E_MISMATCH ? "does not hold yet" : "cannot be told yet",
                    out->why.text);
        }
    }
    return code;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_lines(struct onus_json *json, const char *key, const struct onus_buffer *text)
{
    struct onus_str rest = onus_buffer_view(text);
    struct onus_str line;
    onus_json_key(json, key);
    onus_json_array(json);
    while (rest.len > 0 && onus_str_cut(&rest, '\n', &line)) {
        onus_json_str(json, line);
    }
    onus_json_array_end(json);
}

static const char *verdict_word(enum onus_code code)
{
    return code == ONUS_OK ? "holds" : code == ONUS_E_MISMATCH ? "does not hold" : "cannot tell";
}

void onus_outgoing_json(struct onus_json *json, const struct onus_outgoing *out)
{
    struct onus_release_sum sum;
    struct onus_digest digest;
    char hex[65] = "";
    onus_release_count(&out->proven.bundle, &sum);
    onus_sha256(onus_buffer_view(&out->bytes), &digest);
    onus_hex_put(hex, onus_digest_view(&digest));
    onus_json_key_text(json, "bundle", onus_argument(out->arguments, "out"));
    onus_json_key_u64(json, "bytes", out->bytes.len);
    onus_json_key_text(json, "sha256", hex);
    onus_json_key_u64(json, "groups", out->proven.groups);
    onus_json_key_u64(json, "batches", out->proven.selection.batches);
    onus_json_key(json, "opened");
    onus_json_object(json);
    onus_json_key_u64(json, "lines", sum.lines);
    onus_json_key_u64(json, "parts", sum.parts);
    onus_json_key_u64(json, "values", sum.others);
    onus_json_key_u64(json, "bytes", sum.bytes);
    onus_json_key_u64(json, "hashes", sum.hashes);
    onus_json_object_end(json);
    onus_json_key_text(json, "verdict", verdict_word(out->verdict));
    add_lines(json, "answer", &out->answer);
    add_lines(json, "together", &out->together);
    add_lines(json, "findings", &out->findings);
    add_lines(json, "notes", &out->notes);
}

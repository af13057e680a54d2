/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/checkpoint_output.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/custody_note.h"
#include "crypto/random.h"
#include "proof/witness_message.h"
#include "serve/courier.h"
#include "serve/http_client.h"
#include "sys/durable.h"
#include "text/hex.h"

enum {
    LIST_MAX = 32,
    PEM_MAX = 1 << 20,
    ARENA_MAX = 16 << 20,
    WAIT_MAX = 86400,
    PAUSE_MAX = 30 /* seconds between two tries; they begin with one and double */
};

struct work {
    const struct onus_arguments *arguments;
    struct onus_arena arena;
    struct onus_checkpoint_plan plan;
    const char *urls[LIST_MAX];
    const char *authorities[LIST_MAX];
    struct onus_vault_options vault;
    struct onus_courier *courier;
    struct onus_str anchor_note;
    struct onus_digest anchor;
    bool has_anchor;
    uint64_t wait_seconds;
    struct onus_checkpoint_report report;
};

/* ---- what was asked for ---------------------------------------------------------------------- */

static enum onus_code list_option(const struct onus_arguments *arguments, const char *name,
        const char **into, size_t *count, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < arguments->all_count && code == ONUS_OK; i++) {
        if (strcmp(arguments->all[2 * i], name) == 0) {
            if (*count == LIST_MAX) {
                return onus_fail(err, ONUS_E_ARGUMENT, "--%s more than %d times", name, LIST_MAX);
            }
            into[(*count)++] = arguments->all[2 * i + 1];
            code = onus_http_check_url(arguments->all[2 * i + 1], err);
            code = code == ONUS_OK ? code : ONUS_E_ARGUMENT;
        }
    }
    return code;
}

static enum onus_code read_file(struct work *work, const char *option, size_t limit,
        struct onus_str *out, struct onus_error *err)
{
    const char *path = onus_argument(work->arguments, option);
    return path ? onus_durable_read(AT_FDCWD, path, limit, &work->arena, out, err) : ONUS_OK;
}

static enum onus_code random_bytes(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

static enum onus_code understand(struct work *work, struct onus_error *err)
{
    const struct onus_arguments *arguments = work->arguments;
    struct onus_checkpoint_plan *plan = &work->plan;
    const char *wait = onus_argument(arguments, "wait");
    const char *reason = onus_argument(arguments, "new-origin");
    plan->case_folder = onus_vault_find(arguments->global->case_directory);
    plan->urls = work->urls;
    plan->authorities = work->authorities;
    plan->new_origin_reason = onus_str_of(reason);
    plan->random = onus_random_of_system();
    work->vault.random = random_bytes;
    plan->vault = &work->vault;
    if (!plan->case_folder) {
        return onus_fail(err, ONUS_E_MISSING, "no case here; name one with -C");
    }
    if (reason && reason[0] == '\0') {
        return onus_fail(err, ONUS_E_ARGUMENT, "--new-origin needs a reason, which is sealed");
    }
    if (wait && !onus_str_to_u64(onus_str_of(wait), WAIT_MAX, &work->wait_seconds)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--wait takes 0 to %d seconds, not '%s'", WAIT_MAX,
                wait);
    }
    enum onus_code code = list_option(arguments, "witness", work->urls, &plan->url_count, err);
    if (code == ONUS_OK) {
        code = list_option(arguments, "tsa", work->authorities, &plan->authority_count, err);
    }
    if (code == ONUS_OK &&
            (plan->authority_count > 0) != onus_argument_given(arguments, "tsa-ca")) {
        code = onus_fail(err, ONUS_E_ARGUMENT,
                "--tsa and --tsa-ca are given together: a time stamp is checked before it is kept");
    }
    if (code == ONUS_OK) {
        code = read_file(work, "tsa-ca", PEM_MAX, &plan->trusted_pem, err);
    }
    return code == ONUS_OK
                   ? read_file(work, "anchor", ONUS_WITNESS_REQUEST_MAX, &work->anchor_note, err)
                   : code;
}

/* From here on only the case can be reached; the network is in another process, without keys. */
static enum onus_code confine(struct work *work, struct onus_error *err)
{
    struct onus_error unmet;
    int at = open(work->plan.case_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0) {
        int reason = errno;
        enum onus_code code = onus_fail(err, reason == ENOENT ? ONUS_E_MISSING : ONUS_E_IO,
                "cannot open the case '%s'", work->plan.case_folder);
        err->sys_errno = reason;
        return code;
    }
    struct onus_sandbox_keep keep = {.write = &at, .write_count = 1};
    enum onus_code code = onus_confine(work->arguments, ONUS_SANDBOX_PARSE, &keep, &unmet, err);
    (void)close(at);
    return code;
}

/* Also when the quorum is not met: the head was signed. */
static enum onus_code note(const struct work *work, struct onus_error *err)
{
    const struct onus_checkpoint_report *report = &work->report;
    struct onus_vault *vault = NULL;
    char root[65] = "";
    onus_hex_put(root, onus_digest_view(&report->root));
    if (!report->has_checkpoint) {
        return ONUS_OK;
    }
    enum onus_code code = onus_vault_open(work->plan.case_folder,
            &(struct onus_vault_options){.no_keys = true}, &vault, err);
    if (code == ONUS_OK) {
        code = onus_custody_tell(vault, ONUS_CUSTODY_CHECKPOINT, err,
                "'" ONUS_STR_FMT "', %llu entries, root %s%s%s", ONUS_STR_ARG(report->origin),
                (unsigned long long)report->size, root, report->signed_anew ? ", signed" : "",
                !report->has_quorum  ? ""
                : report->quorum_met ? ", quorum met"
                                     : ", quorum not met");
    }
    onus_vault_close(vault);
    return code;
}

/* ---- doing it -------------------------------------------------------------------------------- */

static time_t now_seconds(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Ask once more; what was signed and stamped before stays in the report. */
static enum onus_code make_again(struct work *work, struct onus_error *err)
{
    const struct onus_checkpoint_report before = work->report;
    work->plan.authority_count = 0;
    work->plan.new_origin_reason = ONUS_STR_NONE;
    enum onus_code code = onus_checkpoint_make(&work->plan, &work->arena, &work->report, err);
    work->report.signed_anew = work->report.signed_anew || before.signed_anew;
    work->report.old_origin = before.old_origin;
    work->report.stamps = before.stamps;
    work->report.stamp_count = before.stamp_count;
    return code;
}

static enum onus_code make(struct work *work, struct onus_error *err)
{
    time_t until = now_seconds() + (time_t)work->wait_seconds;
    time_t pause = 1;
    enum onus_code code = onus_checkpoint_make(&work->plan, &work->arena, &work->report, err);
    while ((code == ONUS_E_PEER ||
                   (code == ONUS_OK && work->report.has_quorum && !work->report.quorum_met)) &&
            now_seconds() + pause <= until) {
        (void)nanosleep(&(struct timespec){.tv_sec = pause}, NULL);
        pause = pause * 2 < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
        code = make_again(work, err);
    }
    return code;
}

static enum onus_code act(struct work *work, struct onus_error *err)
{
    enum onus_code code = understand(work, err);
    if (code == ONUS_OK) {
        code = onus_courier_start(0, &work->courier, err);
    }
    if (code == ONUS_OK) {
        work->plan.carrier = onus_courier_carrier(work->courier);
        code = confine(work, err);
    }
    if (code == ONUS_OK && work->anchor_note.ptr) {
        code = onus_checkpoint_anchor(work->plan.case_folder, &work->vault, work->anchor_note,
                &work->anchor, err);
        onus_context(code == ONUS_OK ? NULL : err, "'%s'",
                onus_argument(work->arguments, "anchor"));
        work->has_anchor = code == ONUS_OK;
    }
    if (code != ONUS_OK) {
        return code;
    }
    code = make(work, err);
    if (code == ONUS_OK) {
        code = note(work, err);
    }
    if (code == ONUS_OK && work->report.has_quorum && !work->report.quorum_met) {
        return onus_fail(err, ONUS_E_PEER, "the cosignatures do not meet the quorum of the policy");
    }
    for (size_t i = 0; i < work->report.stamp_count && code == ONUS_OK; i++) {
        if (work->report.stamps[i].code != ONUS_OK) {
            code = onus_fail(err, ONUS_E_PEER, "not every authority gave a time stamp");
        }
    }
    return code;
}

static enum onus_code print(const struct work *work, const struct onus_error *problem,
        struct onus_error *err)
{
    const struct onus_arguments *arguments = work->arguments;
    const struct onus_checkpoint_outcome outcome = {
            .report = &work->report,
            .anchor = work->has_anchor ? &work->anchor : NULL,
            .problem = problem->code == ONUS_OK ? NULL : problem,
    };
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    enum onus_code code = ONUS_OK;
    if (arguments->global->json) {
        code = onus_checkpoint_json(&outcome, &out, err);
    } else {
        onus_checkpoint_text(&outcome, &out);
        code = onus_buffer_status(&out, err);
    }
    if (code == ONUS_OK && out.len > 0) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    onus_buffer_clear(&out);
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_error second = ONUS_ERROR_INIT;
    struct work *work = calloc(1, sizeof(*work));
    if (!work) {
        (void)onus_fail(&err, ONUS_E_MEMORY, "no memory");
        return onus_complain(arguments, &err);
    }
    work->arguments = arguments;
    onus_arena_init(&work->arena, ARENA_MAX);
    enum onus_code code = act(work, &err);
    if (code == ONUS_OK) {
        err = (struct onus_error)ONUS_ERROR_INIT; /* a finding may have left words */
    }
    enum onus_code printed = code == ONUS_E_ARGUMENT ? ONUS_OK : print(work, &err, &second);
    int status = code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
    if (printed != ONUS_OK) {
        status = onus_complain(arguments, &second);
    }
    onus_courier_stop(work->courier);
    onus_arena_clear(&work->arena);
    free(work);
    return status;
}

static const struct onus_option options[] = {
        {"witness", 0, "URL", "ask this witness too; its key must be in the policy", true},
        {"tsa", 0, "URL", "let this authority stamp the checkpoint (RFC 3161)", true},
        {"tsa-ca", 0, "FILE", "certificates (PEM) that time stamps are checked against", false},
        {"wait", 0, "SECONDS", "try again for so long until the quorum is met", false},
        {"anchor", 0, "FILE",
                "keep another party's cosigned checkpoint: what is sealed next names it", false},
        {"new-origin", 0, "REASON",
                "go on under another origin, because a witness knows more than this copy", false},
};

const struct onus_command onus_command_checkpoint = {
        .name = "checkpoint",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "sign the head of the log and have witnesses vouch for it",
        .operands = NULL,
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "The witnesses of the case's policy that have a URL are asked first what they have "
                "seen of this log. When one has seen more than this copy has signed, the copy was "
                "restored from an older state; signing would make a second history, so nothing is "
                "signed (exit 7). Find the newest copy; when it is lost, --new-origin goes on under "
                "another name, and a record of that is sealed.\n"
                "\n"
                "Then the head of the log is signed, the witnesses get it, and their cosignatures "
                "are added to vault/log/checkpoint, the note that bundles carry. The exit code is 6 "
                "when they do not meet the quorum of the policy; running the command again asks "
                "again. While too few witnesses answer to know whether this is the newest copy, "
                "nothing new is signed; what is sealed waits and loses nothing but time.\n"
                "\n"
                "--tsa asks a time-stamp authority besides; what is stamped is the SHA-256 of the "
                "checkpoint's text, and the reply is kept in vault/tsa once it checks.\n"
                "\n"
                "The process that talks to the network is another one than the one that signs, and "
                "has no key.",
        .examples = "onus checkpoint -C case\n"
                    "  sign, and ask the witnesses of case/policy\n"
                    "onus checkpoint -C case --tsa http://tsa.example/ --tsa-ca ca.pem\n"
                    "  and have the checkpoint stamped\n"
                    "onus checkpoint -C case --anchor other-party.checkpoint\n"
                    "  what is sealed next was provably sealed after that checkpoint\n",
        .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/seal_job.h"
#include "cli/trace_options.h"
#include "sys/pool.h"
#include "text/hex.h"

static const struct onus_option options[] = {
        ONUS_OPTION_FORMAT,
        ONUS_OPTION_TZ,
        ONUS_OPTION_YEAR,
        ONUS_OPTION_RULES,
        {.name = "source",
                .argument = "NAME",
                .help = "name of the source all files belong to; else their paths name them"},
        {.name = "redactable",
                .help = "commit to the parts of each line, so that one can be shown without the rest"},
        {.name = "follow", .help = "go on with what is appended, until SIGINT or SIGTERM"},
        {.name = "interval",
                .argument = "SECONDS",
                .help = "of --follow: how often a batch is closed (60)"},
        {.name = "jobs",
                .letter = 'j',
                .argument = "N",
                .help = "threads; else one a processor. What is sealed is the same"},
};

enum {
    JOBS_MAX = 256,
    INTERVAL = 60,
    INTERVAL_MAX = 3600
};

/* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" of this start of the machine; without it the slot is shorter. */
static void read_boot_id(struct seal_job *job)
{
    char text[36];
    char hex[32];
    size_t made = 0;
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, text, sizeof(text));
    if (file >= 0) {
        (void)close(file);
    }
    for (ssize_t i = 0; i < got && made < sizeof(hex); i++) {
        if (text[i] != '-') {
            hex[made++] = text[i];
        }
    }
    job->has_boot_id = made == sizeof(hex) && onus_hex_exact((struct onus_str){hex, made},
                                                      job->boot_id, sizeof(job->boot_id));
}

static enum onus_code read_arguments(struct seal_job *job, uint64_t *interval,
        struct onus_error *err)
{
    const struct onus_arguments *arguments = job->arguments;
    const char *jobs = onus_argument(arguments, "jobs");
    const char *every = onus_argument(arguments, "interval");
    const char *source = onus_argument(arguments, "source");
    job->folder = onus_vault_find(arguments->global->case_directory);
    job->follow = onus_argument_given(arguments, "follow");
    if (!job->folder) {
        return onus_fail(err, ONUS_E_MISSING, "no case here; name one with -C");
    }
    if (arguments->word_count == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "name at least one file or folder, or - for standard input");
    }
    if ((source && source[0] == '\0') || (every && !job->follow)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                source && source[0] == '\0' ? "--source needs a name"
                                            : "--interval needs --follow");
    }
    job->source = onus_str_of(source);
    job->profile =
            onus_argument_given(arguments, "redactable") ? ONUS_PROFILE_PARTS : ONUS_PROFILE_LINES;
    job->options.since = job->options.until = ONUS_TIME_NONE;
    job->options.seed = onus_trace_seed();
    job->options.rules = &job->rules;
    job->workers = onus_processors();
    uint64_t value = job->workers;
    enum onus_code code = ONUS_OK;
    *interval = INTERVAL;
    if (jobs) {
        code = onus_trace_read_number("jobs", jobs, 1, JOBS_MAX, &value, err);
    }
    job->workers = value < JOBS_MAX ? (size_t)value : JOBS_MAX;
    if (code == ONUS_OK && every) {
        code = onus_trace_read_number("interval", every, 1, INTERVAL_MAX, interval, err);
    }
    if (code == ONUS_OK) {
        code = onus_trace_options_read(arguments, &job->options, err);
    }
    return code == ONUS_OK
                   ? onus_trace_read_rules(onus_argument(arguments, "rules"), &job->rules, err)
                   : code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    uint64_t interval = 0;
    struct seal_job *job = calloc(1, sizeof(*job));
    if (!job) {
        (void)onus_fail(&err, ONUS_E_MEMORY, "out of memory");
        return onus_complain(arguments, &err);
    }
    job->arguments = arguments;
    enum onus_code code = read_arguments(job, &interval, &err);
    int status = ONUS_EXIT_OK;
    if (code == ONUS_OK && arguments->global->progress) {
        job->options.progress = onus_progress_show;
        job->options.progress_data = &job->progress;
    }
    if (code == ONUS_OK) {
        read_boot_id(job);
    }
    if (code == ONUS_OK && job->follow) {
        code = seal_follow(job, interval, &err);
    } else if (code == ONUS_OK) {
        code = seal_job_pass(job, arguments->words, arguments->word_count, &err);
        if (code == ONUS_OK) {
            code = seal_print(job, &err);
            status = seal_complain(job);
        }
    }
    seal_job_clear(job);
    free(job);
    return code == ONUS_OK ? status : onus_complain(arguments, &err);
}

const struct onus_command onus_command_seal = {
        .name = "seal",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "commit to log lines, so that any of them can be shown later with a proof",
        .operands = "FILE...",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Reads logs as 'onus trace' does, and in the same pass commits to every line: lines are "
                "gathered into batches, each batch gives one entry in the log of the case, and the log is "
                "signed. The lines themselves stay in the vault. What trace found goes into the folder "
                "record of the case.\n\n"
                "A file that was sealed before is known by its content, under whatever name, rotated or "
                "compressed: only what is new in it is sealed. A file that begins like a known one and then "
                "differs is told, and exit code 1.\n\n"
                "Where a witness in the policy has an address, sealing does not sign: 'onus checkpoint' "
                "does, after asking the witnesses.\n\n"
                "With --follow files are watched; a batch is closed every minute, and one without lines "
                "when nothing came, which shows that the source was alive. A line without its end waits "
                "until it is whole.\n\n"
                "Sealing shows when a line was there, never that it is true.\n\n"
                "With --json the result is one object, schema onus.seal/1 (docs/json.md); with --follow "
                "one after each batch.",
        .examples = "onus seal -C case-7 /var/log/auth.log*\n"
                    "  seal a log with its rotated files\n"
                    "onus seal -C case-7 --follow --source gw1:auth /var/log/auth.log\n"
                    "  seal as lines arrive\n"
                    "onus seal -C case-7 --redactable --source gw1:web access.log\n"
                    "  so that parts of a line can be shown\n",
        .run = run,
};

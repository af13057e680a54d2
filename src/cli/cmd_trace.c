/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/net_notes.h"
#include "cli/progress.h"
#include "cli/trace_options.h"
#include "cli/trace_output.h"
#include "sys/replace.h"

static const struct onus_option options[] = {
        ONUS_OPTION_FORMAT,
        {.name = "since", .argument = "TIME", .help = "count nothing earlier"},
        {.name = "until", .argument = "TIME", .help = "count nothing later"},
        ONUS_OPTION_TZ,
        ONUS_OPTION_YEAR,
        {.name = "ipdb",
                .argument = "DIR",
                .help = "dated address tables, or 'none'; else those that 'onus ipdb list' shows"},
        ONUS_OPTION_RULES,
        {.name = "kind",
                .argument = "KIND",
                .help = "show incidents of this kind only",
                .repeats = true},
        {.name = "top",
                .letter = 'n',
                .argument = "N",
                .help = "rows of each table on the terminal"},
        {.name = "csv",
                .argument = "incidents|sources|networks|countries|attempts",
                .help = "print this table as CSV"},
        {.name = "html", .argument = "FILE", .help = "write one self-contained page"},
        {.name = "lines",
                .argument = "ID",
                .help = "print every line of an incident, a source address or an account's incident"},
        {.name = "rejects", .argument = "FILE", .help = "write every unparsed line, byte for byte"},
        {.name = "jobs",
                .letter = 'j',
                .argument = "N",
                .help = "threads; else one a processor. The output is the same"},
};

enum {
    JOBS_MAX = 256,
    TOP_MAX = 1000000
};

/* Everything a run holds open. */
struct job {
    const struct onus_arguments *arguments;
    struct onus_trace_options options;
    struct onus_rules rules;
    struct onus_trace_show show;
    struct onus_progress progress;
    struct onus_replace rejects, html;
    struct onus_ipdb *ipdb;
    struct onus_trace *trace;
    struct onus_trace_result result;
    struct onus_error unmet; /* what the kernel cannot confine */
};

static enum onus_code reject(void *data, struct onus_str raw, struct onus_error *err)
{
    return onus_replace_write(data, raw, err);
}

static enum onus_code read_bounds(struct job *job, struct onus_error *err)
{
    const char *since = onus_argument(job->arguments, "since");
    const char *until = onus_argument(job->arguments, "until");
    enum onus_code code = ONUS_OK;
    job->options.since = job->options.until = ONUS_TIME_NONE;
    if (since) {
        code = onus_trace_read_time("since", since, &job->options.since, err);
    }
    if (code == ONUS_OK && until) {
        code = onus_trace_read_time("until", until, &job->options.until, err);
    }
    if (code == ONUS_OK && since && until && job->options.since > job->options.until) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--since is later than --until");
    }
    return code;
}

static enum onus_code read_numbers(struct job *job, struct onus_error *err)
{
    const char *jobs = onus_argument(job->arguments, "jobs");
    const char *top = onus_argument(job->arguments, "top");
    uint64_t value = 0;
    enum onus_code code = ONUS_OK;
    if (jobs) {
        code = onus_trace_read_number("jobs", jobs, 1, JOBS_MAX, &value, err);
        job->options.jobs = (size_t)value;
    }
    if (code == ONUS_OK && top) {
        code = onus_trace_read_number("top", top, 1, TOP_MAX, &value, err);
        job->show.top = (size_t)value;
    }
    return code;
}

static enum onus_code read_arguments(struct job *job, struct onus_error *err)
{
    if (job->arguments->word_count == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "name at least one file or folder, or - for standard input");
    }
    job->options.operands = job->arguments->words;
    job->options.operand_count = job->arguments->word_count;
    job->options.seed = onus_trace_seed();
    job->options.rules = &job->rules;
    if (onus_argument(job->arguments, "rejects")) {
        job->options.reject = reject;
        job->options.reject_data = &job->rejects;
    }
    enum onus_code code = onus_trace_options_read(job->arguments, &job->options, err);
    if (code == ONUS_OK) {
        code = read_bounds(job, err);
    }
    if (code == ONUS_OK) {
        code = read_numbers(job, err);
    }
    if (code == ONUS_OK) {
        code = onus_trace_show_read(job->arguments, &job->show, err);
    }
    return code == ONUS_OK
                   ? onus_trace_read_rules(onus_argument(job->arguments, "rules"), &job->rules, err)
                   : code;
}

/* What was read stays as it is, and standard output is taken by the result. */
static enum onus_code open_output(const struct job *job, const char *option,
        struct onus_replace *out, struct onus_error *err)
{
    const char *path = onus_argument(job->arguments, option);
    if (!path) {
        return ONUS_OK;
    }
    if (strcmp(path, "-") == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--%s needs the name of a file, not '-'", option);
    }
    if (onus_trace_reads(job->trace, path)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "--%s '%s' is one of the inputs: it would be overwritten", option, path);
    }
    return onus_replace_open(out, path, err);
}

static bool are_one_file(const struct onus_replace *a, const struct onus_replace *b)
{
    struct stat of_a;
    struct stat of_b;
    return strcmp(a->name, b->name) == 0 && fstat(onus_replace_directory(a), &of_a) == 0 &&
           fstat(onus_replace_directory(b), &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

/* After the inputs are known: a folder that is read may be the one that is written to. */
static enum onus_code open_outputs(struct job *job, struct onus_error *err)
{
    enum onus_code code = open_output(job, "rejects", &job->rejects, err);
    if (code == ONUS_OK) {
        code = open_output(job, "html", &job->html, err);
    }
    if (code == ONUS_OK && job->rejects.path && job->html.path &&
            are_one_file(&job->rejects, &job->html)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--rejects and --html name the same file");
    }
    return code;
}

/* No table at all is no error: networks stay unknown, and the result says so. */
static enum onus_code open_tables(struct job *job, struct onus_error *err)
{
    const char *directory = onus_argument(job->arguments, "ipdb");
    if (directory && strcmp(directory, "none") == 0) { /* a folder of that name is ./none */
        return ONUS_OK;
    }
    enum onus_code code = onus_ipdb_open_lazily(directory, &job->ipdb, err);
    if (code == ONUS_OK) {
        onus_net_notes(job->arguments, job->ipdb);
    }
    return code == ONUS_E_MISSING && !directory ? ONUS_OK : code;
}

/* Everything is open; from here on the process reads foreign bytes and can do little else. */
static enum onus_code confine(struct job *job, struct onus_error *err)
{
    int writable[2];
    struct onus_sandbox_keep keep = {.write = writable};
    if (job->rejects.path) {
        writable[keep.write_count++] = onus_replace_directory(&job->rejects);
    }
    if (job->html.path) {
        writable[keep.write_count++] = onus_replace_directory(&job->html);
    }
    return onus_confine(job->arguments, ONUS_SANDBOX_WORKER, &keep, &job->unmet, err);
}

static enum onus_code finish_outputs(struct job *job, struct onus_error *err)
{
    enum onus_code code = onus_trace_show_print(&job->show, job->trace, &job->result, err);
    if (code == ONUS_OK && job->html.path) {
        code = onus_trace_show_html(job->trace, &job->result, &job->html, err);
    }
    if (code == ONUS_OK && job->html.path) {
        code = onus_replace_commit(&job->html, err);
    }
    if (code == ONUS_OK && job->rejects.path) {
        code = onus_replace_commit(&job->rejects, err);
    }
    return code;
}

static enum onus_code do_trace(struct job *job, struct onus_error *err)
{
    enum onus_code code = read_arguments(job, err);
    if (code == ONUS_OK) {
        code = open_tables(job, err);
    }
    if (code == ONUS_OK && job->arguments->global->progress) {
        job->options.progress = onus_progress_show;
        job->options.progress_data = &job->progress;
    }
    if (code == ONUS_OK) {
        code = onus_trace_open(&job->options, &job->trace, err);
    }
    if (code == ONUS_OK) {
        code = open_outputs(job, err);
    }
    if (code == ONUS_OK) {
        code = confine(job, err);
    }
    if (code == ONUS_OK) {
        code = onus_trace_run(job->trace, job->ipdb, &job->result, err);
        onus_progress_end(&job->progress);
    }
    return code == ONUS_OK ? finish_outputs(job, err) : code;
}

/* Inputs with something wrong are told on stderr too: --json and --csv go elsewhere. */
static int complain_of_inputs(const struct job *job)
{
    for (size_t i = 0; i < job->result.input_count; i++) {
        const struct onus_trace_input *input = &job->result.inputs[i];
        if (input->problem.len > 0) {
            onus_note(job->arguments, ONUS_STR_FMT ": " ONUS_STR_FMT, ONUS_STR_ARG(input->path),
                    ONUS_STR_ARG(input->problem));
        }
    }
    enum onus_code worst = onus_trace_worst(job->trace);
    return worst == ONUS_OK ? ONUS_EXIT_OK : (int)onus_exit_of(worst);
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        (void)onus_fail(&err, ONUS_E_MEMORY, "out of memory");
        return onus_complain(arguments, &err);
    }
    job->arguments = arguments;
    enum onus_code code = do_trace(job, &err);
    int status = code == ONUS_OK ? complain_of_inputs(job) : onus_complain(arguments, &err);
    onus_replace_abort(&job->rejects);
    onus_replace_abort(&job->html);
    onus_arena_clear(&job->result.arena);
    onus_trace_close(job->trace);
    onus_ipdb_close(job->ipdb);
    free(job);
    return status;
}

const struct onus_command onus_command_trace = {
        .name = "trace",
        .group = ONUS_GROUP_LOGS,
        .summary = "logs to attempts, incidents, sources, networks and countries",
        .operands = "FILE...",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Reads log files, folders, patterns or standard input (-), plain or compressed with "
                "gzip, zstd, xz or bzip2, in any mix of formats, and shows what was tried, how, by "
                "which source addresses, in which networks. Every line is accounted for: parsed, "
                "ignored and unparsed lines add up to all lines, and --rejects keeps each unparsed "
                "one.\n\n"
                "Lines, attempts and incidents are three numbers. One try to log in may write four "
                "lines and is one attempt; an incident is the attempts of one kind that belong "
                "together. --lines prints every line an incident or a source address rests on.\n\n"
                "Networks and countries come from dated tables; with --ipdb none no table is opened, and "
                "the result depends on the logs alone.\n\n"
                "A country is where an address block is registered by a dated table. An address is "
                "not a person.\n\n"
                "With --json the result is one object, schema onus.trace/1 (docs/json.md).",
        .examples = "onus trace /var/log/auth.log*\n"
                    "  what was tried over ssh, all rotated files in time order\n"
                    "onus trace --tz Europe/Berlin --html report.html /var/log\n"
                    "  a whole folder, as one page\n"
                    "zcat access.log.gz | onus trace --json - | jq .incidents\n"
                    "  as a filter\n"
                    "onus trace --lines i-1f3a9c0e4b2d /var/log/auth.log\n"
                    "  every line of that incident\n",
        .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/seal_job.h"
#include "cli/custody_note.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/confine.h"
#include "crypto/random.h"
#include "evidence/anchor.h"
#include "evidence/vault_roll.h"
#include "report/about.h"
#include "sys/durable.h"
#include "text/hex.h"

static enum onus_code draw(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

static uint64_t now(void *data)
{
    (void)data;
    struct timespec at = {0};
    (void)clock_gettime(CLOCK_REALTIME, &at);
    return (uint64_t)at.tv_sec;
}

static void identify(void *data, const char *path, struct onus_position *out)
{
    struct stat st;
    (void)data;
    if (fstatat(AT_FDCWD, path, &st, 0) == 0 && S_ISREG(st.st_mode)) {
        out->device = (uint64_t)st.st_dev;
        out->inode = (uint64_t)st.st_ino;
        out->size = (uint64_t)st.st_size;
    }
}

static void sealed(void *data, const struct onus_sealed *batch)
{
    struct seal_job *job = data;
    if (job->sealed_count == job->sealed_room) {
        size_t room = job->sealed_room == 0 ? 64 : job->sealed_room * 2;
        struct onus_sealed *bigger = realloc(job->sealed, room * sizeof(*bigger));
        job->sealed = bigger ? bigger : job->sealed;
        struct onus_tag *tags = bigger ? realloc(job->tags, room * sizeof(*tags)) : NULL;
        job->tags = tags ? tags : job->tags;
        if (!bigger || !tags) {
            job->lost_memory = true;
            return;
        }
        job->sealed_room = room;
    }
    job->tags[job->sealed_count] = batch->source->tag;
    job->sealed[job->sealed_count++] = *batch;
}

/* ---- the sink ---------------------------------------------------------------------------------- */

static const struct onus_line_sink *inner(void *data)
{
    return onus_sealer_sink(((struct seal_job *)data)->sealer);
}

static enum onus_code begin(void *data, uint32_t input, const char *path, struct onus_error *err)
{
    const struct onus_line_sink *sink = inner(data);
    return sink->begin(sink->data, input, path, err);
}

static enum onus_code plan(void *data, const struct onus_sink_block *blocks, size_t count,
        size_t *tasks, struct onus_error *err)
{
    const struct onus_line_sink *sink = inner(data);
    return sink->plan(sink->data, blocks, count, tasks, err);
}

static void work(void *data, size_t task, size_t worker)
{
    const struct onus_line_sink *sink = inner(data);
    sink->work(sink->data, task, worker);
}

static enum onus_code settle(void *data, const struct onus_sink_block *blocks, size_t count,
        struct onus_error *err)
{
    const struct onus_line_sink *sink = inner(data);
    return sink->settle(sink->data, blocks, count, err);
}

static enum onus_code end(void *data, uint32_t input, bool whole, enum onus_code why,
        struct onus_error *err)
{
    const struct onus_line_sink *sink = inner(data);
    return sink->end(sink->data, input, whole, why, err);
}

/* ---- opening ----------------------------------------------------------------------------------- */

static enum onus_code confine(void *data, int at, struct onus_error *err)
{
    struct seal_job *job = data;
    if (job->confined) {
        return ONUS_OK;
    }
    job->confined = true;
    struct onus_sandbox_keep keep = {.read = job->read,
            .read_count = job->read_count,
            .write = &at,
            .write_count = 1};
    return onus_confine(job->arguments, ONUS_SANDBOX_WORKER, &keep, &job->unmet, err);
}

/* Slot 4a: the rules as text. They are kept in the vault, so that it can be shown what counted. */
static enum onus_code keep_rules(struct seal_job *job, struct onus_error *err)
{
    char path[96] = "vault/rules/";
    onus_buffer_clear(&job->rules_text);
    onus_buffer_printf(&job->rules_text, "# onus %s\n", onus_version);
    onus_rules_print(&job->rules, &job->rules_text);
    enum onus_code code = onus_buffer_status(&job->rules_text, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_sha256(onus_buffer_view(&job->rules_text), &job->rules_digest);
    size_t length = strlen(path);
    onus_hex_put(path + length, onus_digest_view(&job->rules_digest));
    path[length + 64] = '\0';
    bool there = false;
    int at = onus_vault_at(job->vault);
    code = onus_durable_exists(at, path, &there, err);
    if (code == ONUS_OK && !there) {
        code = onus_durable_folder(at, "vault/rules", err);
    }
    if (code == ONUS_OK && !there) {
        code = onus_durable_write(at, path, onus_buffer_view(&job->rules_text), 0644, err);
    }
    return code;
}

static enum onus_code open_vault(struct seal_job *job, struct onus_error *err)
{
    enum onus_code code = onus_vault_open(job->folder,
            &(struct onus_vault_options){.write = true,
                    .random = draw,
                    .confine = confine,
                    .data = job},
            &job->vault, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = keep_rules(job, err);
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_vkey *key = onus_vault_key(job->vault);
    onus_buffer_clear(&job->collector);
    onus_buffer_printf(&job->collector, "onus %s ", onus_version);
    onus_buffer_add_str(&job->collector, key->name);
    onus_buffer_add_char(&job->collector, '+');
    onus_hex_add(&job->collector, (struct onus_str){(const char *)key->id.bytes, 4});
    code = onus_buffer_status(&job->collector, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_sealer_options options = {.vault = job->vault,
            .source = job->source,
            .profile = job->profile,
            .collector = onus_buffer_view(&job->collector),
            .rules = job->rules_digest,
            .has_boot_id = job->has_boot_id,
            .workers = job->workers,
            .leave_unended = job->follow,
            .seed = job->options.seed,
            .now = now,
            .random = draw,
            .identify = identify,
            .sealed = sealed,
            .data = job};
    memcpy(options.boot_id, job->boot_id, sizeof(options.boot_id));
    code = onus_anchor_latest(job->folder, &options.anchor, err);
    options.has_anchor = code == ONUS_OK;
    if (code == ONUS_OK || code == ONUS_E_MISSING) {
        code = onus_sealer_new(&options, &job->sealer, err);
    }
    return code;
}

static enum onus_code finish(struct seal_job *job, struct onus_error *err)
{
    enum onus_code code = onus_sealer_finish(job->sealer, err);
    if (code == ONUS_OK && job->lost_memory) {
        code = onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    /* While following, once an hour is enough: it looks at every manifest. */
    uint64_t at = now(NULL);
    if (code == ONUS_OK && (!job->follow || at - job->rolled_at >= 3600)) {
        code = onus_vault_roll(job->vault, onus_buffer_view(&job->collector), at, &job->rollups,
                err);
        job->rolled_at = at;
    }
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    job->entries = onus_log_size(onus_vault_log(job->vault));
    job->is_signed =
            onus_log_checkpoint(onus_vault_log(job->vault), &note, &checkpoint, NULL) == ONUS_OK &&
            checkpoint.size == job->entries;
    return code;
}

static enum onus_code note(const struct seal_job *job, struct onus_error *err)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < job->sealed_count; i++) {
        lines += job->sealed[i].lines;
    }
    return onus_custody_tell(job->vault, ONUS_CUSTODY_SEAL, err,
            "batches: %zu, lines: %llu; entries in the log: %llu, %s", job->sealed_count,
            (unsigned long long)lines, (unsigned long long)job->entries,
            job->is_signed ? "signed" : "not signed yet");
}

enum onus_code seal_job_pass(struct seal_job *job, char **words, size_t word_count,
        struct onus_error *err)
{
    job->sink = (struct onus_line_sink){.data = job,
            .begin = begin,
            .plan = plan,
            .work = work,
            .settle = settle,
            .end = end};
    job->options.operands = words;
    job->options.operand_count = word_count;
    job->options.sink = &job->sink;
    job->options.jobs = job->workers;
    enum onus_code code = onus_trace_open(&job->options, &job->trace, err);
    if (code == ONUS_OK) {
        code = open_vault(job, err);
    }
    if (code == ONUS_OK) {
        job->sink.wants_parts = onus_sealer_sink(job->sealer)->wants_parts;
        code = onus_trace_run(job->trace, NULL, &job->result, err);
        onus_progress_end(&job->progress);
    }
    if (code == ONUS_OK) {
        code = finish(job, err);
    }
    if (code == ONUS_OK && job->sealed_count > 0) {
        code = seal_record(job, err);
    }
    if (code == ONUS_OK && job->sealed_count > 0) {
        code = note(job, err);
    }
    return code;
}

enum onus_code seal_job_heartbeat(struct seal_job *job, struct onus_error *err)
{
    enum onus_code code = open_vault(job, err);
    for (size_t i = 0; code == ONUS_OK && i < onus_vault_source_count(job->vault); i++) {
        code = onus_sealer_heartbeat(job->sealer, onus_vault_source_at(job->vault, i), err);
    }
    return code == ONUS_OK ? finish(job, err) : code;
}

void seal_job_clear(struct seal_job *job)
{
    onus_sealer_free(job->sealer);
    job->sealer = NULL;
    onus_trace_close(job->trace);
    job->trace = NULL;
    onus_arena_clear(&job->result.arena);
    job->result = (struct onus_trace_result){.input_count = 0};
    onus_vault_close(job->vault);
    job->vault = NULL;
    onus_buffer_clear(&job->rules_text);
    onus_buffer_clear(&job->collector);
    free(job->sealed);
    free(job->tags);
    job->sealed = NULL;
    job->tags = NULL;
    job->sealed_count = job->sealed_room = 0;
}

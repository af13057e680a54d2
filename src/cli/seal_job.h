/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_SEAL_JOB_H
#define ONUS_CLI_SEAL_JOB_H

/* One pass of `onus seal`: files are traced and sealed together, what was found goes into the record. */

#include "cli/command.h"
#include "cli/progress.h"
#include "evidence/sealer.h"
#include "trace/rules.h"
#include "trace/trace.h"

struct seal_job {
    const struct onus_arguments *arguments;
    const char *folder; /* of the case */
    struct onus_trace_options options;
    struct onus_rules rules;
    struct onus_str source; /* empty: by path */
    enum onus_profile profile;
    bool follow;
    size_t workers;
    bool has_boot_id;
    uint8_t boot_id[16];
    int read[64]; /* folders that stay readable, while following */
    size_t read_count;
    bool confined;
    struct onus_error unmet;
    struct onus_progress progress;

    /* Of one pass. */
    struct onus_line_sink sink; /* hands on to the sealer, which is made later */
    struct onus_trace *trace;
    struct onus_trace_result result;
    struct onus_vault *vault;
    struct onus_sealer *sealer;
    struct onus_digest rules_digest;
    struct onus_buffer rules_text, collector;
    struct onus_sealed *sealed;
    struct onus_tag *tags; /* of each of `sealed`: sources go with the vault */
    size_t sealed_count, sealed_room;
    bool lost_memory;
    uint64_t entries; /* of the log afterwards */
    bool is_signed;
    uint64_t rollups;   /* made */
    uint64_t rolled_at; /* seconds since 1970; 0: not in this run */
    char record[64];
};

/* Trace and seal `words`. The job holds the result until seal_job_clear(). */
ONUS_NODISCARD enum onus_code seal_job_pass(struct seal_job *job, char **words, size_t word_count,
        struct onus_error *err);
/* One batch without lines for each source: nothing came. */
ONUS_NODISCARD enum onus_code seal_job_heartbeat(struct seal_job *job, struct onus_error *err);
void seal_job_clear(struct seal_job *job);

/* ---- seal_output.c --------------------------------------------------------------------------- */

/* CASE/record/<entries>.trace.json and .seal.json. */
ONUS_NODISCARD enum onus_code seal_record(struct seal_job *job, struct onus_error *err);
ONUS_NODISCARD enum onus_code seal_print(const struct seal_job *job, struct onus_error *err);
/* Words on stderr about inputs with something wrong; the exit code. */
int seal_complain(const struct seal_job *job);

/* ---- seal_follow.c --------------------------------------------------------------------------- */

/* Until a signal asks to end. */
ONUS_NODISCARD enum onus_code seal_follow(struct seal_job *job, uint64_t interval,
        struct onus_error *err);

#endif

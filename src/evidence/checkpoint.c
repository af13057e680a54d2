/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/checkpoint.h"

#include <stdio.h>
#include <time.h>

#include "base/str.h"
#include "evidence/anchor.h"
#include "evidence/supersede.h"
#include "proof/witness_message.h"
#include "sys/durable.h"

enum {
    LOCK_TRIES = 100,
    LOCK_PAUSE_NS = 100000000,
    ORIGINS_MAX = 100 /* that witnesses know already */
};

#define POLICY "policy"

struct run {
    const struct onus_checkpoint_plan *plan;
    struct onus_arena *arena;
    struct onus_checkpoint_report *report;
    struct onus_policy policy;
    struct onus_buffer lines; /* signature lines heard for the note that is stored */
};

/* ---- opening --------------------------------------------------------------------------------- */

enum how {
    READ,
    READ_KEYS,
    WRITE
};

/* For asking, only the log counts: a source that cannot be read is for fsck to tell. */
static void pass_over(void *data, enum onus_code code, const char *object, const char *words)
{
    (void)data;
    (void)code;
    (void)object;
    (void)words;
}

/* Somebody who seals holds the lock for the time of a batch. */
static enum onus_code open_vault(const char *case_folder, const struct onus_vault_options *options,
        enum how how, struct onus_vault **out, struct onus_error *err)
{
    struct onus_vault_options with = options ? *options : (struct onus_vault_options){0};
    with.write = how == WRITE;
    with.no_keys = how == READ;
    with.fault = how == WRITE ? with.fault : pass_over;
    enum onus_code code = onus_vault_open(case_folder, &with, out, err);
    for (int i = 0; how == WRITE && code == ONUS_E_REFUSED && i < LOCK_TRIES; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
        code = onus_vault_open(case_folder, &with, out, err);
    }
    return code;
}

static enum onus_code open_for(const struct run *run, enum how how, struct onus_vault **out,
        struct onus_error *err)
{
    return open_vault(run->plan->case_folder, run->plan->vault, how, out, err);
}

static enum onus_code read_policy(const struct onus_vault *vault, struct onus_arena *arena,
        struct onus_policy *out, struct onus_error *err)
{
    struct onus_str text;
    enum onus_code code = onus_durable_read(onus_vault_at(vault), POLICY, ONUS_POLICY_SIZE_MAX,
            arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_policy_parse(text, arena, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", POLICY);
        }
    }
    return code;
}

/* ---- whom to ask ----------------------------------------------------------------------------- */

static enum onus_code add_target(struct run *run, struct onus_str name, struct onus_str url,
        struct onus_error *err)
{
    struct onus_checkpoint_report *report = run->report;
    struct onus_str kept;
    for (size_t i = 0; i < report->asked_count; i++) {
        if (onus_str_eq(url, onus_str_of(report->asked[i].url))) {
            return ONUS_OK;
        }
    }
    if (report->asked_count == ONUS_CHECKPOINT_ASKED_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %d witnesses to ask",
                ONUS_CHECKPOINT_ASKED_MAX);
    }
    enum onus_code code = onus_arena_copy(run->arena, url, &kept, err);
    if (code == ONUS_OK) {
        report->asked[report->asked_count++] =
                (struct onus_checkpoint_asked){.name = name, .url = kept.ptr};
    }
    return code;
}

static enum onus_code list_targets(struct run *run, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    run->report->asked_count = 0;
    for (size_t i = 0; i < run->policy.node_count && code == ONUS_OK; i++) {
        const struct onus_policy_node *node = &run->policy.nodes[i];
        if (!node->is_group && node->url.len > 0) {
            code = add_target(run, node->name, node->url, err);
        }
    }
    for (size_t i = 0; i < run->plan->url_count && code == ONUS_OK; i++) {
        code = add_target(run, ONUS_STR_NONE, onus_str_of(run->plan->urls[i]), err);
    }
    return code;
}

/* Whether those who answered could have seen every checkpoint that ever met the quorum. */
static bool enough_answered(const struct run *run)
{
    const struct onus_checkpoint_report *report = run->report;
    bool seen[ONUS_POLICY_NODES_MAX] = {false};
    bool could[ONUS_POLICY_NODES_MAX] = {false};
    size_t answered = 0;
    for (size_t i = 0; i < report->asked_count; i++) {
        bool did = report->asked[i].reply.said == ONUS_WITNESS_COSIGNED;
        answered += did;
        for (size_t n = 0; n < run->policy.node_count; n++) {
            if (onus_str_eq(run->policy.nodes[n].name, report->asked[i].name)) {
                could[n] = true;
                seen[n] = did;
            }
        }
    }
    if (report->asked_count == 0) {
        return true;
    }
    bool possible =
            run->policy.quorum != ONUS_POLICY_NO_QUORUM && onus_policy_met(&run->policy, could);
    return possible ? onus_policy_met(&run->policy, seen) : answered > 0;
}

static struct onus_witness_sought sought(const struct run *run,
        const struct onus_checkpoint_asked *asked)
{
    return (struct onus_witness_sought){
            .url = asked->url,
            .policy = &run->policy,
            .name = asked->name,
    };
}

/* ---- asking ---------------------------------------------------------------------------------- */

static enum onus_code ask_stored(struct run *run, const struct onus_log *log, bool again,
        struct onus_error *err)
{
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    enum onus_code code = onus_log_checkpoint(log, &note, &checkpoint, err);
    for (size_t i = 0; i < run->report->asked_count && code == ONUS_OK; i++) {
        struct onus_checkpoint_asked *asked = &run->report->asked[i];
        if (!again || asked->reply.said == ONUS_WITNESS_COSIGNED) {
            const struct onus_witness_sought whom = sought(run, asked);
            code = onus_cosign_stored(log, again ? asked->reply.size : checkpoint.size, &whom,
                    &run->plan->carrier, &run->lines, &asked->reply, err);
        }
    }
    return code;
}

static enum onus_code ask_empty(struct run *run, const struct onus_vault *vault,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < run->report->asked_count && code == ONUS_OK; i++) {
        struct onus_checkpoint_asked *asked = &run->report->asked[i];
        const struct onus_witness_sought whom = sought(run, asked);
        code = onus_cosign_probe(onus_vault_key(vault), onus_vault_seed(vault), &whom,
                &run->plan->carrier, &asked->reply, err);
    }
    return code;
}

static bool has_checkpoint(const struct onus_vault *vault)
{
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    return onus_log_checkpoint(onus_vault_log(vault), &note, &checkpoint, NULL) == ONUS_OK;
}

/* The one thing a party must never do is sign another history than one that a witness has seen. */
static enum onus_code refuse_old_copy(const struct run *run, struct onus_error *err)
{
    for (size_t i = 0; i < run->report->asked_count; i++) {
        const struct onus_checkpoint_asked *asked = &run->report->asked[i];
        if (asked->reply.said == ONUS_WITNESS_AHEAD) {
            return onus_fail(err, ONUS_E_REFUSED,
                    "the witness at '%s' knows more of this log than this copy (%s): it was "
                    "restored from an older state, and nothing is signed; find the newest copy, or "
                    "go on under another origin with --new-origin",
                    asked->url, asked->reply.words);
        }
        if (asked->reply.said == ONUS_WITNESS_DISAGREES) {
            return onus_fail(err, ONUS_E_REFUSED,
                    "the witness at '%s' has seen another history of this log (%s), and nothing "
                    "is signed; find the copy it has seen, or go on under another origin with "
                    "--new-origin",
                    asked->url, asked->reply.words);
        }
    }
    return ONUS_OK;
}

static enum onus_code first_round(struct run *run, struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    enum onus_code code = open_for(run, READ, &vault, err);
    if (code == ONUS_OK) {
        code = read_policy(vault, run->arena, &run->policy, err);
    }
    if (code == ONUS_OK) {
        code = list_targets(run, err);
    }
    if (code == ONUS_OK && run->report->asked_count > 0) {
        if (has_checkpoint(vault)) {
            code = ask_stored(run, onus_vault_log(vault), false, err);
        } else { /* a probe is signed */
            onus_vault_close(vault);
            vault = NULL;
            code = open_for(run, READ_KEYS, &vault, err);
            if (code == ONUS_OK) {
                code = ask_empty(run, vault, err);
            }
        }
    }
    onus_vault_close(vault);
    return code == ONUS_OK ? refuse_old_copy(run, err) : code;
}

/* ---- signing and storing --------------------------------------------------------------------- */

static enum onus_code store_lines(struct run *run, struct onus_vault *vault, struct onus_error *err)
{
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    struct onus_buffer merged;
    size_t taken = 0;
    struct onus_log *log = onus_vault_log(vault);
    onus_buffer_init(&merged, (size_t)4 * ONUS_WITNESS_REQUEST_MAX);
    enum onus_code code = onus_log_checkpoint(log, &note, &checkpoint, err);
    if (code == ONUS_OK) {
        code = onus_cosign_merge(&run->policy, note, onus_buffer_view(&run->lines), &merged, &taken,
                err);
    }
    if (code == ONUS_OK && taken > 0) {
        code = onus_log_publish(log, onus_buffer_view(&merged), err);
    }
    onus_buffer_clear(&merged);
    return code;
}

static uint64_t signed_size(const struct onus_vault *vault, bool *there)
{
    struct onus_str note;
    struct onus_checkpoint checkpoint = {.size = 0};
    *there = onus_log_checkpoint(onus_vault_log(vault), &note, &checkpoint, NULL) == ONUS_OK;
    return *there ? checkpoint.size : 0;
}

static enum onus_code sign_head(struct run *run, uint64_t asked_size, bool was_there,
        struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    bool there = false;
    enum onus_code code = open_for(run, WRITE, &vault, err);
    if (code != ONUS_OK) {
        return code;
    }
    uint64_t size = signed_size(vault, &there);
    if (!there || onus_log_size(onus_vault_log(vault)) > size) {
        code = enough_answered(run)
                       ? onus_vault_sign(vault, err)
                       : onus_fail(err, ONUS_E_PEER,
                                 "too few witnesses tell what they have seen of this log, so that "
                                 "this may be an older copy; nothing was signed");
    }
    if (code == ONUS_OK) {
        size = signed_size(vault, &there);
        run->report->signed_anew = size != asked_size || there != was_there;
        if (!run->report->signed_anew) {
            code = store_lines(run, vault, err);
        }
    }
    onus_vault_close(vault);
    return code;
}

static enum onus_code second_round(struct run *run, struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    run->lines.len = 0;
    enum onus_code code = open_for(run, READ, &vault, err);
    if (code == ONUS_OK) {
        code = ask_stored(run, onus_vault_log(vault), true, err);
    }
    onus_vault_close(vault);
    vault = NULL;
    if (code == ONUS_OK && run->lines.len > 0) {
        code = open_for(run, WRITE, &vault, err);
        if (code == ONUS_OK) {
            code = store_lines(run, vault, err);
        }
        onus_vault_close(vault);
    }
    return code;
}

/* ---- another origin -------------------------------------------------------------------------- */

/* The first name after this one that no witness has cosigned anything of. */
static enum onus_code choose_origin(struct run *run, const struct onus_vault *vault,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_str origin = onus_vault_origin(vault);
    for (int i = 0; i < ORIGINS_MAX; i++) {
        struct onus_vkey key;
        bool known = false;
        struct onus_buffer next;
        onus_buffer_init(&next, 0);
        enum onus_code code = onus_origin_next(origin, &next, err);
        onus_buffer_clear(out);
        onus_buffer_add_str(out, onus_buffer_view(&next));
        onus_buffer_clear(&next);
        origin = onus_buffer_view(out);
        if (code == ONUS_OK) {
            code = onus_buffer_status(out, err);
        }
        if (code == ONUS_OK) {
            code = onus_vkey_make(origin, ONUS_VKEY_ED25519, &onus_vault_key(vault)->key, &key,
                    err);
        }
        for (size_t n = 0; n < run->report->asked_count && code == ONUS_OK; n++) {
            struct onus_witness_reply reply = {.said = ONUS_WITNESS_SILENT};
            const struct onus_witness_sought whom = sought(run, &run->report->asked[n]);
            code = onus_cosign_probe(&key, onus_vault_seed(vault), &whom, &run->plan->carrier,
                    &reply, err);
            known = known || reply.said == ONUS_WITNESS_AHEAD;
        }
        if (code != ONUS_OK || !known) {
            return code;
        }
    }
    return onus_fail(err, ONUS_E_LIMIT, "witnesses know too many origins after this one");
}

static enum onus_code go_on_elsewhere(struct run *run, struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    struct onus_buffer origin;
    onus_buffer_init(&origin, 0);
    enum onus_code code = open_for(run, READ_KEYS, &vault, err);
    if (code == ONUS_OK) {
        code = read_policy(vault, run->arena, &run->policy, err);
    }
    if (code == ONUS_OK) {
        code = list_targets(run, err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(run->arena, onus_vault_origin(vault), &run->report->old_origin, err);
    }
    if (code == ONUS_OK) {
        code = choose_origin(run, vault, &origin, err);
    }
    onus_vault_close(vault);
    vault = NULL;
    if (code == ONUS_OK) {
        code = open_for(run, WRITE, &vault, err);
    }
    if (code == ONUS_OK) {
        code = onus_supersede(vault, onus_buffer_view(&origin), run->plan->new_origin_reason,
                run->plan->random, err);
        onus_vault_close(vault);
    }
    onus_buffer_clear(&origin);
    return code;
}

/* ---- time stamps and the report -------------------------------------------------------------- */

static enum onus_code stamp(struct run *run, int at, struct onus_str text, struct onus_error *err)
{
    const struct onus_checkpoint_plan *plan = run->plan;
    struct onus_checkpoint_report *report = run->report;
    if (plan->authority_count == 0) {
        return ONUS_OK;
    }
    report->stamps = onus_arena_alloc(run->arena, plan->authority_count * sizeof(*report->stamps));
    if (!report->stamps) {
        return onus_arena_reason(run->arena, err);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < plan->authority_count && code == ONUS_OK; i++) {
        struct onus_checkpoint_stamp *one = &report->stamps[report->stamp_count];
        struct onus_error why = ONUS_ERROR_INIT;
        uint64_t nonce = 0;
        code = plan->random.fill(plan->random.data, &nonce, sizeof(nonce), err);
        if (code == ONUS_OK) {
            one->url = plan->authorities[i];
            one->code = onus_stamp_get(at, text, one->url, nonce, plan->trusted_pem, &plan->carrier,
                    &one->stamp, &why);
            (void)snprintf(one->words, sizeof(one->words), "%.199s",
                    one->code == ONUS_OK ? "" : why.text);
            report->stamp_count++;
        }
    }
    return code;
}

static void count_cosigners(const struct run *run, struct onus_str bytes)
{
    struct onus_note note;
    if (onus_note_parse(bytes, &note, NULL) != ONUS_OK) {
        return;
    }
    for (size_t i = 0; i < run->report->asked_count; i++) {
        struct onus_checkpoint_asked *asked = &run->report->asked[i];
        for (size_t n = 0; n < run->policy.node_count; n++) {
            const struct onus_policy_node *node = &run->policy.nodes[n];
            bool same = !node->is_group && onus_str_eq(node->name, asked->name);
            for (size_t s = 0; same && s < note.count && !asked->counted; s++) {
                asked->counted = onus_note_by(&note.signatures[s], &node->key) &&
                                 onus_note_check(&note, &note.signatures[s], &node->key,
                                         &asked->time, NULL) == ONUS_OK;
            }
        }
    }
}

static enum onus_code tell(struct run *run, struct onus_error *err)
{
    struct onus_checkpoint_report *report = run->report;
    struct onus_vault *vault = NULL;
    struct onus_str note;
    struct onus_note parsed;
    struct onus_checkpoint checkpoint;
    struct onus_seen_checkpoint seen;
    enum onus_code code = open_for(run, READ, &vault, err);
    if (code == ONUS_OK) { /* the policy names the new origin now, when there is one */
        code = read_policy(vault, run->arena, &run->policy, err);
    }
    if (code == ONUS_OK) {
        code = onus_log_checkpoint(onus_vault_log(vault), &note, &checkpoint, err);
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(run->arena, checkpoint.origin, &report->origin, err);
    }
    if (code == ONUS_OK) {
        report->has_checkpoint = true;
        report->signed_anew = report->signed_anew || report->old_origin.len > 0;
        report->size = checkpoint.size;
        report->root = checkpoint.root;
        code = onus_note_parse(note, &parsed, err);
    }
    if (code == ONUS_OK) {
        count_cosigners(run, note);
        code = stamp(run, onus_vault_at(vault), parsed.text, err);
    }
    if (code == ONUS_OK) {
        report->has_quorum = run->policy.quorum != ONUS_POLICY_NO_QUORUM;
        code = onus_policy_check(&run->policy, note, &seen, err);
        report->quorum_met = code == ONUS_OK;
        report->not_after = code == ONUS_OK && seen.has_times ? seen.not_after : 0;
        code = code == ONUS_E_MISMATCH ? ONUS_OK : code; /* not met is a finding */
    }
    onus_vault_close(vault);
    return code;
}

static enum onus_code go(struct run *run, struct onus_error *err)
{
    bool there = false;
    struct onus_vault *vault = NULL;
    enum onus_code code = ONUS_OK;
    if (run->plan->new_origin_reason.len > 0) {
        code = go_on_elsewhere(run, err);
    }
    if (code == ONUS_OK) {
        code = first_round(run, err);
    }
    if (code == ONUS_OK) {
        code = open_for(run, READ, &vault, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    uint64_t size = signed_size(vault, &there);
    onus_vault_close(vault);
    code = sign_head(run, size, there, err);
    if (code == ONUS_OK && run->report->signed_anew) {
        code = second_round(run, err);
    }
    return code == ONUS_OK ? tell(run, err) : code;
}

enum onus_code onus_checkpoint_make(const struct onus_checkpoint_plan *plan,
        struct onus_arena *arena, struct onus_checkpoint_report *out, struct onus_error *err)
{
    *out = (struct onus_checkpoint_report){0};
    struct run run = {.plan = plan, .arena = arena, .report = out};
    onus_buffer_init(&run.lines, (size_t)4 * ONUS_WITNESS_REQUEST_MAX);
    enum onus_code code = go(&run, err);
    onus_buffer_clear(&run.lines);
    return code;
}

/* ---- anchors --------------------------------------------------------------------------------- */

enum onus_code onus_checkpoint_anchor(const char *case_folder,
        const struct onus_vault_options *options, struct onus_str note, struct onus_digest *hash,
        struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    struct onus_arena arena;
    struct onus_policy policy;
    struct onus_seen_checkpoint seen;
    onus_arena_init(&arena, (size_t)8 * ONUS_POLICY_SIZE_MAX);
    enum onus_code code = open_vault(case_folder, options, READ, &vault, err);
    if (code == ONUS_OK) {
        code = read_policy(vault, &arena, &policy, err);
    }
    if (code == ONUS_OK) {
        code = onus_policy_check(&policy, note, &seen, err);
    }
    if (code == ONUS_OK && onus_str_eq(seen.checkpoint.origin, onus_vault_origin(vault))) {
        code = onus_fail(err, ONUS_E_ARGUMENT, "this checkpoint is of the log of this case itself");
    }
    if (code == ONUS_OK && !seen.has_times) {
        code = onus_fail(err, ONUS_E_MISSING,
                "the policy asks for no witness, so this checkpoint shows no time");
    }
    onus_vault_close(vault);
    if (code == ONUS_OK) {
        code = onus_anchor_add(case_folder, note, hash, err);
    }
    onus_arena_clear(&arena);
    return code;
}

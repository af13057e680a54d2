/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/str.h"
#include "proof/policy.h"

struct collected {
    bool log_signed;
    size_t count;
    struct onus_cosigner cosigners[ONUS_NOTE_SIGNATURES_MAX];
};

static void add_cosigner(struct collected *all, const struct onus_policy_node *witness,
        uint64_t time)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->cosigners[i].witness == witness) {
            if (time < all->cosigners[i].time) {
                all->cosigners[i].time = time;
            }
            return;
        }
    }
    all->cosigners[all->count++] = (struct onus_cosigner){witness, time};
}

/* One signature line against every key of the policy. */
static enum onus_code check_line(const struct onus_policy *policy, const struct onus_note *note,
        const struct onus_note_signature *line, struct onus_str origin, struct collected *all,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < policy->log_count && code == ONUS_OK; i++) {
        const struct onus_vkey *key = &policy->logs[i].key;
        if (onus_note_by(line, key)) {
            code = onus_note_check(note, line, key, NULL, err);
            all->log_signed |= code == ONUS_OK && onus_str_eq(key->name, origin);
        }
    }
    for (size_t i = 0; i < policy->node_count && code == ONUS_OK; i++) {
        const struct onus_policy_node *node = &policy->nodes[i];
        if (node->is_group || !onus_note_by(line, &node->key)) {
            continue;
        }
        uint64_t time = 0;
        code = onus_note_check(note, line, &node->key, &time, err);
        if (code == ONUS_OK && time > ONUS_TIME_LAST) {
            code = onus_fail(err, ONUS_E_MISMATCH,
                    "the time of '" ONUS_STR_FMT "' is after the year 9999",
                    ONUS_STR_ARG(node->name));
        }
        if (code == ONUS_OK && node->counts) {
            add_cosigner(all, node, time);
        }
    }
    return code;
}

static int by_time(const void *a, const void *b)
{
    uint64_t x = ((const struct onus_cosigner *)a)->time;
    uint64_t y = ((const struct onus_cosigner *)b)->time;
    return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b)
{
    return onus_str_compare(((const struct onus_cosigner *)a)->witness->name,
            ((const struct onus_cosigner *)b)->witness->name);
}

/* The position, from the first on, at which the quorum is met; SIZE_MAX when it never is. */
static size_t first_met(const struct onus_policy *policy, const struct onus_cosigner *sorted,
        size_t count, bool backwards)
{
    bool seen[ONUS_POLICY_NODES_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        size_t at = backwards ? count - 1 - i : i;
        seen[sorted[at].witness - policy->nodes] = true;
        if (onus_policy_met(policy, seen)) {
            return at;
        }
    }
    return SIZE_MAX;
}

static enum onus_code require_quorum(const struct onus_policy *policy, struct collected *all,
        struct onus_seen_checkpoint *out, struct onus_error *err)
{
    if (policy->quorum == ONUS_POLICY_NO_QUORUM) {
        return ONUS_OK;
    }
    qsort(all->cosigners, all->count, sizeof(all->cosigners[0]), by_time);
    size_t first = first_met(policy, all->cosigners, all->count, false);
    size_t last = first_met(policy, all->cosigners, all->count, true);
    if (first == SIZE_MAX || last == SIZE_MAX) {
        return onus_fail(err, ONUS_E_MISMATCH,
                "the quorum of the policy is not reached: %zu of its witnesses have signed",
                all->count);
    }
    out->has_times = true;
    out->not_after = all->cosigners[first].time;
    out->not_before = all->cosigners[last].time;
    while (out->count < all->count && all->cosigners[out->count].time <= out->not_after) {
        out->cosigners[out->count] = all->cosigners[out->count];
        out->count++;
    }
    qsort(out->cosigners, out->count, sizeof(out->cosigners[0]), by_name);
    return ONUS_OK;
}

enum onus_code onus_policy_check(const struct onus_policy *policy, struct onus_str note,
        struct onus_seen_checkpoint *out, struct onus_error *err)
{
    struct onus_note parsed;
    struct onus_seen_checkpoint made = {.note = note};
    enum onus_code code = onus_note_parse(note, &parsed, err);
    if (code == ONUS_OK) {
        code = onus_checkpoint_parse(parsed.text, &made.checkpoint, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    made.text = parsed.text;
    struct onus_str origin = made.checkpoint.origin;
    struct collected all = {.count = 0};
    for (size_t i = 0; i < parsed.count && code == ONUS_OK; i++) {
        code = check_line(policy, &parsed, &parsed.signatures[i], origin, &all, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_policy_log_find(policy, origin, 0)) {
        return onus_fail(err, ONUS_E_MISSING, "the policy has no key of log '" ONUS_STR_FMT "'",
                ONUS_STR_ARG(origin));
    }
    if (!all.log_signed) {
        return onus_fail(err, ONUS_E_MISMATCH, "the log '" ONUS_STR_FMT "' has not signed",
                ONUS_STR_ARG(origin));
    }
    code = require_quorum(policy, &all, &made, err);
    if (code == ONUS_OK) {
        *out = made;
    }
    return code;
}

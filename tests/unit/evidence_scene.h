/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_EVIDENCE_SCENE_H
#define ONUS_TESTS_EVIDENCE_SCENE_H

/*
 * A party in memory: lines of logs sealed slot by slot by the plain functions of proof/record.h, a log of
 * their entries, a checkpoint signed by an invented log and cosigned by an invented witness. What it can
 * show is handed out as struct onus_holdings.
 */

#include "evidence/exhibit.h"
#include "evidence/manifest.h"
#include "proof/policy.h"

struct scene_line {
    struct onus_str text;
    const char *source; /* NULL: none */
    uint64_t attempts;
};

struct scene_batch {
    size_t source;
    const struct scene_line *lines;
    size_t line_count;
    uint64_t first_time, last_time; /* 0: none */
};

struct scene;

struct scene *scene_new(void);
void scene_free(struct scene *scene);

/* A source; its number. `in_parts`: lines are committed in parts, cut at each blank. */
size_t scene_source(struct scene *scene, const char *name, bool in_parts);
/* The next batch of a source. `routed` may be NULL. */
void scene_seal(struct scene *scene, const struct scene_batch *batch, onus_index_routed routed,
        void *routed_data);
/* The anchor that batches sealed from now on state; a note that lives as long as the scene. */
void scene_anchor(struct scene *scene, struct onus_str note);
/* A roll-up over batches first to last of a source. */
void scene_rollup(struct scene *scene, size_t source, uint64_t first, uint64_t last);
/* Sign; nothing may be sealed afterwards. Holdings live until scene_free(). */
const struct onus_holdings *scene_sign(struct scene *scene, uint64_t time);
/* A note of another log of the policy, cosigned at `time`. */
struct onus_str scene_other_note(struct scene *scene, uint64_t size, uint64_t time);

/* The policy under which all notes hold. */
const struct onus_policy *scene_policy(const struct scene *scene);
struct onus_str scene_policy_text(const struct scene *scene);
const char *scene_log_vkey(const struct scene *scene);
const char *scene_witness_vkey(const struct scene *scene);

#endif

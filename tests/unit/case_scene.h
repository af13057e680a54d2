/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CASE_SCENE_H
#define ONUS_CASE_SCENE_H

/* A case with a log, and witnesses that its policy names; no network: messages are calls. */

#include "evidence/checkpoint.h"
#include "evidence/witness.h"

#define CASE_ORIGIN    "case.example/evidence"
#define CASE_WITNESSES 3

enum line_state {
    LINE_UP,
    LINE_DOWN,      /* no answer */
    LINE_FAILS,     /* status 500 */
    LINE_GARBAGE,   /* 200 and bytes that are no signature line */
    LINE_EMPTY,     /* 200 and nothing */
    LINE_CHANGED,   /* a true answer with one bit changed: `bit` */
    LINE_FORGETFUL, /* always 409 with another size */
    LINE_AHEAD,     /* always 409 with a large size */
};

struct case_scene {
    char folder[64]; /* everything is beneath */
    enum line_state lines[CASE_WITNESSES];
    size_t bit;
    uint64_t now;
    unsigned asked; /* messages so far */
    unsigned sources;
};

/* `policy` is what follows the log line; "W1" to "W3" in it stand for `w1 VKEY URL` and so on. */
void case_scene_make(struct case_scene *scene, const char *policy);
void case_scene_remove(struct case_scene *scene);

/* Write CASE/policy anew: the log line of the case's key, then the words as above. */
void case_scene_policy(const struct case_scene *scene, const char *which, const char *policy);

/* Let every witness know the log that `which` has now. */
void case_scene_introduce(const struct case_scene *scene, const char *which);

/* One more entry in the log of the case in folder/`which`: a new source. */
void case_scene_grow(struct case_scene *scene, const char *which);

/* onus_checkpoint_make() in the case folder/`which`. */
enum onus_code case_scene_checkpoint(struct case_scene *scene, const char *which,
        const char *new_origin_reason, struct onus_arena *arena, struct onus_checkpoint_report *out,
        struct onus_error *err);

/* Copy folder/from to folder/to. */
void case_scene_copy(const struct case_scene *scene, const char *from, const char *to);

/* The text of folder/path, in the arena; empty when it is not there. */
struct onus_str case_scene_read(const struct case_scene *scene, const char *path,
        struct onus_arena *arena);

/*
 * Whether all texts that were ever submitted to a witness agree: one root for one origin and size. The
 * list is folder/submitted, and outlives the process.
 */
bool case_scene_one_history(const struct case_scene *scene);

const struct onus_vault_options *case_scene_options(void);

#endif

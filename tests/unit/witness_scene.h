/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_WITNESS_SCENE_H
#define ONUS_WITNESS_SCENE_H

/* A log of invented entries that signs whatever size is asked for, and a witness that knows it. */

#include "base/buffer.h"
#include "crypto/random.h"
#include "evidence/witness.h"
#include "merkle/tree.h"
#include "proof/note.h"

#define SCENE_LEAVES_MAX 64
#define SCENE_ORIGIN     "log.example/a"
#define SCENE_WITNESS    "witness.example/w"

struct scene_log {
    struct onus_ed25519_seed seed;
    struct onus_vkey key;
    uint8_t history; /* another value: other entries from `fork` on */
    uint64_t fork;
};

void scene_log_init(struct scene_log *log, const char *origin, uint8_t seed);
/* "NAME+ID+KEY" and a line feed. */
void scene_log_vkey(const struct scene_log *log, struct onus_buffer *out);

void scene_root(const struct scene_log *log, uint64_t size, struct onus_digest *out);
void scene_note(const struct scene_log *log, uint64_t size, struct onus_buffer *out);
/* A checkpoint with this root, whatever the entries say. */
void scene_note_with(const struct scene_log *log, uint64_t size, const struct onus_digest *root,
        struct onus_buffer *out);
/* old N, proof, note. */
void scene_request(const struct scene_log *log, uint64_t old_size, uint64_t size,
        struct onus_buffer *out);

/* A temporary folder; removed with all it holds. */
void scene_folder_make(char path[static 64]);
void scene_folder_remove(const char *path);

/* Not random at all. */
struct onus_random_source scene_random(void);

/* A witness in `folder`/w that knows the text of logs; its vkey in `vkey` (may be NULL). */
void scene_witness_make(const char *folder, struct onus_str logs, struct onus_buffer *vkey);
struct onus_witness *scene_witness_open(const char *folder);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_SEAL_SCENE_H
#define ONUS_TESTS_SEAL_SCENE_H

/*
 * A case in a folder of its own, and lines fed to the sealer as trace would: in rounds of blocks, with
 * what they say made up from the bytes (a line "T<seconds> A<address> N<attempts> ...").
 */

#include "evidence/fsck.h"
#include "evidence/sealer.h"

struct scene {
    char path[64];  /* of the case; made by scene_new(), removed by scene_remove() */
    uint64_t clock; /* seconds; +1 each time it is asked */
    uint8_t random; /* each draw is filled with the next number */
    size_t block;   /* bytes of a block, at least one line */
    size_t blocks;  /* of a round */
    size_t threads;
    uint64_t inode, size; /* told for the next input; 0: no hint */
    const char *source;   /* NULL: by path */
    bool parts;
    struct onus_stranger stranger;
    bool has_stranger;

    int tell; /* descriptor that each batch is told to, as struct onus_sealed; 0: none */
    uint64_t batches, lines; /* told by `sealed` */
    struct onus_sealed last;
    struct onus_sealed_input input; /* its source is gone */
    struct onus_tag input_tag;
    char failure[480];
};

/* Only the folder; then the case in it. */
bool scene_folder(struct scene *scene);
enum onus_code scene_init(struct scene *scene);

/* A folder under TMPDIR with a case of "Example Party". False when that failed. */
bool scene_new(struct scene *scene);
void scene_remove(struct scene *scene);

enum onus_code scene_open(struct scene *scene, bool write, struct onus_vault **out);

/* Seal the text as the input `name`; the message of a failure is in scene->failure. */
enum onus_code scene_seal(struct scene *scene, const char *name, struct onus_str text);
/* As above, and the input broke off. */
enum onus_code scene_seal_broken(struct scene *scene, const char *name, struct onus_str text);

/* Faults found; the first one's words in scene->failure. SIZE_MAX when it could not run. */
size_t scene_fsck(struct scene *scene, struct onus_fsck_counts *counts);

/* All lines of a source, in order, joined as they were (packs one after the other); malloc'd. */
char *scene_content(struct scene *scene, const char *source, size_t *length);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_IPDB_SCENE_H
#define ONUS_TESTS_IPDB_SCENE_H

/*
 * A folder of its own for each test, with invented tables in it, and the user's directories pointed
 * into it so that no test sees or changes those of whoever runs it.
 */

#include "net/ipdb.h"

struct scene {
    char root[64];
    char tables[128]; /* root/tables */
};

void scene_begin(struct scene *scene);
void scene_end(struct scene *scene);

/* Write a file below the tables folder (or, when name begins with '/', below root). */
void scene_write(const struct scene *scene, const char *name, const char *text, size_t size);
void scene_text(const struct scene *scene, const char *name, const char *text);

/* Open the tables folder; the test fails when that fails. */
struct onus_ipdb *scene_open(const struct scene *scene);

/* "192.0.2.0/24 AS64500 Example AA", or "-" when the table named "name date" has no row. */
const char *scene_answer(const struct onus_ipdb *ipdb, const char *table, const char *address,
        char out[static 256]);

/* "vpn list date; ..." in order, or "-". */
const char *scene_shared(const struct onus_ipdb *ipdb, const char *address, int32_t day,
        char out[static 256]);

#endif

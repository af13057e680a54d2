/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_POOL_H
#define ONUS_SYS_POOL_H

/*
 * A fixed set of threads that work through numbered tasks.
 *
 * onus_pool_run() hands out task numbers 0..count-1 in order and returns when all are done; the caller
 * works too. Which thread takes which task is chance, so a task must write only to what is its own,
 * and results are merged in task order by the caller.
 */

#include <onus/error.h>

struct onus_pool;

/* worker: 0..threads-1, constant within one call of the task. */
typedef void (*onus_task)(void *data, size_t task, size_t worker);

/* threads: 1 to 256; 1 starts no thread at all. */
ONUS_NODISCARD enum onus_code onus_pool_new(size_t threads, struct onus_pool **out,
        struct onus_error *err);
void onus_pool_free(struct onus_pool *pool);

size_t onus_pool_threads(const struct onus_pool *pool);
void onus_pool_run(struct onus_pool *pool, size_t count, onus_task task, void *data);

/* Processors this process may use, at least 1. */
size_t onus_processors(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    THREADS_MAX = 256
};

struct worker {
    struct onus_pool *pool;
    size_t number;
    pthread_t thread;
};

struct onus_pool {
    size_t threads;
    struct worker *workers; /* workers[0] is the caller of onus_pool_run() */
    pthread_mutex_t lock;
    pthread_cond_t begin;
    pthread_cond_t done;
    uint64_t round;
    size_t busy;
    bool stop;

    onus_task task;
    void *data;
    size_t count;
    atomic_size_t next;
};

static void work(struct onus_pool *pool, size_t worker)
{
    for (;;) {
        size_t task = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (task >= pool->count) {
            return;
        }
        pool->task(pool->data, task, worker);
    }
}

static void *worker_main(void *opaque)
{
    struct worker *self = opaque;
    struct onus_pool *pool = self->pool;
    uint64_t seen = 0;
    (void)pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->stop && pool->round == seen) {
            (void)pthread_cond_wait(&pool->begin, &pool->lock);
        }
        if (pool->stop) {
            break;
        }
        seen = pool->round;
        (void)pthread_mutex_unlock(&pool->lock);
        work(pool, self->number);
        (void)pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0) {
            (void)pthread_cond_signal(&pool->done);
        }
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

enum onus_code onus_pool_new(size_t threads, struct onus_pool **out, struct onus_error *err)
{
    if (threads < 1 || threads > THREADS_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "threads must be from 1 to %d", THREADS_MAX);
    }
    struct onus_pool *pool = calloc(1, sizeof(*pool));
    struct worker *workers = calloc(threads, sizeof(*workers));
    if (!pool || !workers) {
        free(pool);
        free(workers);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    pool->workers = workers;
    pool->threads = 1;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->begin, NULL);
    (void)pthread_cond_init(&pool->done, NULL);
    for (size_t i = 1; i < threads; i++) {
        workers[i] = (struct worker){.pool = pool, .number = i};
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0) {
            onus_pool_free(pool);
            return onus_fail(err, ONUS_E_MEMORY, "cannot start thread %zu", i);
        }
        pool->threads = i + 1;
    }
    *out = pool;
    return ONUS_OK;
}

void onus_pool_free(struct onus_pool *pool)
{
    if (!pool) {
        return;
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    (void)pthread_cond_broadcast(&pool->begin);
    (void)pthread_mutex_unlock(&pool->lock);
    for (size_t i = 1; i < pool->threads; i++) {
        (void)pthread_join(pool->workers[i].thread, NULL);
    }
    (void)pthread_mutex_destroy(&pool->lock);
    (void)pthread_cond_destroy(&pool->begin);
    (void)pthread_cond_destroy(&pool->done);
    free(pool->workers);
    free(pool);
}

size_t onus_pool_threads(const struct onus_pool *pool)
{
    return pool->threads;
}

void onus_pool_run(struct onus_pool *pool, size_t count, onus_task task, void *data)
{
    if (pool->threads == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++) {
            task(data, i, 0);
        }
        return;
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->data = data;
    pool->count = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    pool->busy = pool->threads - 1;
    pool->round++;
    (void)pthread_cond_broadcast(&pool->begin);
    (void)pthread_mutex_unlock(&pool->lock);

    work(pool, 0);

    (void)pthread_mutex_lock(&pool->lock);
    while (pool->busy > 0) {
        (void)pthread_cond_wait(&pool->done, &pool->lock);
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

size_t onus_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&set);
    return count > 0 ? (size_t)count : 1;
}

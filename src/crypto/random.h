/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_RANDOM_H
#define ONUS_CRYPTO_RANDOM_H

/*
 * Random bytes of the operating system (getrandom(2)), fit for keys. Waits until the system has
 * gathered enough, which can only happen early in its start.
 *
 * Only the edge of the program calls this; what computes with random bytes receives them, so that the
 * same input gives the same output.
 */

#include <onus/error.h>

/* Fill `size` bytes at `out`. ONUS_E_IO when the system gives none; `out` must then not be used. */
ONUS_NODISCARD enum onus_code onus_random(void *out, size_t size, struct onus_error *err);

/*
 * Where a function gets its random bytes. fill() writes all `size` bytes or fails; a test passes one
 * that gives the same bytes every time.
 */
struct onus_random_source {
    enum onus_code (*fill)(void *data, void *out, size_t size, struct onus_error *err);
    void *data;
};

/* onus_random() as a source. */
struct onus_random_source onus_random_of_system(void);

#endif

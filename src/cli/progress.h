/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_PROGRESS_H
#define ONUS_CLI_PROGRESS_H

/* One line on the terminal's stderr that says how far long work is; gone when the work is done. */

#include <onus/base.h>

struct onus_progress {
    int64_t started; /* monotonic microseconds; 0 before the first call */
    int64_t shown;
    bool on_screen;
};

/* Bytes done of total (0: not known) and lines so far. Draws at most five times a second. */
void onus_progress_show(void *progress, uint64_t done, uint64_t total, uint64_t lines);

/* Wipe the line. */
void onus_progress_end(struct onus_progress *progress);

#endif

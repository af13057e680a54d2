/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <time.h>

static int64_t now_usec(void)
{
    struct timespec ts = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void onus_progress_show(void *progress, uint64_t done, uint64_t total, uint64_t lines)
{
    struct onus_progress *state = progress;
    int64_t now = now_usec();
    if (state->started == 0) {
        state->started = now;
        state->shown = now;
        return;
    }
    if (now - state->shown < 200000) {
        return;
    }
    state->shown = now;
    double seconds = (double)(now - state->started) / 1e6;
    double rate = (double)done / seconds;
    (void)fprintf(stderr, "\r%.1f MB", (double)done / 1e6);
    if (total > 0) {
        double left = rate > 0 && total > done ? (double)(total - done) / rate : 0;
        (void)fprintf(stderr, " of %.1f MB (%.0f %%), %.0f s left", (double)total / 1e6,
                100.0 * (double)done / (double)total, left);
    }
    (void)fprintf(stderr, ", %.2f M lines/s\033[K", (double)lines / seconds / 1e6);
    (void)fflush(stderr);
    state->on_screen = true;
}

void onus_progress_end(struct onus_progress *progress)
{
    if (progress->on_screen) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
        progress->on_screen = false;
    }
}

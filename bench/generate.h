/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_BENCH_GENERATE_H
#define ONUS_BENCH_GENERATE_H

/*
 * Seeded logs for measuring, with their truth.
 *
 * Integer arithmetic only: the same kind, size and seed give the same bytes on every machine. What
 * the program must find in a log is written beside it while it is made, so a fast wrong answer shows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);

/* Below bound, which is not 0. */
uint32_t random_below(struct random *random, uint32_t bound);

/* Rank i has weight 1 / (i + 1 + flat): a few are drawn often, most of them seldom. */
struct zipf {
    uint64_t *sums;
    uint32_t count;
};

bool zipf_init(struct zipf *zipf, uint32_t count, uint32_t flat);
uint32_t zipf_draw(const struct zipf *zipf, struct random *random);
void zipf_clear(struct zipf *zipf);

struct output {
    FILE *file;
    uint64_t bytes, lines;
};

void put(struct output *out, const char *text);
void put_number(struct output *out, uint64_t value);
void end_line(struct output *out);

/* One source address. No two of a table are the same address. */
struct source {
    char text[40];
    bool v6, hostile;
    uint8_t agent; /* which client it uses: an index modulo a table */
    uint32_t lines, attempts;
};

struct sources {
    struct source *all;
    uint32_t count;
};

/* About hostile_percent of the sources are hostile. */
bool sources_init(struct sources *sources, uint32_t count, unsigned hostile_percent, uint64_t seed);
void sources_clear(struct sources *sources);

/* Seconds that move on by a random step before each line; broken down once a second. */
struct ticker {
    int64_t now, shown;
    uint32_t thousandths, step; /* mean step between lines is step / 2 thousandths */
    struct tm parts;
};

/* Move on. True when the second changed, so a printed time must be made anew. */
bool ticker_next(struct ticker *ticker, struct random *random);

extern const char *const month_names[12];

/* Write a log of about `bytes` and its truth. False when memory or disk give out. */
bool generate_access(uint64_t bytes, uint64_t seed, FILE *log, FILE *truth);
bool generate_auth(uint64_t bytes, uint64_t seed, FILE *log, FILE *truth);

/* "key TAB value" */
void truth_number(FILE *truth, const char *key, uint64_t value);

/*
 * Distinct addresses with lines, `others` not in the table included; those with attempts; and one row
 * "source ADDRESS LINES ATTEMPTS" for each of the latter.
 */
void truth_sources(FILE *truth, const struct sources *sources, uint64_t others);

#endif

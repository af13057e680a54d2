/* SPDX-License-Identifier: Apache-2.0 */
#include "suggest.h"

enum {
    LONGEST = 32, /* no command or option is longer */
    FARTHEST = 3
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment; both views are at most LONGEST bytes. */
static size_t distance(struct onus_str a, struct onus_str b)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b.len; j++) {
        above[j] = j;
        before[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            bool swapped =
                    i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            if (swapped) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

void onus_suggest_init(struct onus_suggestion *suggestion, struct onus_str typed)
{
    *suggestion = (struct onus_suggestion){
            .typed = typed,
            .distance = least(FARTHEST, typed.len / 3) + 1,
    };
}

void onus_suggest_offer(struct onus_suggestion *suggestion, const char *name)
{
    struct onus_str offered = onus_str_of(name);
    if (suggestion->typed.len > LONGEST || offered.len > LONGEST) {
        return;
    }
    size_t far = distance(suggestion->typed, offered);
    if (far < suggestion->distance) {
        suggestion->distance = far;
        suggestion->name = name;
    }
}

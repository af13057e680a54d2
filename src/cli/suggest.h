/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_SUGGEST_H
#define ONUS_CLI_SUGGEST_H

/*
 * The known name nearest to a mistyped one: offer every name, then read `name`.
 *
 * Nearness is the number of inserted, deleted, replaced or swapped letters; a third of the typed
 * length, and never more than three, still counts as near. The first of equally near names wins.
 */

#include <onus/base.h>

struct onus_suggestion {
    struct onus_str typed;
    const char *name; /* NULL: nothing is near */
    size_t distance;
};

void onus_suggest_init(struct onus_suggestion *suggestion, struct onus_str typed);
void onus_suggest_offer(struct onus_suggestion *suggestion, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_WEB_LITERALS_H
#define ONUS_TRACE_WEB_LITERALS_H

/*
 * All literals of a set of rules, found in one pass over a text.
 *
 * Of each literal its rarest four bytes are its window, two when it has no four. At each place of a
 * text a table of bits says whether a window may begin there, which it mostly may not; where it may,
 * windows and then whole literals are compared. The table is made in microseconds and the time for a
 * text grows with its length alone, however many literals there are. A set is read-only once made and
 * may be shared by threads.
 */

#include <onus/error.h>

enum {
    ONUS_WEB_LITERAL_MIN = 2 /* bytes: a shorter literal would be no literal */
};

struct onus_web_literals;

/* The literals of all rules that look at one of `fields` (ONUS_WEB_PATH ...). */
ONUS_NODISCARD enum onus_code onus_web_literals_new(unsigned fields, struct onus_web_literals **out,
        struct onus_error *err);
void onus_web_literals_free(struct onus_web_literals *set);

/* Called for each place at which the literal of a rule stands. */
struct onus_web_found {
    void (*call)(size_t row, size_t from, size_t to, void *data);
    void *data;
};

void onus_web_literals_scan(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found);

/* The same without what only newer processors do, and by looking for every literal at every place. */
void onus_web_literals_scan_narrow(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found);
void onus_web_literals_scan_plain(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_SELECT_H
#define ONUS_EVIDENCE_SELECT_H

/*
 * Which batches and roll-ups answer a question: those whose lines have times in its period, with as few
 * entries of the log as possible.
 */

#include "evidence/exhibit.h"
#include "evidence/query.h"

/* Who is told what the bundle does not say by itself. Words are one line. */
struct onus_notes {
    void (*tell)(void *data, const char *words);
    void *data;
};

void onus_notes_tell(const struct onus_notes *notes, const char *fmt, ...) ONUS_PRINTF(2, 3);

struct onus_selection {
    const struct onus_holding **items; /* by source and seq */
    size_t count;
    uint64_t batches;    /* covered by them */
    uint64_t straddling; /* of these, batches with lines outside the period too */
    bool split;          /* batches of a source between the first and the last are left out */
};

/*
 * A batch with lines on both sides of an edge of the period belongs to it as a whole, and is told with its
 * times. A batch without times belongs to the period when the ones before and after it do.
 *
 * ONUS_E_MISSING: no source of that name, or no batch in the period.
 */
ONUS_NODISCARD enum onus_code onus_select(const struct onus_holdings *holdings,
        const struct onus_query *query, bool rollups, const struct onus_notes *notes,
        struct onus_arena *arena, struct onus_selection *out, struct onus_error *err);

/* Whether a source is meant by a name: the whole one, or the part of it after a slash. */
bool onus_source_meant(struct onus_str source, struct onus_str name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ZONE_H
#define ONUS_TRACE_ZONE_H

/*
 * The zone of times that do not carry one, as the user states it with --tz: "UTC", an offset
 * ("+02:00"), or a name of the system's zone database ("Europe/Berlin"). Wall times that a clock
 * change makes ambiguous are read as the earlier of the two moments; times that it skips, as if the
 * change had not happened yet.
 */

#include <onus/error.h>

struct onus_zone {
    struct onus_str name; /* as stated */
    bool named;           /* rules come from the zone database; else `offset` holds */
    int64_t offset;       /* microseconds east of UTC */
    int64_t cached_hour;  /* wall hour whose offset is cached, for named zones */
    int64_t cached_offset;
};

/*
 * Call before threads start: a named zone sets the process's TZ. ONUS_E_ARGUMENT: no such zone.
 * `text` must outlive the zone.
 */
ONUS_NODISCARD enum onus_code onus_zone_init(struct onus_zone *zone, struct onus_str text,
        struct onus_error *err);

/* Microseconds of UTC for microseconds of wall time. One thread at a time. */
int64_t onus_zone_to_utc(struct onus_zone *zone, int64_t wall);

#endif

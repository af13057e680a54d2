/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_YEARS_H
#define ONUS_TRACE_YEARS_H

#include "trace/input.h"

/*
 * Give every input whose lines carry no year (RFC 3164) the year of its first line: the latest one
 * that puts that line no later than one day after the file's last change, and no later than one day
 * after the start of the next younger file of the same rotation (auth.log, auth.log.1, auth.log.2.gz).
 * `stated` is the user's word and wins; 0 when there is none.
 *
 * ONUS_E_MISSING when an input is a pipe, has no time of change, and no year was stated.
 */
ONUS_NODISCARD enum onus_code onus_years_assign(struct onus_input *inputs, size_t count, int stated,
        struct onus_error *err);

/* Path without the marks of rotation and compression, and the rotation number (0: the newest). */
struct onus_str onus_rotation_stem(struct onus_str path, uint64_t *number);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MODEL_TRACE_FILTER_H
#define ONUS_MODEL_TRACE_FILTER_H

#include "model/trace_result.h"

/*
 * Keep the incidents whose kind is in `kinds` (bit 1 << kind), the sources that have one of them, and
 * the campaigns with at least two of them left. Totals, inputs, networks and countries stay what they
 * are: they count everything that was read.
 */
ONUS_NODISCARD enum onus_code onus_trace_filter_kinds(struct onus_trace_result *result,
        unsigned kinds, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_JOIN_H
#define ONUS_TRACE_JOIN_H

#include "model/trace_result.h"
#include "net/ipdb.h"

/*
 * Say for each source which network it was in, by the table nearest to its first event, and sum up
 * networks and countries. Done once per source, never per line. Every fact names its table and date,
 * and its distance from the event in days; more than ONUS_JOIN_FAR_DAYS is also said in the notes.
 * ipdb NULL: nothing is known, and a note says so.
 */
#define ONUS_JOIN_FAR_DAYS 90

ONUS_NODISCARD enum onus_code onus_join_networks(const struct onus_ipdb *ipdb,
        struct onus_trace_result *result, struct onus_error *err);

#endif

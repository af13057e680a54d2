/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_WEB_LITERALS_H
#define ONUS_TRACE_WEB_LITERALS_H

/*
 * All literals of a set of rules, found in one pass over a text.
 *
 * Of each literal only its rarest four bytes are given to the pattern matcher, which keeps compiling
 * in the range of milliseconds; the rest is compared at each hit. A set is read-only once made and
 * may be shared by threads; each thread brings its own scratch.
 */

#include <onus/error.h>

struct onus_web_literals;
struct hs_scratch;

/* The literals of all rules that look at one of `fields` (ONUS_WEB_PATH ...). */
ONUS_NODISCARD enum onus_code onus_web_literals_new(unsigned fields, struct onus_web_literals **out,
        struct onus_error *err);
void onus_web_literals_free(struct onus_web_literals *set);

/* Make *scratch, or grow it, so that it serves this set too. */
ONUS_NODISCARD enum onus_code onus_web_literals_scratch(const struct onus_web_literals *set,
        struct hs_scratch **scratch, struct onus_error *err);
void onus_web_scratch_free(struct hs_scratch *scratch);

/* Call found() with the row of a rule and where its literal stands, for each place it stands at. */
void onus_web_literals_scan(const struct onus_web_literals *set, struct hs_scratch *scratch,
        struct onus_str text, void (*found)(size_t row, size_t from, size_t to, void *data),
        void *data);

#endif

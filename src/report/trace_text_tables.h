/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_TRACE_TEXT_TABLES_H
#define ONUS_REPORT_TRACE_TEXT_TABLES_H

/* The lower parts of the terminal summary, in the order in which trace_text.c prints them. */

#include "report/screen.h"

void onus_trace_text_networks(const struct onus_screen *screen);
void onus_trace_text_campaigns(const struct onus_screen *screen);
void onus_trace_text_accounting(const struct onus_screen *screen);
void onus_trace_text_notes(const struct onus_screen *screen);

#endif

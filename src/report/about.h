/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_ABOUT_H
#define ONUS_REPORT_ABOUT_H

/* The version as printed by `onus --version` and written into every report. */
extern const char onus_version[];

#endif

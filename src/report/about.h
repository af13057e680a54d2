/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_ABOUT_H
#define ONUS_REPORT_ABOUT_H

/* The version as printed by `onus --version` and written into every report. */
extern const char onus_version[];

/* When this version was made, as man pages want it ("November 22, 2026"). */
extern const char onus_release_date[];

#endif

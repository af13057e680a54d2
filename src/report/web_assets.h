/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_REPORT_WEB_ASSETS_H
#define ONUS_REPORT_WEB_ASSETS_H

/* The parts of web/, put into the program at build time by tools/embed. */

#include <onus/base.h>

extern const struct onus_str onus_web_html;
extern const struct onus_str onus_web_css;
extern const struct onus_str onus_web_js;

/* SHA-256 in base64 of the two that run, for the content security policy. */
extern const struct onus_str onus_web_css_hash;
extern const struct onus_str onus_web_js_hash;

#endif

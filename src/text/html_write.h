/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_HTML_WRITE_H
#define ONUS_TEXT_HTML_WRITE_H

/*
 * Text that somebody else chose, put into an HTML page as text.
 *
 * The visible form of text/utf8.h with & < > " ' as references: correct between tags and inside a
 * quoted attribute value. Not for script, style, comment or unquoted attribute; data for scripts goes
 * through onus_json_add_escaped() with ONUS_JSON_IN_HTML.
 */

#include "base/buffer.h"

void onus_html_add_text(struct onus_buffer *buffer, struct onus_str s);

/*
 * Only the references, for text that is in visible form already (and line feeds of our own): applying
 * that form twice would change it.
 */
void onus_html_add_visible(struct onus_buffer *buffer, struct onus_str s);

#endif

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

/* As onus_html_add_text(), but line feeds stay line feeds: for <pre>. */
void onus_html_add_lines(struct onus_buffer *buffer, struct onus_str s);

#endif

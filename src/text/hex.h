/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_HEX_H
#define ONUS_TEXT_HEX_H

/* Lower-case hexadecimal: each value has one text. */

#include "base/buffer.h"

/* True when the text is 2 * size lower-case digits; the bytes are then in `out`. */
bool onus_hex_exact(struct onus_str text, void *out, size_t size);

void onus_hex_add(struct onus_buffer *buffer, struct onus_str bytes);

/* Write 2 * bytes.len digits to `out`, without a terminator. */
void onus_hex_put(char *out, struct onus_str bytes);

#endif

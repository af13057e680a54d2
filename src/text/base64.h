/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_BASE64_H
#define ONUS_TEXT_BASE64_H

/*
 * Base64 with the standard alphabet and padding (RFC 4648, 4), canonical only: no blank, no line end,
 * the bits that pad the last character are zero. Each value has one text, each text at most one value.
 */

#include "base/buffer.h"

/* Length of the text of `size` bytes. */
static inline size_t onus_base64_length(size_t size)
{
    return (size + 2) / 3 * 4;
}

/*
 * How many bytes the text stands for: true when it is canonical. The empty text stands for no bytes.
 */
bool onus_base64_size(struct onus_str text, size_t *out);

/*
 * Decode into `out`, which has room for `room` bytes. False, and nothing written, when the text is not
 * canonical or does not fit.
 */
bool onus_base64_decode(struct onus_str text, void *out, size_t room, size_t *size);

/* True when the text is canonical and stands for exactly `size` bytes, which are then in `out`. */
bool onus_base64_exact(struct onus_str text, void *out, size_t size);

void onus_base64_add(struct onus_buffer *buffer, struct onus_str bytes);

#endif

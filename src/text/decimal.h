/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_DECIMAL_H
#define ONUS_TEXT_DECIMAL_H

/*
 * The decimal number of the evidence formats (docs/formats/bundle.md, NUM): digits without leading
 * zeros, at most 18 of them, so that each value has one text and sums of a few fit in 64 bits.
 */

#include "base/buffer.h"

#define ONUS_DECIMAL_MAX UINT64_C(999999999999999999)

/* The whole view. False, and *out untouched, for everything else. */
bool onus_decimal_parse(struct onus_str text, uint64_t *out);

/* "1,234,567" */
void onus_decimal_add_grouped(struct onus_buffer *buffer, uint64_t value);

#endif

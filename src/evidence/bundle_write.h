/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_BUNDLE_WRITE_H
#define ONUS_EVIDENCE_BUNDLE_WRITE_H

/*
 * A bundle as bytes: the spelling of docs/formats/bundle.md. What proof/bundle_read.h reads back is the
 * same struct; one bundle has one spelling.
 *
 * The writer believes its caller: groups in the order of their entries, records of a group before one
 * another by index. Members `offset` and `found` are not looked at. Failures show in the buffer.
 */

#include "proof/bundle_read.h"

void onus_bundle_write(const struct onus_bundle *bundle, struct onus_buffer *out);

/* Only the line of one total, with its line feed. */
void onus_bundle_write_total(const struct onus_total *total, struct onus_buffer *out);

#endif

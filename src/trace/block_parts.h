/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_BLOCK_PARTS_H
#define ONUS_TRACE_BLOCK_PARTS_H

/* What block.c and block_quoted.c share; private to the two. */

#include "trace/input.h"

/* One more line, its bytes unset; NULL, and block->failed is set, when out of memory. */
struct onus_line *onus_block_add_line(struct onus_block *block);

/* Room for one more event, its bytes unset and not yet counted; NULL as above. */
struct onus_event *onus_block_room_for_event(struct onus_block *block);

/* Parse one record of the block with the formats of its input. */
void onus_block_parse_record(struct onus_block *block, struct onus_parse_context *context,
        size_t offset, size_t raw_length, uint32_t span, bool keep_ignored);

/* --- block_quoted.c: lines of access logs, from quote to quote --- */

/* Whether lines of the usual spelling are expected. */
bool onus_block_is_quoted(const struct onus_block *block);

/*
 * Parse all lines of the block: what onus_block_parse_record() would make of each, but that plain
 * requests go to block->plain when options->plain.
 */
void onus_block_parse_quoted(struct onus_block *block, struct onus_parse_context *context,
        struct onus_block_scratch *scratch, const struct onus_block_options *options);

#endif

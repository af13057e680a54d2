/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_FEED_H
#define ONUS_TRACE_FEED_H

/*
 * The side of trace that feeds a line sink (model/line_sink.h): records and events of stitched blocks
 * become the physical lines they were read from.
 *
 * A record of several lines gives each of them its source, and its attempts to the first. Events
 * say what a line tells; which attempts they raised the engine says, once it has counted them.
 *
 * Memory: 48 bytes a line of a round, and 12 bytes a part where parts are wanted.
 */

#include "model/line_sink.h"
#include "trace/block.h"
#include "trace/engine.h"

struct onus_feed;

/* NULL, and the reason, when there is no memory. The sink must outlive the feed. */
struct onus_feed *onus_feed_new(const struct onus_line_sink *sink, struct onus_error *err);
void onus_feed_free(struct onus_feed *feed);

/* The next stitched block of the round; blocks of a round are of one input. */
ONUS_NODISCARD enum onus_code onus_feed_take(struct onus_feed *feed, const struct onus_block *block,
        uint32_t input, struct onus_error *err);

/* All blocks of the round were taken: tell the sink, which says how many tasks it wants. */
ONUS_NODISCARD enum onus_code onus_feed_plan(struct onus_feed *feed, size_t *tasks,
        struct onus_error *err);
void onus_feed_work(struct onus_feed *feed, size_t task, size_t worker);

/*
 * Events of the round that raised a count: once for each shard, before onus_feed_settle(). attempts
 * is beside batch->events.
 */
ONUS_NODISCARD enum onus_code onus_feed_count(struct onus_feed *feed,
        const struct onus_event_batch *batch, const uint32_t *attempts, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_feed_settle(struct onus_feed *feed, struct onus_error *err);

/* Nothing follows: end the input in hand, and tell of those that gave no block. */
ONUS_NODISCARD enum onus_code onus_feed_finish(struct onus_feed *feed,
        const struct onus_input *inputs, size_t input_count, struct onus_error *err);

#endif

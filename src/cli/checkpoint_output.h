/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_CHECKPOINT_OUTPUT_H
#define ONUS_CLI_CHECKPOINT_OUTPUT_H

/* What `onus checkpoint` prints: lines for people, or onus.checkpoint/1 (docs/json.md). */

#include "evidence/checkpoint.h"

struct onus_checkpoint_outcome {
    const struct onus_checkpoint_report *report;
    const struct onus_digest *anchor; /* NULL: none was given */
    const struct onus_error *problem; /* NULL: none */
};

void onus_checkpoint_text(const struct onus_checkpoint_outcome *outcome, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_checkpoint_json(const struct onus_checkpoint_outcome *outcome,
        struct onus_buffer *out, struct onus_error *err);

#endif

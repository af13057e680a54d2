/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_CHECKPOINT_H
#define ONUS_PROOF_CHECKPOINT_H

/*
 * The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, each on a line of its own.
 * Signatures are those of the note around it (note.h).
 */

#include "crypto/sha256.h"
#include "proof/note.h"

struct onus_checkpoint {
    struct onus_str origin; /* a view; not empty */
    uint64_t size;
    struct onus_digest root;
    struct onus_str extensions; /* further lines, each not empty; bundles allow none */
};

/* Parse the text of a note. ONUS_E_FORMAT. */
ONUS_NODISCARD enum onus_code onus_checkpoint_parse(struct onus_str text,
        struct onus_checkpoint *out, struct onus_error *err);

/* Append the text, with its last line feed; what onus_checkpoint_parse() reads back. */
void onus_checkpoint_add(struct onus_buffer *buffer, const struct onus_checkpoint *checkpoint);

#endif

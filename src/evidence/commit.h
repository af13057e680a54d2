/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_COMMIT_H
#define ONUS_EVIDENCE_COMMIT_H

/*
 * Lines to leaf hashes, many at once (docs/formats/evidence.md, "Slots and records").
 *
 * A scratch belongs to one thread; nothing is allocated per line. Work on one batch may be cut into
 * pieces that different threads do in any order: the hashes of slots depend on nothing but the key,
 * the number of the slot and the bytes.
 */

#include "crypto/sha256_many.h"
#include "merkle/tree.h"
#include "model/line_sink.h"
#include "proof/record.h"

struct onus_commit_scratch;

/* ONUS_E_MEMORY. */
ONUS_NODISCARD enum onus_code onus_commit_scratch_new(const struct onus_sha256_kernel *kernel,
        struct onus_commit_scratch **out, struct onus_error *err);
void onus_commit_scratch_free(struct onus_commit_scratch *scratch);

/* How many leaves `lines` whole lines make. */
static inline uint64_t onus_commit_leaves(uint64_t lines)
{
    return (lines + ONUS_LINES_PER_LEAF - 1) / ONUS_LINES_PER_LEAF;
}

/*
 * slots[i] = commitment of kind 10 to values[i], under the salt of slot number first + i.
 */
void onus_commit_lines(struct onus_commit_scratch *scratch, const struct onus_digest *batch_key,
        uint64_t first, const struct onus_str *values, size_t count, struct onus_digest *slots);

/* As onus_commit_lines(), with a kind for each value: parts of lines, rows, manifests. */
void onus_commit_slots(struct onus_commit_scratch *scratch, const struct onus_digest *batch_key,
        uint64_t first, const uint8_t *kinds, const struct onus_str *values, size_t count,
        struct onus_digest *slots);

/* leaves[i] = G record of slots[8i] to slots[8i + 7]; the last has what is left (count mod 8). */
void onus_commit_groups(struct onus_commit_scratch *scratch, const struct onus_digest *slots,
        size_t count, struct onus_digest *leaves);

/* leaves[i] = S record of the next counts[i] (1 to 12) of `slots`. */
void onus_commit_parts(struct onus_commit_scratch *scratch, const struct onus_digest *slots,
        const uint8_t *counts, size_t count, struct onus_digest *leaves);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_BATCH_H
#define ONUS_EVIDENCE_BATCH_H

/*
 * A sealed batch or roll-up, read from a disk. Each part is read when it is first asked for and
 * checked before it is handed out:
 *
 *     manifest   its leaf hash is the one in the log at its place
 *     index      rows and root are those of slot 49
 *     lines      the root over all lines of the pack is that of slot 48
 *
 * ONUS_E_MISMATCH when a check fails, ONUS_E_MISSING when a file or a key is not there; err names it.
 * Views live until the batch is closed. One thread at a time.
 */

#include "evidence/index.h"
#include "evidence/tomb.h"
#include "evidence/vault.h"

struct onus_batch;

ONUS_NODISCARD enum onus_code onus_batch_open(const struct onus_vault *vault,
        const struct onus_source *source, uint64_t seq, struct onus_batch **out,
        struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_rollup_open(const struct onus_vault *vault,
        const struct onus_source *source, uint64_t first, uint64_t last, struct onus_batch **out,
        struct onus_error *err);
void onus_batch_close(struct onus_batch *batch);

const struct onus_source *onus_batch_source(const struct onus_batch *batch);
const struct onus_manifest *onus_batch_manifest(const struct onus_batch *batch);
/* Leaf hash of its entry in the log; its place is manifest->entry. */
const struct onus_digest *onus_batch_leaf(const struct onus_batch *batch);
/* Salts and hashes of slots 40 to 4c. */
const struct onus_salt *onus_batch_salts(const struct onus_batch *batch);
const struct onus_digest *onus_batch_slots(const struct onus_batch *batch);

/* K_batch or K_rollup; NULL when something of it was erased, and with it the key. */
const struct onus_digest *onus_batch_key(const struct onus_batch *batch);

/* What stands in the place of the key then; NULL when nothing was erased. */
const struct onus_tomb *onus_batch_tomb(const struct onus_batch *batch);

/* The index, with what onus_index_row_slots() needs, and the leaf hashes of its rows. */
ONUS_NODISCARD enum onus_code onus_batch_index(struct onus_batch *batch,
        const struct onus_index **out, struct onus_error *err);
/* After onus_batch_index(). */
const struct onus_index_salts *onus_batch_index_salts(const struct onus_batch *batch);
struct onus_digests onus_batch_row_leaves(const struct onus_batch *batch);

/* ---- lines ----------------------------------------------------------------------------------- */

/* Slots of one line: one (G) or its parts (S). A line that was erased has no value. */
struct onus_batch_slot {
    uint8_t kind;
    bool erased; /* value and salt are gone; the hash is known */
    struct onus_str value;
    struct onus_salt salt;
    struct onus_digest commit;
};

/* Read the pack and check it. What follows calls it when it was not called. */
ONUS_NODISCARD enum onus_code onus_batch_load(struct onus_batch *batch, struct onus_error *err);

/*
 * Line `number` from 0, without its line feed. ONUS_E_MISSING: it was erased; err says when and on what
 * basis.
 */
ONUS_NODISCARD enum onus_code onus_batch_line(struct onus_batch *batch, uint64_t number,
        struct onus_str *out, struct onus_error *err);

/* All slots of leaf `leaf` of the tree of lines; *count is 1 to 12. */
ONUS_NODISCARD enum onus_code onus_batch_record(struct onus_batch *batch, uint64_t leaf,
        struct onus_batch_slot out[static ONUS_PARTS_MAX], size_t *count, struct onus_error *err);

/* Leaf hashes of the tree of lines, after onus_batch_load(). */
struct onus_digests onus_batch_line_leaves(const struct onus_batch *batch);

/*
 * The whole bytes of the pack (with line feeds), after onus_batch_load(): for tracing them again. Of a line
 * that was erased only its line feed stands there.
 */
struct onus_str onus_batch_bytes(const struct onus_batch *batch);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_TOMB_H
#define ONUS_EVIDENCE_TOMB_H

/*
 * What is left of a batch or roll-up after an erasure: the file .tmb (docs/formats/vault.md, "Tombs").
 *
 * Its key is gone. So the salts of all slots that can still be opened stand here one by one, and of each
 * slot that cannot, its hash: enough to prove everything else as before. Which lines were erased, when
 * and on what basis is told; nothing of what they said is.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "proof/record.h"

#define ONUS_TOMB_MAX      ((size_t)1 << 30)
#define ONUS_TOMB_ACTS_MAX 65536
#define ONUS_BASIS_MAX     1000 /* bytes of a basis: visible UTF-8 */

/* One erasure. */
struct onus_tomb_act {
    uint64_t time; /* seconds since 1970: a claim */
    struct onus_str basis;
};

/* Lines that were erased, counted from 0 in their batch. */
struct onus_tomb_range {
    uint64_t first, count;
    size_t act;
};

struct onus_tomb {
    enum onus_profile profile; /* MANIFEST or ROLLUP */
    struct onus_tag tag;
    uint64_t first, last;             /* seq */
    const struct onus_tomb_act *acts; /* oldest first; at least one */
    size_t act_count;
    const struct onus_tomb_range *ranges; /* ascending, disjoint; none of a roll-up */
    size_t range_count;

    /* Of a manifest: the pack that holds the lines that are left. */
    uint64_t pack_size;
    struct onus_digest pack; /* all zero when pack_size is 0 */

    uint64_t slots;                    /* of the batch: lines, rows, manifest */
    const uint64_t *gone;              /* numbers of slots that cannot be opened, ascending */
    const struct onus_digest *commits; /* of each of them */
    size_t gone_count;
    const struct onus_salt *salts; /* of every slot; all zero of those gone */
};

/* Whether a slot is gone; *at is then its place in `gone`, else that of the next one that is. */
bool onus_tomb_gone(const struct onus_tomb *tomb, uint64_t slot, size_t *at);

/* The act that erased a line; NULL when the line is there. */
const struct onus_tomb_act *onus_tomb_of_line(const struct onus_tomb *tomb, uint64_t line);

/* How many lines were erased. */
uint64_t onus_tomb_lines(const struct onus_tomb *tomb);

/* Bytes of the file, appended; failures show in the buffer. */
void onus_tomb_format(const struct onus_tomb *tomb, struct onus_buffer *out);

/*
 * Read a file, the whole view. Texts point into it, tables lie in the arena. ONUS_E_FORMAT with the
 * offset for anything onus_tomb_format() does not write; each changed bit is found.
 */
ONUS_NODISCARD enum onus_code onus_tomb_parse(struct onus_str bytes, struct onus_arena *arena,
        struct onus_tomb *out, struct onus_error *err);

/*
 * Name of the pack after the n-th erasure, out of that of the pack before all of them:
 * HMAC-SHA256(name, "onus/erased" || be64(n)).
 */
void onus_tomb_pack_name(const struct onus_digest *name, uint64_t n, struct onus_digest *out);

/* Whether a text may be a basis: 1 to ONUS_BASIS_MAX bytes of UTF-8 in which nothing is hidden. */
bool onus_basis_valid(struct onus_str basis);

#endif

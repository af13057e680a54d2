/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_PROVE_H
#define ONUS_EVIDENCE_PROVE_H

/*
 * A question becomes a bundle (docs/proofs.md says which statement needs what). Nothing is asserted that
 * does not hold: a bundle is made only for what the sealed index and lines say.
 */

#include "evidence/assembly.h"
#include "evidence/select.h"

/* Lines that `at least TEXT` opens when no number is asked for (docs/limits.md). */
#define ONUS_PROVE_LINES_MAX 1000000

struct onus_prove_options {
    const struct onus_holdings *holdings;
    struct onus_str older;  /* note of an older checkpoint that slots 4b may state; empty: none */
    struct onus_str beacon; /* note for `sample`; empty: none */
    const struct onus_address *members; /* for `addresses in FILE` */
    size_t member_count;
    bool no_rollups;
    struct onus_notes notes;
};

struct onus_proven {
    struct onus_bundle bundle; /* in the arena */
    struct onus_selection selection;
    uint64_t groups;
    struct onus_counted counted, all; /* `all` of a share */
    uint64_t shown;                   /* lines that are opened as evidence: not rows of tables */
    uint64_t members, inside, elsewhere;
};

/*
 * ONUS_E_MISMATCH  what was asked to be proven is not so (`none from` with lines, fewer than the number);
 *                  err says what is.
 * ONUS_E_MISSING   it cannot be proven from what is sealed; err says why.
 */
ONUS_NODISCARD enum onus_code onus_prove(const struct onus_query *query,
        const struct onus_prove_options *options, struct onus_arena *arena, struct onus_proven *out,
        struct onus_error *err);

/* Lines by their numbers: of one source, or of one batch of it. */
struct onus_lines_wanted {
    struct onus_str source;
    const struct onus_line_range *ranges; /* from 1, over all batches of the source */
    size_t count;
    bool has_seq; /* instead of ranges: all lines of this batch */
    uint64_t seq;
    uint32_t
            kinds; /* 0: whole lines; else bit 11 to 17 (hexadecimal, of 1f) for parts of that kind */
};

#define ONUS_KIND_BIT(kind) (1u << ((kind)&0x1f))

/*
 * A bundle that opens these lines and asserts nothing more. Each source is named once.
 * ONUS_E_REFUSED: parts are asked for of lines that are sealed whole. ONUS_E_MISSING as above.
 */
ONUS_NODISCARD enum onus_code onus_disclose(const struct onus_lines_wanted *wanted, size_t count,
        const struct onus_prove_options *options, struct onus_arena *arena, struct onus_proven *out,
        struct onus_error *err);

/*
 * Add the batch or roll-up to the assembly as every proof does: times of its lines are open, its anchor
 * when `older` is it. onus_group_end() and onus_exhibit_close() are the caller's, also after a failure.
 */
ONUS_NODISCARD enum onus_code onus_prove_group(const struct onus_prove_options *options,
        const struct onus_holding *holding, struct onus_assembly *assembly,
        struct onus_exhibit *exhibit, struct onus_group_making *making, struct onus_error *err);

/* The draw of a sample (docs/formats/bundle.md, `audit`). Lines are counted from 0 in their batch. */
struct onus_sample_draw {
    struct onus_digest challenge;
    uint64_t leaves; /* slot 47 */
};

void onus_sample_start(const struct onus_digest *root, struct onus_str beacon, uint64_t leaves,
        struct onus_sample_draw *out);
/* Leaf of sample j, and the byte that chooses among its slots. */
uint64_t onus_sample_leaf(const struct onus_sample_draw *draw, uint64_t j, uint8_t *chooser);

#endif

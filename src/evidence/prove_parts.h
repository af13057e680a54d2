/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_PROVE_PARTS_H
#define ONUS_EVIDENCE_PROVE_PARTS_H

/* What the files of proving share among themselves. Others include prove.h. */

#include "evidence/net_table.h"
#include "evidence/prove.h"

struct onus_proving {
    const struct onus_query *query;
    const struct onus_prove_options *options;
    struct onus_arena *arena;
    struct onus_assembly assembly;
    struct onus_proven *out;
    struct onus_error *err;
};

/* What is done with one group that is open; `data` is the caller's. */
typedef enum onus_code (*onus_with_group)(struct onus_proving *proving,
        struct onus_group_making *making, void *data);

/* Open the exhibit, begin the group, do it, end and close. */
ONUS_NODISCARD enum onus_code onus_proving_with(struct onus_proving *proving,
        const struct onus_holding *holding, onus_with_group work, void *data);
/* The same for each of the selection. */
ONUS_NODISCARD enum onus_code onus_proving_each(struct onus_proving *proving, onus_with_group work,
        void *data);

/* The sealed table of networks that is nearest in date to the question. */
struct onus_proving_table {
    const struct onus_holding *holding;
    struct onus_net_rows table; /* in the arena of the proof */
};
ONUS_NODISCARD enum onus_code onus_proving_find_table(struct onus_proving *proving,
        struct onus_proving_table *out);
/* Its group: the first line, and the rows of which `shown` is true. */
ONUS_NODISCARD enum onus_code onus_proving_show_table(struct onus_proving *proving,
        const struct onus_proving_table *table, const bool *shown);

/* By kind of question. */
ONUS_NODISCARD enum onus_code onus_proving_network(struct onus_proving *proving, bool share);
ONUS_NODISCARD enum onus_code onus_proving_members(struct onus_proving *proving);
ONUS_NODISCARD enum onus_code onus_proving_matching(struct onus_proving *proving);
ONUS_NODISCARD enum onus_code onus_proving_lines(struct onus_proving *proving,
        const struct onus_lines_wanted *asked);
ONUS_NODISCARD enum onus_code onus_proving_sealed(struct onus_proving *proving);
ONUS_NODISCARD enum onus_code onus_proving_sample(struct onus_proving *proving);

#endif

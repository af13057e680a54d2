/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_RULES_H
#define ONUS_PROOF_BUNDLE_RULES_H

/*
 * The rules of docs/formats/bundle.md among themselves; others include bundle_check.h. Each rule that
 * is broken is ONUS_E_MISMATCH with the offset of the line that breaks it.
 */

#include "proof/bundle_check.h"

struct onus_rules {
    struct onus_bundle_facts *facts;
    struct onus_arena *arena;
    struct onus_group **sorted; /* manifests and roll-ups by tag and seq */
    size_t group_count;
    struct onus_error *err;
};

/* ONUS_E_MISMATCH. Inline, so that the linter knows what follows a broken rule. */
static inline enum onus_code onus_rule_broken(const struct onus_rules *rules, size_t offset,
        const char *what)
{
    (void)onus_fail_at(rules->err, ONUS_E_MISMATCH, offset, "%s", what);
    return ONUS_E_MISMATCH;
}

/* The arena is full: never ONUS_OK, which the linter cannot know of onus_arena_reason(). */
static inline enum onus_code onus_rules_no_room(const struct onus_rules *rules)
{
    enum onus_code code = onus_arena_reason(rules->arena, rules->err);
    return code == ONUS_E_LIMIT ? ONUS_E_LIMIT : ONUS_E_MEMORY;
}

/* Rules 5 and 6, and those over all groups: fills rules->sorted. */
ONUS_NODISCARD enum onus_code onus_rules_groups(struct onus_rules *rules);

/* Rule 7: one claim of a group. */
ONUS_NODISCARD enum onus_code onus_rules_claim(struct onus_rules *rules,
        const struct onus_group *group, struct onus_item *claim);

/* Rule 8: all totals. */
ONUS_NODISCARD enum onus_code onus_rules_totals(struct onus_rules *rules);

/* ---- parts of rule 8 ------------------------------------------------------------------------- */

/* The batches a total rests on, by their place in rules->sorted; what `where` says. */
struct onus_where {
    bool *in;
    size_t count;
};

ONUS_NODISCARD enum onus_code onus_where_init(const struct onus_rules *rules,
        struct onus_where *out);

static inline void onus_where_add(struct onus_where *where, const struct onus_group *group)
{
    bool *in = &where->in[group->found.place];
    where->count += !*in;
    *in = true;
}

/* Store the runs in the total. */
ONUS_NODISCARD enum onus_code onus_where_end(const struct onus_rules *rules,
        const struct onus_where *where, struct onus_total *total);

/* Add what a claim counts; ONUS_E_MISMATCH when the sum leaves 64 bits. */
ONUS_NODISCARD enum onus_code onus_total_add(const struct onus_rules *rules,
        struct onus_total *total, const struct onus_item *claim);

ONUS_NODISCARD enum onus_code onus_rules_network(struct onus_rules *rules, struct onus_total *total,
        struct onus_where *where);
ONUS_NODISCARD enum onus_code onus_rules_members(struct onus_rules *rules,
        struct onus_total *total);
ONUS_NODISCARD enum onus_code onus_rules_audit(struct onus_rules *rules, struct onus_total *total);

/* ---- audit ----------------------------------------------------------------------------------- */

/* The line that sample `number` of a group draws; the record of its leaf. Rule 8, audit. */
ONUS_NODISCARD enum onus_code onus_sample_drawn(const struct onus_rules *rules,
        const struct onus_group *group, const struct onus_item *sample,
        const struct onus_item **record, size_t *slot, uint64_t *line);

/* A line that is drawn twice stands under the same row. */
ONUS_NODISCARD enum onus_code onus_rules_samples(const struct onus_rules *rules,
        const struct onus_group *group);

/* The bytes of a line of a record, when they are all open. */
ONUS_NODISCARD enum onus_code onus_record_line(const struct onus_rules *rules,
        const struct onus_item *record, size_t slot, struct onus_str *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_SAY_H
#define ONUS_PROOF_BUNDLE_SAY_H

/* What text and JSON of a bundle share: both say the same. Others include bundle_text.h. */

#include "proof/bundle_text.h"

void onus_say_add_time(struct onus_buffer *out, uint64_t seconds);
void onus_say_json_time(struct onus_json *json, uint64_t seconds);
void onus_say_add_key(struct onus_buffer *out, const struct onus_key *key);
void onus_say_add_tag(struct onus_buffer *out, const struct onus_tag *tag);

/* The qualifier of two logs that agree. */
#define ONUS_AGREEMENT_SENTENCE                                                                 \
    "Agreement of two logs is evidence when their parties distrust each other and both sealed " \
    "before their first message about it; that is not checked here."

/* "source address" */
const char *onus_say_part(uint8_t kind);

/* The number in an open slot of eight bytes; false for an empty or hidden one. */
bool onus_say_number(const struct onus_group *group, uint8_t kind, uint64_t *out);

/* T_hi less the last time on the lines; false when one of them is not known. */
bool onus_say_delay(const struct onus_bundle_facts *facts, const struct onus_group *group,
        int64_t *out);

/* Whether slot 4b states the older checkpoint, and that has a time. */
bool onus_say_anchored(const struct onus_bundle_facts *facts, const struct onus_group *group);

/* The number of a line in its batch. */
uint64_t onus_say_line(const struct onus_item *record, size_t slot);

/* Rounded down; 0 of nothing. */
uint64_t onus_say_tenths_of_percent(uint64_t part, uint64_t whole);

/* 0.99 to the power of `samples`, in thousandths, rounded up. */
uint64_t onus_say_unseen(uint64_t samples);

/* What the last sentences depend on. */
struct onus_qualifiers {
    bool times;
    bool parts;
    bool at_least;
    bool count;
    bool audit;
    bool batch;
    bool network;
    bool members;
};

struct onus_qualifiers onus_say_qualifiers(const struct onus_bundle_facts *facts);

/* The last sentences without "holds"; returns their number. */
#define ONUS_SENTENCES_MAX 9
size_t onus_say_sentences(const struct onus_qualifiers *found,
        const char *out[static ONUS_SENTENCES_MAX]);

#endif

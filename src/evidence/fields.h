/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_FIELDS_H
#define ONUS_EVIDENCE_FIELDS_H

/*
 * Small text files of a vault: lines of "word field field". One spelling for each value; whoever reads
 * a line takes all of it. A reader remembers where it stands, so that a fault can be told with its
 * offset.
 */

#include <onus/error.h>

#include "base/buffer.h"
#include "crypto/sha256.h"

struct onus_fields {
    struct onus_str rest; /* lines not yet read */
    struct onus_str line; /* what is left of the line in hand */
    const char *start;
    const char *what; /* "manifest", for messages */
};

void onus_fields_init(struct onus_fields *fields, struct onus_str text, const char *what);

/* The next line begins with this word: it is in hand. Otherwise nothing changes. */
bool onus_fields_line(struct onus_fields *fields, const char *word);
/* The next line is exactly this one. */
bool onus_fields_exact(struct onus_fields *fields, const char *line);

/* The next field of the line in hand. */
bool onus_fields_word(struct onus_fields *fields, struct onus_str *out);
bool onus_fields_number(struct onus_fields *fields, uint64_t *out);
bool onus_fields_hex(struct onus_fields *fields, void *out, size_t size);
/* 16 digits. */
bool onus_fields_hex64(struct onus_fields *fields, uint64_t *out);
/*
 * The last line, "end HEX": SHA-256 of everything before it, so that no change of a file goes unseen.
 * Not a protection against somebody who means it: keys, roots and signatures are.
 */
bool onus_fields_sum(struct onus_fields *fields);
/* All that is left of the line. */
bool onus_fields_rest(struct onus_fields *fields, struct onus_str *out);
/* Nothing of the line is left. */
bool onus_fields_done(const struct onus_fields *fields);
/* Nothing of the text is left. */
bool onus_fields_end(const struct onus_fields *fields);

/* ONUS_E_FORMAT at the line in hand. */
enum onus_code onus_fields_fail(const struct onus_fields *fields, struct onus_error *err);

/* The last line over out->ptr from offset `start` on. */
void onus_fields_put_sum(struct onus_buffer *out, size_t start);

/* Writing: " " and the field. */
void onus_fields_put_number(struct onus_buffer *out, uint64_t value);
void onus_fields_put_hex(struct onus_buffer *out, const void *bytes, size_t size);
void onus_fields_put_hex64(struct onus_buffer *out, uint64_t value);

#endif

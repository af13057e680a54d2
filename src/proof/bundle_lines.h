/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_BUNDLE_LINES_H
#define ONUS_PROOF_BUNDLE_LINES_H

/* The lines of a bundle, for bundle_read.c: words, lengths, hashes. */

#include "proof/bundle_read.h"
#include "text/base64.h"
#include "text/decimal.h"
#include "text/hex.h"

/* Whether KEYWORD and a blank stand at the front. */
bool onus_line_sees(const struct onus_bundle_reader *reader, const char *keyword);

/* True, and behind it, when this byte stands at the front. */
bool onus_line_skip(struct onus_bundle_reader *reader, char byte);

/* The next line without its line feed. ONUS_E_MISMATCH when the bundle ends before. */
ONUS_NODISCARD enum onus_code onus_line_take(struct onus_bundle_reader *reader,
        struct onus_str *out, struct onus_error *err);

/* The next `length` bytes. ONUS_E_MISMATCH when there are fewer. */
ONUS_NODISCARD enum onus_code onus_line_bytes(struct onus_bundle_reader *reader, uint64_t length,
        struct onus_str *out, struct onus_error *err);

/* A line "X BASE64" of 32 bytes. */
ONUS_NODISCARD enum onus_code onus_line_digest(struct onus_bundle_reader *reader,
        struct onus_digest *out, struct onus_error *err);

/*
 * Split at each blank. The number of words, or 0 when there are more than `most`; two blanks in a row
 * and blanks at the ends make empty words, which nothing takes for a value.
 */
size_t onus_line_words(struct onus_str line, struct onus_str *words, size_t most);

static inline bool onus_line_split(struct onus_str line, size_t count, struct onus_str *words)
{
    return onus_line_words(line, words, count) == count;
}

/* ONUS_E_MISMATCH with these words. */
enum onus_code onus_line_wrong(size_t offset, const char *what, struct onus_error *err);

#endif

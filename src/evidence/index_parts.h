/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_INDEX_PARTS_H
#define ONUS_EVIDENCE_INDEX_PARTS_H

/* What the files of the index share among themselves. Others include index.h. */

#include "evidence/index.h"

/* Unsigned numbers in groups of seven bits, the lowest first; the shortest spelling only. */
#define ONUS_VARINT_MAX 10

static inline size_t onus_varint_put(uint8_t *out, uint64_t value)
{
    size_t n = 0;
    while (value >= 0x80) {
        out[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[n++] = (uint8_t)value;
    return n;
}

static inline size_t onus_varint_size(uint64_t value)
{
    return (70u - (unsigned)__builtin_clzll(value | 1)) / 7;
}

/* Reads one off the front of *s. False, and *s untouched, when it is cut, too large or too long. */
static inline bool onus_varint_take(struct onus_str *s, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < s->len && i < ONUS_VARINT_MAX; i++) {
        uint8_t byte = (uint8_t)s->ptr[i];
        if (i == ONUS_VARINT_MAX - 1 && byte > 1) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            if (byte == 0 && i > 0) {
                return false;
            }
            s->ptr += i + 1;
            s->len -= i + 1;
            *out = value;
            return true;
        }
    }
    return false;
}

/*
 * Fill slot 22 of every row from the line numbers. ONUS_E_MEMORY. The numbers were checked before.
 */
ONUS_NODISCARD enum onus_code onus_index_postings_roots(struct onus_index *index,
        const struct onus_sha256_kernel *kernel, struct onus_error *err);

/* Sums of the rows from own_lines and own_attempts. False when they do not fit in 63 bits. */
bool onus_index_sums(struct onus_index_row *rows, size_t count);

#endif

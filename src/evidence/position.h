/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_POSITION_H
#define ONUS_EVIDENCE_POSITION_H

/*
 * How far a file was read, and how to know it again: under another name, after rotation, compressed.
 * Everything but `device`, `inode` and `size` speaks of the decompressed bytes.
 */

#include "crypto/sha256.h"
#include "evidence/fields.h"

#define ONUS_POSITION_BYTES 4096

struct onus_position {
    uint32_t file;           /* number of the file in its source, from 0 */
    uint64_t device, inode;  /* hints */
    uint64_t size;           /* of the file then */
    uint64_t lines, bytes;   /* that were sealed, from the start; bytes with line feeds */
    uint32_t head_length;    /* 0 to ONUS_POSITION_BYTES */
    uint32_t tail_length;    /* 0 to ONUS_POSITION_BYTES, not above bytes */
    struct onus_digest head; /* onus_position_hash() of the first head_length bytes */
    struct onus_digest tail; /* and of the tail_length bytes before `bytes` */
};

/*
 * HMAC-SHA256(K_source_n, "onus/place" || bytes): keyed, so that nobody can try guesses of lines on it
 * once they and the keys were erased.
 */
void onus_position_hash(const struct onus_digest *source_n, struct onus_str bytes,
        struct onus_digest *out);

/* As fields of a line in hand; false when one is not as it should be. */
bool onus_position_take(struct onus_fields *fields, struct onus_position *out);
void onus_position_put(const struct onus_position *position, struct onus_buffer *out);

#endif

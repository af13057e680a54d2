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
    uint32_t file;          /* number of the file in its source, from 0 */
    uint64_t device, inode;  /* hints */
    uint64_t size;           /* of the file then */
    uint64_t lines, bytes;   /* that were sealed, from the start; bytes with line feeds */
    uint32_t head_length;    /* 0 to ONUS_POSITION_BYTES */
    uint32_t tail_length;    /* 0 to ONUS_POSITION_BYTES, not above bytes */
    struct onus_digest head; /* SHA-256 of the first head_length bytes */
    struct onus_digest tail; /* SHA-256 of the tail_length bytes before `bytes` */
};

/* As fields of a line in hand; false when one is not as it should be. */
bool onus_position_take(struct onus_fields *fields, struct onus_position *out);
void onus_position_put(const struct onus_position *position, struct onus_buffer *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_FILE_H
#define ONUS_NET_IPDB_FILE_H

/*
 * One compiled table: the layout of docs/formats/ipdb.md, written and mapped.
 *
 * A file is checked in full when it is made: sizes, every row, every index entry, every text. When it
 * is opened again, its checksums and the sizes are checked; a lookup checks what it uses, so that even
 * a file made with the intent to mislead cannot lead it outside the map. A file that is opened lazily
 * has a piece checked against its sum when a lookup first uses it: the same promise about every byte
 * that an answer rests on, without reading all others.
 *
 * Threads: an open file is never changed, and any number may look up at once; but one thread alone in
 * a file that was opened lazily.
 */

#include "ipdb_build.h"
#include "ipdb_date.h"

#define ONUS_IPDB_FORMAT_VERSION 2u
#define ONUS_IPDB_FORMAT_OLDEST  1u /* that is still read */
#define ONUS_IPDB_HEADER_SIZE    512u

/* What a compiled file says about itself. Views are terminated. */
struct onus_ipdb_about {
    struct onus_str name;
    struct onus_str source;    /* file name it was compiled from */
    struct onus_str list_kind; /* "cloud", "vpn"; empty for a table of networks */
    struct onus_ipdb_date date;
    unsigned knows;
    uint64_t source_key; /* tells whether the source has changed since */
    uint64_t overlaps;   /* rows of the source that touched another one; the later start answers */
    uint64_t left_out;   /* lines of the source that were no rows */
};

/* Rows of one family: sorted ranges, an index on their leading bits. All views into the map. */
struct onus_ipdb_family {
    size_t rows;
    unsigned index_bits;
    const uint8_t *index; /* (1 << index_bits) + 1 row numbers */
    const uint8_t *first, *last;
    const uint8_t *value;
};

struct onus_ipdb_pieces; /* which were checked */

struct onus_ipdb_file {
    const uint8_t *bytes;
    size_t size;
    struct onus_ipdb_pieces *pieces; /* NULL: all were */
    bool mapped;                     /* munmap() rather than free() */
    struct onus_ipdb_about about;
    struct onus_ipdb_family v4, v6;
    const uint8_t *values;
    size_t value_count;
    const uint8_t *pool;
    size_t pool_size;
};

/* Append the file for an ordered build. Names longer than their field are cut. */
ONUS_NODISCARD enum onus_code onus_ipdb_file_write(const struct onus_ipdb_build *build,
        const struct onus_ipdb_about *about, struct onus_buffer *out, struct onus_error *err);

/*
 * Map a compiled file.
 *
 * ONUS_E_MISSING   there is no such file.
 * ONUS_E_MISMATCH  it is damaged: a checksum does not hold.
 * ONUS_E_FORMAT    it is not a compiled table of this version, or contradicts itself.
 */
ONUS_NODISCARD enum onus_code onus_ipdb_file_open(const char *path, struct onus_ipdb_file *out,
        struct onus_error *err);

/*
 * The same without looking at what no lookup asks for. A lookup that meets damage finds nothing, and
 * onus_ipdb_file_status() says so from then on: whoever uses the answers asks it afterwards.
 */
ONUS_NODISCARD enum onus_code onus_ipdb_file_open_lazily(const char *path,
        struct onus_ipdb_file *out, struct onus_error *err);

/*
 * ONUS_OK, or ONUS_E_FORMAT when a lookup met a piece whose checksum does not hold: what the table says
 * cannot be told.
 */
enum onus_code onus_ipdb_file_status(const struct onus_ipdb_file *file, struct onus_error *err);

/* The same from memory allocated with malloc(), which the file takes over on success. */
ONUS_NODISCARD enum onus_code onus_ipdb_file_take(struct onus_buffer *bytes,
        struct onus_ipdb_file *out, struct onus_error *err);

/* Check bytes in full and fill *out with views into them. */
ONUS_NODISCARD enum onus_code onus_ipdb_file_parse(const uint8_t *bytes, size_t size,
        struct onus_ipdb_file *out, struct onus_error *err);

void onus_ipdb_file_close(struct onus_ipdb_file *file);

/* A row that holds an address. */
struct onus_ipdb_hit {
    onus_wide first, last;
    struct onus_ipdb_value value;
    size_t row; /* within its family */
};

/* The first row that holds the address; further ones (other days) with onus_ipdb_file_next(). */
bool onus_ipdb_file_find(const struct onus_ipdb_file *file, const struct onus_address *address,
        struct onus_ipdb_hit *out);

/* The next row for the same range as *hit. */
bool onus_ipdb_file_next(const struct onus_ipdb_file *file, bool v4, struct onus_ipdb_hit *hit);

/* Row number `row` of a family, from 0, in ascending order. False when there is none. */
bool onus_ipdb_file_row(const struct onus_ipdb_file *file, bool v4, size_t row,
        struct onus_ipdb_hit *out);

/* Over whole files; any single changed byte changes it. */
uint64_t onus_ipdb_checksum(const uint8_t *bytes, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_BUILD_H
#define ONUS_NET_IPDB_BUILD_H

/*
 * Collect the rows of one source file, in whatever form it has, before they are written as a
 * compiled table (ipdb_file.h). Readers add values and ranges; onus_ipdb_build_order() sorts them
 * and decides what an overlap means.
 *
 * Owner:  the caller; release with onus_ipdb_build_clear(), which accepts a zeroed struct.
 * Limits: ONUS_IPDB_ROWS_MAX rows and values, ONUS_IPDB_TEXT_MAX bytes of text.
 */

#include "base/buffer.h"
#include "net/address.h"

#define ONUS_IPDB_ROWS_MAX 33554432u
#define ONUS_IPDB_TEXT_MAX 268435456u
#define ONUS_IPDB_NAME_MAX 512u /* longest operator name kept; more is cut */

__extension__ typedef unsigned __int128 onus_wide; /* an address as a number */

onus_wide onus_wide_of(const struct onus_address *address);
struct onus_address onus_wide_address(onus_wide value);

/* What a table may say about a network beside ASN and country (libloc's flags). */
enum onus_ipdb_flag {
    ONUS_IPDB_ANONYMOUS_PROXY = 1u << 0,
    ONUS_IPDB_SATELLITE = 1u << 1,
    ONUS_IPDB_ANYCAST = 1u << 2,
    ONUS_IPDB_DROP = 1u << 3,
    ONUS_IPDB_FLAGS_ALL = 15,
};

/* Every day: the row has no time limit of its own. */
#define ONUS_IPDB_FIRST_DAY INT32_MIN
#define ONUS_IPDB_LAST_DAY  INT32_MAX

struct onus_ipdb_value {
    uint32_t asn;
    struct onus_str text; /* operator name; of a list: the days of the row, or empty */
    char country[2];      /* zero bytes when unknown */
    uint16_t flags;
    int32_t from, to; /* days on which the row holds */
};

/* As kept: text is an offset into the pool. */
struct onus_ipdb_stored {
    uint32_t asn;
    uint32_t text_at;
    uint16_t text_len;
    uint16_t flags;
    char country[2];
    uint16_t zero;
    int32_t from, to;
};

struct onus_ipdb_row {
    onus_wide first, last;
    uint32_t value;
    uint32_t order;
};

/* What two rows that touch the same address mean. */
enum onus_ipdb_overlap {
    ONUS_IPDB_OVERLAP_LATER,  /* of the rows that hold an address the one that begins last answers,
                                 of those the shortest: for prefixes the more specific one */
    ONUS_IPDB_OVERLAP_NESTED, /* the same, where prefixes inside each other are how the source
                                 speaks, so that they are no overlaps to count */
    ONUS_IPDB_OVERLAP_MERGE,  /* a list of members: said twice is said once */
    ONUS_IPDB_OVERLAP_SAME,   /* the same range again with other days; otherwise an error */
};

struct onus_ipdb_build {
    struct onus_ipdb_row *rows;
    size_t row_count, row_room;
    struct onus_ipdb_stored *values;
    size_t value_count, value_room;
    struct onus_buffer pool;
    uint32_t *value_slots, *text_slots; /* open addressing; 0 is free, else index or offset + 1 */
    size_t value_slot_count, text_slot_count, text_count;
    uint32_t *text_starts; /* offset and length of each distinct text */
    size_t text_room;
    unsigned knows;         /* enum onus_ipdb_knows, as seen so far */
    uint64_t overlap_count; /* rows that touch an address of a row before them */
    uint64_t left_out;      /* lines of the source that are no row, counted by its reader */
};

void onus_ipdb_build_clear(struct onus_ipdb_build *build);

/* The index of a value, the same for equal ones. Control characters in its text become '?'. */
ONUS_NODISCARD enum onus_code onus_ipdb_build_value(struct onus_ipdb_build *build,
        const struct onus_ipdb_value *value, uint32_t *out, struct onus_error *err);

/* ONUS_E_FORMAT when last comes before first or the two are of different families. */
ONUS_NODISCARD enum onus_code onus_ipdb_build_row(struct onus_ipdb_build *build,
        const struct onus_address *first, const struct onus_address *last, uint32_t value,
        struct onus_error *err);

/* Sort and resolve overlaps. ONUS_E_FORMAT: no row, or one that does not fit, which is named. */
ONUS_NODISCARD enum onus_code onus_ipdb_build_order(struct onus_ipdb_build *build,
        enum onus_ipdb_overlap overlap, struct onus_error *err);

#endif

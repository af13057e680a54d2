/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_H
#define ONUS_NET_IPDB_H

/*
 * Which network an address was in, by dated tables.
 *
 * A set holds any number of tables, each with a name, a date and what it knows (ASN and operator,
 * country, or both). A table answers only for itself; choosing one is the caller's business, with
 * onus_ipdb_nearest(), and every answer carries the table it came from. Tables are compiled once into
 * a mapped file (docs/formats/ipdb.md) and shared by all threads; lookups do not allocate.
 */

#include "base/arena.h"
#include "net/address.h"

struct onus_ipdb; /* a set of tables and shared-infrastructure lists */

enum onus_ipdb_knows {
    ONUS_IPDB_ASN = 1u << 0,
    ONUS_IPDB_COUNTRY = 1u << 1,
    ONUS_IPDB_V4 = 1u << 2,
    ONUS_IPDB_V6 = 1u << 3,
};

struct onus_ipdb_table {
    struct onus_str name;
    struct onus_str date; /* "2026-06", "2022-10-29": as precise as its maker says */
    int32_t day;          /* days since 1970-01-01; a month is read as its 15th */
    unsigned knows;       /* enum onus_ipdb_knows */
    uint64_t rows;
    uint64_t overlaps; /* source rows that touch another one: the one that begins last answers */
    uint64_t left_out; /* source lines that were no rows */
    struct onus_str source; /* file names it was made from, joined by " + " */
};

/* One table's answer. Views live as long as the set. */
struct onus_ipdb_answer {
    struct onus_address first; /* first address of the row or prefix */
    struct onus_address last;
    uint8_t prefix_bits; /* of the largest prefix inside [first,last] that holds the address; v4 0..32 */
    uint32_t asn;        /* 0: the table does not say */
    struct onus_str operator_name;
    char country[3]; /* "" when the table does not say */
};

/*
 * Open the tables of a directory (NULL: the user's compiled tables, else Debian's libloc-database and
 * tor-geoipdb where installed). ONUS_E_MISSING when there is none: the caller goes on without and says
 * so. *out lives until onus_ipdb_close().
 */
ONUS_NODISCARD enum onus_code onus_ipdb_open(const char *directory, struct onus_ipdb **out,
        struct onus_error *err);

/*
 * The same for who asks little of large tables: of those this program has compiled into its cache, the
 * parts that answer are checked when they answer. One thread alone may then look up, and afterwards
 * asks onus_ipdb_status() whether the answers hold.
 */
ONUS_NODISCARD enum onus_code onus_ipdb_open_lazily(const char *directory, struct onus_ipdb **out,
        struct onus_error *err);

/* ONUS_OK, or ONUS_E_FORMAT when a lookup met damage, which it answered as if there was no row. */
enum onus_code onus_ipdb_status(const struct onus_ipdb *ipdb, struct onus_error *err);

void onus_ipdb_close(struct onus_ipdb *ipdb);

size_t onus_ipdb_table_count(const struct onus_ipdb *ipdb);
const struct onus_ipdb_table *onus_ipdb_table(const struct onus_ipdb *ipdb, size_t index);

/* False when the table has no row for the address. */
bool onus_ipdb_lookup(const struct onus_ipdb *ipdb, size_t table,
        const struct onus_address *address, struct onus_ipdb_answer *out);

/*
 * The rows of a table one by one, in ascending order, IPv4 before IPv6: *at is 0 at first and is moved on.
 * They do not overlap. False at the end.
 */
bool onus_ipdb_next_row(const struct onus_ipdb *ipdb, size_t table, uint64_t *at,
        struct onus_ipdb_answer *out);

/*
 * Index of the table that knows all bits of `knows` and is nearest to `day` (a tie goes to the
 * younger one, then by name), or SIZE_MAX.
 */
size_t onus_ipdb_nearest(const struct onus_ipdb *ipdb, unsigned knows, int32_t day);

/* Address space that many parties share and that says little about an operator. */
struct onus_shared_infra {
    const char *kind; /* "tor-exit", "vpn", "cdn", "cloud", "resolver", "research-scanner" ... */
    struct onus_str list;
    struct onus_str date;
};

/* For onus_ipdb_shared(): whatever the day; of a list of days the youngest entry is shown. */
#define ONUS_IPDB_ANY_DAY INT32_MIN

/* Up to `room` marks valid on `day`, in a fixed order; returns how many were written. */
size_t onus_ipdb_shared(const struct onus_ipdb *ipdb, const struct onus_address *address,
        int32_t day, struct onus_shared_infra *out, size_t room);

/* A list of shared infrastructure in the set. */
struct onus_ipdb_list {
    struct onus_str name, kind, date, source;
    uint64_t rows;
    uint64_t left_out; /* source lines that were no rows */
};

size_t onus_ipdb_list_count(const struct onus_ipdb *ipdb);
void onus_ipdb_list(const struct onus_ipdb *ipdb, size_t index, struct onus_ipdb_list *out);

/* A file of the directory that was left out. */
struct onus_ipdb_note {
    struct onus_str text; /* names the file and says why */
    bool refused;         /* undated or damaged; otherwise it is only not about addresses */
};

size_t onus_ipdb_note_count(const struct onus_ipdb *ipdb);
struct onus_ipdb_note onus_ipdb_note(const struct onus_ipdb *ipdb, size_t index);

/*
 * Compile a file into `directory` (NULL: the user's own, where onus_ipdb_open(NULL) looks), replacing
 * the table of that name and date. `date` ("2026-06", "2026-06-17") overrides what the file says;
 * NULL takes the file's own. *out names the file written; it has to hold ONUS_IPDB_PATH bytes.
 *
 * ONUS_E_MISSING  no date, or no directory to write to.
 * ONUS_E_FORMAT   not a table or list this program reads.
 */
#define ONUS_IPDB_PATH 4096
ONUS_NODISCARD enum onus_code onus_ipdb_add(const char *path, const char *date,
        const char *directory, char out[static ONUS_IPDB_PATH], struct onus_error *err);

#endif

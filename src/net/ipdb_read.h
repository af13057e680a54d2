/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_READ_H
#define ONUS_NET_IPDB_READ_H

/*
 * Readers of other people's tables and lists: bytes in memory to a build. Each accepts exactly the
 * form described at its function and names the first line or row that differs. All input is hostile.
 */

#include "ipdb_build.h"
#include "ipdb_date.h"

/* What a reader learned beside the rows. Texts are copied. */
struct onus_ipdb_found {
    struct onus_ipdb_date date; /* from inside the file; text "" when it says none */
    enum onus_ipdb_overlap overlap;
};

typedef enum onus_code onus_ipdb_reader(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err);

/*
 * "start,end,asn,org" or "start,end,cc" a line, addresses in text, org in quotes where it holds a
 * comma, no heading, sorted, with gaps.
 */
onus_ipdb_reader onus_ipdb_read_csv;

/* Tor's geoip and geoip6: "start,end,cc", IPv4 as a number, comments with '#'; "Generated:" dates it. */
onus_ipdb_reader onus_ipdb_read_tor;

/* MaxMind DB: the whole tree. Country flat or nested, autonomous system number and organisation. */
onus_ipdb_reader onus_ipdb_read_mmdb;

/* A libloc location database: networks, the names of autonomous systems, flags. */
onus_ipdb_reader onus_ipdb_read_libloc;

/* One address or prefix a line, '#' begins a comment. */
onus_ipdb_reader onus_ipdb_read_plain;

/*
 * "ip<TAB>first_seen<TAB>last_seen<TAB>..." with that heading; days as YYYY-MM-DD, both included.
 * Such files are collected over years and hold what a server said on a bad day: up to one line in a
 * hundred that is no row is left out and counted.
 */
onus_ipdb_reader onus_ipdb_read_intervals;

/*
 * A MISP warning list: JSON object with "name", "version", "list" of addresses and prefixes, "type"
 * "cidr". A key given twice is refused. ONUS_END: well-formed, but not a list of addresses.
 */
onus_ipdb_reader onus_ipdb_read_misp;

/* The next line of *rest without its end; false when *rest is empty. */
bool onus_ipdb_next_line(struct onus_str *rest, struct onus_str *line);

/* "192.0.2.0/24", "2001:db8::1": the first and last address. Host bits must be zero. */
bool onus_ipdb_parse_prefix(struct onus_str text, struct onus_address *first,
        struct onus_address *last);

/* Two letters or digits, stored in upper case. What means "unknown" ("", "??", "ZZ") gives zero bytes. */
bool onus_ipdb_parse_country(struct onus_str text, char out[static 2]);

/* A value that holds on every day. */
static inline struct onus_ipdb_value onus_ipdb_value_of_any_day(void)
{
    return (struct onus_ipdb_value){.from = ONUS_IPDB_FIRST_DAY, .to = ONUS_IPDB_LAST_DAY};
}

#endif

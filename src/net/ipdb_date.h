/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_DATE_H
#define ONUS_NET_IPDB_DATE_H

/*
 * The date of a table, kept as its maker wrote it and as a day number for distances.
 *
 * A table without a date never answers, so these functions are strict: what is not a calendar date
 * between 1990 and 2100 is no date.
 */

#include <onus/base.h>

#define ONUS_IPDB_DATE_TEXT 16

struct onus_ipdb_date {
    char text[ONUS_IPDB_DATE_TEXT]; /* "2026-06" or "2022-10-29"; "" when there is none */
    int32_t day;                    /* days since 1970-01-01; a month is read as its 15th */
};

/* Whole view: "2026-06", "2026-06-17" or "20260617". False, and *out untouched, otherwise. */
bool onus_ipdb_date_parse(struct onus_str text, struct onus_ipdb_date *out);

/* The UTC day of a Unix time. False when it is outside 1990 to 2100. */
bool onus_ipdb_date_of_unix(int64_t seconds, struct onus_ipdb_date *out);

/* "2026-06-17" of a day number. */
void onus_ipdb_date_of_day(int32_t day, struct onus_ipdb_date *out);

/*
 * What a file name says: "asn-ipv4_2026-06.csv.zst" is table "asn" of 2026-06. Suffixes of
 * compression and format, the date and the address family are not part of the name. A name without a
 * date leaves out_date->text empty.
 */
void onus_ipdb_date_from_file_name(struct onus_str file_name, struct onus_str *out_name,
        struct onus_ipdb_date *out_date);

/* The date in a package version such as "2.3.2026061719": its last part begins with YYYYMMDD. */
bool onus_ipdb_date_from_version(struct onus_str version, struct onus_ipdb_date *out);

#endif

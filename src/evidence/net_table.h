/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_NET_TABLE_H
#define ONUS_EVIDENCE_NET_TABLE_H

/*
 * A table of networks as lines that can be sealed (docs/formats/bundle.md, `network`):
 *
 *     onus/net-table/v1 NAME DATE
 *     net LOW HIGH ASN OPERATOR
 *     ...
 *
 * LOW and HIGH are keys of fences, HIGH is the first address behind; rows ascend and do not overlap. So
 * one table has one spelling, and two parties that seal the same table show the same lines.
 */

#include "evidence/index.h"

#define ONUS_NET_TABLE_MAGIC   ONUS_STR("onus/net-table/v1 ")
#define ONUS_NET_TABLE_LINES   524288 /* what one batch holds, the first line included */
#define ONUS_NET_TABLE_ROW_MAX 4096   /* bytes of one line */

struct onus_net_row {
    struct onus_key low, high;
    uint32_t asn;
    struct onus_str operator_name;
    uint64_t line; /* from 0 */
};

struct onus_net_rows {
    struct onus_str name, date;
    const struct onus_net_row *rows;
    size_t count;
};

/*
 * Read whole lines; the last may lack its line feed. Views point into `bytes`.
 * ONUS_E_FORMAT, with the offset, for anything onus_net_table_write_*() does not write.
 */
ONUS_NODISCARD enum onus_code onus_net_table_parse(struct onus_str bytes, struct onus_arena *arena,
        struct onus_net_rows *out, struct onus_error *err);

/* The row that holds the key of an address, or NULL. */
const struct onus_net_row *onus_net_table_find(const struct onus_net_rows *table,
        const struct onus_key *address);

/* A callback of struct onus_index_options; data is a const struct onus_net_rows. */
bool onus_net_table_routed(void *data, const struct onus_address *address, struct onus_address *low,
        struct onus_address *high);

/* The date of a table, "2016-06-20" or "2016-06", as seconds since 1970; a month is its 15th. */
bool onus_net_table_date(struct onus_str text, int64_t *out);

/* ---- writing --------------------------------------------------------------------------------- */

/*
 * Rows come in ascending order and are told one by one; neighbours of one AS and operator become one
 * row. Names lose control characters; an empty one becomes "-".
 */
struct onus_net_writer {
    struct onus_buffer *out;
    uint64_t lines;
    bool has_row;
    struct onus_net_row row;
    char operator_name[256];
};

/* NAME and DATE hold no blank; ONUS_E_ARGUMENT otherwise. */
ONUS_NODISCARD enum onus_code onus_net_table_begin(struct onus_net_writer *writer,
        struct onus_buffer *out, struct onus_str name, struct onus_str date,
        struct onus_error *err);
/* First and last address. ONUS_E_ARGUMENT: not behind the row before. ONUS_E_LIMIT: too many rows. */
ONUS_NODISCARD enum onus_code onus_net_table_add(struct onus_net_writer *writer,
        const struct onus_address *first, const struct onus_address *last, uint32_t asn,
        struct onus_str operator_name, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_net_table_end(struct onus_net_writer *writer,
        struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_NET_ANSWERS_H
#define ONUS_CLI_NET_ANSWERS_H

/* What `onus net` says about its addresses: as text, as JSON lines, and as shares of the whole set. */

#include "base/buffer.h"
#include "net/ipdb.h"
#include "net/ipdb_date.h"

#define ONUS_NET_FAR_DAYS   90 /* a table farther from the event than this is said to be */
#define ONUS_NET_SHARED_MAX 32

struct onus_net_query {
    const struct onus_ipdb *ipdb;
    const struct onus_address *addresses;
    size_t count;
    const struct onus_ipdb_date *date; /* of the event; NULL when not given */
};

/* Whether a table is the one nearest to the date, of those that know the address's family. */
struct onus_net_nearest {
    bool asn, country;
};

struct onus_net_nearest onus_net_nearest(const struct onus_net_query *query, size_t table,
        const struct onus_address *address);

/* "192.0.2.0/24" for an answer. */
void onus_net_prefix(struct onus_buffer *out, const struct onus_address *address,
        const struct onus_ipdb_answer *answer);

/* Addresses first to last - 1, aligned among themselves. */
void onus_net_text(struct onus_buffer *out, const struct onus_net_query *query, size_t first,
        size_t last);

/* One object, schema onus.net/1, with its line end. */
ONUS_NODISCARD enum onus_code onus_net_json(struct onus_buffer *out,
        const struct onus_net_query *query, const struct onus_address *address,
        struct onus_error *err);

/* For each table its share of the addresses at each network, with the table's date. */
ONUS_NODISCARD enum onus_code onus_net_shares(struct onus_buffer *out,
        const struct onus_net_query *query, struct onus_error *err);

#endif

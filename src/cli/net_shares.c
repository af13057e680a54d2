/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/str.h"
#include "cli/net_answers.h"
#include "text/utf8.h"

enum {
    NETWORKS_SHOWN = 10
};

/* One network that any table names for any of the addresses. */
struct network {
    uint32_t asn;
    uint64_t most; /* the largest count in one table */
};

/* What one table says about one address. */
struct naming {
    uint32_t asn;
    uint32_t table;
    struct onus_str name; /* the table's own name for the network */
};

struct shares {
    struct naming *namings; /* by asn, then table */
    size_t naming_count;
    struct network *networks; /* most addresses first */
    size_t network_count;
};

static int compare_namings(const void *left, const void *right)
{
    const struct naming *a = left;
    const struct naming *b = right;
    if (a->asn != b->asn) {
        return a->asn < b->asn ? -1 : 1;
    }
    if (a->table != b->table) {
        return a->table < b->table ? -1 : 1;
    }
    return onus_str_compare(a->name, b->name);
}

static int compare_networks(const void *left, const void *right)
{
    const struct network *a = left;
    const struct network *b = right;
    if (a->most != b->most) {
        return a->most > b->most ? -1 : 1;
    }
    return (a->asn > b->asn) - (a->asn < b->asn);
}

static bool knows_networks(const struct onus_net_query *query, size_t table)
{
    return (onus_ipdb_table(query->ipdb, table)->knows & ONUS_IPDB_ASN) != 0;
}

static void collect(const struct onus_net_query *query, struct shares *shares)
{
    for (size_t table = 0; table < onus_ipdb_table_count(query->ipdb); table++) {
        for (size_t i = 0; i < query->count && knows_networks(query, table); i++) {
            struct onus_ipdb_answer answer;
            if (onus_ipdb_lookup(query->ipdb, table, &query->addresses[i], &answer) &&
                    answer.asn != 0) {
                shares->namings[shares->naming_count++] = (struct naming){.asn = answer.asn,
                        .table = (uint32_t)table,
                        .name = answer.operator_name};
            }
        }
    }
    qsort(shares->namings, shares->naming_count, sizeof(shares->namings[0]), compare_namings);
    for (size_t i = 0; i < shares->naming_count;) {
        const struct naming *here = &shares->namings[i];
        size_t end = i;
        while (end < shares->naming_count && shares->namings[end].asn == here->asn &&
                shares->namings[end].table == here->table) {
            end++;
        }
        struct network *last =
                shares->network_count > 0 ? &shares->networks[shares->network_count - 1] : NULL;
        if (!last || last->asn != here->asn) {
            last = &shares->networks[shares->network_count++];
            *last = (struct network){.asn = here->asn};
        }
        last->most = end - i > last->most ? end - i : last->most;
        i = end;
    }
    qsort(shares->networks, shares->network_count, sizeof(shares->networks[0]), compare_networks);
}

/* How many addresses a table places in a network, and the table's name for it. */
static uint64_t count_in(const struct shares *shares, uint32_t asn, size_t table,
        struct onus_str *name)
{
    uint64_t count = 0;
    for (size_t i = 0; i < shares->naming_count; i++) {
        if (shares->namings[i].asn == asn && shares->namings[i].table == table) {
            *name = shares->namings[i].name;
            count++;
        }
    }
    return count;
}

static void say_count(struct onus_buffer *out, const struct onus_net_query *query, uint64_t count)
{
    onus_buffer_add_text(out, "  ");
    onus_buffer_add_u64(out, count);
    onus_buffer_add_text(out, " of ");
    onus_buffer_add_u64(out, query->count);
    onus_buffer_add_text(out, " addresses ");
}

static void say_table(struct onus_buffer *out, const struct onus_ipdb_table *table)
{
    onus_buffer_add_text(out, " (table ");
    (void)onus_utf8_add_visible(out, table->name, SIZE_MAX);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_str(out, table->date);
    onus_buffer_add_text(out, ")\n");
}

static void say_networks(struct onus_buffer *out, const struct onus_net_query *query,
        const struct shares *shares, size_t index)
{
    const struct onus_ipdb_table *table = onus_ipdb_table(query->ipdb, index);
    uint64_t placed = 0;
    for (size_t i = 0; i < shares->naming_count; i++) {
        placed += shares->namings[i].table == index ? 1u : 0u;
    }
    for (size_t i = 0; i < shares->network_count && i < NETWORKS_SHOWN; i++) {
        struct onus_str name = ONUS_STR_NONE;
        uint64_t count = count_in(shares, shares->networks[i].asn, index, &name);
        say_count(out, query, count);
        onus_buffer_add_text(out, "at AS");
        onus_buffer_add_u64(out, shares->networks[i].asn);
        onus_buffer_add_text(out, name.len > 0 ? " " : "");
        (void)onus_utf8_add_visible(out, name, SIZE_MAX);
        say_table(out, table);
    }
    if (placed < query->count) {
        say_count(out, query, query->count - placed);
        onus_buffer_add_text(out, "in no network");
        say_table(out, table);
    }
}

enum onus_code onus_net_shares(struct onus_buffer *out, const struct onus_net_query *query,
        struct onus_error *err)
{
    size_t tables = onus_ipdb_table_count(query->ipdb);
    struct shares shares = {.namings = calloc(query->count * tables + 1, sizeof(struct naming)),
            .networks = calloc(query->count * tables + 1, sizeof(struct network))};
    enum onus_code code = ONUS_OK;
    if (!shares.namings || !shares.networks) {
        code = onus_fail(err, ONUS_E_MEMORY, "out of memory");
    } else {
        collect(query, &shares);
        onus_buffer_add_text(out, "\nShare by network, each table for itself:\n");
        for (size_t i = 0; i < tables; i++) {
            if (knows_networks(query, i)) {
                say_networks(out, query, &shares, i);
            }
        }
        if (shares.network_count > NETWORKS_SHOWN) {
            onus_buffer_add_text(out, "  and ");
            onus_buffer_add_u64(out, shares.network_count - NETWORKS_SHOWN);
            onus_buffer_add_text(out, " networks more, with fewer addresses each\n");
        }
    }
    free(shares.namings);
    free(shares.networks);
    return code;
}

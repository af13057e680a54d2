/* SPDX-License-Identifier: Apache-2.0 */
#include <libloc/as.h>
#include <libloc/database.h>
#include <libloc/libloc.h>
#include <libloc/network.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "ipdb_memory_file.h"
#include "ipdb_read.h"

/* What onus_ipdb_value() gave for the last network: neighbours are often the same. */
struct taking {
    struct loc_database *db;
    struct onus_ipdb_build *build;
    uint32_t name_asn;
    char name[ONUS_IPDB_NAME_MAX];
    size_t name_len;
};

static struct onus_str name_of(struct taking *taking, uint32_t asn)
{
    if (asn != taking->name_asn) {
        struct loc_as *as = NULL;
        taking->name_asn = asn;
        taking->name_len = 0;
        if (loc_database_get_as(taking->db, &as, asn) == 0 && as) {
            struct onus_str name = onus_str_of(loc_as_get_name(as));
            taking->name_len = name.len < sizeof(taking->name) ? name.len : sizeof(taking->name);
            if (taking->name_len > 0) {
                memcpy(taking->name, name.ptr, taking->name_len);
            }
            loc_as_unref(as);
        }
    }
    return (struct onus_str){taking->name, taking->name_len};
}

static uint16_t flags_of(struct loc_network *network)
{
    static const struct {
        enum loc_network_flags theirs;
        enum onus_ipdb_flag ours;
    } flags[] = {
            {LOC_NETWORK_FLAG_ANONYMOUS_PROXY, ONUS_IPDB_ANONYMOUS_PROXY},
            {LOC_NETWORK_FLAG_SATELLITE_PROVIDER, ONUS_IPDB_SATELLITE},
            {LOC_NETWORK_FLAG_ANYCAST, ONUS_IPDB_ANYCAST},
            {LOC_NETWORK_FLAG_DROP, ONUS_IPDB_DROP},
    };
    unsigned out = 0;
    for (size_t i = 0; i < ONUS_COUNT(flags); i++) {
        if (loc_network_has_flag(network, (uint32_t)flags[i].theirs)) {
            out |= (unsigned)flags[i].ours;
        }
    }
    return (uint16_t)out;
}

static enum onus_code take(struct taking *taking, struct loc_network *network,
        struct onus_error *err)
{
    struct onus_address first;
    struct onus_address last;
    struct onus_ipdb_value value = onus_ipdb_value_of_any_day();
    memcpy(first.bytes, loc_network_get_first_address(network), sizeof(first.bytes));
    memcpy(last.bytes, loc_network_get_last_address(network), sizeof(last.bytes));
    if (onus_address_is_v4(&first) && !onus_address_is_v4(&last)) {
        return onus_fail(err, ONUS_E_FORMAT, "a network of IPv4 ends outside it");
    }
    value.asn = loc_network_get_asn(network);
    value.flags = flags_of(network);
    if (value.asn != 0) {
        value.text = name_of(taking, value.asn);
    }
    const char *country = loc_network_get_country_code(network);
    if (!onus_ipdb_parse_country(onus_str_of(country), value.country)) {
        value.country[0] = value.country[1] = '\0';
    }
    uint32_t index = 0;
    enum onus_code code = onus_ipdb_build_value(taking->build, &value, &index, err);
    return code == ONUS_OK ? onus_ipdb_build_row(taking->build, &first, &last, index, err) : code;
}

static enum onus_code take_all(struct taking *taking, struct onus_error *err)
{
    struct loc_database_enumerator *it = NULL;
    if (loc_database_enumerator_new(&it, taking->db, LOC_DB_ENUMERATE_NETWORKS, 0) != 0 || !it) {
        return onus_fail(err, ONUS_E_FORMAT, "libloc cannot list its networks");
    }
    enum onus_code code = ONUS_OK;
    while (code == ONUS_OK) {
        struct loc_network *network = NULL;
        if (loc_database_enumerator_next_network(it, &network) != 0) {
            code = onus_fail(err, ONUS_E_FORMAT, "libloc cannot read one of its networks");
        }
        if (!network) {
            break;
        }
        code = take(taking, network, err);
        loc_network_unref(network);
    }
    loc_database_enumerator_unref(it);
    return code;
}

static enum onus_code read_file(FILE *file, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    struct loc_ctx *context = NULL;
    struct taking *taking = calloc(1, sizeof(*taking));
    if (!taking || loc_new(&context) != 0) {
        free(taking);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    loc_set_log_priority(context, 0); /* a library does not print */
    enum onus_code code = ONUS_OK;
    if (loc_database_new(context, &taking->db, file) != 0 || !taking->db) {
        code = onus_fail(err, ONUS_E_FORMAT, "is not a libloc database");
    } else {
        taking->build = build;
        (void)onus_ipdb_date_of_unix((int64_t)loc_database_created_at(taking->db), &found->date);
        code = take_all(taking, err);
        loc_database_unref(taking->db);
    }
    loc_unref(context);
    free(taking);
    return code;
}

enum onus_code onus_ipdb_read_libloc(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    int descriptor = -1;
    found->overlap = ONUS_IPDB_OVERLAP_NESTED;
    if (!onus_str_begins(bytes, ONUS_STR("LOCDBXX"))) {
        return onus_fail(err, ONUS_E_FORMAT, "is not a libloc database");
    }
    enum onus_code code = onus_ipdb_memory_file(bytes, &descriptor, err);
    if (code != ONUS_OK) {
        return code;
    }
    FILE *file = fdopen(descriptor, "rb");
    if (!file) {
        (void)close(descriptor);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    code = read_file(file, build, found, err);
    (void)fclose(file);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "ipdb_cache.h"
#include "ipdb_kind.h"
#include "ipdb_set.h"
#include "ipdb_source.h"

static const char *const debian_tables[] = {
        "/usr/share/libloc-location/location.db",
        "/usr/share/tor/geoip",
        "/usr/share/tor/geoip6",
};

static enum onus_code open_named(struct onus_ipdb *ipdb, const char *directory,
        struct onus_error *err)
{
    if (access(directory, R_OK | X_OK) != 0) {
        return onus_fail(err, ONUS_E_MISSING, "no directory '%s' that can be read", directory);
    }
    return onus_ipdb_set_add_directory(ipdb, directory, err);
}

static enum onus_code open_default(struct onus_ipdb *ipdb, struct onus_error *err)
{
    char directory[ONUS_IPDB_PATH];
    enum onus_code code = ONUS_OK;
    if (onus_ipdb_data_directory(directory) && access(directory, R_OK | X_OK) == 0) {
        code = onus_ipdb_set_add_directory(ipdb, directory, err);
    }
    for (size_t i = 0; i < ONUS_COUNT(debian_tables) && code == ONUS_OK; i++) {
        if (access(debian_tables[i], R_OK) == 0) {
            code = onus_ipdb_set_add_file(ipdb, debian_tables[i], NULL, err);
        }
    }
    return code;
}

static enum onus_code open_set(const char *directory, bool lazily, struct onus_ipdb **out,
        struct onus_error *err)
{
    struct onus_ipdb *ipdb = onus_ipdb_set_new();
    if (!ipdb) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    ipdb->lazily = lazily;
    enum onus_code code = directory ? open_named(ipdb, directory, err) : open_default(ipdb, err);
    if (code == ONUS_OK) {
        code = onus_ipdb_set_finish(ipdb, err);
    }
    if (code == ONUS_OK && ipdb->table_count == 0 && ipdb->list_count == 0) {
        struct onus_str why = ipdb->note_count > 0 ? ipdb->notes[0].text : ONUS_STR_NONE;
        code = directory ? onus_fail(err, ONUS_E_MISSING, "no table in '%s'%s" ONUS_STR_FMT,
                                   directory, why.len > 0 ? ": " : "", ONUS_STR_ARG(why))
                         : onus_fail(err, ONUS_E_MISSING,
                                   "no table of networks: install libloc-database or tor-geoipdb, "
                                   "or add one with 'onus ipdb add'");
    }
    if (code != ONUS_OK) {
        onus_ipdb_close(ipdb);
        return code;
    }
    *out = ipdb;
    return ONUS_OK;
}

enum onus_code onus_ipdb_open(const char *directory, struct onus_ipdb **out, struct onus_error *err)
{
    return open_set(directory, false, out, err);
}

enum onus_code onus_ipdb_open_lazily(const char *directory, struct onus_ipdb **out,
        struct onus_error *err)
{
    return open_set(directory, true, out, err);
}

enum onus_code onus_ipdb_status(const struct onus_ipdb *ipdb, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; ipdb && i < ipdb->file_count && code == ONUS_OK; i++) {
        code = onus_ipdb_file_status(&ipdb->files[i], err);
    }
    return code;
}

void onus_ipdb_close(struct onus_ipdb *ipdb)
{
    if (!ipdb) {
        return;
    }
    for (size_t i = 0; i < ipdb->file_count; i++) {
        onus_ipdb_file_close(&ipdb->files[i]);
    }
    free(ipdb->files);
    free(ipdb->notes);
    onus_arena_clear(&ipdb->arena);
    free(ipdb);
}

size_t onus_ipdb_table_count(const struct onus_ipdb *ipdb)
{
    return ipdb ? ipdb->table_count : 0;
}

const struct onus_ipdb_table *onus_ipdb_table(const struct onus_ipdb *ipdb, size_t index)
{
    return &ipdb->tables[index].about;
}

/* Leading zero bits of a number of 128 bits. */
static unsigned leading_zeros(onus_wide value)
{
    uint64_t high = (uint64_t)(value >> 64);
    uint64_t low = (uint64_t)value;
    if (high != 0) {
        return (unsigned)__builtin_clzll(high);
    }
    return low != 0 ? 64 + (unsigned)__builtin_clzll(low) : 128;
}

/* The shortest prefix that holds the address and lies inside the row. */
static uint8_t prefix_bits(onus_wide address, const struct onus_ipdb_hit *hit, bool v4)
{
    unsigned width = v4 ? 32 : 128;
    onus_wide size = hit->last - hit->first; /* less one */
    unsigned least = size == ~(onus_wide)0 ? 0 : leading_zeros(size + 1) + 1 - (128 - width);
    for (unsigned bits = least; bits < width; bits++) {
        unsigned host = width - bits;
        onus_wide mask = host == 128 ? ~(onus_wide)0 : ((onus_wide)1 << host) - 1;
        if ((address & ~mask) >= hit->first && (address | mask) <= hit->last) {
            return (uint8_t)bits;
        }
    }
    return (uint8_t)width;
}

static const struct onus_ipdb_file *file_for(const struct onus_ipdb *ipdb, size_t table,
        const struct onus_address *address)
{
    if (!ipdb || table >= ipdb->table_count) {
        return NULL;
    }
    const struct onus_ipdb_entry *entry = &ipdb->tables[table];
    return onus_address_is_v4(address) ? entry->v4 : entry->v6;
}

bool onus_ipdb_lookup(const struct onus_ipdb *ipdb, size_t table,
        const struct onus_address *address, struct onus_ipdb_answer *out)
{
    const struct onus_ipdb_file *file = file_for(ipdb, table, address);
    struct onus_ipdb_hit hit;
    if (!file || !onus_ipdb_file_find(file, address, &hit)) {
        return false;
    }
    *out = (struct onus_ipdb_answer){.first = onus_wide_address(hit.first),
            .last = onus_wide_address(hit.last),
            .prefix_bits = prefix_bits(onus_wide_of(address), &hit, onus_address_is_v4(address)),
            .asn = hit.value.asn,
            .operator_name = hit.value.text,
            .country = {hit.value.country[0], hit.value.country[1], '\0'}};
    return true;
}

bool onus_ipdb_next_row(const struct onus_ipdb *ipdb, size_t table, uint64_t *at,
        struct onus_ipdb_answer *out)
{
    const struct onus_ipdb_entry *entry = &ipdb->tables[table];
    size_t v4_rows = entry->v4 ? entry->v4->v4.rows : 0;
    bool v4 = *at < v4_rows;
    const struct onus_ipdb_file *file = v4 ? entry->v4 : entry->v6;
    struct onus_ipdb_hit hit;
    if (!file || !onus_ipdb_file_row(file, v4, (size_t)*at - (v4 ? 0 : v4_rows), &hit)) {
        return false;
    }
    (*at)++;
    *out = (struct onus_ipdb_answer){.first = onus_wide_address(hit.first),
            .last = onus_wide_address(hit.last),
            .asn = hit.value.asn,
            .operator_name = hit.value.text,
            .country = {hit.value.country[0], hit.value.country[1], '\0'}};
    return true;
}

size_t onus_ipdb_nearest(const struct onus_ipdb *ipdb, unsigned knows, int32_t day)
{
    size_t best = SIZE_MAX;
    int64_t best_distance = INT64_MAX;
    for (size_t i = 0; i < onus_ipdb_table_count(ipdb); i++) {
        const struct onus_ipdb_table *table = &ipdb->tables[i].about;
        if ((table->knows & knows) != knows) {
            continue;
        }
        int64_t distance = (int64_t)table->day - day;
        distance = distance < 0 ? -distance : distance;
        /* Tables are in the order of day and name: a later one wins a tie only by being younger. */
        bool younger = best != SIZE_MAX && distance == best_distance &&
                       table->day > ipdb->tables[best].about.day;
        if (distance < best_distance || younger) {
            best = i;
            best_distance = distance;
        }
    }
    return best;
}

size_t onus_ipdb_list_count(const struct onus_ipdb *ipdb)
{
    return ipdb ? ipdb->list_count : 0;
}

void onus_ipdb_list(const struct onus_ipdb *ipdb, size_t index, struct onus_ipdb_list *out)
{
    const struct onus_ipdb_file *file = ipdb->lists[index];
    *out = (struct onus_ipdb_list){.name = file->about.name,
            .kind = file->about.list_kind,
            .date = onus_str_of(file->about.date.text),
            .source = file->about.source,
            .rows = file->v4.rows + file->v6.rows,
            .left_out = file->about.left_out};
}

size_t onus_ipdb_note_count(const struct onus_ipdb *ipdb)
{
    return ipdb ? ipdb->note_count : 0;
}

struct onus_ipdb_note onus_ipdb_note(const struct onus_ipdb *ipdb, size_t index)
{
    return ipdb->notes[index];
}

/* Written under what the table says of itself, so that the same table replaces itself. */
static enum onus_code keep(const char *directory, const struct onus_ipdb_file *file,
        struct onus_str bytes, char *out, struct onus_error *err)
{
    static const char *const families[] = {"", "-ipv4", "-ipv6", ""};
    char name[256];
    size_t which = (file->v4.rows > 0 ? 1u : 0u) + (file->v6.rows > 0 ? 2u : 0u);
    int n = snprintf(name, sizeof(name), "%s%s_%s.ipdb", file->about.name.ptr, families[which],
            file->about.date.text);
    int m = snprintf(out, ONUS_IPDB_PATH, "%s/%s", directory, name);
    if (n < 0 || (size_t)n >= sizeof(name) || m < 0 || m >= ONUS_IPDB_PATH) {
        return onus_fail(err, ONUS_E_LIMIT, "the path of '%s' is too long", name);
    }
    return onus_ipdb_cache_write(directory, name, bytes, err);
}

enum onus_code onus_ipdb_add(const char *path, const char *date, const char *directory,
        char out[static ONUS_IPDB_PATH], struct onus_error *err)
{
    char own[ONUS_IPDB_PATH];
    struct onus_ipdb_date given = {.text = ""};
    if (date && !onus_ipdb_date_parse(onus_str_of(date), &given)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' is not a date such as 2026-06 or 2026-06-17",
                date);
    }
    if (!directory && !onus_ipdb_data_directory(own)) {
        return onus_fail(err, ONUS_E_MISSING,
                "neither HOME nor XDG_DATA_HOME says where to keep "
                "tables");
    }
    struct onus_buffer bytes = {.limit = 0};
    struct onus_ipdb_file file = {.bytes = NULL};
    enum onus_code code = onus_ipdb_source_compile(path, &given, &bytes, err);
    if (code == ONUS_END) {
        code = onus_fail(err, ONUS_E_FORMAT, "'%s' holds no addresses", path);
    }
    if (code == ONUS_OK) {
        code = onus_ipdb_file_parse((const uint8_t *)bytes.ptr, bytes.len, &file, err);
    }
    if (code == ONUS_OK) {
        code = keep(directory ? directory : own, &file, onus_buffer_view(&bytes), out, err);
    }
    onus_buffer_clear(&bytes);
    return code;
}

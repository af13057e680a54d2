/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkmmdb LOCATION-DATABASE COUNTRY.mmdb ASN.mmdb
 *
 * Writes Debian's location database (libloc) in the shape that other programs expect of MaxMind
 * files, so that a peer can be measured while it does the same look-ups. MaxMind DB file format 2.0:
 * a binary tree of 32-bit records, 16 zero bytes, data, metadata.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libloc/as.h>
#include <libloc/country.h>
#include <libloc/database.h>
#include <libloc/libloc.h>
#include <libloc/network.h>

enum {
    TYPE_STRING = 2,
    TYPE_UINT16 = 5,
    TYPE_UINT32 = 6,
    TYPE_MAP = 7,
    TYPE_UINT64 = 9,
    TYPE_ARRAY = 11
};

#define EMPTY     UINT32_MAX
#define DATA_FLAG 0x80000000u /* in memory: the record is an offset into the data */

struct bytes {
    unsigned char *ptr;
    size_t used, size;
};

struct entry {
    uint64_t key; /* AS number, or the two letters of a country */
    uint32_t offset;
};

struct mmdb {
    uint32_t (*nodes)[2];
    uint32_t node_count, node_size;
    struct bytes data;
    struct entry *entries; /* ascending keys */
    size_t entry_count, entry_size;
};

/* Everything here is built once in memory and written: running out ends the program. */
static void *grow(void *old, size_t size)
{
    void *new = realloc(old, size);
    if (new == NULL) {
        (void)fprintf(stderr, "mkmmdb: out of memory\n");
        exit(5);
    }
    return new;
}

static void add_bytes(struct bytes *out, const void *ptr, size_t count)
{
    if (out->size - out->used < count) {
        out->size = (out->used + count) * 2;
        out->ptr = grow(out->ptr, out->size);
    }
    memcpy(out->ptr + out->used, ptr, count);
    out->used += count;
}

static void add_byte(struct bytes *out, unsigned value)
{
    unsigned char byte = (unsigned char)value;
    add_bytes(out, &byte, 1);
}

static void add_head(struct bytes *out, unsigned type, size_t size)
{
    unsigned shown = size < 29 ? (unsigned)size : size < 29 + 256 ? 29 : 30;
    add_byte(out, (type > 7 ? 0 : type << 5) | shown);
    if (type > 7) {
        add_byte(out, type - 7);
    }
    if (shown == 29) {
        add_byte(out, (unsigned)size - 29);
    } else if (shown == 30) {
        add_byte(out, (unsigned)(size - 285) >> 8);
        add_byte(out, (unsigned)(size - 285) & 255);
    }
}

static void add_text(struct bytes *out, const char *text)
{
    size_t length = strlen(text) < 200 ? strlen(text) : 200;
    add_head(out, TYPE_STRING, length);
    add_bytes(out, text, length);
}

static void add_number(struct bytes *out, unsigned type, uint64_t value, unsigned size)
{
    add_head(out, type, size);
    for (unsigned shift = size * 8; shift > 0; shift -= 8) {
        add_byte(out, (unsigned)(value >> (shift - 8) & 255));
    }
}

static void add_entry(struct mmdb *db, uint64_t key)
{
    if (db->entry_count == db->entry_size) {
        db->entry_size = db->entry_size * 2 + 256;
        db->entries = grow(db->entries, db->entry_size * sizeof(*db->entries));
    }
    db->entries[db->entry_count++] = (struct entry){key, (uint32_t)db->data.used};
}

static int by_key(const void *a, const void *b)
{
    uint64_t left = ((const struct entry *)a)->key, right = ((const struct entry *)b)->key;
    return (left > right) - (left < right);
}

static uint64_t country_key(const char *code)
{
    return code == NULL || strlen(code) != 2
                   ? 0
                   : (uint64_t)(unsigned char)code[0] << 8 | (unsigned char)code[1];
}

static uint32_t new_node(struct mmdb *db, uint32_t both)
{
    if (db->node_count == db->node_size) {
        db->node_size = db->node_size * 2 + 4096;
        db->nodes = grow(db->nodes, db->node_size * sizeof(*db->nodes));
    }
    db->nodes[db->node_count][0] = both;
    db->nodes[db->node_count][1] = both;
    return db->node_count++;
}

/* A network inside one that is already there takes its part of it; networks come outer first. */
static void insert(struct mmdb *db, const unsigned char address[16], unsigned length,
        uint32_t offset)
{
    uint32_t node = 0;
    for (unsigned bit = 0; bit < length; bit++) {
        unsigned side = address[bit / 8] >> (7 - bit % 8) & 1;
        uint32_t next = db->nodes[node][side];
        if (bit + 1 == length) {
            if (next == EMPTY || (next & DATA_FLAG) != 0) {
                db->nodes[node][side] = DATA_FLAG | offset;
            }
            return;
        }
        if (next == EMPTY || (next & DATA_FLAG) != 0) {
            next = new_node(db, next);
            db->nodes[node][side] = next;
        }
        node = next;
    }
}

static void insert_network(struct mmdb *db, struct loc_network *network, uint64_t key)
{
    struct entry wanted = {.key = key};
    const struct entry *found =
            bsearch(&wanted, db->entries, db->entry_count, sizeof(wanted), by_key);
    if (key == 0 || found == NULL) {
        return;
    }
    unsigned char address[16];
    unsigned length = loc_network_prefix(network);
    memcpy(address, loc_network_get_first_address(network), 16);
    if (loc_network_address_family(network) == AF_INET) { /* IPv4 lies in ::/96 */
        memset(address, 0, 12);
        length += 96;
    }
    insert(db, address, length, found->offset);
}

static void add_countries(struct mmdb *db, struct loc_database *from)
{
    struct loc_database_enumerator *all = NULL;
    struct loc_country *country = NULL;
    if (loc_database_enumerator_new(&all, from, LOC_DB_ENUMERATE_COUNTRIES, 0) != 0) {
        return;
    }
    while (loc_database_enumerator_next_country(all, &country) == 0 && country != NULL) {
        const char *code = loc_country_get_code(country), *name = loc_country_get_name(country);
        const char *continent = loc_country_get_continent_code(country);
        add_entry(db, country_key(code));
        add_head(&db->data, TYPE_MAP, 2);
        add_text(&db->data, "continent");
        add_head(&db->data, TYPE_MAP, 2);
        add_text(&db->data, "code");
        add_text(&db->data, continent != NULL ? continent : "--");
        add_text(&db->data, "names");
        add_head(&db->data, TYPE_MAP, 1);
        add_text(&db->data, "en");
        add_text(&db->data, continent != NULL ? continent : "--");
        add_text(&db->data, "country");
        add_head(&db->data, TYPE_MAP, 2);
        add_text(&db->data, "iso_code");
        add_text(&db->data, code);
        add_text(&db->data, "names");
        add_head(&db->data, TYPE_MAP, 1);
        add_text(&db->data, "en");
        add_text(&db->data, name != NULL ? name : code);
        loc_country_unref(country);
        country = NULL;
    }
    loc_database_enumerator_unref(all);
    qsort(db->entries, db->entry_count, sizeof(*db->entries), by_key);
}

static void add_systems(struct mmdb *db, struct loc_database *from)
{
    struct loc_database_enumerator *all = NULL;
    struct loc_as *as = NULL;
    if (loc_database_enumerator_new(&all, from, LOC_DB_ENUMERATE_ASES, 0) != 0) {
        return;
    }
    while (loc_database_enumerator_next_as(all, &as) == 0 && as != NULL) {
        const char *name = loc_as_get_name(as);
        add_entry(db, loc_as_get_number(as));
        add_head(&db->data, TYPE_MAP, 2);
        add_text(&db->data, "autonomous_system_number");
        add_number(&db->data, TYPE_UINT32, loc_as_get_number(as), 4);
        add_text(&db->data, "autonomous_system_organization");
        add_text(&db->data, name != NULL ? name : "");
        loc_as_unref(as);
        as = NULL;
    }
    loc_database_enumerator_unref(all);
    qsort(db->entries, db->entry_count, sizeof(*db->entries), by_key);
}

static void add_networks(struct mmdb *country, struct mmdb *asn, struct loc_database *from)
{
    struct loc_database_enumerator *all = NULL;
    struct loc_network *network = NULL;
    if (loc_database_enumerator_new(&all, from, LOC_DB_ENUMERATE_NETWORKS, 0) != 0) {
        return;
    }
    while (loc_database_enumerator_next_network(all, &network) == 0 && network != NULL) {
        insert_network(country, network, country_key(loc_network_get_country_code(network)));
        insert_network(asn, network, loc_network_get_asn(network));
        loc_network_unref(network);
        network = NULL;
    }
    loc_database_enumerator_unref(all);
}

static void add_metadata(struct bytes *out, const struct mmdb *db, const char *type, time_t built)
{
    static const char marker[] = "\xab\xcd\xefMaxMind.com";
    add_bytes(out, marker, sizeof(marker) - 1);
    add_head(out, TYPE_MAP, 9);
    add_text(out, "binary_format_major_version");
    add_number(out, TYPE_UINT16, 2, 2);
    add_text(out, "binary_format_minor_version");
    add_number(out, TYPE_UINT16, 0, 2);
    add_text(out, "build_epoch");
    add_number(out, TYPE_UINT64, (uint64_t)built, 8);
    add_text(out, "database_type");
    add_text(out, type);
    add_text(out, "description");
    add_head(out, TYPE_MAP, 1);
    add_text(out, "en");
    add_text(out, "Made from Debian's location database for measuring");
    add_text(out, "ip_version");
    add_number(out, TYPE_UINT16, 6, 2);
    add_text(out, "languages");
    add_head(out, TYPE_ARRAY, 1);
    add_text(out, "en");
    add_text(out, "node_count");
    add_number(out, TYPE_UINT32, db->node_count, 4);
    add_text(out, "record_size");
    add_number(out, TYPE_UINT16, 32, 2);
}

static bool write_mmdb(const struct mmdb *db, const char *type, time_t built, const char *path)
{
    static const unsigned char gap[16];
    struct bytes out = {0};
    for (uint32_t node = 0; node < db->node_count; node++) {
        for (int side = 0; side < 2; side++) {
            uint32_t record = db->nodes[node][side];
            uint32_t value = record == EMPTY ? db->node_count : record;
            if (record != EMPTY && (record & DATA_FLAG) != 0) {
                value = db->node_count + (uint32_t)sizeof(gap) + (record & ~DATA_FLAG);
            }
            for (int shift = 24; shift >= 0; shift -= 8) {
                add_byte(&out, value >> shift & 255);
            }
        }
    }
    add_bytes(&out, gap, sizeof(gap));
    add_bytes(&out, db->data.ptr, db->data.used);
    add_metadata(&out, db, type, built);
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(out.ptr, 1, out.used, file) == out.used;
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    if (!good) {
        (void)fprintf(stderr, "mkmmdb: cannot write '%s': %s\n", path, strerror(errno));
    }
    free(out.ptr);
    return good;
}

static void clear(struct mmdb *db)
{
    free(db->nodes);
    free(db->entries);
    free(db->data.ptr);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: mkmmdb LOCATION-DATABASE COUNTRY.mmdb ASN.mmdb\n");
        return 2;
    }
    struct loc_ctx *context = NULL;
    struct loc_database *from = NULL;
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL || loc_new(&context) != 0 || loc_database_new(context, &from, file) != 0) {
        (void)fprintf(stderr, "mkmmdb: cannot read '%s'\n", argv[1]);
        return 3;
    }
    struct mmdb country = {0}, asn = {0};
    (void)new_node(&country, EMPTY);
    (void)new_node(&asn, EMPTY);
    add_countries(&country, from);
    add_systems(&asn, from);
    add_networks(&country, &asn, from);
    time_t built = loc_database_created_at(from);
    bool good = write_mmdb(&country, "Onus-Country", built, argv[2]) &&
                write_mmdb(&asn, "Onus-ASN", built, argv[3]);
    (void)fprintf(stderr, "mkmmdb: %zu countries, %zu operators, %u and %u nodes\n",
            country.entry_count, asn.entry_count, country.node_count, asn.node_count);
    clear(&asn);
    clear(&country);
    loc_database_unref(from);
    loc_unref(context);
    (void)fclose(file);
    return good ? 0 : 5;
}

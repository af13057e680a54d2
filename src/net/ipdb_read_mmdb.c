/* SPDX-License-Identifier: Apache-2.0 */
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"
#include "ipdb_memory_file.h"
#include "ipdb_read.h"

enum {
    DEPTH_MAX = 128,
    FIRST_SLOTS = 1024
};

/* Records that were read already: offset in the data section to value index. */
struct seen {
    uint32_t *offsets; /* 0 is free, else offset + 1 */
    uint32_t *values;
    size_t slots, count;
};

struct branch {
    uint32_t node;
    uint8_t depth;
    onus_wide prefix;
};

struct walk {
    MMDB_s *db;
    struct onus_ipdb_build *build;
    struct seen seen;
    struct branch stack[DEPTH_MAX + 1];
    size_t open;
    uint64_t visits;
    unsigned width; /* 32 or 128 */
};

static enum onus_code refused(int status, struct onus_error *err)
{
    return onus_fail(err, status == MMDB_OUT_OF_MEMORY_ERROR ? ONUS_E_MEMORY : ONUS_E_FORMAT, "%s",
            MMDB_strerror(status));
}

static struct onus_str text_at(MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
            data.type != MMDB_DATA_TYPE_UTF8_STRING) {
        return ONUS_STR_NONE;
    }
    return (struct onus_str){data.utf8_string, data.data_size};
}

static uint32_t number_at(MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data) {
        return 0;
    }
    uint64_t number = 0;
    switch (data.type) {
    case MMDB_DATA_TYPE_UINT16:
        return data.uint16;
    case MMDB_DATA_TYPE_UINT32:
        return data.uint32;
    case MMDB_DATA_TYPE_UINT64:
        return data.uint64 <= UINT32_MAX ? (uint32_t)data.uint64 : 0;
    case MMDB_DATA_TYPE_UTF8_STRING: {
        struct onus_str text = {data.utf8_string, data.data_size};
        (void)onus_str_skip(&text, ONUS_STR("AS"));
        return onus_str_to_u64(text, UINT32_MAX, &number) ? (uint32_t)number : 0;
    }
    default:
        return 0;
    }
}

/* Each fact under the names that publishers use for it; the first one present counts. */
static enum onus_code read_record(MMDB_entry_s *entry, struct onus_ipdb_value *out,
        struct onus_error *err)
{
    static const char *const countries[][3] = {{"country_code", NULL},
            {"country", "iso_code", NULL}, {"country", NULL}};
    static const char *const numbers[][2] = {{"autonomous_system_number", NULL}, {"asn", NULL}};
    static const char *const names[][2] = {{"autonomous_system_organization", NULL},
            {"as_name", NULL}, {"organization", NULL}};
    for (size_t i = 0; i < ONUS_COUNT(countries) && out->country[0] == '\0'; i++) {
        struct onus_str code = text_at(entry, countries[i]);
        if (!onus_ipdb_parse_country(code, out->country)) {
            return onus_fail(err, ONUS_E_FORMAT, "'" ONUS_STR_FMT "' is not a country code",
                    ONUS_STR_ARG(code));
        }
    }
    for (size_t i = 0; i < ONUS_COUNT(numbers) && out->asn == 0; i++) {
        out->asn = number_at(entry, numbers[i]);
    }
    for (size_t i = 0; i < ONUS_COUNT(names) && out->text.len == 0; i++) {
        out->text = text_at(entry, names[i]);
    }
    return ONUS_OK;
}

static size_t slot_of(const struct seen *seen, uint32_t offset)
{
    size_t at = (size_t)onus_hash_mix(offset, 1) & (seen->slots - 1);
    while (seen->offsets[at] != 0 && seen->offsets[at] != offset + 1) {
        at = (at + 1) & (seen->slots - 1);
    }
    return at;
}

static enum onus_code widen(struct seen *seen, struct onus_error *err)
{
    if (seen->count * 2 < seen->slots) {
        return ONUS_OK;
    }
    struct seen wider = {.slots = seen->slots > 0 ? seen->slots * 2 : FIRST_SLOTS,
            .count = seen->count};
    wider.offsets = calloc(wider.slots, sizeof(uint32_t));
    wider.values = calloc(wider.slots, sizeof(uint32_t));
    if (!wider.offsets || !wider.values) {
        free(wider.offsets);
        free(wider.values);
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < seen->slots; i++) {
        if (seen->offsets[i] != 0) {
            size_t at = slot_of(&wider, seen->offsets[i] - 1);
            wider.offsets[at] = seen->offsets[i];
            wider.values[at] = seen->values[i];
        }
    }
    free(seen->offsets);
    free(seen->values);
    *seen = wider;
    return ONUS_OK;
}

static enum onus_code value_of(struct walk *walk, MMDB_entry_s *entry, uint32_t *out,
        struct onus_error *err)
{
    enum onus_code code = widen(&walk->seen, err);
    if (code != ONUS_OK) {
        return code;
    }
    size_t at = slot_of(&walk->seen, entry->offset);
    if (walk->seen.offsets[at] == 0) {
        struct onus_ipdb_value value = onus_ipdb_value_of_any_day();
        code = read_record(entry, &value, err);
        if (code == ONUS_OK) {
            code = onus_ipdb_build_value(walk->build, &value, &walk->seen.values[at], err);
        }
        if (code != ONUS_OK) {
            return code;
        }
        walk->seen.offsets[at] = entry->offset + 1;
        walk->seen.count++;
    }
    *out = walk->seen.values[at];
    return ONUS_OK;
}

/* In a tree of 128 bits IPv4 sits at ::/96; the same subtree may be linked again for 6to4 and more. */
static bool is_alias(const struct walk *walk, uint32_t node, unsigned depth, onus_wide prefix)
{
    return walk->width == 128 && node == walk->db->ipv4_start_node.node_value &&
           walk->db->ipv4_start_node.netmask == 96 && !(depth == 96 && prefix == 0);
}

static enum onus_code add_leaf(struct walk *walk, MMDB_entry_s *entry, unsigned depth,
        onus_wide prefix, struct onus_error *err)
{
    uint32_t value = 0;
    enum onus_code code = value_of(walk, entry, &value, err);
    if (code != ONUS_OK) {
        return code;
    }
    const onus_wide mapped = (onus_wide)0xffff00000000u;
    unsigned host = walk->width - depth;
    onus_wide mask = host == 128 ? ~(onus_wide)0 : ((onus_wide)1 << host) - 1;
    onus_wide first = prefix;
    onus_wide last = prefix | mask;
    if (walk->width == 32 || (depth >= 96 && prefix >> 32 == 0)) {
        first |= mapped;
        last |= mapped;
    }
    struct onus_address a = onus_wide_address(first);
    struct onus_address b = onus_wide_address(last);
    return onus_ipdb_build_row(walk->build, &a, &b, value, err);
}

static enum onus_code follow(struct walk *walk, const struct branch *from, unsigned side,
        uint64_t record, uint8_t type, MMDB_entry_s *entry, struct onus_error *err)
{
    unsigned depth = (unsigned)from->depth + 1;
    unsigned shift = walk->width - depth;
    if (depth > walk->width || shift > 127) {
        return onus_fail(err, ONUS_E_FORMAT, "the tree is deeper than an address");
    }
    onus_wide prefix = from->prefix | (onus_wide)side << shift;
    switch (type) {
    case MMDB_RECORD_TYPE_SEARCH_NODE:
        if (is_alias(walk, (uint32_t)record, depth, prefix)) {
            return ONUS_OK;
        }
        if (depth >= walk->width || walk->open > DEPTH_MAX) {
            return onus_fail(err, ONUS_E_FORMAT, "the tree is deeper than an address is long");
        }
        walk->stack[walk->open++] = (struct branch){.node = (uint32_t)record,
                .depth = (uint8_t)depth,
                .prefix = prefix};
        return ONUS_OK;
    case MMDB_RECORD_TYPE_DATA:
        return add_leaf(walk, entry, depth, prefix, err);
    case MMDB_RECORD_TYPE_EMPTY:
        return ONUS_OK;
    case MMDB_RECORD_TYPE_INVALID:
    default:
        return onus_fail(err, ONUS_E_FORMAT, "the tree has an invalid record");
    }
}

static enum onus_code walk_tree(struct walk *walk, struct onus_error *err)
{
    /* A tree visits each node once; links that meet again would make the walk endless. */
    uint64_t visits_max = (uint64_t)walk->db->metadata.node_count + 1;
    walk->stack[walk->open++] = (struct branch){.node = 0};
    while (walk->open > 0) {
        const struct branch here = walk->stack[--walk->open];
        MMDB_search_node_s node;
        if (++walk->visits > visits_max) {
            return onus_fail(err, ONUS_E_FORMAT, "the tree is not a tree: its branches meet");
        }
        int status = MMDB_read_node(walk->db, here.node, &node);
        if (status != MMDB_SUCCESS) {
            return refused(status, err);
        }
        /* The right one first, so that the left one is next: rows come out in order. */
        enum onus_code code = follow(walk, &here, 1, node.right_record, node.right_record_type,
                &node.right_record_entry, err);
        if (code == ONUS_OK) {
            code = follow(walk, &here, 0, node.left_record, node.left_record_type,
                    &node.left_record_entry, err);
        }
        if (code != ONUS_OK) {
            return code;
        }
    }
    return ONUS_OK;
}

static enum onus_code read_open(MMDB_s *db, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    if (!walk) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    walk->db = db;
    walk->build = build;
    walk->width = db->metadata.ip_version == 4 ? 32 : 128;
    if (db->metadata.build_epoch <= INT64_MAX) {
        (void)onus_ipdb_date_of_unix((int64_t)db->metadata.build_epoch, &found->date);
    }
    enum onus_code code = walk_tree(walk, err);
    free(walk->seen.offsets);
    free(walk->seen.values);
    free(walk);
    return code;
}

enum onus_code onus_ipdb_read_mmdb(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    int descriptor = -1;
    found->overlap = ONUS_IPDB_OVERLAP_LATER;
    enum onus_code code = onus_ipdb_memory_file(bytes, &descriptor, err);
    if (code != ONUS_OK) {
        return code;
    }
    char path[64];
    MMDB_s db;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    int status = MMDB_open(path, MMDB_MODE_MMAP, &db);
    if (status == MMDB_SUCCESS) {
        code = read_open(&db, build, found, err);
        MMDB_close(&db);
    } else {
        code = refused(status, err);
    }
    (void)close(descriptor);
    return code;
}

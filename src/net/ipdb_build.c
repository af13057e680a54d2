/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_build.h"

#include <endian.h>
#include <stdlib.h>

#include "base/hash.h"
#include "ipdb.h"

enum {
    FIRST_ROOM = 1024,
    FIRST_SLOTS = 4096
};

onus_wide onus_wide_of(const struct onus_address *address)
{
    uint64_t half[2];
    memcpy(half, address->bytes, sizeof(half));
    return (onus_wide)be64toh(half[0]) << 64 | be64toh(half[1]);
}

struct onus_address onus_wide_address(onus_wide value)
{
    struct onus_address out;
    const uint64_t half[2] = {htobe64((uint64_t)(value >> 64)), htobe64((uint64_t)value)};
    memcpy(out.bytes, half, sizeof(half));
    return out;
}

void onus_ipdb_build_clear(struct onus_ipdb_build *build)
{
    free(build->rows);
    free(build->values);
    free(build->value_slots);
    free(build->text_slots);
    free(build->text_starts);
    onus_buffer_clear(&build->pool);
    *build = (struct onus_ipdb_build){.rows = NULL};
}

/* Makes room for one more element of `size` bytes. */
static enum onus_code grow(void **array, size_t count, size_t *room, size_t size, size_t limit,
        struct onus_error *err)
{
    if (count < *room) {
        return ONUS_OK;
    }
    if (count >= limit) {
        return onus_fail(err, ONUS_E_LIMIT, "more than %zu rows", limit);
    }
    size_t wanted = *room > 0 ? *room * 2 : FIRST_ROOM;
    void *bigger = reallocarray(*array, wanted, size);
    if (!bigger) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    *array = bigger;
    *room = wanted;
    return ONUS_OK;
}

static uint64_t hash_stored(const struct onus_ipdb_stored *value)
{
    return onus_hash_bytes(0, value, sizeof(*value));
}

static struct onus_str text_of(const struct onus_ipdb_build *build, size_t index)
{
    return (struct onus_str){build->pool.ptr + build->text_starts[2 * index],
            build->text_starts[2 * index + 1]};
}

static uint64_t hash_entry(const struct onus_ipdb_build *build, bool of_text, size_t index)
{
    return of_text ? onus_hash_str(0, text_of(build, index)) : hash_stored(&build->values[index]);
}

/* Doubles a slot table and puts every entry in its new place. */
static enum onus_code widen(struct onus_ipdb_build *build, bool of_text, struct onus_error *err)
{
    uint32_t **slots = of_text ? &build->text_slots : &build->value_slots;
    size_t *count = of_text ? &build->text_slot_count : &build->value_slot_count;
    size_t entries = of_text ? build->text_count : build->value_count;
    if (entries * 2 < *count) {
        return ONUS_OK;
    }
    size_t wanted = *count > 0 ? *count * 2 : FIRST_SLOTS;
    uint32_t *wider = calloc(wanted, sizeof(*wider));
    if (!wider) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < entries; i++) {
        size_t at = hash_entry(build, of_text, i) & (wanted - 1);
        while (wider[at] != 0) {
            at = (at + 1) & (wanted - 1);
        }
        wider[at] = (uint32_t)i + 1;
    }
    free(*slots);
    *slots = wider;
    *count = wanted;
    return ONUS_OK;
}

/* A terminal must be safe from what a table says. */
static struct onus_str printable(struct onus_str text, char *room)
{
    size_t len = text.len < ONUS_IPDB_NAME_MAX ? text.len : ONUS_IPDB_NAME_MAX;
    if (len < text.len) {
        while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0u) == 0x80u) {
            len--; /* do not cut inside a character of UTF-8 */
        }
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        room[i] = c < 0x20 || c == 0x7f ? '?' : text.ptr[i];
    }
    return (struct onus_str){room, len};
}

static enum onus_code store_text(struct onus_ipdb_build *build, struct onus_str raw,
        struct onus_ipdb_stored *into, struct onus_error *err)
{
    if (raw.len == 0) {
        return ONUS_OK;
    }
    char room[ONUS_IPDB_NAME_MAX];
    struct onus_str text = printable(raw, room);
    enum onus_code code = widen(build, true, err);
    if (code != ONUS_OK) {
        return code;
    }
    size_t mask = build->text_slot_count - 1;
    size_t at = onus_hash_str(0, text) & mask;
    for (; build->text_slots[at] != 0; at = (at + 1) & mask) {
        size_t index = build->text_slots[at] - 1;
        if (onus_str_eq(text_of(build, index), text)) {
            into->text_at = build->text_starts[2 * index];
            into->text_len = (uint16_t)text.len;
            return ONUS_OK;
        }
    }
    void *starts = build->text_starts;
    code = grow(&starts, build->text_count, &build->text_room, 2 * sizeof(uint32_t),
            ONUS_IPDB_ROWS_MAX, err);
    build->text_starts = starts;
    if (code != ONUS_OK) {
        return code;
    }
    build->pool.limit = ONUS_IPDB_TEXT_MAX;
    into->text_at = (uint32_t)build->pool.len;
    into->text_len = (uint16_t)text.len;
    onus_buffer_add_str(&build->pool, text);
    code = onus_buffer_status(&build->pool, err);
    if (code != ONUS_OK) {
        return code;
    }
    build->text_starts[2 * build->text_count] = into->text_at;
    build->text_starts[2 * build->text_count + 1] = into->text_len;
    build->text_slots[at] = (uint32_t)++build->text_count;
    return ONUS_OK;
}

enum onus_code onus_ipdb_build_value(struct onus_ipdb_build *build,
        const struct onus_ipdb_value *value, uint32_t *out, struct onus_error *err)
{
    struct onus_ipdb_stored stored = {.asn = value->asn,
            .flags = value->flags,
            .country = {value->country[0], value->country[1]},
            .from = value->from,
            .to = value->to};
    enum onus_code code = store_text(build, value->text, &stored, err);
    if (code == ONUS_OK) {
        code = widen(build, false, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    size_t mask = build->value_slot_count - 1;
    size_t at = hash_stored(&stored) & mask;
    for (; build->value_slots[at] != 0; at = (at + 1) & mask) {
        uint32_t index = build->value_slots[at] - 1;
        if (memcmp(&build->values[index], &stored, sizeof(stored)) == 0) {
            *out = index;
            return ONUS_OK;
        }
    }
    void *values = build->values;
    code = grow(&values, build->value_count, &build->value_room, sizeof(stored), ONUS_IPDB_ROWS_MAX,
            err);
    build->values = values;
    if (code != ONUS_OK) {
        return code;
    }
    build->knows |= (stored.asn != 0 ? (unsigned)ONUS_IPDB_ASN : 0u) |
                    (stored.country[0] != 0 ? (unsigned)ONUS_IPDB_COUNTRY : 0u);
    build->values[build->value_count] = stored;
    *out = (uint32_t)build->value_count++;
    build->value_slots[at] = *out + 1;
    return ONUS_OK;
}

enum onus_code onus_ipdb_build_row(struct onus_ipdb_build *build, const struct onus_address *first,
        const struct onus_address *last, uint32_t value, struct onus_error *err)
{
    bool v4 = onus_address_is_v4(first);
    if (v4 != onus_address_is_v4(last)) {
        return onus_fail(err, ONUS_E_FORMAT,
                "a range begins in one address family and ends in "
                "the other");
    }
    const struct onus_ipdb_row row = {.first = onus_wide_of(first),
            .last = onus_wide_of(last),
            .value = value,
            .order = (uint32_t)build->row_count};
    const onus_wide mapped = (onus_wide)0xffff00000000u;
    if (row.last < row.first) {
        return onus_fail(err, ONUS_E_FORMAT, "a range ends before it begins");
    }
    if (!v4 && row.first < mapped && row.last > mapped) {
        return onus_fail(err, ONUS_E_FORMAT, "a range of IPv6 holds all of IPv4");
    }
    void *rows = build->rows;
    enum onus_code code =
            grow(&rows, build->row_count, &build->row_room, sizeof(row), ONUS_IPDB_ROWS_MAX, err);
    build->rows = rows;
    if (code != ONUS_OK) {
        return code;
    }
    build->knows |= v4 ? (unsigned)ONUS_IPDB_V4 : (unsigned)ONUS_IPDB_V6;
    build->rows[build->row_count++] = row;
    return ONUS_OK;
}

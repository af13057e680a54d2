/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb.h"
#include "ipdb_file.h"
#include "ipdb_layout.h"

enum {
    SMALL_TABLE = 4096, /* rows; below it the full index would be larger than the table */
    SMALL_INDEX_BITS = 8,
    FULL_INDEX_BITS = 16
};

struct part {
    const struct onus_ipdb_row *rows;
    size_t count;
    size_t gap_at, gap; /* rows of the other family to step over */
    bool v4;
    unsigned index_bits;
};

static const struct onus_ipdb_row *row_at(const struct part *part, size_t i)
{
    return &part->rows[i < part->gap_at ? i : i + part->gap];
}

static void put32(struct onus_buffer *out, uint32_t value)
{
    const uint32_t raw = htole32(value);
    onus_buffer_add(out, &raw, sizeof(raw));
}

static void put64(struct onus_buffer *out, uint64_t value)
{
    const uint64_t raw = htole64(value);
    onus_buffer_add(out, &raw, sizeof(raw));
}

static void pad(struct onus_buffer *out, size_t base)
{
    static const char zeros[ONUS_IPDB_ALIGN] = {0};
    size_t used = out->len - base;
    onus_buffer_add(out, zeros, onus_ipdb_aligned(used) - used);
}

static void put_address(struct onus_buffer *out, onus_wide value, bool v4)
{
    if (v4) {
        put32(out, (uint32_t)value);
    } else {
        put64(out, (uint64_t)(value >> 64));
        put64(out, (uint64_t)value);
    }
}

static size_t bucket_of(const struct part *part, onus_wide address)
{
    return part->v4 ? (uint32_t)address >> (32 - part->index_bits)
                    : (size_t)(address >> (128 - part->index_bits));
}

/* Entry b: how many rows end before bucket b begins. */
static void put_index(struct onus_buffer *out, const struct part *part)
{
    size_t row = 0;
    for (size_t bucket = 0; bucket <= (size_t)1 << part->index_bits; bucket++) {
        while (row < part->count && bucket_of(part, row_at(part, row)->last) < bucket) {
            row++;
        }
        put32(out, (uint32_t)row);
    }
}

static void put_part(struct onus_buffer *out, size_t base, const struct part *part)
{
    if (part->count == 0) {
        return;
    }
    put_index(out, part);
    pad(out, base);
    for (size_t i = 0; i < part->count; i++) {
        put_address(out, row_at(part, i)->first, part->v4);
    }
    pad(out, base);
    for (size_t i = 0; i < part->count; i++) {
        put_address(out, row_at(part, i)->last, part->v4);
    }
    pad(out, base);
    for (size_t i = 0; i < part->count; i++) {
        put32(out, row_at(part, i)->value);
    }
    pad(out, base);
}

static void put_values(struct onus_buffer *out, size_t base, const struct onus_ipdb_build *build)
{
    for (size_t i = 0; i < build->value_count; i++) {
        const struct onus_ipdb_stored *v = &build->values[i];
        put32(out, v->asn);
        put32(out, v->text_at);
        put32(out, (uint32_t)v->text_len | (uint32_t)v->flags << 16);
        onus_buffer_add(out, v->country, sizeof(v->country));
        onus_buffer_add(out, "\0", 2);
        put32(out, (uint32_t)v->from);
        put32(out, (uint32_t)v->to);
    }
    pad(out, base);
    onus_buffer_add(out, build->pool.ptr, build->pool.len);
    pad(out, base);
}

static void set64(char *header, size_t at, uint64_t value)
{
    const uint64_t raw = htole64(value);
    memcpy(header + at, &raw, sizeof(raw));
}

static void set32(char *header, size_t at, uint32_t value)
{
    const uint32_t raw = htole32(value);
    memcpy(header + at, &raw, sizeof(raw));
}

static void set_text(char *header, size_t at, size_t room, struct onus_str text)
{
    size_t len = text.len < room - 1 ? text.len : room - 1;
    if (len > 0) {
        memcpy(header + at, text.ptr, len);
    }
}

static void fill_header(char *header, const struct onus_ipdb_build *build,
        const struct onus_ipdb_about *about, const struct part *v4, const struct part *v6)
{
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): eight bytes, no text */
    memcpy(header + ONUS_IPDB_AT_MAGIC, ONUS_IPDB_MAGIC, 8);
    set32(header, ONUS_IPDB_AT_VERSION, ONUS_IPDB_FORMAT_VERSION);
    set32(header, ONUS_IPDB_AT_HEADER_SIZE, ONUS_IPDB_HEADER_SIZE);
    set64(header, ONUS_IPDB_AT_SOURCE_KEY, about->source_key);
    set64(header, ONUS_IPDB_AT_V4_ROWS, v4->count);
    set64(header, ONUS_IPDB_AT_V6_ROWS, v6->count);
    set64(header, ONUS_IPDB_AT_VALUES, build->value_count);
    set64(header, ONUS_IPDB_AT_POOL_SIZE, build->pool.len);
    set64(header, ONUS_IPDB_AT_OVERLAPS, build->overlap_count);
    set64(header, ONUS_IPDB_AT_LEFT_OUT, build->left_out);
    set32(header, ONUS_IPDB_AT_V4_INDEX_BITS, v4->index_bits);
    set32(header, ONUS_IPDB_AT_V6_INDEX_BITS, v6->index_bits);
    set32(header, ONUS_IPDB_AT_DAY, (uint32_t)about->date.day);
    set32(header, ONUS_IPDB_AT_KNOWS, build->knows);
    set_text(header, ONUS_IPDB_AT_DATE, ONUS_IPDB_DATE_TEXT, onus_str_of(about->date.text));
    set_text(header, ONUS_IPDB_AT_LIST_KIND, ONUS_IPDB_LIST_KIND_SIZE, about->list_kind);
    set_text(header, ONUS_IPDB_AT_NAME, ONUS_IPDB_NAME_SIZE, about->name);
    set_text(header, ONUS_IPDB_AT_SOURCE, ONUS_IPDB_SOURCE_SIZE, about->source);
}

/* In the order of addresses IPv4 (::ffff:0:0/96) is one run, with IPv6 before and after it. */
static void split(const struct onus_ipdb_build *build, struct part *v4, struct part *v6)
{
    const onus_wide v4_first = (onus_wide)0xffff00000000u;
    const onus_wide v4_last = (onus_wide)0xffffffffffffu;
    size_t begin = 0;
    while (begin < build->row_count && build->rows[begin].first < v4_first) {
        begin++;
    }
    size_t end = begin;
    while (end < build->row_count && build->rows[end].first <= v4_last) {
        end++;
    }
    *v4 = (struct part){.rows = build->rows + begin, .count = end - begin, .v4 = true};
    *v6 = (struct part){.rows = build->rows,
            .count = build->row_count - v4->count,
            .gap_at = begin,
            .gap = v4->count};
    v4->index_bits = v4->count < SMALL_TABLE ? SMALL_INDEX_BITS : FULL_INDEX_BITS;
    v6->index_bits = v6->count < SMALL_TABLE ? SMALL_INDEX_BITS : FULL_INDEX_BITS;
}

/* One for each piece begun by what was written so far. The header is none of it: it has its own. */
static void put_sums(struct onus_buffer *out, size_t base)
{
    size_t size = out->len - base;
    for (size_t at = 0; at < size && out->ptr; at += ONUS_IPDB_PIECE) {
        const uint8_t *bytes = (const uint8_t *)out->ptr + base;
        size_t from = at > 0 ? at : ONUS_IPDB_HEADER_SIZE;
        size_t to = at + ONUS_IPDB_PIECE < size ? at + ONUS_IPDB_PIECE : size;
        put64(out, onus_ipdb_checksum(bytes + from, to - from));
    }
    pad(out, base);
}

enum onus_code onus_ipdb_file_write(const struct onus_ipdb_build *build,
        const struct onus_ipdb_about *about, struct onus_buffer *out, struct onus_error *err)
{
    struct part v4;
    struct part v6;
    split(build, &v4, &v6);

    char header[ONUS_IPDB_HEADER_SIZE] = {0};
    fill_header(header, build, about, &v4, &v6);
    size_t base = out->len;
    onus_buffer_add(out, header, sizeof(header));
    put_part(out, base, &v4);
    put_part(out, base, &v6);
    put_values(out, base, build);
    size_t sums_at = out->len - base;
    put_sums(out, base);

    enum onus_code code = onus_buffer_status(out, err);
    if (code != ONUS_OK) {
        return code;
    }
    const uint8_t *bytes = (const uint8_t *)out->ptr + base;
    size_t size = out->len - base;
    set64(header, ONUS_IPDB_AT_FILE_SIZE, size);
    set64(header, ONUS_IPDB_AT_PAYLOAD_SUM, onus_ipdb_checksum(bytes + sums_at, size - sums_at));
    set64(header, ONUS_IPDB_AT_HEADER_SUM,
            onus_ipdb_checksum((const uint8_t *)header, sizeof(header)));
    memcpy(out->ptr + base, header, sizeof(header));
    return ONUS_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "net_table.h"

#include "base/str.h"
#include "text/decimal.h"
#include "text/hex.h"
#include "text/timestamp.h"

/* ---- reading --------------------------------------------------------------------------------- */

static enum onus_code wrong(struct onus_str bytes, struct onus_str line, const char *what,
        struct onus_error *err)
{
    return onus_fail_at(err, ONUS_E_FORMAT, (uint64_t)(line.ptr - bytes.ptr), "net table: %s",
            what);
}

static bool read_row(struct onus_str line, struct onus_net_row *out)
{
    struct onus_str word;
    uint64_t asn = 0;
    if (!onus_str_skip(&line, ONUS_STR("net ")) || !onus_str_cut(&line, ' ', &word) ||
            !onus_hex_exact(word, out->low.bytes, sizeof(out->low.bytes)) ||
            !onus_str_cut(&line, ' ', &word) ||
            !onus_hex_exact(word, out->high.bytes, sizeof(out->high.bytes)) ||
            !onus_str_cut(&line, ' ', &word) || !onus_decimal_parse(word, &asn)) {
        return false;
    }
    out->asn = (uint32_t)asn;
    out->operator_name = line;
    return asn <= UINT32_MAX && line.len > 0 && onus_key_valid(&out->low) &&
           onus_key_valid(&out->high) && onus_key_is_fence(&out->low) &&
           onus_key_is_fence(&out->high) && onus_key_compare(&out->low, &out->high) < 0;
}

static enum onus_code read_rows(struct onus_str bytes, struct onus_str rest,
        struct onus_net_row *rows, size_t *count, struct onus_error *err)
{
    uint64_t number = 1;
    for (; rest.len > 0; number++) {
        struct onus_str line = rest;
        if (!onus_str_cut(&rest, '\n', &line)) {
            rest = ONUS_STR_NONE;
        }
        struct onus_net_row *row = &rows[*count];
        if (!read_row(line, row)) {
            return wrong(bytes, line, "'net LOW HIGH ASN OPERATOR' is expected", err);
        }
        if (*count > 0 && onus_key_compare(&row[-1].high, &row->low) > 0) {
            return wrong(bytes, line, "rows do not ascend", err);
        }
        row->line = number;
        (*count)++;
    }
    return ONUS_OK;
}

enum onus_code onus_net_table_parse(struct onus_str bytes, struct onus_arena *arena,
        struct onus_net_rows *out, struct onus_error *err)
{
    struct onus_str rest = bytes;
    struct onus_str line;
    struct onus_net_rows table = {.rows = NULL};
    if (!onus_str_cut(&rest, '\n', &line)) {
        line = rest;
        rest = ONUS_STR_NONE;
    }
    table.date = line;
    if (!onus_str_skip(&table.date, ONUS_NET_TABLE_MAGIC) ||
            !onus_str_cut(&table.date, ' ', &table.name) || table.name.len == 0 ||
            table.date.len == 0 || onus_str_find_char(table.date, ' ') != ONUS_STR_NPOS) {
        return wrong(bytes, bytes, "'onus/net-table/v1 NAME DATE' is expected", err);
    }
    size_t lines = 1;
    for (size_t i = 0; i < rest.len; i++) {
        lines += rest.ptr[i] == '\n';
    }
    struct onus_net_row *rows = onus_arena_alloc(arena, lines * sizeof(*rows));
    if (!rows) {
        return onus_arena_reason(arena, err);
    }
    enum onus_code code = read_rows(bytes, rest, rows, &table.count, err);
    if (code == ONUS_OK) {
        table.rows = rows;
        *out = table;
    }
    return code;
}

const struct onus_net_row *onus_net_table_find(const struct onus_net_rows *table,
        const struct onus_key *address)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (onus_key_compare(&table->rows[middle].high, address) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool holds = low < table->count && onus_key_compare(&table->rows[low].low, address) < 0;
    return holds ? &table->rows[low] : NULL;
}

__extension__ typedef unsigned __int128 wide;

/* The address before a fence: the last one of a row. The end of IPv6 is 0 of its family: one less is all ones. */
static struct onus_address before(const struct onus_key *fence)
{
    wide number = (wide)onus_be64_get(fence->bytes + 1) << 64 | onus_be64_get(fence->bytes + 9);
    number--;
    struct onus_address address;
    onus_be64_put(address.bytes, (uint64_t)(number >> 64));
    onus_be64_put(address.bytes + 8, (uint64_t)number);
    return fence->bytes[0] == 0x04 ? onus_address_of_v4((uint32_t)number) : address;
}

bool onus_net_table_routed(void *data, const struct onus_address *address, struct onus_address *low,
        struct onus_address *high)
{
    struct onus_key key = onus_key_of(address);
    const struct onus_net_row *row = onus_net_table_find(data, &key);
    if (!row || !onus_key_address(&row->low, low)) {
        return false;
    }
    *high = before(&row->high);
    return true;
}

bool onus_net_table_date(struct onus_str text, int64_t *out)
{
    struct onus_civil civil = {.day = 15};
    uint64_t parts[3] = {0, 0, 15};
    struct onus_str part;
    size_t count = 0;
    for (bool more = true; more && count < ONUS_COUNT(parts);) {
        more = onus_str_cut(&text, '-', &part);
        if (!onus_str_to_u64(more ? part : text, 9999, &parts[count++])) {
            return false;
        }
    }
    civil.year = (int)parts[0];
    civil.month = (int)parts[1];
    civil.day = (int)parts[2];
    int64_t at = count >= 2 ? onus_time_of_civil(&civil) : ONUS_TIME_NONE;
    *out = at / ONUS_USEC;
    return at != ONUS_TIME_NONE;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool one_word(struct onus_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= 0x20 || text.ptr[i] == 0x7f) {
            return false;
        }
    }
    return text.len > 0;
}

enum onus_code onus_net_table_begin(struct onus_net_writer *writer, struct onus_buffer *out,
        struct onus_str name, struct onus_str date, struct onus_error *err)
{
    *writer = (struct onus_net_writer){.out = out, .lines = 1};
    if (!one_word(name) || !one_word(date)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "name and date of a table are one word each");
    }
    onus_buffer_add_str(out, ONUS_NET_TABLE_MAGIC);
    onus_buffer_add_str(out, name);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_str(out, date);
    onus_buffer_add_char(out, '\n');
    return ONUS_OK;
}

static enum onus_code write_row(struct onus_net_writer *writer, struct onus_error *err)
{
    const struct onus_net_row *row = &writer->row;
    if (writer->lines == ONUS_NET_TABLE_LINES) {
        return onus_fail(err, ONUS_E_LIMIT, "a table that is sealed has at most %d rows",
                ONUS_NET_TABLE_LINES - 1);
    }
    writer->lines++;
    onus_buffer_add_text(writer->out, "net ");
    onus_hex_add(writer->out, (struct onus_str){(const char *)row->low.bytes, 18});
    onus_buffer_add_char(writer->out, ' ');
    onus_hex_add(writer->out, (struct onus_str){(const char *)row->high.bytes, 18});
    onus_buffer_add_char(writer->out, ' ');
    onus_buffer_add_u64(writer->out, row->asn);
    onus_buffer_add_char(writer->out, ' ');
    onus_buffer_add_str(writer->out, row->operator_name);
    onus_buffer_add_char(writer->out, '\n');
    return ONUS_OK;
}

/* Without control characters; what does not fit is cut at a character. */
static struct onus_str clean_name(struct onus_str name, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < room; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c >= 0x20 && c != 0x7f) {
            out[n++] = (char)c;
        }
    }
    if (n == room) {
        while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80) {
            n--;
        }
        n -= n > 0 && (unsigned char)out[n - 1] >= 0xc0;
    }
    if (n == 0) {
        out[n++] = '-';
    }
    return (struct onus_str){out, n};
}

enum onus_code onus_net_table_add(struct onus_net_writer *writer, const struct onus_address *first,
        const struct onus_address *last, uint32_t asn, struct onus_str operator_name,
        struct onus_error *err)
{
    struct onus_net_row row = {.low = onus_key_fence(first),
            .high = onus_key_after(last),
            .asn = asn};
    char name[sizeof(writer->operator_name)];
    struct onus_str clean = clean_name(operator_name, name, sizeof(name));
    if (onus_key_compare(&row.low, &row.high) >= 0 ||
            (writer->has_row && onus_key_compare(&row.low, &writer->row.high) < 0)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "rows of a table of networks do not ascend");
    }
    if (writer->has_row && asn == writer->row.asn &&
            onus_key_compare(&row.low, &writer->row.high) == 0 &&
            onus_str_eq(clean, writer->row.operator_name)) {
        writer->row.high = row.high;
        return ONUS_OK;
    }
    if (writer->has_row) {
        enum onus_code code = write_row(writer, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    memcpy(writer->operator_name, name, clean.len);
    row.operator_name = (struct onus_str){writer->operator_name, clean.len};
    writer->row = row;
    writer->has_row = true;
    return ONUS_OK;
}

enum onus_code onus_net_table_end(struct onus_net_writer *writer, struct onus_error *err)
{
    enum onus_code code = writer->has_row ? write_row(writer, err) : ONUS_OK;
    return code == ONUS_OK ? onus_buffer_status(writer->out, err) : code;
}

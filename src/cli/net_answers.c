/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/net_answers.h"

#include "base/str.h"
#include "report/table.h"
#include "text/json_write.h"
#include "text/utf8.h"

struct onus_net_nearest onus_net_nearest(const struct onus_net_query *query, size_t table,
        const struct onus_address *address)
{
    struct onus_net_nearest out = {false, false};
    if (query->date) {
        unsigned family =
                onus_address_is_v4(address) ? (unsigned)ONUS_IPDB_V4 : (unsigned)ONUS_IPDB_V6;
        out.asn = table == onus_ipdb_nearest(query->ipdb, ONUS_IPDB_ASN | family, query->date->day);
        out.country = table ==
                      onus_ipdb_nearest(query->ipdb, ONUS_IPDB_COUNTRY | family, query->date->day);
    }
    return out;
}

void onus_net_prefix(struct onus_buffer *out, const struct onus_address *address,
        const struct onus_ipdb_answer *answer)
{
    char text[ONUS_ADDRESS_TEXT];
    struct onus_address prefix = *address;
    size_t first_bit = (onus_address_is_v4(address) ? 96u : 0u) + answer->prefix_bits;
    for (size_t bit = first_bit; bit < 128; bit++) {
        prefix.bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    }
    (void)onus_address_format(&prefix, text);
    onus_buffer_add_text(out, text);
    onus_buffer_add_char(out, '/');
    onus_buffer_add_u64(out, answer->prefix_bits);
}

static int64_t distance(const struct onus_net_query *query, const struct onus_ipdb_table *table)
{
    return (int64_t)table->day - query->date->day;
}

static bool is_far(int64_t days)
{
    return days > ONUS_NET_FAR_DAYS || days < -ONUS_NET_FAR_DAYS;
}

static void text_cell(struct onus_table *table, const char *text)
{
    onus_buffer_add_text(onus_table_cell(table), text);
    onus_table_end_cell(table);
}

static void distance_cell(struct onus_table *cells, const struct onus_net_query *query,
        const struct onus_ipdb_table *table)
{
    struct onus_buffer *out = onus_table_cell(cells);
    if (query->date) {
        int64_t days = distance(query, table);
        uint64_t size = (uint64_t)(days < 0 ? -days : days);
        onus_buffer_add_u64(out, size);
        onus_buffer_add_text(out, size == 1 ? " day " : " days ");
        onus_buffer_add_text(out, days < 0 ? "before" : (days > 0 ? "after" : "off"));
        onus_buffer_add_text(out, is_far(days) ? ", far from the event date" : "");
    }
    onus_table_end_cell(cells);
}

static void network_cells(struct onus_table *cells, const struct onus_address *address,
        const struct onus_ipdb_table *table, const struct onus_ipdb_answer *answer)
{
    struct onus_buffer *out = onus_table_cell(cells);
    onus_net_prefix(out, address, answer);
    onus_table_end_cell(cells);

    out = onus_table_cell(cells);
    if (answer->asn != 0) {
        onus_buffer_add_text(out, "AS");
        onus_buffer_add_u64(out, answer->asn);
        onus_buffer_add_text(out, answer->operator_name.len > 0 ? " " : "");
        (void)onus_utf8_add_visible(out, answer->operator_name, SIZE_MAX);
    } else if ((table->knows & ONUS_IPDB_ASN) != 0) {
        onus_buffer_add_text(out, "no network named");
    }
    onus_table_end_cell(cells);

    out = onus_table_cell(cells);
    if (answer->country[0] != '\0') {
        onus_buffer_add_text(out, "registered in ");
        onus_buffer_add_text(out, answer->country);
    }
    onus_table_end_cell(cells);
}

static const char *marker(struct onus_net_nearest nearest)
{
    if (nearest.asn && nearest.country) {
        return "* nearest";
    }
    return nearest.asn ? "* nearest for network" : (nearest.country ? "* nearest for country" : "");
}

static void fill_row(struct onus_table *cells, const struct onus_net_query *query, size_t index,
        const struct onus_address *address)
{
    const struct onus_ipdb_table *table = onus_ipdb_table(query->ipdb, index);
    struct onus_ipdb_answer answer;
    onus_table_str(cells, table->name);
    onus_table_str(cells, table->date);
    if (onus_ipdb_lookup(query->ipdb, index, address, &answer)) {
        network_cells(cells, address, table, &answer);
    } else {
        unsigned family =
                onus_address_is_v4(address) ? (unsigned)ONUS_IPDB_V4 : (unsigned)ONUS_IPDB_V6;
        text_cell(cells,
                (table->knows & family) != 0 ? "not in this table" : "table has no such addresses");
        text_cell(cells, "");
        text_cell(cells, "");
    }
    distance_cell(cells, query, table);
    text_cell(cells, marker(onus_net_nearest(query, index, address)));
}

static void text_of_shared(struct onus_buffer *out, const struct onus_net_query *query,
        const struct onus_address *address)
{
    struct onus_shared_infra marks[ONUS_NET_SHARED_MAX];
    size_t count = onus_ipdb_shared(query->ipdb, address,
            query->date ? query->date->day : ONUS_IPDB_ANY_DAY, marks, ONUS_NET_SHARED_MAX);
    for (size_t i = 0; i < count; i++) {
        onus_buffer_add_text(out, "  shared infrastructure: ");
        onus_buffer_add_text(out, marks[i].kind);
        onus_buffer_add_text(out, " (list ");
        (void)onus_utf8_add_visible(out, marks[i].list, SIZE_MAX);
        onus_buffer_add_text(out, ", ");
        onus_buffer_add_str(out, marks[i].date);
        onus_buffer_add_text(out, ")\n");
    }
}

void onus_net_text(struct onus_buffer *out, const struct onus_net_query *query, size_t first,
        size_t last)
{
    static const struct onus_table_column columns[] = {{.heading = "table"}, {.heading = "date"},
            {.heading = "prefix"}, {.heading = "network"}, {.heading = "country"},
            {.heading = "distance"}, {.heading = "nearest"}};
    size_t tables = onus_ipdb_table_count(query->ipdb);
    struct onus_table cells;
    onus_table_init(&cells, columns, ONUS_COUNT(columns));
    for (size_t i = first; i < last; i++) {
        for (size_t table = 0; table < tables; table++) {
            fill_row(&cells, query, table, &query->addresses[i]);
        }
    }
    onus_table_fit(&cells, SIZE_MAX);
    for (size_t i = first; i < last; i++) {
        char text[ONUS_ADDRESS_TEXT];
        (void)onus_address_format(&query->addresses[i], text);
        onus_buffer_add_text(out, text);
        onus_buffer_add_char(out, '\n');
        for (size_t table = 0; table < tables; table++) {
            onus_buffer_add_text(out, "  ");
            onus_table_print_row(&cells, (i - first) * tables + table, out);
            onus_buffer_add_char(out, '\n');
        }
        text_of_shared(out, query, &query->addresses[i]);
    }
    onus_table_clear(&cells);
}

static void json_shared(struct onus_json *json, const struct onus_shared_infra *marks, size_t count)
{
    onus_json_key(json, "shared");
    onus_json_array(json);
    for (size_t i = 0; i < count; i++) {
        onus_json_object(json);
        onus_json_key_text(json, "kind", marks[i].kind);
        onus_json_key_str(json, "list", marks[i].list);
        onus_json_key_str(json, "date", marks[i].date);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void json_facts(struct onus_json *json, const struct onus_address *address,
        const struct onus_ipdb_answer *answer)
{
    if (!answer) {
        onus_json_key_null(json, "prefix");
        onus_json_key_null(json, "asn");
        onus_json_key_null(json, "operator");
        onus_json_key_null(json, "country");
        return;
    }
    struct onus_buffer prefix = {.limit = 0};
    onus_net_prefix(&prefix, address, answer);
    onus_json_key_str(json, "prefix", onus_buffer_view(&prefix));
    onus_buffer_clear(&prefix);
    if (answer->asn != 0) {
        onus_json_key_u64(json, "asn", answer->asn);
    } else {
        onus_json_key_null(json, "asn");
    }
    onus_json_key_str_or_null(json, "operator", answer->operator_name);
    onus_json_key_str_or_null(json, "country", onus_str_of(answer->country));
}

static void json_distance(struct onus_json *json, const struct onus_net_query *query, size_t index,
        const struct onus_address *address)
{
    struct onus_net_nearest nearest = onus_net_nearest(query, index, address);
    int64_t days = distance(query, onus_ipdb_table(query->ipdb, index));
    onus_json_key_i64(json, "distance_days", days);
    onus_json_key_bool(json, "far", is_far(days));
    onus_json_key(json, "nearest_for");
    onus_json_array(json);
    if (nearest.asn) {
        onus_json_text(json, "asn");
    }
    if (nearest.country) {
        onus_json_text(json, "country");
    }
    onus_json_array_end(json);
}

enum onus_code onus_net_json(struct onus_buffer *out, const struct onus_net_query *query,
        const struct onus_address *address, struct onus_error *err)
{
    struct onus_json json;
    struct onus_shared_infra marks[ONUS_NET_SHARED_MAX];
    char text[ONUS_ADDRESS_TEXT];
    size_t mark_count = onus_ipdb_shared(query->ipdb, address,
            query->date ? query->date->day : ONUS_IPDB_ANY_DAY, marks, ONUS_NET_SHARED_MAX);
    (void)onus_address_format(address, text);

    onus_json_init(&json, out, 0);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.net/1");
    onus_json_key_text(&json, "address", text);
    onus_json_key_str_or_null(&json, "date",
            query->date ? onus_str_of(query->date->text) : ONUS_STR_NONE);
    onus_json_key(&json, "answers");
    onus_json_array(&json);
    for (size_t i = 0; i < onus_ipdb_table_count(query->ipdb); i++) {
        const struct onus_ipdb_table *table = onus_ipdb_table(query->ipdb, i);
        struct onus_ipdb_answer answer;
        bool held = onus_ipdb_lookup(query->ipdb, i, address, &answer);
        onus_json_object(&json);
        onus_json_key_str(&json, "table", table->name);
        onus_json_key_str(&json, "table_date", table->date);
        json_facts(&json, address, held ? &answer : NULL);
        if (query->date) {
            json_distance(&json, query, i, address);
        }
        json_shared(&json, marks, mark_count);
        onus_json_object_end(&json);
    }
    onus_json_array_end(&json);
    json_shared(&json, marks, mark_count);
    onus_json_object_end(&json);
    enum onus_code code = onus_json_finish(&json, err);
    onus_buffer_add_char(out, '\n');
    return code;
}

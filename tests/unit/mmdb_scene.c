/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mmdb_scene.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NODES_MAX = 1024,
    EMPTY = -1,
    DATA = 100000 /* a record from here on is an offset into the data, plus this */
};

struct tree {
    int record[NODES_MAX][2];
    int count;
};

static void put_control(struct onus_buffer *out, unsigned type, size_t size)
{
    assert_true(size < 29 + 256);
    unsigned low = size < 29 ? (unsigned)size : 29u;
    onus_buffer_add_char(out, (char)((type < 8 ? type << 5 : 0) | low));
    if (type >= 8) {
        onus_buffer_add_char(out, (char)(type - 7));
    }
    if (size >= 29) {
        onus_buffer_add_char(out, (char)(size - 29));
    }
}

static void put_text(struct onus_buffer *out, const char *text)
{
    put_control(out, 2, strlen(text));
    onus_buffer_add_text(out, text);
}

static void put_number(struct onus_buffer *out, unsigned type, uint64_t value, unsigned size)
{
    put_control(out, type, size);
    for (unsigned i = size; i > 0; i--) {
        onus_buffer_add_char(out, (char)(value >> (8 * (i - 1))));
    }
}

static void put_record(struct onus_buffer *out, const char *const keys[4])
{
    size_t pairs = (keys[0] ? 1u : 0u) + (keys[2] ? 1u : 0u);
    put_control(out, 7, pairs);
    for (size_t i = 0; i < 2 * pairs; i += 2) {
        bool number = keys[i][0] == '#';
        put_text(out, keys[i] + (number ? 1 : 0));
        if (number) {
            put_number(out, 6, strtoull(keys[i + 1], NULL, 10), 4);
        } else {
            put_text(out, keys[i + 1]);
        }
    }
}

static void insert(struct tree *tree, const struct mmdb_prefix *prefix, bool six, int leaf)
{
    uint8_t bytes[16] = {0};
    assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, prefix->address, bytes), 1);
    int node = 0;
    for (unsigned bit = 0; bit < prefix->bits; bit++) {
        int side = bytes[bit / 8] >> (7 - bit % 8) & 1;
        if (bit + 1 == prefix->bits) {
            tree->record[node][side] = leaf;
            return;
        }
        if (tree->record[node][side] == EMPTY) {
            assert_true(tree->count < NODES_MAX);
            tree->record[tree->count][0] = tree->record[tree->count][1] = EMPTY;
            tree->record[node][side] = tree->count++;
        }
        node = tree->record[node][side];
        assert_true(node < DATA);
    }
}

static void put_metadata(struct onus_buffer *out, int nodes, bool six)
{
    onus_buffer_add_text(out, "\xab\xcd\xefMaxMind.com");
    put_control(out, 7, 9);
    put_text(out, "binary_format_major_version");
    put_number(out, 5, 2, 2);
    put_text(out, "binary_format_minor_version");
    put_number(out, 5, 0, 2);
    put_text(out, "build_epoch");
    put_number(out, 9, 1781654400, 8);
    put_text(out, "database_type");
    put_text(out, "Example");
    put_text(out, "description");
    put_control(out, 7, 1);
    put_text(out, "en");
    put_text(out, "Example");
    put_text(out, "languages");
    put_control(out, 11, 0);
    put_text(out, "ip_version");
    put_number(out, 5, six ? 6 : 4, 2);
    put_text(out, "node_count");
    put_number(out, 6, (uint64_t)nodes, 4);
    put_text(out, "record_size");
    put_number(out, 5, 24, 2);
}

void mmdb_scene(struct onus_buffer *out, const struct mmdb_prefix *prefixes, size_t count, bool six)
{
    struct tree *tree = calloc(1, sizeof(*tree));
    struct onus_buffer data = {.limit = 0};
    assert_non_null(tree);
    tree->record[0][0] = tree->record[0][1] = EMPTY;
    tree->count = 1;
    for (size_t i = 0; i < count; i++) {
        insert(tree, &prefixes[i], six, DATA + (int)data.len);
        put_record(&data, prefixes[i].keys);
    }
    for (int node = 0; node < tree->count; node++) {
        for (int side = 0; side < 2; side++) {
            int record = tree->record[node][side];
            int raw = record == EMPTY
                              ? tree->count
                              : (record >= DATA ? record - DATA + tree->count + 16 : record);
            onus_buffer_add_char(out, (char)(raw >> 16));
            onus_buffer_add_char(out, (char)(raw >> 8));
            onus_buffer_add_char(out, (char)raw);
        }
    }
    static const char separator[16] = {0};
    onus_buffer_add(out, separator, sizeof(separator));
    onus_buffer_add_str(out, onus_buffer_view(&data));
    put_metadata(out, tree->count, six);
    assert_int_equal(onus_buffer_status(out, NULL), ONUS_OK);
    onus_buffer_clear(&data);
    free(tree);
}

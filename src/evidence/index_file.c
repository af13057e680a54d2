/* SPDX-License-Identifier: Apache-2.0 */
#include "index_parts.h"

#include <stdlib.h>

/* The form on a disk: docs/formats/vault.md, "The source index". */

#define MAGIC ONUS_STR("onus/index/v1\n")

enum {
    WITH_NUMBERS = 0x01,
    KEY_GONE = 0xff, /* in the place of the number of shared bytes */
    KEY_SIZE = sizeof(struct onus_key),
    ROW_MIN = 3, /* bytes of the shortest row */
};

/* ---- writing --------------------------------------------------------------------------------- */

static size_t shared_bytes(const struct onus_key *a, const struct onus_key *b)
{
    size_t n = 0;
    while (n < KEY_SIZE && a->bytes[n] == b->bytes[n]) {
        n++;
    }
    return n;
}

static void add_varint(struct onus_buffer *out, uint64_t value)
{
    uint8_t bytes[ONUS_VARINT_MAX];
    onus_buffer_add(out, bytes, onus_varint_put(bytes, value));
}

void onus_index_encode(const struct onus_index *index, struct onus_buffer *out)
{
    onus_buffer_add_str(out, MAGIC);
    onus_buffer_add_char(out, index->has_postings ? WITH_NUMBERS : 0);
    add_varint(out, index->count);
    struct onus_key before = {{0}};
    for (size_t i = 0; i < index->count; i++) {
        const struct onus_index_row *row = &index->rows[i];
        if (row->key_gone) {
            onus_buffer_add_char(out, (char)KEY_GONE);
        } else {
            size_t shared = shared_bytes(&before, &row->key);
            onus_buffer_add_char(out, (char)shared);
            onus_buffer_add(out, row->key.bytes + shared, KEY_SIZE - shared);
            before = row->key;
        }
        add_varint(out, row->own_lines);
        add_varint(out, row->own_attempts);
        if (!index->has_postings && row->own_lines > 0) {
            onus_buffer_add_str(out, onus_digest_view(&row->postings));
        }
    }
    if (index->has_postings) {
        onus_buffer_add_str(out, index->postings);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
    struct onus_str all, rest;
    struct onus_error *err;
};

static enum onus_code wrong(const struct reading *reading, const char *what)
{
    return onus_fail_at(reading->err, ONUS_E_FORMAT,
            (uint64_t)(reading->rest.ptr - reading->all.ptr), "source index: %s", what);
}

static enum onus_code take_varint(struct reading *reading, uint64_t *out)
{
    return onus_varint_take(&reading->rest, out) ? ONUS_OK : wrong(reading, "no number");
}

static bool take_bytes(struct reading *reading, void *out, size_t size)
{
    if (reading->rest.len < size) {
        return false;
    }
    memcpy(out, reading->rest.ptr, size);
    reading->rest.ptr += size;
    reading->rest.len -= size;
    return true;
}

static enum onus_code take_key(struct reading *reading, struct onus_key *before,
        struct onus_index_row *row)
{
    uint8_t shared = 0;
    if (!take_bytes(reading, &shared, 1)) {
        return wrong(reading, "cut off");
    }
    if (shared == KEY_GONE) {
        row->key_gone = true;
        return ONUS_OK;
    }
    if (shared >= KEY_SIZE) {
        return wrong(reading, "no such number of shared bytes");
    }
    row->key = *before;
    if (!take_bytes(reading, row->key.bytes + shared, KEY_SIZE - shared)) {
        return wrong(reading, "cut off");
    }
    if (!onus_key_valid(&row->key)) {
        return wrong(reading, "a key that cannot be");
    }
    if (shared_bytes(before, &row->key) != shared) {
        return wrong(reading, "more bytes are shared than it says");
    }
    if (onus_key_compare(before, &row->key) >= 0) {
        return wrong(reading, "keys do not ascend");
    }
    *before = row->key;
    return ONUS_OK;
}

static enum onus_code take_rows(struct reading *reading, struct onus_index *index)
{
    struct onus_key before = {{0}}; /* below every key that can be */
    for (size_t i = 0; i < index->count; i++) {
        struct onus_index_row *row = &index->rows[i];
        enum onus_code code = take_key(reading, &before, row);
        if (code == ONUS_OK) {
            code = take_varint(reading, &row->own_lines);
        }
        if (code == ONUS_OK) {
            code = take_varint(reading, &row->own_attempts);
        }
        if (code != ONUS_OK) {
            return code;
        }
        if (!row->key_gone && onus_key_is_fence(&row->key) &&
                (row->own_lines > 0 || row->own_attempts > 0)) {
            return wrong(reading, "a fence that counts");
        }
        if (row->own_lines == 0) {
            onus_tree_empty_root(&row->postings);
        } else if (!index->has_postings &&
                   !take_bytes(reading, row->postings.bytes, sizeof(row->postings.bytes))) {
            return wrong(reading, "cut off");
        }
    }
    if (!onus_index_sums(index->rows, index->count)) {
        return wrong(reading, "sums that do not fit");
    }
    return ONUS_OK;
}

/* Every line of the batch stands under just one row. */
static enum onus_code take_numbers(struct reading *reading, struct onus_index *index,
        uint64_t *seen)
{
    uint64_t lines = onus_index_lines(index);
    index->postings = reading->rest;
    for (size_t i = 0; i < index->count; i++) {
        struct onus_index_row *row = &index->rows[i];
        row->postings_at = (uint64_t)(reading->rest.ptr - index->postings.ptr);
        uint64_t line = 0;
        for (uint64_t j = 0; j < row->own_lines; j++) {
            uint64_t step = 0;
            enum onus_code code = take_varint(reading, &step);
            if (code != ONUS_OK) {
                return code;
            }
            if (step >= lines - line) {
                return wrong(reading, "a line that is not in the batch");
            }
            line += step;
            uint64_t bit = UINT64_C(1) << line % 64;
            if ((seen[line / 64] & bit) != 0) {
                return wrong(reading, "a line stands twice");
            }
            seen[line / 64] |= bit;
        }
    }
    return reading->rest.len == 0 ? ONUS_OK : wrong(reading, "bytes are left over");
}

static enum onus_code read_numbers(struct reading *reading, struct onus_index *index,
        const struct onus_sha256_kernel *kernel)
{
    if (!index->has_postings) {
        return reading->rest.len == 0 ? ONUS_OK : wrong(reading, "bytes are left over");
    }
    uint64_t lines = onus_index_lines(index);
    if (lines > reading->rest.len || lines > ONUS_INDEX_LINES_MAX) {
        return wrong(reading, "more lines than there are numbers");
    }
    uint64_t *seen = calloc((size_t)lines / 64 + 1, sizeof(*seen));
    if (!seen) {
        return onus_fail(reading->err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = take_numbers(reading, index, seen);
    free(seen);
    return code == ONUS_OK ? onus_index_postings_roots(index, kernel, reading->err) : code;
}

enum onus_code onus_index_decode(struct onus_str bytes, const struct onus_sha256_kernel *kernel,
        struct onus_arena *arena, struct onus_index *out, struct onus_error *err)
{
    struct reading reading = {.all = bytes, .rest = bytes, .err = err};
    struct onus_index index = {.rows = NULL};
    uint8_t flags = 0;
    if (!onus_str_skip(&reading.rest, MAGIC)) {
        return wrong(&reading, "not of version 1");
    }
    if (!take_bytes(&reading, &flags, 1) || flags > WITH_NUMBERS) {
        return wrong(&reading, "flags that cannot be");
    }
    index.has_postings = flags == WITH_NUMBERS;
    uint64_t count = 0;
    enum onus_code code = take_varint(&reading, &count);
    if (code != ONUS_OK) {
        return code;
    }
    if (count > reading.rest.len / ROW_MIN) {
        return wrong(&reading, "more rows than bytes");
    }
    index.count = (size_t)count;
    index.rows = onus_arena_alloc(arena, index.count * sizeof(*index.rows));
    if (!index.rows) {
        return onus_arena_reason(arena, err);
    }
    code = take_rows(&reading, &index);
    if (code == ONUS_OK) {
        code = read_numbers(&reading, &index, kernel);
    }
    if (code == ONUS_OK) {
        *out = index;
    }
    return code;
}

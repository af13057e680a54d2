/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipdb_layout.h"

/*
 * Four lanes, each a chain of one-to-one steps, so that a change in any word changes the sum. Meant
 * against damage; whoever can write the file can also write the sum.
 */
uint64_t onus_ipdb_checksum(const uint8_t *bytes, size_t size)
{
    const uint64_t prime = 0x9e3779b97f4a7c15u;
    uint64_t lane[4] = {1, 2, 3, 4};
    for (size_t at = 0; at + 32 <= size; at += 32) {
        for (size_t i = 0; i < 4; i++) {
            lane[i] = (lane[i] ^ onus_ipdb_get64(bytes + at + 8 * i)) * prime;
            lane[i] ^= lane[i] >> 29;
        }
    }
    uint64_t sum = size;
    for (size_t i = 0; i < 4; i++) {
        sum = (sum ^ lane[i]) * prime;
        sum ^= sum >> 32;
    }
    return sum;
}

static enum onus_code damaged(struct onus_error *err)
{
    return onus_fail(err, ONUS_E_MISMATCH, "damaged: a checksum does not hold");
}

static enum onus_code inconsistent(const char *what, struct onus_error *err)
{
    return onus_fail(err, ONUS_E_FORMAT, "contradicts itself: %s", what);
}

/* A text field of the header: terminated, zero behind the end. */
static bool header_text(const uint8_t *field, size_t room, struct onus_str *out)
{
    const char *text = (const char *)field;
    size_t len = strnlen(text, room);
    for (size_t i = len; i < room; i++) {
        if (field[i] != 0) {
            return false;
        }
    }
    *out = (struct onus_str){text, len};
    return len < room;
}

static enum onus_code read_about(const uint8_t *h, struct onus_ipdb_about *out,
        struct onus_error *err)
{
    struct onus_str date;
    bool good =
            header_text(h + ONUS_IPDB_AT_DATE, ONUS_IPDB_DATE_TEXT, &date) &&
            header_text(h + ONUS_IPDB_AT_LIST_KIND, ONUS_IPDB_LIST_KIND_SIZE, &out->list_kind) &&
            header_text(h + ONUS_IPDB_AT_NAME, ONUS_IPDB_NAME_SIZE, &out->name) &&
            header_text(h + ONUS_IPDB_AT_SOURCE, ONUS_IPDB_SOURCE_SIZE, &out->source);
    if (!good || out->name.len == 0) {
        return inconsistent("a name in the header", err);
    }
    if (!onus_ipdb_date_parse(date, &out->date) ||
            out->date.day != (int32_t)onus_ipdb_get32(h + ONUS_IPDB_AT_DAY)) {
        return inconsistent("the date in the header", err);
    }
    out->knows = onus_ipdb_get32(h + ONUS_IPDB_AT_KNOWS);
    out->overlaps = onus_ipdb_get64(h + ONUS_IPDB_AT_OVERLAPS);
    out->left_out = onus_ipdb_get64(h + ONUS_IPDB_AT_LEFT_OUT);
    out->source_key = onus_ipdb_get64(h + ONUS_IPDB_AT_SOURCE_KEY);
    return ONUS_OK;
}

/* The sections one after the other; each begins where the one before it ends. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool good;
};

static const uint8_t *section(struct cursor *c, size_t size)
{
    size_t whole = onus_ipdb_aligned(size);
    if (!c->good || whole > c->left) {
        c->good = false;
        return NULL;
    }
    const uint8_t *start = c->at;
    c->at += whole;
    c->left -= whole;
    return start;
}

static bool family_sections(struct cursor *c, uint64_t rows, uint32_t index_bits, size_t width,
        struct onus_ipdb_family *out)
{
    if (rows > ONUS_IPDB_ROWS_MAX || index_bits < 1 || index_bits > 24) {
        return false;
    }
    *out = (struct onus_ipdb_family){.rows = (size_t)rows, .index_bits = index_bits};
    if (rows > 0) {
        out->index = section(c, onus_ipdb_index_size(out->rows, index_bits));
        out->first = section(c, out->rows * width);
        out->last = section(c, out->rows * width);
        out->value = section(c, out->rows * 4);
    }
    return c->good;
}

static onus_wide get_address(const uint8_t *array, size_t row, bool v4)
{
    if (v4) {
        return (onus_wide)0xffff00000000u | onus_ipdb_get32(array + row * ONUS_IPDB_V4_SIZE);
    }
    const uint8_t *at = array + row * ONUS_IPDB_V6_SIZE;
    return (onus_wide)onus_ipdb_get64(at) << 64 | onus_ipdb_get64(at + 8);
}

static size_t bucket_of(const struct onus_ipdb_family *family, onus_wide address, bool v4)
{
    return v4 ? (uint32_t)address >> (32 - family->index_bits)
              : (size_t)(address >> (128 - family->index_bits));
}

static bool is_v4_number(onus_wide address)
{
    return address >> 32 == 0xffff;
}

/* Sorted, apart or the same, of this family, with a value that is there. */
static bool rows_good(const struct onus_ipdb_family *family, bool v4, size_t value_count)
{
    onus_wide before_first = 0;
    onus_wide before_last = 0;
    for (size_t i = 0; i < family->rows; i++) {
        onus_wide first = get_address(family->first, i, v4);
        onus_wide last = get_address(family->last, i, v4);
        bool same = i > 0 && first == before_first && last == before_last;
        if (first > last || (i > 0 && first <= before_last && !same) ||
                onus_ipdb_get32(family->value + 4 * i) >= value_count ||
                (!v4 && (is_v4_number(first) || is_v4_number(last)))) {
            return false;
        }
        before_first = first;
        before_last = last;
    }
    return true;
}

static bool index_good(const struct onus_ipdb_family *family, bool v4)
{
    size_t row = 0;
    size_t buckets = family->rows > 0 ? (size_t)1 << family->index_bits : 0;
    for (size_t bucket = 0; bucket <= buckets && family->rows > 0; bucket++) {
        while (row < family->rows &&
                bucket_of(family, get_address(family->last, row, v4), v4) < bucket) {
            row++;
        }
        if (onus_ipdb_get32(family->index + 4 * bucket) != row) {
            return false;
        }
    }
    return true;
}

static bool values_good(const struct onus_ipdb_file *file)
{
    for (size_t i = 0; i < file->value_count; i++) {
        const uint8_t *v = file->values + i * ONUS_IPDB_VALUE;
        uint32_t at = onus_ipdb_get32(v + ONUS_IPDB_VALUE_TEXT_AT);
        uint16_t len = onus_ipdb_get16(v + ONUS_IPDB_VALUE_TEXT_LEN);
        if (at > file->pool_size || len > file->pool_size - at) {
            return false;
        }
    }
    return true;
}

static enum onus_code check_header(const uint8_t *bytes, size_t size, struct onus_error *err)
{
    if (size < ONUS_IPDB_HEADER_SIZE || memcmp(bytes, ONUS_IPDB_MAGIC, 8) != 0) {
        return onus_fail(err, ONUS_E_FORMAT, "not a compiled table");
    }
    uint32_t version = onus_ipdb_get32(bytes + ONUS_IPDB_AT_VERSION);
    if (version < ONUS_IPDB_FORMAT_OLDEST || version > ONUS_IPDB_FORMAT_VERSION) {
        return onus_fail(err, ONUS_E_FORMAT, "compiled table of version %u, this program reads %u",
                version, ONUS_IPDB_FORMAT_VERSION);
    }
    uint8_t header[ONUS_IPDB_HEADER_SIZE];
    memcpy(header, bytes, sizeof(header));
    memset(header + ONUS_IPDB_AT_HEADER_SUM, 0, 8);
    if (onus_ipdb_checksum(header, sizeof(header)) !=
            onus_ipdb_get64(bytes + ONUS_IPDB_AT_HEADER_SUM)) {
        return damaged(err);
    }
    if (onus_ipdb_get32(bytes + ONUS_IPDB_AT_HEADER_SIZE) != ONUS_IPDB_HEADER_SIZE ||
            onus_ipdb_get64(bytes + ONUS_IPDB_AT_FILE_SIZE) != size ||
            size % ONUS_IPDB_ALIGN != 0) {
        return inconsistent("its size", err);
    }
    return ONUS_OK;
}

/* ---- the sums of pieces ---- */

/* Bits of pieces whose sum was found to hold. */
struct onus_ipdb_pieces {
    const uint8_t *sums;
    size_t end; /* of the last piece */
    bool damaged;
    uint64_t good[];
};

static bool sum_holds(const struct onus_ipdb_file *file, const uint8_t *sums, size_t end,
        size_t piece)
{
    size_t at = piece * ONUS_IPDB_PIECE;
    size_t from = piece > 0 ? at : ONUS_IPDB_HEADER_SIZE;
    size_t to = at + ONUS_IPDB_PIECE < end ? at + ONUS_IPDB_PIECE : end;
    return onus_ipdb_checksum(file->bytes + from, to - from) == onus_ipdb_get64(sums + 8 * piece);
}

/* The sums are the last section; the header has theirs. */
static enum onus_code check_sums(const struct onus_ipdb_file *file, const uint8_t *sums,
        size_t size, struct onus_error *err)
{
    return onus_ipdb_checksum(sums, size) == onus_ipdb_get64(file->bytes + ONUS_IPDB_AT_PAYLOAD_SUM)
                   ? ONUS_OK
                   : damaged(err);
}

static enum onus_code check_pieces(const struct onus_ipdb_file *file, const uint8_t *sums,
        struct onus_error *err)
{
    size_t end = (size_t)(sums - file->bytes);
    for (size_t piece = 0; piece * ONUS_IPDB_PIECE < end; piece++) {
        if (!sum_holds(file, sums, end, piece)) {
            return damaged(err);
        }
    }
    return ONUS_OK;
}

static enum onus_code put_off_pieces(struct onus_ipdb_file *file, const uint8_t *sums,
        struct onus_error *err)
{
    size_t end = (size_t)(sums - file->bytes);
    size_t words = end / ONUS_IPDB_PIECE / 64 + 1;
    file->pieces = calloc(1, sizeof(*file->pieces) + words * sizeof(file->pieces->good[0]));
    if (!file->pieces) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    file->pieces->sums = sums;
    file->pieces->end = end;
    return ONUS_OK;
}

/* Whether the bytes a lookup is about to use are those that were written. */
static bool is_good(const struct onus_ipdb_file *file, const uint8_t *at, size_t size)
{
    struct onus_ipdb_pieces *pieces = file->pieces;
    if (!pieces || size == 0) {
        return true;
    }
    size_t from = (size_t)(at - file->bytes);
    for (size_t p = from / ONUS_IPDB_PIECE; p <= (from + size - 1) / ONUS_IPDB_PIECE; p++) {
        uint64_t bit = (uint64_t)1 << p % 64;
        if (!(pieces->good[p / 64] & bit) && !sum_holds(file, pieces->sums, pieces->end, p)) {
            pieces->damaged = true;
            return false;
        }
        pieces->good[p / 64] |= bit;
    }
    return true;
}

enum onus_code onus_ipdb_file_status(const struct onus_ipdb_file *file, struct onus_error *err)
{
    if (!file->pieces || !file->pieces->damaged) {
        return ONUS_OK;
    }
    return onus_fail(err, ONUS_E_FORMAT,
            "the compiled form of '" ONUS_STR_FMT
            "' is damaged: a checksum does not hold (it is made anew once it is removed from the cache)",
            ONUS_STR_ARG(file->about.source));
}

/* Of version 1, which has one sum for all. */
static enum onus_code check_whole(const struct onus_ipdb_file *file, struct onus_error *err)
{
    return onus_ipdb_checksum(file->bytes + ONUS_IPDB_HEADER_SIZE,
                   file->size - ONUS_IPDB_HEADER_SIZE) ==
                           onus_ipdb_get64(file->bytes + ONUS_IPDB_AT_PAYLOAD_SUM)
                   ? ONUS_OK
                   : damaged(err);
}

/* What is left behind the last section is the sums, all of them. */
static enum onus_code check_rest(struct onus_ipdb_file *file, const struct cursor *rest,
        bool lazily, struct onus_error *err)
{
    if (onus_ipdb_get32(file->bytes + ONUS_IPDB_AT_VERSION) == ONUS_IPDB_FORMAT_OLDEST) {
        return rest->left == 0 ? check_whole(file, err)
                               : inconsistent("the size of a section", err);
    }
    if (rest->left != onus_ipdb_sums_size((size_t)(rest->at - file->bytes))) {
        return inconsistent("the size of a section", err);
    }
    enum onus_code code = check_sums(file, rest->at, rest->left, err);
    if (code != ONUS_OK) {
        return code;
    }
    return lazily ? put_off_pieces(file, rest->at, err) : check_pieces(file, rest->at, err);
}

/* What no checksum can say: that rows, indexes and texts fit each other. */
static enum onus_code check_contents(const struct onus_ipdb_file *file, struct onus_error *err)
{
    if (!rows_good(&file->v4, true, file->value_count) ||
            !rows_good(&file->v6, false, file->value_count)) {
        return inconsistent("a row", err);
    }
    if (!index_good(&file->v4, true) || !index_good(&file->v6, false)) {
        return inconsistent("an index", err);
    }
    return values_good(file) ? ONUS_OK : inconsistent("a text", err);
}

static enum onus_code parse_sections(const uint8_t *bytes, size_t size, bool lazily,
        struct onus_ipdb_file *out, struct onus_error *err)
{
    struct onus_ipdb_file file = {.bytes = bytes, .size = size};
    enum onus_code code = check_header(bytes, size, err);
    if (code == ONUS_OK) {
        code = read_about(bytes, &file.about, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    uint64_t values = onus_ipdb_get64(bytes + ONUS_IPDB_AT_VALUES);
    uint64_t pool = onus_ipdb_get64(bytes + ONUS_IPDB_AT_POOL_SIZE);
    struct cursor c = {bytes + ONUS_IPDB_HEADER_SIZE, size - ONUS_IPDB_HEADER_SIZE, true};
    if (!family_sections(&c, onus_ipdb_get64(bytes + ONUS_IPDB_AT_V4_ROWS),
                onus_ipdb_get32(bytes + ONUS_IPDB_AT_V4_INDEX_BITS), ONUS_IPDB_V4_SIZE, &file.v4) ||
            !family_sections(&c, onus_ipdb_get64(bytes + ONUS_IPDB_AT_V6_ROWS),
                    onus_ipdb_get32(bytes + ONUS_IPDB_AT_V6_INDEX_BITS), ONUS_IPDB_V6_SIZE,
                    &file.v6) ||
            values > ONUS_IPDB_ROWS_MAX || pool > ONUS_IPDB_TEXT_MAX) {
        return inconsistent("the size of a section", err);
    }
    file.value_count = (size_t)values;
    file.pool_size = (size_t)pool;
    file.values = section(&c, file.value_count * ONUS_IPDB_VALUE);
    file.pool = section(&c, file.pool_size);
    if (!c.good) {
        return inconsistent("the size of a section", err);
    }
    code = check_rest(&file, &c, lazily, err);
    if (code == ONUS_OK) {
        *out = file;
    }
    return code;
}

enum onus_code onus_ipdb_file_parse(const uint8_t *bytes, size_t size, struct onus_ipdb_file *out,
        struct onus_error *err)
{
    struct onus_ipdb_file file = {.bytes = NULL};
    enum onus_code code = parse_sections(bytes, size, false, &file, err);
    if (code == ONUS_OK) {
        code = check_contents(&file, err);
    }
    if (code == ONUS_OK) {
        *out = file;
    }
    return code;
}

static enum onus_code open_file(const char *path, bool lazily, struct onus_ipdb_file *out,
        struct onus_error *err)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) {
        return onus_fail(err, errno == ENOENT ? ONUS_E_MISSING : ONUS_E_IO, "cannot open '%s': %s",
                path, strerrordesc_np(errno));
    }
    struct stat st;
    if (fstat(descriptor, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0) {
        (void)close(descriptor);
        return onus_fail(err, ONUS_E_FORMAT, "'%s' is not a compiled table", path);
    }
    size_t size = (size_t)st.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    (void)close(descriptor);
    if (map == MAP_FAILED) {
        return onus_fail(err, ONUS_E_MEMORY, "cannot map '%s': %s", path, strerrordesc_np(errno));
    }
    /*
     * The contents were checked when the file was compiled, and the checksum says that they are the
     * same. To check them again would take longer than most logs; lookups check what they use.
     */
    enum onus_code code = parse_sections(map, size, lazily, out, err);
    if (code != ONUS_OK) {
        (void)munmap(map, size);
        onus_context(err, "table '%s'", path);
        return code;
    }
    out->mapped = true;
    return ONUS_OK;
}

enum onus_code onus_ipdb_file_open(const char *path, struct onus_ipdb_file *out,
        struct onus_error *err)
{
    return open_file(path, false, out, err);
}

enum onus_code onus_ipdb_file_open_lazily(const char *path, struct onus_ipdb_file *out,
        struct onus_error *err)
{
    return open_file(path, true, out, err);
}

enum onus_code onus_ipdb_file_take(struct onus_buffer *bytes, struct onus_ipdb_file *out,
        struct onus_error *err)
{
    enum onus_code code = onus_ipdb_file_parse((const uint8_t *)bytes->ptr, bytes->len, out, err);
    if (code == ONUS_OK) {
        *bytes = (struct onus_buffer){.limit = bytes->limit};
    }
    return code;
}

void onus_ipdb_file_close(struct onus_ipdb_file *file)
{
    if (!file || !file->bytes) {
        return;
    }
    void *bytes =
            (void *)(uintptr_t)file->bytes; /* NOLINT(performance-no-int-to-ptr): drops const */
    if (file->mapped) {
        (void)munmap(bytes, file->size);
    } else {
        free(bytes);
    }
    free(file->pieces);
    *file = (struct onus_ipdb_file){.bytes = NULL};
}

static size_t width_of(bool v4)
{
    return v4 ? ONUS_IPDB_V4_SIZE : ONUS_IPDB_V6_SIZE;
}

static bool row_is_good(const struct onus_ipdb_file *file, const struct onus_ipdb_family *family,
        bool v4, size_t row)
{
    size_t width = width_of(v4);
    return is_good(file, family->first + row * width, width) &&
           is_good(file, family->last + row * width, width) &&
           is_good(file, family->value + row * 4, 4);
}

/* Fills *out from a row that is known to exist; false when the row points outside the file. */
static bool read_hit(const struct onus_ipdb_file *file, const struct onus_ipdb_family *family,
        bool v4, size_t row, struct onus_ipdb_hit *out)
{
    if (!row_is_good(file, family, v4, row)) {
        return false;
    }
    size_t index = onus_ipdb_get32(family->value + 4 * row);
    const uint8_t *v = file->values + index * ONUS_IPDB_VALUE;
    if (index >= file->value_count || !is_good(file, v, ONUS_IPDB_VALUE)) {
        return false;
    }
    size_t text_at = onus_ipdb_get32(v + ONUS_IPDB_VALUE_TEXT_AT);
    size_t text_len = onus_ipdb_get16(v + ONUS_IPDB_VALUE_TEXT_LEN);
    if (text_at > file->pool_size || text_len > file->pool_size - text_at ||
            !is_good(file, file->pool + text_at, text_len)) {
        return false;
    }
    *out = (struct onus_ipdb_hit){.first = get_address(family->first, row, v4),
            .last = get_address(family->last, row, v4),
            .row = row,
            .value = {.asn = onus_ipdb_get32(v + ONUS_IPDB_VALUE_ASN),
                    .text = {(const char *)file->pool + text_at, text_len},
                    .country = {(char)v[ONUS_IPDB_VALUE_COUNTRY],
                            (char)v[ONUS_IPDB_VALUE_COUNTRY + 1]},
                    .flags = onus_ipdb_get16(v + ONUS_IPDB_VALUE_FLAGS),
                    .from = (int32_t)onus_ipdb_get32(v + ONUS_IPDB_VALUE_FROM),
                    .to = (int32_t)onus_ipdb_get32(v + ONUS_IPDB_VALUE_TO)}};
    return true;
}

bool onus_ipdb_file_find(const struct onus_ipdb_file *file, const struct onus_address *address,
        struct onus_ipdb_hit *out)
{
    bool v4 = onus_address_is_v4(address);
    const struct onus_ipdb_family *family = v4 ? &file->v4 : &file->v6;
    if (family->rows == 0) {
        return false;
    }
    onus_wide wanted = onus_wide_of(address);
    size_t bucket = bucket_of(family, wanted, v4);
    if (!is_good(file, family->index + 4 * bucket, 8)) {
        return false;
    }
    size_t low = onus_ipdb_get32(family->index + 4 * bucket);
    size_t high = onus_ipdb_get32(family->index + 4 * (bucket + 1));
    if (high > family->rows) {
        return false;
    }
    while (low < high) { /* the first row that ends at or behind the address */
        size_t middle = low + (high - low) / 2;
        if (!is_good(file, family->last + middle * width_of(v4), width_of(v4))) {
            return false;
        }
        if (get_address(family->last, middle, v4) < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low >= family->rows || !row_is_good(file, family, v4, low) ||
            get_address(family->first, low, v4) > wanted) {
        return false;
    }
    return read_hit(file, family, v4, low, out);
}

bool onus_ipdb_file_row(const struct onus_ipdb_file *file, bool v4, size_t row,
        struct onus_ipdb_hit *out)
{
    const struct onus_ipdb_family *family = v4 ? &file->v4 : &file->v6;
    return row < family->rows && read_hit(file, family, v4, row, out);
}

bool onus_ipdb_file_next(const struct onus_ipdb_file *file, bool v4, struct onus_ipdb_hit *hit)
{
    const struct onus_ipdb_family *family = v4 ? &file->v4 : &file->v6;
    size_t row = hit->row + 1;
    if (row >= family->rows || !row_is_good(file, family, v4, row) ||
            get_address(family->first, row, v4) != hit->first) {
        return false;
    }
    return read_hit(file, family, v4, row, hit);
}

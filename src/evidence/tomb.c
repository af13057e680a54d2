/* SPDX-License-Identifier: Apache-2.0 */
#include "tomb.h"

#include "base/str.h"
#include "crypto/sha256.h"
#include "evidence/fields.h"
#include "evidence/keytree.h"
#include "text/utf8.h"

#define MAGIC "onus/tomb/v1"

enum {
    SUM = 32,
    SALT = 16,
    HASH = 32,
    NUMBER = 8
};

bool onus_basis_valid(struct onus_str basis)
{
    if (basis.len == 0 || basis.len > ONUS_BASIS_MAX) {
        return false;
    }
    while (basis.len > 0) {
        uint32_t character = 0;
        size_t size = onus_utf8_next(basis, &character);
        if (size == 0 || onus_utf8_is_hidden(character)) {
            return false;
        }
        basis = onus_str_from(basis, size);
    }
    return true;
}

void onus_tomb_pack_name(const struct onus_digest *name, uint64_t n, struct onus_digest *out)
{
    uint8_t number[NUMBER];
    onus_be64_put(number, n);
    const struct onus_str parts[] = {ONUS_STR("onus/erased"), {(const char *)number, NUMBER}};
    struct onus_digest key = *name;
    onus_hmac_sha256(onus_digest_view(&key), parts, ONUS_COUNT(parts), out);
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool onus_tomb_gone(const struct onus_tomb *tomb, uint64_t slot, size_t *at)
{
    size_t low = 0;
    size_t high = tomb->gone_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tomb->gone[middle] < slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *at = low;
    return low < tomb->gone_count && tomb->gone[low] == slot;
}

const struct onus_tomb_act *onus_tomb_of_line(const struct onus_tomb *tomb, uint64_t line)
{
    size_t low = 0;
    size_t high = tomb->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tomb->ranges[middle].first <= line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || line - tomb->ranges[low - 1].first >= tomb->ranges[low - 1].count) {
        return NULL;
    }
    return &tomb->acts[tomb->ranges[low - 1].act];
}

uint64_t onus_tomb_lines(const struct onus_tomb *tomb)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < tomb->range_count; i++) {
        lines += tomb->ranges[i].count;
    }
    return lines;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_head(const struct onus_tomb *tomb, struct onus_buffer *out)
{
    bool rollup = tomb->profile == ONUS_PROFILE_ROLLUP;
    onus_buffer_add_text(out, MAGIC "\n");
    onus_buffer_add_text(out, rollup ? "rollup" : "batch");
    onus_fields_put_hex(out, tomb->tag.bytes, sizeof(tomb->tag.bytes));
    onus_fields_put_number(out, tomb->first);
    if (rollup) {
        onus_fields_put_number(out, tomb->last);
    }
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < tomb->act_count; i++) {
        onus_buffer_add_text(out, "erased");
        onus_fields_put_number(out, tomb->acts[i].time);
        onus_buffer_add_char(out, ' ');
        onus_buffer_add_str(out, tomb->acts[i].basis);
        onus_buffer_add_char(out, '\n');
    }
    for (size_t i = 0; i < tomb->range_count; i++) {
        onus_buffer_add_text(out, "lines");
        onus_fields_put_number(out, tomb->ranges[i].first);
        onus_fields_put_number(out, tomb->ranges[i].count);
        onus_fields_put_number(out, tomb->ranges[i].act);
        onus_buffer_add_char(out, '\n');
    }
    if (!rollup) {
        onus_buffer_add_text(out, "pack");
        onus_fields_put_number(out, tomb->pack_size);
        onus_fields_put_hex(out, tomb->pack.bytes, sizeof(tomb->pack.bytes));
        onus_buffer_add_char(out, '\n');
    }
    onus_buffer_add_text(out, "slots");
    onus_fields_put_number(out, tomb->slots);
    onus_fields_put_number(out, tomb->gone_count);
    onus_buffer_add_char(out, '\n');
}

void onus_tomb_format(const struct onus_tomb *tomb, struct onus_buffer *out)
{
    size_t start = out->len;
    struct onus_digest sum;
    put_head(tomb, out);
    for (size_t i = 0; i < tomb->gone_count; i++) {
        uint8_t number[NUMBER];
        onus_be64_put(number, tomb->gone[i]);
        onus_buffer_add(out, number, sizeof(number));
        onus_buffer_add(out, tomb->commits[i].bytes, HASH);
    }
    size_t next = 0;
    for (uint64_t slot = 0; slot < tomb->slots; slot++) {
        if (next < tomb->gone_count && tomb->gone[next] == slot) {
            next++;
        } else {
            onus_buffer_add(out, tomb->salts[slot].bytes, SALT);
        }
    }
    if (out->failed == ONUS_OK) {
        onus_sha256((struct onus_str){out->ptr + start, out->len - start}, &sum);
        onus_buffer_add(out, sum.bytes, SUM);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
    struct onus_fields fields;
    struct onus_arena *arena;
    struct onus_tomb tomb;
    struct onus_error *err;
};

static enum onus_code wrong(const struct reading *reading)
{
    return onus_fields_fail(&reading->fields, reading->err);
}

/* How many lines of this word follow. */
static size_t count_lines(const struct reading *reading, const char *word)
{
    struct onus_fields ahead = reading->fields;
    size_t count = 0;
    while (onus_fields_line(&ahead, word)) {
        count++;
    }
    return count;
}

static enum onus_code take_acts(struct reading *reading)
{
    struct onus_fields *fields = &reading->fields;
    size_t count = count_lines(reading, "erased");
    if (count == 0 || count > ONUS_TOMB_ACTS_MAX) {
        return wrong(reading);
    }
    struct onus_tomb_act *acts = onus_arena_alloc(reading->arena, count * sizeof(*acts));
    if (!acts) {
        return onus_arena_reason(reading->arena, reading->err);
    }
    for (size_t i = 0; i < count; i++) {
        if (!onus_fields_line(fields, "erased") || !onus_fields_number(fields, &acts[i].time) ||
                !onus_fields_rest(fields, &acts[i].basis) || !onus_basis_valid(acts[i].basis)) {
            return wrong(reading);
        }
    }
    reading->tomb.acts = acts;
    reading->tomb.act_count = count;
    return ONUS_OK;
}

static enum onus_code take_ranges(struct reading *reading)
{
    struct onus_fields *fields = &reading->fields;
    size_t count = count_lines(reading, "lines");
    struct onus_tomb_range *ranges =
            onus_arena_alloc(reading->arena, (count + 1) * sizeof(*ranges));
    if (!ranges) {
        return onus_arena_reason(reading->arena, reading->err);
    }
    uint64_t free_from = 0;
    for (size_t i = 0; i < count; i++) {
        struct onus_tomb_range *range = &ranges[i];
        uint64_t act = 0;
        if (!onus_fields_line(fields, "lines") || !onus_fields_number(fields, &range->first) ||
                !onus_fields_number(fields, &range->count) || !onus_fields_number(fields, &act) ||
                !onus_fields_done(fields) || range->first < free_from || range->count == 0 ||
                range->count > UINT32_MAX || range->first > UINT32_MAX ||
                act >= reading->tomb.act_count) {
            return wrong(reading);
        }
        range->act = (size_t)act;
        free_from = range->first + range->count;
    }
    reading->tomb.ranges = ranges;
    reading->tomb.range_count = count;
    return ONUS_OK;
}

static bool take_name(struct reading *reading)
{
    struct onus_fields *fields = &reading->fields;
    struct onus_tomb *tomb = &reading->tomb;
    bool rollup = false;
    if (!onus_fields_exact(fields, MAGIC)) {
        return false;
    }
    if (onus_fields_line(fields, "batch")) {
        tomb->profile = ONUS_PROFILE_MANIFEST;
    } else if (onus_fields_line(fields, "rollup")) {
        tomb->profile = ONUS_PROFILE_ROLLUP;
        rollup = true;
    } else {
        return false;
    }
    if (!onus_fields_hex(fields, tomb->tag.bytes, sizeof(tomb->tag.bytes)) ||
            !onus_fields_number(fields, &tomb->first)) {
        return false;
    }
    tomb->last = tomb->first;
    return (!rollup || onus_fields_number(fields, &tomb->last)) && onus_fields_done(fields) &&
           tomb->first <= tomb->last && tomb->last <= ONUS_SEQ_MAX;
}

static bool take_pack(struct reading *reading)
{
    struct onus_fields *fields = &reading->fields;
    struct onus_tomb *tomb = &reading->tomb;
    const struct onus_digest none = {{0}};
    if (tomb->profile == ONUS_PROFILE_ROLLUP) {
        return tomb->range_count == 0;
    }
    return onus_fields_line(fields, "pack") && onus_fields_number(fields, &tomb->pack_size) &&
           onus_fields_hex(fields, tomb->pack.bytes, sizeof(tomb->pack.bytes)) &&
           onus_fields_done(fields) && (tomb->pack_size > 0 || onus_digest_eq(&tomb->pack, &none));
}

/* The tables behind the text: their size follows from the two numbers. */
static enum onus_code take_tables(struct reading *reading)
{
    struct onus_fields *fields = &reading->fields;
    struct onus_tomb *tomb = &reading->tomb;
    uint64_t gone = 0;
    if (!onus_fields_line(fields, "slots") || !onus_fields_number(fields, &tomb->slots) ||
            !onus_fields_number(fields, &gone) || !onus_fields_done(fields) ||
            tomb->slots > ONUS_TOMB_MAX / SALT || gone > tomb->slots ||
            fields->rest.len != gone * (NUMBER + HASH) + (tomb->slots - gone) * SALT) {
        return wrong(reading);
    }
    tomb->gone_count = (size_t)gone;
    uint64_t *numbers = onus_arena_alloc(reading->arena, ((size_t)gone + 1) * sizeof(*numbers));
    struct onus_digest *commits =
            onus_arena_alloc(reading->arena, ((size_t)gone + 1) * sizeof(*commits));
    struct onus_salt *salts =
            onus_arena_alloc(reading->arena, ((size_t)tomb->slots + 1) * sizeof(*salts));
    if (!numbers || !commits || !salts) {
        return onus_arena_reason(reading->arena, reading->err);
    }
    const char *at = fields->rest.ptr;
    for (size_t i = 0; i < gone; i++) {
        numbers[i] = onus_be64_get(at);
        memcpy(commits[i].bytes, at + NUMBER, HASH);
        at += NUMBER + HASH;
        if (numbers[i] >= tomb->slots || (i > 0 && numbers[i] <= numbers[i - 1])) {
            return wrong(reading);
        }
    }
    size_t next = 0;
    for (uint64_t slot = 0; slot < tomb->slots; slot++) {
        if (next < gone && numbers[next] == slot) {
            next++;
        } else {
            memcpy(salts[slot].bytes, at, SALT);
            at += SALT;
        }
    }
    tomb->gone = numbers;
    tomb->commits = commits;
    tomb->salts = salts;
    return ONUS_OK;
}

enum onus_code onus_tomb_parse(struct onus_str bytes, struct onus_arena *arena,
        struct onus_tomb *out, struct onus_error *err)
{
    struct reading reading = {.arena = arena, .err = err};
    struct onus_digest sum;
    if (bytes.len < SUM) {
        return onus_fail_at(err, ONUS_E_FORMAT, bytes.len, "a tomb was cut off");
    }
    struct onus_str body = onus_str_sub(bytes, 0, bytes.len - SUM);
    onus_sha256(body, &sum);
    if (memcmp(sum.bytes, bytes.ptr + body.len, SUM) != 0) {
        return onus_fail_at(err, ONUS_E_FORMAT, body.len, "a tomb was changed or cut off");
    }
    onus_fields_init(&reading.fields, body, "tomb");
    if (!take_name(&reading)) {
        return wrong(&reading);
    }
    enum onus_code code = take_acts(&reading);
    if (code == ONUS_OK) {
        code = take_ranges(&reading);
    }
    if (code == ONUS_OK) {
        code = take_pack(&reading) ? take_tables(&reading) : wrong(&reading);
    }
    if (code == ONUS_OK) {
        *out = reading.tomb;
    }
    return code;
}

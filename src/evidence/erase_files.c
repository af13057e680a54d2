/* SPDX-License-Identifier: Apache-2.0 */
#include "erase_parts.h"

#include "base/str.h"
#include "crypto/age.h"
#include "evidence/fields.h"
#include "sys/durable.h"
#include "text/hex.h"

#include <stdio.h>

#define PLAN_MAGIC   "onus/erase/v1"
#define ERASED_MAGIC "onus/erased/v1"

enum {
    ERASED_MAX = 1 << 16,
    TEXT_MAX = 4096
};

static void put_line(struct onus_buffer *out, const char *word, struct onus_str text)
{
    onus_buffer_add_text(out, word);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_str(out, text);
    onus_buffer_add_char(out, '\n');
}

/* ---- the plan -------------------------------------------------------------------------------- */

static void put_part(const struct onus_erase_part *part, struct onus_buffer *out)
{
    onus_buffer_add_text(out, part->rollup ? "rollup" : "batch");
    onus_fields_put_hex(out, part->tag.bytes, sizeof(part->tag.bytes));
    onus_fields_put_number(out, part->first);
    onus_fields_put_number(out, part->last);
    onus_fields_put_number(out, part->generation);
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < part->range_count; i++) {
        onus_buffer_add_text(out, "lines");
        onus_fields_put_number(out, part->ranges[i].first);
        onus_fields_put_number(out, part->ranges[i].count);
        onus_buffer_add_char(out, '\n');
    }
    for (size_t i = 0; i < part->row_count; i++) {
        onus_buffer_add_text(out, "row");
        onus_fields_put_number(out, part->rows[i]);
        onus_buffer_add_char(out, '\n');
    }
}

void onus_erase_format(const struct onus_erase_plan *plan, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, PLAN_MAGIC "\ntime");
    onus_fields_put_number(out, plan->time);
    onus_buffer_add_char(out, '\n');
    put_line(out, "who", plan->who);
    put_line(out, "basis", plan->basis);
    put_line(out, "tool", plan->tool);
    put_line(out, "words", plan->words);
    put_line(out, "recipient", plan->recipient);
    for (size_t i = 0; i < plan->part_count; i++) {
        put_part(&plan->parts[i], out);
    }
    onus_fields_put_sum(out, start);
}

struct plan_reading {
    struct onus_fields fields;
    struct onus_arena *arena;
    struct onus_erase_plan plan;
    struct onus_erase_part *parts;
    struct onus_erase_range *ranges; /* of all parts, one behind the other */
    uint64_t *rows;
    size_t part_room, range_room, row_room, range_count, row_count;
};

static bool take_text(struct onus_fields *fields, const char *word, struct onus_str *out)
{
    return onus_fields_line(fields, word) && onus_fields_rest(fields, out) && out->len <= TEXT_MAX;
}

/* How many lines of each kind there are, so that tables are made once. */
static void count_tables(struct plan_reading *reading)
{
    struct onus_fields ahead = reading->fields;
    for (bool more = true; more;) {
        if (onus_fields_line(&ahead, "batch") || onus_fields_line(&ahead, "rollup")) {
            reading->part_room++;
        } else if (onus_fields_line(&ahead, "lines")) {
            reading->range_room++;
        } else if (onus_fields_line(&ahead, "row")) {
            reading->row_room++;
        } else {
            more = false;
        }
    }
}

static bool take_ranges(struct plan_reading *reading, struct onus_erase_part *part)
{
    struct onus_fields *fields = &reading->fields;
    uint64_t free_from = 0;
    part->ranges = reading->ranges + reading->range_count;
    while (onus_fields_line(fields, "lines")) {
        struct onus_erase_range *range = &reading->ranges[reading->range_count++];
        if (!onus_fields_number(fields, &range->first) ||
                !onus_fields_number(fields, &range->count) || !onus_fields_done(fields) ||
                range->first < free_from || range->count == 0 || range->first > UINT32_MAX ||
                range->count > UINT32_MAX) {
            return false;
        }
        free_from = range->first + range->count;
        part->lines += range->count;
        part->range_count++;
    }
    return true;
}

static bool take_rows(struct plan_reading *reading, struct onus_erase_part *part)
{
    struct onus_fields *fields = &reading->fields;
    part->rows = reading->rows + reading->row_count;
    while (onus_fields_line(fields, "row")) {
        uint64_t *row = &reading->rows[reading->row_count++];
        if (!onus_fields_number(fields, row) || !onus_fields_done(fields) ||
                (part->row_count > 0 && *row <= row[-1])) {
            return false;
        }
        part->row_count++;
    }
    return true;
}

static bool take_part(struct plan_reading *reading, bool rollup)
{
    struct onus_fields *fields = &reading->fields;
    struct onus_erase_part *part = &reading->parts[reading->plan.part_count++];
    part->rollup = rollup;
    if (!onus_fields_hex(fields, part->tag.bytes, sizeof(part->tag.bytes)) ||
            !onus_fields_number(fields, &part->first) || !onus_fields_number(fields, &part->last) ||
            !onus_fields_number(fields, &part->generation) || !onus_fields_done(fields) ||
            part->last > ONUS_SEQ_MAX || part->first > part->last ||
            (!rollup && part->first != part->last) || part->generation == 0 ||
            part->generation > ONUS_TOMB_ACTS_MAX) {
        return false;
    }
    return take_ranges(reading, part) && take_rows(reading, part) &&
           !(rollup && part->range_count > 0);
}

static enum onus_code take_parts(struct plan_reading *reading, struct onus_error *err)
{
    count_tables(reading);
    reading->parts =
            onus_arena_alloc(reading->arena, (reading->part_room + 1) * sizeof(*reading->parts));
    reading->ranges =
            onus_arena_alloc(reading->arena, (reading->range_room + 1) * sizeof(*reading->ranges));
    reading->rows =
            onus_arena_alloc(reading->arena, (reading->row_room + 1) * sizeof(*reading->rows));
    if (!reading->parts || !reading->ranges || !reading->rows) {
        return onus_arena_reason(reading->arena, err);
    }
    bool right = true;
    for (bool more = true; more && right;) {
        if (onus_fields_line(&reading->fields, "batch")) {
            right = take_part(reading, false);
        } else if (onus_fields_line(&reading->fields, "rollup")) {
            right = take_part(reading, true);
        } else {
            more = false;
        }
    }
    reading->plan.parts = reading->parts;
    return right && onus_fields_sum(&reading->fields) ? ONUS_OK
                                                      : onus_fields_fail(&reading->fields, err);
}

enum onus_code onus_erase_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_erase_plan *out, struct onus_error *err)
{
    struct plan_reading reading = {.arena = arena};
    struct onus_fields *fields = &reading.fields;
    struct onus_erase_plan *plan = &reading.plan;
    struct onus_age_recipient recipient;
    onus_fields_init(fields, text, "plan of an erasure");
    if (!onus_fields_exact(fields, PLAN_MAGIC) || !onus_fields_line(fields, "time") ||
            !onus_fields_number(fields, &plan->time) || !onus_fields_done(fields) ||
            !take_text(fields, "who", &plan->who) || !take_text(fields, "basis", &plan->basis) ||
            !onus_basis_valid(plan->who) || !onus_basis_valid(plan->basis) ||
            !take_text(fields, "tool", &plan->tool) || !take_text(fields, "words", &plan->words) ||
            !take_text(fields, "recipient", &plan->recipient) ||
            onus_age_recipient_parse(plan->recipient, &recipient, NULL) != ONUS_OK) {
        return onus_fields_fail(fields, err);
    }
    enum onus_code code = take_parts(&reading, err);
    if (code == ONUS_OK) {
        *out = *plan;
    }
    return code;
}

/* ---- E entries ------------------------------------------------------------------------------- */

void onus_erased_path(const struct onus_erased *erased, char out[static ONUS_ERASED_NAME])
{
    char tag[33];
    onus_hex_put(tag,
            (struct onus_str){(const char *)erased->tag.bytes, sizeof(erased->tag.bytes)});
    tag[32] = '\0';
    (void)snprintf(out, ONUS_ERASED_NAME, ONUS_ERASED_FOLDER "/%llu-%s-%llu-%llu",
            (unsigned long long)erased->entry, tag, (unsigned long long)erased->seq,
            (unsigned long long)erased->generation);
}

bool onus_erased_name(const char *name, struct onus_erased *out)
{
    struct onus_str rest = onus_str_of(name);
    struct onus_str entry;
    struct onus_str tag;
    struct onus_str seq;
    *out = (struct onus_erased){.entry = 0};
    return onus_str_cut(&rest, '-', &entry) && onus_str_cut(&rest, '-', &tag) &&
           onus_str_cut(&rest, '-', &seq) && onus_str_to_u64(entry, INT64_MAX, &out->entry) &&
           onus_hex_exact(tag, out->tag.bytes, sizeof(out->tag.bytes)) &&
           onus_str_to_u64(seq, ONUS_SEQ_MAX, &out->seq) &&
           onus_str_to_u64(rest, ONUS_TOMB_ACTS_MAX, &out->generation);
}

void onus_erased_format(const struct onus_erased *erased, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, ERASED_MAGIC "\nentry");
    onus_fields_put_number(out, erased->entry);
    onus_buffer_add_text(out, "\nbatch");
    onus_fields_put_hex(out, erased->tag.bytes, sizeof(erased->tag.bytes));
    onus_fields_put_number(out, erased->seq);
    onus_fields_put_number(out, erased->generation);
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < ONUS_ERASED_SLOTS; i++) {
        onus_buffer_printf(out, "slot %02x", (unsigned)(ONUS_SLOT_ERASED_FIRST + i));
        onus_fields_put_hex(out, erased->salts[i].bytes, sizeof(erased->salts[i].bytes));
        onus_fields_put_hex(out, erased->values[i].ptr, erased->values[i].len);
        onus_buffer_add_char(out, '\n');
    }
    onus_fields_put_sum(out, start);
}

static bool take_slot(struct onus_fields *fields, size_t i, struct onus_arena *arena,
        struct onus_erased *out, enum onus_code *code)
{
    struct onus_str number;
    struct onus_str hex;
    char expected[3];
    (void)snprintf(expected, sizeof(expected), "%02x", (unsigned)(ONUS_SLOT_ERASED_FIRST + i));
    if (!onus_fields_line(fields, "slot") || !onus_fields_word(fields, &number) ||
            !onus_str_eq(number, onus_str_of(expected)) ||
            !onus_fields_hex(fields, out->salts[i].bytes, sizeof(out->salts[i].bytes)) ||
            !onus_fields_word(fields, &hex) || !onus_fields_done(fields) || hex.len % 2 != 0) {
        return false;
    }
    char *bytes = onus_arena_alloc(arena, hex.len / 2 + 1);
    if (!bytes) {
        *code = onus_arena_reason(arena, NULL);
        return false;
    }
    out->values[i] = (struct onus_str){bytes, hex.len / 2};
    return onus_hex_exact(hex, bytes, hex.len / 2) && (i >= 2 || hex.len == 16);
}

enum onus_code onus_erased_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_erased *out, struct onus_error *err)
{
    struct onus_erased made = {.entry = 0};
    struct onus_fields fields;
    enum onus_code code = ONUS_OK;
    onus_fields_init(&fields, text, "record of an erasure");
    bool right = onus_fields_exact(&fields, ERASED_MAGIC) && onus_fields_line(&fields, "entry") &&
                 onus_fields_number(&fields, &made.entry) && onus_fields_done(&fields) &&
                 onus_fields_line(&fields, "batch") &&
                 onus_fields_hex(&fields, made.tag.bytes, sizeof(made.tag.bytes)) &&
                 onus_fields_number(&fields, &made.seq) &&
                 onus_fields_number(&fields, &made.generation) && onus_fields_done(&fields);
    for (size_t i = 0; i < ONUS_ERASED_SLOTS && right; i++) {
        right = take_slot(&fields, i, arena, &made, &code);
    }
    if (code != ONUS_OK) {
        return onus_fail(err, code, "out of memory");
    }
    if (!right || !onus_fields_sum(&fields)) {
        return onus_fields_fail(&fields, err);
    }
    *out = made;
    return ONUS_OK;
}

enum onus_code onus_erased_read(const struct onus_vault *vault, const char *name,
        struct onus_arena *arena, struct onus_erased *out, struct onus_error *err)
{
    struct onus_erased named;
    struct onus_str text;
    char path[ONUS_ERASED_NAME];
    if (!onus_erased_name(name, &named)) {
        return onus_fail(err, ONUS_E_FORMAT, "no name of a record of an erasure");
    }
    onus_erased_path(&named, path);
    enum onus_code code =
            onus_durable_read(onus_vault_at(vault), path, ERASED_MAX, arena, &text, err);
    if (code == ONUS_OK) {
        code = onus_erased_parse(text, arena, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'%s'", path);
        }
    }
    if (code == ONUS_OK &&
            (out->entry != named.entry || out->seq != named.seq ||
                    out->generation != named.generation || !onus_tag_eq(&out->tag, &named.tag))) {
        code = onus_fail(err, ONUS_E_MISMATCH, "'%s' is the record of another erasure", path);
    }
    return code;
}

void onus_erased_entry(const struct onus_erased *erased, struct onus_buffer *out,
        struct onus_digest *leaf)
{
    struct onus_digest slots[ONUS_ERASED_SLOTS];
    uint8_t bytes[ONUS_PUBLIC_MAX];
    for (size_t i = 0; i < ONUS_ERASED_SLOTS; i++) {
        onus_slot_commit((uint8_t)(ONUS_SLOT_ERASED_FIRST + i), &erased->salts[i],
                erased->values[i], &slots[i]);
    }
    size_t size = onus_public_numbered(&erased->tag, erased->seq, bytes);
    struct onus_str public_part = {(const char *)bytes, size};
    onus_record_leaf(ONUS_PROFILE_ERASED, public_part, slots, ONUS_ERASED_SLOTS, leaf);
    if (out) {
        onus_record_entry(ONUS_PROFILE_ERASED, public_part, slots, ONUS_ERASED_SLOTS, out);
    }
}

bool onus_erased_head(const struct onus_erased *erased, struct onus_digest *out)
{
    struct onus_str rest = erased->values[ONUS_ERASED_SLOTS - 1];
    struct onus_str before;
    return onus_str_cut_text(&rest, ONUS_STR(" custody "), &before) &&
           onus_hex_exact(onus_str_sub(rest, 0, sizeof(out->bytes) * 2), out->bytes,
                   sizeof(out->bytes));
}

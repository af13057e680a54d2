/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_parts.h"

#include "base/str.h"
#include "text/hex.h"
#include "text/utf8.h"

static bool plain_text(struct onus_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return false;
        }
    }
    return onus_utf8_valid(text);
}

bool onus_party_valid(struct onus_str party)
{
    return party.len >= 1 && party.len <= ONUS_PARTY_MAX && plain_text(party);
}

bool onus_source_name_valid(struct onus_str name)
{
    return name.len >= 1 && name.len <= ONUS_NAME_MAX && plain_text(name);
}

static void put_line(struct onus_buffer *out, const char *word, struct onus_str value)
{
    onus_buffer_add_text(out, word);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_str(out, value);
    onus_buffer_add_char(out, '\n');
}

static void put_number(struct onus_buffer *out, const char *word, uint64_t value)
{
    onus_buffer_add_text(out, word);
    onus_fields_put_number(out, value);
    onus_buffer_add_char(out, '\n');
}

static bool take_line(struct onus_fields *fields, const char *word, struct onus_str *out)
{
    return onus_fields_line(fields, word) && onus_fields_rest(fields, out);
}

static bool take_number(struct onus_fields *fields, const char *word, uint64_t *out)
{
    return onus_fields_line(fields, word) && onus_fields_number(fields, out) &&
           onus_fields_done(fields);
}

/* ---- case ------------------------------------------------------------------------------------ */

void onus_case_format(const struct onus_case *what, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, "onus/case/v1\n");
    put_line(out, "party", what->party);
    put_line(out, "origin", what->origin);
    put_line(out, "key", what->key);
    put_number(out, "made", what->made);
    onus_fields_put_sum(out, start);
}

enum onus_code onus_case_parse(struct onus_str text, struct onus_case *out, struct onus_error *err)
{
    struct onus_fields fields;
    struct onus_case got = {.made = 0};
    onus_fields_init(&fields, text, "case file");
    if (!onus_fields_exact(&fields, "onus/case/v1") || !take_line(&fields, "party", &got.party) ||
            !onus_party_valid(got.party) || !take_line(&fields, "origin", &got.origin) ||
            !onus_key_name_valid(got.origin) || !take_line(&fields, "key", &got.key) ||
            !take_number(&fields, "made", &got.made) || !onus_fields_sum(&fields)) {
        return onus_fields_fail(&fields, err);
    }
    struct onus_vkey key;
    enum onus_code code = onus_vkey_parse(got.key, &key, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (key.type != ONUS_VKEY_ED25519 || !onus_str_eq(key.name, got.origin)) {
        return onus_fail(err, ONUS_E_FORMAT, "the key of the case is not that of its origin");
    }
    *out = got;
    return ONUS_OK;
}

/* ---- source ---------------------------------------------------------------------------------- */

void onus_source_file_format(const struct onus_source_file *what, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, "onus/source/v1\ntag");
    onus_fields_put_hex(out, what->tag.bytes, sizeof(what->tag.bytes));
    onus_buffer_add_char(out, '\n');
    put_line(out, "name", what->name);
    put_line(out, "profile", what->profile == ONUS_PROFILE_PARTS ? ONUS_STR("S") : ONUS_STR("G"));
    put_number(out, "made", what->made);
    put_number(out, "entry", what->entry);
    put_number(out, "batches", what->batches);
    for (size_t i = 0; i < what->position_count; i++) {
        onus_buffer_add_text(out, "file");
        onus_position_put(&what->positions[i], out);
        onus_buffer_add_char(out, '\n');
    }
    onus_fields_put_sum(out, start);
}

static enum onus_code take_positions(struct onus_fields *fields, struct onus_arena *arena,
        struct onus_source_file *out, struct onus_error *err)
{
    size_t count = 0;
    for (struct onus_fields ahead = *fields; onus_fields_line(&ahead, "file");) {
        count++;
    }
    if (count > ONUS_POSITIONS_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a source remembers more than %d files",
                ONUS_POSITIONS_MAX);
    }
    out->positions = onus_arena_alloc(arena, (count + 1) * sizeof(*out->positions));
    if (!out->positions) {
        return onus_arena_reason(arena, err);
    }
    while (onus_fields_line(fields, "file")) {
        struct onus_position *position = &out->positions[out->position_count];
        if (!onus_position_take(fields, position) || !onus_fields_done(fields)) {
            return onus_fields_fail(fields, err);
        }
        for (size_t i = 0; i < out->position_count; i++) {
            if (out->positions[i].file == position->file) {
                return onus_fields_fail(fields, err);
            }
        }
        out->position_count++;
    }
    return ONUS_OK;
}

enum onus_code onus_source_file_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_source_file *out, struct onus_error *err)
{
    struct onus_fields fields;
    struct onus_source_file got = {.made = 0};
    struct onus_str profile = ONUS_STR_NONE;
    onus_fields_init(&fields, text, "source file");
    if (!onus_fields_exact(&fields, "onus/source/v1") || !onus_fields_line(&fields, "tag") ||
            !onus_fields_hex(&fields, got.tag.bytes, sizeof(got.tag.bytes)) ||
            !onus_fields_done(&fields) || !take_line(&fields, "name", &got.name) ||
            !onus_source_name_valid(got.name) || !take_line(&fields, "profile", &profile) ||
            !take_number(&fields, "made", &got.made) ||
            !take_number(&fields, "entry", &got.entry) ||
            !take_number(&fields, "batches", &got.batches) ||
            got.batches > (uint64_t)ONUS_SEQ_MAX + 1) {
        return onus_fields_fail(&fields, err);
    }
    bool parts = onus_str_eq(profile, ONUS_STR("S"));
    if (!parts && !onus_str_eq(profile, ONUS_STR("G"))) {
        return onus_fields_fail(&fields, err);
    }
    got.profile = parts ? ONUS_PROFILE_PARTS : ONUS_PROFILE_LINES;
    enum onus_code code = take_positions(&fields, arena, &got, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_fields_sum(&fields)) {
        return onus_fields_fail(&fields, err);
    }
    *out = got;
    return ONUS_OK;
}

/* ---- the key of the log ---------------------------------------------------------------------- */

void onus_log_key_format(const struct onus_ed25519_seed *seed, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, "onus/log-key/v1\nseed");
    onus_fields_put_hex(out, seed->bytes, sizeof(seed->bytes));
    onus_buffer_add_char(out, '\n');
    onus_fields_put_sum(out, start);
}

enum onus_code onus_log_key_parse(struct onus_str text, struct onus_ed25519_seed *out,
        struct onus_error *err)
{
    struct onus_fields fields;
    onus_fields_init(&fields, text, "log key");
    if (!onus_fields_exact(&fields, "onus/log-key/v1") || !onus_fields_line(&fields, "seed") ||
            !onus_fields_hex(&fields, out->bytes, sizeof(out->bytes)) ||
            !onus_fields_done(&fields) || !onus_fields_sum(&fields)) {
        return onus_fields_fail(&fields, err);
    }
    return ONUS_OK;
}

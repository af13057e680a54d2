/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include "base/str.h"
#include "text/decimal.h"
#include "text/hex.h"

#include <stdio.h>

#define MAGIC "onus/manifest/v1"

static const char *const kind_names[ONUS_MANIFEST_SLOTS] = {"40", "41", "42", "43", "44", "45",
        "46", "47", "48", "49", "4a", "4b", "4c"};

uint64_t onus_manifest_number(const struct onus_manifest *manifest, enum onus_slot_kind kind)
{
    struct onus_str value = onus_manifest_value(manifest, kind);
    return value.len == 8 ? onus_be64_get(value.ptr) : 0;
}

uint8_t onus_manifest_flags(const struct onus_manifest *manifest)
{
    struct onus_str value = onus_manifest_value(manifest, ONUS_SLOT_FLAGS);
    return value.len > 0 ? (uint8_t)value.ptr[0] : 0;
}

uint64_t onus_manifest_rows(const struct onus_manifest *manifest, struct onus_digest *root)
{
    struct onus_str value = onus_manifest_value(manifest, ONUS_SLOT_INDEX);
    memcpy(root->bytes, value.ptr + 8, sizeof(root->bytes));
    return onus_be64_get(value.ptr);
}

void onus_manifest_root(const struct onus_manifest *manifest, struct onus_digest *root)
{
    memcpy(root->bytes, onus_manifest_value(manifest, ONUS_SLOT_ROOT).ptr, sizeof(root->bytes));
}

/* ---- the file -------------------------------------------------------------------------------- */

static void put_head(const struct onus_manifest *manifest, struct onus_buffer *out)
{
    onus_buffer_add_char(out, (char)manifest->profile);
    onus_fields_put_hex(out, manifest->tag.bytes, sizeof(manifest->tag.bytes));
    onus_fields_put_number(out, manifest->first);
    if (manifest->profile == ONUS_PROFILE_ROLLUP) {
        onus_fields_put_number(out, manifest->last);
    }
    onus_buffer_add_text(out, "\nentry");
    onus_fields_put_number(out, manifest->entry);
    onus_buffer_add_text(out, "\nslot");
    onus_fields_put_number(out, manifest->slot);
    onus_buffer_add_char(out, '\n');
}

static void put_files(const struct onus_manifest *manifest, struct onus_buffer *out)
{
    onus_buffer_add_text(out, "pack");
    onus_fields_put_number(out, manifest->pack_size);
    onus_fields_put_hex(out, manifest->pack.bytes, sizeof(manifest->pack.bytes));
    onus_buffer_add_text(out, "\nday ");
    if (manifest->day >= 0) {
        onus_buffer_add_u64(out, (uint64_t)manifest->day);
    } else {
        onus_buffer_add_char(out, '-');
    }
    onus_buffer_add_text(out, "\nfrom");
    if (manifest->has_from) {
        onus_position_put(&manifest->from, out);
    } else {
        onus_buffer_add_text(out, " -");
    }
    onus_buffer_add_char(out, '\n');
}

void onus_manifest_format(const struct onus_manifest *manifest, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, MAGIC "\n");
    put_head(manifest, out);
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        onus_buffer_add_text(out, kind_names[i]);
        onus_fields_put_number(out, manifest->values[i].len);
        onus_buffer_add_char(out, ':');
        onus_hex_add(out, manifest->values[i]);
        onus_buffer_add_char(out, '\n');
    }
    if (manifest->profile == ONUS_PROFILE_MANIFEST) {
        put_files(manifest, out);
    }
    onus_fields_put_sum(out, start);
}

static bool length_allowed(enum onus_profile profile, unsigned kind, size_t length)
{
    switch (kind) {
    case ONUS_SLOT_NAME:
        return length >= 1 && length <= ONUS_NAME_MAX;
    case ONUS_SLOT_COLLECTOR:
        return length <= ONUS_NAME_MAX;
    case ONUS_SLOT_FIRST_TIME:
    case ONUS_SLOT_LAST_TIME:
        return length == 0 || length == 8;
    case ONUS_SLOT_SEALED_AT:
    case ONUS_SLOT_LINES:
    case ONUS_SLOT_LEAVES:
        return length == 8;
    case ONUS_SLOT_INDEX:
        return length == 40;
    case ONUS_SLOT_ANCHOR:
        return length == 0 || (length == 32 && profile == ONUS_PROFILE_MANIFEST);
    case ONUS_SLOT_FLAGS:
        return length == 1 || length == 17;
    default:
        return length == 32;
    }
}

/* LEN:HEX of the line in hand. */
static enum onus_code take_value(struct onus_fields *fields, struct onus_manifest *manifest,
        size_t index, struct onus_arena *arena, struct onus_error *err)
{
    struct onus_str text;
    struct onus_str length_text;
    uint64_t length = 0;
    if (!onus_fields_rest(fields, &text) || !onus_str_cut(&text, ':', &length_text) ||
            !onus_decimal_parse(length_text, &length) || text.len % 2 != 0 ||
            length != text.len / 2 ||
            !length_allowed(manifest->profile, (unsigned)(ONUS_SLOT_NAME + index),
                    (size_t)length)) {
        return onus_fields_fail(fields, err);
    }
    char *bytes = onus_arena_alloc(arena, (size_t)length + 1);
    if (!bytes) {
        return onus_arena_reason(arena, err);
    }
    if (!onus_hex_exact(text, bytes, (size_t)length)) {
        return onus_fields_fail(fields, err);
    }
    manifest->values[index] = (struct onus_str){bytes, (size_t)length};
    return ONUS_OK;
}

static bool take_head(struct onus_fields *fields, struct onus_manifest *out)
{
    bool rollup = false;
    if (!onus_fields_exact(fields, MAGIC)) {
        return false;
    }
    if (!onus_fields_line(fields, "M")) {
        rollup = onus_fields_line(fields, "R");
        if (!rollup) {
            return false;
        }
    }
    out->profile = rollup ? ONUS_PROFILE_ROLLUP : ONUS_PROFILE_MANIFEST;
    if (!onus_fields_hex(fields, out->tag.bytes, sizeof(out->tag.bytes)) ||
            !onus_fields_number(fields, &out->first)) {
        return false;
    }
    out->last = out->first;
    return (!rollup || (onus_fields_number(fields, &out->last) && out->first <= out->last)) &&
           out->last <= UINT32_MAX && onus_fields_done(fields) &&
           onus_fields_line(fields, "entry") && onus_fields_number(fields, &out->entry) &&
           onus_fields_done(fields) && onus_fields_line(fields, "slot") &&
           onus_fields_number(fields, &out->slot) && onus_fields_done(fields);
}

static bool take_day(struct onus_fields *fields, int64_t *out)
{
    uint64_t day = 0;
    *out = -1;
    if (onus_fields_exact(fields, "day -")) {
        return true;
    }
    if (!onus_fields_line(fields, "day") || !onus_fields_number(fields, &day) ||
            !onus_fields_done(fields)) {
        return false;
    }
    *out = (int64_t)day;
    return true;
}

static bool take_files(struct onus_fields *fields, struct onus_manifest *out)
{
    if (!onus_fields_line(fields, "pack") || !onus_fields_number(fields, &out->pack_size) ||
            !onus_fields_hex(fields, out->pack.bytes, sizeof(out->pack.bytes)) ||
            !onus_fields_done(fields)) {
        return false;
    }
    if (!take_day(fields, &out->day)) {
        return false;
    }
    if (onus_fields_exact(fields, "from -")) {
        return true;
    }
    out->has_from = true;
    return onus_fields_line(fields, "from") && onus_position_take(fields, &out->from) &&
           onus_fields_done(fields);
}

enum onus_code onus_manifest_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_manifest *out, struct onus_error *err)
{
    struct onus_fields fields;
    struct onus_manifest got = {.first = 0};
    onus_fields_init(&fields, text, "manifest");
    if (!take_head(&fields, &got)) {
        return onus_fields_fail(&fields, err);
    }
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        if (!onus_fields_line(&fields, kind_names[i])) {
            return onus_fields_fail(&fields, err);
        }
        enum onus_code code = take_value(&fields, &got, i, arena, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    if ((got.profile == ONUS_PROFILE_MANIFEST && !take_files(&fields, &got)) ||
            !onus_fields_sum(&fields)) {
        return onus_fields_fail(&fields, err);
    }
    *out = got;
    return ONUS_OK;
}

/* ---- hashes, names --------------------------------------------------------------------------- */

void onus_manifest_commit(const struct onus_manifest *manifest, const struct onus_salt *salts,
        struct onus_digest slots[static ONUS_MANIFEST_SLOTS], struct onus_buffer *entry,
        struct onus_digest *leaf)
{
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS; i++) {
        onus_slot_commit((uint8_t)(ONUS_SLOT_NAME + i), &salts[i], manifest->values[i], &slots[i]);
    }
    uint8_t bytes[ONUS_PUBLIC_MAX];
    size_t size =
            manifest->profile == ONUS_PROFILE_MANIFEST
                    ? onus_public_numbered(&manifest->tag, manifest->first, bytes)
                    : onus_public_range(&manifest->tag, manifest->first, manifest->last, bytes);
    struct onus_str public_part = {(const char *)bytes, size};
    onus_record_leaf(manifest->profile, public_part, slots, ONUS_MANIFEST_SLOTS, leaf);
    if (entry) {
        onus_record_entry(manifest->profile, public_part, slots, ONUS_MANIFEST_SLOTS, entry);
    }
}

enum onus_code onus_manifest_salts(const struct onus_keytree *keys,
        const struct onus_manifest *manifest, struct onus_salt salts[static ONUS_MANIFEST_SLOTS],
        struct onus_error *err)
{
    struct onus_digest key;
    enum onus_code code = ONUS_OK;
    if (manifest->profile == ONUS_PROFILE_ROLLUP) {
        onus_keytree_rollup(keys, manifest->first, manifest->last, &key);
    } else {
        code = onus_keytree_batch(keys, manifest->first, &key, err);
    }
    for (size_t i = 0; i < ONUS_MANIFEST_SLOTS && code == ONUS_OK; i++) {
        onus_salt_of(&key, manifest->slot + i, &salts[i]);
    }
    explicit_bzero(&key, sizeof(key));
    return code;
}

static void put_tag(const struct onus_tag *tag, char out[static 33])
{
    onus_hex_put(out, (struct onus_str){(const char *)tag->bytes, sizeof(tag->bytes)});
    out[32] = '\0';
}

void onus_batch_path(const struct onus_tag *tag, uint64_t seq, const char *ending,
        char out[static ONUS_BATCH_PATH_MAX])
{
    char name[33];
    put_tag(tag, name);
    (void)snprintf(out, ONUS_BATCH_PATH_MAX, "vault/batch/%s/%03llu/%03llu%s", name,
            (unsigned long long)(seq / 1000), (unsigned long long)(seq % 1000), ending);
}

void onus_rollup_path(const struct onus_tag *tag, uint64_t first, uint64_t last, const char *ending,
        char out[static ONUS_BATCH_PATH_MAX])
{
    char name[33];
    put_tag(tag, name);
    (void)snprintf(out, ONUS_BATCH_PATH_MAX, "vault/batch/%s/roll/%llu-%llu%s", name,
            (unsigned long long)first, (unsigned long long)last, ending);
}

void onus_pack_path(const struct onus_digest *name, char out[static ONUS_BATCH_PATH_MAX])
{
    char hex[65];
    onus_hex_put(hex, onus_digest_view(name));
    hex[64] = '\0';
    (void)snprintf(out, ONUS_BATCH_PATH_MAX, "vault/pack/%.2s/%s", hex, hex + 2);
}

void onus_pack_name(const struct onus_digest *batch_key, struct onus_digest *out)
{
    struct onus_str words = ONUS_STR("onus/pack");
    onus_hmac_sha256(onus_digest_view(batch_key), &words, 1, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/supersede.h"

#include <stdio.h>

#include "base/str.h"
#include "proof/record.h"
#include "sys/durable.h"
#include "text/decimal.h"
#include "text/hex.h"
#include "text/utf8.h"

enum {
    SLOTS = 4,
    DIGITS_MAX = 9
};

#define FOLDER "vault/origin"
#define MAGIC  "onus/origin/v1\n"

enum onus_code onus_origin_next(struct onus_str origin, struct onus_buffer *out,
        struct onus_error *err)
{
    uint64_t number = 1;
    size_t slash = onus_str_rfind_char(origin, '/');
    if (slash != ONUS_STR_NPOS) {
        struct onus_str last = onus_str_from(origin, slash + 1);
        if (last.len <= DIGITS_MAX && onus_decimal_parse(last, &number) && number >= 2) {
            origin.len = slash;
        } else {
            number = 1;
        }
    }
    if (number + 1 >= 1000000000) {
        return onus_fail(err, ONUS_E_LIMIT, "this log has had too many origins");
    }
    onus_buffer_add_str(out, origin);
    onus_buffer_add_char(out, '/');
    onus_buffer_add_u64(out, number + 1);
    return onus_buffer_status(out, err);
}

static bool reason_valid(struct onus_str reason)
{
    bool plain = reason.len > 0 && reason.len <= ONUS_REASON_MAX && onus_utf8_valid(reason);
    for (size_t i = 0; i < reason.len && plain; i++) {
        plain = (unsigned char)reason.ptr[i] >= 0x20 && reason.ptr[i] != 0x7f;
    }
    return plain;
}

struct record {
    struct onus_str values[SLOTS];
    struct onus_salt salts[SLOTS];
    uint8_t size[8];
    struct onus_digest root;
};

static void fill(const struct onus_vault *vault, struct onus_str reason, struct record *out)
{
    struct onus_str note;
    struct onus_checkpoint old = {.size = 0};
    if (onus_log_checkpoint(onus_vault_log(vault), &note, &old, NULL) != ONUS_OK) {
        onus_tree_empty_root(&old.root);
    }
    onus_be64_put(out->size, old.size);
    out->root = old.root;
    out->values[0] = onus_vault_origin(vault);
    out->values[1] = (struct onus_str){(const char *)out->size, sizeof(out->size)};
    out->values[2] = onus_digest_view(&out->root);
    out->values[3] = reason;
}

static void format_openings(const struct record *record, struct onus_buffer *out)
{
    onus_buffer_add_text(out, MAGIC);
    for (size_t i = 0; i < SLOTS; i++) {
        onus_buffer_printf(out, "slot %02x ", (unsigned)(ONUS_SLOT_OLD_ORIGIN + i));
        onus_hex_add(out, (struct onus_str){(const char *)record->salts[i].bytes,
                                  sizeof(record->salts[i].bytes)});
        onus_buffer_add_char(out, ' ');
        onus_hex_add(out, record->values[i]);
        onus_buffer_add_char(out, '\n');
    }
}

static enum onus_code keep_openings(int at, const struct record *record, struct onus_str entry,
        struct onus_error *err)
{
    char path[sizeof(FOLDER) + 65];
    struct onus_digest name;
    struct onus_buffer text;
    onus_sha256(entry, &name);
    memcpy(path, FOLDER "/", sizeof(FOLDER));
    onus_hex_put(path + sizeof(FOLDER), onus_digest_view(&name));
    path[sizeof(path) - 1] = '\0';
    onus_buffer_init(&text, 0);
    format_openings(record, &text);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_durable_folder(at, FOLDER, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(at, path, onus_buffer_view(&text), 0600, err);
    }
    onus_buffer_clear(&text);
    return code;
}

enum onus_code onus_supersede(struct onus_vault *vault, struct onus_str new_origin,
        struct onus_str reason, struct onus_random_source random, struct onus_error *err)
{
    struct record record;
    struct onus_digest slots[SLOTS];
    struct onus_buffer entry;
    if (!reason_valid(reason)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "a reason is 1 to %d bytes of UTF-8 without control characters", ONUS_REASON_MAX);
    }
    enum onus_code code = random.fill(random.data, record.salts, sizeof(record.salts), err);
    if (code != ONUS_OK) {
        return code;
    }
    fill(vault, reason, &record);
    for (size_t i = 0; i < SLOTS; i++) {
        onus_slot_commit((uint8_t)(ONUS_SLOT_OLD_ORIGIN + i), &record.salts[i], record.values[i],
                &slots[i]);
    }
    onus_buffer_init(&entry, 0);
    onus_record_entry(ONUS_PROFILE_CONTINUES, ONUS_STR_NONE, slots, SLOTS, &entry);
    code = onus_buffer_status(&entry, err);
    if (code == ONUS_OK) {
        code = keep_openings(onus_vault_at(vault), &record, onus_buffer_view(&entry), err);
    }
    if (code == ONUS_OK) {
        code = onus_vault_continue(vault, new_origin, onus_buffer_view(&entry), err);
    }
    onus_buffer_clear(&entry);
    return code;
}

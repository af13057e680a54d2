/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/note.h"

#include <inttypes.h>

#include "base/str.h"
#include "crypto/sha256.h"
#include "proof/record.h"
#include "text/base64.h"
#include "text/hex.h"
#include "text/utf8.h"

/* U+2014 and a blank: how a signature line begins. */
#define LINE_BEGIN ONUS_STR("\xe2\x80\x94 ")

enum {
    ID_SIZE = 4,
    KEY_SIZE = 32,
    SIGNATURE_SIZE = 64,
    TIME_SIZE = 8,
    VKEY_BLOB = 1 + KEY_SIZE,
};

/* White space of Unicode (White_Space=yes). */
static bool is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

bool onus_key_name_valid(struct onus_str name)
{
    if (name.len == 0) {
        return false;
    }
    while (name.len > 0) {
        uint32_t character = 0;
        size_t length = onus_utf8_next(name, &character);
        if (length == 0 || is_space(character) || character < 0x20 || character == '+') {
            return false;
        }
        name = onus_str_from(name, length);
    }
    return true;
}

void onus_vkey_id(struct onus_str name, enum onus_vkey_type type,
        const struct onus_ed25519_public *key, struct onus_key_id *out)
{
    const char middle[2] = {'\n', (char)type};
    struct onus_digest digest;
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, name);
    onus_sha256_add(&hash, (struct onus_str){middle, sizeof(middle)});
    onus_sha256_add(&hash, (struct onus_str){(const char *)key->bytes, sizeof(key->bytes)});
    onus_sha256_end(&hash, &digest);
    memcpy(out->bytes, digest.bytes, sizeof(out->bytes));
}

enum onus_code onus_vkey_make(struct onus_str name, enum onus_vkey_type type,
        const struct onus_ed25519_public *key, struct onus_vkey *out, struct onus_error *err)
{
    if (!onus_key_name_valid(name)) {
        return onus_fail(err, ONUS_E_FORMAT,
                "a key cannot have this name: it is empty, or has a blank, a '+' or a control "
                "character");
    }
    out->name = name;
    out->type = type;
    out->key = *key;
    onus_vkey_id(name, type, key, &out->id);
    return ONUS_OK;
}

/*
 * A key that is none would only be told when a signature arrives. So one is tried that is well-formed
 * and fits no message: R is the base point, S is zero.
 */
static enum onus_code require_point(const struct onus_ed25519_public *key, struct onus_error *err)
{
    struct onus_ed25519_signature probe = {{0x58}};
    memset(probe.bytes + 1, 0x66, KEY_SIZE - 1);
    enum onus_code code = onus_ed25519_verify(key, ONUS_STR("onus"), &probe, err);
    return code == ONUS_E_FORMAT || code == ONUS_E_MEMORY ? code : ONUS_OK;
}

enum onus_code onus_vkey_parse(struct onus_str text, struct onus_vkey *out, struct onus_error *err)
{
    struct onus_str rest = text;
    struct onus_str name = ONUS_STR_NONE;
    struct onus_str id_text = ONUS_STR_NONE;
    uint8_t blob[VKEY_BLOB];
    struct onus_key_id id;
    if (!onus_str_cut(&rest, '+', &name) || !onus_str_cut(&rest, '+', &id_text) ||
            !onus_hex_exact(id_text, id.bytes, sizeof(id.bytes))) {
        return onus_fail(err, ONUS_E_FORMAT, "a key has the form NAME+ID+BASE64");
    }
    if (!onus_base64_exact(rest, blob, sizeof(blob))) {
        return onus_fail(err, ONUS_E_FORMAT,
                "the key of '" ONUS_STR_FMT "' is not 33 bytes in base64", ONUS_STR_ARG(name));
    }
    if (blob[0] != ONUS_VKEY_ED25519 && blob[0] != ONUS_VKEY_COSIGNATURE) {
        return onus_fail(err, ONUS_E_FORMAT,
                "the key of '" ONUS_STR_FMT "' is of type %02x; 01 and 04 are known",
                ONUS_STR_ARG(name), blob[0]);
    }
    struct onus_vkey made;
    struct onus_ed25519_public key;
    memcpy(key.bytes, blob + 1, sizeof(key.bytes));
    enum onus_code code = onus_vkey_make(name, (enum onus_vkey_type)blob[0], &key, &made, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (memcmp(made.id.bytes, id.bytes, sizeof(id.bytes)) != 0) {
        return onus_fail(err, ONUS_E_FORMAT, "the id of '" ONUS_STR_FMT "' is not that of its key",
                ONUS_STR_ARG(name));
    }
    code = require_point(&key, err);
    if (code == ONUS_OK) {
        *out = made;
    }
    return code;
}

void onus_vkey_add(struct onus_buffer *buffer, const struct onus_vkey *key)
{
    uint8_t blob[VKEY_BLOB] = {(uint8_t)key->type};
    memcpy(blob + 1, key->key.bytes, sizeof(key->key.bytes));
    onus_buffer_add_str(buffer, key->name);
    onus_buffer_add_char(buffer, '+');
    onus_hex_add(buffer, (struct onus_str){(const char *)key->id.bytes, sizeof(key->id.bytes)});
    onus_buffer_add_char(buffer, '+');
    onus_base64_add(buffer, (struct onus_str){(const char *)blob, sizeof(blob)});
}

/* Valid UTF-8 without control characters; the offset of the first byte that is not, or NPOS. */
static size_t first_bad_byte(struct onus_str bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        uint32_t character = 0;
        size_t length = onus_utf8_next(onus_str_from(bytes, at), &character);
        if (length == 0 || (character < 0x20 && character != '\n')) {
            return at;
        }
        at += length;
    }
    return ONUS_STR_NPOS;
}

/* "— NAME BASE64" */
static bool parse_signature(struct onus_str line, struct onus_note_signature *out)
{
    struct onus_str rest = line;
    struct onus_str name = ONUS_STR_NONE;
    size_t size = 0;
    if (!onus_str_skip(&rest, LINE_BEGIN) || !onus_str_cut(&rest, ' ', &name) ||
            !onus_key_name_valid(name) || !onus_base64_size(rest, &size) || size <= ID_SIZE) {
        return false;
    }
    uint8_t first[6]; /* what the first eight characters stand for */
    if (!onus_base64_decode(onus_str_sub(rest, 0, 8), first, sizeof(first), &size)) {
        return false;
    }
    *out = (struct onus_note_signature){.line = line, .name = name, .base64 = rest};
    memcpy(out->id.bytes, first, sizeof(out->id.bytes));
    return true;
}

static enum onus_code parse_signatures(struct onus_str lines, size_t offset, struct onus_note *out,
        struct onus_error *err)
{
    if (lines.len == 0) {
        return onus_fail_at(err, ONUS_E_FORMAT, offset, "a note without a signature line");
    }
    while (lines.len > 0) {
        struct onus_str line = ONUS_STR_NONE;
        size_t before = lines.len;
        if (!onus_str_cut(&lines, '\n', &line)) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset, "a note ends without a line feed");
        }
        if (out->count == ONUS_NOTE_SIGNATURES_MAX) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset,
                    "a note has more than %d signature lines", ONUS_NOTE_SIGNATURES_MAX);
        }
        if (!parse_signature(line, &out->signatures[out->count])) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset,
                    "a line below the blank line of a note is no signature line");
        }
        out->count++;
        offset += before - lines.len;
    }
    return ONUS_OK;
}

enum onus_code onus_note_parse(struct onus_str bytes, struct onus_note *out, struct onus_error *err)
{
    size_t bad = first_bad_byte(bytes);
    if (bad != ONUS_STR_NPOS) {
        return onus_fail_at(err, ONUS_E_FORMAT, bad,
                "a note has a byte that is not UTF-8 or a control character");
    }
    size_t split = onus_str_rfind(bytes, ONUS_STR("\n\n"));
    if (split == ONUS_STR_NPOS) {
        return onus_fail(err, ONUS_E_FORMAT, "a note has no blank line above its signatures");
    }
    struct onus_note note = {.text = onus_str_sub(bytes, 0, split + 1)};
    enum onus_code code = parse_signatures(onus_str_from(bytes, split + 2), split + 2, &note, err);
    if (code == ONUS_OK) {
        *out = note;
    }
    return code;
}

void onus_cosignature_message(struct onus_buffer *buffer, uint64_t time, struct onus_str text)
{
    onus_buffer_add_text(buffer, "cosignature/v1\ntime ");
    onus_buffer_add_u64(buffer, time);
    onus_buffer_add_char(buffer, '\n');
    onus_buffer_add_str(buffer, text);
}

static enum onus_code does_not_check(const struct onus_vkey *key, const char *why,
        struct onus_error *err)
{
    return onus_fail(err, ONUS_E_MISMATCH, "the signature of '" ONUS_STR_FMT "' does not check: %s",
            ONUS_STR_ARG(key->name), why);
}

/* `code` of onus_ed25519_verify(): to this caller a key that is none has signed nothing. */
static enum onus_code judged(enum onus_code code, const struct onus_vkey *key,
        struct onus_error *err)
{
    if (code == ONUS_E_MISMATCH || code == ONUS_E_FORMAT) {
        return does_not_check(key, "it does not fit the text and the key", err);
    }
    return code;
}

static enum onus_code check_cosignature(struct onus_str text, const uint8_t *blob,
        const struct onus_vkey *key, uint64_t *time, struct onus_error *err)
{
    uint64_t when = onus_be64_get(blob);
    if (when > INT64_MAX) { /* C2SP tlog-cosignature, Format */
        return does_not_check(key, "its time is above 2^63 - 1", err);
    }
    struct onus_ed25519_signature signature;
    memcpy(signature.bytes, blob + TIME_SIZE, sizeof(signature.bytes));
    struct onus_buffer message = {.limit = 0};
    onus_cosignature_message(&message, when, text);
    enum onus_code code = onus_buffer_status(&message, err);
    if (code == ONUS_OK) {
        code = onus_ed25519_verify(&key->key, onus_buffer_view(&message), &signature, NULL);
        code = judged(code, key, err);
    }
    onus_buffer_clear(&message);
    if (code == ONUS_OK) {
        *time = when;
    }
    return code;
}

enum onus_code onus_note_check(const struct onus_note *note,
        const struct onus_note_signature *signature, const struct onus_vkey *key, uint64_t *time,
        struct onus_error *err)
{
    bool cosignature = key->type == ONUS_VKEY_COSIGNATURE;
    size_t size = ID_SIZE + SIGNATURE_SIZE + (cosignature ? TIME_SIZE : 0);
    uint8_t blob[ID_SIZE + TIME_SIZE + SIGNATURE_SIZE];
    if (!onus_base64_exact(signature->base64, blob, size)) {
        return does_not_check(key, "it has a wrong length", err);
    }
    uint64_t when = 0;
    enum onus_code code = ONUS_OK;
    if (cosignature) {
        code = check_cosignature(note->text, blob + ID_SIZE, key, &when, err);
    } else {
        struct onus_ed25519_signature bytes;
        memcpy(bytes.bytes, blob + ID_SIZE, sizeof(bytes.bytes));
        code = judged(onus_ed25519_verify(&key->key, note->text, &bytes, NULL), key, err);
    }
    if (code == ONUS_OK && time) {
        *time = when;
    }
    return code;
}

enum onus_code onus_note_verify(const struct onus_note *note, const struct onus_vkey *keys,
        size_t key_count, size_t *by, struct onus_error *err)
{
    size_t checked = 0;
    for (size_t i = 0; i < note->count; i++) {
        for (size_t k = 0; k < key_count; k++) {
            if (!onus_note_by(&note->signatures[i], &keys[k])) {
                continue;
            }
            enum onus_code code = onus_note_check(note, &note->signatures[i], &keys[k], NULL, err);
            if (code != ONUS_OK) {
                return code;
            }
            checked++;
        }
    }
    if (checked == 0) {
        return onus_fail(err, ONUS_E_MISMATCH, "the note has no signature of a known key");
    }
    *by = checked;
    return ONUS_OK;
}

void onus_note_begin(struct onus_buffer *buffer, struct onus_str text)
{
    onus_buffer_add_str(buffer, text);
    onus_buffer_add_char(buffer, '\n');
}

static void add_line(struct onus_buffer *buffer, const struct onus_vkey *key, struct onus_str blob)
{
    onus_buffer_add_str(buffer, LINE_BEGIN);
    onus_buffer_add_str(buffer, key->name);
    onus_buffer_add_char(buffer, ' ');
    onus_base64_add(buffer, blob);
    onus_buffer_add_char(buffer, '\n');
}

void onus_note_add_signature(struct onus_buffer *buffer, const struct onus_vkey *key,
        const struct onus_ed25519_signature *signature)
{
    uint8_t blob[ID_SIZE + SIGNATURE_SIZE];
    memcpy(blob, key->id.bytes, ID_SIZE);
    memcpy(blob + ID_SIZE, signature->bytes, SIGNATURE_SIZE);
    add_line(buffer, key, (struct onus_str){(const char *)blob, sizeof(blob)});
}

void onus_note_add_cosignature(struct onus_buffer *buffer, const struct onus_vkey *key,
        uint64_t time, const struct onus_ed25519_signature *signature)
{
    uint8_t blob[ID_SIZE + TIME_SIZE + SIGNATURE_SIZE];
    memcpy(blob, key->id.bytes, ID_SIZE);
    onus_be64_put(blob + ID_SIZE, time);
    memcpy(blob + ID_SIZE + TIME_SIZE, signature->bytes, SIGNATURE_SIZE);
    add_line(buffer, key, (struct onus_str){(const char *)blob, sizeof(blob)});
}

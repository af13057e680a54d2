/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_NOTE_H
#define ONUS_PROOF_NOTE_H

/*
 * Signed notes (C2SP signed-note) and the keys that check them.
 *
 *     text, one or more lines
 *                                           a blank line, the last one
 *     — NAME BASE64(key id || signature)    1 to 64 signature lines
 *
 * A key is told by its name and its id, the first four bytes of SHA-256(name LF type public key). The
 * id is a hint, not a promise: what counts is that the signature checks.
 */

#include <onus/error.h>

#include "base/buffer.h"
#include "crypto/ed25519.h"

#define ONUS_NOTE_SIGNATURES_MAX 64

/* Kinds of keys (C2SP signed-note, tlog-cosignature). */
enum onus_vkey_type {
    ONUS_VKEY_ED25519 = 0x01,     /* signs the text: logs */
    ONUS_VKEY_COSIGNATURE = 0x04, /* signs the text and a time: witnesses */
};

struct onus_key_id {
    uint8_t bytes[4];
};

/* NAME+HEX(id)+BASE64(type || public key): `name` is a view. */
struct onus_vkey {
    struct onus_str name;
    struct onus_key_id id;
    enum onus_vkey_type type;
    struct onus_ed25519_public key;
};

/* Not empty, UTF-8, no white space of Unicode, no control character, no '+'. */
bool onus_key_name_valid(struct onus_str name);

void onus_vkey_id(struct onus_str name, enum onus_vkey_type type,
        const struct onus_ed25519_public *key, struct onus_key_id *out);

/* From its parts, with the id computed. ONUS_E_FORMAT for a name no key can have. */
ONUS_NODISCARD enum onus_code onus_vkey_make(struct onus_str name, enum onus_vkey_type type,
        const struct onus_ed25519_public *key, struct onus_vkey *out, struct onus_error *err);

/*
 * ONUS_E_FORMAT  not a key; an id that is not that of the key; a type other than the two above; a
 *                public key that is not on the curve or of small order.
 * ONUS_E_MEMORY  cannot tell.
 */
ONUS_NODISCARD enum onus_code onus_vkey_parse(struct onus_str text, struct onus_vkey *out,
        struct onus_error *err);
void onus_vkey_add(struct onus_buffer *buffer, const struct onus_vkey *key);

struct onus_note_signature {
    struct onus_str line; /* without its line feed */
    struct onus_str name;
    struct onus_key_id id;
    struct onus_str base64; /* of id || signature; canonical */
};

/* Views into the bytes that were parsed. */
struct onus_note {
    struct onus_str text; /* with its last line feed: what is signed */
    size_t count;
    struct onus_note_signature signatures[ONUS_NOTE_SIGNATURES_MAX];
};

/*
 * Split a note. Nothing is checked but its form. ONUS_E_FORMAT: not UTF-8, a control character other
 * than a line feed, no blank line, no or too many signature lines, a line that is none.
 */
ONUS_NODISCARD enum onus_code onus_note_parse(struct onus_str bytes, struct onus_note *out,
        struct onus_error *err);

static inline bool onus_note_by(const struct onus_note_signature *signature,
        const struct onus_vkey *key)
{
    return onus_str_eq(signature->name, key->name) &&
           memcmp(signature->id.bytes, key->id.bytes, sizeof(key->id.bytes)) == 0;
}

/*
 * Check one signature of a note by the key it names (onus_note_by()).
 *
 * *time   seconds since 1970 of a cosignature, 0 for type 01. May be NULL.
 * ONUS_E_MISMATCH  it does not check, or has a wrong length.
 */
ONUS_NODISCARD enum onus_code onus_note_check(const struct onus_note *note,
        const struct onus_note_signature *signature, const struct onus_vkey *key, uint64_t *time,
        struct onus_error *err);

/*
 * The rule for a reader with a list of keys: signatures of unknown keys are passed over, one of a
 * known key that does not check refutes the note, and at least one must check.
 *
 * ONUS_OK          *by is the number of signature lines that were checked.
 * ONUS_E_MISMATCH  one of a known key does not check, or there is none of a known key.
 */
ONUS_NODISCARD enum onus_code onus_note_verify(const struct onus_note *note,
        const struct onus_vkey *keys, size_t key_count, size_t *by, struct onus_error *err);

/*
 * Writing: the text with its last line feed, onus_note_begin(), then the signature lines. What is
 * signed is the text alone (type 01) or onus_cosignature_message() (type 04).
 */
void onus_note_begin(struct onus_buffer *buffer, struct onus_str text);
void onus_note_add_signature(struct onus_buffer *buffer, const struct onus_vkey *key,
        const struct onus_ed25519_signature *signature);
void onus_note_add_cosignature(struct onus_buffer *buffer, const struct onus_vkey *key,
        uint64_t time, const struct onus_ed25519_signature *signature);

/* "cosignature/v1\ntime N\n" and the text: what a witness signs (C2SP tlog-cosignature). Appended. */
void onus_cosignature_message(struct onus_buffer *buffer, uint64_t time, struct onus_str text);

#endif

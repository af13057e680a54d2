/* SPDX-License-Identifier: Apache-2.0 */
#include "age.h"

#include "age_parts.h"
#include "base/str.h"

static enum onus_code no_memory(struct onus_error *err)
{
    return onus_fail(err, ONUS_E_MEMORY, "out of memory");
}

/* Forget what was appended since `len`. */
static void take_back(struct onus_buffer *out, size_t len)
{
    if (out->len > len) {
        explicit_bzero(out->ptr + len, out->len - len);
        out->len = len;
    }
}

/* The key that wraps the file key between an ephemeral share and a recipient. */
static enum onus_code wrap_key(const uint8_t scalar[32], const uint8_t point[32],
        const uint8_t share[32], const uint8_t recipient[32], struct onus_digest *out,
        struct onus_error *err)
{
    uint8_t shared[32];
    char salt[64];
    enum onus_code code = onus_age_x25519(scalar, point, shared, err);
    if (code != ONUS_OK) {
        return code;
    }
    memcpy(salt, share, 32);
    memcpy(salt + 32, recipient, 32);
    onus_age_hkdf((struct onus_str){(const char *)shared, sizeof(shared)},
            (struct onus_str){salt, sizeof(salt)}, ONUS_STR("age-encryption.org/v1/X25519"), out);
    explicit_bzero(shared, sizeof(shared));
    return ONUS_OK;
}

static void header_mac(struct onus_str file_key, struct onus_str covered, struct onus_digest *out)
{
    struct onus_digest key;
    onus_age_hkdf(file_key, ONUS_STR_NONE, ONUS_STR("header"), &key);
    onus_hmac_sha256(onus_digest_view(&key), &covered, 1, out);
    explicit_bzero(&key, sizeof(key));
}

static void chunk_nonce(uint64_t number, bool last, uint8_t out[12])
{
    memset(out, 0, 12);
    for (size_t i = 0; i < 8; i++) {
        out[10 - i] = (uint8_t)(number >> (8 * i));
    }
    out[11] = last;
}

/*
 * The payload behind the nonce, sealed or opened chunk by chunk. `step` is the size of a full chunk of
 * what comes in; what comes in is at least one chunk, which may be empty when it is the only one.
 */
static enum onus_code run_chunks(struct onus_age_cipher *cipher, struct onus_str from, size_t step,
        struct onus_buffer *out, struct onus_error *err)
{
    for (uint64_t number = 0;; number++) {
        struct onus_str chunk = onus_str_sub(from, 0, step);
        from = onus_str_from(from, chunk.len);
        bool last = from.len == 0;
        size_t made = cipher->seal ? chunk.len + AGE_TAG : chunk.len - AGE_TAG;
        uint8_t nonce[12];
        chunk_nonce(number, last, nonce);
        /* Room for one byte more: an empty content still needs a place to point at. */
        char *room = onus_buffer_room(out, made + 1);
        if (!room) {
            return onus_buffer_status(out, err);
        }
        if (!onus_age_cipher_piece(cipher, nonce, chunk, (uint8_t *)room)) {
            return cipher->no_memory ? no_memory(err)
                                     : onus_fail(err, ONUS_E_MISMATCH,
                                               "the content was changed or cut after encryption");
        }
        onus_buffer_grew(out, room + made);
        if (last) {
            return ONUS_OK;
        }
    }
}

static enum onus_code payload(bool seal, struct onus_str file_key, struct onus_str nonce,
        struct onus_str from, struct onus_buffer *out, struct onus_error *err)
{
    struct onus_digest key;
    struct onus_age_cipher cipher;
    onus_age_hkdf(file_key, nonce, ONUS_STR("payload"), &key);
    onus_age_cipher_init(&cipher, key.bytes, seal);
    explicit_bzero(&key, sizeof(key));
    enum onus_code code =
            run_chunks(&cipher, from, seal ? AGE_CHUNK : AGE_CHUNK + AGE_TAG, out, err);
    onus_age_cipher_clear(&cipher);
    return code;
}

/* ---- encrypting ------------------------------------------------------------------------------------------ */

static enum onus_code seal_file_key(const struct onus_digest *key, struct onus_str file_key,
        uint8_t out[AGE_WRAPPED], struct onus_error *err)
{
    static const uint8_t nonce[12] = {0};
    struct onus_age_cipher cipher;
    onus_age_cipher_init(&cipher, key->bytes, true);
    bool good = onus_age_cipher_piece(&cipher, nonce, file_key, out);
    onus_age_cipher_clear(&cipher);
    return good ? ONUS_OK : no_memory(err);
}

static enum onus_code add_stanza(const struct onus_age_recipient *recipient,
        struct onus_str file_key, struct onus_random_source random, struct onus_buffer *out,
        struct onus_error *err)
{
    uint8_t secret[32];
    uint8_t share[32];
    uint8_t wrapped[AGE_WRAPPED];
    struct onus_digest key;
    char text[43];
    enum onus_code code = random.fill(random.data, secret, sizeof(secret), err);
    if (code == ONUS_OK) {
        code = onus_age_x25519(secret, NULL, share, err);
    }
    if (code == ONUS_OK) {
        code = wrap_key(secret, recipient->point, share, recipient->point, &key, err);
    }
    if (code == ONUS_OK) {
        code = seal_file_key(&key, file_key, wrapped, err);
    }
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(&key, sizeof(key));
    if (code != ONUS_OK) {
        return code;
    }
    onus_age_encode32(share, text);
    onus_buffer_add_text(out, "-> X25519 ");
    onus_buffer_add(out, text, sizeof(text));
    onus_age_encode32(wrapped, text);
    onus_buffer_add_text(out, "\n");
    onus_buffer_add(out, text, sizeof(text));
    onus_buffer_add_text(out, "\n");
    return onus_buffer_status(out, err);
}

static enum onus_code add_header(const struct onus_age_recipient *recipients, size_t count,
        struct onus_str file_key, struct onus_random_source random, struct onus_buffer *out,
        struct onus_error *err)
{
    size_t begin = out->len;
    onus_buffer_add_text(out, "age-encryption.org/v1\n");
    for (size_t i = 0; i < count; i++) {
        enum onus_code code = add_stanza(&recipients[i], file_key, random, out, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    onus_buffer_add_text(out, "---");
    enum onus_code code = onus_buffer_status(out, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_digest mac;
    char text[43];
    header_mac(file_key, onus_str_from(onus_buffer_view(out), begin), &mac);
    onus_age_encode32(mac.bytes, text);
    onus_buffer_add_text(out, " ");
    onus_buffer_add(out, text, sizeof(text));
    onus_buffer_add_text(out, "\n");
    return onus_buffer_status(out, err);
}

enum onus_code onus_age_encrypt(const struct onus_age_recipient *recipients, size_t count,
        struct onus_str plain, struct onus_random_source random, struct onus_buffer *out,
        struct onus_error *err)
{
    if (count == 0 || count > ONUS_AGE_RECIPIENTS_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "encryption is to 1 to %d recipients, not to %zu",
                ONUS_AGE_RECIPIENTS_MAX, count);
    }
    char file_key[AGE_FILE_KEY];
    char nonce[AGE_NONCE];
    struct onus_str key_view = {file_key, sizeof(file_key)};
    size_t begin = out->len;
    enum onus_code code = random.fill(random.data, file_key, sizeof(file_key), err);
    if (code == ONUS_OK) {
        code = add_header(recipients, count, key_view, random, out, err);
    }
    if (code == ONUS_OK) {
        code = random.fill(random.data, nonce, sizeof(nonce), err);
    }
    if (code == ONUS_OK) {
        onus_buffer_add(out, nonce, sizeof(nonce));
        code = payload(true, key_view, (struct onus_str){nonce, sizeof(nonce)}, plain, out, err);
    }
    explicit_bzero(file_key, sizeof(file_key));
    if (code != ONUS_OK) {
        take_back(out, begin);
    }
    return code;
}

/* ---- decrypting ------------------------------------------------------------------------------------------ */

/* An X25519 stanza, whoever it is for. */
struct sealed {
    uint8_t share[32];
    char wrapped[AGE_WRAPPED];
};

static enum onus_code read_sealed(const struct onus_age_stanza *stanza, struct sealed *out,
        struct onus_error *err)
{
    struct onus_str body = stanza->body;
    uint8_t wrapped[AGE_WRAPPED];
    if (!onus_age_decode32(stanza->arguments, out->share) ||
            !onus_str_drop(&body, ONUS_STR("\n")) || !onus_age_decode32(body, wrapped)) {
        return onus_fail_at(err, ONUS_E_FORMAT, stanza->offset, "this is no X25519 stanza of age");
    }
    memcpy(out->wrapped, wrapped, sizeof(wrapped));
    return ONUS_OK;
}

/* ONUS_OK with the file key, ONUS_END when the stanza is for somebody else. */
static enum onus_code open_sealed(const struct sealed *sealed,
        const struct onus_age_identity *identity, char file_key[AGE_FILE_KEY],
        struct onus_error *err)
{
    static const uint8_t nonce[12] = {0};
    struct onus_age_recipient own;
    struct onus_digest key;
    enum onus_code code = onus_age_recipient_of(identity, &own, err);
    if (code == ONUS_OK) {
        code = wrap_key(identity->secret, sealed->share, sealed->share, own.point, &key, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    uint8_t opened[AGE_WRAPPED];
    struct onus_age_cipher cipher;
    onus_age_cipher_init(&cipher, key.bytes, false);
    if (onus_age_cipher_piece(&cipher, nonce, (struct onus_str){sealed->wrapped, AGE_WRAPPED},
                opened)) {
        memcpy(file_key, opened, AGE_FILE_KEY);
    } else {
        code = cipher.no_memory ? no_memory(err) : ONUS_END;
    }
    onus_age_cipher_clear(&cipher);
    explicit_bzero(&key, sizeof(key));
    explicit_bzero(opened, sizeof(opened));
    return code;
}

/*
 * All stanzas are read, also behind the one that fits: a file is an age file or is not, whoever reads
 * it. *found tells whether one of the identities opened one.
 */
static enum onus_code find_file_key(struct onus_age_reader *reader,
        const struct onus_age_identity *identities, size_t count, char file_key[AGE_FILE_KEY],
        bool *found, struct onus_error *err)
{
    struct onus_age_stanza stanza = {.offset = 0};
    enum onus_code code = ONUS_OK;
    size_t stanzas = 0;
    size_t passphrases = 0;
    while ((code = onus_age_next(reader, &stanza, err)) == ONUS_OK) {
        struct sealed sealed;
        stanzas++;
        passphrases += onus_str_eq(stanza.type, ONUS_STR("scrypt"));
        if (!onus_str_eq(stanza.type, ONUS_STR("X25519"))) {
            continue;
        }
        code = read_sealed(&stanza, &sealed, err);
        for (size_t i = 0; code == ONUS_OK && !*found && i < count; i++) {
            code = open_sealed(&sealed, &identities[i], file_key, err);
            *found = code == ONUS_OK;
            code = code == ONUS_END ? ONUS_OK : code;
        }
        if (code != ONUS_OK) {
            return code;
        }
    }
    if (code == ONUS_END && stanzas == 0) {
        return onus_fail_at(err, ONUS_E_FORMAT, reader->at, "the file is encrypted to nobody");
    }
    if (code == ONUS_END && passphrases > 0 && stanzas > 1) {
        return onus_fail_at(err, ONUS_E_FORMAT, reader->at,
                "the file is encrypted to a passphrase and to something else");
    }
    return code == ONUS_END ? ONUS_OK : code;
}

/* Nonce, then whole chunks but for the last, which is empty only when it is the only one. */
static enum onus_code check_payload_size(struct onus_str sealed, size_t offset, size_t limit,
        struct onus_error *err)
{
    const size_t full = AGE_CHUNK + AGE_TAG;
    size_t last = sealed.len > AGE_NONCE ? (sealed.len - AGE_NONCE - 1) % full + 1 : 0;
    size_t chunks = sealed.len > AGE_NONCE ? (sealed.len - AGE_NONCE - 1) / full + 1 : 0;
    if (last < AGE_TAG || (last == AGE_TAG && chunks > 1)) {
        return onus_fail_at(err, ONUS_E_FORMAT, offset, "no age file has a content of this size");
    }
    if (sealed.len - AGE_NONCE - chunks * AGE_TAG > limit) {
        return onus_fail(err, ONUS_E_LIMIT, "the content is longer than the allowed %zu bytes",
                limit);
    }
    return ONUS_OK;
}

static enum onus_code open_file(struct onus_age_reader *reader, struct onus_str file_key,
        bool found, size_t limit, struct onus_buffer *out, struct onus_error *err)
{
    struct onus_str covered = ONUS_STR_NONE;
    struct onus_digest mac;
    struct onus_digest wanted;
    enum onus_code code = onus_age_mac(reader, &covered, &mac, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!found) {
        return onus_fail(err, ONUS_E_MISSING, "the file is not encrypted to this key");
    }
    header_mac(file_key, covered, &wanted);
    if (!onus_digest_eq(&mac, &wanted)) {
        return onus_fail(err, ONUS_E_MISMATCH, "the header was changed after encryption");
    }
    struct onus_str sealed = onus_str_from(reader->file, reader->at);
    code = check_payload_size(sealed, reader->at, limit, err);
    if (code != ONUS_OK) {
        return code;
    }
    /* All room at once: a buffer that grows leaves copies of the content behind. */
    if (!onus_buffer_room(out, sealed.len)) {
        return onus_buffer_status(out, err);
    }
    return payload(false, file_key, onus_str_sub(sealed, 0, AGE_NONCE),
            onus_str_from(sealed, AGE_NONCE), out, err);
}

enum onus_code onus_age_decrypt(const struct onus_age_identity *identities, size_t count,
        struct onus_str file, size_t limit, struct onus_buffer *out, struct onus_error *err)
{
    char file_key[AGE_FILE_KEY] = {0};
    bool found = false;
    size_t begin = out->len;
    struct onus_age_reader reader;
    enum onus_code code = onus_age_begin(&reader, file, err);
    if (code == ONUS_OK) {
        code = find_file_key(&reader, identities, count, file_key, &found, err);
    }
    if (code == ONUS_OK) {
        code = open_file(&reader, (struct onus_str){file_key, sizeof(file_key)}, found, limit, out,
                err);
    }
    explicit_bzero(file_key, sizeof(file_key));
    if (code != ONUS_OK) {
        take_back(out, begin);
    }
    return code;
}

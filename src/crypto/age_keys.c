/* SPDX-License-Identifier: Apache-2.0 */
#include "age_parts.h"

/*
 * Bech32 (BIP 173) of 32 bytes: a prefix in letters, "1", the bytes in groups of five bits, six
 * characters of checksum. age writes secret keys in capitals, public ones in small letters.
 */
enum {
    DATA = 52, /* 256 bits in groups of five, the last one padded with four zero bits */
    CHECKSUM = 6
};

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t checksum_step(uint32_t state, uint8_t value)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
            0x2a1462b3};
    uint32_t top = state >> 25;
    state = (state & 0x1ffffff) << 5 ^ value;
    for (size_t i = 0; i < ONUS_COUNT(generator); i++) {
        state ^= top >> i & 1 ? generator[i] : 0;
    }
    return state;
}

/* Over the prefix in small letters and the groups. */
static uint32_t checksum(struct onus_str prefix, const uint8_t *groups, size_t count)
{
    uint32_t state = 1;
    for (size_t i = 0; i < prefix.len; i++) {
        state = checksum_step(state, (uint8_t)prefix.ptr[i] >> 5);
    }
    state = checksum_step(state, 0);
    for (size_t i = 0; i < prefix.len; i++) {
        state = checksum_step(state, (uint8_t)prefix.ptr[i] & 31);
    }
    for (size_t i = 0; i < count; i++) {
        state = checksum_step(state, groups[i]);
    }
    return state;
}

static char capital(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static void format(struct onus_str prefix, bool capitals, const uint8_t bytes[32], char *out)
{
    uint8_t groups[DATA + CHECKSUM] = {0};
    for (size_t bit = 0; bit < 256; bit++) {
        unsigned value = bytes[bit / 8] >> (7 - bit % 8) & 1;
        groups[bit / 5] |= (uint8_t)(value << (4 - bit % 5));
    }
    uint32_t sum = checksum(prefix, groups, sizeof(groups)) ^ 1;
    for (size_t i = 0; i < CHECKSUM; i++) {
        groups[DATA + i] = sum >> (5 * (CHECKSUM - 1 - i)) & 31;
    }
    size_t at = 0;
    for (size_t i = 0; i < prefix.len; i++) {
        out[at++] = capitals ? capital(prefix.ptr[i]) : prefix.ptr[i];
    }
    out[at++] = '1';
    for (size_t i = 0; i < sizeof(groups); i++) {
        out[at++] = capitals ? capital(alphabet[groups[i]]) : alphabet[groups[i]];
    }
    out[at] = '\0';
    explicit_bzero(groups, sizeof(groups));
}

static bool parse(struct onus_str prefix, bool capitals, struct onus_str text, uint8_t out[32])
{
    uint8_t groups[DATA + CHECKSUM];
    if (text.len != prefix.len + 1 + sizeof(groups) || text.ptr[prefix.len] != '1') {
        return false;
    }
    for (size_t i = 0; i < prefix.len; i++) {
        if (text.ptr[i] != (capitals ? capital(prefix.ptr[i]) : prefix.ptr[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(groups); i++) {
        char c = text.ptr[prefix.len + 1 + i];
        size_t value = 0;
        while (value < 32 && c != (capitals ? capital(alphabet[value]) : alphabet[value])) {
            value++;
        }
        if (value == 32) {
            return false;
        }
        groups[i] = (uint8_t)value;
    }
    if (checksum(prefix, groups, sizeof(groups)) != 1 || (groups[DATA - 1] & 15) != 0) {
        return false;
    }
    memset(out, 0, 32);
    for (size_t bit = 0; bit < 256; bit++) {
        unsigned value = groups[bit / 5] >> (4 - bit % 5) & 1;
        out[bit / 8] |= (uint8_t)(value << (7 - bit % 8));
    }
    explicit_bzero(groups, sizeof(groups));
    return true;
}

#define IDENTITY_PREFIX  ONUS_STR("age-secret-key-")
#define RECIPIENT_PREFIX ONUS_STR("age")

enum onus_code onus_age_identity_make(struct onus_random_source random,
        struct onus_age_identity *out, struct onus_error *err)
{
    struct onus_age_identity made;
    enum onus_code code = random.fill(random.data, made.secret, sizeof(made.secret), err);
    if (code == ONUS_OK) {
        *out = made;
    }
    explicit_bzero(&made, sizeof(made));
    return code;
}

enum onus_code onus_age_recipient_of(const struct onus_age_identity *identity,
        struct onus_age_recipient *out, struct onus_error *err)
{
    return onus_age_x25519(identity->secret, NULL, out->point, err);
}

void onus_age_identity_format(const struct onus_age_identity *identity,
        char out[ONUS_AGE_IDENTITY_TEXT])
{
    format(IDENTITY_PREFIX, true, identity->secret, out);
}

void onus_age_recipient_format(const struct onus_age_recipient *recipient,
        char out[ONUS_AGE_RECIPIENT_TEXT])
{
    format(RECIPIENT_PREFIX, false, recipient->point, out);
}

enum onus_code onus_age_identity_parse(struct onus_str text, struct onus_age_identity *out,
        struct onus_error *err)
{
    struct onus_age_identity read;
    if (!parse(IDENTITY_PREFIX, true, text, read.secret)) {
        return onus_fail(err, ONUS_E_FORMAT, "this is no secret key of age");
    }
    *out = read;
    explicit_bzero(&read, sizeof(read));
    return ONUS_OK;
}

enum onus_code onus_age_recipient_parse(struct onus_str text, struct onus_age_recipient *out,
        struct onus_error *err)
{
    struct onus_age_recipient read;
    if (!parse(RECIPIENT_PREFIX, false, text, read.point)) {
        return onus_fail(err, ONUS_E_FORMAT, "this is no public key of age");
    }
    *out = read;
    return ONUS_OK;
}

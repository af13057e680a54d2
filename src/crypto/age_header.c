/* SPDX-License-Identifier: Apache-2.0 */
#include "age_parts.h"

#include "base/str.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum {
    COLUMNS = 64,
    TEXT32 = 43 /* 32 bytes: 42 characters of six bits, then four bits and two of padding */
};

/* ---- base64 without padding ------------------------------------------------------------------------ */

/* The six bits of a character, or 64. */
static unsigned bits_of(char c)
{
    const char *hit = c != '\0' ? strchr(alphabet, c) : NULL;
    return hit ? (unsigned)(hit - alphabet) : 64;
}

bool onus_age_decode32(struct onus_str text, uint8_t out[32])
{
    uint8_t bytes[33] = {0}; /* the 258th bit would be in byte 32 */
    if (text.len != TEXT32) {
        return false;
    }
    for (size_t i = 0; i < TEXT32; i++) {
        unsigned bits = bits_of(text.ptr[i]);
        if (bits == 64) {
            return false;
        }
        unsigned shifted = bits << (10 - 6 * i % 8);
        bytes[6 * i / 8] |= (uint8_t)(shifted >> 8);
        if (6 * i / 8 + 1 < sizeof(bytes)) {
            bytes[6 * i / 8 + 1] |= (uint8_t)shifted;
        }
    }
    if (bytes[32] != 0) {
        return false;
    }
    memcpy(out, bytes, 32);
    return true;
}

void onus_age_encode32(const uint8_t bytes[32], char out[TEXT32])
{
    for (size_t i = 0; i < TEXT32; i++) {
        unsigned at = (unsigned)(6 * i / 8);
        unsigned two = (unsigned)bytes[at] << 8 | (at + 1 < 32 ? bytes[at + 1] : 0u);
        out[i] = alphabet[two >> (10 - 6 * i % 8) & 63];
    }
}

/* Whether the last character of a body of this length, in all, leaves the bits nobody needs zero. */
static bool is_canonical_end(size_t length, char last)
{
    unsigned unused = length % 4 == 2 ? 15 : length % 4 == 3 ? 3 : 0;
    return length % 4 != 1 && (bits_of(last) & unused) == 0;
}

/* ---- lines ---------------------------------------------------------------------------------------------- */

static enum onus_code wrong(const struct onus_age_reader *reader, struct onus_error *err)
{
    return onus_fail_at(err, ONUS_E_FORMAT, reader->at, "this is no age file, version 1");
}

/* Take the line without its end. */
static enum onus_code take_line(struct onus_age_reader *reader, struct onus_str *out,
        struct onus_error *err)
{
    struct onus_str rest = onus_str_from(reader->file, reader->at);
    size_t end = onus_str_find_char(onus_str_sub(rest, 0, ONUS_AGE_HEADER_MAX), '\n');
    if (end == ONUS_STR_NPOS && rest.len < ONUS_AGE_HEADER_MAX) {
        return wrong(reader, err);
    }
    if (end == ONUS_STR_NPOS || reader->at + end >= ONUS_AGE_HEADER_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "the header is longer than %d bytes",
                ONUS_AGE_HEADER_MAX);
    }
    *out = onus_str_sub(rest, 0, end);
    reader->at += end + 1;
    return ONUS_OK;
}

enum onus_code onus_age_begin(struct onus_age_reader *reader, struct onus_str file,
        struct onus_error *err)
{
    *reader = (struct onus_age_reader){file, 0};
    if (!onus_str_begins(file, ONUS_STR("age-encryption.org/v1\n"))) {
        return wrong(reader, err);
    }
    reader->at = strlen("age-encryption.org/v1\n");
    return ONUS_OK;
}

/* Arguments of visible ASCII, one space between them. */
static bool split_arguments(struct onus_str line, struct onus_age_stanza *out)
{
    char before = ' ';
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (c < ' ' || c > '~' || (c == ' ' && before == ' ')) {
            return false;
        }
        before = c;
    }
    if (before == ' ') {
        return false;
    }
    out->arguments = line;
    out->has_arguments = onus_str_cut(&out->arguments, ' ', &out->type);
    if (!out->has_arguments) {
        out->type = line;
        out->arguments = ONUS_STR_NONE;
    }
    return true;
}

static enum onus_code take_body(struct onus_age_reader *reader, struct onus_str *out,
        struct onus_error *err)
{
    size_t begin = reader->at;
    size_t length = 0;
    struct onus_str line = ONUS_STR_NONE;
    char last = 'A';
    do {
        size_t line_begin = reader->at;
        enum onus_code code = take_line(reader, &line, err);
        if (code != ONUS_OK) {
            return code;
        }
        bool good = line.len <= COLUMNS;
        for (size_t i = 0; good && i < line.len; i++) {
            good = bits_of(line.ptr[i]) < 64;
        }
        last = line.len > 0 ? line.ptr[line.len - 1] : last;
        length += line.len;
        if (!good || (line.len < COLUMNS && !is_canonical_end(length, last))) {
            reader->at = line_begin;
            return wrong(reader, err);
        }
    } while (line.len == COLUMNS);
    *out = onus_str_sub(reader->file, begin, reader->at - begin);
    return ONUS_OK;
}

enum onus_code onus_age_next(struct onus_age_reader *reader, struct onus_age_stanza *out,
        struct onus_error *err)
{
    struct onus_str rest = onus_str_from(reader->file, reader->at);
    if (onus_str_begins(rest, ONUS_STR("--- "))) {
        return ONUS_END;
    }
    if (!onus_str_begins(rest, ONUS_STR("-> "))) {
        return wrong(reader, err);
    }
    struct onus_str line = ONUS_STR_NONE;
    struct onus_age_stanza read = {.offset = reader->at};
    enum onus_code code = take_line(reader, &line, err);
    if (code == ONUS_OK && !split_arguments(onus_str_from(line, 3), &read)) {
        reader->at = read.offset;
        code = wrong(reader, err);
    }
    if (code == ONUS_OK) {
        code = take_body(reader, &read.body, err);
    }
    if (code == ONUS_OK) {
        *out = read;
    }
    return code;
}

enum onus_code onus_age_mac(struct onus_age_reader *reader, struct onus_str *covered,
        struct onus_digest *mac, struct onus_error *err)
{
    size_t begin = reader->at;
    struct onus_str line = ONUS_STR_NONE;
    enum onus_code code = take_line(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_digest read;
    if (!onus_age_decode32(onus_str_from(line, 4), read.bytes)) {
        reader->at = begin;
        return wrong(reader, err);
    }
    *covered = onus_str_sub(reader->file, 0, begin + 3);
    *mac = read;
    return ONUS_OK;
}

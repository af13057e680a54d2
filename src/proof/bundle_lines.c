/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/bundle_lines.h"

#include "base/str.h"

bool onus_line_sees(const struct onus_bundle_reader *reader, const char *keyword)
{
    struct onus_str rest = onus_str_from(reader->bytes, reader->at);
    return onus_str_skip(&rest, onus_str_of(keyword)) && rest.len > 0 && rest.ptr[0] == ' ';
}

bool onus_line_skip(struct onus_bundle_reader *reader, char byte)
{
    if (reader->at == reader->bytes.len || reader->bytes.ptr[reader->at] != byte) {
        return false;
    }
    reader->at++;
    return true;
}

enum onus_code onus_line_take(struct onus_bundle_reader *reader, struct onus_str *out,
        struct onus_error *err)
{
    struct onus_str rest = onus_str_from(reader->bytes, reader->at);
    size_t length = onus_str_find_char(rest, '\n');
    if (length == ONUS_STR_NPOS) {
        return onus_fail_at(err, ONUS_E_MISMATCH, reader->bytes.len, "the bundle is cut off");
    }
    *out = onus_str_sub(rest, 0, length);
    reader->at += length + 1;
    return ONUS_OK;
}

enum onus_code onus_line_bytes(struct onus_bundle_reader *reader, uint64_t length,
        struct onus_str *out, struct onus_error *err)
{
    if (length > reader->bytes.len - reader->at) {
        return onus_fail_at(err, ONUS_E_MISMATCH, reader->at,
                "the bundle is cut off: %llu bytes should follow here", (unsigned long long)length);
    }
    *out = onus_str_sub(reader->bytes, reader->at, (size_t)length);
    reader->at += (size_t)length;
    return ONUS_OK;
}

enum onus_code onus_line_digest(struct onus_bundle_reader *reader, struct onus_digest *out,
        struct onus_error *err)
{
    size_t start = reader->at;
    struct onus_str line = ONUS_STR_NONE;
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code == ONUS_OK &&
            !onus_base64_exact(onus_str_from(line, 2), out->bytes, sizeof(out->bytes))) {
        code = onus_fail_at(err, ONUS_E_MISMATCH, start,
                "the letter of a hash is not followed by 32 bytes in base64");
    }
    return code;
}

size_t onus_line_words(struct onus_str line, struct onus_str *words, size_t most)
{
    size_t count = 0;
    while (count < most) {
        if (!onus_str_cut(&line, ' ', &words[count])) {
            words[count] = line;
            return count + 1;
        }
        count++;
    }
    return 0;
}

enum onus_code onus_line_wrong(size_t offset, const char *what, struct onus_error *err)
{
    return onus_fail_at(err, ONUS_E_MISMATCH, offset, "%s", what);
}

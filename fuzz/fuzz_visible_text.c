/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes, through each writer of text: nothing that acts on a terminal or a page comes out, the
 * promised width is kept, and JSON reads back to the same bytes.
 */
#include "fuzz.h"

#include "text/csv_write.h"
#include "text/html_write.h"
#include "text/json_write.h"
#include "text/utf8.h"

/* UTF-8 without a character that does not show, and none of `forbidden`. */
static void check_shows(const struct onus_buffer *buffer, const char *forbidden)
{
    struct onus_str rest = onus_buffer_view(buffer);
    while (rest.len > 0) {
        uint32_t character = 0;
        size_t len = onus_utf8_next(rest, &character);
        FUZZ_CHECK(len > 0 && !onus_utf8_is_hidden(character));
        FUZZ_CHECK(len > 1 || !strchr(forbidden, rest.ptr[0]));
        rest.ptr += len;
        rest.len -= len;
    }
}

static unsigned hex4(const char *digits)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        value = value * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}

/* The bytes that one piece of escaped JSON text stands for; returns the length of the piece. */
static size_t decode(const char *at, char out[static 4], size_t *out_len)
{
    *out_len = 1;
    if (at[0] != '\\') {
        out[0] = at[0];
        return 1;
    }
    if (at[1] != 'u') {
        const char *pair = strchr("n\nr\rt\t\"\"\\\\", at[1]);
        FUZZ_CHECK(pair != NULL);
        out[0] = pair[1];
        return 2;
    }
    uint32_t unit = hex4(at + 2);
    if (unit >= 0xef00 && unit <= 0xefff) {
        out[0] = (char)unit;
        return 6;
    }
    if (unit < 0xd800 || unit > 0xdfff) {
        *out_len = onus_utf8_encode(unit, out);
        return 6;
    }
    uint32_t low = hex4(at + 8);
    FUZZ_CHECK(unit <= 0xdbff && at[6] == '\\' && low >= 0xdc00 && low <= 0xdfff);
    *out_len = onus_utf8_encode(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
    return 12;
}

static void check_json(struct onus_str text, unsigned flags)
{
    struct onus_buffer json;
    onus_buffer_init(&json, 0);
    onus_json_add_escaped(&json, text, flags);
    onus_buffer_add_text(&json, "            "); /* so that decode() may look ahead */
    size_t end = json.len - 12;
    size_t seen = 0;
    for (size_t at = 0; at < end;) {
        char bytes[4];
        size_t len = 0;
        at += decode(json.ptr + at, bytes, &len);
        FUZZ_CHECK(seen + len <= text.len && memcmp(text.ptr + seen, bytes, len) == 0);
        seen += len;
    }
    FUZZ_CHECK(seen == text.len);
    json.len = end;
    check_shows(&json, flags & ONUS_JSON_IN_HTML ? "<>&" : "");
    onus_buffer_clear(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    size_t room = (size_t)data[0] % 40 + 1;
    struct onus_str text = {(const char *)data + 1, size - 1};
    struct onus_buffer out;
    onus_buffer_init(&out, 0);

    size_t columns = onus_utf8_add_visible(&out, text, room);
    FUZZ_CHECK(columns <= room);
    check_shows(&out, "");
    out.len = 0;
    columns = onus_utf8_add_visible(&out, text, SIZE_MAX);
    FUZZ_CHECK(columns == onus_utf8_visible_columns(text));
    check_shows(&out, "");
    out.len = 0;
    onus_html_add_text(&out, text);
    check_shows(&out, "<>\"'");
    out.len = 0;
    struct onus_csv csv;
    onus_csv_init(&csv, &out);
    onus_csv_str(&csv, text);
    check_shows(&out, "");
    FUZZ_CHECK(out.len == 0 || !strchr("=+-@", out.ptr[0]));
    onus_buffer_clear(&out);

    check_json(text, 0);
    check_json(text, ONUS_JSON_IN_HTML);
    return 0;
}

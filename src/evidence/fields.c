/* SPDX-License-Identifier: Apache-2.0 */
#include "fields.h"

#include "base/str.h"
#include "text/decimal.h"
#include "text/hex.h"

#include "proof/record.h"

void onus_fields_init(struct onus_fields *fields, struct onus_str text, const char *what)
{
    *fields = (struct onus_fields){.rest = text, .start = text.ptr, .what = what};
    fields->line = (struct onus_str){text.ptr, 0};
}

bool onus_fields_line(struct onus_fields *fields, const char *word)
{
    struct onus_str rest = fields->rest;
    struct onus_str line;
    if (!onus_str_cut(&rest, '\n', &line)) {
        return false;
    }
    struct onus_str left = line;
    if (!onus_str_skip(&left, onus_str_of(word)) || (left.len > 0 && left.ptr[0] != ' ')) {
        return false;
    }
    fields->rest = rest;
    fields->line = left;
    return true;
}

bool onus_fields_exact(struct onus_fields *fields, const char *line)
{
    struct onus_fields before = *fields;
    if (onus_fields_line(fields, line) && fields->line.len == 0) {
        return true;
    }
    *fields = before;
    return false;
}

bool onus_fields_word(struct onus_fields *fields, struct onus_str *out)
{
    struct onus_str line = fields->line;
    if (!onus_str_skip(&line, ONUS_STR(" "))) {
        return false;
    }
    size_t end = onus_str_find_char(line, ' ');
    *out = onus_str_sub(line, 0, end);
    fields->line = end == ONUS_STR_NPOS ? onus_str_from(line, line.len) : onus_str_from(line, end);
    return out->len > 0;
}

bool onus_fields_number(struct onus_fields *fields, uint64_t *out)
{
    struct onus_str word;
    return onus_fields_word(fields, &word) && onus_decimal_parse(word, out);
}

bool onus_fields_hex(struct onus_fields *fields, void *out, size_t size)
{
    struct onus_str word;
    return onus_fields_word(fields, &word) && onus_hex_exact(word, out, size);
}

bool onus_fields_hex64(struct onus_fields *fields, uint64_t *out)
{
    uint8_t bytes[8];
    if (!onus_fields_hex(fields, bytes, sizeof(bytes))) {
        return false;
    }
    *out = onus_be64_get(bytes);
    return true;
}

bool onus_fields_rest(struct onus_fields *fields, struct onus_str *out)
{
    struct onus_str line = fields->line;
    if (!onus_str_skip(&line, ONUS_STR(" "))) {
        return false;
    }
    *out = line;
    fields->line = onus_str_from(line, line.len);
    return true;
}

bool onus_fields_done(const struct onus_fields *fields)
{
    return fields->line.len == 0;
}

bool onus_fields_end(const struct onus_fields *fields)
{
    return fields->rest.len == 0;
}

bool onus_fields_sum(struct onus_fields *fields)
{
    struct onus_digest got;
    struct onus_digest sum;
    struct onus_str before = {fields->start, (size_t)(fields->rest.ptr - fields->start)};
    if (!onus_fields_line(fields, "end") ||
            !onus_fields_hex(fields, got.bytes, sizeof(got.bytes)) || !onus_fields_done(fields) ||
            !onus_fields_end(fields)) {
        return false;
    }
    onus_sha256(before, &sum);
    return onus_digest_eq(&got, &sum);
}

void onus_fields_put_sum(struct onus_buffer *out, size_t start)
{
    struct onus_digest sum;
    if (out->failed != ONUS_OK) {
        return;
    }
    onus_sha256((struct onus_str){out->ptr + start, out->len - start}, &sum);
    onus_buffer_add_text(out, "end");
    onus_fields_put_hex(out, sum.bytes, sizeof(sum.bytes));
    onus_buffer_add_char(out, '\n');
}

enum onus_code onus_fields_fail(const struct onus_fields *fields, struct onus_error *err)
{
    uint64_t offset = fields->start ? (uint64_t)(fields->line.ptr - fields->start) : 0;
    return onus_fail_at(err, ONUS_E_FORMAT, offset, "no %s as it should be written", fields->what);
}

void onus_fields_put_number(struct onus_buffer *out, uint64_t value)
{
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_u64(out, value);
}

void onus_fields_put_hex(struct onus_buffer *out, const void *bytes, size_t size)
{
    onus_buffer_add_char(out, ' ');
    onus_hex_add(out, (struct onus_str){bytes, size});
}

void onus_fields_put_hex64(struct onus_buffer *out, uint64_t value)
{
    uint8_t bytes[8];
    onus_be64_put(bytes, value);
    onus_fields_put_hex(out, bytes, sizeof(bytes));
}

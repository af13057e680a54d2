/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "ipdb_read.h"

enum {
    FIELD_MAX = 4
};

struct fields {
    struct onus_str at[FIELD_MAX];
    size_t count;
    char room[ONUS_IPDB_NAME_MAX]; /* for a field with doubled quotes */
};

/* A quoted field off the front of *rest (RFC 4180, 2.5 to 2.7). A very long one is cut. */
static bool take_quoted(struct onus_str *rest, struct fields *fields, struct onus_str *out)
{
    size_t used = 0;
    for (size_t i = 1; i < rest->len; i++) {
        if (rest->ptr[i] == '"') {
            if (i + 1 >= rest->len || rest->ptr[i + 1] != '"') {
                *out = (struct onus_str){fields->room, used};
                *rest = onus_str_from(*rest, i + 1);
                return true;
            }
            i++;
        }
        if (used < sizeof(fields->room)) {
            fields->room[used++] = rest->ptr[i];
        }
    }
    return false;
}

static bool split(struct onus_str line, struct fields *fields)
{
    fields->count = 0;
    bool quoted_before = false;
    for (;;) {
        if (fields->count == FIELD_MAX) {
            return false;
        }
        struct onus_str *field = &fields->at[fields->count];
        if (line.len > 0 && line.ptr[0] == '"') {
            if (quoted_before || !take_quoted(&line, fields, field)) {
                return false; /* only one field may need the room */
            }
            quoted_before = true;
        } else {
            size_t comma = onus_str_find_char(line, ',');
            *field = onus_str_sub(line, 0, comma);
            line = onus_str_from(line, field->len);
        }
        fields->count++;
        if (line.len == 0) {
            return true;
        }
        if (!onus_str_skip(&line, ONUS_STR(","))) {
            return false;
        }
    }
}

static bool to_value(const struct fields *fields, struct onus_ipdb_value *value)
{
    uint64_t asn = 0;
    if (fields->count < 3) {
        return false;
    }
    struct onus_str third = fields->at[2];
    (void)onus_str_skip(&third, ONUS_STR("AS"));
    if (onus_str_to_u64(third, UINT32_MAX, &asn)) {
        value->asn = (uint32_t)asn;
        value->text = fields->count == 4 ? fields->at[3] : ONUS_STR_NONE;
        return true;
    }
    return fields->count == 3 && onus_ipdb_parse_country(fields->at[2], value->country);
}

enum onus_code onus_ipdb_read_csv(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    struct fields fields;
    struct onus_str rest = bytes;
    struct onus_str line;
    found->overlap = ONUS_IPDB_OVERLAP_LATER;
    for (uint64_t number = 1; onus_ipdb_next_line(&rest, &line); number++) {
        struct onus_address first;
        struct onus_address last;
        struct onus_ipdb_value value = onus_ipdb_value_of_any_day();
        if (!split(line, &fields) || !to_value(&fields, &value) ||
                !onus_address_parse(fields.at[0], &first) ||
                !onus_address_parse(fields.at[1], &last)) {
            return onus_fail_at(err, ONUS_E_FORMAT, (uint64_t)(line.ptr - bytes.ptr),
                    "line %llu is not start,end,asn,name or start,end,country",
                    (unsigned long long)number);
        }
        uint32_t index = 0;
        enum onus_code code = onus_ipdb_build_value(build, &value, &index, err);
        if (code == ONUS_OK) {
            code = onus_ipdb_build_row(build, &first, &last, index, err);
        }
        if (code != ONUS_OK) {
            onus_context(err, "line %llu", (unsigned long long)number);
            return code;
        }
    }
    return ONUS_OK;
}

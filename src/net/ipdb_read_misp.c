/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "base/str.h"
#include "ipdb_read.h"

static struct onus_str text_of(const json_t *value)
{
    if (!json_is_string(value)) {
        return ONUS_STR_NONE;
    }
    return (struct onus_str){json_string_value(value), json_string_length(value)};
}

/* The version of a list that is made anew by a program is its day; hand-made lists count 1, 2, 3. */
static void take_version(const json_t *version, struct onus_ipdb_date *out)
{
    char digits[9];
    json_int_t number = json_integer_value(version);
    if (!json_is_integer(version) || number < 10000000 || number > 99999999) {
        return;
    }
    for (size_t i = 8; i > 0; i--) {
        digits[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    (void)onus_ipdb_date_parse((struct onus_str){digits, 8}, out);
}

/* "... network telescope analysis on 2026/08/10": the last date in the description. */
static void take_description(struct onus_str text, struct onus_ipdb_date *out)
{
    for (size_t at = 0; at + 10 <= text.len; at++) {
        char day[10];
        memcpy(day, text.ptr + at, sizeof(day));
        if (day[4] != '/' || day[7] != '/') {
            continue;
        }
        day[4] = day[7] = '-';
        (void)onus_ipdb_date_parse((struct onus_str){day, sizeof(day)}, out);
    }
}

static enum onus_code add_members(const json_t *list, struct onus_ipdb_build *build,
        struct onus_error *err)
{
    const struct onus_ipdb_value any = onus_ipdb_value_of_any_day();
    uint32_t value = 0;
    enum onus_code code = onus_ipdb_build_value(build, &any, &value, err);
    for (size_t i = 0; i < json_array_size(list) && code == ONUS_OK; i++) {
        struct onus_str text = text_of(json_array_get(list, i));
        struct onus_address first;
        struct onus_address last;
        if (!onus_ipdb_parse_prefix(text, &first, &last)) {
            return onus_fail(err, ONUS_E_FORMAT,
                    "member %zu, '" ONUS_STR_FMT "', is not an address or a prefix", i + 1,
                    ONUS_STR_ARG(text));
        }
        code = onus_ipdb_build_row(build, &first, &last, value, err);
    }
    return code;
}

enum onus_code onus_ipdb_read_misp(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    json_error_t why;
    found->overlap = ONUS_IPDB_OVERLAP_MERGE;
    json_t *root = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        return onus_fail(err, ONUS_E_FORMAT, "line %d is not JSON: %s", why.line, why.text);
    }
    const json_t *list = json_object_get(root, "list");
    enum onus_code code = ONUS_END;
    if (json_is_array(list) &&
            onus_str_eq(text_of(json_object_get(root, "type")), ONUS_STR("cidr"))) {
        take_description(text_of(json_object_get(root, "description")), &found->date);
        take_version(json_object_get(root, "version"), &found->date);
        code = add_members(list, build, err);
    }
    json_decref(root);
    return code;
}

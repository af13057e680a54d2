/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "ipdb_read.h"

enum {
    LEFT_OUT_FLOOR = 3 /* lines that may be wrong however short the file is */
};

enum onus_code onus_ipdb_read_plain(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    const struct onus_ipdb_value any = onus_ipdb_value_of_any_day();
    uint32_t index = 0;
    found->overlap = ONUS_IPDB_OVERLAP_MERGE;
    enum onus_code code = onus_ipdb_build_value(build, &any, &index, err);
    struct onus_str rest = bytes;
    struct onus_str line;
    for (uint64_t number = 1; code == ONUS_OK && onus_ipdb_next_line(&rest, &line); number++) {
        line = onus_str_trim(onus_str_sub(line, 0, onus_str_find_char(line, '#')));
        if (line.len == 0) {
            continue;
        }
        struct onus_address first;
        struct onus_address last;
        if (!onus_ipdb_parse_prefix(line, &first, &last)) {
            return onus_fail(err, ONUS_E_FORMAT, "line %llu is not an address or a prefix",
                    (unsigned long long)number);
        }
        code = onus_ipdb_build_row(build, &first, &last, index, err);
    }
    return code;
}

/* The days of one row as an ISO 8601 interval, kept so that an answer can show them. */
static enum onus_code add_interval(struct onus_ipdb_build *build, struct onus_str line,
        int32_t *youngest, struct onus_error *err)
{
    struct onus_str ip;
    struct onus_str from_text;
    struct onus_str to_text;
    struct onus_address address;
    struct onus_ipdb_date from;
    struct onus_ipdb_date to;
    if (!onus_str_cut(&line, '\t', &ip) || !onus_str_cut(&line, '\t', &from_text)) {
        return onus_fail(err, ONUS_E_FORMAT, "fewer than three columns");
    }
    if (!onus_str_cut(&line, '\t', &to_text)) {
        to_text = line;
    }
    if (!onus_address_parse(ip, &address) || from_text.len != 10 || to_text.len != 10 ||
            !onus_ipdb_date_parse(from_text, &from) || !onus_ipdb_date_parse(to_text, &to) ||
            to.day < from.day) {
        return onus_fail(err, ONUS_E_FORMAT, "not an address with a first and a last day");
    }
    char days[21];
    memcpy(days, from_text.ptr, 10);
    days[10] = '/';
    memcpy(days + 11, to_text.ptr, 10);
    const struct onus_ipdb_value value = {.text = {days, sizeof(days)},
            .from = from.day,
            .to = to.day};
    uint32_t index = 0;
    enum onus_code code = onus_ipdb_build_value(build, &value, &index, err);
    if (code == ONUS_OK) {
        code = onus_ipdb_build_row(build, &address, &address, index, err);
    }
    if (to.day > *youngest) {
        *youngest = to.day;
    }
    return code;
}

enum onus_code onus_ipdb_read_intervals(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    struct onus_str rest = bytes;
    struct onus_str line;
    found->overlap = ONUS_IPDB_OVERLAP_SAME;
    if (!onus_ipdb_next_line(&rest, &line) ||
            !onus_str_begins(line, ONUS_STR("ip\tfirst_seen\tlast_seen"))) {
        return onus_fail(err, ONUS_E_FORMAT, "line 1 is not the heading ip, first_seen, last_seen");
    }
    int32_t youngest = INT32_MIN;
    uint64_t number = 2;
    for (; onus_ipdb_next_line(&rest, &line); number++) {
        struct onus_error why = ONUS_ERROR_INIT;
        enum onus_code code = add_interval(build, line, &youngest, &why);
        if (code == ONUS_E_FORMAT && build->left_out < LEFT_OUT_FLOOR + number / 100) {
            build->left_out++;
        } else if (code != ONUS_OK) {
            return onus_fail(err, code, "line %llu: %s", (unsigned long long)number, why.text);
        }
    }
    if (youngest != INT32_MIN) {
        onus_ipdb_date_of_day(youngest, &found->date);
    }
    return ONUS_OK;
}

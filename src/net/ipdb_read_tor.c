/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "ipdb_read.h"

/* "# Generated: Thu, 25 Jun 2026 04:33:59 GMT" (RFC 5322 date). */
static void take_date(struct onus_str comment, struct onus_ipdb_date *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct onus_str before;
    struct onus_str day;
    struct onus_str month;
    struct onus_str year;
    if (!onus_str_cut_text(&comment, ONUS_STR("Generated: "), &before) ||
            !onus_str_cut_text(&comment, ONUS_STR(", "), &before) ||
            !onus_str_cut(&comment, ' ', &day) || !onus_str_cut(&comment, ' ', &month) ||
            !onus_str_cut(&comment, ' ', &year) || day.len < 1 || day.len > 2 || month.len != 3 ||
            year.len != 4) {
        return;
    }
    size_t at = onus_str_find(ONUS_STR(months), month);
    if (at == ONUS_STR_NPOS || at % 3 != 0) {
        return;
    }
    unsigned number = (unsigned)at / 3 + 1;
    const char text[8] = {year.ptr[0], year.ptr[1], year.ptr[2], year.ptr[3],
            (char)('0' + number / 10), (char)('0' + number % 10), day.len == 2 ? day.ptr[0] : '0',
            day.ptr[day.len - 1]};
    (void)onus_ipdb_date_parse((struct onus_str){text, sizeof(text)}, out);
}

static bool take_address(struct onus_str text, struct onus_address *out)
{
    uint64_t number = 0;
    if (onus_str_to_u64(text, UINT32_MAX, &number)) {
        *out = onus_address_of_v4((uint32_t)number);
        return true;
    }
    return onus_address_parse(text, out);
}

enum onus_code onus_ipdb_read_tor(struct onus_str bytes, struct onus_ipdb_build *build,
        struct onus_ipdb_found *found, struct onus_error *err)
{
    struct onus_str rest = bytes;
    struct onus_str line;
    found->overlap = ONUS_IPDB_OVERLAP_LATER;
    for (uint64_t number = 1; onus_ipdb_next_line(&rest, &line); number++) {
        if (line.len == 0) {
            continue;
        }
        if (line.ptr[0] == '#') {
            take_date(line, &found->date);
            continue;
        }
        struct onus_str first_text;
        struct onus_str last_text;
        struct onus_address first;
        struct onus_address last;
        struct onus_ipdb_value value = onus_ipdb_value_of_any_day();
        if (!onus_str_cut(&line, ',', &first_text) || !onus_str_cut(&line, ',', &last_text) ||
                !take_address(first_text, &first) || !take_address(last_text, &last) ||
                !onus_ipdb_parse_country(line, value.country)) {
            return onus_fail(err, ONUS_E_FORMAT, "line %llu is not start,end,country",
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

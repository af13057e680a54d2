/* SPDX-License-Identifier: Apache-2.0 */
#include "years.h"

#include <stdlib.h>

#include "base/str.h"

static const int64_t usec_per_day = (int64_t)86400 * ONUS_USEC;

struct onus_str onus_rotation_stem(struct onus_str path, uint64_t *number)
{
    static const struct onus_str packed[] = {{".gz", 3}, {".zst", 4}, {".xz", 3}, {".bz2", 4}};
    for (size_t i = 0; i < ONUS_COUNT(packed); i++) {
        if (onus_str_drop(&path, packed[i])) {
            break;
        }
    }
    *number = 0;
    size_t dot = onus_str_rfind_char(path, '.');
    if (dot != ONUS_STR_NPOS && onus_str_to_u64(onus_str_from(path, dot + 1), 9999, number)) {
        path.len = dot;
    }
    return path;
}

struct member {
    struct onus_input *input;
    struct onus_str stem;
    uint64_t number;
};

static int by_stem_then_age(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;
    int order = onus_str_compare(x->stem, y->stem);
    if (order != 0) {
        return order;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

static int64_t first_in_year(const struct onus_input *input, int year)
{
    struct onus_civil c = {0};
    onus_time_to_civil(input->first_time, &c);
    c.year = year;
    int64_t usec = onus_time_of_civil(&c);
    if (usec == ONUS_TIME_NONE) { /* Feb 29: not this year */
        c.month = 3;
        c.day = 1;
        usec = onus_time_of_civil(&c);
    }
    return usec;
}

static void assign(struct onus_input *input, int64_t limit)
{
    struct onus_civil end = {0};
    onus_time_to_civil(limit, &end);
    int year = end.year;
    if (first_in_year(input, year) > limit) {
        year--;
    }
    input->year = year;
    input->year_limit = limit;
}

static bool lacks_year(const struct onus_input *input)
{
    return input->first_time != ONUS_TIME_NONE && (input->first_marks & ONUS_MARK_NO_YEAR);
}

static enum onus_code assign_family(struct member *members, size_t count, int stated,
        struct onus_error *err)
{
    int64_t younger = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        struct onus_input *input = members[i].input;
        if (stated != 0) {
            input->year = stated;
            input->year_limit = INT64_MAX;
            continue;
        }
        if (input->changed == INT64_MIN) {
            return onus_fail(err, ONUS_E_MISSING,
                    "the lines of '%s' carry no year and a pipe has no date: state the year of the first line with --year",
                    input->path);
        }
        int64_t limit = input->changed + usec_per_day;
        if (younger != INT64_MAX && younger + usec_per_day < limit) {
            limit = younger + usec_per_day;
        }
        assign(input, limit);
        younger = first_in_year(input, input->year);
    }
    return ONUS_OK;
}

enum onus_code onus_years_assign(struct onus_input *inputs, size_t count, int stated,
        struct onus_error *err)
{
    struct member *members = calloc(count > 0 ? count : 1, sizeof(*members));
    if (!members) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (lacks_year(&inputs[i])) {
            struct member *m = &members[found++];
            m->input = &inputs[i];
            m->stem = onus_rotation_stem(onus_str_of(inputs[i].path), &m->number);
        }
    }
    qsort(members, found, sizeof(*members), by_stem_then_age);
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < found && code == ONUS_OK;) {
        size_t end = i + 1;
        while (end < found && onus_str_eq(members[end].stem, members[i].stem)) {
            end++;
        }
        code = assign_family(members + i, end - i, stated, err);
        i = end;
    }
    free(members);
    return code;
}

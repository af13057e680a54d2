/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_date.h"

#include "base/str.h"
#include "text/timestamp.h"

enum {
    FIRST_YEAR = 1990,
    LAST_YEAR = 2100,
    MIDDLE_OF_MONTH = 15,
    SECONDS_A_DAY = 86400,
    DAYS_MAX = 50000 /* later than LAST_YEAR */
};

static bool number(struct onus_str text, size_t from, size_t len, int *out)
{
    uint64_t value = 0;
    if (text.len < from + len || !onus_str_to_u64(onus_str_sub(text, from, len), 9999, &value)) {
        return false;
    }
    *out = (int)value;
    return true;
}

/* day 0: a month only */
static void write_text(int year, int month, int day, char *out)
{
    const int digits[] = {year / 1000, year / 100, year / 10, year, -1, month / 10, month, -1,
            day / 10, day};
    size_t count = day > 0 ? ONUS_COUNT(digits) : 7;
    for (size_t i = 0; i < count; i++) {
        out[i] = digits[i] < 0 ? '-' : (char)('0' + digits[i] % 10);
    }
    out[count] = '\0';
}

static bool build(int year, int month, int day, struct onus_ipdb_date *out)
{
    struct onus_civil civil = {.year = year,
            .month = month,
            .day = day > 0 ? day : MIDDLE_OF_MONTH};
    if (year < FIRST_YEAR || year > LAST_YEAR) {
        return false;
    }
    int64_t usec = onus_time_of_civil(&civil);
    if (usec == ONUS_TIME_NONE) {
        return false;
    }
    struct onus_ipdb_date date = {.day = (int32_t)(usec / ONUS_USEC / SECONDS_A_DAY)};
    write_text(year, month, day, date.text);
    *out = date;
    return true;
}

bool onus_ipdb_date_parse(struct onus_str text, struct onus_ipdb_date *out)
{
    int year = 0;
    int month = 0;
    int day = 0;
    if (!number(text, 0, 4, &year)) {
        return false;
    }
    if (text.len == 8) {
        return number(text, 4, 2, &month) && number(text, 6, 2, &day) && day > 0 &&
               build(year, month, day, out);
    }
    if (text.len < 7 || text.ptr[4] != '-' || !number(text, 5, 2, &month)) {
        return false;
    }
    if (text.len == 7) {
        return build(year, month, 0, out);
    }
    return text.len == 10 && text.ptr[7] == '-' && number(text, 8, 2, &day) && day > 0 &&
           build(year, month, day, out);
}

void onus_ipdb_date_of_day(int32_t day, struct onus_ipdb_date *out)
{
    struct onus_civil civil = {0};
    onus_time_to_civil((int64_t)day * SECONDS_A_DAY * ONUS_USEC, &civil);
    *out = (struct onus_ipdb_date){.day = day};
    write_text(civil.year, civil.month, civil.day, out->text);
}

bool onus_ipdb_date_of_unix(int64_t seconds, struct onus_ipdb_date *out)
{
    struct onus_ipdb_date date;
    if (seconds < 0 || seconds / SECONDS_A_DAY > DAYS_MAX) {
        return false;
    }
    onus_ipdb_date_of_day((int32_t)(seconds / SECONDS_A_DAY), &date);
    return onus_ipdb_date_parse(onus_str_of(date.text), out);
}

static bool drop_any(struct onus_str *name, const struct onus_str *suffixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (name->len > suffixes[i].len && onus_str_drop(name, suffixes[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a date cannot end at `end`: what follows would belong to it. */
static bool goes_on(struct onus_str s, size_t end)
{
    if (end < s.len && s.ptr[end] == '-') {
        end++;
    }
    return end < s.len && onus_is_digit(s.ptr[end]);
}

/* The date that begins at `at`; its length, or 0. */
static size_t date_at(struct onus_str s, size_t at, struct onus_ipdb_date *out)
{
    static const size_t lengths[] = {10, 8, 7}; /* longest first: a day begins with its month */
    for (size_t i = 0; i < ONUS_COUNT(lengths); i++) {
        size_t end = at + lengths[i];
        if (end <= s.len && !goes_on(s, end) &&
                onus_ipdb_date_parse(onus_str_sub(s, at, lengths[i]), out)) {
            return lengths[i];
        }
    }
    return 0;
}

/* Cuts "_<date>" and everything after it off *name. Of a period "_<date>_<date>" the end counts. */
static void cut_date(struct onus_str *name, struct onus_ipdb_date *out)
{
    for (size_t at = 1; at < name->len; at++) {
        if (name->ptr[at] != '_') {
            continue;
        }
        size_t len = date_at(*name, at + 1, out);
        if (len == 0) {
            continue;
        }
        size_t end = at + 1 + len;
        if (end < name->len && name->ptr[end] == '_') {
            (void)date_at(*name, end + 1, out);
        }
        *name = onus_str_sub(*name, 0, at);
        return;
    }
}

void onus_ipdb_date_from_file_name(struct onus_str file_name, struct onus_str *out_name,
        struct onus_ipdb_date *out_date)
{
    static const struct onus_str compressed[] = {{".zst", 4}, {".gz", 3}, {".xz", 3}, {".bz2", 4}};
    static const struct onus_str formats[] = {{".csv", 4}, {".tsv", 4}, {".mmdb", 5}, {".json", 5},
            {".txt", 4}, {".ipdb", 5}, {".db", 3}};
    static const struct onus_str families[] = {{"-ipv4", 5}, {"-ipv6", 5}};

    struct onus_str name = file_name;
    (void)drop_any(&name, compressed, ONUS_COUNT(compressed));
    (void)drop_any(&name, formats, ONUS_COUNT(formats));
    *out_date = (struct onus_ipdb_date){.day = 0};
    cut_date(&name, out_date);
    (void)drop_any(&name, families, ONUS_COUNT(families));
    *out_name = name;
}

bool onus_ipdb_date_from_version(struct onus_str version, struct onus_ipdb_date *out)
{
    size_t dot = onus_str_rfind_char(version, '.');
    struct onus_str last = dot == ONUS_STR_NPOS ? version : onus_str_from(version, dot + 1);
    return last.len >= 8 && onus_ipdb_date_parse(onus_str_sub(last, 0, 8), out);
}

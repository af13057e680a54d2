/* SPDX-License-Identifier: Apache-2.0 */
#include "timestamp.h"

#include "base/str.h"

enum {
    YEAR_UNKNOWN_AS = 1972, /* a leap year, so that Feb 29 is always a date */
    SECONDS_A_DAY = 86400
};

static const int8_t month_days[13] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_date(int year, int month, int day)
{
    if (year < ONUS_TIME_MIN_YEAR || year > ONUS_TIME_MAX_YEAR || month < 1 || month > 12) {
        return false;
    }
    int last = month == 2 && !is_leap(year) ? 28 : month_days[month];
    return day >= 1 && day <= last;
}

/* Days since 1970-01-01 of a proleptic Gregorian date; years begin in March. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int64_t onus_time_of_civil(const struct onus_civil *c)
{
    int year = c->year ? c->year : YEAR_UNKNOWN_AS;
    if (!is_date(year, c->month, c->day) || c->hour < 0 || c->hour > 23 || c->minute < 0 ||
            c->minute > 59 || c->second < 0 || c->second > 60) {
        return ONUS_TIME_NONE;
    }
    int64_t of_day = (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
    int64_t seconds = days_of(year, c->month, c->day) * SECONDS_A_DAY + of_day;
    return seconds * ONUS_USEC + c->usec;
}

void onus_time_to_civil(int64_t usec, struct onus_civil *out)
{
    int64_t seconds = usec / ONUS_USEC;
    int64_t fraction = usec % ONUS_USEC;
    if (fraction < 0) {
        fraction += ONUS_USEC;
        seconds--;
    }
    int64_t days = seconds / SECONDS_A_DAY;
    int64_t rest = seconds % SECONDS_A_DAY;
    if (rest < 0) {
        rest += SECONDS_A_DAY;
        days--;
    }
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    out->day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    out->month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
    out->hour = (int)(rest / 3600);
    out->minute = (int)(rest / 60 % 60);
    out->second = (int)(rest % 60);
    out->usec = (int)fraction;
}

static char *put_digits(char *at, int value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

size_t onus_time_format(int64_t usec, char out[static ONUS_TIME_TEXT])
{
    struct onus_civil c = {0};
    onus_time_to_civil(usec, &c);
    if (c.year < 0 || c.year > 9999) {
        out[0] = '\0';
        return 0;
    }
    char *at = put_digits(out, c.year, 4);
    *at++ = '-';
    at = put_digits(at, c.month, 2);
    *at++ = '-';
    at = put_digits(at, c.day, 2);
    *at++ = 'T';
    at = put_digits(at, c.hour, 2);
    *at++ = ':';
    at = put_digits(at, c.minute, 2);
    *at++ = ':';
    at = put_digits(at, c.second, 2);
    if (c.usec != 0) {
        *at++ = '.';
        at = put_digits(at, c.usec, 6);
    }
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

/* Exactly `width` digits off the front. */
static bool take_digits(struct onus_str *s, size_t width, int *out)
{
    if (s->len < width) {
        return false;
    }
    int value = 0;
    for (size_t i = 0; i < width; i++) {
        if (!onus_is_digit(s->ptr[i])) {
            return false;
        }
        value = value * 10 + (s->ptr[i] - '0');
    }
    *s = onus_str_from(*s, width);
    *out = value;
    return true;
}

static bool take_char(struct onus_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    *s = onus_str_from(*s, 1);
    return true;
}

static bool take_month_name(struct onus_str *s, int *out)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (s->len < 3) {
        return false;
    }
    for (int m = 0; m < 12; m++) {
        if (memcmp(s->ptr, names + (size_t)m * 3, 3) == 0) {
            *s = onus_str_from(*s, 3);
            *out = m + 1;
            return true;
        }
    }
    return false;
}

/* "hh:mm:ss" */
static bool take_clock(struct onus_str *s, struct onus_civil *c)
{
    return take_digits(s, 2, &c->hour) && take_char(s, ':') && take_digits(s, 2, &c->minute) &&
           take_char(s, ':') && take_digits(s, 2, &c->second);
}

/* ".123456" or ",123": one to nine digits, cut to six. Absent is fine; a mark without digits is not. */
static bool take_fraction(struct onus_str *s, int *usec)
{
    struct onus_str rest = *s;
    if (!take_char(&rest, '.') && !take_char(&rest, ',')) {
        return true;
    }
    int value = 0;
    size_t digits = 0;
    while (rest.len > 0 && onus_is_digit(rest.ptr[0]) && digits < 9) {
        if (digits < 6) {
            value = value * 10 + (rest.ptr[0] - '0');
        }
        rest = onus_str_from(rest, 1);
        digits++;
    }
    if (digits == 0) {
        return false;
    }
    for (size_t i = digits; i < 6; i++) {
        value *= 10;
    }
    *usec = value;
    *s = rest;
    return true;
}

/* "Z", "+0100", "+01:00", "+01"; *found is false when none stands there. */
static bool take_offset(struct onus_str *s, int *minutes, bool *found)
{
    *found = false;
    *minutes = 0;
    if (take_char(s, 'Z')) {
        *found = true;
        return true;
    }
    if (s->len == 0 || (s->ptr[0] != '+' && s->ptr[0] != '-')) {
        return true;
    }
    struct onus_str rest = *s;
    int sign = rest.ptr[0] == '-' ? -1 : 1;
    rest = onus_str_from(rest, 1);
    int hours = 0;
    int extra = 0;
    if (!take_digits(&rest, 2, &hours)) {
        return true; /* a sign that begins something else */
    }
    struct onus_str after_hours = rest;
    (void)take_char(&rest, ':');
    if (!take_digits(&rest, 2, &extra)) {
        rest = after_hours;
    }
    if (hours > 18 || extra > 59) {
        return false;
    }
    *minutes = sign * (hours * 60 + extra);
    *found = true;
    *s = rest;
    return true;
}

static bool finish(const struct onus_civil *c, int offset_minutes, bool has_zone,
        struct onus_moment *out)
{
    int64_t usec = onus_time_of_civil(c);
    if (usec == ONUS_TIME_NONE) {
        return false;
    }
    out->usec = usec - (int64_t)offset_minutes * 60 * ONUS_USEC;
    out->has_zone = has_zone;
    out->has_year = c->year != 0;
    return true;
}

/* " 2026" followed by a blank, ':' or the end: a year, not the start of a host name. */
static bool take_year_after(struct onus_str *s, int *year)
{
    struct onus_str rest = *s;
    int value = 0;
    if (!take_char(&rest, ' ') || !take_digits(&rest, 4, &value) || value < ONUS_TIME_MIN_YEAR ||
            value > ONUS_TIME_MAX_YEAR ||
            (rest.len > 0 && rest.ptr[0] != ' ' && rest.ptr[0] != ':')) {
        return false;
    }
    *s = rest;
    *year = value;
    return true;
}

bool onus_time_take_syslog(struct onus_str *s, struct onus_moment *out)
{
    struct onus_str rest = *s;
    struct onus_civil c = {0};
    if (!take_month_name(&rest, &c.month) || !take_char(&rest, ' ')) {
        return false;
    }
    bool padded = take_char(&rest, ' ');
    if (!(padded ? take_digits(&rest, 1, &c.day)
                 : (take_digits(&rest, 2, &c.day) || take_digits(&rest, 1, &c.day)))) {
        return false;
    }
    (void)take_year_after(&rest, &c.year);
    if (!take_char(&rest, ' ') || !take_clock(&rest, &c) || !take_fraction(&rest, &c.usec)) {
        return false;
    }
    if (c.year == 0) {
        (void)take_year_after(&rest, &c.year);
    }
    if (!finish(&c, 0, false, out)) {
        return false;
    }
    *s = rest;
    return true;
}

bool onus_time_take_iso(struct onus_str *s, struct onus_moment *out)
{
    struct onus_str rest = *s;
    struct onus_civil c = {0};
    int offset = 0;
    bool zone = false;
    if (!take_digits(&rest, 4, &c.year) || !take_char(&rest, '-') ||
            !take_digits(&rest, 2, &c.month) || !take_char(&rest, '-') ||
            !take_digits(&rest, 2, &c.day)) {
        return false;
    }
    if (!take_char(&rest, 'T') && !take_char(&rest, ' ')) {
        return false;
    }
    if (!take_clock(&rest, &c) || !take_fraction(&rest, &c.usec) ||
            !take_offset(&rest, &offset, &zone)) {
        return false;
    }
    if (!zone) { /* "2026-01-10 03:11:02 +0100", as Exim and IIS tools write it */
        struct onus_str spaced = rest;
        if (take_char(&spaced, ' ') && spaced.len >= 5 && take_offset(&spaced, &offset, &zone) &&
                zone) {
            rest = spaced;
        }
    }
    if (!finish(&c, offset, zone, out)) {
        return false;
    }
    *s = rest;
    return true;
}

bool onus_time_take_clf(struct onus_str *s, struct onus_moment *out)
{
    struct onus_str rest = *s;
    struct onus_civil c = {0};
    int offset = 0;
    bool zone = false;
    if (!take_digits(&rest, 2, &c.day) || !take_char(&rest, '/') ||
            !take_month_name(&rest, &c.month) || !take_char(&rest, '/') ||
            !take_digits(&rest, 4, &c.year) || !take_char(&rest, ':') || !take_clock(&rest, &c) ||
            !take_fraction(&rest, &c.usec)) {
        return false;
    }
    if (take_char(&rest, ' ') && !take_offset(&rest, &offset, &zone)) {
        return false;
    }
    if (!finish(&c, offset, zone, out)) {
        return false;
    }
    *s = rest;
    return true;
}

/* Where the parts of "10/Jan/2026:03:11:02 +0100" stand. */
enum {
    CLF_CLOCK = 12,
    CLF_ZONE = 20,
    CLF_LENGTH = 26
};

/* Two digits, or a number no clock shows. */
static unsigned two_digits(const char *p)
{
    unsigned high = (unsigned char)p[0] - (unsigned)'0';
    unsigned low = (unsigned char)p[1] - (unsigned)'0';
    return high > 9 || low > 9 ? 100 : high * 10 + low;
}

/* Seconds of "hh:mm:ss" at p, or -1. */
static int64_t seconds_of_clock(const char *p)
{
    unsigned hour = two_digits(p);
    unsigned minute = two_digits(p + 3);
    unsigned second = two_digits(p + 6);
    if (p[2] != ':' || p[5] != ':' || hour > 23 || minute > 59 || second > 60) {
        return -1;
    }
    return hour * 3600 + minute * 60 + second;
}

static void remember_clf(struct onus_clf_memo *memo, const char *text, int64_t usec)
{
    memcpy(memo->text, text, sizeof(memo->text));
    memo->usec = usec;
    memo->midnight = usec - seconds_of_clock(text + CLF_CLOCK) * ONUS_USEC;
    memo->known = true;
}

/* Whether date and zone are those of the memo. */
static bool is_same_day(const struct onus_clf_memo *memo, const char *text)
{
    return memcmp(text, memo->text, CLF_CLOCK) == 0 &&
           memcmp(text + CLF_ZONE, memo->text + CLF_ZONE, CLF_LENGTH - CLF_ZONE) == 0;
}

bool onus_time_take_clf_after(struct onus_clf_memo *memo, struct onus_str *s,
        struct onus_moment *out)
{
    const char *text = s->ptr;
    bool whole = memo && s->len >= CLF_LENGTH && text[CLF_ZONE] == ' ';
    if (whole && memo->known && is_same_day(memo, text)) {
        if (memcmp(text + CLF_CLOCK, memo->text + CLF_CLOCK, CLF_ZONE - CLF_CLOCK) != 0) {
            int64_t seconds = seconds_of_clock(text + CLF_CLOCK);
            if (seconds < 0) {
                return false;
            }
            memcpy(memo->text, text, sizeof(memo->text));
            memo->usec = memo->midnight + seconds * ONUS_USEC;
        }
        *out = (struct onus_moment){memo->usec, true, true};
        *s = onus_str_from(*s, CLF_LENGTH);
        return true;
    }
    if (!onus_time_take_clf(s, out)) {
        return false;
    }
    if (whole && out->has_zone && s->ptr == text + CLF_LENGTH) {
        remember_clf(memo, text, out->usec);
    }
    return true;
}

bool onus_time_take_apache(struct onus_str *s, struct onus_moment *out)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    struct onus_str rest = *s;
    struct onus_civil c = {0};
    bool named = false;
    for (size_t d = 0; d < 7 && rest.len >= 4 && !named; d++) {
        named = memcmp(rest.ptr, days + d * 3, 3) == 0 && rest.ptr[3] == ' ';
    }
    if (!named) {
        return false;
    }
    rest = onus_str_from(rest, 4);
    if (!take_month_name(&rest, &c.month) || !take_char(&rest, ' ')) {
        return false;
    }
    (void)take_char(&rest, ' ');
    if (!(take_digits(&rest, 2, &c.day) || take_digits(&rest, 1, &c.day)) ||
            !take_char(&rest, ' ') || !take_clock(&rest, &c) || !take_fraction(&rest, &c.usec) ||
            !take_char(&rest, ' ') || !take_digits(&rest, 4, &c.year) ||
            !finish(&c, 0, false, out)) {
        return false;
    }
    *s = rest;
    return true;
}

bool onus_time_take_slash(struct onus_str *s, struct onus_moment *out)
{
    struct onus_str rest = *s;
    struct onus_civil c = {0};
    if (!take_digits(&rest, 4, &c.year) || !take_char(&rest, '/') ||
            !take_digits(&rest, 2, &c.month) || !take_char(&rest, '/') ||
            !take_digits(&rest, 2, &c.day) || !take_char(&rest, ' ') || !take_clock(&rest, &c) ||
            !take_fraction(&rest, &c.usec) || !finish(&c, 0, false, out)) {
        return false;
    }
    *s = rest;
    return true;
}

bool onus_time_take_us(struct onus_str *s, struct onus_moment *out)
{
    struct onus_str rest = *s;
    struct onus_civil c = {0};
    if (!take_digits(&rest, 2, &c.month) || !take_char(&rest, '/') ||
            !take_digits(&rest, 2, &c.day)) {
        return false;
    }
    if (take_char(&rest, '/') && !take_digits(&rest, 4, &c.year)) {
        return false;
    }
    if (!take_char(&rest, '-') || !take_clock(&rest, &c) || !take_fraction(&rest, &c.usec) ||
            !finish(&c, 0, false, out)) {
        return false;
    }
    *s = rest;
    return true;
}

bool onus_time_take_epoch(struct onus_str *s, struct onus_moment *out)
{
    struct onus_str rest = *s;
    uint64_t seconds = 0;
    int usec = 0;
    if (!onus_str_take_u64(&rest, &seconds) || seconds > 7258118400u /* year 2200 */ ||
            !take_fraction(&rest, &usec)) {
        return false;
    }
    *out = (struct onus_moment){.usec = (int64_t)seconds * ONUS_USEC + usec,
            .has_zone = true,
            .has_year = true};
    *s = rest;
    return true;
}

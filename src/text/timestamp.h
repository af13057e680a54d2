/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_TIMESTAMP_H
#define ONUS_TEXT_TIMESTAMP_H

/*
 * Times as log formats write them. Everything becomes microseconds since 1970-01-01T00:00:00Z, the
 * proleptic Gregorian calendar without leap seconds (second 60 counts as the first of the next
 * minute). No clock, no locale, no zone database: what the text does not say stays marked as missing
 * and the caller supplies it.
 */

#include <onus/base.h>

#define ONUS_USEC          1000000
#define ONUS_TIME_NONE     INT64_MIN /* no time */
#define ONUS_TIME_TEXT     32        /* room for onus_time_format() */
#define ONUS_TIME_MIN_YEAR 1970
#define ONUS_TIME_MAX_YEAR 2200

struct onus_civil {
    int year;  /* 0 when the text has none (RFC 3164) */
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int second; /* 0 to 60 */
    int usec;
};

/* A moment as read: `local` is UTC only when has_zone. */
struct onus_moment {
    int64_t usec;  /* the written wall time, minus the zone when has_zone; see year */
    bool has_zone; /* an offset or Z stood in the text */
    bool has_year; /* false: usec was computed with year 1972 (a leap year) */
};

/* ONUS_TIME_NONE when a field is out of range for its month. year 0 is read as 1972. */
int64_t onus_time_of_civil(const struct onus_civil *c);
void onus_time_to_civil(int64_t usec, struct onus_civil *out);

/* "2026-01-10T02:11:02Z", with .123456 when the microseconds are not zero. Returns the length. */
size_t onus_time_format(int64_t usec, char out[static ONUS_TIME_TEXT]);

/*
 * Each reads one form off the front of *s and leaves *s after it. False, and *s and *out untouched,
 * when the form is not there. Fractions of 1 to 9 digits are cut to microseconds.
 *
 * syslog   "Jan 10 03:11:02", "Jan  9 03:11:02"; also with a year "Jan 10 2026 03:11:02" or
 *          "Jan 10 03:11:02 2026" and a fraction
 * iso      "2026-01-10T03:11:02.123456+01:00", 'T' or ' ', '.' or ',', "Z", "+0100", "+01:00", none
 * clf      "10/Jan/2026:03:11:02 +0100"
 * apache   "Sat Jan 10 03:11:02.123456 2026"
 * slash    "2026/01/10 03:11:02" (nginx error log)
 * us       "01/10/2026-03:11:02.123456" (Suricata fast.log)
 * epoch    "1768014662.123456", seconds with a fraction
 */
bool onus_time_take_syslog(struct onus_str *s, struct onus_moment *out);
bool onus_time_take_iso(struct onus_str *s, struct onus_moment *out);
bool onus_time_take_clf(struct onus_str *s, struct onus_moment *out);
bool onus_time_take_apache(struct onus_str *s, struct onus_moment *out);
bool onus_time_take_slash(struct onus_str *s, struct onus_moment *out);
bool onus_time_take_us(struct onus_str *s, struct onus_moment *out);
bool onus_time_take_epoch(struct onus_str *s, struct onus_moment *out);

/* The clf time read last, its date and zone; zeroed when there is none. */
struct onus_clf_memo {
    char text[26]; /* "10/Jan/2026:03:11:02 +0100" */
    bool known;
    int64_t usec;     /* of text */
    int64_t midnight; /* of its date in its zone, microseconds */
};

/*
 * onus_time_take_clf(), sooner when date and zone are those of the time before. The answer never
 * depends on *memo, which may be NULL.
 */
bool onus_time_take_clf_after(struct onus_clf_memo *memo, struct onus_str *s,
        struct onus_moment *out);

#endif

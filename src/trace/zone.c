/* SPDX-License-Identifier: Apache-2.0 */
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "text/timestamp.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

static const int64_t usec_per_hour = (int64_t)3600 * ONUS_USEC;

/* "+02:00", "-0530", "+2" */
static bool parse_offset(struct onus_str text, int64_t *out)
{
    if (text.len < 2 || (text.ptr[0] != '+' && text.ptr[0] != '-')) {
        return false;
    }
    int64_t sign = text.ptr[0] == '-' ? -1 : 1;
    struct onus_str rest = onus_str_from(text, 1);
    uint64_t hours = 0;
    uint64_t minutes = 0;
    struct onus_str head = ONUS_STR_NONE;
    if (onus_str_cut(&rest, ':', &head)) {
        if (!onus_str_to_u64(head, 18, &hours) || !onus_str_to_u64(rest, 59, &minutes)) {
            return false;
        }
    } else if (rest.len == 4) {
        if (!onus_str_to_u64(onus_str_sub(rest, 0, 2), 18, &hours) ||
                !onus_str_to_u64(onus_str_from(rest, 2), 59, &minutes)) {
            return false;
        }
    } else if (rest.len > 2 || !onus_str_to_u64(rest, 18, &hours)) {
        return false;
    }
    *out = sign * (int64_t)(hours * 60 + minutes) * 60 * ONUS_USEC;
    return true;
}

/* A name of the database: letters, digits and "/_+-", no way out of the folder. */
static bool is_zone_name(struct onus_str text)
{
    if (text.len == 0 || text.len > 64 || text.ptr[0] == '/' ||
            onus_str_has(text, ONUS_STR(".."))) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = onus_lower(text.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !onus_is_digit(c) && !strchr("/_+-", c)) {
            return false;
        }
    }
    return true;
}

enum onus_code onus_zone_init(struct onus_zone *zone, struct onus_str text, struct onus_error *err)
{
    *zone = (struct onus_zone){.name = text, .cached_hour = INT64_MIN};
    if (onus_str_eq_nocase(text, ONUS_STR("utc")) || onus_str_eq_nocase(text, ONUS_STR("z"))) {
        return ONUS_OK;
    }
    if (parse_offset(text, &zone->offset)) {
        return ONUS_OK;
    }
    char path[sizeof(ZONE_FOLDER) + 72];
    if (is_zone_name(text)) {
        (void)snprintf(path, sizeof(path), ZONE_FOLDER "%.*s", (int)text.len, text.ptr);
        if (access(path, R_OK) == 0) {
            path[0] = ':'; /* POSIX: the rest is a file, not a rule */
            (void)snprintf(path, sizeof(path), ":%.*s", (int)text.len, text.ptr);
            /* NOLINTNEXTLINE(concurrency-mt-unsafe): the header says so: before any thread */
            if (setenv("TZ", path, 1) != 0) {
                return onus_fail(err, ONUS_E_MEMORY, "out of memory");
            }
            tzset();
            zone->named = true;
            return ONUS_OK;
        }
    }
    return onus_fail(err, ONUS_E_ARGUMENT,
            "zone '" ONUS_STR_FMT
            "' is neither UTC, an offset such as +02:00, nor in the zone database",
            ONUS_STR_ARG(text));
}

static int64_t named_offset(int64_t wall)
{
    struct onus_civil c = {0};
    onus_time_to_civil(wall, &c);
    struct tm tm = {.tm_year = c.year - 1900,
            .tm_mon = c.month - 1,
            .tm_mday = c.day,
            .tm_hour = c.hour,
            .tm_min = c.minute,
            .tm_sec = c.second,
            .tm_isdst = 1};
    /* Summer time first: of two moments with this wall time it is the earlier one. */
    time_t moment = mktime(&tm);
    if (moment == (time_t)-1 || tm.tm_isdst != 1) {
        tm = (struct tm){.tm_year = c.year - 1900,
                .tm_mon = c.month - 1,
                .tm_mday = c.day,
                .tm_hour = c.hour,
                .tm_min = c.minute,
                .tm_sec = c.second,
                .tm_isdst = 0};
        moment = mktime(&tm);
    }
    return (wall / ONUS_USEC - (int64_t)moment) * ONUS_USEC;
}

int64_t onus_zone_to_utc(struct onus_zone *zone, int64_t wall)
{
    if (!zone->named) {
        return wall - zone->offset;
    }
    int64_t quarter = wall / (usec_per_hour / 4);
    if (quarter != zone->cached_hour) {
        zone->cached_hour = quarter;
        zone->cached_offset = named_offset(wall - wall % ONUS_USEC);
    }
    return wall - zone->cached_offset;
}

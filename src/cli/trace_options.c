/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_options.h"

#include <errno.h>
#include <sys/random.h>

#include "base/buffer.h"
#include "base/str.h"

enum {
    RULES_MAX = 64 << 10
};

static enum onus_code unknown_format(const char *name, struct onus_error *err)
{
    struct onus_buffer names;
    onus_buffer_init(&names, 400);
    for (size_t i = 0; i < onus_format_count; i++) {
        onus_buffer_add_text(&names, i > 0 ? ", " : "");
        onus_buffer_add_text(&names, onus_formats[i]->name);
    }
    enum onus_code code =
            onus_fail(err, ONUS_E_ARGUMENT, "no format is called '%s'; there are %.*s", name,
                    (int)names.len, names.ptr ? names.ptr : "");
    onus_buffer_clear(&names);
    return code;
}

enum onus_code onus_trace_read_number(const char *option, const char *text, uint64_t min,
        uint64_t max, uint64_t *out, struct onus_error *err)
{
    uint64_t value = 0;
    if (!onus_str_to_u64(onus_str_of(text), max, &value) || value < min) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "--%s takes a whole number from %llu to %llu, not '%s'", option,
                (unsigned long long)min, (unsigned long long)max, text);
    }
    *out = value;
    return ONUS_OK;
}

enum onus_code onus_trace_read_time(const char *option, const char *text, int64_t *out,
        struct onus_error *err)
{
    struct onus_moment moment;
    struct onus_str rest = onus_str_of(text);
    if (onus_time_take_iso(&rest, &moment) && rest.len == 0) {
        *out = moment.usec;
        return ONUS_OK;
    }
    char midnight[40];
    int length = snprintf(midnight, sizeof(midnight), "%.20sT00:00:00Z", text);
    rest = (struct onus_str){midnight, length > 0 ? (size_t)length : 0};
    if (onus_time_take_iso(&rest, &moment) && rest.len == 0) {
        *out = moment.usec;
        return ONUS_OK;
    }
    return onus_fail(err, ONUS_E_ARGUMENT,
            "--%s takes a time such as 2026-01-10 or 2026-01-10T03:11:02+01:00, not '%s'", option,
            text);
}

enum onus_code onus_trace_options_read(const struct onus_arguments *arguments,
        struct onus_trace_options *out, struct onus_error *err)
{
    const char *format = onus_argument(arguments, "format");
    if (format && strcmp(format, "auto") != 0) {
        out->format = onus_format_by_name(onus_str_of(format));
        if (!out->format) {
            return unknown_format(format, err);
        }
    }
    const char *zone = onus_argument(arguments, "tz");
    out->zone = onus_str_of(zone ? zone : "");
    const char *year = onus_argument(arguments, "year");
    if (year) {
        uint64_t value = 0;
        enum onus_code code = onus_trace_read_number("year", year, ONUS_TIME_MIN_YEAR,
                ONUS_TIME_MAX_YEAR, &value, err);
        if (code != ONUS_OK) {
            return code;
        }
        out->year = (int)value;
    }
    return ONUS_OK;
}

enum onus_code onus_trace_read_rules(const char *path, struct onus_rules *out,
        struct onus_error *err)
{
    onus_rules_init(out);
    if (!path) {
        return ONUS_OK;
    }
    static char text[RULES_MAX + 1];
    FILE *file = fopen(path, "rbe");
    size_t size = file ? fread(text, 1, sizeof(text), file) : 0;
    bool failed = !file || ferror(file);
    int reason = failed ? errno : 0;
    if (file) {
        (void)fclose(file);
    }
    enum onus_code code = ONUS_OK;
    if (failed) {
        code = reason == ENOENT ? onus_fail(err, ONUS_E_MISSING, "does not exist")
                                : onus_fail(err, ONUS_E_IO, "cannot be read");
        err->sys_errno = reason == ENOENT ? 0 : reason;
    } else if (size > RULES_MAX) {
        code = onus_fail(err, ONUS_E_LIMIT, "is longer than %d bytes", RULES_MAX);
    } else {
        code = onus_rules_parse(out, (struct onus_str){text, size}, err);
    }
    if (code != ONUS_OK) {
        onus_context(err, "rules file '%s'", path);
    }
    return code;
}

uint64_t onus_trace_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
        seed = 0x6f6e7573; /* no entropy yet: tables can be flooded, results stay the same */
    }
    return seed;
}

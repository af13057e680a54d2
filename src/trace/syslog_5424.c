/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/syslog.h"

/* RFC 5424, 6: every field strictly, because a line that only looks like one is another format. */

enum {
    HOSTNAME_MAX = 255,
    APP_NAME_MAX = 48,
    PROCID_MAX = 128,
    MSGID_MAX = 32,
    SD_NAME_MAX = 32,
    FRACTION_MAX = 6
};

static bool is_printable(char c)
{
    return c > ' ' && c <= '~';
}

/* A field of 1 to max printable characters and the blank after it; "-" gives an empty view. */
static bool take_field(struct onus_str *s, size_t max, struct onus_str *out)
{
    size_t end = 0;
    while (end < s->len && is_printable(s->ptr[end])) {
        end++;
    }
    if (end == 0 || end > max || end == s->len || s->ptr[end] != ' ') {
        return false;
    }
    *out = onus_str_sub(*s, 0, end);
    if (onus_str_eq(*out, ONUS_STR("-"))) {
        out->len = 0;
    }
    *s = onus_str_from(*s, end + 1);
    return true;
}

/* RFC 5424, 6.2.3: 'T' and 'Z' in capitals, no leap second, at most six digits of a fraction. */
static bool read_time(struct onus_str text, struct onus_event *out)
{
    struct onus_moment moment = {0};
    struct onus_str rest = text;
    if (!onus_time_take_iso(&rest, &moment) || rest.len > 0 || !moment.has_zone ||
            text.ptr[10] != 'T' || (text.ptr[17] == '6')) {
        return false;
    }
    struct onus_str after = onus_str_from(text, 19);
    if (onus_str_begins(after, ONUS_STR(","))) {
        return false;
    }
    if (onus_str_skip(&after, ONUS_STR("."))) {
        size_t digits = 0;
        while (digits < after.len && onus_is_digit(after.ptr[digits])) {
            digits++;
        }
        if (digits > FRACTION_MAX) {
            return false;
        }
        after = onus_str_from(after, digits);
    }
    if (!onus_str_eq(after, ONUS_STR("Z")) && !(after.len == 6 && after.ptr[3] == ':')) {
        return false;
    }
    out->time = moment.usec;
    out->time_text = text;
    return true;
}

static bool take_sd_name(struct onus_str *s)
{
    size_t end = 0;
    while (end < s->len && is_printable(s->ptr[end]) && s->ptr[end] != '=' && s->ptr[end] != ']' &&
            s->ptr[end] != '"') {
        end++;
    }
    *s = onus_str_from(*s, end);
    return end > 0 && end <= SD_NAME_MAX;
}

/* RFC 5424, 6.3.3: a backslash escapes '"', '\' and ']' and means itself before anything else. */
static bool take_sd_value(struct onus_str *s)
{
    size_t at = 0;
    while (at < s->len && s->ptr[at] != '"') {
        at += s->ptr[at] == '\\' ? 2 : 1;
    }
    if (at >= s->len) {
        return false;
    }
    *s = onus_str_from(*s, at + 1);
    return true;
}

static bool take_sd_element(struct onus_str *s)
{
    if (!take_sd_name(s)) {
        return false;
    }
    while (onus_str_skip(s, ONUS_STR(" "))) {
        if (!take_sd_name(s) || !onus_str_skip(s, ONUS_STR("=\"")) || !take_sd_value(s)) {
            return false;
        }
    }
    return onus_str_skip(s, ONUS_STR("]"));
}

static bool take_structured_data(struct onus_str *s)
{
    if (onus_str_skip(s, ONUS_STR("-"))) {
        return true;
    }
    size_t elements = 0;
    while (onus_str_skip(s, ONUS_STR("["))) {
        if (!take_sd_element(s)) {
            return false;
        }
        elements++;
    }
    return elements > 0;
}

enum onus_line_verdict onus_syslog_parse_5424(const struct onus_parse_context *context,
        struct onus_str rest, struct onus_event *out)
{
    struct onus_str time = ONUS_STR_NONE;
    struct onus_str pid = ONUS_STR_NONE;
    struct onus_str id = ONUS_STR_NONE;
    if (!onus_str_skip(&rest, ONUS_STR("1 ")) || !take_field(&rest, PROCID_MAX, &time) ||
            !take_field(&rest, HOSTNAME_MAX, &out->host) ||
            !take_field(&rest, APP_NAME_MAX, &out->program) ||
            !take_field(&rest, PROCID_MAX, &pid) || !take_field(&rest, MSGID_MAX, &id)) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str data = rest;
    if (!take_structured_data(&rest)) {
        return ONUS_LINE_UNPARSED;
    }
    data.len -= rest.len;
    if (time.len == 0) {
        out->marks |= ONUS_MARK_NO_TIME;
    } else if (!read_time(time, out)) {
        return ONUS_LINE_UNPARSED;
    }
    if (rest.len > 0 && !onus_str_skip(&rest, ONUS_STR(" "))) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR("\xef\xbb\xbf"));
    enum onus_line_verdict verdict = onus_syslog_deliver(context, pid, rest, out);
    if (context->envelope) {
        context->envelope->message_id = id;
        context->envelope->structured = onus_str_eq(data, ONUS_STR("-")) ? ONUS_STR_NONE : data;
        if (rest.len == 0) {
            context->envelope->message = ONUS_STR_NONE;
        }
    }
    return verdict;
}

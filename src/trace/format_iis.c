/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IIS, W3C extended log: `#Fields:` names the columns of the lines below it and may come again with
 * others. Times are UTC. A column that holds a header, cs(...), has its blanks written as '+'.
 */
#include "base/str.h"
#include "text/timestamp.h"
#include "trace/format.h"
#include "trace/sensor.h"
#include "trace/web.h"

enum {
    COLUMNS_MAX = 200,
    DATE_LENGTH = 10, /* "2026-01-10" */
};

enum field {
    DATE = 1,
    TIME,
    SERVER_IP,
    METHOD,
    STEM,
    QUERY,
    SERVER_PORT,
    USERNAME,
    CLIENT_IP,
    AGENT,
    HOST,
    SITE_HOST,
    STATUS,
    SUBSTATUS,
    WIN32_STATUS,
    BYTES_SENT,
    VERSION,
    FIELD_END
};

static const char *const names[FIELD_END] = {
        [DATE] = "date",
        [TIME] = "time",
        [SERVER_IP] = "s-ip",
        [METHOD] = "cs-method",
        [STEM] = "cs-uri-stem",
        [QUERY] = "cs-uri-query",
        [SERVER_PORT] = "s-port",
        [USERNAME] = "cs-username",
        [CLIENT_IP] = "c-ip",
        [AGENT] = "cs(User-Agent)",
        [HOST] = "cs-host",
        [SITE_HOST] = "cs(Host)",
        [STATUS] = "sc-status",
        [SUBSTATUS] = "sc-substatus",
        [WIN32_STATUS] = "sc-win32-status",
        [BYTES_SENT] = "sc-bytes",
        [VERSION] = "cs-version",
};

struct state {
    uint8_t columns; /* 0 until a #Fields line */
    bool has_date;
    char date[DATE_LENGTH]; /* of the last #Date line, for logs whose lines have only a time */
    uint8_t field_of[COLUMNS_MAX];
};

static bool take_column(struct onus_str *rest, struct onus_str *column)
{
    if (!rest->ptr) {
        return false;
    }
    if (!onus_str_cut(rest, ' ', column)) {
        *column = *rest;
        *rest = ONUS_STR_NONE;
    }
    return true;
}

static uint8_t field_named(struct onus_str column)
{
    for (size_t i = 1; i < FIELD_END; i++) {
        if (onus_str_eq_nocase(column, onus_str_of(names[i]))) {
            return (uint8_t)i;
        }
    }
    return 0;
}

/* Other W3C logs name their columns too; a web log has a client and a method. */
static bool take_fields(struct state *s, struct onus_str rest)
{
    uint8_t count = 0;
    struct onus_str column;
    rest = onus_str_trim(rest);
    s->columns = 0;
    while (take_column(&rest, &column)) {
        if (column.len == 0 || count == COLUMNS_MAX) {
            return false;
        }
        uint8_t field = field_named(column);
        if (field > 0 && memchr(s->field_of, field, count)) {
            return false;
        }
        s->field_of[count++] = field;
    }
    if (!memchr(s->field_of, CLIENT_IP, count) || !memchr(s->field_of, METHOD, count) ||
            !memchr(s->field_of, TIME, count)) {
        return false;
    }
    s->columns = count;
    return true;
}

static enum onus_line_verdict header(struct state *s, struct onus_str line, struct onus_event *out)
{
    onus_sensor_no_time(out);
    if (onus_str_skip(&line, ONUS_STR("#Fields: "))) {
        return take_fields(s, line) ? ONUS_LINE_IGNORED : ONUS_LINE_UNPARSED;
    }
    if (onus_str_skip(&line, ONUS_STR("#Date: "))) {
        s->has_date = line.len >= DATE_LENGTH;
        if (s->has_date) {
            memcpy(s->date, line.ptr, DATE_LENGTH);
        }
        return s->has_date ? ONUS_LINE_IGNORED : ONUS_LINE_UNPARSED;
    }
    bool known = onus_str_begins(line, ONUS_STR("#Software: ")) ||
                 onus_str_begins(line, ONUS_STR("#Version: ")) ||
                 onus_str_begins(line, ONUS_STR("#Start-Date: ")) ||
                 onus_str_begins(line, ONUS_STR("#End-Date: ")) ||
                 onus_str_begins(line, ONUS_STR("#Remark: "));
    return known ? ONUS_LINE_IGNORED : ONUS_LINE_UNPARSED;
}

static bool split(const struct state *s, struct onus_str line, struct onus_str *value)
{
    uint8_t count = 0;
    struct onus_str column;
    while (take_column(&line, &column)) {
        if (count == s->columns) {
            return false;
        }
        uint8_t field = s->field_of[count++];
        if (field > 0 && !onus_str_eq(column, ONUS_STR("-"))) {
            value[field] = column;
        }
    }
    return count == s->columns;
}

static bool set_time(const struct onus_parse_context *context, const struct onus_str *value,
        struct onus_event *out)
{
    const struct state *s = context->state;
    struct onus_str date = value[DATE];
    if (date.len == 0 && s->has_date) {
        date = (struct onus_str){s->date, DATE_LENGTH};
    }
    struct onus_str pieces[] = {date, ONUS_STR("T"), value[TIME]};
    struct onus_str text = onus_sensor_join(context->arena, pieces, ONUS_COUNT(pieces));
    return onus_sensor_time_iso(out, text);
}

static struct onus_str join_target(struct onus_arena *arena, const struct onus_str *value)
{
    struct onus_str pieces[] = {value[STEM], ONUS_STR("?"), value[QUERY]};
    return value[QUERY].len > 0 ? onus_sensor_join(arena, pieces, ONUS_COUNT(pieces)) : value[STEM];
}

/* "401.1 win32 1326": what IIS adds to the status; 1326 is a wrong password, 5 access denied. */
static struct onus_str join_detail(struct onus_arena *arena, const struct onus_str *value)
{
    if (value[SUBSTATUS].len == 0) {
        return value[VERSION];
    }
    struct onus_str pieces[] = {value[STATUS], ONUS_STR("."), value[SUBSTATUS], ONUS_STR(" win32 "),
            value[WIN32_STATUS]};
    return onus_sensor_join(arena, pieces, value[WIN32_STATUS].len > 0 ? 5 : 3);
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    if (!context->state || line.len == 0) {
        return ONUS_LINE_UNPARSED;
    }
    if (line.ptr[0] == '#') {
        return header(context->state, line, out);
    }
    struct onus_str value[FIELD_END] = {0};
    const struct state *s = context->state;
    uint64_t status = 0;
    if (s->columns == 0 || !split(s, line, value) || !set_time(context, value, out)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_to_u64(value[STATUS], 999, &status);
    (void)onus_str_to_u64(value[BYTES_SENT], UINT64_MAX, &out->bytes);
    out->kind = ONUS_EVENT_WEB;
    out->rule = "iis";
    out->program = ONUS_STR("iis");
    out->service = ONUS_SERVICE_HTTP;
    out->status = (uint16_t)status;
    out->marks |= ONUS_MARK_HANDSHAKE;
    onus_sensor_source(out, value[CLIENT_IP]);
    onus_sensor_dest(out, value[SERVER_IP]);
    out->dest_port = onus_sensor_port(value[SERVER_PORT]);
    out->host = value[value[HOST].len > 0 ? HOST : SITE_HOST];
    out->account = value[USERNAME];
    out->has_account = value[USERNAME].len > 0;
    out->method = value[METHOD];
    out->target = join_target(context->arena, value);
    out->agent = onus_sensor_plus_to_blank(context->arena, value[AGENT]);
    out->detail = join_detail(context->arena, value);
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

const struct onus_format onus_format_iis = {
        .name = "iis",
        .title = "IIS, W3C extended log",
        .traits = ONUS_FORMAT_UTC,
        .state_size = sizeof(struct state),
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dionaea, a honeypot for many protocols: one connection an object, with the logins tried on it in
 * `credentials`. The tried passwords are not read.
 */
#include "base/str.h"
#include "text/json_scan.h"
#include "trace/honeypot.h"
#include "trace/sensor.h"

enum field {
    TIMESTAMP,
    CONNECTION,
    SRC_IP,
    SRC_PORT,
    DST_IP,
    DST_PORT,
    CREDENTIALS,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [TIMESTAMP] = "timestamp",
        [CONNECTION] = "connection",
        [SRC_IP] = "src_ip",
        [SRC_PORT] = "src_port",
        [DST_IP] = "dst_ip",
        [DST_PORT] = "dst_port",
        [CREDENTIALS] = "credentials",
};

/* One event for each name that was tried. */
static void fill_logins(const struct onus_parse_context *context, struct onus_str users,
        const struct onus_event *connection, struct onus_event *out)
{
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str user;
    size_t count = 0;
    if (onus_json_kind(users) != ONUS_JSON_ARRAY || !onus_json_iter_init(&it, users)) {
        return;
    }
    while (onus_json_next(&it, &key, &user)) {
        struct onus_event *slot = out;
        if (count++ > 0) {
            slot = context->more ? context->more(context->more_data) : NULL;
        }
        if (!slot) {
            return;
        }
        *slot = *connection;
        slot->kind = ONUS_EVENT_AUTH;
        slot->rule = "credentials";
        slot->outcome = ONUS_OUTCOME_FAILED;
        slot->method = ONUS_STR("password");
        slot->account = onus_json_value_text(user, context->arena);
        slot->has_account = onus_json_kind(user) == ONUS_JSON_STRING;
    }
}

static bool fill_connection(struct onus_arena *arena, const struct onus_str *value,
        struct onus_event *out)
{
    static const char *const keys[] = {"protocol", "transport", "type"};
    struct onus_str v[ONUS_COUNT(keys)];
    if (!onus_sensor_time_iso(out, onus_json_value_text(value[TIMESTAMP], arena)) ||
            !onus_json_pick(value[CONNECTION], keys, v, ONUS_COUNT(keys)) || v[0].len == 0 ||
            v[1].len == 0) {
        return false;
    }
    out->kind = ONUS_EVENT_CONNECTION;
    out->program = ONUS_STR("dionaea");
    out->rule = "connection";
    out->method = onus_json_value_text(v[1], arena);
    out->detail = onus_json_value_text(v[0], arena);
    onus_sensor_source(out, onus_json_value_text(value[SRC_IP], arena));
    onus_sensor_dest(out, onus_json_value_text(value[DST_IP], arena));
    out->source_port = onus_sensor_json_port(value[SRC_PORT]);
    out->dest_port = onus_sensor_json_port(value[DST_PORT]);
    struct onus_str service = out->detail;
    (void)onus_str_drop(&service, ONUS_STR("d")); /* "ftpd", "httpd" */
    out->service = (uint8_t)onus_sensor_service(service, out->dest_port);
    if (onus_json_string_is(v[2], ONUS_STR("accept"))) {
        out->outcome = ONUS_OUTCOME_SUCCEEDED;
        out->marks |= ONUS_MARK_HANDSHAKE;
        return out->has_source;
    }
    out->kind = ONUS_EVENT_OTHER; /* the honeypot's own connections and listeners */
    return true;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct onus_str object;
    struct onus_str value[FIELD_COUNT];
    bool opened = context->state && *(const bool *)context->state;
    enum onus_array_line shape = onus_array_line(line, opened, &object);
    if (shape == ONUS_ARRAY_FRAME && opened) {
        onus_sensor_no_time(out);
        return ONUS_LINE_IGNORED;
    }
    struct onus_event connection = {0};
    if (shape != ONUS_ARRAY_OBJECT || !onus_str_has(object, ONUS_STR("\"connection\"")) ||
            !onus_json_pick(object, names, value, FIELD_COUNT) ||
            !fill_connection(context->arena, value, &connection)) {
        return ONUS_LINE_UNPARSED;
    }
    if (context->state) {
        *(bool *)context->state = true;
    }
    *out = connection;
    if (connection.kind == ONUS_EVENT_OTHER) {
        return ONUS_LINE_IGNORED;
    }
    fill_logins(context, onus_json_get(value[CREDENTIALS], "username"), &connection, out);
    return ONUS_LINE_PARSED;
}

const struct onus_format onus_format_dionaea = {
        .name = "dionaea",
        .title = "Dionaea honeypot, JSON",
        .traits = ONUS_FORMAT_UTC,
        .state_size = sizeof(bool),
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heralding, a honeypot that only collects logins: one session an object, each try in
 * `auth_attempts`. A session without a try is somebody who connected and left. The tried passwords
 * are not read.
 */
#include "base/str.h"
#include "text/json_scan.h"
#include "trace/honeypot.h"
#include "trace/sensor.h"

enum field {
    TIMESTAMP,
    SESSION_ID,
    SOURCE_IP,
    SOURCE_PORT,
    DEST_IP,
    DEST_PORT,
    PROTOCOL,
    COUNT,
    ATTEMPTS,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [TIMESTAMP] = "timestamp",
        [SESSION_ID] = "session_id",
        [SOURCE_IP] = "source_ip",
        [SOURCE_PORT] = "source_port",
        [DEST_IP] = "destination_ip",
        [DEST_PORT] = "destination_port",
        [PROTOCOL] = "protocol",
        [COUNT] = "num_auth_attempts",
        [ATTEMPTS] = "auth_attempts",
};

static bool fill_session(struct onus_arena *arena, const struct onus_str *value,
        struct onus_event *out)
{
    if (!onus_sensor_time_iso(out, onus_json_value_text(value[TIMESTAMP], arena)) ||
            onus_json_kind(value[ATTEMPTS]) != ONUS_JSON_ARRAY) {
        return false;
    }
    struct onus_str protocol = onus_json_value_text(value[PROTOCOL], arena);
    out->kind = ONUS_EVENT_AUTH;
    out->program = ONUS_STR("heralding");
    out->rule = "session";
    out->detail = protocol;
    out->session = onus_sensor_session(ONUS_STR("heralding"),
            onus_json_value_text(value[SESSION_ID], arena));
    onus_sensor_source(out, onus_json_value_text(value[SOURCE_IP], arena));
    onus_sensor_dest(out, onus_json_value_text(value[DEST_IP], arena));
    out->source_port = onus_sensor_json_port(value[SOURCE_PORT]);
    out->dest_port = onus_sensor_json_port(value[DEST_PORT]);
    out->service = (uint8_t)onus_sensor_service(protocol, out->dest_port);
    out->marks |= ONUS_MARK_HANDSHAKE;
    return out->has_source;
}

/* False when the attempts are not a list of objects. */
static bool fill_attempts(const struct onus_parse_context *context, struct onus_str list,
        const struct onus_event *session, struct onus_event *out)
{
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str attempt;
    struct onus_event *slot = out;
    (void)onus_json_iter_init(&it, list);
    while (slot && onus_json_next(&it, &key, &attempt)) {
        struct onus_str user = onus_json_get(attempt, "username");
        *slot = *session;
        slot->outcome = ONUS_OUTCOME_FAILED;
        slot->method = ONUS_STR("password");
        slot->account = onus_json_value_text(user, context->arena);
        slot->has_account = onus_json_kind(user) == ONUS_JSON_STRING;
        struct onus_json_iter ahead = it;
        struct onus_str ignored;
        if (!onus_json_next(&ahead, &key, &ignored)) {
            break;
        }
        slot = context->more ? context->more(context->more_data) : NULL;
    }
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
    struct onus_event session = {0};
    uint64_t count = 0;
    if (shape != ONUS_ARRAY_OBJECT || !onus_str_has(object, ONUS_STR("\"num_auth_attempts\"")) ||
            !onus_json_pick(object, names, value, FIELD_COUNT) ||
            !onus_json_value_u64(value[COUNT], UINT32_MAX, &count) ||
            !fill_session(context->arena, value, &session)) {
        return ONUS_LINE_UNPARSED;
    }
    if (context->state) {
        *(bool *)context->state = true;
    }
    if (count == 0) {
        session.outcome = ONUS_OUTCOME_PROBED;
        *out = session;
        return ONUS_LINE_PARSED;
    }
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str first;
    if (!onus_json_iter_init(&it, value[ATTEMPTS]) || !onus_json_next(&it, &key, &first)) {
        session.outcome = ONUS_OUTCOME_FAILED; /* counted, but not listed */
        session.count = (uint32_t)count;
        *out = session;
        return ONUS_LINE_PARSED;
    }
    return fill_attempts(context, value[ATTEMPTS], &session, out) ? ONUS_LINE_PARSED
                                                                  : ONUS_LINE_UNPARSED;
}

const struct onus_format onus_format_heralding = {
        .name = "heralding",
        .title = "Heralding honeypot, JSON",
        .traits = ONUS_FORMAT_UTC,
        .state_size = sizeof(bool),
        .parse = parse,
};

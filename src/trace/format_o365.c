/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Office 365 management activity ("unified audit log"): `Operation` with `Workload`, one object a
 * line or an array. Logins are UserLoggedIn and UserLoginFailed; times are UTC without saying so.
 * Log Analytics writes the same records with other names, and the advanced hunting export of the
 * same tenant (`ActionType`) is understood as a container: its logon rows count, the rest is ignored.
 */
#include "base/str.h"
#include "text/json_record.h"
#include "text/json_scan.h"
#include "trace/entra.h"
#include "trace/json_list.h"
#include "trace/sensor.h"

enum field {
    CREATION,
    GENERATED,
    TIMESTAMP,
    OPERATION,
    WORKLOAD,
    WORKLOAD_LA,
    RECORD_TYPE,
    CLIENT_IP,
    CLIENT_IP_LA,
    ACTOR_IP,
    USER_ID,
    LOGON_ERROR,
    ERROR_NUMBER,
    ACTION_TYPE,
    DEVICE_ID,
    APPLICATION,
    DEVICE_NAME,
    ACCOUNT_NAME,
    REMOTE_IP,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [CREATION] = "CreationTime",
        [GENERATED] = "TimeGenerated",
        [TIMESTAMP] = "Timestamp",
        [OPERATION] = "Operation",
        [WORKLOAD] = "Workload",
        [WORKLOAD_LA] = "OfficeWorkload",
        [RECORD_TYPE] = "RecordType",
        [CLIENT_IP] = "ClientIP",
        [CLIENT_IP_LA] = "Client_IPAddress",
        [ACTOR_IP] = "ActorIpAddress",
        [USER_ID] = "UserId",
        [LOGON_ERROR] = "LogonError",
        [ERROR_NUMBER] = "ErrorNumber",
        [ACTION_TYPE] = "ActionType",
        [DEVICE_ID] = "DeviceId",
        [APPLICATION] = "Application",
        [DEVICE_NAME] = "DeviceName",
        [ACCOUNT_NAME] = "AccountName",
        [REMOTE_IP] = "RemoteIP",
};

static bool set_time(struct onus_event *out, struct onus_str value, struct onus_arena *arena)
{
    return onus_sensor_time_iso(out, onus_json_value_text(value, arena));
}

static enum onus_outcome failed_outcome(const struct onus_str *value)
{
    uint64_t code = 0;
    enum onus_outcome outcome = ONUS_OUTCOME_UNKNOWN;
    if (onus_json_value_u64(value[ERROR_NUMBER], UINT32_MAX, &code) &&
            onus_entra_outcome(code, &outcome) && outcome != ONUS_OUTCOME_UNKNOWN &&
            outcome != ONUS_OUTCOME_SUCCEEDED) {
        return outcome;
    }
    return onus_json_string_is(value[LOGON_ERROR], ONUS_STR("UserAccountNotFound"))
                   ? ONUS_OUTCOME_NO_ACCOUNT
                   : ONUS_OUTCOME_FAILED;
}

static void set_login(bool succeeded, const struct onus_str *value, struct onus_event *out)
{
    out->kind = ONUS_EVENT_AUTH;
    out->method = ONUS_STR("password");
    out->outcome = succeeded ? ONUS_OUTCOME_SUCCEEDED : (uint8_t)failed_outcome(value);
}

/* Advanced hunting: a table of everything; only its logons are tries. */
static enum onus_line_verdict hunting_row(const struct onus_parse_context *context,
        const struct onus_str *value, struct onus_event *out)
{
    struct onus_arena *arena = context->arena;
    if (!set_time(out, value[TIMESTAMP], arena)) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("defender");
    out->service = ONUS_SERVICE_WINDOWS;
    out->host = onus_json_value_text(value[DEVICE_NAME], arena);
    out->account = onus_json_value_text(value[ACCOUNT_NAME], arena);
    out->has_account = out->account.len > 0;
    onus_sensor_source_port(out, onus_json_value_text(value[REMOTE_IP], arena));
    bool failed = onus_json_string_is(value[ACTION_TYPE], ONUS_STR("LogonFailed"));
    if (!failed && !onus_json_string_is(value[ACTION_TYPE], ONUS_STR("LogonSuccess"))) {
        return ONUS_LINE_IGNORED;
    }
    out->rule = failed ? "LogonFailed" : "LogonSuccess";
    set_login(!failed, value, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse_one(const struct onus_parse_context *context,
        struct onus_str object, struct onus_event *out)
{
    struct onus_str value[FIELD_COUNT];
    struct onus_arena *arena = context->arena;
    if (!onus_json_pick(object, names, value, FIELD_COUNT)) {
        return ONUS_LINE_UNPARSED;
    }
    if (value[ACTION_TYPE].len > 0 && (value[DEVICE_ID].len > 0 || value[APPLICATION].len > 0)) {
        return hunting_row(context, value, out);
    }
    if (onus_json_kind(value[OPERATION]) != ONUS_JSON_STRING || value[RECORD_TYPE].len == 0 ||
            !(value[WORKLOAD].len > 0 || value[WORKLOAD_LA].len > 0) ||
            !(set_time(out, value[CREATION], arena) || set_time(out, value[GENERATED], arena))) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("o365");
    out->service = ONUS_SERVICE_CLOUD;
    out->account = onus_json_value_text(value[USER_ID], arena);
    out->has_account =
            out->account.len > 0 && !onus_str_eq(out->account, ONUS_STR("Not Available"));
    struct onus_str address = onus_json_value_text(value[CLIENT_IP], arena);
    if (address.len == 0) {
        address = onus_json_value_text(value[value[ACTOR_IP].len > 0 ? ACTOR_IP : CLIENT_IP_LA],
                arena);
    }
    onus_sensor_source_port(out, address);
    bool failed = onus_json_string_is(value[OPERATION], ONUS_STR("UserLoginFailed"));
    if (!failed && !onus_json_string_is(value[OPERATION], ONUS_STR("UserLoggedIn"))) {
        return ONUS_LINE_IGNORED;
    }
    out->rule = failed ? "UserLoginFailed" : "UserLoggedIn";
    out->detail = onus_json_value_text(value[LOGON_ERROR], arena);
    set_login(!failed, value, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    if (line.len == 0 || !(onus_str_has(line, ONUS_STR("\"Operation\"")) ||
                                 onus_str_has(line, ONUS_STR("\"ActionType\"")))) {
        return ONUS_LINE_UNPARSED;
    }
    return line.ptr[0] == '[' ? onus_json_list(context, line, parse_one, out)
                              : parse_one(context, line, out);
}

const struct onus_format onus_format_o365 = {
        .name = "o365",
        .title = "Office 365 management activity, JSON",
        .traits = ONUS_FORMAT_UTC,
        .record = onus_json_record,
        .parse = parse,
};

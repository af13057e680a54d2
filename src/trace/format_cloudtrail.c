/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS CloudTrail: files of {"Records":[...]}, JSON lines, or either printed over many lines.
 *
 * sourceIPAddress is written by AWS; where one of its own services made the call it is the service's
 * name, which is nobody's address and is not taken for one.
 */
#include "base/str.h"
#include "text/json_record.h"
#include "text/json_scan.h"
#include "trace/json_list.h"
#include "trace/sensor.h"

enum field {
    EVENT_TIME,
    AT_TIMESTAMP,
    EVENT_SOURCE,
    EVENT_NAME,
    SOURCE_IP,
    USER_AGENT,
    USER_IDENTITY,
    ERROR_CODE,
    ERROR_MESSAGE,
    RESPONSE,
    ADDITIONAL,
    RECIPIENT,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [EVENT_TIME] = "eventTime",
        [AT_TIMESTAMP] = "@timestamp",
        [EVENT_SOURCE] = "eventSource",
        [EVENT_NAME] = "eventName",
        [SOURCE_IP] = "sourceIPAddress",
        [USER_AGENT] = "userAgent",
        [USER_IDENTITY] = "userIdentity",
        [ERROR_CODE] = "errorCode",
        [ERROR_MESSAGE] = "errorMessage",
        [RESPONSE] = "responseElements",
        [ADDITIONAL] = "additionalEventData",
        [RECIPIENT] = "recipientAccountId",
};

static void set_account(const struct onus_parse_context *context, struct onus_str identity,
        struct onus_event *out)
{
    struct onus_str name =
            onus_json_value_text(onus_json_get(identity, "userName"), context->arena);
    if (name.len == 0) {
        name = onus_json_value_text(onus_json_path(identity,
                                            "sessionContext.sessionIssuer.userName"),
                context->arena);
    }
    if (name.len == 0 && onus_json_string_is(onus_json_get(identity, "type"), ONUS_STR("Root"))) {
        name = ONUS_STR("root");
    }
    /* AWS hides what was typed where no such user exists: it may be a password */
    if (name.len > 0 && !onus_str_eq(name, ONUS_STR("HIDDEN_DUE_TO_SECURITY_REASONS"))) {
        out->account = name;
        out->has_account = true;
    }
}

static void set_source(struct onus_str text, struct onus_event *out)
{
    out->source_text = text;
    out->has_source = onus_address_parse(text, &out->source);
}

static enum onus_line_verdict console_login(const struct onus_parse_context *context,
        const struct onus_str *value, struct onus_event *out)
{
    struct onus_str result = onus_json_get(value[RESPONSE], "ConsoleLogin");
    out->detail = onus_json_value_text(value[ERROR_MESSAGE], context->arena);
    out->kind = ONUS_EVENT_AUTH;
    out->rule = "ConsoleLogin";
    out->method = ONUS_STR("password");
    if (onus_json_string_is(result, ONUS_STR("Success"))) {
        out->outcome = ONUS_OUTCOME_SUCCEEDED;
    } else if (onus_str_has(out->detail, ONUS_STR("No username found"))) {
        out->outcome = ONUS_OUTCOME_NO_ACCOUNT;
    } else if (onus_json_string_is(result, ONUS_STR("Failure"))) {
        out->outcome = ONUS_OUTCOME_FAILED;
    }
    return ONUS_LINE_PARSED;
}

/* The second factor is asked for once the password was right. */
static enum onus_line_verdict check_mfa(const struct onus_str *value, struct onus_event *out)
{
    if (!onus_json_string_is(onus_json_get(value[RESPONSE], "CheckMfa"), ONUS_STR("Failure"))) {
        return ONUS_LINE_IGNORED;
    }
    out->kind = ONUS_EVENT_AUTH;
    out->rule = "CheckMfa";
    out->method = ONUS_STR("mfa");
    out->outcome = ONUS_OUTCOME_PARTIAL;
    return ONUS_LINE_PARSED;
}

static bool is_denied(struct onus_str code)
{
    return onus_str_begins(code, ONUS_STR("AccessDenied")) ||
           onus_str_has(code, ONUS_STR("UnauthorizedOperation")) ||
           onus_str_has(code, ONUS_STR("UnauthorizedAccess")) ||
           onus_str_eq(code, ONUS_STR("AuthFailure"));
}

static enum onus_line_verdict denied_call(const struct onus_parse_context *context,
        struct onus_str name, struct onus_str code, struct onus_str service, struct onus_event *out)
{
    struct onus_str pieces[] = {service, ONUS_STR(":"), name};
    out->kind = ONUS_EVENT_ACTIVITY;
    out->rule = "denied call";
    out->outcome = ONUS_OUTCOME_FAILED;
    out->target = onus_sensor_join(context->arena, pieces, ONUS_COUNT(pieces));
    out->detail = code;
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
    struct onus_str name = onus_json_value_text(value[EVENT_NAME], arena);
    struct onus_str service = onus_json_value_text(value[EVENT_SOURCE], arena);
    struct onus_str time =
            onus_json_value_text(value[value[EVENT_TIME].len > 0 ? EVENT_TIME : AT_TIMESTAMP],
                    arena);
    if (name.len == 0 || service.len == 0 || !onus_sensor_time_iso(out, time)) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("cloudtrail");
    out->service = ONUS_SERVICE_CLOUD;
    out->host = onus_json_value_text(value[RECIPIENT], arena);
    out->agent = onus_json_value_text(value[USER_AGENT], arena);
    set_source(onus_json_value_text(value[SOURCE_IP], arena), out);
    if (onus_json_kind(value[USER_IDENTITY]) == ONUS_JSON_OBJECT) {
        set_account(context, value[USER_IDENTITY], out);
    }
    if (onus_str_eq(name, ONUS_STR("ConsoleLogin"))) {
        return console_login(context, value, out);
    }
    if (onus_str_eq(name, ONUS_STR("CheckMfa"))) {
        return check_mfa(value, out);
    }
    struct onus_str code = onus_json_value_text(value[ERROR_CODE], arena);
    return is_denied(code) ? denied_call(context, name, code, service, out) : ONUS_LINE_IGNORED;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    if (line.len == 0 || line.ptr[0] != '{') {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_str_has(onus_str_sub(line, 0, 64), ONUS_STR("\"Records\""))) {
        static const char *const keys[] = {"Records"};
        struct onus_str list;
        return onus_json_pick(line, keys, &list, 1) ? onus_json_list(context, list, parse_one, out)
                                                    : ONUS_LINE_UNPARSED;
    }
    return onus_str_has(line, ONUS_STR("\"eventSource\"")) ? parse_one(context, line, out)
                                                           : ONUS_LINE_UNPARSED;
}

const struct onus_format onus_format_cloudtrail = {
        .name = "cloudtrail",
        .title = "AWS CloudTrail, JSON",
        .traits = ONUS_FORMAT_UTC,
        .record = onus_json_record,
        .parse = parse,
};

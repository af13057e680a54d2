/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-in records of Microsoft Entra ID (Azure AD), in the three shapes they are exported in:
 * diagnostic settings (`category`, `properties`), Microsoft Graph (`createdDateTime` at the top) and
 * Log Analytics (`TimeGenerated`, names in CamelCase). One object a line, an array, or a document
 * printed over many lines.
 *
 * The country that a record names is the provider's belief and is not read.
 */
#include "base/str.h"
#include "text/json_record.h"
#include "text/json_scan.h"
#include "trace/entra.h"
#include "trace/json_list.h"
#include "trace/sensor.h"

enum field {
    CATEGORY,
    CATEGORY_LA,
    TIME,
    CREATED,
    CREATED_LA,
    GENERATED,
    RESULT_TYPE,
    RESULT_TYPE_LA,
    STATUS,
    USER,
    USER_LA,
    ADDRESS,
    ADDRESS_LA,
    CALLER,
    CLIENT,
    CLIENT_LA,
    AGENT,
    AGENT_LA,
    PROPERTIES,
    SOURCE_SYSTEM,
    TENANT,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [CATEGORY] = "category",
        [CATEGORY_LA] = "Category",
        [TIME] = "time",
        [CREATED] = "createdDateTime",
        [CREATED_LA] = "CreatedDateTime",
        [GENERATED] = "TimeGenerated",
        [RESULT_TYPE] = "resultType",
        [RESULT_TYPE_LA] = "ResultType",
        [STATUS] = "status",
        [USER] = "userPrincipalName",
        [USER_LA] = "UserPrincipalName",
        [ADDRESS] = "ipAddress",
        [ADDRESS_LA] = "IPAddress",
        [CALLER] = "callerIpAddress",
        [CLIENT] = "clientAppUsed",
        [CLIENT_LA] = "ClientAppUsed",
        [AGENT] = "userAgent",
        [AGENT_LA] = "UserAgent",
        [PROPERTIES] = "properties",
        [SOURCE_SYSTEM] = "SourceSystem",
        [TENANT] = "tenantId",
};

struct record {
    const struct onus_parse_context *context;
    struct onus_str value[FIELD_COUNT];
    struct onus_str inner[FIELD_COUNT]; /* the same names inside `properties` */
};

/* A field from the inside of the record or from its frame, whichever has it first. */
static struct onus_str field_of(const struct record *r, enum field a, enum field b)
{
    const struct onus_str places[] = {r->inner[a], r->value[a], r->inner[b], r->value[b]};
    for (size_t i = 0; i < ONUS_COUNT(places); i++) {
        enum onus_json_kind kind = onus_json_kind(places[i]);
        if (kind != ONUS_JSON_NONE && kind != ONUS_JSON_NULL) {
            return places[i];
        }
    }
    return ONUS_STR_NONE;
}

static struct onus_str text_of(const struct record *r, enum field a, enum field b)
{
    return onus_json_value_text(field_of(r, a, b), r->context->arena);
}

static bool take_number(struct onus_str *s, char end, int *out)
{
    uint64_t value = 0;
    if (!onus_str_take_u64(s, &value) || value > 9999) {
        return false;
    }
    *out = (int)value;
    return onus_str_skip(s, (struct onus_str){&end, 1});
}

/* ADFS records: "1/10/2026 3:11:02 AM". */
static bool time_of_adfs(struct onus_event *out, struct onus_str text)
{
    struct onus_civil c = {0};
    struct onus_str s = text;
    if (!take_number(&s, '/', &c.month) || !take_number(&s, '/', &c.day) ||
            !take_number(&s, ' ', &c.year) || !take_number(&s, ':', &c.hour) ||
            !take_number(&s, ':', &c.minute) || !take_number(&s, ' ', &c.second) || c.hour < 1 ||
            c.hour > 12) {
        return false;
    }
    bool afternoon = onus_str_eq(s, ONUS_STR("PM"));
    if (!afternoon && !onus_str_eq(s, ONUS_STR("AM"))) {
        return false;
    }
    c.hour = c.hour % 12 + (afternoon ? 12 : 0);
    int64_t time = onus_time_of_civil(&c);
    if (time == ONUS_TIME_NONE) {
        return false;
    }
    out->time = time;
    out->time_text = text;
    out->marks |= ONUS_MARK_NO_ZONE;
    return true;
}

static bool set_time(const struct record *r, struct onus_event *out)
{
    static const uint8_t order[] = {TIME, CREATED, CREATED_LA, GENERATED};
    for (size_t i = 0; i < ONUS_COUNT(order); i++) {
        struct onus_str text = text_of(r, order[i], order[i]);
        if (onus_sensor_time_iso(out, text) || time_of_adfs(out, text)) {
            return true;
        }
    }
    return false;
}

/* A number or its text; Log Analytics writes status as JSON inside a string, which is not needed. */
static bool error_code(const struct record *r, uint64_t *out)
{
    struct onus_str status = field_of(r, STATUS, STATUS);
    if (onus_json_kind(status) == ONUS_JSON_OBJECT &&
            onus_json_value_u64(onus_json_get(status, "errorCode"), UINT32_MAX, out)) {
        return true;
    }
    return onus_json_value_u64(field_of(r, RESULT_TYPE, RESULT_TYPE_LA), UINT32_MAX, out);
}

/* Told by its category, or by the members only a sign-in has together. */
static bool is_sign_in(const struct record *r, struct onus_str category)
{
    if (category.len > 0) {
        return onus_str_ends(category, ONUS_STR("SignInLogs"));
    }
    bool graph = r->value[CREATED].len > 0 && r->value[USER].len > 0 && r->value[STATUS].len > 0;
    bool analytics = r->value[GENERATED].len > 0 && r->value[USER_LA].len > 0 &&
                     r->value[RESULT_TYPE_LA].len > 0;
    return graph || analytics;
}

/* Records of the same export that are not sign-ins: directory audit and the like. */
static bool is_sibling(const struct record *r, struct onus_str category)
{
    return category.len > 0 &&
           (r->value[PROPERTIES].len > 0 || r->value[TENANT].len > 0 ||
                   onus_json_string_is(r->value[SOURCE_SYSTEM], ONUS_STR("Azure AD")));
}

static void set_detail(const struct record *r, uint64_t code, struct onus_event *out)
{
    char digits[24];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + code % 10);
        code /= 10;
    } while (code > 0);
    struct onus_str reason =
            onus_json_value_text(onus_json_get(field_of(r, STATUS, STATUS), "failureReason"),
                    r->context->arena);
    struct onus_str pieces[] = {{digits + at, sizeof(digits) - at}, ONUS_STR(" "), reason};
    out->detail = onus_sensor_join(r->context->arena, pieces, reason.len > 0 ? 3 : 1);
}

static enum onus_line_verdict sign_in(const struct record *r, struct onus_str category,
        struct onus_event *out)
{
    uint64_t code = 0;
    enum onus_outcome outcome = ONUS_OUTCOME_UNKNOWN;
    if (!error_code(r, &code) || !onus_entra_outcome(code, &outcome)) {
        return ONUS_LINE_IGNORED;
    }
    /* A program renewing its token has typed no password: only its refusal tells something. */
    bool interactive = category.len == 0 || onus_str_eq(category, ONUS_STR("SignInLogs")) ||
                       onus_str_eq(category, ONUS_STR("ADFSSignInLogs"));
    if (!interactive && outcome == ONUS_OUTCOME_SUCCEEDED) {
        return ONUS_LINE_IGNORED;
    }
    out->kind = ONUS_EVENT_AUTH;
    out->rule = "sign-in";
    out->outcome = (uint8_t)outcome;
    out->method = text_of(r, CLIENT, CLIENT_LA);
    set_detail(r, code, out);
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse_one(const struct onus_parse_context *context,
        struct onus_str object, struct onus_event *out)
{
    struct record r = {.context = context};
    if (!onus_json_pick(object, names, r.value, FIELD_COUNT)) {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_json_kind(r.value[PROPERTIES]) == ONUS_JSON_OBJECT &&
            !onus_json_pick(r.value[PROPERTIES], names, r.inner, FIELD_COUNT)) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str category =
            onus_json_value_text(r.value[r.value[CATEGORY].len > 0 ? CATEGORY : CATEGORY_LA],
                    context->arena);
    bool wanted = is_sign_in(&r, category);
    if ((!wanted && !is_sibling(&r, category)) || !set_time(&r, out)) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("entra");
    out->service = ONUS_SERVICE_CLOUD;
    out->account = text_of(&r, USER, USER_LA);
    out->has_account = out->account.len > 0;
    out->agent = text_of(&r, AGENT, AGENT_LA);
    struct onus_str address = text_of(&r, ADDRESS, ADDRESS_LA);
    onus_sensor_source_port(out, address.len > 0 ? address : text_of(&r, CALLER, CALLER));
    return wanted ? sign_in(&r, category, out) : ONUS_LINE_IGNORED;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    if (line.len == 0) {
        return ONUS_LINE_UNPARSED;
    }
    if (line.ptr[0] == '[') {
        return onus_str_has(line, ONUS_STR("serPrincipalName\""))
                       ? onus_json_list(context, line, parse_one, out)
                       : ONUS_LINE_UNPARSED;
    }
    if (line.ptr[0] != '{') {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str list = ONUS_STR_NONE;
    struct onus_str start = onus_str_sub(line, 0, 256);
    if (onus_str_has(start, ONUS_STR("\"value\""))) { /* an answer of Microsoft Graph */
        list = onus_json_get(line, "value");
    } else if (onus_str_has(start, ONUS_STR("\"records\""))) { /* Event Hubs */
        list = onus_json_get(line, "records");
    }
    return onus_json_kind(list) == ONUS_JSON_ARRAY ? onus_json_list(context, list, parse_one, out)
                                                   : parse_one(context, line, out);
}

const struct onus_format onus_format_entra = {
        .name = "entra",
        .title = "Microsoft Entra ID (Azure AD) sign-ins, JSON",
        .traits = ONUS_FORMAT_UTC,
        .record = onus_json_record,
        .parse = parse,
};

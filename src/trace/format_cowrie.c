/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cowrie's JSON log: one object a line, told by "eventid":"cowrie.*".
 *
 * `password` is never read: a tried password is often somebody's real one. `message` is never read
 * either, because it repeats the password and is made of the remote side's words. Anybody on the
 * network chooses username, input, url and version; src_ip is the sensor's own.
 */
#include "base/str.h"
#include "text/json_scan.h"
#include "trace/format.h"
#include "trace/sensor.h"

enum field {
    EVENTID,
    TIMESTAMP,
    SRC_IP,
    SRC_PORT,
    DST_IP,
    DST_PORT,
    SESSION,
    SENSOR,
    PROTOCOL,
    SYSTEM,
    USERNAME,
    KEY,
    FINGERPRINT,
    INPUT,
    URL,
    SHASUM,
    FILENAME,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [EVENTID] = "eventid",
        [TIMESTAMP] = "timestamp",
        [SRC_IP] = "src_ip",
        [SRC_PORT] = "src_port",
        [DST_IP] = "dst_ip",
        [DST_PORT] = "dst_port",
        [SESSION] = "session",
        [SENSOR] = "sensor",
        [PROTOCOL] = "protocol",
        [SYSTEM] = "system",
        [USERNAME] = "username",
        [KEY] = "key",
        [FINGERPRINT] = "fingerprint",
        [INPUT] = "input",
        [URL] = "url",
        [SHASUM] = "shasum",
        [FILENAME] = "filename",
};

struct record {
    const struct onus_parse_context *context;
    struct onus_str value[FIELD_COUNT];
};

static struct onus_str text_of(const struct record *r, enum field field)
{
    return onus_json_value_text(r->value[field], r->context->arena);
}

/* Older versions name the protocol only inside `system`: "HoneyPotTransport" is telnet or SSH's. */
static enum onus_service service_of(const struct record *r)
{
    struct onus_str protocol = text_of(r, PROTOCOL);
    bool telnet = onus_str_eq(protocol, ONUS_STR("telnet")) ||
                  (protocol.len == 0 && onus_str_has(text_of(r, SYSTEM), ONUS_STR("elnet")));
    return telnet ? ONUS_SERVICE_TELNET : ONUS_SERVICE_SSH;
}

static void fill_login(const struct record *r, struct onus_event *event)
{
    event->kind = ONUS_EVENT_AUTH;
    event->account = text_of(r, USERNAME);
    event->has_account = r->value[USERNAME].len > 0;
    bool key = r->value[KEY].len > 0 || r->value[FINGERPRINT].len > 0;
    event->method = key ? ONUS_STR("publickey") : ONUS_STR("password");
    event->marks |= ONUS_MARK_HANDSHAKE;
}

static void fill_connect(const struct record *r, struct onus_event *event)
{
    event->kind = ONUS_EVENT_AUTH;
    event->marks |= ONUS_MARK_HANDSHAKE;
    event->dest_port = onus_sensor_json_port(r->value[DST_PORT]);
    onus_sensor_dest(event, text_of(r, DST_IP));
}

static void fill_command(const struct record *r, struct onus_event *event)
{
    event->kind = ONUS_EVENT_ACTIVITY;
    event->target = text_of(r, INPUT);
    if (onus_sensor_fetches_code(event->target)) {
        event->findings = ONUS_FINDING_BIT(ONUS_FINDING_MALWARE);
    }
}

static void fill_file(const struct record *r, struct onus_event *event)
{
    event->kind = ONUS_EVENT_ACTIVITY;
    event->target = text_of(r, r->value[URL].len > 0 ? URL : FILENAME);
    event->detail = text_of(r, SHASUM);
    event->findings = ONUS_FINDING_BIT(ONUS_FINDING_MALWARE);
}

static void fill_relay(const struct record *r, struct onus_event *event)
{
    event->kind = ONUS_EVENT_ACTIVITY;
    event->target = text_of(r, DST_IP);
    event->dest_port = onus_sensor_json_port(r->value[DST_PORT]);
    onus_sensor_dest(event, event->target);
    event->findings = ONUS_FINDING_BIT(ONUS_FINDING_RELAY_ATTEMPT);
}

struct form {
    const char *eventid; /* after "cowrie." */
    void (*fill)(const struct record *r, struct onus_event *event);
    uint8_t outcome;
    uint8_t role;
};

/* A connection counts only when no login line of its session follows: hence its role. */
static const struct form forms[] = {
        {"login.failed", fill_login, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT},
        {"login.success", fill_login, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT},
        {"client.fingerprint", fill_login, ONUS_OUTCOME_FAILED, ONUS_ROLE_ACCOUNT},
        {"session.connect", fill_connect, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE},
        {"command.input", fill_command, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT},
        {"command.failed", fill_command, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT},
        {"session.file_download", fill_file, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT},
        {"session.file_download.failed", fill_file, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT},
        {"session.file_upload", fill_file, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT},
        {"direct-tcpip.request", fill_relay, ONUS_OUTCOME_UNKNOWN, ONUS_ROLE_ATTEMPT},
};

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct record r = {.context = context};
    if (line.len == 0 || line.ptr[0] != '{' || !onus_str_has(line, ONUS_STR("cowrie.")) ||
            !onus_json_pick(line, names, r.value, FIELD_COUNT)) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str eventid = text_of(&r, EVENTID);
    if (!onus_str_skip(&eventid, ONUS_STR("cowrie.")) ||
            !(onus_sensor_time_iso(out, text_of(&r, TIMESTAMP)) ||
                    onus_sensor_time_epoch(out, r.value[TIMESTAMP]))) {
        return ONUS_LINE_UNPARSED;
    }
    out->host = text_of(&r, SENSOR);
    out->program = ONUS_STR("cowrie");
    out->service = (uint8_t)service_of(&r);
    out->session = onus_sensor_session(out->host, text_of(&r, SESSION));
    onus_sensor_source(out, text_of(&r, SRC_IP));
    out->source_port = onus_sensor_json_port(r.value[SRC_PORT]);
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        if (onus_str_eq(eventid, onus_str_of(forms[i].eventid))) {
            out->outcome = forms[i].outcome;
            out->role = forms[i].role;
            out->rule = forms[i].eventid;
            forms[i].fill(&r, out);
            return ONUS_LINE_PARSED;
        }
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_format onus_format_cowrie = {
        .name = "cowrie",
        .title = "Cowrie honeypot, JSON",
        .traits = ONUS_FORMAT_UTC,
        .parse = parse,
};

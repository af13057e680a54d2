/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata EVE: one JSON object a line, told by `event_type` and `timestamp`.
 *
 * In an alert src and dest are the direction of the packet, which may be the answer. Who began the
 * connection is said by flow.src_ip, else by `direction`; only without both is the packet believed.
 * An alert is another program's verdict, not an attack: it counts as what its rule text says.
 */
#include "base/str.h"
#include "text/json_scan.h"
#include "trace/format.h"
#include "trace/sensor.h"
#include "trace/web.h"

enum field {
    TIMESTAMP,
    EVENT_TYPE,
    SRC_IP,
    SRC_PORT,
    DEST_IP,
    DEST_PORT,
    PROTO,
    APP_PROTO,
    FLOW_ID,
    DIRECTION,
    SENSOR_NAME,
    ALERT,
    FLOW,
    TCP,
    HTTP,
    SSH,
    FTP,
    FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
        [TIMESTAMP] = "timestamp",
        [EVENT_TYPE] = "event_type",
        [SRC_IP] = "src_ip",
        [SRC_PORT] = "src_port",
        [DEST_IP] = "dest_ip",
        [DEST_PORT] = "dest_port",
        [PROTO] = "proto",
        [APP_PROTO] = "app_proto",
        [FLOW_ID] = "flow_id",
        [DIRECTION] = "direction",
        [SENSOR_NAME] = "host",
        [ALERT] = "alert",
        [FLOW] = "flow",
        [TCP] = "tcp",
        [HTTP] = "http",
        [SSH] = "ssh",
        [FTP] = "ftp",
};

struct flow {
    struct onus_str src_ip, dest_ip, src_port, dest_port;
    struct onus_str state, start;
    uint64_t to_server, to_client; /* packets */
    bool counted;
};

struct record {
    const struct onus_parse_context *context;
    struct onus_str value[FIELD_COUNT];
    struct flow flow;
};

static struct onus_str text_of(const struct record *r, struct onus_str value)
{
    return onus_json_value_text(value, r->context->arena);
}

static bool read_flow(struct record *r)
{
    static const char *const keys[] = {"src_ip", "dest_ip", "src_port", "dest_port", "state",
            "start", "pkts_toserver", "pkts_toclient"};
    struct onus_str v[ONUS_COUNT(keys)];
    if (onus_json_kind(r->value[FLOW]) != ONUS_JSON_OBJECT) {
        return r->value[FLOW].len == 0;
    }
    if (!onus_json_pick(r->value[FLOW], keys, v, ONUS_COUNT(keys))) {
        return false;
    }
    r->flow.src_ip = text_of(r, v[0]);
    r->flow.dest_ip = text_of(r, v[1]);
    r->flow.src_port = v[2];
    r->flow.dest_port = v[3];
    r->flow.state = text_of(r, v[4]);
    r->flow.start = text_of(r, v[5]);
    r->flow.counted = onus_json_value_u64(v[6], UINT64_MAX, &r->flow.to_server) &&
                      onus_json_value_u64(v[7], UINT64_MAX, &r->flow.to_client);
    return true;
}

static void set_ends(const struct record *r, bool packet, struct onus_event *out)
{
    struct onus_str source = text_of(r, r->value[SRC_IP]);
    struct onus_str dest = text_of(r, r->value[DEST_IP]);
    struct onus_str source_port = r->value[SRC_PORT];
    struct onus_str dest_port = r->value[DEST_PORT];
    if (packet && r->flow.src_ip.len > 0 && r->flow.dest_ip.len > 0) {
        source = r->flow.src_ip;
        dest = r->flow.dest_ip;
        source_port = r->flow.src_port;
        dest_port = r->flow.dest_port;
    } else if (packet && onus_json_string_is(r->value[DIRECTION], ONUS_STR("to_client"))) {
        source = text_of(r, r->value[DEST_IP]);
        dest = text_of(r, r->value[SRC_IP]);
        source_port = r->value[DEST_PORT];
        dest_port = r->value[SRC_PORT];
    }
    onus_sensor_source(out, source);
    onus_sensor_dest(out, dest);
    out->source_port = onus_sensor_json_port(source_port);
    out->dest_port = onus_sensor_json_port(dest_port);
}

static bool is_tcp(const struct record *r)
{
    return onus_json_string_is(r->value[PROTO], ONUS_STR("TCP"));
}

static void mark_packets(const struct record *r, struct onus_event *out)
{
    if (!r->flow.counted) {
        return;
    }
    if (r->flow.to_server == 1 && r->flow.to_client == 0) {
        out->marks |= ONUS_MARK_SPOOFABLE;
    } else if (r->flow.to_client > 0 && (!is_tcp(r) || r->flow.to_server >= 3)) {
        out->marks |= ONUS_MARK_HANDSHAKE;
    }
}

static enum onus_line_verdict alert_event(const struct record *r, struct onus_event *out)
{
    static const char *const keys[] = {"signature", "category", "gid", "signature_id", "rev",
            "action"};
    struct onus_str v[ONUS_COUNT(keys)] = {0};
    if (r->value[ALERT].len > 0 && !onus_json_pick(r->value[ALERT], keys, v, ONUS_COUNT(keys))) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str category = text_of(r, v[1]);
    struct onus_str pieces[] = {v[2], ONUS_STR(":"), v[3], ONUS_STR(":"), v[4], ONUS_STR(" "),
            category};
    out->kind = ONUS_EVENT_ALERT;
    out->rule = "alert";
    out->target = text_of(r, v[0]);
    if (v[3].len > 0) {
        out->detail = onus_sensor_join(r->context->arena, pieces, ONUS_COUNT(pieces));
    }
    out->findings = onus_sensor_alert_findings(out->target, category);
    if (onus_json_string_is(v[5], ONUS_STR("blocked"))) {
        out->outcome = ONUS_OUTCOME_FAILED;
    }
    mark_packets(r, out);
    return ONUS_LINE_PARSED;
}

/* The hexadecimal flags of one direction: whether it sent an ACK. */
static bool sent_ack(struct onus_str flags)
{
    if (flags.len < 4) { /* two digits in quotes */
        return false;
    }
    char high = onus_lower(flags.ptr[flags.len - 3]);
    unsigned nibble = onus_is_digit(high) ? (unsigned)(high - '0') : (unsigned)(high - 'a' + 10);
    return nibble & 1u;
}

/* A connection is complete when the client acknowledged; RST to a lone SYN is a refusal. */
static bool is_complete(const struct record *r)
{
    if (!is_tcp(r)) {
        return r->flow.to_client > 0;
    }
    if (onus_str_eq(r->flow.state, ONUS_STR("new")) || r->flow.to_client == 0) {
        return false;
    }
    return onus_str_eq(r->flow.state, ONUS_STR("established")) ||
           sent_ack(onus_json_get(r->value[TCP], "tcp_flags_ts"));
}

static enum onus_line_verdict flow_event(const struct record *r, struct onus_event *out)
{
    out->kind = ONUS_EVENT_CONNECTION;
    out->rule = "flow";
    out->service = ONUS_SERVICE_NETWORK;
    out->method = text_of(r, r->value[PROTO]);
    out->detail = r->flow.state;
    /* `timestamp` is when the flow was written down, which may be hours later */
    (void)onus_sensor_time_iso(out, r->flow.start);
    if (!r->flow.counted) {
        return ONUS_LINE_PARSED;
    }
    if (is_complete(r)) {
        out->outcome = ONUS_OUTCOME_SUCCEEDED;
        out->marks |= ONUS_MARK_HANDSHAKE;
    } else {
        out->outcome = ONUS_OUTCOME_FAILED;
        if (r->flow.to_server == 1 && r->flow.to_client == 0) {
            out->marks |= ONUS_MARK_SPOOFABLE;
        }
    }
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict http_event(const struct record *r, struct onus_event *out)
{
    static const char *const keys[] = {"hostname", "url", "http_user_agent", "http_method",
            "status", "length", "protocol"};
    struct onus_str v[ONUS_COUNT(keys)];
    if (!onus_json_pick(r->value[HTTP], keys, v, ONUS_COUNT(keys))) {
        return ONUS_LINE_IGNORED; /* HTTP/2 frames have another shape */
    }
    uint64_t status = 0;
    (void)onus_json_value_u64(v[4], 999, &status);
    (void)onus_json_value_u64(v[5], UINT64_MAX, &out->bytes);
    out->kind = ONUS_EVENT_WEB;
    out->rule = "http";
    out->service = ONUS_SERVICE_HTTP;
    out->status = (uint16_t)status;
    out->host = text_of(r, v[0]);
    out->target = text_of(r, v[1]);
    out->agent = text_of(r, v[2]);
    out->method = text_of(r, v[3]);
    out->detail = text_of(r, v[6]);
    out->marks |= ONUS_MARK_HANDSHAKE;
    onus_web_inspect(r->context->web, out);
    return ONUS_LINE_PARSED;
}

/* Banners were exchanged: a completed connection. Whether anybody logged in is not visible. */
static enum onus_line_verdict ssh_event(const struct record *r, struct onus_event *out)
{
    out->kind = ONUS_EVENT_CONNECTION;
    out->rule = "ssh";
    out->service = ONUS_SERVICE_SSH;
    out->outcome = ONUS_OUTCOME_SUCCEEDED;
    out->marks |= ONUS_MARK_HANDSHAKE;
    out->agent = text_of(r, onus_json_path(r->value[SSH], "client.software_version"));
    return ONUS_LINE_PARSED;
}

/* The reply to PASS; command_data of PASS is never read. */
static enum onus_line_verdict ftp_event(const struct record *r, struct onus_event *out)
{
    if (!onus_json_string_is(onus_json_get(r->value[FTP], "command"), ONUS_STR("PASS"))) {
        return ONUS_LINE_IGNORED;
    }
    struct onus_str codes = onus_json_get(r->value[FTP], "completion_code");
    bool refused = onus_str_has(codes, ONUS_STR("\"530\""));
    if (!refused && !onus_str_has(codes, ONUS_STR("\"230\""))) {
        return ONUS_LINE_IGNORED;
    }
    out->kind = ONUS_EVENT_AUTH;
    out->rule = "ftp";
    out->service = ONUS_SERVICE_FTP;
    out->method = ONUS_STR("password");
    out->outcome = refused ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_SUCCEEDED;
    out->marks |= ONUS_MARK_HANDSHAKE;
    return ONUS_LINE_PARSED;
}

struct form {
    const char *type;
    bool packet; /* src and dest are a packet's, not the connection's */
    enum onus_line_verdict (*fill)(const struct record *r, struct onus_event *out);
};

static const struct form forms[] = {
        {"alert", true, alert_event},
        {"flow", false, flow_event},
        {"http", false, http_event},
        {"ssh", false, ssh_event},
        {"ftp", false, ftp_event},
};

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct record r = {.context = context};
    if (line.len == 0 || line.ptr[0] != '{' || !onus_str_has(line, ONUS_STR("\"event_type\"")) ||
            !onus_json_pick(line, names, r.value, FIELD_COUNT) ||
            onus_json_kind(r.value[EVENT_TYPE]) != ONUS_JSON_STRING ||
            !onus_sensor_time_iso(out, text_of(&r, r.value[TIMESTAMP])) || !read_flow(&r)) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("suricata");
    out->host = text_of(&r, r.value[SENSOR_NAME]);
    out->session = onus_sensor_session(ONUS_STR("suricata"), r.value[FLOW_ID]);
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        if (onus_json_string_is(r.value[EVENT_TYPE], onus_str_of(forms[i].type))) {
            set_ends(&r, forms[i].packet, out);
            out->service =
                    (uint8_t)onus_sensor_service(text_of(&r, r.value[APP_PROTO]), out->dest_port);
            return forms[i].fill(&r, out);
        }
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_format onus_format_suricata_eve = {
        .name = "suricata-eve",
        .title = "Suricata EVE, JSON",
        .parse = parse,
};

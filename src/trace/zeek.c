/* SPDX-License-Identifier: Apache-2.0 */
#include "zeek.h"

#include "base/str.h"
#include "trace/sensor.h"
#include "trace/web.h"

const char *const onus_zeek_names[ONUS_ZEEK_FIELDS] = {
        [ONUS_ZEEK_TS] = "ts",
        [ONUS_ZEEK_UID] = "uid",
        [ONUS_ZEEK_ORIG_H] = "id.orig_h",
        [ONUS_ZEEK_ORIG_P] = "id.orig_p",
        [ONUS_ZEEK_RESP_H] = "id.resp_h",
        [ONUS_ZEEK_RESP_P] = "id.resp_p",
        [ONUS_ZEEK_PROTO] = "proto",
        [ONUS_ZEEK_SERVICE] = "service",
        [ONUS_ZEEK_CONN_STATE] = "conn_state",
        [ONUS_ZEEK_ORIG_PKTS] = "orig_pkts",
        [ONUS_ZEEK_RESP_PKTS] = "resp_pkts",
        [ONUS_ZEEK_AUTH_SUCCESS] = "auth_success",
        [ONUS_ZEEK_AUTH_ATTEMPTS] = "auth_attempts",
        [ONUS_ZEEK_CLIENT] = "client",
        [ONUS_ZEEK_VERSION] = "version",
        [ONUS_ZEEK_METHOD] = "method",
        [ONUS_ZEEK_HOST] = "host",
        [ONUS_ZEEK_URI] = "uri",
        [ONUS_ZEEK_USER_AGENT] = "user_agent",
        [ONUS_ZEEK_USERNAME] = "username",
        [ONUS_ZEEK_RESPONSE_BODY_LEN] = "response_body_len",
        [ONUS_ZEEK_STATUS_CODE] = "status_code",
        [ONUS_ZEEK_NOTE] = "note",
        [ONUS_ZEEK_MSG] = "msg",
        [ONUS_ZEEK_SRC] = "src",
        [ONUS_ZEEK_DST] = "dst",
        [ONUS_ZEEK_P] = "p",
        [ONUS_ZEEK_USER] = "user",
        [ONUS_ZEEK_COMMAND] = "command",
        [ONUS_ZEEK_ARG] = "arg",
        [ONUS_ZEEK_REPLY_CODE] = "reply_code",
};

static int hex_value(char c)
{
    if (onus_is_digit(c)) {
        return c - '0';
    }
    char lower = onus_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct onus_str onus_zeek_unescape(struct onus_arena *arena, struct onus_str text)
{
    if (onus_str_find_char(text, '\\') == ONUS_STR_NPOS) {
        return text;
    }
    char *copy = onus_arena_alloc(arena, text.len);
    if (!copy) {
        return ONUS_STR_NONE;
    }
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        size_t left = text.len - i;
        if (c == '\\' && left >= 2 && text.ptr[i + 1] == '\\') {
            i++;
        } else if (c == '\\' && left >= 4 && text.ptr[i + 1] == 'x' &&
                   hex_value(text.ptr[i + 2]) >= 0 && hex_value(text.ptr[i + 3]) >= 0) {
            c = (char)(hex_value(text.ptr[i + 2]) << 4 | hex_value(text.ptr[i + 3]));
            i += 3;
        }
        copy[used++] = c;
    }
    return (struct onus_str){copy, used};
}

static bool is_masked(struct onus_str ts)
{
    for (size_t i = 0; i < ts.len; i++) {
        if (ts.ptr[i] != 'X' && ts.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

static bool set_time(struct onus_event *event, struct onus_str ts)
{
    if (onus_sensor_time_epoch(event, ts) || onus_sensor_time_iso(event, ts)) {
        return true;
    }
    if (!is_masked(ts)) {
        return false;
    }
    onus_sensor_no_time(event);
    return true;
}

static bool is(struct onus_str text, const char *word)
{
    return onus_str_eq(text, onus_str_of(word));
}

static bool is_any(struct onus_str text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        if (is(text, words[i])) {
            return true;
        }
    }
    return false;
}

static enum onus_line_verdict conn_event(const struct onus_zeek_row *row, struct onus_event *out)
{
    static const char *const completed[] = {"SF", "S1", "S2", "S3", "RSTO", "RSTR", NULL};
    static const char *const refused[] = {"S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR", NULL};
    struct onus_str state = row->value[ONUS_ZEEK_CONN_STATE];
    out->kind = ONUS_EVENT_CONNECTION;
    out->rule = "conn";
    out->method = row->value[ONUS_ZEEK_PROTO];
    out->detail = state;
    out->service = ONUS_SERVICE_NETWORK;
    if (is_any(state, completed)) {
        out->outcome = ONUS_OUTCOME_SUCCEEDED;
        out->marks |= ONUS_MARK_HANDSHAKE;
    } else if (is_any(state, refused)) {
        out->outcome = ONUS_OUTCOME_FAILED;
        bool single = is(row->value[ONUS_ZEEK_ORIG_PKTS], "1") &&
                      is(row->value[ONUS_ZEEK_RESP_PKTS], "0");
        if (single) {
            out->marks |= ONUS_MARK_SPOOFABLE;
        }
    }
    return ONUS_LINE_PARSED;
}

/*
 * auth_success is Zeek's guess from the size of packets, and auth_attempts counts the one that got
 * in: the ones before it become an event of their own.
 */
static enum onus_line_verdict ssh_event(const struct onus_parse_context *context,
        const struct onus_zeek_row *row, struct onus_event *out)
{
    uint64_t tries = 0;
    struct onus_str success = row->value[ONUS_ZEEK_AUTH_SUCCESS];
    (void)onus_str_to_u64(row->value[ONUS_ZEEK_AUTH_ATTEMPTS], UINT32_MAX, &tries);
    out->kind = ONUS_EVENT_AUTH;
    out->rule = "ssh";
    out->service = ONUS_SERVICE_SSH;
    out->agent = row->value[ONUS_ZEEK_CLIENT];
    out->detail = ONUS_STR("heuristic by packet size");
    out->marks |= ONUS_MARK_HANDSHAKE;
    out->count = (uint32_t)tries;
    if (is(success, "T") || is(success, "true")) {
        out->outcome = ONUS_OUTCOME_SUCCEEDED;
        out->count = 1;
        struct onus_event *earlier =
                tries > 1 && context->more ? context->more(context->more_data) : NULL;
        if (earlier) {
            *earlier = *out;
            earlier->outcome = ONUS_OUTCOME_FAILED;
            earlier->count = (uint32_t)tries - 1;
        }
    } else if (is(success, "F") || is(success, "false")) {
        out->outcome = ONUS_OUTCOME_FAILED;
    } else {
        out->outcome = tries > 0 ? ONUS_OUTCOME_UNKNOWN : ONUS_OUTCOME_PROBED;
    }
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict http_event(const struct onus_parse_context *context,
        const struct onus_zeek_row *row, struct onus_event *out)
{
    uint64_t status = 0;
    (void)onus_str_to_u64(row->value[ONUS_ZEEK_STATUS_CODE], 999, &status);
    (void)onus_str_to_u64(row->value[ONUS_ZEEK_RESPONSE_BODY_LEN], UINT64_MAX, &out->bytes);
    out->kind = ONUS_EVENT_WEB;
    out->rule = "http";
    out->service = ONUS_SERVICE_HTTP;
    out->status = (uint16_t)status;
    out->method = row->value[ONUS_ZEEK_METHOD];
    out->target = row->value[ONUS_ZEEK_URI];
    out->host = row->value[ONUS_ZEEK_HOST];
    out->agent = row->value[ONUS_ZEEK_USER_AGENT];
    out->account = row->value[ONUS_ZEEK_USERNAME];
    out->has_account = out->account.len > 0;
    if (row->value[ONUS_ZEEK_VERSION].len > 0) {
        struct onus_str pieces[] = {ONUS_STR("HTTP/"), row->value[ONUS_ZEEK_VERSION]};
        out->detail = onus_sensor_join(context->arena, pieces, ONUS_COUNT(pieces));
    }
    out->marks |= ONUS_MARK_HANDSHAKE;
    onus_web_inspect(context->web, out);
    return ONUS_LINE_PARSED;
}

struct notice_row {
    const char *begins;
    uint8_t finding;
};

/* Notice types that are about somebody's doing; all others are about state, and are ignored. */
static const struct notice_row notices[] = {
        {"SSH::Password_Guessing", ONUS_FINDING_PASSWORD_GUESSING},
        {"SSH::Login_By_Password_Guesser", ONUS_FINDING_PASSWORD_GUESSING},
        {"FTP::Bruteforcing", ONUS_FINDING_PASSWORD_GUESSING},
        {"Scan::", ONUS_FINDING_PORT_SCAN},
        {"ICMP::ICMPAddressScan", ONUS_FINDING_PORT_SCAN},
        {"ICMP::ICMPTimestampScan", ONUS_FINDING_PORT_SCAN},
        {"HTTP::SQL_Injection_Attacker", ONUS_FINDING_SQL_INJECTION},
        {"Heartbleed::", ONUS_FINDING_KNOWN_EXPLOIT},
        {"TeamCymruMalwareHashRegistry::Match", ONUS_FINDING_MALWARE},
        {"Signatures::", ONUS_FINDING_IDS_ALERT},
        {"Intel::Notice", ONUS_FINDING_IDS_ALERT},
};

static enum onus_line_verdict notice_event(const struct onus_zeek_row *row, struct onus_event *out)
{
    struct onus_str note = row->value[ONUS_ZEEK_NOTE];
    if (!out->has_source) {
        onus_sensor_source(out, row->value[ONUS_ZEEK_SRC]);
    }
    if (!out->has_dest) {
        onus_sensor_dest(out, row->value[ONUS_ZEEK_DST]);
    }
    if (out->dest_port == 0) {
        out->dest_port = onus_sensor_port(row->value[ONUS_ZEEK_P]);
    }
    for (size_t i = 0; i < ONUS_COUNT(notices); i++) {
        if (onus_str_begins(note, onus_str_of(notices[i].begins))) {
            out->kind = ONUS_EVENT_ALERT;
            out->rule = "notice";
            out->findings = ONUS_FINDING_BIT(notices[i].finding);
            out->target = note;
            out->detail = row->value[ONUS_ZEEK_MSG];
            if (onus_str_begins(note, ONUS_STR("SSH::"))) {
                out->service = ONUS_SERVICE_SSH;
            } else if (onus_str_begins(note, ONUS_STR("FTP::"))) {
                out->service = ONUS_SERVICE_FTP;
            }
            return ONUS_LINE_PARSED;
        }
    }
    return ONUS_LINE_IGNORED;
}

/* A login shows as PASS with its reply; `password` and `arg` of PASS are never read. */
static enum onus_line_verdict ftp_event(const struct onus_zeek_row *row, struct onus_event *out)
{
    struct onus_str command = row->value[ONUS_ZEEK_COMMAND];
    struct onus_str reply = row->value[ONUS_ZEEK_REPLY_CODE];
    out->service = ONUS_SERVICE_FTP;
    out->account = row->value[ONUS_ZEEK_USER];
    out->has_account = out->account.len > 0 && !is(out->account, "<unknown>");
    out->rule = "ftp";
    out->marks |= ONUS_MARK_HANDSHAKE;
    if (is(command, "PASS") && (is(reply, "530") || is(reply, "230"))) {
        out->kind = ONUS_EVENT_AUTH;
        out->method = ONUS_STR("password");
        out->outcome = is(reply, "230") ? ONUS_OUTCOME_SUCCEEDED : ONUS_OUTCOME_FAILED;
        return ONUS_LINE_PARSED;
    }
    return ONUS_LINE_IGNORED;
}

enum onus_line_verdict onus_zeek_event(const struct onus_parse_context *context,
        const struct onus_zeek_row *row, struct onus_event *out)
{
    if (!set_time(out, row->value[ONUS_ZEEK_TS])) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("zeek");
    out->session = onus_sensor_session(ONUS_STR("zeek"), row->value[ONUS_ZEEK_UID]);
    onus_sensor_source(out, row->value[ONUS_ZEEK_ORIG_H]);
    onus_sensor_dest(out, row->value[ONUS_ZEEK_RESP_H]);
    out->source_port = onus_sensor_port(row->value[ONUS_ZEEK_ORIG_P]);
    out->dest_port = onus_sensor_port(row->value[ONUS_ZEEK_RESP_P]);
    if (is(row->path, "notice")) {
        return notice_event(row, out);
    }
    if (!out->has_source) {
        return ONUS_LINE_IGNORED;
    }
    if (is(row->path, "conn")) {
        return conn_event(row, out);
    }
    if (is(row->path, "ssh")) {
        return ssh_event(context, row, out);
    }
    if (is(row->path, "http")) {
        return http_event(context, row, out);
    }
    if (is(row->path, "ftp")) {
        return ftp_event(row, out);
    }
    return ONUS_LINE_IGNORED;
}

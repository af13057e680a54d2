/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek logs as JSON: one object a line, Zeek's field names as literal keys ("id.orig_h"), unset
 * fields left out. Which log a line comes from is said by `_path` where a site adds it; otherwise it
 * is told by the members only that log has.
 */
#include "base/str.h"
#include "text/json_scan.h"
#include "trace/sensor.h"
#include "trace/zeek.h"

/* Beside the fields of Zeek's logs: other spellings, and what tells logs apart. */
enum extra {
    PATH = ONUS_ZEEK_FIELDS,
    STREAM,
    FLAT_ORIG_H,
    FLAT_ORIG_P,
    FLAT_RESP_H,
    FLAT_RESP_P,
    UIDS,
    FUID,
    CONN_UIDS,
    CERTIFICATE_VERSION,
    PEER,
    ID,
    SOFTWARE_TYPE,
    ORIG_HW,
    TRANS_ID,
    TRANS_DEPTH,
    ANALYZER,
    FACILITY,
    NAME,
    TUNNEL_TYPE,
    KEY_COUNT
};

static const char *const extra_names[KEY_COUNT - ONUS_ZEEK_FIELDS] = {
        [PATH - ONUS_ZEEK_FIELDS] = "_path",
        [STREAM - ONUS_ZEEK_FIELDS] = "@stream",
        [FLAT_ORIG_H - ONUS_ZEEK_FIELDS] = "id_orig_h",
        [FLAT_ORIG_P - ONUS_ZEEK_FIELDS] = "id_orig_p",
        [FLAT_RESP_H - ONUS_ZEEK_FIELDS] = "id_resp_h",
        [FLAT_RESP_P - ONUS_ZEEK_FIELDS] = "id_resp_p",
        [UIDS - ONUS_ZEEK_FIELDS] = "uids",
        [FUID - ONUS_ZEEK_FIELDS] = "fuid",
        [CONN_UIDS - ONUS_ZEEK_FIELDS] = "conn_uids",
        [CERTIFICATE_VERSION - ONUS_ZEEK_FIELDS] = "certificate.version",
        [PEER - ONUS_ZEEK_FIELDS] = "peer",
        [ID - ONUS_ZEEK_FIELDS] = "id",
        [SOFTWARE_TYPE - ONUS_ZEEK_FIELDS] = "software_type",
        [ORIG_HW - ONUS_ZEEK_FIELDS] = "orig_hw",
        [TRANS_ID - ONUS_ZEEK_FIELDS] = "trans_id",
        [TRANS_DEPTH - ONUS_ZEEK_FIELDS] = "trans_depth",
        [ANALYZER - ONUS_ZEEK_FIELDS] = "analyzer",
        [FACILITY - ONUS_ZEEK_FIELDS] = "facility",
        [NAME - ONUS_ZEEK_FIELDS] = "name",
        [TUNNEL_TYPE - ONUS_ZEEK_FIELDS] = "tunnel_type",
};

static bool has(const struct onus_str *value, int key)
{
    return value[key].len > 0;
}

/* A line of Zeek's has `ts` and one of the names that tie its logs together. */
static bool is_zeek(const struct onus_str *value)
{
    static const uint8_t ties[] = {PATH, STREAM, ONUS_ZEEK_UID, ONUS_ZEEK_ORIG_H, FLAT_ORIG_H, UIDS,
            FUID, CONN_UIDS, CERTIFICATE_VERSION, PEER, ONUS_ZEEK_NOTE, ID, SOFTWARE_TYPE, ORIG_HW};
    if (!has(value, ONUS_ZEEK_TS)) {
        return false;
    }
    for (size_t i = 0; i < ONUS_COUNT(ties); i++) {
        if (has(value, ties[i])) {
            return true;
        }
    }
    return false;
}

static struct onus_str guess_path(const struct onus_str *value)
{
    if (has(value, ONUS_ZEEK_NOTE)) {
        return ONUS_STR("notice");
    }
    if (has(value, ONUS_ZEEK_AUTH_ATTEMPTS) || has(value, ONUS_ZEEK_AUTH_SUCCESS)) {
        return ONUS_STR("ssh");
    }
    if (has(value, TRANS_DEPTH) && (has(value, ONUS_ZEEK_URI) || has(value, ONUS_ZEEK_METHOD) ||
                                           has(value, ONUS_ZEEK_STATUS_CODE))) {
        return ONUS_STR("http");
    }
    if (has(value, ONUS_ZEEK_COMMAND) && has(value, ONUS_ZEEK_REPLY_CODE)) {
        return ONUS_STR("ftp");
    }
    static const uint8_t others[] = {TRANS_ID, ANALYZER, FACILITY, NAME, TUNNEL_TYPE, FUID};
    for (size_t i = 0; i < ONUS_COUNT(others); i++) {
        if (has(value, others[i])) {
            return ONUS_STR_NONE;
        }
    }
    bool conn = has(value, ONUS_ZEEK_CONN_STATE) ||
                (has(value, ONUS_ZEEK_PROTO) && has(value, ONUS_ZEEK_UID));
    return conn ? ONUS_STR("conn") : ONUS_STR_NONE;
}

/* Numbers, true and false as they stand; strings with JSON's escapes and then Zeek's undone. */
static struct onus_str decode(const struct onus_parse_context *context, struct onus_str value)
{
    switch (onus_json_kind(value)) {
    case ONUS_JSON_STRING:
        return onus_zeek_unescape(context->arena, onus_json_value_text(value, context->arena));
    case ONUS_JSON_NUMBER:
    case ONUS_JSON_BOOL:
        return value;
    case ONUS_JSON_NONE:
    case ONUS_JSON_NULL:
    case ONUS_JSON_ARRAY:
    case ONUS_JSON_OBJECT:
        break;
    }
    return ONUS_STR_NONE;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    if (line.len == 0 || line.ptr[0] != '{' || !onus_str_has(line, ONUS_STR("\"ts\""))) {
        return ONUS_LINE_UNPARSED;
    }
    const char *keys[KEY_COUNT];
    struct onus_str value[KEY_COUNT];
    memcpy(keys, onus_zeek_names, sizeof(onus_zeek_names));
    memcpy(keys + ONUS_ZEEK_FIELDS, extra_names, sizeof(extra_names));
    if (!onus_json_pick(line, keys, value, KEY_COUNT) || !is_zeek(value)) {
        return ONUS_LINE_UNPARSED;
    }
    for (int i = 0; i < 4; i++) {
        if (!has(value, ONUS_ZEEK_ORIG_H + i)) {
            value[ONUS_ZEEK_ORIG_H + i] = value[FLAT_ORIG_H + i];
        }
    }
    struct onus_zeek_row row = {.path = decode(context, value[has(value, PATH) ? PATH : STREAM])};
    if (row.path.len == 0) {
        row.path = guess_path(value);
    }
    for (size_t i = 0; i < ONUS_ZEEK_FIELDS; i++) {
        row.value[i] = decode(context, value[i]);
    }
    if (row.value[ONUS_ZEEK_TS].len == 0) {
        return ONUS_LINE_UNPARSED;
    }
    return onus_zeek_event(context, &row, out);
}

const struct onus_format onus_format_zeek_json = {
        .name = "zeek-json",
        .title = "Zeek logs, JSON",
        .traits = ONUS_FORMAT_UTC,
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "event_json.h"

#include "base/str.h"

/* A value of structured data: a backslash escapes '"', '\' and ']' (RFC 5424, 6.3.3). */
static void add_value(struct onus_json *json, struct onus_str value)
{
    onus_json_str_open(json);
    while (value.len > 0) {
        bool escaped = value.len > 1 && value.ptr[0] == '\\' && strchr("\"\\]", value.ptr[1]);
        size_t from = escaped ? 1 : 0;
        onus_json_str_part(json, onus_str_sub(value, from, 1));
        value = onus_str_from(value, from + 1);
    }
    onus_json_str_close(json);
}

/* A key taken from the input; the writer wants terminated text. */
static void add_key(struct onus_json *json, struct onus_str name)
{
    char key[64];
    size_t len = name.len < sizeof(key) - 1 ? name.len : sizeof(key) - 1;
    memcpy(key, name.ptr, len);
    key[len] = '\0';
    onus_json_key(json, key);
}

/* [id name="value" ...] of data that the parser has accepted; ends at the first oddity. */
static bool add_element(struct onus_json *json, struct onus_str *s)
{
    if (!onus_str_skip(s, ONUS_STR("["))) {
        return false;
    }
    size_t end = 0;
    while (end < s->len && s->ptr[end] != ' ' && s->ptr[end] != ']') {
        end++;
    }
    add_key(json, onus_str_sub(*s, 0, end));
    *s = onus_str_from(*s, end);
    onus_json_object(json);
    struct onus_str name = ONUS_STR_NONE;
    while (onus_str_skip(s, ONUS_STR(" ")) && onus_str_cut_text(s, ONUS_STR("=\""), &name)) {
        size_t at = 0;
        while (at < s->len && s->ptr[at] != '"') {
            at += s->ptr[at] == '\\' ? 2 : 1;
        }
        add_key(json, name);
        add_value(json, onus_str_sub(*s, 0, at));
        *s = onus_str_from(*s, at + 1);
    }
    onus_json_object_end(json);
    return onus_str_skip(s, ONUS_STR("]"));
}

static void add_priority(struct onus_json *json, const struct onus_envelope *envelope)
{
    if (envelope->has_priority) {
        onus_json_key_u64(json, "pri", envelope->priority);
        onus_json_key_u64(json, "facility", envelope->priority / 8u);
        onus_json_key_u64(json, "severity", envelope->priority % 8u);
    }
}

/* " HTTP/1.1" stands behind the target on the line. */
struct onus_str onus_event_http_version(struct onus_str line, const struct onus_event *event)
{
    bool inside = event->kind == ONUS_EVENT_WEB && event->target.ptr >= line.ptr &&
                  event->target.ptr && event->target.ptr + event->target.len <= line.ptr + line.len;
    if (!inside) {
        return ONUS_STR_NONE;
    }
    struct onus_str rest =
            onus_str_from(line, (size_t)(event->target.ptr - line.ptr) + event->target.len);
    if (!onus_str_begins(rest, ONUS_STR(" HTTP/"))) {
        return ONUS_STR_NONE;
    }
    rest = onus_str_from(rest, 1);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '"' && rest.ptr[end] != ' ') {
        end++;
    }
    return onus_str_sub(rest, 0, end);
}

void onus_envelope_json(struct onus_json *json, struct onus_str line,
        const struct onus_envelope *envelope, const struct onus_event *event)
{
    static const struct onus_envelope nothing = {0};
    envelope = envelope ? envelope : &nothing;
    onus_json_object(json);
    add_priority(json, envelope);
    uint64_t pid = 0;
    if (onus_str_to_u64(envelope->process_id, UINT32_MAX, &pid)) {
        onus_json_key_u64(json, "pid", pid);
    }
    if (envelope->process_id.len > 0) {
        onus_json_key_str(json, "procid", envelope->process_id);
    }
    if (envelope->message_id.len > 0) {
        onus_json_key_str(json, "msgid", envelope->message_id);
    }
    if (envelope->structured.len > 0) {
        struct onus_str rest = envelope->structured;
        onus_json_key(json, "sd");
        onus_json_object(json);
        while (rest.len > 0 && add_element(json, &rest)) {
        }
        onus_json_object_end(json);
    }
    if (envelope->message.ptr) {
        onus_json_key_str(json, "msg", envelope->message);
    }
    struct onus_str version = event ? onus_event_http_version(line, event) : ONUS_STR_NONE;
    if (version.len > 0) {
        onus_json_key_str(json, "version", version);
    }
    onus_json_object_end(json);
}

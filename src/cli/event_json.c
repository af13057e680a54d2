/* SPDX-License-Identifier: Apache-2.0 */
#include "event_json.h"

#include "trace/findings.h"

static const char *word(const char *const *words, size_t count, size_t index)
{
    return index < count && words[index] ? words[index] : "unknown";
}

const char *onus_event_kind_name(enum onus_event_kind kind)
{
    static const char *const words[] = {"other", "auth", "web", "connection", "alert", "activity",
            "repeat"};
    return word(words, ONUS_COUNT(words), (size_t)kind);
}

const char *onus_outcome_name(enum onus_outcome outcome)
{
    static const char *const words[] = {"unknown", "failed", "succeeded", "no-account", "partial",
            "probed"};
    return word(words, ONUS_COUNT(words), (size_t)outcome);
}

const char *onus_role_name(enum onus_role role)
{
    static const char *const words[] = {"attempt", "account", "stack", "close", NULL, NULL, NULL,
            "summary"};
    return word(words, ONUS_COUNT(words), (size_t)role);
}

static void add_time(struct onus_json *json, const struct onus_event *event)
{
    if (event->time == ONUS_TIME_NONE) {
        onus_json_key_null(json, "time");
        return;
    }
    char text[ONUS_TIME_TEXT];
    (void)onus_time_format(event->time, text);
    onus_json_key_text(json, "time", text);
    onus_json_key_bool(json, "zone_stated", !(event->marks & ONUS_MARK_NO_ZONE));
    onus_json_key_bool(json, "year_stated", !(event->marks & ONUS_MARK_NO_YEAR));
}

static void add_address(struct onus_json *json, const char *key, bool has,
        const struct onus_address *address)
{
    if (!has) {
        onus_json_key_null(json, key);
        return;
    }
    char text[ONUS_ADDRESS_TEXT];
    (void)onus_address_format(address, text);
    onus_json_key_text(json, key, text);
}

static void add_findings(struct onus_json *json, onus_findings findings)
{
    onus_json_key(json, "findings");
    onus_json_array(json);
    for (unsigned bit = 0; bit < ONUS_FINDING_MAX; bit++) {
        if (findings & ONUS_FINDING_BIT(bit)) {
            onus_json_text(json, onus_finding_name((enum onus_finding)bit));
        }
    }
    onus_json_array_end(json);
}

static void add_marks(struct onus_json *json, uint16_t marks)
{
    static const struct {
        uint16_t bit;
        const char *name;
    } names[] = {
            {ONUS_MARK_HANDSHAKE, "handshake"},
            {ONUS_MARK_SPOOFABLE, "spoofable"},
            {ONUS_MARK_CLAIMED, "claimed"},
            {ONUS_MARK_BAD_REQUEST, "bad-request"},
            {ONUS_MARK_STATIC, "static"},
            {ONUS_MARK_REVERSE_MISMATCH, "reverse-mismatch"},
            {ONUS_MARK_JOINED, "source-of-session"},
    };
    onus_json_key(json, "marks");
    onus_json_array(json);
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        if (marks & names[i].bit) {
            onus_json_text(json, names[i].name);
        }
    }
    onus_json_array_end(json);
}

void onus_event_json(struct onus_json *json, const struct onus_event *event)
{
    onus_json_object(json);
    onus_json_key_text(json, "kind", onus_event_kind_name(event->kind));
    onus_json_key_text(json, "outcome", onus_outcome_name(event->outcome));
    onus_json_key_text(json, "role", onus_role_name(event->role));
    onus_json_key_text(json, "service", onus_service_name(event->service));
    add_time(json, event);
    add_address(json, "source", event->has_source, &event->source);
    onus_json_key_str_or_null(json, "source_name", event->source_name);
    onus_json_key_u64(json, "source_port", event->source_port);
    add_address(json, "dest", event->has_dest, &event->dest);
    onus_json_key_u64(json, "dest_port", event->dest_port);
    if (event->has_account) {
        onus_json_key_str(json, "account", event->account);
    } else {
        onus_json_key_null(json, "account");
    }
    onus_json_key_str_or_null(json, "method", event->method);
    onus_json_key_str_or_null(json, "target", event->target);
    onus_json_key_u64(json, "status", event->status);
    onus_json_key_u64(json, "bytes", event->bytes);
    onus_json_key_str_or_null(json, "agent", event->agent);
    onus_json_key_str_or_null(json, "host", event->host);
    onus_json_key_str_or_null(json, "program", event->program);
    onus_json_key_str_or_null(json, "detail", event->detail);
    add_findings(json, event->findings);
    add_marks(json, event->marks);
    onus_json_key_u64(json, "count", onus_event_tries(event));
    onus_json_key_bool(json, "session", event->session != 0);
    onus_json_object_end(json);
}

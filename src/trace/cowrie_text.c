/* SPDX-License-Identifier: Apache-2.0 */
#include "cowrie_text.h"

#include "base/str.h"
#include "trace/sensor.h"

/* "198.51.100.7:47630 (203.0.113.5:2222) [session: 3e5a9212b91f]" */
static enum onus_line_verdict connection(struct onus_str rest, struct onus_event *event)
{
    struct onus_str peer;
    struct onus_str session;
    if (!onus_str_cut_text(&rest, ONUS_STR(" ("), &peer) ||
            !onus_str_cut_text(&rest, ONUS_STR(") [session: "), &session) ||
            !onus_str_drop(&rest, ONUS_STR("]"))) {
        return ONUS_LINE_UNPARSED;
    }
    onus_sensor_source_port(event, peer);
    event->kind = ONUS_EVENT_AUTH;
    event->outcome = ONUS_OUTCOME_PROBED;
    event->role = ONUS_ROLE_CLOSE;
    event->rule = "New connection";
    event->session = onus_sensor_session(event->host, rest);
    return event->has_source ? ONUS_LINE_PARSED : ONUS_LINE_UNPARSED;
}

/* "root/123456] failed", or with Python's marks "b'root'/b'123456'] failed" */
static enum onus_line_verdict login(struct onus_str rest, struct onus_str origin,
        struct onus_event *event)
{
    struct onus_str user;
    bool failed = onus_str_ends(rest, ONUS_STR("] failed"));
    bool marked = onus_str_skip(&rest, ONUS_STR("b'"));
    if ((!failed && !onus_str_ends(rest, ONUS_STR("] succeeded"))) ||
            !(marked ? onus_str_cut_text(&rest, ONUS_STR("'/b'"), &user)
                     : onus_str_cut(&rest, '/', &user))) {
        return ONUS_LINE_UNPARSED;
    }
    size_t comma = onus_str_rfind_char(origin, ',');
    onus_sensor_source(event,
            comma == ONUS_STR_NPOS ? ONUS_STR_NONE : onus_str_from(origin, comma + 1));
    event->kind = ONUS_EVENT_AUTH;
    event->outcome = failed ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_SUCCEEDED;
    event->role = ONUS_ROLE_ATTEMPT;
    event->rule = "login attempt";
    event->method = ONUS_STR("password");
    event->account = user;
    event->has_account = true;
    event->session = onus_sensor_session(event->host, origin);
    return event->has_source ? ONUS_LINE_PARSED : ONUS_LINE_UNPARSED;
}

enum onus_line_verdict onus_cowrie_text(struct onus_str line, struct onus_event *event)
{
    struct onus_str rest = line;
    struct onus_str origin;
    struct onus_moment moment;
    if (!onus_time_take_iso(&rest, &moment) || !onus_str_skip(&rest, ONUS_STR(" [")) ||
            !onus_str_cut_text(&rest, ONUS_STR("] "), &origin)) {
        return ONUS_LINE_UNPARSED;
    }
    if (event->time_text.len == 0) {
        event->time = moment.usec;
        event->time_text = onus_str_sub(line, 0, onus_str_find(line, ONUS_STR(" [")));
        event->marks |= moment.has_zone ? 0u : ONUS_MARK_NO_ZONE;
    }
    event->service =
            onus_str_has(origin, ONUS_STR("elnet")) ? ONUS_SERVICE_TELNET : ONUS_SERVICE_SSH;
    event->marks |= ONUS_MARK_HANDSHAKE;
    if (onus_str_skip(&rest, ONUS_STR("New connection: "))) {
        return connection(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("login attempt ["))) {
        return login(rest, origin, event);
    }
    return ONUS_LINE_IGNORED;
}

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("cowrie"));
}

static enum onus_line_verdict parse_message(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    enum onus_line_verdict verdict = onus_cowrie_text(message, event);
    bool counted = onus_str_has(message, ONUS_STR("] New connection: ")) ||
                   onus_str_has(message, ONUS_STR("] login attempt ["));
    return verdict == ONUS_LINE_UNPARSED && !counted ? ONUS_LINE_IGNORED : verdict;
}

const struct onus_message_parser onus_message_cowrie = {
        .name = "cowrie",
        .takes = takes,
        .parse = parse_message,
};

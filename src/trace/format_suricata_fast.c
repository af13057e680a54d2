/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's and Snort's one-line alerts:
 *
 *   01/10/2026-03:11:02.123456  [**] [1:2034125:4] text [**] [Classification: class] [Priority: 1]
 *   {TCP} 198.51.100.7:36288 -> 203.0.113.5:80
 *
 * The addresses are read from the right, behind the last brace, so that no rule text can move them.
 */
#include "base/str.h"
#include "trace/format.h"
#include "trace/sensor.h"

/* "address:port"; IPv6 too: the port is behind the last colon. ICMP has type and code there. */
static bool take_end(struct onus_str text, bool ports, struct onus_address *address, uint16_t *port)
{
    size_t colon = onus_str_rfind_char(text, ':');
    if (colon == ONUS_STR_NPOS) {
        return onus_address_parse(text, address);
    }
    uint64_t value = 0;
    if (!onus_str_to_u64(onus_str_from(text, colon + 1), UINT16_MAX, &value)) {
        return false;
    }
    *port = ports ? (uint16_t)value : 0;
    return onus_address_parse(onus_str_sub(text, 0, colon), address);
}

static bool take_ends(struct onus_str text, struct onus_event *out)
{
    struct onus_str source;
    if (!onus_str_cut_text(&text, ONUS_STR(" -> "), &source)) {
        return false;
    }
    bool ports = !onus_str_begins(out->method, ONUS_STR("ICMP")) &&
                 !onus_str_begins(out->method, ONUS_STR("IPv6-ICMP"));
    out->source_text = source;
    out->has_source = take_end(source, ports, &out->source, &out->source_port);
    out->has_dest = take_end(text, ports, &out->dest, &out->dest_port);
    return out->has_source && out->has_dest;
}

static bool take_digits(struct onus_str *s)
{
    uint64_t ignored = 0;
    return onus_str_take_u64(s, &ignored);
}

/* "1:2034125:4" */
static bool is_rule_id(struct onus_str id)
{
    return take_digits(&id) && onus_str_skip(&id, ONUS_STR(":")) && take_digits(&id) &&
           onus_str_skip(&id, ONUS_STR(":")) && take_digits(&id) && id.len == 0;
}

static struct onus_str classification(struct onus_str tail)
{
    struct onus_str head;
    if (!onus_str_cut_text(&tail, ONUS_STR("[Classification: "), &head) ||
            !onus_str_cut(&tail, ']', &head)) {
        return ONUS_STR_NONE;
    }
    return head;
}

static bool take_time(struct onus_str *line, struct onus_event *out)
{
    struct onus_str start = *line;
    struct onus_moment moment;
    if (!onus_time_take_us(line, &moment)) {
        return false;
    }
    out->time = moment.usec;
    out->time_text = onus_str_sub(start, 0, start.len - line->len);
    out->marks |= ONUS_MARK_NO_ZONE;
    if (!moment.has_year) {
        out->marks |= ONUS_MARK_NO_YEAR;
    }
    return true;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    (void)context;
    struct onus_str rest = line;
    if (!take_time(&rest, out)) {
        return ONUS_LINE_UNPARSED;
    }
    rest = onus_str_trim(rest);
    bool dropped =
            onus_str_skip(&rest, ONUS_STR("[Drop] ")) || onus_str_skip(&rest, ONUS_STR("[wDrop] "));
    struct onus_str id;
    if (!onus_str_skip(&rest, ONUS_STR("[**] [")) ||
            !onus_str_cut_text(&rest, ONUS_STR("] "), &id) || !is_rule_id(id)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t mark = onus_str_rfind(rest, ONUS_STR(" [**]"));
    size_t brace = onus_str_rfind(rest, ONUS_STR("} "));
    if (mark == ONUS_STR_NPOS || brace == ONUS_STR_NPOS || brace < mark) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str tail = onus_str_sub(rest, mark, brace - mark);
    size_t open = onus_str_rfind_char(tail, '{');
    if (open == ONUS_STR_NPOS) {
        return ONUS_LINE_UNPARSED;
    }
    out->method = onus_str_from(tail, open + 1);
    if (!take_ends(onus_str_from(rest, brace + 2), out)) {
        return ONUS_LINE_UNPARSED;
    }
    out->kind = ONUS_EVENT_ALERT;
    out->outcome = dropped ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_UNKNOWN;
    out->rule = "alert";
    out->target = onus_str_sub(rest, 0, mark);
    out->detail = id;
    out->findings = onus_sensor_alert_findings(out->target, classification(tail));
    out->service = (uint8_t)onus_sensor_service(ONUS_STR_NONE, out->dest_port);
    return ONUS_LINE_PARSED;
}

const struct onus_format onus_format_suricata_fast = {
        .name = "suricata-fast",
        .title = "Suricata fast.log and Snort alert_fast",
        .parse = parse,
};

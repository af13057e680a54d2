/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/exim.h"

/* Exim's own main log, and the same text behind a syslog tag. */

/* "[1234] " */
static void skip_process_id(struct onus_str *s)
{
    struct onus_str rest = *s;
    uint64_t pid = 0;
    if (onus_str_skip(&rest, ONUS_STR("[")) && onus_str_take_u64(&rest, &pid) &&
            onus_str_skip(&rest, ONUS_STR("] "))) {
        *s = rest;
    }
}

/* "2026-01-10 03:11:02[.123][ +0100] [pid] TEXT" */
static enum onus_line_verdict parse_line(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    struct onus_str rest = line;
    struct onus_moment moment = {0};
    if (line.len < 20 || line.ptr[10] != ' ' || !onus_time_take_iso(&rest, &moment) ||
            onus_str_find_char(onus_str_sub(line, 0, line.len - rest.len), ',') != ONUS_STR_NPOS) {
        return ONUS_LINE_UNPARSED;
    }
    out->time = moment.usec;
    out->time_text = onus_str_sub(line, 0, line.len - rest.len);
    out->marks |= (uint16_t)(moment.has_zone ? 0 : ONUS_MARK_NO_ZONE);
    if (!onus_str_skip(&rest, ONUS_STR(" "))) {
        return ONUS_LINE_UNPARSED;
    }
    skip_process_id(&rest);
    out->program = ONUS_STR("exim");
    return onus_exim_parse(context, rest, out);
}

const struct onus_format onus_format_exim = {
        .name = "exim",
        .title = "Exim main log",
        .parse = parse_line,
};

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("exim")) || onus_str_eq(program, ONUS_STR("exim4"));
}

/* The time of the main log may stand in front of the text once more. */
static enum onus_line_verdict parse_message(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    struct onus_moment moment = {0};
    struct onus_str rest = message;
    if (onus_time_take_iso(&rest, &moment) && onus_str_skip(&rest, ONUS_STR(" "))) {
        message = rest;
    }
    skip_process_id(&message);
    event->session = 0; /* one process serves one connection, but the main log does not say which */
    enum onus_line_verdict verdict = onus_exim_parse(context, message, event);
    return verdict == ONUS_LINE_UNPARSED && event->source_text.len == 0 ? ONUS_LINE_IGNORED
                                                                        : verdict;
}

const struct onus_message_parser onus_message_exim = {
        .name = "exim",
        .takes = takes,
        .parse = parse_message,
};

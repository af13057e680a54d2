/* SPDX-License-Identifier: Apache-2.0 */
/* Access and error lines of nginx and Apache httpd that came through syslog or the journal. */
#include "base/str.h"
#include "trace/format_access.h"
#include "trace/format_httpd_error.h"
#include "trace/message.h"

extern const struct onus_message_parser onus_message_httpd;

static bool takes(struct onus_str program)
{
    static const char *const names[] = {"nginx", "httpd", "apache2", "apache"};
    program = onus_str_sub(program, 0, onus_str_find_char(program, '/')); /* "httpd/backend1" */
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        if (onus_str_eq(program, onus_str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* The line inside says more, except for the time when it has no zone of its own. */
static void merge(const struct onus_event *inner, struct onus_event *event)
{
    struct onus_event outer = *event;
    *event = *inner;
    event->ref = outer.ref;
    event->session = outer.session;
    event->program = outer.program;
    event->host = inner->host.len > 0 ? inner->host : outer.host;
    const unsigned time_marks = ONUS_MARK_NO_TIME | ONUS_MARK_NO_ZONE | ONUS_MARK_NO_YEAR;
    if (inner->marks & time_marks) {
        event->time = outer.time;
        event->time_text = outer.time_text;
        event->marks = (uint16_t)((inner->marks & ~time_marks) | (outer.marks & time_marks));
    }
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    typedef enum onus_line_verdict reader(const struct onus_parse_context *, struct onus_str,
            struct onus_event *);
    static reader *const readers[] = {onus_access_parse, onus_nginx_error_parse,
            onus_apache_error_parse};
    struct onus_str text = message;
    struct onus_str head = ONUS_STR_NONE;
    if (onus_str_cut_text(&text, ONUS_STR(" nginx: "), &head) && head.len < 64 &&
            onus_str_find_char(head, ' ') == ONUS_STR_NPOS) {
        message = text; /* "host nginx: " once more, as syslog: of nginx writes under a journal */
    }
    for (size_t i = 0; i < ONUS_COUNT(readers); i++) {
        struct onus_event inner = {0};
        enum onus_line_verdict verdict = readers[i](context, message, &inner);
        if (verdict != ONUS_LINE_UNPARSED) {
            merge(&inner, event);
            return verdict;
        }
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_message_parser onus_message_httpd = {
        .name = "httpd",
        .takes = takes,
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/format.h"
#include "trace/message_fields.h"

/*
 * vsftpd, through syslog ("[NAME] FAIL LOGIN: Client "HOST"") and in its own log file, which puts
 * "Fri Jan 19 12:20:33 2007 [pid 27202] " in front of the same text.
 *
 * NAME is free text, and so is the password of an anonymous log-in behind HOST. A refused log-in ends
 * with HOST (or a fixed sentence), so its mark is looked for from the end; a log-in that worked has the
 * name of an account, so its mark is the first.
 */

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("vsftpd"));
}

/* "HOST"" off the front; what follows the quote stays in *s. */
static bool take_client(struct onus_str *s, struct onus_event *event)
{
    struct onus_peer peer = {0};
    struct onus_str rest = *s;
    if (!onus_str_cut(&rest, '"', &peer.host) || !onus_message_set_source(event, &peer)) {
        return false;
    }
    *s = rest;
    return true;
}

static void set_name(struct onus_str text, struct onus_event *event)
{
    if (onus_str_skip(&text, ONUS_STR("["))) {
        onus_message_set_account(event, text);
    }
}

/* What may stand behind the client of a refused log-in. */
static bool is_refusal_end(struct onus_str text)
{
    return text.len == 0 ||
           onus_str_eq(text, ONUS_STR(", \"User is not in the allow user list.\"")) ||
           onus_str_eq(text, ONUS_STR(", \"Permission denied.\""));
}

static enum onus_line_verdict parse_text(struct onus_str text, struct onus_event *event)
{
    const struct onus_str failed = ONUS_STR("] FAIL LOGIN: Client \"");
    const struct onus_str worked = ONUS_STR("] OK LOGIN: Client \"");
    const struct onus_str refused = ONUS_STR("FTP response: Client \"");
    event->service = ONUS_SERVICE_FTP;
    event->marks |= ONUS_MARK_HANDSHAKE;
    onus_message_join(event, ONUS_STR_NONE, ONUS_STR("vsftpd")); /* its own log names no host */
    const struct onus_event before = *event;
    size_t at = onus_str_rfind(text, failed);
    struct onus_str rest = onus_str_from(text, at == ONUS_STR_NPOS ? text.len : at + failed.len);
    if (at != ONUS_STR_NPOS && take_client(&rest, event) && is_refusal_end(rest)) {
        set_name(onus_str_sub(text, 0, at), event);
        return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT, "FAIL LOGIN");
    }
    *event = before;
    at = onus_str_find(text, worked);
    if (at != ONUS_STR_NPOS) {
        rest = onus_str_from(text, at + worked.len);
        if (!take_client(&rest, event)) {
            return ONUS_LINE_UNPARSED;
        }
        set_name(onus_str_sub(text, 0, at), event);
        return onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT, "OK LOGIN");
    }
    struct onus_str name = ONUS_STR_NONE;
    rest = text;
    if (onus_str_begins(text, ONUS_STR("[")) && !onus_str_cut_text(&rest, ONUS_STR("] "), &name)) {
        return ONUS_LINE_IGNORED;
    }
    /* The same refusal seen as the answer that was sent. */
    if (onus_str_skip(&rest, refused) &&
            onus_str_ends(rest, ONUS_STR(", \"530 Permission denied.\"")) &&
            take_client(&rest, event)) {
        set_name(name, event);
        return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_CLOSE, "FTP response 530");
    }
    return ONUS_LINE_IGNORED;
}

static enum onus_line_verdict parse_message(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    return parse_text(message, event);
}

const struct onus_message_parser onus_message_vsftpd = {
        .name = "vsftpd",
        .takes = takes,
        .parse = parse_message,
};

/* "Fri Jan 19 12:20:33 2007 [pid 27202] ..." */
static enum onus_line_verdict parse_line(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    (void)context;
    struct onus_str rest = line;
    struct onus_moment moment = {0};
    uint64_t pid = 0;
    if (!onus_time_take_apache(&rest, &moment)) {
        return ONUS_LINE_UNPARSED;
    }
    out->time = moment.usec;
    out->time_text = onus_str_sub(line, 0, line.len - rest.len);
    out->marks |= ONUS_MARK_NO_ZONE;
    if (!onus_str_skip(&rest, ONUS_STR(" [pid ")) || !onus_str_take_u64(&rest, &pid) ||
            !onus_str_skip(&rest, ONUS_STR("] "))) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("vsftpd");
    return parse_text(rest, out);
}

const struct onus_format onus_format_vsftpd = {
        .name = "vsftpd",
        .title = "vsftpd's own log file",
        .parse = parse_line,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/message_fields.h"

/* ProFTPD and Pure-FTPd: both write the client in front of what it sent. */

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("proftpd")) || onus_str_eq(program, ONUS_STR("pure-ftpd"));
}

/* SERVER (NAME[ADDRESS])[:] [- ]TEXT */
static bool take_proftpd_client(struct onus_str *s, struct onus_event *event)
{
    struct onus_str rest = *s;
    struct onus_str server = ONUS_STR_NONE;
    struct onus_str name = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut_text(&rest, ONUS_STR(" ("), &server) || !onus_str_cut(&rest, '[', &name) ||
            onus_str_find_char(server, ' ') != ONUS_STR_NPOS ||
            onus_str_find_char(name, ' ') != ONUS_STR_NPOS ||
            !onus_str_cut(&rest, ']', &peer.host) || !onus_str_skip(&rest, ONUS_STR(")")) ||
            !onus_message_set_source(event, &peer)) {
        return false;
    }
    (void)onus_str_skip(&rest, ONUS_STR(":"));
    (void)onus_str_skip(&rest, ONUS_STR(" - "));
    *s = onus_str_trim(rest);
    return true;
}

/* USER NAME: no such user found ..., USER NAME (Login failed): WHY, USER NAME: Login successful. */
static enum onus_line_verdict parse_user(struct onus_str text, struct onus_event *event)
{
    static const struct {
        struct onus_str mark;
        enum onus_outcome outcome;
    } ends[] = {
            {{": no such user found from ", 26}, ONUS_OUTCOME_NO_ACCOUNT},
            {{" (Login failed): ", 17}, ONUS_OUTCOME_FAILED},
            {{": Login successful.", 19}, ONUS_OUTCOME_SUCCEEDED},
    };
    for (size_t i = 0; i < ONUS_COUNT(ends); i++) {
        size_t at = onus_str_rfind(text, ends[i].mark);
        if (at != ONUS_STR_NPOS) {
            onus_message_set_account(event, onus_str_sub(text, 0, at));
            event->detail = onus_str_from(text, at + 2);
            enum onus_outcome outcome = ends[i].outcome;
            if (onus_str_has(event->detail, ONUS_STR("No such user found"))) {
                outcome = ONUS_OUTCOME_NO_ACCOUNT;
            }
            return onus_message_auth(event, outcome, ONUS_ROLE_ATTEMPT, "USER NAME");
        }
    }
    return ONUS_LINE_IGNORED;
}

static enum onus_line_verdict parse_proftpd(struct onus_str text, struct onus_event *event)
{
    if (!take_proftpd_client(&text, event)) {
        return ONUS_LINE_IGNORED;
    }
    if (onus_str_skip(&text, ONUS_STR("USER "))) {
        return parse_user(text, event);
    }
    if (onus_str_begins_nocase(text, ONUS_STR("SECURITY VIOLATION: root login attempted"))) {
        onus_message_set_account(event, ONUS_STR("root"));
        return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT,
                "SECURITY VIOLATION");
    }
    if (onus_str_begins(text, ONUS_STR("Maximum login attempts"))) {
        return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_CLOSE,
                "Maximum login attempts");
    }
    return ONUS_LINE_IGNORED;
}

/* (NAME@HOST) [LEVEL] TEXT: NAME is "?" before the log-in. */
static enum onus_line_verdict parse_pure(struct onus_str text, struct onus_event *event)
{
    struct onus_str name;
    struct onus_str level = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_skip(&text, ONUS_STR("(?@"))) {
        return ONUS_LINE_IGNORED;
    }
    if (!onus_str_cut(&text, ')', &peer.host) ||
            !onus_str_cut_text(&text, ONUS_STR("] "), &level)) {
        return ONUS_LINE_UNPARSED;
    }
    bool failed = onus_str_skip(&text, ONUS_STR("Authentication failed for user ["));
    if (!failed || !onus_message_set_source(event, &peer)) {
        size_t at = onus_str_rfind(text, ONUS_STR(" is now logged in"));
        if (at == ONUS_STR_NPOS || !onus_message_set_source(event, &peer)) {
            return ONUS_LINE_IGNORED;
        }
        onus_message_set_account(event, onus_str_sub(text, 0, at));
        return onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT, "logged in");
    }
    name = onus_str_sub(text, 0, onus_str_rfind_char(text, ']'));
    onus_message_set_account(event, name);
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT,
            "Authentication failed");
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    event->service = ONUS_SERVICE_FTP;
    event->marks |= ONUS_MARK_HANDSHAKE;
    if (event->session == 0) {
        onus_message_join(event, event->host, event->program);
    }
    return onus_str_begins(event->program, ONUS_STR("pro")) ? parse_proftpd(message, event)
                                                            : parse_pure(message, event);
}

const struct onus_message_parser onus_message_ftpd = {
        .name = "ftpd",
        .takes = takes,
        .parse = parse,
};

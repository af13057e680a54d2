/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_fields.h"

/* Dropbear SSH. The address is written as "HOST:PORT", IPv6 without brackets: the last ':' splits. */

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("dropbear"));
}

static bool read_host_port(struct onus_str text, struct onus_peer *out)
{
    size_t colon = onus_str_rfind_char(text, ':');
    uint64_t port = 0;
    if (colon == ONUS_STR_NPOS ||
            !onus_str_to_u64(onus_str_from(text, colon + 1), UINT16_MAX, &port)) {
        return false;
    }
    *out = (struct onus_peer){.host = onus_str_sub(text, 0, colon), .port = (uint16_t)port};
    return true;
}

/* "... from HOST:PORT" at the end; the name before it is the remote side's. */
static bool drop_from(struct onus_str *s, struct onus_event *event)
{
    struct onus_peer peer = {0};
    size_t at = onus_str_rfind(*s, ONUS_STR(" from "));
    if (at == ONUS_STR_NPOS || !read_host_port(onus_str_from(*s, at + 6), &peer) ||
            !onus_message_set_source(event, &peer)) {
        return false;
    }
    *s = onus_str_sub(*s, 0, at);
    return true;
}

/* "'NAME'" */
static void set_quoted_account(struct onus_str text, struct onus_event *event)
{
    if (onus_str_skip(&text, ONUS_STR("'")) && onus_str_drop(&text, ONUS_STR("'"))) {
        onus_message_set_account(event, text);
    }
}

static enum onus_line_verdict parse_bad_password(struct onus_str rest, struct onus_event *event)
{
    if (!drop_from(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    set_quoted_account(rest, event);
    event->method = ONUS_STR("password");
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT, "Bad password attempt");
}

static enum onus_line_verdict parse_nonexistent(struct onus_str rest, struct onus_event *event)
{
    if (!drop_from(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_str_skip(&rest, ONUS_STR(" "))) {
        set_quoted_account(rest, event);
    }
    return onus_message_auth(event, ONUS_OUTCOME_NO_ACCOUNT, ONUS_ROLE_ATTEMPT,
            "Login attempt for nonexistent user");
}

/* "Password auth succeeded for 'NAME' from ...", "Pubkey auth succeeded for 'NAME' with ... from ..." */
static enum onus_line_verdict parse_succeeded(struct onus_str rest, struct onus_event *event,
        struct onus_str method)
{
    if (!drop_from(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t with = onus_str_find(rest, ONUS_STR("' with "));
    if (with != ONUS_STR_NPOS) {
        event->detail = onus_str_from(rest, with + 7);
        rest = onus_str_sub(rest, 0, with + 1);
    }
    set_quoted_account(rest, event);
    event->method = method;
    return onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT, "auth succeeded");
}

/* "(user 'NAME', N fails): " off the front: NAME is an existing account. */
static bool take_fails(struct onus_str *s, struct onus_event *event)
{
    struct onus_str rest = *s;
    struct onus_str name = ONUS_STR_NONE;
    uint64_t fails = 0;
    if (!onus_str_skip(&rest, ONUS_STR("(user '")) ||
            !onus_str_cut_text(&rest, ONUS_STR("', "), &name) ||
            !onus_str_take_u64(&rest, &fails) || !onus_str_skip(&rest, ONUS_STR(" fails)"))) {
        return false;
    }
    (void)onus_str_skip(&rest, ONUS_STR(": "));
    onus_message_set_account(event, name);
    event->count = fails > UINT32_MAX ? UINT32_MAX : (uint32_t)fails;
    *s = rest;
    return true;
}

/* Exit before auth[ from <HOST:PORT>][:] [(user 'NAME', N fails):] REASON */
static enum onus_line_verdict parse_exit(struct onus_str rest, struct onus_event *event)
{
    struct onus_str place = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (onus_str_skip(&rest, ONUS_STR(" from <"))) {
        if (!onus_str_cut(&rest, '>', &place) || !read_host_port(place, &peer) ||
                !onus_message_set_source(event, &peer)) {
            return ONUS_LINE_UNPARSED;
        }
    }
    (void)onus_str_skip(&rest, ONUS_STR(":"));
    (void)onus_str_skip(&rest, ONUS_STR(" "));
    bool named = take_fails(&rest, event);
    bool limit = onus_str_begins(rest, ONUS_STR("Max auth tries reached"));
    if (!event->has_source && (!limit || !drop_from(&rest, event))) {
        return onus_message_ignore(event, "Exit before auth");
    }
    event->detail = rest;
    bool failed = limit || (named && event->count > 0);
    return onus_message_auth(event, failed ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_PROBED,
            ONUS_ROLE_CLOSE, "Exit before auth");
}

/* "[825] Jul 10 23:53:52 " in front of a message, as dropbear writes to standard error. */
static void skip_own_prefix(struct onus_str *s)
{
    struct onus_str rest = *s;
    struct onus_str pid = ONUS_STR_NONE;
    struct onus_moment moment = {0};
    if (onus_str_skip(&rest, ONUS_STR("[")) && onus_str_cut(&rest, ']', &pid) &&
            onus_str_skip(&rest, ONUS_STR(" ")) && onus_time_take_syslog(&rest, &moment) &&
            onus_str_skip(&rest, ONUS_STR(" "))) {
        *s = rest;
    }
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    event->service = ONUS_SERVICE_SSH;
    event->marks |= ONUS_MARK_HANDSHAKE;
    skip_own_prefix(&message);
    struct onus_str rest = message;
    if (onus_str_skip(&rest, ONUS_STR("Bad password attempt for ")) ||
            onus_str_skip(&rest, ONUS_STR("bad password attempt for "))) {
        return parse_bad_password(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("Login attempt for nonexistent user")) ||
            onus_str_skip(&rest, ONUS_STR("login attempt for nonexistent user"))) {
        return parse_nonexistent(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("Exit before auth")) ||
            onus_str_skip(&rest, ONUS_STR("exit before auth"))) {
        return parse_exit(rest, event);
    }
    if (onus_str_skip(&rest, ONUS_STR("Password auth succeeded for ")) ||
            onus_str_skip(&rest, ONUS_STR("password auth succeeded for ")) ||
            onus_str_skip(&rest, ONUS_STR("PAM password auth succeeded for "))) {
        return parse_succeeded(rest, event, ONUS_STR("password"));
    }
    if (onus_str_skip(&rest, ONUS_STR("Pubkey auth succeeded for ")) ||
            onus_str_skip(&rest, ONUS_STR("pubkey auth succeeded for "))) {
        return parse_succeeded(rest, event, ONUS_STR("publickey"));
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_message_parser onus_message_dropbear = {
        .name = "dropbear",
        .takes = takes,
        .parse = parse,
};

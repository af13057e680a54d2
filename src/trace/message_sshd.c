/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/message_sshd.h"

#include "base/str.h"

/*
 * OpenSSH server, 3.x to 10.x. The user name is free text of the remote side and stands before the
 * address, so addresses are read from the end; extra text after the address is written for keys only.
 */

static bool takes(struct onus_str program)
{
    return onus_str_begins(program, ONUS_STR("sshd"));
}

/* " ssh2" or " ssh1" (" ssh" in very old versions) at the end. */
static void drop_protocol(struct onus_str *s)
{
    if (!onus_str_drop(s, ONUS_STR(" ssh2")) && !onus_str_drop(s, ONUS_STR(" ssh1"))) {
        (void)onus_str_drop(s, ONUS_STR(" ssh"));
    }
}

/* "... from HOST port N ssh2" at the end; *s keeps what is before " from ". */
static bool drop_from(struct onus_str *s, struct onus_peer *peer)
{
    struct onus_str rest = *s;
    drop_protocol(&rest);
    if (!onus_peer_drop(&rest, peer) || !onus_str_drop(&rest, ONUS_STR(" from"))) {
        return false;
    }
    *s = rest;
    return true;
}

/*
 * Old versions write no port. A line that was cut inside a name looks like one of those, so without a
 * port only an address will do, never a name.
 */
static bool is_believable(const struct onus_peer *peer)
{
    struct onus_address address;
    return peer->port != 0 || onus_address_parse(peer->host, &address);
}

/* Split at " ssh2: " or " ssh1: " whose left part ends in "from HOST port N". */
static bool split_extra(struct onus_str text, bool last, struct onus_str *head,
        struct onus_str *extra)
{
    struct onus_peer peer = {0};
    struct onus_str mark = ONUS_STR(" ssh2: ");
    size_t at = onus_str_find(text, mark);
    if (at == ONUS_STR_NPOS) {
        mark = ONUS_STR(" ssh1: ");
        at = onus_str_find(text, mark);
    }
    bool found = false;
    while (at != ONUS_STR_NPOS) {
        struct onus_str left = onus_str_sub(text, 0, at);
        if (drop_from(&left, &peer)) {
            *head = onus_str_sub(text, 0, at);
            *extra = onus_str_from(text, at + mark.len);
            found = true;
            if (!last) {
                return true;
            }
        }
        size_t next = onus_str_find(onus_str_from(text, at + 1), mark);
        at = next == ONUS_STR_NPOS ? next : at + 1 + next;
    }
    return found;
}

/*
 * METHOD for [invalid user ]USER from HOST port N ssh2[: EXTRA]
 *
 * The name of an existing account holds no " from HOST port N", so for those the first split counts
 * and nothing in EXTRA can move it; a name that was made up can, so there the last one does.
 */
struct login {
    struct onus_str method;
    struct onus_str user;
    struct onus_str extra;
    struct onus_peer peer;
    bool invalid;
};

static bool read_login(struct onus_str text, struct login *out)
{
    struct onus_str rest = text;
    if (!onus_str_cut(&rest, ' ', &out->method) || !onus_str_skip(&rest, ONUS_STR("for "))) {
        return false;
    }
    out->invalid = onus_str_skip(&rest, ONUS_STR("invalid user ")) ||
                   onus_str_skip(&rest, ONUS_STR("illegal user "));
    struct onus_str head = rest;
    bool plain = onus_str_ends(rest, ONUS_STR(" ssh2")) && drop_from(&head, &out->peer);
    if (!plain) {
        struct onus_str whole = rest;
        if (split_extra(whole, out->invalid, &rest, &out->extra)) {
            head = rest;
        }
        if (!drop_from(&head, &out->peer)) {
            return false;
        }
    }
    out->user = head;
    return is_believable(&out->peer);
}

static void set_login(const struct onus_sshd_message *m, const struct login *login,
        struct onus_event *event)
{
    (void)onus_message_set_source(event, &login->peer);
    onus_message_set_account(event, onus_message_unvis(m->context, login->user));
    event->method = login->method;
    event->detail = login->extra;
}

static bool is_placeholder(struct onus_str user)
{
    return onus_str_eq(user, ONUS_STR("<invalid username>"));
}

static enum onus_line_verdict parse_failed(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct login login = {0};
    if (!read_login(onus_str_from(m->text, sizeof("Failed ") - 1), &login)) {
        return ONUS_LINE_UNPARSED;
    }
    set_login(m, &login, event);
    bool unknown = login.invalid || is_placeholder(login.user);
    if (is_placeholder(login.user)) {
        event->has_account = false;
        event->account = ONUS_STR_NONE;
    }
    /* Clients offer every key they have: one that does not fit is not yet a failed try. */
    if (!unknown && onus_str_eq(login.method, ONUS_STR("publickey"))) {
        return onus_message_auth(event, ONUS_OUTCOME_UNKNOWN, ONUS_ROLE_SUMMARY,
                "Failed publickey");
    }
    return onus_message_auth(event, unknown ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED,
            ONUS_ROLE_ATTEMPT, "Failed METHOD");
}

static enum onus_line_verdict parse_accepted(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct login login = {0};
    struct onus_str rest = onus_str_from(m->text, sizeof("Accepted ") - 1);
    if (onus_str_begins(rest, ONUS_STR("certificate ID")) ||
            onus_str_begins(rest, ONUS_STR("key "))) {
        return onus_message_ignore(event, "Accepted key");
    }
    if (!read_login(rest, &login)) {
        return ONUS_LINE_UNPARSED;
    }
    set_login(m, &login, event);
    return onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT, "Accepted METHOD");
}

static enum onus_line_verdict parse_partial(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct login login = {0};
    if (!read_login(onus_str_from(m->text, sizeof("Partial ") - 1), &login)) {
        return ONUS_LINE_UNPARSED;
    }
    set_login(m, &login, event);
    return onus_message_auth(event, ONUS_OUTCOME_PARTIAL, ONUS_ROLE_ATTEMPT, "Partial METHOD");
}

/* Invalid user NAME from HOST port N */
static enum onus_line_verdict parse_invalid_user(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_peer peer = {0};
    struct onus_str rest = onus_str_from(m->text, sizeof("Invalid user") - 1);
    if (!drop_from(&rest, &peer) || !is_believable(&peer)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&rest, ONUS_STR(" "));
    (void)onus_message_set_source(event, &peer);
    onus_message_set_account(event, onus_message_unvis(m->context, rest));
    return onus_message_auth(event, ONUS_OUTCOME_NO_ACCOUNT, ONUS_ROLE_ACCOUNT, "Invalid user");
}

/* User NAME from HOST not allowed because REASON: the account exists, HOST may be a reverse name. */
static enum onus_line_verdict parse_not_allowed(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_str rest = onus_str_from(m->text, sizeof("User ") - 1);
    struct onus_str head = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut_text(&rest, ONUS_STR(" not allowed because "), &head)) {
        return onus_message_ignore(event, "User NAME ...");
    }
    event->detail = rest;
    /* "because account is locked" has no address: other lines of the session have it */
    if (drop_from(&head, &peer)) {
        (void)onus_message_set_source(event, &peer);
    }
    onus_message_set_account(event, head);
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ACCOUNT,
            "User NAME not allowed");
}

/* ROOT LOGIN REFUSED FROM HOST port N */
static enum onus_line_verdict parse_root_refused(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_str rest = onus_str_from(m->text, sizeof("ROOT LOGIN REFUSED FROM ") - 1);
    struct onus_peer peer = {0};
    if (!onus_peer_take(&rest, &peer) || !onus_message_set_source(event, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    onus_message_set_account(event, ONUS_STR("root"));
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ACCOUNT, "ROOT LOGIN REFUSED");
}

/*
 * PAM: WHY for [illegal user ]NAME from HOST[ via LOCAL]
 *
 * The same try may also have a "Failed" line and lines of the PAM stack. For an unknown name there is
 * always an "Invalid user" line, which already stands for it.
 */
static enum onus_line_verdict parse_pam_error(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_str rest = onus_str_trim(onus_str_from(m->text, sizeof("PAM: ") - 1));
    struct onus_str why = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut_text(&rest, ONUS_STR(" for "), &why)) {
        return onus_message_ignore(event, "PAM: notice");
    }
    bool illegal = onus_str_skip(&rest, ONUS_STR("illegal user "));
    if (!onus_peer_drop(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (onus_str_drop(&rest, ONUS_STR(" via")) && !onus_peer_drop(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    if (!onus_str_drop(&rest, ONUS_STR(" from"))) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_message_set_source(event, &peer);
    onus_message_set_account(event, onus_message_unvis(m->context, rest));
    event->method = ONUS_STR("keyboard-interactive/pam");
    event->detail = why;
    return onus_message_auth(event, illegal ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED,
            illegal ? ONUS_ROLE_SUMMARY : ONUS_ROLE_ACCOUNT, "error: PAM:");
}

/*
 * maximum authentication attempts exceeded for [invalid user ]NAME from HOST port N ssh2
 *
 * At least one try, however many of them have lines; as a closing line it never adds to those.
 */
static enum onus_line_verdict parse_maximum(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_str rest = m->text;
    struct onus_peer peer = {0};
    (void)onus_str_skip(&rest, ONUS_STR("maximum authentication attempts exceeded for "));
    bool invalid = onus_str_skip(&rest, ONUS_STR("invalid user "));
    if (!drop_from(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_message_set_source(event, &peer);
    onus_message_set_account(event, onus_message_unvis(m->context, rest));
    return onus_message_auth(event, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED,
            ONUS_ROLE_CLOSE, "maximum authentication attempts exceeded");
}

/* public key KEY signature for [invalid user ]NAME from HOST port N rejected: REASON */
static enum onus_line_verdict parse_key_signature(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_str rest = m->text;
    struct onus_str head = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    size_t at = onus_str_rfind(rest, ONUS_STR(" rejected: "));
    if (at == ONUS_STR_NPOS) {
        return onus_message_ignore(event, "public key");
    }
    event->detail = onus_str_from(rest, at + sizeof(" rejected: ") - 1);
    rest = onus_str_sub(rest, 0, at);
    if (!onus_str_cut_text(&rest, ONUS_STR(" signature for "), &head)) {
        return onus_message_ignore(event, "public key");
    }
    bool invalid = onus_str_skip(&rest, ONUS_STR("invalid user "));
    if (!drop_from(&rest, &peer)) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_message_set_source(event, &peer);
    onus_message_set_account(event, onus_message_unvis(m->context, rest));
    event->method = ONUS_STR("publickey");
    return onus_message_auth(event, invalid ? ONUS_OUTCOME_NO_ACCOUNT : ONUS_OUTCOME_FAILED,
            ONUS_ROLE_ATTEMPT, "public key signature rejected");
}

/* Authentication tried for NAME with correct key but not from a permitted host (host=H, ip=A...) */
static enum onus_line_verdict parse_host_not_permitted(const struct onus_sshd_message *m,
        struct onus_event *event)
{
    struct onus_str rest = onus_str_from(m->text, sizeof("Authentication tried for ") - 1);
    struct onus_str account = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut_text(&rest, ONUS_STR(" with correct key but not from a permitted host"),
                &account)) {
        return onus_message_ignore(event, "Authentication tried");
    }
    size_t at = onus_str_find(rest, ONUS_STR(", ip="));
    if (at == ONUS_STR_NPOS) {
        return ONUS_LINE_UNPARSED;
    }
    peer.host = onus_str_from(rest, at + 5);
    size_t end = 0;
    while (end < peer.host.len && peer.host.ptr[end] != ',' && peer.host.ptr[end] != ')') {
        end++;
    }
    peer.host.len = end;
    (void)onus_message_set_source(event, &peer);
    onus_message_set_account(event, account);
    event->method = ONUS_STR("publickey");
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ACCOUNT,
            "correct key but not from a permitted host");
}

/* "kernel: [  970.699397] " in front of a message, as some journal tools hand it on. */
static void skip_kernel_clock(struct onus_str *s)
{
    struct onus_str rest = *s;
    struct onus_str clock = ONUS_STR_NONE;
    if (!onus_str_skip(&rest, ONUS_STR("kernel:"))) {
        return;
    }
    (void)onus_str_skip(&rest, ONUS_STR(" "));
    if (onus_str_skip(&rest, ONUS_STR("[")) && onus_str_cut(&rest, ']', &clock) && clock.len < 20) {
        (void)onus_str_skip(&rest, ONUS_STR(":"));
        (void)onus_str_skip(&rest, ONUS_STR(" "));
        *s = rest;
    }
}

static void skip_level(struct onus_str *s)
{
    switch (s->len > 0 ? s->ptr[0] : '\0') {
    case 'e':
        (void)onus_str_skip(s, ONUS_STR("error: "));
        break;
    case 'f':
        (void)onus_str_skip(s, ONUS_STR("fatal: "));
        break;
    case 'i':
        (void)onus_str_skip(s, ONUS_STR("info: "));
        break;
    case 'k':
        skip_kernel_clock(s);
        break;
    default:
        break;
    }
}

typedef enum onus_line_verdict reader(const struct onus_sshd_message *m, struct onus_event *event);

struct form {
    struct onus_str prefix;
    reader *read;
};

/* Forms about log-ins; whatever is not here is about a connection or about nothing. */
static const struct form forms[] = {
        {{"Failed ", 7}, parse_failed},
        {{"Invalid user ", 13}, parse_invalid_user},
        {{"Illegal user ", 13}, parse_invalid_user},
        {{"Accepted ", 9}, parse_accepted},
        {{"User ", 5}, parse_not_allowed},
        {{"PAM: ", 5}, parse_pam_error},
        {{"maximum authentication attempts exceeded for ", 45}, parse_maximum},
        {{"Partial ", 8}, parse_partial},
        {{"ROOT LOGIN REFUSED FROM ", 24}, parse_root_refused},
        {{"public key ", 11}, parse_key_signature},
        {{"Authentication tried for ", 25}, parse_host_not_permitted},
};

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    struct onus_sshd_message m = {.context = context, .text = message};
    event->service = ONUS_SERVICE_SSH;
    event->marks |= ONUS_MARK_HANDSHAKE;
    skip_level(&m.text);
    while (m.text.len > 0 && m.text.ptr[m.text.len - 1] == ' ') {
        m.text.len--;
    }
    if (onus_str_ends(m.text, ONUS_STR("]"))) {
        m.preauth = onus_str_drop(&m.text, ONUS_STR(" [preauth]"));
        (void)onus_str_drop(&m.text, ONUS_STR(" [postauth]"));
    }
    if (m.text.len == 0) {
        return ONUS_LINE_IGNORED;
    }
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        if (m.text.ptr[0] == forms[i].prefix.ptr[0] && onus_str_begins(m.text, forms[i].prefix)) {
            return forms[i].read(&m, event);
        }
    }
    /* "PAM 2 more authentication failures" after "error: " */
    if (onus_message_is_pam(m.text)) {
        return onus_message_pam(context, m.text, event);
    }
    return onus_sshd_connection(&m, event);
}

const struct onus_message_parser onus_message_sshd = {
        .name = "sshd",
        .takes = takes,
        .parse = parse,
};

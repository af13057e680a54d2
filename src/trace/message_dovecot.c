/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_fields.h"

/*
 * Dovecot: its login processes sum up a connection when it ends ("auth failed, 3 attempts"), and its
 * auth processes write a line for each refused try. Both are about the same tries, so all lines of one
 * host and source are joined.
 *
 * The tried name is free text. Login lines write rip= behind it, so the last one counts; auth lines
 * write "DRIVER(NAME,ADDRESS): REASON" and may put the tried password behind, so there the place must
 * be the only one of its kind.
 */

static const struct {
    struct onus_str name;
    enum onus_service service;
} logins[] = {
        {{"imap-login", 10}, ONUS_SERVICE_IMAP},
        {{"pop3-login", 10}, ONUS_SERVICE_POP3},
        {{"managesieve-login", 17}, ONUS_SERVICE_SIEVE},
        {{"submission-login", 16}, ONUS_SERVICE_SMTP},
        {{"lmtp-login", 10}, ONUS_SERVICE_SMTP},
};

static bool is_auth(struct onus_str name)
{
    return onus_str_eq(name, ONUS_STR("auth")) || onus_str_eq(name, ONUS_STR("auth-worker"));
}

static enum onus_service login_service(struct onus_str name)
{
    for (size_t i = 0; i < ONUS_COUNT(logins); i++) {
        if (onus_str_eq(name, logins[i].name)) {
            return logins[i].service;
        }
    }
    return ONUS_SERVICE_UNKNOWN;
}

static bool takes(struct onus_str program)
{
    switch (program.len > 0 ? program.ptr[0] : '\0') {
    case 'd':
        return onus_str_eq(program, ONUS_STR("dovecot")) ||
               onus_str_eq(program, ONUS_STR("dovecot-auth"));
    case 'a':
        return is_auth(program);
    case 'i':
    case 'p':
    case 'm':
    case 's':
    case 'l':
        return login_service(program) != ONUS_SERVICE_UNKNOWN;
    default:
        return false;
    }
}

/* "KEY=<VALUE>" or "KEY=VALUE" up to the next ',' */
static bool read_value(struct onus_str text, struct onus_str key, struct onus_str *out)
{
    size_t at = onus_str_find(text, key);
    if (at == ONUS_STR_NPOS) {
        return false;
    }
    text = onus_str_from(text, at + key.len);
    *out = onus_str_sub(text, 0, onus_str_find_char(text, ','));
    return true;
}

/* "user=<NAME>, method=M, " before rip= */
static void set_user(const struct onus_parse_context *context, struct onus_str fields,
        struct onus_event *event)
{
    size_t method = onus_str_rfind(fields, ONUS_STR(">, method="));
    if (method != ONUS_STR_NPOS) {
        (void)read_value(onus_str_from(fields, method), ONUS_STR("method="), &event->method);
    }
    size_t end = method != ONUS_STR_NPOS ? method : onus_str_rfind_char(fields, '>');
    size_t at = onus_str_find(fields, ONUS_STR("user=<"));
    if (at != ONUS_STR_NPOS && end != ONUS_STR_NPOS && end > at + 6) {
        (void)context;
        onus_message_set_account(event, onus_str_sub(fields, at + 6, end - at - 6));
    }
}

/* Everything from user=<...> on: who, from where, to where. */
static bool read_connection(const struct onus_parse_context *context, struct onus_str text,
        struct onus_event *event)
{
    struct onus_peer peer = {0};
    struct onus_peer local = {0};
    size_t at = onus_str_rfind(text, ONUS_STR(" rip="));
    if (at == ONUS_STR_NPOS) {
        return false;
    }
    struct onus_str tail = onus_str_from(text, at);
    if (!read_value(tail, ONUS_STR(" rip="), &peer.host) ||
            !onus_message_set_source(event, &peer)) {
        return false;
    }
    if (read_value(tail, ONUS_STR(" lip="), &local.host)) {
        (void)onus_message_set_dest(event, &local);
    }
    set_user(context, onus_str_sub(text, 0, at), event);
    return true;
}

/* "3 attempts" off the front */
static uint32_t read_attempts(struct onus_str text)
{
    uint64_t count = 0;
    return onus_str_take_u64(&text, &count) && count <= UINT32_MAX ? (uint32_t)count : 1;
}

struct reason {
    struct onus_str text;
    enum onus_outcome outcome;
};

static const struct reason reasons[] = {
        {{"(auth failed, ", 14}, ONUS_OUTCOME_FAILED},
        {{"(proxy dest auth failed)", 24}, ONUS_OUTCOME_FAILED},
        {{"(tried to use dis", 17}, ONUS_OUTCOME_PROBED},
        {{"(no auth attempts", 17}, ONUS_OUTCOME_PROBED},
        {{"(client didn't finish SASL auth", 31}, ONUS_OUTCOME_PROBED},
        {{"(disconnected before auth was ready", 35}, ONUS_OUTCOME_PROBED},
        {{"(disconnected before greeting", 29}, ONUS_OUTCOME_PROBED},
        {{"(disconnected during TLS handshake", 34}, ONUS_OUTCOME_PROBED},
};

static enum onus_line_verdict parse_login(const struct onus_parse_context *context,
        struct onus_str text, struct onus_event *event)
{
    if (onus_str_begins(text, ONUS_STR("Login: "))) {
        return read_connection(context, text, event)
                       ? onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT,
                                 "Login")
                       : ONUS_LINE_UNPARSED;
    }
    size_t fields = onus_str_find(text, ONUS_STR("user=<"));
    if (fields == ONUS_STR_NPOS) {
        fields = onus_str_find(text, ONUS_STR(" rip="));
    }
    struct onus_str head = onus_str_sub(text, 0, fields);
    for (size_t i = 0; i < ONUS_COUNT(reasons); i++) {
        size_t at = onus_str_find(head, reasons[i].text);
        if (at == ONUS_STR_NPOS) {
            continue;
        }
        if (!read_connection(context, text, event)) {
            return fields == ONUS_STR_NPOS ? ONUS_LINE_IGNORED : ONUS_LINE_UNPARSED;
        }
        event->detail = onus_str_sub(head, at, head.len - at);
        bool failed = reasons[i].outcome == ONUS_OUTCOME_FAILED;
        if (i == 0) {
            event->count = read_attempts(onus_str_from(head, at + reasons[i].text.len));
        }
        return onus_message_auth(event, reasons[i].outcome,
                failed ? ONUS_ROLE_ATTEMPT : ONUS_ROLE_CLOSE, "login process");
    }
    return ONUS_LINE_IGNORED;
}

static const struct reason verdicts[] = {
        {{"unknown user", 12}, ONUS_OUTCOME_NO_ACCOUNT},
        {{"Password mismatch", 17}, ONUS_OUTCOME_FAILED},
        {{"password mismatch", 17}, ONUS_OUTCOME_FAILED},
        {{"invalid credentials", 19}, ONUS_OUTCOME_FAILED},
        {{"pam_authenticate() failed: ", 27}, ONUS_OUTCOME_FAILED},
};

static const struct reason *verdict_of(struct onus_str text)
{
    for (size_t i = 0; i < ONUS_COUNT(verdicts); i++) {
        if (onus_str_begins(text, verdicts[i].text)) {
            return &verdicts[i];
        }
    }
    return NULL;
}

/* NAME,ADDRESS[,<SESSION>][,...]: the address is the first field behind the name that is one. */
static bool read_group(struct onus_str group, struct onus_str *name, struct onus_peer *peer)
{
    struct onus_address address;
    for (size_t commas = 0; commas < 4; commas++) {
        size_t at = onus_str_rfind_char(group, ',');
        if (at == ONUS_STR_NPOS) {
            return false;
        }
        struct onus_str field = onus_str_from(group, at + 1);
        group = onus_str_sub(group, 0, at);
        if (onus_address_parse(field, &address)) {
            peer->host = field;
            *name = group;
            return true;
        }
    }
    return false;
}

/* Up to "DRIVER: " of "): [Info: ]DRIVER: REASON" in the form of 2.4. */
static struct onus_str skip_words(struct onus_str text)
{
    struct onus_str word = ONUS_STR_NONE;
    for (size_t i = 0; i < 3 && !verdict_of(text); i++) {
        struct onus_str rest = text;
        if (!onus_str_cut_text(&rest, ONUS_STR(": "), &word) || word.len > 16) {
            break;
        }
        text = rest;
    }
    return text;
}

/*
 * DRIVER(NAME,ADDRESS[,<SESSION>]): REASON, and auth(NAME,ADDRESS,sasl:M)<SESSION>: DRIVER: REASON.
 * Both NAME and a password behind REASON may imitate the other, so two places mean no address.
 */
static enum onus_line_verdict parse_auth(const struct onus_parse_context *context,
        struct onus_str text, struct onus_event *event)
{
    struct onus_str group = ONUS_STR_NONE;
    const struct reason *found = NULL;
    struct onus_peer peer = {0};
    struct onus_str name = ONUS_STR_NONE;
    (void)context;
    if (!onus_str_cut(&text, '(', &name)) {
        return ONUS_LINE_IGNORED;
    }
    size_t matches = 0;
    for (size_t from = 0; matches < 2;) {
        size_t at = onus_str_find_char(onus_str_from(text, from), ')');
        if (at == ONUS_STR_NPOS) {
            break;
        }
        at += from;
        from = at + 1;
        struct onus_str rest = onus_str_from(text, at + 1);
        struct onus_str id = ONUS_STR_NONE;
        if (onus_str_skip(&rest, ONUS_STR("<")) && !onus_str_cut(&rest, '>', &id)) {
            continue;
        }
        const struct reason *reason =
                onus_str_skip(&rest, ONUS_STR(": ")) ? verdict_of(skip_words(rest)) : NULL;
        struct onus_str tried = ONUS_STR_NONE;
        if (reason && read_group(onus_str_sub(text, 0, at), &tried, &peer)) {
            matches++;
            found = reason;
            group = tried;
            event->detail = reason->text;
        }
    }
    if (matches != 1) {
        return onus_message_ignore(event, "auth process");
    }
    (void)onus_message_set_source(event, &peer);
    onus_message_set_account(event, group);
    return onus_message_auth(event, found->outcome, ONUS_ROLE_ACCOUNT, "auth process");
}

/* "conn unix:auth-worker (pid=27359,uid=97): auth-worker<55>: " in front of an auth line */
static void skip_connection(struct onus_str *s)
{
    struct onus_str rest = *s;
    struct onus_str head = ONUS_STR_NONE;
    if (onus_str_skip(&rest, ONUS_STR("conn unix:auth-worker (")) &&
            onus_str_cut_text(&rest, ONUS_STR("): auth-worker<"), &head) &&
            onus_str_cut_text(&rest, ONUS_STR(">: "), &head) && head.len < 24) {
        *s = rest;
    }
}

static void skip_level(struct onus_str *s)
{
    if (!onus_str_skip(s, ONUS_STR("Info: ")) && !onus_str_skip(s, ONUS_STR("Warning: "))) {
        (void)onus_str_skip(s, ONUS_STR("Error: "));
    }
}

/* "imap-login: ", "auth: ", "auth-worker(304): ", "auth(default): " off the front */
static struct onus_str take_process(struct onus_str *s)
{
    struct onus_str rest = *s;
    size_t end = 0;
    while (end < rest.len && ((rest.ptr[end] >= 'a' && rest.ptr[end] <= 'z') ||
                                     rest.ptr[end] == '-' || onus_is_digit(rest.ptr[end]))) {
        end++;
    }
    struct onus_str name = onus_str_sub(rest, 0, end);
    struct onus_str inside = ONUS_STR_NONE;
    rest = onus_str_from(rest, end);
    if (onus_str_skip(&rest, ONUS_STR("(")) &&
            (!onus_str_cut(&rest, ')', &inside) || inside.len > 10)) {
        return name; /* "auth(NAME,ADDRESS,...": a line of 2.4, left whole */
    }
    if (end > 0 && onus_str_skip(&rest, ONUS_STR(": "))) {
        *s = rest;
    }
    return name;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    struct onus_str process = event->program;
    event->service = ONUS_SERVICE_IMAP;
    event->marks |= ONUS_MARK_HANDSHAKE;
    onus_message_join(event, event->host, ONUS_STR("dovecot"));
    (void)onus_str_skip(&message, ONUS_STR("dovecot: "));
    if (process.len == 0 || onus_str_begins(process, ONUS_STR("dovecot"))) {
        process = take_process(&message);
    }
    skip_level(&message);
    enum onus_service service = login_service(process);
    if (service != ONUS_SERVICE_UNKNOWN) {
        event->service = (uint8_t)service;
        return parse_login(context, message, event);
    }
    if (is_auth(process)) {
        skip_connection(&message);
        return parse_auth(context, message, event);
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_message_parser onus_message_dovecot = {
        .name = "dovecot",
        .takes = takes,
        .parse = parse,
};

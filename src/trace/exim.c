/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/exim.h"

#include "base/str.h"
#include "trace/findings.h"

/*
 * Exim writes a client as "NAME (HELO) [ADDRESS]:PORT", each part but the address optional. NAME and
 * HELO hold no blanks, so the address is read from the front, word by word; text of the client's
 * choice (set_id, commands, recipients) comes behind. Where a command is quoted before the client, the
 * client is behind the last quote.
 */

enum {
    CLIENT_WORDS = 3,
    ID_SHORT = 16, /* 1o6abc-0001aB-Xy */
    ID_LONG = 23   /* since 4.97 */
};

/* "[ADDRESS]" or "[ADDRESS]:PORT" as a whole word */
static bool read_address(struct onus_str word, struct onus_event *event)
{
    struct onus_peer peer = {0};
    uint64_t port = 0;
    if (!onus_str_skip(&word, ONUS_STR("[")) || !onus_str_cut(&word, ']', &peer.host)) {
        return false;
    }
    if (onus_str_skip(&word, ONUS_STR(":")) && onus_str_take_u64(&word, &port) &&
            port <= UINT16_MAX) {
        peer.port = (uint16_t)port;
    }
    (void)onus_str_skip(&word, ONUS_STR(":"));
    return word.len == 0 && onus_message_set_source(event, &peer);
}

/* "NAME (HELO) [ADDRESS]:PORT" off the front; *s begins behind the blank after it. */
static bool take_client(struct onus_str *s, struct onus_event *event)
{
    struct onus_str rest = *s;
    for (size_t i = 0; i < CLIENT_WORDS; i++) {
        size_t end = onus_str_find_char(rest, ' ');
        struct onus_str word = onus_str_sub(rest, 0, end);
        rest = onus_str_from(rest, end == ONUS_STR_NPOS ? rest.len : end + 1);
        if (word.len > 0 && word.ptr[0] == '[' && read_address(word, event)) {
            *s = rest;
            return true;
        }
        if (end == ONUS_STR_NPOS) {
            return false;
        }
    }
    return false;
}

static enum onus_line_verdict alert(struct onus_event *event, enum onus_finding finding,
        struct onus_str text, const char *rule)
{
    event->kind = ONUS_EVENT_ALERT;
    event->outcome = ONUS_OUTCOME_FAILED;
    event->findings |= ONUS_FINDING_BIT(finding);
    event->target = text;
    event->rule = rule;
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict probed(struct onus_event *event, struct onus_str detail,
        const char *rule)
{
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_PROTOCOL_PROBE);
    event->detail = detail;
    return onus_message_auth(event, ONUS_OUTCOME_PROBED, ONUS_ROLE_CLOSE, rule);
}

/* MECHANISM authenticator failed for CLIENT[ I=...]: 535 TEXT[ (set_id=NAME)] */
static enum onus_line_verdict parse_authenticator(struct onus_str rest, struct onus_event *event)
{
    if (!take_client(&rest, event)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t at = onus_str_find(rest, ONUS_STR("(set_id="));
    event->detail = onus_str_trim(onus_str_sub(rest, 0, at));
    if (at != ONUS_STR_NPOS) {
        struct onus_str name = onus_str_from(rest, at + 8);
        size_t end = onus_str_rfind_char(name, ')');
        onus_message_set_account(event, onus_str_sub(name, 0, end));
    }
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT, "authenticator failed");
}

/* What a line says behind the client of "H=..." */
static enum onus_line_verdict judge_rejection(struct onus_str rest, struct onus_event *event)
{
    static const struct onus_str spam[] = {
            {"rejected RCPT ", 14},
            {"rejected MAIL ", 14},
            {"rejected VRFY ", 14},
            {"rejected EXPN ", 14},
            {"rejected EHLO ", 14},
            {"rejected HELO ", 14},
            {"rejected after DATA", 19},
            {"rejected by local_scan()", 24},
            {"rejected DATA", 13},
            {"sender verify fail for ", 23},
    };
    if (onus_str_has(rest, ONUS_STR("dropped by '")) ||
            onus_str_has(rest, ONUS_STR("rejected connection in "))) {
        return alert(event, ONUS_FINDING_RATE_LIMITED, rest, "connection refused by ACL");
    }
    if (onus_str_has(rest, ONUS_STR("temporarily rejected "))) {
        return onus_message_ignore(event, "temporarily rejected");
    }
    for (size_t i = 0; i < ONUS_COUNT(spam); i++) {
        size_t at = onus_str_find(rest, spam[i]);
        if (at != ONUS_STR_NPOS) {
            bool relay = onus_str_ends(rest, ONUS_STR("relay not permitted")) ||
                         onus_str_ends(rest, ONUS_STR("SMTP AUTH is required"));
            return alert(event, relay ? ONUS_FINDING_RELAY_ATTEMPT : ONUS_FINDING_SPAM_ATTEMPT,
                    onus_str_from(rest, at), "rejected");
        }
    }
    return onus_message_ignore(event, "H=");
}

/* "H=CLIENT ...", or "F=SENDER H=CLIENT ..." in old versions: the sender cannot hold " P=" and "H=". */
static enum onus_line_verdict parse_host(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    if (!onus_str_skip(&rest, ONUS_STR("H="))) {
        size_t at = onus_str_rfind(text, ONUS_STR(" H="));
        if (at == ONUS_STR_NPOS) {
            return onus_message_ignore(event, "F=");
        }
        rest = onus_str_from(text, at + 3);
    }
    return take_client(&rest, event) ? judge_rejection(rest, event)
                                     : onus_message_ignore(event, "H=");
}

/* SMTP protocol error in "COMMAND" H=CLIENT REASON: COMMAND is the client's. */
static enum onus_line_verdict parse_protocol_error(struct onus_str text, struct onus_event *event)
{
    size_t at = onus_str_rfind(text, ONUS_STR("\" H="));
    struct onus_str rest = onus_str_from(text, at == ONUS_STR_NPOS ? text.len : at + 4);
    if (at == ONUS_STR_NPOS || !take_client(&rest, event)) {
        return onus_message_ignore(event, "SMTP protocol error");
    }
    return probed(event, rest, "SMTP protocol error");
}

/*
 * SMTP protocol synchronization error (WHY): rejected {connection from|"COMMAND"} H=CLIENT
 * [next ]input="TEXT": both texts are the client's, and only the first stands before H=.
 */
static enum onus_line_verdict parse_synchronization(struct onus_str rest, struct onus_event *event)
{
    struct onus_str why = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(": rejected "), &why)) {
        return onus_message_ignore(event, "SMTP protocol synchronization error");
    }
    if (!onus_str_skip(&rest, ONUS_STR("connection from H="))) {
        struct onus_str command = ONUS_STR_NONE;
        if (!onus_str_cut_text(&rest, ONUS_STR("\" H="), &command)) {
            return onus_message_ignore(event, "SMTP protocol synchronization error");
        }
        if (onus_str_has(rest, ONUS_STR("\" H="))) { /* two places: nobody can tell */
            return onus_message_ignore(event, "SMTP protocol synchronization error");
        }
    }
    return take_client(&rest, event)
                   ? probed(event, why, "SMTP protocol synchronization error")
                   : onus_message_ignore(event, "SMTP protocol synchronization error");
}

/* SMTP call from CLIENT dropped: REASON */
static enum onus_line_verdict parse_call(struct onus_str rest, struct onus_event *event)
{
    if (!take_client(&rest, event) || !onus_str_has(rest, ONUS_STR("dropped: too many "))) {
        return onus_message_ignore(event, "SMTP call");
    }
    return probed(event, rest, "SMTP call dropped");
}

static enum onus_line_verdict parse_no_mail(struct onus_str rest, struct onus_event *event)
{
    return take_client(&rest, event) ? probed(event, rest, "no MAIL in SMTP connection")
                                     : ONUS_LINE_UNPARSED;
}

/* SMTP connection from CLIENT closed by DROP in ACL; all others are the ordinary end. */
static enum onus_line_verdict parse_connection(struct onus_str rest, struct onus_event *event)
{
    if (!take_client(&rest, event) || !onus_str_has(rest, ONUS_STR("closed by DROP in ACL"))) {
        return onus_message_ignore(event, "SMTP connection");
    }
    return alert(event, ONUS_FINDING_RATE_LIMITED, ONUS_STR("DROP in ACL"),
            "closed by DROP in ACL");
}

/* SpamAssassin at SMTP time: "... From <SENDER> (host=NAME [ADDRESS]) for RECIPIENT" */
static enum onus_line_verdict parse_spam_filter(struct onus_str rest, struct onus_event *event)
{
    size_t at = onus_str_find(rest, ONUS_STR(" (host="));
    if (at == ONUS_STR_NPOS || onus_str_rfind(rest, ONUS_STR(" (host=")) != at) {
        return onus_message_ignore(event, "SA:");
    }
    struct onus_str client = onus_str_from(rest, at + 7);
    struct onus_str name = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (!onus_str_cut(&client, ' ', &name) || !onus_str_skip(&client, ONUS_STR("[")) ||
            !onus_str_cut(&client, ']', &peer.host) || !onus_message_set_source(event, &peer)) {
        return onus_message_ignore(event, "SA:");
    }
    return alert(event, ONUS_FINDING_SPAM_ATTEMPT, onus_str_sub(rest, 0, at), "SpamAssassin");
}

static bool is_id_char(char c)
{
    char lower = onus_lower(c);
    return onus_is_digit(c) || (lower >= 'a' && lower <= 'z');
}

/* A message id: three groups of letters and digits, of 6-6-2 or 6-11-4, and a blank. */
static bool take_message_id(struct onus_str *s)
{
    static const size_t groups[2][3] = {{6, 6, 2}, {6, 11, 4}};
    for (size_t form = 0; form < 2; form++) {
        size_t total = form == 0 ? ID_SHORT : ID_LONG;
        if (s->len <= total || s->ptr[total] != ' ') {
            continue;
        }
        size_t at = 0;
        bool good = true;
        for (size_t group = 0; group < 3 && good; group++) {
            for (size_t i = 0; i < groups[form][group]; i++) {
                good = good && is_id_char(s->ptr[at++]);
            }
            good = good && (group == 2 || s->ptr[at++] == '-');
        }
        if (good) {
            *s = onus_str_from(*s, total + 1);
            return true;
        }
    }
    return false;
}

typedef enum onus_line_verdict reader(struct onus_str rest, struct onus_event *event);

struct form {
    struct onus_str prefix;
    reader *read; /* NULL: known and of no interest */
};

static const struct form forms[] = {
        {{"SMTP protocol error in ", 23}, parse_protocol_error},
        {{"SMTP protocol synchronization error ", 36}, parse_synchronization},
        {{"SMTP syntax error in ", 21}, parse_protocol_error},
        {{"SMTP call from ", 15}, parse_call},
        {{"SMTP connection from ", 21}, parse_connection},
        {{"no MAIL in SMTP connection from ", 32}, parse_no_mail},
        {{"SA: ", 4}, parse_spam_filter},
        {{"SMTP ", 5}, NULL},
        {{"TLS ", 4}, NULL},
        {{"no host name found for IP address ", 34}, NULL},
        {{"no IP address found for host ", 29}, NULL},
        {{"unexpected disconnection while reading SMTP ", 44}, NULL},
        {{"unexpected ", 11}, NULL},
        {{"Start queue run: pid=", 21}, NULL},
        {{"End queue run: pid=", 19}, NULL},
        {{"exim ", 5}, NULL},
        {{"pid ", 4}, NULL},
        {{"Connection from ", 16}, NULL},
        {{"connection from ", 16}, NULL},
        {{"host name alias list truncated", 30}, NULL},
        {{"rejected ", 9}, NULL},
        {{"daemon: ", 8}, NULL},
        {{"refused connection from ", 24}, NULL},
        {{"Warning: ", 9}, NULL},
        {{"cwd=", 4}, NULL},
        {{"VRFY ", 5}, NULL},
        {{"EXPN ", 5}, NULL},
        {{"ident connection to ", 20}, NULL},
        {{"malware acl condition: ", 23}, NULL},
        {{"spam acl condition: ", 20}, NULL},
        {{"DKIM: ", 6}, NULL},
        {{"gnutls_handshake", 16}, NULL},
        {{"list matching forced to fail", 28}, NULL},
        {{"remote host ", 12}, NULL},
};

/* "MECHANISM authenticator failed for ": MECHANISM is a name out of the configuration. */
static bool take_authenticator(struct onus_str *s, struct onus_event *event)
{
    struct onus_str rest = *s;
    struct onus_str name = ONUS_STR_NONE;
    if (!onus_str_cut(&rest, ' ', &name) || name.len == 0 ||
            !onus_str_skip(&rest, ONUS_STR("authenticator failed for "))) {
        return false;
    }
    event->method = name;
    *s = rest;
    return true;
}

enum onus_line_verdict onus_exim_parse(const struct onus_parse_context *context,
        struct onus_str text, struct onus_event *event)
{
    (void)context;
    event->service = ONUS_SERVICE_SMTP;
    event->marks |= ONUS_MARK_HANDSHAKE;
    bool with_id = take_message_id(&text);
    if (onus_str_begins(text, ONUS_STR("H=")) || onus_str_begins(text, ONUS_STR("F="))) {
        return parse_host(text, event);
    }
    if (take_authenticator(&text, event)) {
        return parse_authenticator(text, event);
    }
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        struct onus_str rest = text;
        if (onus_str_skip(&rest, forms[i].prefix)) {
            return forms[i].read ? forms[i].read(rest, event)
                                 : onus_message_ignore(event, "Exim notice");
        }
    }
    return with_id ? onus_message_ignore(event, "Exim message") : ONUS_LINE_UNPARSED;
}

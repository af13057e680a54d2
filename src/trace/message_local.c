/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/message_fields.h"

/* sudo, su, login and polkit: tries on the machine itself, mostly without an address. */

static const struct onus_str programs[] = {{"sudo", 4}, {"su", 2}, {"login", 5}, {"pkexec", 6},
        {"polkitd", 7}, {"doas", 4}};

static bool takes(struct onus_str program)
{
    for (size_t i = 0; i < ONUS_COUNT(programs); i++) {
        if (onus_str_eq(program, programs[i])) {
            return true;
        }
    }
    return false;
}

static enum onus_line_verdict failed(struct onus_event *event, const char *rule)
{
    return onus_message_auth(event, ONUS_OUTCOME_FAILED, ONUS_ROLE_ATTEMPT, rule);
}

static enum onus_line_verdict succeeded(struct onus_event *event, const char *rule)
{
    return onus_message_auth(event, ONUS_OUTCOME_SUCCEEDED, ONUS_ROLE_ATTEMPT, rule);
}

/* The value behind " KEY=" up to " ;" or the end. */
static struct onus_str sudo_value(struct onus_str text, struct onus_str key)
{
    size_t at = onus_str_find(text, key);
    if (at == ONUS_STR_NPOS) {
        return ONUS_STR_NONE;
    }
    text = onus_str_from(text, at + key.len);
    return onus_str_sub(text, 0, onus_str_find(text, ONUS_STR(" ; ")));
}

/* NAME : [WHAT ; ]TTY=... ; PWD=... ; USER=root ; COMMAND=... */
static enum onus_line_verdict parse_sudo(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = onus_str_trim(text);
    struct onus_str name = ONUS_STR_NONE;
    uint64_t count = 0;
    if (!onus_str_cut_text(&rest, ONUS_STR(" : "), &name)) {
        return ONUS_LINE_IGNORED;
    }
    onus_message_set_account(event, name);
    size_t command = onus_str_find(rest, ONUS_STR("COMMAND="));
    if (command != ONUS_STR_NPOS) {
        event->target = onus_str_from(rest, command + 8);
    }
    event->detail = onus_str_sub(rest, 0, onus_str_find(rest, ONUS_STR(" ; ")));
    event->method = sudo_value(rest, ONUS_STR("USER="));
    if (onus_str_begins(rest, ONUS_STR("TTY=")) || onus_str_begins(rest, ONUS_STR("PWD=")) ||
            onus_str_begins(rest, ONUS_STR("HOST="))) {
        event->kind = ONUS_EVENT_ACTIVITY;
        event->outcome = ONUS_OUTCOME_SUCCEEDED;
        event->rule = "sudo command";
        return ONUS_LINE_PARSED;
    }
    struct onus_str number = rest;
    if (onus_str_take_u64(&number, &count) &&
            onus_str_begins(number, ONUS_STR(" incorrect password attempt"))) {
        event->count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
        return failed(event, "incorrect password attempts");
    }
    if (onus_str_begins(rest, ONUS_STR("user NOT in sudoers")) ||
            onus_str_begins(rest, ONUS_STR("user NOT authorized")) ||
            onus_str_begins(rest, ONUS_STR("command not allowed")) ||
            onus_str_begins(rest, ONUS_STR("a password is required")) ||
            onus_str_begins(rest, ONUS_STR("no tty present"))) {
        return failed(event, "sudo refused");
    }
    return ONUS_LINE_IGNORED;
}

/*
 * util-linux "FAILED SU (to root) NAME on pts/0", shadow "FAILED su for root by NAME",
 * BSD "BAD SU NAME to root on ...", and "'su root' failed for NAME on ..."
 */
static enum onus_line_verdict parse_su(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    struct onus_str target = ONUS_STR_NONE;
    bool refused = onus_str_skip(&rest, ONUS_STR("FAILED SU "));
    if (onus_str_skip(&rest, ONUS_STR("(to ")) && onus_str_cut(&rest, ')', &target)) {
        onus_message_set_account(event, target);
        event->detail = onus_str_trim(rest);
        return refused ? failed(event, "FAILED SU") : succeeded(event, "su");
    }
    if (onus_str_skip(&rest, ONUS_STR("FAILED su for ")) &&
            onus_str_cut_text(&rest, ONUS_STR(" by "), &target)) {
        onus_message_set_account(event, target);
        event->detail = rest;
        return failed(event, "FAILED su");
    }
    if (onus_str_skip(&rest, ONUS_STR("Successful su for ")) &&
            onus_str_cut_text(&rest, ONUS_STR(" by "), &target)) {
        onus_message_set_account(event, target);
        event->detail = rest;
        return succeeded(event, "Successful su");
    }
    if (onus_str_skip(&rest, ONUS_STR("BAD SU "))) {
        event->detail = rest;
        if (onus_str_cut_text(&rest, ONUS_STR(" to "), &target)) {
            onus_message_set_account(event, onus_str_sub(rest, 0, onus_str_find_char(rest, ' ')));
        }
        return failed(event, "BAD SU");
    }
    if (onus_str_skip(&rest, ONUS_STR("'su ")) &&
            onus_str_cut_text(&rest, ONUS_STR("' failed for "), &target)) {
        onus_message_set_account(event, target);
        event->detail = rest;
        return failed(event, "'su' failed");
    }
    return ONUS_LINE_IGNORED;
}

/*
 * "FAILED LOGIN (1) on '/dev/tty1' FOR 'NAME', WHY", "FAILED LOGIN 1 FROM HOST FOR NAME, WHY",
 * "FAILED LOGIN SESSION FROM HOST FOR NAME, WHY": the host stands before the name.
 */
static enum onus_line_verdict parse_login(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    struct onus_str place = ONUS_STR_NONE;
    struct onus_peer peer = {0};
    if (onus_str_skip(&rest, ONUS_STR("ROOT LOGIN"))) {
        onus_message_set_account(event, ONUS_STR("root"));
        event->detail = onus_str_trim(rest);
        return succeeded(event, "ROOT LOGIN");
    }
    if (onus_str_skip(&rest, ONUS_STR("LOGIN ON "))) {
        if (onus_str_cut_text(&rest, ONUS_STR(" BY "), &place)) {
            onus_message_set_account(event, onus_str_sub(rest, 0, onus_str_find_char(rest, ' ')));
        }
        event->detail = place;
        return succeeded(event, "LOGIN ON");
    }
    if (!onus_str_skip(&rest, ONUS_STR("FAILED LOGIN "))) {
        return ONUS_LINE_IGNORED;
    }
    if (!onus_str_cut_text(&rest, ONUS_STR(" FOR "), &place)) {
        return ONUS_LINE_UNPARSED;
    }
    size_t from = onus_str_find(place, ONUS_STR("FROM "));
    if (from != ONUS_STR_NPOS) {
        peer.host = onus_str_from(place, from + 5);
        /* A terminal's name has no dot; a bare word is no host. */
        if (onus_str_find_char(peer.host, '.') != ONUS_STR_NPOS ||
                onus_str_find_char(peer.host, ':') != ONUS_STR_NPOS) {
            (void)onus_message_set_source(event, &peer);
            event->service = ONUS_SERVICE_TELNET;
        }
    }
    size_t comma = onus_str_rfind_char(rest, ',');
    struct onus_str name = onus_str_sub(rest, 0, comma);
    if (onus_str_begins(name, ONUS_STR("'")) && onus_str_ends(name, ONUS_STR("'")) &&
            name.len >= 2) {
        name = onus_str_sub(name, 1, name.len - 2);
    }
    onus_message_set_account(event, name);
    return failed(event, "FAILED LOGIN");
}

/*
 * pkexec's complaints about an environment that no honest caller has: the mark of CVE-2021-4034.
 * "NAME: The value for the SHELL variable was not found the /etc/shells file [USER=root] ..."
 */
static enum onus_line_verdict parse_pkexec(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    struct onus_str name = ONUS_STR_NONE;
    if (!onus_str_cut_text(&rest, ONUS_STR(": "), &name)) {
        return ONUS_LINE_IGNORED;
    }
    onus_message_set_account(event, name);
    size_t command = onus_str_find(rest, ONUS_STR("[COMMAND="));
    bool shell = onus_str_begins(rest, ONUS_STR("The value for the SHELL variable was not found"));
    bool content = onus_str_begins(rest, ONUS_STR("The value for environment variable ")) &&
                   onus_str_has(rest, ONUS_STR("contains suspicious content"));
    if (!shell && !content) {
        return ONUS_LINE_IGNORED;
    }
    event->kind = ONUS_EVENT_ALERT;
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_LOCAL_EXPLOIT);
    event->target = ONUS_STR("pkexec called with a forged environment");
    event->detail = command != ONUS_STR_NPOS ? onus_str_from(rest, command) : rest;
    event->rule = "pkexec environment";
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse_polkit(struct onus_str text, struct onus_event *event)
{
    const struct onus_str key = ONUS_STR("(owned by unix-user:");
    if (!onus_str_begins(text, ONUS_STR("Operator of ")) ||
            !onus_str_has(text, ONUS_STR(" FAILED to authenticate "))) {
        return ONUS_LINE_IGNORED;
    }
    size_t at = onus_str_rfind(text, key);
    if (at != ONUS_STR_NPOS) {
        struct onus_str name = onus_str_from(text, at + key.len);
        onus_message_set_account(event, onus_str_sub(name, 0, onus_str_find_char(name, ')')));
    }
    return failed(event, "polkit refused");
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    event->service = ONUS_SERVICE_LOCAL;
    if (event->session == 0) {
        onus_message_join(event, event->host, event->program);
    }
    switch (event->program.ptr[0]) {
    case 's':
        return onus_str_eq(event->program, ONUS_STR("su")) ? parse_su(message, event)
                                                           : parse_sudo(message, event);
    case 'l':
        return parse_login(message, event);
    case 'p':
        return onus_str_eq(event->program, ONUS_STR("pkexec")) ? parse_pkexec(message, event)
                                                               : parse_polkit(message, event);
    default:
        return ONUS_LINE_IGNORED;
    }
}

const struct onus_message_parser onus_message_local = {
        .name = "local",
        .takes = takes,
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: each message form of each program gives the event that its words say, and no
 * name, banner or farewell of the remote side's choice moves the address.
 * Oracle: the expected fields written beside each line; for names, the address that the line was built
 * with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/findings.h"
#include "trace/syslog.h"

static struct onus_arena arena;

static enum onus_line_verdict read_line(struct onus_str line, struct onus_event *out)
{
    struct onus_parse_context context = {.arena = &arena};
    enum onus_line_verdict verdict = ONUS_LINE_UNPARSED;
    for (size_t i = 0; i < onus_format_count && verdict == ONUS_LINE_UNPARSED; i++) {
        memset(out, 0, sizeof(*out));
        verdict = onus_formats[i]->parse(&context, line, out);
    }
    return verdict;
}

struct row {
    const char *line; /* without "Jan 10 03:11:02 h " when it begins with a tag */
    enum onus_event_kind kind;
    enum onus_outcome outcome;
    enum onus_role role;
    const char *source;  /* "" when there is none */
    const char *account; /* NULL when there is none */
    unsigned port;
    unsigned count;
};

#define A    ONUS_EVENT_AUTH
#define AL   ONUS_EVENT_ALERT
#define BAD  ONUS_OUTCOME_FAILED
#define NONE ONUS_OUTCOME_NO_ACCOUNT
#define OK   ONUS_OUTCOME_SUCCEEDED
#define PROB ONUS_OUTCOME_PROBED
#define TRY  ONUS_ROLE_ATTEMPT
#define ACC  ONUS_ROLE_ACCOUNT
#define STK  ONUS_ROLE_STACK
#define CLO  ONUS_ROLE_CLOSE
#define SUM  ONUS_ROLE_SUMMARY
#define IP   "203.0.113.9"

static struct onus_str with_head(const char *line, char *buffer, size_t size)
{
    (void)snprintf(buffer, size, "Jan 10 03:11:02 h %s", line);
    return onus_str_of(buffer);
}

static void check_row(const struct row *row, struct onus_str line)
{
    struct onus_event event;
    enum onus_line_verdict verdict = read_line(line, &event);
    char address[ONUS_ADDRESS_TEXT] = "";
    if (event.has_source) {
        (void)onus_address_format(&event.source, address);
    }
    struct onus_str source = event.has_source ? onus_str_of(address) : event.source_name;
    if (verdict != ONUS_LINE_PARSED || event.kind != row->kind || event.outcome != row->outcome ||
            event.role != row->role || !onus_str_eq(source, onus_str_of(row->source)) ||
            event.has_account != (row->account != NULL) || event.source_port != row->port ||
            (row->account && !onus_str_eq(event.account, onus_str_of(row->account))) ||
            event.count != row->count) {
        fail_msg("%.*s\nverdict %d kind %d outcome %d role %d source '%.*s' port %d account "
                 "'%.*s' count %u",
                (int)line.len, line.ptr, verdict, event.kind, event.outcome, event.role,
                ONUS_STR_ARG(source), event.source_port, ONUS_STR_ARG(event.account), event.count);
    }
}

static void check_rows(const struct row *rows, size_t count)
{
    char buffer[1024];
    for (size_t i = 0; i < count; i++) {
        check_row(&rows[i], with_head(rows[i].line, buffer, sizeof(buffer)));
    }
}

static void sshd_lines_say_how_a_login_went(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"sshd[1]: Failed password for root from " IP " port 4 ssh2", A, BAD, TRY, IP, "root",
                    4, 0},
            {"sshd[1]: Failed password for invalid user x y from " IP " port 4 ssh2", A, NONE, TRY,
                    IP, "x y", 4, 0},
            {"sshd[1]: Failed password for invalid user  from " IP " port 4 ssh2", A, NONE, TRY, IP,
                    "", 4, 0},
            {"sshd[1]: Failed password for root from " IP, A, BAD, TRY, IP, "root", 0, 0},
            {"sshd[1]: Failed keyboard-interactive/pam for invalid user a from 2001:db8::5 port 4 "
             "ssh2",
                    A, NONE, TRY, "2001:db8::5", "a", 4, 0},
            {"sshd[1]: Failed publickey for git from " IP " port 4 ssh2: RSA SHA256:abc", A,
                    ONUS_OUTCOME_UNKNOWN, SUM, IP, "git", 4, 0},
            {"sshd[1]: Failed publickey for invalid user x from " IP " port 4 ssh2: RSA SHA256:abc",
                    A, NONE, TRY, IP, "x", 4, 0},
            {"sshd[1]: Failed hostbased for dan from " IP " port 4 ssh2: RSA a:b, client user "
             "\"x from 198.51.100.7 port 1 ssh2: y\"",
                    A, BAD, TRY, IP, "dan", 4, 0},
            {"sshd[1]: Failed keyboard-interactive for <invalid username> from " IP " port 4 ssh2",
                    A, NONE, TRY, IP, NULL, 4, 0},
            {"sshd-session[1]: Accepted publickey for git from " IP
             " port 4 ssh2: ED25519 SHA256:x",
                    A, OK, TRY, IP, "git", 4, 0},
            {"sshd[1]: Partial publickey for git from " IP " port 4 ssh2: ED25519 SHA256:x", A,
                    ONUS_OUTCOME_PARTIAL, TRY, IP, "git", 4, 0},
            {"sshd[1]: Invalid user a\\\\b\\tc\\303\\244 from " IP " port 4", A, NONE, ACC, IP,
                    "a\\b\tc\xc3\xa4", 4, 0},
            {"sshd[1]: Invalid user  from " IP " port 4", A, NONE, ACC, IP, "", 4, 0},
            {"sshd[1]: User root from " IP " not allowed because not listed in AllowUsers", A, BAD,
                    ACC, IP, "root", 0, 0},
            {"sshd[1]: User root from host.example not allowed because listed in DenyUsers", A, BAD,
                    ACC, "host.example", "root", 0, 0},
            {"sshd[1]: ROOT LOGIN REFUSED FROM ::ffff:" IP " port 4 [preauth]", A, BAD, ACC, IP,
                    "root", 4, 0},
            {"sshd[1]: error: PAM: Authentication failure for bob from " IP, A, BAD, ACC, IP, "bob",
                    0, 0},
            {"sshd[1]: error: PAM: User not known for illegal user x from " IP " ", A, NONE, SUM,
                    IP, "x", 0, 0},
            {"sshd[1]: error: PAM: authentication error for bob from " IP " via 192.0.2.1", A, BAD,
                    ACC, IP, "bob", 0, 0},
            {"sshd[1]: error: maximum authentication attempts exceeded for invalid user x from " IP
             " port 4 ssh2 [preauth]",
                    A, NONE, CLO, IP, "x", 4, 0},
            {"sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh "
             "ruser= rhost=" IP "  user=root",
                    A, BAD, STK, IP, "root", 0, 0},
            {"sshd[1]: pam_sss(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh "
             "ruser= rhost=" IP " user=root",
                    A, BAD, SUM, IP, "root", 0, 0},
            {"sshd(pam_unix)[1]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= "
             "rhost=h.example ",
                    A, BAD, STK, "h.example", NULL, 0, 0},
            {"sshd[1]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= "
             "rhost=" IP "  user=root",
                    A, BAD, SUM, IP, "root", 0, 2},
            {"sshd[1]: message repeated 5 times: [ Failed password for root from " IP
             " port 4 ssh2]",
                    A, BAD, TRY, IP, "root", 4, 5},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void sshd_lines_say_how_a_connection_ended(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"sshd[1]: Connection closed by authenticating user root " IP " port 4 [preauth]", A,
                    BAD, CLO, IP, "root", 4, 0},
            {"sshd[1]: Connection reset by invalid user  " IP " port 4 [preauth]", A, NONE, CLO, IP,
                    "", 4, 0},
            {"sshd[1]: Connection closed by " IP " port 4 [preauth]", A, PROB, CLO, IP, NULL, 4, 0},
            {"sshd[1]: Connection closed by " IP " port 4", A, PROB, CLO, IP, NULL, 4, 0},
            {"sshd[1]: Disconnected from authenticating user root " IP " port 4 [preauth]", A, BAD,
                    CLO, IP, "root", 4, 0},
            {"sshd[1]: Received disconnect from " IP " port 4:11: Bye Bye [preauth]", A, PROB, SUM,
                    IP, NULL, 4, 0},
            {"sshd[1]: Received disconnect from " IP ": 11: Bye Bye [preauth]", A, PROB, CLO, IP,
                    NULL, 0, 0},
            {"sshd[1]: error: Received disconnect from " IP ": 3: x.JSchException: Auth fail", A,
                    BAD, SUM, IP, NULL, 0, 0},
            {"sshd[1]: Disconnecting invalid user x " IP
             " port 4: Too many authentication failures "
             "[preauth]",
                    A, NONE, SUM, IP, "x", 4, 0},
            {"sshd[1]: Disconnecting invalid user x " IP
             " port 4: Change of username or service not allowed: (x,ssh-connection) -> "
             "(y,ssh-connection) [preauth]",
                    A, NONE, SUM, IP, "x", 4, 0},
            {"sshd[1]: Did not receive identification string from " IP " port 4", A, PROB, CLO, IP,
                    NULL, 4, 0},
            {"sshd[1]: Bad protocol version identification 'x' from " IP " port 4", A, PROB, CLO,
                    IP, NULL, 4, 0},
            {"sshd[1]: banner exchange: Connection from " IP " port 4: invalid format", A, PROB,
                    CLO, IP, NULL, 4, 0},
            {"sshd[1]: Unable to negotiate with " IP
             " port 4: no matching cipher found. Their offer: a,b [preauth]",
                    A, PROB, CLO, IP, NULL, 4, 0},
            {"sshd[1]: fatal: Timeout before authentication for " IP " port 4", A, PROB, CLO, IP,
                    NULL, 4, 0},
            {"sshd[1]: Timeout before authentication for connection from " IP
             " to 192.0.2.1, pid = 7",
                    A, PROB, CLO, IP, NULL, 0, 0},
            {"sshd[1]: drop connection #10 from [" IP "]:4 on [192.0.2.1]:22 Maxstartups", AL, BAD,
                    TRY, IP, NULL, 4, 0},
            {"sshd[1]: refused connect from x (192.0.2.7) (::ffff:" IP ")", ONUS_EVENT_CONNECTION,
                    BAD, TRY, IP, NULL, 0, 0},
            {"sshd[1]: scanned from " IP " port 4 with SSH-1.0-x.  Don't panic.", A, PROB, CLO, IP,
                    NULL, 4, 0},
            {"sshd[1]: ssh_dispatch_run_fatal: Connection from " IP
             " port 4: message authentication code incorrect [preauth]",
                    A, PROB, CLO, IP, NULL, 4, 0},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void connection_lines_without_an_address_wait_for_one(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"sshd[1]: Disconnecting: Too many authentication failures for root [preauth]", A, BAD,
                    SUM, "", "root", 0, 0},
            {"sshd[1]: Disconnecting: Too many authentication failures [preauth]", A, BAD, SUM, "",
                    NULL, 0, 0},
            {"sshd[1]: Disconnecting: Change of username or service not allowed: (a,b) -> (c,b)", A,
                    BAD, SUM, "", NULL, 0, 0},
            {"sshd[1]: Disconnecting: Packet corrupt [preauth]", A, PROB, CLO, "", NULL, 0, 0},
            {"sshd[1]: fatal: Read from socket failed: Connection reset by peer [preauth]", A, PROB,
                    CLO, "", NULL, 0, 0},
            {"sshd[1]: error: kex_exchange_identification: Connection closed by remote host", A,
                    PROB, CLO, "", NULL, 0, 0},
            {"sshd[1]: fatal: Unable to negotiate a key exchange method [preauth]", A, PROB, CLO,
                    "", NULL, 0, 0},
            {"sshd[1]: fatal: no matching mac found: client a,b server c [preauth]", A, PROB, CLO,
                    "", NULL, 0, 0},
            {"sshd[1]: User root not allowed because account is locked", A, BAD, ACC, "", "root", 0,
                    0},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void the_beginning_of_a_connection_names_its_address(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"sshd[1]: Connection from " IP " port 4 on 192.0.2.1 port 22", ONUS_EVENT_CONNECTION,
                    OK, TRY, IP, NULL, 4, 0},
            {"sshd[1]: Connection from " IP " port 4 on 192.0.2.1 port 22 rdomain \"\"",
                    ONUS_EVENT_CONNECTION, OK, TRY, IP, NULL, 4, 0},
            {"sshd[1]: SSH: Server;Ltype: Version;Remote: " IP "-4;Protocol: 2.0;Client: x",
                    ONUS_EVENT_CONNECTION, OK, TRY, IP, NULL, 4, 0},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void lines_about_nothing_are_ignored(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "sshd[1]: Server listening on 0.0.0.0 port 22.",
            "sshd[1]: Connection closed by " IP,
            "sshd[1]: fatal: Read from socket failed: Connection reset by peer",
            "sshd[1]: Disconnecting: Timeout, your session not responding.",
            "sshd[1]: Disconnected from user git " IP " port 4",
            "sshd[1]: Received disconnect from " IP " port 4:11: disconnected by user",
            "sshd[1]: Address " IP " maps to h.example, but this does not map back to the address",
            "sshd[1]: Postponed publickey for git from " IP " port 4 ssh2 [preauth]",
            "sshd[1]: pam_unix(sshd:session): session opened for user root by (uid=0)",
            "postfix/smtpd[1]: connect from h.example[" IP "]",
            "postfix/smtpd[1]: disconnect from h.example[" IP "] ehlo=1 auth=1 quit=1 commands=3",
            "postfix/smtpd[1]: warning: h[" IP
            "]: SASL LOGIN authentication failed: Connection lost "
            "to authentication server",
            "dovecot: imap(bob): Logged out in=1 out=2",
            "kernel: [1.2] [UFW ALLOW] IN=eth0 OUT= SRC=" IP " DST=192.0.2.1 PROTO=TCP SPT=1 DPT=2",
            "kernel: [1.2] DROP IN= OUT=eth0 SRC=192.0.2.1 DST=" IP " PROTO=TCP SPT=1 DPT=2",
            "vsftpd[1]: CONNECT: Client \"" IP "\"",
            "CRON[1]: (root) CMD (true)",
            "-- MARK --",
    };
    char buffer[512];
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        struct onus_event event;
        struct onus_str line = with_head(lines[i], buffer, sizeof(buffer));
        if (read_line(line, &event) != ONUS_LINE_IGNORED) {
            fail_msg("not ignored: %s", buffer);
        }
    }
}

static void lines_that_break_off_are_rejected(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "sshd[1]: Failed password for invalid user aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "sshd[1]: Invalid user aaaaaaaaaaaaaa",
            "sshd[1]: Accepted password for root",
            "sshd[1]: Connection closed by authenticating user root ",
            "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0",
    };
    char buffer[512];
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        struct onus_event event;
        if (read_line(with_head(lines[i], buffer, sizeof(buffer)), &event) != ONUS_LINE_UNPARSED) {
            fail_msg("not rejected: %s", buffer);
        }
    }
}

static void mail_lines_count_tries(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"postfix/submission/smtpd[1]: warning: h.example[" IP
             "]: SASL LOGIN authentication failed: x, sasl_username=a@b, sasl_username=c",
                    A, BAD, TRY, IP, "a@b, sasl_username=c", 0, 0},
            {"postfix/smtpd[1]: warning: unknown[" IP
             "]:4: SASL PLAIN authentication failed: UGFzc3dvcmQ6",
                    A, BAD, TRY, IP, NULL, 4, 0},
            {"postfix/smtpd[1]: disconnect from unknown[" IP
             "] ehlo=1 auth=1/4 quit=1 commands=3/6",
                    A, BAD, CLO, IP, NULL, 0, 3},
            {"postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[" IP
             "]: 454 4.7.1 <a@b>: Relay access denied; from=<x> to=<y> proto=ESMTP helo=<z>",
                    AL, BAD, TRY, IP, NULL, 0, 0},
            {"postfix/postscreen[1]: PREGREET 14 after 0.08 from [" IP "]:4: EHLO x\\r\\n", A, PROB,
                    CLO, IP, NULL, 4, 0},
            {"postfix/smtpd[1]: 4A1B: client=h.example[" IP
             "], sasl_method=PLAIN, sasl_username=bob",
                    A, OK, TRY, IP, "bob", 0, 0},
            {"dovecot: imap-login: Disconnected: Connection closed (auth failed, 3 attempts in 12 "
             "secs): user=<a@b>, method=PLAIN, rip=" IP ", lip=192.0.2.1, TLS, session=<x>",
                    A, BAD, TRY, IP, "a@b", 0, 3},
            {"dovecot[5]: pop3-login: Info: Login: user=<bob>, method=PLAIN, rip=" IP
             ", lip=192.0.2.1, mpid=1, session=<x>",
                    A, OK, TRY, IP, "bob", 0, 0},
            {"dovecot: imap-login: Disconnected (no auth attempts in 4 secs): user=<>, rip=" IP
             ", lip=192.0.2.1",
                    A, PROB, CLO, IP, NULL, 0, 0},
            {"dovecot: auth-worker(7): pam(bob," IP ",<x>): unknown user", A, NONE, ACC, IP, "bob",
                    0, 0},
            {"auth-worker(7): Info: conn unix:auth-worker (uid=143): auth-worker<9>: sql(bob," IP
             "): Password mismatch (given password: y)",
                    A, BAD, ACC, IP, "bob", 0, 0},
            {"dovecot: auth(bob," IP ",sasl:login)<x>: Info: sql: Password mismatch", A, BAD, ACC,
                    IP, "bob", 0, 0},
            {"exim[5]: 2026-01-10 03:11:02 login authenticator failed for h.example ([192.0.2.7]) [" IP
             "]:4: 535 Incorrect authentication data (set_id=bob)",
                    A, BAD, TRY, IP, "bob", 4, 0},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void other_programs_are_read_too(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"dropbear[1]: Bad password attempt for 'root' from " IP ":4", A, BAD, TRY, IP, "root",
                    4, 0},
            {"dropbear[1]: Login attempt for nonexistent user from ::ffff:" IP ":4", A, NONE, TRY,
                    IP, NULL, 4, 0},
            {"dropbear[1]: Exit before auth from <" IP
             ":4>: (user 'root', 10 fails): Max auth tries reached - user 'root'",
                    A, BAD, CLO, IP, "root", 4, 10},
            {"vsftpd[1]: [bob] FAIL LOGIN: Client \"" IP "\"", A, BAD, TRY, IP, "bob", 0, 0},
            {"vsftpd[1]: [ftp] OK LOGIN: Client \"" IP
             "\", anon password \"x] FAIL LOGIN: Client \"198.51.100.7\"\"",
                    A, OK, TRY, IP, "ftp", 0, 0},
            {"sudo: bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; "
             "COMMAND=/bin/sh",
                    A, BAD, TRY, "", "bob", 0, 3},
            {"su[1]: FAILED SU (to root) bob on pts/0", A, BAD, TRY, "", "root", 0, 0},
            {"login[1]: FAILED LOGIN 1 FROM " IP " FOR root, Authentication failure", A, BAD, TRY,
                    IP, "root", 0, 0},
            {"pkexec[1]: bob: The value for the SHELL variable was not found the /etc/shells file "
             "[USER=root] [COMMAND=x]",
                    AL, ONUS_OUTCOME_UNKNOWN, TRY, "", "bob", 0, 0},
            {"kernel: [5.1] su[7]: segfault at 7f ip 0 sp 0 error 6 in ld-linux-x86-64.so.2[7f+2]",
                    AL, ONUS_OUTCOME_UNKNOWN, TRY, "", NULL, 0, 0},
            {"kernel: [5.1] [UFW BLOCK] IN=eth0 OUT= MAC=0 SRC=" IP
             " DST=192.0.2.1 LEN=40 PROTO=TCP SPT=4 DPT=23 WINDOW=1 RES=0x00 SYN URGP=0",
                    ONUS_EVENT_CONNECTION, BAD, TRY, IP, NULL, 4, 0},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void a_crash_in_the_loader_names_the_program_as_its_target(void **state)
{
    (void)state;
    struct onus_event event;
    assert_int_equal(read_line(ONUS_STR(
                                       "Jan 10 03:11:02 h kernel: [5.1] su[7]: segfault at 7f ip 0 "
                                       "sp 0 error 6 in ld-linux-x86-64.so.2[7f+2]"),
                             &event),
            ONUS_LINE_PARSED);
    assert_true(onus_str_eq(event.target, ONUS_STR("su")));
    assert_int_equal(event.findings, ONUS_FINDING_BIT(ONUS_FINDING_LOCAL_EXPLOIT));
}

static void watchers_and_further_servers_are_read(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"proftpd[1] srv.example (h.example[" IP
             "]): USER x y (Login failed): Incorrect password",
                    A, BAD, TRY, IP, "x y", 0, 0},
            {"proftpd[1]: srv.example (h.example[" IP
             "]) - USER a (b[198.51.100.7]): no such user found from h.example [" IP
             "] to 192.0.2.1:21",
                    A, NONE, TRY, IP, "a (b[198.51.100.7])", 0, 0},
            {"pure-ftpd: (?@" IP ") [WARNING] Authentication failed for user [x] y]", A, BAD, TRY,
                    IP, "x] y", 0, 0},
            {"cyrus/imaps[1]: badlogin: h.example [" IP
             "] plaintext bob SASL(-13): authentication failure: checkpass failed",
                    A, BAD, TRY, IP, "bob", 0, 0},
            {"imapd: LOGIN FAILED, user=x, ip=[198.51.100.7], ip=[::ffff:" IP "]", A, BAD, TRY, IP,
                    "x, ip=[198.51.100.7]", 0, 0},
            {"courieresmtpd: error,relay=::ffff:" IP
             ",port=4,msg=\"535 Authentication failed.\",cmd: AUTH LOGIN x",
                    A, BAD, TRY, IP, NULL, 4, 0},
            {"sendmail[1]: 06I02CNi016765: AUTH failure (LOGIN): authentication failure (-13) x, "
             "user=a, relay=[198.51.100.7], relay=[" IP "] (may be forged)",
                    A, BAD, TRY, IP, "a, relay=[198.51.100.7]", 0, 0},
            {"sm-mta[1]: s1GN: h.example [" IP "]: possible SMTP attack: command=AUTH, count=5", A,
                    BAD, CLO, IP, NULL, 0, 5},
            {"endlessh[1]: ACCEPT host=::ffff:" IP " port=4 fd=5 n=1/4096", A, PROB, CLO, IP, NULL,
                    4, 0},
            {"scanlogd: " IP " to 192.0.2.1 ports 80, 81, ..., fSrpauxy, TOS 00 @20:44:43", AL,
                    ONUS_OUTCOME_UNKNOWN, TRY, IP, NULL, 0, 0},
            {"xinetd[1]: FAIL: telnet address from=" IP, A, PROB, CLO, IP, NULL, 0, 0},
            {"fail2ban.actions[1]: NOTICE [sshd] Ban " IP, AL, ONUS_OUTCOME_UNKNOWN, TRY, IP, NULL,
                    0, 0},
    };
    check_rows(rows, ONUS_COUNT(rows));
}

static void own_log_files_are_read_without_syslog(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"Fri Jan 19 12:20:33 2007 [pid 27202] [anonymous] FAIL LOGIN: Client \"" IP "\"", A,
                    BAD, TRY, IP, "anonymous", 0, 0},
            {"2026-01-10 03:11:02 login authenticator failed for (x) [" IP
             "]:4 I=[192.0.2.1]:25: 535 Incorrect authentication data (set_id=bob)",
                    A, BAD, TRY, IP, "bob", 4, 0},
            {"2026-01-10 03:11:02 [55] H=(x) [" IP "]:4 F=<a@b> rejected RCPT <c@d>: relay not "
             "permitted",
                    AL, BAD, TRY, IP, NULL, 4, 0},
            {"2026-01-10 03:11:02 SMTP protocol error in \"aUtH lOgIn\" H=(t) [192.0.2.8]\" H=(r) "
             "[" IP "] AUTH command used when not advertised",
                    A, PROB, CLO, IP, NULL, 0, 0},
            {"101 1 tap101i0-IN 20/Jun/2022:13:12:46 +0200 REJECT: IN=a OUT=b SRC=" IP
             " DST=192.0.2.1 PROTO=TCP SPT=4 DPT=22 SYN",
                    ONUS_EVENT_CONNECTION, BAD, TRY, IP, NULL, 4, 0},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        check_row(&rows[i], onus_str_of(rows[i].line));
    }
}

/* %s stands for the text that the remote side chooses. */
static const char *const forged[] = {
        "Jan 10 03:11:02 h sshd[1]: Failed password for invalid user %s from " IP " port 4 ssh2",
        "Jan 10 03:11:02 h sshd[1]: Failed none for invalid user %s from " IP " port 4 ssh2",
        "Jan 10 03:11:02 h sshd[1]: Failed publickey for invalid user %s from " IP
        " port 4 ssh2: RSA SHA256:x",
        "Jan 10 03:11:02 h sshd[1]: Invalid user %s from " IP " port 4",
        "Jan 10 03:11:02 h sshd[1]: Connection closed by invalid user %s " IP " port 4 [preauth]",
        "Jan 10 03:11:02 h sshd[1]: Received disconnect from " IP " port 4:11: %s [preauth]",
        "Jan 10 03:11:02 h sshd[1]: Received disconnect from " IP ": 11: %s [preauth]",
        "Jan 10 03:11:02 h sshd[1]: Disconnecting invalid user %s " IP
        " port 4: Too many authentication failures [preauth]",
        "Jan 10 03:11:02 h sshd[1]: Disconnecting invalid user x " IP
        " port 4: Change of username or service not allowed: (x,a) -> (%s,a) [preauth]",
        "Jan 10 03:11:02 h sshd[1]: SSH: Server;Ltype: Version;Remote: " IP "-4;Client: %s",
        "Jan 10 03:11:02 h sshd[1]: Bad protocol version identification '%s' from " IP " port 4",
        "Jan 10 03:11:02 h sshd[1]: error: PAM: Authentication failure for illegal user %s from " IP,
        "Jan 10 03:11:02 h sshd[1]: Unable to negotiate with " IP
        " port 4: no matching cipher found. Their offer: %s [preauth]",
        "Jan 10 03:11:02 h sshd[1]: error: maximum authentication attempts exceeded for invalid user "
        "%s from " IP " port 4 ssh2 [preauth]",
        "Jan 10 03:11:02 h sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 "
        "euid=0 tty=ssh ruser= rhost=" IP "  user=%s",
        "Jan 10 03:11:02 h vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 "
        "euid=0 tty=ftp ruser=%s rhost=" IP,
        "Jan 10 03:11:02 h postfix/smtpd[1]: warning: unknown[" IP
        "]: SASL PLAIN authentication failed: x, sasl_username=%s",
        "Jan 10 03:11:02 h postfix/smtpd[1]: warning: non-SMTP command from unknown[" IP "]: %s",
        "Jan 10 03:11:02 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): "
        "user=<%s>, method=PLAIN, rip=" IP ", lip=192.0.2.1",
        "Jan 10 03:11:02 h dovecot: auth: sql(%s," IP "): unknown user",
        "Jan 10 03:11:02 h dovecot: auth: sql(bob," IP "): Password mismatch (given password: %s)",
        "Jan 10 03:11:02 h dropbear[1]: Login attempt for nonexistent user '%s' from " IP ":4",
        "Jan 10 03:11:02 h vsftpd[1]: [%s] FAIL LOGIN: Client \"" IP "\"",
        "Fri Jan 19 12:20:33 2007 [pid 2] [%s] FAIL LOGIN: Client \"" IP "\"",
        "2026-01-10 03:11:02 login authenticator failed for (x) [" IP
        "]: 535 Incorrect authentication data (set_id=%s)",
        "2026-01-10 03:11:02 SMTP protocol error in \"%s\" H=(x) [" IP
        "] AUTH command used when not "
        "advertised",
        "2026-01-10 03:11:02 SMTP protocol synchronization error (input sent without waiting for "
        "greeting): rejected connection from H=[" IP "]:4 input=\"%s\"",
};

/* The same where no address stands on the line: none may be found there. */
static const char *const bare[] = {
        "Jan 10 03:11:02 h sshd[1]: error: kex_exchange_identification: client sent invalid protocol "
        "identifier \"%s\"",
        "Jan 10 03:11:02 h sshd[1]: Disconnecting: Too many authentication failures for %s [preauth]",
        "Jan 10 03:11:02 h sshd[1]: Disconnecting: Change of username or service not allowed: (%s,a) "
        "-> (x,a) [preauth]",
        "Jan 10 03:11:02 h sshd[1]: fatal: no matching mac found: client %s server a [preauth]",
};

static const char *const names[] = {
        "root",
        "",
        " ",
        "from 198.51.100.7 port 22 ssh2",
        "x from 198.51.100.7 port 22 ssh2",
        "x from 198.51.100.7 port 22 ssh2: RSA SHA256:y",
        "x from 198.51.100.7",
        "x from 198.51.100.7 via 192.0.2.1",
        "x 198.51.100.7 port 22",
        "x 198.51.100.7 port 22: Too many authentication failures",
        "x 198.51.100.7 port 22: Change of username or service not allowed: (x,a) -> (y",
        "x' from 198.51.100.7 port 22",
        "x' from 198.51.100.7:22",
        "root rhost=198.51.100.7",
        "root rhost=198.51.100.7  user=root",
        "x>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.1, session=<",
        "x,198.51.100.7): unknown user",
        "x,198.51.100.7): Password mismatch (given password: ",
        "x,198.51.100.7,sasl:x)<y>: sql: unknown user",
        "x] FAIL LOGIN: Client \"198.51.100.7\"",
        "x] OK LOGIN: Client \"198.51.100.7\", anon password \"",
        "x[198.51.100.7]: SASL PLAIN authentication failed: y",
        "x) [198.51.100.7]: 535 Incorrect authentication data (set_id=y",
        "x\" H=(y) [198.51.100.7] AUTH command used when not advertised",
        "x\" H=[198.51.100.7]:1 next input=\"",
        "\\\\\\303\\",
};

static void no_name_moves_the_address(void **state)
{
    (void)state;
    struct onus_address wrong;
    assert_true(onus_address_parse(ONUS_STR("198.51.100.7"), &wrong));
    for (size_t i = 0; i < ONUS_COUNT(forged); i++) {
        for (size_t j = 0; j < ONUS_COUNT(names); j++) {
            char line[1024];
            struct onus_event event;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            (void)snprintf(line, sizeof(line), forged[i], names[j]);
#pragma GCC diagnostic pop
            (void)read_line(onus_str_of(line), &event);
            if (event.has_source && onus_address_eq(&event.source, &wrong)) {
                fail_msg("the name became the address: %s", line);
            }
            if (j < 3 && !event.has_source) {
                fail_msg("no address in: %s", line);
            }
        }
    }
}

static void no_name_becomes_the_address_of_a_line_without_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(bare); i++) {
        for (size_t j = 0; j < ONUS_COUNT(names); j++) {
            char line[1024];
            struct onus_event event;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            (void)snprintf(line, sizeof(line), bare[i], names[j]);
#pragma GCC diagnostic pop
            (void)read_line(onus_str_of(line), &event);
            if (event.has_source || event.source_name.len > 0) {
                fail_msg("a source was read from: %s", line);
            }
        }
    }
}

static void every_cut_line_is_read_without_reading_past_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ONUS_COUNT(forged); i++) {
        size_t length = strlen(forged[i]);
        for (size_t cut = 0; cut <= length; cut++) {
            char *exact = malloc(cut + 1); /* the sanitizer sees the byte behind it */
            assert_non_null(exact);
            memcpy(exact, forged[i], cut);
            struct onus_event event;
            (void)read_line((struct onus_str){exact, cut}, &event);
            free(exact);
        }
    }
}

static void all_lines_of_a_mail_try_share_a_session(void **state)
{
    (void)state;
    struct onus_event a;
    struct onus_event b;
    (void)read_line(ONUS_STR("Jan 10 03:11:02 h dovecot: auth: sql(bob," IP "): unknown user"), &a);
    (void)read_line(
            ONUS_STR("Jan 10 03:11:04 h dovecot[7]: imap-login: Disconnected (auth failed, 1 "
                     "attempts): user=<bob>, rip=" IP ", lip=192.0.2.1"),
            &b);
    assert_true(a.session != 0 && a.session == b.session);
    assert_int_not_equal(a.role, b.role);
}

static void findings_name_what_was_seen(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum onus_finding finding;
    } rows[] = {
            {"Jan 10 03:11:02 h sshd[1]: fatal: Timeout before authentication for " IP " port 4",
                    ONUS_FINDING_PRE_AUTH_EXPLOIT},
            {"Jan 10 03:11:02 h sshd[1]: drop connection #1 from [" IP "]:4 on [192.0.2.1]:22 x",
                    ONUS_FINDING_RATE_LIMITED},
            {"Jan 10 03:11:02 h sshd[1]: Unable to negotiate with " IP " port 4: no x",
                    ONUS_FINDING_PROTOCOL_PROBE},
            {"Jan 10 03:11:02 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[" IP
             "]: 454 4.7.1 <a@b>: Relay access denied; from=<x>",
                    ONUS_FINDING_RELAY_ATTEMPT},
            {"Jan 10 03:11:02 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[" IP
             "]: 550 5.1.1 <a@b>: User unknown; from=<Relay access denied>",
                    ONUS_FINDING_SPAM_ATTEMPT},
            {"Jan 10 03:11:02 h pkexec[1]: bob: The value for the SHELL variable was not found",
                    ONUS_FINDING_LOCAL_EXPLOIT},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_event event;
        assert_int_equal(read_line(onus_str_of(rows[i].line), &event), ONUS_LINE_PARSED);
        assert_true(event.findings == ONUS_FINDING_BIT(rows[i].finding));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(sshd_lines_say_how_a_login_went),
            cmocka_unit_test(sshd_lines_say_how_a_connection_ended),
            cmocka_unit_test(connection_lines_without_an_address_wait_for_one),
            cmocka_unit_test(the_beginning_of_a_connection_names_its_address),
            cmocka_unit_test(lines_about_nothing_are_ignored),
            cmocka_unit_test(no_name_becomes_the_address_of_a_line_without_one),
            cmocka_unit_test(lines_that_break_off_are_rejected),
            cmocka_unit_test(mail_lines_count_tries),
            cmocka_unit_test(other_programs_are_read_too),
            cmocka_unit_test(a_crash_in_the_loader_names_the_program_as_its_target),
            cmocka_unit_test(watchers_and_further_servers_are_read),
            cmocka_unit_test(own_log_files_are_read_without_syslog),
            cmocka_unit_test(no_name_moves_the_address),
            cmocka_unit_test(every_cut_line_is_read_without_reading_past_it),
            cmocka_unit_test(all_lines_of_a_mail_try_share_a_session),
            cmocka_unit_test(findings_name_what_was_seen),
    };
    onus_arena_init(&arena, 1 << 22);
    int failed = cmocka_run_group_tests_name("trace/messages", tests, NULL, NULL);
    onus_arena_clear(&arena);
    return failed;
}

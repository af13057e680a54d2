/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: what a reader of syslog lines remembers of the lines before changes nothing, and
 * the short way to the usual messages of sshd gives what the parser gives, field by field.
 * Oracle: the same line, read by a reader that remembers nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/message_sshd.h"

enum {
    ROUNDS = 150000,
    LINE_ROOM = 600
};

static uint32_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static const char *const times[] = {"Jan 10 03:11:02 ", "Jan 10 03:11:03 ", "Jan  9 03:11:02 ",
        "Jan 10 2026 03:11:02 ", "2026-01-10T03:11:02.123456+01:00 ", "2026-01-10 03:11:02,123 ",
        "<38>Jan 10 03:11:02 ", "Jan 10 03:11:02 2", "Jan 10 03:11:02 2003 "};

static const char *const leads[] = {"h sshd[7]: ", "h sshd[65432]: ", "h sshd[12345678901]: ",
        "h sshd[]: ", "h sshd[7]: [ID 8 auth.info] ", "h sshd[7] ",
        "h sshd: ", "h CRON[5]: ", "long-name.example sshd-session[88]: ", "h sshd(pam_unix)[7]: ",
        "sshd[7]: ", "h  sshd[7]: ", "<auth.info> h sshd[7]: ", "h x sshd[7]: ",
        "fail2ban.x sshd[7]: ", "h: sshd[7]: "};

static const char *const messages[] = {
        "Failed password for root from 198.51.100.77 port 45621 ssh2",
        "Failed password for invalid user a b from 2001:db8::7 port 5 ssh2",
        "Failed password for illegal user x from 198.51.100.7 port 45621 ssh2",
        "Failed password for invalid user x from 192.0.2.1 port 22 ssh2 from 198.51.100.7 port 1 ssh2",
        "Failed publickey for root from 198.51.100.77 port 45621 ssh2: RSA SHA256:abc",
        "Failed password for <invalid username> from 198.51.100.77 port 45621 ssh2",
        "Failed password for  from 198.51.100.77 port 45621 ssh2",
        "Invalid user  from 198.51.100.77 port 45621", "Invalid user a\\040b from 192.0.2.7 port 9",
        "Invalid user x from 192.0.2.7", "Invalid user x from host.example port 7",
        "pam_unix(sshd:auth): check pass; user unknown",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
        "rhost=192.0.2.7  user=root",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
        "rhost=2001:db8:1:2:3:4:5:6 ",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=x "
        "rhost=host.example user=y",
        "PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  "
        "user=root",
        "PAM 1 more authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.8",
        "Received disconnect from 192.0.2.7 port 5:11: Bye Bye [preauth]",
        "Received disconnect from 192.0.2.7 port 5:14: Auth fail [preauth]",
        "Received disconnect from 192.0.2.7: 11: Bye [preauth]",
        "Received disconnect from 2001:db8:: port 5:11: Bye [preauth]",
        "Failed password for root from 2001:db8:: port 5 ssh2",
        "Disconnected from authenticating user root 192.0.2.7 port 5 [preauth]",
        "Disconnected from invalid user x y 192.0.2.7 port 5 [preauth]",
        "Disconnected from 192.0.2.7 port 5 [preauth]",
        "Disconnected from user me 192.0.2.7 port 5",
        "Connection closed by authenticating user root 192.0.2.7 port 5 [preauth]",
        "Connection closed by 192.0.2.7 port 5 [preauth]", "Connection closed by 192.0.2.7",
        "message repeated 2 times: [ Failed password for root from 192.0.2.7 port 5 ssh2]",
        "last message repeated 3 times", "Accepted password for me from 192.0.2.9 port 7 ssh2",
        "error: maximum authentication attempts exceeded for root from 192.0.2.7 port 5 ssh2 "
        "[preauth]",
        "Disconnecting invalid user x 192.0.2.7 port 5: Too many authentication failures [preauth]",
        "Disconnecting authenticating user root 192.0.2.7 port 5: Change of username or service not "
        "allowed: (root,ssh-connection) -> (x,ssh-connection) [preauth]",
        "pam_unix(sshd:session): session opened for user x(uid=1000) by (uid=0)",
        "pam_unix(cron:session): session closed for user root"};

static const char *const pieces[] = {" from ", " port ", " ssh2", " ssh1",
        " rhost=", "  user=", " [preauth]", " [postauth]", "]", "192.0.2.7", "2001:db8::1",
        "::ffff:192.0.2.1", "fe80::1%e0", "invalid user ", "illegal user ", "authenticating user ",
        "Too many authentication failures", " ", "\t", "\\", "\\134", "0", "65536", "300.1.1.1",
        "host.example", "UNKNOWN", "root", ": ", "[", "<", "x"};

#define PICK(list) ((list)[next(state) % ONUS_COUNT(list)])

static size_t random_line(uint64_t *state, char line[static LINE_ROOM])
{
    int length = snprintf(line, LINE_ROOM / 2, "%s%s%s", next(state) % 4 ? times[0] : PICK(times),
            next(state) % 4 ? leads[next(state) % 2] : PICK(leads), PICK(messages));
    size_t len = (size_t)length;
    for (uint32_t left = next(state) % 4; left > 0; left--) {
        const char *piece = PICK(pieces);
        size_t size = strlen(piece);
        size_t at = next(state) % (len + 1);
        switch (next(state) % 4) {
        case 0:
            line[at] = piece[0];
            len += at == len;
            break;
        case 1:
            len = at;
            break;
        default:
            memmove(line + at + size, line + at, len - at);
            for (size_t i = 0; i < size; i++) { /* no text with an end: a piece of one */
                line[at + i] = piece[i];
            }
            len += size;
            break;
        }
    }
    return len;
}

static void same_view(struct onus_str a, struct onus_str b, struct onus_str line)
{
    bool inside = a.ptr >= line.ptr && a.ptr <= line.ptr + line.len;
    if (!onus_str_eq(a, b) || (a.len > 0 && inside && a.ptr != b.ptr)) {
        fail_msg("'%.*s': '%.*s' is not '%.*s'", (int)line.len, line.ptr, (int)a.len, a.ptr,
                (int)b.len, b.ptr);
    }
}

static void same_event(const struct onus_event *a, const struct onus_event *b, struct onus_str line)
{
    assert_true(a->time == b->time && a->session == b->session && a->findings == b->findings);
    assert_true(a->kind == b->kind && a->outcome == b->outcome && a->role == b->role);
    assert_true(a->service == b->service && a->status == b->status && a->marks == b->marks);
    assert_true(a->source_port == b->source_port && a->dest_port == b->dest_port);
    assert_true(a->count == b->count && a->bytes == b->bytes);
    assert_true(a->has_source == b->has_source && a->has_dest == b->has_dest);
    assert_true(a->has_account == b->has_account);
    assert_memory_equal(&a->source, &b->source, sizeof(a->source));
    assert_memory_equal(&a->dest, &b->dest, sizeof(a->dest));
    same_view(onus_str_of(a->rule), onus_str_of(b->rule), line);
    const struct onus_str left[] = {a->source_name, a->time_text, a->source_text, a->host,
            a->program, a->account, a->method, a->target, a->agent, a->detail};
    const struct onus_str right[] = {b->source_name, b->time_text, b->source_text, b->host,
            b->program, b->account, b->method, b->target, b->agent, b->detail};
    for (size_t i = 0; i < ONUS_COUNT(left); i++) {
        same_view(left[i], right[i], line);
    }
}

static void what_is_remembered_changes_nothing(void **state)
{
    (void)state;
    const struct onus_format *format = onus_format_by_name(ONUS_STR("syslog"));
    static struct onus_syslog_memo memo;
    struct onus_arena arena;
    uint64_t seed = 11;
    size_t parsed = 0;
    assert_non_null(format);
    for (int i = 0; i < ROUNDS; i++) {
        char bytes[LINE_ROOM];
        struct onus_str line = {bytes, random_line(&seed, bytes)};
        struct onus_event plain = {0};
        struct onus_event quick = {0};
        onus_arena_init(&arena, 1 << 16);
        struct onus_parse_context context = {.arena = &arena};
        enum onus_line_verdict want = format->parse(&context, line, &plain);
        context.syslog = &memo;
        enum onus_line_verdict got = format->parse(&context, line, &quick);
        if (got != want) {
            fail_msg("'%.*s': verdict %d is not %d", (int)line.len, bytes, (int)got, (int)want);
        }
        if (want != ONUS_LINE_UNPARSED) {
            same_event(&plain, &quick, line);
        }
        parsed += want == ONUS_LINE_PARSED;
        onus_arena_clear(&arena);
    }
    assert_true(parsed > ROUNDS / 5);
}

/* How many of the untouched messages the short way takes: a test that compares nothing proves nothing. */
static void the_usual_messages_take_the_short_way(void **state)
{
    (void)state;
    static struct onus_syslog_memo memo;
    size_t taken = 0;
    for (size_t i = 0; i < ONUS_COUNT(messages); i++) {
        struct onus_event event = {0};
        taken += onus_sshd_quick(&memo, onus_str_of(messages[i]), &event) != ONUS_LINE_UNPARSED;
    }
    assert_int_equal(taken, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_remembered_changes_nothing),
            cmocka_unit_test(the_usual_messages_take_the_short_way),
    };
    return cmocka_run_group_tests_name("trace/syslog_memo", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/str.h"
#include "trace/syslog.h"

/*
 * What stands between time and message: which machine, which program, which process. Most lines of a
 * file repeat the first two.
 */

enum {
    SESSION_SEED = 0x6f6e7573,
    PID_DIGITS = 10
};

static struct onus_str family_of(struct onus_str program)
{
    if (onus_str_begins(program, ONUS_STR("sshd"))) {
        return ONUS_STR("sshd");
    }
    size_t paren = onus_str_find_char(program, '(');
    return paren != ONUS_STR_NPOS && paren > 0 ? onus_str_sub(program, 0, paren) : program;
}

static uint64_t family_hash(struct onus_str host, struct onus_str program)
{
    return onus_hash_str(onus_hash_str(SESSION_SEED, host), family_of(program));
}

static uint64_t session_of(uint64_t family, struct onus_str pid)
{
    uint64_t h = onus_hash_str(family, pid);
    return h != 0 ? h : 1;
}

uint64_t onus_syslog_session(struct onus_str host, struct onus_str program, struct onus_str pid)
{
    return pid.len > 0 ? session_of(family_hash(host, program), pid) : 0;
}

/*
 * Remember "host program[" when it is what it looks like: no tag in the host's place, no facility, no
 * parentheses, one blank. Everything else is left to the reader of all spellings.
 */
static bool learn_lead(struct onus_syslog_memo *memo, struct onus_str rest)
{
    rest = onus_str_sub(rest, 0, sizeof(memo->lead));
    memo->lead_length = 0;
    size_t space = onus_str_find_char(rest, ' ');
    struct onus_str host = onus_str_sub(rest, 0, space);
    if (space == ONUS_STR_NPOS || host.len == 0 || host.ptr[0] == '<' ||
            host.ptr[host.len - 1] == ':' || onus_str_find_char(host, '[') != ONUS_STR_NPOS ||
            onus_str_begins(host, ONUS_STR("fail2ban."))) {
        return false;
    }
    struct onus_str tag = onus_str_from(rest, space + 1);
    size_t end = onus_str_find_char(tag, '[');
    struct onus_str program = onus_str_sub(tag, 0, end);
    if (end == ONUS_STR_NPOS || end == 0 || end > ONUS_SYSLOG_TAG_MAX ||
            onus_str_find_char(program, ':') != ONUS_STR_NPOS ||
            onus_str_find_char(program, ' ') != ONUS_STR_NPOS ||
            onus_str_find_char(program, '(') != ONUS_STR_NPOS) {
        return false;
    }
    memo->host_length = (uint8_t)host.len;
    memo->lead_length = (uint8_t)(host.len + 1 + end + 1);
    memcpy(memo->lead, rest.ptr, memo->lead_length);
    memo->family = family_hash(host, program);
    memo->is_sshd = onus_str_begins(program, ONUS_STR("sshd"));
    return true;
}

/* "1234" and "]: " behind it, with a message that needs no further look. */
static size_t pid_length(struct onus_str rest)
{
    size_t digits = 0;
    while (digits < rest.len && digits < PID_DIGITS && onus_is_digit(rest.ptr[digits])) {
        digits++;
    }
    struct onus_str after = onus_str_from(rest, digits);
    bool plain = digits > 0 && onus_str_skip(&after, ONUS_STR("]: ")) && after.len > 0 &&
                 after.ptr[0] != '[';
    return plain ? digits : 0;
}

bool onus_syslog_take_lead(struct onus_syslog_memo *memo, struct onus_str *rest,
        struct onus_event *event)
{
    size_t lead = memo->lead_length;
    bool again = lead > 0 && rest->len > lead && onus_same_bytes(rest->ptr, memo->lead, lead);
    if (!again && !learn_lead(memo, *rest)) {
        return false;
    }
    lead = memo->lead_length;
    struct onus_str pid = onus_str_from(*rest, lead);
    pid.len = pid_length(pid);
    if (pid.len == 0) {
        return false;
    }
    size_t host = memo->host_length;
    event->host = onus_str_sub(*rest, 0, host);
    event->program = onus_str_sub(*rest, host + 1, lead - host - 2);
    event->session = session_of(memo->family, pid);
    *rest = onus_str_from(*rest, lead + pid.len + sizeof("]: ") - 1);
    return true;
}

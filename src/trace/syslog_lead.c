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
    memo->family_key = onus_hash_key(memo->family);
    memo->is_sshd = onus_str_begins(program, ONUS_STR("sshd"));
    return true;
}

/* Remember the time at the front of a line, when it is written in the fixed width. */
static bool learn_time(struct onus_syslog_memo *memo, struct onus_str line)
{
    struct onus_str rest = line;
    if (!onus_syslog_take_fast_time(&rest, &memo->usec)) {
        memo->has_time = false;
        return false;
    }
    memcpy(memo->time, line.ptr, sizeof(memo->time));
    memo->has_time = true;
    return true;
}

/* A bit in each byte of the word that is no digit. */
static uint64_t non_digits(uint64_t word)
{
    uint64_t x = word ^ 0x3030303030303030u;
    return (((x & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u) | x) & 0x8080808080808080u;
}

/* How many digits stand at p, up to PID_DIGITS. */
static size_t count_digits(const char *p, size_t len)
{
    size_t digits = 0;
    uint64_t word = 0;
    if (len >= sizeof(word) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
        memcpy(&word, p, sizeof(word));
        uint64_t others = non_digits(word);
        if (others != 0) {
            return (size_t)__builtin_ctzll(others) / 8;
        }
    }
    while (digits < len && digits < PID_DIGITS && onus_is_digit(p[digits])) {
        digits++;
    }
    return digits;
}

/* How many of the digits at p are a process id with "]: " and a message that needs no look behind it. */
static size_t pid_length(const char *p, size_t len)
{
    size_t digits = count_digits(p, len);
    bool plain = digits > 0 && len - digits > 3 && p[digits] == ']' && p[digits + 1] == ':' &&
                 p[digits + 2] == ' ' && p[digits + 3] != '[';
    return plain ? digits : 0;
}

struct onus_str onus_syslog_take_lead(struct onus_syslog_memo *memo, struct onus_str rest,
        struct onus_event *event)
{
    size_t lead = memo->lead_length;
    if (lead == 0 || rest.len <= lead || !onus_same_bytes(rest.ptr, memo->lead, lead)) {
        if (!learn_lead(memo, rest)) {
            return ONUS_STR_NONE;
        }
        lead = memo->lead_length;
    }
    const char *pid = rest.ptr + lead;
    size_t digits = pid_length(pid, rest.len - lead);
    if (digits == 0) {
        return ONUS_STR_NONE;
    }
    size_t host = memo->host_length;
    uint64_t session = digits < 8 ? onus_hash_few(memo->family, memo->family_key, pid, digits)
                                  : onus_hash_bytes(memo->family, pid, digits);
    event->host.ptr = rest.ptr;
    event->host.len = host;
    event->program.ptr = rest.ptr + host + 1;
    event->program.len = lead - host - 2;
    event->session = session != 0 ? session : 1;
    size_t before = lead + digits + sizeof("]: ") - 1;
    return (struct onus_str){rest.ptr + before, rest.len - before};
}

struct onus_str onus_syslog_take_front(struct onus_syslog_memo *memo, struct onus_str line,
        struct onus_event *event)
{
    uint64_t time[2];
    if (line.len <= sizeof(time)) {
        return ONUS_STR_NONE;
    }
    memcpy(time, line.ptr, sizeof(time));
    bool again = memo->has_time && time[0] == memo->time[0] && time[1] == memo->time[1];
    /* A digit may begin a year. */
    if ((!again || onus_is_digit(line.ptr[sizeof(time)])) && !learn_time(memo, line)) {
        return ONUS_STR_NONE;
    }
    event->time = memo->usec;
    event->marks |= ONUS_MARK_NO_ZONE | ONUS_MARK_NO_YEAR;
    event->time_text.ptr = line.ptr;
    event->time_text.len = sizeof(time) - 1;
    struct onus_str rest = {line.ptr + sizeof(time), line.len - sizeof(time)};
    return onus_syslog_take_lead(memo, rest, event);
}

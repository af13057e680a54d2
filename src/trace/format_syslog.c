/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/syslog.h"

#include "base/hash.h"
#include "base/str.h"
#include "trace/message_sshd.h"

/*
 * Lines that syslog daemons write to files: "Jan 10 03:11:02 host tag[pid]: message", the same with
 * an ISO time (rsyslog since Debian 12), both with or without "<PRI>", and RFC 5424 lines.
 */

enum {
    PRIORITY_MAX = 191,
    TAI64N_LENGTH = 25,
    FAST_TIME_LENGTH = 16 /* with the blank after it */
};

bool onus_syslog_take_priority(struct onus_str *line)
{
    struct onus_str rest = *line;
    uint64_t priority = 0;
    if (!onus_str_skip(&rest, ONUS_STR("<")) || !onus_str_take_u64(&rest, &priority) ||
            priority > PRIORITY_MAX || !onus_str_skip(&rest, ONUS_STR(">"))) {
        return false;
    }
    *line = rest;
    return true;
}

static bool ends_tag(char c)
{
    return c == ':' || c == '[' || c == ' ';
}

/* "[1234]" off the front; what stands between the brackets need not be a number. */
static struct onus_str take_pid(struct onus_str *s)
{
    if (s->len == 0 || s->ptr[0] != '[') {
        return ONUS_STR_NONE;
    }
    size_t end = onus_str_find_char(onus_str_sub(*s, 0, ONUS_SYSLOG_TAG_MAX), ']');
    if (end == ONUS_STR_NPOS) {
        return ONUS_STR_NONE;
    }
    struct onus_str inside = onus_str_sub(*s, 1, end - 1);
    *s = onus_str_from(*s, end + 1);
    return inside;
}

bool onus_syslog_take_tag(struct onus_str *rest, struct onus_str *program, struct onus_str *pid)
{
    struct onus_str s = *rest;
    struct onus_str name;
    struct onus_str id = ONUS_STR_NONE;
    size_t end = 0;
    while (end < s.len && end <= ONUS_SYSLOG_TAG_MAX && !ends_tag(s.ptr[end])) {
        end++;
    }
    if (end == 0 && s.len > 0 && s.ptr[0] == '[') { /* "[sshd]: ", "[sshd] " */
        name = take_pid(&s);
        if (name.len == 0 || onus_str_find_char(name, ' ') != ONUS_STR_NPOS) {
            return false;
        }
    } else if (end == 0 || end >= s.len || end > ONUS_SYSLOG_TAG_MAX || s.ptr[end] == ' ') {
        return false;
    } else {
        bool bracket = s.ptr[end] == '[';
        name = onus_str_sub(s, 0, end);
        s = onus_str_from(s, end);
        id = take_pid(&s);
        if (bracket && id.ptr == NULL) {
            return false;
        }
    }
    size_t paren = onus_str_find_char(name, '('); /* "sshd(pam_unix)", "auth-worker(304)" */
    bool colon = onus_str_skip(&s, ONUS_STR(":"));
    if ((!colon || paren != ONUS_STR_NPOS) && s.len > 0 && s.ptr[0] != ' ') {
        return false;
    }
    (void)onus_str_skip(&s, ONUS_STR(" "));
    *program = paren != ONUS_STR_NPOS && paren > 0 ? onus_str_sub(name, 0, paren) : name;
    *pid = id;
    *rest = s;
    return true;
}

/* Solaris "[ID 800047 auth.info] ", and the clock that some kernels put before a message. */
static void skip_message_prefix(struct onus_str *message)
{
    struct onus_str s = *message;
    if (onus_str_skip(&s, ONUS_STR("[ID "))) {
        struct onus_str id = ONUS_STR_NONE;
        if (onus_str_cut(&s, ']', &id) && id.len < ONUS_SYSLOG_TAG_MAX) {
            (void)onus_str_skip(&s, ONUS_STR(" "));
            *message = s;
        }
    }
}

enum onus_line_verdict onus_syslog_deliver(const struct onus_parse_context *context,
        struct onus_str pid, struct onus_str message, struct onus_event *event)
{
    if (context->envelope) {
        context->envelope->process_id = pid;
        context->envelope->message = message;
    }
    event->session = onus_syslog_session(event->host, event->program, pid);
    size_t paren = onus_str_find_char(event->program, '('); /* "sshd(pam_unix)" */
    if (paren != ONUS_STR_NPOS && paren > 0) {
        event->program = onus_str_sub(event->program, 0, paren);
    }
    if (message.len > 0 && message.ptr[0] == '[') {
        skip_message_prefix(&message);
    }
    return onus_message_parse(context, message, event);
}

/* The letters of a month in one number, so that the name is found by one comparison. */
enum month_name {
    JAN = 'J' << 16 | 'a' << 8 | 'n',
    FEB = 'F' << 16 | 'e' << 8 | 'b',
    MAR = 'M' << 16 | 'a' << 8 | 'r',
    APR = 'A' << 16 | 'p' << 8 | 'r',
    MAY = 'M' << 16 | 'a' << 8 | 'y',
    JUN = 'J' << 16 | 'u' << 8 | 'n',
    JUL = 'J' << 16 | 'u' << 8 | 'l',
    AUG = 'A' << 16 | 'u' << 8 | 'g',
    SEP = 'S' << 16 | 'e' << 8 | 'p',
    OCT = 'O' << 16 | 'c' << 8 | 't',
    NOV = 'N' << 16 | 'o' << 8 | 'v',
    DEC = 'D' << 16 | 'e' << 8 | 'c',
};

static int month_of(const char *name)
{
    const unsigned char *p = (const unsigned char *)name;
    switch (p[0] << 16 | p[1] << 8 | p[2]) {
    case JAN:
        return 0;
    case FEB:
        return 1;
    case MAR:
        return 2;
    case APR:
        return 3;
    case MAY:
        return 4;
    case JUN:
        return 5;
    case JUL:
        return 6;
    case AUG:
        return 7;
    case SEP:
        return 8;
    case OCT:
        return 9;
    case NOV:
        return 10;
    case DEC:
        return 11;
    default:
        return -1;
    }
}

/* Two digits at p, or a value that no caller accepts. */
static unsigned pair(const char *p)
{
    unsigned tens = (unsigned)(unsigned char)p[0] - '0';
    unsigned ones = (unsigned)(unsigned char)p[1] - '0';
    return tens > 9 || ones > 9 ? 1000 : tens * 10 + ones;
}

bool onus_syslog_take_fast_time(struct onus_str *s, int64_t *usec)
{
    static const int16_t before[12] = {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335};
    static const uint8_t length[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    enum {
        DAYS_TO_1972 = 730
    };
    const char *p = s->ptr;
    if (s->len < FAST_TIME_LENGTH || p[3] != ' ' || p[6] != ' ' || p[9] != ':' || p[12] != ':' ||
            p[15] != ' ') {
        return false;
    }
    int month = month_of(p);
    unsigned day = p[4] == ' ' ? (unsigned)(unsigned char)p[5] - '0' : pair(p + 4);
    unsigned hour = pair(p + 7);
    unsigned minute = pair(p + 10);
    unsigned second = pair(p + 13);
    if (month < 0 || (p[4] == ' ' && day > 9) || day < 1 || day > length[month] || hour > 23 ||
            minute > 59 || second > 60) {
        return false;
    }
    struct onus_str after = onus_str_from(*s, FAST_TIME_LENGTH);
    if (after.len >= 5 && onus_is_digit(after.ptr[0]) && onus_is_digit(after.ptr[3])) {
        return false; /* perhaps a year: leave it to the slow reader */
    }
    int64_t days = DAYS_TO_1972 + before[month] + (int64_t)day - 1;
    *usec = (days * 86400 + (int64_t)hour * 3600 + (int64_t)minute * 60 + second) * ONUS_USEC;
    *s = onus_str_from(*s, FAST_TIME_LENGTH - 1);
    return true;
}

static int hex_value(char c)
{
    if (onus_is_digit(c)) {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* multilog's TAI64N label: "@400000004c91b044077a9e94", seconds from 2^62 + 10 and nanoseconds. */
static bool take_tai64n(struct onus_str *s, struct onus_moment *out)
{
    const uint64_t epoch = 0x400000000000000au;
    uint64_t part[2] = {0, 0};
    if (s->len < TAI64N_LENGTH || s->ptr[0] != '@') {
        return false;
    }
    for (size_t i = 1; i < TAI64N_LENGTH; i++) {
        int digit = hex_value(s->ptr[i]);
        if (digit < 0) {
            return false;
        }
        part[i > 16] = part[i > 16] << 4 | (unsigned)digit;
    }
    if (part[0] < epoch || part[0] - epoch > UINT32_MAX || part[1] > 999999999) {
        return false;
    }
    out->usec = (int64_t)(part[0] - epoch) * ONUS_USEC + (int64_t)(part[1] / 1000);
    out->has_zone = true;
    out->has_year = true;
    *s = onus_str_from(*s, TAI64N_LENGTH);
    return true;
}

static bool take_time(struct onus_str *rest, struct onus_event *out)
{
    const char *start = rest->ptr;
    struct onus_moment moment = {0};
    if (onus_syslog_take_fast_time(rest, &out->time)) {
        out->marks |= ONUS_MARK_NO_ZONE | ONUS_MARK_NO_YEAR;
    } else if (onus_time_take_syslog(rest, &moment) || onus_time_take_iso(rest, &moment) ||
               take_tai64n(rest, &moment)) {
        out->time = moment.usec;
        out->marks |= (uint16_t)((moment.has_zone ? 0 : ONUS_MARK_NO_ZONE) |
                                 (moment.has_year ? 0 : ONUS_MARK_NO_YEAR));
    } else {
        return false;
    }
    out->time_text = (struct onus_str){start, (size_t)(rest->ptr - start)};
    return true;
}

/* The first word is a tag, and the host was left out: "sshd[19725]: ", "[sshd]: ", "kernel: ". */
static bool is_tag(struct onus_str word)
{
    return word.len > 0 && (word.ptr[word.len - 1] == ':' || memchr(word.ptr, '[', word.len));
}

/* FreeBSD's syslogd -v: "<auth.info> ". */
static void skip_facility(struct onus_str *s)
{
    struct onus_str rest = *s;
    struct onus_str facility = ONUS_STR_NONE;
    if (onus_str_skip(&rest, ONUS_STR("<")) && onus_str_cut(&rest, '>', &facility) &&
            facility.len < ONUS_SYSLOG_TAG_MAX) {
        (void)onus_str_skip(&rest, ONUS_STR(" "));
        *s = rest;
    }
}

/* A message that stands behind "host tag[pid]: ", where that is written as on the lines before. */
static enum onus_line_verdict parse_message(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *out)
{
    struct onus_syslog_memo *memo = context->syslog;
    enum onus_line_verdict verdict =
            memo->is_sshd ? onus_sshd_quick(memo, message, out) : ONUS_LINE_UNPARSED;
    return verdict != ONUS_LINE_UNPARSED ? verdict : onus_message_parse(context, message, out);
}

/* What follows the time: [host] tag[pid]: message. Lines without a tag are messages of nobody. */
static enum onus_line_verdict parse_after_time(const struct onus_parse_context *context,
        struct onus_str rest, struct onus_event *out, bool strict)
{
    struct onus_str pid = ONUS_STR_NONE;
    if (context->syslog && !context->envelope) {
        struct onus_str message = onus_syslog_take_lead(context->syslog, rest, out);
        if (message.ptr) {
            return parse_message(context, message, out);
        }
    }
    if (rest.len > 0 && rest.ptr[0] == '<') {
        skip_facility(&rest);
    }
    size_t space = onus_str_find_char(rest, ' ');
    struct onus_str word = onus_str_sub(rest, 0, space);
    if (strict && onus_str_begins(word, ONUS_STR("fail2ban."))) {
        out->program = word; /* its own log pads the name: "fail2ban.actions        [123]: " */
        return onus_syslog_deliver(context, pid, onus_str_from(rest, word.len), out);
    }
    if (!is_tag(word)) {
        out->host = word;
        rest = onus_str_from(rest, space == ONUS_STR_NPOS ? rest.len : space + 1);
        while (rest.len > 0 && rest.ptr[0] == ' ') {
            rest = onus_str_from(rest, 1);
        }
    }
    bool tagged = onus_syslog_take_tag(&rest, &out->program, &pid);
    /* "[name] " without a host is the shape of other logs too. */
    if (word.len > 0 && word.ptr[0] == '[' && !(tagged && onus_message_known(out->program))) {
        return ONUS_LINE_UNPARSED;
    }
    if (strict && (!tagged || ((pid.len == 0 || out->host.len == 0) &&
                                      !onus_message_known(out->program)))) {
        return ONUS_LINE_UNPARSED;
    }
    return onus_syslog_deliver(context, pid, rest, out);
}

/* RFC 6587, 3.4.1: "123 <34>1 ..." */
static void skip_octet_count(struct onus_str *line)
{
    struct onus_str rest = *line;
    uint64_t count = 0;
    if (onus_str_take_u64(&rest, &count) && onus_str_skip(&rest, ONUS_STR(" ")) && rest.len > 0 &&
            rest.ptr[0] == '<') {
        *line = rest;
    }
}

static enum onus_line_verdict parse_any(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    out->time = ONUS_TIME_NONE;
    if (line.len > 0 && onus_is_digit(line.ptr[0])) {
        skip_octet_count(&line);
    }
    if (line.len > 0 && line.ptr[0] == '<') {
        struct onus_str digits = onus_str_from(line, 1);
        uint64_t priority = 0;
        if (!onus_syslog_take_priority(&line)) {
            return ONUS_LINE_UNPARSED;
        }
        if (context->envelope && onus_str_take_u64(&digits, &priority)) {
            context->envelope->has_priority = true;
            context->envelope->priority = (uint8_t)priority;
        }
        if (onus_str_begins(line, ONUS_STR("1 "))) {
            return onus_syslog_parse_5424(context, line, out);
        }
    }
    if (!take_time(&line, out)) {
        return ONUS_LINE_UNPARSED;
    }
    /* "2026-01-10 03:11:02" begins lines of many programs: only a full tag makes it syslog. */
    bool strict = out->time_text.ptr[0] == '@' ||
                  (out->time_text.len > 10 && onus_is_digit(out->time_text.ptr[0]) &&
                          out->time_text.ptr[10] == ' ');
    if (!onus_str_skip(&line, ONUS_STR(" ")) && !onus_str_skip(&line, ONUS_STR(": "))) {
        return ONUS_LINE_UNPARSED;
    }
    return parse_after_time(context, line, out, strict);
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    if (context->syslog && !context->envelope) {
        struct onus_str message = onus_syslog_take_front(context->syslog, line, out);
        if (message.ptr) {
            return parse_message(context, message, out);
        }
    }
    return parse_any(context, line, out);
}

const struct onus_format onus_format_syslog = {
        .name = "syslog",
        .title = "syslog files: RFC 3164, ISO time, RFC 5424",
        .parse = parse,
};

/*
 * "host sshd[pid]: message" without a time, as journal tools pass lines on. Taken only for programs
 * somebody reads, because otherwise the shape says nothing.
 */
static enum onus_line_verdict parse_bare(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    struct onus_str pid = ONUS_STR_NONE;
    uint64_t number = 0;
    out->time = ONUS_TIME_NONE;
    out->marks |= ONUS_MARK_NO_TIME;
    if (!onus_str_cut(&line, ' ', &out->host) || out->host.len == 0 ||
            !onus_syslog_take_tag(&line, &out->program, &pid) ||
            !onus_str_to_u64(pid, UINT32_MAX, &number) || !onus_message_known(out->program)) {
        return ONUS_LINE_UNPARSED;
    }
    return onus_syslog_deliver(context, pid, line, out);
}

const struct onus_format onus_format_syslog_bare = {
        .name = "syslog-bare",
        .title = "syslog lines without a time: host tag[pid]: message",
        .parse = parse_bare,
};

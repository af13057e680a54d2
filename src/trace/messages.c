/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/message_fields.h"

extern const struct onus_message_parser onus_message_cowrie;
extern const struct onus_message_parser onus_message_dovecot;
extern const struct onus_message_parser onus_message_dropbear;
extern const struct onus_message_parser onus_message_exim;
extern const struct onus_message_parser onus_message_kernel;
extern const struct onus_message_parser onus_message_local;
extern const struct onus_message_parser onus_message_postfix;
extern const struct onus_message_parser onus_message_httpd;
extern const struct onus_message_parser onus_message_ftpd;
extern const struct onus_message_parser onus_message_mail;
extern const struct onus_message_parser onus_message_watch;
extern const struct onus_message_parser onus_message_sshd;
extern const struct onus_message_parser onus_message_vsftpd;

/* Programs whose lines are many stand first. */
static const struct onus_message_parser *const parsers[] = {
        &onus_message_sshd,
        &onus_message_kernel,
        &onus_message_postfix,
        &onus_message_dovecot,
        &onus_message_exim,
        &onus_message_vsftpd,
        &onus_message_dropbear,
        &onus_message_httpd,
        &onus_message_cowrie,
        &onus_message_local,
        &onus_message_ftpd,
        &onus_message_mail,
        &onus_message_watch,
        NULL,
};

static const struct onus_message_parser *parser_for(struct onus_str program)
{
    for (size_t i = 0; parsers[i]; i++) {
        if (parsers[i]->takes(program)) {
            return parsers[i];
        }
    }
    return NULL;
}

bool onus_message_known(struct onus_str program)
{
    return program.len > 0 && parser_for(program) != NULL;
}

static enum onus_line_verdict parse_plain(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    if (onus_message_is_pam(message)) {
        return onus_message_pam(context, message, event);
    }
    /* Dovecot 2.4 in its own file: "auth(NAME,ADDRESS,sasl:login)<ID>: ..." is no tag. */
    const struct onus_message_parser *parser =
            event->program.len == 0 && onus_str_begins(message, ONUS_STR("auth("))
                    ? &onus_message_dovecot
                    : parser_for(event->program);
    return parser ? parser->parse(context, message, event) : ONUS_LINE_IGNORED;
}

/* "repeated 4 times" off the front. */
static bool take_times(struct onus_str *s, uint32_t *out)
{
    uint64_t count = 0;
    if (!onus_str_skip(s, ONUS_STR("message repeated ")) || !onus_str_take_u64(s, &count) ||
            count == 0 || count > UINT32_MAX || !onus_str_skip(s, ONUS_STR(" times"))) {
        return false;
    }
    *out = (uint32_t)count;
    return true;
}

/* rsyslog: "message repeated 4 times: [ Failed password for ...]" carries the message itself. */
static enum onus_line_verdict parse_repeated(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    uint32_t count = 0;
    if (!take_times(&message, &count) || !onus_str_skip(&message, ONUS_STR(": [")) ||
            !onus_str_drop(&message, ONUS_STR("]"))) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_str_skip(&message, ONUS_STR(" "));
    enum onus_line_verdict verdict = parse_plain(context, message, event);
    uint64_t total = (uint64_t)count * onus_event_tries(event);
    event->count = total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
    return verdict;
}

/* Classic syslogd: "last message repeated 3 times" stands for the line before it. */
static bool parse_last_repeated(struct onus_str message, struct onus_event *event)
{
    uint32_t count = 0;
    (void)onus_str_skip(&message, ONUS_STR("--- "));
    if (!onus_str_skip(&message, ONUS_STR("last ")) || !take_times(&message, &count)) {
        return false;
    }
    event->kind = ONUS_EVENT_REPEAT;
    event->count = count;
    event->rule = "last message repeated";
    return true;
}

enum onus_line_verdict onus_message_parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    char first = message.len > 0 ? message.ptr[0] : '\0';
    if (first == 'm' && onus_str_begins(message, ONUS_STR("message repeated "))) {
        return parse_repeated(context, message, event);
    }
    if ((first == 'l' || first == '-') && parse_last_repeated(message, event)) {
        return ONUS_LINE_PARSED;
    }
    return parse_plain(context, message, event);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include "base/hash.h"
#include "base/str.h"
#include "trace/message.h"

const char *const onus_journal_names[ONUS_JOURNAL_FIELDS] = {
        [ONUS_JOURNAL_REALTIME] = "__REALTIME_TIMESTAMP",
        [ONUS_JOURNAL_SOURCE_REALTIME] = "_SOURCE_REALTIME_TIMESTAMP",
        [ONUS_JOURNAL_MESSAGE] = "MESSAGE",
        [ONUS_JOURNAL_IDENTIFIER] = "SYSLOG_IDENTIFIER",
        [ONUS_JOURNAL_COMM] = "_COMM",
        [ONUS_JOURNAL_HOSTNAME] = "_HOSTNAME",
        [ONUS_JOURNAL_PID] = "_PID",
        [ONUS_JOURNAL_SYSLOG_PID] = "SYSLOG_PID",
};

/* Microseconds since 1970, up to year 2200. */
static bool set_time(struct onus_event *out, struct onus_str digits)
{
    uint64_t usec = 0;
    if (!onus_str_to_u64(digits, (uint64_t)7258118400 * ONUS_USEC, &usec)) {
        return false;
    }
    out->time = (int64_t)usec;
    out->time_text = digits;
    return true;
}

static uint64_t session_of(const struct onus_event *event, struct onus_str pid)
{
    if (pid.len == 0) {
        return 0;
    }
    const struct onus_str parts[] = {event->host, event->program, pid};
    uint64_t h = ONUS_HASH_STABLE_INIT;
    for (size_t i = 0; i < ONUS_COUNT(parts); i++) {
        h = onus_hash_stable(h, parts[i].ptr, parts[i].len);
        h = onus_hash_stable(h, "", 1);
    }
    return h ? h : 1;
}

enum onus_line_verdict onus_journal_event(const struct onus_parse_context *context,
        const struct onus_str *value, struct onus_event *out)
{
    if (!set_time(out, value[ONUS_JOURNAL_SOURCE_REALTIME]) &&
            !set_time(out, value[ONUS_JOURNAL_REALTIME])) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str program = value[ONUS_JOURNAL_IDENTIFIER];
    struct onus_str pid = value[ONUS_JOURNAL_PID];
    out->host = value[ONUS_JOURNAL_HOSTNAME];
    out->program = program.len > 0 ? program : value[ONUS_JOURNAL_COMM];
    out->session = session_of(out, pid.len > 0 ? pid : value[ONUS_JOURNAL_SYSLOG_PID]);
    if (context->envelope) {
        context->envelope->process_id = pid;
        context->envelope->message = value[ONUS_JOURNAL_MESSAGE];
    }
    if (!value[ONUS_JOURNAL_MESSAGE].ptr) {
        return ONUS_LINE_IGNORED;
    }
    return onus_message_parse(context, value[ONUS_JOURNAL_MESSAGE], out);
}

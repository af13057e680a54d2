/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal export format (`journalctl -o export`): entries of fields, ended by an empty line. A
 * field is NAME=value, or, when the value holds a line end or other control bytes, NAME alone on its
 * line, the length as 64 bit little-endian, that many bytes and a line end.
 */
#include "base/str.h"
#include "trace/journal.h"

/* A field longer than this is not read as one: a lying length must not swallow the rest. */
#define FIELD_MAX ((size_t)16 << 20)
#define ENTRY_MAX ((size_t)64 << 20)

enum step {
    STEP_FIELD, /* a field was taken off the front */
    STEP_END,   /* the empty line */
    STEP_SHORT, /* the text ends inside */
    STEP_BAD,   /* no field stands here */
};

static bool is_name(struct onus_str name)
{
    if (name.len == 0 || name.len > 64) { /* the limit journald itself keeps */
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'A' && c <= 'Z') && !onus_is_digit(c) && c != '_') {
            return false;
        }
    }
    return true;
}

static uint64_t little_endian(const char *p)
{
    uint64_t value = 0;
    for (size_t i = 8; i > 0; i--) {
        value = value << 8 | (unsigned char)p[i - 1];
    }
    return value;
}

/* rest: behind the line with the name. */
static enum step take_binary(struct onus_str *rest, struct onus_str *value)
{
    if (rest->len < 8) {
        return STEP_SHORT;
    }
    uint64_t length = little_endian(rest->ptr);
    if (length > FIELD_MAX) {
        return STEP_BAD;
    }
    if (rest->len < 8 + length + 1) {
        return STEP_SHORT;
    }
    if (rest->ptr[8 + length] != '\n') {
        return STEP_BAD;
    }
    *value = onus_str_sub(*rest, 8, (size_t)length);
    *rest = onus_str_from(*rest, 8 + (size_t)length + 1);
    return STEP_FIELD;
}

/* at_end: a last line without LF counts as a line. */
static enum step take_field(struct onus_str *rest, bool at_end, struct onus_str *name,
        struct onus_str *value)
{
    size_t end = onus_str_find_char(*rest, '\n');
    if (end == ONUS_STR_NPOS) {
        if (!at_end || rest->len == 0) {
            return STEP_SHORT;
        }
        end = rest->len;
    }
    struct onus_str line = onus_str_sub(*rest, 0, end);
    struct onus_str behind = onus_str_from(*rest, end + 1);
    if (line.len == 0) {
        *rest = behind;
        return STEP_END;
    }
    *value = line;
    if (onus_str_cut(value, '=', name)) {
        if (!is_name(*name)) {
            return STEP_BAD;
        }
        *rest = behind;
        return STEP_FIELD;
    }
    *name = line;
    if (!is_name(line) || end == rest->len) {
        return STEP_BAD;
    }
    enum step step = take_binary(&behind, value);
    if (step == STEP_FIELD) {
        *rest = behind;
    }
    return step;
}

static bool begins_entry(struct onus_str text)
{
    return onus_str_begins(text, ONUS_STR("__CURSOR=")) ||
           onus_str_begins(text, ONUS_STR("__REALTIME_TIMESTAMP="));
}

static size_t line_length(struct onus_str text, bool at_end)
{
    size_t end = onus_str_find_char(text, '\n');
    return end != ONUS_STR_NPOS ? end + 1 : at_end ? text.len : 0;
}

static size_t record(struct onus_str text, bool at_end)
{
    struct onus_str rest = text;
    struct onus_str name;
    struct onus_str value;
    if (!begins_entry(text)) {
        return line_length(text, at_end);
    }
    for (;;) {
        enum step step = take_field(&rest, at_end, &name, &value);
        size_t taken = text.len - rest.len;
        if (step == STEP_FIELD && onus_str_begins(rest, ONUS_STR("__CURSOR="))) {
            return taken; /* the entry was cut off: this is the next one */
        }
        if (step == STEP_END) {
            return taken;
        }
        if (step == STEP_SHORT) {
            return at_end ? text.len : 0;
        }
        if (step == STEP_BAD || taken > ENTRY_MAX) {
            return taken > 0 ? taken
                             : line_length(text, true); /* the entry ends where sense ends */
        }
    }
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str entry,
        struct onus_event *out)
{
    if (!begins_entry(entry)) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_str fields[ONUS_JOURNAL_FIELDS] = {0};
    struct onus_str name;
    struct onus_str value;
    enum step step;
    while ((step = take_field(&entry, true, &name, &value)) == STEP_FIELD) {
        for (size_t i = 0; i < ONUS_JOURNAL_FIELDS; i++) {
            if (!fields[i].ptr && onus_str_eq(name, onus_str_of(onus_journal_names[i]))) {
                fields[i] = value;
            }
        }
    }
    if (entry.len > 0 || step == STEP_BAD) {
        return ONUS_LINE_UNPARSED;
    }
    return onus_journal_event(context, fields, out);
}

const struct onus_format onus_format_journal_export = {
        .name = "journal-export",
        .title = "systemd journal, export format",
        .record = record,
        .parse = parse,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal as JSON lines (`journalctl -o json`): every value a string; one with bytes that are
 * not text is an array of numbers, one that stands several times an array, one too large null.
 */
#include "base/str.h"
#include "text/json_scan.h"
#include "trace/journal.h"

/* [72,105,255] */
static struct onus_str bytes_of(const struct onus_parse_context *context, struct onus_str array)
{
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str value;
    char *copy = onus_arena_alloc(context->arena, array.len); /* a number takes two at least */
    if (!copy || !onus_json_iter_init(&it, array)) {
        return ONUS_STR_NONE;
    }
    size_t count = 0;
    while (onus_json_next(&it, &key, &value)) {
        uint64_t byte = 0;
        if (!onus_json_value_u64(value, 255, &byte)) {
            return ONUS_STR_NONE;
        }
        copy[count++] = (char)(unsigned char)byte;
    }
    return it.whole ? (struct onus_str){copy, count} : ONUS_STR_NONE;
}

static struct onus_str first_of(struct onus_str array)
{
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str value = ONUS_STR_NONE;
    return onus_json_iter_init(&it, array) && onus_json_next(&it, &key, &value) ? value
                                                                                : ONUS_STR_NONE;
}

static struct onus_str decode(const struct onus_parse_context *context, struct onus_str value)
{
    if (onus_json_kind(value) == ONUS_JSON_ARRAY) {
        struct onus_str first = first_of(value);
        if (onus_json_kind(first) == ONUS_JSON_NUMBER) {
            return bytes_of(context, value);
        }
        value = first;
    }
    return onus_json_value_text(value, context->arena);
}

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    struct onus_str value[ONUS_JOURNAL_FIELDS];
    if (line.len == 0 || line.ptr[0] != '{' ||
            !onus_str_has(line, ONUS_STR("\"__REALTIME_TIMESTAMP\"")) ||
            !onus_json_pick(line, onus_journal_names, value, ONUS_JOURNAL_FIELDS)) {
        return ONUS_LINE_UNPARSED;
    }
    for (size_t i = 0; i < ONUS_JOURNAL_FIELDS; i++) {
        value[i] = decode(context, value[i]);
    }
    return onus_journal_event(context, value, out);
}

const struct onus_format onus_format_journal_json = {
        .name = "journal-json",
        .title = "systemd journal, JSON lines",
        .parse = parse,
};

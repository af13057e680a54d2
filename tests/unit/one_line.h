/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEST_ONE_LINE_H
#define ONUS_TEST_ONE_LINE_H

/*
 * Run one format over a text as the pipeline would and keep the events. Each record is handed over in
 * a block of exactly its size, so that the sanitizers see the true end; a state lives as long as the
 * reader.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "trace/findings.h"
#include "trace/format.h"

enum {
    READER_MAX = 32
};

struct reader {
    const struct onus_format *format;
    struct onus_arena arena;
    uint64_t state[ONUS_FORMAT_STATE_MAX / 8];
    struct onus_event events[READER_MAX]; /* of the last line */
    size_t count;
    char *copies[READER_MAX];
    size_t copied;
    enum onus_line_verdict verdict; /* of the last record */
};

static inline void reader_init(struct reader *r, const char *format)
{
    memset(r, 0, sizeof(*r));
    r->format = onus_format_by_name(onus_str_of(format));
    assert_non_null(r->format);
    onus_arena_init(&r->arena, 1 << 20);
}

static inline void reader_clear(struct reader *r)
{
    for (size_t i = 0; i < r->copied; i++) {
        free(r->copies[i]);
    }
    onus_arena_clear(&r->arena);
}

static inline struct onus_event *reader_more(void *data)
{
    struct reader *r = data;
    return r->count < READER_MAX ? &r->events[r->count++] : NULL;
}

/* Parse one record; r->events[0] is its first event. */
static inline enum onus_line_verdict reader_parse(struct reader *r, struct onus_str record)
{
    assert_true(r->copied < READER_MAX);
    char *copy = malloc(record.len > 0 ? record.len : 1);
    assert_non_null(copy);
    if (record.len > 0) {
        memcpy(copy, record.ptr, record.len);
    }
    r->copies[r->copied++] = copy;
    memset(r->events, 0, sizeof(r->events));
    r->count = 1;
    struct onus_parse_context context = {.arena = &r->arena,
            .state = r->format->state_size > 0 ? r->state : NULL,
            .more = reader_more,
            .more_data = r};
    r->verdict = r->format->parse(&context, (struct onus_str){copy, record.len}, &r->events[0]);
    return r->verdict;
}

static inline enum onus_line_verdict reader_line(struct reader *r, const char *line)
{
    return reader_parse(r, onus_str_of(line));
}

/* Every prefix of the line must be survived; what it means does not matter. */
static inline void survive_truncations(const char *format, const char *line)
{
    struct onus_str whole = onus_str_of(line);
    for (size_t len = 0; len < whole.len; len++) {
        struct reader r;
        reader_init(&r, format);
        (void)reader_parse(&r, onus_str_sub(whole, 0, len));
        reader_clear(&r);
    }
}

#define assert_text(view, literal)                                                    \
    do {                                                                              \
        struct onus_str seen_ = (view);                                               \
        if (!onus_str_eq(seen_, ONUS_STR(literal))) {                                 \
            fail_msg("'" ONUS_STR_FMT "' is not '%s'", ONUS_STR_ARG(seen_), literal); \
        }                                                                             \
    } while (0)

static inline void expect_source(const struct onus_event *event, const char *address)
{
    char text[ONUS_ADDRESS_TEXT];
    assert_true(event->has_source);
    (void)onus_address_format(&event->source, text);
    assert_string_equal(text, address);
}

static inline void expect_time(const struct onus_event *event, const char *time)
{
    char text[ONUS_TIME_TEXT];
    assert_true(event->time != ONUS_TIME_NONE);
    (void)onus_time_format(event->time, text);
    assert_string_equal(text, time);
}

static inline bool has_finding(const struct onus_event *event, enum onus_finding finding)
{
    return (event->findings & ONUS_FINDING_BIT(finding)) != 0;
}

/* Whether a word stands anywhere in what the event keeps as text. */
static inline bool event_mentions(const struct onus_event *event, const char *word)
{
    const struct onus_str texts[] = {event->account, event->method, event->target, event->agent,
            event->detail, event->host, event->program, event->source_name, event->source_text};
    for (size_t i = 0; i < ONUS_COUNT(texts); i++) {
        if (onus_str_has(texts[i], onus_str_of(word))) {
            return true;
        }
    }
    return false;
}

#endif

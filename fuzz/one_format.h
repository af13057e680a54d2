/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_FUZZ_ONE_FORMAT_H
#define ONUS_FUZZ_ONE_FORMAT_H

/*
 * Run formats over arbitrary bytes as the pipeline would: cut into records, one state for the whole
 * input, a bounded number of further events. Checks what every format promises.
 */

#include "fuzz.h"

#include "base/str.h"
#include "trace/format.h"

enum {
    FUZZ_MORE_MAX = 16
};

struct fuzz_more {
    struct onus_event events[FUZZ_MORE_MAX];
    size_t count;
};

static inline struct onus_event *fuzz_more(void *data)
{
    struct fuzz_more *more = data;
    return more->count < FUZZ_MORE_MAX ? &more->events[more->count++] : NULL;
}

static inline void fuzz_check_event(const struct onus_event *event)
{
    FUZZ_CHECK(event->kind <= ONUS_EVENT_REPEAT);
    FUZZ_CHECK(event->outcome <= ONUS_OUTCOME_PROBED);
    FUZZ_CHECK(event->role < ONUS_ROLE_COUNT || event->role == ONUS_ROLE_SUMMARY);
    FUZZ_CHECK(event->service < ONUS_SERVICE_MAX);
    FUZZ_CHECK(!event->has_source || event->source_text.len > 0);
    const struct onus_str texts[] = {event->time_text, event->source_text, event->source_name,
            event->host, event->program, event->account, event->method, event->target, event->agent,
            event->detail};
    volatile char last = 0;
    for (size_t i = 0; i < ONUS_COUNT(texts); i++) { /* so ASan sees a view that leaves its bytes */
        for (size_t at = 0; at < texts[i].len; at++) {
            last = texts[i].ptr[at];
        }
    }
    (void)last;
}

static inline size_t fuzz_record(const struct onus_format *format, struct onus_str text)
{
    if (format->record) {
        size_t whole = format->record(text, true);
        size_t begun = format->record(text, false);
        FUZZ_CHECK(whole >= 1 && whole <= text.len);
        FUZZ_CHECK(begun <= text.len);
        return whole;
    }
    size_t at = onus_str_find_char(text, '\n');
    return at == ONUS_STR_NPOS ? text.len : at + 1;
}

static inline void fuzz_format(const struct onus_format *format, const uint8_t *data, size_t size)
{
    static uint64_t state[ONUS_FORMAT_STATE_MAX / 8];
    memset(state, 0, sizeof(state));
    FUZZ_CHECK(format->state_size <= sizeof(state));
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 20);
    struct onus_str text = {(const char *)data, size};
    while (text.len > 0) {
        size_t length = fuzz_record(format, text);
        struct onus_str record = onus_str_sub(text, 0, length);
        text = onus_str_from(text, length);
        if (onus_str_drop(&record, ONUS_STR("\n"))) {
            (void)onus_str_drop(&record, ONUS_STR("\r"));
        }
        static struct fuzz_more more;
        memset(&more, 0, sizeof(more));
        struct onus_event event = {0};
        struct onus_parse_context context = {.arena = &arena,
                .state = format->state_size > 0 ? state : NULL,
                .more = fuzz_more,
                .more_data = &more};
        if (format->parse(&context, record, &event) == ONUS_LINE_PARSED) {
            fuzz_check_event(&event);
            for (size_t i = 0; i < more.count; i++) {
                fuzz_check_event(&more.events[i]);
            }
        }
    }
    onus_arena_clear(&arena);
}

static inline void fuzz_format_named(const char *name, const uint8_t *data, size_t size)
{
    const struct onus_format *format = onus_format_by_name(onus_str_of(name));
    FUZZ_CHECK(format != NULL);
    fuzz_format(format, data, size);
}

#endif

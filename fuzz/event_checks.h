/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_FUZZ_EVENT_CHECKS_H
#define ONUS_FUZZ_EVENT_CHECKS_H

/*
 * What must hold of every event, whatever the bytes: enumerations are in range, every view lies in the
 * line (or in the arena or static text, which the sanitizer watches), and the bytes of the source are
 * no bytes of the account.
 */

#include "fuzz.h"
#include "trace/format.h"

static inline bool view_is_inside(struct onus_str view, struct onus_str line)
{
    uintptr_t start = (uintptr_t)view.ptr;
    uintptr_t from = (uintptr_t)line.ptr;
    return start >= from && start <= from + line.len && view.len <= from + line.len - start;
}

static inline void touch(struct onus_str view)
{
    volatile unsigned char sum = 0;
    for (size_t i = 0; i < view.len; i++) {
        sum = (unsigned char)(sum + (unsigned char)view.ptr[i]);
    }
}

static inline void check_event(const struct onus_event *event, struct onus_str line)
{
    FUZZ_CHECK(event->kind <= ONUS_EVENT_REPEAT);
    FUZZ_CHECK(event->outcome <= ONUS_OUTCOME_PROBED);
    FUZZ_CHECK(event->role < ONUS_ROLE_COUNT || event->role == ONUS_ROLE_SUMMARY);
    FUZZ_CHECK(event->service < ONUS_SERVICE_MAX);
    const struct onus_str views[] = {event->source_name, event->time_text, event->source_text,
            event->host, event->program, event->account, event->method, event->target, event->agent,
            event->detail};
    for (size_t i = 0; i < ONUS_COUNT(views); i++) {
        touch(views[i]);
    }
    FUZZ_CHECK(event->time_text.len == 0 || view_is_inside(event->time_text, line));
    FUZZ_CHECK(event->source_text.len == 0 || view_is_inside(event->source_text, line));
    FUZZ_CHECK(event->host.len == 0 || view_is_inside(event->host, line));
    FUZZ_CHECK(!event->has_source || event->source_text.len > 0);
    if (event->account.len > 0 && event->source_text.len > 0 &&
            view_is_inside(event->account, line)) {
        FUZZ_CHECK(event->account.ptr + event->account.len <= event->source_text.ptr ||
                   event->source_text.ptr + event->source_text.len <= event->account.ptr);
    }
}

/* One format, one line. */
static inline void check_format(const struct onus_format *format, const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    onus_arena_init(&arena, 1 << 20);
    struct onus_parse_context context = {.arena = &arena};
    struct onus_str line = {(const char *)data, size};
    struct onus_event event = {0};
    enum onus_line_verdict verdict = format->parse(&context, line, &event);
    FUZZ_CHECK(verdict <= ONUS_LINE_PARSED);
    if (verdict != ONUS_LINE_UNPARSED) {
        check_event(&event, line);
    }
    onus_arena_clear(&arena);
}

#endif

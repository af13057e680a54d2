/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_FORMAT_H
#define ONUS_TRACE_FORMAT_H

/*
 * A log format: a pure function from one line to one event.
 *
 * To add one: write src/trace/format_<name>.c with a `const struct onus_format onus_format_<name>`,
 * add a row to src/trace/formats.def (the first that accepts a line has it),
 * a fuzz target, and cases under tests/cases/. Nothing else knows it.
 *
 * A parser must not read past the view, allocate anywhere but in context->arena, look at a clock or
 * keep anything between lines except in context->state. It must be strict: accept only lines that
 * really have the shape of its format, because the first format that accepts a line gets it.
 */

#include "base/arena.h"
#include "text/timestamp.h"
#include "trace/envelope.h"
#include "trace/event.h"

enum onus_line_verdict {
    ONUS_LINE_UNPARSED = 0, /* not a line of this format; *out means nothing */
    ONUS_LINE_IGNORED, /* of this format, but nothing trace counts; time and host are set if known */
    ONUS_LINE_PARSED,  /* *out describes it */
};

struct onus_web_scanner; /* trace/web.h */
struct onus_syslog_memo; /* trace/syslog.h */

struct onus_parse_context {
    struct onus_arena *arena;     /* for unescaped text; cleared after each block */
    struct onus_web_scanner *web; /* one per worker */
    void *state; /* format->state_size bytes, zeroed at the start of each input; NULL without state */
    /*
     * One line may hold many events (CloudTrail: {"Records":[...]}). The first goes to *out, each
     * further one to a slot from more(). NULL when there is no room: stop and return PARSED.
     */
    struct onus_event *(*more)(void *more_data);
    void *more_data;
    struct onus_envelope *envelope; /* for `onus explain`; NULL: nobody asks */
    struct onus_clf_memo *clf; /* for onus_time_take_clf_after(); NULL: nothing is remembered */
    struct onus_syslog_memo *syslog; /* trace/syslog.h; NULL: nothing is remembered */
};

enum onus_format_traits {
    ONUS_FORMAT_UTC = 1u << 0, /* times without a zone are UTC by definition of the format */
};

struct onus_format {
    const char *name;  /* "combined" as in --format; lower case, [a-z0-9-] */
    const char *title; /* one phrase for --help and docs */
    unsigned traits;   /* enum onus_format_traits */

    /*
     * Bytes of state for formats whose header lines change how later lines are read (Zeek, IIS);
     * at most ONUS_FORMAT_STATE_MAX; 0 when there is none. Plain bytes: no pointers, because the
     * pipeline copies it.
     */
    size_t state_size;

    /*
     * For formats whose records span lines (journal export): the length in bytes of the first
     * record of `text`, including its last LF, or 0 when it is not complete and at_end is false.
     * Must return at least 1 when at_end. NULL: a record is a line.
     */
    size_t (*record)(struct onus_str text, bool at_end);

    /* Parse one record, without its last LF or CRLF. *out is zeroed by the caller. */
    enum onus_line_verdict (*parse)(const struct onus_parse_context *context, struct onus_str line,
            struct onus_event *out);
};

#define ONUS_FORMAT_STATE_MAX 8192

/* All formats, in order of precedence. */
extern const struct onus_format *const onus_formats[];
extern const size_t onus_format_count;

/* NULL when no format has that name. */
const struct onus_format *onus_format_by_name(struct onus_str name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_WEB_DECODE_H
#define ONUS_TRACE_WEB_DECODE_H

/*
 * A request target as a server would come to understand it: percent-decoded up to three times,
 * ASCII letters in lower case, '+' in the query as a blank. Encodings that only serve to get past a
 * filter are undone too, and remembered: %u002e, UTF-8 in more bytes than needed (%c0%ae).
 */

#include <onus/base.h>

enum {
    ONUS_WEB_TEXT_MAX = 65536 /* no server takes a longer request line; the rest is not looked at */
};

/* Bits of onus_web_text.marks. */
enum {
    ONUS_WEB_ENCODED_TWICE = 1u << 0, /* a second round changed something */
    ONUS_WEB_OVERLONG = 1u << 1,
    ONUS_WEB_NUL = 1u << 2,
    ONUS_WEB_CUT = 1u << 3, /* longer than ONUS_WEB_TEXT_MAX */
};

struct onus_web_text {
    const char *ptr; /* into the caller's buffer */
    size_t len;
    size_t query; /* where the query begins, after its '?'; len when there is none */
    unsigned marks;
    bool has_blank; /* a ' ' stands in the target as written */
    bool has_query; /* and a '?' */
};

/* buffer has room for ONUS_WEB_TEXT_MAX bytes; decoding never makes text longer. */
void onus_web_decode(struct onus_str target, char *buffer, struct onus_web_text *out);

/* Lower case copy of at most `max` bytes; returns the view of it. */
struct onus_str onus_web_lower(struct onus_str text, char *buffer, size_t max);

#endif

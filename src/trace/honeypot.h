/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_HONEYPOT_H
#define ONUS_TRACE_HONEYPOT_H

/*
 * Honeypots that write one JSON array over many lines: "[" before the first object, "," behind each
 * or on a line of its own, "]" behind the last. An array that is still growing has no "]" yet.
 */

#include "trace/format.h"

enum onus_array_line {
    ONUS_ARRAY_OTHER = 0, /* no line of an array */
    ONUS_ARRAY_FRAME,     /* "[", "," or "]" alone */
    ONUS_ARRAY_OBJECT,    /* *object is the object between the marks */
};

/* opened: whether an array has begun on an earlier line. */
enum onus_array_line onus_array_line(struct onus_str line, bool opened, struct onus_str *object);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_SAMPLE_RESULT_H
#define ONUS_TESTS_SAMPLE_RESULT_H

/*
 * Trace results made by hand, so that what prints them is tested without what fills them.
 * Documentation addresses, invented operators; numbers chosen so that each can be told apart.
 * Release with onus_arena_clear(&result->arena).
 */

#include "model/trace_result.h"

/* Goes in front of every text field of the hostile sample: formula, markup, terminal, no UTF-8, RTL. */
#define SAMPLE_HOSTILE "=<script>alert('x')</script>\"&\x1b[31m\r\n\t\xff\xe2\x80\xae\\x41"

struct sample_options {
    bool hostile;      /* every text field begins with SAMPLE_HOSTILE */
    size_t incidents;  /* 0: the five of the plain sample; else that many like them */
    bool no_databases; /* nothing is known about networks */
};

void sample_result(const struct sample_options *options, struct onus_trace_result *out);

/* A run over one empty file: nothing was found. */
void sample_result_empty(struct onus_trace_result *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_ERROR_H
#define ONUS_ERROR_H

#include <onus/base.h>

/*
 * How every fallible call in libonus reports what went wrong.
 *
 * A call that can fail returns enum onus_code. Zero is success. The code is for programs; the text in
 * struct onus_error is for people. A caller that only needs the code passes NULL.
 *
 * struct onus_error never owns memory, so reporting a failure cannot itself fail. Declare it on the
 * stack with ONUS_ERROR_INIT and pass its address down; the function that notices the problem fills
 * it with onus_fail(), and each caller on the way up may put its own words in front with
 * onus_context().
 */

/* Values are part of the ABI: append, never renumber. docs/errors.md explains each one. */
enum onus_code {
    ONUS_OK = 0,
    ONUS_END = 1,       /* an iterator is exhausted; not a failure */
    ONUS_NEED_MORE = 2, /* a streaming parser wants more bytes; not a failure */

    ONUS_E_ARGUMENT = 16, /* the caller broke a documented precondition */
    ONUS_E_MEMORY = 17,
    ONUS_E_LIMIT = 18, /* a configured bound was reached, see docs/limits.md */
    ONUS_E_IO = 19,
    ONUS_E_FORMAT = 20,   /* the input is not what its format says */
    ONUS_E_MISMATCH = 21, /* well-formed, but a hash, proof or signature does not check */
    ONUS_E_MISSING = 22,  /* something needed to decide is absent */
    ONUS_E_REFUSED = 23,  /* policy or sandbox said no */
    ONUS_E_PEER = 24,     /* the other party failed or broke the protocol */
    ONUS_E_BUG = 25       /* an invariant does not hold; please report */
};

struct onus_error {
    enum onus_code code;
    int sys_errno;   /* 0 when the operating system was not the cause */
    uint64_t offset; /* byte offset in the input, ONUS_NO_OFFSET when unknown */
    char text[480];  /* always terminated, never contains control characters */
};

#define ONUS_NO_OFFSET UINT64_MAX
/* clang-format off */
#define ONUS_ERROR_INIT { ONUS_OK, 0, ONUS_NO_OFFSET, "" }
/* clang-format on */

/* Stable lower-case word for a code, as printed in --json output ("mismatch"). Never NULL. */
ONUS_PUBLIC const char *onus_code_name(enum onus_code code);

/*
 * Fill err (when not NULL) and hand code back, so that a failure is one statement:
 *
 *     return onus_fail(err, ONUS_E_FORMAT, "tree size has a leading zero");
 */
ONUS_PUBLIC enum onus_code onus_fail(struct onus_error *err, enum onus_code code, const char *fmt,
        ...) ONUS_PRINTF(3, 4);

/* As onus_fail(), and remember where in the input the problem starts. */
ONUS_PUBLIC enum onus_code onus_fail_at(struct onus_error *err, enum onus_code code,
        uint64_t offset, const char *fmt, ...) ONUS_PRINTF(4, 5);

/*
 * Put "words: " in front of the text already there. When the buffer is too small the new words are
 * cut, never the root cause.
 */
ONUS_PUBLIC void onus_context(struct onus_error *err, const char *fmt, ...) ONUS_PRINTF(2, 3);

#endif

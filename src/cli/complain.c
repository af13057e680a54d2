/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <inttypes.h>
#include <stdarg.h>

enum onus_exit onus_exit_of(enum onus_code code)
{
    switch (code) {
    case ONUS_OK:
        return ONUS_EXIT_OK;
    case ONUS_E_ARGUMENT:
        return ONUS_EXIT_USAGE;
    case ONUS_E_MEMORY:
    case ONUS_E_LIMIT:
    case ONUS_E_IO:
        return ONUS_EXIT_SYSTEM;
    case ONUS_E_FORMAT:
        return ONUS_EXIT_FORMAT;
    case ONUS_E_MISMATCH:
        return ONUS_EXIT_NOT;
    case ONUS_E_MISSING:
        return ONUS_EXIT_UNKNOWN;
    case ONUS_E_REFUSED:
        return ONUS_EXIT_REFUSED;
    case ONUS_E_PEER:
        return ONUS_EXIT_PEER;
    case ONUS_END:       /* both end a loop and */
    case ONUS_NEED_MORE: /* never reach the user */
    case ONUS_E_BUG:
    default:
        return ONUS_EXIT_BUG;
    }
}

static void print_name(const struct onus_arguments *arguments)
{
    if (arguments && arguments->command) {
        (void)fprintf(stderr, "onus %s: ", arguments->command->name);
    } else {
        (void)fputs("onus: ", stderr);
    }
}

/* Not every caller leaves the words of the operating system to this place. */
static bool already_said(const char *text, const char *reason)
{
    return strstr(text, reason) != NULL;
}

int onus_complain(const struct onus_arguments *arguments, const struct onus_error *err)
{
    (void)fflush(stdout); /* so that results and the complaint keep their order */
    print_name(arguments);
    (void)fputs(err->text[0] ? err->text : onus_code_name(err->code), stderr);
    const char *reason = err->sys_errno > 0 ? strerrordesc_np(err->sys_errno) : NULL;
    if (reason && !already_said(err->text, reason)) {
        (void)fprintf(stderr, ": %s", reason);
    }
    if (err->offset != ONUS_NO_OFFSET) {
        (void)fprintf(stderr, " (at byte %" PRIu64 ")", err->offset);
    }
    (void)fputc('\n', stderr);
    if (err->code == ONUS_E_BUG) {
        (void)fputs("This is a fault of the program. Please report it with the command line.\n",
                stderr);
    }
    return (int)onus_exit_of(err->code);
}

void onus_note(const struct onus_arguments *arguments, const char *fmt, ...)
{
    if (arguments && arguments->global->quiet) {
        return;
    }
    print_name(arguments);
    (void)fputs("note: ", stderr);
    va_list ap;
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
}

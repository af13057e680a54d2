/* SPDX-License-Identifier: Apache-2.0 */
#include <onus/error.h>

#include <stdarg.h>
#include <stdio.h>

static const char *const code_names[] = {
        [ONUS_OK] = "ok",
        [ONUS_END] = "end",
        [ONUS_NEED_MORE] = "need-more",
        [ONUS_E_ARGUMENT] = "argument",
        [ONUS_E_MEMORY] = "memory",
        [ONUS_E_LIMIT] = "limit",
        [ONUS_E_IO] = "io",
        [ONUS_E_FORMAT] = "format",
        [ONUS_E_MISMATCH] = "mismatch",
        [ONUS_E_MISSING] = "missing",
        [ONUS_E_REFUSED] = "refused",
        [ONUS_E_PEER] = "peer",
        [ONUS_E_BUG] = "bug",
};

const char *onus_code_name(enum onus_code code)
{
    if ((size_t)code >= ONUS_COUNT(code_names) || !code_names[code]) {
        return "unknown";
    }
    return code_names[code];
}

/* Log lines and peers put bytes in messages; a terminal must never act on them. */
static void make_printable(char *text)
{
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
}

static void ONUS_PRINTF(4, 0) fill(struct onus_error *err, enum onus_code code, uint64_t offset,
        const char *fmt, va_list ap)
{
    err->code = code;
    err->sys_errno = 0;
    err->offset = offset;
    if (vsnprintf(err->text, sizeof(err->text), fmt, ap) < 0) {
        err->text[0] = '\0';
    }
    make_printable(err->text);
}

enum onus_code onus_fail(struct onus_error *err, enum onus_code code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        fill(err, code, ONUS_NO_OFFSET, fmt, ap);
        va_end(ap);
    }
    return code;
}

enum onus_code onus_fail_at(struct onus_error *err, enum onus_code code, uint64_t offset,
        const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        fill(err, code, offset, fmt, ap);
        va_end(ap);
    }
    return code;
}

void onus_context(struct onus_error *err, const char *fmt, ...)
{
    if (!err) {
        return;
    }
    char words[sizeof(err->text)];
    va_list ap;
    va_start(ap, fmt);
    int wrote = vsnprintf(words, sizeof(words) - 2, fmt, ap);
    va_end(ap);
    if (wrote <= 0) {
        return;
    }
    make_printable(words);

    size_t cause = strlen(err->text);
    size_t room = sizeof(err->text) - 1 - cause;
    size_t add = strlen(words);
    if (room < 3) {
        return;
    }
    if (add > room - 2) {
        add = room - 2;
    }
    memmove(err->text + add + 2, err->text, cause + 1);
    memcpy(err->text, words, add);
    memcpy(err->text + add, ": ", 2);
}

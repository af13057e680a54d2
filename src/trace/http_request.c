/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/http_request.h"

#include "base/str.h"

enum {
    METHOD_MAX = 32 /* the longest registered one has 17 */
};

static int hex_value(char c)
{
    if (onus_is_digit(c)) {
        return c - '0';
    }
    char lower = onus_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte that the escape at the front of s stands for; *width is its length, 0 for none. */
static char unescape_one(struct onus_str s, size_t *width)
{
    static const char letters[] = "\"\\ntrbvf";
    static const char meanings[] = "\"\\\n\t\r\b\v\f";
    *width = 0;
    if (s.len < 2) {
        return '\\';
    }
    if (s.ptr[1] == 'x') {
        int high = s.len >= 4 ? hex_value(s.ptr[2]) : -1;
        int low = high >= 0 ? hex_value(s.ptr[3]) : -1;
        *width = low >= 0 ? 4 : 0;
        return low >= 0 ? (char)(high * 16 + low) : '\\';
    }
    const char *at = memchr(letters, s.ptr[1], sizeof(letters) - 1);
    *width = at ? 2 : 0;
    return at ? meanings[at - letters] : '\\';
}

struct onus_str onus_http_unescape(struct onus_arena *arena, struct onus_str text)
{
    size_t at = onus_str_find_char(text, '\\');
    if (at == ONUS_STR_NPOS) {
        return text;
    }
    char *out = onus_arena_alloc(arena, text.len);
    if (!out) {
        return text;
    }
    memcpy(out, text.ptr, at);
    size_t len = at;
    while (at < text.len) {
        size_t width = 1;
        char c = text.ptr[at];
        if (c == '\\') {
            c = unescape_one(onus_str_from(text, at), &width);
            width = width > 0 ? width : 1;
        }
        out[len++] = c;
        at += width;
    }
    return (struct onus_str){out, len};
}

/*
 * Length of the method at the front of s, up to its blank; 0 when none stands there. RFC 9110, 5.6.2
 * allows more; no server in use has a method with other bytes than these.
 */
static size_t method_length(struct onus_str s)
{
    if (s.len >= 5 && (memcmp(s.ptr, "GET ", 4) == 0 || memcmp(s.ptr, "POST ", 5) == 0)) {
        return s.ptr[0] == 'G' ? 3 : 4;
    }
    size_t max = s.len < METHOD_MAX + 1 ? s.len : METHOD_MAX + 1;
    for (size_t i = 0; i < max; i++) {
        char c = s.ptr[i];
        if (c == ' ') {
            return i;
        }
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && c != '_' && c != '-') {
            return 0;
        }
    }
    return 0;
}

/* Length of a version that exists and the blank before it, at the end of s; 0 when there is none. */
static size_t version_length(struct onus_str s)
{
    const char *end = s.ptr + s.len;
    if (s.len >= 9 && memcmp(end - 9, " HTTP/", 6) == 0 && end[-2] == '.') {
        /* Without a branch: which of the two usual ones it is follows no pattern. */
        unsigned number = (unsigned)(unsigned char)end[-3] << 8 | (unsigned char)end[-1];
        unsigned known = (number == 0x3131) | (number == 0x3230) | (number == 0x3130) |
                         (number == 0x3330) | (number == 0x3039);
        return (size_t)known * 9;
    }
    bool whole = s.len >= 7 && memcmp(end - 7, " HTTP/", 6) == 0;
    return whole && (end[-1] == '2' || end[-1] == '3') ? 7 : 0;
}

void onus_http_request(struct onus_str request, struct onus_event *event)
{
    size_t method = method_length(request);
    if (method == 0 || method + 1 == request.len) {
        bool nothing = onus_str_eq(request, ONUS_STR("-"));
        event->target = nothing ? onus_str_sub(request, 0, 0) : request;
        event->marks |= ONUS_MARK_BAD_REQUEST;
        return;
    }
    event->method = onus_str_sub(request, 0, method);
    event->target = onus_str_from(request, method + 1);
    event->target.len -= version_length(event->target);
}

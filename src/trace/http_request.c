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

/* RFC 9110, 5.6.2 allows more; no server in use has a method with other bytes than these. */
static bool is_method(struct onus_str s)
{
    if (s.len == 0 || s.len > METHOD_MAX) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && c != '_' && c != '-') {
            return false;
        }
    }
    return true;
}

static bool is_version(struct onus_str s)
{
    return onus_str_eq(s, ONUS_STR("HTTP/1.1")) || onus_str_eq(s, ONUS_STR("HTTP/2.0")) ||
           onus_str_eq(s, ONUS_STR("HTTP/1.0")) || onus_str_eq(s, ONUS_STR("HTTP/3.0")) ||
           onus_str_eq(s, ONUS_STR("HTTP/2")) || onus_str_eq(s, ONUS_STR("HTTP/3")) ||
           onus_str_eq(s, ONUS_STR("HTTP/0.9"));
}

void onus_http_request(struct onus_str request, struct onus_event *event)
{
    struct onus_str rest = request;
    struct onus_str method = ONUS_STR_NONE;
    if (!onus_str_cut(&rest, ' ', &method) || rest.len == 0 || !is_method(method)) {
        bool nothing = onus_str_eq(request, ONUS_STR("-"));
        event->target = nothing ? onus_str_sub(request, 0, 0) : request;
        event->marks |= ONUS_MARK_BAD_REQUEST;
        return;
    }
    event->method = method;
    size_t space = onus_str_rfind_char(rest, ' ');
    if (space != ONUS_STR_NPOS && is_version(onus_str_from(rest, space + 1))) {
        rest.len = space;
    }
    event->target = rest;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "html_write.h"

#include "base/str.h"
#include "text/utf8.h"

static const char *reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* What follows the first n bytes of s, which has them. */
static struct onus_str after(struct onus_str s, size_t n)
{
    return (struct onus_str){s.ptr + n, s.len - n};
}

/* The next of & < > " ' in s, or the length of s. */
static size_t markup_at(struct onus_str s)
{
    size_t at = 0;
    while (at < s.len && !reference(s.ptr[at])) {
        at++;
    }
    return at;
}

void onus_html_add_text(struct onus_buffer *buffer, struct onus_str s)
{
    while (s.len > 0) {
        size_t plain = markup_at(s);
        (void)onus_utf8_add_visible(buffer, (struct onus_str){s.ptr, plain}, SIZE_MAX);
        if (plain < s.len) {
            onus_buffer_add_text(buffer, reference(s.ptr[plain]));
            plain++;
        }
        s = after(s, plain);
    }
}

void onus_html_add_visible(struct onus_buffer *buffer, struct onus_str s)
{
    while (s.len > 0) {
        size_t plain = markup_at(s);
        onus_buffer_add_str(buffer, (struct onus_str){s.ptr, plain});
        if (plain < s.len) {
            onus_buffer_add_text(buffer, reference(s.ptr[plain]));
            plain++;
        }
        s = after(s, plain);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "screen.h"

#include "base/str.h"
#include "report/words.h"
#include "text/utf8.h"

void onus_screen_style(const struct onus_screen *screen, const char *code)
{
    if (screen->color) {
        onus_buffer_add_text(screen->out, code);
    }
}

void onus_screen_bold(const struct onus_screen *screen)
{
    onus_screen_style(screen, "\x1b[1m");
}

void onus_screen_dim(const struct onus_screen *screen)
{
    onus_screen_style(screen, "\x1b[2m");
}

void onus_screen_plain(const struct onus_screen *screen)
{
    onus_screen_style(screen, "\x1b[0m");
}

void onus_screen_indent(const struct onus_screen *screen, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        onus_buffer_add_char(screen->out, ' ');
    }
}

void onus_screen_heading(const struct onus_screen *screen, const char *text)
{
    onus_buffer_add_char(screen->out, '\n');
    onus_screen_bold(screen);
    onus_buffer_add_text(screen->out, text);
    onus_screen_plain(screen);
}

/* The length of the first words of s that fit into `room` columns; at least one character. */
static size_t words_that_fit(struct onus_str s, size_t room)
{
    size_t best = 0;
    size_t columns = 0;
    uint32_t character = 0;
    for (size_t at = 0; at < s.len;) {
        size_t len = onus_utf8_next(onus_str_from(s, at), &character);
        if (len == 0) {
            len = 1;
            character = '?';
        }
        if (character == ' ') {
            best = at;
        }
        columns += onus_utf8_columns(character);
        if (columns > room && at > 0) {
            return best > 0 ? best : at;
        }
        at += len;
    }
    return s.len;
}

/* Text that is in visible form, on as many lines as it needs; `first` goes in front of the first. */
void onus_screen_wrapped(const struct onus_screen *screen, struct onus_str text, size_t indented,
        const char *first)
{
    const char *lead = first;
    do {
        size_t room = screen->width - indented - strlen(first);
        size_t len = words_that_fit(text, room);
        onus_screen_indent(screen, indented);
        if (lead) {
            onus_buffer_add_text(screen->out, lead);
        } else {
            onus_screen_indent(screen, strlen(first));
        }
        onus_buffer_add_str(screen->out, onus_str_sub(text, 0, len));
        onus_buffer_add_char(screen->out, '\n');
        text = onus_str_trim(onus_str_from(text, len));
        lead = NULL;
    } while (text.len > 0);
}

void onus_screen_wrapped_buffer(const struct onus_screen *screen, struct onus_buffer *text,
        size_t indented, const char *first)
{
    if (text->failed != ONUS_OK) {
        screen->out->failed = text->failed;
    } else if (text->len > 0) {
        onus_screen_wrapped(screen, onus_buffer_view(text), indented, first);
    }
    onus_buffer_clear(text);
}

/* "  and 12 more: --top 19 or --json" when not all are shown; `top` shows them all. */
void onus_screen_and_more(const struct onus_screen *screen, size_t shown, size_t total, size_t top)
{
    if (shown < total) {
        onus_screen_indent(screen, ONUS_SCREEN_INDENT);
        onus_screen_dim(screen);
        onus_buffer_add_text(screen->out, "and ");
        onus_words_number(screen->out, total - shown);
        onus_buffer_printf(screen->out, " more: --top %zu or --json", top);
        onus_screen_plain(screen);
        onus_buffer_add_char(screen->out, '\n');
    }
}

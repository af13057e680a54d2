/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

/* Numbers as sentences say them. */

void onus_why_count(uint64_t count, const char *one, const char *many, bool at_least,
        struct onus_buffer *out)
{
    onus_buffer_add_text(out, at_least ? "at least " : "");
    onus_buffer_add_u64(out, count);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_text(out, count == 1 && !at_least ? one : many);
}

void onus_why_span(int64_t usec, struct onus_buffer *out)
{
    static const struct {
        int64_t seconds;
        const char *word;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};

    int64_t left = usec / ONUS_USEC;
    if (left < 1) {
        onus_buffer_add_text(out, "less than 1 s");
        return;
    }
    int said = 0;
    for (size_t i = 0; i < ONUS_COUNT(units) && said < 2; i++) {
        int64_t count = left / units[i].seconds;
        left %= units[i].seconds;
        if (count > 0) {
            onus_buffer_add_text(out, said > 0 ? " " : "");
            onus_buffer_add_i64(out, count);
            onus_buffer_add_char(out, ' ');
            onus_buffer_add_text(out, units[i].word);
        }
        said += count > 0 || said > 0;
    }
}

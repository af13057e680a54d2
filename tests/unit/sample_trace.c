/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a sample trace result: sample_trace text|color|json|html [plain|hostile|empty|bare|COUNT] [WIDTH].
 * For the scripts under tests/ and for eyes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/trace_json.h"
#include "report/trace_html.h"
#include "report/trace_text.h"
#include "sample_result.h"

static bool word_is(const char *word, const char *wanted)
{
    return strcmp(word, wanted) == 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "text";
    const char *which = argc > 2 ? argv[2] : "plain";
    size_t width = argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : 0;
    struct onus_trace_result result;
    if (word_is(which, "empty")) {
        sample_result_empty(&result);
    } else {
        struct sample_options options = {.hostile = word_is(which, "hostile"),
                .no_databases = word_is(which, "bare"),
                .incidents = (size_t)strtoul(which, NULL, 10)};
        sample_result(&options, &result);
    }
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    if (word_is(what, "json")) {
        onus_trace_json_write(&result, &out);
    } else if (word_is(what, "html")) {
        const struct onus_trace_html_line line = {{0, 100},
                ONUS_STR(
                        "Jan  9 00:00:07 gate sshd[811]: Failed password for backup from 198.51.100.7 "
                        "port 52144 ssh2 </script><script>")};
        onus_trace_html_write(&result,
                &(struct onus_trace_html_options){.lines = &line, .line_count = 1}, &out);
    } else {
        onus_trace_text_write(&result,
                &(struct onus_trace_text_options){.width = width, .color = word_is(what, "color")},
                &out);
    }
    bool ok = onus_buffer_status(&out, NULL) == ONUS_OK &&
              fwrite(out.ptr, 1, out.len, stdout) == out.len;
    onus_buffer_clear(&out);
    onus_arena_clear(&result.arena);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an error log of nginx and of Apache httpd, with and without the time in front. */
#include "one_format.h"

#include "trace/format_httpd_error.h"

static enum onus_line_verdict parse_either(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    enum onus_line_verdict verdict = onus_nginx_error_parse(context, line, out);
    if (verdict == ONUS_LINE_UNPARSED) {
        *out = (struct onus_event){0};
        verdict = onus_apache_error_parse(context, line, out);
    }
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct onus_format either = {.name = "either", .parse = parse_either};
    fuzz_format_named("nginx-error", data, size);
    fuzz_format_named("apache-error", data, size);
    fuzz_format(&either, data, size);
    return 0;
}

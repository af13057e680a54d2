/* SPDX-License-Identifier: Apache-2.0 */
/* Cowrie's own text log (twistd). Lines of other Twisted programs look alike: the system tells. */
#include "base/str.h"
#include "trace/cowrie_text.h"

static enum onus_line_verdict parse(const struct onus_parse_context *context, struct onus_str line,
        struct onus_event *out)
{
    (void)context;
    struct onus_str head = onus_str_sub(line, 0, 120);
    if (!onus_str_has(head, ONUS_STR(" [cowrie.")) && !onus_str_has(head, ONUS_STR(" [HoneyPot")) &&
            !onus_str_has(head, ONUS_STR(" [SSHService")) &&
            !onus_str_has(head, ONUS_STR(" [CowrieTelnetTransport"))) {
        return ONUS_LINE_UNPARSED;
    }
    out->program = ONUS_STR("cowrie");
    return onus_cowrie_text(line, out);
}

const struct onus_format onus_format_cowrie_text = {
        .name = "cowrie-text",
        .title = "Cowrie honeypot, text log",
        .traits = ONUS_FORMAT_UTC,
        .parse = parse,
};

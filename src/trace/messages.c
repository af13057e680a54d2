/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/cowrie_text.h"
#include "trace/message.h"

static const struct onus_message_parser *const parsers[] = {
        &onus_message_cowrie,
        NULL,
};

enum onus_line_verdict onus_message_parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    for (size_t i = 0; parsers[i]; i++) {
        if (parsers[i]->takes(event->program)) {
            return parsers[i]->parse(context, message, event);
        }
    }
    return ONUS_LINE_IGNORED;
}

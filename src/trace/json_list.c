/* SPDX-License-Identifier: Apache-2.0 */
#include "json_list.h"

#include "text/json_scan.h"

/* Nothing may be handed out before all elements are known to be whole. */
static bool all_are_whole(const struct onus_parse_context *context, struct onus_str list,
        onus_json_list_parse parse)
{
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str object;
    if (onus_json_kind(list) != ONUS_JSON_ARRAY || !onus_json_iter_init(&it, list)) {
        return false;
    }
    struct onus_parse_context alone = *context;
    alone.more = NULL;
    alone.web = NULL;
    while (onus_json_next(&it, &key, &object)) {
        struct onus_event event = {0};
        if (parse(&alone, object, &event) == ONUS_LINE_UNPARSED) {
            return false;
        }
    }
    return it.whole;
}

enum onus_line_verdict onus_json_list(const struct onus_parse_context *context,
        struct onus_str list, onus_json_list_parse parse, struct onus_event *out)
{
    if (!all_are_whole(context, list, parse)) {
        return ONUS_LINE_UNPARSED;
    }
    struct onus_json_iter it;
    struct onus_str key;
    struct onus_str object;
    size_t count = 0;
    struct onus_event last = {0};
    (void)onus_json_iter_init(&it, list);
    while (onus_json_next(&it, &key, &object)) {
        struct onus_event event = {0};
        if (parse(context, object, &event) != ONUS_LINE_PARSED) {
            last = event;
            continue;
        }
        struct onus_event *slot = out;
        if (count > 0) {
            slot = context->more ? context->more(context->more_data) : NULL;
            if (!slot) {
                break;
            }
        }
        *slot = event;
        count++;
    }
    if (count == 0) {
        *out = last; /* time and host of an ignored record */
    }
    return count > 0 ? ONUS_LINE_PARSED : ONUS_LINE_IGNORED;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/bundle_agree.h"

#include "proof/bundle_say.h"

enum onus_code onus_sightings_add(struct onus_sightings *list,
        const struct onus_bundle_facts *facts, struct onus_arena *arena, struct onus_error *err)
{
    for (const struct onus_total *total = facts->bundle.totals; total; total = total->next) {
        if (total->kind != ONUS_TOTAL_MATCHING) {
            continue;
        }
        struct onus_sighting *made = onus_arena_alloc(arena, sizeof(*made));
        if (!made) {
            return onus_arena_reason(arena, err);
        }
        const struct onus_seen_checkpoint *seen = &facts->checkpoint;
        enum onus_code code = onus_arena_copy(arena, seen->checkpoint.origin, &made->origin, err);
        if (code == ONUS_OK) {
            code = onus_arena_copy(arena, total->bytes, &made->bytes, err);
        }
        if (code != ONUS_OK) {
            return code;
        }
        made->has_time = seen->has_times;
        made->not_after = seen->not_after;
        if (list->last) {
            list->last->next = made;
        } else {
            list->first = made;
        }
        list->last = made;
    }
    return ONUS_OK;
}

static bool agree(const struct onus_sighting *a, const struct onus_sighting *b)
{
    return onus_str_eq(a->bytes, b->bytes) && !onus_str_eq(a->origin, b->origin);
}

static void add_side(struct onus_buffer *out, const struct onus_sighting *side)
{
    onus_bundle_add_bytes(out, side->origin);
    if (side->has_time) {
        onus_buffer_add_text(out, " (not later than ");
        onus_say_add_time(out, side->not_after);
        onus_buffer_add_char(out, ')');
    }
}

void onus_sightings_text(struct onus_buffer *out, const struct onus_sightings *list)
{
    bool any = false;
    for (const struct onus_sighting *a = list->first; a; a = a->next) {
        for (const struct onus_sighting *b = a->next; b; b = b->next) {
            if (!agree(a, b)) {
                continue;
            }
            onus_buffer_add_text(out, "two logs agree: ");
            add_side(out, a);
            onus_buffer_add_text(out, " and ");
            add_side(out, b);
            onus_buffer_add_text(out, " contain: ");
            onus_bundle_add_bytes(out, a->bytes);
            onus_buffer_add_char(out, '\n');
            any = true;
        }
    }
    if (any) {
        onus_buffer_add_text(out, ONUS_AGREEMENT_SENTENCE "\n");
    }
}

static void add_side_json(struct onus_json *json, const struct onus_sighting *side)
{
    onus_json_object(json);
    onus_json_key_str(json, "origin", side->origin);
    onus_json_key(json, "not_after");
    if (side->has_time) {
        onus_say_json_time(json, side->not_after);
    } else {
        onus_json_null(json);
    }
    onus_json_object_end(json);
}

void onus_sightings_json(struct onus_json *json, const struct onus_sightings *list)
{
    onus_json_array(json);
    for (const struct onus_sighting *a = list->first; a; a = a->next) {
        for (const struct onus_sighting *b = a->next; b; b = b->next) {
            if (!agree(a, b)) {
                continue;
            }
            onus_json_object(json);
            onus_json_key_str(json, "bytes", a->bytes);
            onus_json_key(json, "logs");
            onus_json_array(json);
            add_side_json(json, a);
            add_side_json(json, b);
            onus_json_array_end(json);
            onus_json_key_text(json, "qualifier", ONUS_AGREEMENT_SENTENCE);
            onus_json_object_end(json);
        }
    }
    onus_json_array_end(json);
}

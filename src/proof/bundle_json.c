/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/bundle_say.h"
#include "text/hex.h"

/* ---- pieces ---------------------------------------------------------------------------------- */

static void key_time(struct onus_json *json, const char *key, bool known, uint64_t seconds)
{
    onus_json_key(json, key);
    if (known) {
        onus_say_json_time(json, seconds);
    } else {
        onus_json_null(json);
    }
}

static void key_address(struct onus_json *json, const char *name, const struct onus_key *key)
{
    char text[ONUS_KEY_TEXT];
    size_t length = onus_key_format(key, text);
    onus_json_key_str(json, name, (struct onus_str){text, length});
}

static void key_tag(struct onus_json *json, const struct onus_tag *tag)
{
    char text[2 * sizeof(tag->bytes)];
    onus_hex_put(text, (struct onus_str){(const char *)tag->bytes, sizeof(tag->bytes)});
    onus_json_key_str(json, "source", (struct onus_str){text, sizeof(text)});
}

static void key_counts(struct onus_json *json, uint64_t lines, uint64_t attempts)
{
    onus_json_key_u64(json, "lines", lines);
    onus_json_key_u64(json, "attempts", attempts);
}

static void key_range(struct onus_json *json, const struct onus_key *low,
        const struct onus_key *high)
{
    key_address(json, "low", low);
    key_address(json, "high", high);
}

/* ---- notes ----------------------------------------------------------------------------------- */

static void checkpoint(struct onus_json *json, const struct onus_seen_checkpoint *seen)
{
    onus_json_object(json);
    onus_json_key_str(json, "origin", seen->checkpoint.origin);
    onus_json_key_u64(json, "size", seen->checkpoint.size);
    onus_json_key(json, "witnesses");
    onus_json_array(json);
    for (size_t i = 0; i < seen->count; i++) {
        onus_json_str(json, seen->cosigners[i].witness->name);
    }
    onus_json_array_end(json);
    key_time(json, "not_before", seen->has_times, seen->not_before);
    key_time(json, "not_after", seen->has_times, seen->not_after);
    onus_json_object_end(json);
}

static void key_checkpoint(struct onus_json *json, const char *key, bool there,
        const struct onus_seen_checkpoint *seen)
{
    onus_json_key(json, key);
    if (there) {
        checkpoint(json, seen);
    } else {
        onus_json_null(json);
    }
}

static void key_tokens(struct onus_json *json, const struct onus_bundle_facts *facts,
        const struct onus_token_answer *tokens)
{
    onus_json_key(json, "tokens");
    onus_json_array(json);
    for (size_t i = 0; i < facts->bundle.tsa_count; i++) {
        onus_json_object(json);
        bool checked = tokens && tokens[i].checked;
        onus_json_key_bool(json, "checked", checked);
        onus_json_key_str_or_null(json, "policy", checked ? tokens[i].policy : ONUS_STR_NONE);
        key_time(json, "time", checked, checked ? tokens[i].time : 0);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

/* ---- items ----------------------------------------------------------------------------------- */

static void record(struct onus_json *json, const struct onus_item *item)
{
    bool parts = item->profile == ONUS_PROFILE_PARTS;
    onus_json_key_text(json, "kind", parts ? "parts" : "lines");
    onus_json_key_u64(json, "record", item->record.index);
    onus_json_key(json, "shown");
    onus_json_array(json);
    for (size_t i = 0; i < item->record.slot_count; i++) {
        const struct onus_slot *slot = &item->record.slots[i];
        if (!slot->open) {
            continue;
        }
        onus_json_object(json);
        onus_json_key_u64(json, "line", onus_say_line(item, i));
        onus_json_key_text(json, "part", parts ? onus_say_part(slot->kind) : "whole");
        onus_json_key_str(json, "text", slot->value);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void item_json(struct onus_json *json, const struct onus_item *item)
{
    onus_json_object(json);
    switch (item->kind) {
    case ONUS_ITEM_RECORD:
        record(json, item);
        break;
    case ONUS_ITEM_COUNT_ADDRESS:
        onus_json_key_text(json, "kind", "count-address");
        key_address(json, "address", &item->found.key);
        key_counts(json, item->found.lines, item->found.attempts);
        break;
    case ONUS_ITEM_COUNT_RANGE:
        onus_json_key_text(json, "kind", "count-range");
        key_range(json, &item->found.low, &item->found.key);
        key_counts(json, item->found.lines, item->found.attempts);
        break;
    case ONUS_ITEM_ABSENT:
        onus_json_key_text(json, "kind", "absent");
        key_address(json, "address", &item->found.key);
        break;
    case ONUS_ITEM_ALL:
        onus_json_key_text(json, "kind", "all");
        key_counts(json, item->found.lines, item->found.attempts);
        break;
    case ONUS_ITEM_SAMPLE:
    default:
        onus_json_key_text(json, "kind", "sample");
        onus_json_key_u64(json, "sample", item->number);
        onus_json_key_u64(json, "line", item->found.line);
        break;
    }
    onus_json_object_end(json);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void key_number(struct onus_json *json, const char *key, const struct onus_group *group,
        uint8_t kind)
{
    uint64_t number = 0;
    onus_json_key(json, key);
    if (onus_say_number(group, kind, &number)) {
        onus_json_u64(json, number);
    } else {
        onus_json_null(json);
    }
}

static void key_slot_time(struct onus_json *json, const char *key, const struct onus_group *group,
        uint8_t kind)
{
    uint64_t number = 0;
    bool known = onus_say_number(group, kind, &number);
    key_time(json, key, known, number);
}

static const char *class_of(int64_t delay)
{
    if (delay < 0) {
        return "clock";
    }
    if (delay <= 600) {
        return "A";
    }
    return delay <= 86400 ? "B" : "C or D";
}

static const char *group_kind(const struct onus_group *group)
{
    if (group->profile == ONUS_PROFILE_SOURCE) {
        return "source";
    }
    return group->profile == ONUS_PROFILE_ROLLUP ? "rollup" : "batch";
}

static void group_json(struct onus_json *json, const struct onus_bundle_facts *facts,
        const struct onus_group *group)
{
    bool source = group->profile == ONUS_PROFILE_SOURCE;
    const struct onus_slot *name =
            onus_group_slot(group, source ? ONUS_SLOT_SOURCE_NAME : ONUS_SLOT_NAME);
    onus_json_object(json);
    onus_json_key_text(json, "kind", group_kind(group));
    key_tag(json, &group->tag);
    onus_json_key_u64(json, "entry", group->index);
    if (!source) {
        onus_json_key_u64(json, "first", group->first);
        onus_json_key_u64(json, "last", group->last);
    }
    onus_json_key_str_or_null(json, "name", name ? name->value : ONUS_STR_NONE);
    key_number(json, "lines", group, ONUS_SLOT_LINES);
    key_slot_time(json, "first_time", group, ONUS_SLOT_FIRST_TIME);
    key_slot_time(json, "last_time", group, ONUS_SLOT_LAST_TIME);
    key_time(json, "sealed_after", onus_say_anchored(facts, group), facts->older.not_before);
    int64_t delay = 0;
    bool known = onus_say_delay(facts, group, &delay);
    onus_json_key(json, "sealed_within_seconds");
    if (known) {
        onus_json_i64(json, delay);
    } else {
        onus_json_null(json);
    }
    onus_json_key_str_or_null(json, "class", known ? onus_str_of(class_of(delay)) : ONUS_STR_NONE);
    onus_json_key(json, "items");
    onus_json_array(json);
    for (const struct onus_item *item = group->items; item; item = item->next) {
        item_json(json, item);
    }
    onus_json_array_end(json);
    onus_json_object_end(json);
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void key_where(struct onus_json *json, const struct onus_total *total)
{
    onus_json_key(json, "where");
    onus_json_array(json);
    for (size_t i = 0; i < total->found.run_count; i++) {
        const struct onus_run *run = &total->found.runs[i];
        onus_json_object(json);
        key_tag(json, &run->tag);
        onus_json_key_u64(json, "first", run->first);
        onus_json_key_u64(json, "last", run->last);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void key_network(struct onus_json *json, const struct onus_total *total)
{
    onus_json_key_u64(json, "asn", total->number);
    onus_json_key_str(json, "table", total->found.table.name);
    onus_json_key_str(json, "table_date", total->found.table.date);
}

static void network(struct onus_json *json, const struct onus_total *total)
{
    key_network(json, total);
    onus_json_key_str(json, "operator", total->found.operator_name);
    onus_json_key_u64(json, "rows", total->found.rows);
    key_counts(json, total->found.lines, total->found.attempts);
    onus_json_key(json, "share");
    if (total->found.has_share) {
        onus_json_object(json);
        onus_json_key_u64(json, "of_lines", total->found.all_lines);
        onus_json_key_u64(json, "of_attempts", total->found.all_attempts);
        onus_json_object_end(json);
    } else {
        onus_json_null(json);
    }
    key_where(json, total);
}

static void sum(struct onus_json *json, const struct onus_total *total, const char *kind)
{
    onus_json_key_text(json, "kind", kind);
    if (total->kind == ONUS_TOTAL_ADDRESS) {
        key_address(json, "address", &total->low);
    } else if (total->kind == ONUS_TOTAL_RANGE) {
        key_range(json, &total->low, &total->high);
    }
    key_counts(json, total->found.lines, total->found.attempts);
    key_where(json, total);
}

static void total_json(struct onus_json *json, const struct onus_total *total)
{
    onus_json_object(json);
    switch (total->kind) {
    case ONUS_TOTAL_ADDRESS:
        sum(json, total, "address");
        break;
    case ONUS_TOTAL_RANGE:
        sum(json, total, "range");
        break;
    case ONUS_TOTAL_ALL:
        sum(json, total, "all");
        break;
    case ONUS_TOTAL_NETWORK:
        onus_json_key_text(json, "kind", "network");
        network(json, total);
        break;
    case ONUS_TOTAL_MEMBERS:
        onus_json_key_text(json, "kind", "members");
        key_network(json, total);
        onus_json_key_u64(json, "addresses", total->found.members);
        onus_json_key_u64(json, "inside", total->found.inside);
        onus_json_key_u64(json, "elsewhere", total->found.elsewhere);
        break;
    case ONUS_TOTAL_MATCHING:
        onus_json_key_text(json, "kind", "matching");
        onus_json_key_str(json, "bytes", total->bytes);
        onus_json_key_u64(json, "lines_at_least", total->found.lines);
        break;
    case ONUS_TOTAL_UNBROKEN:
        onus_json_key_text(json, "kind", "unbroken");
        key_where(json, total);
        break;
    case ONUS_TOTAL_AUDIT:
    default:
        onus_json_key_text(json, "kind", "audit");
        onus_json_key_u64(json, "samples", total->number);
        onus_json_key_u64(json, "lines", total->found.lines);
        onus_json_key_u64(json, "unseen_per_mille", onus_say_unseen(total->number));
        break;
    }
    onus_json_object_end(json);
}

void onus_bundle_json(struct onus_json *json, const struct onus_bundle_facts *facts,
        const struct onus_token_answer *tokens)
{
    key_checkpoint(json, "checkpoint", true, &facts->checkpoint);
    key_checkpoint(json, "anchor", facts->has_older, &facts->older);
    key_checkpoint(json, "beacon", facts->has_beacon, &facts->beacon);
    key_tokens(json, facts, tokens);
    onus_json_key(json, "groups");
    onus_json_array(json);
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        group_json(json, facts, group);
    }
    onus_json_array_end(json);
    onus_json_key(json, "totals");
    onus_json_array(json);
    for (const struct onus_total *total = facts->bundle.totals; total; total = total->next) {
        total_json(json, total);
    }
    onus_json_array_end(json);
    const struct onus_qualifiers found = onus_say_qualifiers(facts);
    const char *sentences[ONUS_SENTENCES_MAX];
    size_t count = onus_say_sentences(&found, sentences);
    onus_json_key(json, "qualifiers");
    onus_json_array(json);
    for (size_t i = 0; i < count; i++) {
        onus_json_text(json, sentences[i]);
    }
    onus_json_array_end(json);
}

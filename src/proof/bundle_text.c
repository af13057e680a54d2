/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/bundle_text.h"

#include "base/str.h"
#include "proof/bundle_say.h"
#include "text/decimal.h"
#include "text/hex.h"
#include "text/timestamp.h"

void onus_bundle_add_bytes(struct onus_buffer *out, struct onus_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        if (c == '\\') {
            onus_buffer_add(out, "\\\\", 2);
        } else if (c >= 0x20 && c <= 0x7e) {
            onus_buffer_add_char(out, c);
        } else {
            onus_buffer_add(out, "\\x", 2);
            onus_hex_add(out, (struct onus_str){&c, 1});
        }
    }
}

void onus_say_add_time(struct onus_buffer *out, uint64_t seconds)
{
    char text[ONUS_TIME_TEXT];
    size_t length = onus_time_format((int64_t)seconds * ONUS_USEC, text);
    onus_buffer_add(out, text, length);
}

void onus_say_json_time(struct onus_json *json, uint64_t seconds)
{
    char text[ONUS_TIME_TEXT];
    size_t length = onus_time_format((int64_t)seconds * ONUS_USEC, text);
    onus_json_str(json, (struct onus_str){text, length});
}

void onus_say_add_key(struct onus_buffer *out, const struct onus_key *key)
{
    char text[ONUS_KEY_TEXT];
    size_t length = onus_key_format(key, text);
    onus_buffer_add(out, text, length);
}

void onus_say_add_tag(struct onus_buffer *out, const struct onus_tag *tag)
{
    onus_hex_add(out, (struct onus_str){(const char *)tag->bytes, sizeof(tag->bytes)});
}

const char *onus_say_part(uint8_t kind)
{
    switch (kind) {
    case ONUS_SLOT_PART_TIME:
        return "time";
    case ONUS_SLOT_PART_TEXT:
        return "text";
    case ONUS_SLOT_PART_ACCOUNT:
        return "account";
    case ONUS_SLOT_PART_ADDRESS:
        return "source address";
    case ONUS_SLOT_PART_TARGET:
        return "target";
    case ONUS_SLOT_PART_AGENT:
        return "agent";
    case ONUS_SLOT_PART_PROGRAM:
        return "program";
    default:
        return "part";
    }
}

bool onus_say_number(const struct onus_group *group, uint8_t kind, uint64_t *out)
{
    const struct onus_slot *slot = onus_group_slot(group, kind);
    if (!slot || slot->value.len != sizeof(*out)) {
        return false;
    }
    *out = onus_be64_get(slot->value.ptr);
    return true;
}

bool onus_say_delay(const struct onus_bundle_facts *facts, const struct onus_group *group,
        int64_t *out)
{
    uint64_t last = 0;
    if (!facts->checkpoint.has_times || !onus_say_number(group, ONUS_SLOT_LAST_TIME, &last)) {
        return false;
    }
    *out = (int64_t)facts->checkpoint.not_after - (int64_t)last;
    return true;
}

bool onus_say_anchored(const struct onus_bundle_facts *facts, const struct onus_group *group)
{
    const struct onus_slot *anchor = onus_group_slot(group, ONUS_SLOT_ANCHOR);
    return anchor && facts->has_older && facts->older.has_times &&
           onus_str_eq(anchor->value, onus_digest_view(&facts->older_digest));
}

uint64_t onus_say_tenths_of_percent(uint64_t part, uint64_t whole)
{
    __extension__ typedef unsigned __int128 wide;
    return whole == 0 ? 0 : (uint64_t)((wide)part * 1000 / whole);
}

uint64_t onus_say_unseen(uint64_t samples)
{
    const uint64_t all = 1000000;
    uint64_t unseen = all;
    for (uint64_t i = 0; i < samples; i++) {
        uint64_t next = (unseen * 99 + 99) / 100;
        if (next == unseen) {
            break; /* it stays there */
        }
        unseen = next;
    }
    return (unseen + 999) / 1000;
}

uint64_t onus_say_line(const struct onus_item *record, size_t slot)
{
    return record->profile == ONUS_PROFILE_PARTS
                   ? record->record.index
                   : ONUS_LINES_PER_LEAF * record->record.index + slot;
}

/* ---- notes ----------------------------------------------------------------------------------- */

static void add_checkpoint(struct onus_buffer *out, const struct onus_seen_checkpoint *seen)
{
    onus_buffer_add_text(out, "log ");
    onus_bundle_add_bytes(out, seen->checkpoint.origin);
    onus_buffer_add_text(out, ": ");
    onus_decimal_add_grouped(out, seen->checkpoint.size);
    onus_buffer_add_text(out, " entries, signed by a key of the policy\n");
    if (!seen->has_times) {
        onus_buffer_add_text(out, "no witness is asked for by the policy: when this was sealed is "
                                  "the party's word\n");
        return;
    }
    onus_buffer_add_text(out, "seen by ");
    for (size_t i = 0; i < seen->count; i++) {
        onus_buffer_add_text(out, i > 0 ? ", " : "");
        onus_bundle_add_bytes(out, seen->cosigners[i].witness->name);
    }
    onus_buffer_add_text(out, ": not later than ");
    onus_say_add_time(out, seen->not_after);
    onus_buffer_add_char(out, '\n');
}

static void add_other(struct onus_buffer *out, const char *word,
        const struct onus_seen_checkpoint *seen)
{
    if (!seen->has_times) {
        return;
    }
    onus_buffer_add_text(out, word);
    onus_buffer_add_text(out, ": checkpoint of ");
    onus_bundle_add_bytes(out, seen->checkpoint.origin);
    onus_buffer_add_text(out, ", ");
    onus_decimal_add_grouped(out, seen->checkpoint.size);
    onus_buffer_add_text(out, " entries, seen not before ");
    onus_say_add_time(out, seen->not_before);
    onus_buffer_add_char(out, '\n');
}

static void add_tokens(struct onus_buffer *out, const struct onus_bundle_facts *facts,
        const struct onus_token_answer *tokens)
{
    size_t count = facts->bundle.tsa_count;
    if (count > 0 && !tokens) {
        onus_decimal_add_grouped(out, count);
        onus_buffer_add_text(out, " time-stamp tokens are present, NOT checked here\n");
    }
    for (size_t i = 0; tokens && i < count; i++) {
        onus_buffer_add_text(out, "time-stamp token ");
        onus_decimal_add_grouped(out, i + 1);
        if (!tokens[i].checked) {
            onus_buffer_add_text(out, ": its authority is not among the certificates given, NOT "
                                      "checked here\n");
            continue;
        }
        onus_buffer_add_text(out, ", made under policy ");
        onus_bundle_add_bytes(out, tokens[i].policy);
        onus_buffer_add_text(out, ": an authority saw the checkpoint at ");
        onus_say_add_time(out, tokens[i].time);
        onus_buffer_add_char(out, '\n');
    }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void add_head(struct onus_buffer *out, const struct onus_group *group)
{
    if (group->profile == ONUS_PROFILE_SOURCE) {
        onus_buffer_add_text(out, "source ");
        onus_say_add_tag(out, &group->tag);
        onus_buffer_add_text(out, " is introduced");
    } else if (group->profile == ONUS_PROFILE_ROLLUP) {
        onus_buffer_add_text(out, "batches ");
        onus_decimal_add_grouped(out, group->first);
        onus_buffer_add_text(out, " to ");
        onus_decimal_add_grouped(out, group->last);
        onus_buffer_add_text(out, " of source ");
        onus_say_add_tag(out, &group->tag);
        onus_buffer_add_text(out, ", rolled up");
    } else {
        onus_buffer_add_text(out, "batch ");
        onus_decimal_add_grouped(out, group->first);
        onus_buffer_add_text(out, " of source ");
        onus_say_add_tag(out, &group->tag);
    }
    onus_buffer_add_text(out, ", entry ");
    onus_decimal_add_grouped(out, group->index);
    onus_buffer_add_char(out, '\n');
}

static void add_delay(struct onus_buffer *out, int64_t delay)
{
    if (delay < 0) {
        onus_buffer_add_text(out, "  sealed before the last time on its lines: that time is wrong, "
                                  "or the clock was\n");
        return;
    }
    onus_buffer_add_text(out, "  sealed ");
    onus_decimal_add_grouped(out, (uint64_t)delay);
    onus_buffer_add_text(out, " s after its last line at most: ");
    if (delay <= 600) {
        onus_buffer_add_text(out, "class A, within 10 minutes\n");
    } else if (delay <= 86400) {
        onus_buffer_add_text(out, "class B, within a day\n");
    } else {
        onus_buffer_add_text(out, "class C before an accusation, class D after it\n");
    }
}

static void add_head_slots(struct onus_buffer *out, const struct onus_bundle_facts *facts,
        const struct onus_group *group)
{
    const struct onus_slot *name = onus_group_slot(group,
            group->profile == ONUS_PROFILE_SOURCE ? ONUS_SLOT_SOURCE_NAME : ONUS_SLOT_NAME);
    uint64_t first = 0;
    uint64_t second = 0;
    int64_t delay = 0;
    if (name) {
        onus_buffer_add_text(out, "  source name: ");
        onus_bundle_add_bytes(out, name->value);
        onus_buffer_add_char(out, '\n');
    }
    if (onus_say_number(group, ONUS_SLOT_LINES, &first)) {
        onus_buffer_add_text(out, "  ");
        onus_decimal_add_grouped(out, first);
        onus_buffer_add_text(out, " lines\n");
    }
    if (onus_say_number(group, ONUS_SLOT_FIRST_TIME, &first) &&
            onus_say_number(group, ONUS_SLOT_LAST_TIME, &second)) {
        onus_buffer_add_text(out, "  times on its lines: ");
        onus_say_add_time(out, first);
        onus_buffer_add_text(out, " to ");
        onus_say_add_time(out, second);
        onus_buffer_add_text(out, ", as written in them\n");
    }
    if (onus_say_anchored(facts, group)) {
        onus_buffer_add_text(out, "  sealed after ");
        onus_say_add_time(out, facts->older.not_before);
        onus_buffer_add_char(out, '\n');
    }
    if (onus_say_delay(facts, group, &delay)) {
        add_delay(out, delay);
    }
}

/* ---- items ----------------------------------------------------------------------------------- */

static void add_record(struct onus_buffer *out, const struct onus_item *item)
{
    for (size_t i = 0; i < item->record.slot_count; i++) {
        const struct onus_slot *slot = &item->record.slots[i];
        if (!slot->open) {
            continue;
        }
        bool part = item->profile == ONUS_PROFILE_PARTS;
        onus_buffer_add_text(out, part ? "  part of line " : "  line ");
        onus_decimal_add_grouped(out, onus_say_line(item, i));
        if (part) {
            onus_buffer_add_text(out, ", ");
            onus_buffer_add_text(out, onus_say_part(slot->kind));
        }
        onus_buffer_add_text(out, ": ");
        onus_bundle_add_bytes(out, slot->value);
        onus_buffer_add_char(out, '\n');
    }
}

static void add_counts(struct onus_buffer *out, uint64_t lines, uint64_t attempts)
{
    onus_buffer_add_text(out, ": ");
    onus_decimal_add_grouped(out, lines);
    onus_buffer_add_text(out, " lines, ");
    onus_decimal_add_grouped(out, attempts);
    onus_buffer_add_text(out, " attempts");
}

static void add_range(struct onus_buffer *out, const struct onus_key *low,
        const struct onus_key *high)
{
    onus_say_add_key(out, low);
    onus_buffer_add_text(out, " up to, without, ");
    onus_say_add_key(out, high);
}

static void add_item(struct onus_buffer *out, const struct onus_item *item)
{
    if (item->kind == ONUS_ITEM_RECORD) {
        add_record(out, item);
        return;
    }
    onus_buffer_add_text(out, "  ");
    switch (item->kind) {
    case ONUS_ITEM_COUNT_ADDRESS:
        onus_say_add_key(out, &item->found.key);
        add_counts(out, item->found.lines, item->found.attempts);
        break;
    case ONUS_ITEM_COUNT_RANGE:
        add_range(out, &item->found.low, &item->found.key);
        add_counts(out, item->found.lines, item->found.attempts);
        break;
    case ONUS_ITEM_ABSENT:
        onus_say_add_key(out, &item->found.key);
        onus_buffer_add_text(out, ": no line");
        break;
    case ONUS_ITEM_ALL:
        onus_buffer_add_text(out, "all");
        add_counts(out, item->found.lines, item->found.attempts);
        break;
    case ONUS_ITEM_SAMPLE:
    case ONUS_ITEM_RECORD:
    default:
        onus_buffer_add_text(out, "sample ");
        onus_decimal_add_grouped(out, item->number);
        onus_buffer_add_text(out, ": line ");
        onus_decimal_add_grouped(out, item->found.line);
        onus_buffer_add_text(out, " stands in the index");
        break;
    }
    onus_buffer_add_char(out, '\n');
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void add_where(struct onus_buffer *out, const struct onus_total *total)
{
    for (size_t i = 0; i < total->found.run_count; i++) {
        const struct onus_run *run = &total->found.runs[i];
        onus_buffer_add_text(out, i > 0 ? "; " : "");
        onus_buffer_add_text(out, run->first == run->last ? "batch " : "batches ");
        onus_decimal_add_grouped(out, run->first);
        if (run->first != run->last) {
            onus_buffer_add_text(out, " to ");
            onus_decimal_add_grouped(out, run->last);
        }
        onus_buffer_add_text(out, " of source ");
        onus_say_add_tag(out, &run->tag);
    }
}

/* 123 as "12.3" */
static void add_tenths(struct onus_buffer *out, uint64_t tenths)
{
    onus_decimal_add_grouped(out, tenths / 10);
    onus_buffer_add_char(out, '.');
    onus_buffer_add_u64(out, tenths % 10);
}

static void add_table(struct onus_buffer *out, const struct onus_net_table *table)
{
    onus_bundle_add_bytes(out, table->name);
    onus_buffer_add_char(out, ' ');
    onus_bundle_add_bytes(out, table->date);
}

static void add_network(struct onus_buffer *out, const struct onus_total *total)
{
    onus_buffer_add_text(out, "total AS");
    onus_buffer_add_u64(out, total->number);
    onus_buffer_add_text(out, " (");
    onus_bundle_add_bytes(out, total->found.operator_name);
    onus_buffer_add_char(out, ')');
    add_counts(out, total->found.lines, total->found.attempts);
    onus_buffer_add_text(out, ", by ");
    onus_decimal_add_grouped(out, total->found.rows);
    onus_buffer_add_text(out, " rows of table ");
    add_table(out, &total->found.table);
    onus_buffer_add_text(out, ", in ");
    add_where(out, total);
    if (total->found.has_share) {
        onus_buffer_add_text(out, "\n  = ");
        add_tenths(out, onus_say_tenths_of_percent(total->found.lines, total->found.all_lines));
        onus_buffer_add_text(out, " % of the lines, ");
        add_tenths(out,
                onus_say_tenths_of_percent(total->found.attempts, total->found.all_attempts));
        onus_buffer_add_text(out, " % of the attempts");
    }
}

static void add_members(struct onus_buffer *out, const struct onus_total *total)
{
    onus_decimal_add_grouped(out, total->found.inside);
    onus_buffer_add_text(out, " of ");
    onus_decimal_add_grouped(out, total->found.members);
    onus_buffer_add_text(out, " addresses are registered in AS");
    onus_buffer_add_u64(out, total->number);
    onus_buffer_add_text(out, " by table ");
    add_table(out, &total->found.table);
    onus_buffer_add_text(out, ", ");
    onus_decimal_add_grouped(out, total->found.elsewhere);
    onus_buffer_add_text(out, " elsewhere, ");
    onus_decimal_add_grouped(out,
            total->found.members - total->found.inside - total->found.elsewhere);
    onus_buffer_add_text(out, " not shown");
}

static void add_audit(struct onus_buffer *out, const struct onus_total *total)
{
    onus_buffer_add_text(out, "audit: ");
    onus_decimal_add_grouped(out, total->number);
    onus_buffer_add_text(out, " of ");
    onus_decimal_add_grouped(out, total->found.lines);
    onus_buffer_add_text(out, " lines, drawn after sealing, stand in the index (a lie in 1 % of "
                              "the lines stays unseen with probability ");
    add_tenths(out, onus_say_unseen(total->number));
    onus_buffer_add_text(out, " %)");
}

static void add_total(struct onus_buffer *out, const struct onus_total *total)
{
    switch (total->kind) {
    case ONUS_TOTAL_ADDRESS:
    case ONUS_TOTAL_RANGE:
    case ONUS_TOTAL_ALL:
        onus_buffer_add_text(out, total->kind == ONUS_TOTAL_ALL ? "total" : "total ");
        if (total->kind == ONUS_TOTAL_ADDRESS) {
            onus_say_add_key(out, &total->low);
        } else if (total->kind == ONUS_TOTAL_RANGE) {
            add_range(out, &total->low, &total->high);
        }
        add_counts(out, total->found.lines, total->found.attempts);
        onus_buffer_add_text(out, ", in ");
        add_where(out, total);
        break;
    case ONUS_TOTAL_NETWORK:
        add_network(out, total);
        break;
    case ONUS_TOTAL_MEMBERS:
        add_members(out, total);
        break;
    case ONUS_TOTAL_MATCHING:
        onus_buffer_add_text(out, "at least ");
        onus_decimal_add_grouped(out, total->found.lines);
        onus_buffer_add_text(out, " lines contain: ");
        onus_bundle_add_bytes(out, total->bytes);
        break;
    case ONUS_TOTAL_UNBROKEN:
        onus_buffer_add_text(out, "no batch is missing: ");
        add_where(out, total);
        break;
    case ONUS_TOTAL_AUDIT:
    default:
        add_audit(out, total);
        break;
    }
    onus_buffer_add_char(out, '\n');
}

/* ---- what must not be left out --------------------------------------------------------------- */

static bool is_count(enum onus_item_kind kind)
{
    return kind == ONUS_ITEM_COUNT_ADDRESS || kind == ONUS_ITEM_COUNT_RANGE ||
           kind == ONUS_ITEM_ABSENT || kind == ONUS_ITEM_ALL;
}

static bool any_open(const struct onus_item *record)
{
    for (size_t i = 0; i < record->record.slot_count; i++) {
        if (record->record.slots[i].open) {
            return true;
        }
    }
    return false;
}

static void look_at_group(const struct onus_group *group, struct onus_qualifiers *found)
{
    found->batch |= group->profile != ONUS_PROFILE_SOURCE;
    found->times |= onus_group_slot(group, ONUS_SLOT_FIRST_TIME) != NULL ||
                    onus_group_slot(group, ONUS_SLOT_LAST_TIME) != NULL ||
                    onus_group_slot(group, ONUS_SLOT_SEALED_AT) != NULL;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        found->times |= item->kind == ONUS_ITEM_RECORD && any_open(item);
        found->parts |= item->kind == ONUS_ITEM_RECORD && item->profile == ONUS_PROFILE_PARTS;
        found->count |= is_count(item->kind);
    }
}

struct onus_qualifiers onus_say_qualifiers(const struct onus_bundle_facts *facts)
{
    struct onus_qualifiers found = {.count = false};
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        look_at_group(group, &found);
    }
    for (const struct onus_total *total = facts->bundle.totals; total; total = total->next) {
        found.at_least |= total->kind == ONUS_TOTAL_MATCHING;
        found.audit |= total->kind == ONUS_TOTAL_AUDIT;
        found.members |= total->kind == ONUS_TOTAL_MEMBERS;
        found.network |= total->kind == ONUS_TOTAL_NETWORK || total->kind == ONUS_TOTAL_MEMBERS;
    }
    return found;
}

size_t onus_say_sentences(const struct onus_qualifiers *found,
        const char *out[static ONUS_SENTENCES_MAX])
{
    const struct {
        bool applies;
        const char *words;
    } all[ONUS_SENTENCES_MAX] = {
            {true, "Committed by that time; this says nothing on who wrote the lines or whether "
                   "they are true."},
            {found->times, "Times on lines are claims of the party."},
            {found->parts, "The rest of a line is not disclosed."},
            {found->at_least, "At least: a lower bound, more may exist."},
            {found->count && !found->audit,
                    "Counts are relative to the sealer's index; audit level: none."},
            {found->count && found->audit,
                    "Counts are relative to the sealer's index; audit level: sampled."},
            {found->batch, "The collector may still have missed events; other sources of this "
                           "party are not shown."},
            {found->network, "A network is where an address was registered by that table, not who "
                             "used it."},
            {found->members, "The addresses are those disclosed, not necessarily all."},
    };
    size_t count = 0;
    for (size_t i = 0; i < ONUS_COUNT(all); i++) {
        if (all[i].applies) {
            out[count++] = all[i].words;
        }
    }
    return count;
}

void onus_bundle_text(struct onus_buffer *out, const struct onus_bundle_facts *facts,
        const struct onus_token_answer *tokens)
{
    add_checkpoint(out, &facts->checkpoint);
    if (facts->has_older) {
        add_other(out, "anchor", &facts->older);
    }
    if (facts->has_beacon) {
        add_other(out, "beacon", &facts->beacon);
    }
    add_tokens(out, facts, tokens);
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        add_head(out, group);
        add_head_slots(out, facts, group);
        for (const struct onus_item *item = group->items; item; item = item->next) {
            add_item(out, item);
        }
    }
    for (const struct onus_total *total = facts->bundle.totals; total; total = total->next) {
        add_total(out, total);
    }
    const struct onus_qualifiers found = onus_say_qualifiers(facts);
    const char *sentences[ONUS_SENTENCES_MAX];
    size_t count = onus_say_sentences(&found, sentences);
    for (size_t i = 0; i < count; i++) {
        onus_buffer_add_text(out, sentences[i]);
        onus_buffer_add_char(out, '\n');
    }
    onus_buffer_add_text(out, "holds\n");
}

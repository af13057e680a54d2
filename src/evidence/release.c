/* SPDX-License-Identifier: Apache-2.0 */
#include "release.h"

#include <inttypes.h>

#include "text/decimal.h"
#include "text/hex.h"
#include "text/timestamp.h"

/* ---- walking --------------------------------------------------------------------------------- */

static void walk_leaf(struct onus_released *at, const struct onus_leaf *leaf,
        onus_released_found found, void *data)
{
    for (size_t i = 0; i < leaf->slot_count; i++) {
        if (!leaf->slots[i].open) {
            continue;
        }
        at->slot = &leaf->slots[i];
        at->place = i;
        bool record = at->item && at->item->kind == ONUS_ITEM_RECORD;
        at->has_line = record;
        at->line = record && at->item->profile == ONUS_PROFILE_LINES
                           ? leaf->index * ONUS_LINES_PER_LEAF + i
                           : leaf->index;
        found(data, at);
    }
}

void onus_release_walk(const struct onus_bundle *bundle, onus_released_found found, void *data)
{
    for (const struct onus_group *group = bundle->groups; group; group = group->next) {
        struct onus_released at = {.group = group};
        struct onus_leaf head = {.slot_count = group->slot_count, .slots = group->slots};
        walk_leaf(&at, &head, found, data);
        for (const struct onus_item *item = group->items; item; item = item->next) {
            at.item = item;
            if (item->kind == ONUS_ITEM_RECORD) {
                walk_leaf(&at, &item->record, found, data);
            } else {
                walk_leaf(&at, &item->rows[0], found, data);
                walk_leaf(&at, &item->rows[1], found, data);
            }
        }
    }
}

static void count_one(void *data, const struct onus_released *released)
{
    struct onus_release_sum *sum = data;
    bool whole = released->slot->kind == ONUS_SLOT_LINE;
    sum->lines += released->has_line && whole;
    sum->parts += released->has_line && !whole;
    sum->others += !released->has_line;
    sum->bytes += released->slot->value.len;
}

static void count_hidden(struct onus_release_sum *sum, const struct onus_slot *slots, size_t count,
        struct onus_digests path)
{
    for (size_t i = 0; i < count; i++) {
        sum->hashes += !slots[i].open;
    }
    sum->hashes += path.count;
}

void onus_release_count(const struct onus_bundle *bundle, struct onus_release_sum *out)
{
    *out = (struct onus_release_sum){.lines = 0};
    onus_release_walk(bundle, count_one, out);
    for (const struct onus_group *group = bundle->groups; group; group = group->next) {
        count_hidden(out, group->slots, group->slot_count, group->path);
        for (const struct onus_item *item = group->items; item; item = item->next) {
            const struct onus_leaf *leaves[] = {&item->record, &item->rows[0], &item->rows[1]};
            for (size_t i = 0; i < ONUS_COUNT(leaves); i++) {
                count_hidden(out, leaves[i]->slots, leaves[i]->slot_count, leaves[i]->path);
            }
            out->hashes += item->posting_path.count;
        }
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

/* As in the text of a bundle: 20 to 7e as they are but the backslash, others \xNN. */
static void add_visible(struct onus_buffer *out, struct onus_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (c == '\\') {
            onus_buffer_add_text(out, "\\\\");
        } else if (c >= 0x20 && c <= 0x7e) {
            onus_buffer_add_char(out, (char)c);
        } else {
            onus_buffer_printf(out, "\\x%02x", c);
        }
    }
}

static const char *slot_name(uint8_t kind)
{
    static const struct {
        uint8_t kind;
        const char *name;
    } names[] = {
            {ONUS_SLOT_PART_TIME, "time"},
            {ONUS_SLOT_PART_TEXT, "text"},
            {ONUS_SLOT_PART_ACCOUNT, "account"},
            {ONUS_SLOT_PART_ADDRESS, "source address"},
            {ONUS_SLOT_PART_TARGET, "target"},
            {ONUS_SLOT_PART_AGENT, "agent"},
            {ONUS_SLOT_PART_PROGRAM, "program"},
            {ONUS_SLOT_ROW_KEY, "address"},
            {ONUS_SLOT_ROW_LINES, "lines up to here"},
            {ONUS_SLOT_ROW_POSTINGS, "root over line numbers"},
            {ONUS_SLOT_ROW_ATTEMPTS, "attempts up to here"},
            {ONUS_SLOT_NAME, "source name"},
            {ONUS_SLOT_COLLECTOR, "collector"},
            {ONUS_SLOT_PREVIOUS, "hash of the batch before"},
            {ONUS_SLOT_FIRST_TIME, "first time"},
            {ONUS_SLOT_LAST_TIME, "last time"},
            {ONUS_SLOT_SEALED_AT, "sealed at"},
            {ONUS_SLOT_LINES, "lines"},
            {ONUS_SLOT_LEAVES, "leaves"},
            {ONUS_SLOT_ROOT, "root over lines"},
            {ONUS_SLOT_INDEX, "rows and root of the index"},
            {ONUS_SLOT_RULES, "ruleset"},
            {ONUS_SLOT_ANCHOR, "anchor"},
            {ONUS_SLOT_FLAGS, "flags"},
    };
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        if (names[i].kind == kind) {
            return names[i].name;
        }
    }
    return "part";
}

static void add_value(struct onus_buffer *out, const struct onus_slot *slot)
{
    struct onus_str value = slot->value;
    char key[ONUS_KEY_TEXT];
    char time[ONUS_TIME_TEXT];
    switch (slot->kind) {
    case ONUS_SLOT_ROW_KEY:
        if (value.len == sizeof(struct onus_key)) {
            struct onus_key read;
            memcpy(read.bytes, value.ptr, sizeof(read.bytes));
            (void)onus_key_format(&read, key);
            onus_buffer_add_text(out, key);
            onus_buffer_add_text(out, onus_key_is_fence(&read) ? " (edge)" : "");
        }
        return;
    case ONUS_SLOT_FIRST_TIME:
    case ONUS_SLOT_LAST_TIME:
    case ONUS_SLOT_SEALED_AT:
        if (value.len == 8 && onus_be64_get(value.ptr) < UINT64_C(253402300800)) {
            (void)onus_time_format((int64_t)onus_be64_get(value.ptr) * ONUS_USEC, time);
            onus_buffer_add_text(out, time);
            return;
        }
        break;
    case ONUS_SLOT_ROW_LINES:
    case ONUS_SLOT_ROW_ATTEMPTS:
    case ONUS_SLOT_LINES:
    case ONUS_SLOT_LEAVES:
        if (value.len == 8) {
            onus_decimal_add_grouped(out, onus_be64_get(value.ptr));
            return;
        }
        break;
    case ONUS_SLOT_NAME:
    case ONUS_SLOT_COLLECTOR:
        add_visible(out, value);
        return;
    default:
        break;
    }
    onus_hex_add(out, value);
}

static void add_group(struct onus_buffer *out, const struct onus_group *group)
{
    onus_buffer_printf(out, "batch %" PRIu64, group->first);
    if (group->last != group->first) {
        onus_buffer_printf(out, " to %" PRIu64, group->last);
    }
    onus_buffer_add_text(out, " of source ");
    onus_hex_add(out, (struct onus_str){(const char *)group->tag.bytes, sizeof(group->tag.bytes)});
    onus_buffer_printf(out, ", entry %" PRIu64 "\n", group->index);
}

struct telling {
    struct onus_buffer *out;
    const struct onus_group *group;
};

static void tell_one(void *data, const struct onus_released *released)
{
    struct telling *telling = data;
    struct onus_buffer *out = telling->out;
    if (telling->group != released->group) {
        telling->group = released->group;
        add_group(out, released->group);
    }
    onus_buffer_add_text(out, "  ");
    if (!released->has_line) {
        onus_buffer_add_text(out, slot_name(released->slot->kind));
        onus_buffer_add_text(out, ": ");
        add_value(out, released->slot);
    } else {
        onus_buffer_printf(out, "line %" PRIu64, released->line);
        if (released->slot->kind != ONUS_SLOT_LINE) {
            onus_buffer_add_text(out, ", ");
            onus_buffer_add_text(out, slot_name(released->slot->kind));
        }
        onus_buffer_add_text(out, ": ");
        add_visible(out, released->slot->value);
    }
    onus_buffer_add_char(out, '\n');
}

void onus_release_text(const struct onus_bundle *bundle, struct onus_buffer *out)
{
    struct telling telling = {.out = out};
    struct onus_release_sum sum;
    onus_release_walk(bundle, tell_one, &telling);
    onus_release_count(bundle, &sum);
    onus_decimal_add_grouped(out, sum.bytes);
    onus_buffer_add_text(out, " bytes of content in ");
    onus_decimal_add_grouped(out, sum.lines);
    onus_buffer_add_text(out, " lines, ");
    onus_decimal_add_grouped(out, sum.parts);
    onus_buffer_add_text(out, " parts of lines and ");
    onus_decimal_add_grouped(out, sum.others);
    onus_buffer_add_text(out, " values of batches; ");
    onus_decimal_add_grouped(out, sum.hashes);
    onus_buffer_add_text(out, " hashes that hide the rest.\n"
                              "Whoever gets it sees besides: the numbers of the batches, lines and "
                              "rows shown, the tag of the source,\n"
                              "and, when somebody else has the same line, that it is the same.\n");
}

/* ---- lint ------------------------------------------------------------------------------------ */

struct linting {
    onus_release_found found;
    void *data;
    struct onus_release_finding finding;
};

static void found_one(void *data, const struct onus_lint_finding *finding)
{
    struct linting *linting = data;
    linting->finding.lint = *finding;
    linting->found(linting->data, &linting->finding);
}

static void lint_one(void *data, const struct onus_released *released)
{
    struct linting *linting = data;
    if (released->has_line) {
        linting->finding.where = *released;
        onus_lint(released->slot->value, released->slot->kind == ONUS_SLOT_PART_ACCOUNT, found_one,
                linting);
    }
}

void onus_release_lint(const struct onus_bundle *bundle, onus_release_found found, void *data)
{
    struct linting linting = {.found = found, .data = data};
    onus_release_walk(bundle, lint_one, &linting);
}

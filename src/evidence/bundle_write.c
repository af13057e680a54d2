/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_write.h"

#include "text/base64.h"
#include "text/hex.h"

static void add_number(struct onus_buffer *out, uint64_t value)
{
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_u64(out, value);
}

static void add_hex(struct onus_buffer *out, const void *bytes, size_t size)
{
    onus_buffer_add_char(out, ' ');
    onus_hex_add(out, (struct onus_str){bytes, size});
}

static void add_note(struct onus_buffer *out, const char *word, struct onus_str note)
{
    onus_buffer_add_text(out, word);
    add_number(out, note.len);
    onus_buffer_add_char(out, '\n');
    onus_buffer_add_str(out, note);
}

static void add_digest(struct onus_buffer *out, char word, const struct onus_digest *digest)
{
    onus_buffer_add_char(out, word);
    onus_buffer_add_char(out, ' ');
    onus_base64_add(out, onus_digest_view(digest));
    onus_buffer_add_char(out, '\n');
}

static void add_path(struct onus_buffer *out, struct onus_digests path)
{
    for (size_t i = 0; i < path.count; i++) {
        add_digest(out, 'h', &path.ptr[i]);
    }
}

static void add_slot(struct onus_buffer *out, const struct onus_slot *slot, bool raw)
{
    if (!slot->open) {
        add_digest(out, 'c', &slot->commitment);
        return;
    }
    onus_buffer_add_char(out, 'o');
    add_hex(out, &slot->kind, 1);
    add_hex(out, slot->salt.bytes, sizeof(slot->salt.bytes));
    add_number(out, slot->value.len);
    onus_buffer_add_char(out, ':');
    if (raw) {
        onus_buffer_add_str(out, slot->value);
    } else {
        onus_hex_add(out, slot->value);
    }
    onus_buffer_add_char(out, '\n');
}

/* ---- items ----------------------------------------------------------------------------------- */

static void add_record(struct onus_buffer *out, const struct onus_item *item)
{
    onus_buffer_add_text(out, "record");
    add_number(out, item->record.index);
    onus_buffer_add_char(out, ' ');
    onus_buffer_add_char(out, (char)item->profile);
    add_number(out, item->record.slot_count);
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < item->record.slot_count; i++) {
        add_slot(out, &item->record.slots[i], true);
    }
    add_path(out, item->record.path);
}

static void add_row(struct onus_buffer *out, const struct onus_leaf *row)
{
    onus_buffer_add_text(out, "row");
    add_number(out, row->index);
    onus_buffer_add_text(out, " 4\n");
    for (size_t i = 0; i < row->slot_count; i++) {
        add_slot(out, &row->slots[i], false);
    }
    add_path(out, row->path);
}

static void add_claim(struct onus_buffer *out, const struct onus_item *item)
{
    switch (item->kind) {
    case ONUS_ITEM_COUNT_ADDRESS:
        onus_buffer_add_text(out, "claim count address");
        break;
    case ONUS_ITEM_COUNT_RANGE:
        onus_buffer_add_text(out, "claim count range");
        break;
    case ONUS_ITEM_ABSENT:
        onus_buffer_add_text(out, "claim absent");
        add_hex(out, item->key.bytes, sizeof(item->key.bytes));
        break;
    case ONUS_ITEM_ALL:
        onus_buffer_add_text(out, "claim all");
        break;
    case ONUS_ITEM_SAMPLE:
        onus_buffer_add_text(out, "claim sample");
        add_number(out, item->number);
        break;
    case ONUS_ITEM_RECORD:
    default:
        return;
    }
    onus_buffer_add_char(out, '\n');
    add_row(out, &item->rows[0]);
    if (item->kind != ONUS_ITEM_ALL) {
        add_row(out, &item->rows[1]);
    }
    if (item->kind == ONUS_ITEM_SAMPLE) {
        onus_buffer_add_text(out, "posting");
        add_number(out, item->posting);
        onus_buffer_add_char(out, '\n');
        add_path(out, item->posting_path);
    }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void add_head(struct onus_buffer *out, const struct onus_group *group)
{
    const char *word = group->profile == ONUS_PROFILE_SOURCE   ? "source"
                       : group->profile == ONUS_PROFILE_ROLLUP ? "rollup"
                                                               : "manifest";
    onus_buffer_add_text(out, word);
    add_number(out, group->slot_count);
    add_hex(out, group->tag.bytes, sizeof(group->tag.bytes));
    if (group->profile != ONUS_PROFILE_SOURCE) {
        add_number(out, group->first);
    }
    if (group->profile == ONUS_PROFILE_ROLLUP) {
        add_number(out, group->last);
    }
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < group->slot_count; i++) {
        add_slot(out, &group->slots[i], false);
    }
}

/* Returns how many items there are. */
static uint64_t add_group(struct onus_buffer *out, const struct onus_group *group)
{
    onus_buffer_add_text(out, "batch");
    add_number(out, group->index);
    onus_buffer_add_char(out, '\n');
    add_path(out, group->path);
    add_head(out, group);
    uint64_t count = 0;
    for (const struct onus_item *item = group->items; item; item = item->next) {
        if (item->kind == ONUS_ITEM_RECORD) {
            add_record(out, item);
        } else {
            add_claim(out, item);
        }
        count++;
    }
    return count;
}

/* ---- totals ---------------------------------------------------------------------------------- */

void onus_bundle_write_total(const struct onus_total *total, struct onus_buffer *out)
{
    onus_buffer_add_text(out, "total ");
    switch (total->kind) {
    case ONUS_TOTAL_ADDRESS:
        onus_buffer_add_text(out, "address");
        add_hex(out, total->low.bytes, sizeof(total->low.bytes));
        break;
    case ONUS_TOTAL_RANGE:
        onus_buffer_add_text(out, "range");
        add_hex(out, total->low.bytes, sizeof(total->low.bytes));
        add_hex(out, total->high.bytes, sizeof(total->high.bytes));
        break;
    case ONUS_TOTAL_NETWORK:
        onus_buffer_add_text(out, "network");
        add_number(out, total->number);
        break;
    case ONUS_TOTAL_MEMBERS:
        onus_buffer_add_text(out, "members");
        add_number(out, total->number);
        break;
    case ONUS_TOTAL_ALL:
        onus_buffer_add_text(out, "all");
        break;
    case ONUS_TOTAL_MATCHING:
        onus_buffer_add_text(out, "matching");
        add_number(out, total->bytes.len);
        onus_buffer_add_char(out, ':');
        onus_buffer_add_str(out, total->bytes);
        break;
    case ONUS_TOTAL_UNBROKEN:
        onus_buffer_add_text(out, "unbroken");
        add_hex(out, total->tag.bytes, sizeof(total->tag.bytes));
        break;
    case ONUS_TOTAL_AUDIT:
    default:
        onus_buffer_add_text(out, "audit");
        add_number(out, total->number);
        break;
    }
    onus_buffer_add_char(out, '\n');
}

void onus_bundle_write(const struct onus_bundle *bundle, struct onus_buffer *out)
{
    onus_buffer_add_str(out, ONUS_BUNDLE_MAGIC);
    add_note(out, "checkpoint", bundle->checkpoint);
    if (bundle->older.len > 0) {
        add_note(out, "older-checkpoint", bundle->older);
    }
    if (bundle->beacon.len > 0) {
        add_note(out, "beacon", bundle->beacon);
    }
    for (size_t i = 0; i < bundle->tsa_count; i++) {
        onus_buffer_add_text(out, "tsa ");
        onus_base64_add(out, bundle->tsa[i]);
        onus_buffer_add_char(out, '\n');
    }
    uint64_t count = 0;
    for (const struct onus_group *group = bundle->groups; group; group = group->next) {
        count += add_group(out, group);
    }
    for (const struct onus_total *total = bundle->totals; total; total = total->next) {
        onus_bundle_write_total(total, out);
        count++;
    }
    onus_buffer_add_text(out, "end");
    add_number(out, count);
    onus_buffer_add_char(out, '\n');
}

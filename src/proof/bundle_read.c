/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/bundle_read.h"

#include "base/str.h"
#include "proof/bundle_lines.h"

enum onus_code onus_bundle_read_start(struct onus_str bytes, struct onus_arena *arena,
        struct onus_bundle_reader *out, struct onus_error *err)
{
    if (!onus_str_begins(bytes, ONUS_BUNDLE_MAGIC)) {
        return onus_fail_at(err, ONUS_E_MISSING, 0,
                "the first line is not 'onus/bundle/v1': no bundle of version 1");
    }
    if (bytes.len > ONUS_BUNDLE_SIZE_MAX) {
        return onus_fail(err, ONUS_E_MISMATCH, "a bundle has at most 64 MiB");
    }
    *out = (struct onus_bundle_reader){bytes, ONUS_BUNDLE_MAGIC.len, arena};
    return ONUS_OK;
}

enum onus_code onus_bundle_read_note(struct onus_bundle_reader *reader, const char *keyword,
        struct onus_str *out, struct onus_error *err)
{
    struct onus_str line = ONUS_STR_NONE;
    uint64_t length = 0;
    if (!onus_line_sees(reader, keyword)) {
        return ONUS_END;
    }
    size_t start = reader->at;
    struct onus_str words[2];
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_line_split(line, 2, words) || !onus_decimal_parse(words[1], &length)) {
        return onus_line_wrong(start, "a line that opens a note needs one number", err);
    }
    return onus_line_bytes(reader, length, out, err);
}

/* ---- leaves ---------------------------------------------------------------------------------- */

/* Whether values stand as they are or in hexadecimal. */
enum spelling {
    RAW,
    HEX,
};

/* "o KIND SALT LEN:" is at `slot`; take the value and the line feed. */
static enum onus_code read_opening(struct onus_bundle_reader *reader, enum spelling spelling,
        struct onus_slot *slot, struct onus_error *err)
{
    enum {
        KIND = 2,
        SALT = 5,
        LENGTH = 38, /* where each begins in "o 10 <32 digits> 4:" */
        DIGITS = 18,
    };
    size_t start = reader->at;
    struct onus_str rest = onus_str_from(reader->bytes, start);
    struct onus_str length_text = onus_str_sub(rest, LENGTH, DIGITS + 1);
    size_t colon = onus_str_find_char(length_text, ':');
    uint64_t length = 0;
    if (colon == ONUS_STR_NPOS || rest.ptr[SALT - 1] != ' ' || rest.ptr[LENGTH - 1] != ' ' ||
            !onus_hex_exact(onus_str_sub(rest, KIND, 2), &slot->kind, 1) ||
            !onus_hex_exact(onus_str_sub(rest, SALT, 32), slot->salt.bytes, 16) ||
            !onus_decimal_parse(onus_str_sub(length_text, 0, colon), &length)) {
        return onus_line_wrong(start, "a line 'o' needs kind, salt, length and value", err);
    }
    reader->at += LENGTH + colon + 1;
    struct onus_str written = ONUS_STR_NONE;
    enum onus_code code =
            onus_line_bytes(reader, spelling == HEX ? 2 * length : length, &written, err);
    if (code == ONUS_OK && !onus_line_skip(reader, '\n')) {
        code = onus_line_wrong(start, "a value of a line 'o' is longer than its length", err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    slot->open = true;
    slot->value = written;
    if (spelling == RAW) {
        return onus_str_find_char(written, '\n') == ONUS_STR_NPOS
                       ? ONUS_OK
                       : onus_line_wrong(start, "a value of a line 'o' has a line feed", err);
    }
    char *bytes = onus_arena_alloc(reader->arena, (size_t)length);
    if (!bytes) {
        return onus_arena_reason(reader->arena, err);
    }
    slot->value = (struct onus_str){bytes, (size_t)length};
    return onus_hex_exact(written, bytes, (size_t)length)
                   ? ONUS_OK
                   : onus_line_wrong(start, "a value of a line 'o' is not hexadecimal", err);
}

static enum onus_code read_slot(struct onus_bundle_reader *reader, enum spelling spelling,
        struct onus_slot *slot, struct onus_error *err)
{
    size_t start = reader->at;
    if (onus_line_sees(reader, "o")) {
        enum onus_code code = read_opening(reader, spelling, slot, err);
        if (code == ONUS_OK) {
            onus_slot_commit(slot->kind, &slot->salt, slot->value, &slot->commitment);
        }
        return code;
    }
    if (!onus_line_sees(reader, "c")) {
        return onus_line_wrong(start, "a slot begins with 'c' or 'o'", err);
    }
    return onus_line_digest(reader, &slot->commitment, err);
}

static enum onus_code read_slots(struct onus_bundle_reader *reader, enum spelling spelling,
        size_t count, const struct onus_slot **out, struct onus_error *err)
{
    struct onus_slot *slots = onus_arena_alloc(reader->arena, count * sizeof(slots[0]));
    if (!slots) {
        return onus_arena_reason(reader->arena, err);
    }
    for (size_t i = 0; i < count; i++) {
        enum onus_code code = read_slot(reader, spelling, &slots[i], err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    *out = slots;
    return ONUS_OK;
}

static enum onus_code read_path(struct onus_bundle_reader *reader, struct onus_digests *out,
        struct onus_error *err)
{
    struct onus_digest path[ONUS_BUNDLE_PATH_MAX];
    size_t count = 0;
    while (onus_line_sees(reader, "h")) {
        if (count == ONUS_BUNDLE_PATH_MAX) {
            return onus_line_wrong(reader->at, "more lines 'h' than a path can have", err);
        }
        enum onus_code code = onus_line_digest(reader, &path[count++], err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    struct onus_digest *kept = onus_arena_alloc(reader->arena, count * sizeof(kept[0]));
    if (!kept) {
        return onus_arena_reason(reader->arena, err);
    }
    memcpy(kept, path, count * sizeof(kept[0]));
    *out = (struct onus_digests){kept, count};
    return ONUS_OK;
}

static enum onus_code read_leaf(struct onus_bundle_reader *reader, enum spelling spelling,
        struct onus_leaf *leaf, struct onus_error *err)
{
    enum onus_code code = read_slots(reader, spelling, leaf->slot_count, &leaf->slots, err);
    return code == ONUS_OK ? read_path(reader, &leaf->path, err) : code;
}

/* ---- records and claims ---------------------------------------------------------------------- */

static enum onus_code read_record(struct onus_bundle_reader *reader, struct onus_item *item,
        struct onus_error *err)
{
    struct onus_str line = ONUS_STR_NONE;
    struct onus_str words[4];
    uint64_t count = 0;
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    bool split = onus_line_split(line, 4, words) &&
                 onus_decimal_parse(words[1], &item->record.index) &&
                 onus_decimal_parse(words[3], &count);
    bool lines = split && onus_str_eq(words[2], ONUS_STR("G"));
    bool parts = split && onus_str_eq(words[2], ONUS_STR("S"));
    uint64_t most = lines ? ONUS_LINES_PER_LEAF : ONUS_PARTS_MAX;
    if ((!lines && !parts) || count == 0 || count > most) {
        return onus_line_wrong(item->offset,
                "a line 'record' needs an index, G or S, and how many slots", err);
    }
    item->kind = ONUS_ITEM_RECORD;
    item->profile = lines ? ONUS_PROFILE_LINES : ONUS_PROFILE_PARTS;
    item->record.slot_count = (size_t)count;
    return read_leaf(reader, RAW, &item->record, err);
}

static enum onus_code read_row(struct onus_bundle_reader *reader, struct onus_leaf *row,
        struct onus_error *err)
{
    size_t start = reader->at;
    struct onus_str line = ONUS_STR_NONE;
    struct onus_str words[3];
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_line_split(line, 3, words) || !onus_str_eq(words[0], ONUS_STR("row")) ||
            !onus_decimal_parse(words[1], &row->index) || !onus_str_eq(words[2], ONUS_STR("4"))) {
        return onus_line_wrong(start, "a line 'row' with an index and 4 belongs here", err);
    }
    row->slot_count = ONUS_ROW_SLOTS;
    return read_leaf(reader, HEX, row, err);
}

static enum onus_code read_posting(struct onus_bundle_reader *reader, struct onus_item *item,
        struct onus_error *err)
{
    size_t start = reader->at;
    struct onus_str line = ONUS_STR_NONE;
    struct onus_str words[2];
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_line_split(line, 2, words) || !onus_str_eq(words[0], ONUS_STR("posting")) ||
            !onus_decimal_parse(words[1], &item->posting)) {
        return onus_line_wrong(start, "a line 'posting' with an index belongs here", err);
    }
    return read_path(reader, &item->posting_path, err);
}

static bool parse_claim(struct onus_str line, struct onus_item *item)
{
    struct onus_str words[3];
    if (onus_str_eq(line, ONUS_STR("claim count address"))) {
        item->kind = ONUS_ITEM_COUNT_ADDRESS;
        return true;
    }
    if (onus_str_eq(line, ONUS_STR("claim count range"))) {
        item->kind = ONUS_ITEM_COUNT_RANGE;
        return true;
    }
    if (onus_str_eq(line, ONUS_STR("claim all"))) {
        item->kind = ONUS_ITEM_ALL;
        return true;
    }
    if (!onus_line_split(line, 3, words)) {
        return false;
    }
    if (onus_str_eq(words[1], ONUS_STR("absent"))) {
        item->kind = ONUS_ITEM_ABSENT;
        return onus_hex_exact(words[2], item->key.bytes, sizeof(item->key.bytes));
    }
    item->kind = ONUS_ITEM_SAMPLE;
    return onus_str_eq(words[1], ONUS_STR("sample")) && onus_decimal_parse(words[2], &item->number);
}

static enum onus_code read_claim(struct onus_bundle_reader *reader, struct onus_item *item,
        struct onus_error *err)
{
    struct onus_str line = ONUS_STR_NONE;
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!parse_claim(line, item)) {
        return onus_line_wrong(item->offset, "an unknown line 'claim'", err);
    }
    code = read_row(reader, &item->rows[0], err);
    if (code == ONUS_OK && item->kind != ONUS_ITEM_ALL) {
        code = read_row(reader, &item->rows[1], err);
    }
    if (code == ONUS_OK && item->kind == ONUS_ITEM_SAMPLE) {
        code = read_posting(reader, item, err);
    }
    return code;
}

/* The next record or claim; ONUS_END when another line stands there. */
static enum onus_code read_item(struct onus_bundle_reader *reader, struct onus_item **out,
        struct onus_error *err)
{
    bool record = onus_line_sees(reader, "record");
    if (!record && !onus_line_sees(reader, "claim")) {
        return ONUS_END;
    }
    struct onus_item *item = onus_arena_alloc(reader->arena, sizeof(*item));
    if (!item) {
        return onus_arena_reason(reader->arena, err);
    }
    item->offset = reader->at;
    enum onus_code code = record ? read_record(reader, item, err) : read_claim(reader, item, err);
    if (code == ONUS_OK) {
        *out = item;
    }
    return code;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* "manifest 13 TAG SEQ", "rollup 13 TAG FIRST LAST", "source 4 TAG" */
static bool parse_head(struct onus_str line, struct onus_group *group)
{
    struct onus_str words[5];
    size_t count = onus_line_words(line, words, ONUS_COUNT(words));
    if (count < 3 || !onus_hex_exact(words[2], group->tag.bytes, sizeof(group->tag.bytes))) {
        return false;
    }
    bool thirteen = onus_str_eq(words[1], ONUS_STR("13"));
    group->slot_count = ONUS_MANIFEST_SLOTS;
    if (onus_str_eq(words[0], ONUS_STR("manifest"))) {
        group->profile = ONUS_PROFILE_MANIFEST;
        bool good = thirteen && count == 4 && onus_decimal_parse(words[3], &group->first);
        group->last = group->first;
        return good;
    }
    if (onus_str_eq(words[0], ONUS_STR("rollup"))) {
        group->profile = ONUS_PROFILE_ROLLUP;
        return thirteen && count == 5 && onus_decimal_parse(words[3], &group->first) &&
               onus_decimal_parse(words[4], &group->last);
    }
    group->profile = ONUS_PROFILE_SOURCE;
    group->slot_count = ONUS_SOURCE_SLOTS;
    return onus_str_eq(words[0], ONUS_STR("source")) && count == 3 &&
           onus_str_eq(words[1], ONUS_STR("4"));
}

static enum onus_code read_head(struct onus_bundle_reader *reader, struct onus_group *group,
        struct onus_error *err)
{
    struct onus_str line = ONUS_STR_NONE;
    struct onus_str words[2];
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_line_split(line, 2, words) || !onus_decimal_parse(words[1], &group->index)) {
        return onus_line_wrong(group->offset, "a line 'batch' needs one number", err);
    }
    code = read_path(reader, &group->path, err);
    if (code != ONUS_OK) {
        return code;
    }
    size_t start = reader->at;
    code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!parse_head(line, group)) {
        return onus_line_wrong(start, "a line 'manifest', 'rollup' or 'source' belongs here", err);
    }
    return read_slots(reader, HEX, group->slot_count, &group->slots, err);
}

static enum onus_code read_group(struct onus_bundle_reader *reader, struct onus_group *group,
        uint64_t *shown, struct onus_error *err)
{
    enum onus_code code = read_head(reader, group, err);
    struct onus_item **tail = &group->items;
    while (code == ONUS_OK) {
        code = read_item(reader, tail, err);
        if (code == ONUS_OK) {
            tail = &(*tail)->next;
            (*shown)++;
        }
    }
    return code == ONUS_END ? ONUS_OK : code;
}

/* ---- totals ---------------------------------------------------------------------------------- */

/* "total matching LEN:BYTES": the bytes may hold anything, so this one is not read as a line. */
static enum onus_code read_matching(struct onus_bundle_reader *reader, struct onus_total *total,
        struct onus_error *err)
{
    enum {
        LENGTH = sizeof("total matching ") - 1,
        DIGITS = 18,
    };
    struct onus_str rest = onus_str_from(reader->bytes, reader->at + LENGTH);
    size_t colon = onus_str_find_char(onus_str_sub(rest, 0, DIGITS + 1), ':');
    uint64_t length = 0;
    if (colon == ONUS_STR_NPOS || !onus_decimal_parse(onus_str_sub(rest, 0, colon), &length)) {
        return onus_line_wrong(total->offset, "a line 'total matching' needs a length and bytes",
                err);
    }
    reader->at += LENGTH + colon + 1;
    total->kind = ONUS_TOTAL_MATCHING;
    enum onus_code code = onus_line_bytes(reader, length, &total->bytes, err);
    if (code == ONUS_OK && !onus_line_skip(reader, '\n')) {
        code = onus_line_wrong(total->offset,
                "bytes of a line 'total matching' are longer than their length", err);
    }
    return code;
}

static bool parse_total_of(struct onus_str word, struct onus_str value, struct onus_total *total)
{
    if (onus_str_eq(word, ONUS_STR("address"))) {
        total->kind = ONUS_TOTAL_ADDRESS;
        return onus_hex_exact(value, total->low.bytes, sizeof(total->low.bytes));
    }
    if (onus_str_eq(word, ONUS_STR("unbroken"))) {
        total->kind = ONUS_TOTAL_UNBROKEN;
        return onus_hex_exact(value, total->tag.bytes, sizeof(total->tag.bytes));
    }
    if (onus_str_eq(word, ONUS_STR("network"))) {
        total->kind = ONUS_TOTAL_NETWORK;
    } else if (onus_str_eq(word, ONUS_STR("members"))) {
        total->kind = ONUS_TOTAL_MEMBERS;
    } else if (onus_str_eq(word, ONUS_STR("audit"))) {
        total->kind = ONUS_TOTAL_AUDIT;
    } else {
        return false;
    }
    return onus_decimal_parse(value, &total->number);
}

static bool parse_total(struct onus_str line, struct onus_total *total)
{
    struct onus_str words[4];
    size_t count = onus_line_words(line, words, ONUS_COUNT(words));
    if (count == 2) {
        total->kind = ONUS_TOTAL_ALL;
        return onus_str_eq(words[1], ONUS_STR("all"));
    }
    if (count == 3) {
        return parse_total_of(words[1], words[2], total);
    }
    total->kind = ONUS_TOTAL_RANGE;
    return count == 4 && onus_str_eq(words[1], ONUS_STR("range")) &&
           onus_hex_exact(words[2], total->low.bytes, sizeof(total->low.bytes)) &&
           onus_hex_exact(words[3], total->high.bytes, sizeof(total->high.bytes));
}

static enum onus_code read_total(struct onus_bundle_reader *reader, struct onus_total *total,
        struct onus_error *err)
{
    if (onus_line_sees(reader, "total matching")) {
        return read_matching(reader, total, err);
    }
    struct onus_str line = ONUS_STR_NONE;
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code == ONUS_OK && !parse_total(line, total)) {
        code = onus_line_wrong(total->offset, "an unknown line 'total'", err);
    }
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum onus_code read_tokens(struct onus_bundle_reader *reader, struct onus_bundle *bundle,
        struct onus_error *err)
{
    while (onus_line_sees(reader, "tsa")) {
        size_t start = reader->at;
        struct onus_str line = ONUS_STR_NONE;
        struct onus_str words[2];
        size_t size = 0;
        enum onus_code code = onus_line_take(reader, &line, err);
        if (code != ONUS_OK) {
            return code;
        }
        if (bundle->tsa_count == ONUS_BUNDLE_TSA_MAX || !onus_line_split(line, 2, words) ||
                !onus_base64_size(words[1], &size) || size == 0) {
            return onus_line_wrong(start, "at most eight lines 'tsa' with base64 belong here", err);
        }
        char *token = onus_arena_alloc(reader->arena, size);
        if (!token) {
            return onus_arena_reason(reader->arena, err);
        }
        (void)onus_base64_decode(words[1], token, size, &size);
        bundle->tsa[bundle->tsa_count++] = (struct onus_str){token, size};
    }
    return ONUS_OK;
}

static enum onus_code read_groups(struct onus_bundle_reader *reader, struct onus_bundle *bundle,
        uint64_t *shown, struct onus_error *err)
{
    struct onus_group **tail = &bundle->groups;
    while (onus_line_sees(reader, "batch")) {
        struct onus_group *group = onus_arena_alloc(reader->arena, sizeof(*group));
        if (!group) {
            return onus_arena_reason(reader->arena, err);
        }
        group->offset = reader->at;
        enum onus_code code = read_group(reader, group, shown, err);
        if (code != ONUS_OK) {
            return code;
        }
        *tail = group;
        tail = &group->next;
    }
    return bundle->groups ? ONUS_OK
                          : onus_line_wrong(reader->at, "a line 'batch' belongs here", err);
}

static enum onus_code read_totals(struct onus_bundle_reader *reader, struct onus_bundle *bundle,
        uint64_t *shown, struct onus_error *err)
{
    struct onus_total **tail = &bundle->totals;
    size_t matching = 0;
    for (size_t count = 0; onus_line_sees(reader, "total"); count++) {
        if (count == ONUS_BUNDLE_TOTALS_MAX) {
            return onus_line_wrong(reader->at, "more than 64 totals", err);
        }
        struct onus_total *total = onus_arena_alloc(reader->arena, sizeof(*total));
        if (!total) {
            return onus_arena_reason(reader->arena, err);
        }
        total->offset = reader->at;
        enum onus_code code = read_total(reader, total, err);
        if (code != ONUS_OK) {
            return code;
        }
        total->words = onus_str_sub(reader->bytes, total->offset, reader->at - total->offset);
        matching += total->kind == ONUS_TOTAL_MATCHING;
        if (matching > ONUS_BUNDLE_MATCHING_MAX) {
            return onus_line_wrong(total->offset, "more than 16 totals 'matching'", err);
        }
        *tail = total;
        tail = &total->next;
        (*shown)++;
    }
    return ONUS_OK;
}

static enum onus_code read_end(struct onus_bundle_reader *reader, uint64_t shown,
        struct onus_error *err)
{
    size_t start = reader->at;
    struct onus_str line = ONUS_STR_NONE;
    struct onus_str words[2];
    uint64_t number = 0;
    enum onus_code code = onus_line_take(reader, &line, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!onus_line_split(line, 2, words) || !onus_str_eq(words[0], ONUS_STR("end")) ||
            !onus_decimal_parse(words[1], &number)) {
        return onus_fail_at(err, ONUS_E_MISMATCH, start, "this line is not allowed here");
    }
    if (number != shown) {
        return onus_fail_at(err, ONUS_E_MISMATCH, start,
                "the line 'end' counts %llu records, claims and totals; there are %llu",
                (unsigned long long)number, (unsigned long long)shown);
    }
    if (reader->at != reader->bytes.len) {
        return onus_fail_at(err, ONUS_E_MISMATCH, reader->at, "something follows the line 'end'");
    }
    return ONUS_OK;
}

enum onus_code onus_bundle_read_rest(struct onus_bundle_reader *reader, struct onus_bundle *out,
        struct onus_error *err)
{
    uint64_t shown = 0;
    enum onus_code code = read_tokens(reader, out, err);
    if (code == ONUS_OK) {
        code = read_groups(reader, out, &shown, err);
    }
    if (code == ONUS_OK) {
        code = read_totals(reader, out, &shown, err);
    }
    return code == ONUS_OK ? read_end(reader, shown, err) : code;
}

enum onus_code onus_bundle_read(struct onus_str bytes, struct onus_arena *arena,
        struct onus_bundle *out, struct onus_error *err)
{
    struct onus_bundle_reader reader = {.at = 0};
    struct onus_bundle made = {.tsa_count = 0};
    enum onus_code code = onus_bundle_read_start(bytes, arena, &reader, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = onus_bundle_read_note(&reader, "checkpoint", &made.checkpoint, err);
    if (code == ONUS_END) {
        return onus_line_wrong(reader.at, "a line 'checkpoint' belongs here", err);
    }
    if (code == ONUS_OK) {
        code = onus_bundle_read_note(&reader, "older-checkpoint", &made.older, err);
    }
    if (code == ONUS_OK || code == ONUS_END) {
        code = onus_bundle_read_note(&reader, "beacon", &made.beacon, err);
    }
    if (code == ONUS_OK || code == ONUS_END) {
        code = onus_bundle_read_rest(&reader, &made, err);
    }
    if (code == ONUS_OK) {
        *out = made;
    }
    return code;
}

const struct onus_slot *onus_group_slot(const struct onus_group *group, uint8_t kind)
{
    uint8_t first = group->profile == ONUS_PROFILE_SOURCE ? ONUS_SLOT_SOURCE_NAME : ONUS_SLOT_NAME;
    if (kind < first || kind >= first + group->slot_count) {
        return NULL;
    }
    const struct onus_slot *slot = &group->slots[kind - first];
    return slot->open ? slot : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cuts.h"

#include "base/str.h"

static bool take_byte(struct onus_str *bytes, uint8_t *out)
{
    if (bytes->len == 0 || !bytes->ptr) {
        return false;
    }
    *out = (uint8_t)bytes->ptr[0];
    *bytes = onus_str_from(*bytes, 1);
    return true;
}

/* Seven bits a byte, lowest first; the shortest spelling only. */
static bool take_varint(struct onus_str *bytes, uint32_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = 0;
        if (!take_byte(bytes, &byte)) {
            return false;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *out = (uint32_t)value;
            return value <= UINT32_MAX && (byte != 0 || shift == 0);
        }
    }
    return false;
}

static bool take_line(struct onus_str *bytes, struct onus_str line, struct onus_cut *parts,
        uint32_t *count)
{
    uint32_t offset = 0;
    bool erased = line.ptr == NULL;
    if (!take_varint(bytes, count) || *count < 1 || *count > ONUS_PARTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < *count; i++) {
        struct onus_cut *part = &parts[i];
        if (!take_byte(bytes, &part->kind) || part->kind < ONUS_SLOT_PART_TIME ||
                part->kind > ONUS_SLOT_PART_LAST || !take_varint(bytes, &part->length)) {
            return false;
        }
        part->length = erased ? 0 : part->length;
        if (part->length > line.len - offset) {
            return false;
        }
        part->offset = offset;
        offset += part->length;
    }
    return offset == line.len;
}

enum onus_code onus_cuts_parse(struct onus_str bytes, const struct onus_str *lines, size_t count,
        struct onus_arena *arena, struct onus_cut_line **out, struct onus_cut **parts,
        struct onus_error *err)
{
    const char *start = bytes.ptr;
    /* A part takes two bytes at least, a line three. */
    if (count > bytes.len / 3) {
        return onus_fail_at(err, ONUS_E_FORMAT, 0, "fewer lines were cut than there are");
    }
    size_t most = bytes.len / 2 + ONUS_PARTS_MAX;
    struct onus_cut_line *made = onus_arena_alloc(arena, (count + 1) * sizeof(*made));
    struct onus_cut *cuts = onus_arena_alloc(arena, most * sizeof(*cuts));
    if (!made || !cuts) {
        return onus_arena_reason(arena, err);
    }
    uint64_t next = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t at = start ? (uint64_t)(bytes.ptr - start) : 0;
        uint32_t taken = 0;
        if (!take_line(&bytes, lines[i], cuts + next, &taken)) {
            return onus_fail_at(err, ONUS_E_FORMAT, at, "the cuts of line %zu are malformed", i);
        }
        made[i] = (struct onus_cut_line){.first = next, .count = (uint8_t)taken};
        next += taken;
    }
    if (bytes.len > 0) {
        return onus_fail_at(err, ONUS_E_FORMAT, (uint64_t)(bytes.ptr - start),
                "something follows the last line");
    }
    *out = made;
    *parts = cuts;
    return ONUS_OK;
}

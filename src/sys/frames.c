/* SPDX-License-Identifier: Apache-2.0 */
#include "frames.h"

#include <zstd.h>

enum {
    FRAME = 256 << 10,
    BLOCK = 128 << 10, /* RFC 8878, 3.1.1.2.4: the largest block */
    FRAME_HEADER = 9,  /* magic, descriptor, content size */
    BLOCK_HEADER = 3,
    FULL = FRAME_HEADER + 2 * BLOCK_HEADER + FRAME,
    DESCRIPTOR = 0xa0, /* content size of 4 bytes, single segment, no checksum */
    TABLE_ENTRY = 8,
    TABLE_FOOTER = 9,
    FRAMES_MAX = (64 << 20) / FRAME + 1,
};

#define SKIPPABLE 0x184d2a5eu
#define SEEKABLE  0x8f92eab1u

static char *put_le32(char *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        *out++ = (char)(uint8_t)(value >> 8 * i);
    }
    return out;
}

static uint32_t get_le32(const char *in)
{
    uint32_t value = 0;
    for (unsigned i = 4; i-- > 0;) {
        value = value << 8 | (uint8_t)in[i];
    }
    return value;
}

static char *put_frame_header(char *out, uint32_t size)
{
    out = put_le32(out, ZSTD_MAGICNUMBER);
    *out++ = (char)(uint8_t)DESCRIPTOR;
    return put_le32(out, size);
}

/* A raw block: last (1 bit), type 0 (2 bits), size (21 bits). */
static char *put_block_header(char *out, uint32_t size, bool last)
{
    uint32_t header = size << 3 | (last ? 1u : 0u);
    *out++ = (char)(uint8_t)header;
    *out++ = (char)(uint8_t)(header >> 8);
    *out++ = (char)(uint8_t)(header >> 16);
    return out;
}

size_t onus_frames_room(size_t length)
{
    return length + (length / BLOCK + 2) * (FRAME_HEADER + BLOCK_HEADER);
}

size_t onus_frames_stored(uint64_t offset, struct onus_str content, char *out, uint64_t *at)
{
    uint64_t frame = offset / FRAME;
    uint32_t inside = (uint32_t)(offset % FRAME);
    uint64_t start = frame * FULL;
    if (inside > 0) {
        start += FRAME_HEADER + (inside > BLOCK ? 2U * BLOCK_HEADER : BLOCK_HEADER) + inside;
    }
    *at = start;
    char *end = out;
    while (content.len > 0) {
        if (inside == 0) {
            end = put_frame_header(end, FRAME);
        }
        if (inside % BLOCK == 0) {
            end = put_block_header(end, BLOCK, inside > 0);
        }
        size_t now = BLOCK - inside % BLOCK;
        now = content.len < now ? content.len : now;
        memcpy(end, content.ptr, now);
        end += now;
        content.ptr += now;
        content.len -= now;
        inside = (uint32_t)((inside + now) % FRAME);
    }
    return (size_t)(end - out);
}

static void put_table(const uint32_t *packed, const uint32_t *sizes, size_t count,
        struct onus_buffer *table)
{
    char field[8];
    (void)put_le32(put_le32(field, SKIPPABLE), (uint32_t)(count * TABLE_ENTRY + TABLE_FOOTER));
    onus_buffer_add(table, field, 8);
    for (size_t i = 0; i < count; i++) {
        (void)put_le32(put_le32(field, packed[i]), sizes[i]);
        onus_buffer_add(table, field, 8);
    }
    (void)put_le32(field, (uint32_t)count);
    onus_buffer_add(table, field, 4);
    onus_buffer_add_char(table, 0);
    (void)put_le32(field, SEEKABLE);
    onus_buffer_add(table, field, 4);
}

size_t onus_frames_end(uint64_t size, struct onus_frame_patch patches[static ONUS_FRAME_PATCHES],
        struct onus_buffer *table, uint64_t *table_at)
{
    uint32_t packed[FRAMES_MAX + 1];
    uint32_t sizes[FRAMES_MAX + 1];
    uint64_t frames = size / FRAME;
    uint32_t last = (uint32_t)(size % FRAME);
    size_t count = 0;
    while (count < frames && count < FRAMES_MAX) {
        packed[count] = FULL;
        sizes[count++] = FRAME;
    }
    size_t made = 0;
    *table_at = frames * FULL;
    if (last > 0) {
        uint32_t first_block = last < BLOCK ? last : BLOCK;
        uint64_t at = *table_at;
        patches[0] = (struct onus_frame_patch){.at = at, .length = FRAME_HEADER + BLOCK_HEADER};
        (void)put_block_header(put_frame_header(patches[0].bytes, last), first_block,
                last <= BLOCK);
        made = 1;
        uint32_t whole = FRAME_HEADER + BLOCK_HEADER + last;
        if (last > BLOCK) {
            patches[1] = (struct onus_frame_patch){.at = at + FRAME_HEADER + BLOCK_HEADER + BLOCK,
                    .length = BLOCK_HEADER};
            (void)put_block_header(patches[1].bytes, last - BLOCK, true);
            made = 2;
            whole += BLOCK_HEADER;
        }
        packed[count] = whole;
        sizes[count++] = last;
        *table_at += whole;
    }
    put_table(packed, sizes, count, table);
    return made;
}

size_t onus_frames_bound(uint64_t size)
{
    size_t frames = (size_t)(size / FRAME) + 1;
    return (size_t)size + frames * (FULL - FRAME + TABLE_ENTRY + FRAME / 128) + 64;
}

enum onus_code onus_frames_compress(struct onus_str content, int level, struct onus_buffer *out,
        struct onus_error *err)
{
    uint32_t packed[FRAMES_MAX + 1];
    uint32_t sizes[FRAMES_MAX + 1];
    size_t count = 0;
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (!context) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = content.len > ONUS_PACK_CONTENT_MAX
                                  ? onus_fail(err, ONUS_E_LIMIT, "too much for a pack")
                                  : ONUS_OK;
    size_t bound = ZSTD_compressBound(FRAME);
    while (content.len > 0 && code == ONUS_OK) {
        size_t now = content.len < FRAME ? content.len : FRAME;
        char *room = onus_buffer_room(out, bound);
        if (!room) {
            break;
        }
        size_t wrote = ZSTD_compressCCtx(context, room, bound, content.ptr, now, level);
        if (ZSTD_isError(wrote)) {
            code = onus_fail(err, ONUS_E_MEMORY, "zstd: %s", ZSTD_getErrorName(wrote));
            break;
        }
        onus_buffer_grew(out, room + wrote);
        packed[count] = (uint32_t)wrote;
        sizes[count++] = (uint32_t)now;
        content.ptr += now;
        content.len -= now;
    }
    (void)ZSTD_freeCCtx(context);
    if (code == ONUS_OK) {
        put_table(packed, sizes, count, out);
        code = onus_buffer_status(out, err);
    }
    return code;
}

bool onus_frames_is_stored(struct onus_str pack)
{
    /* Type of the first block: bits 1 and 2 of its header. */
    return pack.len > FRAME_HEADER && (uint8_t)pack.ptr[4] == DESCRIPTOR &&
           ((uint8_t)pack.ptr[FRAME_HEADER] >> 1 & 3) == 0;
}

/* The table at the end: its frames and their number. */
static enum onus_code find_table(struct onus_str pack, size_t *frames, size_t *table_at,
        struct onus_error *err)
{
    if (pack.len < TABLE_FOOTER + 8 || get_le32(pack.ptr + pack.len - 4) != SEEKABLE ||
            pack.ptr[pack.len - 5] != 0) {
        return onus_fail(err, ONUS_E_FORMAT, "a pack has no table of its frames");
    }
    uint64_t count = get_le32(pack.ptr + pack.len - TABLE_FOOTER);
    uint64_t length = count * TABLE_ENTRY + TABLE_FOOTER + 8;
    if (count > FRAMES_MAX || length > pack.len) {
        return onus_fail(err, ONUS_E_FORMAT, "the table of a pack is too long");
    }
    *frames = (size_t)count;
    *table_at = pack.len - (size_t)length;
    const char *table = pack.ptr + *table_at;
    if (get_le32(table) != SKIPPABLE || get_le32(table + 4) != length - 8) {
        return onus_fail(err, ONUS_E_FORMAT, "the table of a pack is malformed");
    }
    return ONUS_OK;
}

/* One frame with the sizes its entry of the table says. */
static enum onus_code read_frame(ZSTD_DCtx *context, struct onus_str pack, size_t at,
        size_t table_at, const char *entry, char *out, size_t room, struct onus_error *err)
{
    size_t packed = get_le32(entry);
    size_t size = get_le32(entry + 4);
    if (packed == 0 || packed > table_at - at || size == 0 || size > FRAME || size > room) {
        return onus_fail_at(err, ONUS_E_FORMAT, at, "the table of a pack does not fit its frames");
    }
    const char *frame = pack.ptr + at;
    size_t real = ZSTD_findFrameCompressedSize(frame, packed);
    /* Bits of the descriptor that a decoder passes over could change unseen. */
    if (ZSTD_isError(real) || real != packed || get_le32(frame) != ZSTD_MAGICNUMBER ||
            ((uint8_t)frame[4] & 0x1f) != 0 || ((uint8_t)frame[4] & 0x20) == 0) {
        return onus_fail_at(err, ONUS_E_FORMAT, at,
                "a frame of a pack is not as long as it should be");
    }
    size_t got = ZSTD_decompressDCtx(context, out, size, frame, packed);
    if (ZSTD_isError(got) || got != size) {
        return onus_fail_at(err, ONUS_E_FORMAT, at, "a frame of a pack is damaged");
    }
    return ONUS_OK;
}

enum onus_code onus_frames_read(struct onus_str pack, void *out, size_t size,
        struct onus_error *err)
{
    size_t frames = 0;
    size_t table_at = 0;
    enum onus_code code = find_table(pack, &frames, &table_at, err);
    if (code != ONUS_OK) {
        return code;
    }
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t at = 0;
    size_t have = 0;
    for (size_t i = 0; i < frames && code == ONUS_OK; i++) {
        const char *entry = pack.ptr + table_at + 8 + i * TABLE_ENTRY;
        code = read_frame(context, pack, at, table_at, entry, (char *)out + have, size - have, err);
        if (code == ONUS_OK) {
            at += get_le32(entry);
            have += get_le32(entry + 4);
        }
    }
    (void)ZSTD_freeDCtx(context);
    if (code == ONUS_OK && (at != table_at || have != size)) {
        code = onus_fail(err, ONUS_E_FORMAT, "a pack holds %zu bytes, not %zu", have, size);
    }
    return code;
}

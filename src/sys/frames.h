/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_FRAMES_H
#define ONUS_SYS_FRAMES_H

/*
 * Packs: bytes as independent zstd frames (RFC 8878) of 256 KiB, and behind them a table of their
 * sizes in a skippable frame (the zstd seekable format), so that `zstd -d` gives the bytes back.
 *
 * While lines arrive the frames are stored, not compressed: where each byte of the content stands in
 * the file is then known before the others are there, and threads may write in any order.
 */

#include "base/buffer.h"

#define ONUS_FRAME_BYTES ((size_t)256 << 10)

/* Largest content: what one batch may hold. */
#define ONUS_PACK_CONTENT_MAX (((uint64_t)64 << 20) + 1)

/* Room for `length` bytes of content with the headers between them. */
size_t onus_frames_room(size_t length);

/*
 * The bytes of the file that stand for `content`, which begins at `offset` of the whole. *at is where
 * they go; returns how many there are. `out` has onus_frames_room(content.len). Frames are written as
 * if each were full: onus_frames_end() puts the last one right.
 */
size_t onus_frames_stored(uint64_t offset, struct onus_str content, char *out, uint64_t *at);

/*
 * What is to be written over the headers of the last frame: patches of a few bytes, at most
 * ONUS_FRAME_PATCHES; and the table that stands at *table_at and ends the file.
 */
#define ONUS_FRAME_PATCHES 3
struct onus_frame_patch {
    uint64_t at;
    size_t length;
    char bytes[12];
};
size_t onus_frames_end(uint64_t size, struct onus_frame_patch patches[static ONUS_FRAME_PATCHES],
        struct onus_buffer *table, uint64_t *table_at);

/* The whole pack compressed at a level of zstd, appended. ONUS_E_MEMORY, ONUS_E_LIMIT. */
ONUS_NODISCARD enum onus_code onus_frames_compress(struct onus_str content, int level,
        struct onus_buffer *out, struct onus_error *err);

/*
 * The content of a pack: exactly `size` bytes into `out`. The table must be that of the frames.
 * ONUS_E_FORMAT for anything else, ONUS_E_MEMORY.
 */
ONUS_NODISCARD enum onus_code onus_frames_read(struct onus_str pack, void *out, size_t size,
        struct onus_error *err);

/* Whether the pack is stored, not compressed: told by its first frame. */
bool onus_frames_is_stored(struct onus_str pack);

/* Largest pack of a content. */
size_t onus_frames_bound(uint64_t size);

#endif

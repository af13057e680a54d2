/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include <stdlib.h>

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>

enum {
    ZSTD_WINDOW_LOG_MAX = 27, /* 128 MiB */
    XZ_MEMORY_MAX = 256 << 20
};

/* Library fields are 32 bits wide. */
static uint32_t clamp32(size_t size)
{
    return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

static void *gzip_open(void)
{
    struct inflate_state *state = malloc(sizeof(*state));
    if (state) {
        isal_inflate_init(state);
        state->crc_flag = ISAL_GZIP;
    }
    return state;
}

static enum onus_code gzip_step(void *opaque, struct onus_codec_io *io)
{
    struct inflate_state *state = opaque;
    uint32_t in = clamp32(io->in_size);
    uint32_t out = clamp32(io->out_size);
    union {
        const uint8_t *read;
        uint8_t *plain;
    } input = {.read = io->in}; /* the library does not write through next_in */
    state->next_in = input.plain;
    state->avail_in = in;
    state->next_out = io->out;
    state->avail_out = out;
    int rc = isal_inflate(state);
    io->in += in - state->avail_in;
    io->in_size -= in - state->avail_in;
    io->out += out - state->avail_out;
    io->out_size -= out - state->avail_out;
    if (rc != ISAL_DECOMP_OK) {
        return ONUS_E_FORMAT;
    }
    return state->block_state == ISAL_BLOCK_FINISH ? ONUS_END : ONUS_OK;
}

const struct onus_codec onus_codec_gzip = {"gzip", {0x1f, 0x8b}, 2, gzip_open, free, gzip_step};

static void *zstd_open(void)
{
    ZSTD_DCtx *state = ZSTD_createDCtx();
    if (state &&
            ZSTD_isError(ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX))) {
        ZSTD_freeDCtx(state);
        return NULL;
    }
    return state;
}

static void zstd_close(void *state)
{
    ZSTD_freeDCtx(state);
}

static enum onus_code zstd_step(void *state, struct onus_codec_io *io)
{
    ZSTD_inBuffer in = {io->in, io->in_size, 0};
    ZSTD_outBuffer out = {io->out, io->out_size, 0};
    size_t rc = ZSTD_decompressStream(state, &out, &in);
    io->in += in.pos;
    io->in_size -= in.pos;
    io->out += out.pos;
    io->out_size -= out.pos;
    if (ZSTD_isError(rc)) {
        return ONUS_E_FORMAT;
    }
    return rc == 0 ? ONUS_END : ONUS_OK;
}

const struct onus_codec onus_codec_zstd = {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, zstd_open,
        zstd_close, zstd_step};

static void *xz_open(void)
{
    lzma_stream *state = calloc(1, sizeof(*state));
    if (state && lzma_stream_decoder(state, XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
        free(state);
        return NULL;
    }
    return state;
}

static void xz_close(void *opaque)
{
    lzma_stream *state = opaque;
    if (state) {
        lzma_end(state);
        free(state);
    }
}

static enum onus_code xz_step(void *opaque, struct onus_codec_io *io)
{
    lzma_stream *state = opaque;
    state->next_in = io->in;
    state->avail_in = io->in_size;
    state->next_out = io->out;
    state->avail_out = io->out_size;
    lzma_ret rc = lzma_code(state, io->in_ended ? LZMA_FINISH : LZMA_RUN);
    io->in = state->next_in;
    io->in_size = state->avail_in;
    io->out = state->next_out;
    io->out_size = state->avail_out;
    if (rc == LZMA_STREAM_END) {
        return ONUS_END;
    }
    if (rc == LZMA_MEMLIMIT_ERROR) {
        return ONUS_E_LIMIT;
    }
    /* LZMA_BUF_ERROR: no progress was possible; the reader decides whether that is the end. */
    return rc == LZMA_OK || rc == LZMA_BUF_ERROR ? ONUS_OK : ONUS_E_FORMAT;
}

const struct onus_codec onus_codec_xz = {"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6, xz_open, xz_close,
        xz_step};

static void *bzip2_open(void)
{
    bz_stream *state = calloc(1, sizeof(*state));
    if (state && BZ2_bzDecompressInit(state, 0, 0) != BZ_OK) {
        free(state);
        return NULL;
    }
    return state;
}

static void bzip2_close(void *opaque)
{
    bz_stream *state = opaque;
    if (state) {
        (void)BZ2_bzDecompressEnd(state);
        free(state);
    }
}

static enum onus_code bzip2_step(void *opaque, struct onus_codec_io *io)
{
    bz_stream *state = opaque;
    uint32_t in = clamp32(io->in_size);
    uint32_t out = clamp32(io->out_size);
    union {
        const uint8_t *read;
        char *plain;
    } input = {.read = io->in}; /* the library does not write through next_in */
    state->next_in = input.plain;
    state->avail_in = in;
    state->next_out = (char *)io->out;
    state->avail_out = out;
    int rc = BZ2_bzDecompress(state);
    io->in += in - state->avail_in;
    io->in_size -= in - state->avail_in;
    io->out += out - state->avail_out;
    io->out_size -= out - state->avail_out;
    if (rc == BZ_STREAM_END) {
        return ONUS_END;
    }
    return rc == BZ_OK ? ONUS_OK : ONUS_E_FORMAT;
}

const struct onus_codec onus_codec_bzip2 = {"bzip2", {'B', 'Z', 'h'}, 3, bzip2_open, bzip2_close,
        bzip2_step};

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_CODEC_H
#define ONUS_SYS_CODEC_H

/* One interface over the decompression libraries; private to sys. */

#include <onus/error.h>

struct onus_codec_io {
    const uint8_t *in;
    size_t in_size; /* bytes not yet taken */
    uint8_t *out;
    size_t out_size; /* room left */
    bool in_ended;   /* no more input will come */
};

struct onus_codec {
    const char *name;
    uint8_t magic[6];
    size_t magic_size;
    void *(*open)(void);
    void (*close)(void *state);
    /*
     * Move as much as possible. ONUS_OK: progress was made or more input is needed. ONUS_END: the
     * stream is complete and `in` holds only what follows it. ONUS_E_FORMAT, ONUS_E_LIMIT: damaged.
     */
    enum onus_code (*step)(void *state, struct onus_codec_io *io);
};

extern const struct onus_codec onus_codec_gzip;
extern const struct onus_codec onus_codec_zstd;
extern const struct onus_codec onus_codec_xz;
extern const struct onus_codec onus_codec_bzip2;

#endif

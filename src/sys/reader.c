/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"

enum {
    INPUT_SIZE = 256 << 10,
    MAGIC_MAX = 6
};

struct onus_reader {
    int descriptor;
    const char *name;
    bool seekable;
    uint64_t size_at_open;
    int64_t changed;
    uint64_t raw_offset;
    bool raw_ended;
    bool sniffed;
    bool ended; /* everything was handed out */
    const struct onus_codec *codec;
    void *state;
    enum onus_code failed; /* reported once the bytes before it are handed out */
    struct onus_error error;
    struct onus_reader_parts parts; /* count 0: one descriptor, the caller's */
    size_t part;                    /* in hand */
    size_t begin, end;              /* raw bytes not yet used */
    uint8_t input[INPUT_SIZE];
};

static const struct onus_codec *const codecs[] = {
        &onus_codec_gzip,
        &onus_codec_zstd,
        &onus_codec_xz,
        &onus_codec_bzip2,
};

enum onus_code onus_reader_open(int descriptor, const char *name, struct onus_reader **out,
        struct onus_error *err)
{
    struct onus_reader *reader = malloc(sizeof(*reader));
    if (!reader) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    memset(reader, 0, offsetof(struct onus_reader, input));
    reader->descriptor = descriptor;
    reader->name = name;
    reader->changed = INT64_MIN;
    struct stat st;
    if (fstat(descriptor, &st) == 0 && S_ISREG(st.st_mode)) {
        reader->seekable = true;
        reader->size_at_open = (uint64_t)st.st_size;
        reader->changed = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
        (void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    *out = reader;
    return ONUS_OK;
}

enum onus_code onus_reader_open_parts(const struct onus_reader_parts *parts, const char *name,
        struct onus_reader **out, struct onus_error *err)
{
    enum onus_code code = onus_reader_open(-1, name, out, err);
    if (code == ONUS_OK) {
        (*out)->parts = *parts;
        (*out)->seekable = true;
        (*out)->changed = parts->changed;
        (*out)->ended = parts->count == 0;
    }
    return code;
}

static void drop_codec(struct onus_reader *reader)
{
    if (reader->state) {
        reader->codec->close(reader->state);
        reader->state = NULL;
    }
}

static void drop_part(struct onus_reader *reader)
{
    if (reader->parts.count > 0 && reader->descriptor >= 0) {
        (void)close(reader->descriptor);
        reader->descriptor = -1;
    }
}

void onus_reader_close(struct onus_reader *reader)
{
    if (!reader) {
        return;
    }
    drop_codec(reader);
    drop_part(reader);
    free(reader);
}

/* Remember what went wrong; the caller gets it after the bytes that came before. */
static void fail_later(struct onus_reader *reader, enum onus_code code, const char *words)
{
    reader->failed = onus_fail_at(&reader->error, code,
            reader->raw_offset - (reader->end - reader->begin), "%s: %s", reader->name, words);
}

/* Read raw bytes; 0 at the end. */
static size_t read_raw(struct onus_reader *reader, void *into, size_t size)
{
    for (;;) {
        ssize_t got = read(reader->descriptor, into, size);
        if (got > 0) {
            reader->raw_offset += (uint64_t)got;
            return (size_t)got;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        reader->raw_ended = true;
        if (got < 0) {
            int saved = errno;
            fail_later(reader, ONUS_E_IO, saved == EISDIR ? "is a directory" : "cannot be read");
            reader->error.sys_errno = saved;
        } else if (reader->raw_offset < reader->size_at_open) {
            fail_later(reader, ONUS_E_IO, "the file became shorter while it was read");
        }
        return 0;
    }
}

static void refill(struct onus_reader *reader)
{
    if (reader->begin > 0) {
        memmove(reader->input, reader->input + reader->begin, reader->end - reader->begin);
        reader->end -= reader->begin;
        reader->begin = 0;
    }
    if (!reader->raw_ended && reader->end < INPUT_SIZE) {
        reader->end += read_raw(reader, reader->input + reader->end, INPUT_SIZE - reader->end);
    }
}

static const struct onus_codec *codec_of(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < ONUS_COUNT(codecs); i++) {
        if (size >= codecs[i]->magic_size &&
                memcmp(bytes, codecs[i]->magic, codecs[i]->magic_size) == 0) {
            return codecs[i];
        }
    }
    return NULL;
}

static enum onus_code open_codec(struct onus_reader *reader, struct onus_error *err)
{
    reader->state = reader->codec->open();
    if (!reader->state) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    return ONUS_OK;
}

static enum onus_code sniff(struct onus_reader *reader, struct onus_error *err)
{
    while (!reader->raw_ended && reader->end - reader->begin < MAGIC_MAX) {
        refill(reader);
    }
    reader->sniffed = true;
    reader->codec = codec_of(reader->input + reader->begin, reader->end - reader->begin);
    return reader->codec ? open_codec(reader, err) : ONUS_OK;
}

static size_t read_plain(struct onus_reader *reader, uint8_t *into, size_t size)
{
    size_t got = reader->end - reader->begin;
    if (got > size) {
        got = size;
    }
    memcpy(into, reader->input + reader->begin, got);
    reader->begin += got;
    while (got < size && !reader->raw_ended) {
        got += read_raw(reader, into + got, size - got);
    }
    if (got < size) {
        reader->ended = true;
    }
    return got;
}

/* A stream is complete: another one may follow (gzip members, zstd frames), or zero padding. */
static enum onus_code next_stream(struct onus_reader *reader, struct onus_error *err)
{
    drop_codec(reader);
    while (!reader->raw_ended && reader->end - reader->begin < MAGIC_MAX) {
        refill(reader);
    }
    while (reader->begin < reader->end && reader->input[reader->begin] == 0) {
        reader->begin++;
        if (reader->begin == reader->end) {
            refill(reader);
        }
    }
    if (reader->begin == reader->end) {
        reader->ended = true;
        return ONUS_OK;
    }
    if (codec_of(reader->input + reader->begin, reader->end - reader->begin) != reader->codec) {
        fail_later(reader, ONUS_E_FORMAT, "other bytes follow the compressed data");
        return ONUS_OK;
    }
    return open_codec(reader, err);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through io.out */
static enum onus_code read_packed(struct onus_reader *reader, uint8_t *into, size_t size,
        size_t *got, struct onus_error *err)
{
    struct onus_codec_io io = {.out = into, .out_size = size};
    while (io.out_size > 0 && !reader->ended && reader->failed == ONUS_OK) {
        if (reader->begin == reader->end) {
            refill(reader);
        }
        size_t before_in = reader->end - reader->begin;
        size_t before_out = io.out_size;
        io.in = reader->input + reader->begin;
        io.in_size = before_in;
        io.in_ended = reader->raw_ended;
        enum onus_code code = reader->codec->step(reader->state, &io);
        reader->begin = reader->end - io.in_size;
        if (code == ONUS_END) {
            code = next_stream(reader, err);
            if (code != ONUS_OK) {
                return code;
            }
        } else if (code == ONUS_E_LIMIT) {
            fail_later(reader, code, "the compressed data asks for more memory than is allowed");
        } else if (code != ONUS_OK) {
            fail_later(reader, ONUS_E_FORMAT, "the compressed data is damaged");
        } else if (io.in_size == before_in && io.out_size == before_out) {
            refill(reader);
            if (reader->end - reader->begin == before_in && reader->raw_ended &&
                    reader->failed == ONUS_OK) {
                fail_later(reader, ONUS_E_FORMAT, "the compressed data breaks off");
            }
        }
    }
    *got = size - io.out_size;
    return ONUS_OK;
}

/* Open the part in hand unless it is open. What fails is told after the bytes before it. */
static void open_part(struct onus_reader *reader)
{
    if (reader->parts.count == 0 || reader->descriptor >= 0 || reader->ended ||
            reader->failed != ONUS_OK) {
        return;
    }
    reader->descriptor = reader->parts.open(reader->parts.data, reader->part);
    if (reader->descriptor < 0) {
        int saved = errno;
        fail_later(reader, ONUS_E_IO, "a part of it cannot be opened");
        reader->error.sys_errno = saved;
        reader->ended = reader->sniffed = true;
    }
}

/* True when another part follows the one that has just ended. */
static bool next_part(struct onus_reader *reader)
{
    if (!reader->ended || reader->failed != ONUS_OK || reader->part + 1 >= reader->parts.count) {
        return false;
    }
    drop_codec(reader);
    drop_part(reader);
    reader->codec = NULL;
    reader->sniffed = reader->ended = reader->raw_ended = false;
    reader->begin = reader->end = 0;
    reader->part++;
    return true;
}

static enum onus_code read_once(struct onus_reader *reader, uint8_t *into, size_t size, size_t *got,
        struct onus_error *err)
{
    open_part(reader);
    if (!reader->sniffed) {
        enum onus_code code = sniff(reader, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    size_t count = 0;
    if (!reader->ended && (reader->failed == ONUS_OK || !reader->codec)) {
        if (!reader->codec) {
            count = read_plain(reader, into, size);
        } else {
            enum onus_code code = read_packed(reader, into, size, &count, err);
            if (code != ONUS_OK) {
                return code;
            }
        }
    }
    if (count == 0 && reader->failed != ONUS_OK) {
        if (err) {
            *err = reader->error;
        }
        return reader->failed;
    }
    *got = count;
    return ONUS_OK;
}

enum onus_code onus_reader_read(struct onus_reader *reader, void *into, size_t size, size_t *got,
        struct onus_error *err)
{
    size_t count = 0;
    bool more = true;
    while (more && count < size) {
        size_t piece = 0;
        enum onus_code code = read_once(reader, (uint8_t *)into + count, size - count, &piece, err);
        if (code != ONUS_OK) {
            if (count > 0 && reader->failed != ONUS_OK) {
                break; /* told with the next call */
            }
            return code;
        }
        count += piece;
        more = next_part(reader);
    }
    *got = count;
    return ONUS_OK;
}

enum onus_code onus_reader_rewind(struct onus_reader *reader, struct onus_error *err)
{
    drop_part(reader);
    bool parted = reader->parts.count > 0;
    if (!reader->seekable || (!parted && lseek(reader->descriptor, 0, SEEK_SET) != 0)) {
        return onus_fail(err, ONUS_E_IO, "%s: cannot be read a second time", reader->name);
    }
    drop_codec(reader);
    reader->codec = NULL;
    reader->sniffed = reader->ended = reader->raw_ended = false;
    reader->failed = ONUS_OK;
    reader->part = 0;
    reader->begin = reader->end = 0;
    reader->raw_offset = 0;
    return ONUS_OK;
}

const char *onus_reader_compression(const struct onus_reader *reader)
{
    return reader->codec ? reader->codec->name : "none";
}

uint64_t onus_reader_raw_offset(const struct onus_reader *reader)
{
    return reader->raw_offset;
}

void onus_reader_expect(struct onus_reader *reader, uint64_t size)
{
    if (reader->seekable && reader->parts.count == 0 && size > reader->size_at_open) {
        reader->size_at_open = size;
    }
}

uint64_t onus_reader_raw_size(const struct onus_reader *reader)
{
    return reader->parts.count > 0 ? reader->parts.raw_size : reader->size_at_open;
}

int64_t onus_reader_changed(const struct onus_reader *reader)
{
    return reader->changed;
}

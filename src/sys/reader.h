/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_READER_H
#define ONUS_SYS_READER_H

/*
 * The bytes of a file or pipe, decompressed on the way.
 *
 * Compression is told from the first bytes, never from the name: gzip (RFC 1952, also several members
 * in a row), zstd (RFC 8878), xz and bzip2. Anything else is read as it is. A stream that breaks off
 * or is damaged gives all bytes before the damage first, and then its error, so that nothing that can
 * be read is lost.
 *
 * Memory: one input buffer of 256 KiB and the state of one decompressor (zstd windows above 128 MiB
 * and xz above 256 MiB are refused with ONUS_E_LIMIT).
 * Threads: one at a time for each reader.
 */

#include <onus/error.h>

struct onus_reader;

/*
 * Read an open descriptor (a file at its start, or a pipe), which stays the caller's to close. `name`
 * is for messages and must outlive the reader.
 */
ONUS_NODISCARD enum onus_code onus_reader_open(int descriptor, const char *name,
        struct onus_reader **out, struct onus_error *err);
void onus_reader_close(struct onus_reader *reader);

/*
 * Several files read as one: the bytes of part i + 1, decompressed, follow those of part i. Parts are
 * opened one at a time, when their turn comes, and closed by the reader.
 */
struct onus_reader_parts {
    int (*open)(void *data, size_t part); /* a descriptor, or -1 with errno */
    void *data;
    size_t count;
    uint64_t raw_size; /* of all, for progress; 0: not known */
    int64_t changed;   /* what onus_reader_changed() says; INT64_MIN: nothing */
};

/* `parts` is copied. A part that cannot be opened is ONUS_E_IO after the bytes of those before. */
ONUS_NODISCARD enum onus_code onus_reader_open_parts(const struct onus_reader_parts *parts,
        const char *name, struct onus_reader **out, struct onus_error *err);

/*
 * Fill `into` with up to `size` bytes; *got < size only at the end or before an error.
 *
 * ONUS_OK        *got bytes are there; 0 means the end was reached and everything was whole.
 * ONUS_E_FORMAT  compressed data is damaged or ends early; offset is in the compressed file.
 * ONUS_E_IO      the file shrank while it was read, or a read failed.
 * ONUS_E_LIMIT   the stream asks for more memory than is allowed.
 */
ONUS_NODISCARD enum onus_code onus_reader_read(struct onus_reader *reader, void *into, size_t size,
        size_t *got, struct onus_error *err);

/* Begin again at the start; ONUS_E_IO for a pipe. */
ONUS_NODISCARD enum onus_code onus_reader_rewind(struct onus_reader *reader,
        struct onus_error *err);

/* "gzip", "zstd", "xz", "bzip2" or "none"; known after the first read. */
const char *onus_reader_compression(const struct onus_reader *reader);

/* Bytes taken from the descriptor so far, for progress. */
uint64_t onus_reader_raw_offset(const struct onus_reader *reader);

/*
 * The file had `size` bytes when it was read before: an end that comes earlier is told as a file that
 * became shorter. Before the first onus_reader_read().
 */
void onus_reader_expect(struct onus_reader *reader, uint64_t size);

/* Size of the file when it was opened or what was expected of it, whichever is more; 0 for a pipe. */
uint64_t onus_reader_raw_size(const struct onus_reader *reader);

/* Time of the file's last change in microseconds since 1970, INT64_MIN for a pipe. */
int64_t onus_reader_changed(const struct onus_reader *reader);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_SEALER_H
#define ONUS_EVIDENCE_SEALER_H

/*
 * Lines as trace reads them (model/line_sink.h) become sealed batches.
 *
 *     onus_sealer_new()
 *     the sink is handed to trace, or driven by hand
 *     onus_sealer_finish()   the last batches are closed, the log is signed
 *     onus_sealer_free()
 *
 * The same lines, keys, times and options give the same bytes on the disk, whatever the number of
 * threads and the size of the blocks.
 *
 * When a call fails, what was told by `sealed` stands; the rest is sealed when the files are read again.
 */

#include "evidence/vault.h"
#include "model/line_sink.h"

struct onus_sealed {
    uint32_t input; /* as given to begin() */
    const struct onus_source *source;
    uint64_t seq;
    uint64_t first_line; /* of the input, counted from 0: line 0 of the batch */
    uint64_t lines, bytes, leaves, rows;
    uint8_t flags;
    uint64_t entry; /* in the log */
};

/* A file of a source that an input is not, whatever it begins with. */
struct onus_stranger {
    struct onus_tag tag;
    uint32_t file;
};

struct onus_sealer_options {
    struct onus_vault *vault;  /* open for writing */
    struct onus_str source;    /* name of the source of all inputs; empty: by their paths */
    enum onus_profile profile; /* of new sources */
    struct onus_str collector; /* slot 41 */
    struct onus_digest rules;  /* slot 4a */
    bool has_anchor;
    struct onus_digest anchor; /* slot 4b */
    bool has_boot_id;
    uint8_t boot_id[16];
    const struct onus_stranger *strangers;
    size_t stranger_count;
    bool leave_unended; /* a last line without its line feed is left for the next time */
    size_t workers;     /* as many as `worker` numbers in work() */
    uint64_t seed;      /* of hash tables: must not show in what is written */

    /* Seconds since 1970; asked once a batch. */
    uint64_t (*now)(void *data);
    /* 32 random bytes for the keys of a new source. */
    enum onus_code (*random)(void *data, void *out, size_t size, struct onus_error *err);
    /* What the path of an input is: device, inode, size. May be NULL: no hints. */
    void (*identify)(void *data, const char *path, struct onus_position *out);
    /* A batch is in the log and signed. May be NULL. */
    void (*sealed)(void *data, const struct onus_sealed *batch);
    void *data;
};

struct onus_sealer;

ONUS_NODISCARD enum onus_code onus_sealer_new(const struct onus_sealer_options *options,
        struct onus_sealer **out, struct onus_error *err);
void onus_sealer_free(struct onus_sealer *sealer);

const struct onus_line_sink *onus_sealer_sink(struct onus_sealer *sealer);

/* Whatever waits is sealed and signed. */
ONUS_NODISCARD enum onus_code onus_sealer_finish(struct onus_sealer *sealer,
        struct onus_error *err);

/* An empty batch that says: nothing came. */
ONUS_NODISCARD enum onus_code onus_sealer_heartbeat(struct onus_sealer *sealer,
        const struct onus_source *source, struct onus_error *err);

/* What became of an input. */
struct onus_sealed_input {
    const struct onus_source *source; /* NULL: nothing of it was looked at */
    uint64_t known_lines;             /* sealed before, passed over */
    uint64_t sealed_lines;
    uint32_t file; /* number of the file in its source */
    /*
     * It begins like a file sealed before and then differs: nothing behind that place was sealed. Seal it
     * again with this (source, file) among `strangers`.
     */
    bool differs;
    bool shorter; /* it ends before what was sealed of it */
};
void onus_sealer_input(const struct onus_sealer *sealer, uint32_t input,
        struct onus_sealed_input *out);

/* The name of the source a path belongs to: without ".N", "-YYYYMMDD", ".gz", ".zst", ".xz", ".bz2". */
struct onus_str onus_source_name_of(struct onus_str path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_MANIFEST_H
#define ONUS_EVIDENCE_MANIFEST_H

/*
 * The openings of a manifest or a roll-up: the file .man (docs/formats/vault.md), and its entry in the
 * log. Salts are not in the file: they follow from the keys, or stand in the .tmb after erasure.
 */

#include <onus/error.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "evidence/keytree.h"
#include "evidence/position.h"
#include "proof/record.h"

struct onus_manifest {
    enum onus_profile profile; /* ONUS_PROFILE_MANIFEST or _ROLLUP */
    struct onus_tag tag;
    uint64_t first, last; /* seq; equal for a manifest */
    uint64_t entry;       /* its place in the log */
    uint64_t slot;        /* number of the salt of kind 40 under its key */
    struct onus_str values[ONUS_MANIFEST_SLOTS];

    /* Of a manifest only. */
    uint64_t pack_size;      /* bytes of its lines with their line feeds */
    struct onus_digest pack; /* name of the pack; all zero when pack_size is 0 */
    int64_t day;             /* latest UTC day on lines of the source so far; -1: none */
    bool has_from;
    struct onus_position from; /* how far its file was read after it */
};

static inline struct onus_str onus_manifest_value(const struct onus_manifest *manifest,
        enum onus_slot_kind kind)
{
    return manifest->values[(unsigned)kind - (unsigned)ONUS_SLOT_NAME];
}

/* A value of eight bytes; 0 when it is empty. Checked when parsed. */
uint64_t onus_manifest_number(const struct onus_manifest *manifest, enum onus_slot_kind kind);
/* First byte of slot 4c. */
uint8_t onus_manifest_flags(const struct onus_manifest *manifest);
/* Rows and root of slot 49. */
uint64_t onus_manifest_rows(const struct onus_manifest *manifest, struct onus_digest *root);
/* Slot 48. */
void onus_manifest_root(const struct onus_manifest *manifest, struct onus_digest *root);

/* Bytes of the file, appended; failures show in the buffer. */
void onus_manifest_format(const struct onus_manifest *manifest, struct onus_buffer *out);

/*
 * Read a file. Views point into `text`, values lie in the arena. Lengths of values are those of
 * evidence.md. ONUS_E_FORMAT with the offset.
 */
ONUS_NODISCARD enum onus_code onus_manifest_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_manifest *out, struct onus_error *err);

/* Slot hashes under the salts, the entry (appended when not NULL) and its leaf hash. */
void onus_manifest_commit(const struct onus_manifest *manifest, const struct onus_salt *salts,
        struct onus_digest slots[static ONUS_MANIFEST_SLOTS], struct onus_buffer *entry,
        struct onus_digest *leaf);

/* Its salts out of the keys of its source. ONUS_E_MISSING: they were erased. */
ONUS_NODISCARD enum onus_code onus_manifest_salts(const struct onus_keytree *keys,
        const struct onus_manifest *manifest, struct onus_salt salts[static ONUS_MANIFEST_SLOTS],
        struct onus_error *err);

/* Path beneath the case folder, without its ending: "vault/batch/<tag>/000/412", "vault/batch/<tag>/roll/5-9". */
#define ONUS_BATCH_PATH_MAX 128
void onus_batch_path(const struct onus_tag *tag, uint64_t seq, const char *ending,
        char out[static ONUS_BATCH_PATH_MAX]);
void onus_rollup_path(const struct onus_tag *tag, uint64_t first, uint64_t last, const char *ending,
        char out[static ONUS_BATCH_PATH_MAX]);
void onus_pack_path(const struct onus_digest *name, char out[static ONUS_BATCH_PATH_MAX]);

/*
 * HMAC-SHA256(K_batch, "onus/pack"): known before the first line, so that a pack is written in the folder
 * it stays in; a file moves between folders only where a sandbox of the kernel allows it.
 */
void onus_pack_name(const struct onus_digest *batch_key, struct onus_digest *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_VAULT_PARTS_H
#define ONUS_EVIDENCE_VAULT_PARTS_H

/* What the files of the vault share among themselves. Others include vault.h. */

#include "crypto/age.h"
#include "evidence/vault.h"

#define VAULT_CASE       "case"
#define VAULT_POLICY     "policy"
#define VAULT_LOCK       "vault/state/lock"
#define VAULT_LOG_KEY    "vault/keys/log.key"
#define VAULT_IDENTITY   "vault/keys/vault.agekey"
#define VAULT_KEYS       "vault/keys/src"
#define VAULT_SOURCES    "vault/source"
#define VAULT_PACKS      "vault/pack"
#define VAULT_PATH       256
#define VAULT_IDENTITIES 2 /* while keys are wrapped anew there are an old one and a new one */
#define VAULT_FILE_MAX   ((size_t)16 << 20)

/* The file `case`. */
struct onus_case {
    struct onus_str party, origin, key;
    uint64_t made;
};
void onus_case_format(const struct onus_case *what, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_case_parse(struct onus_str text, struct onus_case *out,
        struct onus_error *err);
bool onus_party_valid(struct onus_str party);

/* The file vault/source/<tag>. */
struct onus_source_file {
    struct onus_tag tag;
    struct onus_str name;
    enum onus_profile profile;
    uint64_t made, entry;
    uint64_t batches; /* when it was written */
    struct onus_position *positions;
    size_t position_count;
};
void onus_source_file_format(const struct onus_source_file *what, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_source_file_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_source_file *out, struct onus_error *err);
bool onus_source_name_valid(struct onus_str name);

/* The key of the log. */
void onus_log_key_format(const struct onus_ed25519_seed *seed, struct onus_buffer *out);
ONUS_NODISCARD enum onus_code onus_log_key_parse(struct onus_str text,
        struct onus_ed25519_seed *out, struct onus_error *err);

/* ---- in memory ------------------------------------------------------------------------------- */

struct vault_source {
    struct onus_source public; /* first */
    struct onus_arena arena;
    struct onus_position *positions;
    size_t position_room;
    uint64_t saved; /* batches its file knew of when it was read */
};

struct onus_vault {
    int at;
    int lock; /* 0: none */
    bool write;
    struct onus_arena arena; /* what was read of case and policy */
    struct onus_case facts;
    struct onus_vkey key;
    struct onus_age_identity
            identities[VAULT_IDENTITIES]; /* any of which may have wrapped a file */
    size_t identity_count;
    size_t wraps; /* the one that wraps what is written */
    bool has_seed;
    struct onus_ed25519_seed seed;
    bool signs_alone;
    struct onus_log *log;
    struct vault_source **sources;
    size_t source_count, source_room;
    struct onus_vault_options options;
};

void onus_source_path(const struct onus_tag *tag, char out[static VAULT_PATH]);
void onus_source_key_path(const struct onus_tag *tag, char out[static VAULT_PATH]);

/* The age key: a new one, or that of the vault. */
ONUS_NODISCARD enum onus_code onus_identity_make(struct onus_vault *vault, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_identity_read(struct onus_vault *vault, struct onus_error *err);
/*
 * Another key wraps from now on; that of the recipient `old` stays until onus_identity_destroy(). Both can
 * be repeated after a crash. onus_identity_recipient() is the one that wraps now.
 */
ONUS_NODISCARD enum onus_code onus_identity_recipient(const struct onus_vault *vault,
        struct onus_age_recipient *out, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_identity_renew(struct onus_vault *vault,
        const struct onus_age_recipient *old, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_identity_destroy(struct onus_vault *vault,
        const struct onus_age_recipient *old, struct onus_error *err);
/* A secret file, unwrapped (wipe with onus_secret_clear()); or write one. */
ONUS_NODISCARD enum onus_code onus_secret_read(const struct onus_vault *vault, const char *path,
        struct onus_buffer *out, struct onus_error *err);
void onus_secret_clear(struct onus_buffer *secret);
ONUS_NODISCARD enum onus_code onus_secret_write(const struct onus_vault *vault, const char *path,
        struct onus_str bytes, struct onus_error *err);

/* Slot hashes, entry and leaf hash of the N record of a source, which has its keys. */
ONUS_NODISCARD enum onus_code onus_source_entry(const struct onus_vault *vault,
        const struct onus_source *source, struct onus_buffer *entry, struct onus_digest *leaf,
        struct onus_error *err);

/* The newest of a source: what it read last. */
ONUS_NODISCARD enum onus_code onus_source_moved(struct vault_source *source,
        const struct onus_manifest *manifest, const struct onus_digest *leaf,
        struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_source_save(const struct onus_vault *vault,
        const struct vault_source *source, struct onus_error *err);

/* Read the manifest of a batch. ONUS_E_MISSING when there is none. */
ONUS_NODISCARD enum onus_code onus_manifest_load(int at, const char *path, struct onus_arena *arena,
        struct onus_manifest *out, struct onus_error *err);

/* All files of vault/source; then, when writing, what a crash left. */
ONUS_NODISCARD enum onus_code onus_sources_load(struct onus_vault *vault, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_vault_recover(struct onus_vault *vault, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_VAULT_H
#define ONUS_EVIDENCE_VAULT_H

/*
 * A case folder and its vault (docs/formats/vault.md): who the party is, its log and key, its sources.
 *
 * Everything read is checked; nothing here looks at the clock or draws randomness: both are passed in.
 */

#include "evidence/keytree.h"
#include "evidence/log_store.h"
#include "evidence/manifest.h"

#define ONUS_PARTY_MAX     200
#define ONUS_SOURCES_MAX   65536
#define ONUS_POSITIONS_MAX 4096 /* files remembered for each source; the oldest are forgotten */

/* ---- making one ------------------------------------------------------------------------------ */

struct onus_vault_new {
    struct onus_str party;  /* UTF-8, 1 to ONUS_PARTY_MAX bytes, no control characters */
    struct onus_str origin; /* a name of a key (proof/note.h) */
    uint64_t made;          /* seconds since 1970 */
    struct onus_ed25519_seed log_key;
    /* For the age identity and for wrapping. */
    enum onus_code (*random)(void *data, void *out, size_t size, struct onus_error *err);
    void *data;
};

/*
 * Make the folder `path` (it may be there, empty of a case) with its case file, policy and keys.
 * ONUS_E_REFUSED: there is a case already. The file `case` is written last: without it there is none.
 */
ONUS_NODISCARD enum onus_code onus_vault_create(const char *path, const struct onus_vault_new *what,
        struct onus_error *err);

/* ---- opening --------------------------------------------------------------------------------- */

struct onus_vault;

struct onus_vault_options {
    bool write;   /* take the lock, finish what a crash left */
    bool no_keys; /* do not unwrap keys: for what needs only public files */

    /* Random bytes for wrapping keys; NULL: none can be written. */
    enum onus_code (*random)(void *data, void *out, size_t size, struct onus_error *err);
    /*
     * Called once the folder is open and locked, before its first byte is read: the place to give up
     * rights. `at` is its descriptor. NULL: nothing is done.
     */
    enum onus_code (*confine)(void *data, int at, struct onus_error *err);
    /* Faults of a source are told here and the source is left out; NULL: they end the opening. */
    onus_fault_found fault;
    void *data;
};

/*
 * ONUS_E_MISSING   no case there, or a file of it is missing; err names it.
 * ONUS_E_REFUSED   another process writes to it.
 * ONUS_E_FORMAT    a file is not what its format says.
 * ONUS_E_MISMATCH  the log does not fit its checkpoint, or a file does not fit another.
 *
 * With write, batches that were durable but not yet in the log are entered, and a waiting intent is
 * signed, in this order; packs and .tmp files without a manifest are removed.
 */
ONUS_NODISCARD enum onus_code onus_vault_open(const char *path,
        const struct onus_vault_options *options, struct onus_vault **out, struct onus_error *err);
void onus_vault_close(struct onus_vault *vault);

/* The folder a command means: -C, or "." when it holds a file `case`. NULL: none. */
const char *onus_vault_find(const char *case_directory);

/* Descriptor of the case folder. */
int onus_vault_at(const struct onus_vault *vault);
struct onus_str onus_vault_party(const struct onus_vault *vault);
struct onus_str onus_vault_origin(const struct onus_vault *vault);
uint64_t onus_vault_made(const struct onus_vault *vault);
/* The key that signs the log: always its public part; the seed only when keys were unwrapped. */
const struct onus_vkey *onus_vault_key(const struct onus_vault *vault);
const struct onus_ed25519_seed *onus_vault_seed(const struct onus_vault *vault);
struct onus_log *onus_vault_log(const struct onus_vault *vault);

/*
 * Whether sealing may sign by itself: no witness of the policy has a URL. Where one has, it must be
 * asked first whether it knows a larger tree (a restored copy), and `onus checkpoint` signs.
 */
bool onus_vault_signs_alone(const struct onus_vault *vault);

/* Flush the log and sign it: onus_log_flush(), onus_log_sign(). */
ONUS_NODISCARD enum onus_code onus_vault_sign(struct onus_vault *vault, struct onus_error *err);

/*
 * Append the entry of an `O` record and go on under another origin: old checkpoint kept as
 * vault/log/checkpoint.<n>, intent of the new origin, then `case` and the log line of `policy`, then the
 * signature by the same key under its new name. After a crash, opening for writing finishes it, or
 * nothing has happened yet. ONUS_E_ARGUMENT: the origin is no name of a key.
 */
ONUS_NODISCARD enum onus_code onus_vault_continue(struct onus_vault *vault,
        struct onus_str new_origin, struct onus_str entry, struct onus_error *err);

/* ---- sources --------------------------------------------------------------------------------- */

struct onus_source {
    struct onus_tag tag;
    struct onus_str name;
    enum onus_profile profile; /* ONUS_PROFILE_LINES or _PARTS */
    uint64_t made;
    uint64_t entry;              /* of its N record */
    uint64_t next_seq;           /* how many batches there are */
    struct onus_digest previous; /* leaf hash of the last batch, or of the N record */
    int64_t day;                 /* latest UTC day on its lines, days since 1970; -1: none yet */
    uint64_t sealed_at;          /* slot 45 of the last batch; 0: none yet */
    bool has_keys;
    struct onus_keytree keys;
    const struct onus_position *positions; /* newest last */
    size_t position_count;
    uint32_t next_file; /* number of the next file that is new */
};

size_t onus_vault_source_count(const struct onus_vault *vault);
/* Ordered by their N entries. */
const struct onus_source *onus_vault_source_at(const struct onus_vault *vault, size_t index);
const struct onus_source *onus_vault_source_named(const struct onus_vault *vault,
        struct onus_str name);
const struct onus_source *onus_vault_source_tagged(const struct onus_vault *vault,
        const struct onus_tag *tag);

/*
 * A new source: its keys are durable, then its N entry is flushed and signed. k_source: 32 random
 * bytes. ONUS_E_REFUSED: the name is taken.
 */
ONUS_NODISCARD enum onus_code onus_vault_source_add(struct onus_vault *vault, struct onus_str name,
        enum onus_profile profile, uint64_t made, const struct onus_digest *k_source,
        const struct onus_source **out, struct onus_error *err);

/*
 * Take a batch that is durable (.man, .idx, pack) into the log: its entry is appended at
 * manifest->entry and the source moves on. Nothing is signed. `leaf` is its leaf hash.
 */
ONUS_NODISCARD enum onus_code onus_vault_enter(struct onus_vault *vault,
        const struct onus_source *source, const struct onus_manifest *manifest,
        struct onus_str entry, const struct onus_digest *leaf, struct onus_error *err);

/* Write the keys of a source again, after onus_keytree_puncture() on them. */
ONUS_NODISCARD enum onus_code onus_vault_keys_save(struct onus_vault *vault,
        const struct onus_source *source, const struct onus_keytree *keys, struct onus_error *err);

#endif

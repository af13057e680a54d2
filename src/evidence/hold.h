/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_HOLD_H
#define ONUS_EVIDENCE_HOLD_H

/*
 * Holds: what must not be erased while a matter is open (docs/formats/vault.md, "Holds"). The file
 * CASE/vault/holds, replaced as a whole; who set and lifted which is in the custody log.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "evidence/vault.h"

#define ONUS_HOLDS_PATH      "vault/holds"
#define ONUS_HOLDS_SIZE_MAX  ((size_t)16 << 20)
#define ONUS_HOLDS_MAX       65536
#define ONUS_HOLD_THREAD_MAX 200  /* bytes of visible UTF-8 */
#define ONUS_HOLD_REASON_MAX 1000 /* likewise */

struct onus_hold {
    uint64_t time; /* seconds since 1970 when it was set: a claim */
    bool all;      /* every source there is and will be */
    struct onus_tag tag;
    uint64_t first, last;   /* seq; 0 and ONUS_SEQ_MAX for a whole source */
    struct onus_str thread; /* the matter it belongs to */
    struct onus_str reason;
};

struct onus_holds {
    const struct onus_hold *items; /* in the order they were set */
    size_t count;
};

void onus_holds_format(const struct onus_holds *holds, struct onus_buffer *out);
/* Views point into the text. ONUS_E_FORMAT with the offset; each changed bit is found. */
ONUS_NODISCARD enum onus_code onus_holds_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_holds *out, struct onus_error *err);

/* `at`: the case folder. A file that is not there holds none. */
ONUS_NODISCARD enum onus_code onus_holds_read(int at, struct onus_arena *arena,
        struct onus_holds *out, struct onus_error *err);

/*
 * Set one more hold, or lift all of a thread; the vault is open for writing. Words are checked.
 * ONUS_E_ARGUMENT: a word cannot be one. onus_hold_remove(): ONUS_E_MISSING, the thread has no hold.
 */
ONUS_NODISCARD enum onus_code onus_hold_add(const struct onus_vault *vault,
        const struct onus_hold *hold, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_hold_remove(const struct onus_vault *vault,
        struct onus_str thread, size_t *lifted, struct onus_error *err);

/* The first hold that covers this batch; NULL: none. */
const struct onus_hold *onus_holds_find(const struct onus_holds *holds, const struct onus_tag *tag,
        uint64_t seq);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_WITNESS_H
#define ONUS_EVIDENCE_WITNESS_H

/*
 * A witness: somebody else who remembers the newest checkpoint of a log and vouches, with the time,
 * that each new one continues it (C2SP tlog-witness and tlog-cosignature). No network here; whoever
 * receives requests hands their bodies over, one at a time.
 *
 * Its folder, in docs/formats/witness.md:
 *     witness            text: onus/witness/v1, name, vkey
 *     logs               the logs it knows: lines `log VKEY`, as in a policy (C2SP tlog-policy)
 *     keys/              its key, wrapped with age, 0600
 *     state/<64 hex>     SHA-256 of an origin: the newest cosigned checkpoint of that log
 *
 * What it remembers of a log is that checkpoint itself, with the log's signature and its own. A file
 * in state/ that does not check against both keys stops the answers for that log: a witness that is
 * not sure what it signed signs nothing. A new state is on the disk before its cosignature leaves,
 * so a crash in between costs an answer and nothing else; the log asks again and gets 409 or the same
 * statement with a later time.
 *
 * Threads: one at a time. Processes: a second one that opens the folder for signing is refused.
 */

#include "base/buffer.h"
#include "crypto/random.h"

#define ONUS_WITNESS_LOGS_MAX 1024

struct onus_witness;

/*
 * Make a folder for a witness called `name` (a key name of a signed note: no blank, no plus) with a
 * new key out of `random`, and append its vkey (one line with its line feed) to `vkey`. The folder may
 * be there.
 *
 * ONUS_E_ARGUMENT  no key can have this name.
 * ONUS_E_REFUSED   there is a witness in the folder already.
 * ONUS_E_IO        it could not be written; what was made so far may remain.
 */
ONUS_NODISCARD enum onus_code onus_witness_init(const char *folder, struct onus_str name,
        struct onus_random_source random, struct onus_buffer *vkey, struct onus_error *err);

/*
 * Open the folder: read key and logs, lock it. `more_logs` is a text of further lines `log VKEY` or
 * bare vkeys, or empty.
 *
 * ONUS_E_MISSING   no such folder, no key.
 * ONUS_E_FORMAT    a file is not in its format; the message names it and its line.
 * ONUS_E_REFUSED   another process signs from this folder.
 */
ONUS_NODISCARD enum onus_code onus_witness_open(const char *folder, struct onus_str more_logs,
        struct onus_witness **out, struct onus_error *err);
void onus_witness_close(struct onus_witness *witness);

struct onus_str onus_witness_name(const struct onus_witness *witness);
size_t onus_witness_log_count(const struct onus_witness *witness);

/* The directory that must stay writable when the process is sandboxed after opening. */
int onus_witness_state_directory(const struct onus_witness *witness);

/* An answer in the words of HTTP. The body is in the buffer the caller gave. */
struct onus_witness_answer {
    unsigned status;  /* 200, 400, 403, 404, 409, 422, 500 */
    const char *type; /* Content-Type */
};

/*
 * One request `add-checkpoint`, in the order of the standard:
 *
 *     400  the body is not spelled as a request, or is too long
 *     404  the origin is not among the logs
 *     403  no log key of that origin has signed, or a signature by one does not check
 *     400  old size above the size of the checkpoint
 *     409  old size is not the size cosigned last; the body says which is
 *     422  size 0 with another root than the empty one; a proof with old size 0; the proof does not
 *          check; equal sizes with different roots
 *     500  the state of this log on disk is not what was written, or cannot be written: nothing was
 *          signed; *err says why, for the operator
 *     200  the body is the cosignature line; the new state is on disk
 *
 * `now` is the time in seconds since 1970 that is signed, at least 1. Returns ONUS_OK when there is an
 * answer (500 among them), else ONUS_E_MEMORY or ONUS_E_LIMIT of `body`.
 */
ONUS_NODISCARD enum onus_code onus_witness_add_checkpoint(struct onus_witness *witness,
        struct onus_str request, uint64_t now, struct onus_buffer *body,
        struct onus_witness_answer *answer, struct onus_error *err);

/*
 * `GET /<64 hex of SHA-256(origin)>/checkpoint`: the newest cosigned checkpoint of that log with the
 * log's signature and ours, or 404, or 500 as above.
 */
ONUS_NODISCARD enum onus_code onus_witness_newest(struct onus_witness *witness,
        struct onus_str origin_hex, struct onus_buffer *body, struct onus_witness_answer *answer,
        struct onus_error *err);

#endif

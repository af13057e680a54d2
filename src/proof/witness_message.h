/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_WITNESS_MESSAGE_H
#define ONUS_PROOF_WITNESS_MESSAGE_H

/*
 * What a log and a witness say to each other (C2SP tlog-witness): the body of a request
 * `add-checkpoint` and the bodies of its answers. Pure: bytes to struct and back.
 *
 *     old <size>                 size the witness cosigned last, decimal, no leading zeros
 *     <base64 of a hash>         0 to 63 of them: consistency proof from there to the checkpoint
 *                                (an empty line)
 *     <checkpoint>               a signed note, byte for byte
 *
 * The note is not looked into here: checkpoint.h and note.h do that.
 */

#include "base/buffer.h"
#include "merkle/tree.h"

#define ONUS_WITNESS_PROOF_MAX   63
#define ONUS_WITNESS_REQUEST_MAX 131072 /* bytes of a whole request; a note has at most ~100 kB */
#define ONUS_WITNESS_ANSWER_MAX  65536
#define ONUS_WITNESS_SIZE_TYPE   "text/x.tlog.size" /* Content-Type of an answer 409 */

struct onus_add_checkpoint {
    uint64_t old_size;
    struct onus_proof proof; /* at most ONUS_WITNESS_PROOF_MAX hashes */
    struct onus_str note;    /* a view into what was parsed; not empty */
};

/*
 * ONUS_E_FORMAT  not spelled as above; offset says where. Nothing is said about proof or note.
 * ONUS_E_LIMIT   longer than ONUS_WITNESS_REQUEST_MAX.
 */
ONUS_NODISCARD enum onus_code onus_add_checkpoint_parse(struct onus_str body,
        struct onus_add_checkpoint *out, struct onus_error *err);

/* Append the request to `out`; parsing it gives the same struct. At most 63 hashes, or ONUS_E_BUG. */
ONUS_NODISCARD enum onus_code onus_add_checkpoint_format(const struct onus_add_checkpoint *message,
        struct onus_buffer *out, struct onus_error *err);

/*
 * The body of an answer 409: the size that the witness cosigned last, decimal, and a line feed.
 * ONUS_E_FORMAT for every other spelling.
 */
ONUS_NODISCARD enum onus_code onus_witness_size_parse(struct onus_str body, uint64_t *out,
        struct onus_error *err);
void onus_witness_size_format(uint64_t size, struct onus_buffer *out);

#endif

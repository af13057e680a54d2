/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_COSIGN_H
#define ONUS_EVIDENCE_COSIGN_H

/*
 * The side of a log in C2SP tlog-witness: submit a checkpoint to a witness, hear how far it is, send
 * the proof from there, take its cosignature.
 *
 * No network here: whoever calls says how a message travels. What a witness answers is hostile; only a
 * cosignature that checks under a key of the policy is ever taken over.
 */

#include "evidence/log_store.h"
#include "proof/policy.h"

/*
 * Send `body` to a URL and append the answer's body to `answer`. ONUS_E_PEER when nobody answers. The
 * content type of the answer is lower case, without parameters.
 */
struct onus_post {
    const char *url;
    const char *content_type; /* NULL: GET, without a body */
    struct onus_str body;
    size_t answer_limit;
};

struct onus_posted {
    unsigned status;
    char content_type[128];
};

struct onus_carrier {
    enum onus_code (*post)(void *data, const struct onus_post *what, struct onus_buffer *answer,
            struct onus_posted *out, struct onus_error *err);
    void *data;
};

enum onus_witness_said {
    ONUS_WITNESS_COSIGNED,  /* with a key of the policy */
    ONUS_WITNESS_SILENT,    /* no answer, or none that makes sense */
    ONUS_WITNESS_DECLINED,  /* it does not know the log, or will not sign */
    ONUS_WITNESS_AHEAD,     /* it has cosigned a larger tree of this log */
    ONUS_WITNESS_DISAGREES, /* what it has cosigned is no beginning of this tree */
};

/* "cosigned", "silent", "declined", "ahead", "disagrees". */
const char *onus_witness_said_word(enum onus_witness_said said);

struct onus_witness_reply {
    enum onus_witness_said said;
    unsigned status; /* of HTTP; 0 when there was no answer */
    bool has_size;   /* it told a size */
    uint64_t size;   /* of the largest tree it has cosigned */
    char words[200]; /* why, for people; no control characters */
};

/* Who is asked. */
struct onus_witness_sought {
    const char *url;
    const struct onus_policy *policy;
    struct onus_str name; /* the witness of the policy it must be; empty: any of them */
};

/*
 * Submit the checkpoint that is stored in the log: `old_size` is what the witness is thought to have
 * cosigned last; when it has another size, it is asked again with that. COSIGNED means that a signature
 * checked; the answer's lines are then appended to `lines`, all well-formed.
 *
 * ONUS_OK when the witness was asked, whatever it said; ONUS_E_MISSING when there is no checkpoint;
 * else what reading the log says.
 */
ONUS_NODISCARD enum onus_code onus_cosign_stored(const struct onus_log *log, uint64_t old_size,
        const struct onus_witness_sought *whom, const struct onus_carrier *carrier,
        struct onus_buffer *lines, struct onus_witness_reply *out, struct onus_error *err);

/*
 * For a log without a checkpoint: ask what the witness has of this origin, with a checkpoint of size 0.
 * The empty tree is the beginning of every other one, so that signing it never makes a second history.
 * *said is COSIGNED when the witness has nothing, AHEAD when it has something.
 */
ONUS_NODISCARD enum onus_code onus_cosign_probe(const struct onus_vkey *key,
        const struct onus_ed25519_seed *seed, const struct onus_witness_sought *whom,
        const struct onus_carrier *carrier, struct onus_witness_reply *out, struct onus_error *err);

/*
 * Append to `out` the note with those of the signature lines that check under a witness key of the
 * policy which is not on the note yet. *taken is how many were. A line of another shape or of a key the
 * policy does not have is passed over, as C2SP asks; so is one of a known key that does not check.
 */
ONUS_NODISCARD enum onus_code onus_cosign_merge(const struct onus_policy *policy,
        struct onus_str note, struct onus_str lines, struct onus_buffer *out, size_t *taken,
        struct onus_error *err);

#endif

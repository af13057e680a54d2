/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CRYPTO_TSA_H
#define ONUS_CRYPTO_TSA_H

/*
 * Time stamps by an authority (RFC 3161): the request, and the check of the reply. Sending and keeping
 * are left to the caller.
 *
 * A time stamp says that the authority had seen a hash at a time it states. It rests on the authority
 * alone, which can write any time unseen; use more than one, and witnesses beside them.
 */

#include "base/buffer.h"
#include "crypto/sha256.h"

/*
 * Append the request for a time stamp of a SHA-256 digest: the nonce comes back in the reply, the
 * authority's certificate is asked for. DER, to be sent as application/timestamp-query.
 */
void onus_tsa_request(const struct onus_digest *imprint, uint64_t nonce, struct onus_buffer *out);

#define ONUS_TSA_POLICY_MAX 128
#define ONUS_TSA_REPLY_MAX  65536 /* bytes of a reply that are looked at */

struct onus_tsa_stamp {
    int64_t time;         /* genTime, seconds since 1970 UTC; a fraction is dropped */
    bool has_accuracy;    /* false: the authority states none */
    uint64_t accuracy_us; /* the true time lies within this of genTime, in microseconds */
    char policy[ONUS_TSA_POLICY_MAX]; /* the policy it was made under: numbers and dots */
};

/*
 * Check a reply (application/timestamp-reply) against the digest, the nonce of the request (NULL: the
 * request is not known any more, any nonce will do) and the certificates somebody trusts, in PEM.
 * Certificates are judged as of the time in the stamp, so that the answer does not change with the day.
 *
 * ONUS_OK          the stamp is over this digest and nonce, by a key that one of the trusted certificates
 *                  lets sign time stamps and nothing else (RFC 3161, 2.3), named inside of what it signed.
 * ONUS_E_MISMATCH  it is not: another digest or nonce, a wrong signature, a certificate that may not do
 *                  this, was not valid then or is not the one that is named.
 * ONUS_E_FORMAT    this is no reply; or the trusted certificates are none.
 * ONUS_E_MISSING   the authority refused; or its certificate is not there, or none of the trusted ones
 *                  issued it.
 * ONUS_E_REFUSED   signed with a hash that is no longer safe.
 * ONUS_E_LIMIT     longer than ONUS_TSA_REPLY_MAX.
 * ONUS_E_MEMORY    libcrypto has no memory.
 */
ONUS_NODISCARD enum onus_code onus_tsa_check(struct onus_str reply,
        const struct onus_digest *imprint, const uint64_t *nonce, struct onus_str trusted_pem,
        struct onus_tsa_stamp *out, struct onus_error *err);

#endif

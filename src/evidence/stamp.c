/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/stamp.h"

#include <stdio.h>

#include "crypto/tsa.h"
#include "sys/durable.h"
#include "text/hex.h"

enum {
    STAMPS_MAX = 10000 /* of one checkpoint */
};

#define FOLDER "vault/tsa"
#define ASKS   "application/timestamp-query"
#define GIVES  "application/timestamp-reply"

static enum onus_code keep(int at, const struct onus_digest *imprint, struct onus_str reply,
        struct onus_stamp *out, struct onus_error *err)
{
    char name[65] = "";
    onus_hex_put(name, onus_digest_view(imprint));
    enum onus_code code = onus_durable_folder(at, FOLDER, err);
    for (unsigned n = 1; code == ONUS_OK && n <= STAMPS_MAX; n++) {
        bool there = false;
        (void)snprintf(out->path, sizeof(out->path), FOLDER "/%s-%u.tsr", name, n);
        code = onus_durable_exists(at, out->path, &there, err);
        if (code == ONUS_OK && !there) {
            code = onus_durable_create(at, out->path, reply, 0644, err);
            if (code != ONUS_E_REFUSED) { /* somebody was faster: the next number */
                return code;
            }
            code = ONUS_OK;
        }
    }
    return code == ONUS_OK ? onus_fail(err, ONUS_E_LIMIT, "too many time stamps of one checkpoint")
                           : code;
}

static enum onus_code ask(const char *url, struct onus_str request,
        const struct onus_carrier *carrier, struct onus_buffer *reply, struct onus_error *err)
{
    struct onus_posted posted = {0};
    const struct onus_post what = {
            .url = url,
            .content_type = ASKS,
            .body = request,
            .answer_limit = ONUS_TSA_REPLY_MAX,
    };
    enum onus_code code = carrier->post(carrier->data, &what, reply, &posted, err);
    if (code == ONUS_OK && posted.status != 200) {
        return onus_fail(err, ONUS_E_PEER, "it answers with status %u", posted.status);
    }
    if (code == ONUS_OK && strcmp(posted.content_type, GIVES) != 0) {
        return onus_fail(err, ONUS_E_PEER, "it does not answer with %s", GIVES);
    }
    return code;
}

enum onus_code onus_stamp_get(int at, struct onus_str text, const char *url, uint64_t nonce,
        struct onus_str trusted_pem, const struct onus_carrier *carrier, struct onus_stamp *out,
        struct onus_error *err)
{
    struct onus_digest imprint;
    struct onus_buffer request;
    struct onus_buffer reply;
    struct onus_tsa_stamp stamp;
    struct onus_stamp got = {.time = 0};
    onus_sha256(text, &imprint);
    onus_buffer_init(&request, 0);
    onus_buffer_init(&reply, (size_t)2 * ONUS_TSA_REPLY_MAX);
    onus_tsa_request(&imprint, nonce, &request);
    enum onus_code code = onus_buffer_status(&request, err);
    if (code == ONUS_OK) {
        code = ask(url, onus_buffer_view(&request), carrier, &reply, err);
    }
    if (code == ONUS_OK) {
        code = onus_tsa_check(onus_buffer_view(&reply), &imprint, &nonce, trusted_pem, &stamp, err);
    }
    if (code == ONUS_OK) {
        got.time = stamp.time;
        code = keep(at, &imprint, onus_buffer_view(&reply), &got, err);
    }
    if (code == ONUS_OK) {
        *out = got;
    }
    onus_buffer_clear(&request);
    onus_buffer_clear(&reply);
    return code;
}

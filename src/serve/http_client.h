/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SERVE_HTTP_CLIENT_H
#define ONUS_SERVE_HTTP_CLIENT_H

/*
 * One request to a server, with bounds on everything: GET or POST over http or https, no redirects, no
 * cookies, no proxy, no credentials, no name that the URL does not hold. A certificate is checked
 * against the system's store.
 *
 * Threads: any; each call stands for itself.
 */

#include "base/buffer.h"

#define ONUS_HTTP_URL_MAX 2048

struct onus_http_call {
    const char *url;
    const char *content_type; /* of the body; NULL with GET */
    const char *accept;       /* NULL: nothing is asked for */
    struct onus_str body;     /* with content_type: POST; else GET */
    unsigned timeout_seconds; /* of the whole exchange; 0 means 30 */
    size_t answer_limit;      /* bytes of the answer's body */
};

struct onus_http_answer {
    unsigned status;
    char content_type[128]; /* without parameters, lower case; empty when none was sent */
    /* the body is in the buffer the caller gave */
};

/*
 * ONUS_OK          an answer arrived whole, whatever its status.
 * ONUS_E_ARGUMENT  the URL is no http or https URL, holds credentials or is too long.
 * ONUS_E_PEER      no connection, no answer in time, or not HTTP.
 * ONUS_E_LIMIT     the answer is longer than allowed.
 */
ONUS_NODISCARD enum onus_code onus_http_call(const struct onus_http_call *call,
        struct onus_buffer *body, struct onus_http_answer *answer, struct onus_error *err);

/* Whether a URL is one that onus_http_call() takes; err says what is wrong with it. */
ONUS_NODISCARD enum onus_code onus_http_check_url(const char *url, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SERVE_HTTP_SERVER_H
#define ONUS_SERVE_HTTP_SERVER_H

/*
 * A small HTTP server: exact routes, a handler for each, bounds on everything. No threads: the caller's
 * thread runs it, so handlers are called one after the other.
 *
 * What a client can do to it: hold one of `connections` places for at most `seconds` without
 * finishing a request; send up to `body_limit` bytes to a route that takes a body. A longer body is
 * refused with 413 from its Content-Length, before it is read; one without a length when it passes
 * the limit.
 */

#include "base/buffer.h"

struct onus_http_server;

struct onus_http_request {
    const char *method;
    const char *path;     /* decoded by nobody: as the client wrote it */
    struct onus_str body; /* whole */
};

struct onus_http_reply {
    unsigned status;
    const char *content_type; /* must outlive the server */
    struct onus_buffer *body; /* empty at the start; cleared by the server */
};

/*
 * Answer one request. `pattern` is the route that matched. False: the connection is closed without an
 * answer, because the handler has none to give.
 */
typedef bool (*onus_http_handler)(void *data, const struct onus_http_request *request,
        struct onus_http_reply *reply);

struct onus_http_route {
    const char *method; /* "GET" or "POST" */
    const char *path;   /* exact; one part may be "*", which matches 1 to 128 bytes without '/' */
    size_t body_limit;  /* 0: a request with a body is refused */
    onus_http_handler handle;
};

struct onus_http_options {
    const char *listen;                   /* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one */
    const struct onus_http_route *routes; /* must outlive the server, as `data` */
    size_t route_count;
    void *data;
    unsigned connections;     /* at once; 0 means 64 */
    unsigned seconds;         /* for one request; 0 means 20 */
    struct onus_str tls_cert; /* PEM; with tls_key: TLS 1.2 or later */
    struct onus_str tls_key;
    /* Called after each answer; NULL: nobody wants to know. */
    void (*seen)(void *data, const struct onus_http_request *request, unsigned status,
            size_t bytes);
};

/*
 * Bind and listen. After this the process may give up files and new sockets (ONUS_SANDBOX_SERVE).
 *
 * ONUS_E_ARGUMENT  `listen` is no address and port.
 * ONUS_E_IO        the address is taken or not ours; err->sys_errno says which.
 */
ONUS_NODISCARD enum onus_code onus_http_server_open(const struct onus_http_options *options,
        struct onus_http_server **out, struct onus_error *err);
void onus_http_server_close(struct onus_http_server *server);

/* The port it listens on. */
uint16_t onus_http_server_port(const struct onus_http_server *server);

/*
 * Serve until `stop` becomes readable (a signalfd, a pipe) or hangs up; then take no new connections,
 * finish what has begun for up to `seconds`, and return ONUS_OK. ONUS_E_IO when polling fails.
 */
ONUS_NODISCARD enum onus_code onus_http_server_run(struct onus_http_server *server, const int *stop,
        size_t stop_count, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SERVE_WITNESS_SERVER_H
#define ONUS_SERVE_WITNESS_SERVER_H

/*
 * A witness on the network, as two processes that trust each other with nothing but messages.
 *
 *     network process   takes requests over HTTP; has sockets, but no key and, once sandboxed, no files
 *     signing process   has the key and the folder state/, but no network; gets bodies of requests over
 *                       a pair of sockets, checks them itself and answers one after the other
 *
 * Whoever takes the network process over can ask for cosignatures that any client could ask for, and
 * cannot make the signing process sign two histories.
 *
 *     POST /add-checkpoint                               C2SP tlog-witness
 *     GET  /<64 hex of SHA-256(origin)>/checkpoint
 */

#include "evidence/witness.h"
#include "serve/http_server.h"
#include "sys/sandbox.h"

struct onus_witness_service {
    const char *folder;
    struct onus_str more_logs; /* as in onus_witness_open() */
    const char *listen;
    struct onus_str tls_cert;
    struct onus_str tls_key;
    unsigned connections; /* 0: as in http_server.h */
    unsigned seconds;
    int stop; /* readable when it is time to end */
    void *data;
    /* Enter a sandbox by the rule of the program; NULL: none. Called once in each process. */
    enum onus_code (*confine)(void *data, enum onus_sandbox_profile profile,
            const struct onus_sandbox_keep *keep, struct onus_error *err);
    /* Ready for clients. */
    void (*ready)(void *data, struct onus_str name, size_t logs, uint16_t port);
    /* One answer went out; `trouble` is empty or what the operator must know. */
    void (*seen)(void *data, const struct onus_http_request *request, unsigned status,
            const char *trouble);
};

/*
 * Serve until `stop`; then finish what has begun. Call from a process with one thread, SIGPIPE ignored
 * and the signals that end it blocked (`stop` is where they arrive).
 *
 * Codes as onus_witness_open() and onus_http_server_open(); ONUS_E_PEER when the signing process ended
 * before its time.
 */
ONUS_NODISCARD enum onus_code onus_witness_serve(const struct onus_witness_service *service,
        struct onus_error *err);

#endif

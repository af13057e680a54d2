/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/witness_server.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "proof/witness_message.h"
#include "serve/frames.h"

/*
 * A question: 'a' and a body of add-checkpoint, or 'n' and the hex of an origin. An answer: status, a
 * blank, Content-Type, LF; what the operator must know, LF; the body. The first message is an answer
 * without a question: how the start went.
 */
enum {
    ASK_ADD = 'a',
    ASK_NEWEST = 'n',
    FRAME_MAX = 4 * ONUS_WITNESS_REQUEST_MAX
};

/* ---- the signing process --------------------------------------------------------------------- */

static uint64_t now_seconds(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
}

static enum onus_code send_answer(int channel, const struct onus_witness_answer *answer,
        const struct onus_error *trouble, struct onus_str body)
{
    struct onus_buffer frame;
    onus_buffer_init(&frame, FRAME_MAX);
    onus_buffer_printf(&frame, "%u %s\n%s\n", answer->status, answer->type,
            answer->status == 500 ? trouble->text : "");
    onus_buffer_add_str(&frame, body);
    enum onus_code code = onus_buffer_status(&frame, NULL);
    if (code == ONUS_OK) {
        code = onus_frame_send(channel, onus_buffer_view(&frame), NULL);
    }
    onus_buffer_clear(&frame);
    return code;
}

static enum onus_code answer_one(struct onus_witness *witness, int channel,
        struct onus_str question)
{
    struct onus_buffer body;
    struct onus_witness_answer answer = {500, "text/plain"};
    struct onus_error trouble = ONUS_ERROR_INIT;
    onus_buffer_init(&body, FRAME_MAX / 2);
    bool add = question.len > 0 && question.ptr[0] == ASK_ADD;
    struct onus_str rest = onus_str_from(question, 1);
    enum onus_code code = add ? onus_witness_add_checkpoint(witness, rest, now_seconds(), &body,
                                        &answer, &trouble)
                              : onus_witness_newest(witness, rest, &body, &answer, &trouble);
    if (code != ONUS_OK) {
        answer.status = 500;
    }
    code = send_answer(channel, &answer, &trouble,
            code == ONUS_OK ? onus_buffer_view(&body) : ONUS_STR("no memory\n"));
    onus_buffer_clear(&body);
    return code;
}

static enum onus_code start_signing(const struct onus_witness_service *service,
        struct onus_witness **witness, struct onus_error *err)
{
    enum onus_code code = onus_witness_open(service->folder, service->more_logs, witness, err);
    if (code == ONUS_OK && service->confine) {
        int state = onus_witness_state_directory(*witness);
        struct onus_sandbox_keep keep = {.write = &state, .write_count = 1};
        code = service->confine(service->data, ONUS_SANDBOX_PARSE, &keep, err);
    }
    return code;
}

/* The first message: "200 NAME\nLOGS\n", or "CODE x\nwhy\n". */
static enum onus_code tell_start(int channel, enum onus_code code,
        const struct onus_witness *witness, const struct onus_error *err)
{
    struct onus_buffer frame;
    onus_buffer_init(&frame, FRAME_MAX);
    if (code == ONUS_OK) {
        onus_buffer_add_text(&frame, "200 ");
        onus_buffer_add_str(&frame, onus_witness_name(witness));
        onus_buffer_printf(&frame, "\n%zu\n", onus_witness_log_count(witness));
    } else {
        onus_buffer_printf(&frame, "%d x\n%s\n", (int)code, err->text);
    }
    enum onus_code sent = onus_buffer_status(&frame, NULL);
    if (sent == ONUS_OK) {
        sent = onus_frame_send(channel, onus_buffer_view(&frame), NULL);
    }
    onus_buffer_clear(&frame);
    return sent;
}

static enum onus_code sign_until_closed(const struct onus_witness_service *service, int channel)
{
    struct onus_witness *witness = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = start_signing(service, &witness, &err);
    enum onus_code sent = tell_start(channel, code, witness, &err);
    struct onus_buffer question;
    onus_buffer_init(&question, FRAME_MAX);
    while (code == ONUS_OK && sent == ONUS_OK) {
        question.len = 0;
        code = onus_frame_receive(channel, FRAME_MAX, &question, NULL);
        if (code == ONUS_OK) {
            sent = answer_one(witness, channel, onus_buffer_view(&question));
        }
    }
    onus_buffer_clear(&question);
    onus_witness_close(witness);
    return code == ONUS_END ? ONUS_OK : code;
}

/* ---- the network process --------------------------------------------------------------------- */

struct network {
    const struct onus_witness_service *service;
    int channel;
    struct onus_buffer frame;
    char trouble[sizeof(((struct onus_error *)NULL)->text)];
    char type[64]; /* Content-Type of the answer; replies point to it until they are sent */
    bool lost;     /* the signing process does not answer */
};

static bool read_answer(struct network *network, struct onus_http_reply *reply)
{
    struct onus_str rest = onus_buffer_view(&network->frame);
    struct onus_str line;
    struct onus_str word;
    struct onus_str trouble;
    uint64_t status = 0;
    if (!onus_str_cut(&rest, '\n', &line) || !onus_str_cut(&rest, '\n', &trouble) ||
            !onus_str_cut(&line, ' ', &word) || !onus_str_to_u64(word, 599, &status) ||
            line.len >= sizeof(network->type) || trouble.len >= sizeof(network->trouble)) {
        return false;
    }
    memcpy(network->type, line.ptr, line.len);
    network->type[line.len] = '\0';
    memcpy(network->trouble, trouble.ptr, trouble.len);
    network->trouble[trouble.len] = '\0';
    reply->status = (unsigned)status;
    reply->content_type = network->type;
    onus_buffer_add_str(reply->body, rest);
    return true;
}

static bool ask(struct network *network, char what, struct onus_str words,
        struct onus_http_reply *reply)
{
    network->frame.len = 0;
    onus_buffer_add_char(&network->frame, what);
    onus_buffer_add_str(&network->frame, words);
    bool ok = onus_buffer_status(&network->frame, NULL) == ONUS_OK &&
              onus_frame_send(network->channel, onus_buffer_view(&network->frame), NULL) == ONUS_OK;
    network->frame.len = 0;
    ok = ok && onus_frame_receive(network->channel, FRAME_MAX, &network->frame, NULL) == ONUS_OK &&
         read_answer(network, reply);
    network->lost = network->lost || !ok;
    return ok;
}

static bool add_checkpoint(void *data, const struct onus_http_request *request,
        struct onus_http_reply *reply)
{
    return ask(data, ASK_ADD, request->body, reply);
}

static bool newest(void *data, const struct onus_http_request *request,
        struct onus_http_reply *reply)
{
    struct onus_str origin = onus_str_of(request->path);
    (void)onus_str_skip(&origin, ONUS_STR("/"));
    (void)onus_str_drop(&origin, ONUS_STR("/checkpoint"));
    return ask(data, ASK_NEWEST, origin, reply);
}

static void seen(void *data, const struct onus_http_request *request, unsigned status, size_t bytes)
{
    struct network *network = data;
    (void)bytes;
    if (network->service->seen) {
        network->service->seen(network->service->data, request, status, network->trouble);
    }
    network->trouble[0] = '\0';
}

static const struct onus_http_route routes[] = {
        {"POST", "/add-checkpoint", ONUS_WITNESS_REQUEST_MAX, add_checkpoint},
        {"GET", "/*/checkpoint", 0, newest},
};

static enum onus_code hear_start(struct network *network, struct onus_str *name, uint64_t *logs,
        struct onus_error *err)
{
    struct onus_str rest;
    struct onus_str word;
    struct onus_str words = ONUS_STR_NONE;
    uint64_t code = 0;
    if (onus_frame_receive(network->channel, FRAME_MAX, &network->frame, err) != ONUS_OK) {
        return onus_fail(err, ONUS_E_PEER, "the signing process does not start");
    }
    rest = onus_buffer_view(&network->frame);
    if (!onus_str_cut(&rest, '\n', name) || !onus_str_cut(&rest, '\n', &words) ||
            !onus_str_cut(name, ' ', &word) || !onus_str_to_u64(word, 200, &code)) {
        return onus_fail(err, ONUS_E_BUG, "the signing process says nothing that makes sense");
    }
    if (code != 200) {
        return onus_fail(err, (enum onus_code)code, "%.*s", (int)words.len, words.ptr);
    }
    return onus_str_to_u64(words, UINT64_MAX, logs)
                   ? ONUS_OK
                   : onus_fail(err, ONUS_E_BUG, "the signing process counts no logs");
}

static enum onus_code serve_network(struct network *network, struct onus_http_server *server,
        struct onus_error *err)
{
    const struct onus_witness_service *service = network->service;
    struct onus_str name = ONUS_STR_NONE;
    uint64_t logs = 0;
    enum onus_code code = hear_start(network, &name, &logs, err);
    if (code == ONUS_OK && service->confine) {
        code = service->confine(service->data, ONUS_SANDBOX_SERVE, NULL, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    if (service->ready) {
        service->ready(service->data, name, logs, onus_http_server_port(server));
    }
    const int stop[] = {service->stop, network->channel};
    code = onus_http_server_run(server, stop, ONUS_COUNT(stop), err);
    struct pollfd signer = {.fd = network->channel, .events = POLLIN};
    network->lost = network->lost || poll(&signer, 1, 0) != 0; /* it never speaks unasked */
    if (code != ONUS_OK || network->lost) {
        return code != ONUS_OK ? code : onus_fail(err, ONUS_E_PEER, "the signing process ended");
    }
    /* It ends when it hears the end; its lock is free once its side is closed. */
    struct onus_buffer rest;
    onus_buffer_init(&rest, FRAME_MAX);
    (void)shutdown(network->channel, SHUT_WR);
    code = onus_frame_receive(network->channel, FRAME_MAX, &rest, err);
    onus_buffer_clear(&rest);
    return code == ONUS_END ? ONUS_OK : onus_fail(err, ONUS_E_PEER, "the signing process ended");
}

enum onus_code onus_witness_serve(const struct onus_witness_service *service,
        struct onus_error *err)
{
    struct onus_http_server *server = NULL;
    struct network network = {.service = service};
    struct onus_http_options options = {
            .listen = service->listen,
            .routes = routes,
            .route_count = ONUS_COUNT(routes),
            .data = &network,
            .connections = service->connections,
            .seconds = service->seconds,
            .tls_cert = service->tls_cert,
            .tls_key = service->tls_key,
            .seen = seen,
    };
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return onus_fail(err, ONUS_E_IO, "no sockets between two processes");
    }
    pid_t child = fork();
    if (child == 0) { /* before the server exists: the signer never has a network socket */
        (void)close(pair[0]);
        _exit(sign_until_closed(service, pair[1]) == ONUS_OK ? 0 : 1);
    }
    (void)close(pair[1]);
    network.channel = pair[0];
    onus_buffer_init(&network.frame, FRAME_MAX);
    enum onus_code code = child < 0 ? onus_fail(err, ONUS_E_IO, "no second process")
                                    : onus_http_server_open(&options, &server, err);
    if (code == ONUS_OK) {
        code = serve_network(&network, server, err);
    }
    onus_http_server_close(server);
    onus_buffer_clear(&network.frame);
    (void)close(pair[0]);
    return code;
}

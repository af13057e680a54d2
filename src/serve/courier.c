/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/courier.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "serve/frames.h"
#include "serve/http_client.h"

/*
 * A message: URL, LF, content type (empty: GET), LF, limit of the answer, LF, body. An answer: code,
 * status, content type, each with LF; what went wrong, LF; body.
 */
enum {
    FRAME_MAX = 4 << 20
};

struct onus_courier {
    int socket;
    pid_t process;
    struct onus_buffer frame;
};

static bool take_line(struct onus_str *rest, struct onus_str *line)
{
    return onus_str_cut(rest, '\n', line);
}

/* ---- the other process ----------------------------------------------------------------------- */

static enum onus_code carry(struct onus_str message, unsigned seconds, struct onus_buffer *body,
        struct onus_http_answer *answer, struct onus_error *err)
{
    struct onus_str url;
    struct onus_str type;
    struct onus_str limit;
    char url_text[ONUS_HTTP_URL_MAX + 1] = "";
    char type_text[128] = "";
    uint64_t bytes = 0;
    if (!take_line(&message, &url) || !take_line(&message, &type) || !take_line(&message, &limit) ||
            !onus_str_to_u64(limit, FRAME_MAX / 2, &bytes) || type.len >= sizeof(type_text)) {
        return onus_fail(err, ONUS_E_BUG, "a message between two processes that makes no sense");
    }
    if (url.len >= sizeof(url_text)) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the URL is longer than %d bytes",
                ONUS_HTTP_URL_MAX);
    }
    memcpy(url_text, url.ptr, url.len);
    memcpy(type_text, type.ptr, type.len);
    const struct onus_http_call call = {
            .url = url_text,
            .content_type = type.len > 0 ? type_text : NULL,
            .body = message,
            .timeout_seconds = seconds,
            .answer_limit = (size_t)bytes,
    };
    return onus_http_call(&call, body, answer, err);
}

static enum onus_code answer_one(int socket, struct onus_str message, unsigned seconds)
{
    struct onus_buffer body;
    struct onus_buffer frame;
    struct onus_http_answer answer = {0};
    struct onus_error err = ONUS_ERROR_INIT;
    onus_buffer_init(&body, FRAME_MAX);
    onus_buffer_init(&frame, FRAME_MAX);
    enum onus_code code = carry(message, seconds, &body, &answer, &err);
    onus_buffer_printf(&frame, "%d\n%u\n%s\n%s\n", (int)code, answer.status, answer.content_type,
            code == ONUS_OK ? "" : err.text);
    if (code == ONUS_OK) {
        onus_buffer_add_str(&frame, onus_buffer_view(&body));
    }
    code = onus_buffer_status(&frame, NULL);
    if (code == ONUS_OK) {
        code = onus_frame_send(socket, onus_buffer_view(&frame), NULL);
    }
    onus_buffer_clear(&body);
    onus_buffer_clear(&frame);
    return code;
}

static void carry_until_closed(int socket, unsigned seconds)
{
    struct onus_buffer message;
    enum onus_code code = ONUS_OK;
    onus_buffer_init(&message, FRAME_MAX);
    while (code == ONUS_OK) {
        message.len = 0;
        code = onus_frame_receive(socket, FRAME_MAX, &message, NULL);
        if (code == ONUS_OK) {
            code = answer_one(socket, onus_buffer_view(&message), seconds);
        }
    }
    onus_buffer_clear(&message);
}

/* ---- this process ---------------------------------------------------------------------------- */

enum onus_code onus_courier_start(unsigned timeout_seconds, struct onus_courier **out,
        struct onus_error *err)
{
    int pair[2];
    struct onus_courier *courier = calloc(1, sizeof(*courier));
    if (!courier) {
        return onus_fail(err, ONUS_E_MEMORY, "no memory for a process");
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        free(courier);
        return onus_fail(err, ONUS_E_IO, "no sockets between two processes");
    }
    courier->process = fork();
    if (courier->process == 0) {
        (void)close(pair[0]);
        carry_until_closed(pair[1], timeout_seconds);
        _exit(0);
    }
    (void)close(pair[1]);
    courier->socket = pair[0];
    onus_buffer_init(&courier->frame, FRAME_MAX);
    if (courier->process < 0) {
        onus_courier_stop(courier);
        return onus_fail(err, ONUS_E_IO, "no second process");
    }
    *out = courier;
    return ONUS_OK;
}

void onus_courier_stop(struct onus_courier *courier)
{
    if (!courier) {
        return;
    }
    (void)close(courier->socket);
    if (courier->process > 0) {
        (void)waitpid(courier->process, NULL, 0);
    }
    onus_buffer_clear(&courier->frame);
    free(courier);
}

static enum onus_code read_answer(struct onus_str frame, struct onus_buffer *answer,
        struct onus_posted *out, struct onus_error *err)
{
    struct onus_str number;
    struct onus_str status;
    struct onus_str type;
    struct onus_str words;
    uint64_t code = 0;
    uint64_t value = 0;
    struct onus_posted posted = {0};
    if (!take_line(&frame, &number) || !take_line(&frame, &status) || !take_line(&frame, &type) ||
            !take_line(&frame, &words) || !onus_str_to_u64(number, ONUS_E_BUG, &code) ||
            !onus_str_to_u64(status, 999, &value) || type.len >= sizeof(posted.content_type)) {
        return onus_fail(err, ONUS_E_BUG, "an answer between two processes that makes no sense");
    }
    if (code != ONUS_OK) {
        return onus_fail(err, (enum onus_code)code, "%.*s", (int)words.len, words.ptr);
    }
    posted.status = (unsigned)value;
    memcpy(posted.content_type, type.ptr, type.len);
    onus_buffer_add_str(answer, frame);
    *out = posted;
    return onus_buffer_status(answer, err);
}

static enum onus_code post(void *data, const struct onus_post *what, struct onus_buffer *answer,
        struct onus_posted *out, struct onus_error *err)
{
    struct onus_courier *courier = data;
    struct onus_buffer *frame = &courier->frame;
    enum onus_code code = onus_http_check_url(what->url, err); /* it holds no line feed then */
    if (code != ONUS_OK) {
        return code;
    }
    frame->len = 0;
    onus_buffer_printf(frame, "%s\n%s\n%zu\n", what->url,
            what->content_type ? what->content_type : "", what->answer_limit);
    onus_buffer_add_str(frame, what->body);
    code = onus_buffer_status(frame, err);
    if (code == ONUS_OK) {
        code = onus_frame_send(courier->socket, onus_buffer_view(frame), err);
    }
    if (code == ONUS_OK) {
        frame->len = 0;
        code = onus_frame_receive(courier->socket, FRAME_MAX, frame, err);
        code = code == ONUS_END ? onus_fail(err, ONUS_E_PEER, "the process for the network ended")
                                : code;
    }
    return code == ONUS_OK ? read_answer(onus_buffer_view(frame), answer, out, err) : code;
}

struct onus_carrier onus_courier_carrier(struct onus_courier *courier)
{
    return (struct onus_carrier){.post = post, .data = courier};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the HTTP server answers its routes and nothing else, holds its bounds against slow,
 * long and broken clients while others are served, and ends when told; the client keeps to its rules.
 * Oracle: requests written out byte by byte on a socket, and the client against the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "serve/courier.h"
#include "serve/http_client.h"
#include "serve/http_server.h"

enum {
    BODY_LIMIT = 1000,
    SECONDS = 2,
    CONNECTIONS = 8
};

static pid_t server_pid = -1;
static uint16_t port;
static int stop_pipe[2] = {-1, -1};

static bool echo(void *data, const struct onus_http_request *request, struct onus_http_reply *reply)
{
    (void)data;
    reply->status = 201;
    reply->content_type = "text/x-echo; charset=x";
    onus_buffer_add_str(reply->body, request->body);
    return true;
}

static bool say_path(void *data, const struct onus_http_request *request,
        struct onus_http_reply *reply)
{
    (void)data;
    onus_buffer_add_text(reply->body, request->path);
    return true;
}

static bool say_nothing(void *data, const struct onus_http_request *request,
        struct onus_http_reply *reply)
{
    (void)data;
    (void)request;
    (void)reply;
    return false;
}

static bool say_much(void *data, const struct onus_http_request *request,
        struct onus_http_reply *reply)
{
    (void)data;
    (void)request;
    for (int i = 0; i < 100000; i++) {
        onus_buffer_add_text(reply->body, "0123456789");
    }
    return true;
}

static const struct onus_http_route routes[] = {
        {"POST", "/echo", BODY_LIMIT, echo},
        {"GET", "/a/*/z", 0, say_path},
        {"GET", "/nothing", 0, say_nothing},
        {"GET", "/much", 0, say_much},
};

static void run_server(int tell)
{
    struct onus_http_server *server = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    const struct onus_http_options options = {
            .listen = "127.0.0.1:0",
            .routes = routes,
            .route_count = ONUS_COUNT(routes),
            .connections = CONNECTIONS,
            .seconds = SECONDS,
    };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)close(stop_pipe[1]);
    uint16_t number = 0;
    enum onus_code code = onus_http_server_open(&options, &server, &err);
    if (code == ONUS_OK) {
        number = onus_http_server_port(server);
    }
    if (write(tell, &number, sizeof(number)) != (ssize_t)sizeof(number) || code != ONUS_OK) {
        _exit(3);
    }
    code = onus_http_server_run(server, &stop_pipe[0], 1, &err);
    onus_http_server_close(server);
    _exit(code == ONUS_OK ? 0 : 1);
}

static int start(void **state)
{
    (void)state;
    int tell[2];
    if (pipe(tell) != 0 || pipe(stop_pipe) != 0) {
        return -1;
    }
    server_pid = fork();
    if (server_pid == 0) {
        run_server(tell[1]);
    }
    (void)close(tell[1]);
    (void)close(stop_pipe[0]);
    ssize_t got = read(tell[0], &port, sizeof(port));
    (void)close(tell[0]);
    return got == (ssize_t)sizeof(port) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    int status = 0;
    (void)close(stop_pipe[1]);
    return waitpid(server_pid, &status, 0) == server_pid && WIFEXITED(status) &&
                           (WEXITSTATUS(status) == 0 || port == 0)
                   ? 0
                   : -1;
}

static void need_sockets(void)
{
    if (port == 0) {
        print_message("skipped: no socket on loopback can be opened here\n");
        skip();
    }
}

static int dial(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
            .sin_port = htons(port),
            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
    return fd;
}

static void say(int fd, struct onus_str text)
{
    size_t done = 0;
    while (done < text.len) {
        ssize_t sent = send(fd, text.ptr + done, text.len - done, MSG_NOSIGNAL);
        if (sent < 0) {
            return; /* the server has hung up: what it said can be read */
        }
        done += (size_t)sent;
    }
}

/* Everything until the server hangs up. */
static size_t hear(int fd, char *into, size_t room)
{
    size_t size = 0;
    ssize_t got = 0;
    while (size + 1 < room && (got = recv(fd, into + size, room - 1 - size, 0)) > 0) {
        size += (size_t)got;
    }
    into[size] = '\0';
    return size;
}

/* Status of the answer to these bytes; 0 when the server hung up without one. */
static int status_of(struct onus_str request)
{
    char answer[4096];
    int fd = dial();
    say(fd, request);
    (void)shutdown(fd, SHUT_WR);
    size_t size = hear(fd, answer, sizeof(answer));
    (void)close(fd);
    if (size < 12 || strncmp(answer, "HTTP/1.", 7) != 0) {
        return 0;
    }
    return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + (answer[11] - '0');
}

static enum onus_code call(const char *path, struct onus_str post, struct onus_buffer *body,
        struct onus_http_answer *answer, struct onus_error *err)
{
    char url[128];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
    return onus_http_call(
            &(struct onus_http_call){
                    .url = url,
                    .content_type = post.ptr ? "text/plain" : NULL,
                    .body = post,
                    .timeout_seconds = 10,
                    .answer_limit = 100000,
            },
            body, answer, err);
}

static void a_body_comes_back_whole(void **state)
{
    (void)state;
    need_sockets();
    struct onus_buffer body;
    struct onus_http_answer answer;
    onus_buffer_init(&body, 0);
    assert_int_equal(call("/echo", ONUS_STR("a\0b"), &body, &answer, NULL), ONUS_OK);
    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.content_type, "text/x-echo");
    assert_true(onus_str_eq(onus_buffer_view(&body), ONUS_STR("a\0b")));
    onus_buffer_clear(&body);
}

static void only_the_routes_are_there(void **state)
{
    (void)state;
    need_sockets();
    const struct {
        const char *request;
        int status;
    } rows[] = {
            {"GET /a/b/z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200},
            {"GET /a//z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404},
            {"GET /a/b/c/z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404},
            {"GET /a/b/z/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404},
            {"GET /a/%2e/z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200},
            {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404},
            {"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405},
            {"PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    405},
            {"POST /a/b/z HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    405},
            {"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 0},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        int status = status_of(onus_str_of(rows[i].request));
        if (status != rows[i].status) {
            print_message("%s", rows[i].request);
        }
        assert_int_equal(status, rows[i].status);
    }
}

static void a_long_body_is_refused_before_it_is_read(void **state)
{
    (void)state;
    need_sockets();
    char request[256];
    (void)snprintf(request, sizeof(request),
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n"
            "Connection: close\r\n\r\n",
            BODY_LIMIT + 1);
    int fd = dial();
    char answer[4096];
    say(fd, onus_str_of(request)); /* and no byte of the body */
    (void)hear(fd, answer, sizeof(answer));
    assert_non_null(strstr(answer, "HTTP/1.1 413"));
    assert_null(strstr(answer, "100 Continue"));
    (void)close(fd);
    assert_int_equal(status_of(ONUS_STR(
                             "GET /a/b/z HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")),
            413);
}

static void a_long_body_of_unknown_length_is_refused_too(void **state)
{
    (void)state;
    need_sockets();
    struct onus_buffer request;
    onus_buffer_init(&request, 0);
    onus_buffer_add_text(&request, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                   "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < BODY_LIMIT / 10 + 1; i++) {
        onus_buffer_add_text(&request, "a\r\n0123456789\r\n");
    }
    onus_buffer_add_text(&request, "0\r\n\r\n");
    assert_int_equal(status_of(onus_buffer_view(&request)), 413);
    onus_buffer_clear(&request);
}

static void garbage_ends_a_connection_and_not_the_server(void **state)
{
    (void)state;
    need_sockets();
    const struct onus_str rows[] = {ONUS_STR("\0\0\0\0\r\n\r\n"), ONUS_STR("GET\r\n\r\n"),
            ONUS_STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
            ONUS_STR("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
            ONUS_STR("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n"
                     "\r\nhello"),
            ONUS_STR("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            ONUS_STR("")};
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        int status = status_of(rows[i]);
        assert_true(status == 0 || (status >= 400 && status < 500));
    }
    struct onus_buffer header;
    onus_buffer_init(&header, 0);
    onus_buffer_add_text(&header, "GET /a/b/z HTTP/1.1\r\nHost: x\r\nX: ");
    for (int i = 0; i < 100000; i++) {
        onus_buffer_add_char(&header, 'x');
    }
    int status = status_of(onus_buffer_view(&header));
    assert_true(status == 0 || status == 431 || status == 413);
    onus_buffer_clear(&header);
    a_body_comes_back_whole(NULL);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* It sends a byte of a header now and then, which a time-out between bytes would never end. */
static void a_slow_client_loses_its_place_while_others_are_served(void **state)
{
    (void)state;
    need_sockets();
    int fd = dial();
    int64_t begun = now_ms();
    say(fd, ONUS_STR("POST /echo HTTP/1.1\r\nHost: x\r\nX: "));
    char byte = 0;
    ssize_t got = -1;
    while (got != 0 && now_ms() - begun < (SECONDS + 5) * 1000) {
        say(fd, ONUS_STR("x"));
        a_body_comes_back_whole(NULL);
        (void)usleep(100000);
        got = recv(fd, &byte, 1, MSG_DONTWAIT) == 0 ? 0 : -1;
    }
    assert_int_equal(got, 0);
    assert_true(now_ms() - begun >= SECONDS * 1000 - 100);
    (void)close(fd);
}

static void all_places_taken_by_slow_clients_become_free_again(void **state)
{
    (void)state;
    need_sockets();
    int fds[CONNECTIONS];
    for (size_t i = 0; i < CONNECTIONS; i++) {
        fds[i] = dial();
        say(fds[i], ONUS_STR("POST /ec"));
    }
    (void)sleep(SECONDS + 1);
    a_body_comes_back_whole(NULL);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        (void)close(fds[i]);
    }
}

static void one_connection_serves_several_requests(void **state)
{
    (void)state;
    need_sockets();
    char answer[4096];
    int fd = dial();
    say(fd, ONUS_STR("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
                     "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\ncd"
                     "GET /a/e/z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    (void)hear(fd, answer, sizeof(answer));
    (void)close(fd);
    assert_non_null(strstr(answer, "\r\n\r\nab"));
    assert_non_null(strstr(answer, "\r\n\r\ncd"));
    assert_non_null(strstr(answer, "\r\n\r\n/a/e/z"));
}

static void an_answer_over_the_limit_is_told(void **state)
{
    (void)state;
    need_sockets();
    struct onus_buffer body;
    struct onus_http_answer answer;
    onus_buffer_init(&body, 0);
    assert_int_equal(call("/much", ONUS_STR_NONE, &body, &answer, NULL), ONUS_E_LIMIT);
    onus_buffer_clear(&body);
}

static void no_answer_is_the_fault_of_the_peer(void **state)
{
    (void)state;
    need_sockets();
    struct onus_buffer body;
    struct onus_http_answer answer;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_buffer_init(&body, 0);
    assert_int_equal(call("/nothing", ONUS_STR_NONE, &body, &answer, &err), ONUS_E_PEER);
    assert_non_null(strstr(err.text, "does not answer"));
    const struct onus_http_call nobody = {.url = "http://127.0.0.1:1/", .answer_limit = 10};
    assert_int_equal(onus_http_call(&nobody, &body, &answer, &err), ONUS_E_PEER);
    onus_buffer_clear(&body);
}

/* The same through another process. */
static void a_courier_brings_the_answer_or_the_reason(void **state)
{
    (void)state;
    need_sockets();
    char url[64];
    struct onus_courier *courier = NULL;
    struct onus_buffer body;
    struct onus_posted posted;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_post what = {
            .url = url,
            .content_type = "text/plain",
            .body = ONUS_STR("a\nb\0c"),
            .answer_limit = 1000,
    };
    onus_buffer_init(&body, 0);
    assert_int_equal(onus_courier_start(5, &courier, NULL), ONUS_OK);
    const struct onus_carrier carrier = onus_courier_carrier(courier);
    for (int i = 0; i < 2; i++) {
        body.len = 0;
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/echo", port);
        assert_int_equal(carrier.post(carrier.data, &what, &body, &posted, NULL), ONUS_OK);
        assert_int_equal(posted.status, 201);
        assert_string_equal(posted.content_type, "text/x-echo");
        assert_true(onus_str_eq(onus_buffer_view(&body), what.body));
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/nothing", port);
        what.content_type = NULL;
        assert_int_equal(carrier.post(carrier.data, &what, &body, &posted, &err), ONUS_E_PEER);
        assert_non_null(strstr(err.text, "does not answer"));
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/much", port);
        assert_int_equal(carrier.post(carrier.data, &what, &body, &posted, &err), ONUS_E_LIMIT);
        what.content_type = "text/plain";
    }
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/echo\n", port);
    assert_int_equal(carrier.post(carrier.data, &what, &body, &posted, &err), ONUS_E_ARGUMENT);
    onus_courier_stop(courier);
    onus_buffer_clear(&body);
}

static void only_plain_http_and_https_urls_are_taken(void **state)
{
    (void)state;
    const char *good[] = {"http://w.example", "https://w.example:8443/p/", "http://[::1]:80/"};
    const char *bad[] = {"", "w.example", "ftp://w.example/", "file:///etc/passwd", "http://",
            "https:///x", "http://a:b@w.example/", "http://w.example/a b", "HTTP://w.example",
            "http://w.example/\n"};
    for (size_t i = 0; i < ONUS_COUNT(good); i++) {
        assert_int_equal(onus_http_check_url(good[i], NULL), ONUS_OK);
    }
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        assert_int_equal(onus_http_check_url(bad[i], NULL), ONUS_E_ARGUMENT);
    }
}

static void only_numeric_addresses_are_listened_on(void **state)
{
    (void)state;
    const char *bad[] = {"", "127.0.0.1", "localhost:80", ":80", "127.0.0.1:", "127.0.0.1:65536",
            "127.0.0.1:-1", "[::1:80", "::1:80", "127.0.0.1:80 "};
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        struct onus_http_server *server = NULL;
        const struct onus_http_options options = {.listen = bad[i], .routes = routes};
        assert_int_equal(onus_http_server_open(&options, &server, NULL), ONUS_E_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_body_comes_back_whole),
            cmocka_unit_test(only_the_routes_are_there),
            cmocka_unit_test(a_long_body_is_refused_before_it_is_read),
            cmocka_unit_test(a_long_body_of_unknown_length_is_refused_too),
            cmocka_unit_test(garbage_ends_a_connection_and_not_the_server),
            cmocka_unit_test(a_slow_client_loses_its_place_while_others_are_served),
            cmocka_unit_test(all_places_taken_by_slow_clients_become_free_again),
            cmocka_unit_test(one_connection_serves_several_requests),
            cmocka_unit_test(an_answer_over_the_limit_is_told),
            cmocka_unit_test(no_answer_is_the_fault_of_the_peer),
            cmocka_unit_test(a_courier_brings_the_answer_or_the_reason),
            cmocka_unit_test(only_plain_http_and_https_urls_are_taken),
            cmocka_unit_test(only_numeric_addresses_are_listened_on),
    };
    return cmocka_run_group_tests_name("serve/http", tests, start, end);
}

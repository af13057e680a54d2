/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

enum {
    DEFAULT_CONNECTIONS = 64,
    DEFAULT_SECONDS = 20,
    HEADER_LIMIT = 16384, /* memory of one connection: request line and headers */
    STOPS_MAX = 8,
    TICK_MS = 250,
    PART_MAX = 128
};

struct place { /* of one connection */
    int fd;    /* -1: free */
    bool busy; /* a request has begun and is not answered */
    int64_t since;
};

struct onus_http_server {
    struct onus_http_options options;
    struct MHD_Daemon *daemon;
    int listening;
    uint16_t port;
    struct place *places;
};

struct exchange { /* one request while it arrives */
    const struct onus_http_route *route;
    struct onus_buffer body;
    bool too_long;
};

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- where to listen ------------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool parse_listen(const char *text, union address *out, socklen_t *size)
{
    struct onus_str port = onus_str_of(text);
    struct onus_str host = {port.ptr, onus_str_rfind_char(port, ':')};
    char name[64] = "";
    uint64_t number = 0;
    if (host.len == ONUS_STR_NPOS || host.len >= sizeof(name)) {
        return false;
    }
    port = onus_str_from(port, host.len + 1);
    bool v6 = onus_str_skip(&host, ONUS_STR("["));
    if ((v6 && !onus_str_drop(&host, ONUS_STR("]"))) || host.len == 0 ||
            !onus_str_to_u64(port, UINT16_MAX, &number)) {
        return false;
    }
    memcpy(name, host.ptr, host.len);
    *out = (union address){0};
    if (v6) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)number);
        *size = sizeof(out->v6);
        return inet_pton(AF_INET6, name, &out->v6.sin6_addr) == 1;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons((uint16_t)number);
    *size = sizeof(out->v4);
    return inet_pton(AF_INET, name, &out->v4.sin_addr) == 1;
}

static enum onus_code cannot_listen(struct onus_error *err, const char *where)
{
    int reason = errno;
    enum onus_code code = onus_fail(err, ONUS_E_IO, "cannot listen on '%s'", where);
    if (err) {
        err->sys_errno = reason;
    }
    return code;
}

static enum onus_code start_listening(struct onus_http_server *server, struct onus_error *err)
{
    union address address;
    socklen_t size = 0;
    const char *where = server->options.listen;
    if (!parse_listen(where, &address, &size)) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "'%s' is no address and port, such as 127.0.0.1:8080 or [::1]:8080", where);
    }
    int one = 1;
    server->listening =
            socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listening < 0 ||
            setsockopt(server->listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
            (address.any.sa_family == AF_INET6 && setsockopt(server->listening, IPPROTO_IPV6,
                                                          IPV6_V6ONLY, &one, sizeof(one)) != 0) ||
            bind(server->listening, &address.any, size) != 0 ||
            listen(server->listening, SOMAXCONN) != 0 ||
            getsockname(server->listening, &address.any, &size) != 0) {
        return cannot_listen(err, where);
    }
    server->port =
            ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
    return ONUS_OK;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* One part of the path may be "*". */
static bool path_matches(struct onus_str pattern, struct onus_str path)
{
    size_t star = onus_str_find_char(pattern, '*');
    if (path.len == 0) {
        return false;
    }
    if (star == ONUS_STR_NPOS) {
        return onus_str_eq(pattern, path);
    }
    struct onus_str head = onus_str_sub(pattern, 0, star);
    struct onus_str tail = onus_str_from(pattern, star + 1);
    return onus_str_skip(&path, head) && onus_str_drop(&path, tail) && path.len > 0 &&
           path.len <= PART_MAX && onus_str_find_char(path, '/') == ONUS_STR_NPOS;
}

static const struct onus_http_route *find_route(const struct onus_http_server *server,
        const char *method, const char *path, unsigned *status)
{
    *status = MHD_HTTP_NOT_FOUND;
    for (size_t i = 0; i < server->options.route_count; i++) {
        const struct onus_http_route *route = &server->options.routes[i];
        if (path_matches(onus_str_of(route->path), onus_str_of(path))) {
            if (strcmp(route->method, method) == 0) {
                return route;
            }
            *status = MHD_HTTP_METHOD_NOT_ALLOWED;
        }
    }
    return NULL;
}

static const char *words_of(unsigned status)
{
    switch (status) {
    case MHD_HTTP_NOT_FOUND:
        return "nothing is here\n";
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return "not by this method\n";
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return "the body is too long\n";
    default:
        return "not understood\n";
    }
}

static enum MHD_Result send_reply(struct onus_http_server *server,
        struct MHD_Connection *connection, const struct onus_http_request *request,
        const struct onus_http_reply *reply)
{
    struct onus_str body = onus_buffer_view(reply->body);
    /* The library takes a pointer to what it copies without const. */
    struct MHD_Response *response =
            MHD_create_response_from_buffer(body.len, reply->body->ptr, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        return MHD_NO;
    }
    enum MHD_Result ok =
            MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    if (ok == MHD_YES) {
        ok = MHD_queue_response(connection, reply->status, response);
    }
    MHD_destroy_response(response);
    if (ok == MHD_YES && server->options.seen) {
        server->options.seen(server->options.data, request, reply->status, body.len);
    }
    return ok;
}

static enum MHD_Result refuse(struct onus_http_server *server, struct MHD_Connection *connection,
        const struct onus_http_request *request, unsigned status)
{
    struct onus_buffer body;
    onus_buffer_init(&body, 0);
    onus_buffer_add_text(&body, words_of(status));
    struct onus_http_reply reply = {status, "text/plain; charset=utf-8", &body};
    enum MHD_Result ok = onus_buffer_status(&body, NULL) == ONUS_OK
                                 ? send_reply(server, connection, request, &reply)
                                 : MHD_NO;
    onus_buffer_clear(&body);
    return ok;
}

static enum MHD_Result count_lengths(void *data, enum MHD_ValueKind kind, const char *key,
        const char *value)
{
    (void)kind;
    (void)value;
    unsigned *count = data;
    struct onus_str name = onus_str_of(key);
    *count += onus_str_eq_nocase(name, ONUS_STR("Content-Length")) ||
              onus_str_eq_nocase(name, ONUS_STR("Transfer-Encoding"));
    return MHD_YES;
}

/*
 * 0, or the status that ends it before the body is read. Two words on where the body ends are refused:
 * another program in between may believe the other one.
 */
static unsigned refused_by_its_headers(struct MHD_Connection *connection,
        const struct onus_http_route *route)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
            MHD_HTTP_HEADER_CONTENT_LENGTH);
    uint64_t bytes = 0;
    unsigned lengths = 0;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_lengths, &lengths);
    if (lengths > 1) {
        return MHD_HTTP_BAD_REQUEST;
    }
    if (length && !onus_str_to_u64(onus_str_of(length), UINT64_MAX, &bytes)) {
        return MHD_HTTP_BAD_REQUEST;
    }
    return bytes > route->body_limit ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

static struct place *place_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static enum MHD_Result begin(struct onus_http_server *server, struct MHD_Connection *connection,
        const struct onus_http_request *request, void **context)
{
    unsigned status = 0;
    struct place *place = place_of(connection);
    if (place) {
        place->busy = true;
    }
    const struct onus_http_route *route =
            find_route(server, request->method, request->path, &status);
    if (route) {
        status = refused_by_its_headers(connection, route);
    }
    if (!route || status != 0) {
        return refuse(server, connection, request, status);
    }
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange) {
        return MHD_NO;
    }
    exchange->route = route;
    onus_buffer_init(&exchange->body, route->body_limit);
    *context = exchange;
    return MHD_YES;
}

static void take_piece(struct exchange *exchange, struct onus_str piece)
{
    if (!exchange->too_long && piece.len <= exchange->route->body_limit - exchange->body.len) {
        onus_buffer_add_str(&exchange->body, piece);
    } else {
        exchange->too_long = true;
    }
}

static enum MHD_Result finish(struct onus_http_server *server, struct MHD_Connection *connection,
        struct exchange *exchange, struct onus_http_request *request)
{
    if (exchange->too_long) {
        return refuse(server, connection, request, MHD_HTTP_CONTENT_TOO_LARGE);
    }
    if (onus_buffer_status(&exchange->body, NULL) != ONUS_OK) {
        return MHD_NO;
    }
    struct onus_buffer body;
    onus_buffer_init(&body, 0);
    request->body = onus_buffer_view(&exchange->body);
    struct onus_http_reply reply = {MHD_HTTP_OK, "text/plain; charset=utf-8", &body};
    enum MHD_Result ok = MHD_NO;
    if (exchange->route->handle(server->options.data, request, &reply) &&
            onus_buffer_status(&body, NULL) == ONUS_OK) {
        ok = send_reply(server, connection, request, &reply);
    }
    onus_buffer_clear(&body);
    return ok;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
        const char *method, const char *version, const char *piece, size_t *piece_size,
        void **context)
{
    (void)version;
    struct onus_http_server *server = data;
    struct onus_http_request request = {.method = method, .path = path};
    if (!*context) {
        return begin(server, connection, &request, context);
    }
    struct exchange *exchange = *context;
    if (*piece_size > 0) {
        take_piece(exchange, (struct onus_str){piece, *piece_size});
        *piece_size = 0;
        return MHD_YES;
    }
    return finish(server, connection, exchange, &request);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **context,
        enum MHD_RequestTerminationCode how)
{
    (void)data;
    (void)how;
    struct place *place = place_of(connection);
    if (place) {
        place->busy = false;
        place->since = now_ms();
    }
    struct exchange *exchange = *context;
    if (exchange) {
        onus_buffer_clear(&exchange->body);
        free(exchange);
        *context = NULL;
    }
}

/* ---- connections ----------------------------------------------------------------------------- */

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
        enum MHD_ConnectionNotificationCode what)
{
    struct onus_http_server *server = data;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct place *place = *context;
        if (place) {
            place->fd = -1;
        }
        return;
    }
    const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (size_t i = 0; info && i < server->options.connections; i++) {
        if (server->places[i].fd < 0) {
            server->places[i] = (struct place){.fd = info->connect_fd, .since = now_ms()};
            *context = &server->places[i];
            return;
        }
    }
}

/*
 * The library's own time-out begins anew with every byte, so a client that sends one now and then
 * would keep its place for ever.
 */
static void end_slow_ones(struct onus_http_server *server, bool leaving)
{
    int64_t limit = now_ms() - (int64_t)server->options.seconds * 1000;
    for (size_t i = 0; i < server->options.connections; i++) {
        struct place *place = &server->places[i];
        if (place->fd >= 0 && (place->since <= limit || (leaving && !place->busy))) {
            (void)shutdown(place->fd, SHUT_RDWR);
        }
    }
}

/* Paths are compared as the client wrote them. */
static size_t leave_as_it_is(void *data, struct MHD_Connection *connection, char *text)
{
    (void)data;
    (void)connection;
    return strlen(text);
}

static char *terminated(struct onus_str text)
{
    return text.ptr ? strndup(text.ptr, text.len) : NULL;
}

static enum onus_code start_daemon(struct onus_http_server *server, struct onus_error *err)
{
    const struct onus_http_options *options = &server->options;
    char *cert = terminated(options->tls_cert);
    char *key = terminated(options->tls_key);
    unsigned flags = MHD_USE_EPOLL | (cert && key ? MHD_USE_TLS : 0);
    char versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
    struct MHD_OptionItem tls[] = {
            {MHD_OPTION_HTTPS_MEM_CERT, 0, cert},
            {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
            {MHD_OPTION_HTTPS_PRIORITIES, 0, versions},
            {MHD_OPTION_END, 0, NULL},
    };
    /* clang-format off */
    server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, server,
            MHD_OPTION_LISTEN_SOCKET, server->listening,
            MHD_OPTION_CONNECTION_LIMIT, options->connections,
            MHD_OPTION_CONNECTION_TIMEOUT, options->seconds,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_LIMIT,
            MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL,
            MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
            MHD_OPTION_ARRAY, cert && key ? tls : &tls[3],
            MHD_OPTION_END);
    /* clang-format on */
    if (key) {
        explicit_bzero(key, strlen(key));
    }
    free(key);
    free(cert);
    if (!server->daemon) {
        return options->tls_cert.ptr
                       ? onus_fail(err, ONUS_E_FORMAT, "the certificate or its key cannot be used")
                       : onus_fail(err, ONUS_E_IO, "the HTTP server does not start");
    }
    return ONUS_OK;
}

enum onus_code onus_http_server_open(const struct onus_http_options *options,
        struct onus_http_server **out, struct onus_error *err)
{
    struct onus_http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return onus_fail(err, ONUS_E_MEMORY, "no memory for a server");
    }
    server->options = *options;
    server->listening = -1;
    server->options.connections =
            options->connections > 0 ? options->connections : DEFAULT_CONNECTIONS;
    server->options.seconds = options->seconds > 0 ? options->seconds : DEFAULT_SECONDS;
    server->places = calloc(server->options.connections, sizeof(*server->places));
    for (size_t i = 0; server->places && i < server->options.connections; i++) {
        server->places[i].fd = -1;
    }
    enum onus_code code = server->places
                                  ? start_listening(server, err)
                                  : onus_fail(err, ONUS_E_MEMORY, "no memory for connections");
    if (code == ONUS_OK) {
        code = start_daemon(server, err);
    }
    if (code != ONUS_OK) {
        onus_http_server_close(server);
        return code;
    }
    *out = server;
    return ONUS_OK;
}

void onus_http_server_close(struct onus_http_server *server)
{
    if (!server) {
        return;
    }
    if (server->daemon) {
        MHD_stop_daemon(server->daemon); /* closes the listening socket as long as it has it */
    } else if (server->listening >= 0) {
        (void)close(server->listening);
    }
    free(server->places);
    free(server);
}

uint16_t onus_http_server_port(const struct onus_http_server *server)
{
    return server->port;
}

/* ---- running --------------------------------------------------------------------------------- */

static unsigned connections_now(struct onus_http_server *server)
{
    const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

/* Wait for a client, for time to pass, or for somebody who says stop: *stopped. */
static enum onus_code turn(struct onus_http_server *server, const int *stop, size_t stop_count,
        bool *stopped, struct onus_error *err)
{
    const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd wait[STOPS_MAX + 1] = {{.fd = info ? info->epoll_fd : -1, .events = POLLIN}};
    for (size_t i = 0; i < stop_count; i++) {
        wait[i + 1] = (struct pollfd){.fd = stop[i], .events = POLLIN};
    }
    MHD_UNSIGNED_LONG_LONG due = TICK_MS;
    if (MHD_get_timeout(server->daemon, &due) != MHD_YES || due > TICK_MS) {
        due = TICK_MS;
    }
    if (poll(wait, stop_count + 1, (int)due) < 0 && errno != EINTR) {
        enum onus_code code = onus_fail(err, ONUS_E_IO, "waiting for clients");
        if (err) {
            err->sys_errno = errno;
        }
        return code;
    }
    for (size_t i = 0; i < stop_count; i++) {
        *stopped = *stopped || wait[i + 1].revents != 0;
    }
    return MHD_run(server->daemon) == MHD_YES
                   ? ONUS_OK
                   : onus_fail(err, ONUS_E_IO, "the HTTP server stopped by itself");
}

enum onus_code onus_http_server_run(struct onus_http_server *server, const int *stop,
        size_t stop_count, struct onus_error *err)
{
    bool stopped = false;
    enum onus_code code = stop_count <= STOPS_MAX
                                  ? ONUS_OK
                                  : onus_fail(err, ONUS_E_BUG, "too many descriptors to stop by");
    while (code == ONUS_OK && !stopped) {
        code = turn(server, stop, stop_count, &stopped, err);
        end_slow_ones(server, false);
    }
    if (code != ONUS_OK) {
        return code;
    }
    MHD_socket listening = MHD_quiesce_daemon(server->daemon);
    if (listening != MHD_INVALID_SOCKET) {
        (void)close(listening);
    }
    int64_t until = now_ms() + (int64_t)server->options.seconds * 1000;
    while (code == ONUS_OK && connections_now(server) > 0 && now_ms() < until) {
        end_slow_ones(server, true);
        code = turn(server, NULL, 0, &stopped, err);
    }
    return code;
}

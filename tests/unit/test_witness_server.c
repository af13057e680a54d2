/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: over HTTP a witness answers as it does without; requests at once are served one
 * after the other; the process that talks to the network is another one than the one that signs, and
 * neither outlives the other. Oracles: the conversation of another implementation (kept outside;
 * skipped without it), and a log that builds its trees from the entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "proof/witness_message.h"
#include "serve/http_client.h"
#include "serve/witness_server.h"
#include "text/hex.h"
#include "witness_scene.h"

static char folder[64];
static struct scene_log honest;
static pid_t server_pid = -1;
static uint16_t port;

/* ---- a server in another process ------------------------------------------------------------- */

static void tell_port(void *data, struct onus_str name, size_t logs, uint16_t number)
{
    (void)name;
    (void)logs;
    if (write(*(int *)data, &number, sizeof(number)) != (ssize_t)sizeof(number)) {
        _exit(4);
    }
}

static enum onus_code confine(void *data, enum onus_sandbox_profile profile,
        const struct onus_sandbox_keep *keep, struct onus_error *err)
{
    (void)data;
    enum onus_code code = onus_sandbox_enter_keeping(profile, keep, err);
    return code == ONUS_E_REFUSED ? ONUS_OK : code; /* not every kernel can */
}

static void run_server(struct onus_str more_logs, int tell)
{
    char path[128];
    struct onus_error err = ONUS_ERROR_INIT;
    sigset_t ends;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    const struct onus_witness_service service = {
            .folder = path,
            .more_logs = more_logs,
            .listen = "127.0.0.1:0",
            .stop = signalfd(-1, &ends, SFD_CLOEXEC),
            .data = &tell,
            .seconds = 5,
            .confine = confine,
            .ready = tell_port,
    };
    enum onus_code code = onus_witness_serve(&service, &err);
    if (code != ONUS_OK) {
        print_message("%s\n", err.text);
    }
    _exit(code == ONUS_OK ? 0 : 1);
}

static void start(struct onus_str more_logs)
{
    int tell[2];
    port = 0;
    assert_int_equal(pipe(tell), 0);
    server_pid = fork();
    assert_true(server_pid >= 0);
    if (server_pid == 0) {
        (void)close(tell[0]);
        run_server(more_logs, tell[1]);
    }
    (void)close(tell[1]);
    if (read(tell[0], &port, sizeof(port)) != (ssize_t)sizeof(port)) {
        port = 0;
    }
    (void)close(tell[0]);
    if (port == 0) {
        int status = 0;
        (void)waitpid(server_pid, &status, 0);
        print_message("skipped: no socket on loopback can be opened here\n");
        skip();
    }
}

static int stop_with(int signal_number)
{
    int status = 0;
    assert_int_equal(kill(server_pid, signal_number), 0);
    assert_int_equal(waitpid(server_pid, &status, 0), server_pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int set_up(void **state)
{
    (void)state;
    struct onus_buffer logs;
    scene_folder_make(folder);
    scene_log_init(&honest, SCENE_ORIGIN, 1);
    onus_buffer_init(&logs, 0);
    onus_buffer_add_text(&logs, "log ");
    scene_log_vkey(&honest, &logs);
    scene_witness_make(folder, onus_buffer_view(&logs), NULL);
    onus_buffer_clear(&logs);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scene_folder_remove(folder);
    return 0;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static unsigned ask(const char *path, struct onus_str post, struct onus_buffer *body,
        char type[static 128])
{
    char url[256];
    struct onus_http_answer answer = {0};
    struct onus_error err = ONUS_ERROR_INIT;
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
    const struct onus_http_call call = {
            .url = url,
            .content_type = post.ptr ? "application/octet-stream" : NULL,
            .body = post,
            .timeout_seconds = 20,
            .answer_limit = ONUS_WITNESS_ANSWER_MAX,
    };
    body->len = 0;
    if (onus_http_call(&call, body, &answer, &err) != ONUS_OK) {
        print_message("%s\n", err.text);
        return 0;
    }
    memcpy(type, answer.content_type, sizeof(answer.content_type));
    return answer.status;
}

static unsigned grow(uint64_t old_size, uint64_t size)
{
    struct onus_buffer request;
    struct onus_buffer body;
    char type[128];
    onus_buffer_init(&request, 0);
    onus_buffer_init(&body, 0);
    scene_request(&honest, old_size, size, &request);
    unsigned status = ask("/add-checkpoint", onus_buffer_view(&request), &body, type);
    onus_buffer_clear(&request);
    onus_buffer_clear(&body);
    return status;
}

static void the_conversation_goes_the_same_way_over_http(void **state)
{
    (void)state;
    char path[512];
    const char *root = getenv("SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe): one thread */
    (void)snprintf(path, sizeof(path), "%s/../shared/standards/vectors/witness_add_checkpoint.json",
            root ? root : ".");
    json_t *vectors = json_load_file(path, 0, NULL);
    if (!vectors) {
        print_message("skipped: the conversation of tlog-witness is kept outside this project\n");
        skip();
    }
    struct onus_buffer body;
    char type[128];
    onus_buffer_init(&body, 0);
    start(onus_str_of(json_string_value(json_object_get(vectors, "log_vkey"))));
    json_t *steps = json_object_get(vectors, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i);
        json_t *status = json_object_get(step, "status_c2sp_now");
        if (!status) {
            status = json_object_get(step, "status");
        }
        struct onus_str request = onus_str_of(json_string_value(json_object_get(step, "body")));
        assert_int_equal(ask("/add-checkpoint", request, &body, type), json_integer_value(status));
        if (json_integer_value(status) == 409) {
            assert_string_equal(type, ONUS_WITNESS_SIZE_TYPE);
            assert_true(onus_str_eq(onus_buffer_view(&body),
                    i == 6 ? ONUS_STR("3\n") : ONUS_STR("5\n")));
        }
    }
    assert_int_equal(stop_with(SIGTERM), 0);
    onus_buffer_clear(&body);
    json_decref(vectors);
}

static void the_newest_checkpoint_is_served(void **state)
{
    (void)state;
    struct onus_buffer body;
    char type[128];
    char path[128] = "/";
    struct onus_digest hash;
    onus_buffer_init(&body, 0);
    onus_sha256(ONUS_STR(SCENE_ORIGIN), &hash);
    onus_hex_put(path + 1, onus_digest_view(&hash));
    memcpy(path + 65, "/checkpoint", 12);
    start(ONUS_STR_NONE);
    assert_int_equal(ask(path, ONUS_STR_NONE, &body, type), 404);
    assert_int_equal(grow(0, 7), 200);
    assert_int_equal(ask(path, ONUS_STR_NONE, &body, type), 200);
    assert_true(onus_str_begins(onus_buffer_view(&body), ONUS_STR(SCENE_ORIGIN "\n7\n")));
    assert_int_equal(stop_with(SIGTERM), 0);
    onus_buffer_clear(&body);
}

/* All ask to grow from 3: whoever comes first wins, the others hear how far it is. */
static void of_requests_at_once_one_is_first(void **state)
{
    (void)state;
    enum {
        CLIENTS = 12
    };
    pid_t clients[CLIENTS];
    unsigned cosigned = 0;
    unsigned conflicts = 0;
    start(ONUS_STR_NONE);
    assert_int_equal(grow(0, 3), 200);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = fork();
        assert_true(clients[i] >= 0);
        if (clients[i] == 0) {
            unsigned status = grow(3, 4 + i);
            _exit(status == 200 ? 0 : status == 409 ? 1 : 2);
        }
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        int status = 0;
        assert_int_equal(waitpid(clients[i], &status, 0), clients[i]);
        cosigned += status == 0;
        conflicts += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    assert_int_equal(cosigned, 1);
    assert_int_equal(conflicts, CLIENTS - 1);
    assert_int_equal(stop_with(SIGTERM), 0);
}

static void what_is_no_request_is_refused_and_the_next_is_served(void **state)
{
    (void)state;
    struct onus_buffer body;
    struct onus_buffer large;
    char type[128];
    onus_buffer_init(&body, 0);
    onus_buffer_init(&large, 0);
    start(ONUS_STR_NONE);
    assert_int_equal(ask("/add-checkpoint", ONUS_STR(""), &body, type), 400);
    assert_int_equal(ask("/add-checkpoint", ONUS_STR("{\"old\":0}"), &body, type), 400);
    assert_int_equal(ask("/add-checkpoint", ONUS_STR_NONE, &body, type), 405);
    assert_int_equal(ask("/sign-subtree", ONUS_STR("x"), &body, type), 404);
    assert_int_equal(ask("/../keys/witness.key", ONUS_STR_NONE, &body, type), 404);
    for (size_t i = 0; i <= ONUS_WITNESS_REQUEST_MAX; i++) {
        onus_buffer_add_char(&large, 'x');
    }
    assert_int_equal(ask("/add-checkpoint", onus_buffer_view(&large), &body, type), 413);
    assert_int_equal(grow(0, 3), 200);
    assert_int_equal(stop_with(SIGTERM), 0);
    onus_buffer_clear(&body);
    onus_buffer_clear(&large);
}

/* The child of the server, by /proc. 0: none. */
static pid_t signer_of(pid_t parent)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    struct dirent *entry = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while (proc && (entry = readdir(proc)) != NULL) {
        char path[300];
        char line[256] = "";
        (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *f = fopen(path, "re");
        if (!f) {
            continue;
        }
        if (fgets(line, sizeof(line), f)) {
            const char *rest = strrchr(line, ')');
            long ppid = rest ? strtol(rest + 4, NULL, 10) : 0;
            found = ppid == parent ? (pid_t)strtol(line, NULL, 10) : found;
        }
        (void)fclose(f);
    }
    if (proc) {
        (void)closedir(proc);
    }
    return found;
}

static void the_server_ends_when_the_signing_process_is_ended(void **state)
{
    (void)state;
    int status = 0;
    start(ONUS_STR_NONE);
    pid_t signer = signer_of(server_pid);
    assert_true(signer > 0);
    assert_int_equal(grow(0, 3), 200);
    assert_int_equal(kill(signer, SIGKILL), 0);
    assert_int_equal(waitpid(server_pid, &status, 0), server_pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void the_signing_process_ends_with_the_server_and_nothing_is_lost(void **state)
{
    (void)state;
    start(ONUS_STR_NONE);
    assert_int_equal(grow(0, 3), 200);
    assert_int_equal(stop_with(SIGKILL), -SIGKILL);
    (void)usleep(200000); /* it hears of it by the closed pair */
    start(ONUS_STR_NONE); /* its lock is free again */
    assert_int_equal(grow(0, 4), 409);
    assert_int_equal(grow(3, 4), 200);
    assert_int_equal(stop_with(SIGTERM), 0);
}

static void a_folder_in_use_or_missing_is_told_before_anything_is_served(void **state)
{
    (void)state;
    struct onus_error err = ONUS_ERROR_INIT;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/none", folder);
    struct onus_witness_service service = {.folder = path, .listen = "127.0.0.1:0", .stop = -1};
    assert_int_equal(onus_witness_serve(&service, &err), ONUS_E_MISSING);
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    start(ONUS_STR_NONE);
    assert_int_equal(onus_witness_serve(&service, &err), ONUS_E_REFUSED);
    assert_int_equal(stop_with(SIGTERM), 0);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
            WITH(the_conversation_goes_the_same_way_over_http),
            WITH(the_newest_checkpoint_is_served),
            WITH(of_requests_at_once_one_is_first),
            WITH(what_is_no_request_is_refused_and_the_next_is_served),
            WITH(the_server_ends_when_the_signing_process_is_ended),
            WITH(the_signing_process_ends_with_the_server_and_nothing_is_lost),
            WITH(a_folder_in_use_or_missing_is_told_before_anything_is_served),
    };
    return cmocka_run_group_tests_name("serve/witness", tests, NULL, NULL);
}

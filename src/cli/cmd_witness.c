/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "crypto/random.h"
#include "evidence/witness.h"
#include "serve/witness_server.h"
#include "sys/durable.h"
#include "text/utf8.h"

enum {
    FILE_MAX = 1 << 20,
    ARENA_MAX = 16 << 20
};

#define LISTEN_DEFAULT "127.0.0.1:8270"

static enum onus_code one_folder(const struct onus_arguments *arguments, const char **out,
        struct onus_error *err)
{
    if (arguments->word_count != 2) {
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' takes one folder", arguments->words[0]);
    }
    *out = arguments->words[1];
    return ONUS_OK;
}

/* ---- init ------------------------------------------------------------------------------------ */

static enum onus_code init(const struct onus_arguments *arguments, struct onus_error *err)
{
    const char *folder = NULL;
    const char *name = onus_argument(arguments, "name");
    struct onus_buffer vkey;
    enum onus_code code = one_folder(arguments, &folder, err);
    if (code == ONUS_OK && !name) {
        code = onus_fail(err, ONUS_E_ARGUMENT,
                "init needs --name, what others know this witness by");
    }
    if (code != ONUS_OK) {
        return code;
    }
    onus_buffer_init(&vkey, 0);
    code = onus_witness_init(folder, onus_str_of(name), onus_random_of_system(), &vkey, err);
    if (code == ONUS_OK) {
        (void)fwrite(vkey.ptr, 1, vkey.len, stdout);
        onus_note(arguments,
                "give this key to those who ask for cosignatures; write the keys of "
                "their logs into '%s/logs'",
                folder);
    }
    onus_buffer_clear(&vkey);
    return code;
}

/* ---- serve ----------------------------------------------------------------------------------- */

static enum onus_code read_text(const char *path, struct onus_arena *arena, struct onus_str *out,
        struct onus_error *err)
{
    return onus_durable_read(AT_FDCWD, path, FILE_MAX, arena, out, err);
}

/* The files of all --log, one after the other. */
static enum onus_code read_logs(const struct onus_arguments *arguments, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    struct onus_buffer all;
    struct onus_str text;
    enum onus_code code = ONUS_OK;
    onus_buffer_init(&all, FILE_MAX);
    for (size_t i = 0; i < arguments->all_count && code == ONUS_OK; i++) {
        if (strcmp(arguments->all[2 * i], "log") == 0) {
            code = read_text(arguments->all[2 * i + 1], arena, &text, err);
            if (code == ONUS_OK) {
                onus_buffer_add_str(&all, text);
                onus_buffer_add_char(&all, '\n');
                code = onus_buffer_status(&all, err);
            }
        }
    }
    if (code == ONUS_OK) {
        code = onus_arena_copy(arena, onus_buffer_view(&all), out, err);
    }
    onus_buffer_clear(&all);
    return code;
}

static enum onus_code read_tls(const struct onus_arguments *arguments, struct onus_arena *arena,
        struct onus_witness_service *service, struct onus_error *err)
{
    const char *cert = onus_argument(arguments, "tls-cert");
    const char *key = onus_argument(arguments, "tls-key");
    if (!cert && !key) {
        return ONUS_OK;
    }
    if (!cert || !key) {
        return onus_fail(err, ONUS_E_ARGUMENT, "--tls-cert and --tls-key are given together");
    }
    enum onus_code code = read_text(cert, arena, &service->tls_cert, err);
    return code == ONUS_OK ? read_text(key, arena, &service->tls_key, err) : code;
}

/* What the callbacks of the service get. */
struct session {
    const struct onus_arguments *arguments;
};

static const struct onus_arguments *arguments_of(const void *data)
{
    const struct session *session = data;
    return session->arguments;
}

static enum onus_code confine(void *data, enum onus_sandbox_profile profile,
        const struct onus_sandbox_keep *keep, struct onus_error *err)
{
    struct onus_error unmet;
    return onus_confine(arguments_of(data), profile, keep, &unmet, err);
}

static void ready(void *data, struct onus_str name, size_t logs, uint16_t port)
{
    const struct onus_arguments *arguments = arguments_of(data);
    (void)printf("listening on port %u\n", port);
    (void)fflush(stdout);
    onus_note(arguments, ONUS_STR_FMT " knows %zu log%s", ONUS_STR_ARG(name), logs,
            logs == 1 ? "" : "s");
    if (logs == 0) {
        onus_note(arguments, "without a log in the file 'logs' every request is refused");
    }
}

/* The path was chosen by whoever asked. */
static void seen(void *data, const struct onus_http_request *request, unsigned status,
        const char *trouble)
{
    const struct onus_arguments *arguments = arguments_of(data);
    if (trouble[0] != '\0') {
        onus_note(arguments, "%s", trouble);
    }
    if (!arguments->global->verbose) {
        return;
    }
    struct onus_buffer line;
    onus_buffer_init(&line, 0);
    (void)onus_utf8_add_visible(&line, onus_str_of(request->method), 16);
    onus_buffer_add_char(&line, ' ');
    (void)onus_utf8_add_visible(&line, onus_str_of(request->path), 200);
    onus_buffer_printf(&line, " %u\n", status);
    if (onus_buffer_status(&line, NULL) == ONUS_OK) {
        (void)fwrite(line.ptr, 1, line.len, stderr);
    }
    onus_buffer_clear(&line);
}

/* A descriptor that is readable once somebody asks the program to end. */
static enum onus_code hear_signals(int *out, struct onus_error *err)
{
    sigset_t ends;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    int blocked =
            sigprocmask(SIG_BLOCK, &ends, NULL); /* NOLINT(concurrency-mt-unsafe): one thread */
    *out = blocked == 0 ? signalfd(-1, &ends, SFD_CLOEXEC) : -1;
    return *out >= 0 ? ONUS_OK : onus_fail(err, ONUS_E_IO, "cannot wait for signals");
}

static enum onus_code serve(const struct onus_arguments *arguments, struct onus_error *err)
{
    const char *listen = onus_argument(arguments, "listen");
    struct session session = {arguments};
    struct onus_arena arena;
    struct onus_witness_service service = {
            .listen = listen ? listen : LISTEN_DEFAULT,
            .stop = -1,
            .data = &session,
            .confine = confine,
            .ready = ready,
            .seen = seen,
    };
    onus_arena_init(&arena, ARENA_MAX);
    enum onus_code code = one_folder(arguments, &service.folder, err);
    if (code == ONUS_OK) {
        code = read_logs(arguments, &arena, &service.more_logs, err);
    }
    if (code == ONUS_OK) {
        code = read_tls(arguments, &arena, &service, err);
    }
    if (code == ONUS_OK) {
        code = hear_signals(&service.stop, err);
    }
    if (code == ONUS_OK) {
        code = onus_witness_serve(&service, err);
    }
    if (service.stop >= 0) {
        (void)close(service.stop);
    }
    onus_arena_clear(&arena);
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    static const struct {
        const char *name;
        enum onus_code (*run)(const struct onus_arguments *arguments, struct onus_error *err);
    } verbs[] = {{"init", init}, {"serve", serve}};
    struct onus_error err = ONUS_ERROR_INIT;
    const char *verb = arguments->word_count > 0 ? arguments->words[0] : "";
    enum onus_code code = ONUS_E_ARGUMENT;
    bool known = false;
    for (size_t i = 0; i < ONUS_COUNT(verbs) && !known; i++) {
        if (strcmp(verb, verbs[i].name) == 0) {
            known = true;
            code = verbs[i].run(arguments, &err);
        }
    }
    if (!known) {
        (void)onus_fail(&err, ONUS_E_ARGUMENT,
                "'%s' is none of init, serve: witness init DIR, witness serve DIR", verb);
    }
    return code == ONUS_OK ? ONUS_EXIT_OK : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"name", 0, "NAME", "init: what others know this witness by, such as witness.example/w1",
                false},
        {"listen", 0, "ADDRESS:PORT",
                "serve: where to take requests; port 0 is any free one (127.0.0.1:8270)", false},
        {"log", 0, "FILE", "serve: know the logs whose keys are in this file as well", true},
        {"tls-cert", 0, "FILE", "serve: speak TLS with this certificate (PEM)", false},
        {"tls-key", 0, "FILE", "serve: the private key of the certificate (PEM)", false},
};

const struct onus_command onus_command_witness = {
        .name = "witness",
        .group = ONUS_GROUP_EVIDENCE,
        .summary =
                "vouch for the logs of others: remember each checkpoint, cosign what continues it",
        .operands = "init DIR | serve DIR",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "A witness remembers the newest checkpoint of every log it knows and cosigns the "
                "next one, with the time, when a proof shows that it continues the last. A log that "
                "needs cosignatures cannot show two histories, and cannot say that something was "
                "sealed earlier than it was. A witness sees sizes, hashes and times, never a line.\n"
                "\n"
                "init makes the folder DIR with a new key and prints the key's public part, a vkey "
                "that goes into the policies of those who rely on this witness. The private part "
                "lies in DIR/keys, wrapped with age.\n"
                "\n"
                "serve answers POST /add-checkpoint and GET /HASH/checkpoint as C2SP tlog-witness "
                "says, for the logs in DIR/logs (lines 'log VKEY') and those of --log. It ends on "
                "SIGTERM or SIGINT after what it has begun. With -v it prints one line a request on "
                "standard error. The process that talks to the network has no key and no files; the "
                "one that signs has no network.\n"
                "\n"
                "The folder DIR/state must never be restored from a copy: a witness that forgot what "
                "it signed can be led to vouch for a second history.",
        .examples = "onus witness init w1 --name witness.example/w1\n"
                    "  make a witness, print its key\n"
                    "onus witness serve w1 --listen 127.0.0.1:8270 -v\n"
                    "  answer requests, to be put behind a web server or a tunnel\n",
        .run = run,
};

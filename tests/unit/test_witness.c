/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a witness answers exactly as C2SP tlog-witness says, remembers before it speaks,
 * never vouches for two histories, whatever its files hold and wherever it is ended.
 * Oracles: a conversation with real signatures of another implementation's test (kept outside; skipped
 * without it), and a log that builds its trees from the entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "proof/checkpoint.h"
#include "sys/durable.h"
#include "text/hex.h"
#include "witness_scene.h"

static char folder[64];
static struct scene_log honest;

static int set_up(void **state)
{
    (void)state;
    struct onus_buffer logs;
    scene_folder_make(folder);
    scene_log_init(&honest, SCENE_ORIGIN, 1);
    onus_buffer_init(&logs, 0);
    onus_buffer_add_text(&logs, "# known\nlog ");
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

/* Status of the answer; the body in `body`, which may be NULL. */
static unsigned put(struct onus_witness *witness, struct onus_str request, uint64_t now,
        struct onus_buffer *body)
{
    struct onus_buffer own;
    struct onus_witness_answer answer = {0};
    onus_buffer_init(&own, 0);
    struct onus_buffer *into = body ? body : &own;
    into->len = 0;
    assert_int_equal(onus_witness_add_checkpoint(witness, request, now, into, &answer, NULL),
            ONUS_OK);
    assert_true(answer.type != NULL);
    onus_buffer_clear(&own);
    return answer.status;
}

static unsigned grow(struct onus_witness *witness, const struct scene_log *log, uint64_t old_size,
        uint64_t size, uint64_t now)
{
    struct onus_buffer request;
    onus_buffer_init(&request, 0);
    scene_request(log, old_size, size, &request);
    unsigned status = put(witness, onus_buffer_view(&request), now, NULL);
    onus_buffer_clear(&request);
    return status;
}

/* Size of the stored checkpoint, as the conflict tells it. */
static uint64_t remembered(struct onus_witness *witness)
{
    struct onus_buffer request;
    struct onus_buffer body;
    onus_buffer_init(&request, 0);
    onus_buffer_init(&body, 0);
    uint64_t size = 0;
    scene_request(&honest, 63, 64, &request);
    assert_int_equal(put(witness, onus_buffer_view(&request), 9, &body), 409);
    struct onus_str text = onus_buffer_view(&body);
    assert_true(onus_str_drop(&text, ONUS_STR("\n")));
    assert_true(onus_str_to_u64(text, UINT64_MAX, &size));
    onus_buffer_clear(&request);
    onus_buffer_clear(&body);
    return size;
}

/* ---- the conversation ------------------------------------------------------------------------ */

static json_t *conversation(void)
{
    char path[512];
    const char *root = getenv("SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe): one thread */
    (void)snprintf(path, sizeof(path), "%s/../shared/standards/vectors/witness_add_checkpoint.json",
            root ? root : ".");
    json_t *vectors = json_load_file(path, 0, NULL);
    if (!vectors) {
        print_message("skipped: the conversation of tlog-witness is kept outside this project\n");
    }
    return vectors;
}

static void a_conversation_of_another_implementation_goes_the_same_way(void **state)
{
    (void)state;
    json_t *vectors = conversation();
    if (!vectors) {
        skip();
    }
    struct onus_str vkey = onus_str_of(json_string_value(json_object_get(vectors, "log_vkey")));
    struct onus_witness *witness = NULL;
    struct onus_buffer body;
    char path[128];
    onus_buffer_init(&body, 0);
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    assert_int_equal(onus_witness_open(path, vkey, &witness, NULL), ONUS_OK);
    json_t *steps = json_object_get(vectors, "steps");
    assert_int_equal(json_array_size(steps), 9);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i);
        json_t *status = json_object_get(step, "status_c2sp_now");
        if (!status) {
            status = json_object_get(step, "status");
        }
        struct onus_str request = onus_str_of(json_string_value(json_object_get(step, "body")));
        unsigned got = put(witness, request, 1700000000 + i, &body);
        assert_int_equal(got, json_integer_value(status));
        const char *expect = json_string_value(json_object_get(step, "expect"));
        struct onus_str said = onus_buffer_view(&body);
        if (got == 200) {
            assert_true(onus_str_begins(said, ONUS_STR("\xe2\x80\x94 " SCENE_WITNESS " ")));
        } else if (got == 409) {
            assert_true(onus_str_eq(said, i == 6 ? ONUS_STR("3\n") : ONUS_STR("5\n")));
        } else {
            struct onus_str words = onus_str_of(strchr(expect, '"') + 1);
            words.len--;
            assert_true(onus_str_has(said, words));
        }
    }
    onus_buffer_clear(&body);
    onus_witness_close(witness);
    json_decref(vectors);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void a_log_may_grow_and_nothing_else(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    assert_int_equal(grow(witness, &honest, 0, 5, 100), 200);
    assert_int_equal(grow(witness, &honest, 5, 5, 101), 200);
    assert_int_equal(grow(witness, &honest, 5, 13, 102), 200);
    assert_int_equal(grow(witness, &honest, 5, 14, 103), 409);
    assert_int_equal(grow(witness, &honest, 0, 20, 104), 409);
    assert_int_equal(grow(witness, &honest, 14, 13, 105), 400);
    assert_int_equal(remembered(witness), 13);
    struct scene_log forked = honest;
    forked.history = 1;
    forked.fork = 12;
    assert_int_equal(grow(witness, &forked, 13, 13, 106), 422);
    assert_int_equal(grow(witness, &forked, 13, 20, 107), 422);
    forked.fork = 13;
    assert_int_equal(grow(witness, &forked, 13, 20, 108), 200);
    assert_int_equal(grow(witness, &honest, 20, 21, 109), 422);
    onus_witness_close(witness);
}

static void the_empty_tree_is_a_tree(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    struct onus_buffer request;
    onus_buffer_init(&request, 0);
    struct onus_digest wrong = {{1}};
    onus_buffer_add_text(&request, "old 0\n\n");
    scene_note_with(&honest, 0, &wrong, &request);
    assert_int_equal(put(witness, onus_buffer_view(&request), 1, NULL), 422);
    assert_int_equal(grow(witness, &honest, 0, 0, 2), 200);
    assert_int_equal(grow(witness, &honest, 0, 0, 3), 200);

    request.len = 0;
    onus_buffer_add_text(&request, "old 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n");
    scene_note(&honest, 4, &request);
    assert_int_equal(put(witness, onus_buffer_view(&request), 4, NULL), 422);
    assert_int_equal(grow(witness, &honest, 0, 4, 5), 200);
    assert_int_equal(grow(witness, &honest, 0, 0, 6), 409);
    assert_int_equal(grow(witness, &honest, 4, 0, 7), 400);
    onus_buffer_clear(&request);
    onus_witness_close(witness);
}

static void equal_sizes_need_no_proof_and_take_none(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    struct onus_buffer request;
    onus_buffer_init(&request, 0);
    assert_int_equal(grow(witness, &honest, 0, 4, 1), 200);
    onus_buffer_add_text(&request, "old 4\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n");
    scene_note(&honest, 4, &request);
    assert_int_equal(put(witness, onus_buffer_view(&request), 2, NULL), 422);
    onus_buffer_clear(&request);
    onus_witness_close(witness);
}

static void only_known_logs_and_their_own_signatures_count(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    struct scene_log stranger;
    scene_log_init(&stranger, "log.example/b", 1);
    assert_int_equal(grow(witness, &stranger, 0, 3, 1), 404);
    scene_log_init(&stranger, SCENE_ORIGIN, 2); /* the right name, another key */
    assert_int_equal(grow(witness, &stranger, 0, 3, 2), 403);

    struct onus_buffer request;
    onus_buffer_init(&request, 0);
    scene_request(&honest, 0, 3, &request);
    onus_buffer_add_text(&request, "\xe2\x80\x94 else.example AAAAAAAA\n");
    assert_int_equal(put(witness, onus_buffer_view(&request), 3, NULL), 200);
    onus_buffer_clear(&request);
    onus_witness_close(witness);
}

/* The bit may lie in a name or key id: then nobody known has signed. */
static void no_bit_of_a_request_can_change_what_is_cosigned(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    struct onus_buffer request;
    struct onus_buffer body;
    onus_buffer_init(&request, 0);
    onus_buffer_init(&body, 0);
    assert_int_equal(grow(witness, &honest, 0, 3, 1), 200);
    scene_request(&honest, 3, 7, &request);
    size_t unseen = 0;
    for (size_t bit = 0; bit < request.len * 8; bit++) {
        request.ptr[bit / 8] = (char)(request.ptr[bit / 8] ^ (1 << bit % 8));
        if (put(witness, onus_buffer_view(&request), 2, &body) == 200) {
            print_message("byte %zu bit %zu can change unseen\n", bit / 8, bit % 8);
            unseen++;
        }
        request.ptr[bit / 8] = (char)(request.ptr[bit / 8] ^ (1 << bit % 8));
    }
    assert_int_equal(unseen, 0);
    for (size_t size = 0; size < request.len; size++) {
        unsigned status = put(witness, (struct onus_str){request.ptr, size}, 2, &body);
        assert_true(status == 400 || status == 403);
    }
    assert_int_equal(put(witness, onus_buffer_view(&request), 2, &body), 200);
    onus_buffer_clear(&request);
    onus_buffer_clear(&body);
    onus_witness_close(witness);
}

/* Oracle: onus_note_verify() with the vkey that init printed. */
static void a_cosignature_checks_with_the_printed_key_and_carries_the_time(void **state)
{
    (void)state;
    char other[64];
    struct onus_buffer logs;
    struct onus_buffer vkey;
    struct onus_buffer request;
    struct onus_buffer body;
    struct onus_buffer note;
    struct onus_vkey key;
    struct onus_note parsed;
    uint64_t time = 0;
    onus_buffer_init(&logs, 0);
    onus_buffer_init(&vkey, 0);
    onus_buffer_init(&request, 0);
    onus_buffer_init(&body, 0);
    onus_buffer_init(&note, 0);
    scene_folder_make(other);
    onus_buffer_add_text(&logs, "log ");
    scene_log_vkey(&honest, &logs);
    scene_witness_make(other, onus_buffer_view(&logs), &vkey);
    struct onus_witness *witness = scene_witness_open(other);
    scene_request(&honest, 0, 9, &request);
    assert_int_equal(put(witness, onus_buffer_view(&request), 1731234567, &body), 200);

    struct onus_str text = onus_buffer_view(&vkey);
    assert_true(onus_str_drop(&text, ONUS_STR("\n")));
    assert_int_equal(onus_vkey_parse(text, &key, NULL), ONUS_OK);
    scene_note(&honest, 9, &note);
    onus_buffer_add_str(&note, onus_buffer_view(&body));
    assert_int_equal(onus_note_parse(onus_buffer_view(&note), &parsed, NULL), ONUS_OK);
    assert_int_equal(parsed.count, 2);
    assert_true(onus_note_by(&parsed.signatures[1], &key));
    assert_int_equal(onus_note_check(&parsed, &parsed.signatures[1], &key, &time, NULL), ONUS_OK);
    assert_int_equal(time, 1731234567);
    onus_witness_close(witness);
    scene_folder_remove(other);
    onus_buffer_clear(&logs);
    onus_buffer_clear(&vkey);
    onus_buffer_clear(&request);
    onus_buffer_clear(&body);
    onus_buffer_clear(&note);
}

static void its_time_never_goes_back(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    assert_int_equal(grow(witness, &honest, 0, 3, 1000), 200);
    assert_int_equal(grow(witness, &honest, 3, 4, 999), 500);
    assert_int_equal(remembered(witness), 3);
    assert_int_equal(grow(witness, &honest, 3, 4, 1000), 200);
    onus_witness_close(witness);
}

/* ---- what it remembers ----------------------------------------------------------------------- */

static void name_of_origin(const char *origin, char out[static 65])
{
    struct onus_digest hash;
    onus_sha256(onus_str_of(origin), &hash);
    onus_hex_put(out, onus_digest_view(&hash));
    out[64] = '\0';
}

static void the_newest_checkpoint_can_be_fetched(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    struct onus_buffer body;
    struct onus_buffer note;
    struct onus_witness_answer answer;
    char name[65];
    onus_buffer_init(&body, 0);
    onus_buffer_init(&note, 0);
    name_of_origin(SCENE_ORIGIN, name);
    assert_int_equal(onus_witness_newest(witness, onus_str_of(name), &body, &answer, NULL),
            ONUS_OK);
    assert_int_equal(answer.status, 404);
    assert_int_equal(grow(witness, &honest, 0, 6, 1), 200);
    body.len = 0;
    assert_int_equal(onus_witness_newest(witness, onus_str_of(name), &body, &answer, NULL),
            ONUS_OK);
    assert_int_equal(answer.status, 200);
    scene_note(&honest, 6, &note);
    assert_true(onus_str_begins(onus_buffer_view(&body), onus_buffer_view(&note)));
    assert_true(body.len > note.len);
    name[0] = name[0] == '0' ? '1' : '0';
    assert_int_equal(onus_witness_newest(witness, onus_str_of(name), &body, &answer, NULL),
            ONUS_OK);
    assert_int_equal(answer.status, 404);
    onus_buffer_clear(&body);
    onus_buffer_clear(&note);
    onus_witness_close(witness);
}

static void it_remembers_across_a_restart(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    assert_int_equal(grow(witness, &honest, 0, 6, 1), 200);
    onus_witness_close(witness);
    witness = scene_witness_open(folder);
    assert_int_equal(remembered(witness), 6);
    onus_witness_close(witness);
}

static void two_processes_cannot_sign_from_one_folder(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    struct onus_witness *second = NULL;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    assert_int_equal(onus_witness_open(path, ONUS_STR_NONE, &second, NULL), ONUS_E_REFUSED);
    onus_witness_close(witness);
    witness = scene_witness_open(folder);
    onus_witness_close(witness);
}

/* The one file in state/. */
static void state_path(char out[static 256])
{
    char name[65];
    name_of_origin(SCENE_ORIGIN, name);
    (void)snprintf(out, 256, "%s/w/state/%s", folder, name);
}

static size_t read_file(const char *path, char *into, size_t room)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    ssize_t got = read(file, into, room);
    assert_true(got >= 0 && (size_t)got < room);
    (void)close(file);
    return (size_t)got;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), (ssize_t)size);
    (void)close(file);
}

static void every_changed_or_cut_state_stops_the_answers(void **state)
{
    (void)state;
    struct onus_witness *witness = scene_witness_open(folder);
    char path[256];
    char bytes[4096];
    assert_int_equal(grow(witness, &honest, 0, 6, 1), 200);
    state_path(path);
    size_t size = read_file(path, bytes, sizeof(bytes));
    struct onus_buffer request;
    onus_buffer_init(&request, 0);
    scene_request(&honest, 6, 7, &request);
    size_t unseen = 0;
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        write_file(path, bytes, size);
        if (put(witness, onus_buffer_view(&request), 2, NULL) != 500) {
            print_message("byte %zu bit %zu can change unseen\n", bit / 8, bit % 8);
            unseen++;
        }
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t cut = 0; cut < size; cut++) {
        write_file(path, bytes, cut);
        unseen += put(witness, onus_buffer_view(&request), 2, NULL) != 500;
    }
    assert_int_equal(unseen, 0);
    write_file(path, bytes, size);
    assert_int_equal(put(witness, onus_buffer_view(&request), 2, NULL), 200);
    onus_buffer_clear(&request);
    onus_witness_close(witness);
}

static void a_state_of_another_log_is_not_taken(void **state)
{
    (void)state;
    struct scene_log second;
    struct onus_witness *witness = NULL;
    struct onus_buffer vkey;
    char path[256];
    char other[256];
    char name[65];
    onus_buffer_init(&vkey, 0);
    scene_log_init(&second, "log.example/b", 2);
    scene_log_vkey(&second, &vkey);
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    assert_int_equal(onus_witness_open(path, onus_buffer_view(&vkey), &witness, NULL), ONUS_OK);
    assert_int_equal(onus_witness_log_count(witness), 2);
    assert_int_equal(grow(witness, &honest, 0, 6, 1), 200);
    state_path(path);
    name_of_origin("log.example/b", name);
    (void)snprintf(other, sizeof(other), "%s/w/state/%s", folder, name);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(grow(witness, &second, 0, 6, 2), 500);
    onus_buffer_clear(&vkey);
    onus_witness_close(witness);
}

/* ---- breaking off ---------------------------------------------------------------------------- */

/* In a child: grow from old to size with a fault at the n-th counted call. Status, or -signal. */
static int grow_with_fault(long n, enum onus_fault fault, const struct scene_log *log,
        uint64_t old_size, uint64_t size)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct onus_witness *witness = scene_witness_open(folder);
        onus_durable_fault_after(n, fault);
        unsigned status = grow(witness, log, old_size, size, 10);
        _exit(status == 200 ? 0 : status == 500 ? 1 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * Ended at any write, the witness remembers the old checkpoint or the new one. A log that went another
 * way meanwhile gets no cosignature in the second case, and in the first nobody has seen one.
 */
static void ended_anywhere_it_vouches_for_one_history(void **state)
{
    (void)state;
    struct scene_log forked = honest;
    forked.history = 1;
    forked.fork = 6;
    bool finished = false;
    for (long n = 0; !finished; n++) {
        assert_true(n < 64);
        scene_folder_remove(folder);
        (void)set_up(NULL);
        assert_int_equal(grow_with_fault(1000, ONUS_FAULT_EIO, &honest, 0, 6), 0);
        int how = grow_with_fault(n, ONUS_FAULT_KILL, &honest, 6, 9);
        finished = how == 0;
        assert_true(finished || how == -SIGKILL);
        struct onus_witness *witness = scene_witness_open(folder);
        uint64_t size = remembered(witness);
        assert_true(finished ? size == 9 : size == 6 || size == 9);
        assert_int_equal(grow(witness, &forked, 6, 12, 20), size == 6 ? 200 : 409);
        assert_int_equal(grow(witness, &forked, 9, 12, 21), size == 6 ? 409 : 422);
        onus_witness_close(witness);
    }
}

static void a_full_or_broken_disk_costs_the_answer_only(void **state)
{
    (void)state;
    const enum onus_fault faults[] = {ONUS_FAULT_EIO, ONUS_FAULT_ENOSPC, ONUS_FAULT_SHORT};
    for (size_t i = 0; i < ONUS_COUNT(faults); i++) {
        bool finished = false;
        for (long n = 0; !finished; n++) {
            assert_true(n < 64);
            scene_folder_remove(folder);
            (void)set_up(NULL);
            assert_int_equal(grow_with_fault(1000, ONUS_FAULT_EIO, &honest, 0, 6), 0);
            int how = grow_with_fault(n, faults[i], &honest, 6, 9);
            finished = how == 0;
            assert_true(how == 0 || how == 1);
            struct onus_witness *witness = scene_witness_open(folder);
            uint64_t size = remembered(witness);
            assert_true(size == 6 || size == 9);
            assert_int_equal(grow(witness, &honest, size, 12, 20), 200);
            onus_witness_close(witness);
        }
    }
}

/* ---- its folder ------------------------------------------------------------------------------ */

static enum onus_code open_again(struct onus_error *err)
{
    struct onus_witness *witness = NULL;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    enum onus_code code = onus_witness_open(path, ONUS_STR_NONE, &witness, err);
    onus_witness_close(witness);
    return code;
}

static void a_folder_that_is_none_is_told_by_name(void **state)
{
    (void)state;
    struct onus_error err = ONUS_ERROR_INIT;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/w/logs", folder);
    write_file(path, "log nonsense\n", 13);
    assert_int_equal(open_again(&err), ONUS_E_FORMAT);
    assert_non_null(strstr(err.text, "'logs': line 1"));
    write_file(path, "", 0);
    assert_int_equal(open_again(&err), ONUS_OK);
    (void)snprintf(path, sizeof(path), "%s/w/witness", folder);
    write_file(path, "onus/witness/v2\n", 16);
    assert_int_equal(open_again(&err), ONUS_E_FORMAT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(open_again(&err), ONUS_E_MISSING);
}

/* Bits of the wrapped key, of the age identity and of the vkey beside them. */
static void a_changed_key_is_noticed_when_it_is_opened(void **state)
{
    (void)state;
    const char *names[] = {"keys/witness.key", "keys/witness.agekey", "witness"};
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        char path[128];
        char bytes[4096];
        (void)snprintf(path, sizeof(path), "%s/w/%s", folder, names[i]);
        size_t size = read_file(path, bytes, sizeof(bytes));
        size_t unseen = 0;
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
            write_file(path, bytes, size);
            unseen += open_again(NULL) == ONUS_OK;
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        }
        write_file(path, bytes, size);
        assert_int_equal(unseen, 0);
        assert_int_equal(open_again(NULL), ONUS_OK);
    }
}

static void a_second_witness_is_not_made_over_the_first(void **state)
{
    (void)state;
    struct onus_buffer vkey;
    char path[128];
    onus_buffer_init(&vkey, 0);
    (void)snprintf(path, sizeof(path), "%s/w", folder);
    assert_int_equal(onus_witness_init(path, ONUS_STR("x.example"), scene_random(), &vkey, NULL),
            ONUS_E_REFUSED);
    (void)snprintf(path, sizeof(path), "%s/v", folder);
    assert_int_equal(onus_witness_init(path, ONUS_STR("has blank"), scene_random(), &vkey, NULL),
            ONUS_E_ARGUMENT);
    onus_buffer_clear(&vkey);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
            WITH(a_conversation_of_another_implementation_goes_the_same_way),
            WITH(a_log_may_grow_and_nothing_else),
            WITH(the_empty_tree_is_a_tree),
            WITH(equal_sizes_need_no_proof_and_take_none),
            WITH(only_known_logs_and_their_own_signatures_count),
            WITH(no_bit_of_a_request_can_change_what_is_cosigned),
            WITH(a_cosignature_checks_with_the_printed_key_and_carries_the_time),
            WITH(its_time_never_goes_back),
            WITH(the_newest_checkpoint_can_be_fetched),
            WITH(it_remembers_across_a_restart),
            WITH(two_processes_cannot_sign_from_one_folder),
            WITH(every_changed_or_cut_state_stops_the_answers),
            WITH(a_state_of_another_log_is_not_taken),
            WITH(ended_anywhere_it_vouches_for_one_history),
            WITH(a_full_or_broken_disk_costs_the_answer_only),
            WITH(a_folder_that_is_none_is_told_by_name),
            WITH(a_changed_key_is_noticed_when_it_is_opened),
            WITH(a_second_witness_is_not_made_over_the_first),
    };
    return cmocka_run_group_tests_name("evidence/witness", tests, NULL, NULL);
}

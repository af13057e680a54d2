/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "case_scene.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "proof/witness_message.h"
#include "sys/durable.h"
#include "witness_scene.h"

enum {
    PATH = 256,
    TEXT = 1 << 20
};

/* Counts up, so that keys differ and a run is the same each time. */
static enum onus_code counting(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)err;
    uint8_t *next = data;
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)out)[i] = (*next)++;
    }
    return ONUS_OK;
}

static enum onus_code fixed(void *data, void *out, size_t size, struct onus_error *err)
{
    uint8_t start = 7;
    (void)data;
    return counting(&start, out, size, err);
}

const struct onus_vault_options *case_scene_options(void)
{
    static const struct onus_vault_options options = {.random = fixed};
    return &options;
}

static void path_of(const struct case_scene *scene, const char *name, char out[static PATH])
{
    (void)snprintf(out, PATH, "%s/%s", scene->folder, name);
}

static void write_text(const char *path, int flags, struct onus_str text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, text.ptr, text.len), (ssize_t)text.len);
    assert_int_equal(close(file), 0);
}

struct onus_str case_scene_read(const struct case_scene *scene, const char *path,
        struct onus_arena *arena)
{
    char full[PATH];
    struct onus_str text = ONUS_STR_NONE;
    path_of(scene, path, full);
    enum onus_code code = onus_durable_read(AT_FDCWD, full, TEXT, arena, &text, NULL);
    assert_true(code == ONUS_OK || code == ONUS_E_MISSING);
    return text;
}

/* ---- making ---------------------------------------------------------------------------------- */

static struct onus_vault *open_case(const struct case_scene *scene, const char *which, bool write)
{
    char path[PATH];
    struct onus_vault *vault = NULL;
    struct onus_vault_options options = *case_scene_options();
    struct onus_error err = ONUS_ERROR_INIT;
    options.write = write;
    path_of(scene, which, path);
    enum onus_code code = onus_vault_open(path, &options, &vault, &err);
    if (code != ONUS_OK) {
        print_message("%s\n", err.text);
    }
    assert_int_equal(code, ONUS_OK);
    return vault;
}

static void add_witness_words(const struct case_scene *scene, char number, struct onus_buffer *out)
{
    char path[16];
    struct onus_arena arena;
    onus_arena_init(&arena, TEXT * 4);
    (void)snprintf(path, sizeof(path), "w%c/vkey", number);
    struct onus_str vkey = case_scene_read(scene, path, &arena);
    assert_true(onus_str_drop(&vkey, ONUS_STR("\n")));
    onus_buffer_printf(out, "w%c " ONUS_STR_FMT " http://w%c", number, ONUS_STR_ARG(vkey), number);
    onus_arena_clear(&arena);
}

void case_scene_policy(const struct case_scene *scene, const char *which, const char *policy)
{
    char path[PATH];
    struct onus_buffer text;
    struct onus_vault *vault = open_case(scene, which, false);
    onus_buffer_init(&text, 0);
    onus_buffer_add_text(&text, "log ");
    onus_vkey_add(&text, onus_vault_key(vault));
    onus_buffer_add_char(&text, '\n');
    onus_vault_close(vault);
    for (const char *c = policy; *c; c++) {
        if (c[0] == 'W' && c[1] >= '1' && c[1] < '1' + CASE_WITNESSES) {
            add_witness_words(scene, *++c, &text);
        } else {
            onus_buffer_add_char(&text, *c);
        }
    }
    (void)snprintf(path, sizeof(path), "%s/%s/policy", scene->folder, which);
    write_text(path, O_TRUNC, onus_buffer_view(&text));
    onus_buffer_clear(&text);
}

void case_scene_introduce(const struct case_scene *scene, const char *which)
{
    struct onus_buffer line;
    struct onus_vault *vault = open_case(scene, which, false);
    onus_buffer_init(&line, 0);
    onus_buffer_add_text(&line, "log ");
    onus_vkey_add(&line, onus_vault_key(vault));
    onus_buffer_add_char(&line, '\n');
    onus_vault_close(vault);
    for (int i = 1; i <= CASE_WITNESSES; i++) {
        char path[PATH];
        (void)snprintf(path, sizeof(path), "%s/logs%d", scene->folder, i);
        write_text(path, O_APPEND, onus_buffer_view(&line));
    }
    onus_buffer_clear(&line);
}

void case_scene_make(struct case_scene *scene, const char *policy)
{
    char path[PATH];
    *scene = (struct case_scene){.now = 1700000000};
    scene_folder_make(scene->folder);
    struct onus_vault_new what = {
            .party = ONUS_STR("Example Party"),
            .origin = ONUS_STR(CASE_ORIGIN),
            .made = 1600000000,
            .random = fixed,
    };
    memset(what.log_key.bytes, 5, sizeof(what.log_key.bytes));
    path_of(scene, "case", path);
    assert_int_equal(onus_vault_create(path, &what, NULL), ONUS_OK);
    for (int i = 1; i <= CASE_WITNESSES; i++) {
        struct onus_buffer vkey;
        uint8_t start = (uint8_t)(i * 64);
        const struct onus_random_source random = {.fill = counting, .data = &start};
        char name[32];
        onus_buffer_init(&vkey, 0);
        (void)snprintf(path, sizeof(path), "%s/w%d", scene->folder, i);
        (void)snprintf(name, sizeof(name), "w%d.example", i);
        assert_int_equal(onus_witness_init(path, onus_str_of(name), random, &vkey, NULL), ONUS_OK);
        (void)snprintf(path, sizeof(path), "%s/w%d/vkey", scene->folder, i);
        write_text(path, O_TRUNC, onus_buffer_view(&vkey));
        onus_buffer_clear(&vkey);
    }
    case_scene_introduce(scene, "case");
    case_scene_policy(scene, "case", policy);
}

void case_scene_remove(struct case_scene *scene)
{
    scene_folder_remove(scene->folder);
}

void case_scene_grow(struct case_scene *scene, const char *which)
{
    char name[32];
    struct onus_digest key;
    const struct onus_source *source = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_vault *vault = open_case(scene, which, true);
    (void)snprintf(name, sizeof(name), "source-%u", scene->sources);
    memset(key.bytes, (int)(0x40 + scene->sources++), sizeof(key.bytes));
    enum onus_code code = onus_vault_source_add(vault, onus_str_of(name), ONUS_PROFILE_LINES,
            1600000000, &key, &source, &err);
    if (code != ONUS_OK) {
        print_message("%s\n", err.text);
    }
    assert_int_equal(code, ONUS_OK);
    onus_vault_close(vault);
}

/* ---- copies ---------------------------------------------------------------------------------- */

static char copy_from[PATH];
static char copy_to[PATH];

static int copy_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    char to[2 * PATH];
    char bytes[65536];
    (void)kind;
    (void)where;
    (void)snprintf(to, sizeof(to), "%s%s", copy_to, path + strlen(copy_from));
    if (S_ISDIR(st->st_mode)) {
        return mkdir(to, 0700);
    }
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 0777);
    ssize_t got = 0;
    while (in >= 0 && out >= 0 && (got = read(in, bytes, sizeof(bytes))) > 0) {
        if (write(out, bytes, (size_t)got) != got) {
            got = -1;
            break;
        }
    }
    (void)close(in);
    (void)close(out);
    return got == 0 ? 0 : -1;
}

void case_scene_copy(const struct case_scene *scene, const char *from, const char *to)
{
    path_of(scene, from, copy_from);
    path_of(scene, to, copy_to);
    scene_folder_remove(copy_to);
    assert_int_equal(nftw(copy_from, copy_one, 16, FTW_PHYS), 0);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void remember_submitted(const struct case_scene *scene, struct onus_str request)
{
    char path[PATH];
    struct onus_add_checkpoint message;
    struct onus_note note;
    struct onus_buffer line;
    assert_int_equal(onus_add_checkpoint_parse(request, &message, NULL), ONUS_OK);
    assert_int_equal(onus_note_parse(message.note, &note, NULL), ONUS_OK);
    onus_buffer_init(&line, 0);
    for (size_t i = 0; i + 1 < note.text.len; i++) {
        onus_buffer_add_char(&line, note.text.ptr[i] == '\n' ? ' ' : note.text.ptr[i]);
    }
    onus_buffer_add_char(&line, '\n');
    path_of(scene, "submitted", path);
    write_text(path, O_APPEND, onus_buffer_view(&line));
    onus_buffer_clear(&line);
}

static enum onus_code ask_witness(struct case_scene *scene, int number, struct onus_str request,
        struct onus_buffer *answer, struct onus_posted *out, struct onus_error *err)
{
    char path[PATH];
    struct onus_arena arena;
    struct onus_witness *witness = NULL;
    struct onus_witness_answer said = {0};
    onus_arena_init(&arena, TEXT * 4);
    (void)snprintf(path, sizeof(path), "logs%d", number);
    struct onus_str logs = case_scene_read(scene, path, &arena);
    (void)snprintf(path, sizeof(path), "%s/w%d", scene->folder, number);
    enum onus_code code = onus_witness_open(path, logs, &witness, err);
    if (code == ONUS_OK) {
        code = onus_witness_add_checkpoint(witness, request, scene->now++, answer, &said, err);
    }
    out->status = said.status;
    (void)snprintf(out->content_type, sizeof(out->content_type), "%s", said.type ? said.type : "");
    onus_witness_close(witness);
    onus_arena_clear(&arena);
    return code;
}

static enum onus_code post(void *data, const struct onus_post *what, struct onus_buffer *answer,
        struct onus_posted *out, struct onus_error *err)
{
    struct case_scene *scene = data;
    int number = 0;
    assert_int_equal(sscanf(what->url, "http://w%1d/add-checkpoint", &number), 1); /* NOLINT */
    assert_true(number >= 1 && number <= CASE_WITNESSES);
    enum line_state state = scene->lines[number - 1];
    scene->asked++;
    remember_submitted(scene, what->body);
    *out = (struct onus_posted){.status = 200};
    switch (state) {
    case LINE_DOWN:
        return onus_fail(err, ONUS_E_PEER, "'%s' does not answer", what->url);
    case LINE_FAILS:
        out->status = 500;
        return ONUS_OK;
    case LINE_GARBAGE:
        onus_buffer_add_text(answer, "\x1b[2J no signature\n\n\n");
        return ONUS_OK;
    case LINE_EMPTY:
        return ONUS_OK;
    case LINE_FORGETFUL:
    case LINE_AHEAD:
        out->status = 409;
        onus_buffer_printf(answer, "%u\n", state == LINE_AHEAD ? 1000000 : scene->asked % 2);
        return ONUS_OK;
    case LINE_UP:
    case LINE_CHANGED:
        break;
    }
    enum onus_code code = ask_witness(scene, number, what->body, answer, out, err);
    if (state == LINE_CHANGED && out->status == 200 && scene->bit < answer->len * 8) {
        answer->ptr[scene->bit / 8] = (char)(answer->ptr[scene->bit / 8] ^ (1 << scene->bit % 8));
    }
    return code;
}

enum onus_code case_scene_checkpoint(struct case_scene *scene, const char *which,
        const char *new_origin_reason, struct onus_arena *arena, struct onus_checkpoint_report *out,
        struct onus_error *err)
{
    char path[PATH];
    path_of(scene, which, path);
    uint8_t start = 99;
    const struct onus_checkpoint_plan plan = {
            .case_folder = path,
            .new_origin_reason = onus_str_of(new_origin_reason),
            .random = {.fill = counting, .data = &start},
            .carrier = {.post = post, .data = scene},
            .vault = case_scene_options(),
    };
    return onus_checkpoint_make(&plan, arena, out, err);
}

/* Lines are "origin size root". */
bool case_scene_one_history(const struct case_scene *scene)
{
    struct onus_arena arena;
    onus_arena_init(&arena, TEXT * 4);
    struct onus_str all = case_scene_read(scene, "submitted", &arena);
    struct onus_str rest = all;
    struct onus_str line;
    bool one = true;
    while (onus_str_cut(&rest, '\n', &line)) {
        size_t root = onus_str_rfind_char(line, ' ');
        struct onus_str head = onus_str_sub(line, 0, root + 1);
        struct onus_str others = all;
        struct onus_str other;
        while (onus_str_cut(&others, '\n', &other)) {
            one = one && (!onus_str_begins(other, head) || onus_str_eq(other, line));
        }
    }
    onus_arena_clear(&arena);
    return one;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: wherever making a case and sealing into it ends (killed, EIO, ENOSPC, a write cut
 * short, no memory), the next run goes on: what was told as sealed is still there and still signed, the
 * signed log is continued and never replaced, the vault is found right, and each line is in it once.
 * Oracle: the lines that were fed; what the process told before it ended; the check of the whole vault.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seal_scene.h"
#include "sys/durable.h"

#define TEXT_A                                                                       \
    "T1466900000 gw1 A203.0.113.7 N1 one\nT1466900001 gw1 A203.0.113.8 two\nthree\n" \
    "T1466990000 gw1 A198.51.100.7 N2 a later day\nfive\nsix\nseven\neight\nnine\nten\n"
#define TEXT_B "T1466900000 first A203.0.113.9 N1\nT1466900001 second\n"

enum kind {
    NONE,
    KILLED,
    EIO_FAULT,
    ENOSPC_FAULT,
    SHORT_WRITE,
    NO_MEMORY,
    KINDS
};

static const char *const kind_names[KINDS] = {"none", "kill -9", "EIO", "ENOSPC", "short write",
        "no memory"};

/* Make the case when there is none, then seal both files; the first in two steps. */
static enum onus_code run_all(struct scene *scene, bool grown)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%.64s/case", scene->path);
    enum onus_code code = access(path, F_OK) == 0 ? ONUS_OK : scene_init(scene);
    struct onus_str text = ONUS_STR(TEXT_A);
    if (code == ONUS_OK && !grown) {
        code = scene_seal(scene, "a.log", (struct onus_str){text.ptr, 112});
    }
    if (code == ONUS_OK) {
        code = scene_seal(scene, "a.log", text);
    }
    scene->parts = true;
    if (code == ONUS_OK) {
        code = scene_seal(scene, "b.log", ONUS_STR(TEXT_B));
    }
    scene->parts = false;
    return code;
}

static void arm(enum kind kind, long n)
{
    switch (kind) {
    case KILLED:
        onus_durable_fault_after(n, ONUS_FAULT_KILL);
        break;
    case EIO_FAULT:
        onus_durable_fault_after(n, ONUS_FAULT_EIO);
        break;
    case ENOSPC_FAULT:
        onus_durable_fault_after(n, ONUS_FAULT_ENOSPC);
        break;
    case SHORT_WRITE:
        onus_durable_fault_after(n, ONUS_FAULT_SHORT);
        break;
    case NO_MEMORY:
        onus_arena_fail_after(n);
        break;
    case NONE:
    case KINDS:
        break;
    }
}

/* What a run of its own told before it ended. */
struct told {
    bool finished;
    long calls;
    struct onus_sealed batches[64];
    size_t count;
};

static bool run_apart(struct scene *scene, enum kind kind, long n, struct told *told)
{
    int pipes[2];
    *told = (struct told){.count = 0};
    if (pipe(pipes) != 0) {
        return false;
    }
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)close(pipes[0]);
        scene->tell = pipes[1];
        arm(kind, n);
        enum onus_code code = run_all(scene, false);
        struct onus_sealed last = {.source = NULL,
                .lines = (uint64_t)onus_durable_calls(),
                .seq = code == ONUS_OK ? 1 : 0,
                .input = UINT32_MAX};
        if (write(pipes[1], &last, sizeof(last)) < 0) {
            _exit(2);
        }
        _exit(0);
    }
    (void)close(pipes[1]);
    struct onus_sealed batch;
    while (child > 0 && read(pipes[0], &batch, sizeof(batch)) == (ssize_t)sizeof(batch)) {
        if (batch.input == UINT32_MAX) {
            told->finished = batch.seq == 1;
            told->calls = (long)batch.lines;
        } else if (told->count < ONUS_COUNT(told->batches)) {
            told->batches[told->count++] = batch;
        }
    }
    (void)close(pipes[0]);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return false;
    }
    return kind == KILLED ? told->calls > 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
                          : WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool complain(const char *words, const struct scene *scene)
{
    (void)fprintf(stderr, "%s: %s\n", words, scene->failure);
    return false;
}

/* The tree that was signed when the run ended; size 0 when none was. */
struct signed_tree {
    uint64_t size;
    struct onus_digest root;
};

static struct signed_tree signed_now(const struct scene *scene)
{
    struct signed_tree tree = {.size = 0};
    struct onus_arena arena;
    struct onus_str bytes;
    struct onus_note note;
    struct onus_checkpoint checkpoint;
    char path[128];
    (void)snprintf(path, sizeof(path), "%.64s/vault/log/checkpoint", scene->path);
    onus_arena_init(&arena, 1 << 20);
    if (onus_durable_read(AT_FDCWD, path, 1 << 16, &arena, &bytes, NULL) == ONUS_OK &&
            onus_note_parse(bytes, &note, NULL) == ONUS_OK &&
            onus_checkpoint_parse(note.text, &checkpoint, NULL) == ONUS_OK) {
        tree = (struct signed_tree){checkpoint.size, checkpoint.root};
    }
    onus_arena_clear(&arena);
    return tree;
}

static bool continues(struct scene *scene, const struct signed_tree *before)
{
    struct onus_vault *vault = NULL;
    struct onus_digest root;
    if (scene_open(scene, false, &vault) != ONUS_OK) {
        return complain("cannot be opened", scene);
    }
    bool same = onus_log_root_at(onus_vault_log(vault), before->size, &root, NULL) == ONUS_OK &&
                (before->size == 0 || onus_digest_eq(&root, &before->root));
    onus_vault_close(vault);
    return same || complain("the signed log was replaced", scene);
}

static bool has_content(struct scene *scene, const char *source, struct onus_str text)
{
    size_t length = 0;
    char *content = scene_content(scene, source, &length);
    bool same = content && onus_str_eq((struct onus_str){content, length}, text);
    free(content);
    return same || complain(source, scene);
}

/* What was told as sealed and signed is in the signed tree that was found. */
static bool kept_its_word(const struct told *told, const struct signed_tree *found)
{
    for (size_t i = 0; i < told->count; i++) {
        if (told->batches[i].entry >= found->size) {
            (void)fprintf(stderr, "batch %llu was told as sealed and is not signed\n",
                    (unsigned long long)told->batches[i].seq);
            return false;
        }
    }
    return true;
}

static bool one_fault(enum kind kind, long n, bool *finished)
{
    struct scene scene;
    struct told told;
    struct onus_fsck_counts counts;
    if (!scene_folder(&scene)) {
        return false;
    }
    bool right = run_apart(&scene, kind, n, &told);
    *finished = told.finished;
    struct signed_tree before = signed_now(&scene);
    right = right && kept_its_word(&told, &before);
    scene.clock += 1000;
    scene.random = 100;
    if (right && run_all(&scene, true) != ONUS_OK) {
        right = complain("the next run failed", &scene);
    }
    right = right && continues(&scene, &before);
    if (right && scene_fsck(&scene, &counts) != 0) {
        right = complain("the vault is not right", &scene);
    }
    right = right && has_content(&scene, "a.log", ONUS_STR(TEXT_A)) &&
            has_content(&scene, "b.log", ONUS_STR(TEXT_B));
    if (!right) {
        (void)fprintf(stderr, "FAIL %s at call %ld (%s)\n", kind_names[kind], n, scene.path);
    } else {
        scene_remove(&scene);
    }
    return right;
}

int main(int argc, char **argv)
{
    long stride = argc > 1 ? strtol(argv[1], NULL, 10) : 3;
    size_t passed = 0;
    size_t failed = 0;
    stride = stride < 1 ? 1 : stride;
    for (unsigned kind = KILLED; kind < KINDS; kind++) {
        bool finished = false;
        long step = kind == KILLED ? 1 : stride;
        for (long n = 0; !finished && n < 100000 && failed < 20; n += step) {
            if (one_fault(kind, n, &finished)) {
                passed++;
            } else {
                failed++;
            }
        }
    }
    (void)printf("%zu passed, %zu failed, 0 skipped\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

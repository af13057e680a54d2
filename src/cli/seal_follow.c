/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/seal_job.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/*
 * Files are read from their start in each pass, so that what counts needs no memory of passes before; lines
 * that were sealed are known by their content and passed over. The vault is locked only while a pass lasts.
 */

enum {
    FILES_MAX = 64
};

struct followed {
    char *path;
    char *rotated; /* path.1 */
    uint64_t device, inode, size;
    bool was_rotated; /* the rest of the old file is read once more, under its new name */
};

static volatile sig_atomic_t asked_to_end;

static void note_signal(int number)
{
    (void)number;
    asked_to_end = 1;
}

/* Whether there is something new. */
static bool look(struct followed *file)
{
    struct stat st;
    if (!file->path || fstatat(AT_FDCWD, file->path, &st, 0) != 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    bool other = file->inode != 0 &&
                 ((uint64_t)st.st_ino != file->inode || (uint64_t)st.st_dev != file->device);
    bool changed = other || (uint64_t)st.st_size != file->size;
    file->was_rotated = file->was_rotated || other;
    file->device = (uint64_t)st.st_dev;
    file->inode = (uint64_t)st.st_ino;
    file->size = (uint64_t)st.st_size;
    return changed;
}

static uint64_t seconds(void)
{
    struct timespec at = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec;
}

static enum onus_code pass(struct seal_job *job, struct followed *files, size_t count,
        struct onus_error *err)
{
    char *words[2 * FILES_MAX];
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        if (!files[i].path || !files[i].rotated) {
            continue;
        }
        if (files[i].was_rotated && fstatat(AT_FDCWD, files[i].rotated, &st, 0) == 0) {
            words[made++] = files[i].rotated;
        }
        files[i].was_rotated = false;
        if (fstatat(AT_FDCWD, files[i].path, &st, 0) == 0) {
            words[made++] = files[i].path;
        }
    }
    if (made == 0) {
        return ONUS_OK;
    }
    enum onus_code code = seal_job_pass(job, words, made, err);
    if (code == ONUS_OK && job->sealed_count > 0) {
        (void)seal_complain(job);
        code = seal_print(job, err);
        (void)fflush(stdout);
    }
    seal_job_clear(job);
    return code;
}

/* Another process may hold the vault for a moment: that is no reason to end. */
static bool try_again(enum onus_code code)
{
    return code == ONUS_E_REFUSED;
}

static enum onus_code loop(struct seal_job *job, struct followed *files, size_t count,
        uint64_t interval, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    uint64_t last = 0;
    bool changed = true;
    for (size_t i = 0; i < count; i++) {
        (void)look(&files[i]);
    }
    while (code == ONUS_OK) {
        bool ending = asked_to_end != 0;
        for (size_t i = 0; i < count; i++) {
            changed = look(&files[i]) || changed;
        }
        if (changed && (ending || last == 0 || seconds() - last >= interval)) {
            code = pass(job, files, count, err);
            changed = try_again(code);
            last = seconds();
        } else if (!changed && seconds() - last >= interval && !ending) {
            code = seal_job_heartbeat(job, err);
            seal_job_clear(job);
            last = seconds();
        }
        code = try_again(code) ? ONUS_OK : code;
        if (ending) {
            break;
        }
        (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    return code;
}

enum onus_code seal_follow(struct seal_job *job, uint64_t interval, struct onus_error *err)
{
    const struct onus_arguments *arguments = job->arguments;
    struct followed files[FILES_MAX] = {{0}};
    if (arguments->word_count > FILES_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "at most %d files can be followed", FILES_MAX);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < arguments->word_count && code == ONUS_OK; i++) {
        char *path = arguments->words[i];
        char *folder = strdup(path);
        files[i].path = path;
        files[i].rotated = malloc(strlen(path) + 3);
        if (!folder || !files[i].rotated) {
            free(folder);
            code = onus_fail(err, ONUS_E_MEMORY, "out of memory");
            break;
        }
        (void)sprintf(files[i].rotated, "%s.1", path);
        char *slash = strrchr(folder, '/');
        if (slash) {
            slash[slash == folder ? 1 : 0] = '\0';
        }
        int at = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (at < 0) {
            code = onus_fail(err, ONUS_E_IO, "the folder of '%s' cannot be opened", path);
        } else {
            job->read[job->read_count++] = at;
        }
        free(folder);
    }
    struct sigaction action = {.sa_handler = note_signal};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (code == ONUS_OK) {
        code = loop(job, files, arguments->word_count, interval, err);
    }
    for (size_t i = 0; i < arguments->word_count; i++) {
        free(files[i].rotated);
    }
    return code;
}

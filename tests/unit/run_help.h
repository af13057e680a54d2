/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_RUN_HELP_H
#define ONUS_TESTS_RUN_HELP_H

/* Running another program as an oracle, in a directory of its own. */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <onus/base.h>

/*
 * Run argv with its output in out_path (NULL: nowhere) and its messages nowhere. The exit status, 127
 * when there is no such program.
 */
static inline int run_program(const char *const *argv, const char *out_path)
{
    posix_spawn_file_actions_t files;
    pid_t child = 0;
    int status = 0;
    if (posix_spawn_file_actions_init(&files) != 0) {
        return 127;
    }
    int failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    failed |= posix_spawn_file_actions_addopen(&files, 1, out_path ? out_path : "/dev/null",
            O_WRONLY | O_CREAT | O_TRUNC, 0600);
    failed |= posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    char *words[24] = {NULL};
    for (size_t i = 0; argv[i] && i + 1 < ONUS_COUNT(words); i++) {
        words[i] = strdup(argv[i]);
    }
    failed |= posix_spawnp(&child, words[0], &files, NULL, words, environ);
    for (size_t i = 0; words[i]; i++) {
        free(words[i]);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    if (failed != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return 127;
    }
    return WEXITSTATUS(status);
}

static inline bool write_file(const char *path, const void *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = file >= 0 && write(file, bytes, size) == (ssize_t)size;
    return file >= 0 && close(file) == 0 && good;
}

/* How many bytes were read, at most `room`; 0 when there is no such file. */
static inline size_t read_file(const char *path, void *out, size_t room)
{
    size_t size = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    for (ssize_t got = 1; file >= 0 && got > 0 && size < room; size += (size_t)got) {
        got = read(file, (char *)out + size, room - size);
        if (got < 0) {
            got = 0;
        }
    }
    if (file >= 0) {
        (void)close(file);
    }
    return size;
}

#endif

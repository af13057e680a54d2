/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum onus_code fail(struct onus_error *err, const struct onus_replace *replace,
        const char *what)
{
    int saved = errno;
    enum onus_code code = onus_fail(err, ONUS_E_IO, "'%s' %s", replace->path, what);
    if (err) {
        err->sys_errno = saved;
    }
    return code;
}

static int open_directory(const char *path, const char *name)
{
    if (name == path) {
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    char *folder = strndup(path, (size_t)(name - path));
    if (!folder) {
        return -1;
    }
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    return directory;
}

/* Renaming over a device, a folder or a link would take it away from everybody else who uses it. */
static bool may_be_replaced(int directory, const char *name)
{
    struct stat st;
    return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG(st.st_mode);
}

enum onus_code onus_replace_open(struct onus_replace *replace, const char *path,
        struct onus_error *err)
{
    const char *slash = strrchr(path, '/');
    *replace = (struct onus_replace){.path = path, .name = slash ? slash + 1 : path};
    if (replace->name[0] == '\0') {
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' is a folder, not a file", path);
    }
    int directory = open_directory(path, replace->name);
    if (directory < 0) {
        return fail(err, replace, "cannot be written: its folder cannot be opened");
    }
    if (!may_be_replaced(directory, replace->name)) {
        (void)close(directory);
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' is there and is no regular file", path);
    }
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        (void)snprintf(replace->temporary, sizeof(replace->temporary), ".onus-%ld-%u.tmp",
                (long)getpid(), attempt);
        int file = openat(directory, replace->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                0666);
        if (file >= 0) {
            replace->directory = directory;
            replace->file = file;
            return ONUS_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    enum onus_code code = fail(err, replace, "cannot be written");
    (void)close(directory);
    return code;
}

enum onus_code onus_replace_write(struct onus_replace *replace, struct onus_str bytes,
        struct onus_error *err)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(replace->file, bytes.ptr, bytes.len);
        if (wrote < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail(err, replace, "cannot be written");
        }
        bytes.ptr += wrote;
        bytes.len -= (size_t)wrote;
    }
    return ONUS_OK;
}

static void release(struct onus_replace *replace)
{
    (void)close(replace->file);
    (void)close(replace->directory);
    *replace = (struct onus_replace){.path = replace->path, .name = replace->name};
}

enum onus_code onus_replace_commit(struct onus_replace *replace, struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    if (fsync(replace->file) != 0 && errno != EINVAL && errno != ENOSYS) {
        code = fail(err, replace, "cannot be flushed to disk");
    } else if (renameat(replace->directory, replace->temporary, replace->directory,
                       replace->name) != 0) {
        code = fail(err, replace, "cannot be given its name");
    }
    if (code != ONUS_OK) {
        onus_replace_abort(replace);
        return code;
    }
    release(replace);
    return ONUS_OK;
}

void onus_replace_abort(struct onus_replace *replace)
{
    if (replace->file > 0) {
        (void)unlinkat(replace->directory, replace->temporary, 0);
        release(replace);
    }
}

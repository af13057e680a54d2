/* SPDX-License-Identifier: Apache-2.0 */
#include "durable.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef ONUS_TESTING
#include <stdatomic.h>

static atomic_long calls_left = -1;
static atomic_long calls_made;
static enum onus_fault fault_kind;

void onus_durable_fault_after(long n, enum onus_fault how)
{
    fault_kind = how;
    atomic_store(&calls_left, n < 0 ? -1 : n + 1);
}

long onus_durable_calls(void)
{
    return atomic_load(&calls_made);
}

/* True: the call must not be made and fails with errno. */
static bool faulty(void)
{
    atomic_fetch_add(&calls_made, 1);
    if (atomic_load(&calls_left) < 0 || atomic_fetch_sub(&calls_left, 1) != 1) {
        return false;
    }
    atomic_store(&calls_left, -1);
    if (fault_kind == ONUS_FAULT_KILL) {
        (void)kill(getpid(), SIGKILL);
    }
    errno = fault_kind == ONUS_FAULT_EIO ? EIO : ENOSPC;
    return true;
}

static bool faulty_write(int file, struct onus_str bytes, uint64_t offset, bool at_end)
{
    if (!faulty()) {
        return false;
    }
    if (fault_kind == ONUS_FAULT_SHORT) {
        ssize_t ignored = at_end ? write(file, bytes.ptr, bytes.len / 2)
                                 : pwrite(file, bytes.ptr, bytes.len / 2, (off_t)offset);
        (void)ignored;
        errno = ENOSPC;
    }
    return true;
}
#else
static inline bool faulty(void)
{
    return false;
}

static inline bool faulty_write(int file, struct onus_str bytes, uint64_t offset, bool at_end)
{
    (void)file;
    (void)bytes;
    (void)offset;
    (void)at_end;
    return false;
}
#endif

/* ---- the counted calls ----------------------------------------------------------------------- */

static bool put(int file, struct onus_str bytes, uint64_t offset)
{
    if (faulty_write(file, bytes, offset, false)) {
        return false;
    }
    while (bytes.len > 0) {
        ssize_t wrote = pwrite(file, bytes.ptr, bytes.len, (off_t)offset);
        if (wrote < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        bytes.ptr += wrote;
        bytes.len -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
    return true;
}

/* A file system without fsync (EINVAL) has nothing to offer; that is no failure of ours. */
static bool flush(int file)
{
    return !faulty() && (fsync(file) == 0 || errno == EINVAL || errno == ENOSYS);
}

static bool rename_in(int at, const char *from, const char *to)
{
    return !faulty() && renameat(at, from, at, to) == 0;
}

static bool unlink_in(int at, const char *path)
{
    return !faulty() && (unlinkat(at, path, 0) == 0 || errno == ENOENT);
}

static bool make_folder(int at, const char *path)
{
    return !faulty() && (mkdirat(at, path, 0700) == 0 || errno == EEXIST);
}

static bool cut(int file, uint64_t size)
{
    return !faulty() && ftruncate(file, (off_t)size) == 0;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static enum onus_code fail(struct onus_error *err, const char *path, const char *what)
{
    int saved = errno;
    enum onus_code code = onus_fail(err, ONUS_E_IO, "'%s' %s", path, what);
    if (err) {
        err->sys_errno = saved;
    }
    return code;
}

static enum onus_code temporary_of(const char *path, char out[static ONUS_PATH_MAX],
        struct onus_error *err)
{
    int length = snprintf(out, ONUS_PATH_MAX, "%s.tmp", path);
    if (length < 0 || length >= ONUS_PATH_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a path is longer than %d bytes", ONUS_PATH_MAX);
    }
    return ONUS_OK;
}

static bool flush_folder_of(int at, const char *path)
{
    char folder[ONUS_PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash && slash != path) {
        size_t length = (size_t)(slash - path);
        if (length >= sizeof(folder)) {
            errno = ENAMETOOLONG;
            return false;
        }
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    int descriptor = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    bool flushed = flush(descriptor);
    int saved = errno;
    (void)close(descriptor);
    errno = saved;
    return flushed;
}

/* ---- whole files ----------------------------------------------------------------------------- */

static int open_temporary(int at, const char *temporary, mode_t mode)
{
    if (!unlink_in(at, temporary)) {
        return -1;
    }
    int file = openat(at, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file >= 0 && fchmod(file, mode) != 0) {
        int saved = errno;
        (void)close(file);
        errno = saved;
        return -1;
    }
    return file;
}

enum onus_code onus_durable_write(int at, const char *path, struct onus_str bytes, mode_t mode,
        struct onus_error *err)
{
    char temporary[ONUS_PATH_MAX];
    enum onus_code code = temporary_of(path, temporary, err);
    if (code != ONUS_OK) {
        return code;
    }
    int file = open_temporary(at, temporary, mode);
    if (file < 0) {
        return fail(err, path, "cannot be written");
    }
    if (!put(file, bytes, 0)) {
        code = fail(err, path, "cannot be written");
    } else if (!flush(file)) {
        code = fail(err, path, "cannot be flushed to disk");
    } else if (!rename_in(at, temporary, path)) {
        code = fail(err, path, "cannot be given its name");
    }
    if (code != ONUS_OK) {
        (void)unlinkat(at, temporary, 0);
    } else if (!flush_folder_of(at, path)) {
        code = fail(err, path, "was written, but its folder cannot be flushed to disk");
    }
    (void)close(file);
    return code;
}

enum onus_code onus_durable_create(int at, const char *path, struct onus_str bytes, mode_t mode,
        struct onus_error *err)
{
    struct stat st;
    if (fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        return onus_fail(err, ONUS_E_REFUSED, "'%s' is there already", path);
    }
    if (errno != ENOENT) {
        return fail(err, path, "cannot be looked at");
    }
    return onus_durable_write(at, path, bytes, mode, err);
}

/* Zeros over all of it. True for no file. */
static bool overwrite(int file)
{
    static const char zeros[4096];
    struct stat st;
    if (file < 0) {
        return true;
    }
    if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    for (uint64_t at = 0; at < (uint64_t)st.st_size; at += sizeof(zeros)) {
        uint64_t left = (uint64_t)st.st_size - at;
        size_t size = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);
        if (!put(file, (struct onus_str){zeros, size}, at)) {
            return false;
        }
    }
    return flush(file);
}

enum onus_code onus_durable_replace(int at, const char *path, struct onus_str bytes, mode_t mode,
        struct onus_error *err)
{
    int old = openat(at, path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (old < 0 && errno != ENOENT) {
        return fail(err, path, "cannot be written");
    }
    enum onus_code code = onus_durable_write(at, path, bytes, mode, err);
    if (code == ONUS_OK && !overwrite(old)) {
        code = fail(err, path, "is replaced, but its old bytes cannot be overwritten");
    }
    if (old >= 0) {
        (void)close(old);
    }
    return code;
}

enum onus_code onus_durable_patch(int at, const char *path, uint64_t offset, struct onus_str bytes,
        struct onus_error *err)
{
    int file = openat(at, path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (file < 0) {
        return errno == ENOENT ? onus_fail(err, ONUS_E_MISSING, "'%s' is missing", path)
                               : fail(err, path, "cannot be written");
    }
    enum onus_code code = ONUS_OK;
    if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode) || offset > (uint64_t)st.st_size) {
        code = onus_fail(err, ONUS_E_IO, "'%s' is no regular file, or shorter than it was", path);
    } else if (!put(file, bytes, offset) || !flush(file)) {
        code = fail(err, path, "cannot be written");
    }
    (void)close(file);
    return code;
}

enum onus_code onus_durable_wipe(int at, const char *path, struct onus_error *err)
{
    int file = openat(at, path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR ? ONUS_OK
                                                   : fail(err, path, "cannot be overwritten");
    }
    bool done = overwrite(file);
    enum onus_code code = done ? ONUS_OK : fail(err, path, "cannot be overwritten");
    (void)close(file);
    return code == ONUS_OK ? onus_durable_remove(at, path, err) : code;
}

enum onus_code onus_durable_folder(int at, const char *path, struct onus_error *err)
{
    char part[ONUS_PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof(part)) {
        return onus_fail(err, ONUS_E_LIMIT, "a path is longer than %d bytes", ONUS_PATH_MAX);
    }
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        char kept = part[i];
        part[i] = '\0';
        struct stat st;
        bool there = fstatat(at, part, &st, 0) == 0;
        if (there && !S_ISDIR(st.st_mode)) {
            return onus_fail(err, ONUS_E_IO, "'%s' is no folder", part);
        }
        if (!there && !make_folder(at, part)) {
            return fail(err, part, "cannot be made");
        }
        /* Also when it was there: a crash may have come before the flush that followed its making. */
        if (!flush_folder_of(at, part)) {
            return fail(err, part, "cannot be flushed to disk");
        }
        part[i] = kept;
    }
    return ONUS_OK;
}

enum onus_code onus_durable_rename(int at, const char *from, const char *to, struct onus_error *err)
{
    if (!rename_in(at, from, to)) {
        return fail(err, to, "cannot be given its name");
    }
    if (!flush_folder_of(at, to) || !flush_folder_of(at, from)) {
        return fail(err, to, "has its name, but its folder cannot be flushed to disk");
    }
    return ONUS_OK;
}

enum onus_code onus_durable_remove(int at, const char *path, struct onus_error *err)
{
    if (!unlink_in(at, path)) {
        return fail(err, path, "cannot be removed");
    }
    if (!flush_folder_of(at, path) && errno != ENOENT) {
        return fail(err, path, "was removed, but its folder cannot be flushed to disk");
    }
    return ONUS_OK;
}

static enum onus_code read_open(int file, const char *path, size_t limit, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    struct stat st;
    if (fstat(file, &st) != 0) {
        return fail(err, path, "cannot be read");
    }
    if (!S_ISREG(st.st_mode)) {
        return onus_fail(err, ONUS_E_IO, "'%s' is no regular file", path);
    }
    if (st.st_size < 0 || (uint64_t)st.st_size > limit) {
        return onus_fail(err, ONUS_E_LIMIT, "'%s' has more than %zu bytes", path, limit);
    }
    size_t size = (size_t)st.st_size;
    char *bytes = onus_arena_alloc(arena, size + 1);
    if (!bytes) {
        return onus_arena_reason(arena, err);
    }
    size_t have = 0;
    while (have < size) {
        ssize_t got = pread(file, bytes + have, size - have, (off_t)have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(err, path, "cannot be read");
        }
        if (got == 0) {
            break; /* it shrank: what is there is what is there */
        }
        have += (size_t)got;
    }
    bytes[have] = '\0';
    *out = (struct onus_str){bytes, have};
    return ONUS_OK;
}

enum onus_code onus_durable_read(int at, const char *path, size_t limit, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    int file = openat(at, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return onus_fail(err, ONUS_E_MISSING, "'%s' is missing", path);
        }
        return fail(err, path, "cannot be read");
    }
    enum onus_code code = read_open(file, path, limit, arena, out, err);
    (void)close(file);
    return code;
}

enum onus_code onus_durable_exists(int at, const char *path, bool *out, struct onus_error *err)
{
    struct stat st;
    if (fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        *out = S_ISREG(st.st_mode);
        return ONUS_OK;
    }
    if (errno != ENOENT && errno != ENOTDIR) {
        return fail(err, path, "cannot be looked at");
    }
    *out = false;
    return ONUS_OK;
}

/* ---- in pieces ------------------------------------------------------------------------------- */

enum onus_code onus_durable_begin(struct onus_durable_file *file, int at, const char *path,
        struct onus_error *err)
{
    enum onus_code code = temporary_of(path, file->path, err);
    if (code != ONUS_OK) {
        return code;
    }
    int descriptor = open_temporary(at, file->path, 0600);
    if (descriptor < 0) {
        return fail(err, path, "cannot be written");
    }
    file->at = at;
    file->file = descriptor;
    return ONUS_OK;
}

enum onus_code onus_durable_put(const struct onus_durable_file *file, struct onus_str bytes,
        uint64_t offset, struct onus_error *err)
{
    return put(file->file, bytes, offset) ? ONUS_OK : fail(err, file->path, "cannot be written");
}

void onus_durable_hint(const struct onus_durable_file *file, uint64_t offset, uint64_t size)
{
    (void)sync_file_range(file->file, (off_t)offset, (off_t)size, SYNC_FILE_RANGE_WRITE);
}

enum onus_code onus_durable_settle(const struct onus_durable_file *file, uint64_t size,
        struct onus_error *err)
{
    if (!cut(file->file, size)) {
        return fail(err, file->path, "cannot be cut to its size");
    }
    if (!flush(file->file) || !flush_folder_of(file->at, file->path)) {
        return fail(err, file->path, "cannot be flushed to disk");
    }
    return ONUS_OK;
}

void onus_durable_leave(struct onus_durable_file *file)
{
    if (file->file > 0) {
        (void)close(file->file);
        file->file = 0;
    }
}

void onus_durable_abort(struct onus_durable_file *file)
{
    if (file->file > 0) {
        (void)unlinkat(file->at, file->path, 0);
        (void)close(file->file);
        file->file = 0;
    }
}

/* ---- growing --------------------------------------------------------------------------------- */

enum onus_code onus_append_open(struct onus_durable_append *append, int at, const char *path,
        uint64_t size, struct onus_error *err)
{
    int file = openat(at, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat st;
    if (file < 0) {
        return fail(err, path, "cannot be opened for writing");
    }
    enum onus_code code = ONUS_OK;
    if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode)) {
        code = onus_fail(err, ONUS_E_IO, "'%s' is no regular file", path);
    } else if ((uint64_t)st.st_size < size) {
        code = onus_fail(err, ONUS_E_MISSING, "'%s' is shorter than it was", path);
    } else if ((uint64_t)st.st_size > size && !cut(file, size)) {
        code = fail(err, path, "cannot be cut to its size");
    } else if (!flush_folder_of(at, path)) {
        code = fail(err, path, "cannot be flushed to disk");
    }
    if (code != ONUS_OK) {
        (void)close(file);
        return code;
    }
    *append = (struct onus_durable_append){.file = file, .size = size, .path = path};
    return ONUS_OK;
}

enum onus_code onus_append_add(struct onus_durable_append *append, struct onus_str bytes,
        struct onus_error *err)
{
    if (!put(append->file, bytes, append->size)) {
        enum onus_code code = fail(err, append->path, "cannot be written");
        int ignored = ftruncate(append->file, (off_t)append->size);
        (void)ignored;
        return code;
    }
    append->size += bytes.len;
    return ONUS_OK;
}

enum onus_code onus_append_sync(struct onus_durable_append *append, struct onus_error *err)
{
    if (faulty() || fdatasync(append->file) != 0) {
        return fail(err, append->path, "cannot be flushed to disk");
    }
    return ONUS_OK;
}

void onus_append_close(struct onus_durable_append *append)
{
    if (append->file > 0) {
        (void)close(append->file);
        append->file = 0;
    }
}

/* ---- one writer ------------------------------------------------------------------------------ */

enum onus_code onus_lock_take(int at, const char *path, int *lock, struct onus_error *err)
{
    int file = openat(at, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        return fail(err, path, "cannot be opened");
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        enum onus_code code =
                errno == EWOULDBLOCK
                        ? onus_fail(err, ONUS_E_REFUSED, "'%s' is held by another process", path)
                        : fail(err, path, "cannot be locked");
        (void)close(file);
        return code;
    }
    *lock = file;
    return ONUS_OK;
}

void onus_lock_release(int lock)
{
    if (lock > 0) {
        (void)close(lock);
    }
}

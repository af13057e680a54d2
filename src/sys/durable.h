/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_DURABLE_H
#define ONUS_SYS_DURABLE_H

/*
 * Files that are there whole or not at all after a crash, and folders that last.
 *
 * Every path is relative to an open directory (`at`), so that a process whose other rights are gone
 * can still write beneath it. What a call returned as written survives the loss of power, as far as
 * fsync(2) tells the truth.
 *
 * A file gets its bytes under the name NAME.tmp beside it. Who writes into a folder holds a lock on it
 * (onus_lock_take()), so one such name is enough, and a left one belongs to nobody: the next writer of
 * the same name removes it.
 *
 * Each write, fsync, rename, unlink, mkdir and truncation of this file passes one counted point.
 * Programs built for tests can make the n-th fail or die there (below).
 */

#include "base/arena.h"

#include <sys/types.h>

/* Longest path, with its zero. */
#define ONUS_PATH_MAX 4096

/*
 * Replace the file whole: NAME.tmp, write, fsync, rename, fsync of the folder. `mode` as in open(2),
 * not changed by the umask. Links are not followed. ONUS_E_IO with the reason in err->sys_errno; the
 * old file is then untouched, or already the new one when the folder could not be flushed.
 */
ONUS_NODISCARD enum onus_code onus_durable_write(int at, const char *path, struct onus_str bytes,
        mode_t mode, struct onus_error *err);

/*
 * As onus_durable_write(); the bytes of the file that is replaced are then overwritten where they lay. A
 * crash in between leaves them as they were, and so does a disk that puts new bytes elsewhere.
 */
ONUS_NODISCARD enum onus_code onus_durable_replace(int at, const char *path, struct onus_str bytes,
        mode_t mode, struct onus_error *err);

/*
 * Write bytes over others in place, at most up to just behind the end of the file. Not whole or nothing
 * after a crash: for a few bytes that a reader can tell from garbage. ONUS_E_MISSING: no such file.
 */
ONUS_NODISCARD enum onus_code onus_durable_patch(int at, const char *path, uint64_t offset,
        struct onus_str bytes, struct onus_error *err);

/* Overwrite a file with zeros, then remove it; ONUS_OK when it is not there. */
ONUS_NODISCARD enum onus_code onus_durable_wipe(int at, const char *path, struct onus_error *err);

/* As onus_durable_write(), but the file must not be there: ONUS_E_REFUSED when it is. */
ONUS_NODISCARD enum onus_code onus_durable_create(int at, const char *path, struct onus_str bytes,
        mode_t mode, struct onus_error *err);

/* Make the folder and those above it, beneath `at`, mode 0700; ONUS_OK when they are there. */
ONUS_NODISCARD enum onus_code onus_durable_folder(int at, const char *path, struct onus_error *err);

/* Give a file another name and flush both folders. A file of that name is replaced. */
ONUS_NODISCARD enum onus_code onus_durable_rename(int at, const char *from, const char *to,
        struct onus_error *err);

/* Remove a file and flush its folder; ONUS_OK when it is not there. */
ONUS_NODISCARD enum onus_code onus_durable_remove(int at, const char *path, struct onus_error *err);

/*
 * The whole file, terminated, in the arena. The bytes are read once, from one descriptor.
 *
 * ONUS_E_MISSING  no such file.
 * ONUS_E_LIMIT    more than `limit` bytes.
 * ONUS_E_IO       cannot be read, or is no regular file (a link, a device).
 */
ONUS_NODISCARD enum onus_code onus_durable_read(int at, const char *path, size_t limit,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err);

/* Whether a regular file of that name is there. A doubt (EACCES, EIO) is ONUS_E_IO, not "no". */
ONUS_NODISCARD enum onus_code onus_durable_exists(int at, const char *path, bool *out,
        struct onus_error *err);

/* ---- a file in pieces ------------------------------------------------------------------------ */

/* A whole file that is too large for memory. Zeroed: not open. One thread, but for _put(). */
struct onus_durable_file {
    int at;
    int file; /* 0: not open */
    char path[ONUS_PATH_MAX];
};

/* Start NAME.tmp of mode 0600. */
ONUS_NODISCARD enum onus_code onus_durable_begin(struct onus_durable_file *file, int at,
        const char *path, struct onus_error *err);
/* Write bytes at an offset. Several threads may write ranges that do not overlap. */
ONUS_NODISCARD enum onus_code onus_durable_put(const struct onus_durable_file *file,
        struct onus_str bytes, uint64_t offset, struct onus_error *err);
/* Let the kernel start writing what was put; no promise. */
void onus_durable_hint(const struct onus_durable_file *file, uint64_t offset, uint64_t size);
/*
 * Cut at `size` and flush; the file keeps its name NAME.tmp and stays open. What was settled is whole
 * when it is found after a crash.
 */
ONUS_NODISCARD enum onus_code onus_durable_settle(const struct onus_durable_file *file,
        uint64_t size, struct onus_error *err);
/* Close, leave it under the name NAME.tmp. */
void onus_durable_leave(struct onus_durable_file *file);
/* Close and remove the .tmp; safe when not open. */
void onus_durable_abort(struct onus_durable_file *file);

/* ---- a file that grows ----------------------------------------------------------------------- */

struct onus_durable_append {
    int file; /* 0: not open */
    uint64_t size;
    const char *path; /* as given; must outlive the struct */
};

/* Open for appending after `size` bytes; what stands behind them is cut off. Made when missing. */
ONUS_NODISCARD enum onus_code onus_append_open(struct onus_durable_append *append, int at,
        const char *path, uint64_t size, struct onus_error *err);
/* On failure the file is cut back to the size before; nothing half is left unless that fails too. */
ONUS_NODISCARD enum onus_code onus_append_add(struct onus_durable_append *append,
        struct onus_str bytes, struct onus_error *err);
ONUS_NODISCARD enum onus_code onus_append_sync(struct onus_durable_append *append,
        struct onus_error *err);
void onus_append_close(struct onus_durable_append *append);

/* ---- one writer ------------------------------------------------------------------------------ */

/*
 * Hold the lock file until onus_lock_release() or the end of the process (flock(2)).
 * ONUS_E_REFUSED: another process holds it.
 */
ONUS_NODISCARD enum onus_code onus_lock_take(int at, const char *path, int *lock,
        struct onus_error *err);
void onus_lock_release(int lock);

#ifdef ONUS_TESTING
/*
 * Let the next n counted calls succeed and do `how` at the one after; negative n: off. The count goes
 * on and can be read. ONUS_FAULT_SHORT writes half the bytes of a write and then fails with ENOSPC;
 * for other calls it is ENOSPC.
 */
enum onus_fault {
    ONUS_FAULT_EIO,
    ONUS_FAULT_ENOSPC,
    ONUS_FAULT_SHORT,
    ONUS_FAULT_KILL, /* SIGKILL to this process before the call */
};
void onus_durable_fault_after(long n, enum onus_fault how);
long onus_durable_calls(void);
#endif

#endif

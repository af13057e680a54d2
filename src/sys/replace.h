/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_REPLACE_H
#define ONUS_SYS_REPLACE_H

/*
 * Write a file whole or not at all: bytes go to a temporary name beside it, and only
 * onus_replace_commit() gives it its own. Whoever reads the path sees the old file or the new one.
 *
 * The directory is opened at the start, so that a sandboxed process can be left with this one
 * directory (onus_replace_directory()).
 */

#include <onus/error.h>

struct onus_replace {
    int directory;
    int file;
    char temporary[64]; /* name inside the directory */
    const char *path;   /* as given, for messages */
    const char *name;   /* its last part */
};

/*
 * `path` must outlive the struct. ONUS_E_IO when the directory or the file cannot be opened,
 * ONUS_E_ARGUMENT when the path is a folder, a device, a link or anything else but a regular file.
 */
ONUS_NODISCARD enum onus_code onus_replace_open(struct onus_replace *replace, const char *path,
        struct onus_error *err);

static inline int onus_replace_directory(const struct onus_replace *replace)
{
    return replace->directory;
}

ONUS_NODISCARD enum onus_code onus_replace_write(struct onus_replace *replace,
        struct onus_str bytes, struct onus_error *err);

/* Flush to disk and give the file its name. The struct is closed either way. */
ONUS_NODISCARD enum onus_code onus_replace_commit(struct onus_replace *replace,
        struct onus_error *err);

/* Drop what was written. Safe on a struct that was never opened (all zero) or is already closed. */
void onus_replace_abort(struct onus_replace *replace);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_WALK_H
#define ONUS_SYS_WALK_H

/*
 * From operands to files: a file is itself, a folder is walked to the bottom in byte order of the
 * names, a pattern (* ? [...]) that names no file is expanded, "-" is standard input. Hidden files of
 * a folder are read too; links to folders are not followed (no loops). A file that two operands name
 * is listed twice; who opens them tells by device and inode. A folder inside a folder that cannot be
 * read is listed itself, so that its name is told and the rest is read.
 */

#include "base/arena.h"

struct onus_walk_entry {
    const char *path; /* terminated, in the arena; "-" for standard input */
    struct onus_walk_entry *next;
};

struct onus_walk {
    struct onus_walk_entry *first;
    struct onus_walk_entry **last;
    size_t count;
};

/*
 * ONUS_E_MISSING  an operand names nothing, or a folder holds no file.
 * ONUS_E_IO       a folder that an operand names cannot be read.
 * ONUS_E_LIMIT    more than 1,000,000 files, or folders nested deeper than 64.
 */
ONUS_NODISCARD enum onus_code onus_walk(char *const *operands, size_t count,
        struct onus_arena *arena, struct onus_walk *out, struct onus_error *err);

#endif

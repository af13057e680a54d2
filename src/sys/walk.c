/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
    DEPTH_MAX = 64,
    FILES_MAX = 1000000
};

struct walker {
    struct onus_arena *arena;
    struct onus_walk *out;
    struct onus_error *err;
};

static enum onus_code add(struct walker *w, const char *path)
{
    if (w->out->count == FILES_MAX) {
        return onus_fail(w->err, ONUS_E_LIMIT, "more than %d files", FILES_MAX);
    }
    struct onus_walk_entry *entry = onus_arena_alloc(w->arena, sizeof(*entry));
    struct onus_str copy = ONUS_STR_NONE;
    if (!entry) {
        return onus_arena_reason(w->arena, w->err);
    }
    enum onus_code code = onus_arena_copy(w->arena, onus_str_of(path), &copy, w->err);
    if (code != ONUS_OK) {
        return code;
    }
    entry->path = copy.ptr;
    *w->out->last = entry;
    w->out->last = &entry->next;
    w->out->count++;
    return ONUS_OK;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static enum onus_code walk_folder(struct walker *w, const char *path, unsigned depth);

static enum onus_code walk_name(struct walker *w, const char *folder, const char *name,
        unsigned depth)
{
    char *path = NULL;
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    if (asprintf(&path, "%s%s%s", folder, slash, name) < 0) {
        return onus_fail(w->err, ONUS_E_MEMORY, "out of memory");
    }
    struct stat st;
    enum onus_code code = ONUS_OK;
    if (lstat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            code = walk_folder(w, path, depth + 1);
        } else if (S_ISREG(st.st_mode) ||
                   (S_ISLNK(st.st_mode) && stat(path, &st) == 0 && S_ISREG(st.st_mode))) {
            code = add(w, path);
        }
    }
    free(path);
    return code;
}

static enum onus_code walk_folder(struct walker *w, const char *path, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        return onus_fail(w->err, ONUS_E_LIMIT, "'%s' is nested deeper than %d folders", path,
                DEPTH_MAX);
    }
    struct dirent **names = NULL;
    int count = scandir(path, &names, not_dots, by_bytes);
    if (count < 0 && depth > 0) {
        return add(w, path); /* opening it fails too, and is told beside what could be read */
    }
    if (count < 0) {
        int saved = errno;
        enum onus_code code = onus_fail(w->err, ONUS_E_IO, "folder '%s' cannot be read", path);
        if (w->err) {
            w->err->sys_errno = saved;
        }
        return code;
    }
    enum onus_code code = ONUS_OK;
    for (int i = 0; i < count; i++) {
        if (code == ONUS_OK) {
            code = walk_name(w, path, names[i]->d_name, depth);
        }
        free(names[i]);
    }
    free(names);
    return code;
}

static enum onus_code walk_pattern(struct walker *w, const char *pattern)
{
    glob_t found = {0};
    int rc = glob(pattern, 0, NULL, &found); /* NOLINT(concurrency-mt-unsafe): before any thread */
    enum onus_code code = ONUS_OK;
    if (rc == GLOB_NOMATCH) {
        code = onus_fail(w->err, ONUS_E_MISSING, "no file matches '%s'", pattern);
    } else if (rc != 0) {
        code = onus_fail(w->err, ONUS_E_IO, "pattern '%s' cannot be expanded", pattern);
    }
    for (size_t i = 0; code == ONUS_OK && i < found.gl_pathc; i++) {
        struct stat st;
        if (stat(found.gl_pathv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            code = walk_folder(w, found.gl_pathv[i], 0);
        } else {
            code = add(w, found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return code;
}

static enum onus_code walk_operand(struct walker *w, const char *operand)
{
    struct stat st;
    if (strcmp(operand, "-") == 0) {
        return add(w, operand);
    }
    if (stat(operand, &st) != 0) {
        if (errno == ENOENT && strpbrk(operand, "*?[")) {
            return walk_pattern(w, operand);
        }
        int saved = errno;
        enum onus_code code = onus_fail(w->err, saved == ENOENT ? ONUS_E_MISSING : ONUS_E_IO,
                saved == ENOENT ? "'%s' does not exist" : "'%s' cannot be opened", operand);
        if (w->err) {
            w->err->sys_errno = saved;
        }
        return code;
    }
    if (!S_ISDIR(st.st_mode)) {
        return add(w, operand);
    }
    size_t before = w->out->count;
    enum onus_code code = walk_folder(w, operand, 0);
    if (code == ONUS_OK && w->out->count == before) {
        return onus_fail(w->err, ONUS_E_MISSING, "folder '%s' holds no file", operand);
    }
    return code;
}

enum onus_code onus_walk(char *const *operands, size_t count, struct onus_arena *arena,
        struct onus_walk *out, struct onus_error *err)
{
    *out = (struct onus_walk){0};
    out->last = &out->first;
    struct walker w = {arena, out, err};
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < count; i++) {
        code = walk_operand(&w, operands[i]);
    }
    return code;
}

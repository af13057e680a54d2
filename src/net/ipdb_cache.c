/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"
#include "ipdb_source.h"
#include "sys/replace.h"

enum {
    DIRECTORY_MODE = 0700,
    STEM_MAX = 120
};

static bool user_directory(const char *variable, const char *below_home, char *out)
{
    const char *base = getenv(variable); /* NOLINT(concurrency-mt-unsafe): before any thread */
    int n = 0;
    if (base && base[0] == '/') { /* the XDG specification has relative ones ignored */
        n = snprintf(out, ONUS_IPDB_PATH, "%s/onus/ipdb", base);
    } else {
        base = getenv("HOME"); /* NOLINT(concurrency-mt-unsafe): before any thread */
        if (!base || base[0] != '/') {
            return false;
        }
        n = snprintf(out, ONUS_IPDB_PATH, "%s/%s/onus/ipdb", base, below_home);
    }
    return n > 0 && n < ONUS_IPDB_PATH;
}

bool onus_ipdb_data_directory(char out[static ONUS_IPDB_PATH])
{
    return user_directory("XDG_DATA_HOME", ".local/share", out);
}

static bool make_directories(const char *path)
{
    char part[ONUS_IPDB_PATH];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(part)) {
        return false;
    }
    for (size_t i = 1; i <= len; i++) {
        if (i < len && path[i] != '/') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, DIRECTORY_MODE) != 0 && errno != EEXIST) {
            return false;
        }
    }
    return true;
}

enum onus_code onus_ipdb_cache_write(const char *directory, const char *name, struct onus_str bytes,
        struct onus_error *err)
{
    char path[ONUS_IPDB_PATH];
    int n = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (n < 0 || n >= ONUS_IPDB_PATH) {
        return onus_fail(err, ONUS_E_LIMIT, "the path of '%s' is too long", name);
    }
    if (!make_directories(directory)) {
        return onus_fail(err, ONUS_E_IO, "cannot make the directory '%s': %s", directory,
                strerrordesc_np(errno));
    }
    struct onus_replace file = {.path = NULL};
    enum onus_code code = onus_replace_open(&file, path, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = onus_replace_write(&file, bytes, err);
    if (code != ONUS_OK) {
        onus_replace_abort(&file);
        return code;
    }
    return onus_replace_commit(&file, err);
}

/* A directory without a write bit is left alone, by root too: its owner said so. */
static bool may_write_in(const char *directory)
{
    struct stat st;
    return stat(directory, &st) == 0 && (st.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) != 0 &&
           access(directory, W_OK | X_OK) == 0;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20) {
            return true;
        }
    }
    return false;
}

/* The compiled name of a source: readable, and different for equal names in different folders. */
static bool compiled_name(const char *path, char *out, size_t room)
{
    char whole[ONUS_IPDB_PATH];
    if (!realpath(path, whole) || has_control(path)) {
        return false;
    }
    struct onus_str name = onus_ipdb_base_name(path);
    int n = snprintf(out, room, "%.*s-%016llx.ipdb",
            (int)(name.len < STEM_MAX ? name.len : STEM_MAX), name.ptr,
            (unsigned long long)onus_hash_stable(ONUS_HASH_STABLE_INIT, whole, strlen(whole)));
    return n > 0 && (size_t)n < room;
}

static bool open_fitting(const char *directory, const char *name, uint64_t key, bool lazily,
        struct onus_ipdb_file *out)
{
    char path[ONUS_IPDB_PATH];
    int n = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (n < 0 || n >= ONUS_IPDB_PATH) {
        return false;
    }
    enum onus_code code = lazily ? onus_ipdb_file_open_lazily(path, out, NULL)
                                 : onus_ipdb_file_open(path, out, NULL);
    if (code != ONUS_OK) {
        return false;
    }
    if (out->about.source_key != key) {
        onus_ipdb_file_close(out);
        return false;
    }
    return true;
}

struct places {
    char at[2][ONUS_IPDB_PATH]; /* beside the sources, the user's cache */
    bool usable[2];
};

static void find_places(const char *beside, struct places *out)
{
    *out = (struct places){.usable = {false, false}};
    if (beside) {
        int n = snprintf(out->at[0], ONUS_IPDB_PATH, "%s/.onus", beside);
        out->usable[0] = n > 0 && n < ONUS_IPDB_PATH && may_write_in(beside);
    }
    out->usable[1] = user_directory("XDG_CACHE_HOME", ".cache", out->at[1]);
}

enum onus_code onus_ipdb_cache_open(const char *path, const char *beside, bool lazily,
        struct onus_ipdb_file *out, struct onus_error *err)
{
    struct places places;
    char name[256];
    uint64_t key = 0;
    enum onus_code code = onus_ipdb_source_key(path, &key, err);
    if (code != ONUS_OK) {
        return code;
    }
    find_places(beside, &places);
    bool named = compiled_name(path, name, sizeof(name));
    for (size_t i = 0; i < 2 && named; i++) {
        if (places.at[i][0] != '\0' && open_fitting(places.at[i], name, key, lazily, out)) {
            return ONUS_OK;
        }
    }
    struct onus_buffer bytes = {.limit = 0};
    code = onus_ipdb_source_compile(path, NULL, &bytes, err);
    for (size_t i = 0; i < 2 && named && code == ONUS_OK; i++) {
        if (places.usable[i] && onus_ipdb_cache_write(places.at[i], name, onus_buffer_view(&bytes),
                                        NULL) == ONUS_OK) {
            if (open_fitting(places.at[i], name, key, lazily, out)) {
                onus_buffer_clear(&bytes);
                return ONUS_OK;
            }
            break;
        }
    }
    if (code == ONUS_OK) {
        code = onus_ipdb_file_take(&bytes, out, err);
    }
    onus_buffer_clear(&bytes);
    return code;
}

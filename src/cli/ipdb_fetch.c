/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ipdb_fetch.h"

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "net/ipdb.h"
#include "net/ipdb_date.h"

struct package {
    const char *name;
    const char *archive; /* how its archive's name begins */
    const char *files[2];
};

static const struct package packages[] = {
        {"@ip-location-db/asn", "ip-location-db-asn-", {"asn-ipv4", "asn-ipv6"}},
        {"@ip-location-db/asn-country", "ip-location-db-asn-country-",
                {"asn-country-ipv4", "asn-country-ipv6"}},
};

/* Run a program and wait for it; its output goes to stderr. */
static enum onus_code run_program(const char *const *words, struct onus_error *err)
{
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    char *copies[12] = {NULL};
    for (size_t i = 0; words[i] && i + 1 < ONUS_COUNT(copies); i++) {
        copies[i] = strdup(words[i]);
    }
    int problem = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    problem = problem != 0 ? problem
                           : posix_spawnp(&child, words[0], &actions, NULL, copies, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; i < ONUS_COUNT(copies); i++) {
        free(copies[i]);
    }
    if (problem == ENOENT) {
        return onus_fail(err, ONUS_E_MISSING,
                "'%s' is not installed; 'onus ipdb add FILE' takes tables got by other means",
                words[0]);
    }
    int status = 0;
    while (problem == 0 && waitpid(child, &status, 0) < 0) {
        problem = errno == EINTR ? 0 : errno;
    }
    if (problem != 0) {
        return onus_fail(err, ONUS_E_IO, "cannot run '%s': %s", words[0], strerrordesc_np(problem));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return onus_fail(err, ONUS_E_PEER, "'%s' failed", words[0]);
    }
    return ONUS_OK;
}

/* The archive npm left for a package: its name is <archive><version>.tgz. */
static bool find_archive(const char *folder, const struct package *package, char *out, size_t room,
        struct onus_ipdb_date *date)
{
    DIR *dir = opendir(folder);
    bool found = false;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && !found; entry = readdir(dir)) {
        struct onus_str version = onus_str_of(entry->d_name);
        if (!onus_str_skip(&version, onus_str_of(package->archive)) || version.len == 0 ||
                !onus_is_digit(version.ptr[0]) || !onus_str_drop(&version, ONUS_STR(".tgz"))) {
            continue;
        }
        int n = snprintf(out, room, "%s/%s", folder, entry->d_name);
        found = n > 0 && (size_t)n < room && onus_ipdb_date_from_version(version, date);
    }
    if (dir) {
        (void)closedir(dir);
    }
    return found;
}

static enum onus_code add_file(const char *folder, const char *stem, const char *date,
        const char *directory, bool tell, struct onus_error *err)
{
    char path[ONUS_IPDB_PATH];
    char written[ONUS_IPDB_PATH];
    int n = snprintf(path, sizeof(path), "%s/package/%s.csv", folder, stem);
    if (n < 0 || n >= ONUS_IPDB_PATH) {
        return onus_fail(err, ONUS_E_LIMIT, "the path of '%s' is too long", stem);
    }
    enum onus_code code = onus_ipdb_add(path, date, directory, written, err);
    if (code == ONUS_OK && tell) {
        (void)printf("%s\n", written);
    }
    return code;
}

static enum onus_code fetch_package(const char *folder, const struct package *package,
        const char *directory, bool tell, struct onus_error *err)
{
    const char *pack[] = {"npm", "pack", "--silent", "--pack-destination", folder, package->name,
            NULL};
    enum onus_code code = run_program(pack, err);
    char archive[ONUS_IPDB_PATH];
    struct onus_ipdb_date date;
    if (code == ONUS_OK && !find_archive(folder, package, archive, sizeof(archive), &date)) {
        code = onus_fail(err, ONUS_E_FORMAT, "no archive with a date in its version");
    }
    if (code == ONUS_OK) {
        const char *unpack[] = {"tar", "-xzf", archive, "-C", folder, "--no-same-owner", NULL};
        code = run_program(unpack, err);
    }
    for (size_t i = 0; i < ONUS_COUNT(package->files) && code == ONUS_OK; i++) {
        code = add_file(folder, package->files[i], date.text, directory, tell, err);
    }
    if (code != ONUS_OK) {
        onus_context(err, "package '%s'", package->name);
    }
    return code;
}

enum onus_code onus_ipdb_fetch(const char *directory, bool tell, struct onus_error *err)
{
    const char *base = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): one thread */
    char folder[ONUS_IPDB_PATH / 2];
    int n = snprintf(folder, sizeof(folder), "%s/onus-fetch-XXXXXX",
            base && base[0] == '/' ? base : "/tmp");
    if (n < 0 || (size_t)n >= sizeof(folder) || !mkdtemp(folder)) {
        return onus_fail(err, ONUS_E_IO, "cannot make a temporary folder");
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < ONUS_COUNT(packages) && code == ONUS_OK; i++) {
        code = fetch_package(folder, &packages[i], directory, tell, err);
    }
    const char *clean[] = {"rm", "-rf", "--", folder, NULL};
    enum onus_code cleaned = run_program(clean, code == ONUS_OK ? err : NULL);
    return code == ONUS_OK ? cleaned : code;
}

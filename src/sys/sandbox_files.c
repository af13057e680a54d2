/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_walls.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12 headers stop at ABI 2; these values are part of the stable kernel ABI. */
enum {
    ABI_REFER = 2,
    ABI_TRUNCATE = 3,
    ABI_NET = 4,
    ABI_IOCTL = 5,
    ABI_SCOPE = 6
};
#define ACCESS_TRUNCATE  (1ULL << 14)
#define ACCESS_IOCTL_DEV (1ULL << 15)
#define ACCESS_NET_ALL   3ULL /* TCP bind and connect */
#define SCOPE_ALL        3ULL /* abstract sockets and signals */
#define ACCESS_ABI_1     ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

struct ruleset {
    uint64_t files;
    uint64_t net;
    uint64_t scope;
};

static enum onus_code refuse(struct onus_error *err, const char *what, int sys_errno)
{
    enum onus_code code = onus_fail(err, ONUS_E_REFUSED, "sandbox: %s", what);
    if (err) {
        err->sys_errno = sys_errno;
    }
    return code;
}

/* Everything this kernel can forbid. */
static struct ruleset all_of(long abi)
{
    struct ruleset rules = {.files = ACCESS_ABI_1};
    rules.files |= abi >= ABI_REFER ? LANDLOCK_ACCESS_FS_REFER : 0;
    rules.files |= abi >= ABI_TRUNCATE ? ACCESS_TRUNCATE : 0;
    rules.files |= abi >= ABI_IOCTL ? ACCESS_IOCTL_DEV : 0;
    rules.net = abi >= ABI_NET ? ACCESS_NET_ALL : 0;
    rules.scope = abi >= ABI_SCOPE ? SCOPE_ALL : 0;
    return rules;
}

static size_t size_of(long abi)
{
    if (abi >= ABI_SCOPE) {
        return sizeof(struct ruleset);
    }
    return abi >= ABI_NET ? offsetof(struct ruleset, scope) : offsetof(struct ruleset, net);
}

static uint64_t reading(bool directory)
{
    return LANDLOCK_ACCESS_FS_READ_FILE | (directory ? LANDLOCK_ACCESS_FS_READ_DIR : 0);
}

static uint64_t writing(bool directory)
{
    uint64_t file = reading(directory) | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE;
    return directory ? file | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                               LANDLOCK_ACCESS_FS_REMOVE_FILE
                     : file;
}

static bool keep_reachable(int ruleset, uint64_t handled, const int *fds, size_t count,
        uint64_t (*rights)(bool directory))
{
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        if (fstat(fds[i], &st) != 0) {
            return false;
        }
        struct landlock_path_beneath_attr beneath = {
                .allowed_access = rights(S_ISDIR(st.st_mode)) & handled,
                .parent_fd = fds[i],
        };
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) {
            return false;
        }
    }
    return true;
}

enum onus_code onus_sandbox_files(const struct onus_sandbox_keep *keep, struct onus_error *err)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        return refuse(err, "this kernel does not offer Landlock", errno);
    }
    struct ruleset rules = all_of(abi);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size_of(abi), 0);
    if (ruleset < 0) {
        return refuse(err, "cannot create a Landlock ruleset", errno);
    }
    bool ok = keep_reachable(ruleset, rules.files, keep->read, keep->read_count, reading) &&
              keep_reachable(ruleset, rules.files, keep->write, keep->write_count, writing) &&
              syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    int saved = errno;
    (void)close(ruleset);
    return ok ? ONUS_OK : refuse(err, "cannot apply the Landlock ruleset", saved);
}

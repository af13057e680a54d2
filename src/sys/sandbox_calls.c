/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_walls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a parser does: read and write what is open, use memory, look at the clock, end. */
static const int parse_calls[] = {
        SCMP_SYS(read),
        SCMP_SYS(pread64),
        SCMP_SYS(readv),
        SCMP_SYS(preadv),
        SCMP_SYS(write),
        SCMP_SYS(writev),
        SCMP_SYS(pwrite64),
        SCMP_SYS(lseek),
        SCMP_SYS(fstat),
        SCMP_SYS(close),
        SCMP_SYS(dup),
        SCMP_SYS(fsync),
        SCMP_SYS(fdatasync),
        SCMP_SYS(ftruncate),
        SCMP_SYS(fadvise64),
        SCMP_SYS(brk),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(mincore),
        SCMP_SYS(futex),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(clock_getres),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(nanosleep),
        SCMP_SYS(clock_nanosleep),
        SCMP_SYS(getrandom),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigaction),
        SCMP_SYS(sigaltstack),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(restart_syscall),
        SCMP_SYS(poll),
        SCMP_SYS(ppoll),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(getrusage),
        SCMP_SYS(times),
        SCMP_SYS(sysinfo),
        SCMP_SYS(uname),
        SCMP_SYS(getcpu),
        SCMP_SYS(sched_getaffinity),
        SCMP_SYS(sched_yield),
};

/* What glibc does to start, name and end a thread, besides clone. */
static const int thread_calls[] = {
        SCMP_SYS(set_robust_list),
        SCMP_SYS(get_robust_list),
        SCMP_SYS(rseq),
        SCMP_SYS(membarrier),
        SCMP_SYS(sched_getparam),
        SCMP_SYS(sched_getscheduler),
        SCMP_SYS(sched_setaffinity),
};

/* What makes new files and folders beneath the directories kept for writing, one writer at a time. */
static const int write_calls[] = {
        SCMP_SYS(renameat),
        SCMP_SYS(renameat2),
        SCMP_SYS(unlinkat),
        SCMP_SYS(fchmod),
        SCMP_SYS(fallocate),
        SCMP_SYS(sync_file_range),
        SCMP_SYS(mkdirat),
        SCMP_SYS(flock),
};

/* What a server does with sockets it has, besides sendto. */
static const int serve_calls[] = {
        SCMP_SYS(accept4),
        SCMP_SYS(recvfrom),
        SCMP_SYS(recvmsg),
        SCMP_SYS(shutdown),
        SCMP_SYS(setsockopt),
        SCMP_SYS(getsockopt),
        SCMP_SYS(getsockname),
        SCMP_SYS(getpeername),
        SCMP_SYS(epoll_ctl),
        SCMP_SYS(epoll_wait),
        SCMP_SYS(epoll_pwait),
        SCMP_SYS(sendmsg),
};

/* Nobody probes these by accident. */
static const int deadly_calls[] = {
        SCMP_SYS(execve),
        SCMP_SYS(execveat),
        SCMP_SYS(fork),
        SCMP_SYS(vfork),
        SCMP_SYS(socket),
        SCMP_SYS(socketpair),
        SCMP_SYS(connect),
        SCMP_SYS(bind),
        SCMP_SYS(listen),
        SCMP_SYS(ptrace),
        SCMP_SYS(process_vm_readv),
        SCMP_SYS(process_vm_writev),
        SCMP_SYS(pidfd_getfd),
        SCMP_SYS(kill),
        SCMP_SYS(pkey_mprotect),
        SCMP_SYS(memfd_create),
        SCMP_SYS(io_uring_setup),
        SCMP_SYS(bpf),
        SCMP_SYS(perf_event_open),
        SCMP_SYS(userfaultfd),
        SCMP_SYS(keyctl),
        SCMP_SYS(mount),
        SCMP_SYS(unshare),
        SCMP_SYS(setns),
        SCMP_SYS(init_module),
        SCMP_SYS(finit_module),
        SCMP_SYS(kexec_load),
};

/* Libraries look for files; tell them "no". */
static const int soft_denied[] = {
        SCMP_SYS(open),
        SCMP_SYS(stat),
        SCMP_SYS(lstat),
        SCMP_SYS(statx),
        SCMP_SYS(access),
        SCMP_SYS(faccessat),
        SCMP_SYS(faccessat2),
        SCMP_SYS(readlink),
        SCMP_SYS(readlinkat),
};

static int each(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = seccomp_rule_add(filter, action, calls[i], 0);
    }
    return rc;
}

/* One action when all bits of `mask` in argument `arg` are `bits`, another when they are not. */
static int split(scmp_filter_ctx filter, int call, unsigned arg, uint32_t mask, uint32_t yes,
        uint32_t no)
{
    int rc = seccomp_rule_add(filter, yes, call, 1, SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, mask));
    return rc == 0 ? seccomp_rule_add(filter, no, call, 1,
                             SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, 0))
                   : rc;
}

/* Only the harmless requests of calls that can do anything. Others fail with ENOSYS. */
static int add_narrow_rules(scmp_filter_ctx filter)
{
    const struct {
        int call;
        unsigned arg;
        uint64_t value;
    } narrow[] = {
            {SCMP_SYS(ioctl), 1, TCGETS}, /* stdio asks whether stdout is a terminal */
            {SCMP_SYS(ioctl), 1, TIOCGWINSZ}, {SCMP_SYS(fcntl), 1, F_GETFL},
            {SCMP_SYS(fcntl), 1, F_GETFD}, {SCMP_SYS(fcntl), 1, F_SETFD},
            {SCMP_SYS(fcntl), 1, F_DUPFD_CLOEXEC}, {SCMP_SYS(prlimit64), 2, 0}, /* ask, not set */
            {SCMP_SYS(tgkill), 0, (uint64_t)getpid()},                          /* abort() */
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ONUS_COUNT(narrow); i++) {
        struct scmp_arg_cmp is = {narrow[i].arg, SCMP_CMP_EQ, narrow[i].value, 0};
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, narrow[i].call, 1, is);
    }
    return rc;
}

static int add_memory_rules(scmp_filter_ctx filter)
{
    int rc = split(filter, SCMP_SYS(mmap), 2, PROT_EXEC, SCMP_ACT_KILL_PROCESS, SCMP_ACT_ALLOW);
    return rc == 0 ? split(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, SCMP_ACT_KILL_PROCESS,
                             SCMP_ACT_ALLOW)
                   : rc;
}

/*
 * The flags of clone3 lie in memory, where a filter cannot look. It stays unlisted and so fails with
 * ENOSYS; glibc then uses clone, whose flags are an argument.
 */
static int add_thread_rules(scmp_filter_ctx filter, bool threads)
{
    if (!threads) {
        return seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 0);
    }
    int rc = split(filter, SCMP_SYS(clone), 0, CLONE_THREAD, SCMP_ACT_ALLOW, SCMP_ACT_KILL_PROCESS);
    return rc == 0 ? each(filter, SCMP_ACT_ALLOW, thread_calls, ONUS_COUNT(thread_calls)) : rc;
}

/* An address to send to is refused: with a datagram socket left open it would be a way out. */
static int add_socket_rules(scmp_filter_ctx filter, bool serves)
{
    if (!serves) {
        int rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(sendto), 0);
        return rc == 0 ? seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(sendmsg), 0) : rc;
    }
    const struct scmp_arg_cmp no_address = {4, SCMP_CMP_EQ, 0, 0};
    const struct scmp_arg_cmp set_flags = {1, SCMP_CMP_EQ, F_SETFL, 0};
    int rc = each(filter, SCMP_ACT_ALLOW, serve_calls, ONUS_COUNT(serve_calls));
    if (rc == 0) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, no_address);
    }
    if (rc == 0) { /* new connections are made non-blocking */
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, set_flags);
    }
    return rc;
}

/* Paths: Landlock decides which; the filter decides what may be asked at all. */
static int add_path_rules(scmp_filter_ctx filter, const struct onus_sandbox_keep *keep)
{
    const uint32_t no = SCMP_ACT_ERRNO(EACCES);
    if (keep->read_count == 0 && keep->write_count == 0) {
        int rc = seccomp_rule_add(filter, no, SCMP_SYS(openat), 0);
        return rc == 0 ? split(filter, SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, SCMP_ACT_ALLOW, no)
                       : rc;
    }
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 0);
    if (rc == 0) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getdents64), 0);
    }
    if (rc != 0) {
        return rc;
    }
    if (keep->write_count > 0) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0);
        return rc == 0 ? each(filter, SCMP_ACT_ALLOW, write_calls, ONUS_COUNT(write_calls)) : rc;
    }
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
            SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
}

static int add_rules(scmp_filter_ctx filter, enum onus_sandbox_profile profile,
        const struct onus_sandbox_keep *keep)
{
    int rc = each(filter, SCMP_ACT_ALLOW, parse_calls, ONUS_COUNT(parse_calls));
    if (rc == 0) {
        rc = each(filter, SCMP_ACT_KILL_PROCESS, deadly_calls, ONUS_COUNT(deadly_calls));
    }
    if (rc == 0) {
        rc = each(filter, SCMP_ACT_ERRNO(EACCES), soft_denied, ONUS_COUNT(soft_denied));
    }
    if (rc == 0) {
        rc = add_narrow_rules(filter);
    }
    if (rc == 0) {
        rc = add_memory_rules(filter);
    }
    if (rc == 0) {
        rc = add_thread_rules(filter, profile == ONUS_SANDBOX_WORKER);
    }
    if (rc == 0) {
        rc = add_socket_rules(filter, profile == ONUS_SANDBOX_SERVE);
    }
    return rc == 0 ? add_path_rules(filter, keep) : rc;
}

static enum onus_code refuse(struct onus_error *err, const char *what, int sys_errno)
{
    enum onus_code code = onus_fail(err, ONUS_E_REFUSED, "sandbox: %s", what);
    if (err) {
        err->sys_errno = sys_errno;
    }
    return code;
}

enum onus_code onus_sandbox_calls(enum onus_sandbox_profile profile,
        const struct onus_sandbox_keep *keep, struct onus_error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!filter) {
        return refuse(err, "cannot build a system call filter", ENOMEM);
    }
    int rc = add_rules(filter, profile, keep);
    if (rc == 0) {
        rc = seccomp_load(filter);
    }
    seccomp_release(filter);
    return rc == 0 ? ONUS_OK : refuse(err, "this kernel does not filter system calls", -rc);
}

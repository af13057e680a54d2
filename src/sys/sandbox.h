/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SYS_SANDBOX_H
#define ONUS_SYS_SANDBOX_H

#include <onus/error.h>

/*
 * Give up, for the rest of this process's life, everything it does not need.
 *
 * Order of work in every command that reads foreign bytes: open what you will read and write, call
 * onus_sandbox_enter(), only then look at the first byte and make the first thread.
 *
 * Two walls of the kernel, independent of each other: Landlock takes away the file system, seccomp
 * the system calls. A call that a parser taken over would try (run a program, leave a child, open a
 * socket, map code, look into another process) ends the process with SIGSYS; any other call outside
 * the profile fails with ENOSYS or EACCES, because libraries probe and a probe must not end the work.
 */
enum onus_sandbox_profile {
    ONUS_SANDBOX_PARSE,  /* memory and already-open descriptors, nothing else */
    ONUS_SANDBOX_WORKER, /* as PARSE, plus threads */
    ONUS_SANDBOX_SERVE,  /* as PARSE, plus taking connections and talking on sockets that are open;
                            a new socket, bind, listen and connect end the process all the same */
};

/*
 * What stays reachable by path: descriptors of open directories (or files). They may be closed after
 * the call. Whatever is not beneath one of them is out of reach.
 */
struct onus_sandbox_keep {
    const int *read; /* files beneath may be opened for reading, directories listed */
    size_t read_count;
    const int *write; /* files beneath may also be made, written, renamed, removed; folders made */
    size_t write_count;
};

/*
 * ONUS_OK         the kernel now enforces the profile.
 * ONUS_E_REFUSED  the kernel cannot enforce all of it; err says which part is missing, the other
 *                 part is in force. The caller should stop, or follow docs/threat-model.md.
 * ONUS_E_BUG      there is more than one thread already.
 */
ONUS_NODISCARD enum onus_code onus_sandbox_enter(enum onus_sandbox_profile profile,
        struct onus_error *err);

/* As onus_sandbox_enter(), but some of the file system stays reachable. NULL keeps nothing. */
ONUS_NODISCARD enum onus_code onus_sandbox_enter_keeping(enum onus_sandbox_profile profile,
        const struct onus_sandbox_keep *keep, struct onus_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/findings.h"
#include "trace/netfilter.h"

/* Kernel lines: the packet filter, and crashes that attacks on privileged programs leave. */

static bool takes(struct onus_str program)
{
    return onus_str_eq(program, ONUS_STR("kernel"));
}

/* "[50028442.088484] " */
static void skip_clock(struct onus_str *s)
{
    struct onus_str rest = *s;
    uint64_t part = 0;
    if (!onus_str_skip(&rest, ONUS_STR("["))) {
        return;
    }
    while (onus_str_skip(&rest, ONUS_STR(" "))) {
    }
    if (onus_str_take_u64(&rest, &part) && onus_str_skip(&rest, ONUS_STR(".")) &&
            onus_str_take_u64(&rest, &part) && onus_str_skip(&rest, ONUS_STR("]"))) {
        (void)onus_str_skip(&rest, ONUS_STR(" "));
        *s = rest;
    }
}

static bool runs_with_privilege(struct onus_str program)
{
    static const struct onus_str names[] = {
            {"su", 2},
            {"sudo", 4},
            {"passwd", 6},
            {"mount", 5},
            {"umount", 6},
            {"chsh", 4},
            {"chfn", 4},
            {"newgrp", 6},
            {"gpasswd", 7},
            {"pkexec", 6},
            {"fusermount", 10},
            {"fusermount3", 11},
            {"ping", 4},
            {"at", 2},
            {"crontab", 7},
            {"Xorg", 4},
            {"ssh-keysign", 11},
            {"doas", 4},
    };
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        if (onus_str_eq(program, names[i])) {
            return true;
        }
    }
    return false;
}

/*
 * "su[1433535]: segfault at ... in ld-linux-x86-64.so.2[...]": a program that runs with privilege
 * crashed inside the dynamic loader, before its own code: the mark of CVE-2023-4911.
 */
static enum onus_line_verdict parse_crash(struct onus_str text, struct onus_event *event)
{
    struct onus_str rest = text;
    struct onus_str program = ONUS_STR_NONE;
    struct onus_str pid = ONUS_STR_NONE;
    if (!onus_str_cut(&rest, '[', &program) || !onus_str_cut(&rest, ']', &pid) ||
            !onus_str_begins(rest, ONUS_STR(": segfault at ")) || !runs_with_privilege(program) ||
            !onus_str_has(rest, ONUS_STR(" in ld-linux"))) {
        return ONUS_LINE_IGNORED;
    }
    event->kind = ONUS_EVENT_ALERT;
    event->service = ONUS_SERVICE_LOCAL;
    event->outcome = ONUS_OUTCOME_UNKNOWN;
    event->findings |= ONUS_FINDING_BIT(ONUS_FINDING_LOCAL_EXPLOIT);
    event->target = program;
    event->detail = ONUS_STR("privileged program crashed in the dynamic loader");
    event->rule = "segfault in ld-linux";
    return ONUS_LINE_PARSED;
}

static enum onus_line_verdict parse(const struct onus_parse_context *context,
        struct onus_str message, struct onus_event *event)
{
    (void)context;
    skip_clock(&message);
    if (onus_str_has(message, ONUS_STR(" SRC="))) {
        return onus_netfilter_parse(message, event);
    }
    if (onus_str_has(message, ONUS_STR("]: segfault at "))) {
        return parse_crash(message, event);
    }
    return ONUS_LINE_IGNORED;
}

const struct onus_message_parser onus_message_kernel = {
        .name = "kernel",
        .takes = takes,
        .parse = parse,
};

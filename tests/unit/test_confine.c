/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: the rule of docs/threat-model.md for a kernel that cannot enforce the whole
 * sandbox is kept, word by word.
 * Oracle: the rule's table; a child process in which the kernel is made to know no Landlock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/confine.h"

enum {
    OPEN_WORKS = 100,
    OPEN_REFUSED,
    OPEN_REFUSED_BUT_SAID_SO,
    NO_SANDBOX = 77
};

/* After this the kernel answers as one that was built without Landlock. */
static void forget_landlock(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter ||
            seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset),
                    0) != 0 ||
            seccomp_load(filter) != 0) {
        _exit(NO_SANDBOX);
    }
    seccomp_release(filter);
}

static int child(const char *rule, bool landlock)
{
    if (!landlock) {
        forget_landlock();
    }
    if (rule ? setenv("ONUS_SANDBOX", rule, 1) : unsetenv("ONUS_SANDBOX")) {
        return EXIT_FAILURE;
    }
    struct onus_global global = {0};
    struct onus_arguments arguments = {.global = &global};
    struct onus_error unmet;
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_confine(&arguments, ONUS_SANDBOX_WORKER, NULL, &unmet, &err);
    if (code != ONUS_OK) {
        return err.code == code && err.text[0] ? (int)code : EXIT_FAILURE;
    }
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0) {
        return unmet.code == ONUS_OK ? OPEN_WORKS : EXIT_FAILURE;
    }
    bool said = unmet.code == ONUS_E_REFUSED && strstr(unmet.text, "Landlock") != NULL;
    return said ? OPEN_REFUSED_BUT_SAID_SO : OPEN_REFUSED;
}

static int outcome(const char *rule, bool landlock)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(child(rule, landlock));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void need_sandbox(void)
{
    if (outcome("require", true) != OPEN_REFUSED) {
        skip(); /* this kernel, or this build, has no sandbox to test */
    }
}

static void the_sandbox_is_entered_unless_somebody_said_off(void **state)
{
    (void)state;
    need_sandbox();
    assert_int_equal(outcome(NULL, true), OPEN_REFUSED);
    assert_int_equal(outcome("", true), OPEN_REFUSED);
    assert_int_equal(outcome("off", true), OPEN_WORKS);
}

static void what_the_kernel_cannot_enforce_is_said_and_the_rest_enforced(void **state)
{
    (void)state;
    need_sandbox();
    assert_int_equal(outcome(NULL, false), OPEN_REFUSED_BUT_SAID_SO);
}

static void whoever_requires_the_sandbox_does_not_go_on_without(void **state)
{
    (void)state;
    need_sandbox();
    assert_int_equal(outcome("require", false), ONUS_E_REFUSED);
}

static void another_word_is_a_mistake(void **state)
{
    (void)state;
    assert_int_equal(outcome("yes", true), ONUS_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_sandbox_is_entered_unless_somebody_said_off),
            cmocka_unit_test(what_the_kernel_cannot_enforce_is_said_and_the_rest_enforced),
            cmocka_unit_test(whoever_requires_the_sandbox_does_not_go_on_without),
            cmocka_unit_test(another_word_is_a_mistake),
    };
    return cmocka_run_group_tests_name("cli/confine", tests, NULL, NULL);
}

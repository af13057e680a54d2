/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "cli/help.h"

/*
 * A program started with a closed standard descriptor would get it back as the next file it opens,
 * and print its results into that file. Fill the gap with something that refuses every use.
 */
static void occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); /* lowest free one is fd */
        }
    }
}

static struct onus_surroundings look_around(void)
{
    return (struct onus_surroundings){
            .commands = onus_commands,
            .command_count = onus_command_count,
            .stdout_is_terminal = isatty(STDOUT_FILENO) == 1,
            .stderr_is_terminal = isatty(STDERR_FILENO) == 1,
            .no_color = getenv("NO_COLOR"), /* NOLINT(concurrency-mt-unsafe): no thread yet */
            .term = getenv("TERM"),         /* NOLINT(concurrency-mt-unsafe): no thread yet */
    };
}

static int misunderstood(const struct onus_arguments *arguments, const struct onus_error *err)
{
    int status = onus_complain(arguments, err);
    if (err->code == ONUS_E_ARGUMENT) {
        (void)fprintf(stderr, "See 'onus %s%s--help'.\n",
                arguments->command ? arguments->command->name : "", arguments->command ? " " : "");
    }
    return status;
}

static int dispatch(const struct onus_command_line *line)
{
    const struct onus_command *command = line->arguments.command;
    if (line->help) {
        return command ? onus_help_command(stdout, command) : onus_help_list(stdout);
    }
    if (line->version && !command) {
        return onus_command_version.run(&line->arguments);
    }
    if (!command) {
        (void)onus_help_list(stderr);
        return ONUS_EXIT_USAGE;
    }
    return command->run(&line->arguments);
}

/* Results that did not arrive must not look like results that were empty. */
static int deliver(const struct onus_arguments *arguments, int status)
{
    bool lost = ferror(stdout) != 0;
    errno = 0;
    lost = fflush(stdout) != 0 || lost;
    int reason = errno;
    if (!lost) {
        return status;
    }
    struct onus_error err = ONUS_ERROR_INIT;
    (void)onus_fail(&err, ONUS_E_IO, "cannot write the output");
    err.sys_errno = reason;
    return onus_complain(arguments, &err);
}

int onus_main(int argc, char **argv)
{
    occupy_standard_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, told as one */

    struct onus_surroundings around = look_around();
    struct onus_command_line line;
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_command_line_parse(&line, argc, argv, &around, &err);
    int status = code == ONUS_OK ? dispatch(&line) : misunderstood(&line.arguments, &err);
    status = deliver(&line.arguments, status);
    onus_command_line_clear(&line);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair RUNS COMMAND_A COMMAND_B: two shell commands in turn, A B A B, after one unmeasured run of each.
 *
 * Prints one line, separated by tabs: median CPU seconds, wall seconds and largest resident size in
 * MiB of A, the same of B, then median, smallest and largest of the ratios CPU(B) / CPU(A), each
 * ratio taken within one pair: what disturbs the machine disturbs both halves of a pair alike.
 * CPU is user and system time of the command with all processes it waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RUNS_MAX = 99
};

struct cost {
    double cpu, wall, mib;
};

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void become(const char *command)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0) {
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(127);
}

static bool measure(const char *command, struct cost *out)
{
    double start = now();
    pid_t child = fork();
    if (child < 0) {
        (void)fprintf(stderr, "pair: cannot fork: %s\n", strerror(errno));
        return false;
    }
    if (child == 0) {
        become(command);
    }
    int status = 0;
    struct rusage used;
    pid_t ended = 0;
    do {
        ended = wait4(child, &status, 0, &used);
    } while (ended < 0 && errno == EINTR);
    if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "pair: failed with status %d: %s\n", status, command);
        return false;
    }
    *out = (struct cost){.cpu = seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
            .wall = now() - start,
            .mib = (double)used.ru_maxrss / 1024};
    return true;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), by_value);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void print_medians(const struct cost *costs, int runs)
{
    double cpu[RUNS_MAX], wall[RUNS_MAX], mib[RUNS_MAX];
    for (int i = 0; i < runs; i++) {
        cpu[i] = costs[i].cpu;
        wall[i] = costs[i].wall;
        mib[i] = costs[i].mib;
    }
    (void)printf("%.4f\t%.4f\t%.0f\t", median(cpu, runs), median(wall, runs), median(mib, runs));
}

int main(int argc, char **argv)
{
    int runs = argc == 4 ? atoi(argv[1]) : 0;
    if (runs < 1 || runs > RUNS_MAX) {
        (void)fprintf(stderr, "usage: pair RUNS COMMAND_A COMMAND_B (RUNS 1 to %d)\n", RUNS_MAX);
        return 2;
    }
    struct cost a[RUNS_MAX], b[RUNS_MAX];
    if (!measure(argv[2], &a[0]) || !measure(argv[3], &b[0])) { /* fills the caches */
        return 1;
    }
    double ratios[RUNS_MAX];
    for (int i = 0; i < runs; i++) {
        if (!measure(argv[2], &a[i]) || !measure(argv[3], &b[i])) {
            return 1;
        }
        ratios[i] = b[i].cpu / (a[i].cpu > 0 ? a[i].cpu : 1e-6);
    }
    print_medians(a, runs);
    print_medians(b, runs);
    double middle = median(ratios, runs);
    (void)printf("%.2f\t%.2f\t%.2f\n", middle, ratios[0], ratios[runs - 1]);
    return 0;
}

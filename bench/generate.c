/* SPDX-License-Identifier: Apache-2.0 */
/* generate access|auth BYTES SEED LOG TRUTH */
#include "generate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool parse_number(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-') {
        return false;
    }
    *out = value;
    return true;
}

static FILE *open_new(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "generate: cannot write '%s': %s\n", path, strerror(errno));
    }
    return file;
}

/* Closes the file; what could not be written shows here at the latest. */
static bool close_whole(FILE *file)
{
    bool good = ferror(file) == 0;
    return fclose(file) == 0 && good;
}

int main(int argc, char **argv)
{
    uint64_t bytes = 0, seed = 0;
    bool access = argc == 6 && strcmp(argv[1], "access") == 0;
    bool auth = argc == 6 && strcmp(argv[1], "auth") == 0;
    if ((!access && !auth) || !parse_number(argv[2], &bytes) || !parse_number(argv[3], &seed)) {
        (void)fprintf(stderr, "usage: generate access|auth BYTES SEED LOG TRUTH\n");
        return 2;
    }
    FILE *log = open_new(argv[4]);
    FILE *truth = log != NULL ? open_new(argv[5]) : NULL;
    if (truth == NULL) {
        if (log != NULL) {
            (void)fclose(log);
        }
        return 5;
    }
    (void)setvbuf(log, NULL, _IOFBF, (size_t)1 << 20);
    bool good = access ? generate_access(bytes, seed, log, truth)
                       : generate_auth(bytes, seed, log, truth);
    bool whole = close_whole(log);
    if (!close_whole(truth) || !whole || !good) {
        (void)fprintf(stderr, "generate: out of memory or disk\n");
        return 5;
    }
    return 0;
}

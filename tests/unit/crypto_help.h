/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_CRYPTO_HELP_H
#define ONUS_TESTS_CRYPTO_HELP_H

/* Bytes from hexadecimal text, and bytes that look random but are the same in every run. */

#include <stdio.h>
#include <stdlib.h>

#include <onus/base.h>

/* How many bytes were written; aborts on text that is not hexadecimal or does not fit. */
static inline size_t unhex(const char *hex, void *out, size_t room)
{
    uint8_t *bytes = out;
    size_t len = strlen(hex);
    if (len % 2 != 0 || len / 2 > room) {
        abort();
    }
    for (size_t i = 0; i < len / 2; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        char *end = NULL;
        bytes[i] = (uint8_t)strtoul(pair, &end, 16);
        if (*end != '\0') {
            abort();
        }
    }
    return len / 2;
}

static inline uint64_t next_number(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u;
    uint64_t z = *seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline void fill_bytes(uint64_t *seed, void *out, size_t size)
{
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)next_number(seed);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

uint64_t onus_hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t h = onus_hash_mix(seed, len);
    while (len >= 8) {
        uint64_t word = 0;
        memcpy(&word, p, 8);
        h = onus_hash_mix(h, word);
        p += 8;
        len -= 8;
    }
    if (len > 0) {
        uint64_t word = 0;
        memcpy(&word, p, len);
        h = onus_hash_mix(h, word);
    }
    return onus_hash_mix(h, seed);
}

uint64_t onus_hash_stable(uint64_t state, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++) {
        state = (state ^ p[i]) * 0x100000001b3u;
    }
    return state;
}

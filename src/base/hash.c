/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

uint64_t onus_hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t h = onus_hash_mix(seed, len);
    /*
     * Each word is mixed with the state before it is multiplied by the key: a factor that the writer
     * of the text chooses alone could be made zero and would forget all before it.
     */
    uint64_t key = onus_hash_key(seed);
    while (len >= 8) {
        uint64_t word = 0;
        memcpy(&word, p, 8);
        h = onus_hash_mix(h ^ word, key);
        p += 8;
        len -= 8;
    }
    if (len > 0) {
        h = onus_hash_mix(h ^ onus_hash_tail(p, len), key);
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

/* The last 1 to 7 bytes in one word; with the length mixed in before, no two tails give the same. */
static uint64_t load_tail(const unsigned char *p, size_t len)
{
    if (len >= 4) {
        uint32_t head = 0;
        uint32_t end = 0;
        memcpy(&head, p, 4);
        memcpy(&end, p + len - 4, 4);
        return head | (uint64_t)end << 32;
    }
    return p[0] | (uint64_t)p[len / 2] << 8 | (uint64_t)p[len - 1] << 16;
}

uint64_t onus_hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t h = onus_hash_mix(seed, len);
    /*
     * Each word is mixed with the state before it is multiplied by the key: a factor that the writer
     * of the text chooses alone could be made zero and would forget all before it.
     */
    uint64_t key = onus_hash_mix(~seed, 0x6f6e7573);
    while (len >= 8) {
        uint64_t word = 0;
        memcpy(&word, p, 8);
        h = onus_hash_mix(h ^ word, key);
        p += 8;
        len -= 8;
    }
    if (len > 0) {
        h = onus_hash_mix(h ^ load_tail(p, len), key);
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

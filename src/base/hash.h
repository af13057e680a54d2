/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_BASE_HASH_H
#define ONUS_BASE_HASH_H

/*
 * Hashes for tables in memory. Not for evidence: crypto has those.
 *
 * Whoever writes a log chooses its addresses and names, so table hashes take a seed that differs
 * from run to run; nothing that is printed may depend on the order of a table. onus_hash_stable()
 * has no seed and is for identifiers that must be the same everywhere and for ever.
 */

#include <onus/base.h>

uint64_t onus_hash_bytes(uint64_t seed, const void *bytes, size_t len);

static inline uint64_t onus_hash_str(uint64_t seed, struct onus_str s)
{
    return onus_hash_bytes(seed, s.ptr, s.len);
}

static inline uint64_t onus_hash_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xc4ceb9fe1a85ec53u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The last 1 to 7 bytes in one word; with the length mixed in before, no two tails give the same. */
static inline uint64_t onus_hash_tail(const unsigned char *p, size_t len)
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

/* The factor that onus_hash_bytes() makes of a seed. */
static inline uint64_t onus_hash_key(uint64_t seed)
{
    return onus_hash_mix(~seed, 0x6f6e7573);
}

/* onus_hash_bytes() of 1 to 7 bytes, where the key of the seed is at hand. */
static inline uint64_t onus_hash_few(uint64_t seed, uint64_t key, const void *bytes, size_t len)
{
    uint64_t h = onus_hash_mix(seed, len);
    return onus_hash_mix(onus_hash_mix(h ^ onus_hash_tail(bytes, len), key), seed);
}

/* Of 16 bytes, in few steps; another hash than onus_hash_bytes(). */
static inline uint64_t onus_hash_16(uint64_t seed, const uint8_t bytes[static 16])
{
    uint64_t half[2];
    memcpy(half, bytes, sizeof(half));
    /* No factor is known to who chose the bytes: see onus_hash_bytes(). */
    uint64_t h = onus_hash_mix(half[0] ^ seed, half[1] ^ onus_hash_key(seed));
    return onus_hash_mix(h, seed);
}

/* FNV-1a, 64 bit: start with ONUS_HASH_STABLE_INIT, feed pieces in order. */
#define ONUS_HASH_STABLE_INIT 0xcbf29ce484222325u
uint64_t onus_hash_stable(uint64_t state, const void *bytes, size_t len);

#endif

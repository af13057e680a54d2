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

/* FNV-1a, 64 bit: start with ONUS_HASH_STABLE_INIT, feed pieces in order. */
#define ONUS_HASH_STABLE_INIT 0xcbf29ce484222325u
uint64_t onus_hash_stable(uint64_t state, const void *bytes, size_t len);

#endif

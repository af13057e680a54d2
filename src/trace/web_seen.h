/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_WEB_SEEN_H
#define ONUS_TRACE_WEB_SEEN_H

/*
 * Targets seen before in which no rule found its literal. Most requests ask for a page that was
 * asked for a moment ago; such a target is then neither decoded nor scanned again.
 *
 * A target is known by 61 bits of a hash keyed with 320 random bits, its length among what is
 * hashed. Two targets that differ are therefore taken for the same with a chance of about 2^-61 for
 * each line, which in a log of 2^30 lines is less than one in a thousand million. Who writes targets
 * cannot raise it: without the key, which never leaves the process and differs from run to run, no
 * text can be aimed at the hash of another. Without random bits nothing is remembered.
 */

#include <onus/base.h>

enum {
    ONUS_WEB_SEEN_BITS = 15,      /* a small part of the cache of one processor core */
    ONUS_WEB_SEEN_TEXT_MAX = 1024 /* longer targets are not asked for twice */
};

struct onus_web_key {
    uint64_t words[5];
    bool drawn; /* false: there were no random bits */
};

/* Draw the key. */
void onus_web_key_init(struct onus_web_key *key);

/* Never 0, the lowest two bits never set. 0 when the key was not drawn or text is longer than the limit. */
uint64_t onus_web_hash(const struct onus_web_key *key, struct onus_str text);

/* A zeroed struct holds nothing. */
struct onus_web_seen {
    uint64_t slots[1u << ONUS_WEB_SEEN_BITS];
};

/* Ask for the slot of a target before it is needed. */
static inline void onus_web_seen_fetch(const struct onus_web_seen *seen, uint64_t hash)
{
    __builtin_prefetch(&seen->slots[hash >> (64 - ONUS_WEB_SEEN_BITS)]);
}

/* Whether the target with that hash was kept, and in *kept the two bits that were kept with it. */
static inline bool onus_web_seen_has(const struct onus_web_seen *seen, uint64_t hash,
        unsigned *kept)
{
    uint64_t slot = seen->slots[hash >> (64 - ONUS_WEB_SEEN_BITS)];
    *kept = (unsigned)slot & 3;
    return hash != 0 && (slot & ~(uint64_t)3) == hash;
}

/* Keep a target and two bits, in place of the one in its slot. Does nothing when hash is 0. */
static inline void onus_web_seen_add(struct onus_web_seen *seen, uint64_t hash, unsigned kept)
{
    if (hash != 0) {
        seen->slots[hash >> (64 - ONUS_WEB_SEEN_BITS)] = hash | (kept & 3);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MERKLE_PLACE_H
#define ONUS_MERKLE_PLACE_H

/* The way from a node up to the root, without hashes. Shared by the files of this module only. */

#include <onus/base.h>

/* A node on one level: its index, and the index of the last node of the level. */
struct onus_place {
    uint64_t index;
    uint64_t last;
};

static inline bool onus_place_is_top(struct onus_place at)
{
    return at.last == 0;
}

static inline bool onus_place_is_right(struct onus_place at)
{
    return at.index % 2 == 1;
}

/* Only a left node that is the last of its level has no sibling; it moves up as it is. */
static inline bool onus_place_has_sibling(struct onus_place at)
{
    return onus_place_is_right(at) || at.index < at.last;
}

static inline struct onus_place onus_place_parent(struct onus_place at)
{
    return (struct onus_place){at.index / 2, at.last / 2};
}

/* The lowest level on which the tree over the first `size` > 0 leaves ends with a whole node. */
static inline unsigned onus_whole_level(uint64_t size)
{
    return (unsigned)__builtin_ctzll(size);
}

static inline bool onus_is_power_of_two(uint64_t size)
{
    return (size & (size - 1)) == 0;
}

#endif

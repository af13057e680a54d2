/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TESTS_MMDB_SCENE_H
#define ONUS_TESTS_MMDB_SCENE_H

/* A small MaxMind DB (format 2.0, records of 24 bits), made from prefixes, for tests. */

#include "base/buffer.h"

struct mmdb_prefix {
    const char *address; /* as the tree has it: IPv4 in a tree of IPv6 is "::192.0.2.0" */
    unsigned bits;
    const char *keys[4]; /* pairs of key and text; "#key" gives a number */
};

/* Build epoch is 2026-06-17. `six`: a tree for addresses of 128 bits. */
void mmdb_scene(struct onus_buffer *out, const struct mmdb_prefix *prefixes, size_t count,
        bool six);

#endif

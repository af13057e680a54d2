/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_BASE_PAGES_H
#define ONUS_BASE_PAGES_H

/*
 * Memory for much. The first touch of a page costs as much as some thousand instructions, whatever the
 * size of the page, so what is known to be filled asks for large ones.
 */

#include <onus/base.h>

#define ONUS_LARGE_PAGE ((size_t)2 << 20)

/*
 * At least `*size` bytes, which becomes a multiple of ONUS_LARGE_PAGE; aligned to it, not cleared.
 * Where the system has no large pages they are ordinary ones. NULL when out of memory; release with
 * free().
 */
ONUS_NODISCARD void *onus_pages_alloc(size_t *size);

#endif

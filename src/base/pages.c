/* SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"

#include <stdlib.h>
#include <sys/mman.h>

void *onus_pages_alloc(size_t *size)
{
    if (*size > SIZE_MAX - ONUS_LARGE_PAGE) {
        return NULL;
    }
    size_t whole = (*size + ONUS_LARGE_PAGE - 1) / ONUS_LARGE_PAGE * ONUS_LARGE_PAGE;
    void *memory = aligned_alloc(ONUS_LARGE_PAGE, whole);
    if (memory) {
        (void)madvise(memory, whole, MADV_HUGEPAGE); /* a wish: ordinary pages will do */
        *size = whole;
    }
    return memory;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256_kernel.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

/*
 * What this processor can run, slowest first. Written once, before main(): asking the processor is slow
 * where a hypervisor answers in its place. Until then there is scalar code, which is right everywhere.
 */
enum {
    KERNELS_MAX = 4
};

static const struct onus_sha256_kernel *usable[KERNELS_MAX] = {&onus_sha256_kernel_scalar};
static size_t usable_count = 1;
static const struct onus_sha256_kernel *for_few;
static onus_sha256_blocks *best_blocks = onus_sha256_blocks_scalar;

#ifdef __x86_64__
struct features {
    bool sha;
    bool avx2;
    bool avx512;
};

/* Which registers the operating system saves: XCR0. */
__attribute__((target("xsave"))) static uint64_t saved_registers(void)
{
    return __builtin_ia32_xgetbv(0);
}

/* The bits are those of the Intel manual, volume 2, CPUID. */
static struct features find_features(void)
{
    enum {
        YMM_STATE = 0x06,
        ZMM_STATE = 0xe6
    };
    struct features found = {.sha = false};
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) {
        return found;
    }
    bool sse = (c & bit_SSSE3) != 0 && (c & bit_SSE4_1) != 0;
    uint64_t saved = (c & bit_OSXSAVE) != 0 ? saved_registers() : 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        return found;
    }
    found.sha = sse && (b & bit_SHA) != 0;
    found.avx2 = (saved & YMM_STATE) == YMM_STATE && (b & bit_AVX2) != 0;
    found.avx512 =
            (saved & ZMM_STATE) == ZMM_STATE && (b & bit_AVX512F) != 0 && (b & bit_AVX512BW) != 0;
    return found;
}

__attribute__((constructor)) static void look_at_the_processor(void)
{
    struct features found = find_features();
    if (found.avx2) {
        usable[usable_count++] = &onus_sha256_kernel_avx2;
    }
    if (found.sha) {
        usable[usable_count++] = &onus_sha256_kernel_ni;
        for_few = &onus_sha256_kernel_ni;
        best_blocks = onus_sha256_blocks_ni;
    }
    if (found.avx512) {
        usable[usable_count++] = &onus_sha256_kernel_avx512;
    }
}
#endif

onus_sha256_blocks *onus_sha256_best_blocks(void)
{
    return best_blocks;
}

const struct onus_sha256_kernel *onus_sha256_best(void)
{
    return usable[usable_count - 1];
}

const struct onus_sha256_kernel *onus_sha256_best_for_few(void)
{
    return for_few ? for_few : onus_sha256_best();
}

const struct onus_sha256_kernel *onus_sha256_kernel_at(size_t index)
{
    return index < usable_count ? usable[index] : NULL;
}

const struct onus_sha256_kernel *onus_sha256_kernel_by_name(struct onus_str name)
{
    for (size_t i = 0; i < usable_count; i++) {
        if (onus_str_eq(name, onus_str_of(usable[i]->name))) {
            return usable[i];
        }
    }
    return NULL;
}

const char *onus_sha256_kernel_name(const struct onus_sha256_kernel *kernel)
{
    return kernel ? kernel->name : onus_sha256_best()->name;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256_many.h"

#include "sha256_kernel.h"

struct onus_sha256_kernel {
    const char *name;
};

static const struct onus_sha256_kernel scalar = {"scalar"};

const struct onus_sha256_kernel *onus_sha256_best(void)
{
    return &scalar;
}

const struct onus_sha256_kernel *onus_sha256_kernel_at(size_t index)
{
    return index == 0 ? &scalar : NULL;
}

const struct onus_sha256_kernel *onus_sha256_kernel_by_name(struct onus_str name)
{
    return onus_str_eq(name, onus_str_of(scalar.name)) ? &scalar : NULL;
}

const char *onus_sha256_kernel_name(const struct onus_sha256_kernel *kernel)
{
    return kernel ? kernel->name : onus_sha256_best()->name;
}

void onus_sha256_many(const struct onus_sha256_kernel *kernel, const struct onus_message *messages,
        size_t count, struct onus_digest *out)
{
    (void)kernel;
    for (size_t i = 0; i < count; i++) {
        struct onus_sha256 hash;
        onus_sha256_init(&hash);
        onus_sha256_add(&hash,
                (struct onus_str){(const char *)messages[i].head, messages[i].head_length});
        onus_sha256_add(&hash, messages[i].body);
        onus_sha256_end(&hash, &out[i]);
    }
}

void onus_sha256_nodes(const struct onus_sha256_kernel *kernel, const struct onus_digest *pairs,
        size_t pairs_count, struct onus_digest *out)
{
    (void)kernel;
    for (size_t i = 0; i < pairs_count; i++) {
        struct onus_sha256 hash;
        onus_sha256_init(&hash);
        onus_sha256_add(&hash, ONUS_STR("\1"));
        onus_sha256_add(&hash, onus_digest_view(&pairs[2 * i]));
        onus_sha256_add(&hash, onus_digest_view(&pairs[2 * i + 1]));
        onus_sha256_end(&hash, &out[i]);
    }
}

void onus_sha256_salts(const struct onus_sha256_kernel *kernel, const struct onus_digest *batch_key,
        uint64_t from, uint64_t to, struct onus_digest *out)
{
    (void)kernel;
    for (uint64_t j = from; j < to; j++) {
        uint8_t number[8];
        onus_sha256_store_be64(number, j);
        struct onus_sha256 hash;
        onus_sha256_init(&hash);
        onus_sha256_add(&hash, ONUS_STR("onus/salt"));
        onus_sha256_add(&hash, onus_digest_view(batch_key));
        onus_sha256_add(&hash, (struct onus_str){(const char *)number, sizeof(number)});
        onus_sha256_end(&hash, &out[j - from]);
    }
}

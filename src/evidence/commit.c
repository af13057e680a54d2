/* SPDX-License-Identifier: Apache-2.0 */
#include "commit.h"

#include <stdlib.h>

enum {
    CHUNK = 1024 /* messages at a time: what is in work stays in the caches of one processor */
};

struct onus_commit_scratch {
    const struct onus_sha256_kernel *kernel;
    struct onus_message messages[CHUNK];
    struct onus_digest salts[CHUNK / 2 + 1];
};

enum onus_code onus_commit_scratch_new(const struct onus_sha256_kernel *kernel,
        struct onus_commit_scratch **out, struct onus_error *err)
{
    struct onus_commit_scratch *scratch = calloc(1, sizeof(*scratch));
    if (!scratch) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    scratch->kernel = kernel ? kernel : onus_sha256_best();
    *out = scratch;
    return ONUS_OK;
}

void onus_commit_scratch_free(struct onus_commit_scratch *scratch)
{
    if (scratch) {
        explicit_bzero(scratch, sizeof(*scratch));
        free(scratch);
    }
}

/* 02 || kind || salt before each value, then all at once. kinds NULL: whole lines. */
static void commit_chunk(struct onus_commit_scratch *scratch, const struct onus_digest *batch_key,
        uint64_t first, const uint8_t *kinds, const struct onus_str *values, size_t count,
        struct onus_digest *slots)
{
    onus_sha256_salts(scratch->kernel, batch_key, first / 2, (first + count + 1) / 2,
            scratch->salts);
    const uint8_t *salt = scratch->salts[0].bytes + (first % 2 == 1 ? 16 : 0);
    for (size_t i = 0; i < count; i++) {
        struct onus_message *message = &scratch->messages[i];
        message->head[0] = 0x02;
        message->head[1] = kinds ? kinds[i] : (uint8_t)ONUS_SLOT_LINE;
        memcpy(message->head + 2, salt + 16 * i, 16);
        message->head_length = 18;
        message->body = values[i];
    }
    onus_sha256_many(scratch->kernel, scratch->messages, count, slots);
}

void onus_commit_slots(struct onus_commit_scratch *scratch, const struct onus_digest *batch_key,
        uint64_t first, const uint8_t *kinds, const struct onus_str *values, size_t count,
        struct onus_digest *slots)
{
    for (size_t done = 0; done < count; done += CHUNK) {
        size_t now = count - done < CHUNK ? count - done : CHUNK;
        commit_chunk(scratch, batch_key, first + done, kinds ? kinds + done : NULL, values + done,
                now, slots + done);
    }
}

void onus_commit_lines(struct onus_commit_scratch *scratch, const struct onus_digest *batch_key,
        uint64_t first, const struct onus_str *values, size_t count, struct onus_digest *slots)
{
    onus_commit_slots(scratch, batch_key, first, NULL, values, count, slots);
}

/* 00 || profile || n, then the slots as they lie. */
static void put_leaf(struct onus_message *message, enum onus_profile profile,
        const struct onus_digest *slots, size_t count)
{
    message->head[0] = 0x00;
    message->head[1] = (uint8_t)profile;
    message->head[2] = (uint8_t)count;
    message->head_length = 3;
    message->body = (struct onus_str){(const char *)slots, count * sizeof(*slots)};
}

void onus_commit_groups(struct onus_commit_scratch *scratch, const struct onus_digest *slots,
        size_t count, struct onus_digest *leaves)
{
    while (count > 0) {
        size_t made = 0;
        while (made < CHUNK && count > 0) {
            size_t group = count < ONUS_LINES_PER_LEAF ? count : ONUS_LINES_PER_LEAF;
            put_leaf(&scratch->messages[made++], ONUS_PROFILE_LINES, slots, group);
            slots += group;
            count -= group;
        }
        onus_sha256_many(scratch->kernel, scratch->messages, made, leaves);
        leaves += made;
    }
}

void onus_commit_parts(struct onus_commit_scratch *scratch, const struct onus_digest *slots,
        const uint8_t *counts, size_t count, struct onus_digest *leaves)
{
    for (size_t done = 0; done < count; done += CHUNK) {
        size_t now = count - done < CHUNK ? count - done : CHUNK;
        for (size_t i = 0; i < now; i++) {
            put_leaf(&scratch->messages[i], ONUS_PROFILE_PARTS, slots, counts[done + i]);
            slots += counts[done + i];
        }
        onus_sha256_many(scratch->kernel, scratch->messages, now, leaves + done);
    }
}

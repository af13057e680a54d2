/* SPDX-License-Identifier: Apache-2.0 */
#include "log_parts.h"

/* ---- answers --------------------------------------------------------------------------------- */

/* The tiles are the truth; the cache inside is no part of what a caller sees. */
static struct log_reader *reader_of(const struct onus_log *log)
{
    union {
        const struct log_reader *in;
        struct log_reader *out;
    } cast = {.in = &log->reader};
    return cast.out;
}

static enum onus_code below(const struct onus_log *log, uint64_t index, uint64_t size,
        struct onus_error *err)
{
    if (index >= size || size > log->flushed) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the log has no entry %llu among its first %llu",
                (unsigned long long)index, (unsigned long long)size);
    }
    return ONUS_OK;
}

enum onus_code onus_log_leaf(const struct onus_log *log, uint64_t index, struct onus_digest *out,
        struct onus_error *err)
{
    enum onus_code code = below(log, index, log->flushed, err);
    return code == ONUS_OK ? onus_log_leaf_at(reader_of(log), index, out, err) : code;
}

enum onus_code onus_log_entry(const struct onus_log *log, uint64_t index, struct onus_arena *arena,
        struct onus_str *out, struct onus_error *err)
{
    struct onus_digest leaf;
    struct onus_digest got;
    enum onus_code code = onus_log_leaf(log, index, &leaf, err);
    if (code != ONUS_OK) {
        return code;
    }
    uint64_t bundle = index / LOG_TILE;
    uint64_t left = log->flushed - bundle * LOG_TILE;
    struct onus_str entries[LOG_TILE];
    code = onus_log_bundle_read(log->at, bundle, left < LOG_TILE ? (unsigned)left : LOG_TILE, arena,
            entries, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_leaf_hash(entries[index % LOG_TILE], &got);
    if (!onus_digest_eq(&got, &leaf)) {
        return onus_fail(err, ONUS_E_MISMATCH, "entry %llu of the log is not what was hashed",
                (unsigned long long)index);
    }
    *out = entries[index % LOG_TILE];
    return ONUS_OK;
}

enum onus_code onus_log_root_at(const struct onus_log *log, uint64_t size, struct onus_digest *out,
        struct onus_error *err)
{
    if (size > log->flushed) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the log has fewer than %llu entries",
                (unsigned long long)size);
    }
    return onus_log_subtree(reader_of(log), 0, size, out, err);
}

/* The largest power of two below n; n is at least 2. */
static uint64_t split_of(uint64_t n)
{
    return UINT64_C(1) << (63U - (unsigned)__builtin_clzll(n - 1));
}

static void reverse(struct onus_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct onus_digest kept = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = kept;
    }
}

enum onus_code onus_log_inclusion(const struct onus_log *log, uint64_t index, uint64_t size,
        struct onus_proof *out, struct onus_error *err)
{
    enum onus_code code = below(log, index, size, err);
    uint64_t low = 0;
    uint64_t high = size;
    struct onus_proof proof = {.count = 0};
    while (code == ONUS_OK && high - low > 1) {
        uint64_t middle = low + split_of(high - low);
        struct onus_digest *next = &proof.hashes[proof.count++];
        if (index < middle) {
            code = onus_log_subtree(reader_of(log), middle, high, next, err);
            high = middle;
        } else {
            code = onus_log_subtree(reader_of(log), low, middle, next, err);
            low = middle;
        }
    }
    if (code == ONUS_OK) {
        reverse(&proof);
        *out = proof;
    }
    return code;
}

enum onus_code onus_log_consistency(const struct onus_log *log, uint64_t old_size, uint64_t size,
        struct onus_proof *out, struct onus_error *err)
{
    if (old_size > size || size > log->flushed) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the log has no trees of %llu and %llu entries",
                (unsigned long long)old_size, (unsigned long long)size);
    }
    struct onus_proof proof = {.count = 0};
    uint64_t low = 0;
    uint64_t high = size;
    enum onus_code code = ONUS_OK;
    /* RFC 9162, 2.1.4.1: down to the subtree that ends at old_size. */
    while (code == ONUS_OK && old_size > 0 && old_size < size && high != old_size) {
        uint64_t middle = low + split_of(high - low);
        struct onus_digest *next = &proof.hashes[proof.count++];
        if (old_size <= middle) {
            code = onus_log_subtree(reader_of(log), middle, high, next, err);
            high = middle;
        } else {
            code = onus_log_subtree(reader_of(log), low, middle, next, err);
            low = middle;
        }
    }
    if (code == ONUS_OK && proof.count > 0 && low > 0) {
        code = onus_log_subtree(reader_of(log), low, high, &proof.hashes[proof.count++], err);
    }
    if (code == ONUS_OK) {
        reverse(&proof);
        *out = proof;
    }
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_PROOF_RECORD_H
#define ONUS_PROOF_RECORD_H

/*
 * Slots and records: what is committed (docs/formats/evidence.md). Writers and readers share this file,
 * so that there is one way to hash. Nothing here allocates or can fail.
 */

#include <onus/base.h>

#include "base/buffer.h"
#include "crypto/sha256.h"

/* The public name of a source. */
struct onus_tag {
    uint8_t bytes[16];
};

/* family (1) || address (16, IPv4 in the last four, else zero) || 01 address, 00 fence */
struct onus_key {
    uint8_t bytes[18];
};

/* Secret until its slot is opened. */
struct onus_salt {
    uint8_t bytes[16];
};

enum onus_profile {
    ONUS_PROFILE_LINES = 'G',     /* 1 to 8 whole lines */
    ONUS_PROFILE_PARTS = 'S',     /* 1 to 12 parts of one line */
    ONUS_PROFILE_ROW = 'I',       /* a row of a source index: 4 slots from kind 20 */
    ONUS_PROFILE_MANIFEST = 'M',  /* 13 slots from kind 40 */
    ONUS_PROFILE_ROLLUP = 'R',    /* 13 slots from kind 40 */
    ONUS_PROFILE_SOURCE = 'N',    /* 4 slots from kind 50 */
    ONUS_PROFILE_ERASED = 'E',    /* 4 slots from kind 70 */
    ONUS_PROFILE_CONTINUES = 'O', /* 4 slots from kind 78 */
};

enum onus_slot_kind {
    ONUS_SLOT_LINE = 0x10,

    ONUS_SLOT_PART_TIME = 0x11,
    ONUS_SLOT_PART_TEXT = 0x12,
    ONUS_SLOT_PART_ACCOUNT = 0x13,
    ONUS_SLOT_PART_ADDRESS = 0x14,
    ONUS_SLOT_PART_TARGET = 0x15,
    ONUS_SLOT_PART_AGENT = 0x16,
    ONUS_SLOT_PART_PROGRAM = 0x17,
    ONUS_SLOT_PART_LAST = 0x1c,

    ONUS_SLOT_ROW_KEY = 0x20,
    ONUS_SLOT_ROW_LINES = 0x21,
    ONUS_SLOT_ROW_POSTINGS = 0x22,
    ONUS_SLOT_ROW_ATTEMPTS = 0x23,

    ONUS_SLOT_NAME = 0x40,
    ONUS_SLOT_COLLECTOR = 0x41,
    ONUS_SLOT_PREVIOUS = 0x42,
    ONUS_SLOT_FIRST_TIME = 0x43,
    ONUS_SLOT_LAST_TIME = 0x44,
    ONUS_SLOT_SEALED_AT = 0x45,
    ONUS_SLOT_LINES = 0x46,
    ONUS_SLOT_LEAVES = 0x47,
    ONUS_SLOT_ROOT = 0x48,
    ONUS_SLOT_INDEX = 0x49,
    ONUS_SLOT_RULES = 0x4a,
    ONUS_SLOT_ANCHOR = 0x4b,
    ONUS_SLOT_FLAGS = 0x4c,

    ONUS_SLOT_SOURCE_NAME = 0x50,
    ONUS_SLOT_SOURCE_PROFILE = 0x51,
    ONUS_SLOT_SOURCE_MADE = 0x52,
    ONUS_SLOT_SOURCE_PARTY = 0x53,

    ONUS_SLOT_ERASED_FIRST = 0x70,
    ONUS_SLOT_ERASED_LINES = 0x71,
    ONUS_SLOT_ERASED_BASIS = 0x72,
    ONUS_SLOT_ERASED_WHO = 0x73,

    ONUS_SLOT_OLD_ORIGIN = 0x78,
    ONUS_SLOT_OLD_SIZE = 0x79,
    ONUS_SLOT_OLD_ROOT = 0x7a,
    ONUS_SLOT_REASON = 0x7b,
};

/* First byte of slot 4c. */
enum onus_batch_flag {
    ONUS_BATCH_HEARTBEAT = 0x01,
    ONUS_BATCH_GAP = 0x02,
    ONUS_BATCH_ROTATED = 0x04,
    ONUS_BATCH_TRUNCATED = 0x08,
    ONUS_BATCH_CLOCK_STEP = 0x10,
    ONUS_BATCH_NO_LAST_LF = 0x20,
    ONUS_BATCH_PARTS = 0x40,
};

#define ONUS_LINES_PER_LEAF 8
#define ONUS_PARTS_MAX      12
#define ONUS_ROW_SLOTS      4
#define ONUS_MANIFEST_SLOTS 13
#define ONUS_SOURCE_SLOTS   4
#define ONUS_SLOTS_MAX      13
#define ONUS_NAME_MAX       4096 /* bytes of slot 40 */
#define ONUS_PUBLIC_MAX     32   /* tag || be64 || be64 */

static inline void onus_be64_put(void *out, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(out, &value, sizeof(value));
}

static inline uint64_t onus_be64_get(const void *in)
{
    uint64_t value = 0;
    memcpy(&value, in, sizeof(value));
    return __builtin_bswap64(value);
}

/* C = SHA-256(02 || kind || salt || value) */
void onus_slot_commit(uint8_t kind, const struct onus_salt *salt, struct onus_str value,
        struct onus_digest *out);

/*
 * SHA-256(00 || profile || public || n || C_1 || ... || C_n). `slots` are the commitments; at most
 * ONUS_SLOTS_MAX of them and ONUS_PUBLIC_MAX public bytes.
 */
void onus_record_leaf(enum onus_profile profile, struct onus_str public_part,
        const struct onus_digest *slots, size_t count, struct onus_digest *out);

/* The entry itself, profile || public || n || C_1 || ...: what a log stores. Appended. */
void onus_record_entry(enum onus_profile profile, struct onus_str public_part,
        const struct onus_digest *slots, size_t count, struct onus_buffer *out);

/*
 * Public parts: tag || be64(seq) of M and E (24 bytes), tag || be64(first) || be64(last) of R (32),
 * tag of N (16).
 */
size_t onus_public_numbered(const struct onus_tag *tag, uint64_t seq,
        uint8_t out[static ONUS_PUBLIC_MAX]);
size_t onus_public_range(const struct onus_tag *tag, uint64_t first, uint64_t last,
        uint8_t out[static ONUS_PUBLIC_MAX]);

static inline int onus_key_compare(const struct onus_key *a, const struct onus_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static inline bool onus_tag_eq(const struct onus_tag *a, const struct onus_tag *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Last byte of a key. */
#define ONUS_KEY_FENCE   0x00
#define ONUS_KEY_ADDRESS 0x01

static inline bool onus_key_is_fence(const struct onus_key *key)
{
    return key->bytes[17] == ONUS_KEY_FENCE;
}

/* Whether a source index may hold it: families 04, 06 and ff, and the fences that end 04 and 06. */
bool onus_key_valid(const struct onus_key *key);

/*
 * A key as people read it: "192.0.2.7", "2001:db8::1" (RFC 5952), "no address", "end of addresses",
 * "end of IPv4", "end of IPv6"; one that is not valid as 36 hexadecimal digits.
 */
#define ONUS_KEY_TEXT 48
size_t onus_key_format(const struct onus_key *key, char out[static ONUS_KEY_TEXT]);

#endif

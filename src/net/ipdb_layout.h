/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_LAYOUT_H
#define ONUS_NET_IPDB_LAYOUT_H

/* Where things are in a compiled table (docs/formats/ipdb.md), for its writer and its reader. */

#include <endian.h>

#include <onus/base.h>

#define ONUS_IPDB_MAGIC   "ONUSIPDB"
#define ONUS_IPDB_ALIGN   32u
#define ONUS_IPDB_V4_SIZE 4u
#define ONUS_IPDB_V6_SIZE 16u
#define ONUS_IPDB_VALUE   24u

enum onus_ipdb_at {
    ONUS_IPDB_AT_MAGIC = 0,
    ONUS_IPDB_AT_VERSION = 8,
    ONUS_IPDB_AT_HEADER_SIZE = 12,
    ONUS_IPDB_AT_FILE_SIZE = 16,
    ONUS_IPDB_AT_HEADER_SUM = 24,  /* of the header with these eight bytes zero */
    ONUS_IPDB_AT_PAYLOAD_SUM = 32, /* of the sums; in version 1 of all behind the header */
    ONUS_IPDB_AT_SOURCE_KEY = 40,
    ONUS_IPDB_AT_V4_ROWS = 48,
    ONUS_IPDB_AT_V6_ROWS = 56,
    ONUS_IPDB_AT_VALUES = 64,
    ONUS_IPDB_AT_POOL_SIZE = 72,
    ONUS_IPDB_AT_V4_INDEX_BITS = 80,
    ONUS_IPDB_AT_V6_INDEX_BITS = 84,
    ONUS_IPDB_AT_DAY = 88,
    ONUS_IPDB_AT_KNOWS = 92,
    ONUS_IPDB_AT_DATE = 96,
    ONUS_IPDB_AT_LIST_KIND = 112,
    ONUS_IPDB_AT_NAME = 144,
    ONUS_IPDB_AT_SOURCE = 272,
    ONUS_IPDB_AT_OVERLAPS = 496,
    ONUS_IPDB_AT_LEFT_OUT = 504,
    ONUS_IPDB_AT_END = 512,
};

#define ONUS_IPDB_PIECE \
    4096u /* bytes of the file, from its beginning, that have a sum of their own */

#define ONUS_IPDB_LIST_KIND_SIZE 32u
#define ONUS_IPDB_NAME_SIZE      128u
#define ONUS_IPDB_SOURCE_SIZE    224u

enum onus_ipdb_value_at {
    ONUS_IPDB_VALUE_ASN = 0,
    ONUS_IPDB_VALUE_TEXT_AT = 4,
    ONUS_IPDB_VALUE_TEXT_LEN = 8,
    ONUS_IPDB_VALUE_FLAGS = 10,
    ONUS_IPDB_VALUE_COUNTRY = 12,
    ONUS_IPDB_VALUE_FROM = 16,
    ONUS_IPDB_VALUE_TO = 20,
};

static inline uint16_t onus_ipdb_get16(const uint8_t *at)
{
    uint16_t raw;
    memcpy(&raw, at, sizeof(raw));
    return le16toh(raw);
}

static inline uint32_t onus_ipdb_get32(const uint8_t *at)
{
    uint32_t raw;
    memcpy(&raw, at, sizeof(raw));
    return le32toh(raw);
}

static inline uint64_t onus_ipdb_get64(const uint8_t *at)
{
    uint64_t raw;
    memcpy(&raw, at, sizeof(raw));
    return le64toh(raw);
}

static inline size_t onus_ipdb_aligned(size_t size)
{
    return (size + ONUS_IPDB_ALIGN - 1) / ONUS_IPDB_ALIGN * ONUS_IPDB_ALIGN;
}

/* Bytes of the sums of a file whose other parts are `size` bytes: one for each piece begun. */
static inline size_t onus_ipdb_sums_size(size_t size)
{
    return onus_ipdb_aligned((size + ONUS_IPDB_PIECE - 1) / ONUS_IPDB_PIECE * 8);
}

static inline size_t onus_ipdb_index_size(size_t rows, unsigned bits)
{
    return rows > 0 ? (((size_t)1 << bits) + 1) * 4 : 0;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

enum {
    FAMILY_V4 = 0x04,
    FAMILY_V6 = 0x06,
    FAMILY_END = 0x07, /* behind the last IPv6 address */
    FAMILY_NONE = 0xff,
    AT_ADDRESS = 1,
    AT_KIND = 17,
    V4_IN_KEY = 13,
    V4_END_IN_KEY = 12, /* the byte that is 1 in the address 2^32 */
    ADDRESS_SIZE = 16,
};

__extension__ typedef unsigned __int128 wide;

static wide wide_of(const uint8_t *bytes)
{
    return (wide)onus_be64_get(bytes) << 64 | onus_be64_get(bytes + 8);
}

static struct onus_key key_make(uint8_t family, wide address, uint8_t kind)
{
    struct onus_key key = {{family}};
    onus_be64_put(key.bytes + AT_ADDRESS, (uint64_t)(address >> 64));
    onus_be64_put(key.bytes + AT_ADDRESS + 8, (uint64_t)address);
    key.bytes[AT_KIND] = kind;
    return key;
}

static struct onus_key key_at(const struct onus_address *address, uint8_t kind)
{
    if (onus_address_is_v4(address)) {
        return key_make(FAMILY_V4, onus_address_v4(address), kind);
    }
    return key_make(FAMILY_V6, wide_of(address->bytes), kind);
}

struct onus_key onus_key_of(const struct onus_address *address)
{
    return key_at(address, ONUS_KEY_ADDRESS);
}

struct onus_key onus_key_fence(const struct onus_address *address)
{
    return key_at(address, ONUS_KEY_FENCE);
}

static struct onus_key fence_behind(uint8_t family, wide last)
{
    if (family == FAMILY_V6 && last == ~(wide)0) {
        return key_make(FAMILY_END, 0, ONUS_KEY_FENCE);
    }
    return key_make(family, last + 1, ONUS_KEY_FENCE); /* IPv4: 2^32 behind the last one */
}

struct onus_key onus_key_after(const struct onus_address *address)
{
    if (onus_address_is_v4(address)) {
        return fence_behind(FAMILY_V4, onus_address_v4(address));
    }
    return fence_behind(FAMILY_V6, wide_of(address->bytes));
}

struct onus_key onus_key_unknown(void)
{
    return key_make(FAMILY_NONE, 0, ONUS_KEY_ADDRESS);
}

struct onus_key onus_key_unknown_fence(void)
{
    return key_make(FAMILY_NONE, 0, ONUS_KEY_FENCE);
}

struct onus_key onus_key_lowest(void)
{
    return key_make(FAMILY_V4, 0, ONUS_KEY_FENCE);
}

void onus_key_edges(const struct onus_address *address, unsigned bits, struct onus_key *low,
        struct onus_key *high)
{
    bool v4 = onus_address_is_v4(address);
    unsigned width = v4 ? 32 : 128;
    wide value = v4 ? onus_address_v4(address) : wide_of(address->bytes);
    wide all = v4 ? UINT32_MAX : ~(wide)0;
    wide host = bits >= width ? 0 : bits == 0 ? all : ((wide)1 << (width - bits)) - 1;
    uint8_t family = v4 ? FAMILY_V4 : FAMILY_V6;
    *low = key_make(family, value & ~host, ONUS_KEY_FENCE);
    *high = fence_behind(family, value | host);
}

static bool v4_mapped(wide address)
{
    return address >> 32 == 0xffff;
}

bool onus_key_address(const struct onus_key *key, struct onus_address *out)
{
    wide address = wide_of(key->bytes + AT_ADDRESS);
    if (key->bytes[0] == FAMILY_V4 && address <= UINT32_MAX) {
        *out = onus_address_of_v4((uint32_t)address);
        return true;
    }
    if (key->bytes[0] == FAMILY_V6 && !v4_mapped(address)) {
        memcpy(out->bytes, key->bytes + AT_ADDRESS, ADDRESS_SIZE);
        return true;
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/record.h"

#include <stdio.h>

#include "text/hex.h"

void onus_slot_commit(uint8_t kind, const struct onus_salt *salt, struct onus_str value,
        struct onus_digest *out)
{
    uint8_t head[2 + sizeof(salt->bytes)] = {0x02, kind};
    memcpy(head + 2, salt->bytes, sizeof(salt->bytes));
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, (struct onus_str){(const char *)head, sizeof(head)});
    onus_sha256_add(&hash, value);
    onus_sha256_end(&hash, out);
}

void onus_record_leaf(enum onus_profile profile, struct onus_str public_part,
        const struct onus_digest *slots, size_t count, struct onus_digest *out)
{
    const uint8_t prefix[2] = {0x00, (uint8_t)profile};
    const uint8_t number = (uint8_t)count;
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, (struct onus_str){(const char *)prefix, sizeof(prefix)});
    onus_sha256_add(&hash, public_part);
    onus_sha256_add(&hash, (struct onus_str){(const char *)&number, 1});
    onus_sha256_add(&hash, (struct onus_str){(const char *)slots, count * sizeof(slots[0])});
    onus_sha256_end(&hash, out);
}

void onus_record_entry(enum onus_profile profile, struct onus_str public_part,
        const struct onus_digest *slots, size_t count, struct onus_buffer *out)
{
    onus_buffer_add_char(out, (char)profile);
    onus_buffer_add_str(out, public_part);
    onus_buffer_add_char(out, (char)count);
    onus_buffer_add(out, slots, count * sizeof(slots[0]));
}

size_t onus_public_numbered(const struct onus_tag *tag, uint64_t seq,
        uint8_t out[static ONUS_PUBLIC_MAX])
{
    memcpy(out, tag->bytes, sizeof(tag->bytes));
    onus_be64_put(out + sizeof(tag->bytes), seq);
    return sizeof(tag->bytes) + sizeof(seq);
}

size_t onus_public_range(const struct onus_tag *tag, uint64_t first, uint64_t last,
        uint8_t out[static ONUS_PUBLIC_MAX])
{
    size_t size = onus_public_numbered(tag, first, out);
    onus_be64_put(out + size, last);
    return size + sizeof(last);
}

static bool all_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

struct zeros {
    unsigned start;
    unsigned length;
};

/* RFC 5952, 4.2: the first of the longest runs of two or more groups that are zero. */
static struct zeros longest_zeros(const uint16_t groups[8])
{
    struct zeros best = {.start = 8, .length = 1};
    for (unsigned i = 0; i < 8; i++) {
        unsigned length = 0;
        while (i + length < 8 && groups[i + length] == 0) {
            length++;
        }
        if (length > best.length) {
            best = (struct zeros){i, length};
        }
        i += length;
    }
    return best;
}

static bool is_mapped_v4(const uint8_t address[16])
{
    return all_zero(address, 10) && address[10] == 0xff && address[11] == 0xff;
}

static size_t format_v6(const uint8_t address[16], char out[static ONUS_KEY_TEXT])
{
    if (is_mapped_v4(address)) { /* RFC 5952, 5 */
        return (size_t)snprintf(out, ONUS_KEY_TEXT, "::ffff:%u.%u.%u.%u", address[12], address[13],
                address[14], address[15]);
    }
    uint16_t groups[8];
    for (size_t i = 0; i < 8; i++) {
        groups[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
    }
    struct zeros skip = longest_zeros(groups);
    size_t length = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (i == skip.start) {
            out[length++] = ':';
            i += skip.length - 1;
            if (i == 7) {
                out[length++] = ':';
            }
            continue;
        }
        length += (size_t)snprintf(out + length, ONUS_KEY_TEXT - length, "%s%x", i > 0 ? ":" : "",
                groups[i]);
    }
    out[length] = '\0';
    return length;
}

/* 2^32 as an address: behind the last of IPv4. */
static bool is_end_of_v4(const uint8_t address[16])
{
    return all_zero(address, 11) && address[11] == 1 && all_zero(address + 12, 4);
}

bool onus_key_valid(const struct onus_key *key)
{
    const uint8_t *address = key->bytes + 1;
    bool fence = onus_key_is_fence(key);
    if (!fence && key->bytes[17] != ONUS_KEY_ADDRESS) {
        return false;
    }
    switch (key->bytes[0]) {
    case 0x04:
        return all_zero(address, 12) || (fence && is_end_of_v4(address));
    case 0x06:
        return true;
    case 0x07:
        return fence && all_zero(address, 16);
    case 0xff:
        return all_zero(address, 16);
    default:
        return false;
    }
}

static size_t put_text(const char *text, char out[static ONUS_KEY_TEXT])
{
    return (size_t)snprintf(out, ONUS_KEY_TEXT, "%s", text);
}

size_t onus_key_format(const struct onus_key *key, char out[static ONUS_KEY_TEXT])
{
    const uint8_t *address = key->bytes + 1;
    if (!onus_key_valid(key)) {
        onus_hex_put(out, (struct onus_str){(const char *)key->bytes, sizeof(key->bytes)});
        out[2 * sizeof(key->bytes)] = '\0';
        return 2 * sizeof(key->bytes);
    }
    switch (key->bytes[0]) {
    case 0x04:
        if (is_end_of_v4(address)) {
            return put_text("end of IPv4", out);
        }
        return (size_t)snprintf(out, ONUS_KEY_TEXT, "%u.%u.%u.%u", address[12], address[13],
                address[14], address[15]);
    case 0x06:
        return format_v6(address, out);
    case 0x07:
        return put_text("end of IPv6", out);
    default:
        return put_text(onus_key_is_fence(key) ? "end of addresses" : "no address", out);
    }
}

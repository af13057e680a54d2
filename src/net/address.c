/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include "base/str.h"

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool onus_address_is_v4(const struct onus_address *address)
{
    return memcmp(address->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

uint32_t onus_address_v4(const struct onus_address *address)
{
    const uint8_t *b = address->bytes + 12;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

struct onus_address onus_address_of_v4(uint32_t host_order)
{
    struct onus_address out;
    memcpy(out.bytes, v4_prefix, sizeof(v4_prefix));
    for (unsigned i = 0; i < 4; i++) {
        out.bytes[12 + i] = (uint8_t)(host_order >> (24 - 8 * i));
    }
    return out;
}

static bool parse_v4(struct onus_str text, uint32_t *out)
{
    uint32_t value = 0;
    size_t at = 0;
    for (unsigned octet = 0; octet < 4; octet++) {
        unsigned part = 0;
        size_t digits = 0;
        while (at < text.len && digits < 3 && onus_is_digit(text.ptr[at])) {
            part = part * 10 + (unsigned)(text.ptr[at] - '0');
            at++;
            digits++;
        }
        if (digits == 0 || part > 255) {
            return false;
        }
        value = value << 8 | part;
        if (octet < 3) {
            if (at >= text.len || text.ptr[at] != '.') {
                return false;
            }
            at++;
        }
    }
    if (at != text.len) {
        return false;
    }
    *out = value;
    return true;
}

static int hex_value(char c)
{
    if (onus_is_digit(c)) {
        return c - '0';
    }
    char lower = onus_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* One group of one to four hex digits off the front of *s. */
static bool take_group(struct onus_str *s, uint16_t *out)
{
    unsigned value = 0;
    size_t i = 0;
    for (; i < s->len && i < 5; i++) {
        int digit = hex_value(s->ptr[i]);
        if (digit < 0) {
            break;
        }
        value = value << 4 | (unsigned)digit;
    }
    if (i == 0 || i > 4) {
        return false;
    }
    *s = onus_str_from(*s, i);
    *out = (uint16_t)value;
    return true;
}

struct groups {
    uint16_t value[8];
    size_t count;
    size_t gap; /* groups before "::", or ONUS_STR_NPOS */
};

/* RFC 4291, 2.2 (3): the last 32 bits may be dotted decimal. */
static bool take_embedded_v4(struct groups *g, struct onus_str rest)
{
    uint32_t v4 = 0;
    if (g->count > 6 || !parse_v4(rest, &v4)) {
        return false;
    }
    g->value[g->count++] = (uint16_t)(v4 >> 16);
    g->value[g->count++] = (uint16_t)v4;
    return true;
}

static bool parse_groups(struct onus_str s, struct groups *g)
{
    if (onus_str_skip(&s, ONUS_STR("::"))) {
        g->gap = 0;
    }
    while (s.len > 0) {
        if (g->count == 8) {
            return false;
        }
        if (onus_str_find_char(onus_str_sub(s, 0, onus_str_find_char(s, ':')), '.') !=
                ONUS_STR_NPOS) {
            return take_embedded_v4(g, s);
        }
        if (!take_group(&s, &g->value[g->count])) {
            return false;
        }
        g->count++;
        if (s.len == 0) {
            break;
        }
        if (onus_str_skip(&s, ONUS_STR("::"))) {
            if (g->gap != ONUS_STR_NPOS) {
                return false;
            }
            g->gap = g->count;
        } else if (!onus_str_skip(&s, ONUS_STR(":")) || s.len == 0) {
            return false;
        }
    }
    return true;
}

static bool parse_v6(struct onus_str text, struct onus_address *out)
{
    struct groups g = {.gap = ONUS_STR_NPOS};
    if (text.len < 2 || !parse_groups(text, &g)) {
        return false;
    }
    bool has_gap = g.gap != ONUS_STR_NPOS;
    if (has_gap ? g.count > 7 : g.count != 8) {
        return false;
    }
    struct onus_address result = {{0}};
    size_t head = has_gap ? g.gap : 8;
    for (size_t i = 0; i < g.count; i++) {
        size_t slot = i < head ? i : 8 - g.count + i;
        result.bytes[2 * slot] = (uint8_t)(g.value[i] >> 8);
        result.bytes[2 * slot + 1] = (uint8_t)g.value[i];
    }
    *out = result;
    return true;
}

bool onus_address_parse(struct onus_str text, struct onus_address *out)
{
    if (text.len >= 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']') {
        text = onus_str_sub(text, 1, text.len - 2);
    }
    uint32_t v4 = 0;
    if (parse_v4(text, &v4)) {
        *out = onus_address_of_v4(v4);
        return true;
    }
    size_t zone = onus_str_find_char(text, '%');
    if (zone != ONUS_STR_NPOS) {
        text = onus_str_sub(text, 0, zone);
    }
    return onus_str_find_char(text, ':') != ONUS_STR_NPOS && parse_v6(text, out);
}

static size_t put_decimal(char *out, unsigned value)
{
    size_t n = 0;
    if (value >= 100) {
        out[n++] = (char)('0' + value / 100);
    }
    if (value >= 10) {
        out[n++] = (char)('0' + value / 10 % 10);
    }
    out[n++] = (char)('0' + value % 10);
    return n;
}

static size_t put_hex(char *out, unsigned value)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned nibble = value >> shift & 0xf;
        if (n > 0 || nibble != 0 || shift == 0) {
            out[n++] = digits[nibble];
        }
    }
    return n;
}

/* RFC 5952, 4.2: the longest run of two or more zero groups, the first of equals. */
static size_t longest_zero_run(const uint16_t group[8], size_t *out_length)
{
    size_t best = 8;
    size_t best_length = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t length = 0;
        while (i + length < 8 && group[i + length] == 0) {
            length++;
        }
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    *out_length = best_length;
    return best;
}

static size_t format_v6(const struct onus_address *address, char *out)
{
    uint16_t group[8];
    for (size_t i = 0; i < 8; i++) {
        group[i] = (uint16_t)(address->bytes[2 * i] << 8 | address->bytes[2 * i + 1]);
    }
    size_t run_length = 0;
    size_t run = longest_zero_run(group, &run_length);
    size_t n = 0;
    for (size_t i = 0; i < 8; i++) {
        if (i == run) {
            out[n++] = ':';
            out[n++] = ':';
            i += run_length - 1;
            continue;
        }
        if (n > 0 && out[n - 1] != ':') {
            out[n++] = ':';
        }
        n += put_hex(out + n, group[i]);
    }
    return n;
}

size_t onus_address_format(const struct onus_address *address, char out[static ONUS_ADDRESS_TEXT])
{
    size_t n = 0;
    if (onus_address_is_v4(address)) {
        for (size_t i = 12; i < 16; i++) {
            if (i > 12) {
                out[n++] = '.';
            }
            n += put_decimal(out + n, address->bytes[i]);
        }
    } else {
        n = format_v6(address, out);
    }
    out[n] = '\0';
    return n;
}

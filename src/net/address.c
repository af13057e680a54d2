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
    struct onus_address out = {
            {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (uint8_t)(host_order >> 24),
                    (uint8_t)(host_order >> 16), (uint8_t)(host_order >> 8), (uint8_t)host_order}};
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

enum {
    V4_TEXT_MAX = 15
};

/* Bit i for each byte i of word that is no digit, without a branch. */
static unsigned non_digits(uint64_t word)
{
    uint64_t x = word ^ 0x3030303030303030u;
    uint64_t flags = (((x & 0x7f7f7f7f7f7f7f7fu) + 0x7676767676767676u) | x) & 0x8080808080808080u;
    return (unsigned)(((flags >> 7) * 0x0102040810204080u) >> 56);
}

static unsigned lowest(unsigned *bits)
{
    unsigned at = (unsigned)__builtin_ctz(*bits);
    *bits &= *bits - 1;
    return at;
}

/* One to three digits, the last of them in the highest byte; what stands below is not looked at. */
static unsigned octet_of(uint32_t digits, unsigned count)
{
    digits &= 0x0f0f0f0fu << (32 - 8 * count);
    return (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 + (digits >> 24);
}

static uint32_t four_bytes_at(const char *p)
{
    uint32_t word = 0;
    memcpy(&word, p, sizeof(word));
    return word;
}

/*
 * The address at the front of the 16 bytes at p. Returns its length, 0 when none stands there. Widths
 * of octets follow no pattern, so a loop over them is mispredicted on most lines; this has no branch
 * that depends on them.
 */
static size_t quick_v4(const char *p, uint32_t *out)
{
    uint64_t words[2];
    memcpy(words, p, sizeof(words));
    unsigned others = non_digits(words[0]) | non_digits(words[1]) << 8 | 0xf0000u;
    unsigned a = lowest(&others);
    unsigned b = lowest(&others);
    unsigned c = lowest(&others);
    unsigned end = lowest(&others);
    unsigned wb = b - a - 1;
    unsigned wc = c - b - 1;
    unsigned wd = end - c - 1;
    if (end > V4_TEXT_MAX || a - 1 > 2 || wb - 1 > 2 || wc - 1 > 2 || wd - 1 > 2 || p[a] != '.' ||
            p[b] != '.' || p[c] != '.') {
        return 0;
    }
    unsigned octets[4] = {octet_of((uint32_t)(words[0] << (32 - 8 * a)), a),
            octet_of((uint32_t)(words[0] >> (8 * b - 24)) << 8, wb),
            octet_of(four_bytes_at(p + c - 4), wc), octet_of(four_bytes_at(p + end - 4), wd)};
    if (octets[0] > 255 || octets[1] > 255 || octets[2] > 255 || octets[3] > 255) {
        return 0;
    }
    *out = octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3];
    return end;
}

bool onus_address_take_v4(struct onus_str *s, struct onus_address *out)
{
    uint32_t v4 = 0;
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || s->len <= V4_TEXT_MAX) {
        return false;
    }
    size_t len = quick_v4(s->ptr, &v4);
    if (len == 0 || s->ptr[len] == '.') {
        return false;
    }
    *out = onus_address_of_v4(v4);
    *s = onus_str_from(*s, len);
    return true;
}

/*
 * An address of eight to fifteen bytes that is all of the text: its two halves overlap, so that no
 * byte behind it is read. False says nothing.
 */
static bool short_v4(struct onus_str text, uint32_t *out)
{
    uint64_t words[2];
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || text.len < sizeof(words[0]) ||
            text.len > V4_TEXT_MAX) {
        return false;
    }
    memcpy(&words[0], text.ptr, sizeof(words[0]));
    memcpy(&words[1], text.ptr + text.len - sizeof(words[1]), sizeof(words[1]));
    /* Shifted in two steps: at once it would be by 64 when the length is eight. */
    words[1] = words[1] >> (8 * (V4_TEXT_MAX - text.len)) >> 8;
    return quick_v4((const char *)words, out) == text.len;
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
    bool dotted = onus_str_find_char(s, '.') != ONUS_STR_NPOS;
    if (onus_str_skip(&s, ONUS_STR("::"))) {
        g->gap = 0;
    }
    while (s.len > 0) {
        if (g->count == 8) {
            return false;
        }
        if (dotted && onus_str_find_char(onus_str_sub(s, 0, onus_str_find_char(s, ':')), '.') !=
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
    if (short_v4(text, &v4) || parse_v4(text, &v4)) {
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onus-verify BUNDLE POLICY: does the bundle prove what it says, by the keys the policy names?
 *
 * Answer on standard output, verdict as exit code: 0 and last line "holds"; 1 "does not hold: ..."; 3 "cannot
 * tell: ...". Nothing of a bundle is printed before all of it was checked. The rules are
 * docs/formats/bundle.md, whose steps the comments name; what records mean is docs/formats/evidence.md. This
 * file shares no code with the rest of Onus and needs only a C99 library:
 *
 *     cc -std=c99 -O2 -o onus-verify onus-verify.c
 *
 * The file is read once, front to back, and the first fault ends the program. Groups, records and claims go
 * into tables whose size follows from that of the file. Time is O(n log n) in the size of the bundle for each
 * of at most 64 totals; nothing recurses.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDS = 0, REFUTED = 1, USAGE = 2, UNKNOWN = 3 };
enum {
    BUNDLE_MAX = 64 << 20, TOTALS_MAX = 64, MATCHING_MAX = 16, NEEDLE_MAX = 4096, SIGNATURES_MAX = 64, SLOTS_MAX = 13,
    POLICY_MAX = 1 << 18, PARTIES_MAX = 192, /* limits of this program: cannot tell */
};
#define LAST_TIME UINT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct view { const uint8_t *at; size_t size; }; /* bytes of somebody else, mostly a part of the file */

static void stop(int verdict, const char *why)
{
    printf("%s: %s\n", verdict == REFUTED ? "does not hold" : "cannot tell", why);
    exit(fflush(stdout) == 0 ? verdict : UNKNOWN);
}
static void must(bool holds, const char *why) { if (!holds) { stop(REFUTED, why); } }
static struct view view(const void *at, size_t size) { return (struct view){at, size}; }
static bool same(struct view a, struct view b) { return a.size == b.size && memcmp(a.at, b.at, a.size) == 0; }
static bool is(struct view a, const char *text) { return same(a, view(text, strlen(text))); }
static bool starts(struct view a, const char *text)
{
    return a.size >= strlen(text) && memcmp(a.at, text, strlen(text)) == 0;
}
static uint64_t be64(const uint8_t *at)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++) { n = n << 8 | at[i]; }
    return n;
}
static void put64(uint8_t *at, uint64_t n) { for (int i = 0; i < 8; i++) { at[i] = (uint8_t)(n >> (56 - 8 * i)); } }
static void add_up(uint64_t *sum, uint64_t n)
{
    must(n <= UINT64_MAX - *sum, "a sum is beyond 64 bits");
    *sum += n;
}

/* ---- SHA-256 and SHA-512 (FIPS 180-4). Start and rounds are those of SHA-512; those of SHA-256 are their upper
 * halves, as both are the same roots of primes. ---- */

/* clang-format off: tables are read in columns */
static const uint64_t start_of_hash[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
    0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};
static const uint64_t round_of_hash[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};
/* clang-format on */

/* By how much words turn, but for the third and sixth, which shift: of SHA-256, then of SHA-512. */
static const int turns[2][12] = {
        {7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22}, {1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39}};

static inline uint64_t turn(uint64_t x, int n, bool wide)
{
    return wide ? x >> n | x << (64 - n) : (uint32_t)((uint32_t)x >> n | (uint32_t)x << (32 - n));
}
static inline void compress(uint64_t *state, const uint8_t *in, bool wide)
{
    uint64_t w[80], s[8], mask = wide ? UINT64_MAX : UINT32_MAX;
    const int *by = turns[wide], rounds = wide ? 80 : 64, above = wide ? 0 : 32;
    const size_t size = wide ? 8 : 4;
    for (size_t i = 0; i < 16; i++) { w[i] = be64(in + size * i) >> above; }
    for (int i = 16; i < rounds; i++) {
        uint64_t a = w[i - 15], b = w[i - 2];
        uint64_t p = turn(a, by[0], wide) ^ turn(a, by[1], wide) ^ a >> by[2];
        uint64_t q = turn(b, by[3], wide) ^ turn(b, by[4], wide) ^ b >> by[5];
        w[i] = (w[i - 16] + w[i - 7] + p + q) & mask;
    }
    memcpy(s, state, sizeof(s));
    for (int i = 0; i < rounds; i++) {
        uint64_t a = s[0], e = s[4];
        uint64_t p = turn(e, by[6], wide) ^ turn(e, by[7], wide) ^ turn(e, by[8], wide);
        uint64_t q = turn(a, by[9], wide) ^ turn(a, by[10], wide) ^ turn(a, by[11], wide);
        uint64_t t = s[7] + p + ((e & s[5]) ^ (~e & s[6])) + (round_of_hash[i] >> above) + w[i];
        for (int j = 7; j > 0; j--) { s[j] = s[j - 1]; }
        s[4] = (s[4] + t) & mask;
        s[0] = (t + q + ((a & s[2]) ^ (a & s[3]) ^ (s[2] & s[3]))) & mask;
    }
    for (int i = 0; i < 8; i++) { state[i] = (state[i] + s[i]) & mask; }
}
/* Two copies, so that each knows its width when it is compiled. */
static void compress256(uint64_t *state, const uint8_t *in) { compress(state, in, false); }
static void compress512(uint64_t *state, const uint8_t *in) { compress(state, in, true); }
/* The hash of some parts in a row; wide is SHA-512, else it is SHA-256. */
static void hash(bool wide, const struct view *parts, size_t count, uint8_t *out)
{
    static const uint8_t padding[128] = {0x80};
    size_t block = wide ? 128 : 64, word = block / 16, have = 0;
    uint64_t state[8], size = 0;
    uint8_t buffer[128] = {0}, bits[8];
    for (int i = 0; i < 8; i++) { state[i] = wide ? start_of_hash[i] : start_of_hash[i] >> 32; }
    for (size_t i = 0; i < count; i++) { size += parts[i].size; }
    put64(bits, size * 8);
    for (size_t i = 0; i < count + 2; i++) { /* after the parts the padding, then the length */
        size_t fill = (have + 1 + 2 * word <= block ? block : 2 * block) - have - 8;
        struct view part = i < count ? parts[i] : i == count ? view(padding, fill) : view(bits, 8);
        for (size_t n; part.size > 0; part = view(part.at + n, part.size - n)) {
            n = block - have < part.size ? block - have : part.size;
            memcpy(buffer + have, part.at, n);
            have = (have + n) % block;
            if (have == 0) { (wide ? compress512 : compress256)(state, buffer); }
        }
    }
    for (size_t i = 0; i < 8 * word; i++) { out[i] = (uint8_t)(state[i / word] >> (8 * (word - 1 - i % word))); }
}
static void sha256(struct view data, uint8_t *out) { hash(false, &data, 1, out); }

/* ---- Ed25519 (RFC 8032), only verifying: nothing here is secret, so nothing needs to take equal time ---- */

struct fe { uint64_t v[16]; }; /* below 2^256, in limbs of 16 bits; equal modulo p = 2^255 - 19 is the same */
struct point { struct fe x, y, z, t; }; /* x = X/Z, y = Y/Z, x * y = T/Z */
static struct { struct fe d, root; struct point base; } curve; /* root of -1; filled once, by make_curve() */
static const struct fe zero = {{0}}, one = {{1}};

static struct fe carried(struct fe f)
{
    for (int pass = 0; pass < 3; pass++) { /* the third passes on what the folding of the second left */
        uint64_t c = 0;
        for (int i = 0; i < 16; i++) { f.v[i] += c; c = f.v[i] >> 16; f.v[i] &= 0xffff; }
        f.v[0] += 38 * c; /* 2^256 = 38 modulo p */
    }
    return f;
}
static struct fe plus(struct fe a, struct fe b)
{
    for (int i = 0; i < 16; i++) { a.v[i] += b.v[i]; }
    return carried(a);
}
static struct fe minus(struct fe a, struct fe b)
{
    /* 4p more, so that no limb falls below zero. */
    for (int i = 0; i < 16; i++) { a.v[i] += (i == 0 ? 0x1ffb4U : 0x1fffeU) - b.v[i]; }
    return carried(a);
}
static struct fe times(struct fe a, struct fe b)
{
    uint64_t wide[32] = {0};
    for (int i = 0; i < 16; i++) { for (int j = 0; j < 16; j++) { wide[i + j] += a.v[i] * b.v[j]; } }
    for (int i = 0; i < 16; i++) { a.v[i] = wide[i] + 38 * wide[i + 16]; }
    return carried(a);
}
/* a to the power whose little-endian bytes are first, ff (30 times), last. */
static struct fe power(struct fe a, unsigned first, unsigned last)
{
    struct fe r = one;
    for (int bit = 255; bit >= 0; bit--) {
        unsigned byte = bit < 8 ? first : bit >= 248 ? last : 0xff;
        r = times(r, r);
        if (byte >> (bit % 8) & 1) { r = times(r, a); }
    }
    return r;
}
static struct fe inverse(struct fe a) { return power(a, 0xeb, 0x7f); } /* to p - 2 */
static void fe_bytes(struct fe f, uint8_t *out)
{
    for (int pass = 0; pass < 2; pass++) {
        f.v[0] += 19 * (f.v[15] >> 15);
        f.v[15] &= 0x7fff;
        f = carried(f);
    }
    struct fe more = plus(f, (struct fe){{19}}); /* reaches 2^255 exactly when f is p or more */
    if (more.v[15] >> 15) { f = more; f.v[15] &= 0x7fff; }
    for (int i = 0; i < 32; i++) { out[i] = (uint8_t)(f.v[i / 2] >> (8 * (i % 2))); }
}
static bool fe_same(struct fe a, struct fe b)
{
    uint8_t x[32], y[32];
    fe_bytes(a, x);
    fe_bytes(b, y);
    return memcmp(x, y, 32) == 0;
}
/* Also right for a + a and for the neutral point (RFC 8032, 5.1.4). */
static struct point point_add(struct point a, struct point b)
{
    struct fe l = times(minus(a.y, a.x), minus(b.y, b.x)), r = times(plus(a.y, a.x), plus(b.y, b.x));
    struct fe t = times(times(a.t, b.t), plus(curve.d, curve.d)), z = times(a.z, plus(b.z, b.z));
    struct fe e = minus(r, l), f = minus(z, t), g = plus(z, t), h = plus(r, l);
    return (struct point){times(e, f), times(g, h), times(f, g), times(e, h)};
}
/* False when the 32 bytes are no point, or not the one spelling of it (RFC 8032, 5.1.3). */
static bool point_read(const uint8_t *in, struct point *out)
{
    struct fe y = zero;
    uint8_t bytes[32];
    for (int i = 0; i < 32; i++) { y.v[i / 2] |= (uint64_t)(i == 31 ? in[i] & 0x7f : in[i]) << (8 * (i % 2)); }
    fe_bytes(y, bytes);
    bytes[31] |= in[31] & 0x80;
    if (memcmp(bytes, in, 32) != 0) { return false; }
    struct fe u = minus(times(y, y), one), v = plus(times(curve.d, times(y, y)), one), v3 = times(times(v, v), v);
    struct fe x = times(times(u, v3), power(times(times(u, v3), times(v3, v)), 0xfd, 0x0f)); /* to (p - 5) / 8 */
    if (!fe_same(times(v, times(x, x)), u)) { x = times(x, curve.root); }
    fe_bytes(x, bytes);
    bool negative = in[31] >> 7;
    if (!fe_same(times(v, times(x, x)), u) || (negative && fe_same(x, zero))) { return false; }
    x = (bytes[0] & 1) != negative ? minus(zero, x) : x;
    *out = (struct point){x, y, one, times(x, y)};
    return true;
}
static bool small_order(struct point p)
{
    for (int i = 0; i < 3; i++) { p = point_add(p, p); }
    return fe_same(p.x, zero) && fe_same(p.y, p.z);
}
static void make_curve(void)
{
    uint8_t y[32];
    curve.root = power((struct fe){{2}}, 0xfb, 0x1f); /* 2 to (p - 1) / 4 */
    curve.d = times(minus(zero, (struct fe){{0xdb41, 1}}), inverse((struct fe){{0xdb42, 1}})); /* -121665 / 121666 */
    fe_bytes(times((struct fe){{4}}, inverse((struct fe){{5}})), y);
    (void)point_read(y, &curve.base); /* y = 4/5, and the even x */
}
/* The order of the group of the base point, little end first. */
static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
        0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
static bool below_order(const uint8_t *n)
{
    int i = 31;
    while (i > 0 && n[i] == order[i]) { i--; }
    return n[i] < order[i];
}
/* 64 bytes, little end first, modulo the order: bit by bit. */
static void reduce(const uint8_t *in, uint8_t *out)
{
    memset(out, 0, 32);
    for (int bit = 511; bit >= 0; bit--) {
        unsigned carry = in[bit / 8] >> (bit % 8) & 1;
        for (int i = 0; i < 32; i++) { carry |= (unsigned)out[i] << 1; out[i] = (uint8_t)carry; carry >>= 8; }
        if (below_order(out)) { continue; }
        for (int i = 0, borrow = 0; i < 32; i++) {
            int n = out[i] - order[i] - borrow;
            borrow = n < 0;
            out[i] = (uint8_t)(n & 0xff);
        }
    }
}
/* A key may be used when it is one spelling of a point that is not of small order. */
static bool is_public_key(const uint8_t *key, struct point *out)
{
    return point_read(key, out) && !small_order(*out);
}
/* Step 2: S below the order, no key or R of small order, one spelling, S B = R + k A exactly. */
static bool signature_holds(const uint8_t *key, struct view before, struct view text, const uint8_t *signature)
{
    struct point a, r = {zero, one, one, zero};
    uint8_t digest[64], k[32], x[32], y[32];
    if (!below_order(signature + 32) || !is_public_key(key, &a)) { return false; }
    hash(true, (struct view[]){view(signature, 32), view(key, 32), before, text}, 4, digest);
    reduce(digest, k);
    a.x = minus(zero, a.x);
    a.t = minus(zero, a.t);
    struct point both = point_add(a, curve.base);
    for (int bit = 255; bit >= 0; bit--) {
        bool s = signature[32 + bit / 8] >> (bit % 8) & 1, t = k[bit / 8] >> (bit % 8) & 1;
        r = point_add(r, r);
        if (s || t) { r = point_add(r, s && t ? both : s ? curve.base : a); }
    }
    fe_bytes(times(r.x, inverse(r.z)), x);
    fe_bytes(times(r.y, inverse(r.z)), y);
    y[31] |= (uint8_t)((x[0] & 1) << 7);
    return memcmp(y, signature, 32) == 0 && !small_order(r);
}

/* ---- Reading: one value, one spelling ---- */

struct reader { uint8_t *data; size_t size, at; };

static bool skips(struct reader *r, const char *text)
{
    bool there = starts(view(r->data + r->at, r->size - r->at), text);
    r->at += there ? strlen(text) : 0;
    return there;
}
static struct view take(struct reader *r, uint64_t size)
{
    must(size <= r->size - r->at, "a part is cut off");
    r->at += (size_t)size;
    return view(r->data + r->at - size, (size_t)size);
}
/* The bytes up to a mark, and over it. */
static struct view until(struct reader *r, char mark)
{
    const uint8_t *end = memchr(r->data + r->at, mark, r->size - r->at);
    must(end != NULL, "a part is cut off");
    struct view out = take(r, (uint64_t)(end - r->data) - r->at);
    r->at++;
    return out;
}
/* The number a text begins with; returns how many digits it has, 0 when it is none. */
static size_t digits_of(struct view text, uint64_t *out)
{
    size_t n = 0;
    for (*out = 0; n < text.size && n < 19 && text.at[n] >= '0' && text.at[n] <= '9'; n++) {
        *out = *out * 10 + (uint64_t)(text.at[n] - '0');
    }
    return n > 18 || (n > 1 && text.at[0] == '0') ? 0 : n;
}
static bool hex_of(struct view text, uint8_t *out, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    if (text.size != 2 * size || memchr(text.at, 0, text.size) != NULL) { return false; }
    for (size_t i = 0; i < size; i++) {
        const char *high = strchr(digits, text.at[2 * i]), *low = strchr(digits, text.at[2 * i + 1]);
        if (high == NULL || low == NULL) { return false; }
        out[i] = (uint8_t)((high - digits) * 16 + (low - digits));
    }
    return true;
}
/* Returns the number of bytes, 0 when it is not canonical; stores only what fits into max. */
static size_t base64_of(struct view text, uint8_t *out, size_t max)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = 0, padding = 0;
    uint32_t bits = 0;
    while (padding < 2 && padding < text.size && text.at[text.size - 1 - padding] == '=') { padding++; }
    for (size_t i = 0; i < text.size - padding; i++) {
        const char *digit = text.at[i] == 0 ? NULL : strchr(digits, text.at[i]);
        if (digit == NULL) { return 0; }
        bits = (bits << 6 | (uint32_t)(digit - digits)) & 0xffff;
        if (i % 4 != 0 && size++ < max) { out[size - 1] = (uint8_t)(bits >> (6 - 2 * (i % 4))); }
    }
    return text.size % 4 != 0 || (padding > 0 && (bits & (padding == 1 ? 3 : 15)) != 0) ? 0 : size;
}
/* What must stand here: %n a number, %b %x %k hexadecimal of 1, 16, 18 bytes, %h a hash up to the line feed. */
static void scan(struct reader *r, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    for (; *form != 0; form++) {
        char literal[2] = {*form, 0}, what = *form == '%' ? *++form : 0;
        if (what == 0) {
            must(skips(r, literal), "a line has another form, or the end is missing");
        } else if (what == 'n') {
            size_t n = digits_of(view(r->data + r->at, r->size - r->at), va_arg(arguments, uint64_t *));
            must(n > 0, "a number is spelled in another way");
            r->at += n;
        } else if (what == 'h') {
            must(base64_of(until(r, '\n'), va_arg(arguments, uint8_t *), 32) == 32,
                    "a hash is spelled in another way");
        } else {
            size_t n = what == 'b' ? 1 : what == 'x' ? 16 : 18;
            must(hex_of(take(r, 2 * n), va_arg(arguments, uint8_t *), n), "hexadecimal is spelled in another way");
        }
    }
    va_end(arguments);
}
/* Follow the path that stands here from a leaf to its root. Index and size fix its length (RFC 9162, 2.1.3.2). */
static void lead_to(struct reader *r, uint8_t *hash, uint64_t index, uint64_t size, const uint8_t *root)
{
    must(index < size, "an index is not below the size of its tree");
    uint64_t node = index, last = size - 1;
    while (skips(r, "h ")) {
        uint8_t in[65] = {1};
        bool left = node & 1 || node == last; /* the other hash stands to the left */
        must(last != 0, "a path is too long");
        memcpy(in + (left ? 33 : 1), hash, 32);
        scan(r, "%h", in + (left ? 1 : 33));
        sha256(view(in, sizeof(in)), hash);
        for (; left && !(node & 1) && node != 0; node >>= 1) { last >>= 1; }
        node >>= 1;
        last >>= 1;
    }
    must(last == 0, "a path is too short");
    must(memcmp(hash, root, 32) == 0, "a path does not lead to the root that is stated");
}
/* The next character of UTF-8, UINT32_MAX when there is none (RFC 3629). */
static uint32_t next_character(struct view text, size_t *at)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text.at[*at];
    size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (n == 0 || n > text.size - *at) { return UINT32_MAX; }
    uint32_t c = n == 1 ? first : first & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((text.at[*at + i] & 0xc0) != 0x80) { return UINT32_MAX; }
        c = c << 6 | (text.at[*at + i] & 0x3f);
    }
    *at += n;
    return c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff ? UINT32_MAX : c;
}
static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || (c >= 0x2000 && c <= 0x200a) || c == 0x20 || c == 0x85 || c == 0xa0 ||
            c == 0x1680 || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* ---- Step 1: the policy (C2SP tlog-policy) ---- */

struct party { /* a log, a witness, or a group of witnesses and groups */
    struct view name, key_name;
    uint8_t type, id[4], key[32]; /* type of the key: 1 log, 4 witness, 0 group */
    size_t need, members, group;
};
struct policy {
    struct party parties[PARTIES_MAX]; /* members before their groups */
    size_t count, quorum, line;
    bool has_quorum, none;
};
#define NO_PARTY SIZE_MAX

static void sound(const struct policy *p, bool holds, const char *why)
{
    if (holds) { return; }
    printf("cannot tell: policy line %zu: %s\n", p->line, why);
    exit(UNKNOWN);
}
static bool blank(uint8_t c) { return c == ' ' || c == '\t'; }
static bool next_word(struct view *line, struct view *out)
{
    size_t from = 0;
    while (from < line->size && blank(line->at[from])) { from++; }
    size_t end = from;
    while (end < line->size && !blank(line->at[end])) { end++; }
    *out = view(line->at + from, end - from);
    *line = view(line->at + end, line->size - end);
    return end > from;
}
static void read_vkey(const struct policy *p, struct view *line, uint8_t type, struct party *party)
{
    struct view text, url;
    struct point point;
    uint8_t raw[33], id[32];
    sound(p, next_word(line, &text), "a key is missing");
    const uint8_t *plus = memchr(text.at, '+', text.size);
    sound(p, plus != NULL && plus > text.at, "a key has no name");
    party->key_name = view(text.at, (size_t)(plus - text.at));
    text = view(plus + 1, text.size - party->key_name.size - 1);
    sound(p, text.size == 53 && text.at[8] == '+' && hex_of(view(text.at, 8), party->id, 4) &&
            base64_of(view(text.at + 9, 44), raw, 33) == 33 && raw[0] == type,
            "a key is not NAME+ID+KEY of the type wanted");
    party->type = type;
    memcpy(party->key, raw + 1, 32);
    hash(false, (struct view[]){party->key_name, view("\n", 1), view(raw, 33)}, 3, id);
    sound(p, memcmp(id, party->id, 4) == 0, "the id of a key is not its own");
    sound(p, is_public_key(party->key, &point), "a key is no point of the curve, or of small order");
    for (size_t i = 0; i < p->count; i++) {
        sound(p, p->parties[i].type == 0 || memcmp(p->parties[i].key, party->key, 32) != 0, "a key stands twice");
    }
    (void)next_word(line, &url);
}
static size_t find_party(const struct policy *p, struct view name) /* logs have no name here */
{
    for (size_t i = 0; i < p->count; i++) { if (same(p->parties[i].name, name)) { return i; } }
    return NO_PARTY;
}
static void read_members(struct policy *p, struct view *line, struct party *group)
{
    struct view how, name;
    uint64_t need = 1;
    sound(p, next_word(line, &how), "a group does not say how many");
    for (; next_word(line, &name); group->members++) {
        size_t member = find_party(p, name);
        sound(p, member != NO_PARTY, "a member is not defined above");
        sound(p, p->parties[member].group == NO_PARTY, "a member stands in a group already");
        p->parties[member].group = p->count;
    }
    if (is(how, "all")) { need = group->members; }
    sound(p, is(how, "all") || is(how, "any") || digits_of(how, &need) == how.size,
            "a group says neither all, any nor a number");
    sound(p, need >= 1 && need <= group->members, "a group needs none, or more than its members");
    group->need = (size_t)need;
}
static void read_policy_line(struct policy *p, struct view line)
{
    struct view what, name;
    if (!next_word(&line, &what) || what.at[0] == '#') { return; }
    bool log = is(what, "log");
    if (log || is(what, "witness") || is(what, "group")) {
        struct party party = {.group = NO_PARTY};
        sound(p, p->count < PARTIES_MAX, "more logs, witnesses and groups than this program takes");
        sound(p, log || next_word(&line, &party.name), "a name is missing");
        sound(p, log || (find_party(p, party.name) == NO_PARTY && !is(party.name, "none")), "a name stands twice");
        if (what.at[0] == 'g') { read_members(p, &line, &party); } else { read_vkey(p, &line, log ? 1 : 4, &party); }
        p->parties[p->count++] = party;
    } else {
        sound(p, is(what, "quorum") && !p->has_quorum, "unknown word, or a second quorum");
        sound(p, next_word(&line, &name), "the quorum is missing");
        p->has_quorum = true;
        p->none = is(name, "none");
        p->quorum = find_party(p, name);
        sound(p, p->none || p->quorum != NO_PARTY, "the quorum is not defined above");
    }
    sound(p, !next_word(&line, &name), "a word too much");
}
static void read_policy(struct policy *p, struct view text)
{
    for (; text.size > 0;) {
        const uint8_t *end = memchr(text.at, '\n', text.size);
        p->line++;
        sound(p, end != NULL, "no line end");
        struct view line = view(text.at, (size_t)(end - text.at));
        for (size_t i = 0; i < line.size; i++) {
            sound(p, line.at[i] == '\t' || (line.at[i] >= 0x20 && line.at[i] != 0x7f), "a control character");
        }
        read_policy_line(p, line);
        text = view(end + 1, text.size - line.size - 1);
    }
    sound(p, p->has_quorum, "no quorum line");
}

/* ---- Steps 2 to 4: signed notes ---- */

struct note {
    struct view bytes, text, origin;
    uint64_t size, high, low, time[PARTIES_MAX]; /* T_hi and T_lo, when the policy wants witnesses */
    uint8_t root[32];
    bool there, signed_by[PARTIES_MAX];
};

/* Is the quorum met by the cosigners of this span of time? */
static bool quorum_met(const struct policy *p, const struct note *n, uint64_t from, uint64_t to)
{
    size_t votes[PARTIES_MAX] = {0};
    bool met = false;
    for (size_t i = 0; i < p->count; i++) {
        const struct party *party = &p->parties[i];
        bool signer = n->signed_by[i] && n->time[i] >= from && n->time[i] <= to;
        bool yes = party->type == 0 ? votes[i] >= party->need : signer;
        met = met || (yes && i == p->quorum);
        if (yes && party->group != NO_PARTY) { votes[party->group]++; }
    }
    return met;
}
/* A signature line of the note; true when it is one of the log the note names. */
static bool read_signature(const struct policy *p, struct note *n, struct reader *r)
{
    uint8_t raw[76] = {0};
    bool of_log = false;
    scan(r, "\xe2\x80\x94 ");
    struct view name = until(r, ' ');
    must(name.size > 0 && memchr(name.at, '+', name.size) == NULL, "a key name of the note is none");
    for (size_t i = 0; i < name.size;) {
        must(!is_space(next_character(name, &i)), "a key name of the note holds a space");
    }
    size_t size = base64_of(until(r, '\n'), raw, sizeof(raw));
    must(size > 4, "a signature of the note is spelled in another way");
    for (size_t i = 0; i < p->count; i++) {
        const struct party *party = &p->parties[i];
        char before[64] = "";
        uint64_t time = be64(raw + 4);
        if (party->type == 0 || !same(party->key_name, name) || memcmp(party->id, raw, 4) != 0) { continue; }
        bool log = party->type == 1;
        if (!log) { (void)snprintf(before, sizeof(before), "cosignature/v1\ntime %llu\n", (unsigned long long)time); }
        must(size == (log ? 68 : 76) && (log || time <= LAST_TIME) &&
                signature_holds(party->key, view(before, strlen(before)), n->text, raw + size - 64),
                "a signature does not check");
        of_log = of_log || (log && same(name, n->origin));
        n->time[i] = n->signed_by[i] && n->time[i] < time ? n->time[i] : time;
        n->signed_by[i] = !log;
    }
    return of_log;
}
static void read_note(const struct policy *p, struct reader *r, struct note *n)
{
    bool known = false, of_log = false;
    uint64_t length;
    size_t count = 0;
    scan(r, "%n\n", &length);
    n->there = true;
    n->bytes = take(r, length);
    for (size_t i = 0; i < n->bytes.size;) {
        uint32_t c = next_character(n->bytes, &i);
        must(c != UINT32_MAX && (c >= 0x20 || c == '\n'), "a note is no text");
    }
    size_t end = n->bytes.size; /* of the text: behind the line feed before the last blank line */
    while (end >= 2 && (n->bytes.at[end - 1] != '\n' || n->bytes.at[end - 2] != '\n')) { end--; }
    must(end >= 2, "a note has no blank line");
    n->text = view(n->bytes.at, end - 1);
    struct reader text = {r->data + r->at - length, n->text.size, 0}, lines = {text.data, n->bytes.size, end};
    n->origin = until(&text, '\n');
    scan(&text, "%n\n%h", &n->size, n->root);
    must(n->origin.size > 0 && text.at == text.size, "a note is no checkpoint");
    for (; lines.at < lines.size; count++) {
        must(count < SIGNATURES_MAX, "a note has more than 64 signatures");
        of_log = read_signature(p, n, &lines) || of_log;
    }
    must(count > 0, "a note has no signature");
    for (size_t i = 0; i < p->count; i++) {
        known = known || (p->parties[i].type == 1 && same(p->parties[i].key_name, n->origin));
    }
    if (!known) { stop(UNKNOWN, "the policy has no key of a log with this origin"); }
    must(of_log, "a note is not signed by its log");
    must(p->none || quorum_met(p, n, 0, UINT64_MAX), "the quorum of witnesses is not reached");
    n->high = UINT64_MAX;
    for (size_t i = 0; i < p->count; i++) {
        uint64_t time = n->time[i];
        if (n->signed_by[i] && time < n->high && quorum_met(p, n, 0, time)) { n->high = time; }
        if (n->signed_by[i] && time > n->low && quorum_met(p, n, time, UINT64_MAX)) { n->low = time; }
    }
}

/* ---- Steps 5 to 7: groups, records, rows, claims ---- */

struct slot { bool open; unsigned kind; struct view text; };
struct group {
    char profile, lines_are; /* M R N; G S, or 0 when slot 4c is hidden and nothing was shown */
    unsigned open;           /* bit k: slot 40 + k, or 50 + k */
    uint8_t tag[16], leaf[32], previous[32], root[32], index_root[32];
    uint64_t entry, first, last, lines, leaves, rows, from, until;
    bool from_known, until_known, anchored, has_all;
    struct view name;
    size_t items, items_end, counted, exact; /* the last two: number of a total plus 1 */
};
enum what { RECORD, COUNT_ADDRESS, COUNT_RANGE, ABSENT, ALL, SAMPLE };
struct item {
    enum what what;
    char profile;
    bool shown; /* some slot of a record is open */
    unsigned n;
    size_t at; /* where the slots, or the path of the posting, stand */
    struct group *group;
    uint64_t index, lines, attempts, line, row; /* index: of a record, number of a sample */
    uint8_t low[18], high[18], posting[32];
};
struct row { uint64_t index, lines, attempts; unsigned open; uint8_t key[18], posting[32]; };
struct net { uint8_t low[18], high[18]; uint64_t asn; struct view name; }; /* a row of the table of networks */
struct total {
    enum { ADDRESS, RANGE, NETWORK, MEMBERS, EVERYTHING, MATCHING, UNBROKEN, AUDIT } what;
    struct view text, bytes;
    uint8_t low[18], high[18], tag[16];
    uint64_t number, lines, attempts, shown, inside, elsewhere; /* number: ASN or K */
    bool share;
};
struct bundle {
    struct policy policy;
    struct note checkpoint, older, beacon;
    struct reader r;
    struct group *groups, **by_seq;
    struct item *items, **sorted;
    struct net *nets;
    struct view table, date;
    size_t group_count, item_count, net_count, total_count;
    uint64_t tokens;
    struct total totals[TOTALS_MAX];
};

static bool open(const struct group *g, unsigned kind) { return g->open >> (kind & 15) & 1; }
/* Read n slots that stand here and hash them to a leaf; with no leaf only read them. */
static void read_slots(struct reader *r, struct view head, unsigned first, unsigned n, struct slot *s, uint8_t *leaf)
{
    uint8_t commitments[32 * SLOTS_MAX], count = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        uint8_t start[18] = {2}, *raw;
        uint64_t size;
        s[i] = (struct slot){.open = !skips(r, "c ")};
        if (!s[i].open) { scan(r, "%h", commitments + 32 * i); continue; }
        scan(r, "o %b %x %n:", start + 1, start + 2, &size);
        s[i].kind = start[1];
        must(first == 0 || s[i].kind == first + i, "the kind of a slot is not that of its position");
        raw = r->data + r->at;
        s[i].text = take(r, first == 0 ? size : 2 * size);
        scan(r, "\n");
        if (first != 0) { /* decoded where it stands: only records are read again */
            must(hex_of(s[i].text, raw, (size_t)size), "hexadecimal is spelled in another way");
            s[i].text = view(raw, (size_t)size);
        }
        must(first != 0 || memchr(s[i].text.at, '\n', s[i].text.size) == NULL, "a line feed in a line");
        if (leaf != NULL) { hash(false, (struct view[]){view(start, 18), s[i].text}, 2, commitments + 32 * i); }
    }
    struct view parts[] = {view("\0", 1), head, view(&count, 1), view(commitments, (size_t)32 * n)};
    if (leaf != NULL) { hash(false, parts, 4, leaf); }
}
/* The slots of a record again, which were checked. */
static void slots_of(const struct bundle *b, const struct item *item, unsigned n, struct slot *s)
{
    struct reader r = b->r;
    r.at = item->at;
    read_slots(&r, view("", 0), 0, n, s, NULL);
}
/* The value of an open slot, which must have this size; false when it is hidden. */
static bool value(const struct slot *s, uint8_t *out, size_t size)
{
    must(!s->open || s->text.size == size, "a slot has another size");
    if (s->open) { memcpy(out, s->text.at, size); }
    return s->open;
}
static uint64_t number(const struct slot *s)
{
    uint8_t raw[8];
    return value(s, raw, 8) ? be64(raw) : 0;
}
static uint64_t time_of(const struct slot *s, bool *known)
{
    *known = s->open && s->text.size > 0;
    must(!*known || number(s) <= LAST_TIME, "a time is beyond the year 9999");
    return *known ? number(s) : 0;
}
static void read_values(struct bundle *b, struct group *g, const struct slot *s)
{
    uint8_t raw[40], anchor[32];
    g->name = s[0].text;
    must(!s[0].open || (s[0].text.size >= 1 && s[0].text.size <= 4096), "a source name is empty or too long");
    if (!s[2].open || s[2].text.size != 32 || !value(&s[2], g->previous, 32)) { g->open &= ~4U; }
    g->from = time_of(&s[3], &g->from_known);
    g->until = time_of(&s[4], &g->until_known);
    (void)number(&s[5]);
    g->lines = number(&s[6]);
    g->leaves = number(&s[7]);
    (void)value(&s[8], g->root, 32);
    if (value(&s[9], raw, 40)) { g->rows = be64(raw); memcpy(g->index_root, raw + 8, 32); }
    if (s[11].open && s[11].text.size > 0 && value(&s[11], raw, 32) && b->older.there) {
        sha256(b->older.bytes, anchor);
        g->anchored = memcmp(raw, anchor, 32) == 0;
    }
    if (s[12].open) { /* empty: no record fits */
        g->lines_are = s[12].text.size == 0 ? '-' : s[12].text.at[0] & 0x40 ? 'S' : 'G';
    }
}
static void read_head(struct bundle *b, struct group *g)
{
    struct reader *r = &b->r, path;
    struct slot s[SLOTS_MAX];
    uint8_t head[33], hash[32];
    scan(r, "batch %n\n", &g->entry);
    must(b->group_count == 0 || g[-1].entry < g->entry, "batches do not ascend");
    path = *r;
    while (skips(r, "h ")) { (void)until(r, '\n'); }
    g->profile = skips(r, "manifest 13 ") ? 'M' : skips(r, "rollup 13 ") ? 'R' : 'N';
    bool source = g->profile == 'N';
    if (source) { scan(r, "source 4 %x\n", g->tag); } else { scan(r, "%x %n", g->tag, &g->first); }
    g->last = g->first;
    if (!source) { scan(r, g->profile == 'R' ? " %n\n" : "\n", &g->last); }
    must(g->first <= g->last, "a roll-up ends before it begins");
    head[0] = (uint8_t)g->profile;
    memcpy(head + 1, g->tag, 16);
    put64(head + 17, g->first);
    put64(head + 25, g->last);
    read_slots(r, view(head, source ? 17 : g->profile == 'M' ? 25 : 33), source ? 0x50 : 0x40, source ? 4 : 13, s,
            g->leaf);
    memcpy(hash, g->leaf, 32);
    lead_to(&path, hash, g->entry, b->checkpoint.size, b->checkpoint.root);
    for (unsigned i = 0; i < (source ? 4U : 13U); i++) { g->open |= (unsigned)s[i].open << i; }
    if (source) { g->name = s[0].text; } else { read_values(b, g, s); }
}
static void read_record(struct bundle *b, struct group *g, struct item *item)
{
    struct reader *r = &b->r;
    struct slot s[SLOTS_MAX];
    uint64_t index, n;
    uint8_t leaf[32];
    must(g->profile == 'M' && open(g, 0x47) && open(g, 0x48), "a record where no lines are opened");
    scan(r, "%n ", &index);
    char profile = skips(r, "G ") ? 'G' : 'S';
    scan(r, profile == 'G' ? "%n\n" : "S %n\n", &n);
    must(n >= 1 && n <= (profile == 'G' ? 8 : 12), "a record has no or too many slots");
    must(g->lines_are == 0 || g->lines_are == profile, "a record is of the wrong profile");
    g->lines_are = profile;
    *item = (struct item){.what = RECORD, .profile = profile, .n = (unsigned)n, .at = r->at, .group = g,
            .index = index};
    read_slots(r, view(&profile, 1), 0, item->n, s, leaf);
    for (unsigned i = 0; i < n; i++) {
        item->shown = item->shown || s[i].open;
        must(!s[i].open || (profile == 'G' ? s[i].kind == 0x10 : s[i].kind >= 0x11 && s[i].kind <= 0x1c),
                "the kind of a slot is none of its profile");
    }
    lead_to(r, leaf, index, g->leaves, g->root);
}
/* Is this a key that has a text? Family 04 or 06, the fences behind them, or no address. */
static bool is_key(const uint8_t *k)
{
    static const uint8_t nothing[16] = {0};
    bool fence = k[17] == 0, empty = memcmp(k + 1, nothing, 16) == 0, four = memcmp(k + 1, nothing, 12) == 0;
    bool behind_four = fence && memcmp(k + 1, nothing, 11) == 0 && k[12] == 1 && memcmp(k + 13, nothing, 4) == 0;
    bool nowhere = empty && (k[0] == 255 || (k[0] == 7 && fence));
    return k[17] <= 1 && (k[0] == 4 ? four || behind_four : k[0] == 6 || nowhere);
}
static bool is_fence(const uint8_t *k) { return is_key(k) && k[17] == 0; }
static struct row read_row(struct bundle *b, const struct group *g)
{
    struct slot s[SLOTS_MAX];
    struct row row = {0};
    uint8_t leaf[32];
    must(g->profile != 'N' && open(g, 0x49), "a row where no index is opened");
    scan(&b->r, "row %n 4\n", &row.index);
    read_slots(&b->r, view("I", 1), 0x20, 4, s, leaf);
    lead_to(&b->r, leaf, row.index, g->rows, g->index_root);
    for (unsigned i = 0; i < 4; i++) { row.open |= (unsigned)s[i].open << i; }
    must(!value(&s[0], row.key, 18) || is_key(row.key), "a key is none");
    row.lines = number(&s[1]);
    (void)value(&s[2], row.posting, 32);
    row.attempts = number(&s[3]);
    return row;
}
/* What a claim of any kind asks of its rows. */
static void check_rows(const struct group *g, enum what what, const struct row *low, const struct row *high)
{
    /* By enum what; bit k: slot 20 + k must be open. */
    static const unsigned wanted_low[] = {0, 10, 11, 1, 0, 2}, wanted_high[] = {0, 11, 11, 1, 10, 7};
    unsigned both = low->open & high->open;
    bool last = high->index == g->rows - 1 && open(g, 0x46) && g->lines == high->lines;
    bool placed = what == COUNT_RANGE ? low->index < high->index : low->index + 1 == high->index;
    must((low->open & wanted_low[what]) == wanted_low[what] && (high->open & wanted_high[what]) == wanted_high[what],
            "a slot of a row is hidden");
    must(!(both & 1) || memcmp(low->key, high->key, 18) < 0, "keys do not ascend");
    must(!(both & 2) || low->lines <= high->lines, "a sum of lines falls");
    must(!(both & 8) || low->attempts <= high->attempts, "a sum of attempts falls");
    must(what == ALL ? last : placed, "these are not the rows of such a claim");
}
static void read_claim(struct bundle *b, struct group *g, struct item *item)
{
    struct reader *r = &b->r;
    struct row low = {0}, high;
    enum what what = skips(r, "count address\n") ? COUNT_ADDRESS : skips(r, "count range\n") ? COUNT_RANGE
            : skips(r, "absent ") ? ABSENT : skips(r, "all\n") ? ALL : SAMPLE;
    *item = (struct item){.what = what, .group = g};
    if (what == ABSENT) { scan(r, "%k\n", item->low); }
    if (what == SAMPLE) { scan(r, "sample %n\n", &item->index); }
    if (what != ALL) { low = read_row(b, g); }
    high = read_row(b, g);
    check_rows(g, what, &low, &high);
    g->has_all = g->has_all || what == ALL;
    if (what == ABSENT) {
        must(is_key(item->low) && !is_fence(item->low) && memcmp(low.key, item->low, 18) < 0 &&
                memcmp(item->low, high.key, 18) < 0, "the key of an absent address is none, or not between the rows");
        return;
    }
    item->row = high.index;
    item->lines = high.lines - low.lines;
    item->attempts = high.attempts - low.attempts;
    memcpy(item->low, what == COUNT_RANGE ? low.key : high.key, 18);
    memcpy(item->high, high.key, 18);
    memcpy(item->posting, high.posting, 32);
    bool right = is_fence(item->low) == (what == COUNT_RANGE) && is_fence(item->high) == (what == COUNT_RANGE);
    must(what == ALL || right, "a key is of the wrong kind");
    if (what != SAMPLE) { return; }
    must(b->beacon.there, "a sample without a beacon");
    scan(r, "posting %n\n", &item->line); /* until the line number is known: the place in the posting */
    item->at = r->at;
    while (skips(r, "h ")) { (void)until(r, '\n'); }
}
/* Looks for bytes in a text that comes in pieces, in linear time (Knuth, Morris, Pratt). */
struct search { struct view wanted; size_t found; uint16_t back[NEEDLE_MAX + 1]; };
static void search_start(struct search *s, struct view wanted)
{
    s->wanted = wanted;
    s->found = s->back[0] = 0;
    for (size_t i = 1, n = 0; i < wanted.size; i++) {
        while (n > 0 && wanted.at[i] != wanted.at[n]) { n = s->back[n - 1]; }
        n += wanted.at[i] == wanted.at[n];
        s->back[i] = (uint16_t)n;
    }
}
static bool search_in(struct search *s, struct view text)
{
    for (size_t i = 0; i < text.size && s->found < s->wanted.size; i++) {
        while (s->found > 0 && text.at[i] != s->wanted.at[s->found]) { s->found = s->back[s->found - 1]; }
        s->found += text.at[i] == s->wanted.at[s->found];
    }
    return s->found == s->wanted.size;
}
static int compare(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }
static int by_line(const void *a, const void *b)
{
    const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
    return x->line != y->line ? compare(x->line, y->line) : compare(x->row, y->row);
}
static size_t address_text(const uint8_t *key, char *out);
/* Find out which line sample J must show, and that its posting counts it. */
static void draw(const struct bundle *b, struct item *sample, struct item *const *records, size_t count)
{
    const struct group *g = sample->group;
    struct reader r = b->r;
    uint8_t text[64], c[32], leaf[9] = {0};
    memcpy(text, g->root, 32);
    sha256(b->beacon.bytes, text + 32);
    sha256(view(text, 64), text);
    put64(text + 32, sample->index);
    sha256(view(text, 40), c);
    uint64_t index = g->leaves == 0 ? 0 : be64(c) % g->leaves;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (records[middle]->index < index) { low = middle + 1; } else { high = middle; }
    }
    must(low < count && records[low]->index == index, "the record of a sample is not shown");
    sample->profile = records[low]->profile;
    sample->n = sample->profile == 'G' ? c[8] % records[low]->n : records[low]->n;
    uint64_t place = sample->line;
    sample->line = sample->profile == 'G' ? 8 * index + sample->n : index;
    put64(leaf + 1, sample->line);
    sha256(view(leaf, 9), c);
    r.at = sample->at;
    lead_to(&r, c, place, sample->lines, sample->posting);
    sample->at = records[low]->at;
}
static void check_samples(struct bundle *b, const struct group *g)
{
    struct search s;
    struct slot slots[SLOTS_MAX];
    struct item **records = b->sorted, **samples;
    size_t count = 0, drawn = 0;
    for (size_t i = g->items; i < g->items_end; i++) {
        if (b->items[i].what == RECORD) { records[count++] = &b->items[i]; }
    }
    samples = records + count;
    for (size_t i = g->items; i < g->items_end; i++) {
        if (b->items[i].what != SAMPLE) { continue; }
        draw(b, &b->items[i], records, count);
        samples[drawn++] = &b->items[i];
    }
    qsort(samples, drawn, sizeof(void *), by_line);
    for (size_t i = 0; i < drawn; i++) {
        const struct item *sample = samples[i];
        unsigned from = sample->profile == 'G' ? sample->n : 0, to = sample->profile == 'G' ? from + 1 : sample->n;
        bool again = i > 0 && sample->line == samples[i - 1]->line, found = sample->low[0] != 4;
        char text[48];
        must(!again || sample->row == samples[i - 1]->row, "a line is counted under two rows");
        if (again) { continue; }
        slots_of(b, sample, to, slots);
        search_start(&s, view(text, address_text(sample->low, text)));
        for (unsigned k = from; k < to; k++) {
            must(slots[k].open, "the line of a sample is not opened whole");
            found = found || search_in(&s, slots[k].text);
        }
        must(found, "the line of a sample does not hold its address");
    }
}
static void read_group(struct bundle *b)
{
    struct group *g = &b->groups[b->group_count];
    const struct item *last = NULL;
    *g = (struct group){.items = b->item_count};
    read_head(b, g);
    for (bool record; (record = skips(&b->r, "record ")) || skips(&b->r, "claim "); b->item_count++) {
        struct item *item = &b->items[b->item_count];
        (record ? read_record : read_claim)(b, g, item);
        must(!record || last == NULL || last->index < item->index, "records do not ascend");
        last = record ? item : last;
    }
    g->items_end = b->item_count;
    check_samples(b, g);
    b->by_seq[b->group_count++] = g;
}

/* ---- Step 8: totals ---- */

static int by_seq(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    int tags = memcmp(x->tag, y->tag, 16);
    return tags != 0 ? tags : x->first != y->first ? compare(x->first, y->first) : compare(x->entry, y->entry);
}
static int by_key(const void *a, const void *b)
{
    return memcmp((*(struct item *const *)a)->low, (*(struct item *const *)b)->low, 18);
}
static int by_group_and_key(const void *a, const void *b)
{
    const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
    int low = by_key(a, b);
    if (x->group != y->group) { return compare(x->group->entry, y->group->entry); }
    return low != 0 ? low : memcmp(x->high, y->high, 18);
}
static int by_low(const void *a, const void *b)
{
    return memcmp(((const struct net *)a)->low, ((const struct net *)b)->low, 18);
}
static int by_asn(const void *a, const void *b)
{
    const struct net *x = a, *y = b;
    return x->asn != y->asn ? compare(x->asn, y->asn) : by_low(a, b);
}
static struct view cut(struct view *line) /* the bytes up to a blank, which is passed */
{
    const uint8_t *end = memchr(line->at, ' ', line->size);
    struct view out = view(line->at, end == NULL ? line->size : (size_t)(end - line->at));
    *line = end == NULL ? view("", 0) : view(end + 1, line->size - out.size - 1);
    return out;
}
static void read_net(struct bundle *b, struct view line)
{
    struct net *net = &b->nets[b->net_count++];
    (void)cut(&line);
    bool keys = hex_of(cut(&line), net->low, 18) && hex_of(cut(&line), net->high, 18);
    struct view asn = cut(&line);
    net->name = line;
    must(keys && asn.size > 0 && digits_of(asn, &net->asn) == asn.size && line.size > 0 && is_fence(net->low) &&
            is_fence(net->high), "a row of the table of networks has another form");
    must(memcmp(net->low, net->high, 18) < 0 && (net == b->nets || memcmp(net[-1].high, net->low, 18) <= 0),
            "rows of the table of networks overlap or do not ascend");
}
static void read_table(struct bundle *b)
{
    static const char first[] = "onus/net-table/v1 ";
    const struct group *table = NULL;
    struct slot s[SLOTS_MAX];
    for (const struct item *item = b->items; item < b->items + b->item_count; item++) {
        if (item->what != RECORD || item->profile != 'G') { continue; }
        slots_of(b, item, item->n, s);
        bool head = item->index == 0 && s[0].open && starts(s[0].text, first);
        must(!head || table == NULL, "two tables of networks");
        if (head) {
            struct view line = s[0].text;
            table = item->group;
            (void)cut(&line);
            b->table = cut(&line);
            b->date = cut(&line);
            must(b->table.size > 0 && b->date.size > 0, "the table of networks has no name or date");
        }
        for (unsigned k = head; table == item->group && k < item->n; k++) {
            if (s[k].open && starts(s[k].text, "net ")) { read_net(b, s[k].text); }
        }
    }
    must(table != NULL, "a total needs a table of networks");
}
/* Totals of claims: an exact one counts, once in a group; one of nothing around it is as good as a zero. */
static void total_claims(struct bundle *b, struct total *t, size_t stamp)
{
    for (const struct item *item = b->items; item < b->items + b->item_count; item++) {
        int low = memcmp(item->low, t->low, 18), high = memcmp(item->high, t->high, 18);
        bool exact = t->what == ADDRESS ? (item->what == COUNT_ADDRESS || item->what == ABSENT) && low == 0
                : t->what == RANGE ? item->what == COUNT_RANGE && low == 0 && high == 0 : item->what == ALL;
        bool around = t->what == RANGE && item->what == COUNT_RANGE && low <= 0 && high >= 0 && item->lines == 0;
        if (!exact && !around) { continue; }
        item->group->counted = stamp;
        t->shown++;
        if (!exact) { continue; }
        must(item->group->exact != stamp, "a total counts twice in a batch");
        item->group->exact = stamp;
        add_up(&t->lines, item->lines);
        add_up(&t->attempts, item->attempts);
    }
    must(t->shown > 0, "a total counts nothing");
}
/* How many of these rows begin before a key, or as a whole lie before it. */
static size_t rows_before(const struct net *nets, size_t count, const uint8_t *key, bool whole)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (memcmp(whole ? nets[middle].high : nets[middle].low, key, 18) < whole) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}
static bool has_total(const struct bundle *b, unsigned set)
{
    bool has = false;
    for (size_t i = 0; i < b->total_count; i++) { has = has || set >> b->totals[i].what & 1; }
    return has;
}
static uint64_t permille(uint64_t part, uint64_t whole) /* rounded down, with no step beyond 64 bits */
{
    uint64_t quotient = 0, rest = 0;
    must(part <= whole, "a part is larger than the whole");
    for (int i = 0; whole > 0 && i < 1000; i++) {
        bool over = rest >= whole - part;
        rest = over ? rest - (whole - part) : rest + part;
        quotient += over;
    }
    return quotient;
}
/* The share of a network, when all is totalled over just its groups. */
static void total_share(const struct bundle *b, struct total *t, size_t stamp)
{
    uint64_t lines = 0, attempts = 0;
    t->share = has_total(b, 1U << EVERYTHING);
    for (size_t i = 0; i < b->group_count; i++) {
        t->share = t->share && b->groups[i].has_all == (b->groups[i].counted == stamp);
    }
    for (size_t i = 0; t->share && i < b->item_count; i++) {
        if (b->items[i].what == ALL) { add_up(&lines, b->items[i].lines); add_up(&attempts, b->items[i].attempts); }
    }
    if (t->share) { t->inside = permille(t->lines, lines); t->elsewhere = permille(t->attempts, attempts); }
}
/* Count the rows of an ASN by the claims of one group, from low to high; false when none of them counts any. */
static bool network_group(struct total *t, const struct net *nets, size_t rows, struct item **claims, size_t count)
{
    size_t seen = 0; /* rows that are counted, or that no later claim can count */
    bool missing = false, any = false;
    for (size_t i = 0; i < count; i++) {
        const struct item *c = claims[i];
        size_t row = rows_before(nets, rows, c->low, false), end = rows_before(nets, rows, c->high, true);
        bool exact = row < rows && memcmp(c->low, nets[row].low, 18) == 0 && memcmp(c->high, nets[row].high, 18) == 0;
        bool again = i > 0 && by_group_and_key(&claims[i - 1], &claims[i]) == 0;
        must(!exact || !again, "a row is counted twice in a batch");
        missing = missing || seen < row;
        seen = seen < row ? row : seen;
        if (exact) { add_up(&t->lines, c->lines); add_up(&t->attempts, c->attempts); }
        if ((!exact && c->lines > 0) || row >= end) { continue; }
        any = true;
        seen = seen < end ? end : seen;
    }
    must(!any || (!missing && seen == rows), "a row of the ASN is not counted in a batch");
    return any;
}
static void total_network(struct bundle *b, struct total *t, size_t stamp)
{
    size_t count = 0, groups = 0, rows = 0;
    const struct net *nets = b->nets, *end = b->nets + b->net_count;
    qsort(b->nets, b->net_count, sizeof(*nets), by_asn);
    while (nets < end && nets->asn != t->number) { nets++; }
    while (nets + rows < end && nets[rows].asn == t->number) { rows++; }
    must(rows > 0, "the table of networks shows no row of this ASN");
    for (size_t i = 0; i < b->item_count; i++) {
        if (b->items[i].what == COUNT_RANGE) { b->sorted[count++] = &b->items[i]; }
    }
    qsort(b->sorted, count, sizeof(void *), by_group_and_key);
    for (size_t from = 0, to = 0; from < count; from = to) {
        struct group *group = b->sorted[from]->group;
        while (to < count && b->sorted[to]->group == group) { to++; }
        bool any = network_group(t, nets, rows, b->sorted + from, to - from);
        group->counted = any ? stamp : group->counted;
        groups += any;
    }
    must(groups > 0, "a total counts nothing");
    t->shown = rows;
    t->bytes = nets->name;
    total_share(b, t, stamp);
}
static void total_members(struct bundle *b, struct total *t)
{
    size_t count = 0;
    qsort(b->nets, b->net_count, sizeof(*b->nets), by_low);
    for (size_t i = 0; i < b->item_count; i++) {
        if (b->items[i].what == COUNT_ADDRESS && b->items[i].lines > 0) { b->sorted[count++] = &b->items[i]; }
    }
    qsort(b->sorted, count, sizeof(void *), by_key);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *key = b->sorted[i]->low;
        if (i > 0 && by_key(&b->sorted[i], &b->sorted[i - 1]) == 0) { continue; }
        size_t before = rows_before(b->nets, b->net_count, key, false);
        t->shown++;
        if (before == 0 || memcmp(key, b->nets[before - 1].high, 18) >= 0) { continue; }
        if (b->nets[before - 1].asn == t->number) { t->inside++; } else { t->elsewhere++; }
    }
    must(t->shown > 0, "a total counts nothing");
}
static void total_matching(struct bundle *b, struct total *t)
{
    struct search search;
    struct slot s[SLOTS_MAX];
    search_start(&search, t->bytes);
    for (const struct item *item = b->items; item < b->items + b->item_count; item++) {
        unsigned found = 0;
        if (item->what != RECORD) { continue; }
        slots_of(b, item, item->n, s);
        for (unsigned k = 0; k < item->n; k++) {
            search.found = 0;
            found += s[k].open && search_in(&search, s[k].text);
        }
        t->lines += item->profile == 'S' && found > 1 ? 1 : found;
    }
    must(t->lines > 0, "no line contains the bytes of a total");
}
static void total_unbroken(struct bundle *b, struct total *t, size_t stamp)
{
    const struct group *before = NULL;
    uint64_t first = 0;
    for (size_t i = 0; i < b->group_count; i++) {
        struct group *g = b->by_seq[i];
        if (g->profile == 'N' || memcmp(g->tag, t->tag, 16) != 0) { continue; }
        must(before == NULL || g->first == before->last + 1, "a batch is missing");
        if (before != NULL && g->profile == 'M') {
            bool known = open(g, 0x42) && (before->profile == 'M' || open(before, 0x42));
            const uint8_t *wanted = before->profile == 'M' ? before->leaf : before->previous;
            must(known && memcmp(g->previous, wanted, 32) == 0, "a batch does not name the one before");
        }
        first = before == NULL ? g->first : first;
        g->counted = stamp;
        before = g;
    }
    must(before != NULL && before->last > first, "fewer than two batches");
}
static void total_audit(const struct bundle *b, struct total *t)
{
    const struct group *group = NULL;
    must(b->beacon.there && !b->policy.none && b->beacon.low > b->checkpoint.high,
            "an audit needs a beacon that is later than the checkpoint");
    for (const struct item *item = b->items; item < b->items + b->item_count; item++) {
        if (item->what != SAMPLE) { continue; }
        must(group == NULL || group == item->group, "samples of two batches");
        must(item->index == t->shown++, "samples are not numbered in order");
        group = item->group;
    }
    must(group != NULL && t->shown == t->number, "an audit has another number of samples");
    must(open(group, 0x46), "an audit needs the number of lines");
    t->lines = group->lines;
}
static void evaluate(struct bundle *b, struct total *t)
{
    size_t stamp = (size_t)(t - b->totals) + 1;
    t->lines = t->attempts = t->shown = t->inside = t->elsewhere = 0;
    for (size_t i = 0; i < b->group_count; i++) { b->groups[i].exact = 0; }
    if (t->what == NETWORK) { total_network(b, t, stamp); }
    if (t->what == MEMBERS) { total_members(b, t); }
    if (t->what == MATCHING) { total_matching(b, t); }
    if (t->what == UNBROKEN) { total_unbroken(b, t, stamp); }
    if (t->what == AUDIT) { total_audit(b, t); }
    if (t->what == ADDRESS || t->what == RANGE || t->what == EVERYTHING) { total_claims(b, t, stamp); }
}
static void read_total(struct bundle *b)
{
    struct reader *r = &b->r;
    size_t from = r->at, matching = 0;
    must(b->total_count < TOTALS_MAX, "more than 64 totals");
    struct total *t = &b->totals[b->total_count++];
    *t = (struct total){.what = AUDIT};
    if (skips(r, "address ")) {
        t->what = ADDRESS;
        scan(r, "%k\n", t->low);
        must(is_key(t->low) && !is_fence(t->low), "the key of a total is none");
    } else if (skips(r, "range ")) {
        t->what = RANGE;
        scan(r, "%k %k\n", t->low, t->high);
        must(is_fence(t->low) && is_fence(t->high) && memcmp(t->low, t->high, 18) < 0,
                "the keys of a total are none");
    } else if (skips(r, "matching ")) {
        t->what = MATCHING;
        scan(r, "%n:", &t->number);
        t->bytes = take(r, t->number);
        scan(r, "\n");
        must(t->number >= 1 && t->number <= NEEDLE_MAX, "a total matches nothing, or too much");
    } else if (skips(r, "unbroken ")) {
        t->what = UNBROKEN;
        scan(r, "%x\n", t->tag);
    } else if (skips(r, "all\n")) {
        t->what = EVERYTHING;
    } else {
        t->what = skips(r, "network ") ? NETWORK : skips(r, "members ") ? MEMBERS : AUDIT;
        scan(r, t->what == AUDIT ? "audit %n\n" : "%n\n", &t->number);
    }
    t->text = view(r->data + from, r->at - from);
    for (const struct total *other = b->totals; other <= t; other++) {
        must(other == t || !same(other->text, t->text), "a total stands twice");
        matching += other->what == MATCHING;
    }
    must(matching <= MATCHING_MAX, "more than 16 totals of matching lines");
}
static void read_bundle(struct bundle *b)
{
    struct reader *r = &b->r;
    const struct group *before = NULL;
    uint64_t count;
    scan(r, "checkpoint ");
    read_note(&b->policy, r, &b->checkpoint);
    if (skips(r, "older-checkpoint ")) { read_note(&b->policy, r, &b->older); }
    if (skips(r, "beacon ")) { read_note(&b->policy, r, &b->beacon); }
    for (; skips(r, "tsa "); b->tokens++) {
        must(base64_of(until(r, '\n'), NULL, 0) > 0 && b->tokens < 8,
                "a token is spelled in another way, or the ninth");
    }
    do { read_group(b); } while (starts(view(r->data + r->at, r->size - r->at), "batch "));
    while (skips(r, "total ")) { read_total(b); }
    scan(r, "end %n\n", &count);
    must(count == b->item_count + b->total_count, "the number at the end is another");
    must(r->at == r->size, "something follows the end");
    qsort(b->by_seq, b->group_count, sizeof(void *), by_seq);
    for (size_t i = 0; i < b->group_count; i++) {
        const struct group *g = b->by_seq[i];
        bool other = before == NULL || memcmp(before->tag, g->tag, 16) != 0;
        must(g->profile == 'N' || other || before->last < g->first, "batches of a source overlap");
        before = g->profile == 'N' ? before : g;
    }
    if (has_total(b, 1U << NETWORK | 1U << MEMBERS)) { read_table(b); }
    for (size_t i = 0; i < b->total_count; i++) { evaluate(b, &b->totals[i]); }
}

/* ---- The text ---- */

static void say_number(uint64_t n)
{
    char digits[32] = "";
    size_t at = sizeof(digits) - 1;
    for (size_t count = 0; count == 0 || n > 0; count++, n /= 10) {
        if (count > 0 && count % 3 == 0) { digits[--at] = ','; }
        digits[--at] = (char)('0' + n % 10);
    }
    (void)fputs(digits + at, stdout);
}
static void say_bytes(struct view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.at[i];
        if (c == '\\' || c < 0x20 || c > 0x7e) {
            printf(c == '\\' ? "\\\\" : "\\x%02x", c);
        } else {
            (void)putchar(c);
        }
    }
}
static void say_hex(const uint8_t *tag) { for (int i = 0; i < 16; i++) { printf("%02x", tag[i]); } }
static void say_time(uint64_t time) /* RFC 3339; years begin in March here, so that the leap day is the last */
{
    unsigned days = (unsigned)(time / 86400) + 719468, era = days / 146097, day = days % 146097;
    unsigned second = (unsigned)(time % 86400);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    unsigned month = (5 * day + 2) / 153;
    printf("%04u-%02u-%02uT%02u:%02u:%02uZ", year + 400 * era + (month >= 10), month < 10 ? month + 3 : month - 9,
            day - (153 * month + 2) / 5 + 1, second / 3600, second / 60 % 60, second % 60);
}
/* RFC 5952, and the words for what is no address; returns the length. */
static size_t address_text(const uint8_t *key, char *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *a = key + 1;
    size_t longest = 1, start = 8, at = 0;
    if (key[0] == 255) { return (size_t)sprintf(out, key[17] == 1 ? "no address" : "end of addresses"); }
    if (key[0] == 7 || (key[0] == 4 && a[11] == 1)) {
        return (size_t)sprintf(out, "end of IPv%d", key[0] == 4 ? 4 : 6);
    }
    if (key[0] == 4 || memcmp(a, mapped, 12) == 0) {
        return (size_t)sprintf(out, "%s%d.%d.%d.%d", key[0] == 4 ? "" : "::ffff:", a[12], a[13], a[14], a[15]);
    }
    for (size_t i = 0, run = 0; i < 8; i++) {
        run = a[2 * i] == 0 && a[2 * i + 1] == 0 ? run + 1 : 0;
        if (run > longest) { longest = run; start = i + 1 - run; }
    }
    for (size_t i = 0; i < 8; i += i == start ? longest : 1) {
        const char *colon = i == 0 || i == start + longest ? "" : ":";
        unsigned n = 256U * a[2 * i] + a[2 * i + 1];
        at += (size_t)(i == start ? sprintf(out + at, "::") : sprintf(out + at, "%s%x", colon, n));
    }
    return at;
}
/* %n uint64_t with commas, %u without, %p tenths, %t a time, %k a key, %x a tag, %b struct view *, %s own text. */
static void say(const char *form, ...)
{
    char text[48];
    uint64_t n;
    va_list arguments;
    va_start(arguments, form);
    for (; *form != 0; form++) {
        if (*form != '%') { (void)putchar(*form); continue; }
        switch (*++form) {
        case 'n': say_number(va_arg(arguments, uint64_t)); break;
        case 'u': printf("%llu", (unsigned long long)va_arg(arguments, uint64_t)); break;
        case 'p': n = va_arg(arguments, uint64_t); say_number(n / 10); printf(".%d %%", (int)(n % 10)); break;
        case 't': say_time(va_arg(arguments, uint64_t)); break;
        case 'k': (void)address_text(va_arg(arguments, const uint8_t *), text); (void)fputs(text, stdout); break;
        case 'x': say_hex(va_arg(arguments, const uint8_t *)); break;
        case 'b': say_bytes(*va_arg(arguments, const struct view *)); break;
        case 's': (void)fputs(va_arg(arguments, const char *), stdout); break;
        default: (void)putchar('%'); form--;
        }
    }
    va_end(arguments);
}
/* The groups of a total, runs joined. */
static void say_where(const struct bundle *b, size_t stamp)
{
    const char *between = "";
    for (size_t i = 0; i < b->group_count;) {
        const struct group *first = b->by_seq[i++], *last = first;
        if (first->counted != stamp) { continue; }
        for (; i < b->group_count; last = b->by_seq[i++]) {
            const struct group *next = b->by_seq[i];
            if (next->counted != stamp || memcmp(next->tag, first->tag, 16) != 0 || next->first != last->last + 1) {
                break;
            }
        }
        if (first->first == last->last) { say("%sbatch %n", between, first->first); }
        else { say("%sbatches %n to %n", between, first->first, last->last); }
        say(" of source %x", first->tag);
        between = "; ";
    }
    say("\n");
}
static int by_name(const void *a, const void *b)
{
    struct view x = (*(const struct party *const *)a)->name, y = (*(const struct party *const *)b)->name;
    int c = memcmp(x.at, y.at, x.size < y.size ? x.size : y.size);
    return c != 0 ? c : compare(x.size, y.size);
}
static void say_notes(const struct bundle *b)
{
    const struct note *n = &b->checkpoint, *others[] = {&b->older, &b->beacon};
    const struct party *names[PARTIES_MAX];
    size_t count = 0;
    say("log %b: %n entries, signed by a key of the policy\n", &n->origin, n->size);
    if (b->policy.none) { say("no witness is asked for by the policy: when this was sealed is the party's word\n"); }
    for (size_t i = 0; i < b->policy.count && !b->policy.none; i++) {
        size_t top = i; /* the sentence must be true of each: a cosigner of the quorum, and by then */
        while (top != b->policy.quorum && top != NO_PARTY) { top = b->policy.parties[top].group; }
        if (n->signed_by[i] && n->time[i] <= n->high && top != NO_PARTY) { names[count++] = &b->policy.parties[i]; }
    }
    qsort(names, count, sizeof(void *), by_name);
    for (size_t i = 0; i < count; i++) { say("%s%b", i == 0 ? "seen by " : ", ", &names[i]->name); }
    if (!b->policy.none) { say(": not later than %t\n", n->high); }
    for (int i = 0; i < 2 && !b->policy.none; i++) {
        if (!others[i]->there) { continue; }
        say("%s: checkpoint of %b, %n entries, seen not before %t\n", i == 0 ? "anchor" : "beacon",
                &others[i]->origin,
                others[i]->size, others[i]->low);
    }
    if (b->tokens > 0) { say("%n time-stamp tokens are present, NOT checked here\n", b->tokens); }
}
static void say_head(const struct bundle *b, const struct group *g)
{
    uint64_t high = b->checkpoint.high, d = high - g->until;
    if (g->profile == 'M') { say("batch %n of source %x, entry %n\n", g->first, g->tag, g->entry); }
    if (g->profile == 'R') {
        say("batches %n to %n of source %x, rolled up, entry %n\n", g->first, g->last, g->tag, g->entry);
    }
    if (g->profile == 'N') { say("source %x is introduced, entry %n\n", g->tag, g->entry); }
    if (g->open & 1) { say("  source name: %b\n", &g->name); }
    if (g->profile != 'N' && open(g, 0x46)) { say("  %n lines\n", g->lines); }
    if (g->from_known && g->until_known) {
        say("  times on its lines: %t to %t, as written in them\n", g->from, g->until);
    }
    if (b->policy.none) { return; }
    if (g->anchored) { say("  sealed after %t\n", b->older.low); }
    if (g->until_known && g->until > high) {
        say("  sealed before the last time on its lines: that time is wrong, or the clock was\n");
    } else if (g->until_known) {
        say("  sealed %n s after its last line at most: class %s\n", d, d <= 600 ? "A, within 10 minutes"
                : d <= 86400 ? "B, within a day" : "C before an accusation, class D after it");
    }
}
static void say_item(const struct bundle *b, const struct item *item)
{
    static const char *const words[] = {"time", "text", "account", "source address", "target", "agent", "program"};
    struct slot s[SLOTS_MAX];
    if (item->what == COUNT_ADDRESS) { say("  %k: %n lines, %n attempts\n", item->low, item->lines, item->attempts); }
    if (item->what == COUNT_RANGE) {
        say("  %k up to, without, %k: %n lines, %n attempts\n", item->low, item->high, item->lines, item->attempts);
    }
    if (item->what == ABSENT) { say("  %k: no line\n", item->low); }
    if (item->what == ALL) { say("  all: %n lines, %n attempts\n", item->lines, item->attempts); }
    if (item->what == SAMPLE) { say("  sample %n: line %n stands in the index\n", item->index, item->line); }
    if (item->what != RECORD) { return; }
    slots_of(b, item, item->n, s);
    for (unsigned k = 0; k < item->n; k++) {
        if (!s[k].open) { continue; }
        if (item->profile == 'G') { say("  line %n: %b\n", 8 * item->index + k, &s[k].text); continue; }
        say("  part of line %n, %s: %b\n", item->index, s[k].kind <= 0x17 ? words[s[k].kind - 0x11] : "part",
                &s[k].text);
    }
}
static void say_total(struct bundle *b, struct total *t)
{
    size_t stamp = (size_t)(t - b->totals) + 1;
    uint64_t chance = 1000000;
    evaluate(b, t); /* again, for the groups it counts */
    switch (t->what) {
    case ADDRESS: say("total %k", t->low); break;
    case RANGE: say("total %k up to, without, %k", t->low, t->high); break;
    case NETWORK: say("total AS%u (%b)", t->number, &t->bytes); break;
    case EVERYTHING: say("total"); break;
    case MATCHING: say("at least %n lines contain: %b\n", t->lines, &t->bytes); return;
    case UNBROKEN: say("no batch is missing: "); say_where(b, stamp); return;
    case MEMBERS:
        say("%n of %n addresses are registered in AS%u by table %b %b, %n elsewhere, %n not shown\n", t->inside,
                t->shown, t->number, &b->table, &b->date, t->elsewhere, t->shown - t->inside - t->elsewhere);
        return;
    case AUDIT:
        /* At 99 it stays. */
        for (uint64_t i = 0; i < t->number && chance > 99; i++) { chance = (chance * 99 + 99) / 100; }
        say("audit: %n of %n lines, drawn after sealing, stand in the index (a lie in 1 % of the lines stays unseen "
                "with probability %p)\n", t->number, t->lines, (chance + 999) / 1000);
        return;
    }
    say(": %n lines, %n attempts", t->lines, t->attempts);
    if (t->what == NETWORK) { say(", by %n rows of table %b %b", t->shown, &b->table, &b->date); }
    say(", in ");
    say_where(b, stamp);
    if (t->what == NETWORK && t->share) { say("  = %p of the lines, %p of the attempts\n", t->inside, t->elsewhere); }
}
static void say_limits(const struct bundle *b)
{
    bool times = false, parts = false, counts = false, batches = false;
    for (const struct group *g = b->groups; g < b->groups + b->group_count; g++) {
        batches = batches || g->profile != 'N';
        times = times || (g->profile != 'N' && (g->open & 0x38) != 0);
    }
    for (const struct item *item = b->items; item < b->items + b->item_count; item++) {
        counts = counts || (item->what != RECORD && item->what != SAMPLE);
        parts = parts || (item->what == RECORD && item->profile == 'S');
        times = times || item->shown;
    }
    say("Committed by that time; this says nothing on who wrote the lines or whether they are true.\n");
    if (times) { say("Times on lines are claims of the party.\n"); }
    if (parts) { say("The rest of a line is not disclosed.\n"); }
    if (has_total(b, 1U << MATCHING)) { say("At least: a lower bound, more may exist.\n"); }
    const char *level = has_total(b, 1U << AUDIT) ? "sampled" : "none";
    if (counts) { say("Counts are relative to the sealer's index; audit level: %s.\n", level); }
    if (batches) { say("The collector may still have missed events; other sources of this party are not shown.\n"); }
    if (has_total(b, 1U << NETWORK | 1U << MEMBERS)) {
        say("A network is where an address was registered by that table, not who used it.\n");
    }
    if (has_total(b, 1U << MEMBERS)) { say("The addresses are those disclosed, not necessarily all.\n"); }
    say("holds\n");
}
static size_t read_file(const char *path, uint8_t *out, size_t max)
{
    FILE *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(out, 1, max, file);
    if (file == NULL || ferror(file) || fclose(file) != 0) { stop(UNKNOWN, "a file cannot be read"); }
    return size;
}
int main(int argc, char **argv)
{
    static uint8_t policy[POLICY_MAX + 1];
    static struct bundle b;
    if (argc != 3) { (void)fputs("usage: onus-verify BUNDLE POLICY\n", stderr); return USAGE; }
    size_t size = read_file(argv[2], policy, sizeof(policy));
    if (size > POLICY_MAX) { stop(UNKNOWN, "the policy is larger than this program takes"); }
    make_curve();
    read_policy(&b.policy, view(policy, size));
    uint8_t *data = malloc(BUNDLE_MAX + 1);
    if (data == NULL) { stop(UNKNOWN, "no memory"); }
    b.r = (struct reader){data, read_file(argv[1], data, BUNDLE_MAX + 1), 0};
    if (!skips(&b.r, "onus/bundle/v1\n")) { stop(UNKNOWN, "this is no bundle of version 1"); }
    must(b.r.size <= BUNDLE_MAX, "a bundle is larger than 64 MiB");
    /* The least that a group, a record or claim, and a row of the table of networks take in the file. */
    size_t groups = b.r.size / 200 + 1, items = b.r.size / 60 + 1, nets = b.r.size / 100 + 1;
    char *table = malloc(groups * (sizeof(*b.groups) + sizeof(void *)) + items * (sizeof(*b.items) +
            sizeof(void *)) +
            nets * sizeof(*b.nets));
    if (table == NULL) { stop(UNKNOWN, "no memory"); }
    b.groups = (void *)table;
    b.items = (void *)(table += groups * sizeof(*b.groups));
    b.nets = (void *)(table += items * sizeof(*b.items));
    b.by_seq = (void *)(table += nets * sizeof(*b.nets));
    b.sorted = (void *)(table + groups * sizeof(void *));
    read_bundle(&b);
    say_notes(&b);
    for (const struct group *g = b.groups; g < b.groups + b.group_count; g++) {
        say_head(&b, g);
        for (size_t i = g->items; i < g->items_end; i++) { say_item(&b, &b.items[i]); }
    }
    for (size_t i = 0; i < b.total_count; i++) { say_total(&b, &b.totals[i]); }
    say_limits(&b);
    free(b.groups);
    free(data);
    return fflush(stdout) == 0 && !ferror(stdout) ? HOLDS : UNKNOWN;
}

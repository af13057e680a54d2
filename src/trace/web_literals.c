/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web_literals.h"

#include <stdlib.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/str.h"
#include "trace/web_rules.h"

enum {
    ROWS_MAX = 1024,
    WIDE = 4, /* bytes of a window */
    NARROW = ONUS_WEB_LITERAL_MIN,
    BYTES = 256,
    FILTER_BITS = 11,
    PLACE_BITS = 11,
    PLACES = 1 << PLACE_BITS,
    NO_ENTRY = UINT16_MAX,
    STRIDE = 8,
    BUCKETS = 8,
    LOW = 128, /* values of a byte without its highest bit */
};

_Static_assert(PLACES >= 2 * ROWS_MAX, "a free place ends each search");

/* One rule, as far as scanning goes. */
struct entry {
    struct onus_str literal;
    uint32_t offset; /* of the window in the literal */
    uint32_t row;
    uint16_t next; /* with the same window; NO_ENTRY: none */
};

/* A window and what has it. */
struct place {
    uint32_t window;
    uint16_t width; /* 0: free */
    uint16_t first;
};

struct onus_web_literals {
    /* Row: from the first two bytes of a window. Bit: from the other two; all, when it has no more. */
    uint64_t filter[1u << FILTER_BITS];
    /* By place in the window and byte: a bit for each bucket of windows that has it there. */
    uint8_t buckets[WIDE][LOW];
    bool wide_steps; /* the processor looks up 64 bytes at once */
    struct place places[PLACES];
    size_t count;
    struct entry entries[ROWS_MAX];
};

/* The low 16 bits of the product depend on the first two bytes alone. */
static uint32_t spread(uint32_t window)
{
    return window * 0x9e3779b1u;
}

static size_t filter_row(uint32_t spread)
{
    return spread >> (16 - FILTER_BITS) & ((1u << FILTER_BITS) - 1);
}

static uint32_t wide_at(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
           (uint32_t)(unsigned char)p[2] << 16 | (uint32_t)(unsigned char)p[3] << 24;
}

static uint32_t narrow_at(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
}

/* How rare each byte is in targets and agents; only ever compared with each other. */
static void rank_bytes(uint8_t rarity[static BYTES])
{
    static const char common[] = "eatoinsrlcdpmhgu/.-1025349678bfwvy=&?_ jxqkz";
    memset(rarity, (int)sizeof(common), BYTES); /* rarer than any that is named */
    for (size_t i = 0; i + 1 < sizeof(common); i++) {
        rarity[(unsigned char)common[i]] = (uint8_t)i;
    }
}

/* Four bytes that begin many words or end many names are not rare, whatever their letters. */
static bool is_worn(uint32_t window)
{
    static const char worn[][WIDE + 1] = {".php", "http", "html", "/wp-", "admi", "dmin", "ndex",
            "inde", "logi", "ogin", "www.", ".htm", ".asp", ".jsp", "ttp:", "tp:/", "p://", "port",
            "cgi-", "/cgi", "ment", "tent", "onte", "-con", "cont", "n.js", "r.js", "g.js", ".jso",
            "json", "php?", "ity/", "/v2/", "form", "n.ph", "x.ph", "bin/", "/log", "/php"};
    for (size_t i = 0; i < ONUS_COUNT(worn); i++) {
        if (wide_at(worn[i]) == window) {
            return true;
        }
    }
    return false;
}

static size_t rarest_window(struct onus_str literal, size_t width,
        const uint8_t rarity[static BYTES])
{
    size_t best = 0;
    unsigned best_score = 0;
    for (size_t at = 0; at + width <= literal.len; at++) {
        unsigned score = 1;
        for (size_t i = 0; i < width; i++) {
            score += rarity[(unsigned char)literal.ptr[at + i]];
        }
        score = width == WIDE && is_worn(wide_at(literal.ptr + at)) ? 1 : score;
        if (score > best_score) {
            best = at;
            best_score = score;
        }
    }
    return best;
}

/* Where the window stands, or the free place where it may. */
static size_t place_of(const struct onus_web_literals *set, uint32_t window, uint32_t width)
{
    size_t at = (window * 0x85ebca6bu + width) >> (32 - PLACE_BITS);
    while (set->places[at].width != 0 &&
            (set->places[at].window != window || set->places[at].width != width)) {
        at = (at + 1) % PLACES;
    }
    return at;
}

static void add(struct onus_web_literals *set, struct onus_str literal, uint32_t row,
        const uint8_t rarity[static BYTES])
{
    uint16_t width = literal.len >= WIDE ? WIDE : NARROW;
    struct entry *entry = &set->entries[set->count];
    *entry =
            (struct entry){literal, (uint32_t)rarest_window(literal, width, rarity), row, NO_ENTRY};
    const char *at = literal.ptr + entry->offset;
    uint32_t window = width == WIDE ? wide_at(at) : narrow_at(at);
    struct place *place = &set->places[place_of(set, window, width)];
    entry->next = place->width != 0 ? place->first : NO_ENTRY;
    *place = (struct place){window, width, (uint16_t)set->count++};
    uint32_t mixed = spread(window);
    set->filter[filter_row(mixed)] |= width == WIDE ? (uint64_t)1 << (mixed >> 26) : UINT64_MAX;
}

static bool has_wide_steps(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi");
#else
    return false;
#endif
}

/*
 * Windows that begin alike share a bucket, and buckets are as full as each other: the fewer bytes a
 * bucket takes at a place, the less often it takes a place that no window begins at.
 */
static void fill_buckets(struct onus_web_literals *set)
{
    size_t beginning[LOW] = {0};
    size_t total = 0;
    for (size_t i = 0; i < PLACES; i++) {
        beginning[set->places[i].window % LOW] += set->places[i].width != 0;
        total += set->places[i].width != 0;
    }
    uint8_t bucket[LOW];
    size_t before = 0;
    for (size_t byte = 0; byte < LOW; byte++) {
        bucket[byte] = (uint8_t)(1u << (total > 0 ? before * BUCKETS / (total + 1) : 0));
        before += beginning[byte];
    }
    for (size_t i = 0; i < PLACES; i++) {
        const struct place *place = &set->places[i];
        uint8_t bit = bucket[place->window % LOW];
        for (size_t at = 0; place->width != 0 && at < WIDE; at++) {
            for (size_t byte = 0; at >= place->width && byte < LOW; byte++) {
                set->buckets[at][byte] |= bit;
            }
            set->buckets[at][(place->window >> 8 * at) % LOW] |= bit;
        }
    }
}

enum onus_code onus_web_literals_new(unsigned fields, struct onus_web_literals **out,
        struct onus_error *err)
{
    struct onus_web_literals *set = calloc(1, sizeof(*set));
    if (!set) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory for web rules");
    }
    uint8_t rarity[BYTES];
    rank_bytes(rarity);
    const struct onus_web_rule *rule = NULL;
    for (uint32_t row = 0; row < ROWS_MAX && (rule = onus_web_rule_at(row)); row++) {
        struct onus_str literal = onus_str_of(rule->literal);
        if (!(rule->where & fields)) {
            continue;
        }
        if (literal.len < ONUS_WEB_LITERAL_MIN) {
            onus_web_literals_free(set);
            return onus_fail(err, ONUS_E_BUG, "the literal of web rule %u is too short", row);
        }
        add(set, literal, row, rarity);
    }
    fill_buckets(set);
    set->wide_steps = has_wide_steps();
    *out = set;
    return ONUS_OK;
}

void onus_web_literals_free(struct onus_web_literals *set)
{
    free(set);
}

/* Compare the literals that have this window. */
static void confirm(const struct onus_web_literals *set, struct onus_str text, size_t at,
        uint32_t width, const struct onus_web_found *found)
{
    if (at + width > text.len) {
        return;
    }
    uint32_t window = width == WIDE ? wide_at(text.ptr + at) : narrow_at(text.ptr + at);
    const struct place *place = &set->places[place_of(set, window, width)];
    uint16_t next = place->width != 0 ? place->first : NO_ENTRY;
    for (const struct entry *entry = NULL; next != NO_ENTRY; next = entry->next) {
        entry = &set->entries[next];
        if (entry->offset > at) {
            continue;
        }
        size_t from = at - entry->offset;
        if (onus_str_begins(onus_str_from(text, from), entry->literal)) {
            found->call(entry->row, from, from + entry->literal.len, found->data);
        }
    }
}

static void confirm_both(const struct onus_web_literals *set, struct onus_str text, size_t at,
        const struct onus_web_found *found)
{
    confirm(set, text, at, WIDE, found);
    if (at + NARROW <= text.len &&
            set->filter[filter_row(spread(narrow_at(text.ptr + at)))] == UINT64_MAX) {
        confirm(set, text, at, NARROW, found);
    }
}

static unsigned may_begin(const struct onus_web_literals *set, uint32_t window)
{
    uint32_t mixed = spread(window);
    return (unsigned)(set->filter[filter_row(mixed)] >> (mixed >> 26)) & 1;
}

/* A bit for each of the STRIDE places at p that a window may begin at; three more bytes are there. */
static unsigned candidates(const struct onus_web_literals *set, const char *p)
{
    unsigned hits = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < STRIDE; i++) {
        hits |= may_begin(set, wide_at(p + i)) << i;
    }
    return hits;
}

void onus_web_literals_scan_narrow(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found)
{
    if (text.len == 0) {
        return;
    }
    size_t at = 0;
    for (; at + STRIDE + WIDE - 1 <= text.len; at += STRIDE) {
        unsigned hits = candidates(set, text.ptr + at);
        for (; hits != 0; hits &= hits - 1) {
            confirm_both(set, text, at + (unsigned)__builtin_ctz(hits), found);
        }
    }
    char tail[2 * STRIDE + WIDE] = {0}; /* what is left, and zeros where there is no more */
    size_t rest = text.len - at;
    memcpy(tail, text.ptr + at, rest);
    for (size_t i = 0; i < rest; i++) {
        if (may_begin(set, wide_at(tail + i))) {
            confirm_both(set, text, at + i, found);
        }
    }
}

#ifdef __x86_64__

/* The buckets of the 64 bytes at p, zeros where the text has ended. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static __m512i
buckets_of(const uint8_t table[static LOW], const char *p, size_t left)
{
    __mmask64 there = left >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << left) - 1;
    __m512i bytes = _mm512_maskz_loadu_epi8(there, p);
    return _mm512_permutex2var_epi8(_mm512_loadu_si512(table), bytes,
            _mm512_loadu_si512(table + 64));
}

/* 64 places at a time; what is left over of them is asked of the table as usual. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static void
scan_wide(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found)
{
    for (size_t at = 0; at < text.len; at += 64) {
        const char *p = text.ptr + at;
        size_t left = text.len - at;
        __m512i all = buckets_of(set->buckets[0], p, left);
        for (size_t i = 1; i < WIDE; i++) {
            size_t behind = left > i ? left - i : 0;
            all = _mm512_and_si512(all, buckets_of(set->buckets[i], p + i, behind));
        }
        __mmask64 there = left >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << left) - 1;
        uint64_t hits = _mm512_test_epi8_mask(all, all) & there;
        for (; hits != 0; hits &= hits - 1) {
            size_t place = (unsigned)__builtin_ctzll(hits);
            /* At the very end a window of two bytes may still begin. */
            if (left - place < WIDE || may_begin(set, wide_at(p + place))) {
                confirm_both(set, text, at + place, found);
            }
        }
    }
}

#endif

void onus_web_literals_scan(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found)
{
#ifdef __x86_64__
    if (set->wide_steps) {
        scan_wide(set, text, found);
        return;
    }
#endif
    onus_web_literals_scan_narrow(set, text, found);
}

void onus_web_literals_scan_plain(const struct onus_web_literals *set, struct onus_str text,
        const struct onus_web_found *found)
{
    for (size_t at = 0; at < text.len; at++) {
        for (size_t i = 0; i < set->count; i++) {
            const struct entry *entry = &set->entries[i];
            if (onus_str_begins(onus_str_from(text, at), entry->literal)) {
                found->call(entry->row, at, at + entry->literal.len, found->data);
            }
        }
    }
}

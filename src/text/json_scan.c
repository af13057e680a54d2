/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scan.h"

#include "base/str.h"

struct cursor {
    const char *at;
    const char *end;
    bool utf8; /* refuse strings that are not UTF-8 */
    bool deep; /* the depth limit was the reason */
};

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end &&
            (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t')) {
        c->at++;
    }
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The first byte that ends a run of unremarkable ASCII, eight at a time. */
static const char *plain_run(const char *p, const char *end)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t tops = 0x8080808080808080u;
    while (end - p >= 8) {
        uint64_t w = 0;
        memcpy(&w, p, 8);
        uint64_t quote = w ^ (ones * '"');
        uint64_t slash = w ^ (ones * '\\');
        uint64_t odd = ((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
                       ((slash - ones) & ~slash) | w;
        if (odd & tops) {
            break;
        }
        p += 8;
    }
    while (p < end && is_plain((unsigned char)*p)) {
        p++;
    }
    return p;
}

/* Length of the UTF-8 sequence at p (RFC 3629, 4), 0 when there is none. */
static size_t utf8_length(const char *p, const char *end)
{
    const unsigned char *b = (const unsigned char *)p;
    size_t left = (size_t)(end - p);
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t length = 0;
    if (b[0] >= 0xc2 && b[0] <= 0xdf) {
        length = 2;
    } else if (b[0] >= 0xe0 && b[0] <= 0xef) {
        length = 3;
        low = b[0] == 0xe0 ? 0xa0 : 0x80;
        high = b[0] == 0xed ? 0x9f : 0xbf;
    } else if (b[0] >= 0xf0 && b[0] <= 0xf4) {
        length = 4;
        low = b[0] == 0xf0 ? 0x90 : 0x80;
        high = b[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (length == 0 || left < length || b[1] < low || b[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((b[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

static int hex_value(char c)
{
    if (onus_is_digit(c)) {
        return c - '0';
    }
    char lower = onus_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The four digits after \u, or -1. */
static int32_t hex4(const char *p, const char *end)
{
    if (end - p < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* at: the backslash. Returns the length of the escape, 0 when it is none. */
static size_t escape_length(const char *at, const char *end)
{
    if (end - at < 2) {
        return 0;
    }
    if (at[1] == 'u') {
        return hex4(at + 2, end) >= 0 ? 6 : 0;
    }
    return onus_str_find_char(ONUS_STR("\"\\/bfnrt"), at[1]) != ONUS_STR_NPOS ? 2 : 0;
}

/* at: the opening quote. */
static bool skip_string(struct cursor *c)
{
    c->at++;
    for (;;) {
        c->at = plain_run(c->at, c->end);
        if (c->at == c->end) {
            return false;
        }
        unsigned char byte = (unsigned char)*c->at;
        size_t length = 1;
        if (byte == '"') {
            c->at++;
            return true;
        }
        if (byte == '\\') {
            length = escape_length(c->at, c->end);
        } else if (byte < 0x20) {
            return false;
        } else if (c->utf8) {
            length = utf8_length(c->at, c->end);
        }
        if (length == 0) {
            return false;
        }
        c->at += length;
    }
}

static bool skip_digits(struct cursor *c)
{
    const char *start = c->at;
    while (c->at < c->end && onus_is_digit(*c->at)) {
        c->at++;
    }
    return c->at > start;
}

static bool skip_char(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

/* RFC 8259, 6. */
static bool skip_number(struct cursor *c)
{
    (void)skip_char(c, '-');
    if (!skip_char(c, '0') && !skip_digits(c)) {
        return false;
    }
    if (skip_char(c, '.') && !skip_digits(c)) {
        return false;
    }
    if (skip_char(c, 'e') || skip_char(c, 'E')) {
        if (!skip_char(c, '+')) {
            (void)skip_char(c, '-');
        }
        return skip_digits(c);
    }
    return true;
}

static bool skip_word(struct cursor *c, struct onus_str word)
{
    struct onus_str here = {c->at, (size_t)(c->end - c->at)};
    if (!onus_str_begins(here, word)) {
        return false;
    }
    c->at += word.len;
    return true;
}

static bool skip_scalar(struct cursor *c)
{
    switch (*c->at) {
    case '"':
        return skip_string(c);
    case 't':
        return skip_word(c, ONUS_STR("true"));
    case 'f':
        return skip_word(c, ONUS_STR("false"));
    case 'n':
        return skip_word(c, ONUS_STR("null"));
    default:
        return skip_number(c);
    }
}

/* A key and its colon. */
static bool skip_key(struct cursor *c)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at != '"' || !skip_string(c)) {
        return false;
    }
    skip_blanks(c);
    return skip_char(c, ':');
}

/* Which containers are open: one bit each, 1 for an object; the innermost is the lowest. */
struct nesting {
    uint64_t objects;
    unsigned depth;
};

/*
 * After a value: close what closes here. True when another value follows (its key is already
 * skipped), or, with depth 0, when the outermost value is complete.
 */
static bool after_value(struct cursor *c, struct nesting *n)
{
    while (n->depth > 0) {
        bool object = n->objects & 1u;
        skip_blanks(c);
        if (skip_char(c, ',')) {
            return !object || skip_key(c);
        }
        if (!skip_char(c, object ? '}' : ']')) {
            return false;
        }
        n->objects >>= 1;
        n->depth--;
    }
    return true;
}

static bool skip_value(struct cursor *c)
{
    struct nesting n = {0};
    do {
        skip_blanks(c);
        if (c->at == c->end) {
            return false;
        }
        if (*c->at != '{' && *c->at != '[') {
            if (!skip_scalar(c) || !after_value(c, &n)) {
                return false;
            }
            continue;
        }
        if (n.depth == ONUS_JSON_DEPTH) {
            c->deep = true;
            return false;
        }
        bool object = *c->at == '{';
        c->at++;
        skip_blanks(c);
        if (skip_char(c, object ? '}' : ']')) {
            if (!after_value(c, &n)) {
                return false;
            }
            continue;
        }
        n.objects = n.objects << 1 | object;
        n.depth++;
        if (object && !skip_key(c)) {
            return false;
        }
    } while (n.depth > 0);
    return true;
}

enum onus_json_kind onus_json_kind(struct onus_str value)
{
    if (value.len == 0) {
        return ONUS_JSON_NONE;
    }
    switch (value.ptr[0]) {
    case '{':
        return ONUS_JSON_OBJECT;
    case '[':
        return ONUS_JSON_ARRAY;
    case '"':
        return ONUS_JSON_STRING;
    case 't':
    case 'f':
        return ONUS_JSON_BOOL;
    case 'n':
        return ONUS_JSON_NULL;
    default:
        return ONUS_JSON_NUMBER;
    }
}

static struct cursor cursor_of(struct onus_str text)
{
    return (struct cursor){.at = text.ptr, .end = text.len > 0 ? text.ptr + text.len : text.ptr};
}

enum onus_code onus_json_validate(struct onus_str text, struct onus_error *err)
{
    struct cursor c = cursor_of(text);
    c.utf8 = true;
    bool good = skip_value(&c);
    if (good) {
        skip_blanks(&c);
        good = c.at == c.end;
    }
    if (good) {
        return ONUS_OK;
    }
    uint64_t offset = text.len > 0 ? (uint64_t)(c.at - text.ptr) : 0;
    if (c.deep) {
        return onus_fail_at(err, ONUS_E_LIMIT, offset, "JSON is nested deeper than %d",
                (int)ONUS_JSON_DEPTH);
    }
    return onus_fail_at(err, ONUS_E_FORMAT, offset, "not JSON from byte %llu on",
            (unsigned long long)offset);
}

bool onus_json_iter_init(struct onus_json_iter *iter, struct onus_str container)
{
    struct cursor c = cursor_of(container);
    skip_blanks(&c);
    if (c.at == c.end || (*c.at != '{' && *c.at != '[')) {
        return false;
    }
    iter->close = *c.at == '{' ? '}' : ']';
    c.at++;
    iter->rest = (struct onus_str){c.at, (size_t)(c.end - c.at)};
    iter->first = true;
    iter->whole = false;
    return true;
}

/* The iterator stops here: whole when nothing but blanks is left. */
static bool finish(struct onus_json_iter *iter, struct cursor *c, bool closed)
{
    if (closed) {
        skip_blanks(c);
        iter->whole = c->at == c->end;
    }
    iter->rest = ONUS_STR_NONE;
    iter->close = '\0';
    return false;
}

bool onus_json_next(struct onus_json_iter *iter, struct onus_str *key, struct onus_str *value)
{
    struct cursor c = cursor_of(iter->rest);
    if (iter->close == '\0') {
        return false;
    }
    skip_blanks(&c);
    if (skip_char(&c, iter->close)) {
        return finish(iter, &c, true);
    }
    if (!iter->first && !skip_char(&c, ',')) {
        return finish(iter, &c, false);
    }
    iter->first = false;
    *key = ONUS_STR_NONE;
    if (iter->close == '}') {
        skip_blanks(&c);
        const char *start = c.at;
        if (c.at == c.end || *c.at != '"' || !skip_string(&c)) {
            return finish(iter, &c, false);
        }
        *key = (struct onus_str){start, (size_t)(c.at - start)};
        skip_blanks(&c);
        if (!skip_char(&c, ':')) {
            return finish(iter, &c, false);
        }
    }
    skip_blanks(&c);
    const char *start = c.at;
    if (!skip_value(&c)) {
        return finish(iter, &c, false);
    }
    *value = (struct onus_str){start, (size_t)(c.at - start)};
    iter->rest = (struct onus_str){c.at, (size_t)(c.end - c.at)};
    return true;
}

/* The inside of a string value, escapes as written. */
static struct onus_str inside(struct onus_str value)
{
    bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
    return quoted ? onus_str_sub(value, 1, value.len - 2) : ONUS_STR_NONE;
}

static size_t put_utf8(uint32_t point, char out[static 4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* \uXXXX at p, with its second half where there is one. Returns how much of the input it took. */
static size_t take_unicode(const char *p, const char *end, uint32_t *point)
{
    int32_t unit = hex4(p + 2, end);
    if (unit < 0xd800 || unit > 0xdfff) {
        *point = unit < 0 ? 0xfffd : (uint32_t)unit;
        return 6;
    }
    if (unit < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        int32_t low = hex4(p + 8, end);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *point = 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
            return 12;
        }
    }
    *point = 0xfffd;
    return 6;
}

/* Undo what stands at the front of *s into at most 4 bytes. Returns how many. */
static size_t take_decoded(struct onus_str *s, char out[static 4])
{
    struct onus_str from = ONUS_STR("bfnrt");
    struct onus_str to = ONUS_STR("\b\f\n\r\t");
    const char *p = s->ptr;
    if (p[0] != '\\' || escape_length(p, p + s->len) == 0) {
        out[0] = p[0];
        *s = onus_str_from(*s, 1);
        return 1;
    }
    if (p[1] == 'u') {
        uint32_t point = 0;
        size_t taken = take_unicode(p, p + s->len, &point);
        *s = onus_str_from(*s, taken);
        return put_utf8(point, out);
    }
    size_t letter = onus_str_find_char(from, p[1]);
    out[0] = letter != ONUS_STR_NPOS ? to.ptr[letter] : p[1];
    *s = onus_str_from(*s, 2);
    return 1;
}

bool onus_json_string_is(struct onus_str value, struct onus_str text)
{
    if (onus_json_kind(value) != ONUS_JSON_STRING) {
        return false;
    }
    struct onus_str raw = inside(value);
    if (onus_str_find_char(raw, '\\') == ONUS_STR_NPOS) {
        return onus_str_eq(raw, text);
    }
    while (raw.len > 0) {
        char bytes[4];
        size_t n = take_decoded(&raw, bytes);
        if (!onus_str_skip(&text, (struct onus_str){bytes, n})) {
            return false;
        }
    }
    return text.len == 0;
}

struct onus_str onus_json_value_text(struct onus_str value, struct onus_arena *arena)
{
    if (onus_json_kind(value) != ONUS_JSON_STRING) {
        return ONUS_STR_NONE;
    }
    struct onus_str raw = inside(value);
    if (onus_str_find_char(raw, '\\') == ONUS_STR_NPOS) {
        return raw;
    }
    char *copy = onus_arena_alloc(arena, raw.len); /* undoing never makes it longer */
    if (!copy) {
        return ONUS_STR_NONE;
    }
    size_t used = 0;
    while (raw.len > 0) {
        char bytes[4];
        size_t n = take_decoded(&raw, bytes);
        memcpy(copy + used, bytes, n);
        used += n;
    }
    return (struct onus_str){copy, used};
}

static bool key_is(struct onus_str key, bool escaped, const char *name)
{
    if (escaped) {
        return onus_json_string_is(key, onus_str_of(name));
    }
    size_t len = key.len - 2;
    bool begins = len == 0 || name[0] == key.ptr[1]; /* most names end here, without a call */
    return begins && strncmp(name, key.ptr + 1, len) == 0 && name[len] == '\0';
}

bool onus_json_pick(struct onus_str object, const char *const *keys, struct onus_str *values,
        size_t count)
{
    struct onus_json_iter it;
    if (!onus_json_iter_init(&it, object) || it.close != '}') {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = ONUS_STR_NONE;
    }
    struct onus_str key;
    struct onus_str value;
    while (onus_json_next(&it, &key, &value)) {
        bool escaped = onus_str_find_char(key, '\\') != ONUS_STR_NPOS;
        for (size_t i = 0; i < count; i++) {
            if (!key_is(key, escaped, keys[i])) {
                continue;
            }
            if (values[i].len > 0) {
                return false;
            }
            values[i] = value;
        }
    }
    return it.whole;
}

struct onus_str onus_json_get(struct onus_str object, const char *key)
{
    struct onus_str value;
    return onus_json_pick(object, &key, &value, 1) ? value : ONUS_STR_NONE;
}

struct onus_str onus_json_path(struct onus_str object, const char *dotted)
{
    enum {
        NAME_MAX_LENGTH = 63
    };
    struct onus_str rest = onus_str_of(dotted);
    struct onus_str value = object;
    bool more = true;
    while (more && value.len > 0) {
        struct onus_str name = rest;
        more = onus_str_cut(&rest, '.', &name);
        char terminated[NAME_MAX_LENGTH + 1];
        if (name.len > NAME_MAX_LENGTH) {
            return ONUS_STR_NONE;
        }
        memcpy(terminated, name.ptr, name.len);
        terminated[name.len] = '\0';
        value = onus_json_get(value, terminated);
    }
    return value;
}

bool onus_json_value_i64(struct onus_str value, int64_t *out)
{
    struct onus_str digits = value;
    bool negative = onus_str_skip(&digits, ONUS_STR("-"));
    uint64_t magnitude = 0;
    uint64_t max = (uint64_t)INT64_MAX + negative;
    if (!onus_str_to_u64(digits, max, &magnitude)) {
        return false;
    }
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

bool onus_json_value_u64(struct onus_str value, uint64_t max, uint64_t *out)
{
    if (onus_json_kind(value) == ONUS_JSON_STRING) {
        value = inside(value);
    }
    return onus_str_to_u64(value, max, out);
}

bool onus_json_is_true(struct onus_str value)
{
    return onus_str_eq(value, ONUS_STR("true"));
}

bool onus_json_is_false(struct onus_str value)
{
    return onus_str_eq(value, ONUS_STR("false"));
}

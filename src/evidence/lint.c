/* SPDX-License-Identifier: Apache-2.0 */
#include "lint.h"

#include "base/str.h"
#include "net/address.h"

struct looking {
    struct onus_str text;
    const char *rule;
    onus_lint_found found;
    void *data;
};

static void tell(const struct looking *looking, size_t offset, size_t length)
{
    struct onus_lint_finding finding = {looking->rule, offset, length};
    looking->found(looking->data, &finding);
}

static bool is_letter(char c)
{
    return onus_lower(c) >= 'a' && onus_lower(c) <= 'z';
}

static bool is_word(char c)
{
    return is_letter(c) || onus_is_digit(c) || c == '_';
}

/* Offset of the needle in any case from `from` on. */
static size_t find_nocase(struct onus_str text, size_t from, struct onus_str needle)
{
    for (size_t i = from; i + needle.len <= text.len; i++) {
        if (onus_str_eq_nocase(onus_str_sub(text, i, needle.len), needle)) {
            return i;
        }
    }
    return ONUS_STR_NPOS;
}

static bool word_begins(struct onus_str text, size_t at)
{
    return at == 0 || !is_word(text.ptr[at - 1]);
}

/* From `at` to the next byte that ends a value. */
static size_t value_length(struct onus_str text, size_t at, const char *ends)
{
    size_t n = 0;
    while (at + n < text.len && (unsigned char)text.ptr[at + n] >= 0x20 &&
            strchr(ends, text.ptr[at + n]) == NULL) {
        n++;
    }
    return n;
}

/* ---- passwords ------------------------------------------------------------------------------- */

/*
 * Names of users are short words of small letters. Bytes that no name has, or eight and more with three
 * kinds of characters in them, are what people type as passwords.
 */
static bool looks_like_password(struct onus_str name)
{
    unsigned kinds = 0;
    bool odd = false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool lower = c >= 'a' && c <= 'z';
        bool upper = c >= 'A' && c <= 'Z';
        bool plain = c == '.' || c == '-' || c == '_' || c == '\\' || c == '@' || c == '$';
        kinds |= lower ? 1u : upper ? 2u : onus_is_digit(c) ? 4u : plain ? 0u : 8u;
        odd = odd || (!lower && !upper && !onus_is_digit(c) && !plain);
    }
    return name.len >= 6 && (odd || (name.len >= 8 && __builtin_popcount(kinds) >= 3));
}

static void look_for_users(const struct looking *looking)
{
    static const struct onus_str before[] = {{"invalid user ", 13}, {"Invalid user ", 13},
            {"illegal user ", 13}, {"Failed password for ", 20}, {"user=", 5}, {"login=", 6},
            {"username=", 9}};
    struct onus_str text = looking->text;
    for (size_t k = 0; k < ONUS_COUNT(before); k++) {
        size_t at = 0;
        for (;;) {
            struct onus_str rest = onus_str_from(text, at);
            size_t hit = onus_str_find(rest, before[k]);
            if (hit == ONUS_STR_NPOS) {
                break;
            }
            at += hit + before[k].len;
            struct onus_str name = onus_str_from(text, at);
            if (k < 4) { /* of OpenSSH: anything up to " from " */
                size_t end = onus_str_find(name, ONUS_STR(" from "));
                name = onus_str_sub(name, 0, end);
                (void)onus_str_skip(&name, ONUS_STR("invalid user "));
            } else {
                name.len = value_length(text, at, " \t,;\"'<>&");
            }
            if (looks_like_password(name)) {
                tell(looking, (size_t)(name.ptr - text.ptr), name.len);
            }
        }
    }
}

/* ---- headers, parameters --------------------------------------------------------------------- */

static void look_for_headers(const struct looking *looking, const struct onus_str *names,
        size_t count, const char *ends)
{
    for (size_t k = 0; k < count; k++) {
        size_t at = 0;
        while ((at = find_nocase(looking->text, at, names[k])) != ONUS_STR_NPOS) {
            size_t value = at + names[k].len;
            size_t n = value_length(looking->text, value, ends);
            if (n > 0 && word_begins(looking->text, at)) {
                tell(looking, at, names[k].len + n);
            }
            at = value;
        }
    }
}

static void look_for_authorization(const struct looking *looking)
{
    static const struct onus_str names[] = {{"Authorization: ", 15}, {"Authorization\":\"", 16},
            {"Bearer ", 7}, {"Basic ", 6}};
    look_for_headers(looking, names, ONUS_COUNT(names), "\"'");
}

static void look_for_cookies(const struct looking *looking)
{
    static const struct onus_str names[] = {{"Cookie: ", 8}, {"Set-Cookie: ", 12},
            {"PHPSESSID=", 10}, {"JSESSIONID=", 11}, {"sessionid=", 10},
            {"ASP.NET_SessionId=", 18}};
    look_for_headers(looking, names, ONUS_COUNT(names), "\"'&; ");
}

static void look_for_parameters(const struct looking *looking)
{
    static const char *const names[] = {"token", "access_token", "refresh_token", "id_token",
            "auth", "key", "api_key", "apikey", "password", "passwd", "passwort", "pwd", "pass",
            "pw", "secret", "client_secret", "sig", "signature", "session", "sid", "code", "otp"};
    struct onus_str text = looking->text;
    for (size_t at = 0; at < text.len; at++) {
        if (text.ptr[at] != '=') {
            continue;
        }
        size_t from = at;
        while (from > 0 && (is_word(text.ptr[from - 1]) || text.ptr[from - 1] == '-')) {
            from--;
        }
        size_t n = value_length(text, at + 1, " \t&;,\"'<>");
        for (size_t k = 0; n > 0 && k < ONUS_COUNT(names); k++) {
            if (onus_str_eq_nocase(onus_str_sub(text, from, at - from), onus_str_of(names[k]))) {
                tell(looking, from, at + 1 + n - from);
            }
        }
    }
}

static void look_for_keys(const struct looking *looking)
{
    size_t at = 0;
    while ((at = find_nocase(looking->text, at, ONUS_STR("-----BEGIN "))) != ONUS_STR_NPOS) {
        size_t n = value_length(looking->text, at + 11, "-");
        if (find_nocase(onus_str_sub(looking->text, at + 11, n), 0, ONUS_STR("PRIVATE KEY")) !=
                ONUS_STR_NPOS) {
            tell(looking, at, 11 + n);
        }
        at += 11;
    }
}

static size_t token_length(struct onus_str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len &&
            (is_word(text.ptr[at + n]) || text.ptr[at + n] == '-' || text.ptr[at + n] == '.')) {
        n++;
    }
    return n;
}

static void look_for_tokens(const struct looking *looking)
{
    static const struct {
        struct onus_str begins;
        size_t least; /* bytes in all */
    } shapes[] = {{{"ghp_", 4}, 30}, {{"gho_", 4}, 30}, {{"github_pat_", 11}, 30},
            {{"glpat-", 6}, 20}, {{"xoxb-", 5}, 20}, {{"xoxp-", 5}, 20}, {{"AKIA", 4}, 20},
            {{"sk_live_", 8}, 20}, {{"eyJ", 3}, 40}};
    for (size_t k = 0; k < ONUS_COUNT(shapes); k++) {
        size_t at = 0;
        for (;;) {
            size_t hit = onus_str_find(onus_str_from(looking->text, at), shapes[k].begins);
            if (hit == ONUS_STR_NPOS) {
                break;
            }
            at += hit;
            size_t n = token_length(looking->text, at);
            if (n >= shapes[k].least && word_begins(looking->text, at)) {
                tell(looking, at, n);
            }
            at += shapes[k].begins.len;
        }
    }
}

/* ---- people and places ----------------------------------------------------------------------- */

static bool in_local_part(char c)
{
    return is_word(c) || c == '.' || c == '-' || c == '+' || c == '%';
}

static void look_for_mail(const struct looking *looking)
{
    struct onus_str text = looking->text;
    for (size_t at = 1; at < text.len; at++) {
        if (text.ptr[at] != '@' || !in_local_part(text.ptr[at - 1])) {
            continue;
        }
        size_t from = at;
        while (from > 0 && in_local_part(text.ptr[from - 1])) {
            from--;
        }
        size_t end = at + 1;
        size_t dot = 0;
        while (end < text.len && (is_letter(text.ptr[end]) || onus_is_digit(text.ptr[end]) ||
                                         text.ptr[end] == '-' || text.ptr[end] == '.')) {
            dot = text.ptr[end] == '.' ? end : dot;
            end++;
        }
        if (dot > at + 1 && end > dot + 2 && is_letter(text.ptr[dot + 1])) {
            tell(looking, from, end - from);
        }
    }
}

static bool is_private(const struct onus_address *address)
{
    if (!onus_address_is_v4(address)) {
        return (address->bytes[0] & 0xfe) == 0xfc ||
               (address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80);
    }
    static const struct {
        uint32_t network;
        unsigned bits;
    } networks[] = {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10},
            {0xa9fe0000, 16}};
    uint32_t v4 = onus_address_v4(address);
    for (size_t i = 0; i < ONUS_COUNT(networks); i++) {
        if ((v4 ^ networks[i].network) >> (32 - networks[i].bits) == 0) {
            return true;
        }
    }
    return false;
}

static bool in_address(char c)
{
    return onus_is_digit(c) || (onus_lower(c) >= 'a' && onus_lower(c) <= 'f') || c == ':' ||
           c == '.';
}

static void look_for_private(const struct looking *looking)
{
    struct onus_str text = looking->text;
    size_t at = 0;
    while (at < text.len) {
        size_t n = 0;
        while (at + n < text.len && in_address(text.ptr[at + n])) {
            n++;
        }
        struct onus_str run = onus_str_sub(text, at, n);
        at += n + (n == 0);
        while (run.len > 0 && (run.ptr[run.len - 1] == '.' || run.ptr[run.len - 1] == ':')) {
            run.len--;
        }
        struct onus_address address;
        size_t colon = onus_str_find_char(run, ':'); /* 10.0.0.1:22 */
        bool read = onus_address_parse(run, &address);
        if (!read && colon != ONUS_STR_NPOS) {
            run.len = colon;
            read = onus_address_parse(run, &address);
        }
        if (read && run.len >= 6 && is_private(&address)) {
            tell(looking, (size_t)(run.ptr - text.ptr), run.len);
        }
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*look)(const struct looking *looking);
} rules[] = {
        {"password-as-user", look_for_users},
        {"authorization", look_for_authorization},
        {"cookie", look_for_cookies},
        {"url-secret", look_for_parameters},
        {"private-key", look_for_keys},
        {"access-token", look_for_tokens},
        {"e-mail", look_for_mail},
        {"private-address", look_for_private},
};

void onus_lint(struct onus_str text, bool account, onus_lint_found found, void *data)
{
    struct looking looking = {.text = text, .found = found, .data = data};
    looking.rule = rules[0].name;
    if (account && looks_like_password(onus_str_trim(text))) {
        tell(&looking, 0, text.len);
    }
    for (size_t i = 0; i < ONUS_COUNT(rules); i++) {
        looking.rule = rules[i].name;
        rules[i].look(&looking);
    }
}

bool onus_lint_rule(struct onus_str name)
{
    for (size_t i = 0; i < ONUS_COUNT(rules); i++) {
        if (onus_str_eq(name, onus_str_of(rules[i].name))) {
            return true;
        }
    }
    return false;
}

const char *onus_lint_rule_at(size_t index)
{
    return index < ONUS_COUNT(rules) ? rules[index].name : NULL;
}

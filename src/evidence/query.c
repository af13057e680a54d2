/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include "base/str.h"
#include "text/decimal.h"
#include "text/timestamp.h"

struct words {
    struct onus_str all, rest;
    struct onus_str word; /* in hand, without its quotes */
    size_t at;            /* where it begins */
    bool has_word, quoted;
    struct onus_error *err;
};

static enum onus_code wrong(const struct words *words, const char *what)
{
    return onus_fail_at(words->err, ONUS_E_ARGUMENT, words->at, "query: %s", what);
}

/* The next word becomes the one in hand; at the end there is none. */
static enum onus_code step(struct words *words)
{
    struct onus_str rest = words->rest;
    while (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t' || rest.ptr[0] == '\n')) {
        rest = onus_str_from(rest, 1);
    }
    words->at = words->all.len - rest.len;
    words->has_word = rest.len > 0;
    words->quoted = rest.len > 0 && (rest.ptr[0] == '\'' || rest.ptr[0] == '"');
    if (words->quoted) {
        size_t end = onus_str_find_char(onus_str_from(rest, 1), rest.ptr[0]);
        if (end == ONUS_STR_NPOS) {
            return wrong(words, "a quote is not closed");
        }
        words->word = onus_str_sub(rest, 1, end);
        words->rest = onus_str_from(rest, end + 2);
        return ONUS_OK;
    }
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != ' ' && rest.ptr[end] != '\t' &&
            rest.ptr[end] != '\n') {
        end++;
    }
    words->word = onus_str_sub(rest, 0, end);
    words->rest = onus_str_from(rest, end);
    return ONUS_OK;
}

static bool is(const struct words *words, const char *word)
{
    return words->has_word && !words->quoted && onus_str_eq_nocase(words->word, onus_str_of(word));
}

/* The word in hand must be this one; then the next. */
static enum onus_code expect(struct words *words, const char *word)
{
    if (!is(words, word)) {
        return onus_fail_at(words->err, ONUS_E_ARGUMENT, words->at, "query: '%s' is expected here",
                word);
    }
    return step(words);
}

static enum onus_code expect_both(struct words *words, const char *first, const char *second)
{
    enum onus_code code = expect(words, first);
    return code == ONUS_OK ? expect(words, second) : code;
}

/* *given says whether the word was there. */
static enum onus_code perhaps(struct words *words, const char *word, bool *given)
{
    *given = is(words, word);
    return *given ? step(words) : ONUS_OK;
}

static bool number_in_hand(const struct words *words, uint64_t *out)
{
    return words->has_word && !words->quoted && onus_decimal_parse(words->word, out);
}

static enum onus_code take_number(struct words *words, uint64_t *out)
{
    return number_in_hand(words, out) ? step(words) : wrong(words, "a number is expected here");
}

static enum onus_code take_text(struct words *words, const char *what, struct onus_str *out)
{
    if (!words->has_word || words->word.len == 0) {
        return onus_fail_at(words->err, ONUS_E_ARGUMENT, words->at, "query: %s is expected here",
                what);
    }
    *out = words->word;
    return step(words);
}

/* ---- who ------------------------------------------------------------------------------------- */

static bool read_asn(struct onus_str word, uint32_t *out)
{
    uint64_t number = 0;
    if (!onus_str_begins_nocase(word, ONUS_STR("AS")) ||
            !onus_str_to_u64(onus_str_from(word, 2), UINT32_MAX, &number) || number == 0) {
        return false;
    }
    *out = (uint32_t)number;
    return true;
}

static enum onus_code read_network(const struct words *words, struct onus_str address,
        struct onus_str bits, struct onus_query *query)
{
    struct onus_address read;
    uint64_t many = 0;
    if (!onus_address_parse(address, &read)) {
        return wrong(words, "no address stands before '/'");
    }
    if (!onus_str_to_u64(bits, onus_address_is_v4(&read) ? 32 : 128, &many)) {
        return wrong(words, "no number of bits stands behind '/'");
    }
    onus_key_edges(&read, (unsigned)many, &query->low, &query->high);
    struct onus_key own = onus_key_fence(&read);
    if (onus_key_compare(&own, &query->low) != 0) {
        return wrong(words, "the network does not begin at this address");
    }
    query->who = ONUS_WHO_RANGE;
    return ONUS_OK;
}

static enum onus_code read_range(const struct words *words, struct onus_str low,
        struct onus_str high, struct onus_query *query)
{
    struct onus_address from;
    struct onus_address to;
    if (!onus_address_parse(low, &from) || !onus_address_parse(high, &to)) {
        return wrong(words, "no address stands beside '-'");
    }
    query->low = onus_key_fence(&from);
    query->high = onus_key_after(&to);
    if (onus_address_is_v4(&from) != onus_address_is_v4(&to) ||
            onus_key_compare(&query->low, &query->high) >= 0) {
        return wrong(words, "the range ends before it begins");
    }
    query->who = ONUS_WHO_RANGE;
    return ONUS_OK;
}

static enum onus_code take_who(struct words *words, struct onus_query *query)
{
    struct onus_str rest = words->word;
    struct onus_str head;
    struct onus_address address;
    enum onus_code code = ONUS_OK;
    if (read_asn(words->word, &query->asn)) {
        query->who = ONUS_WHO_NETWORK;
    } else if (onus_address_parse(words->word, &address)) {
        query->who = ONUS_WHO_ADDRESS;
        query->low = onus_key_of(&address);
    } else if (onus_str_cut(&rest, '/', &head)) {
        code = read_network(words, head, rest, query);
    } else if (onus_str_cut(&rest, '-', &head)) {
        code = read_range(words, head, rest, query);
    } else {
        code = wrong(words, "an address, a network such as 203.0.113.0/24, a range or an AS such "
                            "as AS64500 is expected here");
    }
    return code == ONUS_OK ? step(words) : code;
}

/* ---- when and where -------------------------------------------------------------------------- */

#define DAY INT64_C(86400)

/* "2016-06-27", "2016-06": seconds of its first moment and of the first one behind it. */
static enum onus_code take_day(struct words *words, int64_t *from, int64_t *until)
{
    struct onus_str rest = words->word;
    struct onus_civil civil = {.day = 1};
    uint64_t parts[3] = {0, 0, 1};
    size_t count = 0;
    struct onus_str part;
    bool more = words->has_word;
    while (more && count < ONUS_COUNT(parts)) {
        more = onus_str_cut(&rest, '-', &part);
        if (!more) {
            part = rest;
        }
        if (part.len != (count == 0 ? 4 : 2) || !onus_str_to_u64(part, 9999, &parts[count++])) {
            return wrong(words, "a day such as 2016-06-27 or a month such as 2016-06 is expected "
                                "here");
        }
    }
    civil.year = (int)parts[0];
    civil.month = (int)parts[1];
    civil.day = (int)parts[2];
    int64_t start = count >= 2 && !more ? onus_time_of_civil(&civil) : ONUS_TIME_NONE;
    if (start == ONUS_TIME_NONE || civil.year < ONUS_TIME_MIN_YEAR) {
        return wrong(words, "a day such as 2016-06-27 or a month such as 2016-06 is expected here");
    }
    *from = start / ONUS_USEC;
    *until = *from + DAY;
    if (count == 2) {
        struct onus_civil next = {.year = civil.year + civil.month / 12,
                .month = civil.month % 12 + 1,
                .day = 1};
        *until = onus_time_of_civil(&next) / ONUS_USEC;
    }
    return step(words);
}

static enum onus_code take_between(struct words *words, struct onus_query *query)
{
    int64_t ignored = 0;
    enum onus_code code = take_day(words, &query->from, &ignored);
    if (code == ONUS_OK) {
        code = expect(words, "and");
    }
    size_t at = words->at;
    if (code == ONUS_OK) {
        code = take_day(words, &ignored, &query->until);
    }
    if (code == ONUS_OK && query->until <= query->from) {
        words->at = at;
        code = wrong(words, "the period ends before it begins");
    }
    query->has_from = true;
    query->has_until = true;
    return code;
}

static enum onus_code take_period(struct words *words, struct onus_query *query)
{
    int64_t ignored = 0;
    if (query->has_from || query->has_until) {
        return wrong(words, "a second period");
    }
    bool since = is(words, "since");
    bool until = is(words, "until");
    bool between = is(words, "between");
    enum onus_code code = step(words);
    if (code != ONUS_OK) {
        return code;
    }
    if (between) {
        return take_between(words, query);
    }
    query->has_from = !until;
    query->has_until = !since;
    return take_day(words, until ? &ignored : &query->from, since ? &ignored : &query->until);
}

static enum onus_code take_tail(struct words *words, struct onus_query *query)
{
    enum onus_code code = ONUS_OK;
    while (code == ONUS_OK && words->has_word) {
        if (is(words, "on") || is(words, "in") || is(words, "between") || is(words, "since") ||
                is(words, "until")) {
            code = take_period(words, query);
        } else if (is(words, "of") && query->source.len == 0) {
            code = step(words);
            code = code == ONUS_OK ? take_text(words, "the name of a source", &query->source)
                                   : code;
        } else if (is(words, "batch") && !query->has_seq) {
            query->has_seq = true;
            code = step(words);
            code = code == ONUS_OK ? take_number(words, &query->seq) : code;
        } else {
            code = wrong(words, "nothing of the kind is expected here; see onus prove --help");
        }
    }
    return code;
}

/* ---- what ------------------------------------------------------------------------------------ */

static enum onus_code parse_count(struct words *words, struct onus_query *query)
{
    bool given = false;
    query->kind = ONUS_QUERY_COUNT;
    enum onus_code code = step(words);
    if (code == ONUS_OK) { /* both are proven anyway */
        code = perhaps(words, "and", &given);
    }
    if (code == ONUS_OK && given) {
        code = is(words, "lines") || is(words, "attempts")
                       ? step(words)
                       : wrong(words, "'lines' or 'attempts' is expected here");
    }
    if (code == ONUS_OK) {
        code = perhaps(words, "from", &given);
    }
    return code == ONUS_OK && given ? take_who(words, query) : code;
}

static enum onus_code parse_share(struct words *words, struct onus_query *query)
{
    query->kind = ONUS_QUERY_SHARE;
    enum onus_code code = expect_both(words, "share", "of");
    return code == ONUS_OK ? take_who(words, query) : code;
}

static enum onus_code parse_none(struct words *words, struct onus_query *query)
{
    query->kind = ONUS_QUERY_NONE;
    enum onus_code code = step(words);
    if (code == ONUS_OK) {
        code = expect(words, "from");
    }
    return code == ONUS_OK ? take_who(words, query) : code;
}

static enum onus_code parse_members(struct words *words, struct onus_query *query)
{
    query->kind = ONUS_QUERY_MEMBERS;
    enum onus_code code = ONUS_OK;
    if (number_in_hand(words, &query->number)) {
        query->has_number = true;
        code = step(words);
        code = code == ONUS_OK ? expect(words, "of") : code;
    }
    if (code == ONUS_OK) {
        code = expect_both(words, "addresses", "in");
    }
    if (code == ONUS_OK) {
        code = take_text(words, "a file of addresses", &query->text);
    }
    if (code == ONUS_OK) {
        code = expect(words, "are");
    }
    if (code == ONUS_OK) {
        bool given = false;
        code = perhaps(words, "in", &given);
    }
    if (code == ONUS_OK && !read_asn(words->word, &query->asn)) {
        return wrong(words, "an AS such as AS64500 is expected here");
    }
    return code == ONUS_OK ? step(words) : code;
}

static enum onus_code parse_at_least(struct words *words, struct onus_query *query)
{
    query->kind = ONUS_QUERY_AT_LEAST;
    enum onus_code code = expect_both(words, "at", "least");
    if (code == ONUS_OK && number_in_hand(words, &query->number)) {
        query->has_number = true;
        code = query->number > 0 ? step(words) : wrong(words, "at least none is always so");
    }
    bool given = false;
    if (code == ONUS_OK) {
        code = perhaps(words, "lines", &given);
    }
    if (code == ONUS_OK && given) {
        code = is(words, "with") || is(words, "containing")
                       ? step(words)
                       : wrong(words, "'with' is expected here");
    }
    return code == ONUS_OK ? take_text(words, "a text", &query->text) : code;
}

static enum onus_code parse_no(struct words *words, struct onus_query *query)
{
    enum onus_code code = step(words);
    if (code == ONUS_OK && (is(words, "lines") || is(words, "attempts"))) {
        return parse_none(words, query);
    }
    query->kind = ONUS_QUERY_UNBROKEN;
    return code == ONUS_OK ? expect_both(words, "batch", "missing") : code;
}

static enum onus_code parse_sealed(struct words *words, struct onus_query *query)
{
    query->kind = ONUS_QUERY_SEALED;
    enum onus_code code = step(words);
    return code == ONUS_OK ? take_text(words, "SOURCE:LINES", &query->text) : code;
}

static enum onus_code parse_sample(struct words *words, struct onus_query *query)
{
    query->kind = ONUS_QUERY_SAMPLE;
    query->has_number = true;
    enum onus_code code = step(words);
    if (code == ONUS_OK && (!number_in_hand(words, &query->number) || query->number == 0)) {
        return wrong(words, "how many lines are to be drawn is expected here");
    }
    return code == ONUS_OK ? step(words) : code;
}

static enum onus_code parse_what(struct words *words, struct onus_query *query)
{
    static const struct {
        const char *word;
        enum onus_code (*parse)(struct words *words, struct onus_query *query);
    } forms[] = {
            {"attempts", parse_count},
            {"lines", parse_count},
            {"all", parse_count},
            {"share", parse_share},
            {"none", parse_none},
            {"no", parse_no},
            {"addresses", parse_members},
            {"at", parse_at_least},
            {"sealed", parse_sealed},
            {"sample", parse_sample},
    };
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        if (is(words, forms[i].word)) {
            return forms[i].parse(words, query);
        }
    }
    uint64_t number = 0;
    if (number_in_hand(words, &number)) {
        return parse_members(words, query);
    }
    return wrong(words, "a query begins with attempts, lines, all, share, none, addresses, at "
                        "least, no batch missing, sealed or sample");
}

enum onus_code onus_query_parse(struct onus_str text, struct onus_query *out,
        struct onus_error *err)
{
    struct words words = {.all = text, .rest = text, .err = err};
    struct onus_query query = {.kind = ONUS_QUERY_COUNT};
    if (text.len > ONUS_QUERY_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a query has at most %d bytes", ONUS_QUERY_MAX);
    }
    enum onus_code code = step(&words);
    if (code == ONUS_OK) {
        code = parse_what(&words, &query);
    }
    if (code == ONUS_OK) {
        code = take_tail(&words, &query);
    }
    if (code == ONUS_OK) {
        *out = query;
    }
    return code;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static enum onus_code wrong_line(struct onus_str text, struct onus_str rest, const char *what,
        struct onus_error *err)
{
    return onus_fail_at(err, ONUS_E_ARGUMENT, (uint64_t)(rest.ptr - text.ptr), "lines: %s", what);
}

static enum onus_code take_range(struct onus_str text, struct onus_str *rest,
        struct onus_line_range *out, struct onus_error *err)
{
    struct onus_str at = *rest;
    if (!onus_str_take_u64(rest, &out->first) || out->first == 0) {
        return wrong_line(text, at, "the number of a line, from 1, is expected here", err);
    }
    out->last = out->first;
    if (onus_str_skip(rest, ONUS_STR("-"))) {
        at = *rest;
        if (!onus_str_take_u64(rest, &out->last) || out->last < out->first) {
            return wrong_line(text, at, "a number that is not below the first is expected here",
                    err);
        }
    }
    return ONUS_OK;
}

enum onus_code onus_lines_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_str *source, struct onus_line_range **out, size_t *count,
        struct onus_error *err)
{
    size_t colon = onus_str_rfind_char(text, ':');
    struct onus_str name = onus_str_sub(text, 0, colon);
    struct onus_str rest = onus_str_from(text, colon == ONUS_STR_NPOS ? text.len : colon + 1);
    if (colon == ONUS_STR_NPOS || colon == 0) {
        return wrong_line(text, text, "SOURCE:LINES is expected, such as auth.log:1-4,8", err);
    }
    size_t room = 1;
    for (size_t i = 0; i < rest.len; i++) {
        room += rest.ptr[i] == ',';
    }
    if (room > ONUS_LINE_RANGES_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "at most %d ranges of lines", ONUS_LINE_RANGES_MAX);
    }
    struct onus_line_range *ranges = onus_arena_alloc(arena, room * sizeof(*ranges));
    if (!ranges) {
        return onus_arena_reason(arena, err);
    }
    size_t n = 0;
    do {
        struct onus_str at = rest;
        enum onus_code code = take_range(text, &rest, &ranges[n], err);
        if (code != ONUS_OK) {
            return code;
        }
        if (n > 0 && ranges[n].first <= ranges[n - 1].last) {
            return wrong_line(text, at, "numbers of lines ascend", err);
        }
        n++;
    } while (n < room && onus_str_skip(&rest, ONUS_STR(",")));
    if (rest.len > 0) {
        return wrong_line(text, rest, "a comma or the end is expected here", err);
    }
    *source = name;
    *out = ranges;
    *count = n;
    return ONUS_OK;
}

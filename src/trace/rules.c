/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/rules.h"

#include "base/str.h"

enum {
    ANY = 1000000000,
    HOUR = 3600,
    DAY = 86400,
    /* Lines of one login may be ten minutes apart; a shorter silence would cut a try in two. */
    SHORTEST_GAP = 600,
    LONGEST_GAP = 30 * DAY,
    /* The earliest failures of a run are kept by time, one each: engine_parts.h. */
    MOST_LOGIN_ATTEMPTS = 64,
};

static const struct onus_rule_row rows[ONUS_RULE_KEYS] = {
        [ONUS_RULE_LOGIN_ATTEMPTS] = {"login-after-guessing", "attempts", ONUS_RULE_NUMBER, 5, 1,
                MOST_LOGIN_ATTEMPTS, "failed attempts before the login that succeeded"},

        [ONUS_RULE_GUESS_ATTEMPTS] = {"password-guessing", "attempts", ONUS_RULE_NUMBER, 5, 1, ANY,
                "failed attempts of one source on one service"},
        [ONUS_RULE_GUESS_MAIL_ATTEMPTS] = {"password-guessing", "mail-attempts", ONUS_RULE_NUMBER,
                4, 1, ANY, "the same on mail services, where a client keeps its password"},
        [ONUS_RULE_GUESS_MAIL_BURST] = {"password-guessing", "mail-burst", ONUS_RULE_NUMBER, 3, 2,
                MOST_LOGIN_ATTEMPTS,
                "failed attempts on mail services at as many moments within mail-burst-window"},
        [ONUS_RULE_GUESS_MAIL_BURST_WINDOW] = {"password-guessing", "mail-burst-window",
                ONUS_RULE_WINDOW, 3, 1, HOUR, "shorter than a person needs to type them"},
        [ONUS_RULE_GUESS_GAP] = {"password-guessing", "gap", ONUS_RULE_WINDOW, HOUR, SHORTEST_GAP,
                LONGEST_GAP, "a longer silence ends a run of login attempts, for all login rules"},

        [ONUS_RULE_SPRAY_ACCOUNTS] = {"password-spraying", "accounts", ONUS_RULE_NUMBER, 10, 2,
                1000, "distinct accounts tried"},
        [ONUS_RULE_SPRAY_PER_ACCOUNT] = {"password-spraying", "tries-per-account", ONUS_RULE_NUMBER,
                3, 1, 1000, "tries per account at most, on average"},

        [ONUS_RULE_STUFF_ACCOUNTS] = {"credential-stuffing", "accounts", ONUS_RULE_NUMBER, 10, 2,
                1000, "distinct accounts tried, about once each"},
        [ONUS_RULE_STUFF_MAIL_SHARE] = {"credential-stuffing", "mail-share", ONUS_RULE_PERCENT, 70,
                0, 100, "per cent of the accounts that are mail addresses"},

        [ONUS_RULE_ENUM_ACCOUNTS] = {"account-enumeration", "accounts", ONUS_RULE_NUMBER, 5, 2,
                1000, "distinct accounts tried without a password"},
        [ONUS_RULE_ENUM_UNKNOWN_SHARE] = {"account-enumeration", "unknown-share", ONUS_RULE_PERCENT,
                80, 1, 100, "per cent of the tries on accounts that do not exist"},
        [ONUS_RULE_ENUM_MANY] = {"account-enumeration", "many-accounts", ONUS_RULE_NUMBER, 100, 2,
                1000, "with so many names tried about once each, a password may have been tried"},

        [ONUS_RULE_EXPLOIT_REQUESTS] = {"exploit-attempt", "requests", ONUS_RULE_NUMBER, 1, 1, ANY,
                "requests or alerts with a confirmed finding"},
        [ONUS_RULE_EXPLOIT_PRE_AUTH] = {"exploit-attempt", "pre-auth", ONUS_RULE_NUMBER, 4, 1, ANY,
                "connections held to the login limit or broken in the key exchange"},
        [ONUS_RULE_EXPLOIT_RELAY] = {"exploit-attempt", "relay", ONUS_RULE_NUMBER, 2, 1, ANY,
                "refused relay requests"},
        [ONUS_RULE_EXPLOIT_SPAM] = {"exploit-attempt", "spam", ONUS_RULE_NUMBER, 5, 1, ANY,
                "refused mail transactions"},
        [ONUS_RULE_EXPLOIT_GAP] = {"exploit-attempt", "gap", ONUS_RULE_WINDOW, HOUR, SHORTEST_GAP,
                LONGEST_GAP, "a longer silence ends a run"},

        [ONUS_RULE_PROBE_REQUESTS] = {"web-probing", "requests", ONUS_RULE_NUMBER, 3, 1, ANY,
                "requests with a probing finding"},
        [ONUS_RULE_PROBE_ALONE] = {"web-probing", "alone", ONUS_RULE_NUMBER, 1, 1, ANY,
                "requests with a finding that has no ordinary reading: proxy-abuse, bad-protocol, "
                "technology-probe, device-probe"},
        [ONUS_RULE_PROBE_AGENT] = {"web-probing", "scanner-agent", ONUS_RULE_NUMBER, 2, 1, ANY,
                "requests of a client that names itself as a scanner"},
        [ONUS_RULE_PROBE_REFUSED_PATHS] = {"web-probing", "refused-paths", ONUS_RULE_NUMBER, 10, 2,
                64, "distinct paths answered with 4xx, pictures and styles apart"},
        [ONUS_RULE_PROBE_ALERTS] = {"web-probing", "alerts", ONUS_RULE_NUMBER, 1, 1, ANY,
                "alerts of another program that name no finding of their own"},
        [ONUS_RULE_PROBE_GAP] = {"web-probing", "gap", ONUS_RULE_WINDOW, HOUR, SHORTEST_GAP,
                LONGEST_GAP, "a longer silence ends a run"},

        [ONUS_RULE_FLOOD_REQUESTS] = {"request-flood", "requests", ONUS_RULE_NUMBER, 300, 2, 60000,
                "requests within 10 s, pictures and styles apart"},
        [ONUS_RULE_FLOOD_UNCACHED] = {"request-flood", "uncached", ONUS_RULE_NUMBER, 31, 2, 60000,
                "requests within 10 s that carry a query or are refused"},
        [ONUS_RULE_FLOOD_LIMITED] = {"request-flood", "limited", ONUS_RULE_NUMBER, 5, 1, ANY,
                "times the server's own limiter fired"},
        [ONUS_RULE_FLOOD_GAP] = {"request-flood", "gap", ONUS_RULE_WINDOW, SHORTEST_GAP,
                SHORTEST_GAP, LONGEST_GAP, "a longer silence ends a flood"},

        [ONUS_RULE_SCAN_TARGETS] = {"port-scan", "targets", ONUS_RULE_NUMBER, 15, 2, 64,
                "distinct pairs of destination and port without an answer"},
        [ONUS_RULE_SCAN_PROBES] = {"port-scan", "probes", ONUS_RULE_NUMBER, 10, 1, ANY,
                "connections to a service that left before naming an account"},
        [ONUS_RULE_SCAN_REFUSED] = {"port-scan", "refused", ONUS_RULE_NUMBER, 1, 1, ANY,
                "connections that the access list of a service refused"},
        [ONUS_RULE_SCAN_GAP] = {"port-scan", "gap", ONUS_RULE_WINDOW, HOUR, SHORTEST_GAP,
                LONGEST_GAP, "a longer silence ends a run"},

        [ONUS_RULE_SHARED_SOURCES] = {"distributed-guessing", "sources", ONUS_RULE_NUMBER, 5, 2,
                ANY, "sources that share a word list"},
        [ONUS_RULE_SHARED_ATTEMPTS] = {"distributed-guessing", "attempts", ONUS_RULE_NUMBER, 20, 2,
                ANY, "failed attempts of all of them together"},
        [ONUS_RULE_SHARED_ACCOUNTS] = {"distributed-guessing", "accounts", ONUS_RULE_NUMBER, 2, 1,
                1000, "accounts a source must share with the others, or all it tried when fewer"},
        [ONUS_RULE_SHARED_NEIGHBOURS] = {"distributed-guessing", "neighbours", ONUS_RULE_NUMBER, 8,
                2, ANY, "sources of one /24 (IPv6: /48) that fail, on whatever accounts"},
        [ONUS_RULE_SHARED_WINDOW] = {"distributed-guessing", "window", ONUS_RULE_WINDOW, DAY,
                SHORTEST_GAP, LONGEST_GAP, "a longer silence of all of them ends the incident"},

        [ONUS_RULE_TIE_WINDOW] = {"campaign", "window", ONUS_RULE_WINDOW, DAY, SHORTEST_GAP,
                LONGEST_GAP, "incidents of neighbouring addresses or one agent tie when this near"},
        [ONUS_RULE_TIE_WORDS] = {"campaign", "accounts", ONUS_RULE_NUMBER, 5, 2, 1000,
                "accounts a word list needs before it can tie incidents"},
        [ONUS_RULE_TIE_SIMILARITY] = {"campaign", "similarity", ONUS_RULE_PERCENT, 60, 1, 100,
                "per cent of accounts two word lists share, of all in either"},
        [ONUS_RULE_TIE_RARE_AGENT] = {"campaign", "rare-agent", ONUS_RULE_NUMBER, 50, 2, ANY,
                "an agent ties only when at most this many incidents carry it"},
        [ONUS_RULE_TIE_TIMING] = {"campaign", "timing", ONUS_RULE_WINDOW, 5, 1, 3600,
                "incidents of ten minutes and more tie when they begin and end this near"},
};

const struct onus_rule_row *onus_rule_row(enum onus_rule_key key)
{
    return &rows[key];
}

void onus_rules_init(struct onus_rules *rules)
{
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        rules->value[i] = rows[i].standard;
    }
}

void onus_rules_window(uint64_t seconds, struct onus_buffer *out)
{
    static const struct {
        uint64_t seconds;
        const char *unit;
    } units[] = {{DAY, " d"}, {HOUR, " h"}, {60, " min"}};

    for (size_t i = 0; i < ONUS_COUNT(units); i++) {
        if (seconds >= units[i].seconds && seconds % units[i].seconds == 0) {
            onus_buffer_add_u64(out, seconds / units[i].seconds);
            onus_buffer_add_text(out, units[i].unit);
            return;
        }
    }
    onus_buffer_add_u64(out, seconds);
    onus_buffer_add_text(out, " s");
}

static void print_value(const struct onus_rule_row *row, uint32_t value, struct onus_buffer *out)
{
    static const char letters[] = {'d', 'h', 'm'};
    static const uint32_t seconds[] = {DAY, HOUR, 60};

    if (row->unit == ONUS_RULE_WINDOW) {
        for (size_t i = 0; i < ONUS_COUNT(seconds); i++) {
            if (value >= seconds[i] && value % seconds[i] == 0) {
                onus_buffer_add_u64(out, value / seconds[i]);
                onus_buffer_add_char(out, letters[i]);
                return;
            }
        }
        onus_buffer_add_u64(out, value);
        onus_buffer_add_char(out, 's');
        return;
    }
    onus_buffer_add_u64(out, value);
}

void onus_rules_print(const struct onus_rules *rules, struct onus_buffer *out)
{
    const char *section = "";
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        const struct onus_rule_row *row = &rows[i];
        if (strcmp(section, row->section) != 0) {
            onus_buffer_printf(out, "%s[%s]\n", i > 0 ? "\n" : "", row->section);
            section = row->section;
        }
        onus_buffer_printf(out, "# %s\n%s = ", row->words, row->key);
        print_value(row, rules->value[i], out);
        onus_buffer_add_char(out, '\n');
    }
}

static bool section_exists(struct onus_str name)
{
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        if (onus_str_eq(onus_str_of(rows[i].section), name)) {
            return true;
        }
    }
    return false;
}

static size_t find_key(struct onus_str section, struct onus_str key)
{
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        if (onus_str_eq(onus_str_of(rows[i].section), section) &&
                onus_str_eq(onus_str_of(rows[i].key), key)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool read_value(const struct onus_rule_row *row, struct onus_str text, uint32_t *out)
{
    uint64_t scale = 1;
    if (row->unit == ONUS_RULE_WINDOW) {
        if (onus_str_drop(&text, ONUS_STR("d"))) {
            scale = DAY;
        } else if (onus_str_drop(&text, ONUS_STR("h"))) {
            scale = HOUR;
        } else if (onus_str_drop(&text, ONUS_STR("m"))) {
            scale = 60;
        } else if (!onus_str_drop(&text, ONUS_STR("s"))) {
            return false;
        }
    }
    uint64_t number = 0;
    if (!onus_str_to_u64(text, UINT32_MAX, &number)) {
        return false;
    }
    number *= scale;
    if (number < row->min || number > row->max) {
        return false;
    }
    *out = (uint32_t)number;
    return true;
}

struct reader {
    struct onus_rules rules;
    bool given[ONUS_RULE_KEYS];
    struct onus_str section;
    uint64_t line;
};

static enum onus_code read_key(struct reader *reader, struct onus_str key, struct onus_str value,
        struct onus_error *err)
{
    size_t i = find_key(reader->section, key);
    if (reader->section.len == 0) {
        return onus_fail(err, ONUS_E_FORMAT,
                "line %llu: '" ONUS_STR_FMT "' stands before the first [rule]",
                (unsigned long long)reader->line, ONUS_STR_ARG(key));
    }
    if (i == SIZE_MAX) {
        return onus_fail(err, ONUS_E_FORMAT,
                "line %llu: rule '" ONUS_STR_FMT "' has no key '" ONUS_STR_FMT "'",
                (unsigned long long)reader->line, ONUS_STR_ARG(reader->section), ONUS_STR_ARG(key));
    }
    if (reader->given[i]) {
        return onus_fail(err, ONUS_E_FORMAT, "line %llu: key '%s' of rule '%s' is given twice",
                (unsigned long long)reader->line, rows[i].key, rows[i].section);
    }
    if (!read_value(&rows[i], value, &reader->rules.value[i])) {
        return onus_fail(err, ONUS_E_FORMAT,
                "line %llu: '" ONUS_STR_FMT "' is not a value of '%s': %s from %u to %u",
                (unsigned long long)reader->line, ONUS_STR_ARG(value), rows[i].key,
                rows[i].unit == ONUS_RULE_WINDOW ? "a number with s, m, h or d, in seconds"
                                                 : "a number",
                rows[i].min, rows[i].max);
    }
    reader->given[i] = true;
    return ONUS_OK;
}

static enum onus_code read_line(struct reader *reader, struct onus_str line, struct onus_error *err)
{
    (void)onus_str_drop(&line, ONUS_STR("\r"));
    line = onus_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';') {
        return ONUS_OK;
    }
    if (onus_str_skip(&line, ONUS_STR("["))) {
        if (!onus_str_drop(&line, ONUS_STR("]")) || !section_exists(line)) {
            return onus_fail(err, ONUS_E_FORMAT, "line %llu: no rule is named '" ONUS_STR_FMT "'",
                    (unsigned long long)reader->line, ONUS_STR_ARG(line));
        }
        reader->section = line;
        return ONUS_OK;
    }
    struct onus_str key;
    if (!onus_str_cut(&line, '=', &key)) {
        return onus_fail(err, ONUS_E_FORMAT, "line %llu: neither '[rule]' nor 'key = value'",
                (unsigned long long)reader->line);
    }
    return read_key(reader, onus_str_trim(key), onus_str_trim(line), err);
}

enum onus_code onus_rules_parse(struct onus_rules *rules, struct onus_str text,
        struct onus_error *err)
{
    struct reader reader = {.rules = *rules, .section = ONUS_STR_NONE};
    while (text.len > 0) {
        struct onus_str line;
        if (!onus_str_cut(&text, '\n', &line)) {
            line = text;
            text = ONUS_STR_NONE;
        }
        reader.line++;
        enum onus_code code = read_line(&reader, line, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    *rules = reader.rules;
    return ONUS_OK;
}

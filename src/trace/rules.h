/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_RULES_H
#define ONUS_TRACE_RULES_H

/*
 * The numbers behind the judgements: windows and thresholds, one section per rule.
 *
 * The defaults are the table in rules.c; docs/detection.md gives the reason for each. A file changes
 * some of them:
 *
 *     # comment
 *     [password-guessing]
 *     attempts = 8
 *     gap = 30m
 *
 * Sections and keys are those of onus_rules_print(). A value is a whole number, or for a window a
 * number with s, m, h or d. What is unknown, out of range, given twice or cut off is an error with
 * its line: a rule that was meant to change and did not would be worse than no rule.
 */

#include "base/buffer.h"

enum onus_rule_key {
    ONUS_RULE_LOGIN_ATTEMPTS = 0,
    ONUS_RULE_GUESS_ATTEMPTS,
    ONUS_RULE_GUESS_MAIL_ATTEMPTS,
    ONUS_RULE_GUESS_MAIL_BURST,
    ONUS_RULE_GUESS_MAIL_BURST_WINDOW,
    ONUS_RULE_GUESS_GAP,
    ONUS_RULE_SPRAY_ACCOUNTS,
    ONUS_RULE_SPRAY_PER_ACCOUNT,
    ONUS_RULE_STUFF_ACCOUNTS,
    ONUS_RULE_STUFF_MAIL_SHARE,
    ONUS_RULE_ENUM_ACCOUNTS,
    ONUS_RULE_ENUM_UNKNOWN_SHARE,
    ONUS_RULE_ENUM_MANY,
    ONUS_RULE_EXPLOIT_REQUESTS,
    ONUS_RULE_EXPLOIT_PRE_AUTH,
    ONUS_RULE_EXPLOIT_RELAY,
    ONUS_RULE_EXPLOIT_SPAM,
    ONUS_RULE_EXPLOIT_GAP,
    ONUS_RULE_PROBE_REQUESTS,
    ONUS_RULE_PROBE_ALONE,
    ONUS_RULE_PROBE_AGENT,
    ONUS_RULE_PROBE_REFUSED_PATHS,
    ONUS_RULE_PROBE_ALERTS,
    ONUS_RULE_PROBE_GAP,
    ONUS_RULE_FLOOD_REQUESTS,
    ONUS_RULE_FLOOD_UNCACHED,
    ONUS_RULE_FLOOD_LIMITED,
    ONUS_RULE_FLOOD_GAP,
    ONUS_RULE_SCAN_TARGETS,
    ONUS_RULE_SCAN_PROBES,
    ONUS_RULE_SCAN_REFUSED,
    ONUS_RULE_SCAN_GAP,
    ONUS_RULE_SHARED_SOURCES,
    ONUS_RULE_SHARED_ATTEMPTS,
    ONUS_RULE_SHARED_ACCOUNTS,
    ONUS_RULE_SHARED_NEIGHBOURS,
    ONUS_RULE_SHARED_WINDOW,
    ONUS_RULE_TIE_WINDOW,
    ONUS_RULE_TIE_WORDS,
    ONUS_RULE_TIE_SIMILARITY,
    ONUS_RULE_TIE_RARE_AGENT,
    ONUS_RULE_TIE_TIMING,
    ONUS_RULE_KEYS
};

enum onus_rule_unit {
    ONUS_RULE_NUMBER = 0,
    ONUS_RULE_PERCENT, /* 0 to 100 */
    ONUS_RULE_WINDOW,  /* seconds */
};

struct onus_rule_row {
    const char *section; /* "password-guessing" */
    const char *key;     /* "attempts" */
    enum onus_rule_unit unit;
    uint32_t standard; /* default */
    uint32_t min, max;
    const char *words; /* one sentence for --help and the manual, no full stop */
};

struct onus_rules {
    uint32_t value[ONUS_RULE_KEYS];
};

/* The row of a key, for messages and documents. Never NULL for a key below ONUS_RULE_KEYS. */
const struct onus_rule_row *onus_rule_row(enum onus_rule_key key);

void onus_rules_init(struct onus_rules *rules);

/* Apply the text of a rules file on top of *rules. ONUS_E_FORMAT with the line; *rules is untouched. */
ONUS_NODISCARD enum onus_code onus_rules_parse(struct onus_rules *rules, struct onus_str text,
        struct onus_error *err);

/* The rules as a rules file, each key with its sentence; what is printed can be parsed again. */
void onus_rules_print(const struct onus_rules *rules, struct onus_buffer *out);

/* "1 h", "90 s", "2 d": a window as messages say it. */
void onus_rules_window(uint64_t seconds, struct onus_buffer *out);

static inline int64_t onus_rule_usec(const struct onus_rules *rules, enum onus_rule_key key)
{
    return (int64_t)rules->value[key] * 1000000;
}

#endif

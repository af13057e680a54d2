/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

/* Exploit attempts, probing and floods: what a run of requests is. */

#define BIT ONUS_FINDING_BIT

#define CONFIRMED                                                                            \
    (ONUS_FINDINGS_EXPLOIT | BIT(ONUS_FINDING_WAF_ALERT) | BIT(ONUS_FINDING_LOCAL_EXPLOIT) | \
            BIT(ONUS_FINDING_MALWARE))

/* One of them is enough: no page, program or person sends them by mistake. */
#define ALONE                                                         \
    (BIT(ONUS_FINDING_PROXY_ABUSE) | BIT(ONUS_FINDING_BAD_PROTOCOL) | \
            BIT(ONUS_FINDING_TECHNOLOGY_PROBE) | BIT(ONUS_FINDING_DEVICE_PROBE))

uint64_t onus_finding_count_of(const struct onus_run *run, onus_findings findings)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < onus_run_extra(run)->finding_counts.count; i++) {
        const struct onus_finding_count *item = &onus_run_extra(run)->finding_counts.items[i];
        if ((BIT(item->finding) & findings) && item->count > most) {
            most = item->count;
        }
    }
    return most;
}

static void say_findings(const struct onus_run *run, onus_findings shown, struct onus_buffer *why)
{
    const char *separator = "found: ";
    for (unsigned finding = 0; finding < ONUS_FINDING_MAX; finding++) {
        if (!(BIT(finding) & shown & onus_run_extra(run)->findings)) {
            continue;
        }
        onus_buffer_printf(why, "%s%s in ", separator,
                onus_finding_name((enum onus_finding)finding));
        onus_why_count(onus_finding_count_of(run, BIT(finding)), "line", "lines", false, why);
        separator = ", ";
    }
    if (*separator == ',') {
        onus_buffer_add_char(why, '\n');
    }
}

static void say_span(const struct onus_run *run, struct onus_buffer *why)
{
    if (run->first != ONUS_TIME_NONE) {
        onus_buffer_add_text(why, " in ");
        onus_why_span(run->last - run->first, why);
    }
    onus_buffer_add_char(why, '\n');
}

/* "rule NAME: at least N WORDS with no silence over GAP; COUNT ONE in SPAN" */
static void say_threshold(const struct onus_rules *rules, enum onus_rule_key key,
        enum onus_rule_key gap, uint64_t count, const struct onus_run *run, struct onus_buffer *why)
{
    const struct onus_rule_row *row = onus_rule_row(key);
    onus_buffer_printf(why, "rule %s: at least %u %s", row->section, rules->value[key], row->words);
    onus_buffer_add_text(why, ", with no silence over ");
    onus_rules_window(rules->value[gap], why);
    onus_buffer_printf(why, "; %llu", (unsigned long long)count);
    say_span(run, why);
}

struct threshold {
    enum onus_rule_key key;
    uint64_t count;
};

/* Say each threshold that was met. False when none was. */
static bool any_met(const struct onus_rules *rules, const struct threshold *thresholds,
        size_t count, enum onus_rule_key gap, const struct onus_run *run, struct onus_buffer *why)
{
    bool met = false;
    for (size_t i = 0; i < count; i++) {
        const struct threshold *t = &thresholds[i];
        if (t->count >= rules->value[t->key]) {
            say_threshold(rules, t->key, gap, t->count, run, why);
            met = true;
        }
    }
    return met;
}

bool onus_judge_exploit(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why)
{
    const struct onus_run *run = draft->run;
    bool confirmed = (onus_run_extra(run)->findings & CONFIRMED) != 0;
    const struct threshold thresholds[] = {
            {ONUS_RULE_EXPLOIT_REQUESTS,
                    confirmed ? run->attempts + onus_run_extra(run)->alerts : 0},
            {ONUS_RULE_EXPLOIT_PRE_AUTH,
                    onus_finding_count_of(run, BIT(ONUS_FINDING_PRE_AUTH_EXPLOIT))},
            {ONUS_RULE_EXPLOIT_RELAY, onus_finding_count_of(run, BIT(ONUS_FINDING_RELAY_ATTEMPT))},
            {ONUS_RULE_EXPLOIT_SPAM, onus_finding_count_of(run, BIT(ONUS_FINDING_SPAM_ATTEMPT))},
    };
    draft->kind = ONUS_INCIDENT_EXPLOIT_ATTEMPT;
    draft->attempts = run->attempts > 0 ? run->attempts : onus_run_extra(run)->alerts;
    if (!any_met(rules, thresholds, ONUS_COUNT(thresholds), ONUS_RULE_EXPLOIT_GAP, run, why)) {
        return false;
    }
    say_findings(run, onus_run_extra(run)->findings, why);
    return true;
}

bool onus_judge_probe(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why)
{
    const struct onus_run *run = draft->run;
    uint64_t paths = onus_run_extra(run)->refused < run->targets.used ? onus_run_extra(run)->refused
                                                                      : run->targets.used;
    const struct threshold thresholds[] = {
            {ONUS_RULE_PROBE_REQUESTS, run->attempts},
            {ONUS_RULE_PROBE_ALONE, onus_finding_count_of(run, ALONE)},
            {ONUS_RULE_PROBE_AGENT, onus_finding_count_of(run, BIT(ONUS_FINDING_SCANNER_AGENT))},
            {ONUS_RULE_PROBE_REFUSED_PATHS, paths},
            {ONUS_RULE_PROBE_ALERTS, onus_run_extra(run)->alerts},
    };
    draft->kind = ONUS_INCIDENT_WEB_PROBING;
    draft->attempts = run->attempts + onus_run_extra(run)->refused > 0
                              ? run->attempts + onus_run_extra(run)->refused
                              : onus_run_extra(run)->alerts;
    if (!any_met(rules, thresholds, ONUS_COUNT(thresholds), ONUS_RULE_PROBE_GAP, run, why)) {
        return false;
    }
    say_findings(run, ONUS_FINDINGS_PROBE | BIT(ONUS_FINDING_IDS_ALERT), why);
    return true;
}

bool onus_judge_flood(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why)
{
    const struct onus_run *run = draft->run;
    const uint32_t *value = rules->value;
    draft->kind = ONUS_INCIDENT_REQUEST_FLOOD;
    draft->attempts = run->attempts > 0 ? run->attempts : onus_run_extra(run)->alerts;
    if (run->attempts > 0) {
        onus_buffer_printf(why,
                "rule request-flood: at least %u requests within 10 s, or %u that carry a query or "
                "are refused; %llu requests",
                value[ONUS_RULE_FLOOD_REQUESTS], value[ONUS_RULE_FLOOD_UNCACHED],
                (unsigned long long)run->attempts);
        say_span(run, why);
        return true;
    }
    const struct threshold limited = {ONUS_RULE_FLOOD_LIMITED, onus_run_extra(run)->alerts};
    return any_met(rules, &limited, 1, ONUS_RULE_FLOOD_GAP, run, why);
}

bool onus_judge_scan(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why)
{
    const struct onus_run *run = draft->run;
    bool reported = (onus_run_extra(run)->findings & BIT(ONUS_FINDING_PORT_SCAN)) != 0;
    const struct threshold thresholds[] = {
            {ONUS_RULE_SCAN_TARGETS, run->attempts > 0 ? run->targets.used : 0},
            {ONUS_RULE_SCAN_PROBES, onus_run_extra(run)->left},
            {ONUS_RULE_SCAN_REFUSED, onus_run_extra(run)->refused},
            {ONUS_RULE_SCAN_DECOY, onus_finding_count_of(run, BIT(ONUS_FINDING_DECOY))},
            {ONUS_RULE_PROBE_ALERTS, onus_run_extra(run)->alerts},
    };
    draft->kind = ONUS_INCIDENT_PORT_SCAN;
    draft->attempts = run->attempts > 0 ? run->attempts : onus_run_extra(run)->alerts;
    bool met = any_met(rules, thresholds, ONUS_COUNT(thresholds), ONUS_RULE_SCAN_GAP, run, why);
    if (!met && reported) {
        onus_buffer_add_text(why, "rule port-scan: another program reported it");
        say_span(run, why);
        met = true;
    }
    if (met) {
        say_findings(run, onus_run_extra(run)->findings, why);
    }
    return met;
}
